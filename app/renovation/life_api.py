"""The programs' door to a project's life and its progress."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.access.actors import Anyone, Resident
from app.kit.requests import DbSession, OneTransaction
from app.renovation import living, works
from app.renovation.life_queries import life_of_project
from app.renovation.life_schemas import ProjectActRead, ProjectActWish, WarrantyRead
from app.renovation.phase_queries import phase_line, progress_of, replans_of
from app.renovation.queries import phase_for, project_for
from app.renovation.schemas import PhaseRead, PhaseWish, ProgressRead, ProgressWish, ReplanRead, ReplanWish
from app.renovation.warranty_queries import guarantee_of

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/projects/{id}/acts", operation_id="list_project_acts", summary="What befell a project, in order")
def get_acts(session: DbSession, visitor: Anyone, id: UUID) -> list[ProjectActRead]:
    """Also what was taken back: those do not stand."""
    steps = life_of_project(session, visitor, project_for(session, visitor, id))
    return [ProjectActRead.model_validate(step, from_attributes=True) for step in steps]


@router.put(
    "/projects/{project_id}/acts/{id}", status_code=201, operation_id="put_project_act", summary="Write down the next step"
)
def put_act(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: ProjectActWish
) -> list[ProjectActRead]:
    """201 the first time, 200 for the same request again, 409 for another request under the same id, and for a step that the
    stage of the project does not allow.
    """
    _project, made = living.act_on(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return get_acts(session, actor, project_id)


@router.get("/projects/{id}/warranty", operation_id="get_warranty", summary="How long the warranty lasts, by what it covers")
def get_warranty(session: DbSession, visitor: Anyone, id: UUID) -> WarrantyRead:
    return WarrantyRead.model_validate(guarantee_of(session, project_for(session, visitor, id)), from_attributes=True)


@router.put(
    "/projects/{project_id}/phases/{id}", status_code=201, operation_id="put_phase", summary="Add a phase after the others"
)
def put_phase(session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: PhaseWish) -> PhaseRead:
    """201 the first time, 200 for the same request again, 409 for another under the same id."""
    phase, made = works.add_phase(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return PhaseRead.model_validate(phase_line(session, phase), from_attributes=True)


@router.get("/phases/{id}/plans", operation_id="list_phase_plans", summary="How a phase's planned days were changed, in order")
def get_plans(session: DbSession, visitor: Anyone, id: UUID) -> list[ReplanRead]:
    changed = replans_of(session, visitor, phase_for(session, visitor, id))
    return [ReplanRead.model_validate(one, from_attributes=True) for one in changed]


@router.put("/phases/{phase_id}/plans/{id}", status_code=201, operation_id="put_phase_plan", summary="Put planned days right")
def put_plan(session: DbSession, actor: Resident, response: Response, phase_id: UUID, id: UUID, wish: ReplanWish) -> PhaseRead:
    """What was planned before stays to be read. 201 the first time, 200 for the same request again."""
    phase, made = works.replan(session, actor, phase_id, id, wish)
    response.status_code = 201 if made else 200
    return PhaseRead.model_validate(phase_line(session, phase), from_attributes=True)


@router.get("/phases/{id}/progress", operation_id="list_phase_progress", summary="How much of a phase was done, the latest first")
def get_progress(session: DbSession, visitor: Anyone, id: UUID) -> list[ProgressRead]:
    said = progress_of(session, visitor, phase_for(session, visitor, id))
    return [ProgressRead.model_validate(one, from_attributes=True) for one in said]


@router.put(
    "/phases/{phase_id}/progress/{id}", status_code=201, operation_id="put_phase_progress", summary="Say how much of it is done"
)
def put_progress(
    session: DbSession, actor: Resident, response: Response, phase_id: UUID, id: UUID, wish: ProgressWish
) -> PhaseRead:
    """More than nothing begins the phase, all of it ends it. 201 the first time, 200 for the same request again."""
    phase, made = works.report_progress(session, actor, phase_id, id, wish)
    response.status_code = 201 if made else 200
    return PhaseRead.model_validate(phase_line(session, phase), from_attributes=True)
