"""A letter by SMTP, handed to the server that the operator has named; what becomes of it afterwards nobody here learns.

`smtps://` speaks TLS from the first byte (RFC 8314), `smtp://` by STARTTLS (RFC 3207) or, on this machine, in the clear.
"""

import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, formataddr
from smtplib import SMTP, SMTP_SSL, SMTPException, SMTPRecipientsRefused
from urllib.parse import unquote, urlsplit

from app.kit.clock import now
from app.kit.posting import WAIT, NotTaken, cut_off


class NoSuchMailbox(Exception):
    """The server will never take a letter to this address (RFC 5321 §4.2.1: 5yz)."""


@dataclass(frozen=True)
class Letter:
    """`id` makes its Message-ID (RFC 5322 §3.6.4): a letter that was sent twice is the same letter. `stop`: the address at
    which one tap ends all letters, also for a mail program (RFC 8058); "" where there is nothing to end.
    """

    to: str
    sender_name: str
    subject: str
    text: str
    id: str
    stop: str = ""


@dataclass(frozen=True)
class Mailer:
    url: str
    password: str = field(repr=False)
    sender: str
    on_this_machine: bool = False
    """Then the server may be spoken to without TLS."""

    def send(self, letter: Letter) -> None:
        """Raises NoSuchMailbox, NotTaken (the server refuses it for now), OSError, SMTPException of `smtplib`."""
        domain = self.sender.rpartition("@")[2]
        server = self._reached(domain)
        try:
            with cut_off(lambda: server.sock):
                self._hand_over(server, self._written(letter, domain), letter.to)
            with suppress(OSError, SMTPException):  # it has the letter: whatever it says now, it is not sent again
                server.quit()
        finally:
            server.close()

    def _reached(self, domain: str) -> SMTP:
        """Our own name is given as the sender's domain: to look this machine's up may take longer than the letter."""
        at = urlsplit(self.url)
        if at.scheme == "smtps":
            trusted = ssl.create_default_context()
            return SMTP_SSL(at.hostname or "", at.port or 465, local_hostname=domain, timeout=WAIT, context=trusted)
        return SMTP(at.hostname or "", at.port or 587, local_hostname=domain, timeout=WAIT)

    def _hand_over(self, server: SMTP, message: EmailMessage, to: str) -> None:
        at = urlsplit(self.url)
        if at.scheme == "smtp" and not self.on_this_machine:
            server.starttls(context=ssl.create_default_context())
        if at.username:
            server.login(unquote(at.username), self.password)
        try:
            server.send_message(message, self.sender, [to])
        except SMTPRecipientsRefused as refused:
            code, _words = refused.recipients[to]  # its words hold the address
            raise NoSuchMailbox if code >= 500 else NotTaken(code) from None

    def _written(self, letter: Letter, domain: str) -> EmailMessage:
        message = EmailMessage(WIRE)
        message["From"] = formataddr((letter.sender_name, self.sender))
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(now())
        message["Message-ID"] = f"<{letter.id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
        if letter.stop:
            message["List-Unsubscribe"] = f"<{letter.stop}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        return message
