"""The server is killed (SIGKILL) at twenty random points while people sign up and decisions are put on record, and at the
one point that chance seldom finds: between a photo's files and its row.

What was acknowledged is there, every log verifies, nothing is there twice when the phone sends it again, and the next
server starts as if nothing had been.
"""

import fcntl
import hashlib
import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, func, select

from app.backups.manifest import facts_of, needed_files, unsound
from app.council.models import Decision
from app.kit.blobs import LocalBlobs
from app.kit.db import reading
from app.kit.ids import new_id
from app.photos.models import Photo
from app.photos.service import sweep_orphans
from app.volunteering.models import Shift
from app.volunteering.signup_models import Signup
from tests.faults.served import Phone, Served, acknowledged, all_in_use, database_in, missing_in, neighbours, site
from tests.renovation.sites import said, signed, snapshot

POINTS = 20


@pytest.fixture
def phones(sqlite_url: str, tmp_path: Path) -> list[Phone]:
    with database_in(tmp_path, sqlite_url) as db:
        return neighbours(db)


@pytest.fixture
def served(tmp_path: Path, phones: list[Phone]) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.close()


def test_what_was_acknowledged_survives_twenty_kills(served: Served, phones: list[Phone], tmp_path: Path) -> None:
    dice, busy = random.Random(20), 0
    with all_in_use(phones, served):
        for _ in range(POINTS):
            before = acknowledged(phones)
            server = served.start()
            deadline = time.monotonic() + 30
            while acknowledged(phones) == before:
                assert time.monotonic() < deadline, [phone.surprises for phone in phones]
                time.sleep(0.002)
            time.sleep(dice.uniform(0, 0.15))
            os.kill(server, signal.SIGKILL)
            busy += acknowledged(phones) > before
        served.close()
    assert busy == POINTS
    assert [surprise for phone in phones for surprise in phone.surprises] == []
    assert sum(phone.told_to_wait for phone in phones) == 0
    with database_in(tmp_path) as db, reading(db) as session:
        facts = facts_of(session)
        assert missing_in(session, phones) == []
        still = select(Signup.id).where(col(Signup.id).in_([id for phone in phones for id in phone.withdrawn]))
        assert session.exec(still.where(Signup.state != "withdrawn")).all() == []
        assert unsound(session, facts) == []
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        (compound,) = facts.compounds.values()
        assert compound.log_size == session.exec(select(func.count()).select_from(Decision)).one()
        shift = session.exec(select(Shift)).one()
        assert shift.taken == session.exec(select(func.count()).where(Signup.state == "confirmed")).one()


def test_a_photo_killed_between_its_files_and_its_row_is_sent_again_and_is_one(sqlite_url: str, tmp_path: Path) -> None:
    """The writers' turn is held, so that the photo's files are kept and its row waits; there the server is killed."""
    with database_in(tmp_path, sqlite_url) as db:
        here = site(db)
    visit, photos = new_id(), [new_id(), new_id()]
    pictures = [signed(snapshot(1), f"{n}") for n in range(2)]
    paths = [f"/api/v1/c/fengshu/visits/{visit}/photos/{id}" for id in photos]
    served, blobs = Served(tmp_path), LocalBlobs(tmp_path / "photos")
    kept = [hashlib.sha256(picture).hexdigest() for picture in pictures]
    try:
        server = served.start()
        with served.client(here.chen) as client:
            announced = [{"id": str(id), "source": "camera"} for id in photos]
            assert client.put(f"/api/v1/c/fengshu/visits/{visit}", json=said(here.project) | {"photos": announced}).is_success
            with ThreadPoolExecutor(2) as phone, (tmp_path / "gongzhi.db.writers").open() as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                sent = [phone.submit(client.put, path, content=picture) for path, picture in zip(paths, pictures, strict=True)]
                deadline = time.monotonic() + 30
                while not all(map(blobs.exists, kept)):
                    assert time.monotonic() < deadline
                    time.sleep(0.005)
                os.kill(server, signal.SIGKILL)
                assert all(isinstance(one.exception(30), httpx.TransportError) for one in sent), "no answer was given"
        with database_in(tmp_path) as db, reading(db) as session:
            assert session.exec(select(Photo)).all() == [], "files without rows: the point that was meant"
        server = served.start()
        with served.client(here.chen) as client:
            assert [client.put(paths[0], content=pictures[0]).status_code for _ in range(2)] == [201, 200]
            states = [one["state"] for one in client.get(f"/api/v1/c/fengshu/visits/{visit}/manifest").json()["photos"]]
            assert states == ["received", "missing"]
        os.kill(server, signal.SIGKILL)
    finally:
        served.close()
    with database_in(tmp_path) as db, reading(db) as session:
        assert sweep_orphans(session, blobs) == 0, "younger than a day"
        assert sweep_orphans(session, blobs, timedelta()) == 1, "the original that never got its row"
        assert {file.name for file in blobs.directory.glob("??/*")} == needed_files(session)
    for file in blobs.directory.glob("??/*"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name
