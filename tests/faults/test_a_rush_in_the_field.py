"""Everybody comes back into coverage at once: 50 photo logs a second, offered for 4 seconds (`bench.field`: for 30).

One server takes less than that. Each request is accepted or told cleanly when to come again; sent again eight at a time, all
arrive, and what the visits say, the rows and the files' digests agree: none is lost.
"""

import hashlib
from functools import partial
from pathlib import Path

import anyio
from sqlmodel import col, select

from app.backups.manifest import facts_of, needed_files, unsound
from app.kit.db import reading
from app.photos.models import Photo
from app.renovation.models import Visit
from tests.faults.field import RATE, Log, rush_in
from tests.faults.served import database_in, serving, site

SECONDS = 4


def test_fifty_photo_logs_a_second_are_each_taken_or_told_to_wait_and_none_is_lost(sqlite_url: str, tmp_path: Path) -> None:
    with database_in(tmp_path, sqlite_url) as db:
        here = site(db)
    logs = [Log(here.project) for _ in range(RATE * SECONDS)]
    with serving(tmp_path) as served:
        rush = anyio.run(partial(rush_in, again=True), served.address, here, logs)
    assert rush.told_to_wait < len(logs), "some were taken in the rush itself"
    assert (rush.odd, rush.lost) == ([], [])
    sent = {log.photo: log.sha256 for log in logs}
    with database_in(tmp_path) as db, reading(db) as session:
        assert {photo.id: photo.sha256 for photo in session.exec(select(Photo))} == sent
        assert set(session.exec(select(col(Visit.id)))) == {log.visit for log in logs}
        assert unsound(session, facts_of(session)) == []
        kept = {file.name: file for file in (tmp_path / "photos").glob("??/*")}
        assert set(kept) == needed_files(session) >= set(sent.values())
    assert [name for name, file in kept.items() if hashlib.sha256(file.read_bytes()).hexdigest() != name] == []
    assert list((tmp_path / "incoming").iterdir()) == [], "nothing half-received"
