"""What there is to see of disputes: each is for its parties and for who may mediate; how one ended for all, once its parties let
it be told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Row, and_, bindparam, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.access.permissions import NAMED_SEATS
from app.compounds.models import Person, Seat
from app.compounds.terms import holds
from app.kit.i18n import _
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.renovation import policy
from app.renovation.dispute_models import (
    SIDE_SAYS,
    STATE_SAYS,
    Course,
    Dispute,
    DisputeAct,
    DisputeActKind,
    DisputeParty,
    DisputeSide,
)
from app.renovation.models import Project

FEW = 5
"""Below it a number of disputes may tell who has one: nobody is told how many there were."""


@dataclass(frozen=True, slots=True)
class DisputeCard:
    """For who may see it, with full names."""

    id: UUID
    project_id: UUID
    project: str
    finding_id: UUID | None
    subject: str
    state: str
    outcome: str | None
    mediator: str
    follow_up_on: date | None
    opened_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Party:
    """`mine`: it is the reader."""

    id: UUID
    side: str
    says: str
    name: str
    mine: bool
    agreed: bool
    consented: bool


@dataclass(frozen=True, slots=True)
class DisputeStep:
    """`party`: whose step it is; `by` is who wrote it down."""

    id: UUID
    kind: str
    party: str | None
    by: str
    on_behalf: bool
    of_id: UUID | None
    text: str
    follow_up_on: date | None
    state: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class DisputeView:
    """`proposal` and `words`: the latest, None while there are none."""

    card: DisputeCard
    parties: list[Party]
    acts: list[DisputeStep]
    proposal: DisputeAct | None
    words: DisputeAct | None

    @property
    def mine(self) -> Party | None:
        return next((party for party in self.parties if party.mine), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What everybody may read."""

    id: UUID
    project_id: UUID
    project: str
    outcome: str
    words: str
    published_at: datetime


_own = (
    select(DisputeParty.id)
    .where(
        DisputeParty.compound_id == Dispute.compound_id,
        DisputeParty.dispute_id == Dispute.id,
        DisputeParty.person_id == bindparam("person_id"),
    )
    .correlate(Dispute)
    .exists()
)
_DISPUTES = (
    columns(Dispute, Project.title, Person.name)
    .join(Project, pointing(Dispute, "project_id", Project))
    .join(Person, pointing(Dispute, "mediator_id", Person))
    .where(
        Dispute.compound_id == bindparam("compound_id"),
        or_(bindparam("of_all", type_=Boolean), col(Dispute.mediator_id) == bindparam("person_id"), _own),
    )
)
DISPUTES = Listing("disputes", _DISPUTES, col(Dispute.opened_at), col(Dispute.id), lambda row: row, newest_first=True)
_ONE = _DISPUTES.where(Dispute.id == bindparam("id"))

_later = aliased(DisputeAct)
_OUTCOMES = (
    columns(Dispute, Project.title, DisputeAct.text)
    .join(Project, pointing(Dispute, "project_id", Project))
    .join(
        DisputeAct,
        and_(pointing(DisputeAct, "dispute_id", Dispute), col(DisputeAct.kind) == DisputeActKind.WORDED),
    )
    .where(
        Dispute.compound_id == bindparam("compound_id"),
        col(Dispute.published_at).is_not(None),
        ~select(_later.id)
        .where(
            _later.compound_id == DisputeAct.compound_id,
            _later.dispute_id == DisputeAct.dispute_id,
            _later.kind == DisputeActKind.WORDED,
            _later.position > DisputeAct.position,
        )
        .correlate(DisputeAct)
        .exists(),
    )
)
"""With the latest words: nothing else was consented to."""
OUTCOMES = Listing(
    "dispute-outcomes",
    _OUTCOMES,
    col(Dispute.published_at),
    col(Dispute.id),
    lambda row: Outcome(
        row.Dispute.id, row.Dispute.project_id, row.title, row.Dispute.outcome, row.text, row.Dispute.published_at
    ),
    newest_first=True,
)


def disputes_of(session: Session, actor: Actor, asked: Asked) -> Page[DisputeCard]:
    """For who may mediate all of them, for others those that they are a party to; the latest first. Raises BadCursor."""
    page: Page[Any] = DISPUTES.page(session, asked, **_seen_by(actor))
    return Page[DisputeCard](items=[_card(row) for row in page.items], next_cursor=page.next_cursor)


def outcomes_of(session: Session, visitor: Visitor, asked: Asked) -> Page[Outcome]:
    """The latest first. Raises BadCursor."""
    return OUTCOMES.page(session, asked, compound_id=visitor.compound.id)


def how_many(session: Session, compound_id: UUID) -> int | None:
    """How many disputes were mediated; None for a FEW."""
    n = session.exec(select(func.count()).where(Dispute.compound_id == compound_id, col(Dispute.outcome).is_not(None))).one()
    return n if n >= FEW else None


def dispute_for(session: Session, actor: Actor, id: UUID, *, lock: bool = False) -> Dispute:
    """Raises NotFound for absent, foreign and other people's alike."""
    dispute = session.get(Dispute, (actor.compound.id, id), with_for_update=lock or None, populate_existing=lock)
    if dispute is None or not policy.can_see_dispute(actor, dispute, persons_in(session, dispute)):
        raise NotFound
    return dispute


def dispute_view(session: Session, actor: Actor, id: UUID) -> DisputeView:
    """Raises NotFound for absent, foreign and other people's alike."""
    row = session.execute(_ONE, _seen_by(actor) | {"id": id}).one_or_none()
    if row is None:
        raise NotFound
    course, names = course_of(session, row.Dispute), _names(session, row.Dispute)
    return DisputeView(
        _card(row),
        [
            Party(
                party.id,
                party.side,
                _(SIDE_SAYS[DisputeSide(party.side)]),
                names[party.id],
                party.person_id == actor.person_id,
                party.id in course.agreed,
                party.id in course.consented,
            )
            for party in course.parties
        ],
        _steps(session, course, names),
        course.latest(DisputeActKind.PROPOSED),
        course.latest(DisputeActKind.WORDED),
    )


def course_of(session: Session, dispute: Dispute) -> Course:
    parties, acts = (
        session.exec(
            select(kind)
            .where(kind.compound_id == dispute.compound_id, kind.dispute_id == dispute.id)
            .order_by(col(kind.position))
        ).all()
        for kind in (DisputeParty, DisputeAct)
    )
    return Course(parties, acts)  # type: ignore[arg-type]


def persons_in(session: Session, dispute: Dispute) -> Sequence[UUID]:
    """The parties that are people of the compound."""
    return session.exec(
        select(DisputeParty.person_id)
        .where(DisputeParty.compound_id == dispute.compound_id, DisputeParty.dispute_id == dispute.id)
        .where(col(DisputeParty.person_id).is_not(None))
        .order_by(col(DisputeParty.position))
    ).all()  # type: ignore[return-value]


def officers_to_choose(session: Session, compound_id: UUID) -> list[tuple[UUID, str]]:
    """Whoever holds an office today."""
    rows = session.exec(
        select(Person.id, Person.name)
        .join(Seat, pointing(Seat, "person_id", Person))
        .where(Seat.compound_id == compound_id, col(Seat.kind).in_(NAMED_SEATS), holds(Seat))
        .distinct()
        .order_by(Person.name)
    )
    return [(id, name) for id, name in rows]


def state_names() -> dict[str, str]:
    return {state.value: _(says) for state, says in STATE_SAYS.items()}


def _names(session: Session, dispute: Dispute) -> dict[UUID, str]:
    """By party."""
    rows = session.execute(
        columns(DisputeParty.id, func.coalesce(Person.name, DisputeParty.name))
        .outerjoin(Person, pointing(DisputeParty, "person_id", Person))
        .where(DisputeParty.compound_id == dispute.compound_id, DisputeParty.dispute_id == dispute.id)
    )
    return dict(rows.all())


def _steps(session: Session, course: Course, names: dict[UUID, str]) -> list[DisputeStep]:
    by_ids = {act.by_id for act in course.acts}
    compound_ids = {act.compound_id for act in course.acts}
    people = session.exec(
        select(Person.id, Person.name).where(col(Person.compound_id).in_(compound_ids), col(Person.id).in_(by_ids))
    )
    hands, persons = dict(people.all()), {party.id: party.person_id for party in course.parties}
    return [
        DisputeStep(
            act.id,
            act.kind,
            names[act.party_id] if act.party_id else None,
            hands[act.by_id],
            act.party_id is not None and persons[act.party_id] != act.by_id,
            act.of_id,
            act.text,
            act.follow_up_on,
            act.state,
            act.done_at,
        )
        for act in course.acts
    ]


def _seen_by(actor: Actor) -> dict[str, Any]:
    return {"compound_id": actor.compound.id, "person_id": actor.person_id, "of_all": policy.can_mediate(actor)}


def _card(row: Row[Any]) -> DisputeCard:
    dispute: Dispute = row.Dispute
    told = {name: getattr(dispute, name) for name in DisputeCard.__slots__ if name not in ("project", "mediator")}
    return DisputeCard(**told, project=row.title, mediator=row.name)
