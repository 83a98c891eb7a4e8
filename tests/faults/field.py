"""Everybody comes back into coverage at once: 50 photo logs a second, offered by the clock, whatever the answers.

A log is what an outbox sends: a visit's text, then its photo (a JPEG of 360 kB, 1600 px wide).
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import anyio
import httpx
from PIL import Image, ImageChops

from app.kit.ids import new_id
from app.renovation.models import Project
from tests.faults.served import Site, cleanly_busy
from tests.photos.snapshots import scene, written
from tests.renovation.sites import said, signed

RATE = 50
"""Logs a second."""
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


@dataclass(frozen=True)
class Rush:
    """What became of it. `told_to_wait`: logs that were told so in the rush itself. `odd`: answers that were neither a yes nor a
    clean "come again". `lost`: logs that were taken, at once or later, and whose photo is not here as it was sent.
    """

    told_to_wait: int
    odd: list[tuple[int, str]]
    lost: list[Log]


async def rush_in(address: str, here: Site, logs: Sequence[Log], *, again: bool) -> Rush:
    """All of them, and, where they come `again`, whoever was told to wait until nobody waits any more."""
    headers = {"cookie": f"sid={here.chen}", "sec-fetch-site": "same-origin"}
    each_its_own = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, headers=headers, limits=each_its_own, timeout=PATIENCE) as client:
        phones = Phones(client)
        await phones.rush(logs)
        told_to_wait = len(phones.waiting)
        if again:
            await phones.come_again()
        odd = [one for one in phones.answers if one.status_code not in (200, 201) and not cleanly_busy(one)]
        still, lost = {log.visit for log in phones.waiting}, []
        for log in logs:
            if log.visit not in still:
                (photo,) = (await client.get(f"{VISITS}/{log.visit}/manifest")).json()["photos"]
                if photo != {"id": str(log.photo), "state": "received", "received_sha256": log.sha256}:
                    lost.append(log)
        return Rush(told_to_wait, [(one.status_code, one.text) for one in odd], lost)
