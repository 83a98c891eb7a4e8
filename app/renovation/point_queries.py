"""What there is to see of photo points: the same view, again and again. All of it is public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.kit.records import columns, made_into, pointing
from app.kit.refusals import NotFound
from app.photos.models import Photo, PhotoSize
from app.renovation.models import Project, Visit, VisitPhoto
from app.renovation.point_models import PhotoPoint
from app.renovation.queries import photo_for


@dataclass(frozen=True, slots=True)
class PointCard:
    """`reference_id`: the picture that shows where to stand, None where nobody has taken one. `taken`: how many there are."""

    id: UUID
    project_id: UUID
    name: str
    chosen_id: UUID | None
    first_id: UUID | None
    taken: int
    last_at: datetime | None

    @property
    def reference_id(self) -> UUID | None:
        return self.chosen_id or self.first_id


@dataclass(frozen=True, slots=True)
class View:
    """One of a point's pictures, and the visit it was taken on."""

    photo_id: UUID
    caption: str
    visit_id: UUID
    number: int
    received_at: datetime


def _at_point() -> Any:
    return (
        select(VisitPhoto)
        .join(Visit, pointing(VisitPhoto, "visit_id", Visit))
        .where(
            VisitPhoto.compound_id == PhotoPoint.compound_id,
            VisitPhoto.point_id == PhotoPoint.id,
            col(VisitPhoto.received_at).is_not(None),
        )
        .correlate(PhotoPoint)
    )


_IN_TIME = (col(Visit.received_at), col(VisitPhoto.position), col(VisitPhoto.id))

_POINTS = (
    columns(
        PhotoPoint.id,
        PhotoPoint.project_id,
        PhotoPoint.name,
        col(PhotoPoint.reference_id).label("chosen_id"),
        _at_point().with_only_columns(col(VisitPhoto.id)).order_by(*_IN_TIME).limit(1).scalar_subquery().label("first_id"),
        _at_point().with_only_columns(func.count()).scalar_subquery().label("taken"),
        _at_point().with_only_columns(func.max(Visit.received_at)).scalar_subquery().label("last_at"),
    )
    .where(PhotoPoint.compound_id == bindparam("compound_id"))
    .order_by(col(PhotoPoint.made_at), col(PhotoPoint.id))
)
_card = made_into(PointCard, _POINTS)
_VIEWS = (
    columns(col(VisitPhoto.id).label("photo_id"), VisitPhoto.caption, VisitPhoto.visit_id, Visit.number, Visit.received_at)
    .join(Visit, pointing(VisitPhoto, "visit_id", Visit))
    .where(
        VisitPhoto.compound_id == bindparam("compound_id"),
        VisitPhoto.point_id == bindparam("point_id"),
        col(VisitPhoto.received_at).is_not(None),
    )
    .order_by(*_IN_TIME)
)
_view = made_into(View, _VIEWS)


def points_of(session: Session, project: Project) -> list[PointCard]:
    """In the order in which they were made."""
    where = {"compound_id": project.compound_id, "project_id": project.id}
    return [_card(row) for row in session.execute(_POINTS.where(PhotoPoint.project_id == bindparam("project_id")), where)]


def point_for(session: Session, visitor: Visitor, id: UUID) -> PointCard:
    """Raises NotFound for absent and foreign alike."""
    row = session.execute(
        _POINTS.where(PhotoPoint.id == bindparam("id")), {"compound_id": visitor.compound.id, "id": id}
    ).one_or_none()
    if row is None:
        raise NotFound
    return _card(row)


def views_of(session: Session, visitor: Visitor, point_id: UUID) -> Sequence[View]:
    """The pictures that are here, the earliest first."""
    return [_view(row) for row in session.execute(_VIEWS, {"compound_id": visitor.compound.id, "point_id": point_id})]


def reference_for(session: Session, visitor: Visitor, point_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """Raises NotFound, also for a picture that does not show the point any more, and NotAllowed."""
    if photo_id != point_for(session, visitor, point_id).reference_id:
        raise NotFound
    return photo_for(session, visitor, photo_id, size)
