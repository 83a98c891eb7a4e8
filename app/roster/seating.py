"""Verbs: found a body, seat a person for a term, end the term; which units a member household looks after.

Authority follows the dates: a seat gives it from its first day to its last, and no verb has to run on either.
"""

import re
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import SECOND_FACTOR_SEATS, Permission
from app.access.record import on_record
from app.accounts.models import OFFICER_IDLE
from app.accounts.service import shorten_sessions
from app.compounds.models import Body, CareLink, Person, Seat, SeatKind, Unit
from app.compounds.terms import not_over
from app.kit import events
from app.kit.clock import today
from app.kit.refusals import NotFound
from app.publiclog.service import Entry, commit_to, publish
from app.roster.models import AlreadyEnded, AlreadyThatDay, WrongOrder
from app.roster.queries import body_for, seat_for
from app.roster.schemas import BodyWish, CareWish, EndWish, SeatWish


def found_body(session: Session, actor: Actor, wish: BodyWish) -> Body:
    """Raises NotAllowed, SecondFactorNeeded, AlreadyThatDay (the name is taken)."""
    _check(actor)
    taken = select(Body.id).where(Body.compound_id == actor.compound.id, Body.name == wish.name)
    if session.exec(taken).first():
        raise AlreadyThatDay
    body = Body(compound_id=actor.compound.id, kind=wish.kind, name=wish.name)
    session.add(body)
    on_record(session, actor, "body.founded", body.id)
    return body


def seat_person(session: Session, actor: Actor, body_id: UUID, id: UUID, wish: SeatWish) -> Seat:
    """A person takes a seat; published with the name as a commitment. `id` is made by the client.

    Who takes an office has no session that lasts longer than an officer's (TRUST.md).

    Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyThatDay (the same seat twice at a time), Conflict.
    """
    _check(actor)
    body = body_for(session, actor, body_id)
    person = session.get(Person, (actor.compound.id, wish.person_id), with_for_update={"key_share": True})
    if person is None:
        raise NotFound
    if session.get(Seat, (actor.compound.id, id)):
        return session.get_one(Seat, (actor.compound.id, id))
    for other in session.exec(
        select(Seat).where(
            Seat.compound_id == actor.compound.id,
            Seat.body_id == body.id,
            Seat.person_id == person.id,
            Seat.kind == wish.kind,
        )
    ):
        if (wish.to_on is None or other.from_on <= wish.to_on) and (other.to_on is None or other.to_on >= wish.from_on):
            raise AlreadyThatDay
    seat = Seat(compound_id=actor.compound.id, id=id, body_id=body.id, **wish.model_dump())
    session.add(seat)
    if person.account_id and seat.kind in SECOND_FACTOR_SEATS:
        shorten_sessions(session, person.account_id, OFFICER_IDLE)
    _publish(session, seat, body, "seat.begun", person.name)
    on_record(session, actor, "seat.begun", seat.id)
    return seat


def end_seat(session: Session, actor: Actor, seat_id: UUID, wish: EndWish) -> Seat:
    """`to_on` is the last day of its authority, today at the earliest: what was done in office stays done.

    Care links of the seat end with it. Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyEnded, WrongOrder.
    """
    _check(actor)
    seat_for(session, actor, seat_id)
    seat = session.get_one(Seat, (actor.compound.id, seat_id), with_for_update=True, populate_existing=True)
    if seat.to_on is not None and seat.to_on <= today():
        raise AlreadyEnded
    if wish.to_on < seat.from_on - timedelta(days=1) or wish.to_on < today() - timedelta(days=1):
        raise WrongOrder
    seat.to_on = wish.to_on
    session.add(seat)
    for link in _links(session, seat):
        link.to_on = wish.to_on
        session.add(link)
    person = session.get_one(Person, (seat.compound_id, seat.person_id))
    _publish(session, seat, body_for(session, actor, seat.body_id), "seat.ended", person.name)
    on_record(session, actor, "seat.ended", seat.id)
    return seat


def set_care(session: Session, actor: Actor, seat_id: UUID, wish: CareWish) -> list[str]:
    """The units this member household looks after from today, instead of those before; a unit has one such household.

    Returns labels that no unit has: nothing is changed while there are any. Raises NotAllowed, SecondFactorNeeded, NotFound.
    """
    _check(actor)
    seat = seat_for(session, actor, seat_id)
    if seat.kind != SeatKind.MEMBER_HOUSEHOLD:
        raise NotFound
    labels = [part for part in re.split(r"[\s、，,;；]+", wish.rooms) if part]
    units = dict(
        session.exec(select(Unit.label, Unit.id).where(Unit.compound_id == actor.compound.id, col(Unit.label).in_(labels))).all()
    )
    if unknown := [label for label in labels if label not in units]:
        return unknown
    kept = set()
    others = session.exec(
        select(CareLink).where(
            CareLink.compound_id == actor.compound.id,
            not_over(CareLink),
            col(CareLink.unit_id).in_(units.values()),
            CareLink.seat_id != seat.id,
        )
    )
    for link in (*_links(session, seat), *others):
        if link.seat_id == seat.id and link.unit_id in units.values():
            kept.add(link.unit_id)
        else:
            link.to_on = today() - timedelta(days=1)
            session.add(link)
    session.flush()
    for unit_id in dict.fromkeys(units.values()):
        if unit_id not in kept:
            session.add(CareLink(compound_id=actor.compound.id, seat_id=seat.id, unit_id=unit_id))
    on_record(session, actor, "care.set", seat.id)
    return []


def _links(session: Session, seat: Seat) -> list[CareLink]:
    return list(
        session.exec(
            select(CareLink).where(CareLink.compound_id == seat.compound_id, CareLink.seat_id == seat.id, not_over(CareLink))
        )
    )


def _publish(session: Session, seat: Seat, body: Body, type: str, name: str) -> None:
    entry = Entry(
        type=type,
        compound_id=seat.compound_id,
        record_id=seat.id,
        commits={
            "name": commit_to(session, seat.compound_id, name, of=seat.person_id),
            "title": commit_to(session, seat.compound_id, seat.title),
        },
        facts={
            "body": str(body.id),
            "kind": seat.kind,
            "from_on": seat.from_on.isoformat(),
            "to_on": seat.to_on.isoformat() if seat.to_on else None,
        },
    )
    publish(session, seat.compound_id, lambda _index: entry.values())
    events.tell(session, seat.compound_id, type, seat_id=seat.id)


def _check(actor: Actor) -> None:
    actor.need(Permission.CHANGE_SEATS)
    actor.need_second_factor()
