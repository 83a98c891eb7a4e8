"""Nouns of the table: who signed for what, how, before whom."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import _, mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal

SIGNATURE_BYTES = 20_000


class AlreadyClaimed(Refusal):
    says = mark("这一户领过了，不能再发。")
    advice = mark("有疑问，请打电话给居委会。")


class NotAnOwner(Refusal):
    says = mark("这个人不是这一户的业主。")
    advice = mark("租户和邻居可以代领，请写上姓名、关系和依据。")


class OwnUnit(Refusal):
    says = mark("自己家的这一份，请另一个人来办。")


class NoAuthority(Refusal):
    says = mark("代领要有依据：拍下委托书或字条，或者打电话问过业主。")
    advice = mark("名册里同住的家里人来领，选“家里人”就行。")


class NotOfThisHousehold(Refusal):
    says = mark("名册里，这一户没有叫这个名字的家里人。")
    advice = mark("请拍下委托书或字条，或者打电话问业主。")


class NoPhotoExpected(Refusal):
    says = mark("这次签领不用拍这张照片，或者已经拍过了。")


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


class Authority(StrEnum):
    """How the officer knew that somebody else may collect: a slip (its photo may follow), the owner's word on the phone (with
    a sentence on who was called), or the roster, which names them in the same household.
    """

    SLIP = "slip"
    PHONE = "phone"
    HOUSEHOLD = "household"


UNRECORDED = "unrecorded"
"""Of claims by proxy from the time when it was not asked."""

AUTHORITY_SAYS = {
    Authority.SLIP: mark("委托书或字条"),
    Authority.PHONE: mark("打电话问过业主"),
    Authority.HOUSEHOLD: mark("名册里同住的家里人"),
    UNRECORDED: mark("当时没有记"),
}


def said_authority(authority: str, note: str) -> str:
    """打电话问过业主：9点打给王阿姨; "" where an owner came."""
    words = _(AUTHORITY_SAYS[authority]) if authority else ""
    return f"{words}{_('：')}{note}" if note else words


class ClaimPhoto(StrEnum):
    """What of a claim is photographed: the paper that was signed, and the slip that a proxy brought."""

    PAPER = "paper"
    SLIP = "slip"


class Claim(SentOnce, table=True):
    """签领: one act of signing. `owner_id`: for whom; `collector`: who stood at the table, with `relation` and `authority` when
    it was somebody else. What was handed over are its lines. `delivery_id`: it was brought home.
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
        points_to("photo", "slip_id"),
        points_to("home_delivery", "delivery_id"),
        points_to("transfer", "transfer_id"),
        points_to("journal_entry", "entry_id"),
        points_to("journal_entry", "reversal_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint("voided_by_id IS NULL OR voided_by_id <> officer_id", name="voided_by_another"),
        CheckConstraint("(voided_at IS NULL) = (voided_by_id IS NULL)", name="void_is_whole"),
        CheckConstraint("(relation = '') = (authority = '')", name="proxy_has_authority"),
        CheckConstraint("(authority = 'phone') = (authority_note <> '')", name="call_is_noted"),
        CheckConstraint("slip_id IS NULL OR authority = 'slip'", name="slip_is_authority"),
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
    authority: str = Field(default="", max_length=20)
    authority_note: str = Field(default="", max_length=200)
    """Of a call: who was called, and what they said. Its time is the claim's."""
    slip_id: UUID | None = None
    delivery_id: UUID | None = None
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
    def said_authority(self) -> str:
        return said_authority(self.authority, self.authority_note)

    def photo_of(self, what: ClaimPhoto) -> UUID | None:
        return self.photo_id if what == ClaimPhoto.PAPER else self.slip_id

    def lacks(self, what: ClaimPhoto) -> bool:
        """Signed on paper, or on the word of a slip, and that not photographed yet."""
        expected = self.way == ClaimWay.PAPER_PHOTO if what == ClaimPhoto.PAPER else self.authority == Authority.SLIP
        return expected and self.photo_of(what) is None and self.voided_at is None

    def keep(self, what: ClaimPhoto, photo_id: UUID) -> None:
        """Raises NoPhotoExpected."""
        if not self.lacks(what):
            raise NoPhotoExpected
        if what == ClaimPhoto.PAPER:
            self.photo_id = photo_id
        else:
            self.slip_id = photo_id

    def check_voidable(self, by_id: UUID) -> None:
        """Raises AlreadyVoided, or SecondOfficerNeeded for the officer who confirmed it."""
        if self.voided_at:
            raise AlreadyVoided
        if by_id == self.officer_id:
            raise SecondOfficerNeeded

    def void(self, by_id: UUID, reason: str) -> None:
        """Raises what `check_voidable` raises."""
        self.check_voidable(by_id)
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
