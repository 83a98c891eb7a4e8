"""What a desk without signal takes along, and what there is to see of what it reported."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.benefits import policy
from app.benefits.claim_models import ClaimLine, said_authority
from app.benefits.distribution_queries import batches_of, desks_of, distribution_for, holds_of, items_of
from app.benefits.handover_models import Handover, HandoverLine, Settlement
from app.benefits.models import Distribution
from app.benefits.roll_models import Entitlement, EntitlementLine
from app.benefits.roll_queries import IN_FORCE, lines_of, lines_of_roll
from app.benefits.stock_models import Desk
from app.compounds.models import Ownership, Person
from app.compounds.terms import holds
from app.kit.clock import now
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound


@dataclass(frozen=True, slots=True)
class RollItem:
    id: UUID
    name: str
    from_on: date
    is_money: bool


@dataclass(frozen=True, slots=True)
class RollLine:
    """`item`: its place in the roll's items."""

    item: int
    said: str
    claimed: bool


@dataclass(frozen=True, slots=True)
class RollUnit:
    id: UUID
    label: str
    code: str
    owners: list[str]
    hold: str | None
    lines: list[RollLine]


@dataclass(frozen=True, slots=True)
class OfflineRoll:
    id: UUID
    title: str
    version: int
    taken_at: datetime
    until_on: date
    items: list[RollItem]
    desks: list[Desk]
    units: list[RollUnit]


@dataclass(frozen=True, slots=True)
class HandoverCard:
    """`conflict`: the code of the refusal that a claim would have met; "" where it became the claim."""

    id: UUID
    distribution_id: UUID
    entitlement_id: UUID
    label: str
    desk: str
    way: str
    owner: str
    proxy: str
    relation: str
    authority: str
    authority_note: str
    signature: str
    device_at: datetime
    reported_by_id: UUID
    reporter: str
    reported_at: datetime
    conflict: str
    outcome: str | None
    words: str | None
    settled_at: datetime | None
    settler: str | None

    @property
    def collector(self) -> str:
        return self.proxy or self.owner

    @property
    def said_authority(self) -> str:
        return said_authority(self.authority, self.authority_note)


def roll_to_take(session: Session, distribution: Distribution) -> OfflineRoll:
    """The roll in force with what is claimed of it and whom to ask for, in three statements whatever its length."""
    batches = {batch.id: batch for batch in batches_of(session, distribution)}
    items = items_of(session, distribution)
    places = {item.id: place for place, item in enumerate(items)}
    held = {hold.unit_id: hold.basis for _label, hold in holds_of(session, distribution)}
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    owners: dict[UUID, list[str]] = defaultdict(list)
    for unit_id, name in session.execute(_OWNERS, of_plan):
        owners[unit_id].append(name)
    lines = lines_of_roll(session, distribution)
    units = [
        RollUnit(
            id, label, code, owners.get(unit_id, []), held.get(unit_id),
            [RollLine(places[line.item_id], line.said, line.claim_id is not None) for line in lines[id]],
        )
        for id, unit_id, label, code in session.execute(_UNITS, of_plan)
    ]  # fmt: skip
    return OfflineRoll(
        distribution.id,
        distribution.title,
        distribution.version,
        now(),
        max(batch.until_on for batch in batches.values()),
        [RollItem(item.id, item.name, batches[item.batch_id].from_on, not item.is_goods) for item in items],
        desks_of(session, distribution),
        units,
    )


_OF_PLAN = (
    Entitlement.compound_id == bindparam("compound_id"),
    Entitlement.distribution_id == bindparam("distribution_id"),
    IN_FORCE,
)
_UNITS = (
    columns(Entitlement.id, Entitlement.unit_id, Entitlement.label, Entitlement.code)
    .where(*_OF_PLAN)
    .order_by(col(Entitlement.position))
)
_OWNERS = (
    columns(Entitlement.unit_id, Person.name)
    .select_from(Entitlement)
    .join(
        Ownership,
        (col(Ownership.compound_id) == Entitlement.compound_id) & (col(Ownership.unit_id) == Entitlement.unit_id),
    )
    .join(Person, pointing(Ownership, "person_id", Person))
    .where(*_OF_PLAN, holds(Ownership))
    .order_by(col(Ownership.share).desc(), col(Person.name))
)

_settler = aliased(Person)
_CARDS: Any = (
    columns(
        Handover.id,
        Handover.distribution_id,
        Handover.entitlement_id,
        Entitlement.label,
        col(Desk.name).label("desk"),
        Handover.way,
        Handover.owner,
        Handover.proxy,
        Handover.relation,
        Handover.authority,
        Handover.authority_note,
        Handover.signature,
        Handover.device_at,
        Handover.reported_by_id,
        col(Person.name).label("reporter"),
        Handover.reported_at,
        Handover.conflict,
        Settlement.outcome,
        Settlement.words,
        Settlement.settled_at,
        col(_settler.name).label("settler"),
    )
    .select_from(Handover)
    .join(Entitlement, pointing(Handover, "entitlement_id", Entitlement))
    .join(Desk, pointing(Handover, "desk_id", Desk))
    .join(Person, pointing(Handover, "reported_by_id", Person))
    .outerjoin(Settlement, pointing(Settlement, "handover_id", Handover))
    .outerjoin(_settler, (col(_settler.compound_id) == Settlement.compound_id) & (col(_settler.id) == Settlement.settled_by_id))
)
_card = made_into(HandoverCard, _CARDS)
_ONE = _CARDS.where(Handover.compound_id == bindparam("compound_id"), Handover.id == bindparam("id"))
_CONFLICTS = _CARDS.where(
    Handover.compound_id == bindparam("compound_id"),
    Handover.distribution_id == bindparam("distribution_id"),
    Handover.conflict != "",
).order_by(col(Settlement.settled_at).is_not(None), col(Handover.reported_at), col(Handover.id))


def conflicts_of(session: Session, distribution: Distribution) -> list[HandoverCard]:
    """Those that wait first, in the order of their arrival."""
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    return [_card(row) for row in rows_of(session, _CONFLICTS, of_plan)]


_WAITING = (
    columns(Distribution.id, Distribution.title, func.count())
    .select_from(Handover)
    .join(Distribution, pointing(Handover, "distribution_id", Distribution))
    .outerjoin(Settlement, pointing(Settlement, "handover_id", Handover))
    .where(Handover.compound_id == bindparam("compound_id"), Handover.conflict != "", col(Settlement.id).is_(None))
    .group_by(col(Distribution.id), col(Distribution.title))
    .order_by(col(Distribution.id))
)


def conflicts_waiting(session: Session, actor: Actor) -> list[tuple[UUID, str, int]]:
    """(Plan, its title, how many) of what waits to be settled; for who may settle."""
    if not actor.may(Permission.VOID_CLAIM):
        return []
    return [(id, title, n) for id, title, n in session.execute(_WAITING, {"compound_id": actor.compound.id})]


def handover_card(session: Session, handover: Handover) -> HandoverCard:
    return _card(rows_of(session, _ONE, {"compound_id": handover.compound_id, "id": handover.id}).one())


def handover_for(session: Session, actor: Actor, id: UUID) -> Handover:
    """For who stands at the table and who checks them. Raises NotFound."""
    handover = session.get(Handover, (actor.compound.id, id))
    if handover is None or not policy.can_see_roll(actor):
        raise NotFound
    distribution_for(session, actor, handover.distribution_id)
    return handover


_GONE = (
    select(EntitlementLine)
    .join(HandoverLine, pointing(HandoverLine, "entitlement_line_id", EntitlementLine))
    .where(HandoverLine.compound_id == bindparam("compound_id"), HandoverLine.handover_id == bindparam("handover_id"))
    .order_by(col(EntitlementLine.item_id))
)
_IN_CONFLICT = _GONE.where(
    ~exists().where(
        col(ClaimLine.compound_id) == HandoverLine.compound_id,
        col(ClaimLine.claim_id) == HandoverLine.handover_id,
        col(ClaimLine.entitlement_line_id) == HandoverLine.entitlement_line_id,
    )
)
"""All but what its claim took, which bears the id of the hand-over."""


def lines_in_conflict(session: Session, handover: Handover) -> list[EntitlementLine]:
    """What left the table and became no claim with it, in the order in which stocks are locked."""
    return list(session.scalars(_IN_CONFLICT, {"compound_id": handover.compound_id, "handover_id": handover.id}))


def said_gone(session: Session, handover: Handover) -> list[str]:
    """What left the table, in words: ["大米 1袋", "菜籽油 2桶"]."""
    gone = session.scalars(_GONE, {"compound_id": handover.compound_id, "handover_id": handover.id})
    return _said(session, handover, {line.id for line in gone})


def said_in_conflict(session: Session, handover: Handover) -> list[str]:
    """Those of them that became no claim with it."""
    return _said(session, handover, {line.id for line in lines_in_conflict(session, handover)})


def _said(session: Session, handover: Handover, ids: set[UUID]) -> list[str]:
    lines = lines_of(session, handover.compound_id, [handover.entitlement_id])[handover.entitlement_id]
    return [line.said for line in lines if line.id in ids]


def settlement_of(session: Session, handover: Handover) -> Settlement | None:
    return session.exec(
        select(Settlement).where(Settlement.compound_id == handover.compound_id, Settlement.handover_id == handover.id)
    ).one_or_none()
