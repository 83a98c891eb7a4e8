"""Mediation: outcomes that may be told, for everybody; a dispute for its parties and the mediator."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident
from app.access.permissions import Permission
from app.compounds.people import PersonChoice, find_people, name_at_home
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import mediating, policy
from app.renovation.dispute_models import GOING, MOST_PARTIES, MOVES, DisputeActKind
from app.renovation.dispute_queries import (
    DisputeCard,
    DisputeView,
    Outcome,
    Party,
    dispute_for,
    dispute_view,
    disputes_of,
    how_many,
    officers_to_choose,
    outcomes_of,
    persons_in,
    state_names,
)
from app.renovation.dispute_schemas import DisputeActWish, DisputeWish
from app.renovation.finding_queries import finding_card
from app.renovation.models import Project
from app.renovation.queries import project_for

router = APIRouter(route_class=OneTransaction, prefix="/works/disputes", include_in_schema=False)

FilledDispute = Annotated[Filled[DisputeWish], filled(DisputeWish)]
FilledAct = Annotated[Filled[DisputeActWish], filled(DisputeActWish)]
Chosen = Annotated[list[UUID], Query(max_length=MOST_PARTIES)]


@dataclass(frozen=True)
class OutcomesPage(View):
    template = "renovation/dispute_outcomes.html"
    tab = "works"

    outcomes: Page[Outcome]
    how_many: int | None
    states: dict[str, str]
    is_resident: bool


@dataclass(frozen=True)
class DisputesPage(View):
    """One's own, or for who may mediate all of them."""

    template = "renovation/disputes.html"
    tab = "works"

    disputes: Page[DisputeCard]
    states: dict[str, str]
    sees_all: bool


@dataclass(frozen=True)
class DisputePartiesPage(View):
    """Who is at odds: chosen one after the other, before anything is written."""

    template = "renovation/dispute_parties.html"

    project: Project
    about: list[tuple[str, UUID]]
    keeps: list[tuple[str, UUID]]
    """What the address says of it: what it is about, and with who was chosen."""
    chosen: list[tuple[UUID, str]]
    q: str
    people: list[PersonChoice]


@dataclass(frozen=True)
class DisputeFormPage(View):
    template = "renovation/dispute_form.html"

    project: Project
    form: Filled[DisputeWish]
    chosen: list[tuple[UUID, str]]
    officers: list[tuple[UUID, str]]


@dataclass(frozen=True)
class DisputePage(View):
    template = "renovation/dispute.html"
    tab = "works"

    view: DisputeView
    finding: str
    """Where it is about a finding, which."""
    form: Filled[DisputeActWish]
    states: dict[str, str]
    going: bool
    mediates: bool


@dataclass(frozen=True)
class PaperPage(View):
    """What a party said or signed on paper, written down by the mediator."""

    template = "renovation/dispute_paper.html"

    view: DisputeView
    party: Party
    kinds: list[tuple[str, str]]
    form: Filled[DisputeActWish]


@router.get("")
def show_outcomes(session: DbSession, visitor: Anyone, asked: AskedPage) -> OutcomesPage:
    outcomes, n = outcomes_of(session, visitor, asked), how_many(session, visitor.compound.id)
    return OutcomesPage(visitor.frame, outcomes, n, state_names(), visitor.is_resident)


@router.get("/mine")
def show_disputes(session: DbSession, actor: Resident, asked: AskedPage) -> DisputesPage:
    return DisputesPage(actor.frame, disputes_of(session, actor, asked), state_names(), policy.can_mediate(actor))


@router.get("/new")
def show_parties(
    session: DbSession,
    actor: Officer,
    project: UUID,
    finding: UUID | None = None,
    person: Chosen = [],  # noqa: B006 (FastAPI's way to say that it may be missing)
    q: str = "",
) -> DisputePartiesPage:
    actor.need(Permission.MEDIATE)
    about = [("project", project)] + ([("finding", finding)] if finding else [])
    keeps = about + [("person", id) for id in person]
    found = [choice for choice in find_people(session, actor.compound.id, q[:60]) if choice.id not in person]
    chosen = _named(session, actor, person)
    return DisputePartiesPage(actor.frame, project_for(session, actor, project), about, keeps, chosen, q[:60], found)


@router.get("/write")
def show_dispute_form(
    session: DbSession,
    actor: Officer,
    project: UUID,
    finding: UUID | None = None,
    person: Chosen = [],  # noqa: B006
) -> DisputeFormPage:
    actor.need(Permission.MEDIATE)
    typed = {"project_id": project, "finding_id": finding or "", "person_ids": person}
    about = project_for(session, actor, project)
    return dispute_form_page(session, actor, about, empty(typed | {"contractor": about.contractor}))


@router.post("")
def post_dispute(session: DbSession, actor: Officer, request: Request, form: FilledDispute) -> Response:
    actor.need(Permission.MEDIATE)
    if form.wish is None:
        project_id = form.uuid_of("project_id")
        if project_id is None:
            raise NotFound
        return dispute_form_page(session, actor, project_for(session, actor, project_id), form).reply(request, 422)
    dispute, _made = mediating.open_dispute(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/disputes/{dispute.id}", _("记下了，只有各方和能调解的人看得到。"))


@router.get("/{dispute_id}")
def show_dispute(session: DbSession, actor: Resident, dispute_id: UUID) -> DisputePage:
    return dispute_page(session, actor, dispute_id, empty())


@router.get("/{dispute_id}/parties/{party_id}")
def show_paper(session: DbSession, actor: Officer, dispute_id: UUID, party_id: UUID) -> PaperPage:
    return paper_page(session, actor, dispute_id, party_id, empty())


@router.post("/{dispute_id}/acts")
def post_act(session: DbSession, actor: Resident, request: Request, dispute_id: UUID, form: FilledAct) -> Response:
    if form.wish is None:
        party_id = form.uuid_of("party_id")
        if party_id:
            return paper_page(session, actor, dispute_id, party_id, form).reply(request, 422)
        return dispute_page(session, actor, dispute_id, form).reply(request, 422)
    mediating.act(session, actor, dispute_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/disputes/{dispute_id}", _("记下了，各方看得到。"))


def dispute_form_page(session: Session, actor: Actor, project: Project, form: Filled[DisputeWish]) -> DisputeFormPage:
    people = [] if "person_ids" in form.problems else [UUID(str(id)) for id in form.typed.get("person_ids", [])]
    officers = officers_to_choose(session, actor.compound.id)
    return DisputeFormPage(actor.frame, project, form, _named(session, actor, people), officers)


def dispute_page(session: Session, actor: Actor, dispute_id: UUID, form: Filled[DisputeActWish]) -> DisputePage:
    view = dispute_view(session, actor, dispute_id)
    about = finding_card(session, actor, view.card.finding_id) if view.card.finding_id else None
    return DisputePage(
        actor.frame,
        view,
        _("整改 %(n)s 号，%(place)s", n=about.number, place=about.place) if about else "",
        form,
        state_names(),
        view.card.state in GOING,
        _mediates(session, actor, dispute_id),
    )


def paper_page(session: Session, actor: Actor, dispute_id: UUID, party_id: UUID, form: Filled[DisputeActWish]) -> PaperPage:
    view = dispute_view(session, actor, dispute_id)
    party = next((party for party in view.parties if party.id == party_id), None)
    if party is None or not _mediates(session, actor, dispute_id):
        raise NotFound
    return PaperPage(actor.frame, view, party, _open_to(view, party), form)


def _mediates(session: Session, actor: Actor, dispute_id: UUID) -> bool:
    party_ids = persons_in(session, dispute_for(session, actor, dispute_id))
    return policy.why_not_mediate(session, actor, party_ids) is None


def _open_to(view: DisputeView, party: Party) -> list[tuple[str, str]]:
    """What this party may do now: (kind, words)."""
    words = {
        DisputeActKind.STATED: _("说了经过"),
        DisputeActKind.AGREED: _("同意方案"),
        DisputeActKind.DECLINED: _("不同意方案"),
        DisputeActKind.WITHDRAWN: _("不谈了"),
        DisputeActKind.CONSENTED: _("同意公开"),
        DisputeActKind.TAKEN_BACK: _("收回公开的同意"),
    }
    telling = view.words is not None and view.card.published_at is None
    now_open = {
        DisputeActKind.AGREED: not party.agreed,
        DisputeActKind.CONSENTED: telling and not party.consented,
        DisputeActKind.TAKEN_BACK: telling and party.consented,
    }
    return [(kind.value, said) for kind, said in words.items() if view.card.state in MOVES[kind].of and now_open.get(kind, True)]


def _named(session: Session, actor: Actor, people: list[UUID]) -> list[tuple[UUID, str]]:
    """Raises NotFound for who does not live here."""
    named = [(id, name_at_home(session, actor.compound.id, id)) for id in people]
    if not all(name for _id, name in named):
        raise NotFound
    return [(id, name or "") for id, name in named]
