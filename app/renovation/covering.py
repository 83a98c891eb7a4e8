"""Faces and plates in a photo of a visit: a copy with them painted over takes its place for everybody; nothing is overwritten."""

from collections.abc import Callable
from uuid import UUID

from fastapi import Request
from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.photos.arriving import painted_over
from app.photos.boxes import RedactWish, written
from app.photos.intake import TakenIn
from app.photos.models import Photo, PhotoSize
from app.photos.service import Kept, keep_redacted
from app.publiclog.service import Entry, publish
from app.renovation.queries import visit_for, visit_photo_for


async def covered_copy(
    request: Request, who: Callable[[Session, Request], Actor], visit_id: UUID, photo_id: UUID, wish: RedactWish
) -> TakenIn:
    """The slow part, and only for a supervisor. Raises a PictureProblem, CannotStore, and what `who` and `_photo` raise."""
    return await painted_over(request, lambda session: _photo(session, who(session, request), visit_id, photo_id), wish)


def cover_photo(
    session: Session, actor: Actor, visit_id: UUID, photo_id: UUID, copy_id: UUID, copy: TakenIn, wish: RedactWish
) -> Kept:
    """Keep a copy that was made with `wish` painted over; everybody sees it from now on. Raises NotAllowed, NotFound,
    PhotoDiffers.
    """
    visit = visit_for(session, actor, visit_id, lock=True)
    photo = _photo(session, actor, visit_id, photo_id)
    kept = keep_redacted(session, photo, copy_id, copy, written(box.box for box in wish.boxes), actor.person_id)
    if kept.outcome == "created":
        entry = Entry(
            type="visit.photo_covered",
            compound_id=visit.compound_id,
            record_id=visit.id,
            facts={"photo": str(photo.id), "boxes": len(wish.boxes), "shown": kept.photo.k960},
        )
        publish(session, visit.compound_id, lambda _index: entry.values())
        events.tell(session, visit.compound_id, entry.type, visit_id=visit.id, photo_id=photo.id)
        on_record(session, actor, entry.type, visit.id)
    return kept


def _photo(session: Session, actor: Actor, visit_id: UUID, photo_id: UUID) -> Photo:
    """The untouched one. Raises NotAllowed, NotFound."""
    actor.need(Permission.SUPERVISE)
    return visit_photo_for(session, actor, visit_id, photo_id, PhotoSize.ORIGINAL)
