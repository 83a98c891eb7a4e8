"""Shapes at the border: wishes in, reads out."""

from datetime import date
from fractions import Fraction
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.access.schemas import Phone
from app.compounds.models import BodyKind, SeatKind, UnitKind
from app.compounds.rules import RULES
from app.kit.forms import Line, Wish
from app.kit.i18n import mark
from app.kit.tables import clean
from app.roster.people import shares_of


def _plain(value: object) -> object:
    """Full-width digits are ordinary ones."""
    return clean(value) if isinstance(value, str) else value


Telephone = Annotated[Phone, BeforeValidator(_plain)]
Name = Annotated[Line, Field(max_length=60)]
Whole = Annotated[int, BeforeValidator(_plain), Field(ge=0, le=10_000_000)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]


def _share(text: str) -> str:
    shares = shares_of(text)
    if len(shares) != 1 or shares[0] is None or not 0 < shares[0] <= 1:
        raise PydanticCustomError("share", mark("份额请写成 50% 或 1/2。"))
    return str(shares[0])


class PersonWish(Wish):
    name: Name
    phone: Telephone | None = None


class TieWish(Wish):
    """Somebody becomes an owner of the unit, its tenant, or one who lives there. `share` only for owners; absent: jointly."""

    name: Name
    phone: Telephone | None = None
    relation: Literal["owner", "tenant", "resident"]
    share: Annotated[Line, AfterValidator(_share)] | None = None
    from_on: Day

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.share) if self.share else Fraction(1)


class EndWish(Wish):
    """`to_on`: the last day."""

    to_on: Day


class InvitesWish(Wish):
    """`place`: the id of a building or of an entrance, absent for the whole compound."""

    place: UUID | None = None
    whom: Literal["without_account", "all"] = "without_account"


class BodyWish(Wish):
    kind: BodyKind
    name: Name


class SeatWish(Wish):
    """`basis`: by what they hold it (an election's date, a letter's number)."""

    person_id: UUID
    kind: SeatKind
    title: Name
    basis: Annotated[Line, Field(max_length=200)]
    from_on: Day
    to_on: Day | None = None

    @model_validator(mode="after")
    def in_order(self) -> "SeatWish":
        if self.to_on is not None and self.to_on < self.from_on:
            raise PydanticCustomError("ends_first", mark("结束的日期不能早于开始的日期。"))
        return self


class CareWish(Wish):
    """`rooms`: the units a member household looks after, as labels: "3-2-602 3-2-601"."""

    rooms: Annotated[Line, Field(max_length=600)]


def _known_rule(name: str) -> str:
    if name not in RULES:
        raise PydanticCustomError("rule_unknown", mark("请选一项。"))
    return name


class RuleWish(Wish):
    name: Annotated[Line, AfterValidator(_known_rule)]
    value: Whole
    source: Annotated[Line, Field(max_length=200)]
    decided_by: Line
    valid_from_on: Day


class BaselineWish(Wish):
    kind: Annotated[Line, Field(max_length=40)]
    on_date: Day
    value: Whole
    measure: Annotated[Line, Field(max_length=20)]
    source: Annotated[Line, Field(max_length=200)]


class UnitRead(BaseModel):
    """`area` in 0.01 m². Who owns it is not told here."""

    id: UUID
    label: str
    building: str
    entrance: str
    room: str
    kind: UnitKind
    area: int


class SeatRead(BaseModel):
    """`name` is masked for those who are not residents."""

    id: UUID
    kind: SeatKind
    title: str
    name: str
    from_on: date
    to_on: date | None


class BodyRead(BaseModel):
    id: UUID
    kind: BodyKind
    name: str
    seats: list[SeatRead]


class BodiesRead(BaseModel):
    items: list[BodyRead]
