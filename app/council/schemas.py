"""Shapes at the border."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from app.council.models import DecisionKind
from app.kit.clock import today
from app.kit.forms import Count, Line, Prose, Wish
from app.kit.i18n import mark


class DecisionWish(Wish):
    kind: DecisionKind
    title: Line
    what: Prose
    decided_on: date
    votes_for: Annotated[Count, Field(le=100_000)] = 0
    votes_against: Annotated[Count, Field(le=100_000)] = 0
    votes_abstained: Annotated[Count, Field(le=100_000)] = 0

    @field_validator("decided_on")
    @classmethod
    def not_in_the_future(cls, day: date) -> date:
        if day > today() or day.year < 1990:
            raise PydanticCustomError("decided_later", mark("日期不能晚于今天。"))
        return day


class DecisionRead(BaseModel):
    id: UUID
    reference: str
    kind: DecisionKind
    title: str
    what: str
    decided_on: date
    votes_for: int
    votes_against: int
    votes_abstained: int
