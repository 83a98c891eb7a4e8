"""The programs' door to what visits go by: photo points, check lists, the calendar of supervision."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, resident
from app.kit.requests import DbSession, OneTransaction
from app.photos.arriving import RAW_IMAGE
from app.photos.boxes import RedactWish, box_wishes
from app.photos.intake import TakenIn
from app.photos.models import PhotoSize
from app.photos.serving import AN_HOUR, FILE, photo_response
from app.renovation import checking, spotting, supervising
from app.renovation.arriving import ReferencePhoto
from app.renovation.check_queries import list_for, lists_in_use
from app.renovation.check_schemas import CheckListRead, CheckListsRead, CheckListWish
from app.renovation.covering import Hung, cover_photo, covered_copy
from app.renovation.evidence import evidence_of
from app.renovation.evidence_schemas import EvidenceRead
from app.renovation.models import Project
from app.renovation.point_queries import point_for, points_of, reference_for, views_of
from app.renovation.point_schemas import PointDetail, PointsRead, PointWish, ReferenceWish
from app.renovation.queries import project_for
from app.renovation.stamping import StampedCopy, stamped_response
from app.renovation.supervision_queries import month_of, site_of, supervision_of
from app.renovation.supervision_schemas import AskedMonth, DayRead, DaysWish, SiteWish, SupervisionRead

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/projects/{id}/points", operation_id="list_photo_points", summary="Where the same view is photographed again")
def get_points(session: DbSession, visitor: Anyone, id: UUID) -> PointsRead:
    return PointsRead.model_validate({"items": points_of(session, project_for(session, visitor, id))}, from_attributes=True)


@router.get("/points/{id}", operation_id="get_photo_point", summary="One photo point with its pictures, the earliest first")
def get_point(session: DbSession, visitor: Anyone, id: UUID) -> PointDetail:
    point = point_for(session, visitor, id)
    facts = {name: getattr(point, name) for name in PointDetail.model_fields if name != "views"}
    return PointDetail.model_validate(facts | {"views": views_of(session, visitor, id)}, from_attributes=True)


@router.put("/projects/{project_id}/points/{id}", status_code=201, operation_id="put_photo_point", summary="Name a photo point")
def put_point(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: PointWish
) -> PointDetail:
    _point, made = spotting.make_point(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return get_point(session, actor, id)


@router.post("/points/{id}/reference", operation_id="choose_reference", summary="Which picture of a visit shows a point")
def post_reference(session: DbSession, actor: Resident, id: UUID, wish: ReferenceWish) -> PointDetail:
    spotting.set_reference(session, actor, id, wish.photo_id)
    return get_point(session, actor, id)


@router.put(
    "/points/{point_id}/photos/{photo_id}",
    operation_id="put_reference",
    summary="Send the picture that shows a point, as the raw body",
    openapi_extra=RAW_IMAGE,
)
def put_reference(session: DbSession, actor: Resident, point_id: UUID, photo_id: UUID, taken_in: ReferencePhoto) -> PointDetail:
    spotting.set_reference(session, actor, point_id, photo_id, taken_in)
    return get_point(session, actor, point_id)


@router.get(
    "/points/{point_id}/photos/{photo_id}",
    operation_id="get_reference",
    summary="The picture that shows a point",
    response_class=Response,
    responses={200: FILE},
)
def get_reference(
    session: DbSession, visitor: Anyone, request: Request, point_id: UUID, photo_id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    return photo_response(reference_for(session, visitor, point_id, photo_id, size), size, request.app.state.blobs, lasts=AN_HOUR)


@router.get("/checks", operation_id="list_check_lists", summary="The check lists in use, by trade")
def get_lists(session: DbSession, visitor: Anyone) -> CheckListsRead:
    return CheckListsRead.model_validate({"items": lists_in_use(session, visitor)}, from_attributes=True)


@router.get("/checks/{id}", operation_id="get_check_list", summary="One check list, also one that is not in use any more")
def get_list(session: DbSession, visitor: Anyone, id: UUID) -> CheckListRead:
    return CheckListRead.model_validate(list_for(session, visitor, id), from_attributes=True)


@router.put("/checks/{id}", status_code=201, operation_id="put_check_list", summary="Make a check list, or replace one")
def put_list(session: DbSession, actor: Resident, response: Response, id: UUID, wish: CheckListWish) -> CheckListRead:
    _made_list, made = checking.make_list(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return get_list(session, actor, id)


@router.post("/checks/{id}/end", operation_id="end_check_list", summary="A check list is offered no more")
def post_list_end(session: DbSession, actor: Resident, id: UUID) -> CheckListRead:
    checking.end_list(session, actor, id)
    return get_list(session, actor, id)


@router.get(
    "/visits/{visit_id}/photos/{photo_id}/evidence", operation_id="get_evidence", summary="What is known about a photo of a visit"
)
def get_evidence(session: DbSession, visitor: Anyone, visit_id: UUID, photo_id: UUID) -> EvidenceRead:
    return EvidenceRead.model_validate(evidence_of(session, visitor, visit_id, photo_id), from_attributes=True)


@router.get(
    "/visits/{visit_id}/photos/{photo_id}/stamped",
    operation_id="get_stamped_visit_photo",
    summary="A photo with place, day and compound drawn on it, as JPEG",
    response_class=Response,
    responses={200: FILE},
)
def get_stamped(session: DbSession, actor: Resident, visit_id: UUID, photo_id: UUID, copy: StampedCopy) -> Response:
    """A caption, no proof: for that there is the evidence. 960 px, with what was covered covered; nothing of it is kept."""
    return stamped_response(session, actor, visit_id, photo_id, copy)


async def copy_body(request: Request, visit_id: UUID, photo_id: UUID, wish: RedactWish) -> TakenIn:
    return await covered_copy(request, resident, Hung("visit", visit_id, photo_id), wish)


@router.put(
    "/visits/{visit_id}/photos/{photo_id}/copies/{id}",
    status_code=201,
    operation_id="put_visit_photo_copy",
    summary="Make a copy of a photo with boxes painted over, for everybody to see",
)
def put_copy(
    session: DbSession,
    actor: Resident,
    response: Response,
    visit_id: UUID,
    photo_id: UUID,
    id: UUID,
    wish: RedactWish,
    copy: Annotated[TakenIn, Depends(copy_body)],
) -> RedactWish:
    """201 the first time, 200 for the same copy again, 409 for another under the same id. The photo stays, for supervisors."""
    kept = cover_photo(session, actor, Hung("visit", visit_id, photo_id), id, copy, wish)
    response.status_code = 201 if kept.outcome == "created" else 200
    return RedactWish(boxes=box_wishes(kept.photo.boxes))


@router.get("/projects/{id}/supervision", operation_id="get_supervision", summary="Fixed supervision days, kept and missed")
def get_supervision(session: DbSession, visitor: Anyone, id: UUID, month: AskedMonth = None) -> SupervisionRead:
    return _supervision(session, project_for(session, visitor, id), month)


@router.put("/projects/{project_id}/days/{id}", status_code=201, operation_id="put_supervision_days", summary="Set fixed days")
def put_days(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: DaysWish
) -> SupervisionRead:
    """From today on, until other days are set; what was missed before stays missed."""
    _days, made = supervising.set_days(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return _supervision(session, project_for(session, actor, project_id), None)


@router.put("/projects/{project_id}/sites/{id}", status_code=201, operation_id="put_site", summary="Say where the site is")
def put_site(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: SiteWish
) -> SupervisionRead:
    """Degrees WGS 84; the latest counts."""
    _spot, made = supervising.set_site(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return _supervision(session, project_for(session, actor, project_id), None)


def _supervision(session: Session, project: Project, month: str | None) -> SupervisionRead:
    known, site = supervision_of(session, project, month_of(month)), site_of(session, project)
    days = [DayRead.model_validate(line, from_attributes=True) for line in known.lines]
    same = {name: getattr(known, name) for name in ("weekdays", "month_days", "kept", "missed", "next_on")}
    return SupervisionRead(**same, days=days, lat=site.lat if site else None, lon=site.lon if site else None)
