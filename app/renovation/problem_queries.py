"""What there is to see of residents' problems: their number is public; each is for its reporter and the officers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Row, and_, bindparam, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.compounds.models import Building, Person
from app.compounds.names import known_as
from app.kit.i18n import _
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.photos.models import Photo, PhotoSize
from app.renovation import policy
from app.renovation.models import Project
from app.renovation.problem_models import PROBLEM_SAYS, Problem, ProblemAct, ProblemKind, ProblemPhoto
from app.renovation.problem_schemas import NOWHERE, SoughtProblem
from app.renovation.queries import photo_for


@dataclass(frozen=True, slots=True)
class Settled:
    """One step of what became of a problem. `project_id`: the one that takes it."""

    project_id: UUID | None
    project: str | None
    text: str
    by: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class ProblemCard:
    """`reported_by`: None for who may not know. `entered_by`: who wrote it down for them. `settled`: whether anybody has taken or
    answered it.
    """

    id: UUID
    kind: str
    says: str
    building: str | None
    place: str
    text: str
    reported_by: str | None
    entered_by: str | None
    reported_at: datetime
    settled: bool


@dataclass(frozen=True, slots=True)
class ProblemCount:
    kind: str
    says: str
    reported: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Problems of one kind in one building; None: in no building."""

    says: str
    kind: str
    building_id: UUID | None
    building: str | None
    reported: int
    waiting: int


_SETTLED = (
    select(ProblemAct.id)
    .where(ProblemAct.compound_id == Problem.compound_id, ProblemAct.problem_id == Problem.id)
    .correlate(Problem)
    .exists()
)
_hand = aliased(Person)
_PROBLEMS = (
    columns(Problem, Person.name, col(_hand.name).label("hand"), col(Building.name).label("building"), _SETTLED.label("settled"))
    .join(Person, pointing(Problem, "reported_by_id", Person))
    .outerjoin(_hand, and_(col(_hand.compound_id) == Problem.compound_id, col(_hand.id) == Problem.entered_by_id))
    .outerjoin(Building, and_(col(Building.compound_id) == Problem.compound_id, col(Building.id) == Problem.building_id))
    .where(
        Problem.compound_id == bindparam("compound_id"),
        or_(
            bindparam("of_all", type_=Boolean),
            col(Problem.reported_by_id) == bindparam("person_id"),
            col(Problem.entered_by_id) == bindparam("person_id"),
        ),
    )
)
_ONE = _PROBLEMS.where(Problem.id == bindparam("id"))
_WAITING = func.coalesce(func.sum(case((_SETTLED, 0), else_=1)), 0)


@cache
def _listing(by_kind: bool, where: str | None) -> Listing[Any]:
    statement = _PROBLEMS
    if by_kind:
        statement = statement.where(Problem.kind == bindparam("kind"))
    if where:
        statement = statement.where(
            col(Problem.building_id).is_(None) if where == NOWHERE else Problem.building_id == bindparam("building")
        )
    return Listing("problems", statement, col(Problem.reported_at), col(Problem.id), lambda row: row, newest_first=True)


def problems_of(session: Session, actor: Actor, asked: Asked, sought: SoughtProblem) -> Page[ProblemCard]:
    """For officers all of them, for others their own and what they wrote down for a neighbour; the latest first.

    Raises BadCursor.
    """
    values = _seen_by(actor) | {name: value for name, value in sought if value and value != NOWHERE}
    listing = _listing(bool(sought.kind), sought.building if sought.building in (None, NOWHERE) else "one")
    page: Page[Any] = listing.page(session, asked, **values)
    return Page[ProblemCard](items=[_card(actor, row) for row in page.items], next_cursor=page.next_cursor)


def problem_card(session: Session, actor: Actor, id: UUID) -> ProblemCard:
    """Raises NotFound for absent, foreign and somebody else's alike."""
    row = session.execute(_ONE, _seen_by(actor) | {"id": id}).one_or_none()
    if row is None:
        raise NotFound
    return _card(actor, row)


_UNSETTLED = _PROBLEMS.where(~_SETTLED).order_by(col(Problem.reported_at), col(Problem.id)).limit(20)


def unsettled_problems(session: Session, actor: Actor) -> list[ProblemCard]:
    """For who settles them: those that nobody has taken or answered, the oldest first."""
    if not policy.can_plan(actor):
        return []
    return [_card(actor, row) for row in session.execute(_UNSETTLED, _seen_by(actor))]


def problem_for(session: Session, actor: Actor, id: UUID, *, lock: bool = False) -> Problem:
    """Raises NotFound for absent, foreign and somebody else's alike."""
    problem = session.get(Problem, (actor.compound.id, id), with_for_update=lock or None, populate_existing=lock)
    if problem is None or not policy.can_see_problem(actor, problem):
        raise NotFound
    return problem


def became_of(session: Session, actor: Actor, problem: Problem) -> list[Settled]:
    """In order."""
    rows = session.execute(
        columns(ProblemAct, Person.name, Project.title)
        .join(Person, pointing(ProblemAct, "by_id", Person))
        .outerjoin(Project, and_(col(Project.compound_id) == ProblemAct.compound_id, col(Project.id) == ProblemAct.project_id))
        .where(ProblemAct.compound_id == problem.compound_id, ProblemAct.problem_id == problem.id)
        .order_by(col(ProblemAct.position))
    )
    return [
        Settled(act.project_id, title, act.text, known_as(name, full=actor.is_resident), act.done_at) for act, name, title in rows
    ]


def photos_of_problem(session: Session, problem: Problem) -> Sequence[UUID]:
    return session.exec(
        select(ProblemPhoto.id)
        .where(ProblemPhoto.compound_id == problem.compound_id, ProblemPhoto.problem_id == problem.id)
        .order_by(col(ProblemPhoto.position))
    ).all()


def problem_photo_for(session: Session, actor: Actor, problem_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """Raises NotFound, NotAllowed."""
    problem = problem_for(session, actor, problem_id)
    if photo_id not in photos_of_problem(session, problem):
        raise NotFound
    return photo_for(session, actor, photo_id, size)


def problem_counts(session: Session, compound_id: UUID) -> list[ProblemCount]:
    """By kind, most reported first: what everybody may know."""
    rows = session.execute(
        columns(Problem.kind, func.count(), _WAITING).where(Problem.compound_id == compound_id).group_by(col(Problem.kind))
    )
    counts = [ProblemCount(kind, said_kind(kind), n, int(waiting)) for kind, n, waiting in rows]
    return sorted(counts, key=lambda count: (-count.reported, count.kind))


def problem_groups(session: Session, compound_id: UUID) -> list[ProblemGroup]:
    """By kind and building, most waiting first."""
    rows = session.execute(
        columns(Problem.kind, Problem.building_id, Building.name, func.count(), _WAITING)
        .outerjoin(Building, and_(col(Building.compound_id) == Problem.compound_id, col(Building.id) == Problem.building_id))
        .where(Problem.compound_id == compound_id)
        .group_by(col(Problem.kind), col(Problem.building_id), col(Building.name))
    )
    groups = [ProblemGroup(said_kind(kind), kind, id, name, n, int(waiting)) for kind, id, name, n, waiting in rows]
    return sorted(groups, key=lambda group: (-group.waiting, -group.reported, group.kind, group.building or ""))


def counts_behind(session: Session, project: Project) -> list[tuple[str, int]]:
    """How many problems of which kind a project has taken: why it is done."""
    rows = session.execute(
        columns(Problem.kind, func.count(func.distinct(Problem.id)))
        .join(ProblemAct, pointing(ProblemAct, "problem_id", Problem))
        .where(ProblemAct.compound_id == project.compound_id, ProblemAct.project_id == project.id)
        .group_by(col(Problem.kind))
        .order_by(func.count(func.distinct(Problem.id)).desc(), col(Problem.kind))
    )
    return [(said_kind(kind), n) for kind, n in rows]


def buildings_to_choose(session: Session, compound_id: UUID) -> list[tuple[UUID, str]]:
    rows = session.exec(select(Building).where(Building.compound_id == compound_id).order_by(col(Building.name)))
    return [(building.id, building.name) for building in rows]


def said_kind(kind: str) -> str:
    return _(PROBLEM_SAYS[ProblemKind(kind)])


def kinds_to_choose() -> list[tuple[str, str]]:
    return [(kind.value, _(says)) for kind, says in PROBLEM_SAYS.items()]


def _seen_by(actor: Actor) -> dict[str, Any]:
    return {"compound_id": actor.compound.id, "person_id": actor.person_id, "of_all": policy.can_see_problems(actor)}


def _card(actor: Actor, row: Row[Any]) -> ProblemCard:
    problem: Problem = row.Problem
    return ProblemCard(
        problem.id,
        problem.kind,
        said_kind(problem.kind),
        row.building,
        problem.place,
        problem.text,
        row.name if policy.can_see_problems(actor) or row.hand else None,
        row.hand,
        problem.reported_at,
        row.settled,
    )
