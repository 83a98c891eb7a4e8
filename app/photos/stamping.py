"""A caption drawn on a copy of a photo, for whoever hands it on: where, when, which compound. It proves nothing, and the copy is
made each time it is asked for: nothing of it is kept, and what was covered since is covered in it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from app.kit.blobs import Blobs
from app.kit.pictures import Caption, PictureDesk
from app.photos.models import Photo, PhotoSize

LONGEST = int(PhotoSize.MIDDLE)
"""Of its sides, in px: what everybody may see."""


class Letters(NamedTuple):
    """A font's file, and which of the fonts in it."""

    file: Path
    number: int


USUAL = (
    Letters(Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 2),
    Letters(Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"), 0),
    Letters(Path("/System/Library/Fonts/PingFang.ttc"), 0),
    Letters(Path("C:/Windows/Fonts/msyh.ttc"), 0),
)
"""Where systems keep Chinese letters."""


def letters_of(chosen: str) -> Letters | None:
    """The font that an operator chose, else one that the system has; None where there is none."""
    usual = [Letters(Path(chosen), 0)] if chosen else USUAL
    return next((letters for letters in usual if letters.file.is_file()), None)


def stamped(desk: PictureDesk, blobs: Blobs, photo: Photo, lines: Sequence[str], letters: Letters) -> bytes:
    """A JPEG. Blocks: call it in a worker thread, outside any transaction. Raises BlobMissing, PictureProblem, CannotStore."""
    with blobs.open(photo.k1600) as file:
        content = file.read()
    caption = Caption(lines, letters.file, letters.number)
    with desk.develop(content, (LONGEST,), caption=caption) as developed:
        return developed.derivatives[LONGEST].read_bytes()
