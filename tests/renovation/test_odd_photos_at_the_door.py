"""Whatever a phone sends for a photo of a visit: it is taken or refused in plain words, and nothing of it stays behind."""

import os
import random
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import select

from app.photos.models import Photo
from tests.cast import House
from tests.making import fresh
from tests.photos.snapshots import TURNED_HEIC, exif, png_of, scene, written
from tests.renovation.sites import project_in, said, send, signed

SECRET = "<script>alert(1)</script>"
GPS = (28.2278, 112.9388)
REAL = os.environ.get("GONGZHI_PHOTOS", "")


def whole() -> list[bytes]:
    shot = written(scene(), exif=exif(orientation=6, make="HUAWEI", model="P20", gps=GPS))
    return [signed(shot, SECRET), TURNED_HEIC, *(written(scene(320, 240), kind) for kind in ("PNG", "WEBP", "AVIF"))]


def mutated(files: list[bytes], rounds: int) -> Iterator[bytes]:
    """Truncated, with bits flipped, with a stretch of another file in the middle."""
    dice = random.Random(27)
    for n in range(rounds):
        file = bytearray(files[n % len(files)])
        match n % 3:
            case 0:
                del file[dice.randrange(1, len(file)) :]
            case 1:
                for _ in range(dice.randrange(1, 40)):
                    file[dice.randrange(len(file))] ^= 1 << dice.randrange(8)
            case 2:
                at, other = dice.randrange(len(file)), dice.choice(files)
                file[at : at + 200] = other[:200]
        yield bytes(file)


def sent_in(house: House, contents: list[bytes]) -> list[int]:
    """Each as a photo of its own visit; what the door answered."""
    project, answers = project_in(house), []
    for content in contents:
        visit, photo = fresh(), fresh()
        announced = {"id": str(photo), "source": "camera"}
        assert house.chen.api.put(f"/visits/{visit}", said(project) | {"photos": [announced]}).status == 201
        answers.append(send(house.chen, visit, photo, content).status)
    return answers


def check_what_is_left(house: House, taken: int) -> None:
    """A row for each that was taken, exactly its files on the disk, and in what is shown nothing but pixels."""
    state = house.app.state
    with house.session() as session:
        photos = session.exec(select(Photo)).all()
    assert len(photos) == taken
    assert list(state.desk.directory.iterdir()) == []
    derived = {key for photo in photos for key in (photo.k1600, photo.k960, photo.k320)}
    kept = {file.name for file in state.blobs.directory.glob("??/*")}
    assert kept == derived | {photo.original_key for photo in photos if photo.original_key}
    for key in derived:
        with state.blobs.open(key) as file:
            content = file.read()
        with Image.open(BytesIO(content)) as image:
            assert not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert SECRET.encode() not in content
        assert sha256(content).hexdigest() == key


def test_two_hundred_mutilated_photos_at_the_door(house_sqlite: House) -> None:
    contents = [*whole(), png_of(8000, 8000), *mutated(whole(), 200)]
    answers = sent_in(house_sqlite, contents)
    assert set(answers) <= {201, 415, 422}, answers
    assert answers[: len(whole())] == [201] * len(whole())
    assert answers[len(whole())] == 422, "a bomb"
    assert answers.count(201) < len(answers) - 60, "the control: many of them are broken"
    check_what_is_left(house_sqlite, answers.count(201))


@pytest.mark.skipif(not REAL, reason="not run: real photos. Set GONGZHI_PHOTOS to their folder.")
def test_real_photos_and_what_is_left_of_them_at_the_door(house_sqlite: House) -> None:
    real = [file.read_bytes() for file in sorted(Path(REAL).glob("*/*")) if file.is_file()]
    assert len(real) == 28
    small = [content for content in real if len(content) < 2_000_000]
    answers = sent_in(house_sqlite, [*real, *mutated(small, 100)])
    assert set(answers) <= {201, 413, 415, 422}, answers
    assert answers[:28].count(201) == 25, "as test_real_photos tells of each"
    check_what_is_left(house_sqlite, answers.count(201))
