"""Nouns of the skill census. Whoever changes an entry holds its row lock (`census_queries.entry_to_change`)."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import local, now
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class AlreadyInCensus(Refusal):
    says = mark("已经登记过了。")
    advice = mark("要改，请在原来的登记上改。")
    leads_to = "{base}/volunteering/census"
    leads_says = mark("看登记")


class SeenBy(StrEnum):
    """Who besides the person; each also whoever the one before names."""

    COORDINATORS = "coordinators"
    TEAM = "team"
    PUBLIC = "public"


SEEN_SAYS = {
    SeenBy.COORDINATORS: mark("只有队长"),
    SeenBy.TEAM: mark("队长和志愿者"),
    SeenBy.PUBLIC: mark("所有人，写在志愿队页上"),
}

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = {"morning": mark("上午"), "afternoon": mark("下午"), "evening": mark("晚上")}
SLOTS = tuple(f"{day}-{part}" for day in WEEKDAYS for part in PARTS)
"""When somebody could come: a weekday and a part of the day."""


def slot_of(moment: datetime) -> str:
    """In which of them it lies: the morning ends at noon, the afternoon at six."""
    hour = local(moment).hour
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"{WEEKDAYS[local(moment).weekday()]}-{part}"


class CensusEntry(SentOnce, table=True):
    """特长登记: what a person told about themselves, to be asked for help. `entered_by_id` differs from `person_id` when an
    officer wrote it down for them. It holds for a year: `confirmed_at` is the last time somebody said that it is still so.
    """

    __tablename__ = "census_entry"
    at = "/volunteering/census"

    __table_args__ = (
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        UniqueConstraint("compound_id", "person_id"),
    )

    person_id: UUID
    entered_by_id: UUID
    occupation: str = Field(default="", max_length=60)
    interests: str = Field(default="", max_length=200)
    may_call: bool
    seen_by: str = Field(max_length=12)
    confirmed_at: datetime = Field(default_factory=now)

    def due_at(self, days: int) -> datetime:
        """When it has to be confirmed again."""
        return self.confirmed_at + timedelta(days=days)


class CensusTime(Record, table=True):
    """When they could come."""

    __tablename__ = "census_time"
    __table_args__ = (
        points_to("person", "person_id"),
        UniqueConstraint("compound_id", "person_id", "slot"),
        Index("ix_census_time_slot", "compound_id", "slot"),
    )

    person_id: UUID
    slot: str = Field(max_length=15)
