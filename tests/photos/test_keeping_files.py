"""Files named by their digest: whole or not there, once however often they come, and swept when nobody needs them."""

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import app
from app.kit.blobs import BlobMissing, Blobs, CannotStore, LocalBlobs

DAY = timedelta(days=1)


def files(blobs: LocalBlobs) -> list[Path]:
    return sorted(path for path in blobs.directory.rglob("*") if path.is_file() and path.name != "sweeping")


def make_old(path: Path) -> None:
    os.utime(path, (time.time() - 2 * 86_400,) * 2)


def path_of(blobs: LocalBlobs, key: str) -> Path:
    return blobs.directory / key[:2] / key


def test_a_file_is_found_by_its_digest(blobs: LocalBlobs, tmp_path: Path) -> None:
    content = os.urandom(1_000_000)
    (tmp_path / "upload").write_bytes(content)
    key = blobs.put(tmp_path / "upload")
    assert key == hashlib.sha256(content).hexdigest()
    assert blobs.exists(key)
    with blobs.open(key) as file:
        assert file.read() == content
    assert (tmp_path / "upload").exists()
    assert path_of(blobs, key).stat().st_mode & 0o077 == 0


def test_the_same_content_is_one_file(blobs: LocalBlobs, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"photo")
    assert blobs.put(b"photo") == blobs.put(tmp_path / "upload") == blobs.put(b"photo")
    assert len(files(blobs)) == 1


def test_a_damaged_file_is_healed_by_the_next_copy(blobs: LocalBlobs) -> None:
    key = blobs.put(b"photo")
    path_of(blobs, key).write_bytes(b"ph")
    blobs.put(b"photo")
    with blobs.open(key) as file:
        assert file.read() == b"photo"


def test_deleting_is_quiet(blobs: LocalBlobs) -> None:
    key = blobs.put(b"photo")
    blobs.delete(key)
    blobs.delete(key)
    assert not blobs.exists(key)
    with pytest.raises(BlobMissing):
        blobs.open(key)


@pytest.mark.parametrize("key", ["", "a", "../../etc/passwd", "A" * 64, "0" * 63 + "\n", "0" * 65])
@pytest.mark.parametrize("act", [LocalBlobs.open, LocalBlobs.exists, LocalBlobs.delete])
def test_only_digests_are_keys(blobs: LocalBlobs, act: Callable[[LocalBlobs, str], object], key: str) -> None:
    with pytest.raises(BlobMissing):
        act(blobs, key)


def test_the_folder_is_one_of_many_places(blobs: LocalBlobs) -> None:
    anywhere: Blobs = blobs
    assert anywhere.exists(anywhere.put(b"photo"))


def test_a_write_that_fails_leaves_nothing(blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(9, "bad")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="bad"):
            blobs.put(b"photo")
    assert files(blobs) == []
    assert blobs.exists(blobs.put(b"photo"))


def test_a_full_disk_is_said_to_the_sender_and_to_the_operator(blobs: LocalBlobs, full_disk: Callable[[], None]) -> None:
    full_disk()
    with capture_logs() as lines, pytest.raises(CannotStore) as refused:
        blobs.put(b"photo")
    assert (refused.value.status, len(refused.value.message) <= 25) == (507, True)
    assert lines == [{"event": "cannot_store", "log_level": "error", "error": "ENOSPC"}]
    assert files(blobs) == []


def test_a_killed_process_leaves_no_half_file(blobs: LocalBlobs) -> None:
    program = (
        "import os, sys; from pathlib import Path; from app.kit.blobs import LocalBlobs\n"
        "blobs = LocalBlobs(Path(sys.argv[1])); print('ready', flush=True)\n"
        "while True: print(blobs.put(os.urandom(2_000_000)), flush=True)"
    )
    chance = random.Random(5)
    acknowledged: list[str] = []
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", program, blobs.directory],
            cwd=Path(app.__file__).parents[1],
            stdout=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stdout
            assert server.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.02, 0.3))
            server.kill()
            acknowledged += server.stdout.read().split()
    kept = {path.name: path for path in blobs.directory.glob("??/*")}
    assert set(acknowledged[:-1]) <= set(kept)  # the last line may itself be cut in half
    assert len(acknowledged) > 5
    for key, path in kept.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == key
    for path in files(blobs):
        make_old(path)
    unfinished = len(files(blobs)) - len(kept)
    assert blobs.sweep(lambda _: True, DAY) == unfinished
    assert {path.name for path in files(blobs)} == set(kept)


def test_only_old_orphans_are_swept(blobs: LocalBlobs) -> None:
    needed, orphan, young = (blobs.put(content) for content in (b"needed", b"orphan", b"young"))
    make_old(path_of(blobs, needed))
    make_old(path_of(blobs, orphan))
    assert blobs.sweep({needed}.__contains__, DAY) == 1
    assert [blobs.exists(key) for key in (needed, orphan, young)] == [True, False, True]


def test_an_orphan_that_is_put_again_is_young_again(blobs: LocalBlobs) -> None:
    key = blobs.put(b"photo")
    make_old(path_of(blobs, key))
    blobs.put(b"photo")
    assert blobs.sweep(lambda _: False, DAY) == 0


def test_a_file_put_while_it_is_being_swept_stays(blobs: LocalBlobs) -> None:
    key = blobs.put(b"photo")
    make_old(path_of(blobs, key))

    def put_meanwhile(_: str) -> bool:
        blobs.put(b"photo")
        return False

    assert blobs.sweep(put_meanwhile, DAY) == 0
    assert blobs.exists(key)
