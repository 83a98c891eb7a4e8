"""A copy with boxes painted over: what lay under them is in no file of it, and what there was before is as it was."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from sqlmodel import Session

from app.kit.blobs import BlobMissing, LocalBlobs
from app.kit.db import Database, writing
from app.kit.ids import new_id
from app.kit.pictures import SIZES, Box, PictureDesk
from app.photos.boxes import BoxWish, percents, written
from app.photos.intake import redact, take_in, take_in_paper
from app.photos.models import OriginalNotKept, Photo, PhotoDiffers, PhotoSize
from app.photos.queries import redactions_of
from app.photos.schemas import Capture
from app.photos.service import keep, keep_redacted, sweep_orphans
from tests.photos import snapshots
from tests.photos.conftest import Seen, move_in
from tests.photos.papers import pdf
from tests.photos.snapshots import exif, held, profile
from tests.photos.test_keeping_a_photo import sent

Develop = Callable[..., Seen]

BOX: Box = (2_000, 3_000, 5_000, 4_500)


def inside(picture: Image.Image, box: Box, margin: int = 1) -> Image.Image:
    """What lies under a box, without the pixels that JPEG mixes at its edge."""
    left, right = (int(x * picture.width / 10_000) for x in (box[0], box[2]))
    top, bottom = (int(y * picture.height / 10_000) for y in (box[1], box[3]))
    return picture.convert("L").crop((left + margin, top + margin, right - margin, bottom - margin))


def is_black(picture: Image.Image) -> bool:
    return max(picture.tobytes()) < 24


@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_lies_under_a_box_is_gone_in_every_size_however_the_phone_was_held(develop: Develop, orientation: int) -> None:
    photo = snapshots.written(held(orientation, Image.new("RGB", (1800, 1200), "white")), exif=exif(orientation))
    seen = develop(photo, boxes=[BOX])
    assert seen.size == (1800, 1200)
    for size in SIZES:
        picture = seen.print(size)
        assert is_black(inside(picture, BOX, 4)), size
        rest = picture.convert("L")
        assert rest.getpixel((5, 5)) == 255, "and only what lies under it"
        assert rest.getpixel((int(picture.width * 0.55), int(picture.height * 0.4))) > 250  # type: ignore[operator]


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("WEBP", "RGBA")]
)
def test_in_every_kind_of_picture(develop: Develop, kind: str, mode: str) -> None:
    light = Image.new("RGB", (900, 600), "white").convert(mode)
    seen = develop(snapshots.written(light, kind), boxes=[BOX])
    assert all(is_black(inside(seen.print(size), BOX, 4)) for size in SIZES)


def test_also_where_a_profile_says_that_black_is_a_colour(develop: Develop) -> None:
    photo = snapshots.written(Image.new("RGB", (900, 600), (250, 20, 20)), icc_profile=profile(red_is_green=True))
    assert is_black(inside(develop(photo, boxes=[BOX]).print(), BOX, 4))


def test_also_on_a_page_of_a_pdf(develop: Develop) -> None:
    top: Box = (0, 0, 10_000, 600)
    seen = develop(pdf(2), page=2, boxes=[top])
    assert all(is_black(inside(seen.print(size), top, 4)) for size in SIZES)


def test_a_box_takes_every_pixel_that_it_touches(develop: Develop) -> None:
    """The thinnest box there is still hides a whole line of the original, before anything is made smaller."""
    stripe = Image.new("RGB", (1000, 1000), "black")
    stripe.paste("white", (0, 500, 1000, 501))
    line: Box = (0, 5_004, 10_000, 5_005)
    assert max(develop(snapshots.written(stripe, "PNG")).print().convert("L").tobytes()) > 200
    assert max(develop(snapshots.written(stripe, "PNG"), boxes=[line]).print().convert("L").tobytes()) < 24


def test_boxes_are_kept_as_they_were_asked_for() -> None:
    wish = BoxWish(left=12.5, top=0, width=30, height=99.99)
    assert wish.box == (1250, 0, 4250, 9999)
    assert percents(written([wish.box, BOX])) == [("12.5", "0", "30", "99.99"), ("20", "30", "30", "15")]
    assert BoxWish(left=90, top=90, width=50, height=50).box == (9000, 9000, 10_000, 10_000)


def kept_photo(session: Session, desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path, compound: UUID, content: bytes) -> Photo:
    with sent(tmp_path, content) as file:
        taken = take_in(desk, blobs, file, Capture())
    return keep(session, compound, new_id(), taken).photo


def test_a_copy_is_a_photo_of_its_own_without_original_and_the_one_before_stays(
    database: Database, desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path, fengshu: UUID
) -> None:
    by = move_in(database, fengshu, "张会计")
    with writing(database) as session:
        content = snapshots.written(Image.new("RGB", (900, 600), "white"), exif=exif(1, make="Phone", gps=(28.2, 112.9)))
        photo = kept_photo(session, desk, blobs, tmp_path, fengshu, content)
        before = {size: photo.key_of(size) for size in PhotoSize}
        first, second = (redact(desk, blobs, photo, boxes) for boxes in ([BOX], [BOX, (0, 0, 500, 500)]))
        id = new_id()
        outcomes = [keep_redacted(session, photo, id, first, written([BOX]), by).outcome for _ in range(2)]
        assert outcomes == ["created", "same"]
        with pytest.raises(PhotoDiffers):
            keep_redacted(session, photo, id, second, "…", by)
        other = keep_redacted(session, photo, new_id(), second, "…", by).photo
        copies = redactions_of(session, photo)
        assert [copy.id for copy in copies] == [id, other.id]
        assert (copies[0].boxes, copies[0].redacts_id, copies[0].sha256) == (written([BOX]), photo.id, copies[0].k1600)
        assert (copies[0].make, copies[0].lat) == (None, None)
        with pytest.raises(OriginalNotKept):
            copies[0].key_of(PhotoSize.ORIGINAL)
        assert {size: photo.key_of(size) for size in PhotoSize} == before
        assert not set(before.values()) & {copies[0].k1600, copies[0].k960, copies[0].k320}


def test_files_of_a_copy_are_not_swept(
    database: Database, desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path, fengshu: UUID
) -> None:
    by = move_in(database, fengshu, "张会计")
    with writing(database) as session:
        photo = kept_photo(session, desk, blobs, tmp_path, fengshu, snapshots.written(Image.new("RGB", (900, 600), "white")))
        copy = keep_redacted(session, photo, new_id(), redact(desk, blobs, photo, [BOX]), written([BOX]), by).photo
        left = redact(desk, blobs, photo, [(0, 0, 100, 100)])
        sweep_orphans(session, blobs, timedelta(seconds=-1))
    assert all(map(blobs.exists, (copy.k1600, copy.k960, copy.k320)))
    assert not blobs.exists(left.k1600), "and one without a row is"


def test_a_page_is_painted_over_from_its_pdf(
    database: Database, desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path, fengshu: UUID
) -> None:
    with sent(tmp_path, pdf(3)) as file:
        third = take_in_paper(desk, blobs, file, Capture())[2]
    with writing(database) as session:
        photo = keep(session, fengshu, new_id(), third).photo
    copy = redact(desk, blobs, photo, [(0, 0, 10_000, 100)])
    assert (copy.original_key, copy.format, copy.k1600 != photo.k1600) == (None, "JPEG", True)
    blobs.delete(third.sha256)
    with pytest.raises(BlobMissing):
        redact(desk, blobs, photo, [BOX])
