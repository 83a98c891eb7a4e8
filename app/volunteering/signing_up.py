"""Verbs: sign up, confirm an offered place, withdraw; and how a freed place finds its next holder.

Every verb here locks the shift's row first. Before a place is given, what time has decided is settled; after one was given
back, it is held for the next. So the rules on the nouns see one truth, and a place is never sold twice.
"""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.record import on_record
from app.compounds.numbers import next_number
from app.compounds.rules import rule
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now, said_moment, today
from app.kit.i18n import _
from app.kit.jobs import enqueue
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.volunteering import policy
from app.volunteering.models import Activity, AlreadySignedUp, Shift, Signup, SignupState, TooLateToWithdraw
from app.volunteering.queries import live_signup, shift_to_change, signup_for, signups_in
from app.volunteering.schemas import SignupWish

SETTLE_SHIFT = "volunteering.settle"


def sign_up(session: Session, actor: Actor, shift_id: UUID, id: UUID, wish: SignupWish) -> tuple[Signup, bool]:
    """A place, or a place in the queue; and whether this call made it (False: an equal request did before).

    `id` is made by the client. Raises NotFound, NotAllowed (for somebody else without authority), ShiftOver,
    ShiftCancelled, AlreadySignedUp, SameIdOtherContent.
    """
    person_id = for_whom(session, actor, wish.person_id)
    shift = shift_to_change(session, actor, shift_id)
    sent = digest(wish, actor.person_id, shift_id)
    if before := already(session, Signup, actor.compound.id, id, sent):
        return before, False
    shift.check_open()
    settle(session, shift)
    if live_signup(session, shift, person_id):
        raise AlreadySignedUp
    signup = Signup(
        compound_id=actor.compound.id,
        id=id,
        shift_id=shift.id,
        person_id=person_id,
        entered_by_id=actor.person_id,
        state=SignupState.CONFIRMED if shift.has_room() else SignupState.WAITING,
        year=today().year,
        number=next_number(session, actor.compound.id, "signup"),
        sent_sha256=sent,
    )
    if signup.state == SignupState.CONFIRMED:
        shift.take()
    session.add(signup)
    _record(session, actor, signup, "signup.made")
    return signup, True


def confirm(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """Take the place that is held for me; in the last call, take a place that nobody holds from the waiting list.

    Raises NotFound, OfferGone, NotThisState, ShiftOver, ShiftCancelled.
    """
    signup, shift = _locked(session, actor, signup_id)
    shift.check_open()
    if signup.state == SignupState.WAITING:
        settle(session, shift)
        if shift.has_room():
            shift.take()
            signup.state = SignupState.OFFERED
    if signup.state != SignupState.CONFIRMED:  # a second tap counts once
        signup.confirm()
        _record(session, actor, signup, "signup.confirmed")
    return signup


def withdraw(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """Give the place back; it is offered to the next in line in this same transaction.

    Raises NotFound, NotThisState, ShiftOver, ShiftCancelled, TooLateToWithdraw (the person themselves, near the start).
    """
    signup, shift = _locked(session, actor, signup_id)
    shift.check_open()
    if too_late_to_withdraw(session, actor, shift):
        raise TooLateToWithdraw
    if signup.withdraw():
        shift.free()
    settle(session, shift)
    _record(session, actor, signup, "signup.withdrawn")
    return signup


def too_late_to_withdraw(session: Session, actor: Actor, shift: Shift) -> bool:
    """Near the start only those who lead may strike somebody off; the page offers no more than the verb allows."""
    hours_left = (shift.starts_at - now()).total_seconds() / 3600
    return hours_left < rule(session, shift.compound_id, "withdraw_hours") and not policy.can_check_in(actor)


def settle(session: Session, shift: Shift) -> None:
    """Let dead offers lapse, and hold every free place for the next who waits. The shift's row is locked by the caller."""
    lapse(session, shift)
    waiting = signups_in(session, shift, SignupState.WAITING)
    if not waiting or shift.cancelled_at or shift.started:
        return
    until = shift.confirm_by(rule(session, shift.compound_id, "offer_hours"))
    if until is None:
        return
    for signup in waiting[: shift.capacity - shift.taken]:
        signup.state, signup.offer_until_at = SignupState.OFFERED, until
        shift.take()
        activity = session.get_one(Activity, (shift.compound_id, shift.activity_id))
        send(
            session,
            shift.compound_id,
            signup.person_id,
            _("有名额了，请确认"),
            _("%(title)s，请在 %(until)s 前确认。", title=activity.title, until=said_moment(until)),
            f"/volunteering/signups/{signup.id}",
        )
        events.tell(session, shift.compound_id, "signup.offered", signup_id=signup.id, shift_id=shift.id)
        enqueue(
            session,
            SETTLE_SHIFT,
            {"compound_id": str(shift.compound_id), "shift_id": str(shift.id)},
            run_after=until,
            key=f"{SETTLE_SHIFT}:{signup.id}",
        )


def lapse(session: Session, shift: Shift) -> None:
    """Take back the places whose confirm-by time has passed. The shift's row is locked by the caller."""
    for signup in signups_in(session, shift, SignupState.OFFERED):
        if signup.offer_is_dead():
            signup.state, signup.ended_at = SignupState.LAPSED, now()
            shift.free()


def settle_due(session: Session, payload: dict[str, str]) -> None:
    """The job at an offer's end: the rules hold without it, it only tells the next in line sooner."""
    key = (UUID(payload["compound_id"]), UUID(payload["shift_id"]))
    shift = session.get(Shift, key, with_for_update=True)
    if shift is not None:
        settle(session, shift)


def _locked(session: Session, actor: Actor, signup_id: UUID) -> tuple[Signup, Shift]:
    """The parent first: the sign-up is read again once the shift's row is ours. Raises NotFound, also for who may only see it."""
    seen = signup_for(session, actor, signup_id)
    shift = shift_to_change(session, actor, seen.shift_id)
    signup = signup_for(session, actor, signup_id)
    if not policy.can_decide(actor, signup):
        raise NotFound
    return signup, shift


def _record(session: Session, actor: Actor, signup: Signup, act: str) -> None:
    events.tell(session, signup.compound_id, act, signup_id=signup.id, shift_id=signup.shift_id)
    on_record(session, actor, act, signup.id)
