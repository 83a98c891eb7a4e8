"""Views and last-used times are tallied in memory and flushed; a GET never writes."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from app.kit import sightings
from app.kit.db import Database, reading
from app.kit.ids import new_id
from app.kit.sightings import Sighting, Tally
from tests.kit.conftest import RIVALS, at_once

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def rows(database: Database) -> dict[tuple[str, UUID], tuple[int, datetime]]:
    with reading(database) as session:
        return {(s.kind, s.subject_id): (s.count, s.last_at) for s in session.exec(select(Sighting))}


def see(tally: Tally, kind: str, id: UUID, at: datetime = NOON) -> None:
    with time_machine.travel(at, tick=False):
        tally.saw(kind, id)


def test_sightings_add_up_over_flushes(database: Database) -> None:
    tally, notice, key = Tally(), new_id(), new_id()
    see(tally, "notice.viewed", notice)
    see(tally, "notice.viewed", notice, NOON + timedelta(hours=1))
    see(tally, "key.used", key)
    assert tally.flush(database) == 2
    see(tally, "notice.viewed", notice, NOON + timedelta(hours=2))
    assert tally.flush(database) == 1
    assert rows(database) == {
        ("notice.viewed", notice): (3, NOON + timedelta(hours=2)),
        ("key.used", key): (1, NOON),
    }


def test_a_flush_with_nothing_seen_asks_for_no_turn(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "turn", lambda: pytest.fail("asked for the writers' turn"))
    assert Tally().flush(database) == 0


def test_a_late_flush_does_not_turn_the_clock_back(database: Database) -> None:
    id, early, late = new_id(), Tally(), Tally()
    see(early, "key.used", id, NOON)
    see(late, "key.used", id, NOON + timedelta(hours=1))
    late.flush(database)
    early.flush(database)
    assert rows(database) == {("key.used", id): (2, NOON + timedelta(hours=1))}


def test_what_could_not_be_flushed_is_flushed_the_next_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tally, id = Tally(), new_id()

    def full(*_: object) -> None:
        see(tally, "key.used", id)  # somebody is seen while the flush fails
        raise OperationalError("", {}, Exception("disk full"))

    see(tally, "key.used", id)
    with monkeypatch.context() as patched:
        patched.setattr(sightings, "_write", full)
        with pytest.raises(OperationalError):
            tally.flush(database)
    tally.flush(database)
    assert rows(database) == {("key.used", id): (2, NOON)}


def test_twenty_threads_lose_no_sighting(database: Database) -> None:
    tally, ids = Tally(), [new_id(), new_id()]

    def look() -> None:
        for _ in range(500):
            for id in ids:
                tally.saw("notice.viewed", id)

    at_once(look)
    tally.flush(database)
    assert [count for count, _ in rows(database).values()] == [RIVALS * 500] * 2


def test_twenty_processes_that_flush_at_once_wait_and_lose_nothing(database: Database) -> None:
    ids = [new_id() for _ in range(30)]

    def look_and_flush() -> None:
        for _ in range(5):
            tally = Tally()
            for id in random.sample(ids, len(ids)):
                tally.saw("notice.viewed", id)
            tally.flush(database)

    at_once(look_and_flush)
    assert [count for count, _ in rows(database).values()] == [RIVALS * 5] * len(ids)


def test_the_memory_of_a_tally_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "MOST", 3)
    tally, first = Tally(), new_id()
    for id in (first, *(new_id() for _ in range(5)), first):
        see(tally, "key.used", id)
    assert tally.flush(database) == 3
    assert rows(database)["key.used", first] == (2, NOON)


def test_the_house_has_one_tally(database: Database) -> None:
    sightings.tally.flush(database)  # what other tests saw
    sightings.saw("key.used", new_id())
    assert sightings.tally.flush(database) == 1


def test_a_follower_is_told_when_a_thing_was_seen_last_and_keeps_no_rows(database: Database) -> None:
    tally, session_id, told = Tally(), new_id(), []
    see(tally, "session.used", session_id)
    see(tally, "session.used", session_id, NOON + timedelta(hours=1))
    see(tally, "key.used", session_id)
    followers = {"session.used": lambda _, last: told.append(dict(last)), "never.seen": lambda *_: pytest.fail("nothing to tell")}
    assert tally.flush(database, followers) == 2
    assert told == [{session_id: NOON + timedelta(hours=1)}]
    assert list(rows(database)) == [("key.used", session_id)]
