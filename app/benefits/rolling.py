"""What the roll would be: the plan's items divided among the units of the roster, in the order of the buildings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from hashlib import sha256
from itertools import compress
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, distinct, func
from sqlmodel import Session, col

from app.benefits import shares
from app.benefits.distribution_queries import exclusions_of, items_of
from app.benefits.models import (
    Distribution,
    Item,
    ListMissing,
    NobodyToGiveTo,
    NothingForSomebody,
    Rounding,
    ShareRule,
    TotalTooLarge,
    UnknownUnits,
)
from app.benefits.roll_queries import Count, Stair
from app.benefits.shares import Shares
from app.compounds.models import Building, Entrance, Residency, Unit
from app.compounds.terms import not_over
from app.kit.clock import today
from app.kit.money import LIMIT
from app.kit.records import columns, pointing, rows_of


class RollUnit(NamedTuple):
    id: UUID
    label: str
    kind: str
    area: int
    building: str
    entrance: str


@dataclass(frozen=True, slots=True)
class Part:
    """One item among the roll's units, in their order. `weights`: what each counts with (0.01 m², persons, 1)."""

    item: Item
    shares: Shares
    weights: Sequence[int]

    def worth_fen(self) -> list[int]:
        fen = self.item.worth_fen(1)
        return [share * fen for share in self.shares.each]


class Due(NamedTuple):
    """One line to be. `share`: fen, or pieces of goods. A district has 100,000 of them, and a tuple is made soonest."""

    item_id: UUID
    position: int
    share: int
    weight: int
    amount_fen: int
    quantity: int


@dataclass(frozen=True)
class Roll:
    """Who would get what now. Units that the plan's terms give nothing are not in it; `worth_fen` is each one's sum."""

    units: list[RollUnit]
    parts: list[Part]
    worth_fen: list[int]

    @property
    def total_fen(self) -> int:
        return sum(self.worth_fen)

    @property
    def total_area(self) -> int:
        return sum(unit.area for unit in self.units)

    @cached_property
    def lines(self) -> list[tuple[RollUnit, int, list[Due]]]:
        """Each unit with the value and the lines of what it is due."""
        columns = [self._dues(part) for part in self.parts]
        return [
            (unit, fen, [due for due in dues if due.share])
            for unit, fen, *dues in zip(self.units, self.worth_fen, *columns, strict=True)
        ]

    @staticmethod
    def _dues(part: Part) -> list[Due]:
        id, position, fen, goods = part.item.id, part.item.position, part.item.worth_fen(1), part.item.is_goods
        return [
            Due(id, position, share, weight, share * fen, share if goods else 0)
            for share, weight in zip(part.shares.each, part.weights, strict=True)
        ]

    @cached_property
    def sha256(self) -> str:
        """What is approved, and what stands in the log as a commitment: of a line of text for each unit, in the roll's order,
        with its address, its area, and place:share of each item that it gets.
        """
        said = [
            "\t".join([unit.label, str(unit.area), *[f"{due.position}:{due.share}" for due in lines]])
            for unit, _fen, lines in self.lines
        ]
        return sha256("\n".join(said).encode()).hexdigest()

    @cached_property
    def stairs(self) -> list[Stair]:
        """By entrance, in its order."""
        goods, money = self._due(goods=True), self._due(goods=False)
        found: dict[tuple[str, str], list[int]] = {}
        for unit, *one in zip(self.units, self.worth_fen, goods, money, strict=True):
            sums = found.setdefault((unit.building, unit.entrance), [0, 0, 0, 0])
            for n, more in enumerate((1, *one)):
                sums[n] += more
        return [
            Stair(*place, units, fen, 0, Count(of_goods, 0), Count(of_money, 0))
            for place, (units, fen, of_goods, of_money) in found.items()
        ]

    def _due(self, *, goods: bool) -> list[bool]:
        """Unit by unit: whether it gets something of the kind."""
        of_kind = [part.shares.each for part in self.parts if part.item.is_goods == goods]
        return [any(shares) for shares in zip(*of_kind, strict=True)] if of_kind else [False] * len(self.units)


def roll_now(session: Session, distribution: Distribution) -> Roll:
    """As it would be frozen now; of a published plan on its record date, as the roster says today.

    Raises NobodyToGiveTo, NothingForSomebody, ListMissing, UnknownUnits, TotalTooLarge.
    """
    excluded = {exclusion.unit_id: label for label, exclusion in exclusions_of(session, distribution)}
    units = [unit for unit in units_in_order(session, distribution) if unit.id not in excluded]
    if not units:
        raise NobodyToGiveTo
    on = distribution.record_on or today()
    left_out = set(excluded.values())
    parts = [_part(session, distribution, item, units, left_out, on) for item in items_of(session, distribution)]
    worth = [sum(fen) for fen in zip(*(part.worth_fen() for part in parts), strict=True)]
    roll = Roll(units, parts, worth)
    if 0 in worth:
        roll = Roll(
            [*compress(units, worth)],
            [
                Part(p.item, p.shares._replace(each=[*compress(p.shares.each, worth)]), [*compress(p.weights, worth)])
                for p in parts
            ],
            [*filter(None, worth)],
        )
    if not roll.units:
        raise NobodyToGiveTo
    if roll.total_fen >= LIMIT:
        raise TotalTooLarge
    return roll


_UNITS = (
    columns(
        Unit.id,
        Unit.label,
        Unit.kind,
        Unit.area,
        col(Building.name).label("building"),
        col(Entrance.name).label("entrance"),
        col(Building.position).label("building_position"),
        col(Entrance.position).label("entrance_position"),
        Unit.room,
    )
    .join(Entrance, pointing(Unit, "entrance_id", Entrance))
    .join(Building, pointing(Entrance, "building_id", Building))
    .where(Unit.compound_id == bindparam("compound_id"), col(Unit.kind).in_(bindparam("kinds", expanding=True)))
)


def units_in_order(session: Session, distribution: Distribution) -> list[RollUnit]:
    asked = {"compound_id": distribution.compound_id, "kinds": distribution.unit_kinds.split()}
    rows = rows_of(session, _UNITS, asked).all()
    rank = cache(_natural)  # the same few names and rooms in every building

    def place(row: Any) -> tuple[Any, ...]:
        _id, _label, _kind, _area, building, entrance, building_position, entrance_position, room = row
        return building_position, rank(building), entrance_position, rank(entrance), rank(room)

    return [RollUnit._make(row[:6]) for row in sorted(rows, key=place)]


def _natural(text: str) -> list[tuple[int, str]]:
    """10栋 after 9栋."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.findall(r"[0-9]{1,9}|[^0-9]+", text)]


def _part(session: Session, distribution: Distribution, item: Item, units: list[RollUnit], left_out: set[str], on: date) -> Part:
    rule, asked = ShareRule(item.rule), item.asked
    if rule.by_list and not item.listed:
        raise ListMissing(item=item.name)
    step = 1 if item.is_goods else Rounding(item.rounding).step
    areas, labels = [unit.area for unit in units], [unit.label for unit in units]
    ones = [1] * len(units)
    if unknown := set(item.listed).difference(labels, left_out):
        raise UnknownUnits(units="、".join(sorted(unknown)[:5]))
    if rule.follows_area and not any(areas):
        raise NothingForSomebody(n=len(units))
    match rule:
        case ShareRule.BY_AREA:
            part = Part(item, shares.by_area(asked, areas, step=step), areas)
        case ShareRule.PER_SQUARE_METRE:
            part = Part(item, shares.per_square_metre(asked, areas, step=step), areas)
        case ShareRule.EQUAL:
            part = Part(item, shares.equally(asked, len(units), step=step), ones)
        case ShareRule.FIXED_PER_UNIT:
            part = Part(item, shares.fixed(asked, len(units)), ones)
        case ShareRule.BY_UNIT_KIND:
            part = Part(item, shares.fixed_by_group(item.terms["by_kind"], [unit.kind for unit in units]), ones)
        case ShareRule.BY_AREA_STEPS:
            part = Part(item, shares.pieces_by_area([(area, n) for area, n in item.terms["steps"]], areas), areas)
        case ShareRule.PER_RESIDENT:
            living = _residents(session, distribution, on, tenants=item.terms["tenants"])
            persons = [living.get(unit.id, 0) for unit in units]
            part = Part(item, shares.per_person(asked, persons), persons)
        case ShareRule.PER_PERSON:
            persons = [item.listed.get(label, 0) for label in labels]
            part = Part(item, shares.per_person(asked, persons), persons)
        case ShareRule.OWN_LIST:
            part = Part(item, shares.fixed_by_group(item.listed, labels), ones)
    if rule.gives_to_all and (nothing := part.shares.each.count(0)):
        raise NothingForSomebody(n=nothing)
    return part


_RESIDENTS = (
    columns(Residency.unit_id, func.count(distinct(col(Residency.person_id))).label("persons"))
    .where(
        Residency.compound_id == bindparam("compound_id"),
        and_(col(Residency.from_on) <= bindparam("on"), not_over(Residency, bindparam("on"))),
        col(Residency.tenant) <= bindparam("tenants"),
    )
    .group_by(col(Residency.unit_id))
)


def _residents(session: Session, distribution: Distribution, on: date, *, tenants: bool) -> dict[UUID, int]:
    """Unit → how many lived in it on that day."""
    asked = {"compound_id": distribution.compound_id, "on": on, "tenants": tenants}
    return dict(tuple(row) for row in rows_of(session, _RESIDENTS, asked))
