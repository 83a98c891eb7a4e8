"""How far a plan is handed out, as everybody may see it: counts by building, never a room with what it gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.benefits import policy
from app.benefits.claim_models import ClaimLine
from app.benefits.models import BenefitKind, Distribution
from app.benefits.roll_models import Collected, Entitlement, EntitlementLine
from app.benefits.roll_queries import LIVE, OF_ROLL, UNSIGNED, Stair, in_public, stairs
from app.compounds.crowds import is_crowd
from app.compounds.rules import rule
from app.kit.charts import Share
from app.kit.i18n import _, mark
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotAllowed


@dataclass(frozen=True, slots=True)
class BuildingProgress:
    """Of the units of a building that are due something of a kind: how many have all of it. Entrances of a few units are left
    out of their building and told as one, which has no name.
    """

    building: str
    kind: BenefitKind
    units: int
    claimed: int

    @property
    def share(self) -> Share:
        """Of this building's own units; rounded down, so that 100% is all of them."""
        percent = f"{self.claimed * 100 // self.units}%"
        return Share(percent, percent)


COLLECTED_SAYS = {Collected.ALL: mark("已领"), Collected.PARTLY: mark("领了一部分"), Collected.NOTHING: mark("没领")}


@dataclass(frozen=True, slots=True)
class UnitProgress:
    id: UUID
    label: str
    collected: Collected

    @property
    def said(self) -> str:
        return _(COLLECTED_SAYS[self.collected])


def progress_by_building(session: Session, distribution: Distribution, until: datetime | None = None) -> list[BuildingProgress]:
    """Goods and money apart, each in the roll's order; none of a draft. As it stood at `until`, where that is said."""
    return by_building(stairs(session, distribution, until))


def by_building(stairs: Sequence[Stair]) -> list[BuildingProgress]:
    """None where the homes of the whole roll are too few for a kind by itself."""
    told = in_public(stairs)
    if not all(is_crowd([stair]) for stair in told):
        return []
    buildings: dict[str, list[Stair]] = {}
    for stair in told:
        buildings.setdefault(stair.building, []).append(stair)
    wholes = [Stair.of(name, "", of) for name, of in buildings.items()]
    counts = {BenefitKind.MONEY: attrgetter("money"), BenefitKind.GOODS: attrgetter("goods")}
    return [
        BuildingProgress(whole.building, kind, *counts[kind](whole))
        for kind in BenefitKind
        for whole in wholes
        if counts[kind](whole).units
    ]


_LINES = (
    select(EntitlementLine.id)
    .outerjoin(ClaimLine, LIVE)
    .where(pointing(EntitlementLine, "entitlement_id", Entitlement))
    .correlate(Entitlement)
)


def _unit(row: Row[Any]) -> UnitProgress:
    collected = Collected.ALL if not row.has_unsigned else Collected.PARTLY if row.has_signed else Collected.NOTHING
    return UnitProgress(row.id, row.label, collected)


UNITS = Listing(
    "benefit-units",
    columns(
        Entitlement.id,
        Entitlement.label,
        _LINES.where(UNSIGNED).exists().label("has_unsigned"),
        _LINES.where(~UNSIGNED).exists().label("has_signed"),
    ).where(OF_ROLL),
    col(Entitlement.position),
    col(Entitlement.id),
    _unit,
)


def can_see_units(session: Session, visitor: Visitor) -> bool:
    """Which room has collected: who lives here where the compound's rules say so, and who hands out or checks (DOMAIN §4)."""
    return policy.can_see_roll(visitor) or (visitor.is_resident and bool(rule(session, visitor.compound.id, "gift_units_shown")))


def unit_list(session: Session, visitor: Visitor, distribution: Distribution, asked: Asked) -> Page[UnitProgress]:
    """Which rooms have collected, without amounts, in the roll's order. Raises NotAllowed, BadCursor."""
    if not can_see_units(session, visitor):
        raise NotAllowed
    return UNITS.page(session, asked, compound_id=distribution.compound_id, distribution_id=distribution.id)
