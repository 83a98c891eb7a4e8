"""Residents' problems: how many there are, for everybody; each of them for its reporter and for the officers."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident
from app.access.behalf import neighbour_named
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.photos.models import PhotoSize
from app.photos.serving import photo_response
from app.renovation import policy, problems
from app.renovation.arriving import PhotosOfResident
from app.renovation.for_others import ForOthersPage, for_others_page
from app.renovation.problem_queries import (
    ProblemCard,
    ProblemCount,
    ProblemGroup,
    Settled,
    became_of,
    buildings_to_choose,
    kinds_to_choose,
    photos_of_problem,
    problem_card,
    problem_counts,
    problem_for,
    problem_groups,
    problem_photo_for,
    problems_of,
)
from app.renovation.problem_schemas import ProblemWish, SeekProblem, SettleWish, SoughtProblem
from app.renovation.queries import projects_to_choose

router = APIRouter(route_class=OneTransaction, prefix="/works/problems", include_in_schema=False)

FilledProblem = Annotated[Filled[ProblemWish], filled(ProblemWish)]
FilledSettling = Annotated[Filled[SettleWish], filled(SettleWish)]

Choices = list[tuple[str, str]] | list[tuple[UUID, str]]


@dataclass(frozen=True)
class ProblemsPage(View):
    template = "renovation/problems.html"
    tab = "works"

    counts: list[ProblemCount]
    groups: list[ProblemGroup]
    """For officers."""
    problems: Page[ProblemCard] | None
    """One's own, or for officers all of them; None for who does not live here."""
    sought: SoughtProblem
    sees_all: bool
    can_act_for_others: bool


@dataclass(frozen=True)
class ProblemFormPage(View):
    template = "renovation/problem_form.html"

    form: Filled[ProblemWish]
    kinds: Choices
    buildings: Choices
    for_whom: str | None


@dataclass(frozen=True)
class ProblemPage(View):
    template = "renovation/problem.html"

    problem: ProblemCard
    photos: list[UUID]
    settled: list[Settled]
    form: Filled[SettleWish]
    projects: Choices
    can_settle: bool


@router.get("")
def show_problems(session: DbSession, visitor: Anyone, asked: AskedPage, sought: SeekProblem) -> ProblemsPage:
    compound_id, sees_all = visitor.compound.id, policy.can_see_problems(visitor)
    return ProblemsPage(
        visitor.frame,
        problem_counts(session, compound_id),
        problem_groups(session, compound_id) if sees_all else [],
        problems_of(session, visitor, asked, sought) if isinstance(visitor, Actor) else None,
        sought,
        sees_all,
        policy.can_act_for_others(visitor),
    )


@router.get("/for-others")
def show_for_others(session: DbSession, actor: Officer, q: str = "") -> ForOthersPage:
    here = "/works/problems"
    return for_others_page(session, actor, q, _("替哪位邻居报？"), here, f"{here}/new?person=")


@router.get("/new")
def show_problem_form(session: DbSession, actor: Resident, person: UUID | None = None) -> ProblemFormPage:
    """With `person`, for that neighbour."""
    return problem_form_page(session, actor, empty({"person_id": person or ""}))


@router.post("")
def post_problem(session: DbSession, actor: Resident, request: Request, sent: PhotosOfResident, form: FilledProblem) -> Response:
    if form.wish is None:
        return problem_form_page(session, actor, sent.again(form)).reply(request, 422)
    problem, _made = problems.report_problem(session, actor, form.id, form.wish, sent.taken)
    words = sent.said(_("收到了。怎么处理，会在这里答复您。"))
    return see_other(f"{actor.frame.base}/works/problems/{problem.id}", words)


@router.get("/{problem_id}")
def show_problem(session: DbSession, actor: Resident, problem_id: UUID) -> ProblemPage:
    return problem_page(session, actor, problem_id, empty())


@router.post("/{problem_id}/acts")
def post_settling(session: DbSession, actor: Resident, request: Request, problem_id: UUID, form: FilledSettling) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if form.wish is None:
        return problem_page(session, actor, problem_id, form).reply(request, 422)
    problems.settle_problem(session, actor, problem_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/problems/{problem_id}", _("告诉他了。"))


@router.get("/{problem_id}/photos/{photo_id}/{size}")
def show_problem_photo(
    session: DbSession, actor: Resident, request: Request, problem_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(problem_photo_for(session, actor, problem_id, photo_id, size), size, request.app.state.blobs)


def problem_form_page(session: Session, actor: Actor, form: Filled[ProblemWish]) -> ProblemFormPage:
    buildings, other = buildings_to_choose(session, actor.compound.id), neighbour_named(session, actor, form)
    return ProblemFormPage(actor.frame, form, kinds_to_choose(), buildings, other)


def problem_page(session: Session, actor: Actor, problem_id: UUID, form: Filled[SettleWish]) -> ProblemPage:
    problem = problem_for(session, actor, problem_id)
    return ProblemPage(
        actor.frame,
        problem_card(session, actor, problem_id),
        list(photos_of_problem(session, problem)),
        became_of(session, actor, problem),
        form,
        projects_to_choose(session, actor.compound.id),
        policy.can_plan(actor),
    )
