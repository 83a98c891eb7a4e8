"""Verbs: write a visit down; let what was needed become a request for help."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.record import on_record
from app.compounds.models import Ownership, Residency, Unit
from app.compounds.terms import holds
from app.kit.clock import now
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.volunteering.home_visit_models import AlreadyAsked, HomeVisit, HomeVisitRequest, NothingNeeded, NotInYourCare
from app.volunteering.home_visit_queries import homes_in_care, visit_to_answer
from app.volunteering.home_visit_schemas import HomeVisitWish
from app.volunteering.request_models import Rank, ServiceRequest
from app.volunteering.request_schemas import RequestWish
from app.volunteering.requesting import ask
from app.volunteering.term_models import TermOf
from app.volunteering.term_queries import offered

SOON = timedelta(days=2)
"""By when help is wanted that was asked for by one tap; the coordinator sees the request first."""


def write_visit(session: Session, actor: Actor, id: UUID, wish: HomeVisitWish) -> tuple[HomeVisit, bool]:
    """Raises NotInYourCare, SameIdOtherContent."""
    if wish.unit_id not in dict(homes_in_care(session, actor.compound.id, actor.person_id)):
        raise NotInYourCare
    session.get(Unit, (actor.compound.id, wish.unit_id), with_for_update=True)
    sent = digest(wish, actor.person_id)
    if before := already(session, HomeVisit, actor.compound.id, id, sent):
        return before, False
    visit = HomeVisit(
        compound_id=actor.compound.id,
        id=id,
        unit_id=wish.unit_id,
        by_id=actor.person_id,
        visited_on=wish.visited_on,
        seen=wish.seen,
        needed=wish.needed or "",
        sent_sha256=sent,
    )
    session.add(visit)
    session.flush()
    on_record(session, actor, "home-visit.written", visit.id)
    return visit, True


def ask_for_what_was_needed(session: Session, actor: Actor, visit_id: UUID, id: UUID) -> tuple[ServiceRequest, bool]:
    """For who lives there, entered by the actor; once a visit. A coordinator sees its words before any neighbour does.

    Raises NotFound (nobody lives there either), NotAllowed, NothingNeeded, AlreadyAsked (under another id).
    """
    visit = visit_to_answer(session, actor, visit_id)
    if not visit.needed:
        raise NothingNeeded
    if before := session.get(HomeVisitRequest, (visit.compound_id, visit.id)):
        if before.request_id != id:
            raise AlreadyAsked
        return session.get_one(ServiceRequest, (visit.compound_id, id)), False
    kinds = [name for name, _words in offered(session, visit.compound_id, TermOf.REQUEST)]
    wish = RequestWish(
        kind=kinds[-1],
        what=visit.needed,
        wanted_at=now() + SOON,
        rank=Rank.SPECIAL,
        unit_id=visit.unit_id,
        person_id=_who_lives_there(session, visit),
    )
    request, made = ask(session, actor, id, wish)
    session.add(HomeVisitRequest(compound_id=visit.compound_id, id=visit.id, request_id=request.id))
    session.flush()
    return request, made


def _who_lives_there(session: Session, visit: HomeVisit) -> UUID:
    """Who moved in first; else who owns it."""
    for link in (Residency, Ownership):
        person_id = session.exec(
            select(link.person_id)
            .where(link.compound_id == visit.compound_id, link.unit_id == visit.unit_id, holds(link))
            .order_by(col(link.from_on), col(link.id))
        ).first()
        if person_id:
            return person_id
    raise NotFound
