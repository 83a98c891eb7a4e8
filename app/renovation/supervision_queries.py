"""What there is to see of a project's supervision: fixed days, which of them were kept, the next one. All of it is public."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from app.compounds.workdays import calendar
from app.kit.clock import local, today
from app.renovation.models import Project, Visit
from app.renovation.supervision_models import SiteSpot, SupervisionDays
from app.renovation.supervision_schemas import DayState

ONE_DAY = timedelta(days=1)
FAR = timedelta(days=400)
"""How far ahead the next fixed day is looked for: the 29th of February may be four years away, and is then not told."""


@dataclass(frozen=True, slots=True)
class DayLine:
    on: date
    state: DayState
    visit_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Supervision:
    """`lines`: of the month. `kept`, `missed`: fixed days since there are any."""

    weekdays: list[int]
    month_days: list[int]
    lines: list[DayLine]
    kept: int
    missed: int
    next_on: date | None


def site_of(session: Session, project: Project) -> SiteSpot | None:
    """Where it is, as set last."""
    return session.exec(
        select(SiteSpot)
        .where(SiteSpot.compound_id == project.compound_id, SiteSpot.project_id == project.id)
        .order_by(col(SiteSpot.set_at).desc(), col(SiteSpot.id).desc())
        .limit(1)
    ).first()


def supervision_of(session: Session, project: Project, month: date) -> Supervision:
    """`month`: any day of it."""
    plans, visits = _plans(session, project), _visits(session, project)
    been: dict[date, list[UUID]] = {}
    for visit in visits:
        been.setdefault(local(visit.visited_at).date(), []).append(visit.id)
    first = month.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - ONE_DAY
    lines = [line for day in _each(first, last) if (line := _line(plans, been, day))]
    past = [_line(plans, been, day) for day in _each(plans[0].from_on, today())] if plans else []
    states = [line.state for line in past if line]
    return Supervision(
        _numbers(plans[-1].weekdays) if plans else [],
        _numbers(plans[-1].month_days) if plans else [],
        lines,
        states.count(DayState.KEPT),
        states.count(DayState.MISSED),
        _next(plans, been, visits),
    )


def month_of(asked: str | None) -> date:
    """The first day of "2026-11", or of this month."""
    return date.fromisoformat(f"{asked}-01") if asked else today().replace(day=1)


def _plans(session: Session, project: Project) -> Sequence[SupervisionDays]:
    """The earliest first; of two from the same day the later one counts."""
    return session.exec(
        select(SupervisionDays)
        .where(SupervisionDays.compound_id == project.compound_id, SupervisionDays.project_id == project.id)
        .order_by(col(SupervisionDays.from_on), col(SupervisionDays.set_at), col(SupervisionDays.id))
    ).all()


def _visits(session: Session, project: Project) -> Sequence[Visit]:
    """Those that somebody went for: a correction is written at a desk."""
    return session.exec(
        select(Visit)
        .options(
            load_only(
                *map(col, (Visit.id, Visit.not_before_at, Visit.started_at, Visit.received_at, Visit.next_on)),  # type: ignore[arg-type]
            )
        )
        .where(Visit.compound_id == project.compound_id, Visit.project_id == project.id, col(Visit.supersedes_id).is_(None))
        .order_by(col(Visit.received_at), col(Visit.id))
    ).all()


def _line(plans: Sequence[SupervisionDays], been: dict[date, list[UUID]], day: date) -> DayLine | None:
    visits = tuple(been.get(day, ()))
    if not _is_fixed(plans, day):
        return DayLine(day, DayState.OTHER, visits) if visits else None
    if visits:
        return DayLine(day, DayState.KEPT, visits)
    if calendar().is_holiday(day):
        return DayLine(day, DayState.OFF, ())
    return DayLine(day, DayState.MISSED if day < today() else DayState.COMING, ())


def _is_fixed(plans: Sequence[SupervisionDays], day: date) -> bool:
    in_force = [plan for plan in plans if plan.from_on <= day]
    return bool(in_force) and in_force[-1].asks_for(day)


def _next(plans: Sequence[SupervisionDays], been: dict[date, list[UUID]], visits: Sequence[Visit]) -> date | None:
    ahead = (_line(plans, been, day) for day in _each(today(), today() + FAR)) if plans else ()
    fixed = [line.on for line in ahead if line and line.state is DayState.COMING][:1]
    said = [visit.next_on for visit in visits[-1:] if visit.next_on and visit.next_on >= today()]
    return min(fixed + said, default=None)


def _each(first: date, last: date) -> Iterator[date]:
    return (first + n * ONE_DAY for n in range((last - first).days + 1))


def _numbers(written: str) -> list[int]:
    return [int(number) for number in written.split(",") if number]
