"""Re-computing a whole log: nothing stored is believed, and the first entry that is wrong is named.

What it cannot see is a log rewritten whole, head and nodes included, or cut short the same way: for that the size and root
are printed on every paper notice (`queries.root_at`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import starmap
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session, col

from app.kit.records import columns
from app.publiclog.merkle import Frontier, leaf_hash
from app.publiclog.models import Commitment, LogEntry, LogNode, commitment_of
from app.publiclog.queries import head_of


class Wrong(StrEnum):
    GAP = "gap"
    """Another index than the next one: entries are missing, doubled or out of order from here."""
    CHANGED = "changed"
    """The bytes do not give the leaf hash stored beside them."""
    NODE = "node"
    """A stored tree hash is changed, missing or too many; this is the first entry under it."""
    UNREADABLE = "unreadable"
    """The bytes are no entry of this compound."""
    MISFILED = "misfiled"
    """The look-up columns say something else than the bytes."""
    BALANCE = "balance"
    """The running balance is not the sum of the amounts so far."""
    TRUNCATED = "truncated"
    """The head promises more entries: this is the first that is missing."""
    BEYOND_HEAD = "beyond_head"
    """The head knows fewer entries: this is the first it does not know."""
    HEAD_ROOT = "head_root"
    """The root in the head, or the peaks it was made from, are not those of the entries."""
    HEAD_BALANCE = "head_balance"
    COMMITMENT = "commitment"
    """A kept personal value is not the one that was committed to."""


@dataclass(frozen=True)
class Finding:
    wrong: Wrong
    index: int | None
    """The first bad entry; None where it is the head or a kept value, not an entry, that is bad."""


@dataclass(frozen=True)
class Report:
    """`size` entries were read and found good; their root and balance; and what was found after them."""

    size: int
    root: bytes
    balance_fen: int
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as stored or exported. An export has no look-up columns."""

    index: int
    entry: bytes
    leaf_hash: bytes
    type: str | None = None
    record_id: UUID | None = None


@dataclass(frozen=True)
class Head:
    """What the log, or a printed sheet, says of itself. A sheet says no more than size and root."""

    size: int
    root: bytes
    balance_fen: int | None = None
    peaks: bytes | None = None


def check(compound_id: UUID, lines: Iterable[Line], head: Head, nodes: Iterable[tuple[int, int, bytes]] | None = None) -> Report:
    """Read the lines once, in order, in O(log n) memory, up to the first thing that is wrong.

    `nodes`: (level, index, hash) in the order in which the entries completed them; None where there are none (an export).
    """
    good, balance_fen = Frontier(), 0
    stored = None if nodes is None else iter(nodes)

    def report(wrong: Wrong | None = None, index: int | None = None) -> Report:
        return Report(good.size, good.root, balance_fen, Finding(wrong, index) if wrong else None)

    for line in lines:
        if good.size == head.size:
            return report(Wrong.BEYOND_HEAD, good.size)
        if line.index != good.size:
            return report(Wrong.GAP, good.size)
        leaf = leaf_hash(line.entry)
        if leaf != line.leaf_hash:
            return report(Wrong.CHANGED, good.size)
        grown = Frontier(good.size, good.peaks.copy())
        for node in grown.append(leaf):
            if stored is not None and next(stored, None) != node:
                return report(Wrong.NODE, node[1] << node[0])
        said = _read(line.entry)
        amount_fen = said.get("amount_fen", 0)
        if said.get("compound") != str(compound_id) or type(amount_fen) is not int:
            return report(Wrong.UNREADABLE, good.size)
        if line.type is not None and (line.type, str(line.record_id)) != (said.get("type"), said.get("record_id")):
            return report(Wrong.MISFILED, good.size)
        if said.get("running_balance_fen") != (balance_fen + amount_fen if "amount_fen" in said else None):
            return report(Wrong.BALANCE, good.size)
        good, balance_fen = grown, balance_fen + amount_fen

    if good.size < head.size:
        return report(Wrong.TRUNCATED, good.size)
    if stored is not None and next(stored, None):
        return report(Wrong.NODE, good.size)
    if good.root != head.root or head.peaks not in (None, good.packed):
        return report(Wrong.HEAD_ROOT)
    if head.balance_fen not in (None, balance_fen):
        return report(Wrong.HEAD_BALANCE)
    return report()


def verify_log(session: Session, compound_id: UUID) -> Report:
    """Check a compound's stored log, its nodes, its head, and the personal values kept beside it.

    Give it a reading transaction: a log that grows meanwhile is not a changed one. Raises NotFound where there is no log.
    """
    head = head_of(session, compound_id)
    with (
        session.connection().execute(_LINES, {"compound_id": compound_id}) as lines,
        session.connection().execute(_NODES, {"compound_id": compound_id}) as nodes,
        session.connection().execute(_KEPT, {"compound_id": compound_id}) as kept,
    ):
        report = check(
            compound_id,
            starmap(_line, lines),
            Head(head.size, head.root, head.running_balance_fen, head.peaks),
            nodes,
        )
        if report.finding is None and not all(commitment == commitment_of(salt, value) for commitment, salt, value in kept):
            return replace(report, finding=Finding(Wrong.COMMITMENT, None))
    return report


def _line(index: int, entry: Any, leaf: Any, type: str, record_id: UUID) -> Line:
    """SQLite keeps whatever it is given: a forger's TEXT is read as the bytes it stands for, and judged like them."""
    stored, hashed = (value if isinstance(value, bytes) else str(value).encode() for value in (entry, leaf))
    return Line(index, stored, hashed, type, record_id)


_LINES = (
    columns(
        col(LogEntry.index),
        type_coerce(col(LogEntry.entry), NullType()),
        type_coerce(col(LogEntry.leaf_hash), NullType()),
        col(LogEntry.type),
        col(LogEntry.record_id),
    )
    .where(col(LogEntry.compound_id) == bindparam("compound_id"))
    .order_by(col(LogEntry.index))
    .execution_options(yield_per=1000)
)
_NODES = (
    select(col(LogNode.level), col(LogNode.index), col(LogNode.hash))
    .where(col(LogNode.compound_id) == bindparam("compound_id"))
    .order_by((col(LogNode.index) + 1).bitwise_lshift(col(LogNode.level)), col(LogNode.level))
    .execution_options(yield_per=1000)
)
_KEPT = (
    select(col(Commitment.commitment), col(Commitment.salt), col(Commitment.value))
    .where(col(Commitment.compound_id) == bindparam("compound_id"))
    .execution_options(yield_per=1000)
)


def _read(entry: bytes) -> dict[str, Any]:
    try:
        said = json.loads(entry)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
