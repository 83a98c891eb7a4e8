"""Nouns: hours of service, and where each comes from."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.records import Record, points_to


class HourSource(StrEnum):
    """Where an hour comes from: hours that were checked in and out are kept apart from hours written afterwards."""

    CHECKED = "checked"
    ADDED = "added"


class HourEntry(Record, table=True):
    """服务时长: append-only; a correction is another line that names the one it corrects. `minutes` may be negative then."""

    __tablename__ = "hour_entry"
    __table_args__ = (
        points_to("signup", "signup_id"),
        points_to("person", "person_id"),
        points_to("person", "recorded_by_id"),
        points_to("hour_entry", "corrects_id"),
        CheckConstraint("minutes <> 0", name="says_something"),
        CheckConstraint("minutes > 0 OR corrects_id IS NOT NULL", name="only_corrections_subtract"),
        UniqueConstraint("compound_id", "corrects_id"),
        Index("ix_hour_entry_person", "compound_id", "person_id"),
    )

    signup_id: UUID
    person_id: UUID
    minutes: int
    source: str = Field(max_length=10)
    recorded_by_id: UUID
    recorded_at: datetime = Field(default_factory=now)
    reason: str = Field(default="", max_length=200)
    corrects_id: UUID | None = None


append_only("hour_entry")
