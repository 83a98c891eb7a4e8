"""What the compound's rules demand next: which periods must be published, and until when. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from app.notices.periods import ONE_DAY, Span, first_of_month, is_covered, key_of, last_of_month, said_period, span_in


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
        return said_period((self.from_on, self.to_on))

    @property
    def key(self) -> str:
        return key_of((self.from_on, self.to_on))


def due(published: Collection[Span], today: date, since: date, *, every_months: int, within_months: int) -> list[Due]:
    """Periods of `every_months` from January on that `published` does not cover wholly, oldest first, up to the one of today.

    Those that ended before `since` are not asked for. `by_on`: the last day of the month that lies `within_months` after the
    period's last.
    """
    found = []
    first, last = span_in(since, every_months)
    while first <= today:
        if not is_covered((first, last), published):
            by_on = last_of_month(first_of_month(last, within_months))
            found.append(Due(first, last, by_on, last < today, by_on < today))
        first, last = span_in(last + ONE_DAY, every_months)
    return found
