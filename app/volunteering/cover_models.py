"""Nouns: somebody who has a place cannot come, and asks for another to step in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal


class CoverTaken(Refusal):
    says = mark("已经有人替了，谢谢您。")


class CoverOver(Refusal):
    says = mark("这一班不用替了。")


class SomebodyWaits(Refusal):
    says = mark("有人在候补，您直接取消报名就行，名额会给他。")


class CoverCall(SentOnce, table=True):
    """请人替班: one confirmed place looks for another person; with `for_shift_id` in exchange for a place on that shift. It ends
    by being taken (one wins), by being taken back, or of itself once the place or the shift is gone.
    """

    __tablename__ = "cover_call"
    at = "/volunteering/covers/{row.id}"

    __table_args__ = (
        points_to("signup", "signup_id"),
        points_to("shift", "for_shift_id"),
        points_to("person", "taken_by_id"),
        CheckConstraint("(taken_by_id IS NULL) = (taken_at IS NULL)", name="taken_by_somebody"),
        CheckConstraint("taken_at IS NULL OR closed_at IS NULL", name="ends_once"),
        Index(
            "uq_cover_call_open",
            "compound_id",
            "signup_id",
            unique=True,
            sqlite_where=text("taken_at IS NULL AND closed_at IS NULL"),
            postgresql_where=text("taken_at IS NULL AND closed_at IS NULL"),
        ),
    )

    signup_id: UUID
    for_shift_id: UUID | None = None
    asked: int = 0
    """How many neighbours were told."""
    asked_at: datetime = Field(default_factory=now)
    taken_by_id: UUID | None = None
    taken_at: datetime | None = None
    closed_at: datetime | None = None

    def check_open(self) -> None:
        """Raises CoverTaken or CoverOver."""
        if self.taken_at:
            raise CoverTaken
        if self.closed_at:
            raise CoverOver

    def take(self, person_id: UUID) -> None:
        self.taken_by_id, self.taken_at = person_id, now()

    def close(self) -> None:
        self.closed_at = now()
