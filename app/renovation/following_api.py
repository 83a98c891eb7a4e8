"""The programs' door to questions about a project and to following it."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Anyone, Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.renovation import following, questions
from app.renovation.queries import project_for
from app.renovation.question_queries import followers_of, question_card, questions_of
from app.renovation.question_schemas import FollowRead, QuestionRead, QuestionWish, ReplyWish

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/projects/{id}/questions", operation_id="list_questions", summary="What residents asked about it, latest first")
def get_questions(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[QuestionRead]:
    page = questions_of(session, visitor, project_for(session, visitor, id), asked)
    link_next(request, response, page)
    return Page[QuestionRead].model_validate(page, from_attributes=True)


@router.put("/projects/{project_id}/questions/{id}", status_code=201, operation_id="put_question", summary="Ask about a project")
def put_question(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: QuestionWish
) -> QuestionRead:
    """Shown without a name. 201 the first time, 200 for the same request again, 409 for another under the same id."""
    question, made = questions.ask(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return QuestionRead.model_validate(question_card(session, actor, question.id), from_attributes=True)


@router.put(
    "/questions/{question_id}/answers/{id}", status_code=201, operation_id="put_question_answer", summary="Answer, by name, once"
)
def put_answer(
    session: DbSession, actor: Resident, response: Response, question_id: UUID, id: UUID, wish: ReplyWish
) -> QuestionRead:
    _reply, made = questions.answer_question(session, actor, question_id, id, wish)
    response.status_code = 201 if made else 200
    return QuestionRead.model_validate(question_card(session, actor, question_id), from_attributes=True)


@router.get("/projects/{id}/follow", operation_id="get_follow", summary="Whether one follows a project")
def get_follow(session: DbSession, actor: Resident, id: UUID) -> FollowRead:
    return FollowRead(follows=actor.person_id in followers_of(session, project_for(session, actor, id)))


@router.put("/projects/{id}/follow", operation_id="follow_project", summary="Be told of what befalls a project")
def put_follow(session: DbSession, actor: Resident, id: UUID) -> FollowRead:
    following.follow(session, actor, id)
    return FollowRead(follows=True)


@router.delete("/projects/{id}/follow", operation_id="unfollow_project", summary="Be told no more")
def delete_follow(session: DbSession, actor: Resident, id: UUID) -> FollowRead:
    following.unfollow(session, actor, id)
    return FollowRead(follows=False)
