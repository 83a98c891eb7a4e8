"""Verbs: plan an activity with its shifts, call a shift off."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now, said_moment
from app.kit.i18n import _
from app.kit.once import already, digest
from app.volunteering.models import LIVE, Activity, Shift
from app.volunteering.queries import shift_for, shift_to_change, signups_in
from app.volunteering.schemas import ActivityWish


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
    for signup in signups_in(session, shift, *LIVE):
        send(
            session,
            shift.compound_id,
            signup.person_id,
            _("志愿服务取消了"),
            _("%(title)s，%(at)s，不用来了。", title=activity.title, at=said_moment(shift.starts_at)),
            f"/volunteering/shifts/{shift.id}",
        )
    events.tell(session, actor.compound.id, "shift.cancelled", shift_id=shift.id)
    on_record(session, actor, "shift.cancelled", shift.id)
    return shift
