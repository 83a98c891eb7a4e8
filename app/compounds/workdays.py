"""Which days are worked, and where a period of days ends.

The calendar is data (`holidays.toml`, or an operator's own in DATA_DIR), read when the database is opened. What a year's
notice does not say is not guessed: years without an entry have their weekends off and nothing else.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from app.kit.clock import local, start_of
from app.settings import UnsafeSetting

FILE = "holidays.toml"
SHIPPED = Path(__file__).with_name(FILE)
ONE_DAY = timedelta(days=1)


class Year(BaseModel):
    """`source`: the number of the notice that announced it. `off`: first and last day of each holiday."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    off: tuple[tuple[date, date], ...]
    work: tuple[date, ...] = ()


@dataclass(frozen=True)
class Calendar:
    years: Mapping[int, Year]

    def is_holiday(self, day: date) -> bool:
        """Whether it lies in one of the holidays that were announced, its weekends among them."""
        year = self.years.get(day.year)
        return year is not None and any(first <= day <= last for first, last in year.off)

    def is_worked(self, day: date) -> bool:
        year = self.years.get(day.year)
        return not self.is_holiday(day) and (day.weekday() < 5 or (year is not None and day in year.work))

    def last_day(self, begins: date, days: int, *, working: bool) -> date:
        """The last of `days` days. The day on which a period begins does not count (Civil Code 201); one of calendar days
        whose last day is a day off ends with the next that is worked (203).
        """
        day = begins + (timedelta(0) if working else days * ONE_DAY)
        left = days if working else 0
        while left or not self.is_worked(day):
            day += ONE_DAY
            left -= working and self.is_worked(day)
        return day

    def end_of(self, begins: datetime, days: int, *, working: bool) -> datetime:
        """The moment at which that day is over (Civil Code 203: at midnight), in UTC."""
        return start_of(self.last_day(local(begins).date(), days, working=working) + ONE_DAY)


def read_calendar(file: Path) -> Calendar:
    """Raises UnsafeSetting where the file cannot be understood: a wrong period is worse than no start."""
    try:
        years = _YEARS.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as wrong:
        raise UnsafeSetting(f"{file}: {str(wrong).splitlines()[0]}") from wrong
    for number, year in years.items():
        days = [*(day for span in year.off for day in span), *year.work]
        if any(day.year != number for day in days) or any(first > last for first, last in year.off):
            raise UnsafeSetting(f"{file}: a day under {number} is not of that year, or a holiday ends before it begins")
    return Calendar(years)


_YEARS = TypeAdapter(dict[int, Year])
_in_force = read_calendar(SHIPPED)


def use_calendar_of(folder: Path) -> None:
    """From now on an operator's own calendar where the data folder has one, else the shipped one. Raises UnsafeSetting."""
    global _in_force
    own = folder / FILE
    _in_force = read_calendar(own if own.is_file() else SHIPPED)


def calendar() -> Calendar:
    return _in_force
