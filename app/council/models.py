"""Noun: the decision."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to


class DecisionKind(StrEnum):
    """By which body it was taken."""

    OWNERS = "owners"
    COMMITTEE = "committee"
    MEETING = "meeting"
    ELECTION = "election"


KIND_SAYS = {
    DecisionKind.OWNERS: mark("业主共同决定"),
    DecisionKind.COMMITTEE: mark("管理委员会决定"),
    DecisionKind.MEETING: mark("议事会决定"),
    DecisionKind.ELECTION: mark("居民选举"),
}


class Decision(SentOnce, table=True):
    """决议. Written once and published in the log; a mistake is put right by another decision that names it."""

    at = "/decisions/{row.id}"

    __table_args__ = (
        points_to("person", "recorded_by_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint("votes_for >= 0 AND votes_against >= 0 AND votes_abstained >= 0", name="votes_not_negative"),
        Index("ix_decision_day", "compound_id", "decided_on", "id"),
    )

    year: int
    number: int
    kind: str = Field(max_length=20)
    title: str = Field(max_length=100)
    what: str = Field(max_length=2000)
    decided_on: date
    votes_for: int = 0
    votes_against: int = 0
    votes_abstained: int = 0
    recorded_by_id: UUID
    recorded_at: datetime = Field(default_factory=now)

    @property
    def reference(self) -> str:
        """As it is cited: "2026-3"."""
        return f"{self.year}-{self.number}"
