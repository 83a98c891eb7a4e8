"""Nouns: a service that comes again, by a rule of RFC 5545; its times are ordinary shifts, made some weeks ahead."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from dateutil.rrule import rrule, rrulestr
from sqlalchemy import JSON, CheckConstraint
from sqlmodel import Field

from app.compounds.workdays import calendar
from app.kit.clock import ZONE, now
from app.kit.i18n import mark
from app.kit.records import Record, points_to

PARTS = {
    "WEEKLY": {"INTERVAL", "BYDAY", "WKST", "COUNT", "UNTIL"},
    "MONTHLY": {"INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL"},
    "YEARLY": {"INTERVAL", "COUNT", "UNTIL"},
}
"""What a rule may say (RFC 5545, 3.3.10); nothing happens in a neighbourhood by the hour."""


def recurrence(text: str, first_on: date) -> rrule:
    """A rule that begins on a day, as a wall clock sees it: Shanghai has no daylight saving, and where a clock has it, seven in
    the evening stays seven in the evening (RFC 5545, 3.3.5, form 3). A day that a month does not have is passed over (3.3.10).

    Raises ValueError for what is no such rule.
    """
    parts = dict(part.split("=", 1) for part in text.upper().split(";"))
    allowed = PARTS.get(parts.get("FREQ", ""))
    if allowed is None or not parts.keys() - {"FREQ"} <= allowed:
        raise ValueError("not a rule that we keep")
    if any(not 1 <= int(parts.get(name, 1)) <= 520 for name in ("INTERVAL", "COUNT")) or not parts.get("UNTIL", "0").isdecimal():
        raise ValueError("a number out of its range, or a moment where a day is meant")
    rule = rrulestr(text.upper(), dtstart=datetime.combine(first_on, time.min))
    assert isinstance(rule, rrule)
    return rule


class Touch(StrEnum):
    """What becomes of one shift when the series changes."""

    SAME = "same"
    MOVED = "moved"
    MADE = "made"
    CALLED_OFF = "called_off"
    LEFT_ALONE = "left_alone"


TOUCH_SAYS = {
    Touch.SAME: mark("时间不变"),
    Touch.MOVED: mark("改时间"),
    Touch.MADE: mark("新增"),
    Touch.CALLED_OFF: mark("取消"),
    Touch.LEFT_ALONE: mark("单独改过，不动"),
}


class Series(Record, table=True):
    """`rrule` counts from `first_on`; the last day that it covers is `last_on`, once it was ended. What its shifts are like, so
    that each can be made: afterwards each is its own, and the past stays as it was.
    """

    __table_args__ = (
        points_to("activity", "activity_id"),
        CheckConstraint("minutes > 0 AND minutes < 1440", name="within_a_day"),
        CheckConstraint("starts_minute >= 0 AND starts_minute < 1440", name="on_the_clock"),
    )

    activity_id: UUID
    rrule: str = Field(max_length=120)
    first_on: date
    last_on: date | None = None
    starts_minute: int
    """After midnight, on the compound's clock."""
    minutes: int
    skip_holidays: bool = True
    """Whether a day of the state's holidays is left out (RFC 5545, 3.8.5.1, knows such days as EXDATE)."""
    capacity: int
    minimum: int = 0
    needs: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    """Skill's id → how many."""
    made_at: datetime = Field(default_factory=now)

    def days(self, start: date, end: date) -> list[date]:
        """From `start` to `end`, both included."""
        end = min(end, self.last_on or end)
        found = recurrence(self.rrule, self.first_on).between(_midnight(start), _midnight(end), inc=True)
        return [moment.date() for moment in found if not (self.skip_holidays and calendar().is_holiday(moment.date()))]

    def span(self, day: date) -> tuple[datetime, datetime]:
        """When the shift of a day begins and ends, in UTC."""
        starts = datetime.combine(day, time(*divmod(self.starts_minute, 60)), ZONE).astimezone(UTC)
        return starts, starts + timedelta(minutes=self.minutes)

    def coming(self, horizon: date, since: date) -> Iterator[date]:
        """Its days from `since` to the horizon whose shifts have not begun."""
        return (day for day in self.days(since, horizon) if self.span(day)[0] > now())

    @property
    def wanted(self) -> dict[UUID, int]:
        return {UUID(skill_id): number for skill_id, number in self.needs.items()}

    def shape(self) -> dict[str, Any]:
        """What it gives to each of its shifts."""
        return {"capacity": self.capacity, "minimum": self.minimum}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)
