"""What there is to see: units with their people, a person, imports, invite slips, bodies with their seats."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.access.models import Invite
from app.accounts.models import Account
from app.compounds.models import (
    Body,
    Building,
    CareLink,
    Entrance,
    Ownership,
    Person,
    Residency,
    Seat,
    Unit,
)
from app.compounds.names import known_as, masked_phone
from app.compounds.terms import holds
from app.kit.clock import now, today
from app.kit.i18n import _
from app.kit.money import square_metres
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing
from app.kit.refusals import NotAllowed, NotFound
from app.roster import policy
from app.roster.models import RosterImport


@dataclass(frozen=True, slots=True)
class UnitCard:
    id: UUID
    label: str
    building: str
    entrance: str
    room: str
    kind: str
    area: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit in the officers' list: its owners' names, and whether anyone of it has an account."""

    id: UUID
    label: str
    kind: str
    area: int
    owners: str
    account: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """An ownership or residency, of a unit or of a person. `relation`: owner, tenant, resident."""

    id: UUID
    relation: str
    unit_id: UUID
    label: str
    person_id: UUID
    name: str
    share: str
    from_on: date
    to_on: date | None
    over: bool


@dataclass(frozen=True, slots=True)
class BuildingCount:
    id: UUID
    name: str
    units: int


@dataclass(frozen=True, slots=True)
class SlipLine:
    """An invite slip. `state`: open, used, expired, revoked."""

    id: UUID
    unit_id: UUID
    label: str
    state: str
    made_at: datetime
    until_at: datetime
    used_by: str


@dataclass(frozen=True, slots=True)
class SeatLine:
    """`in_term`: it gives its authority today. `cares_for`: labels of the units a member household looks after."""

    id: UUID
    kind: str
    title: str
    name: str
    basis: str
    from_on: date
    to_on: date | None
    in_term: bool
    cares_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BodyCard:
    id: UUID
    kind: str
    name: str
    seats: tuple[SeatLine, ...]


_UNITS = (
    columns(
        Unit.id,
        Unit.label,
        col(Building.name).label("building"),
        col(Entrance.name).label("entrance"),
        Unit.room,
        Unit.kind,
        Unit.area,
    )
    .join(Entrance, pointing(Unit, "entrance_id", Entrance))
    .join(Building, pointing(Entrance, "building_id", Building))
    .where(Unit.compound_id == bindparam("compound_id"))
)


_TIES: tuple[type[Ownership] | type[Residency], ...] = (Ownership, Residency)


_card = made_into(UnitCard, _UNITS)


ALL_UNITS = Listing("units", _UNITS, col(Unit.label), col(Unit.id), _card)


def all_units(session: Session, actor: Actor, asked: Asked) -> Page[UnitCard]:
    """Every unit by its label; residents may see the list, without names (DOMAIN §4). Raises BadCursor."""
    return ALL_UNITS.page(session, asked, compound_id=actor.compound.id)


def buildings(session: Session, actor: Actor) -> list[BuildingCount]:
    rows = session.execute(
        columns(Building.id, Building.name, func.count(col(Unit.id)))
        .outerjoin(Entrance, pointing(Entrance, "building_id", Building))
        .outerjoin(Unit, pointing(Unit, "entrance_id", Entrance))
        .where(Building.compound_id == actor.compound.id)
        .group_by(Building.id, Building.name, Building.position)
        .order_by(Building.position, Building.name)
    )
    return [BuildingCount(*row) for row in rows]


def entrances(session: Session, actor: Actor) -> list[tuple[UUID, str]]:
    """Every building and every entrance as a choice: (id, "3栋"), (id, "3栋2单元")."""
    rows = session.exec(
        select(Building.id, Building.name, Entrance.id, Entrance.name)
        .join(Entrance, pointing(Entrance, "building_id", Building))
        .where(Building.compound_id == actor.compound.id)
        .order_by(col(Building.position), col(Building.name), col(Entrance.position), col(Entrance.name))
    ).all()
    found: dict[UUID, str] = {}
    for building_id, building, entrance_id, entrance in rows:
        found.setdefault(building_id, building)
        if entrance:
            found[entrance_id] = f"{building}{entrance}"
    return list(found.items())


def units_in(session: Session, actor: Actor, *, place: UUID | None = None, q: str = "", limit: int = 400) -> list[UnitLine]:
    """Units of a building or entrance, or those whose label has `q`, in the order of the stairs. For officers: with names."""
    if not policy.can_see(actor):
        raise NotAllowed
    wanted = (
        columns(Unit.id, Unit.label, Unit.kind, Unit.area)
        .join(Entrance, pointing(Unit, "entrance_id", Entrance))
        .join(Building, pointing(Entrance, "building_id", Building))
        .where(Unit.compound_id == actor.compound.id)
        .order_by(Building.position, Building.name, Entrance.position, Entrance.name, func.length(Unit.room), Unit.room)
        .limit(limit)
    )
    if place:
        wanted = wanted.where(or_(col(Entrance.id) == place, col(Building.id) == place))
    if q.strip():
        like = "%" + q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        wanted = wanted.where(col(Unit.label).like(like, escape="\\"))
    rows = session.execute(wanted).all()
    owners, accounts = _people_of(session, actor.compound.id, [row.id for row in rows])
    return [UnitLine(row.id, row.label, row.kind, row.area, _("、").join(owners[row.id]), row.id in accounts) for row in rows]


def _people_of(session: Session, compound_id: UUID, unit_ids: Sequence[UUID]) -> tuple[dict[UUID, list[str]], set[UUID]]:
    owners: dict[UUID, list[str]] = defaultdict(list)
    accounts: set[UUID] = set()
    for link in (Ownership, Residency):
        for unit_id, name, account_id in session.exec(
            select(link.unit_id, Person.name, Person.account_id)
            .join(Person, pointing(link, "person_id", Person))
            .where(link.compound_id == compound_id, col(link.unit_id).in_(unit_ids), holds(link))
            .order_by(col(link.id))
        ):
            if link is Ownership:
                owners[unit_id].append(name)
            if account_id:
                accounts.add(unit_id)
    return owners, accounts


def unit_for(session: Session, actor: Actor, id: UUID) -> UnitCard:
    """Raises NotAllowed, NotFound."""
    if not policy.can_see(actor):
        raise NotAllowed
    row = session.execute(_UNITS.where(Unit.id == id), {"compound_id": actor.compound.id}).one_or_none()
    if row is None:
        raise NotFound
    return _card(row)


def person_for(session: Session, actor: Actor, id: UUID) -> tuple[Person, Account | None]:
    """A person with their account. Raises NotAllowed, NotFound."""
    if not policy.can_see(actor):
        raise NotAllowed
    person = session.get(Person, (actor.compound.id, id))
    if person is None:
        raise NotFound
    return person, session.get(Account, person.account_id) if person.account_id else None


def ties(session: Session, actor: Actor, *, unit_id: UUID | None = None, person_id: UUID | None = None) -> list[Tie]:
    """Present ones first, then what has ended, the latest first."""
    found: list[Tie] = []
    for link in _TIES:
        rows = session.execute(
            columns(link, Unit.label, Person.name)
            .join(Unit, pointing(link, "unit_id", Unit))
            .join(Person, pointing(link, "person_id", Person))
            .where(
                link.compound_id == actor.compound.id,
                col(link.unit_id) == unit_id if unit_id else col(link.person_id) == person_id,
            )
            .order_by(col(link.from_on).desc(), col(link.id))
        )
        for tie, label, name in rows:
            relation, share = _relation(tie)
            over = tie.to_on is not None and tie.to_on < today()
            found.append(Tie(tie.id, relation, tie.unit_id, label, tie.person_id, name, share, tie.from_on, tie.to_on, over))
    return sorted(found, key=lambda tie: tie.over)


def _relation(tie: Ownership | Residency) -> tuple[str, str]:
    """(relation, share); no share is written where the unit is wholly or jointly owned."""
    if isinstance(tie, Residency):
        return ("tenant" if tie.tenant else "resident"), ""
    return "owner", "" if tie.share == tie.share_of else f"{tie.share}/{tie.share_of}"


def tie_for(session: Session, actor: Actor, id: UUID) -> Ownership | Residency:
    """Locked, to be ended. Raises NotFound."""
    key = (actor.compound.id, id)
    tie = session.get(Ownership, key, with_for_update=True) or session.get(Residency, key, with_for_update=True)
    if tie is None:
        raise NotFound
    return tie


def import_for(session: Session, actor: Actor, id: UUID) -> RosterImport:
    """Raises NotAllowed, NotFound."""
    if not policy.can_change(actor):
        raise NotAllowed
    found = session.get(RosterImport, (actor.compound.id, id))
    if found is None:
        raise NotFound
    return found


def imports(session: Session, actor: Actor) -> list[RosterImport]:
    """The last ten."""
    return list(
        session.exec(
            select(RosterImport)
            .where(RosterImport.compound_id == actor.compound.id)
            .order_by(col(RosterImport.made_at).desc())
            .limit(10)
        )
    )


def slips(session: Session, actor: Actor, unit_id: UUID | None = None, limit: int = 200) -> list[SlipLine]:
    """Invite slips, the newest first; those replaced by newer ones are left out. Raises NotAllowed."""
    if not policy.can_see(actor):
        raise NotAllowed
    wanted = (
        select(Invite, Unit.label)
        .join(Unit, pointing(Invite, "unit_id", Unit))
        .where(Invite.compound_id == actor.compound.id, col(Invite.revoked_at).is_(None))
        .order_by(col(Invite.made_at).desc(), col(Unit.label))
        .limit(limit)
    )
    if unit_id:
        wanted = wanted.where(Invite.unit_id == unit_id)
    rows = session.exec(wanted).all()
    used_by = [invite.used_by_id for invite, _label in rows if invite.used_by_id]
    names = dict(
        session.exec(
            select(Person.id, Person.name).where(Person.compound_id == actor.compound.id, col(Person.id).in_(used_by))
        ).all()
    )
    return [
        SlipLine(
            i.id, i.unit_id, label, slip_state(i), i.made_at, i.until_at, names.get(i.used_by_id, "") if i.used_by_id else ""
        )
        for i, label in rows
    ]


def slip_state(invite: Invite) -> str:
    if invite.used_at:
        return "used"
    if invite.revoked_at:
        return "revoked"
    return "open" if invite.until_at > now() else "expired"


def bodies(session: Session, visitor: Visitor, *, past: bool = False) -> list[BodyCard]:
    """Every body with the seats of today and of days to come; `past`: also those whose term is over.

    Anyone sees titles and terms; names only residents see whole. A party member's photo or promise needs a consent of its own.
    """
    compound_id = visitor.compound.id
    cared: dict[UUID, list[str]] = defaultdict(list)
    if visitor.is_resident:
        for seat_id, label in session.exec(
            select(CareLink.seat_id, Unit.label)
            .join(Unit, pointing(CareLink, "unit_id", Unit))
            .where(CareLink.compound_id == compound_id, holds(CareLink))
            .order_by(col(Unit.label))
        ):
            cared[seat_id].append(label)
    seated: dict[UUID, list[SeatLine]] = defaultdict(list)
    rows = session.exec(
        select(Seat, Person.name)
        .join(Person, pointing(Seat, "person_id", Person))
        .where(Seat.compound_id == compound_id)
        .order_by(col(Seat.from_on), col(Seat.id))
    )
    for seat, name in rows:
        over = seat.to_on is not None and seat.to_on < today()
        if past or not over:
            seated[seat.body_id].append(
                SeatLine(
                    seat.id,
                    seat.kind,
                    seat.title,
                    known_as(name, full=visitor.is_resident),
                    seat.basis,
                    seat.from_on,
                    seat.to_on,
                    seat.from_on <= today() and not over,
                    tuple(cared[seat.id]),
                )
            )
    found = session.exec(select(Body).where(Body.compound_id == compound_id).order_by(col(Body.id)))
    return [BodyCard(body.id, body.kind, body.name, tuple(seated[body.id])) for body in found]


def body_for(session: Session, visitor: Visitor, id: UUID) -> Body:
    """Raises NotFound."""
    body = session.get(Body, (visitor.compound.id, id))
    if body is None:
        raise NotFound
    return body


def seat_for(session: Session, visitor: Visitor, id: UUID) -> Seat:
    """Raises NotFound."""
    seat = session.get(Seat, (visitor.compound.id, id))
    if seat is None:
        raise NotFound
    return seat


def roster_lines(session: Session, actor: Actor) -> list[tuple[str, ...]]:
    """The roster as a table for a file: one line for each person of each unit. Telephones only for those who change it."""
    full = policy.can_change(actor)
    people: dict[UUID, list[tuple[str, str, str, str]]] = defaultdict(list)
    for link in _TIES:
        for tie, name, phone in session.exec(
            select(link, Person.name, Person.phone)
            .join(Person, pointing(link, "person_id", Person))
            .where(link.compound_id == actor.compound.id, holds(link))
            .order_by(col(link.id))
        ):
            relation, share = _relation(tie)
            people[tie.unit_id].append((name, shown_phone(phone, full=full), relation, share))
    rows = session.execute(
        _UNITS.order_by(Building.position, Building.name, Entrance.position, Entrance.name, func.length(Unit.room), Unit.room),
        {"compound_id": actor.compound.id},
    ).all()
    return [
        (row.building, row.entrance, row.room, row.kind, square_metres(row.area), *person)
        for row in rows
        for person in people.get(row.id) or [("", "", "", "")]
    ]


def shown_phone(phone: str | None, *, full: bool) -> str:
    return "" if not phone else phone if full else masked_phone(phone)
