"""What the compound's rules demand next: which periods must be published, and until when. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from app.kit.clock import said_month, said_span
from app.kit.i18n import _, mark

ONE_DAY = timedelta(days=1)
Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Due:
    """A period whose figures are to be published by the end of `by_on`. `over`: it has ended, so they can be."""

    from_on: date
    to_on: date
    by_on: date
    over: bool
    overdue: bool

    @property
    def says(self) -> str:
        return said_period(self.from_on, self.to_on)


def said_period(first: date, last: date) -> str:
    """2026年二季度 · 2026年上半年 · 2026年6月: whole months of one year."""
    months = last.month - first.month + 1
    names = {3: _QUARTERS, 6: _HALVES, 12: _WHOLE}.get(months)
    if names:
        return _("%(year)s年%(part)s", year=first.year, part=_(names[(first.month - 1) // months]))
    return said_month(first) if months == 1 else said_span(first, last)


_QUARTERS = (mark("一季度"), mark("二季度"), mark("三季度"), mark("四季度"))
_HALVES = (mark("上半年"), mark("下半年"))
_WHOLE = (mark("全年"),)


def due(published: Collection[Span], today: date, since: date, *, every_months: int, within_months: int) -> list[Due]:
    """Periods of `every_months` from January on that `published` does not cover wholly, oldest first, up to the one of today.

    Those that ended before `since` are not asked for. A period counts as covered when every day of it lies in something
    published. `by_on`: the last day of the month that lies `within_months` after the period's last.
    """
    found = []
    first, last = _period(since, every_months)
    while first <= today:
        if not _covered(first, last, published):
            by_on = _first_of(last, within_months + 1) - ONE_DAY
            found.append(Due(first, last, by_on, last < today, by_on < today))
        first, last = _period(last + ONE_DAY, every_months)
    return found


def _period(day: date, months: int) -> Span:
    """The period in which `day` lies. They are counted from January; the year's last one is cut where the year ends."""
    begins = date(day.year, (day.month - 1) // months * months + 1, 1)
    return begins, min(_first_of(begins, months) - ONE_DAY, date(day.year, 12, 31))


def _first_of(day: date, months_later: int) -> date:
    years, month = divmod(day.month - 1 + months_later, 12)
    return date(day.year + years, month + 1, 1)


def _covered(first: date, last: date, published: Collection[Span]) -> bool:
    day = first
    for begins, ends in sorted(published):
        if begins <= day <= ends:
            day = ends + ONE_DAY
    return day > last
