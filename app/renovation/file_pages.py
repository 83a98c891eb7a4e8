"""A project's whole file to take home, and as a book for paper."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Resident
from app.kit.requests import DbSession, OneTransaction
from app.renovation.project_file import handed_out

router = APIRouter(route_class=OneTransaction, prefix="/works/projects/{project_id}", include_in_schema=False)


@router.get("/file")
def get_file(session: DbSession, actor: Resident, request: Request, project_id: UUID) -> Response:
    return handed_out(session, actor, project_id, request.app.state.blobs)
