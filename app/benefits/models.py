"""Nouns of the plan: what is given to whom, in which batches and by which rules; who is left out, who signed it.

The rows of the frozen roll are in `roll_models`, what is signed for in `claim_models`, the goods in `stock_models`. Whoever
changes any of them holds the distribution's row lock.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now, today
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal
from app.treasury.chart_models import Code, Fund
from app.treasury.fund_charts import code_in


class AlreadyPublished(Refusal):
    says = mark("这个方案已经公示，不能再改。")


class NotSubmitted(Refusal):
    says = mark("方案还没有提交批准。")


class NotApproved(Refusal):
    """Too few hands, or what they signed is not what stands there now: the plan, or the roll that the roster gives today."""

    says = mark("方案或名册还没有批准，或者批准以后又变了。")
    advice = mark("请重新提交，由监督委员批准眼前这一份。")


class OwnPlan(Refusal):
    """Whoever wrote to it signs what others wrote only: with two seats one can both plan and approve, never the same plan."""

    status = 403
    says = mark("这份方案您写过或者改过，不能自己批准。")
    advice = mark("请别的监督委员来批准。")


class NotEffective(Refusal):
    says = mark("公示还没有生效，现在不能发。")
    advice = mark("等异议期过完，每条异议都有答复，就可以发。")


class NotBegun(Refusal):
    says = mark("还没有到开始发放的日子。")


class DistributionClosed(Refusal):
    says = mark("这次发放已经收摊。")
    advice = mark("没领的不作废。要补领，请管理委员会重新开放。")


class NamesNoDecision(Refusal):
    """Civil Code art. 283: by agreement, otherwise by area."""

    says = mark("不按面积分，要有业主的决议。请选决议。")
    advice = mark("民法典第283条：有约定的按约定，没有约定的按面积。")


class MoreThanFund(Refusal):
    """What is promised out of a fund is there: in its cash box, at its bank, or bought and on stock."""

    says = mark("%(fund)s里还能用的是 %(left)s，这个方案要 %(takes)s。")
    advice = mark("请把方案改小，或者等钱入了账。")


class EmptyBatch(Refusal):
    says = mark("“%(batch)s”里还没有东西。")
    advice = mark("给它加一样东西，或者删掉这一批。")


class BatchInUse(Refusal):
    says = mark("这一批里还有东西，不能删。")
    advice = mark("先把里面的东西改到别的批次，或者删掉。")


class LastOfPlan(Refusal):
    says = mark("方案里至少要有一样东西、一个批次。")


class ListMissing(Refusal):
    says = mark("“%(item)s”按名单分，还没有名单。")


class FundNamesNoDecision(Refusal):
    """Grants and donations are for what somebody decided."""

    says = mark("捐款和补助怎么用，要有决议。请选决议。")


class NobodyToGiveTo(Refusal):
    says = mark("名册里没有符合的户，不能公示。")
    advice = mark("请先导入名册。")


class NothingForSomebody(Refusal):
    says = mark("有 %(n)s 户算出来是零，不能公示。")
    advice = mark("请补上这些户的面积，或者把总额改大。")


class UnknownUnits(Refusal):
    says = mark("名单里的 %(units)s 不在名册里。")


class TotalTooLarge(Refusal):
    says = mark("总额太大了，请核对金额。")


class AlreadyExcluded(Refusal):
    says = mark("这一户已经写明不发，理由不同的请先撤掉。")


class NothingToCorrect(Refusal):
    says = mark("重新算出来的名册和公示的一样，没有要更正的。")


class ClaimedLine(Refusal):
    """No claim survives a correction of what was claimed. What was converted is settled too."""

    says = mark("要更正的户里，%(units)s 已经领了。")
    advice = mark("请另一个人先作废那次签领，再更正。")


class BenefitKind(StrEnum):
    GOODS = "goods"
    MONEY = "money"


class ShareRule(StrEnum):
    """How what there is becomes what each unit gets. All but those by area name their decision (Civil Code art. 283)."""

    BY_AREA = "by_area"
    PER_SQUARE_METRE = "per_square_metre"
    EQUAL = "equal"
    FIXED_PER_UNIT = "fixed_per_unit"
    BY_UNIT_KIND = "by_unit_kind"
    BY_AREA_STEPS = "by_area_steps"
    PER_RESIDENT = "per_resident"
    PER_PERSON = "per_person"
    OWN_LIST = "own_list"

    @property
    def follows_area(self) -> bool:
        return self in (ShareRule.BY_AREA, ShareRule.PER_SQUARE_METRE)

    @property
    def by_list(self) -> bool:
        """It goes by a list of the compound's own, unit by unit."""
        return self in (ShareRule.PER_PERSON, ShareRule.OWN_LIST)

    @property
    def gives_to_all(self) -> bool:
        """A unit that gets nothing by it is a mistake in the roster or in the sum."""
        return self.follows_area or self in (ShareRule.EQUAL, ShareRule.FIXED_PER_UNIT)


RULE_SAYS = {
    ShareRule.FIXED_PER_UNIT: mark("每户一样，定好每户多少"),
    ShareRule.EQUAL: mark("每户一样，把总额平分"),
    ShareRule.BY_AREA: mark("按房子面积分总额"),
    ShareRule.PER_SQUARE_METRE: mark("按面积，定好每平方米多少"),
    ShareRule.BY_UNIT_KIND: mark("住宅、商铺、车库各有各的数"),
    ShareRule.BY_AREA_STEPS: mark("按面积分几档"),
    ShareRule.PER_RESIDENT: mark("按住的人数，定好每人多少"),
    ShareRule.PER_PERSON: mark("按名单上的人数，定好每人多少"),
    ShareRule.OWN_LIST: mark("按自己的名单"),
}


class Rounding(StrEnum):
    """What amounts of money are whole multiples of."""

    FEN = "fen"
    JIAO = "jiao"
    YUAN = "yuan"

    @property
    def step(self) -> int:
        """In fen."""
        return {Rounding.FEN: 1, Rounding.JIAO: 10, Rounding.YUAN: 100}[self]


ROUNDING_SAYS = {Rounding.FEN: mark("到分"), Rounding.JIAO: mark("到角"), Rounding.YUAN: mark("到元")}


class DistributionState(StrEnum):
    """Computed from facts: is it submitted, is the roll frozen, is its notice effective, has a batch begun, is it closed."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    READY = "ready"
    OPEN = "open"
    CLOSED = "closed"


class Term(NamedTuple):
    """From the first day of the first batch to the last day of the last."""

    from_on: date
    until_on: date


class Distribution(SentOnce, table=True):
    """发放方案: the header. What is given stands in its items, when and where in its batches.

    `version` counts the rolls that were published, 0 for a draft; `settled_version` is the last of them that had taken effect
    when a later one was published, so that the table goes on for the units that a correction leaves alone. `edition` counts
    edits: what was signed of an earlier one does not count. `correction`: why the roll is being corrected. From the freeze on
    `total_fen`, `total_area` (0.01 m²) and `units` say what the roll in force holds.
    """

    at = "/benefits/{row.id}"

    __table_args__ = (
        points_to("decision", "decision_id"),
        points_to("person", "planned_by_id"),
        points_to("person", "submitted_by_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint("(version = 0) = (frozen_at IS NULL) AND settled_version <= version", name="published_is_frozen"),
        CheckConstraint("total_fen >= 0", name="gives_something"),
        Index("ix_distribution_frozen", "compound_id", "frozen_at", "id"),
    )

    year: int
    number: int
    title: str = Field(max_length=60)
    fund: str = Field(default=Fund.PUBLIC_INCOME, max_length=20)
    decision_id: UUID | None = None
    unit_kinds: str = Field(max_length=40)
    planned_by_id: UUID
    planned_at: datetime = Field(default_factory=now)
    edition: int = 1
    submitted_at: datetime | None = None
    submitted_by_id: UUID | None = None
    returned_because: str = Field(default="", max_length=200)
    correction: str = Field(default="", max_length=200)
    frozen_at: datetime | None = None
    record_on: date | None = None
    version: int = 0
    settled_version: int = 0
    total_fen: int = Field(default=0, sa_type=BigInteger)
    total_area: int = Field(default=0, sa_type=BigInteger)
    units: int = 0
    closed_at: datetime | None = None

    @property
    def reference(self) -> str:
        """As it is cited: "2026-3"."""
        return f"{self.year}-{self.number}"

    def account(self, code: Code) -> str:
        """The account that does in its fund what `code` does in the public income."""
        return code_in(Fund(self.fund), code)

    def state(self, effective: bool, from_on: date) -> DistributionState:
        """`from_on`: the first day of its first batch."""
        if self.frozen_at is None:
            return DistributionState.SUBMITTED if self.submitted_at else DistributionState.DRAFT
        if self.closed_at:
            return DistributionState.CLOSED
        if not effective and not self.settled_version:
            return DistributionState.PUBLISHED
        return DistributionState.OPEN if from_on <= today() else DistributionState.READY

    def check_open(self, effective: bool, version: int) -> None:
        """For a line of the roll that was published as `version`. Raises DistributionClosed or NotEffective."""
        if self.closed_at:
            raise DistributionClosed
        if self.frozen_at is None or not (effective or version <= self.settled_version):
            raise NotEffective

    def changed(self) -> None:
        """What is approved of it is void, and it is to be submitted again."""
        self.edition += 1
        self.submitted_at = None

    def submit(self, by_id: UUID) -> None:
        self.submitted_at, self.submitted_by_id, self.returned_because = now(), by_id, ""

    def check_draft(self) -> None:
        """Raises AlreadyPublished."""
        if self.frozen_at:
            raise AlreadyPublished


class Batch(Record, table=True):
    """批次: when and where some of the items are handed out. A simple plan has one, and its name is not shown."""

    __tablename__ = "distribution_batch"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        UniqueConstraint("compound_id", "distribution_id", "position"),
        CheckConstraint("until_on >= from_on", name="ends_after_start"),
    )

    distribution_id: UUID
    position: int
    name: str = Field(default="", max_length=60)
    place: str = Field(max_length=100)
    hours: str = Field(max_length=100)
    bring: str = Field(max_length=100)
    from_on: date
    until_on: date
    numbered: bool = False
    """Whether who comes takes a number (`queue_models`)."""


class Item(Record, table=True):
    """One thing that is given: "米 10 斤", 32 yuan a bag; or money.

    `asked`: what the rule divides or multiplies, in fen of money or in pieces: in all (by_area, equal), for each unit, m² or
    person; 0 where `terms` say it all. `terms`, by rule: `by_kind` {kind: fen or pieces}, `steps` [[least area, pieces], …],
    `persons` and `listed` {unit label: persons, or fen or pieces}, `group` (whom the persons are), `tenants` (do they count).
    From the freeze on `given` + `residue` is what there was to give, and Σ of the roll's lines is `given`.
    """

    __tablename__ = "distribution_item"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("distribution_batch", "batch_id"),
        UniqueConstraint("compound_id", "distribution_id", "position"),
        CheckConstraint("(kind = 'goods') = (unit_price_fen > 0)", name="goods_have_a_price"),
        CheckConstraint("asked >= 0 AND spare >= 0 AND given >= 0 AND residue >= 0", name="not_below_zero"),
    )

    distribution_id: UUID
    batch_id: UUID
    position: int
    kind: str = Field(max_length=10)
    name: str = Field(max_length=100)
    supplier: str = Field(default="", max_length=100)
    unit: str = Field(default="", max_length=10)
    unit_price_fen: int = Field(default=0, sa_type=BigInteger)
    spare: int = 0
    """Pieces bought beyond the roll's sum."""
    rule: str = Field(max_length=20)
    rounding: str = Field(default=Rounding.FEN, max_length=10)
    asked: int = Field(default=0, sa_type=BigInteger)
    terms: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    given: int = Field(default=0, sa_type=BigInteger)
    residue: int = Field(default=0, sa_type=BigInteger)

    @property
    def is_goods(self) -> bool:
        return self.kind == BenefitKind.GOODS

    @property
    def listed(self) -> dict[str, int]:
        """Unit label → persons, fen or pieces, where it goes by a list; empty while there is none."""
        found: dict[str, int] = self.terms.get("persons") or self.terms.get("listed") or {}
        return found

    def worth_fen(self, share: int) -> int:
        """Of what a unit gets: pieces at their price, or the money itself."""
        return share * self.unit_price_fen if self.is_goods else share


class Exclusion(Record, table=True):
    """A unit that is left out of the roll, and why. Its owners see it; everybody sees how many there are."""

    __tablename__ = "distribution_exclusion"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("unit", "unit_id"),
        points_to("person", "excluded_by_id"),
        UniqueConstraint("compound_id", "distribution_id", "unit_id"),
        CheckConstraint("reason <> ''", name="has_a_reason"),
    )

    distribution_id: UUID
    unit_id: UUID
    reason: str = Field(max_length=200)
    excluded_by_id: UUID
    excluded_at: datetime = Field(default_factory=now)


class PlanWriter(Record, table=True):
    """Who wrote to what a plan says after its planner: none of them signs it, nor anybody of their home."""

    __tablename__ = "distribution_writer"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("person", "person_id"),
        UniqueConstraint("compound_id", "distribution_id", "person_id"),
    )

    distribution_id: UUID
    person_id: UUID


class PlanApproval(Record, table=True):
    """批准: who signed which content of a plan and its roll. Counts only while that is what stands there."""

    __tablename__ = "distribution_approval"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("person", "approver_id"),
        UniqueConstraint("compound_id", "distribution_id", "approver_id", "content_hash", name="uq_distribution_approval_once"),
    )

    distribution_id: UUID
    approver_id: UUID
    content_hash: str = Field(max_length=64)
    approved_at: datetime = Field(default_factory=now)
