"""What the coordinator sees at a glance: two weeks, their gaps, who may not come, and who has not been asked for long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.compounds.models import Person
from app.compounds.rules import rule
from app.compounds.terms import at_home
from app.kit.clock import now
from app.kit.records import columns, made_into, pointing, rows_of
from app.volunteering.models import Activity, Shift
from app.volunteering.outcomes import MISSED
from app.volunteering.queries import ShiftCard, shifts_between
from app.volunteering.signup_models import Signup, SignupState
from app.volunteering.skill_models import Helper

AHEAD = timedelta(days=14)
MOST = 20
"""Of names in a list."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Somebody with a place who lately did not come."""

    signup_id: UUID
    name: str
    title: str
    starts_at: datetime
    missed: int


@dataclass(frozen=True, slots=True)
class Unasked:
    """A helper who may be asked to step in, and when they last were; and when they last had a place."""

    person_id: UUID
    name: str
    asked_at: datetime | None
    served_at: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    shifts: list[ShiftCard]
    doubtful: list[Doubtful]
    unasked: list[Unasked]

    @property
    def gaps(self) -> list[ShiftCard]:
        """What cannot take place as it stands."""
        return [one for one in self.shifts if one.missing]


def board(session: Session, actor: Actor) -> Board:
    since = now() - timedelta(days=rule(session, actor.compound.id, "no_show_days"))
    values = {"compound_id": actor.compound.id, "now": now(), "since": since, "until": now() + AHEAD}
    return Board(
        [one for one in shifts_between(session, actor, now(), now() + AHEAD) if not one.cancelled],
        [_doubtful(row) for row in rows_of(session, _DOUBTFUL, values)],
        [_unasked(row) for row in rows_of(session, _UNASKED, {"compound_id": actor.compound.id, "now": now()})],
    )


_missed = (
    select(Signup.compound_id, Signup.person_id, func.count().label("missed"))
    .join(Shift, pointing(Signup, "shift_id", Shift))
    .where(Signup.compound_id == bindparam("compound_id"), col(Shift.cancelled_at).is_(None), *MISSED)
    .group_by(col(Signup.compound_id), col(Signup.person_id))
    .subquery()
)

_DOUBTFUL = (
    columns(Signup.id.label("signup_id"), Person.name, Activity.title, Shift.starts_at, _missed.c.missed)  # type: ignore[attr-defined]
    .join(Shift, pointing(Signup, "shift_id", Shift))
    .join(Activity, pointing(Shift, "activity_id", Activity))
    .join(Person, pointing(Signup, "person_id", Person))
    .join(_missed, _missed.c.person_id == Signup.person_id)
    .where(
        Signup.compound_id == bindparam("compound_id"),
        Signup.state == SignupState.CONFIRMED,
        col(Shift.cancelled_at).is_(None),
        Shift.starts_at > bindparam("now"),
        Shift.starts_at < bindparam("until"),
    )
    .order_by(_missed.c.missed.desc(), col(Shift.starts_at), col(Signup.id))
    .limit(MOST)
)

_doubtful = made_into(Doubtful, _DOUBTFUL)

_served_at = (
    select(func.max(Shift.starts_at))
    .join(Signup, pointing(Signup, "shift_id", Shift))
    .where(pointing(Signup, "person_id", Person), Signup.state == SignupState.CONFIRMED, Shift.starts_at <= bindparam("now"))
    .correlate(Person)
    .scalar_subquery()
)

_UNASKED = (
    columns(Person.id.label("person_id"), Person.name, Helper.asked_at, _served_at.label("served_at"))  # type: ignore[attr-defined]
    .outerjoin(Helper, pointing(Helper, "person_id", Person))
    .where(
        Person.compound_id == bindparam("compound_id"),
        at_home(),
        or_(col(Helper.may_be_asked), col(Helper.id).is_(None) & _served_at.is_not(None)),
    )
    .order_by(col(Helper.asked_at).asc().nulls_first(), _served_at.asc().nulls_first(), col(Person.id))
    .limit(MOST)
)

_unasked = made_into(Unasked, _UNASKED)
