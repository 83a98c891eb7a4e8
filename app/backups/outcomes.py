"""The two ways in which a command ends badly without anybody's mistake in the program."""


class Cannot(Exception):
    """It cannot be done here; the message says why and what to do, in one line. Nothing was left behind."""


class FoundWrong(Exception):
    """Something is not what it should be: a log, a backup. The message says what."""
