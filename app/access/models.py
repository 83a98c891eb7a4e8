"""Nouns: the one-time invite slip, the API key, the consent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.records import Record, points_to


class Invite(Record, table=True):
    """邀请码: a paper slip that binds an account to a unit, once. 112 random bits in the QR, stored hashed.

    The printed code is the same secret in letters one can type; it never signs anyone in by itself.
    """

    __table_args__ = (
        points_to("unit", "unit_id"),
        UniqueConstraint("code_hash"),
        Index("ix_invite_unit", "compound_id", "unit_id"),
    )

    unit_id: UUID
    code_hash: bytes
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)
    until_at: datetime
    used_at: datetime | None = None
    used_by_id: UUID | None = None
    revoked_at: datetime | None = None


class ApiKey(Record, table=True):
    """An integrator's key, `gz_live_…`, shown once and stored as SHA-256. It never exceeds its maker's present rights."""

    __tablename__ = "api_key"
    __table_args__ = (
        points_to("person", "made_by_id"),
        UniqueConstraint("key_hash"),
        CheckConstraint("length(scopes) > 0", name="has_scopes"),
    )

    name: str = Field(max_length=60)
    key_hash: bytes
    scopes: str = Field(max_length=400)
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)
    until_at: datetime
    revoked_at: datetime | None = None

    @property
    def scope_set(self) -> frozenset[str]:
        return frozenset(self.scopes.split())


class Consent(Record, table=True):
    """A dated yes to one purpose, by the person, that can be taken back (PIPL art. 14–16). `entered_by_id`: the officer to whom
    somebody without a phone said so.
    """

    __table_args__ = (
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        Index("ix_consent_person", "compound_id", "person_id"),
    )

    person_id: UUID
    purpose: str = Field(max_length=40)
    wording: str = Field(max_length=400)
    entered_by_id: UUID | None = None
    given_at: datetime = Field(default_factory=now)
    withdrawn_at: datetime | None = None
