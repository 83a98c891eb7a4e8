"""Before the transaction: a received file becomes cleaned pictures on the disk.

Decoding takes a tenth of a second and more, a file's way to the disk some milliseconds; neither may hold the write token.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.kit.blobs import Blobs
from app.kit.pictures import SIZES, Box, Developed, Facts, PictureDesk, Received
from app.photos.models import Photo
from app.photos.schemas import Capture


@dataclass(frozen=True)
class TakenIn:
    """A picture whose files are kept, waiting for its row. The files of one that never gets a row are swept.

    `original_key` is None where the camera's own bytes are not what arrived. `width`, `height` in px, upright.
    `page`: of a PDF, from 1; 0 for a picture.
    """

    sha256: str
    original_key: str | None
    k1600: str
    k960: str
    k320: str
    width: int
    height: int
    bytes: int
    format: str
    phash: str
    dhash: str
    facts: Facts
    capture: Capture
    page: int = 0


def take_in(desk: PictureDesk, blobs: Blobs, received: Received, capture: Capture) -> TakenIn:
    """Develop a picture and keep its files. Blocks: call it in a worker thread. Raises PictureProblem and CannotStore.

    What arrived is kept itself only where it is the camera's: nothing else was announced.
    """
    with desk.develop(received) as developed:
        return _kept(blobs, developed, capture, original=_camera_made(developed, capture))


@dataclass(frozen=True)
class Original:
    """The camera's own bytes of a photo that came smaller, kept."""

    sha256: str
    key: str
    format: str
    facts: Facts


def take_in_original(desk: PictureDesk, blobs: Blobs, received: Received) -> Original:
    """Seen to be a picture, and kept as it is; what is shown was made from the smaller one. As `take_in` otherwise."""
    with desk.develop(received, SIZES[-1:]) as developed:
        return Original(developed.sha256, blobs.put(developed.original), developed.format, developed.facts)


def take_in_paper(desk: PictureDesk, blobs: Blobs, received: Received, capture: Capture) -> list[TakenIn]:
    """A photographed paper, or every page of a PDF in its order; the original of each page is the PDF.

    The desk is asked anew for each page, so that a phone's photo need not wait for twenty of them. As `take_in` otherwise.
    """
    taken: list[TakenIn] = []
    pages = 1
    while len(taken) < pages:
        with desk.develop(received, page=len(taken) + 1) as developed:
            pages = developed.pages
            whole = _kept(blobs, developed, capture, original=_camera_made(developed, capture))
            taken.append(replace(whole, page=len(taken) + 1 if developed.format == "PDF" else 0))
    return taken


def redact(desk: PictureDesk, blobs: Blobs, photo: Photo, boxes: Sequence[Box]) -> TakenIn:
    """A copy with boxes painted over, from the original where it was kept. Raises BlobMissing besides, as `take_in`."""
    with blobs.open(photo.original_key or photo.k1600) as file:
        content = file.read()
    with desk.develop(content, page=photo.page, boxes=boxes) as developed:
        copy = _kept(blobs, developed, Capture(), original=False)
        return replace(copy, sha256=copy.k1600, bytes=developed.derivatives[SIZES[0]].stat().st_size, format="JPEG")


def _camera_made(developed: Developed, capture: Capture) -> bool:
    return capture.announced_sha256 in (None, developed.sha256)


def _kept(blobs: Blobs, developed: Developed, capture: Capture, *, original: bool) -> TakenIn:
    k1600, k960, k320 = (blobs.put(developed.derivatives[size]) for size in SIZES)
    return TakenIn(
        sha256=developed.sha256,
        original_key=blobs.put(developed.original) if original else None,
        k1600=k1600,
        k960=k960,
        k320=k320,
        width=developed.width,
        height=developed.height,
        bytes=developed.size,
        format=developed.format,
        phash=developed.phash,
        dhash=developed.dhash,
        facts=developed.facts,
        capture=capture,
    )
