"""Verbs. The files are on the disk before any of them runs (`intake`)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID, uuid5

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.access.consents import Purpose, consented
from app.kit.blobs import LocalBlobs
from app.kit.db import touch
from app.photos.intake import Original, TakenIn
from app.photos.models import OriginalDiffers, Photo, PhotoDiffers
from app.photos.queries import knows_key


@dataclass(frozen=True)
class Kept:
    """`same`: this very picture was there already under this id. The API answers 201 or 200 by it."""

    photo: Photo
    outcome: Literal["created", "same"]


def keep(session: Session, compound_id: UUID, photo_id: UUID, taken_in: TakenIn, taken_by_id: UUID | None = None) -> Kept:
    """Write the row of a picture, exactly once however often and however parallel it arrives. Raises PhotoDiffers.

    `photo_id` is the phone's; the bytes decide whether it is the same photo again. The place is the one the phone gave at
    capture, else the one in the file; it is kept only where whoever took the photo has consented to that.
    """
    facts, capture = taken_in.facts, taken_in.capture
    place = (capture.lat, capture.lon, capture.accuracy) if capture.lat is not None else (facts.lat, facts.lon, None)
    if taken_by_id is None or not consented(session, compound_id, taken_by_id, Purpose.VISIT_POSITION):
        place = (None, None, None)
    photo = _row(
        compound_id,
        photo_id,
        taken_in,
        taken_by_id,
        announced_sha256=capture.announced_sha256,
        original_key=taken_in.original_key,
        source=capture.source,
        device_at=capture.device_at,
        exif_at=facts.exif_at,
        lat=place[0],
        lon=place[1],
        accuracy=place[2],
        make=facts.make,
        model=facts.model,
        page=taken_in.page,
    )
    return _once(session, photo)


def keep_original(photo: Photo, original: Original) -> bool:
    """The second tier (FIELD §3.5): what the camera made of a photo that is here smaller; False where it was here already. What
    the camera wrote into it is evidence that the smaller one had lost. Raises OriginalDiffers.
    """
    if original.sha256 != photo.announced_sha256:
        raise OriginalDiffers
    if photo.original_key is not None:
        return False
    photo.original_key, photo.format = original.key, original.format
    photo.exif_at = photo.exif_at or original.facts.exif_at
    photo.make, photo.model = photo.make or original.facts.make, photo.model or original.facts.model
    return True


def page_id(paper_id: UUID, page: int) -> UUID:
    """The photo's id of a page of a PDF that arrived under an id: the first page, like a picture, has that one."""
    return paper_id if page <= 1 else uuid5(paper_id, str(page))


def keep_redacted(session: Session, photo: Photo, copy_id: UUID, taken_in: TakenIn, boxes: str, by_id: UUID) -> Kept:
    """The row of a copy of `photo` with `boxes` painted over; the same copy again changes nothing. Raises PhotoDiffers."""
    return _once(session, _row(photo.compound_id, copy_id, taken_in, by_id, redacts_id=photo.id, boxes=boxes))


def _row(compound_id: UUID, id: UUID, taken_in: TakenIn, by_id: UUID | None, **more: Any) -> Photo:
    return Photo(
        compound_id=compound_id,
        id=id,
        sha256=taken_in.sha256,
        k1600=taken_in.k1600,
        k960=taken_in.k960,
        k320=taken_in.k320,
        width=taken_in.width,
        height=taken_in.height,
        bytes=taken_in.bytes,
        format=taken_in.format,
        taken_by_id=by_id,
        **more,
    )


def _once(session: Session, photo: Photo) -> Kept:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.connection().scalar(
        insert(Photo)
        .values(**photo.model_dump())
        .on_conflict_do_nothing(index_elements=["compound_id", "id"])
        .returning(col(Photo.id))
    )
    stored = session.get_one(Photo, (photo.compound_id, photo.id))
    if (stored.sha256, stored.page, stored.redacts_id) != (photo.sha256, photo.page, photo.redacts_id):
        raise PhotoDiffers(stored_sha256=stored.sha256)
    if made:
        touch(session, photo.compound_id)
        return Kept(stored, "created")
    return Kept(stored, "same")


def sweep_orphans(session: Session, blobs: LocalBlobs, older_than: timedelta = timedelta(days=1)) -> int:
    """Remove files that no photo needs; returns how many. Reads only; slow, so give it a reading session.

    The folder holds photos and nothing else: other rooms' files would be orphans here. Beside a database without any photo
    nothing is swept: somebody has given the folder to a new database, and will notice. A file whose row is not committed
    yet is young: whoever puts it, even for the second time, makes it so (`LocalBlobs.put`).
    """
    if session.exec(select(Photo.id).limit(1)).first() is None:
        return 0
    return blobs.sweep(lambda key: knows_key(session, key), older_than)
