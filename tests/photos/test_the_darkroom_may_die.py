"""What one picture may do to the process that opens it, and that the server and the next picture never feel it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

import app
from app.kit import pictures
from app.kit.blobs import CannotStore
from app.kit.pictures import (
    Crashed,
    DarkroomDown,
    DeskBusy,
    Developed,
    Limits,
    PictureDesk,
    PictureProblem,
    Received,
    TooHeavy,
)
from tests.photos.snapshots import TURNED_HEIC, endless_jpeg, exif, profile, scene, written

PHOTO = written(scene(400, 300))
NewDesk = Callable[..., PictureDesk]


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[NewDesk]:
    desks: list[PictureDesk] = []

    def make(*, children: int = 1, line: int = 8, **limits: float) -> PictureDesk:
        desks.append(PictureDesk(tmp_path / "desk", children=children, line=line, limits=Limits(**limits)))  # type: ignore[arg-type]
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def child_of(desk: PictureDesk) -> int:
    child = desk._idle.queue[-1]
    assert child
    return child._process.pid


def still_works(desk: PictureDesk) -> None:
    with desk.develop(PHOTO) as developed:
        assert (developed.width, developed.height) == (400, 300)
    assert list(desk.directory.iterdir()) == []


@contextmanager
def endless_picture(folder: Path) -> Iterator[Received]:
    """A picture that the child opens, and whose first byte never comes."""
    pipe = folder / f"pipe-{time.monotonic_ns()}"
    os.mkfifo(pipe)
    yield Received(pipe, "0" * 64, 1)


def wait_until_opened(pipe: Path) -> int:
    """The child has the picture in its hands when the pipe finds a reader. Gives the pipe's open end."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < deadline, "no child opened the picture"
            time.sleep(0.005)


def test_a_child_killed_over_a_picture_is_a_clean_no(new_desk: NewDesk, tmp_path: Path) -> None:
    desk = new_desk()
    still_works(desk)
    pid = child_of(desk)
    with endless_picture(tmp_path) as picture, ThreadPoolExecutor(1) as thread:
        developing = thread.submit(desk.develop, picture)
        end = wait_until_opened(picture.path)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(Crashed):
            developing.result(timeout=20)
        os.close(end)
    still_works(desk)
    assert child_of(desk) != pid


def test_a_child_killed_between_pictures_blames_none(new_desk: NewDesk) -> None:
    desk = new_desk()
    still_works(desk)
    os.kill(child_of(desk), signal.SIGKILL)
    os.waitid(os.P_PID, child_of(desk), os.WEXITED | os.WNOWAIT)
    still_works(desk)


def test_a_picture_that_never_ends_runs_into_the_clock(new_desk: NewDesk, tmp_path: Path) -> None:
    desk = new_desk(wall=1)
    with endless_picture(tmp_path) as picture, ThreadPoolExecutor(1) as thread:
        developing = thread.submit(desk.develop, picture)
        end = wait_until_opened(picture.path)
        with pytest.raises(TooHeavy):
            developing.result(timeout=20)
        os.close(end)
    still_works(desk)


def test_a_picture_that_eats_the_processor_is_stopped(new_desk: NewDesk) -> None:
    picture = endless_jpeg(500)
    assert len(picture) < 25_000_000
    desk = new_desk(cpu=1)
    begun = time.monotonic()
    with pytest.raises(TooHeavy):
        desk.develop(picture)
    assert time.monotonic() - begun < 30  # by the CPU limit, not by the wall clock
    still_works(desk)


def test_each_picture_has_processor_time_of_its_own(new_desk: NewDesk) -> None:
    desk = new_desk(cpu=1)
    picture = written(Image.new("RGB", (3000, 3000), "teal"), "PNG", compress_level=1)
    still_works(desk)
    pid = child_of(desk)
    while cpu_seconds(pid) < 1.8:
        with desk.develop(picture):
            pass
    assert child_of(desk) == pid


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_picture_that_eats_memory_is_stopped(new_desk: NewDesk) -> None:
    picture = written(Image.new("RGB", (7000, 7000), "teal"), "PNG", compress_level=1)
    assert len(picture) < 5_000_000
    desk = new_desk(memory=192 << 20)
    still_works(desk)
    pid = child_of(desk)
    with pytest.raises(TooHeavy):
        desk.develop(picture)
    still_works(desk)
    assert child_of(desk) != pid  # its memory was in pieces
    with new_desk(memory=1 << 30).develop(picture) as developed:  # and it was the limit that stopped it
        assert developed.width == 7000


def test_a_child_is_replaced_after_its_share_of_pictures(new_desk: NewDesk) -> None:
    desk = new_desk(pictures=2)
    pids = []
    for _ in range(4):
        still_works(desk)
        pids.append(child_of(desk))
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_the_child_has_no_secrets(new_desk: NewDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    desk = new_desk()
    still_works(desk)
    environment = Path(f"/proc/{child_of(desk)}/environ").read_bytes()
    assert b"do-not-tell" not in environment
    assert b"PYTHONPATH" in environment


def test_the_child_loads_nothing_of_the_house(new_desk: NewDesk) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, app.kit.darkroom; print(*[m for m in sys.modules if m.startswith('app')])"],
        cwd=Path(app.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(loaded.stdout.split()) == {"app", "app.kit", "app.kit.darkroom"}


def test_the_house_loads_no_image_library() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, app.kit.pictures, app.photos.service; print('PIL' in sys.modules)"],
        cwd=Path(app.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "False"


@pytest.mark.parametrize(
    "answer",
    [
        b"not json",
        b'{"problem": "sesame"}',
        b'{"format": "EXE", "width": 1, "height": 1, "facts": {}}',
        b'{"format": "JPEG", "width": -1, "height": 1, "facts": {}}',
        b'{"format": "JPEG", "width": 1, "height": 1, "facts": {"lat": 400}}',
        b'{"format": "JPEG", "width": 1, "height": 1, "facts": {}}',  # a legal answer, and no files
    ],
)
def test_what_the_child_says_is_not_believed(new_desk: NewDesk, monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    desk = new_desk()
    with monkeypatch.context() as patch:
        patch.setattr(pictures._Child, "ask", lambda self, request: answer)
        with pytest.raises(Crashed):
            desk.develop(PHOTO)
    still_works(desk)


@pytest.mark.parametrize("talk", [b"\xff" * 100_000, b"\x00\x00\x00\x09short", b"\x00\x00", bytes(8)])
def test_a_child_that_talks_nonsense_is_cut_off(new_desk: NewDesk, tmp_path: Path, talk: bytes) -> None:
    desk = new_desk()
    still_works(desk)
    child = desk._idle.queue[-1]
    assert child
    assert child._process.stdout
    child._process.stdout.close()
    (tmp_path / "talk").write_bytes(talk)
    child._process.stdout = (tmp_path / "talk").open("rb")
    with pytest.raises(Crashed):
        desk.develop(PHOTO)
    still_works(desk)


def test_a_darkroom_that_does_not_start_blames_no_picture(new_desk: NewDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/bin/false")
        with pytest.raises(DarkroomDown):
            desk.develop(PHOTO)
    assert list(desk.directory.iterdir()) == []
    still_works(desk)


def test_a_full_disk_blames_no_picture(new_desk: NewDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk()
    with monkeypatch.context() as patch:
        patch.setattr(pictures._Child, "ask", lambda self, request: b'{"problem": "cannot_store"}')
        with pytest.raises(CannotStore):
            desk.develop(PHOTO)
    still_works(desk)


def test_who_finds_the_line_full_hears_so_at_once(new_desk: NewDesk, tmp_path: Path) -> None:
    desk = new_desk(line=1, wall=2)
    with endless_picture(tmp_path) as first, ThreadPoolExecutor(2) as threads:
        developing = threads.submit(desk.develop, first)
        end = wait_until_opened(first.path)
        waiting = threads.submit(desk.develop, PHOTO)
        while desk._places._value:
            time.sleep(0.005)
        begun = time.monotonic()
        with pytest.raises(DeskBusy) as refused:
            desk.develop(PHOTO)
        assert time.monotonic() - begun < 1
        assert (refused.value.status, "Retry-After" in refused.value.headers) == (503, True)
        assert isinstance(developing.exception(timeout=20), TooHeavy)
        os.close(end)
        problem = waiting.exception(timeout=20)
        assert problem is None or isinstance(problem, DeskBusy)
        if not problem:
            waiting.result().__exit__()
    still_works(desk)


def test_many_threads_share_two_children(new_desk: NewDesk) -> None:
    desk = new_desk(children=2, line=30)
    pictures_of = {width: written(scene(width, 100)) for width in range(101, 125)}

    def width_of(item: tuple[int, bytes]) -> tuple[int, int]:
        with desk.develop(item[1]) as developed:
            return item[0], developed.width

    with ThreadPoolExecutor(8) as threads:
        for asked, got in threads.map(width_of, pictures_of.items()):
            assert asked == got
    assert desk._idle.qsize() == 2


def test_the_child_goes_when_the_server_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from app.kit.pictures import PictureDesk\n"
        "desk = PictureDesk(Path(sys.argv[1])); desk.develop(sys.stdin.buffer.read())\n"
        "print(desk._idle.queue[-1]._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "desk"],
        cwd=Path(app.__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(PHOTO)
        server.stdin.close()
        child = Path(f"/proc/{int(server.stdout.readline())}")
        assert child.exists()
        server.kill()
        deadline = time.monotonic() + 10
        while child.exists() and "Z" not in (child / "stat").read_text().rpartition(")")[2][:3]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert list((tmp_path / "desk").iterdir())  # what it left, the next server clears away after an hour
    for left in (tmp_path / "desk").iterdir():
        os.utime(left, (0, 0))
    (tmp_path / "desk" / "received-young").touch()
    PictureDesk(tmp_path / "desk").close()
    assert [left.name for left in (tmp_path / "desk").iterdir()] == ["received-young"]


def test_two_hundred_mutilated_pictures_hurt_nobody(new_desk: NewDesk) -> None:
    small = scene(160, 120)
    healthy = [
        written(small, exif=exif(6, make="Phone", gps=(28.2, 112.9), taken="2026:06:12 09:30:00"), icc_profile=profile()),
        written(small, progressive=True, comment=b"hello"),
        written(small.convert("CMYK")),
        written(small, "PNG", exif=exif(3), icc_profile=profile()),
        written(small.convert("P"), "PNG"),
        written(small, "WEBP", exif=exif(8)),
        written(small, "WEBP", lossless=True),
        written(small, "AVIF", exif=exif(5)),
        written(small, "MPO", save_all=True, append_images=[small]),
        TURNED_HEIC,
    ]
    chance = random.Random(28)
    desk = new_desk()
    outcomes: dict[str, int] = {}
    for turn in range(200):
        try:
            with desk.develop(mutilated(healthy[turn % len(healthy)], chance), sizes=(320,)) as developed:
                assert isinstance(developed, Developed)
                outcome = "developed"
        except PictureProblem as problem:
            outcome = problem.code
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert sum(outcomes.values()) == 200
    assert outcomes["developed"] >= 20  # the mutations reach behind the headers
    assert outcomes["damaged"] >= 20
    still_works(desk)


def mutilated(file: bytes, chance: random.Random) -> bytes:
    """Flipped bytes, a hole, a doubled piece, an early end or extreme numbers in the header, one to four of them."""
    data = bytearray(file)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(12, len(data))
        piece = slice(at, at + chance.randint(1, 60))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[piece]
            case 2:
                data[piece] = data[piece] * 2
            case 3:
                data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"))
            case _:
                data = data[: max(40, at)]
        if len(data) < 20:
            break
    return bytes(data)
