"""Jobs: work that outlives the request which asked for it, as rows of the same database.

A job is enqueued by the transaction of the act, so a rolled-back act leaves no job and a committed one cannot lose it.
A worker takes a due job by moving its `run_after` past a lease: a worker that dies gives it back by doing nothing. The
job is marked done by the very transaction that does its work: whatever is retried, its effect in the database happens
exactly once. Handlers stand in one mapping, `{kind: handler}`, written in `main`.
"""

import random
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from anyio import sleep, to_thread
from sqlalchemy import JSON, CursorResult, Index, text, update
from sqlalchemy import insert as sql_insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, Session, SQLModel, col, select

from app.kit.clock import now
from app.kit.db import Database, reading, writing
from app.kit.ids import new_id
from app.kit.records import shared_by_all

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
"""Longer than any handler may take; after it another worker takes the job."""

TRIES = 14
"""10 s, 30 s, 90 s … and at most 12 h between two tries: about three days, then the job is dead."""

Payload = dict[str, Any]


@dataclass(frozen=True)
class TwoSteps:
    """Work with a slow part (the network, a decoder) that must not hold the writers' turn.

    `outside(db, payload)` runs without a transaction and may happen more than once; what it returns goes to
    `inside(session, payload, result)`, which happens exactly once.
    """

    outside: Callable[[Database, Payload], Any]
    inside: Callable[[Session, Payload, Any], None]


Handler = Callable[[Session, Payload], None] | TwoSteps
Handlers = Mapping[str, Handler]


class NotOurs(Exception):
    """The lease ran out and another worker has done the job or is doing it."""


class WorkerDied(Exception):
    """The last try never came back to say how it ended: this job takes its worker down with it."""


@shared_by_all
class Job(SQLModel, table=True):
    """Due while `ended_at` is None and `run_after` is past. It ended well where `last_error` is None, else it is dead."""

    __table_args__ = (
        Index("ix_job_due", "run_after", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(max_length=60)
    payload: Payload = Field(sa_type=JSON)
    key: str | None = Field(default=None, max_length=200, unique=True)
    """One job for ever with this key: put into it what makes the work the same work."""
    created_at: datetime = Field(default_factory=now)
    run_after: datetime = Field(default_factory=now)
    """When it may be taken; whoever takes it moves this past the lease."""
    attempts: int = 0
    ended_at: datetime | None = None
    last_error: str | None = Field(default=None, max_length=300)


@dataclass(frozen=True)
class Taken:
    """A job in a worker's hands, for the length of the lease."""

    id: UUID
    kind: str
    payload: Payload
    attempt: int


def enqueue(session: Session, kind: str, payload: Payload, *, run_after: datetime | None = None, key: str | None = None) -> None:
    """Have `kind` done, not before `run_after`. A second job with the same `key` is no job: the first stands.

    `payload` holds ids and codes as JSON, never names: the handler reads what is true when it runs.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    job = Job(kind=kind, payload=payload, key=key, run_after=run_after or now())
    session.connection().execute(insert(Job).values(**job.model_dump()).on_conflict_do_nothing(index_elements=["key"]))


def enqueue_many(session: Session, kind: str, payloads: Sequence[Payload]) -> None:
    """The same to thousands at once, each due now, in one statement."""
    if payloads:
        session.connection().execute(sql_insert(Job), [Job(kind=kind, payload=payload).model_dump() for payload in payloads])


def run_once(db: Database, handlers: Handlers, limit: int = 1000) -> int:
    """Do what is due now, at most `limit` jobs; returns how many were tried. For the CLI and tests."""
    for tried in range(limit):
        if not any_due(db, handlers):
            return tried
        taken = take(db, handlers)
        if taken is None:
            return tried
        carry_out(db, handlers, taken)
    return limit


async def work(db: Database, handlers: Handlers, pause: float = 1.0) -> None:
    """The worker, until it is cancelled: a task that waits its turn among the requests.

    Every transaction passes through the database's own queue, in the loop that queue lives in. Start it in an anyio task
    group: cancelling its scope lets a job under way finish first, while `asyncio.Task.cancel` would leave its thread behind.
    """
    while True:
        try:
            due = await to_thread.run_sync(any_due, db, handlers, limiter=db.readers)
            taken = await to_thread.run_sync(take, db, handlers, limiter=db.writers) if due else None
            if taken is None:
                await sleep(pause)
                continue
            result, error = await to_thread.run_sync(_outside, db, handlers, taken)
            await to_thread.run_sync(_inside, db, handlers, taken, result, error, limiter=db.writers)
        except SQLAlchemyError as error:  # a database that is away comes back; the lease gives the job back
            log.warning("worker.database_unavailable", error=type(error).__name__)
            await sleep(5 * pause)


def any_due(db: Database, handlers: Handlers) -> bool:
    """A cheap look: idle workers never ask for the writers' turn."""
    with reading(db) as session:
        return session.exec(_due(handlers).limit(1)).first() is not None


def take(db: Database, handlers: Handlers) -> Taken | None:
    """Take the job that is due longest, so that no other worker has it. None: nothing is due that we can do.

    PostgreSQL: rows that others are taking are skipped. SQLite: writers are alone anyway.
    """
    with writing(db) as session:
        chosen = _due(handlers).order_by(col(Job.run_after)).limit(1).with_for_update(skip_locked=True).scalar_subquery()
        row = session.execute(
            update(Job)
            .where(col(Job.id) == chosen)
            .values(run_after=now() + LEASE, attempts=col(Job.attempts) + 1)
            .returning(col(Job.id), col(Job.kind), col(Job.payload), col(Job.attempts))
            .execution_options(synchronize_session=False)
        ).one_or_none()
        return Taken(*row) if row else None


def carry_out(db: Database, handlers: Handlers, taken: Taken) -> None:
    """Do a job that was taken, and mark it done; or note why not and when to try again."""
    result, error = _outside(db, handlers, taken)
    _inside(db, handlers, taken, result, error)


def _outside(db: Database, handlers: Handlers, taken: Taken) -> tuple[Any, Exception | None]:
    handler = handlers[taken.kind]
    if taken.attempt > TRIES:
        return None, WorkerDied()
    if not isinstance(handler, TwoSteps):
        return None, None
    try:
        return handler.outside(db, taken.payload), None
    except Exception as error:  # noqa: BLE001 whatever one job raises, the next one is done
        return None, error


def _inside(db: Database, handlers: Handlers, taken: Taken, result: Any, error: Exception | None) -> None:
    handler = handlers[taken.kind]
    try:
        if error is not None:
            raise error
        with writing(db) as session:
            # First, because this locks the job's row: a rival whose lease began later waits here and then gives up.
            _end(session, taken, ended_at=now(), last_error=None)
            if isinstance(handler, TwoSteps):
                handler.inside(session, taken.payload, result)
            else:
                handler(session, taken.payload)
    except NotOurs:
        log.warning("job.lease_ran_out", kind=taken.kind, job_id=str(taken.id), attempt=taken.attempt)
    except Exception as failure:  # noqa: BLE001 whatever one job raises, the next one is done
        _note_failure(db, taken, failure)


def _note_failure(db: Database, taken: Taken, failure: Exception) -> None:
    dead = taken.attempt >= TRIES
    log.error("job.failed", kind=taken.kind, job_id=str(taken.id), attempt=taken.attempt, dead=dead, exc_info=failure)
    try:
        with writing(db) as session:
            _end(
                session,
                taken,
                ended_at=now() if dead else None,
                run_after=now() + pause_after(taken.attempt),
                last_error=_where(failure),
            )
    except NotOurs:
        log.warning("job.lease_ran_out", kind=taken.kind, job_id=str(taken.id), attempt=taken.attempt)


def _end(session: Session, taken: Taken, **values: Any) -> None:
    """Write how this attempt ended. Raises NotOurs where the job is done or in other hands."""
    mine = (col(Job.id) == taken.id) & (col(Job.attempts) == taken.attempt) & col(Job.ended_at).is_(None)
    statement = update(Job).where(mine).values(**values).execution_options(synchronize_session=False)
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise NotOurs


def pause_after(attempt: int) -> timedelta:
    """Three times longer after each failure, give or take half, so that what failed together does not return together."""
    return min(timedelta(seconds=10 * 3 ** (attempt - 1)), timedelta(hours=12)) * random.uniform(0.5, 1.5)


def _where(failure: Exception) -> str:
    """The kind of mistake and its line. Its words stay in the log: they may hold what somebody typed."""
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" at {'/'.join(Path(frames[-1].filename).parts[-2:])}:{frames[-1].lineno}" if frames else ""
    return f"{type(failure).__name__}{place}"[:300]


def _due(handlers: Handlers) -> Any:
    """Jobs of a kind this program knows: during an update the older worker leaves the newer kinds alone."""
    return select(Job.id).where(col(Job.ended_at).is_(None), col(Job.run_after) <= now(), col(Job.kind).in_(list(handlers)))
