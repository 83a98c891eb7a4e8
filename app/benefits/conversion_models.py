"""The noun of a debt that ends without being collected: only by a decision that is named, never by time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class StillHandingOut(Refusal):
    says = mark("还在发，不能把没领的转走。")
    advice = mark("先收摊。没领的一直欠着，不转也可以。")


class NothingOwed(Refusal):
    """Claimed or converted already, or replaced by a correction."""

    says = mark("选的里面有已经不欠的。")
    advice = mark("请重新打开这一页再选。")


class AlreadyUndone(Refusal):
    says = mark("这次转收入已经撤销了。")


class ConverterUndoes(Refusal):
    says = mark("谁转的，谁不能撤销。请另一个人来办。")


class Conversion(SentOnce, table=True):
    """转收入: by which decision lines of a closed plan that nobody collected became common income again."""

    at = "/benefits/{row.distribution_id}/convert"

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("decision", "decision_id"),
        points_to("person", "converted_by_id"),
        points_to("journal_entry", "entry_id"),
        CheckConstraint("amount_fen > 0", name="is_something"),
        Index("ix_conversion_distribution", "compound_id", "distribution_id", "converted_at"),
    )

    distribution_id: UUID
    decision_id: UUID
    amount_fen: int = Field(sa_type=BigInteger)
    converted_by_id: UUID
    converted_at: datetime = Field(default_factory=now)
    entry_id: UUID


class Undoing(Record, table=True):
    """撤销: how somebody other than the converter took a conversion back, once, by a decision. Its lines are owed again.

    `decision_id`: the one that was carried out wrongly, or a later one; None of those from before it was asked.
    """

    __tablename__ = "conversion_undoing"
    __table_args__ = (
        points_to("conversion", "conversion_id"),
        points_to("decision", "decision_id"),
        points_to("person", "undone_by_id"),
        points_to("journal_entry", "reversal_id"),
        UniqueConstraint("compound_id", "conversion_id"),
        CheckConstraint("reason <> ''", name="says_why"),
    )

    conversion_id: UUID
    decision_id: UUID | None = None
    reason: str = Field(max_length=200)
    undone_by_id: UUID
    undone_at: datetime = Field(default_factory=now)
    reversal_id: UUID


append_only("conversion")
append_only("conversion_undoing")
