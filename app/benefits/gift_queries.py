"""Entitlements as people meet them: their own, and the ones that an officer looks up at the table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.benefits import policy
from app.benefits.delivery_models import Delivery
from app.benefits.distribution_queries import DistributionCard, card_of, state_of
from app.benefits.handover_queries import conflicts_waiting
from app.benefits.models import Distribution, DistributionState
from app.benefits.roll_models import Entitlement, Hold
from app.benefits.roll_queries import HAS_OPEN_LINE, IN_FORCE, ROLL, Line, lines_of
from app.compounds.models import Ownership, Person, Residency, Seat
from app.compounds.terms import holds
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing, rows_of
from app.kit.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Gift:
    """What one unit is due, line by line. `hold`: the stated basis on which it is kept back."""

    id: UUID
    distribution_id: UUID
    unit_id: UUID
    title: str
    state: DistributionState
    version: int
    position: int
    label: str
    building: str
    area: int
    amount_fen: int
    code: str
    hold: str | None
    lines: tuple[Line, ...]

    @property
    def spoken_code(self) -> str:
        """In two groups, as one reads it aloud."""
        return f"{self.code[:4]} {self.code[4:]}"

    @property
    def open(self) -> tuple[Line, ...]:
        """What is still owed."""
        return tuple(line for line in self.lines if line.owed)

    @property
    def now(self) -> tuple[Line, ...]:
        """What can be handed out today."""
        return tuple(running(self.open)) if self.state == DistributionState.OPEN and not self.hold else ()

    @property
    def later(self) -> tuple[Line, ...]:
        """What is owed, and not to be handed out today."""
        return tuple(line for line in self.open if line not in self.now)

    @property
    def claimed(self) -> tuple[Line, ...]:
        """One line of each claim."""
        return tuple({line.claim_id: line for line in self.lines if line.claim_id}.values())

    @property
    def converted(self) -> tuple[Line, ...]:
        """What a decision took back."""
        return tuple(line for line in self.lines if line.conversion_id)

    @property
    def said(self) -> str:
        return "、".join(line.said for line in self.lines)

    @property
    def said_claimed(self) -> str:
        return "、".join(line.said for line in self.lines if line.claim_id)

    @property
    def said_open(self) -> str:
        return "、".join(line.said for line in self.open)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for this person, for the first page. `path` is inside the compound."""

    title: str
    sub: str
    path: str
    until_on: date | None


def running(lines: Iterable[Line]) -> list[Line]:
    """Those of the batch that is running today; where none is, those of every batch that has begun: late, and never lapsed."""
    begun = [line for line in lines if line.from_on <= today()]
    return [line for line in begun if line.until_on >= today()] or begun


HELD = and_(
    col(Hold.compound_id) == Entitlement.compound_id,
    col(Hold.distribution_id) == Entitlement.distribution_id,
    col(Hold.unit_id) == Entitlement.unit_id,
    col(Hold.lifted_at).is_(None),
)
DUE = (
    columns(Entitlement, Distribution, Hold.basis)
    .join(Distribution, pointing(Entitlement, "distribution_id", Distribution))
    .outerjoin(Hold, HELD)
)
_MINE = (
    DUE.join(
        Ownership,
        and_(col(Ownership.compound_id) == Entitlement.compound_id, col(Ownership.unit_id) == Entitlement.unit_id),
    )
    .where(
        Ownership.compound_id == bindparam("compound_id"),
        Ownership.person_id == bindparam("person_id"),
        holds(Ownership),
        IN_FORCE,
    )
    .order_by(col(Distribution.frozen_at).desc(), col(Entitlement.position), col(Entitlement.id))
    .limit(100)
)
_ONE = DUE.where(Entitlement.compound_id == bindparam("compound_id"), Entitlement.id == bindparam("id"))
_OF_PLAN = DUE.where(
    Entitlement.compound_id == bindparam("compound_id"), Entitlement.distribution_id == bindparam("distribution_id"), IN_FORCE
).order_by(col(Entitlement.position), col(Entitlement.id))


def my_gifts(session: Session, actor: Actor, distribution_id: UUID | None = None) -> list[Gift]:
    """What the units that I own (or co-own) today are due and have had, newest plan first. A tenant has none."""
    statement = _MINE if distribution_id is None else _MINE.where(Distribution.id == distribution_id)
    return gifts_from(session, statement, {"compound_id": actor.compound.id, "person_id": actor.person_id})


def gift_for(session: Session, actor: Actor, entitlement_id: UUID) -> Gift:
    """Also of a version that a correction has replaced. Raises NotFound unless the actor owns the unit, or hands out."""
    e = entitlement_for(session, actor, entitlement_id)
    return gifts_from(session, _ONE, {"compound_id": e.compound_id, "id": e.id})[0]


def gifts_where(session: Session, distribution: Distribution, wanted: Any, at_most: int | None = None) -> list[Gift]:
    """Of one plan's roll in force, in its order, those for which `wanted` (of Entitlement) holds."""
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    return gifts_from(session, _OF_PLAN.where(wanted).limit(at_most), of_plan)


LEFT = Listing(
    "roll-left", ROLL.where(HAS_OPEN_LINE), col(Entitlement.position), col(Entitlement.id), lambda row: row.Entitlement
)
CLAIMED = Listing(
    "roll-claimed", ROLL.where(~HAS_OPEN_LINE), col(Entitlement.position), col(Entitlement.id), lambda row: row.Entitlement
)
WHOLE = Listing("roll", ROLL, col(Entitlement.position), col(Entitlement.id), lambda row: row.Entitlement)


def roll(session: Session, distribution: Distribution, asked: Asked, *, claimed: bool) -> Page[Gift]:
    """The officers' list, in the roll's order: units that have it all, or those for which something is left. Raises BadCursor."""
    return _page(session, distribution, asked, CLAIMED if claimed else LEFT)


def whole_roll(session: Session, distribution: Distribution, asked: Asked) -> Page[Gift]:
    """All of it, in its order. Raises BadCursor."""
    return _page(session, distribution, asked, WHOLE)


def _page(session: Session, distribution: Distribution, asked: Asked, listing: Listing[Entitlement]) -> Page[Gift]:
    page = listing.page(session, asked, compound_id=distribution.compound_id, distribution_id=distribution.id)
    items = gifts_where(session, distribution, col(Entitlement.id).in_([e.id for e in page.items]))
    return Page(items=items, next_cursor=page.next_cursor)


def gifts_from(session: Session, statement: Any, given: Mapping[str, Any]) -> list[Gift]:
    rows = {e.id: (e, d, hold) for e, d, hold in session.execute(statement, given)}
    lines = lines_of(session, given["compound_id"], rows)
    states: dict[UUID, DistributionState] = {}
    for _e, d, _hold in rows.values():
        if d.id not in states:
            states[d.id] = state_of(session, d)
    return [
        Gift(
            e.id, d.id, e.unit_id, d.title, states[d.id], e.version, e.position, e.label, e.building, e.area, e.amount_fen,
            e.code, hold, lines.get(e.id, ()),
        )
        for e, d, hold in rows.values()
    ]  # fmt: skip


def entitlement_for(session: Session, actor: Actor, id: UUID) -> Entitlement:
    """Raises NotFound unless the actor owns the unit, stands at the table, pays by the bank, or delivers to it today."""
    entitlement = session.get(Entitlement, (actor.compound.id, id))
    if entitlement is None or not (
        policy.can_see_roll(actor)
        or policy.can_transfer(actor)
        or owns(session, actor.person_id, entitlement)
        or my_stop(session, actor, id)
    ):
        raise NotFound
    return entitlement


IS_SEATED = (
    select(Seat.id)
    .where(col(Seat.compound_id) == Delivery.compound_id, col(Seat.person_id) == Delivery.volunteer_id, holds(Seat))
    .correlate(Delivery)
    .exists()
)
"""About `Delivery`: who brings it holds a seat today. Whoever has left the team goes to nobody's door."""

_MY_STOP = (
    select(Delivery)
    .join(
        Entitlement,
        and_(
            col(Entitlement.compound_id) == Delivery.compound_id,
            col(Entitlement.distribution_id) == Delivery.distribution_id,
            col(Entitlement.unit_id) == Delivery.unit_id,
        ),
    )
    .where(
        Entitlement.compound_id == bindparam("compound_id"),
        Entitlement.id == bindparam("id"),
        Delivery.volunteer_id == bindparam("person_id"),
        Delivery.deliver_on == bindparam("today"),
        col(Delivery.withdrawn_at).is_(None),
        IS_SEATED,
    )
    .execution_options(populate_existing=True)
)


def my_stop(session: Session, actor: Actor, entitlement_id: UUID) -> Delivery | None:
    """The delivery to its unit that is the actor's today."""
    asked = {"compound_id": actor.compound.id, "id": entitlement_id, "person_id": actor.person_id, "today": today()}
    return session.scalars(_MY_STOP, asked).one_or_none()


_ROUTES = (
    columns(Distribution.id, Distribution.title)
    .join(Delivery, pointing(Delivery, "distribution_id", Distribution))
    .where(
        Delivery.compound_id == bindparam("compound_id"),
        Delivery.volunteer_id == bindparam("person_id"),
        Delivery.deliver_on == bindparam("today"),
        col(Delivery.withdrawn_at).is_(None),
        IS_SEATED,
    )
    .distinct()
    .order_by(col(Distribution.title))
)


def routes_today(session: Session, actor: Actor) -> list[tuple[UUID, str]]:
    """(Plan, its title) of what the actor is asked to bring today."""
    mine = {"compound_id": actor.compound.id, "person_id": actor.person_id, "today": today()}
    return [(row.id, row.title) for row in rows_of(session, _ROUTES, mine)]


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


_OWNED_SINCE = (
    columns(Ownership.unit_id, func.min(Ownership.from_on).label("since"))
    .where(Ownership.compound_id == bindparam("compound_id"), Ownership.person_id == bindparam("person_id"))
    .group_by(col(Ownership.unit_id))
)


def owned_since(session: Session, actor: Actor) -> dict[UUID, date]:
    """Unit → the first day on which it was the actor's, of all that are or were."""
    mine = {"compound_id": actor.compound.id, "person_id": actor.person_id}
    return {row.unit_id: row.since for row in rows_of(session, _OWNED_SINCE, mine)}


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


_HOUSEHOLD = (
    columns(Person.name)
    .join(Residency, pointing(Residency, "person_id", Person))
    .where(
        Residency.compound_id == bindparam("compound_id"),
        Residency.unit_id == bindparam("unit_id"),
        col(Residency.tenant).is_(False),
        holds(Residency),
    )
    .order_by(col(Person.name))
)


def household_of(session: Session, entitlement: Entitlement) -> list[str]:
    """The names of its owners and of who lives with them by the roster: family, never tenants."""
    unit = {"compound_id": entitlement.compound_id, "unit_id": entitlement.unit_id}
    names = [owner.name for owner in owners_of(session, entitlement)]
    return list(dict.fromkeys(names + list(session.execute(_HOUSEHOLD, unit).scalars())))


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
    return [card_of(session, d) for d in running if state_of(session, d) == DistributionState.OPEN]


def waiting_for(session: Session, actor: Actor) -> list[Waiting]:
    """For the first page: gifts that I can collect now, and those that I bring somebody today; for whoever hands out, the open
    tables; for whoever settles, the conflicts.
    """
    mine = [
        Waiting(gift.title, gift.label, f"/benefits/{gift.distribution_id}/code", max(line.until_on for line in gift.now))
        for gift in my_gifts(session, actor)
        if gift.now
    ]
    routes = [
        Waiting(_("送货上门：%(title)s", title=title), _("请您今天送"), f"/benefits/{id}/route", None)
        for id, title in routes_today(session, actor)
    ]
    tables = open_tables(session, actor) if policy.can_hand_out(actor) else []
    conflicts = [
        Waiting(_("没信号时发了，对不上的"), _("%(title)s，%(n)s 笔等处理", title=title, n=n), f"/benefits/{id}/conflicts", None)
        for id, title, n in conflicts_waiting(session, actor)
    ]
    return (
        conflicts
        + routes
        + mine
        + [
            Waiting(_("发放：%(title)s", title=t.title), _("还有 %(n)s 户没领", n=t.left), f"/benefits/{t.id}/desk", None)
            for t in tables
            if t.left
        ]
    )
