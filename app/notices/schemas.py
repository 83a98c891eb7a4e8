"""Shapes at the border."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from app.kit.forms import Prose, Wish
from app.notices.models import NoticeState


class ObjectionWish(Wish):
    text: Prose


class AnswerWish(Wish):
    text: Prose


class ObjectionRead(BaseModel):
    """Without the name of who made it; the answer carries its author's."""

    id: UUID
    text: str
    made_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    overdue: bool


class NoticeRead(BaseModel):
    id: UUID
    kind: str
    title: str
    state: NoticeState
    published_at: datetime
    objections_until_at: datetime
    sha256: str


class NoticeDetail(NoticeRead):
    objections: list[ObjectionRead]
