"""Files that never change, each named by its own SHA-256.

One small interface, so that a bucket may stand in for the folder one day. The file is complete, on the disk and under
its name before any row mentions it; a file without a row is an orphan, and is swept once it is old enough.
"""

import errno
import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol

import structlog

from app.kit.i18n import mark
from app.kit.refusals import Refusal

log = structlog.get_logger()

CHUNK = 1 << 18
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}
"""The errors of a disk that takes nothing more: full, over quota, over the longest file, read-only, dying."""


class CannotStore(Refusal):
    """The server's disk takes nothing more. What was sent stays with the sender, whose phone tries again (5xx)."""

    status = 507
    says = mark("服务器现在存不下，请稍后再试。")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}


class BlobMissing(LookupError):
    """No file under this key."""


class Blobs(Protocol):
    """Where files are kept. A key is the lower-case hex SHA-256 of the content."""

    def put(self, content: Path | bytes) -> str:
        """Keep `content` durably, return its key. The same content twice is one file. Raises CannotStore."""

    def open(self, key: str) -> BinaryIO:
        """The content, to be closed by the caller. Raises BlobMissing."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Remove the file, if it is there. Two rows may share one file: ask every row first, or let `sweep` do it."""


class LocalBlobs:
    """Blobs in a folder: `ab/abcdef…`. Several processes may share it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._unfinished = directory / "unfinished"
        self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, content: Path | bytes) -> str:
        unfinished = self._unfinished / secrets.token_hex(16)
        try:
            with storing():
                key = _write(content, unfinished)
                place = self._place(key)
                place.parent.mkdir(mode=0o700, exist_ok=True)
                with self._locked(fcntl.LOCK_SH):
                    unfinished.replace(place)  # also when it is there already: the file is young again, sweep leaves it
                _sync(place.parent)
                _sync(self.directory)
        finally:
            unfinished.unlink(missing_ok=True)
        return key

    def open(self, key: str) -> BinaryIO:
        try:
            return self._place(key).open("rb")
        except FileNotFoundError as absent:
            raise BlobMissing(key) from absent

    def exists(self, key: str) -> bool:
        return self._place(key).is_file()

    def delete(self, key: str) -> None:
        self._place(key).unlink(missing_ok=True)

    def sweep(self, known: Callable[[str], bool], older_than: timedelta) -> int:
        """Remove files that no row knows, and what a killed process left unfinished; returns how many.

        `older_than` is the time a file has from being put until its row is committed.
        """
        swept = 0
        for file in (*self._unfinished.iterdir(), *self.directory.glob("??/*")):
            if not _old(file, older_than) or (file.parent != self._unfinished and known(file.name)):
                continue
            with self._locked(fcntl.LOCK_EX):
                if _old(file, older_than):  # put may have made it young since
                    file.unlink()
                    swept += 1
        return swept

    def _place(self, key: str) -> Path:
        if not re.fullmatch("[0-9a-f]{64}", key):
            raise BlobMissing(key)
        return self.directory / key[:2] / key

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Many may put at once; while one file is being swept, nobody puts."""
        file = os.open(self.directory / "sweeping", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, how)
            yield
        finally:
            os.close(file)


@contextmanager
def storing() -> Iterator[None]:
    """A disk that is full or read-only is a CannotStore inside this block, and a line for the operator."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        log.error("cannot_store", error=errno.errorcode[error.errno])
        raise CannotStore from error


def _write(content: Path | bytes, to: Path) -> str:
    digest = hashlib.sha256()
    with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for chunk in _chunks(content):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _chunks(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _sync(directory: Path) -> None:
    """A renamed file survives a power cut only when its folder is on the disk too."""
    file = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _old(file: Path, than: timedelta) -> bool:
    """By the disk's own clock; a file that has gone is not old."""
    try:
        return time.time() - file.stat().st_mtime > than.total_seconds()
    except FileNotFoundError:
        return False
