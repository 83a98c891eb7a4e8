"""Verbs: sign up, confirm an offered place, withdraw; and how a freed place finds its next holder.

Every verb here locks the shift's row first. Before a place is given, what time has decided is settled; after one was given
back, it is held for the next. So the rules on the nouns see one truth, and a place is never sold twice.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.record import on_record
from app.compounds.numbers import next_number
from app.compounds.rules import rule, rules_of
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now, said_moment, today
from app.kit.i18n import _
from app.kit.jobs import enqueue
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.volunteering import policy
from app.volunteering.models import Activity, Places, Shift
from app.volunteering.outcomes import Asking, outcome_of, overlapping
from app.volunteering.queries import places_of, shift_to_change, signup_for, signups_in
from app.volunteering.reminding import remind_later
from app.volunteering.schemas import SignupWish
from app.volunteering.signup_models import Answer, Collides, Signup, SignupOutcome, SignupState, TooLateToWithdraw
from app.volunteering.skill_queries import skills_of

SETTLE_SHIFT = "volunteering.settle"


def sign_up(session: Session, actor: Actor, shift_id: UUID, id: UUID, wish: SignupWish) -> tuple[Signup, bool]:
    """A place, or a place in the queue; and whether this call made it (False: an equal request did before).

    `id` is made by the client. Raises NotFound, NotAllowed (for somebody else without authority), SameIdOtherContent, and
    every refusal of `OUTCOMES`.
    """
    person_id = for_whom(session, actor, wish.person_id)
    shift = shift_to_change(session, actor, shift_id)
    sent = digest(wish, actor.person_id, shift_id)
    if before := already(session, Signup, actor.compound.id, id, sent):
        return before, False
    places = places_of(session, shift)
    if not (shift.cancelled_at or shift.started):
        settle(session, places)
    asking = asking_of(session, actor, shift, person_id, wish)
    answer = outcome_of(session, places, asking)
    answer.check()
    has_place = answer.outcome == SignupOutcome.SIGNED_UP
    state, skill_id = (SignupState.CONFIRMED, places.give(asking.skills)) if has_place else (SignupState.WAITING, None)
    signup = enter(session, actor, shift, person_id, state, skill_id, id=id, sent_sha256=sent, only_if_needed=wish.only_if_needed)
    if wish.only_if_needed:
        session.flush()
        settle(session, places)
        _settle_at(session, shift, shift.starts_at - _last_resort(session, shift), "last-resort")
    _record(session, actor, signup, "signup.made-despite-overlap" if wish.despite_overlap else "signup.made")
    return signup, True


def enter(
    session: Session, actor: Actor, shift: Shift, person_id: UUID, state: SignupState, skill_id: UUID | None, **facts: Any
) -> Signup:
    """The next line of the shift's list. The place was taken before, if `state` has one."""
    if state == SignupState.CONFIRMED:
        remind_later(session, shift.compound_id, shift.starts_at)
    written: dict[str, Any] = {"entered_by_id": actor.person_id, "sent_sha256": b""} | facts
    signup = Signup(
        compound_id=shift.compound_id,
        shift_id=shift.id,
        person_id=person_id,
        state=state,
        skill_id=skill_id,
        year=today().year,
        number=next_number(session, shift.compound_id, "signup"),
        line=shift.next_in_line(),
        **written,
    )
    session.add(signup)
    return signup


def what_would_come(session: Session, actor: Actor, shift: Shift) -> Answer:
    """Of asking for a place now, for oneself. It only looks: the place of a dead offer is free once nobody waits for it."""
    lapsed = [one.skill_id for one in signups_in(session, shift, SignupState.OFFERED) if one.offer_is_dead()]
    waiting = signups_in(session, shift, SignupState.WAITING) if lapsed else ()
    places = replace(places_of(session, shift), lapsed=lapsed[len(waiting) :])
    return outcome_of(session, places, asking_of(session, actor, shift, actor.person_id, SignupWish()))


def asking_of(session: Session, actor: Actor, shift: Shift, person_id: UUID, wish: SignupWish) -> Asking:
    """Who leads answers for what they enter for others, and for nothing of their own."""
    return Asking(
        person_id,
        skills_of(session, actor.compound.id, person_id) if shift.kept else (),
        by_coordinator=person_id != actor.person_id and policy.can_check_in(actor),
        despite_overlap=wish.despite_overlap,
        only_if_needed=wish.only_if_needed,
    )


def confirm(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """Take the place that is held for me; in the last call, take a place that nobody holds from the waiting list.

    Raises NotFound, OfferGone, NotThisState, ShiftOver, ShiftCancelled, Collides (with a place taken meanwhile).
    """
    signup, shift = _locked(session, actor, signup_id)
    shift.check_open()
    if signup.state == SignupState.CONFIRMED:  # a second tap counts once
        return signup
    other = overlapping(session, shift, signup.person_id)
    if other is not None and not rule(session, shift.compound_id, "signup_overlaps"):
        raise Collides(title=other)
    if signup.state == SignupState.WAITING:
        places = places_of(session, shift)
        settle(session, places)
        skills = skills_of(session, shift.compound_id, signup.person_id)
        if signup.state == SignupState.WAITING and places.has_room(skills):
            signup.skill_id = places.give(skills)
            signup.state = SignupState.OFFERED
    signup.confirm()
    remind_later(session, shift.compound_id, shift.starts_at)
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
    places = places_of(session, shift)
    if signup.withdraw():
        places.free(signup.skill_id)
    settle(session, places)
    _record(session, actor, signup, "signup.withdrawn")
    return signup


def too_late_to_withdraw(session: Session, actor: Actor, shift: Shift) -> bool:
    """Near the start only those who lead may strike somebody off; the page offers no more than the verb allows."""
    hours_left = (shift.starts_at - now()).total_seconds() / 3600
    return hours_left < rule(session, shift.compound_id, "withdraw_hours") and not policy.can_check_in(actor)


def settle(session: Session, places: Places) -> None:
    """Let dead offers lapse, and hold every free place for the next who waits. The shift's row is locked by the caller."""
    shift = places.shift
    lapse(session, places)
    if shift.cancelled_at or shift.started or shift.taken == shift.capacity:
        return
    offer_hours, resort_hours = rules_of(session, shift.compound_id, "offer_hours", "last_resort_hours")
    until = shift.confirm_by(offer_hours)
    if until is None:
        return
    for signup in _next_in_line(session, shift, timedelta(hours=resort_hours)):
        skills = skills_of(session, shift.compound_id, signup.person_id) if shift.kept else ()
        if places.has_room(skills):
            signup.skill_id = places.give(skills)
            _offer(session, shift, signup, until)
        if shift.taken == shift.capacity:
            return


def _next_in_line(session: Session, shift: Shift, resort: timedelta) -> list[Signup]:
    """In the order in which they asked; who comes only if nobody else does comes last, and not long before."""
    waiting = signups_in(session, shift, SignupState.WAITING)
    last = [one for one in waiting if one.only_if_needed] if shift.starts_at - resort <= now() else []
    return [one for one in waiting if not one.only_if_needed] + last


def _offer(session: Session, shift: Shift, signup: Signup, until: datetime) -> None:
    signup.state, signup.offer_until_at = SignupState.OFFERED, until
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
    _settle_at(session, shift, until, str(signup.id))


def _settle_at(session: Session, shift: Shift, at: datetime, why: str) -> None:
    payload = {"compound_id": str(shift.compound_id), "shift_id": str(shift.id)}
    enqueue(session, SETTLE_SHIFT, payload, run_after=at, key=f"{SETTLE_SHIFT}:{shift.id}:{why}:{at.isoformat()}")


def _last_resort(session: Session, shift: Shift) -> timedelta:
    return timedelta(hours=rule(session, shift.compound_id, "last_resort_hours"))


def lapse(session: Session, places: Places) -> None:
    """Take back the places whose confirm-by time has passed. The shift's row is locked by the caller."""
    for signup in signups_in(session, places.shift, SignupState.OFFERED):
        if signup.offer_is_dead():
            signup.state, signup.ended_at = SignupState.LAPSED, now()
            places.free(signup.skill_id)


def settle_due(session: Session, payload: dict[str, str]) -> None:
    """The job at an offer's end: the rules hold without it, it only tells the next in line sooner."""
    key = (UUID(payload["compound_id"]), UUID(payload["shift_id"]))
    shift = session.get(Shift, key, with_for_update=True)
    if shift is not None:
        settle(session, places_of(session, shift))


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
