"""The programs' door."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.pager import AskedPage, Page, link_next
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.notices import announcing, objecting, policy, posting, service
from app.notices.arriving import PhotoOfAnnouncer, PhotoOfObjector, PhotoOfPoster
from app.notices.board_queries import board_photo_for, board_photos
from app.notices.models import Notice
from app.notices.objection_queries import objection_for, objection_photo_for, objections_to
from app.notices.queries import (
    announcement_photo_for,
    announcement_photos,
    card_of,
    notice_for,
    notices,
    standing_of,
    tasks_of,
    text_of,
    views_of,
)
from app.notices.schemas import (
    AnnouncementWish,
    AnswerWish,
    BoardPhotoRead,
    BoardWish,
    KeptPhotoRead,
    NoticeDetail,
    NoticeRead,
    ObjectionRead,
    ObjectionWish,
    TasksRead,
    WithdrawalWish,
)
from app.photos.arriving import RAW_IMAGE
from app.photos.models import PhotoSize
from app.photos.serving import FILE, photo_response

router = APIRouter(route_class=OneTransaction, tags=["notices"])


@router.get("/notices", operation_id="list_notices", summary="What was published, newest first")
def get_notices(session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response) -> Page[NoticeRead]:
    page = notices(session, visitor, asked)
    link_next(request, response, page)
    return Page[NoticeRead].model_validate(page, from_attributes=True)


@router.get("/notices/tasks", operation_id="list_notice_tasks", summary="What waits for the officers")
def get_tasks(session: DbSession, actor: Resident) -> TasksRead:
    """Objections to answer, photos of the board that are missing, and statements that the compound's rules demand."""
    if not policy.can_answer(actor):
        raise NotAllowed
    return TasksRead.model_validate(tasks_of(session, actor), from_attributes=True)


@router.get("/notices/{id}", operation_id="get_notice", summary="One notice with its objections")
def get_notice(session: DbSession, visitor: Anyone, id: UUID) -> NoticeDetail:
    return _detail(session, visitor, notice_for(session, visitor, id))


@router.get("/notices/{id}/frozen", operation_id="get_notice_frozen", summary="The published bytes, as they were hashed")
def get_frozen(session: DbSession, visitor: Anyone, id: UUID) -> Response:
    return Response(notice_for(session, visitor, id).frozen, media_type="application/json")


@router.post("/notices/{id}/withdraw", operation_id="withdraw_notice", summary="Take back what one has published")
def post_withdraw_notice(session: DbSession, actor: Resident, id: UUID, wish: WithdrawalWish) -> NoticeDetail:
    return _detail(session, actor, service.withdraw_notice(session, actor, id, wish))


@router.put(
    "/notices/{notice_id}/board/{id}",
    status_code=201,
    operation_id="put_board_photo",
    summary="Photograph the paper on the board; the body is the picture",
    openapi_extra=RAW_IMAGE,
)
def put_board_photo(
    session: DbSession,
    actor: Resident,
    response: Response,
    notice_id: UUID,
    id: UUID,
    wish: Annotated[BoardWish, Query()],
    taken: PhotoOfPoster,
) -> NoticeDetail:
    """201 the first time, 200 for the same picture again, 409 for another under the same id."""
    _posted, made = posting.post_on_board(session, actor, notice_id, id, wish, taken)
    response.status_code = 201 if made else 200
    return _detail(session, actor, notice_for(session, actor, notice_id))


@router.get(
    "/notices/{notice_id}/board/{id}",
    operation_id="get_board_photo",
    summary="The paper on the board, as JPEG",
    response_class=Response,
    responses={200: FILE},
)
def get_board_photo(
    session: DbSession, visitor: Anyone, request: Request, notice_id: UUID, id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    return photo_response(board_photo_for(session, visitor, notice_id, id, size), size, request.app.state.blobs)


@router.post(
    "/notices/{notice_id}/board/{id}/withdraw",
    operation_id="withdraw_board_photo",
    summary="Take back a wrong photo of the board",
)
def post_withdraw_board_photo(
    session: DbSession, actor: Resident, notice_id: UUID, id: UUID, wish: WithdrawalWish
) -> NoticeDetail:
    """Only who put it up. The picture is no longer shown; that there was one, and why it went, is."""
    posting.take_back_photo(session, actor, notice_id, id, wish)
    return _detail(session, actor, notice_for(session, actor, notice_id))


@router.put("/announcements/{id}", status_code=201, operation_id="put_announcement", summary="Publish a general notice")
def put_announcement(session: DbSession, actor: Resident, response: Response, id: UUID, wish: AnnouncementWish) -> NoticeDetail:
    """201 the first time, 200 for the same content again, 409 for another under the same id."""
    notice, made = announcing.announce(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _detail(session, actor, notice)


@router.put(
    "/announcement-photos/{id}",
    status_code=201,
    operation_id="put_announcement_photo",
    summary="Keep a picture for a general notice; the body is the picture",
    openapi_extra=RAW_IMAGE,
)
def put_announcement_photo(
    session: DbSession, actor: Resident, response: Response, id: UUID, taken: PhotoOfAnnouncer
) -> KeptPhotoRead:
    """Nobody sees it until a notice names it. 201 the first time, 200 for the same picture again, 409 for another."""
    photo, made = announcing.keep_photo(session, actor, id, taken)
    response.status_code = 201 if made else 200
    return KeptPhotoRead(id=photo.id, sha256=photo.k960)


@router.get(
    "/notices/{notice_id}/photos/{id}",
    operation_id="get_notice_photo",
    summary="A picture of a general notice, as JPEG",
    response_class=Response,
    responses={200: FILE},
)
def get_notice_photo(
    session: DbSession, visitor: Anyone, request: Request, notice_id: UUID, id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    return photo_response(announcement_photo_for(session, visitor, notice_id, id, size), size, request.app.state.blobs)


@router.put("/notices/{notice_id}/objections/{id}", status_code=201, operation_id="put_objection", summary="Object by name")
def put_objection(
    session: DbSession, actor: Resident, response: Response, notice_id: UUID, id: UUID, wish: ObjectionWish
) -> NoticeDetail:
    _objection, made = objecting.object_to(session, actor, notice_id, id, wish)
    response.status_code = 201 if made else 200
    return _detail(session, actor, notice_for(session, actor, notice_id))


@router.put(
    "/objections/{objection_id}/photos/{id}",
    status_code=201,
    operation_id="put_objection_photo",
    summary="Attach a picture to one's own objection; the body is the picture",
    openapi_extra=RAW_IMAGE,
)
def put_objection_photo(
    session: DbSession, actor: Resident, response: Response, objection_id: UUID, id: UUID, taken: PhotoOfObjector
) -> NoticeDetail:
    """Seen by the objector and the officers only. 201 the first time, 200 for the same picture again, 409 for another."""
    _attached, made = objecting.attach(session, actor, objection_id, id, taken)
    response.status_code = 201 if made else 200
    return _detail_of_objection(session, actor, objection_id)


@router.get(
    "/objections/{objection_id}/photos/{id}",
    operation_id="get_objection_photo",
    summary="What is attached to an objection, as JPEG; for its maker and the officers",
    response_class=Response,
    responses={200: FILE},
)
def get_objection_photo(
    session: DbSession, actor: Resident, request: Request, objection_id: UUID, id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    return photo_response(objection_photo_for(session, actor, objection_id, id), size, request.app.state.blobs)


@router.post("/objections/{id}/answer", operation_id="answer_objection", summary="Answer an objection by name")
def post_answer(session: DbSession, actor: Resident, id: UUID, wish: AnswerWish) -> NoticeDetail:
    objecting.answer(session, actor, id, wish)
    return _detail_of_objection(session, actor, id)


@router.post("/objections/{id}/withdraw", operation_id="withdraw_objection", summary="Take back one's own unanswered objection")
def post_withdraw_objection(session: DbSession, actor: Resident, id: UUID) -> NoticeDetail:
    objecting.withdraw_objection(session, actor, id)
    return _detail_of_objection(session, actor, id)


def _detail_of_objection(session: Session, visitor: Visitor, id: UUID) -> NoticeDetail:
    return _detail(session, visitor, notice_for(session, visitor, objection_for(session, visitor, id).notice_id))


def _detail(session: Session, visitor: Visitor, notice: Notice) -> NoticeDetail:
    card = NoticeRead.model_validate(card_of(notice, standing_of(session, notice)), from_attributes=True)
    objections = [
        ObjectionRead(photos=o.attached, **{name: getattr(o, name) for name in ObjectionRead.model_fields if name != "photos"})
        for o in objections_to(session, visitor, notice)
    ]
    board = [BoardPhotoRead.model_validate(photo, from_attributes=True) for photo in board_photos(session, visitor, notice)]
    return NoticeDetail(
        **card.model_dump(),
        text=text_of(notice),
        photos=announcement_photos(session, notice),
        views=views_of(session, notice),
        objections=objections,
        board=board,
    )
