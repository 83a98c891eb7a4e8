"""One compound with an empty log, on each engine; what is published is written at the end of each transaction."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlmodel import Session

from app.accounts.models import Account  # noqa: F401  compound tables point to it
from app.compounds.models import Community, Compound
from app.kit.db import Database, writing
from app.kit.ids import new_id
from app.publiclog.service import Entry, append, append_queued, start_log


@pytest.fixture
def database(database: Database) -> Database:
    database.before_commit = (append_queued, *database.before_commit)
    return database


@pytest.fixture
def compound_id(database: Database) -> UUID:
    return found(database, "fengshu")


@pytest.fixture
def neighbour_id(database: Database) -> UUID:
    return found(database, "gonghang")


def found(database: Database, slug: str) -> UUID:
    with writing(database) as session:
        community = Community(name=slug, city="长沙")
        session.add(community)
        session.flush()
        compound = Compound(community_id=community.id, slug=slug, name=slug, city="长沙", help_phone="0731-1")
        session.add(compound)
        start_log(session, compound.id)
        return compound.id


@pytest.fixture
def log_of() -> Callable[[Session, UUID, int], list[bytes]]:
    """Writes n entries; every third moves (index + 1) yuan in or out. Gives their bytes."""

    def write(session: Session, compound_id: UUID, size: int) -> list[bytes]:
        return [one.entry for one in append(session, compound_id, *[lambda index: line(compound_id, index)] * size)]

    def line(compound_id: UUID, index: int) -> dict:
        amount_fen = (index + 1) * (-100 if index % 2 else 100) if index % 3 == 0 else None
        return Entry("entry.posted", compound_id, new_id(), amount_fen=amount_fen, facts={"说明": f"第{index}条"}).values()

    return write
