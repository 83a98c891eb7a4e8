"""What there is to see of visits: the household that looks after the home, the coordinators, and whoever lived there that day."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, or_, true
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.compounds.models import CareLink, Ownership, Person, Residency, Seat, Unit
from app.compounds.terms import holds
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing
from app.kit.refusals import NotFound
from app.volunteering import policy
from app.volunteering.home_visit_models import HomeVisit, HomeVisitRequest
from app.volunteering.request_queries import cared_for


@dataclass(frozen=True, slots=True)
class VisitLine:
    id: UUID
    unit: str
    by: str
    visited_on: date
    seen: str
    needed: str
    request_id: UUID | None


def at_my_home(person_id: Any) -> ColumnElement[bool]:
    """A term about `HomeVisit`: this person owned the home or lived in it on the day of the visit, and still does today."""
    return or_(
        *(
            select(link.id)
            .where(
                link.compound_id == HomeVisit.compound_id,
                link.unit_id == HomeVisit.unit_id,
                link.person_id == person_id,
                col(link.from_on) <= HomeVisit.visited_on,
                holds(link),
            )
            .exists()
            for link in (Ownership, Residency)
        )
    )


_LINES = (
    columns(
        HomeVisit.id,
        col(Unit.label).label("unit"),
        col(Person.name).label("by"),
        HomeVisit.visited_on,
        HomeVisit.seen,
        HomeVisit.needed,
        HomeVisitRequest.request_id,
    )
    .join(Unit, pointing(HomeVisit, "unit_id", Unit))
    .join(Person, pointing(HomeVisit, "by_id", Person))
    .outerjoin(
        HomeVisitRequest,
        and_(col(HomeVisitRequest.compound_id) == HomeVisit.compound_id, col(HomeVisitRequest.id) == HomeVisit.id),
    )
    .where(HomeVisit.compound_id == bindparam("compound_id"))
)
_me: Any = bindparam("person_id")
_all: Any = bindparam("all", type_=Boolean)

VISITS = Listing(
    "home visits",
    _LINES.where(or_(_all, cared_for(HomeVisit, _me), at_my_home(_me))),
    col(HomeVisit.written_at),
    col(HomeVisit.id),
    made_into(VisitLine, _LINES),
    newest_first=True,
)


def home_visits(session: Session, actor: Actor, asked: Asked) -> Page[VisitLine]:
    """Those that concern me, the latest first; for coordinators all. Raises BadCursor."""
    sees_all = policy.can_plan(actor)
    return VISITS.page(session, asked, compound_id=actor.compound.id, person_id=actor.person_id, all=sees_all)


def homes_in_care(session: Session, compound_id: UUID, person_id: UUID) -> list[tuple[UUID, str]]:
    """The units that this person's seats look after today, as (id, label)."""
    rows = session.exec(
        select(Unit.id, Unit.label)
        .join(CareLink, pointing(CareLink, "unit_id", Unit))
        .join(Seat, pointing(CareLink, "seat_id", Seat))
        .where(CareLink.compound_id == compound_id, Seat.person_id == person_id, holds(CareLink), holds(Seat))
        .order_by(col(Unit.label))
    )
    return list(dict(rows.all()).items())


def visit_to_answer(session: Session, actor: Actor, id: UUID) -> HomeVisit:
    """With its row locked: what is needed becomes a request once. Raises NotFound for who neither looks after the home nor
    coordinates.
    """
    found = session.exec(
        select(HomeVisit)
        .where(HomeVisit.compound_id == actor.compound.id, HomeVisit.id == id)
        .where(true() if policy.can_plan(actor) else cared_for(HomeVisit, actor.person_id))
        .with_for_update()
    ).first()
    if found is None:
        raise NotFound
    return found
