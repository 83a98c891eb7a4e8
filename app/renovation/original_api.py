"""The programs' door to originals: the outbox sends them last."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from app.access.actors import Resident
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.photos.arriving import RAW_IMAGE
from app.photos.intake import Original
from app.renovation.arriving import original_upload
from app.renovation.originals import receive_original
from app.renovation.schemas import OriginalReceipt

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.put(
    "/works/photos/{photo_id}/original",
    status_code=201,
    operation_id="put_original",
    summary="Send the original of a photo that came smaller, as the raw body",
    openapi_extra=RAW_IMAGE,
)
def put_original(
    session: DbSession,
    actor: Resident,
    response: Response,
    photo_id: UUID,
    original: Annotated[Original, Depends(original_upload), TakesFiles()],
) -> OriginalReceipt:
    """By whoever sent the photo; its SHA-256 is the one that was announced with it. 201 the first time, 200 again."""
    photo, made = receive_original(session, actor, photo_id, original)
    response.status_code = 201 if made else 200
    return OriginalReceipt(id=photo.id, received_sha256=original.sha256)
