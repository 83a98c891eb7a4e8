"""What there is to see. Who may see it is the business of the room that the photo hangs in."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from app.photos.models import Photo

PHOTOS = select(Photo).where(Photo.compound_id == bindparam("compound_id"), col(Photo.id).in_(bindparam("ids", expanding=True)))
KNOWN = (
    select(Photo.id)
    .where(or_(*(column == bindparam("key") for column in map(col, (Photo.original_key, Photo.k1600, Photo.k960, Photo.k320)))))
    .limit(1)
)


def photos_of(session: Session, compound_id: UUID, ids: Collection[UUID]) -> dict[UUID, Photo]:
    """The photos of one compound that have arrived, of those asked for."""
    found = session.scalars(PHOTOS, {"compound_id": compound_id, "ids": list(ids)})
    return {photo.id: photo for photo in found}


def newest_of(session: Session, photo: Photo) -> Photo:
    """Its last copy with something painted over, or itself."""
    return [photo, *redactions_of(session, photo)][-1]


def newest_of_each(session: Session, compound_id: UUID, ids: Collection[UUID]) -> dict[UUID, Photo]:
    """Of each photo its last copy with something painted over, or itself."""
    copies = session.scalars(
        select(Photo)
        .where(Photo.compound_id == compound_id, col(Photo.redacts_id).in_(ids))
        .order_by(col(Photo.received_at), col(Photo.id))
    )
    covered = {copy.redacts_id: copy for copy in copies if copy.redacts_id}  # a later one takes the place of an earlier one
    return photos_of(session, compound_id, ids) | covered


def redactions_of(session: Session, photo: Photo) -> list[Photo]:
    """Its copies with something painted over, the first one first."""
    statement = select(Photo).where(Photo.compound_id == photo.compound_id, Photo.redacts_id == photo.id)
    return list(session.scalars(statement.order_by(col(Photo.received_at), col(Photo.id))))


def knows_key(session: Session, key: str) -> bool:
    """Whether any photo of any compound needs this file."""
    return session.scalar(KNOWN, {"key": key}) is not None
