"""Verbs: check people in and out, and record their hours with the provenance of each."""

from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.rules import rule
from app.kit import events
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.refusals import NotThisState, SameIdOtherContent
from app.volunteering.hour_models import HourEntry, HourSource
from app.volunteering.models import Door, Shift, ShiftCancelled
from app.volunteering.queries import shift_for, shift_to_change, signup_for
from app.volunteering.schemas import HoursWish
from app.volunteering.signup_models import Signup, SignupState


def check_in(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """Somebody has come. Raises NotFound, NotAllowed, NotThisState, ShiftCancelled, TooEarlyToCheckIn, TooLateToCheckIn."""
    signup = _to_attend(session, actor, signup_id)
    shift = shift_for(session, actor, signup.shift_id)[0]
    if shift.cancelled_at:
        raise ShiftCancelled
    door_of(session, shift).check_open()
    signup.check_in()
    on_record(session, actor, "signup.checked-in", signup.id)
    return signup


def door_of(session: Session, shift: Shift) -> Door:
    """When people are checked in, by the compound's own rules."""
    return shift.door(rule(session, shift.compound_id, "check_in_minutes"), rule(session, shift.compound_id, "check_in_hours"))


def undo_check_in(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """A slip of the thumb, while no hours hang on it. Raises NotFound, NotAllowed, NotThisState."""
    signup = _to_attend(session, actor, signup_id)
    if signup.checked_out_at:
        raise NotThisState
    signup.checked_in_at = None
    on_record(session, actor, "signup.check-in-undone", signup.id)
    return signup


def check_out(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """Somebody leaves: the minutes between are recorded as checked, at most the shift's length.

    Raises NotFound, NotAllowed, NotThisState.
    """
    signup = _to_attend(session, actor, signup_id)
    signup.check_out()
    assert signup.checked_in_at
    assert signup.checked_out_at
    shift = shift_for(session, actor, signup.shift_id)[0]
    minutes = int((signup.checked_out_at - signup.checked_in_at).total_seconds() // 60)
    if minutes > 0:
        _record_hours(session, actor, signup, min(minutes, shift.minutes), HourSource.CHECKED, "")
    on_record(session, actor, "signup.checked-out", signup.id)
    return signup


def add_hours(session: Session, actor: Actor, signup_id: UUID, id: UUID, wish: HoursWish) -> tuple[HourEntry, bool]:
    """Hours written afterwards, at most the shift's length: kept apart, with a reason and the officer's name. Once per sign-up;
    and whether this call made them (False: an equal request did before).

    Raises NotFound, NotAllowed, SameIdOtherContent, NotThisState (the shift has not ended, or hours are recorded already).
    """
    signup = _to_attend(session, actor, signup_id)
    shift = shift_for(session, actor, signup.shift_id)[0]
    minutes = min(wish.minutes, shift.minutes)
    before = session.get(HourEntry, (actor.compound.id, id))
    if before is not None:  # an entry is never changed: it says itself what was asked for
        if (before.signup_id, before.minutes, before.reason) != (signup.id, minutes, wish.reason):
            raise SameIdOtherContent(at=f"/volunteering/shifts/{shift.id}/attendance")
        return before, False
    recorded = session.exec(
        select(HourEntry.id).where(HourEntry.compound_id == signup.compound_id, HourEntry.signup_id == signup.id)
    ).first()
    if shift.ends_at > now() or recorded is not None or signup.state != SignupState.CONFIRMED:
        raise NotThisState
    entry = _record_hours(session, actor, signup, minutes, HourSource.ADDED, wish.reason, id)
    on_record(session, actor, "hours.added", signup.id)
    return entry, True


def _to_attend(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    actor.need(Permission.CHECK_IN)
    seen = signup_for(session, actor, signup_id)
    shift_to_change(session, actor, seen.shift_id)
    return signup_for(session, actor, signup_id)


def _record_hours(
    session: Session, actor: Actor, signup: Signup, minutes: int, source: HourSource, reason: str, id: UUID | None = None
) -> HourEntry:
    entry = HourEntry(
        compound_id=signup.compound_id,
        signup_id=signup.id,
        person_id=signup.person_id,
        minutes=minutes,
        source=source,
        recorded_by_id=actor.person_id,
        reason=reason,
        id=id or new_id(),
    )
    session.add(entry)
    events.tell(session, signup.compound_id, "hours.recorded", signup_id=signup.id)
    return entry
