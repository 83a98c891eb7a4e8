"""Nouns of the queue: the numbers that are taken before the table opens, and called at it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from app.kit.clock import now, today
from app.kit.i18n import mark
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class NoNumbersToday(Refusal):
    says = mark("今天不用取号。")
    advice = mark("请看发放的日子；不用取号的，直接来领。")


class NothingToQueueFor(Refusal):
    says = mark("这一户现在没有要领的，不用取号。")


class NobodyWaits(Refusal):
    says = mark("现在没有人在等。")


class QueueNumber(Record, table=True):
    """排队号: a unit's place in the line of one day, the same at every desk. `called_at`: the last time it was called."""

    __tablename__ = "queue_number"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("unit", "unit_id"),
        points_to("person", "taken_by_id"),
        points_to("person", "called_by_id"),
        Index("uq_queue_number_once", "compound_id", "distribution_id", "on_date", "number", unique=True),
        Index("uq_queue_number_of_unit", "compound_id", "distribution_id", "on_date", "unit_id", unique=True),
        CheckConstraint("number > 0", name="counted_from_one"),
        CheckConstraint("(called_at IS NULL) = (called_by_id IS NULL)", name="called_by_somebody"),
        Index("ix_queue_number_called", "compound_id", "distribution_id", "on_date", "called_at"),
    )

    distribution_id: UUID
    unit_id: UUID
    on_date: date = Field(default_factory=today)
    number: int
    taken_by_id: UUID
    taken_at: datetime = Field(default_factory=now)
    called_at: datetime | None = None
    called_by_id: UUID | None = None

    def call(self, by_id: UUID) -> None:
        self.called_at, self.called_by_id = now(), by_id
