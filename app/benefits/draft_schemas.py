"""Shapes at the border of one part of a draft, as the forms of its page send it. A program sends the plan as a whole."""

from itertools import pairwise, zip_longest
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.benefits.models import BenefitKind, Item, ShareRule
from app.benefits.plan_schemas import (
    MOST_PERSONS,
    MOST_UNITS,
    ONLY_FOR,
    SAYS_EACH,
    GivingFund,
    Thing,
    UnitKinds,
    UnitShareWish,
    named_decision,
)
from app.compounds.models import UnitKind
from app.kit.forms import Count, Line, Wish, unwidened
from app.kit.i18n import _, mark
from app.kit.money import Amount, AmountRead, AreaRead, area_of, fen_of
from app.kit.refusals import Malformed
from app.treasury.chart_models import Fund

STEPS = 6
"""Rows for steps of area on the form."""


class HeadWish(Wish):
    """What stands over the items: for whom, from which fund, by whose decision."""

    title: Annotated[Line, Field(max_length=60)]
    fund: GivingFund = Fund.PUBLIC_INCOME
    unit_kinds: UnitKinds
    decision_id: UUID | None = None


class ItemForm(Thing):
    """One thing that is given: the fields that its kind and its rule need. A list of units comes after it, on its own page.

    `by_kind`: for each `UnitKind` in its order; `areas` and `steps`: from which m² on how many pieces.
    """

    batch_id: UUID
    price: Annotated[Amount | None, Field(validate_default=True)] = None
    amount: Annotated[Amount | None, Field(validate_default=True)] = None
    pieces: Annotated[Count | None, Field(ge=1, validate_default=True)] = None
    by_kind: Annotated[list[str], Field(max_length=len(UnitKind), default_factory=list, validate_default=True)]
    areas: Annotated[list[str], Field(max_length=STEPS, default_factory=list)]
    steps: Annotated[list[str], Field(max_length=STEPS, default_factory=list, validate_default=True)]
    group: Annotated[Line | None, Field(max_length=60, validate_default=True)] = None
    tenants: bool = False
    decision_id: Annotated[UUID | None, Field(validate_default=True)] = None

    @field_validator("rule")
    @classmethod
    def fits_its_kind(cls, rule: ShareRule, info: ValidationInfo) -> ShareRule:
        kind = info.data.get("kind")
        if ONLY_FOR.get(rule, kind) != kind:
            raise PydanticCustomError("rule_kind", mark("按面积分档只能发东西，按每平方米只能发钱。"))
        return rule

    @field_validator("price")
    @classmethod
    def goods_have_a_price(cls, price: int | None, info: ValidationInfo) -> int | None:
        if info.data.get("kind") != BenefitKind.GOODS:
            return None
        if price is None:
            raise PydanticCustomError("price_missing", mark("请写单价，例如 32.00。"))
        return price

    @field_validator("amount", "pieces")
    @classmethod
    def says_how_much(cls, much: int | None, info: ValidationInfo) -> int | None:
        """`amount` of money, `pieces` of goods, unless the rule says it elsewhere."""
        asks = BenefitKind.MONEY if info.field_name == "amount" else BenefitKind.GOODS
        if info.data.get("kind") != asks or info.data.get("rule") in SAYS_EACH:
            return None
        if much is None:
            raise PydanticCustomError("how_much", mark("请写明一共多少，或者每份多少。"))
        return much

    @field_validator("by_kind")
    @classmethod
    def says_each_kind(cls, cells: list[str], info: ValidationInfo) -> list[str]:
        if info.data.get("rule") == ShareRule.BY_UNIT_KIND and not any(
            _much(info.data["kind"], cell) for cell in cells if "kind" in info.data
        ):
            raise PydanticCustomError("by_kind_missing", mark("至少要写一类，例如住宅每户多少。"))
        return cells

    @field_validator("steps")
    @classmethod
    def steps_rise(cls, cells: list[str], info: ValidationInfo) -> list[str]:
        if info.data.get("rule") != ShareRule.BY_AREA_STEPS:
            return cells
        steps = _steps(info.data.get("areas", []), cells)
        if not any(pieces for _area, pieces in steps):
            raise PydanticCustomError("steps_missing", mark("至少要写一档，例如 0 平方米起 1 份。"))
        if any(lower >= upper for (lower, _p), (upper, _q) in pairwise(steps)):
            raise PydanticCustomError("steps", mark("分档要从小到大。"))
        return cells

    @field_validator("group")
    @classmethod
    def names_its_group(cls, group: str | None, info: ValidationInfo) -> str | None:
        if group is None and info.data.get("rule") == ShareRule.PER_PERSON:
            raise PydanticCustomError("group_missing", mark("请写明名单上是哪些人，例如：70岁以上老人。"))
        return group

    @field_validator("decision_id")
    @classmethod
    def names_its_decision(cls, decision_id: UUID | None, info: ValidationInfo) -> UUID | None:
        return named_decision(decision_id, [info.data["rule"]] if "rule" in info.data else [])

    def columns(self) -> dict[str, Any]:
        """As it is stored, but for its place in the plan and the list it may have."""
        return self.stored(self.amount or self.pieces or 0, self._terms())

    def _terms(self) -> dict[str, Any]:
        match self.rule:
            case ShareRule.BY_UNIT_KIND:
                told = {kind.value: _much(self.kind, cell) for kind, cell in zip(UnitKind, self.by_kind, strict=False)}
                return {"by_kind": {kind: much for kind, much in told.items() if much}}
            case ShareRule.BY_AREA_STEPS:
                return {"steps": [[area, pieces] for area, pieces in _steps(self.areas, self.steps)]}
            case ShareRule.PER_PERSON:
                return {"group": self.group}
            case ShareRule.PER_RESIDENT:
                return {"tenants": self.tenants}
        return {}


class ListRowWish(UnitShareWish):
    """`persons` of per_person; else `amount` or `pieces`, as its item gives."""

    persons: Annotated[Count | None, Field(ge=1, le=MOST_PERSONS)] = None


class ListWish(Wish):
    """Every unit that its item is for, once."""

    rows: Annotated[list[ListRowWish], Field(min_length=1, max_length=MOST_UNITS)]

    def listed(self, item: Item) -> dict[str, int]:
        """Raises Malformed where a row says something else than the item gives, or a unit stands twice."""
        kind, persons = BenefitKind(item.kind), item.rule == ShareRule.PER_PERSON
        said = {row.unit: (row.persons or 0) if persons else row.share(kind) for row in self.rows}
        if len(said) < len(self.rows):
            raise Malformed((("/body/rows", "twice", _("同一户、同一类只能写一次。")),))
        if not all(said.values()):
            raise Malformed((("/body/rows", "how_much", _("请写明一共多少，或者每份多少。")),))
        return said


class ShareRead(BaseModel):
    """`arithmetic`: as its owners can redo it. `quantity` is 0 of money."""

    item_id: UUID
    name: str
    amount: Annotated[AmountRead, Field(validation_alias="amount_fen")]
    quantity: int
    weight: int
    arithmetic: str


class PreviewRead(BaseModel):
    label: str
    area: AreaRead
    total: Annotated[AmountRead, Field(validation_alias="total_fen")]
    lines: list[ShareRead]


class ListForm(Wish):
    """A list as text, a unit to a line and behind it how much or how many."""

    typed: Annotated[str, Field(max_length=400_000)] = ""


def _much(kind: BenefitKind, cell: str) -> int:
    """Fen or pieces, 0 of an empty cell. Raises ValueError, whose words are for people."""
    if not cell.strip():
        return 0
    if kind == BenefitKind.MONEY:
        fen = fen_of(cell)
        if fen < 0:
            raise PydanticCustomError("below_zero", mark("不能是负数。"))
        return fen
    return _pieces(cell)


def _pieces(cell: str) -> int:
    plain = unwidened(cell)
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 7):
        raise PydanticCustomError("int_parsing", mark("请填一个整数。"))
    return int(plain)


def _steps(areas: list[str], pieces: list[str]) -> list[tuple[int, int]]:
    """(From 0.01 m², pieces) of the rows in which something stands. Raises ValueError."""
    rows = zip_longest(areas, pieces, fillvalue="")
    return [(area_of(area or "0"), _pieces(n or "0")) for area, n in rows if area.strip() or n.strip()]
