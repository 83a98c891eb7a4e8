"""Photo points: the same view, before, between and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Officer, Visitor
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import Malformed, NotAllowed, NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View as PageView
from app.kit.views import see_other
from app.photos.models import PhotoSize
from app.photos.serving import AN_HOUR, photo_response
from app.renovation import policy, spotting
from app.renovation.arriving import PhotosOfPointMaker
from app.renovation.models import Project
from app.renovation.point_queries import PointCard, View, point_for, points_of, reference_for, views_of
from app.renovation.point_schemas import PointWish, ReferenceWish
from app.renovation.queries import project_for

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledPoint = Annotated[Filled[PointWish], filled(PointWish)]
FilledReference = Annotated[Filled[ReferenceWish], filled(ReferenceWish)]


@dataclass(frozen=True)
class PointsPage(PageView):
    template = "renovation/points.html"
    tab = "works"

    project: Project
    points: list[PointCard]
    form: Filled[PointWish]
    can_make: bool


@dataclass(frozen=True)
class PointPage(PageView):
    """`pair`: the two that are compared, None while there are not two."""

    template = "renovation/point.html"
    tab = "works"

    project: Project
    point: PointCard
    views: Sequence[View]
    pair: tuple[View, View] | None
    can_make: bool


@router.get("/projects/{project_id}/points")
def show_points(session: DbSession, visitor: Anyone, project_id: UUID) -> PointsPage:
    return points_page(session, visitor, project_for(session, visitor, project_id), empty())


@router.post("/projects/{project_id}/points")
def post_point(
    session: DbSession, actor: Officer, request: Request, project_id: UUID, sent: PhotosOfPointMaker, form: FilledPoint
) -> Response:
    project = project_for(session, actor, project_id)
    if form.wish is None:
        return points_page(session, actor, project, sent.again(form)).reply(request, 422)
    point, _made = spotting.make_point(session, actor, project.id, form.id, form.wish, sent.taken)
    return see_other(f"{actor.frame.base}/works/points/{point.id}", sent.said(_("拍照点定好了，写日志时会列出来。")))


@router.get("/points/{point_id}")
def show_point(
    session: DbSession, visitor: Anyone, point_id: UUID, before: UUID | None = None, after: UUID | None = None
) -> PointPage:
    """The first and the last of them side by side, or the two that are asked for. Raises NotFound for others."""
    point = point_for(session, visitor, point_id)
    views = views_of(session, visitor, point_id)
    by_id = {view.photo_id: view for view in views}
    if {before, after} - by_id.keys() - {None}:
        raise NotFound
    pair = (by_id[before or views[0].photo_id], by_id[after or views[-1].photo_id]) if len(views) > 1 else None
    project = project_for(session, visitor, point.project_id)
    return PointPage(visitor.frame, project, point, views, pair, policy.can_prepare(visitor))


@router.post("/points/{point_id}/reference")
def post_reference(session: DbSession, actor: Officer, point_id: UUID, form: FilledReference) -> Response:
    if not policy.can_prepare(actor):
        raise NotAllowed
    if form.wish is None:  # the form holds no field that a person fills
        raise Malformed
    spotting.set_reference(session, actor, point_id, form.wish.photo_id)
    return see_other(f"{actor.frame.base}/works/points/{point_id}", _("以后照这张的样子拍。"))


@router.get("/points/{point_id}/photos/{photo_id}/{size}")
def show_reference(
    session: DbSession, visitor: Anyone, request: Request, point_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(reference_for(session, visitor, point_id, photo_id, size), size, request.app.state.blobs, lasts=AN_HOUR)


def points_page(session: Session, visitor: Visitor, project: Project, form: Filled[PointWish]) -> PointsPage:
    return PointsPage(visitor.frame, project, points_of(session, project), form, policy.can_prepare(visitor))
