"""The noun of a spot that is photographed again and again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal

MOST_POINTS = 30
"""Of a project: a form without script sends every one of its file inputs, chosen or not."""


class TooManyPoints(Refusal):
    says = mark("固定拍照点太多了，一个工程最多 %(most)s 个。")


class PhotoPoint(SentOnce, table=True):
    """固定拍照点. `reference_id`: the picture that shows where to stand; without one, the first that was taken there."""

    __tablename__ = "photo_point"
    at = "/works/points/{row.id}"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("photo", "reference_id"),
        points_to("person", "made_by_id"),
        Index("ix_photo_point_project", "compound_id", "project_id"),
    )

    project_id: UUID
    name: str = Field(max_length=60)
    reference_id: UUID | None = None
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)
