"""A ZIP is written while it is sent: whoever reads it gets every file as it was, and no more than a piece of it was ever held."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from app.kit.archives import Member, zipped
from app.kit.blobs import CHUNK, BlobMissing, LocalBlobs

AT = datetime(2026, 11, 27, 8, 0, 2, tzinfo=UTC)
PICTURES, BYTES = 2_000, 100_000


def test_a_file_of_2000_pictures_never_holds_more_than_a_piece(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    key = blobs.put(b"p" * BYTES)
    members = [Member(f"photos/{n}.jpg", key) for n in range(PICTURES)]
    tracemalloc.start()
    sent = sum(map(len, zipped(members, blobs, AT)))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > PICTURES * BYTES
    assert most < 4 * 2**20, "what zipfile keeps of each file's name, and one piece"


def test_words_and_pictures_are_read_back_as_they_were(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    picture = bytes(range(256)) * (2 * CHUNK // 256 + 1)
    words = "日志".encode() * 1000
    members = [Member("words.txt", sha256(words).hexdigest(), words), Member("photos/1.jpg", blobs.put(picture))]
    pieces = list(zipped(members, blobs, AT))
    assert max(map(len, pieces)) < CHUNK + 1000
    with ZipFile(BytesIO(b"".join(pieces))) as file:
        assert file.testzip() is None
        assert (file.read("words.txt"), file.read("photos/1.jpg")) == (words, picture)
        assert file.getinfo("photos/1.jpg").date_time == (2026, 11, 27, 8, 0, 2)


def test_a_picture_that_goes_while_it_is_sent_leaves_no_whole_archive(tmp_path: Path) -> None:
    """Whoever takes it home must not take half of it for all."""
    blobs = LocalBlobs(tmp_path)
    pieces = zipped([Member("a.txt", "", b"a"), Member("photos/1.jpg", "0" * 64)], blobs, AT)
    assert b"a.txt" in next(pieces)
    with pytest.raises(BlobMissing):
        next(pieces)
    assert list(pieces) == [], "no list of contents at its end"


def test_who_hangs_up_leaves_no_file_open(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    pieces: Iterator[bytes] = zipped([Member("photos/1.jpg", blobs.put(b"p" * 3 * CHUNK))], blobs, AT)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # a file left open would be a warning, which is an error here
