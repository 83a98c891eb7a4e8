"""Verbs: name a photo point, say which picture shows it."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session, func, select

from app.access.actors import Actor
from app.access.record import on_record
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, NotFound
from app.photos.intake import TakenIn
from app.photos.service import keep
from app.renovation.models import VisitPhoto
from app.renovation.point_models import MOST_POINTS, PhotoPoint, TooManyPoints
from app.renovation.point_schemas import PointWish
from app.renovation.policy import can_prepare
from app.renovation.queries import project_to_change, visit_for


def make_point(
    session: Session, actor: Actor, project_id: UUID, id: UUID, wish: PointWish, photos: Mapping[UUID, TakenIn] | None = None
) -> tuple[PhotoPoint, bool]:
    """`photos`: the first of them shows it. Raises NotAllowed, NotFound, TooManyPoints, SameIdOtherContent, PhotoDiffers."""
    _may(actor)
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id, *sorted((photos or {}).keys()))
    if before := already(session, PhotoPoint, actor.compound.id, id, sent):
        return before, False
    of_project = (PhotoPoint.compound_id == project.compound_id, PhotoPoint.project_id == project.id)
    if session.exec(select(func.count()).where(*of_project)).one() >= MOST_POINTS:
        raise TooManyPoints(most=MOST_POINTS)
    point = PhotoPoint(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        name=wish.name,
        made_by_id=actor.person_id,
        sent_sha256=sent,
    )
    for photo_id, taken_in in (photos or {}).items():
        keep(session, project.compound_id, photo_id, taken_in, actor.person_id)
        point.reference_id = point.reference_id or photo_id
    session.add(point)
    on_record(session, actor, "photo_point.made", point.id)
    return point, True


def set_reference(session: Session, actor: Actor, point_id: UUID, photo_id: UUID, taken_in: TakenIn | None = None) -> PhotoPoint:
    """The picture that shows where to stand: one that is sent along, or one that a visit took of it.

    Raises NotAllowed, NotFound, PhotoDiffers.
    """
    _may(actor)
    point = session.get(PhotoPoint, (actor.compound.id, point_id), with_for_update=True, populate_existing=True)
    if point is None:
        raise NotFound
    if taken_in:
        keep(session, point.compound_id, photo_id, taken_in, actor.person_id)
    else:
        shown = session.get(VisitPhoto, (point.compound_id, photo_id))
        if shown is None or not shown.received_at or visit_for(session, actor, shown.visit_id).project_id != point.project_id:
            raise NotFound
    if point.reference_id != photo_id:
        point.reference_id = photo_id
        on_record(session, actor, "photo_point.shown", point.id)
    return point


def _may(actor: Actor) -> None:
    if not can_prepare(actor):
        raise NotAllowed
