"""The programs' door to a service that comes again."""

from uuid import UUID

from fastapi import APIRouter

from app.access.actors import Anyone, Resident
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import repeating
from app.volunteering.schemas import SeriesChange, SeriesRead, StopWish, TouchesRead
from app.volunteering.series_models import Series
from app.volunteering.series_queries import Touched, seen_of, series_for

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/series/{id}", operation_id="get_series", summary="A service that comes again, and by which rule")
def get_series(session: DbSession, visitor: Anyone, id: UUID) -> SeriesRead:
    return _read(series_for(session, visitor, id))


@router.post("/shifts/{shift_id}/series/preview", operation_id="preview_series", summary="What a change from here on touches")
def post_preview(session: DbSession, actor: Resident, shift_id: UUID, wish: SeriesChange) -> TouchesRead:
    """Nothing is changed."""
    return _touches(repeating.preview(session, actor, shift_id, wish))


@router.post("/shifts/{shift_id}/series", operation_id="change_series", summary="Another rule or shape from this shift on")
def post_series(session: DbSession, actor: Resident, shift_id: UUID, wish: SeriesChange) -> SeriesRead:
    """With `seen` of the preview. What has begun stays as it was, and so does a shift that was changed by itself."""
    following = repeating.go_on(session, actor, shift_id, wish, wish.seen)
    if following is None:
        raise NotFound
    return _read(following)


@router.post("/shifts/{shift_id}/stop/preview", operation_id="preview_stop", summary="What ending the series here touches")
def post_stop_preview(session: DbSession, actor: Resident, shift_id: UUID) -> TouchesRead:
    return _touches(repeating.preview(session, actor, shift_id, None))


@router.post("/shifts/{shift_id}/stop", operation_id="stop_series", summary="From this shift on it takes place no more")
def post_stop(session: DbSession, actor: Resident, shift_id: UUID, wish: StopWish) -> TouchesRead:
    """With `seen` of the preview; what was called off."""
    touches = repeating.preview(session, actor, shift_id, None)
    repeating.go_on(session, actor, shift_id, None, wish.seen)
    return _touches(touches)


@router.post("/series/{id}/fill", operation_id="fill_series", summary="Make the shifts of the coming weeks that are missing")
def post_fill(session: DbSession, actor: Resident, id: UUID) -> SeriesRead:
    repeating.fill(session, actor, id)
    return _read(series_for(session, actor, id))


def _read(series: Series) -> SeriesRead:
    return SeriesRead.model_validate(series, from_attributes=True)


def _touches(touches: list[Touched]) -> TouchesRead:
    return TouchesRead.model_validate({"items": touches, "seen": seen_of(touches)}, from_attributes=True)
