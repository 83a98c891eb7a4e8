"""Shapes at the border of residents' questions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from app.kit.forms import Prose, Wish
from app.renovation.schemas import Optional


class QuestionWish(Wish):
    """`person_id`: whose question an officer writes down, oneself where absent."""

    text: Prose
    person_id: Annotated[UUID | None, Optional] = None


class ReplyWish(Wish):
    text: Prose


class QuestionRead(BaseModel):
    """Whoever asked is not named; `answered_by` as this reader may know the name."""

    id: UUID
    text: str
    asked_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


class FollowRead(BaseModel):
    """Whether what befalls the project comes into this person's messages."""

    follows: bool
