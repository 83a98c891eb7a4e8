"""A PDF becomes pictures of its pages, one by one, in the process that may die of it; nothing but pixels comes out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.kit.blobs import LocalBlobs
from app.kit.pictures import (
    Crashed,
    DamagedPdf,
    EncryptedPdf,
    Limits,
    PictureDesk,
    PictureProblem,
    TooHeavy,
    TooManyPages,
    WrongType,
)
from app.photos.intake import take_in_paper
from app.photos.schemas import Capture
from tests.photos.conftest import Seen
from tests.photos.papers import SECRET, pdf
from tests.photos.snapshots import scene, segments, written
from tests.photos.test_keeping_a_photo import sent

Develop = Callable[..., Seen]


def red(seen: Seen, x: float) -> bool:
    """Whether the bar at the page's top reaches this far, as a part of its width."""
    picture = seen.print()
    r, g, _b = picture.convert("RGB").getpixel((int(picture.width * x), 20))  # type: ignore[misc]
    return r > 200 and g < 80


def test_each_page_is_drawn_as_large_as_a_photo_is_kept(develop: Develop) -> None:
    for number in (1, 2, 3):
        page = develop(pdf(3), page=number)
        assert (page.format, page.pages, page.size) == ("PDF", 3, (1131, 1600))
        assert [page.print(size).size for size in (1600, 960, 320)] == [(1131, 1600), (679, 960), (226, 320)]
        assert red(page, (number - 0.5) / 3), "its own content"
        assert number == 3 or not red(page, (number + 0.5) / 3)


def test_a_page_of_any_shape_is_bounded(develop: Develop) -> None:
    assert develop(pdf(size=(20_000, 20)), page=1).size == (1600, 2)
    assert develop(pdf(size=(3, 4)), page=1).size == (1200, 1600)


def test_nothing_but_pixels_leaves_it(develop: Develop) -> None:
    """JavaScript at opening, an attachment, a link and a title: the pictures are those of the same page without them."""
    busy, plain = develop(pdf(2, busy=True), page=1), develop(pdf(2), page=1)
    assert SECRET in pdf(2, busy=True)
    assert busy.files == plain.files
    for file in busy.files.values():
        assert SECRET not in file
        assert not {0xFFE1, 0xFFED, 0xFFFE} & set(segments(file))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (pdf(locked=True), EncryptedPdf),
        (pdf()[:150], DamagedPdf),
        (b"%PDF-1.7\n", DamagedPdf),
        (b"%PDF-1.7\n" + b"\xff\x00" * 5000, DamagedPdf),
        (pdf(0), DamagedPdf),
        (pdf(21), TooManyPages),
    ],
)
def test_a_pdf_that_cannot_be_taken_says_why(desk: PictureDesk, content: bytes, problem: type[PictureProblem]) -> None:
    with pytest.raises(problem) as no:
        desk.develop(content, page=1)
    assert "PDF" in no.value.message
    assert no.value.next_step
    assert list(desk.directory.iterdir()) == []


def test_twenty_pages_are_taken_in_their_order_with_one_original(desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path) -> None:
    content = pdf(20)
    with sent(tmp_path, content) as file:
        pages = take_in_paper(desk, blobs, file, Capture())
    assert [page.page for page in pages] == [*range(1, 21)]
    assert {(page.sha256, page.original_key, page.format) for page in pages} == {(pages[0].sha256, pages[0].sha256, "PDF")}
    assert len({page.k1600 for page in pages}) == 20
    with blobs.open(pages[0].sha256) as kept:
        assert kept.read() == content


def test_a_photo_among_papers_is_one_page_that_is_none(desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path) -> None:
    with sent(tmp_path, written(scene())) as file:
        (photo,) = take_in_paper(desk, blobs, file, Capture())
    assert (photo.page, photo.format) == (0, "JPEG")


def test_where_photos_are_asked_for_a_pdf_is_none(desk: PictureDesk) -> None:
    with pytest.raises(WrongType):
        desk.develop(pdf())


def test_a_page_that_never_ends_is_stopped(tmp_path: Path) -> None:
    """A form that draws itself a million times: small to send, hours to draw."""
    busy = b"q 1 0 0 rg " + b"0 0 m 595 842 l 0 842 l 595 0 l f* " * 400_000
    with PictureDesk(tmp_path / "desk", limits=Limits(cpu=1, wall=20)) as desk:
        with pytest.raises((TooHeavy, Crashed)):
            desk.develop(pdf(drawn=busy), page=1)
        with desk.develop(pdf(), page=1) as page:
            assert page.pages == 1
