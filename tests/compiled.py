"""What one test has compiled serves the next.

Each test opens engines of its own, and SQLAlchemy keeps compiled statements by engine and by dialect object: so the same
few hundred statements were compiled anew in each of some thousand tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

MOST = 5000
"""Statements; more than the house has."""


@contextmanager
def shared() -> Iterator[None]:
    """Inside, all engines of one kind share what they compiled, and dialects of one kind are one to the cache."""
    caches: dict[type, LRUCache[Any, Any]] = {}

    def cache_of(engine: Engine) -> LRUCache[Any, Any]:
        return caches.setdefault(type(engine.dialect), LRUCache(MOST))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_compiled_cache", property(cache_of, lambda _engine, _own: None), raising=False)
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patch.setattr(DefaultDialect, "__eq__", lambda dialect, other: type(dialect) is type(other))
        yield
