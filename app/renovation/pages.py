"""Projects: their phases, their timeline, and the supervision log for paper."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Actor, Anyone, Officer
from app.access.permissions import Permission
from app.kit.clock import now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.qr import Qr, qr_path
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.publiclog.queries import first_index_of, head_of
from app.renovation import policy, works
from app.renovation.acceptance_queries import acceptances_of, outcome_names
from app.renovation.acceptance_view import AcceptanceView, acceptance_view
from app.renovation.check_queries import found_names
from app.renovation.contract_queries import Costs, costs_of
from app.renovation.document_queries import documents_of
from app.renovation.finding_queries import FindingCard, Tally, severity_names, tally, unmended
from app.renovation.life_models import ProjectActKind
from app.renovation.life_queries import LifeStep, life_of_project, stage_names, stages_to_enter
from app.renovation.models import PhaseState, Project, ProjectStage
from app.renovation.phase_queries import PhaseLine, overall, phase_lines
from app.renovation.problem_queries import counts_behind, problem_counts
from app.renovation.queries import ProjectCard, VisitCard, project_for, projects_of, timeline, weather_names
from app.renovation.question_queries import followers_of, question_counts
from app.renovation.schemas import PhaseMove, ProjectWish
from app.renovation.warranty_queries import Guarantee, guarantee_of

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledProject = Annotated[Filled[ProjectWish], filled(ProjectWish)]
FilledMove = Annotated[Filled[PhaseMove], filled(PhaseMove)]


@dataclass(frozen=True)
class ProjectsPage(View):
    template = "renovation/list.html"
    tab = "works"

    projects: Page[ProjectCard]
    stages: dict[str, str]
    problems: int
    """How many residents have reported, of whatever kind."""
    can_plan: bool


@dataclass(frozen=True)
class PlanPage(View):
    template = "renovation/plan.html"

    form: Filled[ProjectWish]
    lines: list[str]
    """One for each phase as it was typed, and some to fill."""
    stages: list[tuple[str, str]]


@dataclass(frozen=True)
class ProjectPage(View):
    template = "renovation/project.html"
    tab = "works"

    project: Project
    stage: str
    last: LifeStep
    began_on: date | None
    """Since when it is being built; None before that, and where it was put on record under way."""
    because: list[tuple[str, int]]
    """How many residents' problems of which kind it takes."""
    costs: Costs
    papers: int
    guarantee: Guarantee
    acceptance: AcceptanceView | None
    """The latest round."""
    outcomes: dict[str, str]
    can_open_round: bool
    questions: tuple[int, int]
    """How many were asked, and how many of them wait."""
    follows: bool | None
    """None for who does not live here."""
    ages: dict[UUID, int]
    """Of `worst`: days since it was raised."""
    contractor_phone: str | None
    phases: list[PhaseLine]
    done: int
    percent: int
    """Of the whole."""
    tally: Tally
    worst: list[FindingCard]
    visits: Page[VisitCard]
    severities: dict[str, str]
    log_index: int
    can_plan: bool
    can_supervise: bool
    can_mediate: bool


@dataclass(frozen=True)
class LogPage(View):
    template = "renovation/log.html"

    project: Project
    visits: Page[VisitCard]
    weathers: dict[str, str]
    found: dict[str, str]
    qr: Qr
    log_size: int
    log_root: str
    printed_at: datetime


@router.get("")
def show_projects(session: DbSession, visitor: Anyone, asked: AskedPage) -> ProjectsPage:
    reported = sum(count.reported for count in problem_counts(session, visitor.compound.id))
    return ProjectsPage(visitor.frame, projects_of(session, visitor, asked), stage_names(), reported, policy.can_plan(visitor))


@router.get("/plan")
def show_plan(actor: Officer) -> PlanPage:
    if not policy.can_plan(actor):
        raise NotAllowed
    return plan_page(actor, empty({"stage": ProjectStage.PROPOSED}))


@router.post("/plan")
def post_plan(session: DbSession, actor: Officer, request: Request, form: FilledProject) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if form.wish is None:
        return plan_page(actor, form).reply(request, 422)
    project, _made = works.plan_project(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{project.id}", _("建好了，大家看得到了。"))


@router.get("/projects/{project_id}")
def show_project(session: DbSession, visitor: Anyone, project_id: UUID, asked: AskedPage) -> ProjectPage:
    project = project_for(session, visitor, project_id)
    phases = phase_lines(session, project)
    steps = life_of_project(session, visitor, project)
    worst = unmended(session, visitor, project)
    rounds = acceptances_of(session, project)
    return ProjectPage(
        visitor.frame,
        project,
        stage_names()[project.stage],
        steps[-1],
        next((step.happened_on for step in reversed(steps) if step.stands and step.kind == ProjectActKind.BEGUN), None),
        counts_behind(session, project),
        costs_of(session, project),
        len(documents_of(session, visitor, project)),
        guarantee_of(session, project),
        acceptance_view(session, visitor, rounds[0]) if rounds else None,
        outcome_names(),
        policy.can_open_round(visitor, project, rounds[0] if rounds else None),
        question_counts(session, project),
        visitor.person_id in followers_of(session, project) if isinstance(visitor, Actor) else None,
        {finding.id: (now() - finding.raised_at).days for finding in worst},
        project.contractor_phone if policy.can_call_contractor(visitor) else None,
        phases,
        sum(phase.state == PhaseState.DONE for phase in phases),
        overall(phases),
        tally(session, project),
        worst,
        timeline(session, visitor, project, replace(asked, limit=min(asked.limit, 5))),
        severity_names(),
        first_index_of(session, project),
        policy.can_plan(visitor),
        policy.can_supervise(visitor),
        policy.can_mediate(visitor),
    )


@router.post("/phases/{phase_id}")
def post_phase(session: DbSession, actor: Officer, phase_id: UUID, form: FilledMove) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if form.wish is None:  # the form holds no field that a person fills
        raise Malformed
    phase = works.set_phase(session, actor, phase_id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{phase.project_id}", _("进度改好了。"))


@router.get("/projects/{project_id}/log")
def show_log(session: DbSession, visitor: Anyone, request: Request, project_id: UUID, asked: AskedPage) -> LogPage:
    """The supervision log for paper."""
    project, head = project_for(session, visitor, project_id), head_of(session, visitor.compound.id)
    visits = timeline(session, visitor, project, asked)
    qr = qr_path(f"{request.app.state.settings.public_url}{visitor.frame.base}/works/projects/{project.id}")
    return LogPage(visitor.frame, project, visits, weather_names(), found_names(), qr, head.size, head.root.hex(), now())


def plan_page(actor: Actor, form: Filled[ProjectWish]) -> PlanPage:
    typed = [line for line in form.typed.get("phases", []) if line.strip()]
    return PlanPage(actor.frame, form, typed + [""] * max(2, 5 - len(typed)), stages_to_enter())
