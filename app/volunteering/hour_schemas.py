"""Shapes at the border: hours."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.kit.forms import Count, Line, Wish
from app.volunteering.hour_models import HourSource


class HoursWish(Wish):
    """Hours written afterwards for somebody who was not checked in; they are shown apart from checked hours."""

    minutes: Annotated[Count, Field(ge=1, le=1440)]
    reason: Annotated[Line, Field(max_length=200)]


class HourCorrectionWish(Wish):
    """`minutes`: what the sign-up should have in all; 0 takes everything back."""

    minutes: Annotated[Count, Field(ge=0, le=1440)]
    reason: Annotated[Line, Field(max_length=200)]


class RefusalWish(Wish):
    reason: Annotated[Line, Field(max_length=200)]


class ProposalRead(BaseModel):
    """`minutes`: what the sign-up has in all once a second officer approved it. `corrects_id`: the line that stands now."""

    id: UUID
    signup_id: UUID
    minutes: int
    reason: str
    corrects_id: UUID | None
    state: str
    proposed_at: datetime
    decided_at: datetime | None
    decided_because: str


class WaitingRead(BaseModel):
    """`stands`: the minutes that the sign-up has now. `can_decide`: whether the asking officer may."""

    id: UUID
    shift_id: UUID
    title: str
    starts_at: datetime
    name: str
    minutes: int
    stands: int
    reason: str
    proposed_by: str
    can_decide: bool


class WaitingList(BaseModel):
    items: list[WaitingRead]


class MyHourRead(BaseModel):
    """`minutes` is negative in a correction, which names the entry it corrects."""

    id: UUID
    title: str
    starts_at: datetime
    minutes: int
    source: HourSource
    recorded_at: datetime
    recorded_by: str | None
    approved_by: str | None
    reason: str
    corrects_id: UUID | None


class YearRead(BaseModel):
    """`minutes` by source; they sum to `total`."""

    year: int
    minutes: dict[str, int]
    total: int


class YearList(BaseModel):
    items: list[YearRead]
