"""Shapes at the border of a plan: what is wished for, by programs and by the form, and what is read of it."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise, zip_longest
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.benefits.models import BenefitKind, DistributionState, FundNamesNoDecision, NamesNoDecision, Rounding, ShareRule
from app.compounds.models import UnitKind
from app.kit.forms import Count, Line, Wish
from app.kit.i18n import mark
from app.kit.money import Amount, AmountRead, PositiveMoney, area_of, fen_of
from app.treasury.chart_models import Fund
from app.treasury.fund_charts import GIVING

MOST_BATCHES, MOST_ITEMS, MOST_UNITS, MOST_PERSONS = 12, 20, 10_000, 100

Area = Annotated[
    str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?$", description="m² with at most two decimals.", examples=["90.00"])
]
UnitLabel = Annotated[Line, Field(max_length=60, description="A unit's whole address in its compound.", examples=["3-2-602"])]


class BatchWish(Wish):
    """When and where. The name of a plan's only batch is not shown. `numbered`: who comes takes a number and is called."""

    name: Annotated[Line | None, Field(max_length=60)] = None
    place: Line
    hours: Line
    bring: Line
    from_on: date
    until_on: date
    numbered: bool = False

    @field_validator("from_on", "until_on")
    @classmethod
    def in_reach(cls, day: date) -> date:
        if not 2000 <= day.year <= 2100:
            raise PydanticCustomError("far_day", mark("请核对年份。"))
        return day

    @field_validator("until_on")
    @classmethod
    def not_before_it_begins(cls, day: date, info: ValidationInfo) -> date:
        if day < info.data.get("from_on", day):
            raise PydanticCustomError("ends_first", mark("结束的日子不能早于开始。"))
        return day


class ShareWish(Wish):
    """`amount` of money, or `pieces` of goods: whichever its item gives."""

    amount: Amount | None = None
    pieces: Annotated[Count | None, Field(ge=1)] = None

    def share(self, kind: BenefitKind) -> int:
        """Fen, or pieces; 0 where it says the other."""
        return (self.pieces if kind == BenefitKind.GOODS else self.amount) or 0


class KindShareWish(ShareWish):
    unit_kind: UnitKind


class UnitShareWish(ShareWish):
    unit: UnitLabel


class UnitPersonsWish(Wish):
    unit: UnitLabel
    persons: Annotated[Count, Field(ge=1, le=MOST_PERSONS)]


class AreaStepWish(Wish):
    """From this area on, so many pieces."""

    from_area: Area
    pieces: Count


ONLY_FOR = {ShareRule.BY_AREA_STEPS: BenefitKind.GOODS, ShareRule.PER_SQUARE_METRE: BenefitKind.MONEY}
"""Rules that give only one kind."""
SAYS_EACH = frozenset({ShareRule.BY_UNIT_KIND, ShareRule.BY_AREA_STEPS, ShareRule.OWN_LIST})
"""Rules that say in their own lists how much."""


class Thing(Wish):
    """What a program and a form say alike of one thing that is given."""

    kind: BenefitKind
    rule: ShareRule
    name: Line
    supplier: Line | None = None
    unit: Annotated[Line | None, Field(max_length=10)] = None
    price: Annotated[Amount | None, Field(description="Of one piece of goods.")] = None
    spare: Count = 0
    rounding: Rounding = Rounding.FEN

    def stored(self, asked: int, terms: dict[str, Any]) -> dict[str, Any]:
        """Columns of `Item`, but for its place in the plan."""
        return {
            "kind": self.kind,
            "name": self.name,
            "supplier": self.supplier or "",
            "unit": self.unit or "",
            "unit_price_fen": self.price or 0,
            "spare": self.spare,
            "rule": self.rule,
            "rounding": self.rounding,
            "asked": asked,
            "terms": terms,
        }


class ItemWish(Thing, ShareWish):
    """One thing that is given. `amount` or `pieces`: the whole, or for each unit, m² or person, as the rule says; the rules
    by_unit_kind, by_area_steps and own_list say it in their own lists. `group`: who the persons of per_person are.
    """

    batch: Annotated[int, Field(ge=1, le=MOST_BATCHES, description="Position of its batch.")] = 1
    by_kind: Annotated[list[KindShareWish], Field(max_length=len(UnitKind), default_factory=list)]
    steps: Annotated[list[AreaStepWish], Field(max_length=20, default_factory=list)]
    persons: Annotated[list[UnitPersonsWish], Field(max_length=MOST_UNITS, default_factory=list)]
    listed: Annotated[list[UnitShareWish], Field(max_length=MOST_UNITS, default_factory=list)]
    group: Annotated[Line | None, Field(max_length=60)] = None
    tenants: bool = False

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        goods = self.kind == BenefitKind.GOODS
        if goods != (self.price is not None):
            raise PydanticCustomError("price", mark("发东西要写单价，发钱不写。"))
        if ONLY_FOR.get(self.rule, self.kind) != self.kind:
            raise PydanticCustomError("rule_kind", mark("按面积分档只能发东西，按每平方米只能发钱。"))
        if (self.rule in SAYS_EACH) != (self.share(self.kind) == 0):
            raise PydanticCustomError("how_much", mark("请写明一共多少，或者每份多少。"))
        if self.rule in SAYS_EACH | {ShareRule.PER_PERSON} and not self.terms():
            raise PydanticCustomError("terms_missing", mark("这种分法要有名单或分档。"))
        rows: list[ShareWish] = [*self.by_kind, *self.listed]
        if any(row.share(self.kind) == 0 for row in rows):
            raise PydanticCustomError("how_much", mark("请写明一共多少，或者每份多少。"))
        if any(_twice(keys) for keys in ((row.unit_kind for row in self.by_kind), _units(self.persons), _units(self.listed))):
            raise PydanticCustomError("twice", mark("同一户、同一类只能写一次。"))
        if any(lower >= upper for lower, upper in pairwise(self._areas())):
            raise PydanticCustomError("steps", mark("分档要从小到大。"))
        if self.rule == ShareRule.PER_PERSON and self.group is None:
            raise PydanticCustomError("group_missing", mark("请写明名单上是哪些人，例如：70岁以上老人。"))
        return self

    def terms(self) -> dict[str, Any]:
        """What the rule needs beside `asked`, as it is stored; empty where it is missing."""
        match self.rule:
            case ShareRule.BY_UNIT_KIND if self.by_kind:
                return {"by_kind": {row.unit_kind.value: row.share(self.kind) for row in self.by_kind}}
            case ShareRule.BY_AREA_STEPS if self.steps:
                return {"steps": [[area, step.pieces] for area, step in zip(self._areas(), self.steps, strict=True)]}
            case ShareRule.PER_PERSON if self.persons:
                return {"persons": {row.unit: row.persons for row in self.persons}, "group": self.group}
            case ShareRule.OWN_LIST if self.listed:
                return {"listed": {row.unit: row.share(self.kind) for row in self.listed}}
            case ShareRule.PER_RESIDENT:
                return {"tenants": self.tenants}
        return {}

    def _areas(self) -> list[int]:
        return [area_of(step.from_area) for step in self.steps]

    def columns(self) -> dict[str, Any]:
        """As it is stored, but for its place in the plan."""
        return self.stored(self.share(self.kind), self.terms())


def _units(rows: Iterable[UnitPersonsWish | UnitShareWish]) -> list[str]:
    return [row.unit for row in rows]


def _twice(keys: Iterable[str]) -> bool:
    known = list(keys)
    return len(set(known)) < len(known)


def named_decision(decision_id: UUID | None, rules: Iterable[ShareRule], fund: Fund = Fund.PUBLIC_INCOME) -> UUID | None:
    """Civil Code art. 283: by agreement, otherwise by area; and no grant or donation without one."""
    if decision_id is None and not all(rule.follows_area for rule in rules):
        raise PydanticCustomError("decision_missing", NamesNoDecision.says)
    if decision_id is None and fund != Fund.PUBLIC_INCOME:
        raise PydanticCustomError("decision_missing", FundNamesNoDecision.says)
    return decision_id


def _gives(fund: Fund) -> Fund:
    if fund not in GIVING:
        raise PydanticCustomError("fund", mark("维修资金、物业费、代管的钱各有专用，不能拿来发福利。"))
    return fund


GivingFund = Annotated[Fund, AfterValidator(_gives)]


UnitKinds = Annotated[list[UnitKind], Field(min_length=1, max_length=3, default_factory=lambda: [UnitKind.DWELLING])]


class DistributionWish(Wish):
    """A plan: its batches, and its items in their order, each in one of the batches."""

    title: Annotated[Line, Field(max_length=60)]
    fund: GivingFund = Fund.PUBLIC_INCOME
    unit_kinds: UnitKinds
    batches: Annotated[list[BatchWish], Field(min_length=1, max_length=MOST_BATCHES)]
    items: Annotated[list[ItemWish], Field(min_length=1, max_length=MOST_ITEMS)]
    decision_id: Annotated[UUID | None, Field(validate_default=True)] = None

    @field_validator("batches")
    @classmethod
    def several_have_names(cls, batches: list[BatchWish]) -> list[BatchWish]:
        if len(batches) > 1 and (None in (names := [batch.name for batch in batches]) or len(set(names)) < len(names)):
            raise PydanticCustomError("batch_names", mark("分几批发，每批要有自己的名字。"))
        return batches

    @field_validator("items")
    @classmethod
    def each_batch_gives_something(cls, items: list[ItemWish], info: ValidationInfo) -> list[ItemWish]:
        if "batches" in info.data and {item.batch for item in items} != set(range(1, len(info.data["batches"]) + 1)):
            raise PydanticCustomError("batch_items", mark("每样东西要在某一批里，每一批要有东西。"))
        return items

    @field_validator("decision_id")
    @classmethod
    def names_its_decision(cls, decision_id: UUID | None, info: ValidationInfo) -> UUID | None:
        told = info.data
        return named_decision(decision_id, (item.rule for item in told.get("items", ())), told.get("fund", Fund.PUBLIC_INCOME))


FORM_RULES = (
    ShareRule.FIXED_PER_UNIT,
    ShareRule.EQUAL,
    ShareRule.BY_AREA,
    ShareRule.PER_SQUARE_METRE,
    ShareRule.PER_RESIDENT,
)
"""Those that need no list beside them."""


class PlanForm(BatchWish):
    """A plan of one batch as a form's columns: several things, or money, all by one rule. A row without a name is none."""

    title: Annotated[Line, Field(max_length=60)]
    fund: GivingFund = Fund.PUBLIC_INCOME
    kind: BenefitKind
    rule: ShareRule
    rounding: Rounding = Rounding.FEN
    amount: Annotated[Amount | None, Field(validate_default=True)] = None
    goods: Annotated[list[str], Field(max_length=MOST_ITEMS, default_factory=list)]
    price: Annotated[list[str], Field(max_length=MOST_ITEMS, default_factory=list)]
    pieces: Annotated[list[str], Field(max_length=MOST_ITEMS, default_factory=list, validate_default=True)]
    decision_id: Annotated[UUID | None, Field(validate_default=True)] = None
    unit_kinds: UnitKinds

    @field_validator("rule")
    @classmethod
    def needs_no_list(cls, rule: ShareRule) -> ShareRule:
        if rule not in FORM_RULES:
            raise PydanticCustomError("enum", mark("请选一项。"))
        return rule

    @field_validator("amount")
    @classmethod
    def money_has_a_sum(cls, amount: int | None, info: ValidationInfo) -> int | None:
        if amount is None and info.data.get("kind") == BenefitKind.MONEY:
            raise PydanticCustomError("amount_missing", mark("发钱要写金额。"))
        return amount

    @field_validator("pieces")
    @classmethod
    def goods_are_whole(cls, pieces: list[str], info: ValidationInfo) -> list[str]:
        told = info.data
        if told.get("kind") != BenefitKind.GOODS or "rule" not in told:
            return pieces
        rows = _rows(told.get("goods", []), told.get("price", []), pieces)
        if not rows:
            raise PydanticCustomError("goods_missing", mark("请写明一份里有什么。"))
        for number, row in enumerate(rows, 1):
            try:
                _thing(told["rule"], *row)
            except ValueError as wrong:
                says = mark("第 %(n)s 样没有写对：要写名称、单价（例如 32.00）和几份，按每平方米不能发东西。")
                raise PydanticCustomError("goods_row", says, {"n": number}) from wrong
        return pieces

    @field_validator("decision_id")
    @classmethod
    def names_its_decision(cls, decision_id: UUID | None, info: ValidationInfo) -> UUID | None:
        told = info.data
        return named_decision(decision_id, [told["rule"]] if "rule" in told else [], told.get("fund", Fund.PUBLIC_INCOME))

    def asked(self) -> DistributionWish:
        if self.kind == BenefitKind.GOODS:
            items = [_thing(self.rule, *row) for row in _rows(self.goods, self.price, self.pieces)]
        else:
            money = {"kind": self.kind, "name": self.title, "amount": PositiveMoney.of(self.amount or 0)}
            items = [ItemWish.model_validate({**money, "rule": self.rule, "rounding": self.rounding})]
        return DistributionWish(
            title=self.title,
            fund=self.fund,
            unit_kinds=self.unit_kinds,
            batches=[BatchWish(**{name: getattr(self, name) for name in BatchWish.model_fields})],
            items=items,
            decision_id=self.decision_id,
        )


def _rows(goods: Sequence[str], price: Sequence[str], pieces: Sequence[str]) -> list[tuple[str, str, str]]:
    """Of a table's columns those rows in which something stands."""
    rows = zip_longest(goods, price, pieces, fillvalue="")
    return [row for row in rows if any(cell.strip() for cell in row[:2])]


def _thing(rule: ShareRule, name: str, price: str, pieces: str) -> ItemWish:
    """Raises ValueError, as a ValidationError is one."""
    said = {"kind": BenefitKind.GOODS, "name": name, "price": PositiveMoney.of(fen_of(price)), "rule": rule}
    return ItemWish.model_validate(said | {"pieces": pieces.strip() or 1})


class BatchRead(BaseModel):
    id: UUID
    position: int
    name: str
    place: str
    hours: str
    bring: str
    from_on: date
    until_on: date
    numbered: bool


class ItemRead(BaseModel):
    """`given`, `residue` and `claimed` by value, `pieces` and `pieces_claimed` of goods; all of the roll in force.

    `stock_left`: what stands on the desks; null of money, and for who reads the sums of a day before.
    """

    id: UUID
    batch_id: UUID
    kind: BenefitKind
    name: str
    supplier: str
    unit: str
    price: Annotated[AmountRead | None, Field(validation_alias="price_fen")]
    spare: int
    rule: ShareRule
    rounding: Rounding
    given: Annotated[AmountRead, Field(validation_alias="given_fen")]
    residue: Annotated[AmountRead, Field(validation_alias="residue_fen")]
    claimed: Annotated[AmountRead, Field(validation_alias="claimed_fen")]
    pieces: int | None
    pieces_claimed: int | None
    stock_left: int | None


class DistributionRead(BaseModel):
    """`left`: what is still owed to units that have not collected; it never lapses. `claimed` counts units that have it all.

    `version`: how many times a roll was published, 0 for a draft. `excluded` counts units that are left out with a reason.
    `as_of`: the last day of which its sums tell; null, up to this moment, for who plans, hands out or checks, and once it is
    closed.
    """

    id: UUID
    reference: str
    title: str
    fund: str
    state: DistributionState
    version: int
    decision_id: UUID | None
    record_on: date | None
    as_of: date | None
    total: Annotated[AmountRead, Field(validation_alias="total_fen")]
    left: Annotated[AmountRead, Field(validation_alias="left_fen")]
    units: int
    claimed: int
    excluded: int
    batches: list[BatchRead]
    items: list[ItemRead]


class UnitWish(Wish):
    """A unit, as people write it."""

    unit: UnitLabel


class UnitNoteWish(UnitWish):
    """And why it is left out, or on what basis what it is due is held."""

    why: Annotated[Line, Field(max_length=200)]


class UnitNoteRead(BaseModel):
    unit: str
    why: str


class FundingRead(BaseModel):
    """`holds`: money and stock of the fund; `owed`: published and not collected; `asked`: by other plans that wait. `remains` may
    be below zero, and then it cannot be submitted.
    """

    fund: Fund
    holds: Annotated[AmountRead, Field(validation_alias="holds_fen")]
    owed: Annotated[AmountRead, Field(validation_alias="owed_fen")]
    asked: Annotated[AmountRead, Field(validation_alias="asked_fen")]
    takes: Annotated[AmountRead, Field(validation_alias="takes_fen")]
    remains: Annotated[AmountRead, Field(validation_alias="remains_fen")]


class StandingRead(BaseModel):
    """What an approver signs: `content_hash` binds the plan and the roll that the roster gives now; null where it gives none, and
    `funding` with it.

    `excluded` and `held`: the units that are left out or kept waiting, with the reason that their owners read.
    """

    edition: int
    submitted: bool
    correction: str
    returned_because: str
    content_hash: str | None
    approvals_had: int
    approvals_needed: int
    funding: FundingRead | None
    excluded: list[UnitNoteRead]
    held: list[UnitNoteRead]


class RollCorrectionWish(Wish):
    """Why the published roll is wrong; it is published with the corrected one."""

    reason: Annotated[Line, Field(max_length=200)]
