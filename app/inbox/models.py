"""Noun: one message to one person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.records import Record, points_to


class Message(Record, table=True):
    """`path` is an address inside the compound, beginning with "/"."""

    __table_args__ = (points_to("person", "person_id"), Index("ix_message_person", "compound_id", "person_id", "read_at"))

    person_id: UUID
    title: str = Field(max_length=100)
    body: str = Field(default="", max_length=500)
    path: str = Field(max_length=200)
    sent_at: datetime = Field(default_factory=now)
    read_at: datetime | None = None
