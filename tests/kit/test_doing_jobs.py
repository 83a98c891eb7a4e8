"""A job outlives its request, is done by one worker, and its effect happens exactly once."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import anyio
import pytest
import time_machine
from sqlalchemy import func, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from app.kit import audit, jobs
from app.kit.audit import AuditLine
from app.kit.clock import now
from app.kit.db import Database, reading, writing
from app.kit.jobs import LEASE, TRIES, Job, TwoSteps, carry_out, enqueue, pause_after, run_once, take, work
from tests.kit.conftest import RIVALS, at_once


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


def leave_a_mark(session: Session, payload: dict[str, Any]) -> None:
    audit.record(session, act=payload["mark"], outcome="done")


def fail(session: Session, payload: dict[str, Any]) -> None:
    leave_a_mark(session, payload)
    raise LookupError("王阿姨 13800138000")


HANDLERS = {"mark": leave_a_mark, "fail": fail}


def put(database: Database, kind: str = "mark", **options: Any) -> None:
    with writing(database) as session:
        enqueue(session, kind, {"mark": "here"}, **options)


def marks(database: Database) -> int:
    with reading(database) as session:
        return session.exec(select(func.count()).select_from(AuditLine)).one()


def the_job(database: Database) -> Job:
    with reading(database) as session:
        return session.exec(select(Job)).one()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-23T07:00:00+00:00", tick=False) as traveller:
        yield traveller


def test_a_job_is_done_once_and_marked(database: Database) -> None:
    put(database)
    assert [run_once(database, HANDLERS), run_once(database, HANDLERS)] == [1, 0]
    assert marks(database) == 1
    job = the_job(database)
    assert job.ended_at is not None
    assert (job.attempts, job.last_error) == (1, None)


def test_a_rolled_back_act_leaves_no_job(database: Database) -> None:
    def act() -> None:
        with writing(database) as session:
            enqueue(session, "mark", {"mark": "here"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert run_once(database, HANDLERS) == 0


def test_a_job_waits_for_its_time(database: Database, clock: time_machine.Traveller) -> None:
    put(database, run_after=now() + timedelta(hours=1))
    assert run_once(database, HANDLERS) == 0
    clock.shift(timedelta(hours=1))
    assert run_once(database, HANDLERS) == 1


def test_the_job_due_longest_is_done_first(database: Database, clock: time_machine.Traveller) -> None:
    done: list[str] = []
    for minutes in (1, 3, 2):
        with writing(database) as session:
            enqueue(session, "mark", {"mark": str(minutes)}, run_after=now() - timedelta(minutes=minutes))
    run_once(database, {"mark": lambda _, payload: done.append(payload["mark"])})
    assert done == ["3", "2", "1"]


def test_a_second_job_with_the_same_key_is_no_job(database: Database) -> None:
    put(database, key="remind:1")
    put(database, key="remind:1")
    run_once(database, HANDLERS)
    put(database, key="remind:1")
    assert run_once(database, HANDLERS) == 0
    assert marks(database) == 1


def test_jobs_without_a_key_are_all_done(database: Database) -> None:
    put(database)
    put(database)
    assert run_once(database, HANDLERS) == 2


def test_no_more_jobs_are_done_than_were_asked_for(database: Database) -> None:
    for _ in range(3):
        put(database)
    assert run_once(database, HANDLERS, limit=2) == 2


def test_a_kind_that_this_program_does_not_know_is_left_alone(database: Database) -> None:
    put(database, kind="from_a_newer_version")
    assert run_once(database, HANDLERS) == 0
    assert the_job(database).attempts == 0


def test_what_a_failing_handler_wrote_is_rolled_back_and_tried_again(database: Database, clock: time_machine.Traveller) -> None:
    put(database, kind="fail")
    assert run_once(database, HANDLERS) == 1
    assert marks(database) == 0
    assert run_once(database, HANDLERS) == 0, "not before its pause"
    clock.shift(timedelta(seconds=15))
    assert run_once(database, HANDLERS | {"fail": leave_a_mark}) == 1
    assert marks(database) == 1
    assert the_job(database).last_error is None


def test_a_failure_is_noted_by_its_kind_and_place_and_not_by_its_words(database: Database, logged: list[Any]) -> None:
    put(database, kind="fail")
    run_once(database, HANDLERS)
    assert [(line["event"], line["kind"], line["attempt"], line["dead"]) for line in logged] == [("job.failed", "fail", 1, False)]
    note = the_job(database).last_error
    assert note is not None
    assert note.startswith("LookupError at kit/test_doing_jobs.py:")
    assert "王" not in note


def test_after_three_days_of_failing_a_job_is_dead_and_says_so(database: Database, clock: time_machine.Traveller) -> None:
    put(database, kind="fail")
    begun, tries = now(), 0
    while run_once(database, HANDLERS):
        tries += 1
        tried_at = now()
        clock.shift(timedelta(hours=18))
    job = the_job(database)
    assert (tries, job.attempts) == (TRIES, TRIES)
    assert job.ended_at == tried_at
    assert job.last_error is not None
    assert begun < tried_at


def test_pauses_grow_to_half_a_day_and_add_up_to_about_three_days() -> None:
    assert timedelta(seconds=5) <= pause_after(1) <= timedelta(seconds=15)
    assert max(pause_after(attempt) for attempt in range(1, TRIES)) <= timedelta(hours=18)
    total = sum((pause_after(attempt) for attempt in range(1, TRIES)), timedelta())
    assert timedelta(days=1.3) < total < timedelta(days=4.5)
    assert len({pause_after(5) for _ in range(20)}) > 1


def test_a_job_whose_worker_died_is_given_to_another_after_the_lease(database: Database, clock: time_machine.Traveller) -> None:
    put(database)
    assert take(database, HANDLERS) is not None  # and then its process is killed
    assert run_once(database, HANDLERS) == 0
    clock.shift(LEASE)
    assert run_once(database, HANDLERS) == 1
    assert marks(database) == 1


def test_a_job_that_kills_its_workers_is_dead_in_the_end(database: Database, clock: time_machine.Traveller) -> None:
    put(database)
    for _ in range(TRIES):
        assert take(database, HANDLERS) is not None
        clock.shift(LEASE)
    assert run_once(database, HANDLERS) == 1
    note = the_job(database).last_error
    assert note is not None
    assert note.startswith("WorkerDied")
    assert marks(database) == 0
    assert run_once(database, HANDLERS) == 0


def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(database: Database, clock: time_machine.Traveller) -> None:
    put(database)
    slow = take(database, HANDLERS)
    clock.shift(LEASE)
    assert slow is not None
    assert run_once(database, HANDLERS) == 1
    done_at = the_job(database).ended_at
    clock.shift(LEASE)
    carry_out(database, HANDLERS, slow)
    carry_out(database, {"mark": fail}, slow)
    assert marks(database) == 1
    assert (the_job(database).ended_at, the_job(database).last_error) == (done_at, None)


def test_a_late_failure_does_not_take_the_job_out_of_other_hands(database: Database, clock: time_machine.Traveller) -> None:
    put(database)
    slow = take(database, HANDLERS)
    clock.shift(LEASE)
    assert slow is not None
    other = take(database, HANDLERS)
    assert other is not None
    carry_out(database, {"mark": fail}, slow)
    job = the_job(database)
    assert (job.attempts, job.run_after, job.last_error) == (2, now() + LEASE, None)
    carry_out(database, HANDLERS, other)
    assert marks(database) == 1


def test_twenty_workers_take_one_job_once(database: Database) -> None:
    put(database)
    assert len([taken for taken in at_once(lambda: take(database, HANDLERS)) if taken]) == 1


def test_control_choosing_before_the_lock_gives_one_job_to_twenty(database: Database) -> None:
    put(database)
    chosen = Barrier(RIVALS)

    def take_naively() -> UUID | None:
        with reading(database) as session:
            id = session.exec(select(Job.id).where(col(Job.run_after) <= now())).first()
        chosen.wait(timeout=30)
        with writing(database) as session:
            return session.exec(
                update(Job).where(col(Job.id) == id).values(run_after=now() + LEASE).returning(col(Job.id))
            ).scalar_one_or_none()

    assert len([id for id in at_once(take_naively) if id]) == RIVALS


def test_twenty_workers_who_hold_the_same_job_have_one_effect(database: Database) -> None:
    put(database)
    taken = take(database, HANDLERS)
    assert taken is not None
    at_once(lambda: carry_out(database, HANDLERS, taken))
    assert marks(database) == 1


def test_control_without_the_mark_in_its_transaction_they_have_twenty(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database)
    taken = take(database, HANDLERS)
    assert taken is not None
    monkeypatch.setattr(jobs, "_end", lambda *_, **__: None)
    at_once(lambda: carry_out(database, HANDLERS, taken))
    assert marks(database) == RIVALS


def test_twenty_workers_do_forty_jobs_once_each(database: Database) -> None:
    for number in range(40):
        with writing(database) as session:
            enqueue(session, "mark", {"mark": str(number)})
    at_once(lambda: run_once(database, HANDLERS))
    with reading(database) as session:
        done = session.exec(select(AuditLine.act)).all()
    assert sorted(done, key=int) == [str(number) for number in range(40)]


def test_twenty_acts_that_enqueue_the_same_key_make_one_job(database: Database) -> None:
    at_once(lambda: put(database, key="one"))
    assert run_once(database, HANDLERS) == 1


def test_the_slow_step_holds_no_transaction_and_hands_its_result_in(database: Database) -> None:
    def outside(db: Database, payload: dict[str, Any]) -> str:
        put(db, kind="other")  # would wait for ever if the writers' turn were held
        return payload["mark"] + " and there"

    def inside(session: Session, payload: dict[str, Any], result: str) -> None:
        audit.record(session, act=result, outcome="done")

    put(database)
    assert run_once(database, {"mark": TwoSteps(outside, inside)}) == 1
    with reading(database) as session:
        assert session.exec(select(AuditLine.act)).all() == ["here and there"]


def test_a_slow_step_that_fails_is_tried_again(database: Database, clock: time_machine.Traveller) -> None:
    def outside(db: Database, payload: dict[str, Any]) -> None:
        raise TimeoutError

    put(database)
    run_once(database, {"mark": TwoSteps(outside, lambda *_: None)})
    note = the_job(database).last_error
    assert note is not None
    assert note.startswith("TimeoutError")
    assert the_job(database).ended_at is None


def test_the_worker_does_what_comes_in_while_it_runs(database: Database) -> None:
    async def serve() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(work, database, HANDLERS, 0.01)
            for expected in (1, 2):
                await anyio.to_thread.run_sync(put, database)
                with anyio.fail_after(10):
                    while await anyio.to_thread.run_sync(marks, database) < expected:
                        await anyio.sleep(0.01)
            group.cancel_scope.cancel()

    anyio.run(serve)


def test_stopping_the_worker_lets_the_job_under_way_finish(database: Database) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(session: Session, payload: dict[str, Any]) -> None:
        begun.set()
        assert may_end.wait(10)
        leave_a_mark(session, payload)

    async def serve() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(work, database, {"mark": slow}, 0.01)
            assert await anyio.to_thread.run_sync(begun.wait, 10)
            group.cancel_scope.cancel()
            may_end.set()

    put(database)
    anyio.run(serve)
    assert marks(database) == 1


def test_the_worker_waits_while_the_database_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    away = [OperationalError("", {}, Exception()), OperationalError("", {}, Exception())]
    really = jobs.any_due

    def any_due(*asked: Any) -> bool:
        if away:
            raise away.pop()
        return really(*asked)

    async def serve() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(work, database, HANDLERS, 0.01)
            with anyio.fail_after(10):
                while await anyio.to_thread.run_sync(marks, database) < 1:
                    await anyio.sleep(0.01)
            group.cancel_scope.cancel()

    put(database)
    monkeypatch.setattr(jobs, "any_due", any_due)
    anyio.run(serve)
    assert not away


def test_an_idle_worker_never_asks_for_the_writers_turn(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def turn() -> None:
        raise AssertionError("an idle worker took the writers' turn")

    monkeypatch.setattr(database, "turn", turn)
    assert run_once(database, HANDLERS) == 0


DIES = """
import os, sys
import app.accounts.models, app.compounds.models
from app.kit import audit
from app.kit.db import Database
from app.kit.jobs import run_once

def handler(session, payload):
    audit.record(session, act="here", outcome="done")
    session.flush()
    os.kill(os.getpid(), 9)

run_once(Database(sys.argv[1]), {"mark": handler})
"""


def test_a_worker_killed_in_the_middle_leaves_the_job_to_another(database: Database, database_url: str) -> None:
    put(database)
    assert subprocess.run([sys.executable, "-c", DIES, database_url], timeout=60).returncode == -signal.SIGKILL
    assert (the_job(database).attempts, marks(database)) == (1, 0)
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        assert run_once(database, HANDLERS) == 1
    assert marks(database) == 1
