"""The programs' door to a project's life."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.access.actors import Anyone, Resident
from app.kit.requests import DbSession, OneTransaction
from app.renovation import living
from app.renovation.life_queries import life_of_project
from app.renovation.life_schemas import ProjectActRead, ProjectActWish
from app.renovation.queries import project_for

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
