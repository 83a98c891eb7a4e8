"""Publishing: a line is written in the transaction of the act it records, under the lock of the compound's log head.

Verbs only `publish`; `append_queued` writes the lines just before commit, because a head locked in the middle of one verb
and a shift locked in the middle of another wait for each other for ever.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from secrets import token_bytes
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, event
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, delete, select

from app.kit.clock import now
from app.kit.db import touch
from app.publiclog.canonical import Value, canonical
from app.publiclog.merkle import Frontier, leaf_hash
from app.publiclog.models import LONGEST_ENTRY, Commitment, LogEntry, LogHead, LogNode, commitment_of

MakeEntry = Callable[[int], dict[str, Value]]
"""The entry's index in the log -> `Entry(…).values()`; called under the head lock."""


class NotAnEntry(ValueError):
    """A room made an entry that its compound's log cannot take. A mistake in the program, never a resident's."""


@dataclass(frozen=True)
class Attachment:
    """A published file: hex SHA-256 and length of the bytes as published, and their media type."""

    sha256: str
    size: int
    type: str


@dataclass(frozen=True)
class Entry:
    """What one line says (TLOG.md). Nothing personal: names and the like go into `commits`, made by `commit_to`."""

    type: str
    """What happened, to which noun: "statement.published"."""
    compound_id: UUID
    record_id: UUID
    record_version: int = 1
    amount_fen: int | None = None
    """Public money that moved, signed; it changes the running balance. A figure that moves nothing belongs in `facts`."""
    decision_ref: str | None = None
    attachments: tuple[Attachment, ...] = ()
    commits: dict[str, str] = field(default_factory=dict)
    """Field name -> commitment (hex)."""
    supersedes: int | None = None
    """The index of the entry that this one corrects or withdraws."""
    facts: dict[str, Value] = field(default_factory=dict)
    published_at: datetime = field(default_factory=now)

    def values(self) -> dict[str, Value]:
        """As it is logged; what was not given is left out. `append` adds running_balance_fen to an amount."""
        always: dict[str, Value] = {
            "v": 1,
            "type": self.type,
            "compound": str(self.compound_id),
            "record_id": str(self.record_id),
            "record_version": self.record_version,
            "published_at": f"{self.published_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        sometimes: dict[str, Value] = {
            "amount_fen": self.amount_fen,
            "decision_ref": self.decision_ref,
            "attachments": [asdict(attachment) for attachment in self.attachments] or None,
            "commits": dict(self.commits) or None,
            "supersedes": self.supersedes,
            "facts": self.facts or None,
        }
        return always | {name: value for name, value in sometimes.items() if value is not None}


def start_log(session: Session, compound_id: UUID) -> None:
    """The empty log of a new compound."""
    session.flush()  # the compound's own row first: nothing else tells the session which one points to which
    session.add(LogHead(compound_id=compound_id))


def publish(session: Session, compound_id: UUID, make_entry: MakeEntry) -> None:
    """Have a line written when this transaction commits; not at all if it, or the savepoint we are in, is undone."""
    session.info.setdefault("log", []).append(_Queued(compound_id, make_entry, tuple(_savepoints(session))))


def append_queued(session: Session) -> None:
    """Write what was published, in compound-id order. Called once, just before commit: the head is locked last."""
    queue = sorted(session.info.pop("log", ()), key=lambda queued: queued.compound_id)
    for compound_id, lines in groupby(queue, key=lambda queued: queued.compound_id):
        append(session, compound_id, *(queued.make_entry for queued in lines))


def append(session: Session, compound_id: UUID, *lines: MakeEntry) -> list[LogEntry]:
    """Write lines at the log's end. The head stays locked until commit.

    Raises NotAnEntry or NotCanonical for an entry that cannot be logged, NoResultFound where no log was started.
    """
    head = session.exec(_HEAD, params={"compound_id": compound_id}).one()
    logged = [_add_leaf(session, head, make_entry) for make_entry in lines]
    touch(session, compound_id)
    session.flush()
    return logged


def _add_leaf(session: Session, head: LogHead, make_entry: MakeEntry) -> LogEntry:
    """Entry, nodes, head; O(log n)."""
    compound_id = head.compound_id
    values = make_entry(head.size)
    amount_fen = values.get("amount_fen", 0)
    if values.get("compound") != str(compound_id) or "running_balance_fen" in values or type(amount_fen) is not int:
        raise NotAnEntry("an entry names its compound and whole fen; its running balance is made here")
    balance_fen = head.running_balance_fen + amount_fen
    if "amount_fen" in values:
        values = values | {"running_balance_fen": balance_fen}
    entry = canonical(values)
    if len(entry) > LONGEST_ENTRY:
        raise NotAnEntry(f"{len(entry)} bytes are too many for an entry")
    leaf = leaf_hash(entry)
    frontier = Frontier.unpack(head.size, head.peaks)
    logged = LogEntry(
        compound_id=compound_id,
        index=head.size,
        entry=entry,
        leaf_hash=leaf,
        type=str(values["type"]),
        record_id=UUID(str(values["record_id"])),
    )
    session.add(logged)
    session.add_all(
        LogNode(compound_id=compound_id, level=level, index=index, hash=h) for level, index, h in frontier.append(leaf)
    )
    head.size, head.root, head.peaks = frontier.size, frontier.root, frontier.packed
    head.running_balance_fen = balance_fen
    return logged


def commit_to(session: Session, compound_id: UUID, value: str) -> str:
    """Keep a personal value beside the log and give its commitment (hex) for `Entry.commits`: SHA-256(16-byte salt ‖ value)."""
    salt = token_bytes(16)
    commitment = commitment_of(salt, value)
    session.add(Commitment(compound_id=compound_id, commitment=commitment, salt=salt, value=value))
    touch(session, compound_id)
    return commitment.hex()


def erase_commitment(session: Session, compound_id: UUID, commitment: str) -> None:
    """Forget the value and the salt behind a commitment (hex): from then on nobody can tell what it was."""
    session.exec(
        delete(Commitment).where(
            col(Commitment.compound_id) == compound_id, col(Commitment.commitment) == bytes.fromhex(commitment)
        )
    )
    touch(session, compound_id)


_HEAD = (
    select(LogHead)
    .where(col(LogHead.compound_id) == bindparam("compound_id"))
    .with_for_update()
    .execution_options(populate_existing=True)  # a head that was read before the lock is an old one
)


class _Queued(NamedTuple):
    compound_id: UUID
    make_entry: MakeEntry
    savepoints: tuple[SessionTransaction, ...]


def _savepoints(session: OrmSession) -> Iterator[SessionTransaction]:
    transaction = session.get_nested_transaction()
    while transaction:
        if transaction.nested:
            yield transaction
        transaction = transaction.parent


@event.listens_for(OrmSession, "after_soft_rollback")
def _unpublish(session: OrmSession, undone: SessionTransaction) -> None:
    """A line whose act was undone must not be written by whatever the session does next."""
    while undone.parent and not undone.nested:
        undone = undone.parent  # a flush that failed undoes the savepoint around it
    queue: list[_Queued] = session.info.get("log", [])
    queue[:] = [queued for queued in queue if undone.nested and undone not in queued.savepoints]
