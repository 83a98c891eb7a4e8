"""What there is to see of who came: the leader's list, and the mark that stands for a coming or a going."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.records import pointing
from app.kit.refusals import NotFound
from app.volunteering import policy
from app.volunteering.check_in_codes import Way
from app.volunteering.check_in_models import CheckIn
from app.volunteering.hour_models import HourEntry, HourProposal, ProposalState
from app.volunteering.models import Shift
from app.volunteering.signup_models import LIVE, Signup, SignupState
from app.volunteering.skill_models import Skill


@dataclass(frozen=True, slots=True)
class Attendant:
    """One line of the check-in list; the name as this viewer may know it.

    `minutes`: what is recorded, None for nothing yet; `forgotten`: they did not check out, and it was credited by the plan;
    `late`: their phone told of it afterwards; `proposed`: minutes that wait for a second officer.
    """

    signup_id: UUID
    name: str
    number: int
    state: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    entered_by_other: bool
    only_if_needed: bool
    skill: str | None
    """What the place they hold is kept for."""
    minutes: int | None
    entry_id: UUID | None
    """The line that stands last: what a correction would name."""
    forgotten: bool
    late: bool
    proposed: int | None


def attendants(session: Session, actor: Actor, shift: Shift) -> list[Attendant]:
    rows = session.exec(
        select(Signup, Person.name, Skill.name)
        .join(Person, pointing(Signup, "person_id", Person))
        .outerjoin(Skill, pointing(Signup, "skill_id", Skill))
        .where(Signup.compound_id == shift.compound_id, Signup.shift_id == shift.id, col(Signup.state).in_(LIVE))
        .order_by(col(Signup.state), col(Signup.only_if_needed), col(Signup.line))
    ).all()
    mine = {"compound_id": shift.compound_id, "signups": [signup.id for signup, _name, _skill in rows]}
    lines, marks = list(session.scalars(_LINES_OF, mine)), list(session.scalars(_MARKS_OF, mine))
    waiting = list(session.scalars(_WAITING_OF, mine))
    full = policy.can_check_in(actor)
    return [
        _attendant(
            signup,
            known_as(name, full=full),
            skill,
            [line for line in lines if line.signup_id == signup.id],
            [mark for mark in marks if mark.signup_id == signup.id],
            [one for one in waiting if one.signup_id == signup.id],
        )
        for signup, name, skill in rows
    ]


_LINES_OF = select(HourEntry).where(
    HourEntry.compound_id == bindparam("compound_id"), col(HourEntry.signup_id).in_(bindparam("signups", expanding=True))
)
_MARKS_OF = select(CheckIn).where(
    CheckIn.compound_id == bindparam("compound_id"),
    col(CheckIn.signup_id).in_(bindparam("signups", expanding=True)),
    col(CheckIn.undone_at).is_(None),
)
_WAITING_OF = select(HourProposal).where(
    HourProposal.compound_id == bindparam("compound_id"),
    col(HourProposal.signup_id).in_(bindparam("signups", expanding=True)),
    HourProposal.state == ProposalState.WAITING,
)


def _attendant(
    signup: Signup, name: str, skill: str | None, lines: list[HourEntry], marks: list[CheckIn], waiting: list[HourProposal]
) -> Attendant:
    return Attendant(
        signup.id, name, signup.number, signup.state, signup.checked_in_at, signup.checked_out_at,
        signup.entered_by_id != signup.person_id, signup.only_if_needed, skill,
        sum(line.minutes for line in lines) if lines else None,
        next((line.id for line in lines if all(other.corrects_id != line.id for other in lines)), None),
        signup.checked_out_at is not None and all(mark.way != Way.OUT for mark in marks),
        any(mark.late for mark in marks),
        waiting[0].minutes if waiting else None,
    )  # fmt: skip


_MARK = select(CheckIn).where(
    CheckIn.compound_id == bindparam("compound_id"),
    CheckIn.signup_id == bindparam("signup_id"),
    CheckIn.way == bindparam("way"),
    col(CheckIn.undone_at).is_(None),
)


def mark_of(session: Session, signup: Signup, way: Way) -> CheckIn | None:
    """The one coming, or going, that stands."""
    return session.scalars(_MARK, {"compound_id": signup.compound_id, "signup_id": signup.id, "way": way}).one_or_none()


def check_in_for(session: Session, actor: Actor, id: UUID) -> CheckIn:
    """One's own, or anybody's for who leads. Raises NotFound."""
    found = session.get(CheckIn, (actor.compound.id, id))
    if found is None or not (found.person_id == actor.person_id or policy.can_check_in(actor)):
        raise NotFound
    return found


_ABOUT = (
    select(Shift)
    .join(Signup, pointing(Signup, "shift_id", Shift))
    .where(
        Signup.compound_id == bindparam("compound_id"),
        Signup.person_id == bindparam("person_id"),
        Signup.state == SignupState.CONFIRMED,
        col(Shift.cancelled_at).is_(None),
        Shift.starts_at < bindparam("until"),
        Shift.ends_at > bindparam("since"),
    )
    .order_by(col(Shift.starts_at))
)


def my_shifts_about(session: Session, actor: Actor, since: datetime, until: datetime) -> list[Shift]:
    """Where I have a place, of what ends after `since` and begins before `until`."""
    values = {"compound_id": actor.compound.id, "person_id": actor.person_id, "since": since, "until": until}
    return list(session.scalars(_ABOUT, values))


def how_many_came(session: Session, shift: Shift) -> int:
    return session.exec(
        select(func.count()).where(
            Signup.compound_id == shift.compound_id, Signup.shift_id == shift.id, col(Signup.checked_in_at).is_not(None)
        )
    ).one()
