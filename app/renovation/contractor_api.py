"""The programs' door behind a contractor's link; the outbox of their phone comes through it too."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.kit.openapi import problems
from app.kit.requests import DbSession, OneTransaction
from app.photos.arriving import RAW_IMAGE
from app.renovation import awaiting, contractor
from app.renovation.arriving import EvidenceOfHolder
from app.renovation.finding_answers import finding_read, manifest, receipt
from app.renovation.finding_queries import finding_for
from app.renovation.holders import LinkHolder, Unhurried
from app.renovation.schemas import AnswerWish, Evidence, FindingRead, PhotoReceipt

router = APIRouter(
    route_class=OneTransaction,
    tags=["renovation"],
    dependencies=[Unhurried],
    responses=problems({410: "Ended, or too old: ask for another."}),
)


@router.get("/works/answer/{token}", operation_id="get_finding_by_link", summary="The finding of a contractor's link; no receipt")
def get_by_link(session: DbSession, holder: LinkHolder) -> FindingRead:
    return finding_read(session, holder, holder.link.finding_id)


@router.post("/works/answer/{token}/receipt", operation_id="confirm_finding_receipt", summary="The contractor has received it")
def post_receipt(session: DbSession, holder: LinkHolder) -> FindingRead:
    contractor.confirm_receipt(session, holder)
    return finding_read(session, holder, holder.link.finding_id)


@router.put(
    "/works/answer/{token}/answers/{id}",
    status_code=201,
    operation_id="put_finding_answer",
    summary="The contractor accepts it, disputes it, or says what was done",
)
def put_answer(session: DbSession, holder: LinkHolder, response: Response, id: UUID, wish: AnswerWish) -> FindingRead:
    """With `photos` that follow, "answered" stands when the first of them is here."""
    _answered, made = contractor.answer(session, holder, id, wish)
    response.status_code = 201 if made else 200
    return finding_read(session, holder, holder.link.finding_id)


@router.put(
    "/works/answer/{token}/answers/{act_id}/photos/{photo_id}",
    status_code=201,
    operation_id="put_finding_answer_photo",
    summary="Send one of the photos that an answer announced, as the raw body",
    openapi_extra=RAW_IMAGE,
)
def put_answer_photo(
    session: DbSession, holder: LinkHolder, response: Response, act_id: UUID, photo_id: UUID, upload: EvidenceOfHolder
) -> PhotoReceipt:
    """201 the first time, 200 for the same bytes again, 409 for others. The first one makes the answer stand."""
    finding_id = holder.link.finding_id
    return receipt(response, awaiting.receive_photo(session, holder, finding_id, act_id, photo_id, upload.taken_in))


@router.get(
    "/works/answer/{token}/answers/{id}/manifest",
    operation_id="get_finding_answer_manifest",
    summary="Which photos of an answer are here",
)
def get_answer_manifest(session: DbSession, holder: LinkHolder, id: UUID) -> Evidence:
    return manifest(session, finding_for(session, holder, holder.link.finding_id), id)
