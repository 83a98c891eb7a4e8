"""Nouns of what residents ask about a project and who follows it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class QuestionAnswered(Refusal):
    says = mark("这个问题已经答复过了。")


class Question(SentOnce, table=True):
    """提问: made by name, shown without it. An objection belongs to a notice and its period; a question may come at any time.

    `entered_by_id`: the officer who wrote it down for somebody without a phone.
    """

    at = "/works/projects/{row.project_id}/questions"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        Index("ix_question_project", "compound_id", "project_id", "asked_at", "id"),
    )

    project_id: UUID
    person_id: UUID
    entered_by_id: UUID | None = None
    text: str = Field(max_length=2000)
    asked_at: datetime = Field(default_factory=now)


class QuestionAnswer(SentOnce, table=True):
    """答复, once, under the name of who gives it."""

    __tablename__ = "question_answer"
    at = "/works/questions/{row.question_id}"

    __table_args__ = (
        points_to("question", "question_id"),
        points_to("person", "person_id"),
        UniqueConstraint("compound_id", "question_id"),
    )

    question_id: UUID
    person_id: UUID
    text: str = Field(max_length=2000)
    made_at: datetime = Field(default_factory=now)


class ProjectFollow(Record, table=True):
    """Who wants to be told of what befalls a project; `ended_at` once they do no more."""

    __tablename__ = "project_follow"
    __table_args__ = (
        points_to("project", "project_id"),
        points_to("person", "person_id"),
        UniqueConstraint("compound_id", "project_id", "person_id"),
    )

    project_id: UUID
    person_id: UUID
    since_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None


for table in ("question", "question_answer"):
    append_only(table)
