"""The programs' door."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.notices import service
from app.notices.models import Notice
from app.notices.queries import card_of, notice_for, notices, objection_for, objections_to, unanswered
from app.notices.schemas import AnswerWish, NoticeDetail, NoticeRead, ObjectionRead, ObjectionWish

router = APIRouter(route_class=OneTransaction, tags=["notices"])


@router.get("/notices", operation_id="list_notices", summary="What was published, newest first")
def get_notices(session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response) -> Page[NoticeRead]:
    page = notices(session, visitor, asked)
    link_next(request, response, page)
    return Page[NoticeRead].model_validate(page, from_attributes=True)


@router.get("/notices/{id}", operation_id="get_notice", summary="One notice with its objections")
def get_notice(session: DbSession, visitor: Anyone, id: UUID) -> NoticeDetail:
    return _detail(session, visitor, notice_for(session, visitor, id))


@router.get("/notices/{id}/frozen", operation_id="get_notice_frozen", summary="The published bytes, as they were hashed")
def get_frozen(session: DbSession, visitor: Anyone, id: UUID) -> Response:
    return Response(notice_for(session, visitor, id).frozen, media_type="application/json")


@router.put("/notices/{notice_id}/objections/{id}", status_code=201, operation_id="put_objection", summary="Object by name")
def put_objection(
    session: DbSession, actor: Resident, response: Response, notice_id: UUID, id: UUID, wish: ObjectionWish
) -> NoticeDetail:
    _objection, made = service.object_to(session, actor, notice_id, id, wish)
    response.status_code = 201 if made else 200
    return _detail(session, actor, notice_for(session, actor, notice_id))


@router.post("/objections/{id}/answer", operation_id="answer_objection", summary="Answer an objection by name")
def post_answer(session: DbSession, actor: Resident, id: UUID, wish: AnswerWish) -> NoticeDetail:
    service.answer(session, actor, id, wish)
    return _detail(session, actor, notice_for(session, actor, objection_for(session, actor, id).notice_id))


def _detail(session: Session, visitor: Visitor, notice: Notice) -> NoticeDetail:
    card = NoticeRead.model_validate(card_of(notice, unanswered(session, notice)), from_attributes=True)
    objections = [ObjectionRead.model_validate(o, from_attributes=True) for o in objections_to(session, visitor, notice)]
    return NoticeDetail(**card.model_dump(), objections=objections)
