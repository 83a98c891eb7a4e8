"""What there is to see of hours: one's own record, sums by where they come from, what waits for a second officer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.compounds.models import Person
from app.kit.clock import local
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound
from app.volunteering import policy
from app.volunteering.hour_models import HourEntry, HourProposal, HourSource, ProposalState
from app.volunteering.models import Activity, Shift
from app.volunteering.signup_models import Signup


@dataclass(frozen=True, slots=True)
class YearOfHours:
    """Minutes of service in a year by where they come from, in the order of `HourSource`; a source without any is left out."""

    year: int
    minutes: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.minutes.values())


@dataclass(frozen=True, slots=True)
class MyHour:
    """A line of my service record: what it was for, and where the minutes come from. `recorded_by` is None where nobody
    wrote it, `approved_by` where no second officer was asked.
    """

    id: UUID
    title: str
    kind: str
    starts_at: datetime
    minutes: int
    source: str
    recorded_at: datetime
    recorded_by: str | None
    approved_by: str | None
    reason: str
    corrects_id: UUID | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What waits for a second officer. `stands`: the minutes that the sign-up has now."""

    id: UUID
    shift_id: UUID
    title: str
    starts_at: datetime
    name: str
    minutes: int
    stands: int
    reason: str
    proposed_by: str
    can_decide: bool


_approver = aliased(Person)

_HOURS = (
    columns(
        HourEntry.id,
        Activity.title,
        Activity.kind,
        Shift.starts_at,
        HourEntry.minutes,
        HourEntry.source,
        HourEntry.recorded_at,
        col(Person.name).label("recorded_by"),
        col(_approver.name).label("approved_by"),
        HourEntry.reason,
        HourEntry.corrects_id,
    )
    .join(Signup, pointing(HourEntry, "signup_id", Signup))
    .join(Shift, pointing(Signup, "shift_id", Shift))
    .join(Activity, pointing(Shift, "activity_id", Activity))
    .outerjoin(Person, pointing(HourEntry, "recorded_by_id", Person))
    .outerjoin(
        _approver, and_(col(_approver.compound_id) == HourEntry.compound_id, col(_approver.id) == HourEntry.approved_by_id)
    )
    .where(HourEntry.compound_id == bindparam("compound_id"), HourEntry.person_id == bindparam("person_id"))
)

_hour = made_into(MyHour, _HOURS)

MY_HOURS = Listing("hours", _HOURS, col(HourEntry.recorded_at), col(HourEntry.id), _hour, newest_first=True)

_IN_ORDER = _HOURS.order_by(col(Shift.starts_at), col(HourEntry.recorded_at), col(HourEntry.id))


def my_hours(session: Session, actor: Actor, asked: Asked) -> Page[MyHour]:
    """My service record, the latest entry first. Raises BadCursor."""
    return MY_HOURS.page(session, asked, compound_id=actor.compound.id, person_id=actor.person_id)


def hours_of(session: Session, compound_id: UUID, person_id: UUID) -> list[MyHour]:
    """All of them, by the day of the service."""
    return [_hour(row) for row in rows_of(session, _IN_ORDER, {"compound_id": compound_id, "person_id": person_id})]


def years_of(hours: list[MyHour]) -> list[YearOfHours]:
    """By the year in which one served, the latest first."""
    served = sorted({local(hour.starts_at).year for hour in hours}, reverse=True)
    return [YearOfHours(year, by_source([hour for hour in hours if local(hour.starts_at).year == year])) for year in served]


def by_source(hours: list[MyHour]) -> dict[str, int]:
    """Minutes from each source that there are any from."""
    sources = [source for source in HourSource if any(hour.source == source for hour in hours)]
    return {source.value: sum(hour.minutes for hour in hours if hour.source == source) for source in sources}


_LINES = (
    select(HourEntry)
    .where(HourEntry.compound_id == bindparam("compound_id"), HourEntry.signup_id == bindparam("signup_id"))
    .order_by(col(HourEntry.recorded_at), col(HourEntry.id))
)


def lines_of(session: Session, signup: Signup) -> list[HourEntry]:
    """The origin and what corrects it, in order: what the sign-up has is their sum."""
    found = list(session.scalars(_LINES, {"compound_id": signup.compound_id, "signup_id": signup.id}))
    after = {line.corrects_id: line for line in found}
    ordered: list[HourEntry] = []
    while (following := after.get(ordered[-1].id if ordered else None)) is not None:
        ordered.append(following)
    return ordered


def proposal_for(session: Session, actor: Actor, id: UUID) -> HourProposal:
    """Raises NotFound for whoever does not lead."""
    proposal = session.get(HourProposal, (actor.compound.id, id), populate_existing=True)
    if proposal is None or not policy.can_check_in(actor):
        raise NotFound
    return proposal


def entry_for(session: Session, actor: Actor, id: UUID) -> HourEntry:
    """Raises NotFound for whoever does not lead."""
    entry = session.get(HourEntry, (actor.compound.id, id))
    if entry is None or not policy.can_check_in(actor):
        raise NotFound
    return entry


def waiting_for(session: Session, signup: Signup) -> HourProposal | None:
    """What was proposed for a sign-up and not decided yet."""
    return session.exec(
        select(HourProposal).where(
            HourProposal.compound_id == signup.compound_id,
            HourProposal.signup_id == signup.id,
            HourProposal.state == ProposalState.WAITING,
        )
    ).one_or_none()


_proposer = aliased(Person)

_WAITING = (
    columns(HourProposal, Signup, Shift.starts_at, Activity.title, Person.name, col(_proposer.name).label("proposed_by"))
    .join(Signup, pointing(HourProposal, "signup_id", Signup))
    .join(Shift, pointing(Signup, "shift_id", Shift))
    .join(Activity, pointing(Shift, "activity_id", Activity))
    .join(Person, pointing(HourProposal, "person_id", Person))
    .join(
        _proposer, and_(col(_proposer.compound_id) == HourProposal.compound_id, col(_proposer.id) == HourProposal.proposed_by_id)
    )
    .where(HourProposal.compound_id == bindparam("compound_id"), HourProposal.state == ProposalState.WAITING)
    .order_by(col(HourProposal.proposed_at), col(HourProposal.id))
)


def proposals(session: Session, actor: Actor) -> list[Proposed]:
    """What waits for a second officer, the longest waiting first."""
    rows = session.execute(_WAITING, {"compound_id": actor.compound.id})
    return [
        Proposed(
            proposal.id, signup.shift_id, title, starts_at, name, proposal.minutes,
            sum(line.minutes for line in lines_of(session, signup)), proposal.reason, proposed_by,
            policy.why_not_approve(session, actor, proposal) is None,
        )
        for proposal, signup, starts_at, title, name, proposed_by in rows
    ]  # fmt: skip
