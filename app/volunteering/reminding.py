"""Verbs: remind whoever has a place, the day before and two hours before.

One job for all shifts of a compound that begin at one moment, and it writes all their messages at once: so ten thousand
reminders are a second's work. It reads who has a place when it runs, and is marked done by the transaction of its messages:
nobody is reminded twice, and nobody who withdrew. A reminder that comes after the start is none.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col

from app.inbox.service import send_to_many
from app.kit.clock import now, said_moment
from app.kit.i18n import _, mark
from app.kit.jobs import enqueue
from app.kit.records import columns, pointing, rows_of
from app.volunteering.models import Activity, Shift
from app.volunteering.queries import MEETS_AT
from app.volunteering.signup_models import Signup, SignupState

REMIND = "volunteering.remind"

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


def remind_due(session: Session, payload: dict[str, str | int]) -> None:
    compound_id, hours = UUID(str(payload["compound_id"])), int(payload["hours"])
    starts_at = datetime.fromisoformat(str(payload["starts_at"]))
    following = next((later for later in AHEAD if later < hours), 0)
    if following:
        _ask_for(session, compound_id, starts_at, following)
    if starts_at - timedelta(hours=following) <= now():
        return  # so late that the next reminder is due, or the shift itself
    rows = rows_of(session, _WITH_A_PLACE, {"compound_id": compound_id, "starts_at": starts_at})
    title, at = _(AHEAD[hours]), said_moment(starts_at)
    send_to_many(
        session,
        compound_id,
        ((row.person_id, title, _what(row.title, at, row.place, row.bring), f"/volunteering/signups/{row.id}") for row in rows),
    )


def _what(title: str, at: str, place: str, bring: str) -> str:
    said = _("%(title)s，%(at)s，在%(place)s集合。", title=title, at=at, place=place)
    return said + _("请带：%(things)s。", things=bring) if bring else said


_WITH_A_PLACE = (
    columns(Signup.id, Signup.person_id, Activity.title, MEETS_AT, Activity.bring)
    .join(Shift, pointing(Signup, "shift_id", Shift))
    .join(Activity, pointing(Shift, "activity_id", Activity))
    .where(
        Shift.compound_id == bindparam("compound_id"),
        Shift.starts_at == bindparam("starts_at"),
        col(Shift.cancelled_at).is_(None),
        Signup.state == SignupState.CONFIRMED,
        col(Signup.checked_in_at).is_(None),
    )
)
