"""Shapes of visits at home."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from app.kit.clock import today
from app.kit.forms import Prose, Wish
from app.kit.i18n import mark


def _not_ahead(day: date) -> date:
    if day > today():
        raise PydanticCustomError("ahead", mark("这一天还没到。"))
    return day


class HomeVisitWish(Wish):
    unit_id: UUID
    visited_on: Annotated[date, AfterValidator(_not_ahead)]
    seen: Annotated[Prose, Field(max_length=500)]
    needed: Annotated[Prose, Field(max_length=500)] | None = None


class KeptRead(BaseModel):
    """It is kept, under this id."""

    id: UUID


class HomeVisitRead(BaseModel):
    """`request_id`: the request for help that came of it."""

    id: UUID
    unit: str
    by: str
    visited_on: date
    seen: str
    needed: str
    request_id: UUID | None
