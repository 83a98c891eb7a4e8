"""What there is to see. Lists are module-level statements mapped to small frozen dataclasses; a single thing is the noun."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import Boolean, Integer, String, bindparam, func, or_, tuple_
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.kit.clock import now, start_of, today
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound
from app.volunteering import policy
from app.volunteering.models import Activity, Places, Shift, ShiftNeed
from app.volunteering.signup_models import LIVE, Signup, SignupState


@dataclass(frozen=True, slots=True)
class ShiftCard:
    id: UUID
    activity_id: UUID
    kind: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    minimum: int
    kept: int
    """Of these, so many wait for people with a skill: `skill_queries.needs_said`."""
    series_id: UUID | None
    free: int
    cancelled: bool

    @property
    def missing(self) -> int:
        """How many are wanting before the service can be done."""
        return max(0, self.minimum - (self.capacity - self.free))


@dataclass(frozen=True, slots=True)
class MyShift:
    """A sign-up of mine, with what its shift is. `ahead`: how many wait before me."""

    id: UUID
    shift_id: UUID
    title: str
    place: str
    starts_at: datetime
    state: str
    offer_until_at: datetime | None
    checked_in_at: datetime | None
    ahead: int


_dead_offers = (
    select(func.count())
    .where(
        Signup.compound_id == Shift.compound_id,
        Signup.shift_id == Shift.id,
        Signup.state == SignupState.OFFERED,
        col(Signup.offer_until_at) <= bindparam("now"),
    )
    .correlate(Shift)
    .scalar_subquery()
)

MEETS_AT = func.coalesce(func.nullif(Shift.meets_at, ""), Activity.place).label("place")

_SHIFT_CARDS = (
    columns(
        Shift.id,
        Shift.activity_id,
        Activity.kind,
        Activity.title,
        MEETS_AT,
        Shift.starts_at,
        Shift.ends_at,
        Shift.capacity,
        Shift.minimum,
        Shift.kept,
        Shift.series_id,
        (col(Shift.capacity) - col(Shift.taken) + _dead_offers).label("free"),
        col(Shift.cancelled_at).is_not(None).label("cancelled"),
    )
    .join(Activity, pointing(Shift, "activity_id", Activity))
    .where(Shift.compound_id == bindparam("compound_id"))
)


_card = made_into(ShiftCard, _SHIFT_CARDS)


_kind = bindparam("kind", type_=String)

COMING = Listing(
    "shifts",
    _SHIFT_CARDS.where(Shift.starts_at > bindparam("now"), or_(_kind == "", col(Activity.kind) == _kind)),
    col(Shift.starts_at),
    col(Shift.id),
    _card,
)


def coming_shifts(session: Session, visitor: Visitor, asked: Asked, kind: str = "") -> Page[ShiftCard]:
    """Shifts that have not begun, soonest first; of one kind, or of all. Raises BadCursor."""
    return COMING.page(session, asked, {"now": now()}, compound_id=visitor.compound.id, kind=kind)


_BETWEEN = _SHIFT_CARDS.where(Shift.starts_at > bindparam("after"), Shift.starts_at < bindparam("before")).order_by(
    col(Shift.starts_at), col(Shift.id)
)


def shifts_between(session: Session, visitor: Visitor, after: datetime, before: datetime) -> list[ShiftCard]:
    """All that begin in between, soonest first."""
    values = {"compound_id": visitor.compound.id, "now": now(), "after": after, "before": before}
    return [_card(row) for row in rows_of(session, _BETWEEN, values)]


def todays_shifts(session: Session, actor: Actor) -> list[ShiftCard]:
    """For whoever leads: what begins today and takes place."""
    of_today = shifts_between(session, actor, start_of(today()) - timedelta.resolution, start_of(today() + timedelta(days=1)))
    return [shift for shift in of_today if not shift.cancelled]


STILL_LED = timedelta(days=7)
"""So long after its start a shift is at hand for whoever leads: to check people in and out, to write hours afterwards."""

_LED = _SHIFT_CARDS.where(
    Shift.starts_at < bindparam("before"), Shift.starts_at > bindparam("since"), col(Shift.cancelled_at).is_(None)
).order_by(col(Shift.starts_at).desc())


def led_shifts(session: Session, actor: Actor) -> list[ShiftCard]:
    """Shifts that began before today and may still need their leader, the latest first."""
    values = {"compound_id": actor.compound.id, "now": now(), "before": start_of(today()), "since": now() - STILL_LED}
    return [_card(row) for row in rows_of(session, _LED, values)]


_MINE = (
    columns(
        Signup.id,
        Signup.shift_id,
        Activity.title,
        MEETS_AT,
        Shift.starts_at,
        Signup.state,
        Signup.offer_until_at,
        Signup.checked_in_at,
        Signup.line,
        Signup.only_if_needed,
    )
    .join(Shift, pointing(Signup, "shift_id", Shift))
    .join(Activity, pointing(Shift, "activity_id", Activity))
    .where(
        Signup.compound_id == bindparam("compound_id"),
        Signup.person_id == bindparam("person_id"),
        col(Signup.state).in_(LIVE),
        Shift.ends_at > bindparam("now"),
        col(Shift.cancelled_at).is_(None),
        or_(col(Signup.offer_until_at).is_(None), col(Signup.offer_until_at) > bindparam("now")),
    )
    .order_by(col(Shift.starts_at))
)


def my_shifts(session: Session, actor: Actor) -> list[MyShift]:
    """What I am signed up for and has not ended; a dead offer is no longer mine."""
    rows = rows_of(session, _MINE, {"compound_id": actor.compound.id, "person_id": actor.person_id, "now": now()}).all()
    return [
        MyShift(
            r.id, r.shift_id, r.title, r.place, r.starts_at, r.state, r.offer_until_at, r.checked_in_at,
            waiting_before(session, actor.compound.id, r) if r.state == SignupState.WAITING else 0,
        )
        for r in rows
    ]  # fmt: skip


class InLine(Protocol):
    """A sign-up, or a row of one."""

    shift_id: UUID
    line: int
    only_if_needed: bool


_WAITING_BEFORE = select(func.count()).where(
    Signup.compound_id == bindparam("compound_id"),
    Signup.shift_id == bindparam("shift_id"),
    Signup.state == SignupState.WAITING,
    tuple_(Signup.only_if_needed, Signup.line)
    < tuple_(bindparam("only_if_needed", type_=Boolean()), bindparam("line", type_=Integer())),
)


def waiting_before(session: Session, compound_id: UUID, one: InLine) -> int:
    """How many come before them on the waiting list."""
    where = {"shift_id": one.shift_id, "line": one.line, "only_if_needed": one.only_if_needed}
    return int(rows_of(session, _WAITING_BEFORE, {"compound_id": compound_id, **where}).scalar_one())


def shift_for(session: Session, visitor: Visitor, id: UUID) -> tuple[Shift, Activity]:
    """Raises NotFound for absent and foreign alike."""
    shift = session.get(Shift, (visitor.compound.id, id))
    if shift is None:
        raise NotFound
    return shift, session.get_one(Activity, (shift.compound_id, shift.activity_id))


def activity_for(session: Session, visitor: Visitor, id: UUID) -> Activity:
    """Raises NotFound."""
    activity = session.get(Activity, (visitor.compound.id, id))
    if activity is None:
        raise NotFound
    return activity


def activity_to_change(session: Session, actor: Visitor, id: UUID) -> Activity:
    """With its row locked. Raises NotFound."""
    activity = session.get(Activity, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if activity is None:
        raise NotFound
    return activity


def shifts_of(session: Session, activity: Activity) -> list[Shift]:
    return list(
        session.exec(
            select(Shift)
            .where(Shift.compound_id == activity.compound_id, Shift.activity_id == activity.id)
            .order_by(col(Shift.starts_at))
        )
    )


def shift_to_change(session: Session, actor: Visitor, id: UUID) -> Shift:
    """The shift with its row locked: first in the lock order. Raises NotFound."""
    shift = session.get(Shift, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if shift is None:
        raise NotFound
    return shift


def signup_for(session: Session, actor: Actor, id: UUID) -> Signup:
    """Raises NotFound unless the actor may see it."""
    signup = session.get(Signup, (actor.compound.id, id), populate_existing=True)
    if signup is None or not policy.can_see(actor, signup):
        raise NotFound
    return signup


def card_of(session: Session, shift: Shift, activity: Activity) -> ShiftCard:
    dead = sum(s.offer_is_dead() for s in signups_in(session, shift, SignupState.OFFERED))
    return ShiftCard(
        shift.id, activity.id, activity.kind, activity.title, shift.meets_at or activity.place, shift.starts_at, shift.ends_at,
        shift.capacity, shift.minimum, shift.kept, shift.series_id, shift.capacity - shift.taken + dead,
        shift.cancelled_at is not None,
    )  # fmt: skip


_IN_SHIFT = (
    select(Signup)
    .where(
        Signup.compound_id == bindparam("compound_id"),
        Signup.shift_id == bindparam("shift_id"),
        col(Signup.state).in_(bindparam("states", expanding=True)),
    )
    .order_by(col(Signup.line))
)


def signups_in(session: Session, shift: Shift, *states: SignupState) -> list[Signup]:
    """In the order in which they asked."""
    return list(session.scalars(_IN_SHIFT, {"compound_id": shift.compound_id, "shift_id": shift.id, "states": states}))


_LIVE_SIGNUP = select(Signup).where(
    Signup.compound_id == bindparam("compound_id"),
    Signup.shift_id == bindparam("shift_id"),
    Signup.person_id == bindparam("person_id"),
    col(Signup.state).in_(LIVE),
)


def people_on(session: Session, compound_id: UUID, shift_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many hold or wait for a place of each."""
    rows = session.exec(
        select(Signup.shift_id, func.count())
        .where(Signup.compound_id == compound_id, col(Signup.shift_id).in_(shift_ids), col(Signup.state).in_(LIVE))
        .group_by(col(Signup.shift_id))
    )
    return dict(rows.all())


def places_of(session: Session, shift: Shift) -> Places:
    """The shift's row is locked by whoever gives or takes."""
    needs = session.scalars(_NEEDS, {"compound_id": shift.compound_id, "shift_id": shift.id}).all() if shift.kept else ()
    return Places(shift, needs)


_NEEDS = (
    select(ShiftNeed)
    .where(ShiftNeed.compound_id == bindparam("compound_id"), ShiftNeed.shift_id == bindparam("shift_id"))
    .order_by(col(ShiftNeed.id))
)


def live_signup(session: Session, shift: Shift, person_id: UUID) -> Signup | None:
    """What this person holds of the shift, or waits for."""
    given = {"compound_id": shift.compound_id, "shift_id": shift.id, "person_id": person_id}
    return session.scalars(_LIVE_SIGNUP, given).one_or_none()
