"""Shapes at the border: wishes in (forms and JSON alike), reads out."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Count, Line, Moment, Prose, Wish
from app.kit.i18n import mark
from app.volunteering.models import ServiceKind


class SignupWish(Wish):
    """`person_id`: for whom, when an officer signs somebody up who has no phone; absent = oneself."""

    person_id: UUID | None = None


class ActivityChange(Wish):
    """What is done and where: the same on all its shifts."""

    kind: ServiceKind
    title: Annotated[Line, Field(max_length=60)]
    place: Line
    what: Annotated[Prose, Field(max_length=500)]


class ShiftChange(Wish):
    """When, and for how many."""

    starts_at: Moment
    ends_at: Moment
    capacity: Annotated[Count, Field(ge=1, le=1000)]

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.ends_at <= self.starts_at or (self.ends_at - self.starts_at).days >= 1:
            raise PydanticCustomError("ends_first", mark("结束要晚于开始，并在同一天内。"))
        return self


class ActivityWish(ShiftChange, ActivityChange):
    """One activity with its first shift, repeated for `weeks` weeks."""

    weeks: Annotated[Count, Field(ge=1, le=26)] = 1


class ShiftRead(BaseModel):
    """`free` counts places that nobody holds now; an unconfirmed offer whose time has passed holds nothing."""

    id: UUID
    activity_id: UUID
    kind: ServiceKind
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    free: int
    cancelled: bool


class ActivityRead(BaseModel):
    id: UUID
    kind: ServiceKind
    title: str
    place: str
    what: str
    shifts: list[ShiftRead]


class SignupRead(BaseModel):
    id: UUID
    shift_id: UUID
    state: str
    number: int
    asked_at: datetime
    offer_until_at: datetime | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
