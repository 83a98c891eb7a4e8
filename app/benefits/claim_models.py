"""Nouns of the table: who signed for what, how, before whom."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal

SIGNATURE_BYTES = 20_000


class AlreadyClaimed(Refusal):
    says = mark("这一户领过了，不能再发。")
    advice = mark("有疑问，请打电话给居委会。")


class NotAnOwner(Refusal):
    says = mark("这个人不是这一户的业主。")
    advice = mark("租户和邻居可以代领，请写上姓名和关系。")


class OwnUnit(Refusal):
    says = mark("自己家的这一份，请别的发放员来发。")


class NoPaperExpected(Refusal):
    says = mark("这次签领不用拍纸上的签名，或者已经拍过了。")


class AlreadyVoided(Refusal):
    says = mark("这次签领已经作废了。")


class SecondOfficerNeeded(Refusal):
    says = mark("谁发的，谁不能作废。请另一个人来办。")


class ClaimWay(StrEnum):
    """How receipt was confirmed; the officer is the witness of each. A transfer has the bank's reference instead."""

    SIGNATURE = "signature"
    TICK_WITH_WITNESS = "tick_with_witness"
    PAPER_PHOTO = "paper_photo"
    TRANSFER = "transfer"


WAY_SAYS = {
    ClaimWay.SIGNATURE: mark("手写签名"),
    ClaimWay.TICK_WITH_WITNESS: mark("不签字，由我见证"),
    ClaimWay.PAPER_PHOTO: mark("在纸上签，再拍照"),
    ClaimWay.TRANSFER: mark("银行转账"),
}
TABLE_WAYS = (ClaimWay.SIGNATURE, ClaimWay.TICK_WITH_WITNESS, ClaimWay.PAPER_PHOTO)
"""Those of somebody who stands there."""


class Claim(SentOnce, table=True):
    """签领: one act of signing. `owner_id`: for whom; `collector`: who stood at the table, with `relation` when it was
    somebody else. What was handed over are its lines.
    """

    at = "/benefits/claims/{row.id}"

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("entitlement", "entitlement_id"),
        points_to("distribution_desk", "desk_id"),
        points_to("person", "owner_id"),
        points_to("person", "officer_id"),
        points_to("person", "voided_by_id"),
        points_to("photo", "photo_id"),
        points_to("transfer", "transfer_id"),
        points_to("journal_entry", "entry_id"),
        points_to("journal_entry", "reversal_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint("voided_by_id IS NULL OR voided_by_id <> officer_id", name="voided_by_another"),
        CheckConstraint("(voided_at IS NULL) = (voided_by_id IS NULL)", name="void_is_whole"),
        CheckConstraint("(way = 'transfer') = (transfer_id IS NOT NULL)", name="transferred_by_a_list"),
        Index("ix_claim_day", "compound_id", "distribution_id", "made_at"),
        Index("ix_claim_entitlement", "compound_id", "entitlement_id"),
    )

    distribution_id: UUID
    entitlement_id: UUID
    desk_id: UUID
    year: int
    number: int
    way: str = Field(max_length=20)
    owner_id: UUID | None = None
    collector: str = Field(max_length=60)
    relation: str = Field(default="", max_length=30)
    signature: str = Field(default="", max_length=SIGNATURE_BYTES)
    """The strokes as an SVG path in a field of 1000 × 400."""
    photo_id: UUID | None = None
    transfer_id: UUID | None = None
    officer_id: UUID
    made_at: datetime = Field(default_factory=now)
    entry_id: UUID
    """The journal entry that settled the debt."""
    voided_at: datetime | None = None
    voided_by_id: UUID | None = None
    void_reason: str = Field(default="", max_length=200)
    reversal_id: UUID | None = None

    @property
    def by_proxy(self) -> bool:
        return bool(self.relation)

    @property
    def lacks_paper(self) -> bool:
        """Signed on paper, and the paper not photographed yet."""
        return self.way == ClaimWay.PAPER_PHOTO and self.photo_id is None and self.voided_at is None

    def void(self, by_id: UUID, reason: str) -> None:
        """Raises AlreadyVoided, or SecondOfficerNeeded for the officer who confirmed it."""
        if self.voided_at:
            raise AlreadyVoided
        if by_id == self.officer_id:
            raise SecondOfficerNeeded
        self.voided_at, self.voided_by_id, self.void_reason = now(), by_id, reason


class ClaimLine(Record, table=True):
    """What settles one line of the roll: a claim that handed it over, or a decision that converted it. Whatever happens, a
    line has at most one that is `live`.
    """

    __tablename__ = "claim_line"
    __table_args__ = (
        points_to("claim", "claim_id"),
        points_to("conversion", "conversion_id"),
        points_to("entitlement_line", "entitlement_line_id"),
        UniqueConstraint("compound_id", "claim_id", "entitlement_line_id"),
        CheckConstraint("(claim_id IS NULL) <> (conversion_id IS NULL)", name="claimed_or_converted"),
        Index(
            "uq_claim_line_live",
            "compound_id",
            "entitlement_line_id",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )

    claim_id: UUID | None = None
    conversion_id: UUID | None = None
    entitlement_line_id: UUID
    live: bool = True
    """False once its claim is voided, or its conversion undone."""
