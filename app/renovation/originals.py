"""Verb: the original of a photo whose smaller copy came first. It binds what the camera made to the digest sent before."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit.refusals import NotFound
from app.photos.intake import Original
from app.photos.models import Photo
from app.photos.service import keep_original


def receive_original(session: Session, actor: Actor, photo_id: UUID, original: Original) -> tuple[Photo, bool]:
    """Raises NotAllowed, NotFound, OriginalDiffers."""
    photo = photo_to_complete(session, actor, photo_id, lock=True)
    if made := keep_original(photo, original):
        on_record(session, actor, "photo.original_kept", photo.id)
    return photo, made


def photo_to_complete(session: Session, actor: Actor, photo_id: UUID, *, lock: bool = False) -> Photo:
    """One that this supervisor took and sent, a visit's or a finding's alike. Raises NotAllowed, NotFound."""
    actor.need(Permission.SUPERVISE)
    photo = session.get(Photo, (actor.compound.id, photo_id), with_for_update=lock, populate_existing=lock)
    if photo is None or photo.taken_by_id != actor.person_id:
        raise NotFound
    return photo
