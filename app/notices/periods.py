"""Periods of the calendar for which figures are published: months, quarters, halves, years. Pure."""

import re
from collections.abc import Collection
from datetime import date, timedelta

from app.kit.clock import said_month, said_span
from app.kit.i18n import _, mark

ONE_DAY = timedelta(days=1)
Span = tuple[date, date]
"""First and last day."""

KEY = "^(19|20)[0-9]{2}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?$"
"""2026-10, 2026-Q3, 2026-H1 and 2026: how programs and addresses name a period."""

_LETTERS = {1: "", 3: "Q", 6: "H"}
_QUARTERS = (mark("一季度"), mark("二季度"), mark("三季度"), mark("四季度"))
_HALVES = (mark("上半年"), mark("下半年"))
_WHOLE = (mark("全年"),)


def span_of(key: str) -> Span:
    """Raises ValueError for what is no key."""
    if not re.fullmatch(KEY, key):
        raise ValueError(f"no period is called {key}")
    year, _dash, part = key.partition("-")
    months = {"": 12, "Q": 3, "H": 6}.get(part[:1], 1)
    nth = int(part.lstrip("QH") or 1)
    return span_in(date(int(year), (nth - 1) * months + 1, 1), months)


def key_of(span: Span) -> str:
    """ "" for a period of another length, which no key names."""
    months = months_in(span)
    if months == 12:
        return f"{span[0].year}"
    nth = (span[0].month - 1) // months + 1
    return f"{span[0].year}-{_LETTERS[months]}{nth:{'02' if months == 1 else ''}}" if months in _LETTERS else ""


def said_period(span: Span) -> str:
    """2026年二季度 · 2026年上半年 · 2026年6月."""
    months = months_in(span)
    names = {3: _QUARTERS, 6: _HALVES, 12: _WHOLE}.get(months)
    if names:
        return _("%(year)s年%(part)s", year=span[0].year, part=_(names[(span[0].month - 1) // months]))
    return said_month(span[0]) if months == 1 else said_span(*span)


def span_in(day: date, months: int) -> Span:
    """The period in which `day` lies. They are counted from January; the year's last one is cut where the year ends."""
    begins = date(day.year, (day.month - 1) // months * months + 1, 1)
    return begins, min(first_of_month(begins, months) - ONE_DAY, date(day.year, 12, 31))


def first_of_month(day: date, months_later: int = 0) -> date:
    years, month = divmod(day.month - 1 + months_later, 12)
    return date(day.year + years, month + 1, 1)


def last_of_month(day: date) -> date:
    return first_of_month(day, 1) - ONE_DAY


def is_covered(span: Span, published: Collection[Span]) -> bool:
    """Whether every day of it lies in something published."""
    day, last = span
    for begins, ends in sorted(published):
        if begins <= day <= ends:
            day = ends + ONE_DAY
    return day > last


def months_in(span: Span) -> int:
    return span[1].month - span[0].month + 1
