"""A photo as an answer: a picture and nothing else, and a clean no where there is none."""

from io import BytesIO

import pytest
from PIL import Image
from structlog.testing import capture_logs

from app.kit.blobs import LocalBlobs
from app.kit.ids import new_id
from app.kit.pictures import PictureDesk
from app.photos.models import OriginalNotKept, Photo, PhotoSize
from app.photos.serving import PhotoFileMissing, photo_response
from tests.photos.snapshots import TURNED_HEIC


@pytest.fixture
def photo(desk: PictureDesk, blobs: LocalBlobs) -> Photo:
    with desk.develop(TURNED_HEIC) as developed:
        keys = {f"k{size}": blobs.put(file) for size, file in developed.derivatives.items()}
        original = blobs.put(developed.original)
    return Photo(id=new_id(), compound_id=new_id(), original_key=original, format="HEIF", **keys)


@pytest.mark.parametrize("size", [PhotoSize.LARGE, PhotoSize.MIDDLE, PhotoSize.SMALL])
def test_a_browser_can_only_look_at_it(photo: Photo, blobs: LocalBlobs, size: PhotoSize) -> None:
    answer = photo_response(photo, size, blobs)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-disposition"] == "inline"
    assert Image.open(BytesIO(bytes(answer.body))).format == "JPEG"


def test_an_original_is_saved_and_never_shown(photo: Photo, blobs: LocalBlobs) -> None:
    answer = photo_response(photo, PhotoSize.ORIGINAL, blobs)
    assert bytes(answer.body) == TURNED_HEIC
    assert answer.headers["content-type"] == "image/heic"
    assert answer.headers["content-disposition"] == f'attachment; filename="{photo.id}.heic"'
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_an_original_that_stayed_on_the_phone_is_said_so(photo: Photo, blobs: LocalBlobs) -> None:
    photo.original_key = None
    with pytest.raises(OriginalNotKept) as refused:
        photo_response(photo, PhotoSize.ORIGINAL, blobs)
    assert (refused.value.status, refused.value.message) == (404, "未收原图。")


@pytest.mark.parametrize("size", list(PhotoSize))
def test_a_missing_file_is_a_clean_no_and_a_line_for_the_operator(photo: Photo, blobs: LocalBlobs, size: PhotoSize) -> None:
    blobs.delete(photo.key_of(size))
    with capture_logs() as lines, pytest.raises(PhotoFileMissing) as refused:
        photo_response(photo, size, blobs)
    assert (refused.value.status, refused.value.message) == (404, "照片文件不见了。")
    assert lines[0]["event"] == "photo_file_missing"
