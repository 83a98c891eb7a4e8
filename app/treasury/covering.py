"""What both doors do with a voucher's files: say who may bring them, paint a copy before the transaction, and say which file
would be public."""

from collections.abc import Callable
from uuid import UUID

from fastapi import Request
from sqlmodel import Session

from app.access.actors import Actor, Visitor, resident
from app.access.permissions import Permission
from app.kit.blobs import Blobs
from app.photos.arriving import painted_over
from app.photos.boxes import RedactWish
from app.photos.intake import TakenIn
from app.photos.models import Photo, PhotoSize
from app.photos.serving import photo_response
from app.publiclog.service import Attachment
from app.treasury.draft_queries import voucher_for, vouchers_of
from app.treasury.queries import entry_for
from app.treasury.voucher_models import DraftVoucher


def booker(session: Session, request: Request) -> Actor:
    """Who may bring papers. Raises what `resident` does, and NotAllowed."""
    actor = resident(session, request)
    actor.need(Permission.BOOK_MONEY)
    return actor


async def covered_copy(request: Request, who: Callable[[Session, Request], Actor], voucher_id: UUID, wish: RedactWish) -> TakenIn:
    """The slow part, and only for somebody who may release. Raises a PictureProblem, CannotStore and what `who` raises."""

    def photo(session: Session) -> Photo:
        actor = who(session, request)
        actor.need(Permission.PUBLISH_MONEY)
        return voucher_for(session, actor, voucher_id)[1]

    return await painted_over(request, photo, wish)


def waiting_files(session: Session, visitor: Visitor, entry_id: UUID, blobs: Blobs) -> dict[UUID, Attachment]:
    """By voucher, what a release of everything that waits would show. Raises NotFound, PhotoFileMissing."""
    entry = entry_for(session, visitor, entry_id)
    vouchers = vouchers_of(session, entry.compound_id, entry.draft_id) if entry.draft_id else []
    return {voucher.id: public_file(session, voucher, blobs) for voucher in vouchers if voucher.waits}


def public_file(session: Session, voucher: DraftVoucher, blobs: Blobs) -> Attachment:
    """Digest and length of the file that a release would show. Raises PhotoFileMissing."""
    shown = session.get_one(Photo, (voucher.compound_id, voucher.next_id))
    return Attachment(shown.k960, len(photo_response(shown, PhotoSize.MIDDLE, blobs).body), "image/jpeg")
