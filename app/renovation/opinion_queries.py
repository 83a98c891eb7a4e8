"""What there is to see of opinions: how many there are, for everybody; what they come to, once no more come in, in sums that tell
nobody's; their words for who lives here. Each by itself is its giver's, and on paper also theirs who type it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.compounds.models import Building, Entrance, Ownership, Person, Residency, Unit, UnitKind
from app.compounds.terms import holds
from app.kit.clock import now
from app.kit.records import columns, made_into, pointing
from app.renovation import policy
from app.renovation.acceptance_models import Acceptance, last_on
from app.renovation.models import Project
from app.renovation.opinion_models import Opinion
from app.renovation.opinion_sums import Sum, told

ASKED = col(Unit.kind) != UnitKind.GARAGE
"""Whose opinion is asked: everybody who lives or trades here. A garage's owner has none by it."""


@dataclass(frozen=True, slots=True)
class OpinionCard:
    id: UUID
    acceptance_id: UUID
    unit_id: UUID
    unit: str
    stars: int | None
    text: str
    shown: bool
    paper: bool
    person_id: UUID
    person: str
    entered_by: str
    given_at: datetime
    corrects_id: UUID | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A round that takes opinions."""

    acceptance_id: UUID
    title: str
    closes_at: datetime

    @property
    def closes_on(self) -> date:
        return last_on(self.closes_at)


@dataclass(frozen=True, slots=True)
class Told:
    """`whole`: of all of them; it and `buildings` are told when no more opinions come in, and there are enough."""

    units: int
    given: int
    paper: int
    whole: Sum | None
    buildings: list[Sum]

    @property
    def mean(self) -> str | None:
        return self.whole.mean if self.whole else None


_later = aliased(Opinion)
_stands = and_(
    col(Opinion.stars).is_not(None),
    ~select(_later.id)
    .where(_later.compound_id == Opinion.compound_id, _later.corrects_id == Opinion.id)
    .correlate(Opinion)
    .exists(),
)
"""Neither corrected nor taken back."""

_of_round = and_(
    col(Opinion.compound_id) == bindparam("compound_id"),
    col(Opinion.acceptance_id) == bindparam("acceptance_id"),
)


def _of(acceptance: Acceptance) -> dict[str, Any]:
    return {"compound_id": acceptance.compound_id, "acceptance_id": acceptance.id}


def opinions_told(session: Session, acceptance: Acceptance) -> Told:
    """As anyone may know them."""
    rows = session.execute(_SUMS, _of(acceptance)).all()
    sums = [Sum(building, units, stars) for building, units, stars, _paper in rows]
    whole, buildings = (None, []) if acceptance.asks else told(sums)
    return Told(
        units_asked(session, acceptance.compound_id),
        sum(one.units for one in sums),
        sum(paper for *_sum, paper in rows),
        whole,
        buildings,
    )


def units_asked(session: Session, compound_id: UUID) -> int:
    return session.exec(select(func.count()).select_from(Unit).where(Unit.compound_id == compound_id, ASKED)).one()


def words_told(session: Session, visitor: Visitor, acceptance: Acceptance) -> list[str]:
    """For who lives here, once no more opinions come in; their order tells nothing of who wrote them and when."""
    if acceptance.asks or not visitor.is_resident:
        return []
    words = select(Opinion.text).where(_of_round, _stands, Opinion.shown, Opinion.text != "").order_by(col(Opinion.sent_sha256))
    return list(session.execute(words, _of(acceptance)).scalars())


def standing_opinions(session: Session, acceptance: Acceptance) -> Sequence[Opinion]:
    """Those that count, each unit's one, by unit."""
    statement = select(Opinion).where(_of_round, _stands).order_by(col(Opinion.unit_id))
    return session.execute(statement, _of(acceptance)).scalars().all()


def latest_of_unit(session: Session, acceptance: Acceptance, unit_id: UUID) -> Opinion | None:
    """Also one that took another back."""
    statement = select(Opinion).where(_of_round, Opinion.unit_id == unit_id).order_by(col(Opinion.position).desc()).limit(1)
    return session.execute(statement, _of(acceptance)).scalars().first()


def opinions_for(session: Session, actor: Actor, acceptance: Acceptance) -> list[OpinionCard]:
    """One's own, those of one's unit that were typed from paper, and for who may type them all of those; latest first."""
    seen = or_(
        col(Opinion.person_id) == bindparam("person_id"),
        and_(
            col(Opinion.paper),
            or_(bindparam("types", type_=Boolean), of_person(col(Opinion.unit_id), col(Opinion.compound_id), actor.person_id)),
        ),
    )
    values = _of(acceptance) | {"person_id": actor.person_id, "types": policy.can_type_opinions(actor)}
    rows = session.execute(_CARDS.where(_stands, seen).order_by(col(Opinion.given_at).desc(), col(Opinion.id)), values)
    return [_CARD(row) for row in rows]


def opinion_card(session: Session, opinion: Opinion) -> OpinionCard:
    """For whoever gave or typed it."""
    values = {"compound_id": opinion.compound_id, "acceptance_id": opinion.acceptance_id}
    return _CARD(session.execute(_CARDS.where(Opinion.id == opinion.id), values).one())


def units_of(session: Session, compound_id: UUID, person_id: UUID) -> list[tuple[UUID, str]]:
    """For which a person may speak today."""
    statement = select(Unit.id, Unit.label).where(
        Unit.compound_id == compound_id, ASKED, of_person(col(Unit.id), col(Unit.compound_id), person_id)
    )
    return [(id, label) for id, label in session.exec(statement.order_by(col(Unit.label)))]


def waiting_for(session: Session, actor: Actor) -> list[Asked]:
    """Rounds in which a home of theirs has not said anything yet, the first to close first."""
    rows = session.execute(_WAITING, {"compound_id": actor.compound.id, "person_id": actor.person_id, "now": now()})
    return [_ASKED(row) for row in rows]


def of_person(unit_id: Any, compound_id: Any, person_id: Any) -> ColumnElement[bool]:
    """They own the unit of a row or live in it today."""
    return or_(
        *(
            select(link.id)
            .where(link.compound_id == compound_id, link.unit_id == unit_id, link.person_id == person_id, holds(link))
            .exists()
            for link in (Ownership, Residency)
        )
    )


_entered_by = aliased(Person)
_CARDS = (
    columns(
        Opinion.id,
        Opinion.acceptance_id,
        Opinion.unit_id,
        col(Unit.label).label("unit"),
        Opinion.stars,
        Opinion.text,
        Opinion.shown,
        Opinion.paper,
        Opinion.person_id,
        col(Person.name).label("person"),
        col(_entered_by.name).label("entered_by"),
        Opinion.given_at,
        Opinion.corrects_id,
    )
    .join(Unit, pointing(Opinion, "unit_id", Unit))
    .join(Person, pointing(Opinion, "person_id", Person))
    .join(_entered_by, pointing(Opinion, "entered_by_id", _entered_by))
    .where(_of_round)
)
_CARD = made_into(OpinionCard, _CARDS)
_WAITING = (
    columns(col(Acceptance.id).label("acceptance_id"), Project.title, Acceptance.closes_at)
    .join(Project, pointing(Acceptance, "project_id", Project))
    .where(
        Acceptance.compound_id == bindparam("compound_id"),
        col(Acceptance.concluded_at).is_(None),
        col(Acceptance.closes_at) > bindparam("now"),
        select(Unit.id)
        .where(
            col(Unit.compound_id) == Acceptance.compound_id,
            ASKED,
            of_person(col(Unit.id), col(Unit.compound_id), bindparam("person_id")),
            ~select(Opinion.id)
            .where(
                col(Opinion.compound_id) == Acceptance.compound_id,
                Opinion.acceptance_id == Acceptance.id,
                Opinion.unit_id == Unit.id,
                _stands,
            )
            .correlate(Acceptance, Unit)
            .exists(),
        )
        .correlate(Acceptance)
        .exists(),
    )
    .order_by(col(Acceptance.closes_at), col(Acceptance.id))
)
_ASKED = made_into(Asked, _WAITING)
_SUMS = (
    columns(
        Building.name,
        func.count().label("units"),
        func.sum(Opinion.stars).label("stars"),
        func.count().filter(col(Opinion.paper)).label("paper"),
    )
    .select_from(Opinion)
    .join(Unit, pointing(Opinion, "unit_id", Unit))
    .join(Entrance, pointing(Unit, "entrance_id", Entrance))
    .join(Building, pointing(Entrance, "building_id", Building))
    .where(_of_round, _stands)
    .group_by(col(Building.id), col(Building.name), col(Building.position))
    .order_by(col(Building.position), col(Building.name))
)
