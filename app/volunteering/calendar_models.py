"""Noun: the secret address of one person's calendar."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import now
from app.kit.records import Record, points_to


class CalendarLink(Record, table=True):
    """Whoever has the address reads the calendar, as calendar programs do; so it is kept hashed, shown once, and can be ended."""

    __tablename__ = "calendar_link"
    __table_args__ = (
        points_to("person", "person_id"),
        UniqueConstraint("secret_sha256"),
        Index(
            "uq_calendar_link_live",
            "compound_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    person_id: UUID
    secret_sha256: bytes
    made_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None
