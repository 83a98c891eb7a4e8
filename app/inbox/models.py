"""Nouns: one message to one person, and the mailbox that somebody wants theirs to go to as well."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
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


class MailAddress(Record, table=True):
    """Where somebody's messages go as well, while they agree (`Purpose.MAIL`). Nothing goes there before its reader has said so
    by the link in a first letter: nobody has letters sent to a stranger.

    Another address is another row: the links in the letters to the old one lead nowhere any more.
    """

    __tablename__ = "mail_address"
    __table_args__ = (points_to("person", "person_id"), UniqueConstraint("compound_id", "person_id"))

    person_id: UUID
    address: str = Field(max_length=254)
    asked_at: datetime = Field(default_factory=now)
    confirmed_at: datetime | None = None
    refused_at: datetime | None = None
    """When its server said that there is no such mailbox."""

    @property
    def works(self) -> bool:
        return self.confirmed_at is not None and self.refused_at is None
