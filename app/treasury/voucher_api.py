"""The programs' door to one voucher."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.access.actors import Anyone, Resident, resident
from app.access.permissions import Permission
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.photos.boxes import RedactWish, box_wishes
from app.photos.intake import TakenIn
from app.photos.models import Photo, PhotoSize
from app.photos.queries import redactions_of
from app.photos.serving import FILE, photo_response
from app.treasury import policy, vouchers
from app.treasury.covering import covered_copy, public_file, waiting_files
from app.treasury.draft_queries import picture_for, voucher_for
from app.treasury.voucher_schemas import (
    CopyRead,
    PapersRead,
    PaperWish,
    ReleaseAllWish,
    ReleaseWish,
    VoucherDetail,
    VoucherRead,
)

router = APIRouter(route_class=OneTransaction, tags=["treasury"])


@router.get("/vouchers/{id}", operation_id="get_voucher", summary="One voucher with its redacted copies, for officers")
def get_voucher(session: DbSession, actor: Resident, id: UUID) -> VoucherDetail:
    voucher, photo = voucher_for(session, actor, id)
    if not policy.can_see_originals(actor):
        raise NotFound
    return VoucherDetail(
        **VoucherRead.model_validate(voucher, from_attributes=True).model_dump(),
        draft_id=voucher.draft_id,
        invoice_number=voucher.invoice_number,
        page=photo.page,
        next_id=voucher.next_id,
        next_sha256=session.get_one(Photo, (photo.compound_id, voucher.next_id)).k960,
        copies=[_copy(copy) for copy in redactions_of(session, photo)],
    )


@router.patch("/vouchers/{id}", operation_id="describe_voucher", summary="Say what paper a draft's voucher is")
def patch_voucher(session: DbSession, actor: Resident, id: UUID, wish: PaperWish) -> VoucherRead:
    """Approvals of what stood there are void."""
    return VoucherRead.model_validate(vouchers.describe_voucher(session, actor, id, wish), from_attributes=True)


async def copy_body(request: Request, voucher_id: UUID, wish: RedactWish) -> TakenIn:
    """Painted before the transaction."""
    return await covered_copy(request, resident, voucher_id, wish)


@router.put(
    "/vouchers/{voucher_id}/copies/{id}",
    status_code=201,
    operation_id="put_voucher_copy",
    summary="Make a copy of a voucher with boxes painted over",
)
def put_copy(
    session: DbSession,
    actor: Resident,
    response: Response,
    voucher_id: UUID,
    id: UUID,
    wish: RedactWish,
    copy: Annotated[TakenIn, Depends(copy_body)],
) -> CopyRead:
    """201 the first time, 200 for the same copy again, 409 for another under the same id. It waits to be released."""
    kept = vouchers.redact_voucher(session, actor, voucher_id, id, copy, wish)
    response.status_code = 201 if kept.outcome == "created" else 200
    return _copy(kept.photo)


@router.post("/vouchers/{id}/release", operation_id="release_voucher", summary="Show a voucher's public copy to everybody")
def post_release(session: DbSession, actor: Resident, request: Request, id: UUID, wish: ReleaseWish) -> VoucherRead:
    """The newest copy takes the place of the one before, which the log goes on naming."""
    shown = public_file(session, voucher_for(session, actor, id)[0], request.app.state.blobs)
    return VoucherRead.model_validate(vouchers.release_voucher(session, actor, id, shown, wish), from_attributes=True)


@router.post(
    "/entries/{id}/release", operation_id="release_entry_vouchers", summary="Show all pages of an entry that wait to everybody"
)
def post_release_all(session: DbSession, actor: Resident, request: Request, id: UUID, wish: ReleaseAllWish) -> PapersRead:
    """All in one transaction, or 409 and none: every page that waits must be among what was seen."""
    actor.need(Permission.PUBLISH_MONEY)
    shown = waiting_files(session, actor, id, request.app.state.blobs)
    papers = vouchers.release_all(session, actor, id, shown, wish)
    return PapersRead(papers=[VoucherRead.model_validate(paper, from_attributes=True) for paper in papers])


@router.get(
    "/voucher-pictures/{id}/{size}",
    operation_id="get_voucher_picture",
    summary="A voucher's file, by the id of a voucher or of its copy",
    response_class=Response,
    responses={200: FILE},
)
def get_picture(session: DbSession, visitor: Anyone, request: Request, id: UUID, size: PhotoSize) -> Response:
    """960 and 320 of the public copy for everybody; the rest for who may see originals."""
    return photo_response(picture_for(session, visitor, id, size), size, request.app.state.blobs)


def _copy(copy: Photo) -> CopyRead:
    return CopyRead(id=copy.id, sha256=copy.k960, boxes=box_wishes(copy.boxes))
