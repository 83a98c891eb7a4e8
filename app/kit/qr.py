"""QR codes as one path of a drawing in the page itself: sharp on paper, no file to fetch, nothing for the CSP to allow."""

from typing import NamedTuple

import segno

QUIET = 4
"""Modules of white around the code, as ISO/IEC 18004 asks; scanners of old phones need them."""


class Qr(NamedTuple):
    """`size`: the side of the drawing in modules, quiet zone included. `path`: the dark modules, for <path d>."""

    size: int
    path: str


def qr_path(text: str) -> Qr:
    """The code of `text`, error correction M (15% may be stained or torn). Raises ValueError where it is too long."""
    code = segno.make(text, error="m", micro=False, boost_error=False)
    rows = [bytes(row) for row in code.matrix]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            runs.append(f"M{start + QUIET} {y + QUIET}h{x - start}v1h-{x - start}z")
    return Qr(len(rows) + 2 * QUIET, "".join(runs))
