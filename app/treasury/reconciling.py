"""Verbs: say which lines of the bank are which entries of the books, all the sure ones in one tap, and undo it.

Everything here happens under the lock of the books; two officers cannot match one entry twice.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.kit.clock import now
from app.kit.db import touch
from app.kit.ids import new_id
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.treasury.bank_matching import sure_pairs, undone_pairs
from app.treasury.bank_models import (
    AlreadyMatched,
    BankLine,
    BankMatch,
    BankStatement,
    MatchedEntry,
    MatchedLine,
    need_even,
)
from app.treasury.bank_queries import bank_statement_for, open_entries, open_lines
from app.treasury.bank_schemas import MatchWish
from app.treasury.journal import lock_books
from app.treasury.models import Posting

Group = tuple[UUID, list[UUID], list[UUID]]
"""(match, its lines, its entries)"""


def match_lines(session: Session, actor: Actor, statement_id: UUID, id: UUID, wish: MatchWish) -> tuple[BankMatch, bool]:
    """Say that these lines are these entries; False: an equal request said so before.

    Raises NotAllowed, NotFound (also for a line of another statement), NotThisState once withdrawn, MatchUneven,
    AlreadyMatched, SameIdOtherContent.
    """
    statement = locked(session, actor, statement_id)
    sent = digest(wish, statement_id, actor.person_id)
    if before := already(session, BankMatch, actor.compound.id, id, sent):
        return before, False
    statement.need_standing()
    lines = _fen_of_lines(session, statement, wish.lines)
    entries = _fen_of_entries(session, statement, wish.entries)
    need_even(list(lines.values()), list(entries.values()))
    _write(session, actor, statement, [(id, [*lines], [*entries])], sent)
    return session.get_one(BankMatch, (statement.compound_id, id)), True


def match_sure(session: Session, actor: Actor, statement_id: UUID) -> int:
    """Match whatever cannot be meant otherwise; how many there were. Raises NotAllowed, NotFound, NotThisState."""
    statement = locked(session, actor, statement_id)
    statement.need_standing()
    lines, entries = open_lines(session, statement), open_entries(session, statement)
    groups = [(new_id(), [line.id], [entry.id]) for line, entry in sure_pairs(lines, entries)]
    paired = {id for _id, _lines, ids in groups for id in ids}
    rest = [entry for entry in entries if entry.id not in paired]
    groups += [(new_id(), [], [one.id, other.id]) for one, other in undone_pairs(rest)]
    if groups:
        _write(session, actor, statement, groups, b"")
    return len(groups)


def unmatch(session: Session, actor: Actor, statement_id: UUID, match_id: UUID) -> None:
    """Both sides are open again. Raises NotAllowed, NotFound."""
    statement = locked(session, actor, statement_id)
    found = session.get(BankMatch, (statement.compound_id, match_id), populate_existing=True)
    if found is None or found.statement_id != statement.id:
        raise NotFound
    undo(session, statement.compound_id, [match_id])
    record(session, actor, statement, "bank.unmatched")


def locked(session: Session, actor: Actor, statement_id: UUID) -> BankStatement:
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    return bank_statement_for(session, actor, statement_id)


def undo(session: Session, compound_id: UUID, which: Any) -> None:
    """Delete these matches (ids, or a select of them) with what is in them."""
    for table in (MatchedLine, MatchedEntry):
        session.execute(delete(table).where(col(table.compound_id) == compound_id, col(table.match_id).in_(which)))
    session.execute(delete(BankMatch).where(col(BankMatch.compound_id) == compound_id, col(BankMatch.id).in_(which)))


def record(session: Session, actor: Actor, statement: BankStatement, act: str) -> None:
    events.tell(session, statement.compound_id, act, statement_id=statement.id)
    on_record(session, actor, act, statement.id)


def _fen_of_lines(session: Session, statement: BankStatement, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Raises NotFound, AlreadyMatched."""
    of = col(BankLine.compound_id) == statement.compound_id, col(BankLine.statement_id) == statement.id
    rows = session.exec(select(BankLine.id, BankLine.fen).where(*of, col(BankLine.id).in_(ids)))
    found = dict(rows.all())
    if len(found) != len(set(ids)):
        raise NotFound
    taken = select(MatchedLine.id).where(MatchedLine.compound_id == statement.compound_id, col(MatchedLine.id).in_(ids))
    if session.exec(taken).first():
        raise AlreadyMatched
    return found


def _fen_of_entries(session: Session, statement: BankStatement, ids: Sequence[UUID]) -> dict[UUID, int]:
    """What each moves on the statement's account. Raises NotFound, AlreadyMatched."""
    rows = session.exec(
        select(Posting.entry_id, func.sum(Posting.amount_fen))
        .where(
            Posting.compound_id == statement.compound_id,
            Posting.account_id == statement.account_id,
            col(Posting.entry_id).in_(ids),
        )
        .group_by(col(Posting.entry_id))
    )
    found = {id: int(fen) for id, fen in rows}
    if len(found) != len(set(ids)):
        raise NotFound
    taken = select(MatchedEntry.id).where(
        MatchedEntry.compound_id == statement.compound_id,
        MatchedEntry.account_id == statement.account_id,
        col(MatchedEntry.entry_id).in_(ids),
    )
    if session.exec(taken).first():
        raise AlreadyMatched
    return found


def _write(session: Session, actor: Actor, statement: BankStatement, groups: Sequence[Group], sent: bytes) -> None:
    of: dict[str, Any] = {"compound_id": statement.compound_id}
    by = {"statement_id": statement.id, "made_by_id": actor.person_id, "made_at": now(), "sent_sha256": sent}
    session.execute(insert(BankMatch), [of | by | {"id": id} for id, _lines, _entries in groups])
    lines = [of | {"id": line, "match_id": id} for id, ids, _entries in groups for line in ids]
    entries = [
        of | {"id": new_id(), "account_id": statement.account_id, "entry_id": entry, "match_id": id}
        for id, _lines, ids in groups
        for entry in ids
    ]
    for table, rows in ((MatchedLine, lines), (MatchedEntry, entries)):
        if rows:
            session.execute(insert(table), rows)
    touch(session, statement.compound_id)
    record(session, actor, statement, "bank.matched")
