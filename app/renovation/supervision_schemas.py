"""Shapes at the border of how a project is supervised."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, Field

from app.kit.forms import Wish, unwidened


def _days(typed: Any) -> Any:
    """A form's "10、20": every number in it is a day."""
    if isinstance(typed, list) and all(isinstance(text, str) for text in typed):
        return [int(day) for text in typed for day in re.findall(r"\d{1,9}", unwidened(text))]
    return typed


AskedMonth = Annotated[str | None, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="2026-11; this month if not said.")]


class DaysWish(Wish):
    """Days of the week (0 is Monday) and of the month on which somebody goes there; neither: no fixed days any more."""

    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7, default_factory=list)]
    month_days: Annotated[
        list[Annotated[int, Field(ge=1, le=31)]], BeforeValidator(_days), Field(max_length=31, default_factory=list)
    ]


class SiteWish(Wish):
    """In degrees WGS 84, as phones give it; the maps of Chinese providers are some hundred metres off (GCJ-02)."""

    lat: Annotated[float, BeforeValidator(unwidened), Field(ge=-90, le=90, allow_inf_nan=False)]
    lon: Annotated[float, BeforeValidator(unwidened), Field(ge=-180, le=180, allow_inf_nan=False)]


class DayState(StrEnum):
    KEPT = "kept"
    MISSED = "missed"
    OFF = "off"
    """A fixed day that fell on a public holiday: nobody was expected."""
    COMING = "coming"
    OTHER = "other"
    """A visit on a day that was not fixed."""


class DayRead(BaseModel):
    on: date
    state: DayState
    visit_ids: list[UUID]


class SupervisionRead(BaseModel):
    """`days`: of the month asked for. `kept`, `missed`: fixed days since there are any. `next_on`: the next fixed day, or the
    one that the last visit named, whichever comes first.
    """

    lat: float | None
    lon: float | None
    weekdays: list[int]
    month_days: list[int]
    kept: int
    missed: int
    next_on: date | None
    days: list[DayRead]
