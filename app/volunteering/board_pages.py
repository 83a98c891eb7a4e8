"""The coordinator's door: two weeks at a glance, and a word to everybody on a shift."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Officer
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import messaging
from app.volunteering.board_queries import Board, board
from app.volunteering.models import kind_names
from app.volunteering.queries import ShiftCard, card_of, shift_for
from app.volunteering.schemas import MessageWish

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledMessage = Annotated[Filled[MessageWish], filled(MessageWish)]


@dataclass(frozen=True)
class BoardPage(View):
    template = "volunteering/board.html"
    tab = "volunteering"

    board: Board
    kinds: dict[str, str]


@dataclass(frozen=True)
class MessagePage(View):
    template = "volunteering/message.html"

    shift: ShiftCard
    form: Filled[MessageWish]


@router.get("/board")
def show_board(session: DbSession, actor: Officer) -> BoardPage:
    actor.need(Permission.PLAN_SERVICE)
    return BoardPage(actor.frame, board(session, actor), kind_names())


@router.get("/shifts/{shift_id}/message")
def show_message(session: DbSession, actor: Officer, shift_id: UUID) -> MessagePage:
    actor.need(Permission.PLAN_SERVICE)
    return MessagePage(actor.frame, card_of(session, *shift_for(session, actor, shift_id)), empty())


@router.post("/shifts/{shift_id}/message")
def post_message(session: DbSession, actor: Officer, request: Request, shift_id: UUID, form: FilledMessage) -> Response:
    actor.need(Permission.PLAN_SERVICE)
    if form.wish is None:
        card = card_of(session, *shift_for(session, actor, shift_id))
        return MessagePage(actor.frame, card, form).reply(request, 422)
    told = messaging.tell_all(session, actor, shift_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}", _("告诉了 %(n)s 个人。", n=told))
