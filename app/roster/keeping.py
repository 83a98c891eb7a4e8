"""Verbs: keep people and what ties them to units true, by hand and with dates."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.access.service import revoke_keys
from app.accounts.service import end_all_sessions
from app.compounds.models import Ownership, Person, Residency, Seat
from app.compounds.terms import not_over
from app.kit.clock import now, today
from app.kit.records import pointing
from app.kit.refusals import NotFound
from app.roster.models import AccountStays, AlreadyEnded, AlreadyThatDay, WrongOrder
from app.roster.queries import person_for, tie_for, unit_for
from app.roster.schemas import EndWish, PersonWish, TieWish


def change_person(session: Session, actor: Actor, person_id: UUID, wish: PersonWish) -> Person:
    """Name and telephone as the roster has them; what an account signs in with stays.

    Raises NotFound, NotAllowed, SecondFactorNeeded.
    """
    _check(actor)
    person, _account = person_for(session, actor, person_id)
    person.name, person.phone = wish.name, wish.phone
    session.add(person)
    on_record(session, actor, "person.changed", person.id)
    return person


def add_tie(session: Session, actor: Actor, unit_id: UUID, wish: TieWish) -> Ownership | Residency:
    """Somebody known by name and telephone, or somebody new, becomes owner, tenant or resident of a unit.

    Raises NotFound, NotAllowed, SecondFactorNeeded, AlreadyThatDay (they are that already).
    """
    _check(actor)
    unit = unit_for(session, actor, unit_id)
    person = _known(session, actor, unit_id, wish)
    if person is None:
        person = Person(compound_id=actor.compound.id, name=wish.name, phone=wish.phone)
        session.add(person)
        session.flush()
    shared: dict[str, Any] = {
        "compound_id": actor.compound.id,
        "unit_id": unit.id,
        "person_id": person.id,
        "from_on": wish.from_on,
    }
    tie: Ownership | Residency
    if wish.relation == "owner":
        tie = Ownership(**shared, share=wish.fraction.numerator, share_of=wish.fraction.denominator)
    else:
        tie = Residency(**shared, tenant=wish.relation == "tenant")
    same = select(type(tie).id).where(
        col(type(tie).compound_id) == tie.compound_id,
        col(type(tie).unit_id) == unit.id,
        col(type(tie).person_id) == person.id,
        not_over(type(tie), wish.from_on),
    )
    if session.exec(same).first():
        raise AlreadyThatDay
    session.add(tie)
    on_record(session, actor, f"{wish.relation}.added", tie.id)
    return tie


def end_tie(session: Session, actor: Actor, tie_id: UUID, wish: EndWish) -> Ownership | Residency:
    """`to_on` is the last day; until it has passed, another may be named.

    Raises NotFound, NotAllowed, SecondFactorNeeded, AlreadyEnded, WrongOrder.
    """
    _check(actor)
    tie = tie_for(session, actor, tie_id)
    if tie.to_on is not None and (tie.to_on < today() or tie.to_on == wish.to_on):
        raise AlreadyEnded
    if wish.to_on < tie.from_on - timedelta(days=1):  # the day before its first: it was a mistake and never held
        raise WrongOrder
    tie.to_on = wish.to_on
    session.add(tie)
    on_record(session, actor, "tie.ended", tie.id)
    return tie


def suspend(session: Session, actor: Actor, person_id: UUID, *, suspended: bool) -> None:
    """Close somebody's account for the time being, or open it again; suspending ends their sessions and keys.

    Raises AccountStays for oneself, for who holds a seat (an officer is not silenced by an officer: their term is ended in
    public first), and for an account that is a neighbour's in another compound too; NotFound, NotAllowed, SecondFactorNeeded.
    """
    _check(actor)
    _person, account = person_for(session, actor, person_id)
    if account is None:
        raise NotFound
    elsewhere = select(Person.id).where(Person.account_id == account.id, Person.compound_id != actor.compound.id)
    seated = (
        select(Seat.id).join(Person, pointing(Seat, "person_id", Person)).where(Person.account_id == account.id, not_over(Seat))
    )
    if account.id == actor.account_id or session.exec(elsewhere).first() or session.exec(seated).first():
        raise AccountStays
    account.suspended_at = now() if suspended else None
    session.add(account)
    if suspended:
        end_all_sessions(session, account.id)
        revoke_keys(session, account.id)
    on_record(session, actor, "account.suspended" if suspended else "account.resumed", person_id)


def _check(actor: Actor) -> None:
    actor.need(Permission.CHANGE_ROSTER)
    actor.need_second_factor()


def _known(session: Session, actor: Actor, unit_id: UUID, wish: TieWish) -> Person | None:
    """By name and telephone together; without a telephone, by name within the unit."""
    mine = select(Person).where(Person.compound_id == actor.compound.id, Person.name == wish.name).order_by(col(Person.id))
    if wish.phone:
        return session.exec(mine.where(Person.phone == wish.phone).limit(1)).first()
    for link in (Ownership, Residency):
        here = mine.join(link, pointing(link, "person_id", Person)).where(link.unit_id == unit_id, not_over(link))
        if person := session.exec(here.limit(1)).first():
            return person
    return None
