"""The noun of a debt that ends without being collected: only by a decision that is named, never by time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal


class StillHandingOut(Refusal):
    says = mark("还在发，不能把没领的转走。")
    advice = mark("先收摊。没领的一直欠着，不转也可以。")


class NothingOwed(Refusal):
    """Claimed or converted already, or replaced by a correction."""

    says = mark("选的里面有已经不欠的。")
    advice = mark("请重新打开这一页再选。")


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


append_only("conversion")
