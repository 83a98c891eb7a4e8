"""What there is to see. Anyone sees building and entrance with totals; a room with its amount only its owners and the table."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, or_
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.benefits import policy, shares
from app.benefits.models import (
    BenefitKind,
    Claim,
    Distribution,
    DistributionState,
    Entitlement,
    NobodyToGiveTo,
    NothingForSomebody,
    ShareRule,
    Stock,
    TotalTooLarge,
)
from app.compounds.models import Building, Entrance, Ownership, Person, Residency, Unit
from app.compounds.terms import holds
from app.kit.i18n import _
from app.kit.money import LIMIT
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound
from app.notices.queries import is_effective, is_effective_to_act

FOUND_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class DistributionCard:
    """`left_fen`: still owed to units that have not collected. `stock_left` is None when the gift is money."""

    id: UUID
    reference: str
    title: str
    kind: str
    goods: str
    rule: str
    state: DistributionState
    decision_id: UUID | None
    place: str
    hours: str
    bring: str
    from_on: date
    until_on: date
    record_on: date | None
    total_fen: int
    left_fen: int
    units: int
    claimed: int
    stock_left: int | None

    @property
    def left(self) -> int:
        return self.units - self.claimed


@dataclass(frozen=True, slots=True)
class Gift:
    """An entitlement as its unit's owners see it."""

    id: UUID
    distribution_id: UUID
    title: str
    kind: str
    goods: str
    state: DistributionState
    place: str
    hours: str
    from_on: date
    until_on: date
    label: str
    area: int
    amount_fen: int
    quantity: int
    code: str
    claim_id: UUID | None
    claimed_at: datetime | None
    claim_number: int | None
    collector: str | None
    relation: str | None

    @property
    def spoken_code(self) -> str:
        """In two groups, as one reads it aloud."""
        return f"{self.code[:4]} {self.code[4:]}"


@dataclass(frozen=True, slots=True)
class RollLine:
    unit_id: UUID
    label: str
    building: str
    entrance: str
    area: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Roll:
    """Who would get what now; `total_fen` is the exact sum of the lines."""

    lines: list[RollLine]
    total_fen: int
    total_area: int


@dataclass(frozen=True, slots=True)
class Stair:
    """One entrance of the roll, as anyone may see it. `claimed` counts collected units."""

    building: str
    entrance: str
    units: int
    total_fen: int
    claimed: int


@dataclass(frozen=True, slots=True)
class RollRow:
    """One line of the officers' list."""

    id: UUID
    position: int
    label: str
    building: str
    amount_fen: int
    quantity: int
    claim_id: UUID | None
    number: int | None
    collector: str | None
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for this person, for the first page. `path` is inside the compound."""

    title: str
    sub: str
    path: str
    until_on: date | None


_live = and_(pointing(Claim, "entitlement_id", Entitlement), col(Claim.voided_at).is_(None))


# ---------------------------------------------------------------- distributions

PUBLISHED = Listing(
    "distributions",
    columns(Distribution).where(Distribution.compound_id == bindparam("compound_id"), col(Distribution.frozen_at).is_not(None)),
    col(Distribution.frozen_at),
    col(Distribution.id),
    lambda row: row.Distribution,
    newest_first=True,
)


def distributions(session: Session, visitor: Visitor, asked: Asked) -> Page[DistributionCard]:
    """Published plans, newest first. Raises BadCursor."""
    page = PUBLISHED.page(session, asked, compound_id=visitor.compound.id)
    return Page(items=[card_of(session, d) for d in page.items], next_cursor=page.next_cursor)


def drafts(session: Session, actor: Visitor) -> list[Distribution]:
    if not policy.can_plan(actor):
        return []
    return list(
        session.exec(
            select(Distribution)
            .where(Distribution.compound_id == actor.compound.id, col(Distribution.frozen_at).is_(None))
            .order_by(col(Distribution.planned_at).desc())
            .limit(20)
        )
    )


def distribution_for(session: Session, visitor: Visitor, id: UUID) -> Distribution:
    """A draft is there for its planners only. Raises NotFound for absent and foreign alike."""
    distribution = session.get(Distribution, (visitor.compound.id, id))
    if distribution is None or (distribution.frozen_at is None and not policy.can_plan(visitor)):
        raise NotFound
    return distribution


def distribution_to_change(session: Session, visitor: Visitor, id: UUID) -> Distribution:
    """With its row locked: first in the lock order. Raises NotFound."""
    locked = session.get(Distribution, (visitor.compound.id, id), with_for_update=True, populate_existing=True)
    return distribution_for(session, visitor, locked.id if locked else id)


def effective(session: Session, distribution: Distribution) -> bool:
    return distribution.frozen_at is not None and is_effective(session, distribution.compound_id, distribution.id)


def effective_to_act(session: Session, distribution: Distribution) -> bool:
    """For who hands something out: an objection made at the closing instant is waited for."""
    return distribution.frozen_at is not None and is_effective_to_act(session, distribution.compound_id, distribution.id)


def state_of(session: Session, distribution: Distribution) -> DistributionState:
    return distribution.state(effective(session, distribution))


_PROGRESS = (
    columns(
        func.count(col(Claim.id)), func.coalesce(func.sum(case((col(Claim.id).is_(None), Entitlement.amount_fen), else_=0)), 0)
    )
    .select_from(Entitlement)
    .outerjoin(Claim, _live)
    .where(Entitlement.compound_id == bindparam("compound_id"), Entitlement.distribution_id == bindparam("distribution_id"))
)


def card_of(session: Session, d: Distribution) -> DistributionCard:
    claimed, left_fen = session.execute(_PROGRESS, {"compound_id": d.compound_id, "distribution_id": d.id}).one()
    stock = stock_of(session, d) if d.kind == BenefitKind.GOODS else None
    return DistributionCard(
        d.id, d.reference, d.title, d.kind, d.goods, d.rule, state_of(session, d), d.decision_id, d.place, d.hours, d.bring,
        d.from_on, d.until_on, d.record_on, d.total_fen, int(left_fen), d.units, claimed,
        stock.received - stock.handed if stock else None,
    )  # fmt: skip


def stock_of(session: Session, distribution: Distribution) -> Stock | None:
    return session.exec(
        select(Stock)
        .where(Stock.compound_id == distribution.compound_id, Stock.distribution_id == distribution.id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def roll_now(session: Session, distribution: Distribution) -> Roll:
    """The roll as it would be frozen now, in the order of the buildings. Raises NobodyToGiveTo, NothingForSomebody,
    TotalTooLarge."""
    units = rows_of(
        session,
        columns(
            Unit.id,
            Unit.label,
            Unit.area,
            col(Building.name).label("building"),
            col(Entrance.name).label("entrance"),
            col(Building.position).label("building_position"),
            col(Entrance.position).label("entrance_position"),
        )
        .join(Entrance, pointing(Unit, "entrance_id", Entrance))
        .join(Building, pointing(Entrance, "building_id", Building))
        .where(Unit.compound_id == distribution.compound_id, col(Unit.kind).in_(distribution.unit_kinds.split())),
        {},
    ).all()
    if not units:
        raise NobodyToGiveTo
    rank = {building: _natural(building) for building in {unit.building for unit in units}}
    ordered = sorted(units, key=lambda u: (u.building_position, rank[u.building], u.entrance_position, _natural(u.label)))
    areas = [unit.area for unit in ordered]
    match distribution.rule:
        case ShareRule.BY_AREA if any(areas):
            divided = shares.by_area(distribution.asked_fen, areas)
        case ShareRule.BY_AREA:
            raise NothingForSomebody(n=len(areas))
        case ShareRule.EQUAL:
            divided = shares.equally(distribution.asked_fen, len(areas))
        case _:
            divided = shares.fixed(distribution.asked_fen, len(areas))
    if nothing := divided.each.count(0):
        raise NothingForSomebody(n=nothing)
    if divided.total >= LIMIT:
        raise TotalTooLarge
    lines = [
        RollLine(unit.id, unit.label, unit.building, unit.entrance, unit.area, fen)
        for unit, fen in zip(ordered, divided.each, strict=True)
    ]
    return Roll(lines, divided.total, sum(areas))


def _natural(text: str) -> list[tuple[int, str]]:
    """10栋 after 9栋."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.findall(r"[0-9]{1,9}|[^0-9]+", text)]


def stairs_of_roll(roll: Roll) -> list[Stair]:
    """The draft's roll by entrance, in its order."""
    found: dict[tuple[str, str], list[int]] = {}
    for line in roll.lines:
        found.setdefault((line.building, line.entrance), []).append(line.amount_fen)
    return [Stair(building, entrance, len(fen), sum(fen), 0) for (building, entrance), fen in found.items()]


def stairs(session: Session, distribution: Distribution) -> list[Stair]:
    """The frozen roll by entrance, with how many have collected."""
    rows = session.execute(
        columns(
            Entitlement.building,
            Entitlement.entrance,
            func.count(col(Entitlement.id)),
            func.sum(Entitlement.amount_fen),
            func.count(col(Claim.id)),
        )
        .select_from(Entitlement)
        .outerjoin(Claim, _live)
        .where(Entitlement.compound_id == distribution.compound_id, Entitlement.distribution_id == distribution.id)
        .group_by(col(Entitlement.building), col(Entitlement.entrance))
        .order_by(func.min(Entitlement.position))
    )
    return [Stair(building, entrance, units, int(fen), claimed) for building, entrance, units, fen, claimed in rows]


# ---------------------------------------------------------------- mine

_mine_now = and_(
    col(Ownership.compound_id) == Entitlement.compound_id,
    col(Ownership.unit_id) == Entitlement.unit_id,
    holds(Ownership),
)

_GIFTS = (
    columns(Entitlement, Distribution, Claim)
    .join(Distribution, pointing(Entitlement, "distribution_id", Distribution))
    .join(Ownership, _mine_now)
    .outerjoin(Claim, _live)
    .where(Ownership.compound_id == bindparam("compound_id"), Ownership.person_id == bindparam("person_id"))
    .order_by(col(Distribution.frozen_at).desc(), col(Entitlement.position))
    .limit(100)
)


def my_gifts(session: Session, actor: Actor, distribution_id: UUID | None = None) -> list[Gift]:
    """What the units that I own (or co-own) today are due and have had, newest plan first. A tenant has none."""
    statement = _GIFTS if distribution_id is None else _GIFTS.where(Distribution.id == distribution_id)
    given = {"compound_id": actor.compound.id, "person_id": actor.person_id}
    found: dict[UUID, Gift] = {}
    states: dict[UUID, DistributionState] = {}
    for e, d, claim in session.execute(statement, given):
        if d.id not in states:
            states[d.id] = state_of(session, d)
        found[e.id] = _gift(e, d, states[d.id], claim)
    return list(found.values())


def gift_for(session: Session, actor: Actor, entitlement_id: UUID) -> Gift:
    """Raises NotFound unless the actor owns the unit, or stands at the table."""
    e = entitlement_for(session, actor, entitlement_id)
    d = session.get_one(Distribution, (e.compound_id, e.distribution_id))
    return _gift(e, d, state_of(session, d), live_claim(session, e))


def entitlement_for(session: Session, actor: Actor, id: UUID) -> Entitlement:
    """Raises NotFound unless the actor owns the unit, or stands at the table."""
    entitlement = session.get(Entitlement, (actor.compound.id, id))
    if entitlement is None or not (policy.can_see_roll(actor) or owns(session, actor.person_id, entitlement)):
        raise NotFound
    return entitlement


_LIVE_CLAIM = select(Claim).where(
    Claim.compound_id == bindparam("compound_id"),
    Claim.entitlement_id == bindparam("entitlement_id"),
    col(Claim.voided_at).is_(None),
)


def live_claim(session: Session, entitlement: Entitlement) -> Claim | None:
    found = session.scalars(_LIVE_CLAIM, {"compound_id": entitlement.compound_id, "entitlement_id": entitlement.id})
    return found.one_or_none()


_OWNERS = (
    select(Person)
    .join(Ownership, pointing(Ownership, "person_id", Person))
    .where(
        Ownership.compound_id == bindparam("compound_id"),
        Ownership.unit_id == bindparam("unit_id"),
        holds(Ownership),
    )
    .order_by(col(Ownership.share).desc(), col(Person.name))
)


def owners_of(session: Session, entitlement: Entitlement) -> list[Person]:
    """Whoever owns the unit today: the roll is kept by unit, not by person."""
    given = {"compound_id": entitlement.compound_id, "unit_id": entitlement.unit_id}
    return list(session.scalars(_OWNERS, given).unique())


def owns(session: Session, person_id: UUID, entitlement: Entitlement) -> bool:
    return any(person.id == person_id for person in owners_of(session, entitlement))


_LIVES_THERE = select(Residency.id).where(
    Residency.compound_id == bindparam("compound_id"),
    Residency.unit_id == bindparam("unit_id"),
    Residency.person_id == bindparam("person_id"),
    holds(Residency),
)


def is_home_of(session: Session, person_id: UUID, entitlement: Entitlement, owners: list[Person]) -> bool:
    """Whether they are among the unit's owners or live in it: a household hands nothing to itself."""
    if any(owner.id == person_id for owner in owners):
        return True
    unit = {"compound_id": entitlement.compound_id, "unit_id": entitlement.unit_id}
    return session.execute(_LIVES_THERE, unit | {"person_id": person_id}).first() is not None


def _gift(e: Entitlement, d: Distribution, state: DistributionState, claim: Claim | None) -> Gift:
    return Gift(
        e.id, d.id, d.title, d.kind, d.goods, state, d.place, d.hours, d.from_on, d.until_on, e.label, e.area, e.amount_fen,
        e.quantity, e.code,
        *((claim.id, claim.made_at, claim.number, claim.collector, claim.relation) if claim else (None,) * 5),
    )  # fmt: skip


# ---------------------------------------------------------------- the table


def find_at_table(session: Session, distribution: Distribution, q: str) -> list[Gift]:
    """By code (typed, or the address in the QR), by room ("3栋2单元602", "3-2-602", "602"), or by an owner's name."""
    asked = unicodedata.normalize("NFKC", q).strip()
    if code := re.search(r"[?&]q=([0-9]{8})(?:$|&)", asked):
        asked = code[1]
    digits = asked.replace(" ", "").replace("-", "")
    room = "-".join(re.findall(r"[0-9A-Za-z]+", asked))
    if len(digits) == 8 and digits.isascii() and digits.isdecimal() and "-" not in asked:
        wanted: Any = Entitlement.code == digits
    elif room:
        like = room.replace("_", "")
        wanted = or_(col(Entitlement.label) == room, col(Entitlement.label).like(f"%-{like}"))
    elif asked and asked.isprintable():
        like = asked.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        named = (
            select(Ownership.unit_id)
            .join(Person, pointing(Ownership, "person_id", Person))
            .where(
                Ownership.compound_id == distribution.compound_id,
                holds(Ownership),
                col(Person.name).like(f"%{like}%", escape="\\"),
            )
        )
        wanted = col(Entitlement.unit_id).in_(named)
    else:
        return []
    state = state_of(session, distribution)
    rows = session.execute(
        columns(Entitlement, Claim)
        .outerjoin(Claim, _live)
        .where(Entitlement.compound_id == distribution.compound_id, Entitlement.distribution_id == distribution.id, wanted)
        .order_by(col(Entitlement.position))
        .limit(FOUND_AT_MOST)
    )
    return [_gift(e, distribution, state, claim) for e, claim in rows]


_ROLL = (
    columns(
        Entitlement.id,
        Entitlement.position,
        Entitlement.label,
        Entitlement.building,
        Entitlement.amount_fen,
        Entitlement.quantity,
        col(Claim.id).label("claim_id"),
        Claim.number,
        Claim.collector,
        Claim.made_at,
    )
    .select_from(Entitlement)
    .outerjoin(Claim, _live)
    .where(Entitlement.compound_id == bindparam("compound_id"), Entitlement.distribution_id == bindparam("distribution_id"))
)
_roll_row = made_into(RollRow, _ROLL)

LEFT = Listing("roll-left", _ROLL.where(col(Claim.id).is_(None)), col(Entitlement.position), col(Entitlement.id), _roll_row)
CLAIMED = Listing(
    "roll-claimed", _ROLL.where(col(Claim.id).is_not(None)), col(Entitlement.position), col(Entitlement.id), _roll_row
)


def roll(session: Session, distribution: Distribution, asked: Asked, *, claimed: bool) -> Page[RollRow]:
    """The officers' list, in the roll's order. Raises BadCursor."""
    listing = CLAIMED if claimed else LEFT
    return listing.page(session, asked, compound_id=distribution.compound_id, distribution_id=distribution.id)


def sheet_rows(session: Session, distribution: Distribution, building: str) -> list[RollRow]:
    """One building of the roll, to print and sign on paper."""
    rows = session.execute(
        _ROLL.where(Entitlement.building == building).order_by(col(Entitlement.position)),
        {"compound_id": distribution.compound_id, "distribution_id": distribution.id},
    )
    return [_roll_row(row) for row in rows]


def claim_for(session: Session, actor: Actor, id: UUID) -> Claim:
    """Raises NotFound unless the actor owns the unit, or stands at the table."""
    claim = session.get(Claim, (actor.compound.id, id), populate_existing=True)
    if claim is None:
        raise NotFound
    entitlement_for(session, actor, claim.entitlement_id)
    return claim


def open_tables(session: Session, actor: Visitor) -> list[DistributionCard]:
    """What can be handed out today."""
    running = session.exec(
        select(Distribution)
        .where(
            Distribution.compound_id == actor.compound.id,
            col(Distribution.frozen_at).is_not(None),
            col(Distribution.closed_at).is_(None),
        )
        .order_by(col(Distribution.frozen_at).desc())
        .limit(10)
    ).all()
    return [card for card in (card_of(session, d) for d in running) if card.state == DistributionState.OPEN]


def waiting_for(session: Session, actor: Actor) -> list[Waiting]:
    """For the first page: gifts that I can collect now; for whoever hands out, the open tables."""
    mine = [
        Waiting(gift.title, gift.label, f"/benefits/{gift.distribution_id}/code", gift.until_on)
        for gift in my_gifts(session, actor)
        if gift.claim_id is None and gift.state == DistributionState.OPEN
    ]
    tables = open_tables(session, actor) if policy.can_hand_out(actor) else []
    return mine + [
        Waiting(_("发放：%(title)s", title=t.title), _("还有 %(n)s 户没领", n=t.left), f"/benefits/{t.id}/desk", None)
        for t in tables
        if t.left
    ]
