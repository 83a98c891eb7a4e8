"""Two doors to one database: reading and writing.

SQLite: readers get a snapshot and cannot write (`query_only`); writers BEGIN IMMEDIATE and queue twice, as coroutines
behind a limiter of one (fair inside a process, no thread waits in a lock) and by `flock` on `<db>.writers` (fair between
processes: worst wait 24 ms against 3,128 ms without). PostgreSQL: readers REPEATABLE READ READ ONLY, writers READ
COMMITTED, because a snapshot older than the parent's row lock would oversell (TRUST.md).
"""

import fcntl
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine, Integer, NullPool, Uuid, bindparam, column, create_engine, event, make_url, table, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from app.kit.records import Record
from app.kit.refusals import Busy

Hook = Callable[[Session], None]
Seen = TypeVar("Seen")


class Database:
    """Engines, queues, and what happens before every commit.

    `before_commit` runs in order, inside the transaction, after the verb: the log, then the data version, whose lock the rows
    of `kit.events` wait for: they are written by SQLAlchemy's own event of that name, at the commit itself.
    """

    def __init__(self, url: str, *, threads: int = 8, before_commit: tuple[Hook, ...] = (), line: int = 500) -> None:
        """`line`: how many requests may wait for their turn, to read and to write each, before the next hears Busy at once."""
        self.url = make_url(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self.before_commit = (*before_commit, raise_data_versions)
        self.readers = CapacityLimiter(threads)
        self.writers = CapacityLimiter(1 if self.on_sqlite else threads)
        self.line = line
        self._callers: Counter[CapacityLimiter] = Counter()
        if self.on_sqlite:
            assert self.url.database, "an embedded database is a file"
            self.reading = _sqlite(url, "BEGIN", query_only=True, size=threads)
            self.writing = _sqlite(url, "BEGIN IMMEDIATE", query_only=False, size=2)
            self._queue: str | None = f"{self.url.database}.writers"
        else:
            self.writing = create_engine(
                url, hide_parameters=True, pool_size=threads, max_overflow=4, isolation_level="READ COMMITTED", pool_pre_ping=True
            )
            self.reading = self.writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._queue = None

    @contextmanager
    def in_line(self, *, reads: bool) -> Iterator[CapacityLimiter]:
        """A place in the line before the limiter, which itself takes any number. Raises Busy. For the event loop's thread."""
        limiter = self.readers if reads else self.writers
        if self._callers[limiter] >= limiter.total_tokens + self.line:
            raise Busy
        self._callers[limiter] += 1
        try:
            yield limiter
        finally:
            self._callers[limiter] -= 1

    async def look(self, ask: Callable[[Session], Seen]) -> Seen:
        """What `ask` finds, in line with all that reads: before slow work. Raises Busy, and what `ask` raises."""

        def read() -> Seen:
            with reading(self) as session:
                return ask(session)

        with self.in_line(reads=True) as limiter:
            return await to_thread.run_sync(read, limiter=limiter)

    def turn(self) -> AbstractContextManager[None]:
        """Wait for this process's and thread's turn to write (SQLite only)."""
        return _flocked(self._queue) if self._queue else nullcontext()

    def finish(self, session: Session) -> None:
        """The last steps inside the transaction, then COMMIT. Nobody else in the house commits."""
        session.flush()
        for hook in self.before_commit:
            hook(session)
        session.commit()

    def dispose(self) -> None:
        self.reading.dispose()
        self.writing.dispose()


@contextmanager
def writing(db: Database) -> Iterator[Session]:
    """A writing transaction outside a request (CLI, worker, tests): returning commits, raising rolls back."""
    with db.turn(), Session(db.writing, expire_on_commit=False) as session:
        yield session
        db.finish(session)


@contextmanager
def reading(db: Database) -> Iterator[Session]:
    """A reading transaction outside a request; writing in it fails on both engines."""
    with Session(db.reading, expire_on_commit=False) as session:
        yield session


def touch(session: Session, compound_id: UUID) -> None:
    """Say that a compound's rows changed by a Core statement, which the session cannot see for itself."""
    session.info.setdefault("touched", set()).add(compound_id)


@event.listens_for(Session, "before_flush")
def _note_touched(session: Session, *_: Any) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Record):
            touch(session, row.compound_id)


def raise_data_versions(session: Session) -> None:
    """The ground for pages remembered while nothing changed. Last in the lock order, in id order: no deadlocks."""
    for compound_id in sorted(session.info.pop("touched", ())):
        session.connection().execute(_RAISE, {"touched": compound_id})


_COMPOUND = table("compound", column("id", Uuid()), column("data_version", Integer()))
_RAISE = update(_COMPOUND).where(_COMPOUND.c.id == bindparam("touched")).values(data_version=_COMPOUND.c.data_version + 1)


def is_transient(error: BaseException) -> bool:
    """A deadlock or serialization failure: the same work may be tried again (PostgreSQL class 40)."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in {"40001", "40P01"}


def is_busy(error: BaseException) -> bool:
    """SQLite's writer did not get its turn within busy_timeout."""
    return _sqlite_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_away(error: BaseException) -> bool:
    """The database does not answer, or its disk is full or failing: nothing is wrong with what was asked.

    PostgreSQL's classes 08 (connection), 53 (resources), 57P (shut down) and 58 (system), or no state at all where nobody
    was there to name one.
    """
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", "")
    return (
        error.connection_invalidated
        or (state is None and isinstance(error, OperationalError))
        or (state or "").startswith(("08", "53", "57P", "58"))
        or _sqlite_code(error) in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
    )


def is_read_only(error: BaseException) -> bool:
    """A statement that writes was refused: the database is read-only, or this transaction was opened to read."""
    orig = getattr(error, "orig", None)
    return getattr(orig, "sqlstate", None) == "25006" or _sqlite_code(error) == sqlite3.SQLITE_READONLY


def _sqlite_code(error: BaseException) -> int:
    """Without what SQLite adds above the first byte; 0 for another engine's error."""
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF


_mine = threading.local()


@contextmanager
def _flocked(path: str) -> Iterator[None]:
    """Raises RuntimeError where this thread is already writing: it would wait for itself for ever."""
    if getattr(_mine, "writing", False):
        raise RuntimeError("a writing transaction inside a writing transaction: pass the session down")
    # Opened anew each time: flock excludes open file descriptions, so threads exclude each other too.
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        _mine.writing = True
        yield
    finally:
        _mine.writing = False
        os.close(file)


def _sqlite(url: str, begin: str, *, query_only: bool, size: int) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_size=size, max_overflow=4)
    assert not isinstance(engine.pool, NullPool)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver opens no transactions of its own
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL may lose acknowledged commits at power loss
            "foreign_keys=ON",
            "busy_timeout=5000",
            f"cache_size={-2_000 if query_only else -64_000}",  # KiB: a district's roll is written without spilling
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(engine, "checkin")
    def leave_nothing_open(connection: sqlite3.Connection | None, _: Any) -> None:
        # A COMMIT refused by a deferred constraint leaves the transaction open, and the pool would lend it out again.
        if connection is not None and connection.in_transaction:
            connection.rollback()

    return engine
