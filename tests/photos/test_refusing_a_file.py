"""Every bad file gets a plain sentence, and leaves nothing behind."""

import pytest
from PIL import Image

from app.kit.pictures import MAX_BYTES, PROBLEMS, Limits, PictureDesk, PictureProblem
from tests.photos.snapshots import TURNED_HEIC, png_of, scene, written

FILM = {"save_all": True, "append_images": [Image.new("RGB", (80, 60), "red")], "duration": 100}
PHOTO = written(scene())


def half(file: bytes) -> bytes:
    return file[: len(file) // 2]


BAD = {
    "nothing": (b"", "empty"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "wrong_type"),
    "svg with a declaration": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "wrong_type"),
    "pdf": (b"%PDF-1.7\n1 0 obj\n", "wrong_type"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "wrong_type"),
    "tiff": (written(scene(), "TIFF"), "wrong_type"),
    "gif": (written(scene().convert("P"), "GIF"), "wrong_type"),
    "bmp": (written(scene(80, 60), "BMP"), "wrong_type"),
    "page": (b"<!doctype html><script>alert(1)</script>", "wrong_type"),
    "film": (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "wrong_type"),
    "short": (b"\xff", "wrong_type"),
    "moving png": (written(Image.new("RGB", (80, 60)), "PNG", **FILM), "animated"),
    "moving webp": (written(Image.new("RGB", (80, 60)), "WEBP", **FILM), "animated"),
    "moving avif": (written(Image.new("RGB", (80, 60)), "AVIF", **FILM), "animated"),
    "moving heic": (b"\x00\x00\x00\x18ftyphevc" + TURNED_HEIC[12:], "animated"),
    **{f"half a {kind}": (half(written(scene(), kind)), "damaged") for kind in ("JPEG", "PNG", "WEBP", "AVIF")},
    "half a HEIC": (TURNED_HEIC[:480], "damaged"),
    "only a beginning": (b"\xff\xd8\xff\xe0", "damaged"),
    "a png without pixels": (png_of(100, 100), "damaged"),
    "a bomb": (png_of(8000, 8000), "too_many_pixels"),
    "a bomb at the edge of arithmetic": (png_of(2**31 - 1, 2**31 - 1), "too_many_pixels"),
    "a bomb in webp": (b"RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00" + b"\xff\x3f\x00" * 2, "too_many_pixels"),
    "too many bytes": (PHOTO + bytes(MAX_BYTES + 1 - len(PHOTO)), "too_large"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_named_in_plain_words(desk: PictureDesk, what: str) -> None:
    content, code = BAD[what]
    with pytest.raises(PictureProblem) as refused:
        desk.develop(content)
    assert refused.value.code == code
    assert len(refused.value.message) <= 25
    assert refused.value.status in (413, 415, 422)
    assert list(desk.directory.iterdir()) == []


def test_exactly_the_limit_of_bytes_is_taken(desk: PictureDesk) -> None:
    with desk.develop(PHOTO + bytes(MAX_BYTES - len(PHOTO))) as developed:
        assert developed.size == MAX_BYTES


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_pixels_are_counted_from_the_header(tmp_path_factory: pytest.TempPathFactory, kind: str) -> None:
    with PictureDesk(tmp_path_factory.mktemp("desk"), limits=Limits(pixels=10_000)) as desk:
        with desk.develop(written(Image.new("RGB", (100, 100)), kind)) as developed:
            assert (developed.width, developed.height) == (100, 100)
        with pytest.raises(PictureProblem) as refused:
            desk.develop(written(Image.new("RGB", (101, 100)), kind))
    assert refused.value.code == "too_many_pixels"
    assert "未收原图" in refused.value.message


def test_every_problem_has_its_own_code_and_short_words() -> None:
    assert len(PROBLEMS) == len(PictureProblem.__subclasses__()) == 12
    for kind in PROBLEMS.values():
        assert len(kind(mb=25, most=20).message) <= 25
        assert 0 < len(kind().next_step) <= 25
