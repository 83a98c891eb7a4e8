"""Everybody comes back into coverage at once: 50 photo logs a second, offered for 4 seconds by the clock, whatever the answers.

A log is what an outbox sends: a visit's text, then its photo (a JPEG of 360 kB, 1600 px wide). One server takes less than
that. Each request is accepted or told cleanly when to come again; sent again eight at a time, all arrive,
and what the visits say, the rows and the files' digests agree: none is lost.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import httpx
from PIL import Image, ImageChops
from sqlmodel import col, select

from app.backups.manifest import facts_of, needed_files, unsound
from app.kit.db import reading
from app.kit.ids import new_id
from app.photos.models import Photo
from app.renovation.models import Project, Visit
from tests.faults.served import Served, Site, cleanly_busy, database_in, serving, site
from tests.photos.snapshots import scene, written
from tests.renovation.sites import said, signed

RATE, SECONDS = 50, 4
PATIENCE = 60
"""Seconds after which an answer counts as none. How long the longest takes is for the measurements to say, not for a test."""
VISITS = "/api/v1/c/fengshu/visits"


@cache
def snapshot() -> bytes:
    """As a phone makes an original smaller before it sends it, sensor noise and all."""
    noise = Image.effect_noise((1600, 1200), 14)
    return written(ImageChops.add(scene(1600, 1200), Image.merge("RGB", (noise,) * 3), 2), quality=80)


@dataclass(frozen=True)
class Log:
    project: Project
    visit: UUID = field(default_factory=new_id)
    photo: UUID = field(default_factory=new_id)

    @property
    def text(self) -> dict[str, Any]:
        return said(self.project) | {"photos": [{"id": str(self.photo), "source": "camera"}]}

    @property
    def picture(self) -> bytes:
        return signed(snapshot(), str(self.photo))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.picture).hexdigest()


class Phones:
    """All of them, and what they were told."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.answers: list[httpx.Response] = []
        self.waiting: list[Log] = []
        """Those that were told to come again."""

    async def rush(self, logs: Sequence[Log]) -> None:
        begun = time.monotonic()
        async with anyio.create_task_group() as sending:
            for n, log in enumerate(logs):
                await anyio.sleep(max(0, begun + n / RATE - time.monotonic()))
                sending.start_soon(self.send, log)

    async def send(self, log: Log) -> None:
        for put in ({"url": f"{VISITS}/{log.visit}", "json": log.text}, {"url": photo_of(log), "content": log.picture}):
            answer = await self.client.put(**put)
            self.answers.append(answer)
            if not answer.is_success:
                self.waiting.append(log)
                return

    async def come_again(self) -> None:
        """Until nobody waits any more."""

        async def one() -> None:
            while self.waiting:
                await self.send(self.waiting.pop())

        async with anyio.create_task_group() as sending:
            for _ in range(8):
                sending.start_soon(one)


def photo_of(log: Log) -> str:
    return f"{VISITS}/{log.visit}/photos/{log.photo}"


async def rush_in(served: Served, here: Site, logs: Sequence[Log]) -> None:
    headers = {"cookie": f"sid={here.chen}", "sec-fetch-site": "same-origin"}
    each_its_own = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=served.address, headers=headers, limits=each_its_own, timeout=PATIENCE) as client:
        phones = Phones(client)
        await phones.rush(logs)
        assert len(phones.waiting) < len(logs), "some were taken in the rush itself"
        await phones.come_again()
        odd = [answer for answer in phones.answers if answer.status_code not in (200, 201) and not cleanly_busy(answer)]
        assert [(answer.status_code, answer.text) for answer in odd] == []
        for log in logs:
            (photo,) = (await client.get(f"{VISITS}/{log.visit}/manifest")).json()["photos"]
            assert photo == {"id": str(log.photo), "state": "received", "received_sha256": log.sha256}


def test_fifty_photo_logs_a_second_are_each_taken_or_told_to_wait_and_none_is_lost(sqlite_url: str, tmp_path: Path) -> None:
    with database_in(tmp_path, sqlite_url) as db:
        here = site(db)
    logs = [Log(here.project) for _ in range(RATE * SECONDS)]
    with serving(tmp_path) as served:
        anyio.run(rush_in, served, here, logs)
    sent = {log.photo: log.sha256 for log in logs}
    with database_in(tmp_path) as db, reading(db) as session:
        assert {photo.id: photo.sha256 for photo in session.exec(select(Photo))} == sent
        assert set(session.exec(select(col(Visit.id)))) == {log.visit for log in logs}
        assert unsound(session, facts_of(session)) == []
        kept = {file.name: file for file in (tmp_path / "photos").glob("??/*")}
        assert set(kept) == needed_files(session) >= set(sent.values())
    assert [name for name, file in kept.items() if hashlib.sha256(file.read_bytes()).hexdigest() != name] == []
    assert list((tmp_path / "incoming").iterdir()) == [], "nothing half-received"
