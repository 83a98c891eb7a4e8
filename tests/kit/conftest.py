"""Two compounds on each engine, and rivals who start at the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest

from app.accounts.models import Account  # noqa: F401  compound tables point to it
from app.compounds.models import Community, Compound
from app.kit.db import Database, writing

Result = TypeVar("Result")

RIVALS = 20


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
        return compound.id


def at_once(act: Callable[[], Result]) -> list[Result]:
    """What each of twenty rivals got; raises what the first of them raised."""
    ready = Barrier(RIVALS)

    def start() -> Result:
        ready.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(RIVALS) as pool:
        return [rival.result(timeout=60) for rival in [pool.submit(start) for _ in range(RIVALS)]]
