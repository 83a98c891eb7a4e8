"""What there is to see of a series, and what a change to it would touch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.rules import rule
from app.kit.clock import today
from app.kit.refusals import NotFound
from app.volunteering.models import Shift
from app.volunteering.series_models import Series, Touch


@dataclass(frozen=True, slots=True)
class Touched:
    """One shift that a change touches: when it was and when it will be, and how many hold or wait for a place."""

    touch: Touch
    was_at: datetime | None
    will_be_at: datetime | None
    people: int
    shift: Shift | None
    day: date | None
    """Of the series that follows."""


def series_for(session: Session, visitor: Visitor, id: UUID, *, to_change: bool = False) -> Series:
    """Raises NotFound."""
    key = (visitor.compound.id, id)
    series = session.get(Series, key, with_for_update=True, populate_existing=True) if to_change else session.get(Series, key)
    if series is None:
        raise NotFound
    return series


def horizon(session: Session, compound_id: UUID, first_on: date) -> date:
    """The last day for which shifts are made by now: some weeks ahead, of a series that begins later too."""
    return max(today(), first_on) + timedelta(weeks=rule(session, compound_id, "series_weeks"), days=-1)


def shifts_from(session: Session, series: Series, day: date) -> list[Shift]:
    """Of the series, from that day on: what has neither begun nor been called off. In the order of locks."""
    rows = session.exec(
        select(Shift)
        .where(
            Shift.compound_id == series.compound_id,
            Shift.series_id == series.id,
            col(Shift.occurs_on) >= day,
            col(Shift.cancelled_at).is_(None),
        )
        .order_by(col(Shift.id))
        .with_for_update()
    )
    return [shift for shift in rows if not shift.started]


def days_made(session: Session, series: Series) -> set[date]:
    """For these the series has a shift, also a cancelled one: what was called off is not made again."""
    rows = session.exec(select(Shift).where(Shift.compound_id == series.compound_id, Shift.series_id == series.id))
    return {shift.occurs_on for shift in rows if shift.occurs_on}


def touched(shifts: Iterable[Shift], following: Series | None, last: date, people: dict[UUID, int]) -> list[Touched]:
    """What becomes of these shifts of one series if another follows it, or none.

    A shift keeps its people and moves to the new day of its own date, else of its own week; without one it is called off. One
    that was changed by itself stays as it is.
    """
    left = sorted(shifts, key=lambda shift: shift.starts_at)
    days = list(following.coming(last, following.first_on)) if following else []
    found: list[Touched] = []
    for same in (_same_day, _same_week):
        for day in list(days):
            shift = next((one for one in left if one.occurs_on and same(one.occurs_on, day)), None)
            if shift is not None and following is not None:
                left.remove(shift)
                days.remove(day)
                starts_at = shift.starts_at if shift.alone else following.span(day)[0]
                moved = (shift.starts_at, shift.ends_at) != following.span(day)
                touch = Touch.LEFT_ALONE if shift.alone else Touch.MOVED if moved else Touch.SAME
                found.append(Touched(touch, shift.starts_at, starts_at, people.get(shift.id, 0), shift, day))
    for shift in left:
        touch = Touch.LEFT_ALONE if shift.alone and following else Touch.CALLED_OFF
        will_be = shift.starts_at if touch == Touch.LEFT_ALONE else None
        found.append(Touched(touch, shift.starts_at, will_be, people.get(shift.id, 0), shift, None))
    if following:
        found += [Touched(Touch.MADE, None, following.span(day)[0], 0, None, day) for day in days]
    return sorted(found, key=lambda one: str(one.will_be_at or one.was_at))


def seen_of(touches: list[Touched]) -> str:
    """What whoever agrees to a change has seen: another list is another question."""
    said = [f"{one.touch} {one.was_at} {one.will_be_at} {one.people}" for one in touches]
    return sha256("\n".join(said).encode()).hexdigest()[:16]


def _same_day(one: date, other: date) -> bool:
    return one == other


def _same_week(one: date, other: date) -> bool:
    return one.isocalendar()[:2] == other.isocalendar()[:2]
