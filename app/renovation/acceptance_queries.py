"""What there is to see of a project's acceptances: all of it is public but who thinks what; names are for residents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.access.holders import may_still
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.names import known_as
from app.compounds.rules import rules_in_force
from app.kit.clock import short_day
from app.kit.i18n import _
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.renovation.acceptance_models import (
    OUTCOME_SAYS,
    PART_SAYS,
    Acceptance,
    AcceptancePart,
    Outcome,
    PartCheck,
    PartFound,
    Proposal,
    Reservation,
    Signature,
)
from app.renovation.check_models import CheckItem, CheckList
from app.renovation.finding_models import Finding, FindingState
from app.renovation.models import Project, Visit, VisitPhoto

SETTLED = (FindingState.CLOSED, FindingState.VOID)
"""What a reservation was about is mended, or was none."""


@dataclass(frozen=True, slots=True)
class FoundAt:
    """What was found at one item. `visit_id`: of the photo that shows it."""

    item_id: UUID
    text: str
    found: str
    words: str
    photo_id: UUID | None
    visit_id: UUID | None
    photo_missing: bool


@dataclass(frozen=True, slots=True)
class PartCard:
    """The latest check of a part by a list."""

    id: UUID
    name: str
    list_id: UUID
    trade: str
    checked_by: str
    checked_at: datetime
    checks: tuple[FoundAt, ...]

    @property
    def not_ok(self) -> int:
        return sum(check.found == PartFound.NOT_OK for check in self.checks)

    @property
    def photos_missing(self) -> int:
        return sum(check.photo_missing for check in self.checks)


@dataclass(frozen=True, slots=True)
class ReservationCard:
    finding_id: UUID
    number: int
    place: str
    what: str
    demand: str
    due_on: date
    state: str

    @property
    def stands(self) -> bool:
        return self.state not in SETTLED


@dataclass(frozen=True, slots=True)
class Proposed:
    outcome: str
    says: str
    text: str
    by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    by_id: UUID
    by: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Quorum:
    """`source`: where the rule comes from."""

    needed: int
    source: str


def acceptance_for(session: Session, visitor: Visitor, id: UUID) -> Acceptance:
    """Raises NotFound for absent and foreign alike."""
    acceptance = session.get(Acceptance, (visitor.compound.id, id))
    if acceptance is None:
        raise NotFound
    return acceptance


def acceptance_to_change(session: Session, actor: Actor, id: UUID) -> Acceptance:
    """With its row locked; where the project's is needed too, that one first. Raises NotFound."""
    acceptance = session.get(Acceptance, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if acceptance is None:
        raise NotFound
    return acceptance


def acceptances_of(session: Session, project: Project) -> Sequence[Acceptance]:
    """The latest first."""
    statement = select(Acceptance).where(Acceptance.compound_id == project.compound_id, Acceptance.project_id == project.id)
    return session.exec(statement.order_by(col(Acceptance.position).desc())).all()


def parts_of(session: Session, visitor: Visitor, acceptance: Acceptance) -> list[PartCard]:
    """Of the same part and list the latest, in the order in which they were first checked."""
    rows = session.execute(_PARTS, {"compound_id": acceptance.compound_id, "acceptance_id": acceptance.id})
    latest = {(part.name, part.list_id): (part, trade, name) for part, trade, name in rows}
    found: dict[UUID, list[FoundAt]] = {}
    ids = [part.id for part, *_more in latest.values()]
    for check, item, visit_id in session.execute(_CHECKS, {"compound_id": acceptance.compound_id, "part_ids": ids}):
        missing = item.photo_required and check.found != PartFound.NOT_APPLICABLE and check.photo_id is None
        line = FoundAt(item.id, item.text, check.found, check.words, check.photo_id, visit_id, missing)
        found.setdefault(check.part_id, []).append(line)
    return [
        PartCard(
            part.id,
            part.name,
            part.list_id,
            trade,
            known_as(name, full=visitor.is_resident),
            part.checked_at,
            tuple(found[part.id]),
        )
        for part, trade, name in latest.values()
    ]


def reservations_of(session: Session, acceptance: Acceptance) -> list[ReservationCard]:
    """Also those that are settled, in the order of their numbers."""
    rows = session.exec(
        select(Finding)
        .join(Reservation, pointing(Reservation, "id", Finding))
        .where(Reservation.compound_id == acceptance.compound_id, Reservation.acceptance_id == acceptance.id)
        .order_by(col(Finding.year), col(Finding.number))
    )
    return [ReservationCard(f.id, f.number or 0, f.place, f.what, f.demand, f.due_on, f.state) for f in rows]


def acceptance_of_finding(session: Session, finding: Finding) -> UUID | None:
    """The acceptance that raised it."""
    raised = session.get(Reservation, (finding.compound_id, finding.id))
    return raised.acceptance_id if raised else None


def proposal_of(session: Session, visitor: Visitor, acceptance: Acceptance) -> Proposed | None:
    """The conclusion that is to be signed, or was."""
    row = session.execute(_PROPOSAL, {"compound_id": acceptance.compound_id, "acceptance_id": acceptance.id}).first()
    if row is None:
        return None
    proposal, name = row
    by = known_as(name, full=visitor.is_resident)
    return Proposed(proposal.outcome, outcome_names()[proposal.outcome], proposal.text, by, proposal.made_at)


def signed_by(session: Session, visitor: Visitor, acceptance: Acceptance, content_hash: bytes) -> list[Signed]:
    """Who signed these very bytes, the earliest first: each once, and until it is concluded only who is a supervisor still."""
    values = {"compound_id": acceptance.compound_id, "acceptance_id": acceptance.id, "content_hash": content_hash}
    return [
        Signed(one.by_id, known_as(name, full=visitor.is_resident), one.signed_at)
        for one, name in session.execute(_SIGNED, values)
        if acceptance.concluded_at or may_still(session, one.compound_id, one.by_id, Permission.SUPERVISE)
    ]


def quorum_of(session: Session, compound_id: UUID) -> Quorum:
    found = next(one for one in rules_in_force(session, compound_id) if one.kind.name == "acceptance_quorum")
    return Quorum(found.value, found.source)


def photos_of_items(session: Session, project: Project, item_ids: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, str]]]:
    """By item, the photos of it that visits of the project took and that are here: (id, when and where), the latest first."""
    rows = session.execute(
        columns(VisitPhoto.item_id, VisitPhoto.id, Visit.place, VisitPhoto.received_at)
        .join(Visit, pointing(VisitPhoto, "visit_id", Visit))
        .where(
            VisitPhoto.compound_id == project.compound_id,
            Visit.project_id == project.id,
            col(VisitPhoto.item_id).in_(item_ids),
            col(VisitPhoto.received_at).is_not(None),
        )
        .order_by(col(VisitPhoto.received_at).desc(), col(VisitPhoto.id))
    )
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    for item_id, id, place, at in rows:
        found.setdefault(item_id, []).append((id, f"{short_day(at)} {place}"))
    return found


def outcome_names() -> dict[str, str]:
    return {outcome.value: _(OUTCOME_SAYS[outcome]) for outcome in Outcome}


def part_names() -> dict[str, str]:
    return {found.value: _(PART_SAYS[found]) for found in PartFound}


_of_round = {
    kind: and_(col(kind.compound_id) == bindparam("compound_id"), col(kind.acceptance_id) == bindparam("acceptance_id"))
    for kind in (AcceptancePart, Proposal, Signature)
}
_PARTS = (
    columns(AcceptancePart, CheckList.trade, Person.name)
    .join(CheckList, pointing(AcceptancePart, "list_id", CheckList))
    .join(Person, pointing(AcceptancePart, "checked_by_id", Person))
    .where(_of_round[AcceptancePart])
    .order_by(col(AcceptancePart.position))
)
_CHECKS = (
    columns(PartCheck, CheckItem, VisitPhoto.visit_id)
    .join(CheckItem, pointing(PartCheck, "item_id", CheckItem))
    .outerjoin(VisitPhoto, and_(col(VisitPhoto.compound_id) == PartCheck.compound_id, col(VisitPhoto.id) == PartCheck.photo_id))
    .where(PartCheck.compound_id == bindparam("compound_id"), col(PartCheck.part_id).in_(bindparam("part_ids", expanding=True)))
    .order_by(col(PartCheck.part_id), col(CheckItem.position))
)
_PROPOSAL = (
    columns(Proposal, Person.name)
    .join(Person, pointing(Proposal, "by_id", Person))
    .where(_of_round[Proposal])
    .order_by(col(Proposal.position).desc())
    .limit(1)
)
_SIGNED = (
    columns(Signature, Person.name)
    .join(Person, pointing(Signature, "by_id", Person))
    .where(_of_round[Signature], col(Signature.content_hash) == bindparam("content_hash"))
    .order_by(col(Signature.signed_at), col(Signature.id))
)
