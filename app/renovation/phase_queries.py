"""What there is to see of a project's phases: planned and actual days, how much is done, what is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.charts import Span, spans
from app.kit.clock import today
from app.kit.records import columns, pointing
from app.renovation.models import Phase, PhaseProgress, PhaseReplan, PhaseState, Project
from app.renovation.queries import phases_of


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """A phase as it is drawn. `late`: days behind the plan, its beginning while nobody has begun, else its end."""

    id: UUID
    name: str
    note: str
    state: str
    planned_from_on: date
    planned_to_on: date
    began_on: date | None
    done_on: date | None
    percent: int
    late: int
    span: Span


@dataclass(frozen=True, slots=True)
class Progress:
    id: UUID
    on: date
    percent: int
    by: str


@dataclass(frozen=True, slots=True)
class Replanned:
    """What was planned before, what was put in its place, by whom and why."""

    was_from_on: date
    was_to_on: date
    planned_from_on: date
    planned_to_on: date
    why: str
    by: str
    said_at: datetime


def phase_lines(session: Session, project: Project) -> list[PhaseLine]:
    """In their order, on one axis."""
    phases, reached = phases_of(session, project), _reached(session, project)
    drawn = spans([((phase.planned_from_on, phase.planned_to_on), _actual(phase)) for phase in phases])
    return [_line(phase, reached.get(phase.id, 0), span) for phase, span in zip(phases, drawn, strict=True)]


def phase_line(session: Session, phase: Phase) -> PhaseLine:
    """One of them, on the axis of all."""
    project = session.get_one(Project, (phase.compound_id, phase.project_id))
    return next(line for line in phase_lines(session, project) if line.id == phase.id)


def overall(lines: Sequence[PhaseLine]) -> int:
    """Per cent of the whole, each phase by its planned days; 100 only where everything is done."""
    days = {line.id: (line.planned_to_on - line.planned_from_on).days + 1 for line in lines}
    return sum(line.percent * days[line.id] for line in lines) // (sum(days.values()) or 1)


def progress_of(session: Session, visitor: Visitor, phase: Phase) -> list[Progress]:
    """What was said of it, the latest first."""
    rows = session.execute(_PROGRESS, {"compound_id": phase.compound_id, "phase_id": phase.id})
    return [Progress(row.id, row.on_day, row.percent, known_as(row.name, full=visitor.is_resident)) for row in rows]


def replans_of(session: Session, visitor: Visitor, phase: Phase) -> list[Replanned]:
    """How its plan was changed, the first time first."""
    rows = session.execute(
        columns(PhaseReplan, Person.name)
        .join(Person, pointing(PhaseReplan, "by_id", Person))
        .where(PhaseReplan.compound_id == phase.compound_id, PhaseReplan.phase_id == phase.id)
        .order_by(col(PhaseReplan.position))
    )
    told = [name for name in Replanned.__slots__ if name != "by"]
    return [
        Replanned(**{field: getattr(row, field) for field in told}, by=known_as(name, full=visitor.is_resident))
        for row, name in rows
    ]


_PROGRESS = (
    columns(PhaseProgress.id, PhaseProgress.on_day, PhaseProgress.percent, Person.name)
    .join(Person, pointing(PhaseProgress, "by_id", Person))
    .where(PhaseProgress.compound_id == bindparam("compound_id"), PhaseProgress.phase_id == bindparam("phase_id"))
    .order_by(col(PhaseProgress.on_day).desc(), col(PhaseProgress.said_at).desc(), col(PhaseProgress.id).desc())
)


def _reached(session: Session, project: Project) -> dict[UUID, int]:
    """By phase, the latest word on how much is done."""
    rows = session.execute(
        select(PhaseProgress.phase_id, PhaseProgress.percent)
        .join(Phase, and_(col(Phase.compound_id) == PhaseProgress.compound_id, col(Phase.id) == PhaseProgress.phase_id))
        .where(Phase.compound_id == project.compound_id, Phase.project_id == project.id)
        .order_by(col(PhaseProgress.on_day), col(PhaseProgress.said_at), col(PhaseProgress.id))
    )
    return {row[0]: row[1] for row in rows}


def _actual(phase: Phase) -> tuple[date, date] | None:
    if phase.began_on is None:
        return None
    return phase.began_on, max(phase.began_on, phase.done_on or today())


def _line(phase: Phase, reached: int, span: Span) -> PhaseLine:
    done, due = phase.state == PhaseState.DONE, phase.planned_to_on
    if phase.state == PhaseState.PLANNED:
        due = phase.planned_from_on
    return PhaseLine(
        id=phase.id,
        name=phase.name,
        note=phase.note,
        state=phase.state,
        planned_from_on=phase.planned_from_on,
        planned_to_on=phase.planned_to_on,
        began_on=phase.began_on,
        done_on=phase.done_on,
        percent=100 if done else min(reached, 99) if phase.state == PhaseState.GOING else 0,
        late=max(0, ((phase.done_on or today()) - due).days),
        span=span,
    )
