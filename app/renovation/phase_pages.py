"""A phase by itself: what was said of its progress, and the form that says more; and the form of one more phase."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Visitor
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import policy, works
from app.renovation.models import Project, SamePlan
from app.renovation.phase_queries import PhaseLine, Progress, Replanned, phase_line, progress_of, replans_of
from app.renovation.queries import phase_for, project_for
from app.renovation.schemas import PhaseWish, ProgressWish, ReplanWish

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledPhase = Annotated[Filled[PhaseWish], filled(PhaseWish)]
FilledReplan = Annotated[Filled[ReplanWish], filled(ReplanWish)]
FilledProgress = Annotated[Filled[ProgressWish], filled(ProgressWish)]


@dataclass(frozen=True)
class PhasePage(View):
    template = "renovation/phase.html"
    tab = "works"

    project: Project
    phase: PhaseLine
    said: list[Progress]
    replanned: list[Replanned]
    form: Filled[ProgressWish]
    can_plan: bool
    can_report: bool


@dataclass(frozen=True)
class ReplanPage(View):
    template = "renovation/phase_plan.html"

    phase: PhaseLine
    form: Filled[ReplanWish]


@dataclass(frozen=True)
class PhaseFormPage(View):
    template = "renovation/phase_form.html"

    project: Project
    form: Filled[PhaseWish]


@router.get("/phases/{phase_id}")
def show_phase(session: DbSession, visitor: Anyone, phase_id: UUID) -> PhasePage:
    return phase_page(session, visitor, phase_id, empty())


@router.post("/phases/{phase_id}/progress")
def post_progress(session: DbSession, actor: Officer, request: Request, phase_id: UUID, form: FilledProgress) -> Response:
    if form.wish is None:
        return phase_page(session, actor, phase_id, form).reply(request, 422)
    phase, _made = works.report_progress(session, actor, phase_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/phases/{phase.id}", _("进度改好了。"))


@router.get("/phases/{phase_id}/plan")
def show_replan(session: DbSession, actor: Officer, phase_id: UUID) -> ReplanPage:
    actor.need(Permission.PLAN_WORKS)
    phase = phase_for(session, actor, phase_id)
    typed = {"planned_from_on": phase.planned_from_on, "planned_to_on": phase.planned_to_on}
    return replan_page(session, actor, phase_id, empty(typed))


@router.post("/phases/{phase_id}/plan")
def post_replan(session: DbSession, actor: Officer, request: Request, phase_id: UUID, form: FilledReplan) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if form.wish is None:
        return replan_page(session, actor, phase_id, form).reply(request, 422)
    try:
        works.replan(session, actor, phase_id, form.id, form.wish)
    except SamePlan as no:
        return replan_page(session, actor, phase_id, form.with_problem("planned_to_on", no.message)).reply(request, 422)
    return see_other(f"{actor.frame.base}/works/phases/{phase_id}", _("改好了，原来的计划也看得到。"))


@router.get("/projects/{project_id}/phases/new")
def show_phase_form(session: DbSession, actor: Officer, project_id: UUID) -> PhaseFormPage:
    actor.need(Permission.PLAN_WORKS)
    return PhaseFormPage(actor.frame, project_for(session, actor, project_id), empty())


@router.post("/projects/{project_id}/phases")
def post_phase(session: DbSession, actor: Officer, request: Request, project_id: UUID, form: FilledPhase) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if form.wish is None:
        return PhaseFormPage(actor.frame, project_for(session, actor, project_id), form).reply(request, 422)
    phase, _made = works.add_phase(session, actor, project_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{phase.project_id}", _("加好了。"))


def replan_page(session: Session, actor: Actor, phase_id: UUID, form: Filled[ReplanWish]) -> ReplanPage:
    return ReplanPage(actor.frame, phase_line(session, phase_for(session, actor, phase_id)), form)


def phase_page(session: Session, visitor: Visitor, phase_id: UUID, form: Filled[ProgressWish]) -> PhasePage:
    phase = phase_for(session, visitor, phase_id)
    return PhasePage(
        visitor.frame,
        project_for(session, visitor, phase.project_id),
        phase_line(session, phase),
        progress_of(session, visitor, phase),
        replans_of(session, visitor, phase),
        form,
        policy.can_plan(visitor),
        policy.can_report_progress(visitor),
    )
