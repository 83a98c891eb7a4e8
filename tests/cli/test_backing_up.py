"""A backup is whole, made while people write, held against what it promises, and leaves nothing behind when it fails."""

import hashlib
import io
import os
import random
import resource
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlmodel import func, select

from app.backups.engines import looking_into
from app.backups.manifest import Facts, Manifest, facts_of
from app.compounds.models import Compound, Person
from app.kit.blobs import LocalBlobs
from app.kit.db import Database, reading, writing
from app.main import open_database
from app.photos.models import Photo
from app.publiclog.models import LogHead
from app.settings import Settings
from tests.cli.conftest import Command, database
from tests.conftest import new_database
from tests.making import make_compound, make_notice, make_person
from tests.postgres import Cluster, programs


def facts_in(data: Path) -> Facts:
    with looking_into(make_url(f"sqlite:///{data / 'gongzhi.db'}")) as session:
        return facts_of(session)


def promised(backup: Path) -> Manifest:
    with tarfile.open(backup) as tar:
        file = tar.extractfile("manifest.json")
        assert file
        return Manifest.model_validate_json(file.read())


def hang_a_photo(data: Path) -> str:
    """A photo with its four files; returns the key of one."""
    blobs = LocalBlobs(data / "photos")
    keys = [blobs.put(os.urandom(2000)) for _ in range(4)]
    with database(data) as db, writing(db) as session:
        compound = session.exec(select(Compound)).one()
        session.add(
            Photo(
                compound_id=compound.id,
                sha256=keys[0],
                original_key=keys[0],
                **dict(zip(("k1600", "k960", "k320"), keys[1:], strict=True)),
                width=4,
                height=3,
                bytes=2000,
                format="JPEG",
            )
        )
    return keys[2]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def saved(command: Command, settled: Path, out: Path) -> Path:
    """A good backup with a photo."""
    hang_a_photo(settled)
    assert command("backup", str(out / "good.tar")).exit_code == 0
    return out / "good.tar"


def test_what_was_saved_comes_back_whole(command: Command, settled: Path, saved: Path, tmp_path: Path) -> None:
    told = command("restore", str(saved), DATA_DIR=str(tmp_path / "new"))
    assert told.exit_code == 0, told.output
    assert "All of it is here and sound." in told.output
    assert facts_in(tmp_path / "new") == facts_in(settled)
    assert command("verify", DATA_DIR=str(tmp_path / "new")).output == command("verify").output
    photos = [file for file in (tmp_path / "new/photos").rglob("*") if file.is_file()]
    assert len(photos) == 4
    assert all(hashlib.sha256(file.read_bytes()).hexdigest() == file.name for file in photos)


def test_it_is_for_its_owners_eyes_only(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0


def test_a_backup_made_while_people_write_has_all_that_was_acknowledged(
    command: Command, settled: Path, out: Path, tmp_path: Path
) -> None:
    with database(settled) as db:
        acknowledged = 0
        stop = threading.Event()

        def write() -> None:
            nonlocal acknowledged
            while not stop.is_set():
                with writing(db) as session:
                    liu = session.exec(select(Person).where(Person.name == "刘主任")).one()
                    make_notice(session, liu)
                acknowledged += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(3):
                before = acknowledged
                saved, new = out / f"{number}.tar", tmp_path / f"new{number}"
                assert command("backup", str(saved)).exit_code == 0
                head = next(iter(promised(saved).facts.compounds.values()))
                assert head.log_size >= 2 + before
                assert command("restore", str(saved), DATA_DIR=str(new)).exit_code == 0
                assert facts_in(new) == promised(saved).facts
                assert command("verify", DATA_DIR=str(new)).exit_code == 0
        finally:
            stop.set()
            writer.join()
        assert acknowledged > 5, "nobody wrote meanwhile"


def test_control_copying_the_file_loses_what_was_acknowledged(settled: Path, tmp_path: Path) -> None:
    with database(settled) as db:
        with writing(db) as session:
            make_notice(session, session.exec(select(Person).where(Person.name == "刘主任")).one())
        (tmp_path / "copy").mkdir()
        shutil.copy(settled / "gongzhi.db", tmp_path / "copy")
        copied = facts_in(tmp_path / "copy")
        with reading(db) as session:
            assert copied != facts_of(session), "then the snapshot proves nothing"


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_a_photo_without_its_file_is_named_and_keeps_nothing_else_from_being_saved(
    command: Command, settled: Path, out: Path, tmp_path: Path, how: str
) -> None:
    key = hang_a_photo(settled)
    file = settled / "photos" / key[:2] / key
    file.unlink() if how == "gone" else file.write_bytes(b"rot")
    told = command("backup", str(out / "b.tar"))
    assert told.exit_code == 1
    assert key in told.stderr
    back = command("restore", str(out / "b.tar"), DATA_DIR=str(tmp_path / "new"))
    assert back.exit_code == 0
    assert "1 photo files were missing already" in back.output


def test_a_backup_never_takes_the_place_of_another(command: Command, saved: Path) -> None:
    before = saved.read_bytes()
    assert command("backup", str(saved)).exit_code == 2
    assert saved.read_bytes() == before


def test_a_folder_that_takes_nothing_is_told_in_one_line(command: Command, settled: Path) -> None:
    told = command("backup", "/proc/b.tar")
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """`small_disk(n)`: no file may grow past n bytes from here on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda room: resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [4_096, 400_000, 1_000_000], ids=["database", "the database's end", "photos"])
def test_a_full_disk_leaves_no_half_file(
    command: Command, settled: Path, out: Path, small_disk: Callable[[int], None], room: int
) -> None:
    for _ in range(10):
        LocalBlobs(settled / "photos").put(os.urandom(200_000))
    small_disk(room)
    told = command("backup", str(out / "b.tar"))
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1, told.stderr
    assert left_in(out) == []


def test_a_full_disk_leaves_no_half_installation(
    command: Command, saved: Path, tmp_path: Path, small_disk: Callable[[int], None]
) -> None:
    small_disk(100_000)
    told = command("restore", str(saved), DATA_DIR=str(tmp_path / "new"))
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1, told.stderr
    assert not (tmp_path / "new").exists()


def test_restore_takes_no_place_that_is_taken(command: Command, settled: Path, saved: Path) -> None:
    before = facts_in(settled)
    told = command("restore", str(saved))
    assert told.exit_code == 2
    assert "is not empty" in told.stderr
    assert facts_in(settled) == before


def test_a_backup_that_was_cut_off_is_found_out(command: Command, saved: Path, tmp_path: Path) -> None:
    whole, dice = saved.read_bytes(), random.Random(7)
    for size in [0, 511, *(dice.randrange(len(whole) - 12_000) for _ in range(10))]:
        saved.write_bytes(whole[:size])
        told = command("restore", str(saved), DATA_DIR=str(tmp_path / "new"))
        assert told.exit_code == 1, (size, told.output)
        assert left_in(tmp_path / "new") == []


def test_a_flipped_byte_is_found_out_wherever_it_is(command: Command, saved: Path, tmp_path: Path) -> None:
    with tarfile.open(saved) as tar:
        members = {m.name: (m.offset_data, m.size) for m in tar}
    whole, dice = saved.read_bytes(), random.Random(7)
    for name, (offset, size) in members.items():
        at = offset + (dice.randrange(size) if name != "manifest.json" else whole[offset:].index(b'"database_sha256": "') + 30)
        saved.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        told = command("restore", str(saved), DATA_DIR=str(tmp_path / "new"))
        assert told.exit_code == 1, (name, told.output)
        assert left_in(tmp_path / "new") == []


def rewritten(saved: Path, change: "dict[str, bytes]") -> None:
    """The same archive with members in place of its own, or more of them."""
    with tarfile.open(saved) as tar:
        members = {m.name: tar.extractfile(m).read() for m in tar}  # type: ignore[union-attr]
    with tarfile.open(saved, "w") as tar:
        for name, content in (members | change).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "photos/../../evil", "photos/ab/evil"])
def test_a_member_that_leads_elsewhere_is_never_written(command: Command, saved: Path, tmp_path: Path, name: str) -> None:
    rewritten(saved, {name: b"evil"})
    told = command("restore", str(saved), DATA_DIR=str(tmp_path / "new"))
    assert told.exit_code == 1
    assert "evil" in told.stderr
    assert not list(tmp_path.rglob("evil"))


def test_rows_that_are_not_as_promised_are_named(command: Command, saved: Path, tmp_path: Path) -> None:
    manifest = promised(saved)
    manifest.facts.rows["notice"] += 1
    rewritten(saved, {"manifest.json": manifest.model_dump_json().encode()})
    told = command("restore", str(saved), DATA_DIR=str(tmp_path / "new"))
    assert told.exit_code == 1
    assert "notice has 2 rows, not 3" in told.stderr
    assert left_in(tmp_path / "new") == []


def test_a_backup_of_a_newer_version_is_not_restored(command: Command, saved: Path, tmp_path: Path) -> None:
    manifest = promised(saved)
    manifest.facts.revision = "fffffffffff"
    rewritten(saved, {"manifest.json": manifest.model_dump_json().encode()})
    told = command("restore", str(saved), DATA_DIR=str(tmp_path / "new"))
    assert told.exit_code == 2
    assert "another version" in told.stderr


def test_a_backup_of_one_engine_is_not_restored_into_the_other(
    command: Command, saved: Path, tmp_path: Path, postgres_server: str
) -> None:
    told = command("restore", str(saved), DATA_DIR=str(tmp_path / "new"), DATABASE_URL=f"{postgres_server}/template1")
    assert told.exit_code == 2
    assert "a backup from sqlite" in told.stderr


@pytest.fixture
def a_compound_on_postgresql(postgresql_url: str, tmp_path: Path) -> str:
    db: Database = open_database(Settings(database_url=postgresql_url, data_dir=tmp_path))
    with writing(db) as session:
        compound = make_compound(session)
        make_notice(session, make_person(session, compound, "刘主任"))
    db.dispose()
    return postgresql_url


@pytest.fixture
def bare_postgresql(postgres_cluster: Cluster) -> Iterator[str]:
    yield from new_database(postgres_cluster)


def test_postgresql_is_saved_and_comes_back(
    command: Command,
    a_compound_on_postgresql: str,
    bare_postgresql: str,
    out: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    there = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": a_compound_on_postgresql}
    assert command("backup", str(out / "b.tar"), **there).exit_code == 0
    back = {"DATA_DIR": str(tmp_path / "new"), "DATABASE_URL": bare_postgresql}
    told = command("restore", str(out / "b.tar"), **back)
    assert told.exit_code == 0, told.output
    assert command("verify", **back).output == command("verify", **there).output
    assert command("restore", str(out / "b.tar"), **back).exit_code == 2
    with looking_into(make_url(bare_postgresql)) as session:
        assert session.exec(select(func.count()).select_from(LogHead)).one() == 1


def test_without_its_programs_postgresql_is_not_saved(
    command: Command, a_compound_on_postgresql: str, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    told = command("backup", str(out / "b.tar"), DATABASE_URL=a_compound_on_postgresql)
    assert told.exit_code == 2
    assert "pg_dump is not on this machine" in told.stderr
    assert left_in(out) == []
