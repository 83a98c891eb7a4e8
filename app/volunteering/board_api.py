"""The programs' door to the coordinator's board."""

from uuid import UUID

from fastapi import APIRouter

from app.access.actors import Resident
from app.access.permissions import Permission
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import messaging
from app.volunteering.board_queries import board
from app.volunteering.schemas import BoardRead, MessageWish, ToldRead

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get(
    "/service-board", operation_id="get_service_board", summary="Two weeks: gaps, who may not come, who was not asked for long"
)
def get_board(session: DbSession, actor: Resident) -> BoardRead:
    actor.need(Permission.PLAN_SERVICE)
    return BoardRead.model_validate(board(session, actor), from_attributes=True)


@router.put("/shifts/{shift_id}/messages/{id}", operation_id="put_shift_message", summary="A word to everybody on a shift")
def put_message(session: DbSession, actor: Resident, shift_id: UUID, id: UUID, wish: MessageWish) -> ToldRead:
    """Sent again under the same id, it is told once."""
    return ToldRead(told=messaging.tell_all(session, actor, shift_id, id, wish))
