"""Photos that real phones made, where somebody has them: GONGZHI_PHOTOS names their folder (heic/, odd/, orientation/)."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.kit.pictures import PictureDesk, PictureProblem
from tests.photos.conftest import Seen
from tests.photos.snapshots import dhash, distance, phash

FOLDER = os.environ.get("GONGZHI_PHOTOS", "")

EXPECTED = {
    "heic/200MP.heic": "too_many_pixels",
    "heic/corrupted.heic": "damaged",
    "odd/ultrahdr.jpg": "damaged",  # its pixels are cut off
    "heic/arrow.heic": ("HEIF", (3024, 4032)),
    "heic/pug.heic": ("HEIF", (4032, 3024)),
    "heic/truncated.heic": ("HEIF", (16, 16)),
    "heic/xiaomi.heic": ("HEIF", (2592, 1944)),
    "odd/exif_gps.jpg": ("JPEG", (8, 8)),
    "odd/invalid-exif.jpg": ("JPEG", (200, 200)),
    "odd/sugarshack.mpo": ("MPO", (640, 480)),
    **{f"orientation/Landscape_{n}.jpg": ("JPEG", (1800, 1200)) for n in range(9)},
    **{f"orientation/Portrait_{n}.jpg": ("JPEG", (1200, 1800)) for n in range(9)},
}


@pytest.mark.skipif(not FOLDER, reason=f"not run: {len(EXPECTED)} real photos. Set GONGZHI_PHOTOS to their folder.")
def test_real_phones_are_understood(desk: PictureDesk, develop: Callable[..., Seen]) -> None:
    folder = Path(FOLDER)
    seen: dict[str, Seen] = {}
    outcomes: dict[str, object] = {}
    for name in EXPECTED:
        try:
            seen[name] = develop((folder / name).read_bytes())
            outcomes[name] = (seen[name].format, seen[name].size)
        except PictureProblem as problem:
            outcomes[name] = problem.code
    assert outcomes == EXPECTED
    for shape in ("Landscape", "Portrait"):
        upright = seen[f"orientation/{shape}_1.jpg"].print()
        for n in range(2, 9):
            turned = f"orientation/{shape}_{n}.jpg"
            assert distance(phash(seen[turned].print()), phash(upright)) <= 4
            assert distance(dhash(seen[turned].print()), dhash(upright)) <= 4
            with Image.open(BytesIO((folder / turned).read_bytes())) as stored:
                assert distance(phash(stored), phash(upright)) > 10  # and as stored it is another picture
    assert (seen["heic/pug.heic"].facts.model, seen["heic/pug.heic"].facts.exif_offset) == ("iPhone 13 Pro", 180)
    assert seen["heic/xiaomi.heic"].facts.lat == pytest.approx(47.2273, abs=1e-4)
    assert list(desk.directory.iterdir()) == []
