"""Sightings: views, last used, last seen. A GET never writes, so they are tallied in memory and flushed now and then.

Each serving process flushes every 30 s and at shutdown. What was tallied in between is lost when the process is killed:
nothing may hang on a single sighting, and sign-in throttles are rows of their own.

A kind may have a follower, which is told what was seen and when last, in the flush's transaction; it has no rows then.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import BigInteger, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, Session, SQLModel, col

from app.kit.clock import now, today
from app.kit.db import Database, writing
from app.kit.records import shared_by_all

MOST = 50_000
"""Different things remembered between two flushes; the rest goes unseen rather than filling the memory."""

Key = tuple[str, UUID]
Seen = dict[Key, tuple[int, datetime]]
Followers = Mapping[str, Callable[[Session, Mapping[UUID, datetime]], None]]


@shared_by_all
class Sighting(SQLModel, table=True):
    """How often a thing was seen and when last. `kind` says what is seen how: "notice.viewed", "key.used"."""

    kind: str = Field(max_length=40, primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)
    last_at: datetime


class Tally:
    """Counts from many threads; one for each process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: Seen = {}
        self._salt = token_bytes(16)
        self._day, self._who = date.min, set[bytes]()

    def saw(self, kind: str, subject_id: UUID) -> None:
        """Count one sighting, now."""
        self._add({(kind, subject_id): (1, now())})

    def saw_once_a_day(self, kind: str, subject_id: UUID, by: str) -> None:
        """Count who looks again and again once a day. `by` is kept as a keyed hash, in memory, and until midnight."""
        who = blake2b(f"{kind} {subject_id} {by}".encode(), digest_size=16, key=self._salt).digest()
        with self._lock:
            if self._day != today():
                self._day, self._who = today(), set()
            if who in self._who or len(self._who) >= MOST:
                return
            self._who.add(who)
        self.saw(kind, subject_id)

    def flush(self, db: Database, followers: Followers = MappingProxyType({})) -> int:
        """Add what was tallied to the rows, or tell its follower, in a transaction of its own; returns of how many things.

        Raises what the database raised, and then nothing is forgotten: the next flush tries again.
        """
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return 0
        try:
            with writing(db) as session:
                for kind, follow in followers.items():
                    if last := {id: at for (k, id), (_, at) in seen.items() if k == kind}:
                        follow(session, last)
                _write(session, {key: what for key, what in seen.items() if key[0] not in followers})
        except SQLAlchemyError:
            self._add(seen)
            raise
        return len(seen)

    def _add(self, seen: Mapping[Key, tuple[int, datetime]]) -> None:
        with self._lock:
            for key, (count, at) in seen.items():
                known = self._seen.get(key)
                if known:
                    self._seen[key] = (known[0] + count, max(known[1], at))
                elif len(self._seen) < MOST:
                    self._seen[key] = (count, at)


tally = Tally()


def saw(kind: str, subject_id: UUID) -> None:
    """Count one sighting in this process's tally."""
    tally.saw(kind, subject_id)


def saw_once_a_day(kind: str, subject_id: UUID, by: str) -> None:
    """Count one sighting for each `by` and day, in this process's tally."""
    tally.saw_once_a_day(kind, subject_id, by)


def times_seen(session: Session, kind: str, subject_id: UUID) -> int:
    """As far as it was flushed."""
    sighting = session.get(Sighting, (kind, subject_id))
    return sighting.count if sighting else 0


def _write(session: Session, seen: Seen) -> None:
    if not seen:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Sighting)
    newer = insert.excluded.last_at > col(Sighting.last_at)
    statement = insert.on_conflict_do_update(
        index_elements=["kind", "subject_id"],
        set_={
            "count": col(Sighting.count) + insert.excluded.count,
            "last_at": case((newer, insert.excluded.last_at), else_=col(Sighting.last_at)),
        },
    )
    # In the order of the keys: two processes that flush at once then wait for each other, but never in a circle.
    rows = [{"kind": k, "subject_id": i, "count": c, "last_at": at} for (k, i), (c, at) in sorted(seen.items())]
    session.connection().execute(statement, rows)
