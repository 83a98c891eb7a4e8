"""The programs' door to a project's whole file."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Resident
from app.kit.requests import DbSession, OneTransaction
from app.renovation.project_file import handed_out

router = APIRouter(route_class=OneTransaction, tags=["renovation"])

ZIP = {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}, "description": "The file."}


@router.get(
    "/projects/{id}/file",
    operation_id="get_project_file",
    summary="All of a project in one ZIP, with the proofs of the public log",
    response_class=Response,
    responses={200: ZIP},
)
def get_file(session: DbSession, actor: Resident, request: Request, id: UUID) -> Response:
    """As far as who asks may see it: papers that are not public for who plans or watches works, what the cameras made for
    supervisors. It says by itself whether anybody has changed it: `python3 FILE.zip`.
    """
    return handed_out(session, actor, id, request.app.state.blobs)
