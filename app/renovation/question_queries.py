"""What there is to see of questions: what was asked and answered is public, who asked is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.renovation import policy
from app.renovation.models import Project
from app.renovation.question_models import ProjectFollow, Question, QuestionAnswer


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """Without who asked. `answered_by` as this reader may know the name."""

    id: UUID
    project_id: UUID
    text: str
    asked_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


_QUESTIONS = (
    columns(Question, col(QuestionAnswer.text).label("answer"), col(QuestionAnswer.made_at).label("answered_at"), Person.name)
    .outerjoin(QuestionAnswer, pointing(QuestionAnswer, "question_id", Question))
    .outerjoin(Person, pointing(QuestionAnswer, "person_id", Person))
    .where(Question.compound_id == bindparam("compound_id"))
)
QUESTIONS = Listing(
    "questions",
    _QUESTIONS.where(Question.project_id == bindparam("project_id")),
    col(Question.asked_at),
    col(Question.id),
    lambda row: row,
    newest_first=True,
)
_ONE = _QUESTIONS.where(Question.id == bindparam("id"))
_UNANSWERED = _QUESTIONS.where(col(QuestionAnswer.id).is_(None)).order_by(col(Question.asked_at), col(Question.id)).limit(20)


def questions_of(session: Session, visitor: Visitor, project: Project, asked: Asked) -> Page[QuestionCard]:
    """The latest first. Raises BadCursor."""
    page: Page[Any] = QUESTIONS.page(session, asked, compound_id=project.compound_id, project_id=project.id)
    return Page[QuestionCard](items=[_card(visitor, row) for row in page.items], next_cursor=page.next_cursor)


def question_card(session: Session, visitor: Visitor, id: UUID) -> QuestionCard:
    """Raises NotFound for absent and foreign alike."""
    row = session.execute(_ONE, {"compound_id": visitor.compound.id, "id": id}).one_or_none()
    if row is None:
        raise NotFound
    return _card(visitor, row)


def question_counts(session: Session, project: Project) -> tuple[int, int]:
    """How many were asked, and how many of them wait."""
    asked, answered = session.execute(
        columns(func.count(col(Question.id)), func.count(col(QuestionAnswer.id)))
        .outerjoin(QuestionAnswer, pointing(QuestionAnswer, "question_id", Question))
        .where(Question.compound_id == project.compound_id, Question.project_id == project.id)
    ).one()
    return asked, asked - answered


def unanswered_questions(session: Session, actor: Visitor) -> list[QuestionCard]:
    """For who answers them: those of all projects, the oldest first."""
    if not policy.can_answer_question(actor):
        return []
    return [_card(actor, row) for row in session.execute(_UNANSWERED, {"compound_id": actor.compound.id})]


def follow_of(session: Session, project: Project, person_id: UUID) -> ProjectFollow | None:
    return session.exec(
        select(ProjectFollow).where(
            ProjectFollow.compound_id == project.compound_id,
            ProjectFollow.project_id == project.id,
            ProjectFollow.person_id == person_id,
        )
    ).one_or_none()


def followers_of(session: Session, project: Project) -> Sequence[UUID]:
    return session.exec(
        select(ProjectFollow.person_id)
        .where(
            ProjectFollow.compound_id == project.compound_id,
            ProjectFollow.project_id == project.id,
            col(ProjectFollow.ended_at).is_(None),
        )
        .order_by(col(ProjectFollow.person_id))
    ).all()


def _card(visitor: Visitor, row: Row[Any]) -> QuestionCard:
    question: Question = row.Question
    return QuestionCard(
        question.id,
        question.project_id,
        question.text,
        question.asked_at,
        row.answer,
        known_as(row.name, full=visitor.is_resident) if row.name else None,
        row.answered_at,
    )
