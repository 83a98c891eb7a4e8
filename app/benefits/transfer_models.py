"""The noun of money that the bank paid out: a list of transfers, marked as carried out."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal


class TransferDiffers(Refusal):
    """Collected, converted, held or corrected since the list was written, in part or in all."""

    says = mark("和清单不一样了：%(units)s。")
    advice = mark("这几户领过、更正过，或者先留着了。请按现在的数重新标；银行要是已经照清单转了，请把多转的追回来。")


class TransferBarred(Refusal):
    """A household marks nothing for itself, and what was paid was paid to an owner."""

    says = mark("这几户现在不能标：%(units)s。")
    advice = mark("别的户可以先标。")


class Transfer(SentOnce, table=True):
    """转账: so many units of one list, by the bank's reference, on the day on which the bank did it. Each of them has a claim."""

    at = "/benefits/{row.distribution_id}/transfer"

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("person", "marked_by_id"),
        CheckConstraint("reference <> ''", name="has_a_reference"),
        Index("ix_transfer_distribution", "compound_id", "distribution_id", "marked_at"),
    )

    distribution_id: UUID
    reference: str = Field(max_length=60)
    on_date: date
    marked_by_id: UUID
    marked_at: datetime = Field(default_factory=now)


append_only("transfer")
