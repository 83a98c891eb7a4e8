"""Verbs: coming and going, by the code on the leader's screen or by the leader's hand; and who forgot to check out.

Every verb here locks the shift's row first. One coming and one going stand for a sign-up, whoever tells of it and how often:
the lock lets the second see the first, and an index of the table is the last line behind it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.rules import RULES, rule
from app.kit import events
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.once import already, digest
from app.kit.refusals import NotFound, NotThisState
from app.volunteering.check_in_codes import Shown, Way, around, digits_of, read_token
from app.volunteering.check_in_models import (
    BY_ONESELF,
    LATEST,
    CheckIn,
    CodeTooOld,
    NotCheckedIn,
    NotOnThisShift,
    Seen,
    WrongCode,
)
from app.volunteering.check_in_queries import mark_of, my_shifts_about
from app.volunteering.check_in_schemas import CheckInWish
from app.volunteering.hour_keeping import credit
from app.volunteering.hour_models import HourSource
from app.volunteering.models import Door, Shift, ShiftCancelled
from app.volunteering.queries import live_signup, shift_for, shift_to_change, signup_for
from app.volunteering.signup_models import Signup, SignupState

FORGOTTEN = "volunteering.forgotten-check-out"
PATIENCE = timedelta(hours=1)
"""A phone that had no signal tells of the coming first: so long the going may follow it before the plan is credited."""

LONGEST_BEFORE, LONGEST_AFTER = timedelta(minutes=RULES["check_in_minutes"].most), timedelta(hours=RULES["check_in_hours"].most)
"""The widest that a compound may set its door."""


def come_or_go(session: Session, actor: Actor, id: UUID, wish: CheckInWish, secret: bytes) -> tuple[CheckIn, bool]:
    """Check in or out by what stood on the leader's screen; and whether this call did it (False: it had been done).

    A code that stands there now counts at this moment. An older one counts only in an item of the outbox, which says when the
    phone read it (`device_at`): then it counts at the minute in which the code was shown, which no phone can make up.

    Raises WrongCode, CodeTooOld, NotOnThisShift, NotCheckedIn, ShiftCancelled, TooEarlyToCheckIn, TooLateToCheckIn,
    SameIdOtherContent.
    """
    shown, how = _read(session, actor, wish, secret)
    try:
        shift = shift_to_change(session, actor, shown.shift_id)
    except NotFound:
        raise WrongCode from None
    sent = digest(wish, actor.person_id)
    if before := already(session, CheckIn, actor.compound.id, id, sent):
        return before, False
    happened_at = _moment(shown, wish)
    signup = live_signup(session, shift, actor.person_id)
    if signup is None or signup.state != SignupState.CONFIRMED:
        raise NotOnThisShift
    if stands := mark_of(session, signup, shown.way):
        return stands, False
    if shift.cancelled_at:
        raise ShiftCancelled
    door_of(session, shift).check_open(happened_at)
    if shown.way == Way.OUT and signup.checked_in_at is None:
        raise NotCheckedIn
    mark = CheckIn(
        compound_id=signup.compound_id,
        id=id,
        signup_id=signup.id,
        person_id=signup.person_id,
        way=shown.way,
        how=how,
        happened_at=happened_at,
        device_at=wish.device_at,
        sent_sha256=sent,
    )
    _keep(session, actor, shift, signup, mark)
    return mark, True


def guesses_of(actor: Actor) -> str:
    """Whose tries at six digits are counted together."""
    return f"check-in:{actor.person_id}"


def check_in(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """Somebody has come, and the leader sees them. A second tap changes nothing.

    Raises NotFound, NotAllowed, NotThisState, ShiftCancelled, TooEarlyToCheckIn, TooLateToCheckIn.
    """
    signup, shift = _to_attend(session, actor, signup_id)
    if shift.cancelled_at:
        raise ShiftCancelled
    door_of(session, shift).check_open(now())
    if mark_of(session, signup, Way.IN) is None:
        _keep(session, actor, shift, signup, _by_hand(actor, signup, Way.IN))
    return signup


def check_out(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """Somebody leaves: the minutes between are recorded, at most the shift's length.

    Raises NotFound, NotAllowed, NotThisState (they were not checked in, or have left).
    """
    signup, shift = _to_attend(session, actor, signup_id)
    if signup.checked_out_at:
        raise NotThisState
    _keep(session, actor, shift, signup, _by_hand(actor, signup, Way.OUT))
    return signup


def undo_check_in(session: Session, actor: Actor, signup_id: UUID) -> Signup:
    """A slip of the thumb, while no hours hang on it. Raises NotFound, NotAllowed, NotThisState."""
    signup, _shift = _to_attend(session, actor, signup_id)
    if signup.checked_out_at:
        raise NotThisState
    if mark := mark_of(session, signup, Way.IN):
        mark.undone_at = now()
    signup.checked_in_at = None
    on_record(session, actor, "signup.check-in-undone", signup.id)
    return signup


def door_of(session: Session, shift: Shift) -> Door:
    """When people are checked in, by the compound's own rules."""
    return shift.door(rule(session, shift.compound_id, "check_in_minutes"), rule(session, shift.compound_id, "check_in_hours"))


def credit_forgotten(session: Session, payload: dict[str, str]) -> None:
    """The job after the door has closed: who came and did not check out stayed until the planned end, and it says so."""
    compound_id, signup_id = UUID(payload["compound_id"]), UUID(payload["signup_id"])
    seen = session.get_one(Signup, (compound_id, signup_id))
    shift = session.get_one(Shift, (compound_id, seen.shift_id), with_for_update=True, populate_existing=True)
    signup = session.get_one(Signup, (compound_id, signup_id), populate_existing=True)
    if signup.checked_in_at is None or signup.checked_out_at is not None:
        return
    closes_at = door_of(session, shift).closes_at
    if closes_at > now():  # the shift was moved after they had come
        _watch(session, signup, closes_at)
        return
    signup.check_out(shift.ends_at)
    credit(session, shift, signup, HourSource.PLANNED, None)


def _read(session: Session, actor: Actor, wish: CheckInWish, secret: bytes) -> tuple[Shown, Seen]:
    """Raises WrongCode."""
    if not wish.digits:
        shown = read_token(secret, actor.compound.id, wish.code)
        if shown is None:
            raise WrongCode
        return shown, Seen.QR
    for shown in _may_stand(session, actor, wish.device_at or now()):
        if digits_of(secret, actor.compound.id, shown) == wish.digits:
            return shown, Seen.DIGITS
    raise WrongCode


def _may_stand(session: Session, actor: Actor, moment: datetime) -> Iterator[Shown]:
    """What the screens of my own shifts may have shown at about that moment: digits alone do not say whose they are."""
    for shift in my_shifts_about(session, actor, moment - LONGEST_AFTER, moment + LONGEST_BEFORE):
        door = door_of(session, shift)
        if door.opens_at <= moment <= door.closes_at:
            yield from around(shift.id, moment)


def _moment(shown: Shown, wish: CheckInWish) -> datetime:
    """The moment that counts. Raises WrongCode for a code of the future, CodeTooOld."""
    moment = now()
    if shown.is_near(moment):
        return moment
    if shown.at > moment:
        raise WrongCode
    if wish.device_at is None or moment - shown.at > LATEST:
        raise CodeTooOld
    return shown.at


def _keep(session: Session, actor: Actor, shift: Shift, signup: Signup, mark: CheckIn) -> None:
    if mark.way == Way.IN:
        signup.check_in(mark.happened_at)
        _watch(session, signup, max(door_of(session, shift).closes_at, now() + PATIENCE))
    else:
        signup.check_out(mark.happened_at)
    session.add(mark)
    session.flush()
    if mark.way == Way.OUT:
        came = mark_of(session, signup, Way.IN)
        alone = mark.how in BY_ONESELF and came is not None and came.how in BY_ONESELF
        credit(session, shift, signup, HourSource.SELF_QR if alone else HourSource.LEADER, actor.person_id)
    act = "signup.checked-in" if mark.way == Way.IN else "signup.checked-out"
    events.tell(session, signup.compound_id, act, signup_id=signup.id)
    on_record(session, actor, act, signup.id)


def _watch(session: Session, signup: Signup, due: datetime) -> None:
    ids = {"compound_id": str(signup.compound_id), "signup_id": str(signup.id)}
    enqueue(session, FORGOTTEN, ids, run_after=due, key=f"{FORGOTTEN}:{signup.id}:{due.isoformat()}")


def _by_hand(actor: Actor, signup: Signup, way: Way) -> CheckIn:
    return CheckIn(
        compound_id=signup.compound_id,
        id=new_id(),
        signup_id=signup.id,
        person_id=signup.person_id,
        way=way,
        how=Seen.LEADER,
        happened_at=now(),
        seen_by_id=actor.person_id,
        sent_sha256=b"",
    )


def _to_attend(session: Session, actor: Actor, signup_id: UUID) -> tuple[Signup, Shift]:
    """With the shift's row locked. Raises NotFound, NotAllowed."""
    actor.need(Permission.CHECK_IN)
    seen = signup_for(session, actor, signup_id)
    shift_to_change(session, actor, seen.shift_id)
    return signup_for(session, actor, signup_id), shift_for(session, actor, seen.shift_id)[0]
