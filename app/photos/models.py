"""The noun of this room."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.records import Record, points_to
from app.kit.refusals import NotFound, Refusal, SameIdOtherContent


class PhotoDiffers(SameIdOtherContent):
    """This id already names another picture. `facts["stored_sha256"]`: the digest of the one that is kept."""

    says = mark("这个编号已有另一张照片。")
    tells = ("stored_sha256",)


class OriginalDiffers(Refusal):
    """Not the bytes whose digest was announced with the photo, before anybody could have changed them."""

    says = mark("这不是那张照片的原图。")


class OriginalNotKept(NotFound):
    says = mark("未收原图。")
    advice = mark("原图还在拍照人的手机里。")


class PhotoSource(StrEnum):
    CAMERA = "camera"
    GALLERY = "gallery"
    UNKNOWN = "unknown"


class PhotoSize(StrEnum):
    """Longest side in px of what is shown; the original only to whom its room allows it."""

    LARGE = "1600"
    MIDDLE = "960"
    SMALL = "320"
    ORIGINAL = "original"


class Photo(Record, table=True):
    """照片. `sha256` is of the bytes that arrived; `announced_sha256` of those the camera made, sent ahead of them.

    Where the two differ the phone sent a smaller copy and the original stayed there: `original_key` is None (未收原图).
    What the phone and the camera say (`device_at`, `exif_at`, place, make, model) is evidence to be shown beside
    `received_at`, which is this server's own. `lat` and `lon` in degrees; `accuracy` in metres, None when the place
    comes from the file. `width` and `height` in px, upright; `bytes` as received.

    `page`: of a PDF, from 1, whose bytes are then the original of each page; 0 for a picture. `redacts_id`: this is a copy of
    that photo with `boxes` painted over (as `boxes.written` writes them). It has no original, and `sha256` is of its 1600 px.
    """

    __table_args__ = (
        points_to("person", "taken_by_id"),
        points_to("photo", "redacts_id"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="place_is_whole"),
        CheckConstraint("redacts_id IS NULL OR (original_key IS NULL AND boxes <> '')", name="a_copy_is_covered"),
        Index("ix_photo_redacts", "compound_id", "redacts_id"),
    )

    sha256: str = Field(max_length=64)
    announced_sha256: str | None = Field(default=None, max_length=64)
    original_key: str | None = Field(default=None, max_length=64, index=True)
    k1600: str = Field(max_length=64, index=True)
    k960: str = Field(max_length=64, index=True)
    k320: str = Field(max_length=64, index=True)
    width: int
    height: int
    bytes: int
    format: str = Field(max_length=10)
    source: str = Field(default=PhotoSource.UNKNOWN, max_length=10)
    device_at: datetime | None = None
    exif_at: datetime | None = None
    received_at: datetime = Field(default_factory=now)
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    make: str | None = Field(default=None, max_length=64)
    model: str | None = Field(default=None, max_length=64)
    taken_by_id: UUID | None = None
    page: int = 0
    redacts_id: UUID | None = None
    boxes: str = Field(default="", max_length=1000)

    def key_of(self, size: PhotoSize) -> str:
        """The blob of one size. Raises OriginalNotKept."""
        if size is PhotoSize.ORIGINAL:
            if self.original_key is None:
                raise OriginalNotKept
            return self.original_key
        return {PhotoSize.LARGE: self.k1600, PhotoSize.MIDDLE: self.k960, PhotoSize.SMALL: self.k320}[size]


class PhotoPrint(Record, table=True):
    """By what a photo's look is found again; its id is the photo's. `phash`, `dhash`: 64 bits in hex, and the four sixteens of
    `phash` by themselves (`likeness`).
    """

    __tablename__ = "photo_print"
    __table_args__ = (
        points_to("photo", "id"),
        *(Index(f"ix_photo_print_{part}", "compound_id", part) for part in ("first", "second", "third", "fourth")),
    )

    phash: str = Field(max_length=16)
    dhash: str = Field(max_length=16)
    first: int
    second: int
    third: int
    fourth: int


class PhotoLikeness(Record, table=True):
    """A photo looks like one that was here before it. A fact for people to look at: an honest second shot does so too.

    `phash_bits`, `dhash_bits`: in how many of 64 bits they differ.
    """

    __tablename__ = "photo_likeness"
    __table_args__ = (
        points_to("photo", "photo_id"),
        points_to("photo", "earlier_id"),
        UniqueConstraint("compound_id", "photo_id", "earlier_id"),
    )

    photo_id: UUID
    earlier_id: UUID
    phash_bits: int
    dhash_bits: int


for table in ("photo_print", "photo_likeness"):
    append_only(table)
