"""What the log shows: heads, entries, proofs. A proof costs one look-up of O(log n) nodes by key."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlmodel import Session, and_, col, false, func, or_, select

from app.kit.records import Record
from app.kit.refusals import NotFound
from app.publiclog.merkle import (
    Fetch,
    Span,
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
    leaf_hash,
    nodes_of,
    root_over,
    verify_inclusion,
)
from app.publiclog.models import Commitment, LogEntry, LogHead, LogNode, commitment_of

AT_A_TIME = 200
"""Entries whose nodes are read together: some twenty each, and a statement takes 32,766 parameters."""


class BrokenLog(Exception):
    """A node that must be stored is not there. `verifying.verify_log` names the place."""


@dataclass(frozen=True)
class InclusionProof:
    """Entry `index` is in the tree of `size` leaves with this root: what `merkle.verify_inclusion` checks."""

    entry: bytes
    leaf_hash: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True)
class ConsistencyProof:
    """The first `size1` entries are unchanged in the tree of `size2`: what `merkle.verify_consistency` checks."""

    size1: int
    size2: int
    path: tuple[bytes, ...]
    root1: bytes
    root2: bytes


def head_of(session: Session, compound_id: UUID) -> LogHead:
    """Raises NotFound where no log was started."""
    head = session.get(LogHead, compound_id)
    if head is None:
        raise NotFound
    return head


def entry_at(session: Session, compound_id: UUID, index: int) -> LogEntry:
    """Raises NotFound beyond the end."""
    entry = session.get(LogEntry, (compound_id, index))
    if entry is None:
        raise NotFound
    return entry


def entries_of_record(session: Session, compound_id: UUID, record_id: UUID) -> Sequence[LogEntry]:
    """Everything ever published about one record, oldest first."""
    return session.exec(
        select(LogEntry)
        .where(col(LogEntry.compound_id) == compound_id, col(LogEntry.record_id) == record_id)
        .order_by(col(LogEntry.index))
    ).all()


@dataclass(frozen=True)
class Opened:
    """A value behind a commitment of an entry: SHA-256(`salt` ‖ `value` in UTF-8) is `commitment`, as the entry has it."""

    index: int
    type: str
    field: str
    value: str
    salt: bytes
    commitment: bytes

    @property
    def holds(self) -> bool:
        return commitment_of(self.salt, self.value) == self.commitment


def opened(session: Session, record: Record) -> list[Opened]:
    """What stands behind the commitments of everything published about a record, for whoever may know it; nothing of what was
    erased since.
    """
    found = []
    for entry in entries_of_record(session, record.compound_id, record.id):
        for field, said in json.loads(entry.entry).get("commits", {}).items():
            kept = session.get(Commitment, (record.compound_id, bytes.fromhex(said)))
            if kept:
                found.append(Opened(entry.index, entry.type, field, kept.value, kept.salt, kept.commitment))
    return found


def first_index_of(session: Session, record: Record) -> int:
    """Where the publication of a record stands in the log. Raises IndexError for one that was never published."""
    return entries_of_record(session, record.compound_id, record.id)[0].index


def first_indexes_of(session: Session, compound_id: UUID, record_ids: Collection[UUID]) -> dict[UUID, int]:
    """Where the publication of each record stands in the log; those that were never published are left out."""
    rows = session.execute(
        select(LogEntry.record_id, func.min(LogEntry.index))
        .where(col(LogEntry.compound_id) == compound_id, col(LogEntry.record_id).in_(record_ids))
        .group_by(col(LogEntry.record_id))
    )
    return {row[0]: row[1] for row in rows}


def entry_stands(session: Session, logged: LogEntry) -> bool:
    """Whether an entry is what was published, and the whole way from it leads to the log's root."""
    leaf = leaf_hash(logged.entry)
    try:
        proof = proof_for(session, logged.compound_id, logged.index)
    except BrokenLog:
        return False
    return leaf == logged.leaf_hash and verify_inclusion(leaf, logged.index, proof.size, proof.path, proof.root)


def proof_for(session: Session, compound_id: UUID, index: int, size: int | None = None) -> InclusionProof:
    """That entry `index` is in the log as it was at `size` (now, if not said). Raises NotFound outside the log."""
    head = head_of(session, compound_id)
    size = head.size if size is None else size
    if not 0 <= index < size <= head.size:
        raise NotFound
    logged = entry_at(session, compound_id, index)
    fetch = node_reader(session, compound_id, [(0, size), *inclusion_spans(index, size)])
    # The head's own root where it can be had: a changed node then shows as a proof that fails.
    root = head.root if size == head.size else root_over((0, size), fetch)
    return _proof(logged, size, root, fetch)


def proofs_of(session: Session, compound_id: UUID, record_ids: Collection[UUID]) -> Iterator[InclusionProof]:
    """That everything ever published about these records is in the log as it is now, in the log's order. For many of them: their
    nodes are read some hundred entries at a time. Raises BrokenLog.
    """
    head = head_of(session, compound_id)
    logged = session.exec(
        select(LogEntry)
        .where(col(LogEntry.compound_id) == compound_id, col(LogEntry.record_id).in_(record_ids))
        .order_by(col(LogEntry.index))
        .execution_options(yield_per=AT_A_TIME)
    )
    for part in logged.partitions():
        spans = chain.from_iterable(inclusion_spans(entry.index, head.size) for entry in part)
        fetch = node_reader(session, compound_id, spans)
        yield from (_proof(entry, head.size, head.root, fetch) for entry in part)


def _proof(logged: LogEntry, size: int, root: bytes, fetch: Fetch) -> InclusionProof:
    path = tuple(inclusion_proof(logged.index, size, fetch))
    return InclusionProof(logged.entry, logged.leaf_hash, logged.index, size, path, root)


def consistency_for(session: Session, compound_id: UUID, size1: int, size2: int) -> ConsistencyProof:
    """That the log of `size2` continues the log of `size1`. Raises NotFound unless 0 < size1 ≤ size2 ≤ the log's size."""
    head = head_of(session, compound_id)
    if not 0 < size1 <= size2 <= head.size:
        raise NotFound
    fetch = node_reader(session, compound_id, [(0, size1), (0, size2), *consistency_spans(size1, size2)])
    path = tuple(consistency_proof(size1, size2, fetch))
    return ConsistencyProof(size1, size2, path, root_over((0, size1), fetch), root_over((0, size2), fetch))


def root_at(session: Session, compound_id: UUID, size: int) -> bytes:
    """The root when the log had `size` entries: to compare with a printed sheet. Raises NotFound beyond the log."""
    if not 0 <= size <= head_of(session, compound_id).size:
        raise NotFound
    return root_over((0, size), node_reader(session, compound_id, [(0, size)]))


def node_reader(session: Session, compound_id: UUID, spans: Iterable[Span]) -> Fetch:
    """Reads all nodes of `spans` at once; what it gives fetches from them and raises BrokenLog for one that is not stored."""
    wanted: dict[int, set[int]] = {}
    for level, index in chain.from_iterable(map(nodes_of, spans)):
        wanted.setdefault(level, set()).add(index)
    # The whole key in each term: with compound_id outside of them, or with (level, index) IN (…), SQLite reads all nodes
    # of the compound (300 ms at a million entries).
    here = col(LogNode.compound_id) == compound_id
    terms = [and_(here, col(LogNode.level) == level, col(LogNode.index).in_(indexes)) for level, indexes in wanted.items()]
    rows = session.exec(select(LogNode.level, LogNode.index, LogNode.hash).where(or_(false(), *terms)))
    stored = {(level, index): hash_ for level, index, hash_ in rows}

    def fetch(level: int, index: int) -> bytes:
        try:
            return stored[level, index]
        except KeyError:
            raise BrokenLog(f"node {index} of level {level} is missing") from None

    return fetch
