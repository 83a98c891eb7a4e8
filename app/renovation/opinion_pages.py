"""Residents' opinions: one's own by phone, and those that officers type from paper."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident
from app.access.permissions import Permission
from app.compounds.people import PersonChoice, find_people, name_at_home
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.qr import Qr, qr_path
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import opining
from app.renovation.acceptance_models import Acceptance, last_on
from app.renovation.acceptance_queries import acceptance_for
from app.renovation.models import Project
from app.renovation.opinion_models import NotTheirUnit
from app.renovation.opinion_queries import OpinionCard, opinions_for, units_of
from app.renovation.opinion_schemas import OpinionWish
from app.renovation.queries import project_for

router = APIRouter(route_class=OneTransaction, prefix="/works/acceptances", include_in_schema=False)

FilledOpinion = Annotated[Filled[OpinionWish], filled(OpinionWish)]


@dataclass(frozen=True)
class OpinionPage(View):
    """`stands`: what is changed by this form; None where there is none that this reader may see. `whose`: the name on the paper;
    None for one's own.
    """

    template = "renovation/opinion.html"

    project: Project
    acceptance: Acceptance
    form: Filled[OpinionWish]
    units: list[tuple[UUID, str]]
    stands: OpinionCard | None
    whose: str | None
    satisfaction: list[tuple[int, str]]


@dataclass(frozen=True)
class PapersPage(View):
    template = "renovation/opinion_papers.html"

    project: Project
    acceptance: Acceptance
    q: str
    people: list[PersonChoice]
    papers: list[OpinionCard]


@dataclass(frozen=True)
class SlipPage(View):
    """For a home without a phone: filled in by hand, and typed in by an officer."""

    template = "renovation/opinion_slip.html"

    project: Project
    acceptance: Acceptance
    closes_on: date
    satisfaction: list[tuple[int, str]]
    qr: Qr


@router.get("/{acceptance_id}/opinion")
def show_opinion(session: DbSession, actor: Resident, acceptance_id: UUID, unit: UUID | None = None) -> OpinionPage:
    return opinion_page(session, actor, acceptance_for(session, actor, acceptance_id), actor.person_id, unit)


@router.get("/{acceptance_id}/papers")
def show_papers(session: DbSession, actor: Officer, acceptance_id: UUID, q: str = "") -> PapersPage:
    actor.need(Permission.ACT_FOR_OTHERS)
    acceptance = acceptance_for(session, actor, acceptance_id)
    papers = [card for card in opinions_for(session, actor, acceptance) if card.paper]
    project = project_for(session, actor, acceptance.project_id)
    return PapersPage(actor.frame, project, acceptance, q, find_people(session, actor.compound.id, q), papers)


@router.get("/{acceptance_id}/slip")
def show_slip(session: DbSession, actor: Officer, request: Request, acceptance_id: UUID) -> SlipPage:
    """Empty, for paper."""
    actor.need(Permission.ACT_FOR_OTHERS)
    acceptance = acceptance_for(session, actor, acceptance_id)
    qr = qr_path(f"{request.app.state.settings.public_url}{actor.frame.base}/works/acceptances/{acceptance.id}")
    project = project_for(session, actor, acceptance.project_id)
    return SlipPage(actor.frame, project, acceptance, last_on(acceptance.closes_at), satisfaction(), qr)


@router.get("/{acceptance_id}/papers/{person_id}")
def show_paper(session: DbSession, actor: Officer, acceptance_id: UUID, person_id: UUID, unit: UUID | None = None) -> OpinionPage:
    """What a person wrote; where it was typed before, to put it right."""
    actor.need(Permission.ACT_FOR_OTHERS)
    return opinion_page(session, actor, acceptance_for(session, actor, acceptance_id), person_id, unit)


@router.post("/{acceptance_id}/opinions")
def post_opinion(session: DbSession, actor: Resident, request: Request, acceptance_id: UUID, form: FilledOpinion) -> Response:
    acceptance = acceptance_for(session, actor, acceptance_id)
    if form.wish is None:
        person_id, unit = form.uuid_of("person_id") or actor.person_id, form.uuid_of("unit_id")
        return opinion_page(session, actor, acceptance, person_id, unit, form).reply(request, 422)
    opinion, _made = opining.give_opinion(session, actor, acceptance_id, form.id, form.wish)
    page = f"{actor.frame.base}/works/acceptances/{acceptance_id}"
    words = _("收到了，谢谢。") if opinion.stars else _("撤回了。")
    return see_other(f"{page}/papers" if opinion.paper else page, words)


def satisfaction() -> list[tuple[int, str]]:
    """How satisfied a home may be, in words."""
    names = {5: _("5 星，很满意"), 4: _("4 星，满意"), 3: _("3 星，一般"), 2: _("2 星，不满意"), 1: _("1 星，很不满意")}
    return list(names.items())


def opinion_page(
    session: Session,
    actor: Actor,
    acceptance: Acceptance,
    person_id: UUID,
    unit_id: UUID | None,
    form: Filled[OpinionWish] | None = None,
) -> OpinionPage:
    """Of the unit that is named, or of one of theirs that has none yet, or of any. Raises NotTheirUnit."""
    whose = name_at_home(session, actor.compound.id, person_id) if person_id != actor.person_id else None
    if whose:
        actor.need(Permission.ACT_FOR_OTHERS)
    units = units_of(session, actor.compound.id, person_id)
    given = {card.unit_id: card for card in opinions_for(session, actor, acceptance) if card.paper or not whose}
    chosen = unit_id or next((id for id, _label in units if id not in given), units[0][0] if units else None)
    if chosen not in dict(units):
        raise NotTheirUnit
    stands = given.get(chosen)
    typed = {"unit_id": str(chosen)} | ({"person_id": str(person_id)} if whose else {})
    if stands:
        typed |= {"corrects_id": str(stands.id), "stars": str(stands.stars), "text": stands.text}
        typed |= {"shown": "true"} if stands.shown else {}
    project = project_for(session, actor, acceptance.project_id)
    return OpinionPage(actor.frame, project, acceptance, form or empty(typed), units, stands, whose, satisfaction())
