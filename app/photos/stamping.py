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


KNOWN = {"NotoSansCJK-Regular.ttc": 2, "wqy-zenhei.ttc": 0, "wqy-microhei.ttc": 0, "PingFang.ttc": 0, "msyh.ttc": 0}
"""Files with Chinese letters, and which of the fonts in them."""

USUAL = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/truetype/wqy"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
"""Where systems keep them."""


def letters_of(font_dir: str) -> Letters | None:
    """A font of the folder that an operator chose, else one that the system has; None where there is none."""
    folders = [Path(font_dir)] if font_dir else USUAL
    known = (Letters(folder / name, number) for folder in folders for name, number in KNOWN.items())
    own = (Letters(file, 0) for file in sorted(Path(font_dir).glob("*.[ot]t[cf]"))) if font_dir else ()
    return next((letters for letters in (*known, *own) if letters.file.is_file()), None)


def stamped(desk: PictureDesk, blobs: Blobs, photo: Photo, lines: Sequence[str], letters: Letters) -> bytes:
    """A JPEG. Blocks: call it in a worker thread, outside any transaction. Raises BlobMissing, PictureProblem, CannotStore."""
    with blobs.open(photo.k1600) as file:
        content = file.read()
    caption = Caption(lines, letters.file, letters.number)
    with desk.develop(content, (LONGEST,), caption=caption) as developed:
        return developed.derivatives[LONGEST].read_bytes()
