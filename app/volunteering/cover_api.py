"""The programs' door to stepping in."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.access.actors import Resident
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import covering
from app.volunteering.cover_models import CoverCall
from app.volunteering.cover_queries import cover_for
from app.volunteering.schemas import CoverRead, CoverWish

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.put("/signups/{signup_id}/covers/{id}", status_code=201, operation_id="put_cover", summary="Ask for somebody to step in")
def put_cover(session: DbSession, actor: Resident, response: Response, signup_id: UUID, id: UUID, wish: CoverWish) -> CoverRead:
    """The place stays one's own until somebody takes it. Neighbours who could come are told, least recently asked first."""
    cover, made = covering.ask_for_cover(session, actor, signup_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(cover)


@router.get("/covers/{id}", operation_id="get_cover", summary="One call for cover")
def get_cover(session: DbSession, actor: Resident, id: UUID) -> CoverRead:
    return _read(cover_for(session, actor, id))


@router.post("/covers/{id}/take", operation_id="take_cover", summary="Step in: one wins")
def post_take(session: DbSession, actor: Resident, id: UUID) -> CoverRead:
    covering.take_over(session, actor, id)
    return _read(cover_for(session, actor, id))


@router.post("/covers/{id}/take-back", operation_id="take_back_cover", summary="One can come after all")
def post_take_back(session: DbSession, actor: Resident, id: UUID) -> CoverRead:
    return _read(covering.take_back(session, actor, id))


def _read(cover: CoverCall) -> CoverRead:
    return CoverRead.model_validate(cover, from_attributes=True)
