"""Shapes at the border of residents' opinions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Prose, Wish, unwidened
from app.kit.i18n import mark
from app.renovation.schemas import Optional

Stars = Annotated[int, BeforeValidator(unwidened), Field(ge=1, le=5)]


class OpinionWish(Wish):
    """`person_id`: whose paper an officer types; absent = oneself. `shown`: the words may be read by those who live here,
    without the unit and the name. `corrects_id`: the opinion that this one takes the place of; then without `stars` it is
    taken back.
    """

    unit_id: UUID
    corrects_id: Annotated[UUID | None, Optional] = None
    stars: Annotated[Annotated[Stars | None, Optional], Field(validate_default=True)] = None
    text: Annotated[Annotated[Prose, Field(max_length=1000)] | None, Optional] = None
    shown: bool = False
    person_id: Annotated[UUID | None, Optional] = None

    @field_validator("stars")
    @classmethod
    def says_something(cls, stars: int | None, info: ValidationInfo) -> int | None:
        if stars is None and not info.data.get("corrects_id"):
            raise PydanticCustomError("no_stars", mark("请选几颗星。"))
        return stars


class OpinionRead(BaseModel):
    """For whoever gave it, and on paper for who may type it. `stars` is null once it was taken back."""

    id: UUID
    acceptance_id: UUID
    unit_id: UUID
    unit: str
    stars: int | None
    text: str
    shown: bool
    paper: bool
    person: str
    entered_by: str
    given_at: datetime
    corrects_id: UUID | None


class OpinionListRead(BaseModel):
    items: list[OpinionRead]


class WordsRead(BaseModel):
    """What residents wrote and let others read, in an order that tells nothing; once no more opinions come in."""

    items: list[str]
