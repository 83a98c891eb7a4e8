"""An event is never lost, never invented, and counted in the order of the commits."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from app.kit.db import Database, reading, writing
from app.kit.events import Event, tell
from app.kit.ids import new_id
from tests.conftest import opened
from tests.kit.conftest import RIVALS, at_once, found


def told(database: Database, compound_id: UUID) -> list[Event]:
    with reading(database) as session:
        return list(session.exec(select(Event).where(Event.compound_id == compound_id).order_by(col(Event.seq))))


def tell_one(database: Database, compound_id: UUID, type: str = "signup.made") -> None:
    with writing(database) as session:
        tell(session, compound_id, type)


def test_an_event_is_a_row_of_the_act(database: Database, compound_id: UUID) -> None:
    signup_id = new_id()
    with writing(database) as session:
        tell(session, compound_id, "signup.made", signup_id=signup_id)
    (event,) = told(database, compound_id)
    assert event.payload == {
        "type": "signup.made",
        "timestamp": event.created_at.isoformat(),
        "data": {"signup_id": str(signup_id)},
    }
    assert datetime.fromisoformat(event.payload["timestamp"]).utcoffset() == UTC.utcoffset(None)


def test_an_act_that_was_refused_tells_nothing(database: Database, compound_id: UUID) -> None:
    def refused() -> None:
        with writing(database) as session:
            tell(session, compound_id, "signup.made")
            raise PermissionError

    with pytest.raises(PermissionError):
        refused()
    assert told(database, compound_id) == []


def test_what_was_rolled_back_is_not_told_by_a_later_commit(database: Database, compound_id: UUID) -> None:
    with database.turn(), Session(database.writing) as session:
        session.exec(select(Event)).all()
        tell(session, compound_id, "signup.made")
        session.rollback()
        session.commit()
    assert told(database, compound_id) == []


def test_nothing_is_told_from_inside_a_savepoint(database: Database, compound_id: UUID) -> None:
    with writing(database) as session:
        with session.begin_nested(), pytest.raises(RuntimeError, match="savepoint"):
            tell(session, compound_id, "signup.made")
        tell(session, compound_id, "signup.withdrawn")
        with session.begin_nested():
            pass
        assert session.exec(select(func.count()).select_from(Event)).one() == 0, "a savepoint is no commit"
    assert [e.type for e in told(database, compound_id)] == ["signup.withdrawn"]


def test_each_compound_counts_its_own_events(database: Database, compound_id: UUID, neighbour_id: UUID) -> None:
    with writing(database) as session:
        for type in ("a", "b"):
            tell(session, compound_id, type)
        tell(session, neighbour_id, "c")
    tell_one(database, compound_id, "d")
    assert [(e.seq, e.type) for e in told(database, compound_id)] == [(1, "a"), (2, "b"), (3, "d")]
    assert [(e.seq, e.type) for e in told(database, neighbour_id)] == [(1, "c")]


def test_twenty_acts_at_once_are_counted_without_a_gap(database: Database, compound_id: UUID) -> None:
    at_once(lambda: tell_one(database, compound_id))
    assert [e.seq for e in told(database, compound_id)] == list(range(1, RIVALS + 1))


@pytest.fixture
def on_postgresql(postgresql_url: str) -> Iterator[Database]:
    """On SQLite no second act begins before the first has ended."""
    yield from opened(postgresql_url)


def test_an_act_that_began_first_and_ends_last_is_told_last(on_postgresql: Database) -> None:
    database, compound_id = on_postgresql, found(on_postgresql, "fengshu")
    begun, may_end = Signal(), Signal()

    def slow() -> None:
        with writing(database) as session:
            tell(session, compound_id, "began.first")
            session.exec(select(Event)).all()
            begun.set()
            assert may_end.wait(10)

    thread = Thread(target=slow)
    thread.start()
    assert begun.wait(10)
    tell_one(database, compound_id, "ended.first")
    may_end.set()
    thread.join()
    assert [e.type for e in told(database, compound_id)] == ["ended.first", "began.first"]


@pytest.mark.parametrize("change", [update(Event).values(type="other"), delete(Event)], ids=["update", "delete"])
def test_an_event_stays_as_it_was_told(database: Database, compound_id: UUID, change: Any) -> None:
    tell_one(database, compound_id)
    with pytest.raises(DBAPIError, match="append-only"), writing(database) as session:
        session.execute(change)
    assert [e.type for e in told(database, compound_id)] == ["signup.made"]
