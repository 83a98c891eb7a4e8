"""Verbs: a service that comes again; its shifts are made some weeks ahead, and how it goes on can be changed from any of them.

The series' row is locked before the rows of its shifts. What has begun is never touched.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.kit.clock import local, start_of, today
from app.kit.jobs import enqueue
from app.kit.refusals import NotFound
from app.kit.versions import Stale
from app.volunteering.changing import call_off, change
from app.volunteering.helping import keep_for_skills, wanted_by_skill
from app.volunteering.models import Activity, Places, Shift
from app.volunteering.queries import activity_to_change, people_on, shift_for
from app.volunteering.schemas import Repeats, SeriesChange, ShiftChange
from app.volunteering.series_models import Series, Touch
from app.volunteering.series_queries import (
    Touched,
    days_made,
    horizon,
    seen_of,
    series_for,
    shifts_from,
    touched,
)

MAKE_SHIFTS = "volunteering.series"


def begin(session: Session, activity: Activity, wish: Repeats) -> Series:
    """A series of the activity, with its first shifts."""
    series = following_of(activity, wish, wanted_by_skill(session, activity.compound_id, wish.needs))
    session.add(series)
    session.flush()
    make_shifts(session, series)
    return series


def following_of(activity: Activity, wish: Repeats, wanted: Mapping[UUID, int]) -> Series:
    """The series that the wish describes, not in the session yet."""
    starts = local(wish.starts_at)
    return Series(
        compound_id=activity.compound_id,
        activity_id=activity.id,
        rrule=wish.rrule.upper(),
        first_on=starts.date(),
        starts_minute=starts.hour * 60 + starts.minute,
        minutes=int((wish.ends_at - wish.starts_at).total_seconds() // 60),
        skip_holidays=wish.skip_holidays,
        capacity=wish.capacity,
        minimum=wish.minimum,
        needs={str(skill_id): number for skill_id, number in wanted.items()},
    )


def make_shifts(session: Session, series: Series) -> int:
    """Those of the coming weeks that are not there yet; how many they were. However often it is asked, and whatever the clock
    said meanwhile, each day has one: the days that have theirs are read from the shifts, under the series' lock.
    """
    last = horizon(session, series.compound_id, series.first_on)
    made = days_made(session, series)
    new = [day for day in series.coming(last, today()) if day not in made]
    for day in new:
        starts_at, ends_at = series.span(day)
        add_shift(session, series, day, starts_at=starts_at, ends_at=ends_at)
    if series.last_on is None or series.last_on > last:
        tomorrow = today() + timedelta(days=1)
        payload = {"compound_id": str(series.compound_id), "series_id": str(series.id)}
        enqueue(session, MAKE_SHIFTS, payload, run_after=start_of(tomorrow), key=f"{MAKE_SHIFTS}:{series.id}:{tomorrow}")
    return len(new)


def add_shift(session: Session, series: Series, day: date, **when: Any) -> Shift:
    shift = Shift(
        compound_id=series.compound_id,
        activity_id=series.activity_id,
        series_id=series.id,
        occurs_on=day,
        **series.shape(),
        **when,
    )
    session.add(shift)
    session.flush()
    keep_for_skills(session, Places(shift, ()), series.wanted)
    return shift


def make_due(session: Session, payload: dict[str, str]) -> None:
    """The job of every day."""
    key = (UUID(payload["compound_id"]), UUID(payload["series_id"]))
    series = session.get(Series, key, with_for_update=True)
    if series is not None:
        make_shifts(session, series)


def fill(session: Session, actor: Actor, id: UUID) -> int:
    """What the job does, by hand: for whoever finds weeks missing. Raises NotFound, NotAllowed."""
    actor.need(Permission.PLAN_SERVICE)
    made = make_shifts(session, series_for(session, actor, id, to_change=True))
    on_record(session, actor, "series.filled", id)
    return made


def preview(session: Session, actor: Actor, shift_id: UUID, wish: SeriesChange | None) -> list[Touched]:
    """What would become of this shift and of the later ones of its series, if it went on as wished, or ended before this one.

    Raises NotFound (also for a shift that stands alone), NotAllowed.
    """
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    if shift.series_id is None or shift.occurs_on is None:
        raise NotFound
    series = series_for(session, actor, shift.series_id)
    return _touches(session, series, shift.occurs_on, following_of(activity, wish, {}) if wish else None)


def go_on(session: Session, actor: Actor, shift_id: UUID, wish: SeriesChange | None, seen: str) -> Series | None:
    """From this shift on the series is another one; or none, without a wish. Whoever has a place keeps it and is told what
    changed; the past stays in the series that was.

    Raises NotFound, NotAllowed, Stale (it touches other things by now than what was `seen`), BelowTaken, BeginsInThePast.
    """
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    if shift.series_id is None or shift.occurs_on is None:
        raise NotFound
    activity_to_change(session, actor, activity.id)
    series = series_for(session, actor, shift.series_id, to_change=True)
    following = following_of(activity, wish, wanted_by_skill(session, actor.compound.id, wish.needs)) if wish else None
    touches = _touches(session, series, shift.occurs_on, following)
    if seen_of(touches) != seen:
        raise Stale
    series.last_on = shift.occurs_on - timedelta(days=1)
    if following:
        session.add(following)
        session.flush()
    for one in touches:
        if one.shift and one.touch == Touch.CALLED_OFF:
            call_off(session, one.shift, activity)
        elif one.shift and following and wish and one.day:
            _bring_over(session, one.shift, activity, following, wish, one)
    if following:
        make_shifts(session, following)
    events.tell(session, actor.compound.id, "series.changed", activity_id=activity.id, series_id=series.id)
    on_record(session, actor, "series.changed", series.id)
    return following


def _touches(session: Session, series: Series, day: date, following: Series | None) -> list[Touched]:
    shifts = shifts_from(session, series, day)
    people = people_on(session, series.compound_id, [shift.id for shift in shifts])
    return touched(shifts, following, horizon(session, series.compound_id, (following or series).first_on), people)


def _bring_over(session: Session, shift: Shift, activity: Activity, following: Series, wish: SeriesChange, one: Touched) -> None:
    assert one.day
    shift.series_id, shift.occurs_on = following.id, one.day
    if one.touch != Touch.LEFT_ALONE:
        starts_at, ends_at = following.span(one.day)
        shape = wish.model_dump(include={"capacity", "minimum", "needs"})
        like = ShiftChange(**shape, starts_at=starts_at, ends_at=ends_at, meets_at=shift.meets_at or None)
        change(session, shift, activity, like)
