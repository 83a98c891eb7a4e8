"""Whether what is stored today still is what the public log says was published: the books, notices, statements, certificates.

The log bears witness only where it is sound itself (`publiclog.verifying`). Words stand in it as commitments; those that were
erased say nothing.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, exists
from sqlmodel import Session, col, select

from app.kit.records import columns
from app.notices.models import Notice, NoticeKind
from app.publiclog.canonical import Value, canonical
from app.publiclog.models import Commitment, LogEntry
from app.treasury.chart_models import LedgerAccount
from app.treasury.models import JournalEntry, Posting
from app.treasury.statement_content import SUMS
from app.treasury.statement_models import Statement
from app.volunteering.certificate_models import Certificate
from app.volunteering.certificate_queries import ISSUED

AT_A_TIME = 500
POSTED = "entry.posted"


def not_as_published(session: Session, compound_id: UUID) -> Iterator[str]:
    """What was changed, removed or slipped in behind the log's back, each named so that people find it: its number, its title.

    Reads everything once, some hundred rows at a time.
    """
    logged = session.execute(_LOGGED, {"compound_id": compound_id}).scalars()
    for part in logged.partitions(AT_A_TIME):
        yield from _changed_entries(session, compound_id, [json.loads(entry) for entry in part])
    for year, number in session.execute(_UNLOGGED, {"compound_id": compound_id}):
        yield f"entry {year}-{number} was never published"
    for row in session.execute(_NOTICES, {"compound_id": compound_id}):
        said = json.loads(row.entry) if row.entry else {}
        digests = [attachment["sha256"] for attachment in said.get("attachments", ())]
        if digests != [sha256(row.frozen).hexdigest()] or row.sha256.hex() != digests[0]:
            yield f"notice {row.title!r} is not what was published"
    for (index,) in session.execute(_GONE, {"compound_id": compound_id, "types": [f"{kind}.published" for kind in NoticeKind]}):
        yield f"the notice published as entry {index} of the log is gone"
    for year, number, content, entry in session.execute(_CERTIFICATES, {"compound_id": compound_id}):
        said = json.loads(entry) if entry else {}
        if [one["sha256"] for one in said.get("attachments", ())] != [sha256(content.encode()).hexdigest()]:
            yield f"certificate {year}-{number} is not what was published"
    for statement, frozen in session.execute(_STATEMENTS, {"compound_id": compound_id}):
        said = _read(frozen)
        if [said.get(name) for name in SUMS] != [getattr(statement, name) for name in SUMS]:
            yield f"statement {statement.key} says other sums than its notice"


_LOGGED = (
    select(LogEntry.entry)
    .where(col(LogEntry.compound_id) == bindparam("compound_id"), col(LogEntry.type) == POSTED)
    .order_by(col(LogEntry.index))
    .execution_options(yield_per=AT_A_TIME)
)
_UNLOGGED = (
    columns(JournalEntry.year, JournalEntry.number)
    .where(
        JournalEntry.compound_id == bindparam("compound_id"),
        ~exists().where(
            col(LogEntry.compound_id) == JournalEntry.compound_id,
            col(LogEntry.record_id) == JournalEntry.id,
            col(LogEntry.type) == POSTED,
        ),
    )
    .order_by(col(JournalEntry.year), col(JournalEntry.number))
)
_NOTICES = (
    columns(Notice.title, Notice.frozen, Notice.sha256, LogEntry.entry)
    .outerjoin(
        LogEntry,
        and_(
            col(LogEntry.compound_id) == Notice.compound_id,
            col(LogEntry.record_id) == Notice.id,
            col(LogEntry.type) == col(Notice.kind) + ".published",
        ),
    )
    .where(Notice.compound_id == bindparam("compound_id"))
    .order_by(col(Notice.published_at))
    .execution_options(yield_per=AT_A_TIME)
)
_CERTIFICATES = (
    columns(Certificate.year, Certificate.number, Certificate.content, LogEntry.entry)
    .outerjoin(
        LogEntry,
        and_(
            col(LogEntry.compound_id) == Certificate.compound_id,
            col(LogEntry.record_id) == Certificate.id,
            col(LogEntry.type) == ISSUED,
        ),
    )
    .where(Certificate.compound_id == bindparam("compound_id"))
    .order_by(col(Certificate.issued_at))
    .execution_options(yield_per=AT_A_TIME)
)
_GONE = (
    columns(col(LogEntry.index))
    .where(
        col(LogEntry.compound_id) == bindparam("compound_id"),
        col(LogEntry.type).in_(bindparam("types", expanding=True)),
        ~exists().where(col(Notice.compound_id) == LogEntry.compound_id, col(Notice.id) == LogEntry.record_id),
    )
    .order_by(col(LogEntry.index))
)
_STATEMENTS = (
    columns(Statement, Notice.frozen)
    .join(Notice, and_(col(Notice.compound_id) == Statement.compound_id, col(Notice.id) == Statement.notice_id))
    .where(Statement.compound_id == bindparam("compound_id"))
    .order_by(col(Statement.to_on), col(Statement.version))
    .execution_options(yield_per=AT_A_TIME)
)


def _changed_entries(session: Session, compound_id: UUID, published: Sequence[dict[str, Any]]) -> Iterator[str]:
    ids = [UUID(said["record_id"]) for said in published]
    stored = {
        entry.id: entry
        for entry in session.exec(
            select(JournalEntry).where(JournalEntry.compound_id == compound_id, col(JournalEntry.id).in_(ids))
        )
    }
    lines: dict[UUID, list[list[Value]]] = {}
    for id, code, fen in session.execute(
        columns(Posting.entry_id, LedgerAccount.code, Posting.amount_fen)
        .join(
            LedgerAccount,
            and_(col(LedgerAccount.compound_id) == Posting.compound_id, col(LedgerAccount.id) == Posting.account_id),
        )
        .where(Posting.compound_id == compound_id, col(Posting.entry_id).in_(ids))
        .order_by(col(Posting.entry_id), col(Posting.line))
    ):
        lines.setdefault(id, []).append([code, fen])
    commitments = [bytes.fromhex(commitment) for said in published for commitment in said.get("commits", {}).values()]
    words = {
        commitment.hex(): value
        for commitment, value in session.execute(
            columns(Commitment.commitment, Commitment.value).where(
                col(Commitment.compound_id) == compound_id, col(Commitment.commitment).in_(commitments)
            )
        )
    }
    for id, said in zip(ids, published, strict=True):
        entry, facts = stored.get(id), {"reverses": "", "contract": "", **said["facts"], "amount_fen": said.get("amount_fen", 0)}
        told = {name: words[commitment] for name, commitment in said.get("commits", {}).items() if commitment in words}
        if entry is None:
            yield f"entry {facts['number']} is gone"
            continue
        plain, words_of = _facts(entry, lines.get(id, [])), _words(entry, lines.get(id, []))
        same = all(facts.get(name, value) == value for name, value in plain.items())
        if not same or "lines" not in facts | told or any(words_of[name] != value for name, value in told.items()):
            yield f"entry {facts['number']} is not what was published"


def _read(frozen: bytes) -> dict[str, Any]:
    """A forger may have left anything."""
    try:
        said = json.loads(frozen)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _words(entry: JournalEntry, lines: list[list[Value]]) -> dict[str, str]:
    """What the log tells of an entry as commitments; its lines there or among the facts."""
    return {"memo": entry.memo, "counterparty": entry.counterparty, "lines": canonical({"lines": [*lines]}).decode()}


def _facts(entry: JournalEntry, lines: list[list[Value]]) -> dict[str, object]:
    """What the log tells of an entry in plain words."""
    return {
        "amount_fen": entry.amount_fen,
        "reverses": str(entry.reverses_id or ""),
        "contract": str(entry.contract_id or ""),
        "number": entry.reference,
        "on": entry.on_date.isoformat(),
        "lines": lines,
    }
