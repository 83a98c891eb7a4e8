"""Faces and plates in a photo of a visit or a finding, whoever took it: a copy with them painted over takes its place for
everybody; nothing is overwritten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
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
from app.renovation.finding_queries import finding_photo_for, finding_to_change
from app.renovation.queries import visit_for, visit_photo_for


@dataclass(frozen=True, slots=True)
class Hung:
    """Where a photo hangs."""

    noun: Literal["visit", "finding"]
    id: UUID
    photo_id: UUID

    @property
    def path(self) -> str:
        return f"/works/{self.noun}s/{self.id}/photos/{self.photo_id}"


async def covered_copy(request: Request, who: Callable[[Session, Request], Actor], hung: Hung, wish: RedactWish) -> TakenIn:
    """The slow part, and only for a supervisor. Raises a PictureProblem, CannotStore, and what `who` and `untouched` raise."""
    return await painted_over(request, lambda session: untouched(session, who(session, request), hung), wish)


def cover_photo(session: Session, actor: Actor, hung: Hung, copy_id: UUID, copy: TakenIn, wish: RedactWish) -> Kept:
    """Keep a copy that was made with `wish` painted over; everybody sees it from now on. Raises NotAllowed, NotFound,
    PhotoDiffers.
    """
    if hung.noun == "visit":
        visit_for(session, actor, hung.id, lock=True)
        public = True
    else:
        public = finding_to_change(session, actor, hung.id).number is not None
    photo = untouched(session, actor, hung)
    kept = keep_redacted(session, photo, copy_id, copy, written(box.box for box in wish.boxes), actor.person_id)
    type = f"{hung.noun}.photo_covered"
    if kept.outcome == "created":
        if public:
            entry = Entry(
                type=type,
                compound_id=photo.compound_id,
                record_id=hung.id,
                facts={"photo": str(photo.id), "boxes": len(wish.boxes), "shown": kept.photo.k960},
            )
            publish(session, photo.compound_id, lambda _index: entry.values())
            events.tell(session, photo.compound_id, type, **{f"{hung.noun}_id": hung.id}, photo_id=photo.id)
        on_record(session, actor, type, hung.id)
    return kept


def untouched(session: Session, actor: Actor, hung: Hung) -> Photo:
    """As it came. Raises NotAllowed, NotFound."""
    actor.need(Permission.SUPERVISE)
    find = visit_photo_for if hung.noun == "visit" else finding_photo_for
    return find(session, actor, hung.id, hung.photo_id, PhotoSize.ORIGINAL)
