"""Pictures from phones: received up to a limit, then opened in a process that may die of it (`kit.darkroom`).

    desk.look_for_place()       # before the body is read: who cannot be served hears so at once
    with await receive(request, desk.directory) as received:
        with await to_thread.run_sync(desk.develop, received) as developed:
            ...                     # keep the files, then open the transaction: decoding never holds the write token

Every way in which a file can be bad ends as a PictureProblem; the server goes on with the next one.
"""

import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from queue import Empty, LifoQueue
from threading import BoundedSemaphore, Timer
from typing import Annotated, ClassVar, Literal

import structlog
from fastapi import Request
from pydantic import Field, TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

import app
from app.kit.blobs import CHUNK, CannotStore, storing
from app.kit.clock import ZONE
from app.kit.i18n import mark
from app.kit.refusals import Refusal

log = structlog.get_logger()

MAX_BYTES = 25_000_000
MAX_PAGES = 20
SIZES = (1600, 960, 320)
"""Longest side of each derivative in px. A 2048 px one would force a full decode: three times the work (FIELD §1)."""


class PictureProblem(Refusal):
    """This file is not taken. `code` is what the darkroom calls it."""

    status = 422
    code: ClassVar[str]
    advice = mark("请重拍，或换一张照片。")


class EmptyPicture(PictureProblem):
    code = "empty"
    says = mark("照片是空的，没有收到内容。")


class PictureTooLarge(PictureProblem):
    """More bytes than the limit. `mb`: the limit in MB."""

    status = 413
    code = "too_large"
    says = mark("照片超过 %(mb)s MB，未收原图。")
    advice = mark("原图留在手机里，可以发缩小的。")


class TooManyPixels(PictureProblem):
    """The original stays on the phone (未收原图); a smaller copy is welcome. Never parks a visit."""

    code = "too_many_pixels"
    says = mark("照片像素太多，未收原图。")
    advice = mark("原图留在手机里，可以发缩小的。")


class WrongType(PictureProblem):
    status = 415
    code = "wrong_type"
    says = mark("这不是能收的照片格式。")


class Animated(PictureProblem):
    status = 415
    code = "animated"
    says = mark("会动的图不能收。")


class Damaged(PictureProblem):
    code = "damaged"
    says = mark("照片文件坏了，打不开。")


class DamagedPdf(PictureProblem):
    code = "damaged_pdf"
    says = mark("PDF 文件坏了，打不开。")
    advice = mark("请换一个文件，或者把票据拍下来。")


class EncryptedPdf(PictureProblem):
    code = "encrypted"
    says = mark("PDF 有密码，打不开。")
    advice = mark("请去掉密码再传，或者把票据拍下来。")


class TooManyPages(PictureProblem):
    """`most`: the limit in pages."""

    code = "too_many_pages"
    says = mark("PDF 超过 %(most)s 页。")
    advice = mark("请只传和这一笔有关的几页。")


class TooHeavy(PictureProblem):
    """Opening it took more memory or time than one picture may have."""

    code = "too_heavy"
    says = mark("这张照片太复杂，打不开。")


class Crashed(PictureProblem):
    """The darkroom died of it."""

    code = "crashed"
    says = mark("这张照片打不开。")


class DeskBusy(PictureProblem):
    """Too many pictures wait already. Nothing is wrong with this one."""

    status = 503
    code = "busy"
    says = mark("照片太多，正在排队。")
    advice = mark("请过一会儿再试。")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "5"}


class DarkroomDown(RuntimeError):
    """The darkroom does not start at all: the fault is ours, no picture is blamed for it."""


PROBLEMS: dict[str, type[PictureProblem]] = {kind.code: kind for kind in PictureProblem.__subclasses__()}


@dataclass(frozen=True)
class Received:
    """An upload on the disk, complete. Use as a context manager: the file goes when the block ends."""

    path: Path
    sha256: str
    size: int

    def __enter__(self) -> "Received":
        return self

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)


async def receive(source: Request | UploadFile, directory: Path, limit: int = MAX_BYTES) -> Received:
    """Write a raw request body or a multipart file into `directory`, hashing on the way.

    Stops at the first byte over `limit`, whatever length was announced. Raises PictureTooLarge, CannotStore, and
    ClientDisconnect when the sender went away; none of them leaves a file behind.
    """
    if isinstance(source, Request) and int(source.headers.get("content-length", 0)) > limit:
        raise PictureTooLarge(mb=limit // 1_000_000)
    path = directory / f"received-{secrets.token_hex(16)}"
    digest, size = hashlib.sha256(), 0
    with ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        with storing(), open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            async for chunk in _chunks(source):
                size += len(chunk)
                if size > limit:
                    raise PictureTooLarge(mb=limit // 1_000_000)
                digest.update(chunk)
                file.write(chunk)  # into the page cache: shorter than a thread's hop
        undo.pop_all()
    return Received(path, digest.hexdigest(), size)


async def _chunks(source: Request | UploadFile) -> AsyncIterator[bytes]:
    if isinstance(source, Request):
        async for chunk in source.stream():
            yield chunk
    else:
        while chunk := await source.read(CHUNK):
            yield chunk


Box = tuple[int, int, int, int]
"""Left, top, right and bottom of what is covered, in ten-thousandths of the upright picture's width and height."""


@dataclass(frozen=True)
class Caption:
    """Lines drawn over the foot of a picture, in letters of a font's file (`index`: of several fonts in it)."""

    lines: Sequence[str]
    font: Path
    index: int


@dataclass(frozen=True)
class Facts:
    """What the camera wrote about itself: evidence that may be absent, and that anyone can forge.

    `exif_at` is in UTC; where the camera wrote no offset (`exif_offset` None, else minutes) its clock is taken to be
    the compound's. `lat` and `lon` in degrees, WGS 84.
    """

    exif_at: datetime | None
    exif_offset: int | None
    lat: float | None
    lon: float | None
    make: str | None
    model: str | None


@dataclass(frozen=True)
class Developed:
    """A picture that could be opened, and its derivatives. As a context manager it takes its files away at the end.

    `width` and `height` in px, upright. `phash`, `dhash`: 64 bits each in hex, alike for pictures that look alike (FIELD §1).
    `derivatives`: longest side in px → a JPEG file without any metadata.
    `original` is the file that was sent, of `size` bytes; of a PDF with several `pages` one page has been developed.
    """

    original: Path
    sha256: str
    size: int
    format: str
    width: int
    height: int
    pages: int
    derivatives: Mapping[int, Path]
    phash: str
    dhash: str
    facts: Facts
    folder: Path

    def __enter__(self) -> "Developed":
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Limits:
    """What one picture may cost: pixels by its header, bytes of address space, seconds of CPU and of waiting.

    A child is replaced after `pictures` of them, so that what a library leaks is given back. Measured at 60 megapixels:
    JPEG 70 MB, progressive 220, HEIC 520, PNG with alpha 590, WebP 960; WebP with alpha is too heavy from about 55 on.
    """

    pixels: int = 60_000_000
    memory: int = 1 << 30
    cpu: int = 20
    wall: float = 40
    pictures: int = 200


LIMITS = Limits()


@dataclass(frozen=True)
class _CameraFacts:
    exif_time: str | None = None
    exif_offset: Annotated[int, Field(ge=-14 * 60, le=14 * 60)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    make: Annotated[str, Field(max_length=64)] | None = None
    model: Annotated[str, Field(max_length=64)] | None = None


_Print = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


@dataclass(frozen=True)
class _Report:
    """What the darkroom answers. It has been with strangers: nothing it says is believed unchecked."""

    format: Literal["JPEG", "MPO", "PNG", "WEBP", "HEIF", "AVIF", "PDF"]
    width: Annotated[int, Field(ge=1, le=1_000_000)]
    height: Annotated[int, Field(ge=1, le=1_000_000)]
    facts: _CameraFacts
    phash: _Print
    dhash: _Print
    pages: Annotated[int, Field(ge=1)] = 1


@dataclass(frozen=True)
class _Problem:
    problem: str


_ANSWER: TypeAdapter[_Report | _Problem] = TypeAdapter(_Report | _Problem)


class PictureDesk:
    """Takes pictures in, has them developed by its children, one picture each at a time.

    `directory`: where uploads and derivatives stand until they are kept or dropped; processes may share it. At most
    `line` callers wait; the next one hears DeskBusy at once. Children start with the first picture and stay warm.
    Safe to use from many threads; call it outside any transaction. Close it, or use it as a context manager.
    """

    def __init__(self, directory: Path, *, children: int = 1, line: int = 8, limits: Limits = LIMITS) -> None:
        self.directory = directory.absolute()
        self.limits = limits
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_leftovers(self.directory)
        self._places = BoundedSemaphore(children + line)
        self._idle: LifoQueue[_Child | None] = LifoQueue()  # None: a child not yet started
        self._children = children
        for _ in range(children):
            self._idle.put(None)

    def look_for_place(self) -> None:
        """Raises DeskBusy while `develop` would. Nothing is held for the caller: a phone that takes minutes to send would
        keep everybody else out, so `develop` looks again.
        """
        if not self._places.acquire(blocking=False):
            raise DeskBusy
        self._places.release()

    def develop(
        self,
        source: Received | Path | bytes,
        sizes: Sequence[int] = SIZES,
        *,
        page: int = 0,
        boxes: Sequence[Box] = (),
        caption: Caption | None = None,
    ) -> Developed:
        """Blocks until the derivatives are written (a tenth of a second for a JPEG of 12 megapixels, a half for HEIC).

        `sizes`: longest sides in px, largest first. `page`: which one of a PDF, from 1; a picture is taken whatever it says,
        and 0 takes pictures only. What lies under `boxes` is in no derivative, a `caption` is in all.

        Raises a PictureProblem, or CannotStore.
        """
        if not self._places.acquire(blocking=False):
            raise DeskBusy
        with ExitStack() as undo, storing():
            undo.callback(self._places.release)
            folder = Path(tempfile.mkdtemp(prefix="developing-", dir=self.directory))
            half_done = undo.enter_context(ExitStack())
            half_done.callback(shutil.rmtree, folder, ignore_errors=True)
            received = _as_received(source, folder)
            if not received.size:
                raise EmptyPicture
            if received.size > MAX_BYTES:
                raise PictureTooLarge(mb=MAX_BYTES // 1_000_000)
            where = {"file": str(received.path.absolute()), "folder": str(folder)}
            drawn = caption and {"lines": list(caption.lines), "font": str(caption.font), "index": caption.index}
            asked = {"sizes": list(sizes), "page": page, "boxes": [list(box) for box in boxes], "caption": drawn}
            report = self._ask(where | asked)
            if report.pages > MAX_PAGES:
                raise TooManyPages(most=MAX_PAGES)
            derivatives = {size: folder / f"{size}.jpg" for size in sizes}
            if not all(map(_is_jpeg, derivatives.values())):
                raise Crashed
            half_done.pop_all()
        return Developed(
            original=received.path,
            sha256=received.sha256,
            size=received.size,
            format=report.format,
            width=report.width,
            height=report.height,
            pages=report.pages,
            derivatives=derivatives,
            phash=report.phash,
            dhash=report.dhash,
            facts=_facts(report.facts),
            folder=folder,
        )

    def close(self) -> None:
        """Send the children home; waits for pictures that are being developed, up to their wall clock."""
        for _ in range(self._children):
            child = self._idle.get(timeout=self.limits.wall + 1)
            if child:
                child.stop()

    def __enter__(self) -> "PictureDesk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: Mapping[str, object]) -> _Report:
        with self._child() as child:
            reply = child.ask(json.dumps(request).encode())
            try:
                answer = _ANSWER.validate_json(reply)
            except ValidationError:
                child.stop()
                raise Crashed from None
            if isinstance(answer, _Report):
                return answer
            if answer.problem == TooHeavy.code:
                child.stop()  # its memory is in pieces
            if answer.problem == "cannot_store":
                raise CannotStore
            raise PROBLEMS.get(answer.problem, Crashed)

    @contextmanager
    def _child(self) -> Iterator["_Child"]:
        try:
            child = self._idle.get(timeout=self.limits.wall)
        except Empty:
            raise DeskBusy from None
        try:
            if child and not child.fit:
                child.stop()
                child = None
            child = child or _Child(self.limits)
            yield child
        finally:
            self._idle.put(child)


class _Child:
    """One darkroom, from its start to its end."""

    def __init__(self, limits: Limits) -> None:
        """Returns when it is warm. Raises DarkroomDown."""
        self._limits = limits
        self._pictures = 0
        self._out_of_time = False
        asked = {name: value for name, value in asdict(limits).items() if name != "wall"}
        kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 our own program
            [sys.executable, "-P", "-m", "app.kit.darkroom", json.dumps(asked)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Almost no environment, because that is where the secrets are.
            env={"PYTHONPATH": str(Path(app.__file__).absolute().parents[1]), "PYTHONUTF8": "1", **kept},
            start_new_session=True,  # Ctrl-C on a terminal is the server's business: it sends its children home
        )
        if self._in_time(self._hear) is None:
            self.stop()
            raise DarkroomDown(f"it ended with {self._process.returncode} before its first picture; its error output says why")

    @property
    def fit(self) -> bool:
        """Whether it may have another picture."""
        return self._process.poll() is None and self._pictures < self._limits.pictures

    def ask(self, request: bytes) -> bytes:
        """Raises TooHeavy or Crashed when it dies over the picture; then it is not `fit` any more."""
        self._pictures += 1
        reply = self._in_time(lambda: self._say(request) and self._hear())
        if reply:
            return reply
        self.stop()
        slow = self._out_of_time or self._process.returncode == -signal.SIGXCPU
        log.warning("darkroom_lost", returncode=self._process.returncode, out_of_time=slow)
        raise TooHeavy if slow else Crashed

    def stop(self) -> None:
        """End it at once; it never holds anything worth waiting for."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):  # what could not be said is still in its buffer
                assert pipe
                pipe.close()

    def _in_time(self, talk: Callable[[], bytes | None]) -> bytes | None:
        """What `talk` returns; the child is killed, and so the talk ended, when it takes too long."""
        clock = Timer(self._limits.wall, self._give_up)
        clock.start()
        try:
            return talk()
        finally:
            clock.cancel()
            clock.join()

    def _say(self, request: bytes) -> bytes | None:
        assert self._process.stdin
        try:
            self._process.stdin.write(len(request).to_bytes(4) + request)
            self._process.stdin.flush()
        except BrokenPipeError:
            return None
        return request

    def _hear(self) -> bytes | None:
        """None when the other end has gone, or says more than an answer can need."""
        assert self._process.stdout
        length = int.from_bytes(self._process.stdout.read(4))
        if not 0 < length < 1 << 16:
            return None
        reply = self._process.stdout.read(length)
        return reply if len(reply) == length else None

    def _give_up(self) -> None:
        self._out_of_time = True
        self._process.kill()


def _as_received(source: Received | Path | bytes, folder: Path) -> Received:
    if isinstance(source, Received):
        return source
    if isinstance(source, bytes):
        path = folder / "original"
        path.write_bytes(source)
        return Received(path, hashlib.sha256(source).hexdigest(), len(source))
    with source.open("rb") as file:
        return Received(source, hashlib.file_digest(file, "sha256").hexdigest(), source.stat().st_size)


def _is_jpeg(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(2) == b"\xff\xd8"
    except FileNotFoundError:
        return False


def _facts(camera: _CameraFacts) -> Facts:
    exif_at = _moment(camera.exif_time, camera.exif_offset)
    return Facts(exif_at, camera.exif_offset, camera.lat, camera.lon, camera.make, camera.model)


def _moment(clock: str | None, offset: int | None) -> datetime | None:
    """A camera's clock as a moment; none where it shows no date, as a camera does whose battery was out."""
    try:
        shown = datetime.fromisoformat(clock or "")
    except ValueError:
        return None
    if not 1900 < shown.year < 2200:
        return None
    zone = ZONE if offset is None else timezone(timedelta(minutes=offset))
    return shown.replace(tzinfo=zone).astimezone(UTC)


def _clear_leftovers(directory: Path) -> None:
    """What a killed server left behind. An hour, because another process may be using the rest right now."""
    for left in (*directory.glob("received-*"), *directory.glob("developing-*")):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > 3600:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
