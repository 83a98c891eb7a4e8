"""Before the transaction: a received file becomes cleaned pictures on the disk.

Decoding takes a tenth of a second and more, a file's way to the disk some milliseconds; neither may hold the write token.
"""

from dataclasses import dataclass

from app.kit.blobs import Blobs
from app.kit.pictures import SIZES, Facts, PictureDesk, Received
from app.photos.schemas import Capture


@dataclass(frozen=True)
class TakenIn:
    """A picture whose files are kept, waiting for its row. The files of one that never gets a row are swept.

    `original_key` is None where the camera's own bytes are not what arrived. `width`, `height` in px, upright.
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
    facts: Facts
    capture: Capture


def take_in(desk: PictureDesk, blobs: Blobs, received: Received, capture: Capture) -> TakenIn:
    """Develop a picture and keep its files. Blocks: call it in a worker thread. Raises PictureProblem and CannotStore.

    What arrived is kept itself only where it is the camera's: nothing else was announced.
    """
    with desk.develop(received) as developed:
        camera_made_it = capture.announced_sha256 in (None, received.sha256)
        k1600, k960, k320 = (blobs.put(developed.derivatives[size]) for size in SIZES)
        return TakenIn(
            sha256=developed.sha256,
            original_key=blobs.put(developed.original) if camera_made_it else None,
            k1600=k1600,
            k960=k960,
            k320=k320,
            width=developed.width,
            height=developed.height,
            bytes=developed.size,
            format=developed.format,
            facts=developed.facts,
            capture=capture,
        )
