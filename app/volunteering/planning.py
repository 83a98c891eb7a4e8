"""Verbs: plan an activity with its shifts, change it, call a shift off; whoever signed up is told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.inbox.service import send
from app.kit import events
from app.kit.clock import said_moment, said_span
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.versions import Stale
from app.volunteering.helping import keep_for_skills, wanted_by_skill
from app.volunteering.models import Activity, Places, Shift
from app.volunteering.queries import activity_to_change, places_of, shift_for, shift_to_change, shifts_of, signups_in
from app.volunteering.schemas import ActivityChange, ActivityWish, ShiftChange
from app.volunteering.signing_up import lapse, settle
from app.volunteering.signup_models import LIVE, SignupState


def plan(session: Session, actor: Actor, id: UUID, wish: ActivityWish) -> tuple[Activity, bool]:
    """An activity with one shift a week for `wish.weeks` weeks. Raises NotAllowed, SameIdOtherContent."""
    actor.need(Permission.PLAN_SERVICE)
    sent = digest(wish, actor.person_id)
    if before := already(session, Activity, actor.compound.id, id, sent):
        return before, False
    activity = Activity(compound_id=actor.compound.id, id=id, leader_id=actor.person_id, sent_sha256=sent, **_words_of(wish))
    session.add(activity)
    session.flush()
    wanted = wanted_by_skill(session, actor.compound.id, wish.needs)
    for week in range(wish.weeks):
        later = timedelta(weeks=week)
        shift = Shift(
            compound_id=actor.compound.id,
            activity_id=activity.id,
            starts_at=wish.starts_at + later,
            ends_at=wish.ends_at + later,
            capacity=wish.capacity,
            minimum=wish.minimum,
        )
        session.add(shift)
        session.flush()
        keep_for_skills(session, Places(shift, ()), wanted)
    events.tell(session, actor.compound.id, "activity.planned", activity_id=activity.id)
    on_record(session, actor, "activity.planned", activity.id)
    return activity, True


def cancel(session: Session, actor: Actor, shift_id: UUID) -> Shift:
    """Call a shift off and tell everybody on it. Raises NotFound, NotAllowed, ShiftOver, ShiftCancelled."""
    actor.need(Permission.PLAN_SERVICE)
    shift = shift_to_change(session, actor, shift_id)
    shift.check_open()
    shift.cancel()
    activity = shift_for(session, actor, shift_id)[1]
    words = _("%(title)s，%(at)s，不用来了。", title=activity.title, at=said_moment(shift.starts_at))
    tell_everybody_on(session, shift, _("志愿服务取消了"), words)
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
            words = _("%(title)s，%(at)s，在%(place)s集合。", title=activity.title, at=at, place=activity.place)
            tell_everybody_on(session, shift, _("志愿服务换地方了"), words)
    events.tell(session, actor.compound.id, "activity.changed", activity_id=activity.id)
    on_record(session, actor, "activity.changed", activity.id)
    return activity


def change_shift(session: Session, actor: Actor, id: UUID, version: int, wish: ShiftChange) -> Shift:
    """Another time, more or fewer places. New places are held for those who wait in this same transaction, and another time
    is told to everybody on the shift.

    Raises NotFound, NotAllowed, Stale, ShiftOver, ShiftCancelled, BelowTaken, BeginsInThePast.
    """
    actor.need(Permission.PLAN_SERVICE)
    shift = shift_to_change(session, actor, id)
    if shift.version != version:
        raise Stale
    shift.check_open()
    places = places_of(session, shift)
    lapse(session, places)
    wanted = wanted_by_skill(session, actor.compound.id, wish.needs)
    places.check(wish.capacity, wanted)
    moved = shift.change(wish.starts_at, wish.ends_at, wish.meets_at or "")
    shift.capacity, shift.minimum = wish.capacity, wish.minimum
    places = keep_for_skills(session, places, wanted)
    if moved:
        for signup in signups_in(session, shift, SignupState.OFFERED):
            assert signup.offer_until_at
            signup.offer_until_at = min(signup.offer_until_at, shift.starts_at)
        activity = shift_for(session, actor, id)[1]
        at = said_span(shift.starts_at, shift.ends_at)
        place = shift.meets_at or activity.place
        words = _("%(title)s，%(at)s，在%(place)s集合。来不了，请取消报名。", title=activity.title, at=at, place=place)
        tell_everybody_on(session, shift, _("志愿服务改时间或地方了"), words)
    settle(session, places)
    events.tell(session, actor.compound.id, "shift.changed", shift_id=shift.id)
    on_record(session, actor, "shift.changed", shift.id)
    return shift


def _words_of(wish: ActivityChange) -> dict[str, Any]:
    return {name: getattr(wish, name) or "" for name in ActivityChange.model_fields}


def tell_everybody_on(session: Session, shift: Shift, title: str, words: str) -> None:
    for signup in signups_in(session, shift, *LIVE):
        send(session, shift.compound_id, signup.person_id, title, words, f"/volunteering/shifts/{shift.id}")
