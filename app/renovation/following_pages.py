"""Following a project: questions and their answers, its feed, its photos, and being told."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident, Visitor
from app.access.behalf import neighbour_named
from app.kit.atom import MEDIA_TYPE
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import Asked, AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import following, policy, questions
from app.renovation.document_queries import documents_of
from app.renovation.feed import feed_of
from app.renovation.for_others import ForOthersPage, for_others_page
from app.renovation.life_queries import life_of_project
from app.renovation.models import Project
from app.renovation.queries import WallPhoto, photo_wall, project_for
from app.renovation.question_queries import QuestionCard, question_card, questions_of
from app.renovation.question_schemas import QuestionWish, ReplyWish

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledQuestion = Annotated[Filled[QuestionWish], filled(QuestionWish)]
FilledReply = Annotated[Filled[ReplyWish], filled(ReplyWish)]


@dataclass(frozen=True)
class QuestionsPage(View):
    template = "renovation/questions.html"
    tab = "works"

    project: Project
    questions: Page[QuestionCard]
    form: Filled[QuestionWish]
    for_whom: str | None
    can_ask: bool
    can_ask_for_others: bool
    can_answer: bool


@dataclass(frozen=True)
class QuestionPage(View):
    template = "renovation/question.html"
    tab = "works"

    project: Project
    question: QuestionCard
    form: Filled[ReplyWish]
    can_answer: bool


@dataclass(frozen=True)
class PhotoWallPage(View):
    template = "renovation/photo_wall.html"
    tab = "works"

    project: Project
    photos: Page[WallPhoto]


@router.get("/projects/{project_id}/questions")
def show_questions(
    session: DbSession, visitor: Anyone, project_id: UUID, asked: AskedPage, person: UUID | None = None
) -> QuestionsPage:
    """With `person`, an officer asks for that neighbour."""
    return questions_page(session, visitor, project_id, asked, empty({"person_id": person or ""}))


@router.get("/projects/{project_id}/questions/for-others")
def show_for_others(session: DbSession, actor: Officer, project_id: UUID, q: str = "") -> ForOthersPage:
    here = f"/works/projects/{project_for(session, actor, project_id).id}/questions"
    return for_others_page(session, actor, q, _("替哪位邻居问？"), here, f"{here}?person=")


@router.post("/projects/{project_id}/questions")
def post_question(
    session: DbSession, actor: Resident, request: Request, project_id: UUID, asked: AskedPage, form: FilledQuestion
) -> Response:
    if form.wish is None:
        return questions_page(session, actor, project_id, asked, form).reply(request, 422)
    questions.ask(session, actor, project_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{project_id}/questions", _("问出去了，答复会发给您。"))


@router.get("/questions/{question_id}")
def show_question(session: DbSession, visitor: Anyone, question_id: UUID) -> QuestionPage:
    return question_page(session, visitor, question_id, empty())


@router.post("/questions/{question_id}/answers")
def post_answer(session: DbSession, actor: Resident, request: Request, question_id: UUID, form: FilledReply) -> Response:
    if form.wish is None:
        return question_page(session, actor, question_id, form).reply(request, 422)
    questions.answer_question(session, actor, question_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/questions/{question_id}", _("答复好了，大家看得到。"))


@router.get("/projects/{project_id}/photos")
def show_photos(session: DbSession, visitor: Anyone, project_id: UUID, asked: AskedPage) -> PhotoWallPage:
    project = project_for(session, visitor, project_id)
    return PhotoWallPage(visitor.frame, project, photo_wall(session, project, replace(asked, limit=min(asked.limit, 24))))


@router.get("/projects/{project_id}/feed")
def show_feed(session: DbSession, visitor: Anyone, request: Request, project_id: UUID) -> Response:
    project = project_for(session, visitor, project_id)
    base = f"{request.app.state.settings.public_url}{visitor.frame.base}"
    papers = [paper for paper in documents_of(session, visitor, project) if paper.public]
    feed = feed_of(project, visitor.compound.name, base, life_of_project(session, visitor, project), papers)
    return Response(feed, media_type=MEDIA_TYPE)


@router.post("/projects/{project_id}/follow")
def post_follow(session: DbSession, actor: Resident, project_id: UUID) -> Response:
    following.follow(session, actor, project_id)
    return see_other(f"{actor.frame.base}/works/projects/{project_id}", _("有新进展，会发消息给您。"))


@router.post("/projects/{project_id}/unfollow")
def post_unfollow(session: DbSession, actor: Resident, project_id: UUID) -> Response:
    following.unfollow(session, actor, project_id)
    return see_other(f"{actor.frame.base}/works/projects/{project_id}", _("不再发消息给您。"))


def questions_page(
    session: Session, visitor: Visitor, project_id: UUID, asked: Asked, form: Filled[QuestionWish]
) -> QuestionsPage:
    project = project_for(session, visitor, project_id)
    return QuestionsPage(
        visitor.frame,
        project,
        questions_of(session, visitor, project, replace(asked, limit=min(asked.limit, 20))),
        form,
        neighbour_named(session, visitor, form) if isinstance(visitor, Actor) else None,
        visitor.is_resident,
        policy.can_act_for_others(visitor),
        policy.can_answer_question(visitor),
    )


def question_page(session: Session, visitor: Visitor, question_id: UUID, form: Filled[ReplyWish]) -> QuestionPage:
    card = question_card(session, visitor, question_id)
    return QuestionPage(
        visitor.frame,
        project_for(session, visitor, card.project_id),
        card,
        form,
        policy.can_answer_question(visitor) and card.answer is None,
    )
