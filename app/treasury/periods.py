"""A month, a quarter or a year of the books, and what stands before and after it. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from app.notices.periods import Span, first_of_month, key_of, months_in, said_period, span_in, span_of

MONTH, QUARTER, YEAR = 1, 3, 12


def later(day: date, months: int) -> date:
    """The same day of another month, or that month's last where it is shorter: 31 January + 1 is 28 February."""
    first = first_of_month(day, months)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


@dataclass(frozen=True, slots=True)
class Term:
    """`months` (1, 3, 6 or 12) from the first day of a month on."""

    first: date
    months: int

    @classmethod
    def of(cls, day: date, months: int) -> "Term":
        """The one in which `day` lies; they are counted from January."""
        return cls(span_in(day, months)[0], months)

    @classmethod
    def read(cls, key: str) -> "Term":
        """What `notices.periods.KEY` matches: "2026-10", "2026-Q3", "2026"."""
        span = span_of(key)
        return cls(span[0], months_in(span))

    @property
    def span(self) -> Span:
        return span_in(self.first, self.months)

    @property
    def last(self) -> date:
        return self.span[1]

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return key_of(self.span)

    @property
    def says(self) -> str:
        return said_period(self.span)

    def beside(self, steps: int) -> "Term":
        return Term(later(self.first, steps * self.months), self.months)

    def until(self, today: date) -> date:
        """Its last day, or today while it runs."""
        return max(self.first, min(self.last, today))

    def same_days_before(self, today: date) -> date:
        """Until when the one before counts: nine days stand against nine days, a whole one against a whole one."""
        before = self.beside(-1)
        return before.last if today >= self.last else min(later(today, -self.months), before.last)
