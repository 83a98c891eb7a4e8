"""A photo as an answer. The door has already asked who may see it, and asks again on every read."""

import structlog
from fastapi import Response

from app.kit.blobs import BlobMissing, Blobs
from app.kit.i18n import mark
from app.kit.refusals import NotFound
from app.photos.models import Photo, PhotoSize

log = structlog.get_logger()

ORIGINAL_TYPES = {
    "JPEG": ("image/jpeg", "jpg"),
    "MPO": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "HEIF": ("image/heic", "heic"),
    "AVIF": ("image/avif", "avif"),
    "PDF": ("application/pdf", "pdf"),
}

FILE = {"content": {"image/jpeg": {}}, "description": "The file; an original as it was sent."}
"""For an operation's `responses`."""

FOR_EVER = "max-age=31536000, immutable"
AN_HOUR = "max-age=3600"
"""How long a browser keeps what it was given: for ever, or where a copy with something painted over may take its place."""


class PhotoFileMissing(NotFound):
    """The row is there and its file is not: an operator has to look (restore, wrong DATA_DIR)."""

    says = mark("照片文件不见了。")
    advice = mark("请告诉管理员。")


def photo_response(photo: Photo, size: PhotoSize, blobs: Blobs, *, lasts: str = FOR_EVER) -> Response:
    """The file, with the type that we know it to have, and with nothing that could make a browser run it.

    `lasts`: what may be covered later is kept for AN_HOUR only. An original is a stranger's file with everything in it: it is
    only ever saved, never shown. Raises OriginalNotKept and PhotoFileMissing.
    """
    key = photo.key_of(size)
    try:
        with blobs.open(key) as file:
            content = file.read()
    except BlobMissing as missing:
        log.error("photo_file_missing", photo_id=str(photo.id), key=key)
        raise PhotoFileMissing from missing
    media_type, disposition = "image/jpeg", "inline"
    if size is PhotoSize.ORIGINAL:
        media_type, ending = ORIGINAL_TYPES[photo.format]
        disposition = f'attachment; filename="{photo.id}.{ending}"'
    return picture_response(content, media_type, disposition, lasts)


def picture_response(
    content: bytes, media_type: str = "image/jpeg", disposition: str = "inline", lasts: str = AN_HOUR
) -> Response:
    """Bytes that nothing but an image viewer may take."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": disposition,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": f"private, {lasts}",
        },
    )
