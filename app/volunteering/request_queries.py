"""What there is to see of 点单."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.compounds.models import Building, CareLink, Entrance, Ownership, Person, Residency, Seat, Unit
from app.compounds.terms import holds
from app.kit.clock import now
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound
from app.volunteering import policy
from app.volunteering.request_models import FULFILLED, HELD, RequestAct, RequestState, ServiceRequest

SHOWN_FROM = 3
"""Fewer ratings than these would tell who gave which."""


class Whose(StrEnum):
    """Which requests a list holds."""

    OPEN = "open"
    MINE = "mine"
    """Asked by me, entered by me for somebody, or on me as the volunteer."""
    CARED = "cared"
    """Of the homes that I look after as a member household."""
    ASKED = "asked"
    UNDER_WAY = "under_way"
    ENDED = "ended"
    """These three are for coordinators."""


STATES = {
    Whose.OPEN: (RequestState.OPEN,),
    Whose.ASKED: (RequestState.ASKED,),
    Whose.UNDER_WAY: HELD,
    Whose.ENDED: (*FULFILLED, RequestState.DECLINED, RequestState.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class RequestCard:
    """What every neighbour may see of an open request."""

    id: UUID
    number: int
    kind: str
    wanted_at: datetime
    rank: str
    state: str
    building: str | None
    entrance: str | None
    late: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step in a request's life, and who took it; nobody where the time did."""

    kind: str
    by: str | None
    text: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as this reader may know it."""

    card: RequestCard
    what: str
    on_behalf: bool
    asker: str | None
    helper: str | None
    address: str | None
    place: str | None
    stars: int | None
    acts: list[Step]


class WaitsFor(StrEnum):
    """What a request waits for somebody to do."""

    CONFIRM = "confirm"
    """By a coordinator: it is new."""
    FIND = "find"
    """By a coordinator: it is wanted soon, and nobody has claimed it."""
    DO = "do"
    """By the helper."""
    RECEIVE = "receive"
    """By the asker, or who entered it: the helper says that it is done."""
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    id: UUID
    kind: str
    wanted_at: datetime
    waits_for: str


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """`average` of one to five stars, with one decimal."""

    ratings: int
    average: str


def cared_for(noun: Any, person_id: Any) -> ColumnElement[bool]:
    """A term about a noun with a `unit_id`: that home is looked after by this person's seat today."""
    return (
        select(CareLink.id)
        .join(Seat, pointing(CareLink, "seat_id", Seat))
        .where(
            CareLink.compound_id == noun.compound_id,
            CareLink.unit_id == noun.unit_id,
            Seat.person_id == person_id,
            holds(CareLink),
            holds(Seat),
        )
        .exists()
    )


_CARDS = (
    columns(
        ServiceRequest.id,
        ServiceRequest.number,
        ServiceRequest.kind,
        ServiceRequest.wanted_at,
        ServiceRequest.rank,
        ServiceRequest.state,
        col(Building.name).label("building"),
        col(Entrance.name).label("entrance"),
        and_(
            col(ServiceRequest.wanted_at) <= bindparam("now"),
            col(ServiceRequest.state).in_((RequestState.ASKED, RequestState.OPEN, *HELD)),
        ).label("late"),
    )
    .outerjoin(Unit, pointing(ServiceRequest, "unit_id", Unit))
    .outerjoin(Entrance, pointing(Unit, "entrance_id", Entrance))
    .outerjoin(Building, pointing(Entrance, "building_id", Building))
    .where(ServiceRequest.compound_id == bindparam("compound_id"))
)
_card = made_into(RequestCard, _CARDS)
_me: Any = bindparam("person_id")

IN_LINE = Listing(
    "requests in line",
    _CARDS.where(col(ServiceRequest.state).in_(bindparam("states", expanding=True))),
    col(ServiceRequest.place_in_line),
    col(ServiceRequest.id),
    _card,
)
_latest: Any = (col(ServiceRequest.asked_at), col(ServiceRequest.id), _card)
ENDED = Listing(
    "requests ended",
    _CARDS.where(col(ServiceRequest.state).in_(bindparam("states", expanding=True))),
    *_latest,
    newest_first=True,
)
MINE = Listing(
    "my requests",
    _CARDS.where(
        or_(*(col(who) == _me for who in (ServiceRequest.person_id, ServiceRequest.entered_by_id, ServiceRequest.claimed_by_id)))
    ),
    *_latest,
    newest_first=True,
)
CARED = Listing("requests of homes in my care", _CARDS.where(cared_for(ServiceRequest, _me)), *_latest, newest_first=True)


def requests_of(session: Session, actor: Actor, asked: Asked, whose: Whose) -> Page[RequestCard]:
    """Those in line: the urgent first, then special groups, then by time; mine and what has ended: the latest first.

    Raises BadCursor; NotAllowed for a coordinator's list.
    """
    moment, compound_id = {"now": now()}, actor.compound.id
    if whose in (Whose.MINE, Whose.CARED):
        listing = MINE if whose is Whose.MINE else CARED
        return listing.page(session, asked, moment, compound_id=compound_id, person_id=actor.person_id)
    if whose is not Whose.OPEN:
        policy.need_to_coordinate(actor)
    listing = ENDED if whose is Whose.ENDED else IN_LINE
    return listing.page(session, asked, moment, compound_id=compound_id, states=STATES[whose])


SOON = timedelta(days=1)
"""So long before it is wanted, a coordinator looks for somebody who helps."""
RATED_WITHIN = timedelta(days=14)
"""After that nobody is asked for a rating any more."""

_leads = bindparam("leads", type_=Boolean)
_asked_by_me = or_(col(ServiceRequest.person_id) == _me, col(ServiceRequest.entered_by_id) == _me)
_state = col(ServiceRequest.state)
_waits_for = case(
    (and_(_leads, _state == RequestState.ASKED), WaitsFor.CONFIRM),
    (and_(_leads, _state == RequestState.OPEN, col(ServiceRequest.wanted_at) <= bindparam("soon")), WaitsFor.FIND),
    (and_(col(ServiceRequest.claimed_by_id) == _me, _state.in_((RequestState.CLAIMED, RequestState.ASKER_SAYS))), WaitsFor.DO),
    (and_(_asked_by_me, _state == RequestState.HELPER_SAYS), WaitsFor.RECEIVE),
    (and_(_asked_by_me, _state == RequestState.DONE, col(ServiceRequest.done_at) > bindparam("since")), WaitsFor.RATE),
).label("waits_for")
_WAITING = (
    columns(ServiceRequest.id, ServiceRequest.kind, ServiceRequest.wanted_at, _waits_for)
    .where(ServiceRequest.compound_id == bindparam("compound_id"), _waits_for.is_not(None))
    .order_by(col(ServiceRequest.place_in_line), col(ServiceRequest.id))
    .limit(20)
)
_waiting = made_into(WaitingRequest, _WAITING)


def waiting_for(session: Session, actor: Actor) -> list[WaitingRequest]:
    """What waits for this actor to confirm, to do or to rate: the urgent first."""
    whose = {"compound_id": actor.compound.id, "person_id": actor.person_id, "leads": policy.can_plan(actor)}
    values = whose | {"soon": now() + SOON, "since": now() - RATED_WITHIN}
    return [_waiting(row) for row in rows_of(session, _WAITING, values)]


def request_for(session: Session, actor: Actor, id: UUID) -> ServiceRequest:
    """Raises NotFound unless it is open, or concerns the actor."""
    request = session.get(ServiceRequest, (actor.compound.id, id), populate_existing=True)
    if request is None or not (request.state == RequestState.OPEN or concerns(session, actor, request)):
        raise NotFound
    return request


def request_to_change(session: Session, actor: Actor, id: UUID) -> ServiceRequest:
    """With its row locked. Raises NotFound; also for who may only have seen it while it was open, except a rival who comes
    late: they are told that it is claimed.
    """
    request = session.get(ServiceRequest, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if request is None or not (request.state in (RequestState.OPEN, *HELD) or concerns(session, actor, request)):
        raise NotFound
    return request


def concerns(session: Session, actor: Actor, request: ServiceRequest) -> bool:
    """Whether the actor may know whose it is and where: asker, helper, coordinator, the officer for what was entered on
    somebody's behalf, and the member household that looks after the home.
    """
    return policy.is_party_to(actor, request) or _cares(session, actor, request)


def view_of(session: Session, actor: Actor, request: ServiceRequest) -> RequestView:
    card = _card(rows_of(session, _ONE, {"compound_id": request.compound_id, "id": request.id, "now": now()}).one())
    if not concerns(session, actor, request):
        return RequestView(card, request.what, request.on_behalf, None, None, None, None, None, [])
    unit = session.get(Unit, (request.compound_id, request.unit_id)) if request.unit_id else None
    sees_stars = policy.can_plan(actor) or policy.asks(actor, request)
    steps = [
        Step(act.kind, name, act.text if sees_stars or act.kind != "rated" else "", act.done_at)
        for act, name in life_of(session, request)
    ]
    return RequestView(
        card,
        request.what,
        request.on_behalf,
        _name(session, request, request.person_id),
        _name(session, request, request.claimed_by_id),
        unit.label if unit else None,
        request.place or None,
        request.stars if sees_stars else None,
        steps,
    )


def life_of(session: Session, request: ServiceRequest) -> list[tuple[RequestAct, str | None]]:
    """Every step with the name of who took it, the first first."""
    by = aliased(Person)
    rows = session.exec(
        select(RequestAct, by.name)
        .outerjoin(by, and_(col(by.compound_id) == RequestAct.compound_id, col(by.id) == RequestAct.by_id))
        .where(RequestAct.compound_id == request.compound_id, RequestAct.request_id == request.id)
        .order_by(col(RequestAct.position))
    )
    return [(act, name) for act, name in rows]


def satisfaction(session: Session, compound_id: UUID) -> Satisfaction | None:
    """None below three ratings: an average of one is that one."""
    count, total = session.exec(
        select(func.count(), func.sum(col(ServiceRequest.stars))).where(
            ServiceRequest.compound_id == compound_id, col(ServiceRequest.stars).is_not(None)
        )
    ).one()
    if count < SHOWN_FROM:
        return None
    return Satisfaction(count, str((Decimal(total or 0) / count).quantize(Decimal("0.1"), ROUND_HALF_UP)))


def homes_of(session: Session, compound_id: UUID, person_id: UUID) -> list[tuple[UUID, str]]:
    """The units that a person owns or lives in today, as (id, label): where they are helped."""
    found: dict[UUID, str] = {}
    for link in (Residency, Ownership):
        rows = session.exec(
            select(Unit.id, Unit.label)
            .join(link, pointing(link, "unit_id", Unit))
            .where(link.compound_id == compound_id, link.person_id == person_id, holds(link))
            .order_by(col(Unit.label))
        )
        found = dict(rows.all()) | found
    return list(found.items())


_ONE = _CARDS.where(ServiceRequest.id == bindparam("id"))


def _cares(session: Session, actor: Actor, request: ServiceRequest) -> bool:
    mine = select(ServiceRequest.id).where(
        ServiceRequest.compound_id == request.compound_id,
        ServiceRequest.id == request.id,
        cared_for(ServiceRequest, actor.person_id),
    )
    return session.exec(mine).first() is not None


def _name(session: Session, request: ServiceRequest, person_id: UUID | None) -> str | None:
    return session.get_one(Person, (request.compound_id, person_id)).name if person_id else None
