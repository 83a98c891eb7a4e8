"""Shapes at the border."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.benefits.models import SIGNATURE_BYTES, BenefitKind, ClaimWay, DistributionState, ShareRule
from app.compounds.models import UnitKind
from app.kit.forms import Count, Line, Wish
from app.kit.i18n import mark
from app.kit.money import Amount, AmountRead, AreaRead

Strokes = Annotated[
    str, StringConstraints(max_length=SIGNATURE_BYTES, pattern=r"^(M[0-9]{1,4} [0-9]{1,4}(L[0-9]{1,4} [0-9]{1,4})*)+$")
]
"""A signature as an SVG path of moves and lines in a field of 1000 × 400; nothing else can be in it."""


class DistributionWish(Wish):
    """`amount`: the whole sum, or what each unit gets when the rule is fixed_per_unit."""

    title: Annotated[Line, Field(max_length=60)]
    kind: BenefitKind
    goods: Annotated[Line | None, Field(validate_default=True)] = None
    rule: ShareRule
    amount: Amount
    decision_id: Annotated[UUID | None, Field(validate_default=True)] = None
    unit_kinds: Annotated[list[UnitKind], Field(min_length=1, max_length=3, default_factory=lambda: [UnitKind.DWELLING])]
    place: Line
    hours: Line
    bring: Line
    from_on: date
    until_on: date

    @field_validator("goods")
    @classmethod
    def goods_have_a_name(cls, goods: str | None, info: ValidationInfo) -> str | None:
        if goods is None and info.data.get("kind") == BenefitKind.GOODS:
            raise PydanticCustomError("goods_missing", mark("请写明一份里有什么。"))
        return goods

    @field_validator("decision_id")
    @classmethod
    def names_its_decision(cls, decision_id: UUID | None, info: ValidationInfo) -> UUID | None:
        """Civil Code art. 283: by agreement, otherwise by area."""
        if decision_id is None and info.data.get("rule", ShareRule.BY_AREA) != ShareRule.BY_AREA:
            raise PydanticCustomError("decision_missing", mark("不按面积分，要有业主的决议。请选决议。"))
        return decision_id

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


class DeliveryWish(Wish):
    quantity: Annotated[Count, Field(ge=1)]


class ClaimWish(Wish):
    """`owner_id`: the co-owner it is for. `proxy_name` and `proxy_relation`: who came instead, both or neither."""

    way: ClaimWay
    owner_id: UUID | None = None
    proxy_name: Annotated[Line | None, Field(max_length=60)] = None
    proxy_relation: Annotated[Line | None, Field(max_length=30, validate_default=True)] = None
    signature: Annotated[Strokes | None, Field(validate_default=True)] = None
    ticked: Annotated[bool, Field(validate_default=True)] = False

    @field_validator("proxy_relation")
    @classmethod
    def proxy_is_whole(cls, relation: str | None, info: ValidationInfo) -> str | None:
        if "proxy_name" in info.data and (relation is None) != (info.data["proxy_name"] is None):
            raise PydanticCustomError("proxy_half", mark("代领人的姓名和关系，两样都要写。"))
        return relation

    @field_validator("signature")
    @classmethod
    def signed_if_so(cls, signature: str | None, info: ValidationInfo) -> str | None:
        """Strokes that were drawn before another way was chosen are dropped."""
        if info.data.get("way") != ClaimWay.SIGNATURE:
            return None
        if signature is None:
            raise PydanticCustomError("not_signed", mark("请在框里签名，或者换一种办法。"))
        return signature

    @field_validator("ticked")
    @classmethod
    def ticked_if_so(cls, ticked: bool, info: ValidationInfo) -> bool:
        if info.data.get("way") == ClaimWay.TICK_WITH_WITNESS and not ticked:
            raise PydanticCustomError("not_ticked", mark("请打勾，确认东西已经交到手里。"))
        return ticked


class VoidWish(Wish):
    reason: Annotated[Line, Field(max_length=200)]


class DistributionRead(BaseModel):
    """`left`: what is still owed to units that have not collected; it never lapses."""

    id: UUID
    reference: str
    title: str
    kind: BenefitKind
    goods: str
    rule: ShareRule
    state: DistributionState
    decision_id: UUID | None
    place: str
    hours: str
    bring: str
    from_on: date
    until_on: date
    record_on: date | None
    total: Annotated[AmountRead, Field(validation_alias="total_fen")]
    left: Annotated[AmountRead, Field(validation_alias="left_fen")]
    units: int
    claimed: int
    stock_left: int | None


class EntitlementRead(BaseModel):
    """`code`: what its owners show or read aloud at the table; it finds the line and opens nothing."""

    id: UUID
    distribution_id: UUID
    title: str
    label: str
    area: AreaRead
    amount: Annotated[AmountRead, Field(validation_alias="amount_fen")]
    quantity: int
    code: str
    claim_id: UUID | None
    claimed_at: datetime | None


class EntitlementList(BaseModel):
    items: list[EntitlementRead]


class DeliveryRead(BaseModel):
    id: UUID
    distribution_id: UUID
    quantity: int
    counted_at: datetime


class ClaimRead(BaseModel):
    id: UUID
    entitlement_id: UUID
    number: int
    way: ClaimWay
    collector: str
    relation: str
    made_at: datetime
    photo_id: UUID | None
    voided_at: datetime | None
    void_reason: str
