"""The people's door to the paper on the board: its photos, one more of them, and a wrong one that is taken back."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer
from app.kit.clock import local, now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.notices import policy, posting
from app.notices.arriving import PhotosOfPoster
from app.notices.board_queries import board_photo_for, board_photo_of, said_moments
from app.notices.models import BoardMoment, NotPostedThen
from app.notices.queries import NoticeCard, card_of, notice_for, standing_of
from app.notices.schemas import BoardWish, WithdrawalWish
from app.notices.taking_back import TakeBackPage
from app.photos.models import PhotoSize
from app.photos.serving import photo_response

router = APIRouter(route_class=OneTransaction, prefix="/notices/{notice_id}/board", include_in_schema=False)

FilledBoard = Annotated[Filled[BoardWish], filled(BoardWish)]
FilledWithdrawal = Annotated[Filled[WithdrawalWish], filled(WithdrawalWish)]


@dataclass(frozen=True)
class BoardPage(View):
    template = "notices/board.html"

    notice: NoticeCard
    form: Filled[BoardWish]
    board_says: dict[BoardMoment, str]
    refused: str
    """Why a picture was not taken, or that none came."""


@router.get("")
def show_board(session: DbSession, actor: Officer, notice_id: UUID, moment: BoardMoment = BoardMoment.START) -> BoardPage:
    typed = {"moment": moment.value, "taken_at": f"{local(now()):%Y-%m-%dT%H:%M}"}
    return board_page(session, actor, notice_id, empty(typed))


@router.post("")
def post_board(
    session: DbSession, actor: Officer, request: Request, notice_id: UUID, sent: PhotosOfPoster, form: FilledBoard
) -> Response:
    if form.wish is None or not sent.taken:
        refused = "" if sent.taken else "".join(sent.refused) or _("请拍一张贴好的公示。")
        return board_page(session, actor, notice_id, form, refused).reply(request, 422)
    try:
        for photo_id, taken_in in sent.taken.items():
            posting.post_on_board(session, actor, notice_id, photo_id, form.wish, taken_in)
    except NotPostedThen as no:
        return board_page(session, actor, notice_id, form.with_problem("taken_at", no.message)).reply(request, 422)
    return see_other(f"{actor.frame.base}/notices/{notice_id}", "".join((_("张贴照存好了，大家都看得到。"), *sent.refused)))


@router.get("/{photo_id}/take-back")
def show_take_back(session: DbSession, actor: Officer, notice_id: UUID, photo_id: UUID) -> TakeBackPage:
    return take_back_page(session, actor, notice_id, photo_id, empty())


@router.post("/{photo_id}/take-back")
def post_take_back(
    session: DbSession, actor: Officer, request: Request, notice_id: UUID, photo_id: UUID, form: FilledWithdrawal
) -> Response:
    if form.wish is None:
        return take_back_page(session, actor, notice_id, photo_id, form).reply(request, 422)
    posting.take_back_photo(session, actor, notice_id, photo_id, form.wish)
    return see_other(f"{actor.frame.base}/notices/{notice_id}", _("张贴照收回了，理由大家都看得到。"))


@router.get("/{photo_id}/{size}")
def show_board_photo(
    session: DbSession, visitor: Anyone, request: Request, notice_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(board_photo_for(session, visitor, notice_id, photo_id, size), size, request.app.state.blobs)


def board_page(session: Session, actor: Actor, notice_id: UUID, form: Filled[BoardWish], refused: str = "") -> BoardPage:
    if not policy.can_post(actor):
        raise NotAllowed
    notice = notice_for(session, actor, notice_id)
    return BoardPage(actor.frame, card_of(notice, standing_of(session, notice)), form, said_moments(), refused)


def take_back_page(session: Session, actor: Actor, notice_id: UUID, photo_id: UUID, form: Filled[WithdrawalWish]) -> TakeBackPage:
    if not policy.can_take_back(actor, board_photo_of(session, actor, notice_id, photo_id)):
        raise NotAllowed
    notice = notice_for(session, actor, notice_id)
    return TakeBackPage(
        actor.frame,
        card_of(notice, standing_of(session, notice)),
        form,
        _("收回这张张贴照？"),
        _("收回以后别人看不到这张照片，也不能恢复。收回的理由一直看得到，公开日志里也记一条。"),
        f"board/{photo_id}/take-back",
        _("收回张贴照"),
    )
