"""What there is to see of calls for cover, and who is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Person
from app.compounds.terms import at_home
from app.kit.clock import now
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound
from app.volunteering.cover_models import CoverCall
from app.volunteering.models import Activity, Shift
from app.volunteering.queries import MEETS_AT
from app.volunteering.signup_models import HOLDING, Signup, SignupState
from app.volunteering.skill_models import HeldSkill, Helper

MOST_ASKED = 10
"""Neighbours who are told of one call: whoever was asked last week is spared while others were not."""


@dataclass(frozen=True, slots=True)
class OpenCover:
    """A place that looks for another person."""

    id: UUID
    shift_id: UUID
    for_shift_id: UUID | None
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime


_OPEN = (
    columns(CoverCall.id, Signup.shift_id, CoverCall.for_shift_id, Activity.title, MEETS_AT, Shift.starts_at, Shift.ends_at)
    .join(Signup, pointing(CoverCall, "signup_id", Signup))
    .join(Shift, pointing(Signup, "shift_id", Shift))
    .join(Activity, pointing(Shift, "activity_id", Activity))
    .where(
        CoverCall.compound_id == bindparam("compound_id"),
        col(CoverCall.taken_at).is_(None),
        col(CoverCall.closed_at).is_(None),
        Signup.state == SignupState.CONFIRMED,
        col(Shift.cancelled_at).is_(None),
        Shift.starts_at > bindparam("now"),
    )
    .order_by(col(Shift.starts_at))
)

_open_cover = made_into(OpenCover, _OPEN)


def open_covers(session: Session, visitor: Visitor) -> list[OpenCover]:
    """Soonest first."""
    return [_open_cover(row) for row in rows_of(session, _OPEN, {"compound_id": visitor.compound.id, "now": now()})]


def cover_for(session: Session, visitor: Visitor, id: UUID) -> CoverCall:
    """Raises NotFound."""
    cover = session.get(CoverCall, (visitor.compound.id, id), populate_existing=True)
    if cover is None:
        raise NotFound
    return cover


def cover_of(session: Session, signup: Signup) -> CoverCall | None:
    """The open one of this place."""
    return session.exec(
        select(CoverCall).where(
            CoverCall.compound_id == signup.compound_id,
            CoverCall.signup_id == signup.id,
            col(CoverCall.taken_at).is_(None),
            col(CoverCall.closed_at).is_(None),
        )
    ).one_or_none()


def could_cover(session: Session, shift: Shift, skill_id: UUID | None) -> Sequence[UUID]:
    """Whom to ask: at home here and with an account, not on this shift nor on another at that time, with the skill that the
    place is kept for; who waits for this very shift first, then the least recently asked. They said that they may be asked, or
    never said anything and have helped before.
    """
    live = select(Signup.id).where(pointing(Signup, "person_id", Person), Signup.shift_id == shift.id)
    waits = live.where(Signup.state == SignupState.WAITING).exists()
    busy = (
        select(Signup.id)
        .join(Shift, pointing(Signup, "shift_id", Shift))
        .where(
            pointing(Signup, "person_id", Person),
            col(Signup.state).in_(HOLDING),
            col(Shift.cancelled_at).is_(None),
            Shift.starts_at < shift.ends_at,
            Shift.ends_at > shift.starts_at,
        )
    )
    helped = select(Signup.id).where(pointing(Signup, "person_id", Person), Signup.state == SignupState.CONFIRMED)
    wanted = (
        select(Person.id)
        .outerjoin(Helper, pointing(Helper, "person_id", Person))
        .where(
            Person.compound_id == shift.compound_id,
            col(Person.account_id).is_not(None),
            at_home(),
            ~busy.exists(),
            or_(col(Helper.may_be_asked), col(Helper.id).is_(None) & helped.exists()),
        )
        .order_by(waits.desc(), col(Helper.asked_at).asc().nulls_first(), col(Person.id))
        .limit(MOST_ASKED)
    )
    if skill_id:
        held = select(HeldSkill.id).where(pointing(HeldSkill, "person_id", Person), HeldSkill.skill_id == skill_id)
        wanted = wanted.where(held.exists())
    return session.exec(wanted).all()


def could_swap(session: Session, shift: Shift, asker_id: UUID) -> Sequence[UUID]:
    """Whoever has a place on that shift."""
    return session.exec(
        select(Signup.person_id).where(
            Signup.compound_id == shift.compound_id,
            Signup.shift_id == shift.id,
            Signup.state == SignupState.CONFIRMED,
            Signup.person_id != asker_id,
        )
    ).all()
