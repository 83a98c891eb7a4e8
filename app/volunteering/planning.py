"""Verbs: plan an activity with its shifts, change it, call a shift off; whoever signed up is told."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.kit.clock import said_moment
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.versions import Stale
from app.volunteering.changing import call_off, change, tell_everybody_on
from app.volunteering.helping import keep_for_skills, wanted_by_skill
from app.volunteering.models import Activity, Places, Shift
from app.volunteering.queries import activity_for, activity_to_change, shift_to_change, shifts_of
from app.volunteering.repeating import begin
from app.volunteering.schemas import ActivityChange, ActivityWish, ShiftChange


def plan(session: Session, actor: Actor, id: UUID, wish: ActivityWish) -> tuple[Activity, bool]:
    """An activity with one shift, or with a series of them. Raises NotAllowed, SameIdOtherContent."""
    actor.need(Permission.PLAN_SERVICE)
    sent = digest(wish, actor.person_id)
    if before := already(session, Activity, actor.compound.id, id, sent):
        return before, False
    activity = Activity(compound_id=actor.compound.id, id=id, leader_id=actor.person_id, sent_sha256=sent, **_words_of(wish))
    session.add(activity)
    session.flush()
    if wish.rrule:
        begin(session, activity, wish)
    else:
        once = wish.model_dump(include={"starts_at", "ends_at", "capacity", "minimum"})
        shift = Shift(compound_id=actor.compound.id, activity_id=activity.id, **once)
        session.add(shift)
        session.flush()
        keep_for_skills(session, Places(shift, ()), wanted_by_skill(session, actor.compound.id, wish.needs))
    events.tell(session, actor.compound.id, "activity.planned", activity_id=activity.id)
    on_record(session, actor, "activity.planned", activity.id)
    return activity, True


def cancel(session: Session, actor: Actor, shift_id: UUID) -> Shift:
    """Call a shift off and tell everybody on it. Raises NotFound, NotAllowed, ShiftOver, ShiftCancelled."""
    actor.need(Permission.PLAN_SERVICE)
    shift = shift_to_change(session, actor, shift_id)
    call_off(session, shift, activity_for(session, actor, shift.activity_id))
    events.tell(session, actor.compound.id, "shift.cancelled", shift_id=shift.id)
    on_record(session, actor, "shift.cancelled", shift.id)
    return shift


def change_activity(session: Session, actor: Actor, id: UUID, version: int, wish: ActivityChange) -> Activity:
    """Other words for an activity; another place is told to everybody on its coming shifts.

    Raises NotFound, NotAllowed, Stale (`version` is not what stands there).
    """
    actor.need(Permission.PLAN_SERVICE)
    activity = activity_to_change(session, actor, id)
    if activity.version != version:
        raise Stale
    moved = activity.place != wish.place
    for name, words in _words_of(wish).items():
        setattr(activity, name, words)
    for shift in shifts_of(session, activity) if moved else ():
        if not shift.started and not shift.cancelled_at and not shift.meets_at:
            shift.sequence += 1
            at = said_moment(shift.starts_at)
            said = _("%(title)s，%(at)s，在%(place)s集合。", title=activity.title, at=at, place=activity.place)
            tell_everybody_on(session, shift, _("志愿服务换地方了"), said)
    events.tell(session, actor.compound.id, "activity.changed", activity_id=activity.id)
    on_record(session, actor, "activity.changed", activity.id)
    return activity


def change_shift(session: Session, actor: Actor, id: UUID, version: int, wish: ShiftChange) -> Shift:
    """This shift only: from now on it stands apart from its series.

    Raises NotFound, NotAllowed, Stale, ShiftOver, ShiftCancelled, BelowTaken, BeginsInThePast.
    """
    actor.need(Permission.PLAN_SERVICE)
    shift = shift_to_change(session, actor, id)
    if shift.version != version:
        raise Stale
    change(session, shift, activity_for(session, actor, shift.activity_id), wish)
    shift.alone = shift.series_id is not None
    events.tell(session, actor.compound.id, "shift.changed", shift_id=shift.id)
    on_record(session, actor, "shift.changed", shift.id)
    return shift


def _words_of(wish: ActivityChange) -> dict[str, Any]:
    return {name: getattr(wish, name) or "" for name in ActivityChange.model_fields}
