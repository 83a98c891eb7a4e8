"""The row of a photo: once however often it is sent, and honest about what did not arrive."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Barrier
from uuid import UUID

import anyio
import pytest
import time_machine
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select

from app import main
from app.access.consents import Purpose
from app.access.models import Consent
from app.compounds.models import Compound
from app.kit.blobs import LocalBlobs
from app.kit.db import Database, reading, writing
from app.kit.ids import new_id
from app.kit.pictures import Damaged, PictureDesk, Received
from app.photos.intake import TakenIn, take_in
from app.photos.models import Photo, PhotoDiffers, PhotoSource
from app.photos.queries import knows_key, photos_of
from app.photos.schemas import Capture
from app.photos.service import Kept, keep, sweep_orphans
from app.settings import Settings
from tests.photos.conftest import found, move_in
from tests.photos.snapshots import exif, scene, written

NOON = datetime(2026, 6, 12, 4, 0, tzinfo=UTC)


def sent(folder: Path, content: bytes) -> Received:
    path = folder / new_id().hex
    path.write_bytes(content)
    return Received(path, sha256(content).hexdigest(), len(content))


def taken(desk: PictureDesk, blobs: LocalBlobs, folder: Path, content: bytes = b"", **capture: object) -> TakenIn:
    content = content or written(scene(), exif=exif(6, make="Phone", gps=(28.2, 112.9), taken="2026:06:12 11:59:00"))
    with sent(folder, content) as received:
        return take_in(desk, blobs, received, Capture(**capture))  # type: ignore[arg-type]


@pytest.fixture
def picture(desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path) -> TakenIn:
    return taken(desk, blobs, tmp_path)


def kept(database: Database, compound_id: UUID, photo_id: UUID, picture: TakenIn, by: UUID | None = None) -> Kept:
    with writing(database) as session:
        return keep(session, compound_id, photo_id, picture, by)


def consent(database: Database, compound_id: UUID, person_id: UUID) -> None:
    with writing(database) as session:
        session.add(Consent(compound_id=compound_id, person_id=person_id, purpose=Purpose.VISIT_POSITION, wording="同意"))


def how_many(database: Database) -> int:
    with reading(database) as session:
        return session.exec(select(func.count()).select_from(Photo)).one()


def test_a_photo_keeps_what_is_known_about_it(database: Database, fengshu: UUID, picture: TakenIn) -> None:
    chen, photo_id = move_in(database, fengshu, "陈工"), new_id()
    consent(database, fengshu, chen)
    with time_machine.travel(NOON, tick=False):
        assert kept(database, fengshu, photo_id, picture, chen).outcome == "created"
    with reading(database) as session:
        photo = photos_of(session, fengshu, [photo_id])[photo_id]
    assert (photo.width, photo.height, photo.format, photo.bytes) == (600, 800, "JPEG", picture.bytes)
    assert (photo.received_at, photo.exif_at) == (NOON, datetime(2026, 6, 12, 3, 59, tzinfo=UTC))
    assert (photo.lat, photo.lon, photo.accuracy) == (pytest.approx(28.2), pytest.approx(112.9), None)
    assert (photo.make, photo.source, photo.taken_by_id) == ("Phone", PhotoSource.UNKNOWN, chen)
    assert photo.original_key == photo.sha256 == picture.sha256


def test_a_photo_sent_twice_is_one_photo(database: Database, fengshu: UUID, picture: TakenIn) -> None:
    photo_id = new_id()
    first, second = (kept(database, fengshu, photo_id, picture) for _ in range(2))
    assert (first.outcome, second.outcome) == ("created", "same")
    assert first.photo.received_at == second.photo.received_at
    assert how_many(database) == 1


def test_another_picture_under_the_same_id_is_refused(
    database: Database, fengshu: UUID, desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path, picture: TakenIn
) -> None:
    photo_id = new_id()
    kept(database, fengshu, photo_id, picture)
    other = taken(desk, blobs, tmp_path, written(scene(300, 200)))
    with pytest.raises(PhotoDiffers) as refused:
        kept(database, fengshu, photo_id, other)
    assert (refused.value.status, refused.value.facts["stored_sha256"]) == (409, picture.sha256)
    assert len(refused.value.message) <= 25


def test_two_identical_photos_are_legal(database: Database, fengshu: UUID, picture: TakenIn) -> None:
    assert [kept(database, fengshu, new_id(), picture).outcome for _ in range(2)] == ["created", "created"]
    assert how_many(database) == 2


def test_the_same_id_next_door_is_another_photo(database: Database, fengshu: UUID, gonghang: UUID, picture: TakenIn) -> None:
    photo_id = new_id()
    assert kept(database, fengshu, photo_id, picture).outcome == "created"
    with reading(database) as session:
        assert photos_of(session, gonghang, [photo_id]) == {}
    assert kept(database, gonghang, photo_id, picture).outcome == "created"


def test_nobody_next_door_took_it(database: Database, fengshu: UUID, gonghang: UUID, picture: TakenIn) -> None:
    zhao = move_in(database, gonghang, "赵")
    with pytest.raises(IntegrityError):
        kept(database, fengshu, new_id(), picture, zhao)


def test_twenty_parallel_copies_are_one_photo(database: Database, fengshu: UUID, picture: TakenIn) -> None:
    photo_id, start = new_id(), Barrier(20)

    def send(_: int) -> str:
        start.wait(timeout=20)
        return kept(database, fengshu, photo_id, picture).outcome

    with ThreadPoolExecutor(20) as rivals:
        outcomes = sorted(rivals.map(send, range(20)))
    assert outcomes == ["created"] + ["same"] * 19
    assert how_many(database) == 1


def test_only_a_new_photo_raises_the_data_version(database: Database, fengshu: UUID, picture: TakenIn) -> None:
    def version() -> int:
        with reading(database) as session:
            return session.exec(select(Compound.data_version).where(Compound.id == fengshu)).one()

    photo_id, before = new_id(), version()
    kept(database, fengshu, photo_id, picture)
    assert version() == before + 1
    kept(database, fengshu, photo_id, picture)
    assert version() == before + 1


def test_a_smaller_copy_is_marked_as_missing_its_original(desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path) -> None:
    camera_bytes = written(scene(2400, 1800))
    announced = sent(tmp_path, camera_bytes).sha256
    copy = taken(desk, blobs, tmp_path, written(scene(1600, 1200)), announced_sha256=announced)
    assert (copy.original_key, copy.capture.announced_sha256) == (None, announced)
    assert not blobs.exists(copy.sha256)
    whole = taken(desk, blobs, tmp_path, camera_bytes, announced_sha256=announced)
    assert whole.original_key == announced
    assert blobs.exists(announced)


def test_the_place_given_at_capture_wins(database_sqlite: Database, picture: TakenIn) -> None:
    fengshu = found(database_sqlite, "fengshu")
    chen = move_in(database_sqlite, fengshu, "陈工")
    consent(database_sqlite, fengshu, chen)
    capture = Capture(lat=28.1, lon=112.8, accuracy=15, source=PhotoSource.CAMERA)
    photo = kept(database_sqlite, fengshu, new_id(), replace(picture, capture=capture), chen).photo
    assert (photo.lat, photo.lon, photo.accuracy, photo.source) == (28.1, 112.8, 15, "camera")


def test_no_place_is_kept_of_who_has_not_consented(database: Database, fengshu: UUID, picture: TakenIn) -> None:
    capture = Capture(lat=28.1, lon=112.8, accuracy=15, source=PhotoSource.CAMERA)
    for by in (move_in(database, fengshu, "陈工"), None):
        for sent_with in (picture, replace(picture, capture=capture)):
            photo = kept(database, fengshu, new_id(), sent_with, by).photo
            assert (photo.lat, photo.lon, photo.accuracy) == (None, None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lat": 1},
        {"lat": 91, "lon": 0},
        {"lat": 0, "lon": float("nan")},
        {"announced_sha256": "A" * 64},
        {"announced_sha256": ""},
    ],
)
def test_what_a_phone_says_is_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Capture(**wrong)  # type: ignore[arg-type]


def test_a_bad_picture_leaves_no_file(desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        taken(desk, blobs, tmp_path, written(scene())[:3000])
    assert list(blobs.directory.glob("??/*")) == []


def test_files_without_a_row_are_swept_after_a_day(
    database: Database, fengshu: UUID, desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path, picture: TakenIn
) -> None:
    kept(database, fengshu, new_id(), picture)
    rolled_back = taken(desk, blobs, tmp_path, written(scene(300, 200)))
    make_old(blobs)
    young = taken(desk, blobs, tmp_path, written(scene(200, 300)))
    with reading(database) as session:
        assert sweep_orphans(session, blobs) == len(keys(rolled_back))
        assert [knows_key(session, key) for key in keys(picture)] == [True] * len(keys(picture))
    assert all(map(blobs.exists, keys(picture) | keys(young)))
    assert not any(map(blobs.exists, keys(rolled_back)))


def keys(picture: TakenIn) -> set[str]:
    return {key for key in (picture.original_key, picture.k1600, picture.k960, picture.k320) if key}


def make_old(blobs: LocalBlobs) -> None:
    for file in blobs.directory.glob("??/*"):
        os.utime(file, (time.time() - 90_000,) * 2)


def test_an_old_file_whose_row_is_being_written_is_not_swept(
    database: Database, fengshu: UUID, desk: PictureDesk, blobs: LocalBlobs, tmp_path: Path, picture: TakenIn
) -> None:
    """An orphan of yesterday is sent again: its files are young from then on, whatever a reader can see."""
    kept(database, fengshu, new_id(), picture)
    content = written(scene(300, 200))
    taken(desk, blobs, tmp_path, content)
    make_old(blobs)
    again = taken(desk, blobs, tmp_path, content)
    with writing(database) as session:
        keep(session, fengshu, new_id(), again)
        with reading(database) as other:
            assert not knows_key(other, again.k320)
            assert sweep_orphans(other, blobs) == 0
    assert all(map(blobs.exists, keys(again)))


def test_beside_an_empty_database_nothing_is_swept(database_sqlite: Database, blobs: LocalBlobs, picture: TakenIn) -> None:
    make_old(blobs)
    with reading(database_sqlite) as session:
        assert sweep_orphans(session, blobs) == 0
    assert all(map(blobs.exists, keys(picture)))


def test_the_server_sweeps_by_itself(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "FIRST_SWEEP", 0.01)
    monkeypatch.setattr(main, "SWEEP_EVERY", 0.01)
    app = main.create_app(Settings(database_url=sqlite_url, data_dir=tmp_path, worker_in_server=False))
    blobs: LocalBlobs = app.state.blobs
    needed = blobs.put(b"needed")
    fengshu = found(app.state.db, "fengshu")
    with writing(app.state.db) as session:
        sizes = {"k1600": needed, "k960": needed, "k320": needed}
        session.add(Photo(compound_id=fengshu, sha256=needed, width=4, height=3, bytes=6, format="JPEG", **sizes))

    async def serve() -> None:
        async with app.router.lifespan_context(app):
            for content in (b"orphan", b"another"):  # of two days
                old, young = blobs.put(content), blobs.put(content + b", young")
                for key in (old, needed):
                    os.utime(blobs.directory / key[:2] / key, (time.time() - 90_000,) * 2)
                with anyio.fail_after(20):
                    while blobs.exists(old):
                        await anyio.sleep(0.01)
                assert blobs.exists(young)
                assert blobs.exists(needed)

    anyio.run(serve)
