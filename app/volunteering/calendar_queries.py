"""What stands in a person's calendar, and whose calendar an address opens."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Person
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.records import pointing
from app.kit.refusals import NotFound
from app.volunteering.calendar_file import Entry
from app.volunteering.calendar_models import CalendarLink
from app.volunteering.models import Activity, Shift
from app.volunteering.signup_models import Signup, SignupState

KEPT = timedelta(days=30)
"""So long after its end a shift stays in the calendar."""

STATUS = {SignupState.CONFIRMED: "CONFIRMED", SignupState.OFFERED: "TENTATIVE"}
"""Whoever waits has nothing to write into a calendar yet; whatever has ended is CANCELLED."""


def hashed_secret(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def link_of(session: Session, compound_id: UUID, person_id: UUID) -> CalendarLink | None:
    """The one that is open."""
    return session.exec(
        select(CalendarLink).where(
            CalendarLink.compound_id == compound_id,
            CalendarLink.person_id == person_id,
            col(CalendarLink.ended_at).is_(None),
        )
    ).one_or_none()


def person_by(session: Session, visitor: Visitor, secret: str) -> UUID:
    """Whose calendar it is. Raises NotFound for what was never an address and for what is no longer one."""
    link = session.exec(
        select(CalendarLink).where(
            CalendarLink.compound_id == visitor.compound.id,
            CalendarLink.secret_sha256 == hashed_secret(secret),
            col(CalendarLink.ended_at).is_(None),
        )
    ).one_or_none()
    if link is None:
        raise NotFound
    return link.person_id


def entries_of(session: Session, visitor: Visitor, person_id: UUID, public_url: str) -> list[Entry]:
    """In order of time; of the last month and of all that is to come."""
    rows = session.exec(
        select(Signup, Shift, Activity)
        .join(Shift, pointing(Signup, "shift_id", Shift))
        .join(Activity, pointing(Shift, "activity_id", Activity))
        .where(
            Signup.compound_id == visitor.compound.id,
            Signup.person_id == person_id,
            Signup.state != SignupState.WAITING,
            Shift.ends_at > now() - KEPT,
        )
        .order_by(col(Shift.starts_at), col(Signup.id))
    )
    base = f"{public_url}/c/{visitor.compound.slug}/volunteering/signups"
    return [_entry(signup, shift, activity, f"{base}/{signup.id}") for signup, shift, activity in rows]


def _entry(signup: Signup, shift: Shift, activity: Activity, url: str) -> Entry:
    dead = shift.cancelled_at is not None or signup.offer_is_dead()
    status = "CANCELLED" if dead else STATUS.get(SignupState(signup.state), "CANCELLED")
    notes = [activity.what]
    if activity.bring:
        notes.append(_("请带：%(things)s。", things=activity.bring))
    if activity.contact:
        notes.append(_("联系：%(who)s", who=activity.contact))
    return Entry(
        signup.id,
        activity.title,
        shift.meets_at or activity.place,
        "\n".join(notes),
        shift.starts_at,
        shift.ends_at,
        status,
        shift.sequence + (signup.state != SignupState.OFFERED) + (signup.ended_at is not None),
        max(moment for moment in (signup.asked_at, signup.ended_at, shift.cancelled_at) if moment),
        url,
    )


def name_of(session: Session, visitor: Visitor, person_id: UUID) -> str:
    """What the calendar is called where it is shown beside others."""
    person = session.get_one(Person, (visitor.compound.id, person_id))
    return _("%(name)s的志愿服务，%(compound)s", name=person.name, compound=visitor.compound.name)
