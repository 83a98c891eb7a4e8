"""Nouns of the table without signal: what a device reports, and how a report that came too late was settled."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.benefits.claim_models import SIGNATURE_BYTES
from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class AlreadySettled(Refusal):
    says = mark("这一笔已经处理过了。")


class NoConflict(Refusal):
    says = mark("这一笔已经算签领，没有要处理的。")


class ReporterSettles(Refusal):
    says = mark("谁发的，谁不能处理。请另一个人来办。")


class Handover(SentOnce, table=True):
    """离线发放: goods that left a desk while it had no signal, as its device tells it afterwards.

    Those of its lines that nobody has claimed become the claim, which bears its id. The others are in conflict: `conflict`
    names the refusal a claim would have met. Its goods are gone all the same, so nothing of it is dropped, and no claim takes
    it in silently.
    `device_at`: by the device's clock, which may be wrong.
    """

    at = "/benefits/handovers/{row.id}"

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("entitlement", "entitlement_id"),
        points_to("distribution_desk", "desk_id"),
        points_to("person", "reported_by_id"),
        CheckConstraint("authority = '' OR relation <> ''", name="authority_of_a_proxy"),
        CheckConstraint("(authority = 'phone') = (authority_note <> '')", name="call_is_noted"),
        Index("ix_handover_day", "compound_id", "distribution_id", "reported_at"),
        Index("ix_handover_entitlement", "compound_id", "entitlement_id"),
    )

    distribution_id: UUID
    entitlement_id: UUID
    desk_id: UUID
    way: str = Field(max_length=20)
    owner: str = Field(default="", max_length=60)
    """For whom, by the name that the roll on the device gave; "" where it knew no owner."""
    proxy: str = Field(default="", max_length=60)
    relation: str = Field(default="", max_length=30)
    authority: str = Field(default="", max_length=20)
    """"" also of a proxy whose device did not ask: what left the table is told all the same."""
    authority_note: str = Field(default="", max_length=200)
    signature: str = Field(default="", max_length=SIGNATURE_BYTES)
    cash: bool = False
    device_at: datetime
    reported_by_id: UUID
    reported_at: datetime = Field(default_factory=now)
    conflict: str = Field(default="", max_length=30)


class HandoverLine(Record, table=True):
    """One line of the roll that left the table with it."""

    __tablename__ = "handover_line"
    __table_args__ = (
        points_to("handover", "handover_id"),
        points_to("entitlement_line", "entitlement_line_id"),
        UniqueConstraint("compound_id", "handover_id", "entitlement_line_id"),
    )

    handover_id: UUID
    entitlement_line_id: UUID


class Outcome(StrEnum):
    """What became of goods in conflict: they came back to their desk, they are lost, or, where nothing stands against it any
    more (the table is open again, the stock was counted), they are the unit's claim after all.
    """

    RETURNED = "returned"
    WRITTEN_OFF = "written_off"
    CLAIMED = "claimed"


OUTCOME_SAYS = {
    Outcome.RETURNED: mark("追回来了，货回到发放台"),
    Outcome.WRITTEN_OFF: mark("追不回来，记作损失"),
    Outcome.CLAIMED: mark("本来该发，认作签领"),
}


class Settlement(Record, table=True):
    """冲突处理: how somebody other than the reporter settled a hand-over in conflict; once."""

    __tablename__ = "handover_settlement"
    __table_args__ = (
        points_to("handover", "handover_id"),
        points_to("person", "settled_by_id"),
        UniqueConstraint("compound_id", "handover_id"),
        CheckConstraint("words <> ''", name="says_why"),
    )

    handover_id: UUID
    outcome: str = Field(max_length=20)
    words: str = Field(max_length=200)
    settled_by_id: UUID
    settled_at: datetime = Field(default_factory=now)


append_only("handover")
append_only("handover_line")
append_only("handover_settlement")
