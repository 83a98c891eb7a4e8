"""Shapes at the border of residents' problems."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Prose, Wish
from app.kit.i18n import mark
from app.renovation.problem_models import ProblemKind
from app.renovation.schemas import Optional, Text


class ProblemWish(Wish):
    """`building_id`: none for what belongs to no building. `person_id`: whose report an officer writes down, oneself where it
    is absent.
    """

    kind: ProblemKind
    building_id: Annotated[UUID | None, Optional] = None
    place: Line
    text: Prose
    person_id: Annotated[UUID | None, Optional] = None


class SettleWish(Wish):
    """What becomes of a problem: a project takes it, or it is answered in words by name, or both."""

    project_id: Annotated[UUID | None, Optional] = None
    text: Annotated[Text, Field(validate_default=True)] = None

    @field_validator("text")
    @classmethod
    def says_something(cls, text: str | None, info: ValidationInfo) -> str | None:
        if not text and not info.data.get("project_id"):
            raise PydanticCustomError("nothing_said", mark("请选一个工程，或者写答复。"))
        return text


NOWHERE: Literal["none"] = "none"
"""What belongs to no building."""


class SoughtProblem(BaseModel):
    """None is everything."""

    kind: ProblemKind | None = None
    building: UUID | Literal["none"] | None = None


async def sought_problem(
    kind: Annotated[ProblemKind | None, Query(description="One kind of problem.")] = None,
    building: Annotated[UUID | Literal["none"] | None, Query(description='A building\'s id; "none": of no building.')] = None,
) -> SoughtProblem:
    """Async, because a plain function would be a thread hop of its own."""
    return SoughtProblem(kind=kind, building=building)


SeekProblem = Annotated[SoughtProblem, Depends(sought_problem)]


class SettledRead(BaseModel):
    """`by` as this reader may know the name."""

    project_id: UUID | None
    project: str | None
    text: str
    by: str
    done_at: datetime


class ProblemRead(BaseModel):
    """`reported_by`: for officers. `entered_by`: who wrote it down for them. `acts`: what became of it, in order; the latest
    counts.
    """

    id: UUID
    kind: ProblemKind
    building: str | None
    place: str
    text: str
    reported_by: str | None
    entered_by: str | None
    reported_at: datetime
    photos: list[UUID]
    acts: list[SettledRead]


class ProblemCountRead(BaseModel):
    """How many of a kind were reported, and how many of them wait for an answer."""

    kind: ProblemKind
    reported: int
    waiting: int
