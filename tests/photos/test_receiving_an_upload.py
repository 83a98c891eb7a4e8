"""From the wire to the disk, up to the limit and not a byte further."""

import errno
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from app.kit.blobs import CannotStore
from app.kit.pictures import MAX_BYTES, PictureTooLarge, Received, receive

CHUNK = 65_536


class Wire:
    """A request whose body comes in chunks; counts how many were read."""

    def __init__(self, *chunks: bytes, announced: int | None = None, hangs_up: bool = False) -> None:
        self.chunks, self.hangs_up, self.read = list(chunks), hangs_up, 0
        headers = [] if announced is None else [(b"content-length", str(announced).encode())]
        self.request = Request({"type": "http", "method": "PUT", "headers": headers}, self.receive)

    async def receive(self) -> dict[str, Any]:
        if not self.chunks and self.hangs_up:
            return {"type": "http.disconnect"}
        self.read += 1
        body = self.chunks.pop(0) if self.chunks else b""
        return {"type": "http.request", "body": body, "more_body": bool(self.chunks) or self.hangs_up}


def received(source: Request | UploadFile, folder: Path, **limits: int) -> Received:
    return anyio.run(lambda: receive(source, folder, **limits))


def test_a_raw_body_arrives_whole(tmp_path: Path) -> None:
    body = os.urandom(3 * CHUNK + 7)
    with received(Wire(body[:CHUNK], body[CHUNK:]).request, tmp_path) as arrived:
        assert arrived.path.read_bytes() == body
        assert (arrived.sha256, arrived.size) == (hashlib.sha256(body).hexdigest(), len(body))
        assert arrived.path.stat().st_mode & 0o077 == 0  # nobody else on the machine reads it
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_a_form_arrives_whole(tmp_path: Path) -> None:
    body = os.urandom(700_000)
    upload = UploadFile(BytesIO(body), filename="../../etc/passwd")
    with received(upload, tmp_path) as arrived:
        assert arrived.path.read_bytes() == body
        assert arrived.path.parent == tmp_path
        assert "passwd" not in arrived.path.name


def test_an_empty_body_arrives_empty(tmp_path: Path) -> None:
    with received(Wire().request, tmp_path) as arrived:
        assert (arrived.size, arrived.path.exists()) == (0, True)


def test_one_byte_over_the_limit_cuts_the_stream(tmp_path: Path) -> None:
    whole = MAX_BYTES // CHUNK
    chunks = [bytes(CHUNK)] * whole + [bytes(MAX_BYTES - whole * CHUNK)]
    with received(Wire(*chunks).request, tmp_path) as arrived:
        assert arrived.size == MAX_BYTES
    wire = Wire(*chunks, b"!", *[bytes(CHUNK)] * 100)
    with pytest.raises(PictureTooLarge) as refused:
        received(wire.request, tmp_path)
    assert wire.read == len(chunks) + 1
    assert refused.value.message == "照片超过 25 MB，未收原图。"
    assert list(tmp_path.iterdir()) == []


def test_a_form_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureTooLarge):
        received(UploadFile(BytesIO(bytes(1001))), tmp_path, limit=1000)
    assert list(tmp_path.iterdir()) == []


def test_an_announced_excess_is_not_even_read(tmp_path: Path) -> None:
    wire = Wire(b"x", announced=MAX_BYTES + 1)
    with pytest.raises(PictureTooLarge):
        received(wire.request, tmp_path)
    assert wire.read == 0


def test_a_lie_about_the_length_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(PictureTooLarge):
        received(Wire(bytes(1001), announced=5).request, tmp_path, limit=1000)
    assert list(tmp_path.iterdir()) == []


def test_who_hangs_up_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ClientDisconnect):
        received(Wire(bytes(CHUNK), hangs_up=True).request, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_upload_leaves_nothing_behind(tmp_path: Path) -> None:
    async def forever() -> AsyncIterator[bytes]:
        yield bytes(CHUNK)
        await anyio.sleep_forever()

    async def cancelled() -> None:
        wire = Wire()
        wire.request.stream = forever  # type: ignore[method-assign, assignment]
        with anyio.move_on_after(0.05):
            await receive(wire.request, tmp_path)

    anyio.run(cancelled)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing_behind(tmp_path: Path, full_disk: Callable[[], None]) -> None:
    full_disk()
    with pytest.raises(CannotStore) as refused:
        received(Wire(bytes(CHUNK), bytes(CHUNK)).request, tmp_path)
    assert refused.value.status == 507  # the phone tries again: its photo is not to blame
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_disk_that_takes_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    def refuse(*_: Any) -> int:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr("app.kit.pictures.os.open", refuse)
    with pytest.raises(CannotStore):
        received(Wire(b"x").request, tmp_path)
