"""A project's life: everybody reads it, whoever plans works writes the next step."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import living, policy
from app.renovation.document_queries import DocumentCard, documents_of_life
from app.renovation.life_models import PROJECT_ACT_SAYS, NotThisStage, ProjectActKind
from app.renovation.life_queries import LifeStep, life_of_project, stage_names
from app.renovation.life_schemas import ASKED, ProjectActWish
from app.renovation.models import Project
from app.renovation.queries import project_for
from app.renovation.warranty_queries import Guarantee, guarantee_of, warranty_kinds

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledStep = Annotated[Filled[ProjectActWish], filled(ProjectActWish)]


@dataclass(frozen=True)
class LifePage(View):
    template = "renovation/project_life.html"
    tab = "works"

    project: Project
    steps: list[LifeStep]
    papers: dict[UUID, list[DocumentCard]]
    """By the step that they belong to."""
    guarantee: Guarantee
    can_plan: bool
    stage: str
    may: list[tuple[str, str]]
    """What this reader may write down now: (kind, words)."""


@dataclass(frozen=True)
class StepPage(View):
    template = "renovation/project_step.html"

    project: Project
    form: Filled[ProjectActWish]
    kind: str
    says: str
    asked: tuple[str, ...]
    parts: list[tuple[str, str]]


@router.get("/projects/{project_id}/life")
def show_life(session: DbSession, visitor: Anyone, project_id: UUID) -> LifePage:
    project = project_for(session, visitor, project_id)
    steps = life_of_project(session, visitor, project)
    more = len([step for step in steps if step.stands]) > 1
    may = [
        (kind.value, _(PROJECT_ACT_SAYS[kind]))
        for kind in ProjectActKind
        if policy.can_record(visitor, project, kind) and (more or kind is not ProjectActKind.TAKEN_BACK)
    ]
    papers = documents_of_life(session, visitor, project)
    return LifePage(
        visitor.frame,
        project,
        steps,
        papers,
        guarantee_of(session, project),
        policy.can_plan(visitor),
        stage_names()[project.stage],
        may,
    )


@router.get("/projects/{project_id}/life/{kind}")
def show_step(session: DbSession, actor: Officer, project_id: UUID, kind: ProjectActKind) -> StepPage:
    actor.need(Permission.PLAN_WORKS)
    if not policy.can_record(actor, project_for(session, actor, project_id), kind):
        raise NotThisStage
    return step_page(session, actor, project_id, kind, empty())


@router.post("/projects/{project_id}/life/{kind}")
def post_step(
    session: DbSession, actor: Officer, request: Request, project_id: UUID, kind: ProjectActKind, form: FilledStep
) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if form.wish is None:
        return step_page(session, actor, project_id, kind, form).reply(request, 422)
    try:
        project, _made = living.act_on(session, actor, project_id, form.id, form.wish)
    except Malformed as no:
        return step_page(session, actor, project_id, kind, form.with_refusal(no)).reply(request, 422)
    return see_other(f"{actor.frame.base}/works/projects/{project.id}/life", _("记下了，大家看得到。"))


def step_page(session: Session, actor: Actor, project_id: UUID, kind: ProjectActKind, form: Filled[ProjectActWish]) -> StepPage:
    project = project_for(session, actor, project_id)
    return StepPage(actor.frame, project, form, kind, _(PROJECT_ACT_SAYS[kind]), ASKED.get(kind, ("text",)), warranty_kinds())
