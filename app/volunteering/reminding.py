"""Verbs: remind whoever has a place, the day before and two hours before.

One job for all shifts of a compound that begin at one moment, and it writes all their messages at once: so ten thousand
reminders are a second's work. It reads who has a place when it runs, and is marked done by the transaction of its messages:
nobody is reminded twice, and nobody who withdrew. A reminder that comes after the start is none.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Result, Row, bindparam
from sqlmodel import Session, col

from app.compounds.models import Compound
from app.inbox.models import Message
from app.inbox.service import send_to_many
from app.kit.clock import now, said_moment
from app.kit.i18n import _, mark
from app.kit.jobs import Payload, enqueue
from app.kit.records import columns, pointing, rows_of
from app.volunteering.models import Activity, Shift
from app.volunteering.queries import MEETS_AT
from app.volunteering.signup_models import Signup, SignupState

REMIND = "volunteering.remind"
MAIL_REMINDER = "volunteering.mail_reminder"
"""Kind of the job that sends a reminder as a letter, if its reader still comes."""
TELL_GROUP = "volunteering.tell_group"
"""Kind of the job that reminds a group chat."""

AHEAD = {24: mark("明天这时候，有您报的志愿服务"), 2: mark("两小时后，有您报的志愿服务")}
"""Hours before the start, the longest first; each job asks for the next."""


def remind_later(session: Session, compound_id: UUID, starts_at: datetime) -> None:
    """Somebody has a place on a shift that begins then. The first reminder still to come; asked again, it is the same one.

    In the order of locks after the shifts and before the numbers.
    """
    coming = next((hours for hours in AHEAD if starts_at - timedelta(hours=hours) > now()), None)
    if coming is not None:
        _ask_for(session, compound_id, starts_at, coming)


def _ask_for(session: Session, compound_id: UUID, starts_at: datetime, hours: int) -> None:
    payload = {"compound_id": str(compound_id), "starts_at": starts_at.isoformat(), "hours": hours}
    key = f"{REMIND}:{compound_id}:{starts_at.isoformat()}:{hours}"
    enqueue(session, REMIND, payload, run_after=starts_at - timedelta(hours=hours), key=key)


def remind_due(session: Session, payload: Payload, groups: Collection[str] = ()) -> None:
    """`groups`: the compounds that have a group chat, by their slugs."""
    compound_id, hours = UUID(str(payload["compound_id"])), int(payload["hours"])
    starts_at = datetime.fromisoformat(str(payload["starts_at"]))
    following = next((later for later in AHEAD if later < hours), 0)
    if following:
        _ask_for(session, compound_id, starts_at, following)
    if starts_at - timedelta(hours=following) <= now():
        return  # so late that the next reminder is due, or the shift itself
    title, at = _(AHEAD[hours]), said_moment(starts_at)
    words = {
        shift.id: _what(shift.title, at, shift.place, shift.bring) for shift in shifts_beginning(session, compound_id, starts_at)
    }
    told = [(one.person_id, title, words[one.shift_id], _address(one.id)) for one in _who_comes(session, compound_id, words)]
    send_to_many(session, compound_id, told, until=starts_at, mailed_by=MAIL_REMINDER)
    if groups and session.get_one(Compound, compound_id).slug in groups:
        enqueue(session, TELL_GROUP, payload, key=f"{TELL_GROUP}:{compound_id}:{starts_at.isoformat()}:{hours}")


def still_has_a_place(session: Session, message: Message, starts_at: datetime) -> bool:
    """Whether a reminder's reader comes, right before a letter tells them: they may have cancelled while it was on its way."""
    shifts = {shift.id for shift in shifts_beginning(session, message.compound_id, starts_at)}
    return any(message.path == _address(one.id) for one in _who_comes(session, message.compound_id, shifts))


def _address(signup_id: UUID) -> str:
    return f"/volunteering/signups/{signup_id}"


def _what(title: str, at: str, place: str, bring: str) -> str:
    said = _("%(title)s，%(at)s，在%(place)s集合。", title=title, at=at, place=place)
    return said + _("请带：%(things)s。", things=bring) if bring else said


def shifts_beginning(session: Session, compound_id: UUID, starts_at: datetime) -> list[Row[Any]]:
    """What begins at that moment: (id, title, place, bring, taken)."""
    return list(rows_of(session, _BEGINNING, {"compound_id": compound_id, "starts_at": starts_at}))


_BEGINNING = (
    columns(Shift.id, Activity.title, MEETS_AT, Activity.bring, Shift.taken)
    .join(Activity, pointing(Shift, "activity_id", Activity))
    .where(
        Shift.compound_id == bindparam("compound_id"),
        Shift.starts_at == bindparam("starts_at"),
        col(Shift.cancelled_at).is_(None),
        Shift.taken > 0,
    )
    .order_by(Activity.title, Shift.id)
)


def _who_comes(session: Session, compound_id: UUID, shifts: Collection[UUID]) -> Result[Any]:
    """(id, shift_id, person_id). By a statement of its own: joined with the shifts, PostgreSQL, while its statistics are young,
    looks through all sign-ups of the compound for every moment of a day.
    """
    return rows_of(session, _WITH_A_PLACE, {"compound_id": compound_id, "shifts": list(shifts)})


_WITH_A_PLACE = columns(Signup.id, Signup.shift_id, Signup.person_id).where(
    Signup.compound_id == bindparam("compound_id"),
    col(Signup.shift_id).in_(bindparam("shifts", expanding=True)),
    Signup.state == SignupState.CONFIRMED,
    col(Signup.checked_in_at).is_(None),
)
