"""What would come of asking for a place: one answer, which the page shows beforehand and the verb keeps to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from app.compounds.rules import rules_of
from app.kit.clock import now, said_moment
from app.kit.i18n import _
from app.kit.records import pointing, rows_of
from app.volunteering.hour_models import HourEntry
from app.volunteering.models import Activity, Places, Shift
from app.volunteering.queries import live_signup
from app.volunteering.signup_models import HOLDING, LIVE, Answer, Signup, SignupOutcome, SignupState
from app.volunteering.skill_queries import needs_said


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asks for a place. `by_coordinator`: who plans or leads enters it, and answers for no-shows, caps and closing
    times; `despite_overlap`: and says that they know of the other shift.
    """

    person_id: UUID
    skills: Collection[UUID]
    by_coordinator: bool = False
    despite_overlap: bool = False
    only_if_needed: bool = False


def outcome_of(session: Session, places: Places, asking: Asking) -> Answer:
    """The first that applies, in the order in which they are asked here. Dead offers were taken back before."""
    shift, compound_id = places.shift, places.shift.compound_id
    if shift.cancelled_at:
        return Answer(SignupOutcome.CANCELLED, {})
    if shift.ended:
        return Answer(SignupOutcome.ENDED, {})
    opens_days, closes_hours, most, may_overlap, no_shows, no_show_days, waiting_most = rules_of(session, compound_id, *_RULES)
    if shift.started or (not asking.by_coordinator and shift.starts_at - timedelta(hours=closes_hours) <= now()):
        return Answer(SignupOutcome.TOO_LATE, {})
    if live_signup(session, shift, asking.person_id):
        return Answer(SignupOutcome.ALREADY, {})
    if not asking.by_coordinator:
        opens_at = shift.starts_at - timedelta(days=opens_days)
        if opens_days and opens_at > now():
            return Answer(SignupOutcome.TOO_EARLY, {"at": said_moment(opens_at)})
        if no_shows and no_shows_of(session, compound_id, asking.person_id, no_show_days) >= no_shows:
            return Answer(SignupOutcome.SUSPENDED, {})
        if most and _future_of(session, compound_id, asking.person_id) >= most:
            return Answer(SignupOutcome.TOO_MANY, {"most": most})
    if not may_overlap and not (asking.by_coordinator and asking.despite_overlap):
        other = overlapping(session, shift, asking.person_id)
        if other is not None:
            return Answer(SignupOutcome.COLLIDES, {"title": other})
    if not places.could_take(asking.skills):
        named = needs_said(session, compound_id, [shift.id])[shift.id]
        return Answer(SignupOutcome.SKILL_NEEDED, {"skills": _("、").join(need.skill for need in named)})
    if places.has_room(asking.skills) and not asking.only_if_needed:
        return Answer(SignupOutcome.SIGNED_UP, {})
    if _waiting(session, shift) >= waiting_most:
        return Answer(SignupOutcome.FULL, {})
    return Answer(SignupOutcome.WAITLISTED, {})


_RULES = (
    "signup_opens_days",
    "signup_closes_hours",
    "signup_most",
    "signup_overlaps",
    "no_show_most",
    "no_show_days",
    "waiting_most",
)


def overlapping(session: Session, shift: Shift, person_id: UUID, leaving: Shift | None = None) -> str | None:
    """What else they have a place on while this shift lasts, but for one that they give up for it; to wait for two at a time is
    no harm.
    """
    ids = {"shift_id": shift.id, "leaving_id": leaving.id if leaving else shift.id}
    when = {"starts_at": shift.starts_at, "ends_at": shift.ends_at, "now": now(), **ids}
    return rows_of(session, _OVERLAPPING, {"compound_id": shift.compound_id, "person_id": person_id, **when}).scalar()


_OF_PERSON = (
    select(Activity.title)
    .join(Shift, pointing(Shift, "activity_id", Activity))
    .join(Signup, pointing(Signup, "shift_id", Shift))
    .where(
        Signup.compound_id == bindparam("compound_id"),
        Signup.person_id == bindparam("person_id"),
        col(Shift.cancelled_at).is_(None),
    )
)

_OVERLAPPING = _OF_PERSON.where(
    col(Signup.state).in_(HOLDING),
    or_(col(Signup.state) == SignupState.CONFIRMED, col(Signup.offer_until_at) > bindparam("now")),
    Shift.id != bindparam("shift_id"),
    Shift.id != bindparam("leaving_id"),
    Shift.starts_at < bindparam("ends_at"),
    Shift.ends_at > bindparam("starts_at"),
).limit(1)


def _future_of(session: Session, compound_id: UUID, person_id: UUID) -> int:
    return int(rows_of(session, _FUTURE, {"compound_id": compound_id, "person_id": person_id, "now": now()}).scalar_one())


_FUTURE = _OF_PERSON.with_only_columns(func.count()).where(col(Signup.state).in_(LIVE), Shift.starts_at > bindparam("now"))


def no_shows_of(session: Session, compound_id: UUID, person_id: UUID, days: int) -> int:
    """How often in these days they kept a place and neither came nor have hours written for it."""
    since: datetime = now() - timedelta(days=days)
    where = {"compound_id": compound_id, "person_id": person_id, "now": now(), "since": since}
    return int(rows_of(session, _MISSED, where).scalar_one())


MISSED = (
    col(Signup.state) == SignupState.CONFIRMED,
    col(Signup.checked_in_at).is_(None),
    Shift.ends_at <= bindparam("now"),
    Shift.ends_at > bindparam("since"),
    ~select(HourEntry.id).where(pointing(HourEntry, "signup_id", Signup)).correlate(Signup).exists(),
)

_MISSED = _OF_PERSON.with_only_columns(func.count()).where(*MISSED)


def _waiting(session: Session, shift: Shift) -> int:
    return int(rows_of(session, _WAITING, {"compound_id": shift.compound_id, "shift_id": shift.id}).scalar_one())


_WAITING = select(func.count()).where(
    Signup.compound_id == bindparam("compound_id"),
    Signup.shift_id == bindparam("shift_id"),
    Signup.state == SignupState.WAITING,
)
