"""A desk with one warm child, and a compound with somebody to take pictures."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from app.accounts.models import Account  # noqa: F401  compound tables point to it
from app.compounds.models import Community, Compound, Person
from app.kit.blobs import LocalBlobs
from app.kit.db import Database, writing
from app.kit.pictures import Facts, PictureDesk


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PictureDesk]:
    with PictureDesk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@dataclass(frozen=True)
class Seen:
    """A developed picture, its derivatives opened."""

    format: str
    size: tuple[int, int]
    facts: Facts
    files: dict[int, bytes]
    sha256: str
    pages: int

    def print(self, longest: int = 1600) -> Image.Image:
        return Image.open(BytesIO(self.files[longest]))


@pytest.fixture
def develop(desk: PictureDesk) -> Callable[[bytes], Seen]:
    """Develop a file and look at everything that came of it; nothing may be left behind."""

    def look(content: bytes, **how: Any) -> Seen:
        with desk.develop(content, **how) as done:
            files = {size: file.read_bytes() for size, file in done.derivatives.items()}
            seen = Seen(done.format, (done.width, done.height), done.facts, files, done.sha256, done.pages)
        assert list(desk.directory.iterdir()) == []
        return seen

    return look


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture
def fengshu(database: Database) -> UUID:
    return found(database, "fengshu")


@pytest.fixture
def gonghang(database: Database) -> UUID:
    return found(database, "gonghang")


def found(database: Database, slug: str) -> UUID:
    with writing(database) as session:
        community = Community(name=slug, city="长沙")
        session.add(community)
        session.flush()
        compound = Compound(community_id=community.id, slug=slug, name=slug, city="长沙", help_phone="0731-1")
        session.add(compound)
        return compound.id


def move_in(database: Database, compound_id: UUID, name: str) -> UUID:
    with writing(database) as session:
        person = Person(compound_id=compound_id, name=name)
        session.add(person)
        return person.id


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, every new file is written to a full disk: the kernel's own /dev/full."""
    really_open = os.open

    def opened(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT and flags & os.O_EXCL:
            os.close(really_open(path, flags, *rest, **named))
            return really_open("/dev/full", os.O_WRONLY)
        return really_open(path, flags, *rest, **named)

    return lambda: monkeypatch.setattr(os, "open", opened)
