"""What the versions of a roll said, one after the other: to each unit of itself, to officers what a correction changed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, bindparam
from sqlmodel import Session, col

from app.access.actors import Actor
from app.benefits.gift_queries import DUE, Gift, entitlement_for, gifts_from
from app.benefits.models import Distribution
from app.benefits.roll_models import Entitlement
from app.compounds.models import Ownership
from app.compounds.terms import holds
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns

_OF_UNITS = DUE.where(
    Entitlement.compound_id == bindparam("compound_id"),
    Entitlement.distribution_id == bindparam("distribution_id"),
    col(Entitlement.unit_id).in_(bindparam("units", expanding=True)),
).order_by(col(Entitlement.position), col(Entitlement.version).desc())

_MY_UNITS = (
    columns(Entitlement.unit_id)
    .join(
        Ownership,
        and_(col(Ownership.compound_id) == Entitlement.compound_id, col(Ownership.unit_id) == Entitlement.unit_id),
    )
    .where(
        Entitlement.compound_id == bindparam("compound_id"),
        Entitlement.distribution_id == bindparam("distribution_id"),
        col(Entitlement.version) > 1,
        Ownership.person_id == bindparam("person_id"),
        holds(Ownership),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One unit at one version: what it was due before, None where it was in no roll, and from then on."""

    now: Gift
    before: Gift | None

    @property
    def more_fen(self) -> int:
        return self.now.amount_fen - (self.before.amount_fen if self.before else 0)


def my_turns(session: Session, actor: Actor, distribution: Distribution) -> list[Turn]:
    """Of the units that I own today, what each correction that touched them changed, newest first."""
    given = {"compound_id": actor.compound.id, "distribution_id": distribution.id, "person_id": actor.person_id}
    units = list(session.scalars(_MY_UNITS, given))
    return [turn for turn in _turns(session, distribution, units) if turn.now.version > 1] if units else []


def versions_for(session: Session, actor: Actor, entitlement_id: UUID) -> list[Gift]:
    """Of one unit, the newest first. Raises NotFound unless the actor owns it, or hands out."""
    e = entitlement_for(session, actor, entitlement_id)
    given = {"compound_id": e.compound_id, "distribution_id": e.distribution_id, "units": [e.unit_id]}
    return sorted(gifts_from(session, _OF_UNITS, given), key=lambda gift: -gift.version)


TURNED = Listing(
    "roll-turned",
    columns(Entitlement).where(
        Entitlement.compound_id == bindparam("compound_id"),
        Entitlement.distribution_id == bindparam("distribution_id"),
        Entitlement.version == bindparam("version"),
    ),
    col(Entitlement.position),
    col(Entitlement.id),
    lambda row: row.Entitlement,
)


def turns(session: Session, distribution: Distribution, version: int, asked: Asked) -> Page[Turn]:
    """The officers' list of what a version changed, in the roll's order; of the first, none. Raises BadCursor."""
    if version < 2:
        return Page(items=[])
    page = TURNED.page(session, asked, compound_id=distribution.compound_id, distribution_id=distribution.id, version=version)
    found = {turn.now.id: turn for turn in _turns(session, distribution, [e.unit_id for e in page.items])}
    return Page(items=[found[e.id] for e in page.items], next_cursor=page.next_cursor)


def _turns(session: Session, distribution: Distribution, units: list[UUID]) -> list[Turn]:
    """Every row of these units beside the one that it replaced."""
    given = {"compound_id": distribution.compound_id, "distribution_id": distribution.id, "units": units}
    gifts = sorted(gifts_from(session, _OF_UNITS, given), key=lambda gift: (gift.label, -gift.version))
    before = [*gifts[1:], None]
    return [
        Turn(now, earlier if earlier and earlier.label == now.label else None) for now, earlier in zip(gifts, before, strict=True)
    ]
