"""What there is to see of the log, and whether an entry holds against it."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col

from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns
from app.publiclog.merkle import leaf_hash, verify_inclusion
from app.publiclog.models import LogEntry
from app.publiclog.queries import BrokenLog, entry_at, head_of, proof_for, root_at


class Outcome(StrEnum):
    HOLDS = "holds"
    CHANGED = "changed"
    """The entry's bytes are not those that were published."""
    NOT_IN_LOG = "not_in_log"
    """The way from the entry does not lead to the log's root."""
    BROKEN = "broken"
    """A stored hash on the way is missing."""


@dataclass(frozen=True, slots=True)
class EntryLine:
    index: int
    type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """An entry, what it says, and what the server found when it computed the whole way again."""

    index: int
    size: int
    entry: str
    """The bytes, indented for the eye; the download has them as they are."""
    said: dict[str, Any]
    leaf: str
    path: tuple[str, ...]
    root: str
    outcome: Outcome


ENTRIES = Listing(
    "log",
    columns(col(LogEntry.index).label("place"), LogEntry.type, LogEntry.created_at, LogEntry.record_id).where(
        LogEntry.compound_id == bindparam("compound_id")
    ),
    col(LogEntry.index),
    col(LogEntry.record_id),
    lambda row: EntryLine(row.place, row.type, row.created_at),
    newest_first=True,
)


def entries(session: Session, compound_id: UUID, asked: Asked) -> Page[EntryLine]:
    """Newest first. Raises BadCursor."""
    return ENTRIES.page(session, asked, compound_id=compound_id)


def checked(session: Session, compound_id: UUID, index: int) -> Checked:
    """Raises NotFound beyond the log's end."""
    head, logged = head_of(session, compound_id), entry_at(session, compound_id, index)
    leaf, path, outcome = leaf_hash(logged.entry), tuple[bytes, ...](), Outcome.BROKEN
    try:
        path = proof_for(session, compound_id, index).path
    except BrokenLog:
        pass
    else:
        if leaf != logged.leaf_hash:
            outcome = Outcome.CHANGED
        else:
            outcome = Outcome.HOLDS if verify_inclusion(leaf, index, head.size, path, head.root) else Outcome.NOT_IN_LOG
    said = _read(logged.entry)
    pretty = json.dumps(said, ensure_ascii=False, indent=2) if said else logged.entry.decode(errors="replace")
    return Checked(index, head.size, pretty, said, leaf.hex(), tuple(h.hex() for h in path), head.root.hex(), outcome)


def sheet_agrees(session: Session, compound_id: UUID, size: int, root: str) -> bool | None:
    """Whether a printed sheet's size and (the beginning of its) root are this log's; None where the log is shorter."""
    if size > head_of(session, compound_id).size:
        return None
    return root_at(session, compound_id, size).hex().startswith(root)


def _read(entry: bytes) -> dict[str, Any]:
    try:
        said = json.loads(entry)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
