"""Nouns of the goods: the desks where they stand, how many of each, and every move that made it so."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal
from app.kit.versions import version_of


class OutOfStock(Refusal):
    says = mark("现场的%(item)s发完了。")
    advice = mark("这一份仍然欠着这一户，到货后再来领；别的可以先领。")


class NotThatMany(Refusal):
    says = mark("这个发放台没有这么多%(item)s。")


class DeskNameTaken(Refusal):
    says = mark("已经有一个发放台叫这个名字。")


class MoreIsGone(Refusal):
    """What a correction takes back is not there any more: handed out, moved on or spoiled."""

    says = mark("改成这个数，%(item)s就比已经发出去的还少，不能改。")
    advice = mark("请先核对发出去的，再改这一笔。")


class NeverBooked(Refusal):
    """Counted when what was missing was no loss in the books yet: a correction would book a loss less that never was one."""

    says = mark("这一笔是早先点的，当时没有入账，不能改。")
    advice = mark("请现在重新点一次，差多少登记多少。")


class NothingToPutRight(Refusal):
    says = mark("这一笔现在登记的就是这个数。")


class NoStockKept(Refusal):
    says = mark("发钱的没有货可登记。")


class Desk(Record, table=True):
    """发放台: a folding table with goods of its own. One stands since publication; where there is one its name is not shown."""

    __tablename__ = "distribution_desk"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        UniqueConstraint("compound_id", "distribution_id", "name"),
        UniqueConstraint("compound_id", "distribution_id", "position"),
    )

    distribution_id: UUID
    position: int
    name: str = Field(max_length=60)

    @property
    def version(self) -> int:
        return version_of(self.name)


class Stock(Record, table=True):
    """Of one item at one desk: received = handed + conflicted + spoiled + left, always.

    `conflicted`: gone with a second hand-over of one line that two desks without signal made. The CHECK is the last line
    behind the guarded UPDATE.
    """

    __table_args__ = (
        points_to("distribution_item", "item_id"),
        points_to("distribution_desk", "desk_id"),
        UniqueConstraint("compound_id", "item_id", "desk_id"),
        CheckConstraint(
            "handed >= 0 AND conflicted >= 0 AND spoiled >= 0 AND handed + conflicted + spoiled <= received",
            name="never_oversold",
        ),
    )

    item_id: UUID
    desk_id: UUID
    received: int = 0
    handed: int = 0
    conflicted: int = 0
    spoiled: int = 0

    @property
    def left(self) -> int:
        return self.received - self.handed - self.conflicted - self.spoiled


class MoveKind(StrEnum):
    """`COUNTED`: more are there than was known (to the desk), or fewer (from it)."""

    ARRIVED = "arrived"
    MOVED = "moved"
    SPOILED = "spoiled"
    COUNTED = "counted"


class StockMove(SentOnce, table=True):
    """出入库: pieces that came to a desk or left it otherwise than by a claim. What they cost is booked by the treasury.

    `corrects_id`: the move whose number was written wrongly. A correction goes the way of that one, with the difference: below
    zero where there were fewer.
    """

    at = "/benefits/{row.distribution_id}"

    __tablename__ = "stock_move"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("distribution_item", "item_id"),
        points_to("distribution_desk", "from_desk_id"),
        points_to("distribution_desk", "to_desk_id"),
        points_to("person", "counted_by_id"),
        points_to("journal_entry", "entry_id"),
        points_to("stock_move", "corrects_id"),
        CheckConstraint("quantity > 0 OR (quantity < 0 AND corrects_id IS NOT NULL)", name="is_something"),
        CheckConstraint("corrects_id IS NULL OR reason <> ''", name="correction_says_why"),
        CheckConstraint(
            "CASE kind WHEN 'arrived' THEN from_desk_id IS NULL AND to_desk_id IS NOT NULL"
            " WHEN 'moved' THEN from_desk_id IS NOT NULL AND to_desk_id IS NOT NULL"
            " WHEN 'spoiled' THEN from_desk_id IS NOT NULL AND to_desk_id IS NULL"
            " ELSE (from_desk_id IS NULL) <> (to_desk_id IS NULL) END",
            name="has_its_desks",
        ),
        Index("ix_stock_move_day", "compound_id", "distribution_id", "counted_at"),
    )

    distribution_id: UUID
    item_id: UUID
    kind: str = Field(max_length=10)
    from_desk_id: UUID | None = None
    to_desk_id: UUID | None = None
    quantity: int
    reason: str = Field(default="", max_length=200)
    counted_by_id: UUID
    counted_at: datetime = Field(default_factory=now)
    entry_id: UUID | None = None
    """The journal entry of what was lost or found."""
    corrects_id: UUID | None = None


append_only("stock_move")
