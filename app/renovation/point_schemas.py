"""Shapes at the border of photo points."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.kit.forms import Line, Wish


class PointWish(Wish):
    name: Annotated[Line, Field(max_length=60)]


class ReferenceWish(Wish):
    """A picture that a visit took."""

    photo_id: UUID


class ViewRead(BaseModel):
    photo_id: UUID
    caption: str
    visit_id: UUID
    received_at: datetime


class PointRead(BaseModel):
    """`reference_id`: the picture that shows where to stand, the first of the series where none was chosen."""

    id: UUID
    project_id: UUID
    name: str
    reference_id: UUID | None
    taken: int
    last_at: datetime | None


class PointsRead(BaseModel):
    items: list[PointRead]


class PointDetail(PointRead):
    """`views`: the same view again and again, the earliest first."""

    views: list[ViewRead]
