"""What comes out of the darkroom: upright, small, in sRGB, and nothing in it but pixels."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.kit.pictures import PictureDesk
from tests.photos.conftest import Seen
from tests.photos.snapshots import TURNED_HEIC, dhash, distance, exif, held, phash, profile, scene, segments, written

Develop = Callable[..., Seen]

SCRIPT = b"<script>alert(1)</script>"


def near(pixel: object, colour: tuple[int, int, int], by: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= by for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_to_hold_a_phone_gives_the_same_upright_picture(develop: Develop, orientation: int) -> None:
    stored = held(orientation)
    seen = develop(written(stored, exif=exif(orientation)))
    assert seen.size == scene().size
    for longest in (1600, 960, 320):
        assert distance(phash(seen.print(longest)), phash(scene())) <= 4
        assert distance(dhash(seen.print(longest)), dhash(scene())) <= 4
    if orientation > 1:  # and the measure can tell: left as stored, it is another picture
        assert distance(phash(stored), phash(scene())) >= 20


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_orientation_holds_in_other_formats_too(develop: Develop, kind: str) -> None:
    seen = develop(written(held(6), kind, exif=exif(6)))
    assert (seen.format, seen.size) == (kind, scene().size)
    assert distance(phash(seen.print()), phash(scene())) <= 4


def test_an_iphone_picture_is_not_turned_twice(develop: Develop) -> None:
    seen = develop(TURNED_HEIC)
    assert (seen.format, seen.size, seen.facts.make) == ("HEIF", (64, 96), "Phone")
    corners = [seen.print().getpixel(at) for at in ((8, 8), (56, 8), (8, 88), (56, 88))]
    for pixel, colour in zip(corners, ((0, 0, 254), (254, 0, 0), (255, 255, 255), (0, 128, 1)), strict=True):
        assert near(pixel, colour)


def test_the_name_of_a_file_means_nothing(desk: PictureDesk, tmp_path: Path) -> None:
    (tmp_path / "IMG_0001.jpg").write_bytes(TURNED_HEIC)
    with desk.develop(tmp_path / "IMG_0001.jpg") as developed:
        assert developed.format == "HEIF"
    assert (tmp_path / "IMG_0001.jpg").exists()  # whose it is, decides when it goes


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4000, 3000), {1600: (1600, 1200), 960: (960, 720), 320: (320, 240)}),
        ((3200, 2133), {1600: (1600, 1066), 960: (960, 640), 320: (320, 213)}),
        ((1200, 1800), {1600: (1067, 1600), 960: (640, 960), 320: (213, 320)}),
        ((500, 20), {1600: (500, 20), 960: (500, 20), 320: (320, 13)}),
        ((5000, 1), {1600: (1600, 1), 960: (960, 1), 320: (320, 1)}),
        ((1, 1), {1600: (1, 1), 960: (1, 1), 320: (1, 1)}),
    ],
)
def test_derivatives_keep_their_shape_and_are_never_enlarged(
    develop: Develop, size: tuple[int, int], expected: dict[int, tuple[int, int]]
) -> None:
    seen = develop(written(Image.new("RGB", size, "teal")))
    assert seen.size == size
    made = {longest: seen.print(longest).size for longest in seen.files}
    for longest, (width, height) in expected.items():
        assert abs(made[longest][0] - width) <= 1
        assert abs(made[longest][1] - height) <= 1
        assert max(made[longest]) <= longest
        assert seen.print(longest).format == "JPEG"


def test_place_comments_and_scripts_never_reach_a_derivative(develop: Develop) -> None:
    data = exif(1, make="Xiaomi", gps=(28.2, 112.9), taken="2026:06:12 09:30:00")
    original = written(scene(), exif=data, comment=SCRIPT, xmp=b"<x>" + SCRIPT + b"</x>", icc_profile=profile())
    assert original.count(SCRIPT) == 2
    seen = develop(original)
    assert seen.facts.lat == pytest.approx(28.2)
    for file in seen.files.values():
        assert SCRIPT not in file
        assert b"Exif" not in file
        assert b"Xiaomi" not in file
        assert set(segments(file)) == {0xFFE0, 0xFFDB, 0xFFC0, 0xFFC4, 0xFFDA}  # JFIF, tables, frame, pixels


def test_a_comment_would_survive_an_ordinary_re_encoding() -> None:
    opened = Image.open(BytesIO(written(scene(), comment=SCRIPT)))
    assert SCRIPT in written(opened, quality=80)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_other_formats_lose_their_place_too(develop: Develop, kind: str) -> None:
    seen = develop(written(scene(), kind, exif=exif(1, make="Xiaomi", gps=(28.2, 112.9))))
    assert seen.facts.lon == pytest.approx(112.9)
    assert b"Xiaomi" not in b"".join(seen.files.values())


def test_colours_are_read_through_the_embedded_profile(develop: Develop) -> None:
    red = Image.new("RGB", (400, 300), (255, 0, 0))
    assert near(develop(written(red, icc_profile=profile())).print().getpixel((200, 150)), (254, 0, 0))
    strange = develop(written(red, icc_profile=profile(red_is_green=True)))
    assert near(strange.print().getpixel((200, 150)), (0, 255, 0))
    assert "icc_profile" not in strange.print().info


@pytest.mark.parametrize("broken", [b"", b"not a profile", profile()[:200], profile()[:-40] + bytes(40)])
def test_a_broken_profile_is_as_good_as_none(develop: Develop, broken: bytes) -> None:
    seen = develop(written(Image.new("RGB", (400, 300), (255, 0, 0)), icc_profile=broken))
    assert seen.print().mode == "RGB"


def test_a_profile_of_another_kind_of_picture_is_as_good_as_none(develop: Develop) -> None:
    seen = develop(written(Image.new("CMYK", (400, 300), (0, 255, 255, 0)), icc_profile=profile()))
    assert near(seen.print().getpixel((200, 150)), (254, 0, 0))


@pytest.mark.parametrize(
    ("image", "kind", "colour"),
    [
        (Image.new("CMYK", (400, 300), (0, 255, 255, 0)), "JPEG", (254, 0, 0)),
        (Image.new("L", (400, 300), 90), "JPEG", (90, 90, 90)),
        (Image.new("RGBA", (400, 300), (0, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("RGBA", (2000, 300), (255, 0, 0, 128)), "PNG", (255, 127, 127)),
        (Image.new("LA", (400, 300), (10, 0)), "PNG", (255, 255, 255)),
        (Image.new("P", (2000, 300), 1), "PNG", (40, 80, 120)),
        (Image.new("1", (400, 300), 1), "PNG", (255, 255, 255)),
        (Image.new("I;16", (2000, 300), 0x5A00), "PNG", (90, 90, 90)),
        (Image.new("RGBA", (400, 300), (0, 0, 0, 0)), "WEBP", (255, 255, 255)),
    ],
    ids=lambda value: getattr(value, "mode", None),
)
def test_every_kind_of_pixel_becomes_plain_colour(
    develop: Develop, image: Image.Image, kind: str, colour: tuple[int, int, int]
) -> None:
    if image.mode == "P":
        image.putpalette([0, 0, 0, 40, 80, 120])
    seen = develop(written(image, kind))
    assert seen.print().mode == "RGB"
    assert near(seen.print().getpixel((100, 100)), colour)


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_transparent_colour_becomes_paper(develop: Develop, mode: str) -> None:
    image = Image.new(mode, (400, 300), (0, 0, 0) if mode == "RGB" else 0)
    if mode == "P":
        image.putpalette([0, 0, 0, 40, 80, 120])
    seen = develop(written(image, "PNG", transparency=(0, 0, 0) if mode == "RGB" else 0))
    assert near(seen.print().getpixel((100, 100)), (255, 255, 255))


def test_a_phones_multi_picture_file_is_its_first_picture(develop: Develop) -> None:
    second = Image.new("RGB", (320, 240), "black")
    seen = develop(written(scene(), "MPO", save_all=True, append_images=[second], exif=exif(3)))
    assert (seen.format, seen.size) == ("MPO", scene().size)
    assert distance(phash(seen.print()), phash(scene().transpose(Image.Transpose.ROTATE_180))) <= 4


def test_what_follows_the_picture_in_its_file_is_ignored(develop: Develop) -> None:
    ultra_hdr = written(scene()) + written(Image.new("L", (200, 150), 128))
    assert develop(ultra_hdr).size == scene().size


def test_the_camera_is_heard_before_it_is_stripped(develop: Develop) -> None:
    data = exif(1, make="Apple", model="iPhone 13 Pro", taken="2026:06:12 09:30:05", offset="+08:00", gps=(-12.5, -77.25))
    facts = develop(written(scene(), exif=data)).facts
    assert (facts.make, facts.model, facts.exif_offset) == ("Apple", "iPhone 13 Pro", 480)
    assert facts.exif_at == datetime(2026, 6, 12, 1, 30, 5, tzinfo=UTC)
    assert (facts.lat, facts.lon) == (pytest.approx(-12.5), pytest.approx(-77.25))


@pytest.mark.parametrize(
    ("taken", "offset", "at", "minutes"),
    [
        ("2026:06:12 09:30:00", None, datetime(2026, 6, 12, 1, 30, tzinfo=UTC), None),  # the clock in the compound
        ("2026:06:12 09:30:00", "-03:30", datetime(2026, 6, 12, 13, 0, tzinfo=UTC), -210),
        ("2026:06:12 09:30:00", "+99:99", datetime(2026, 6, 12, 1, 30, tzinfo=UTC), None),
        ("0000:00:00 00:00:00", "+08:00", None, 480),
        ("2026:02:30 09:30:00", None, None, None),
        ("9999:12:31 23:59:59", "-12:00", None, -720),
        ("yesterday", None, None, None),
        (None, None, None, None),
    ],
)
def test_a_cameras_clock_is_optional_evidence(
    develop: Develop, taken: str | None, offset: str | None, at: datetime | None, minutes: int | None
) -> None:
    tags = {name: value for name, value in (("taken", taken), ("offset", offset)) if value}
    facts = develop(written(scene(), exif=exif(1, **tags))).facts
    assert (facts.exif_at, facts.exif_offset) == (at, minutes)


@pytest.mark.parametrize("gps", [(0, 0), (90.5, 10), (10, 180.5)])
def test_a_place_that_was_taken_away_is_no_place(develop: Develop, gps: tuple[float, float]) -> None:
    facts = develop(written(scene(), exif=exif(1, gps=gps))).facts
    assert (facts.lat, facts.lon) == (None, None)


def test_camera_names_are_text_that_every_database_takes(develop: Develop) -> None:
    facts = develop(written(scene(), exif=exif(1, make="Mi\x00\x1b[2J" + "x" * 500, model="\x00\x00"))).facts
    assert facts.make
    assert facts.make.isprintable()
    assert facts.make.startswith("Mi")
    assert len(facts.make) == 64
    assert facts.model is None


@pytest.mark.parametrize(
    "nonsense",
    [b"Exif\x00\x00", b"Exif\x00\x00MM\x00*\xff\xff\xff\xff", b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff" + b"\xff" * 90],
)
def test_nonsense_in_exif_never_refuses_a_picture(develop: Develop, nonsense: bytes) -> None:
    assert develop(written(scene(), exif=nonsense)).size == scene().size


def test_the_digest_is_of_the_bytes_that_were_sent(develop: Develop) -> None:
    assert (
        develop(b"".join([written(Image.new("RGB", (8, 8))), b"!"])).sha256 != develop(written(Image.new("RGB", (8, 8)))).sha256
    )


def test_one_size_may_be_asked_for(develop: Develop) -> None:
    assert develop(written(scene(2000, 1500)), sizes=(960,)).print(960).size == (960, 720)
