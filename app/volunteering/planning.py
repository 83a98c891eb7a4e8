"""Verbs: plan an activity with its shifts, change it, call a shift off; whoever signed up is told."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now, said_moment, said_span
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.versions import Stale
from app.volunteering.models import LIVE, Activity, Shift, SignupState
from app.volunteering.queries import activity_to_change, shift_for, shift_to_change, shifts_of, signups_in
from app.volunteering.schemas import ActivityChange, ActivityWish, ShiftChange
from app.volunteering.signing_up import lapse, settle


def plan(session: Session, actor: Actor, id: UUID, wish: ActivityWish) -> tuple[Activity, bool]:
    """An activity with one shift a week for `wish.weeks` weeks. Raises NotAllowed, SameIdOtherContent."""
    actor.need(Permission.PLAN_SERVICE)
    sent = digest(wish, actor.person_id)
    if before := already(session, Activity, actor.compound.id, id, sent):
        return before, False
    activity = Activity(
        compound_id=actor.compound.id,
        id=id,
        kind=wish.kind,
        title=wish.title,
        place=wish.place,
        what=wish.what,
        leader_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(activity)
    session.flush()
    for week in range(wish.weeks):
        later = timedelta(weeks=week)
        session.add(
            Shift(
                compound_id=actor.compound.id,
                activity_id=activity.id,
                starts_at=wish.starts_at + later,
                ends_at=wish.ends_at + later,
                capacity=wish.capacity,
            )
        )
    events.tell(session, actor.compound.id, "activity.planned", activity_id=activity.id)
    on_record(session, actor, "activity.planned", activity.id)
    return activity, True


def cancel(session: Session, actor: Actor, shift_id: UUID) -> Shift:
    """Call a shift off and tell everybody on it. Raises NotFound, NotAllowed, ShiftOver, ShiftCancelled."""
    actor.need(Permission.PLAN_SERVICE)
    shift = shift_to_change(session, actor, shift_id)
    shift.check_open()
    shift.cancelled_at = now()
    activity = shift_for(session, actor, shift_id)[1]
    words = _("%(title)s，%(at)s，不用来了。", title=activity.title, at=said_moment(shift.starts_at))
    _tell_everybody_on(session, shift, _("志愿服务取消了"), words)
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
    activity.kind, activity.title, activity.place, activity.what = wish.kind, wish.title, wish.place, wish.what
    for shift in shifts_of(session, activity) if moved else ():
        if not shift.started and not shift.cancelled_at:
            at = said_moment(shift.starts_at)
            words = _("%(title)s，%(at)s，在%(place)s集合。", title=activity.title, at=at, place=activity.place)
            _tell_everybody_on(session, shift, _("志愿服务换地方了"), words)
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
    lapse(session, shift)
    if shift.change(wish.starts_at, wish.ends_at, wish.capacity):
        for signup in signups_in(session, shift, SignupState.OFFERED):
            assert signup.offer_until_at
            signup.offer_until_at = min(signup.offer_until_at, shift.starts_at)
        activity = shift_for(session, actor, id)[1]
        at = said_span(shift.starts_at, shift.ends_at)
        words = _("%(title)s，改到%(at)s。来不了，请取消报名。", title=activity.title, at=at)
        _tell_everybody_on(session, shift, _("志愿服务改时间了"), words)
    settle(session, shift)
    events.tell(session, actor.compound.id, "shift.changed", shift_id=shift.id)
    on_record(session, actor, "shift.changed", shift.id)
    return shift


def _tell_everybody_on(session: Session, shift: Shift, title: str, words: str) -> None:
    for signup in signups_in(session, shift, *LIVE):
        send(session, shift.compound_id, signup.person_id, title, words, f"/volunteering/shifts/{shift.id}")
