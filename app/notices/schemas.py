"""Shapes at the border."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from app.kit.forms import Line, Moment, Prose, Wish
from app.notices.models import BoardMoment, NoticeState


class ObjectionWish(Wish):
    """`person_id`: for whom, when an officer writes it for somebody who has no phone; absent = oneself."""

    text: Prose
    person_id: UUID | None = None


class AnswerWish(Wish):
    text: Prose


class WithdrawalWish(Wish):
    """`reason`: everybody reads it beside the notice."""

    reason: Annotated[Line, Field(max_length=200)]


class BoardWish(Wish):
    """`taken_at`: when the paper was photographed. `clean`: the officer's word that the picture shows nobody's personal data."""

    moment: BoardMoment
    taken_at: Moment
    clean: Literal[True]

    @field_validator("clean", mode="before")
    @classmethod
    def ticked(cls, value: object) -> object:
        return True if value in (True, "true") else None


class AnnouncementWish(Wish):
    """`photos`: pictures that were kept before, in the order in which they are shown; `clean`: the officer's word that they
    show nobody's personal data.
    """

    title: Line
    text: Prose
    photos: Annotated[list[UUID], Field(max_length=20, default_factory=list)]
    clean: bool = False


class KeptPhotoRead(BaseModel):
    """`sha256`: of the 960 px file, which everybody sees."""

    id: UUID
    sha256: str


class ObjectionRead(BaseModel):
    """Without the name of who made it; the answer carries its author's. `text` is null once it was withdrawn."""

    id: UUID
    text: str | None
    made_at: datetime
    answer_by_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    withdrawn_at: datetime | None
    overdue: bool
    photos: int
    """How many pictures are attached; only the objector and the officers see them."""


class BoardPhotoRead(BaseModel):
    id: UUID
    moment: BoardMoment
    taken_at: datetime
    received_at: datetime
    taken_back_at: datetime | None
    taken_back_because: str | None
    """Of a wrong picture, which is no longer shown."""


class NoticeRead(BaseModel):
    id: UUID
    kind: str
    title: str
    state: NoticeState
    published_at: datetime
    objections_until_at: datetime
    days: int
    working: bool
    """Whether `days` are working days."""
    effective_at: datetime | None
    """Since when, or from when on if nobody objects; null while it depends on an answer, or was withdrawn."""
    overdue: bool
    """An objection was not answered in time."""
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    superseded_by_id: UUID | None
    """The notice that corrects this one."""
    sha256: str


class NoticeDetail(NoticeRead):
    text: str | None
    """Of a general notice; what others publish is read in their own rooms."""
    photos: list[UUID]
    views: int
    objections: list[ObjectionRead]
    board: list[BoardPhotoRead]


class UnansweredRead(BaseModel):
    notice_id: UUID
    title: str
    objections: int
    answer_by_at: datetime
    overdue: bool


class MissingPhotoRead(BaseModel):
    notice_id: UUID
    title: str
    moment: BoardMoment


class DueRead(BaseModel):
    from_on: date
    to_on: date
    by_on: date
    """The last day on which it is in time."""
    over: bool
    """The period is over: it can be published."""
    overdue: bool


class TasksRead(BaseModel):
    to_answer: list[UnansweredRead]
    photos_missing: list[MissingPhotoRead]
    statements_due: list[DueRead]
