"""Words for people: source strings are Chinese, the other languages are catalogues under app/locale.

`_("还差 %(n)s 人", n=3)` speaks the language of the request being answered; `_n` does the same where a language
counts ("1 person", "3 people"). They format when something is to be filled in, in Python and in templates alike, so a
percent sign is doubled exactly in the sentences that have places. `python app/locale/update.py` gathers the strings and
compiles what translators wrote; the compiled catalogue is committed, because a clone, a wheel and an image have to speak
without a build step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Literal, get_args

from jinja2 import Environment
from markupsafe import Markup

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = get_args(Locale)
SOURCE: Locale = "zh"


def _catalogue(language: Locale) -> NullTranslations:
    if language == SOURCE:
        return NullTranslations()
    path = Path(__file__).parents[1] / "locale" / language / "LC_MESSAGES" / "messages.mo"
    with path.open("rb") as file:
        return GNUTranslations(file)


_CATALOGUES = {language: _catalogue(language) for language in LOCALES}
_spoken: ContextVar[tuple[Locale, NullTranslations]] = ContextVar("spoken", default=(SOURCE, _CATALOGUES[SOURCE]))


def current() -> Locale:
    """The language now spoken; Chinese where nobody chose."""
    return _spoken.get()[0]


@contextmanager
def speaking(language: Locale) -> Iterator[None]:
    """Everything said inside is said in `language`: in this thread or task and in the threads it calls into."""
    before = _spoken.set((language, _CATALOGUES[language]))
    try:
        yield
    finally:
        _spoken.reset(before)


def mark(message: str) -> str:
    """Mark a string for the catalogue without translating it yet: tables and labels made at import."""
    return message


def _(message: str, /, **named: object) -> str:
    """`message` in the spoken language, its %(names)s filled in."""
    said = _spoken.get()[1].gettext(message)
    return said % named if named else said


def _n(message: str, /, *, n: int, **named: object) -> str:
    """`message` about `n` things: Chinese has one form, the catalogue holds the singular and plural of the others."""
    return _spoken.get()[1].ngettext(message, message, n) % {"n": n, **named}


def install(environment: Environment) -> None:
    """Give templates `_` and `_n`; what is filled in is escaped, the translated sentence is not."""

    def say(message: str, /, **named: object) -> Markup:
        said = _markup(current(), message)
        return said % named if named else said

    def say_counted(message: str, /, *, n: int, **named: object) -> Markup:
        return Markup(_spoken.get()[1].ngettext(message, message, n)) % {"n": n, **named}  # noqa: S704 the sentence is ours

    environment.globals.update({"_": say, "_n": say_counted})


@lru_cache(10_000)
def _markup(language: Locale, message: str) -> Markup:
    """A page says some hundred sentences, the house a few thousand: each is looked up and wrapped once."""
    return Markup(_CATALOGUES[language].gettext(message))  # noqa: S704 the sentence is ours
