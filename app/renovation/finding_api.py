"""The programs' door to findings; the phone's outbox comes through it too."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.access.actors import Anyone, Resident, resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.photos.arriving import RAW_IMAGE
from app.photos.boxes import RedactWish, box_wishes
from app.photos.intake import TakenIn
from app.photos.models import PhotoSize
from app.photos.serving import AN_HOUR, FILE, photo_response
from app.renovation import awaiting, findings
from app.renovation.arriving import EvidenceOfSupervisor
from app.renovation.covering import Hung, cover_photo, covered_copy
from app.renovation.evidence import finding_evidence_of
from app.renovation.evidence_schemas import FindingEvidenceRead
from app.renovation.finding_answers import finding_read, manifest, receipt
from app.renovation.finding_queries import finding_for, finding_photo_for, findings_of, life_of
from app.renovation.holders import address_of
from app.renovation.queries import project_for
from app.renovation.record_queries import records
from app.renovation.schemas import (
    ActRead,
    ActWish,
    Evidence,
    FindingRead,
    FindingWish,
    LinkRead,
    PhotoReceipt,
    RecordsRead,
    ReportWish,
)

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/projects/{id}/findings", operation_id="list_findings", summary="The findings of a project, latest first")
def get_findings(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[FindingRead]:
    page = findings_of(session, visitor, project_for(session, visitor, id), asked)
    link_next(request, response, page)
    return Page[FindingRead].model_validate(page, from_attributes=True)


@router.get("/findings/records", operation_id="list_finding_records", summary="How it went, by contractor and by part")
def get_records(session: DbSession, visitor: Anyone) -> RecordsRead:
    """Of all findings of the compound that were issued and not withdrawn. `days`: the median from the notice to the closing."""
    return RecordsRead.model_validate(records(session, visitor), from_attributes=True)


@router.get("/findings/{id}", operation_id="get_finding", summary="One finding")
def getfinding_read(session: DbSession, visitor: Anyone, id: UUID) -> FindingRead:
    return finding_read(session, visitor, id)


@router.put("/projects/{project_id}/findings/{id}", status_code=201, operation_id="put_finding", summary="Raise a finding")
def put_finding(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: FindingWish
) -> FindingRead:
    _made_finding, made = findings.raise_finding(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return finding_read(session, actor, id)


@router.get(
    "/findings/{finding_id}/photos/{photo_id}",
    operation_id="get_finding_photo",
    summary="A photo of a finding, as JPEG",
    response_class=Response,
    responses={200: FILE},
)
def get_finding_photo(
    session: DbSession, visitor: Anyone, request: Request, finding_id: UUID, photo_id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    """320 and 960 px for anyone; 1600 px and the original for supervisors."""
    photo = finding_photo_for(session, visitor, finding_id, photo_id, size)
    return photo_response(photo, size, request.app.state.blobs, lasts=AN_HOUR)


@router.get(
    "/findings/{finding_id}/photos/{photo_id}/evidence",
    operation_id="get_finding_evidence",
    summary="What is known about a photo of a finding",
)
def get_finding_evidence(session: DbSession, visitor: Anyone, finding_id: UUID, photo_id: UUID) -> FindingEvidenceRead:
    known = finding_evidence_of(session, visitor, finding_id, photo_id)
    return FindingEvidenceRead.model_validate(known, from_attributes=True)


async def copy_body(request: Request, finding_id: UUID, photo_id: UUID, wish: RedactWish) -> TakenIn:
    return await covered_copy(request, resident, Hung("finding", finding_id, photo_id), wish)


@router.put(
    "/findings/{finding_id}/photos/{photo_id}/copies/{id}",
    status_code=201,
    operation_id="put_finding_photo_copy",
    summary="Make a copy of a finding's photo with boxes painted over, for everybody to see",
)
def put_copy(
    session: DbSession,
    actor: Resident,
    response: Response,
    finding_id: UUID,
    photo_id: UUID,
    id: UUID,
    wish: RedactWish,
    copy: Annotated[TakenIn, Depends(copy_body)],
) -> RedactWish:
    """Also of one that the contractor sent. 201 the first time, 200 for the same copy again, 409 for another under the same id.
    The photo stays, for supervisors.
    """
    kept = cover_photo(session, actor, Hung("finding", finding_id, photo_id), id, copy, wish)
    response.status_code = 201 if kept.outcome == "created" else 200
    return RedactWish(boxes=box_wishes(kept.photo.boxes))


@router.post(
    "/findings/{id}/links", status_code=201, operation_id="make_finding_link", summary="A link for the contractor, shown once"
)
def post_link(session: DbSession, actor: Resident, request: Request, id: UUID) -> LinkRead:
    link, token = findings.issue_link(session, actor, id)
    return LinkRead(address=address_of(request, actor.compound.slug, token), until_at=link.until_at)


@router.delete("/findings/{id}/links", operation_id="end_finding_links", summary="The contractor's link opens nothing any more")
def delete_links(session: DbSession, actor: Resident, id: UUID) -> FindingRead:
    findings.revoke_link(session, actor, id)
    return finding_read(session, actor, id)


@router.get("/findings/{id}/acts", operation_id="list_finding_acts", summary="What was done about a finding, in order")
def get_acts(session: DbSession, visitor: Anyone, id: UUID) -> list[ActRead]:
    acts = life_of(session, visitor, finding_for(session, visitor, id).id)
    facts = ("id", "kind", "text", "by", "at", "state", "due_on", "waits")
    return [
        ActRead(**{name: getattr(act, name) for name in facts}, photos=[photo_id for photo_id, _says in act.photos])
        for act in acts
    ]


@router.put(
    "/findings/{finding_id}/acts/{id}", status_code=201, operation_id="put_finding_act", summary="What a supervisor does about it"
)
def put_act(session: DbSession, actor: Resident, response: Response, finding_id: UUID, id: UUID, wish: ActWish) -> FindingRead:
    """Issue a draft, sign as the second, uphold what is disputed, say whether it is mended, close it unfixed, take it back,
    open it again or dismiss a report. 201 the first time, 200 for the same again. With `photos` that follow, "mended" stands
    when the first of them is here.
    """
    _done, made = findings.act(session, actor, finding_id, id, wish)
    response.status_code = 201 if made else 200
    return finding_read(session, actor, finding_id)


@router.put(
    "/findings/{finding_id}/reports/{id}", status_code=201, operation_id="put_finding_report", summary="Say it is broken again"
)
def put_report(
    session: DbSession, actor: Resident, response: Response, finding_id: UUID, id: UUID, wish: ReportWish
) -> FindingRead:
    """Of what was closed, by whoever lives here. A supervisor looks, and opens it again or says why not."""
    _reported, made = findings.report(session, actor, finding_id, id, wish)
    response.status_code = 201 if made else 200
    return finding_read(session, actor, finding_id)


@router.put(
    "/findings/{finding_id}/photos/{photo_id}",
    status_code=201,
    operation_id="put_finding_photo",
    summary="Send one of the photos that a finding announced, as the raw body",
    openapi_extra=RAW_IMAGE,
)
def put_finding_photo(
    session: DbSession, actor: Resident, response: Response, finding_id: UUID, photo_id: UUID, upload: EvidenceOfSupervisor
) -> PhotoReceipt:
    """201 the first time, 200 for the same bytes again, 409 for others."""
    return receipt(response, awaiting.receive_photo(session, actor, finding_id, None, photo_id, upload.taken_in))


@router.get("/findings/{id}/manifest", operation_id="get_finding_manifest", summary="Which photos of a finding are here")
def get_manifest(session: DbSession, visitor: Anyone, id: UUID) -> Evidence:
    """Of those that were announced when it was raised."""
    return manifest(session, finding_for(session, visitor, id), None)


@router.put(
    "/findings/{finding_id}/acts/{act_id}/photos/{photo_id}",
    status_code=201,
    operation_id="put_finding_act_photo",
    summary="Send one of the photos that a step announced, as the raw body",
    openapi_extra=RAW_IMAGE,
)
def put_act_photo(
    session: DbSession,
    actor: Resident,
    response: Response,
    finding_id: UUID,
    act_id: UUID,
    photo_id: UUID,
    upload: EvidenceOfSupervisor,
) -> PhotoReceipt:
    """201 the first time, 200 for the same bytes again, 409 for others. The first one makes a step stand that waited for it."""
    return receipt(response, awaiting.receive_photo(session, actor, finding_id, act_id, photo_id, upload.taken_in))


@router.get(
    "/findings/{finding_id}/acts/{id}/manifest",
    operation_id="get_finding_act_manifest",
    summary="Which photos of a step are here",
)
def get_act_manifest(session: DbSession, visitor: Anyone, finding_id: UUID, id: UUID) -> Evidence:
    return manifest(session, finding_for(session, visitor, finding_id), id)
