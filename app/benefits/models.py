"""Nouns and their own rules. Whoever changes a claim or a stock holds the distribution's row lock."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import now, today
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal

SIGNATURE_BYTES = 20_000


class AlreadyPublished(Refusal):
    says = mark("这个方案已经公示，不能再改。")


class NotEffective(Refusal):
    says = mark("公示还没有生效，现在不能发。")
    advice = mark("等异议期过完，每条异议都有答复，就可以发。")


class NotBegun(Refusal):
    says = mark("还没有到开始发放的日子。")


class DistributionClosed(Refusal):
    says = mark("这次发放已经收摊。")
    advice = mark("没领的不作废。要补领，请管理委员会重新开放。")


class AlreadyClaimed(Refusal):
    says = mark("这一户领过了，不能再发。")
    advice = mark("有疑问，请打电话给居委会。")


class OutOfStock(Refusal):
    says = mark("现场的货发完了。")
    advice = mark("这一份仍然欠着这一户，到货后再来领。")


class NoStockKept(Refusal):
    says = mark("发钱的方案没有货可登记。")


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


class NobodyToGiveTo(Refusal):
    says = mark("名册里没有符合的户，不能公示。")
    advice = mark("请先导入名册。")


class NothingForSomebody(Refusal):
    says = mark("有 %(n)s 户算出来是零，不能公示。")
    advice = mark("请补上这些户的面积，或者把总额改大。")


class TotalTooLarge(Refusal):
    says = mark("总额太大了，请核对金额。")


class BenefitKind(StrEnum):
    GOODS = "goods"
    MONEY = "money"


class ShareRule(StrEnum):
    """How what there is becomes what each unit gets. All but `by_area` name their decision (Civil Code art. 283)."""

    BY_AREA = "by_area"
    EQUAL = "equal"
    FIXED_PER_UNIT = "fixed_per_unit"


RULE_SAYS = {
    ShareRule.FIXED_PER_UNIT: mark("每户一样，定好每户多少"),
    ShareRule.EQUAL: mark("每户一样，把总额平分"),
    ShareRule.BY_AREA: mark("按房子面积分总额"),
}


class DistributionState(StrEnum):
    """Computed from three facts: is the roll frozen, is its notice effective, is the table closed."""

    DRAFT = "draft"
    PUBLISHED = "published"
    READY = "ready"
    OPEN = "open"
    CLOSED = "closed"


class Distribution(SentOnce, table=True):
    """福利发放. `asked_fen`: the whole sum, or what each unit gets when the rule is fixed_per_unit.

    From the freeze on `total_fen`, `total_area` (0.01 m²) and `units` say what the roll holds.
    """

    at = "/benefits/{row.id}"

    __table_args__ = (
        points_to("decision", "decision_id"),
        points_to("person", "planned_by_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint("decision_id IS NOT NULL OR rule = 'by_area'", name="names_its_decision"),
        CheckConstraint("asked_fen > 0 AND total_fen >= 0", name="gives_something"),
        CheckConstraint("until_on >= from_on", name="ends_after_start"),
        Index("ix_distribution_frozen", "compound_id", "frozen_at", "id"),
    )

    year: int
    number: int
    title: str = Field(max_length=60)
    kind: str = Field(max_length=10)
    goods: str = Field(default="", max_length=100)
    rule: str = Field(max_length=20)
    asked_fen: int = Field(sa_type=BigInteger)
    unit_kinds: str = Field(max_length=40)
    decision_id: UUID | None = None
    place: str = Field(max_length=100)
    hours: str = Field(max_length=100)
    bring: str = Field(max_length=100)
    from_on: date
    until_on: date
    planned_by_id: UUID
    planned_at: datetime = Field(default_factory=now)
    frozen_at: datetime | None = None
    record_on: date | None = None
    total_fen: int = Field(default=0, sa_type=BigInteger)
    total_area: int = Field(default=0, sa_type=BigInteger)
    units: int = 0
    closed_at: datetime | None = None

    @property
    def reference(self) -> str:
        """As it is cited: "2026-3"."""
        return f"{self.year}-{self.number}"

    def state(self, effective: bool) -> DistributionState:
        if self.frozen_at is None:
            return DistributionState.DRAFT
        if self.closed_at:
            return DistributionState.CLOSED
        if not effective:
            return DistributionState.PUBLISHED
        return DistributionState.OPEN if self.from_on <= today() else DistributionState.READY

    def check_open(self, effective: bool) -> None:
        """Raises DistributionClosed, NotEffective or NotBegun."""
        match self.state(effective):
            case DistributionState.CLOSED:
                raise DistributionClosed
            case DistributionState.DRAFT | DistributionState.PUBLISHED:
                raise NotEffective
            case DistributionState.READY:
                raise NotBegun


class Entitlement(Record, table=True):
    """应得: one line of the frozen roll. It belongs to the unit: whoever owns it later collects it.

    `label`, `building`, `entrance` and `area` are what the roster said on the record date. `code`: eight random digits
    that its owners can show or read aloud; they find the line, they do not open anything.
    """

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("unit", "unit_id"),
        UniqueConstraint("compound_id", "distribution_id", "unit_id"),
        UniqueConstraint("compound_id", "distribution_id", "code"),
        CheckConstraint("amount_fen > 0 AND quantity >= 0", name="is_something"),
        Index("ix_entitlement_roll", "compound_id", "distribution_id", "position"),
        Index("ix_entitlement_unit", "compound_id", "unit_id"),
    )

    distribution_id: UUID
    unit_id: UUID
    position: int
    """The place in the roll, from 1: the order in which spare fen were given (`shares`)."""
    label: str = Field(max_length=60)
    building: str = Field(max_length=20)
    entrance: str = Field(max_length=20)
    area: int
    amount_fen: int = Field(sa_type=BigInteger)
    quantity: int
    """Parcels; 0 when the gift is money."""
    code: str = Field(max_length=8)


append_only("entitlement")


class Stock(Record, table=True):
    """How many parcels came to the table and how many left it. The CHECK is the last line behind the guarded UPDATE."""

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        UniqueConstraint("compound_id", "distribution_id"),
        CheckConstraint("handed >= 0 AND handed <= received", name="never_oversold"),
    )

    distribution_id: UUID
    received: int = 0
    handed: int = 0


class Delivery(SentOnce, table=True):
    """到货: parcels that arrived, counted by an officer. What they cost is booked by the treasury."""

    at = "/benefits/{row.distribution_id}"

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("person", "counted_by_id"),
        CheckConstraint("quantity > 0", name="is_something"),
    )

    distribution_id: UUID
    quantity: int
    counted_by_id: UUID
    counted_at: datetime = Field(default_factory=now)


append_only("delivery")


class ClaimWay(StrEnum):
    """How receipt was confirmed; the officer is the witness of each."""

    SIGNATURE = "signature"
    TICK_WITH_WITNESS = "tick_with_witness"
    PAPER_PHOTO = "paper_photo"


WAY_SAYS = {
    ClaimWay.SIGNATURE: mark("手写签名"),
    ClaimWay.TICK_WITH_WITNESS: mark("不签字，由我见证"),
    ClaimWay.PAPER_PHOTO: mark("在纸上签，再拍照"),
}


class Claim(SentOnce, table=True):
    """签领. `owner_id`: for whom; `collector`: who stood at the table, with `relation` when it was somebody else."""

    at = "/benefits/claims/{row.id}"

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("entitlement", "entitlement_id"),
        points_to("person", "owner_id"),
        points_to("person", "officer_id"),
        points_to("person", "voided_by_id"),
        points_to("photo", "photo_id"),
        points_to("journal_entry", "entry_id"),
        points_to("journal_entry", "reversal_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint("voided_by_id IS NULL OR voided_by_id <> officer_id", name="voided_by_another"),
        CheckConstraint("(voided_at IS NULL) = (voided_by_id IS NULL)", name="void_is_whole"),
        Index(
            "uq_claim_live",
            "compound_id",
            "entitlement_id",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
        Index("ix_claim_day", "compound_id", "distribution_id", "made_at"),
    )

    distribution_id: UUID
    entitlement_id: UUID
    year: int
    number: int
    way: str = Field(max_length=20)
    owner_id: UUID | None = None
    collector: str = Field(max_length=60)
    relation: str = Field(default="", max_length=30)
    signature: str = Field(default="", max_length=SIGNATURE_BYTES)
    """The strokes as an SVG path in a field of 1000 × 400."""
    photo_id: UUID | None = None
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
