"""A month, a quarter or a year of the books, and what stands before and after it. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from app.notices.due import said_period

MONTH, QUARTER, YEAR = 1, 3, 12

TEXT = "(19|20)[0-9]{2}(-(0[1-9]|1[0-2])|-Q[1-4])?"
"""As a regular expression: "2026", "2026-Q3", "2026-10"."""


def later(day: date, months: int) -> date:
    """The same day of another month, or that month's last where it is shorter: 31 January + 1 is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Term:
    """`months` (1, 3 or 12) from the first day of a month on."""

    first: date
    months: int

    @classmethod
    def of(cls, day: date, months: int) -> "Term":
        """The one in which `day` lies; they are counted from January."""
        return cls(date(day.year, (day.month - 1) // months * months + 1, 1), months)

    @classmethod
    def read(cls, text: str) -> "Term":
        """What `text` wrote; it matches TEXT."""
        year, _dash, part = text.partition("-")
        if part.startswith("Q"):
            return cls(date(int(year), int(part[1]) * 3 - 2, 1), QUARTER)
        return cls(date(int(year), int(part), 1), MONTH) if part else cls(date(int(year), 1, 1), YEAR)

    @property
    def last(self) -> date:
        return later(self.first, self.months) - timedelta(days=1)

    @property
    def text(self) -> str:
        """As it stands in an address."""
        parts = {MONTH: f"-{self.first:%m}", QUARTER: f"-Q{(self.first.month + 2) // 3}", YEAR: ""}
        return f"{self.first.year}{parts[self.months]}"

    @property
    def says(self) -> str:
        return said_period(self.first, self.last)

    def beside(self, steps: int) -> "Term":
        return Term(later(self.first, steps * self.months), self.months)

    def until(self, today: date) -> date:
        """Its last day, or today while it runs."""
        return max(self.first, min(self.last, today))

    def same_days_before(self, today: date) -> date:
        """Until when the one before counts: nine days stand against nine days, a whole one against a whole one."""
        before = self.beside(-1)
        return before.last if today >= self.last else min(later(today, -self.months), before.last)
