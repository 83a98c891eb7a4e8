"""Verbs: bring a bank's file, look at it, make it a statement; count a balance; withdraw a statement that was wrong.

Everything here happens under the lock of the books: against a rival, and against a month being published meanwhile.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.kit.clock import now, said_day
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.money import MOST, yuan
from app.kit.once import already, digest
from app.kit.refusals import Malformed, SameIdOtherContent
from app.kit.tables import Skipped
from app.treasury.bank_files import BankReading, BankRow
from app.treasury.bank_models import BankFile, BankLine, BankMatch, BankStatement, PeriodTaken
from app.treasury.bank_queries import account_for, bank_file_for
from app.treasury.bank_schemas import BankStatementWish, ConfirmWish, CountWish
from app.treasury.chart_models import LedgerAccount
from app.treasury.journal import lock_books
from app.treasury.reconciling import locked, record, undo


@dataclass(frozen=True)
class BroughtFile:
    """A file that was read without a problem. `sha256`: of its bytes, in hex."""

    filename: str
    sha256: str
    reading: BankReading


def keep_file(session: Session, actor: Actor, id: UUID, account_code: str, brought: BroughtFile) -> BankFile:
    """Keep what was read for a look; nothing counts yet. One file waits for each officer: an earlier one goes.

    Raises NotAllowed, BooksNotOpen, Malformed (the account), SameIdOtherContent (also where it was confirmed since).
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    account = _account(session, actor, account_code)
    sent = bytes.fromhex(brought.sha256) + account.id.bytes
    if before := already(session, BankFile, actor.compound.id, id, sent):
        return before
    made = session.get(BankStatement, (actor.compound.id, id))
    if made and (made.file_sha256, made.account_id) != (brought.sha256, account.id):
        raise SameIdOtherContent(at=made.at.format(row=made))
    session.execute(
        delete(BankFile).where(col(BankFile.compound_id) == actor.compound.id, col(BankFile.made_by_id) == actor.person_id)
    )
    file = BankFile(
        compound_id=actor.compound.id,
        id=id,
        account_id=account.id,
        filename=brought.filename,
        file_sha256=brought.sha256,
        proposal=packed(brought.reading),
        made_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(file)
    session.flush()
    return file


def confirm_file(session: Session, actor: Actor, file_id: UUID, wish: ConfirmWish) -> BankStatement:
    """Make the file a statement of the same id. A second tap finds it made.

    Raises NotAllowed, NotFound, Malformed (a day before the last line; a balance that the file knows better), PeriodTaken.
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    if made := session.get(BankStatement, (actor.compound.id, file_id)):
        return made
    file = bank_file_for(session, actor, file_id)
    reading = unpacked(file.proposal)
    if wish.to_on < max(row.day for row in reading.rows):
        raise Malformed((("/body/to_on", "too_early", _("不能早于最后一笔的日期。")),))
    if reading.closing_fen is not None and reading.closing_fen != wish.closing:
        told = _("文件里最后的余额是 %(balance)s。", balance=yuan(reading.closing_fen))
        raise Malformed((("/body/closing", "other_balance", told),))
    opening = wish.closing - sum(row.fen for row in reading.rows)
    if abs(opening) >= MOST:
        told = _("照这个余额，期初是 %(balance)s。", balance=yuan(opening))
        raise Malformed((("/body/closing", "other_balance", told),))
    statement = BankStatement(
        compound_id=file.compound_id,
        id=file.id,
        account_id=file.account_id,
        from_on=reading.from_on,
        to_on=wish.to_on,
        opening_fen=opening,
        closing_fen=wish.closing,
        lines=len(reading.rows),
        filename=file.filename,
        file_sha256=file.file_sha256,
        made_by_id=actor.person_id,
        sent_sha256=digest(wish, file.file_sha256, actor.person_id),
    )
    _keep(session, actor, statement, reading.rows)
    session.delete(file)
    return statement


def discard_file(session: Session, actor: Actor, file_id: UUID) -> None:
    """Raises NotAllowed, BooksNotOpen, NotFound, also where it was confirmed."""
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    session.delete(bank_file_for(session, actor, file_id))


def keep_statement(session: Session, actor: Actor, id: UUID, wish: BankStatementWish) -> tuple[BankStatement, bool]:
    """A statement with its lines; False: an equal request made it before.

    Raises NotAllowed, BooksNotOpen, Malformed (the account, the days, or lines that do not lead from opening to closing),
    PeriodTaken, SameIdOtherContent.
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    sent = digest(wish, actor.person_id)
    if before := already(session, BankStatement, actor.compound.id, id, sent):
        return before, False
    days = [line.on_date for line in wish.lines]
    if not all(wish.from_on <= day <= wish.to_on for day in (wish.from_on, *days)):
        raise Malformed((("/body/from_on", "days", _("日期要在起止日期之内。")),))
    if any(line.amount == 0 for line in wish.lines):
        raise Malformed((("/body/lines", "amount", _("金额不能是 0。")),))
    if wish.opening + sum(line.amount for line in wish.lines) != wish.closing:
        raise Malformed((("/body/closing", "uneven", _("期初加各笔，不等于期末。")),))
    statement = BankStatement(
        compound_id=actor.compound.id,
        id=id,
        account_id=_account(session, actor, wish.account).id,
        from_on=wish.from_on,
        to_on=wish.to_on,
        opening_fen=wish.opening,
        closing_fen=wish.closing,
        lines=len(wish.lines),
        made_by_id=actor.person_id,
        sent_sha256=sent,
    )
    rows = [
        BankRow(number, line.on_date, line.amount, None, line.counterparty or "", line.text or "", line.reference or "")
        for number, line in enumerate(wish.lines, 1)
    ]
    _keep(session, actor, statement, sorted(rows, key=lambda row: row.day))
    return statement, True


def count_balance(session: Session, actor: Actor, id: UUID, wish: CountWish) -> BankStatement:
    """Cash that was counted, a balance read off a passbook. Raises what `keep_statement` raises."""
    whole = BankStatementWish.model_construct(
        account=wish.account,
        from_on=wish.on_date,
        to_on=wish.on_date,
        opening=wish.balance,
        closing=wish.balance,
        lines=[],
    )
    return keep_statement(session, actor, id, whole)[0]


def withdraw_statement(session: Session, actor: Actor, id: UUID) -> BankStatement:
    """It was wrong: its matches are undone and it counts for nothing. A second tap counts once. Raises NotAllowed, NotFound."""
    statement = locked(session, actor, id)
    if statement.withdrawn_at:
        return statement
    mine = BankMatch.compound_id == statement.compound_id, BankMatch.statement_id == statement.id
    undo(session, statement.compound_id, select(BankMatch.id).where(*mine))
    statement.withdrawn_at, statement.withdrawn_by_id = now(), actor.person_id
    record(session, actor, statement, "bank.withdrawn")
    return statement


def packed(reading: BankReading) -> bytes:
    """Only what confirms and shows it: a file with problems is never kept."""
    told = asdict(replace(reading, problems=()))
    return zlib.compress(json.dumps(told, ensure_ascii=False, default=str).encode(), 6)


def unpacked(proposal: bytes) -> BankReading:
    told: dict[str, Any] = json.loads(zlib.decompress(proposal))
    return BankReading(
        date.fromisoformat(told["from_on"]),
        date.fromisoformat(told["to_on"]),
        told["opening_fen"],
        told["closing_fen"],
        tuple(BankRow(**row | {"day": date.fromisoformat(row["day"])}) for row in told["rows"]),
        (),
        tuple(Skipped(**skipped) for skipped in told["skipped"]),
        tuple((letter, heading, meaning) for letter, heading, meaning in told["columns"]),
    )


def _account(session: Session, actor: Actor, code: str) -> LedgerAccount:
    account = account_for(session, actor.compound.id, code)
    if account is None:
        raise Malformed((("/body/account", "account", _("请选一项。")),))
    return account


def _keep(session: Session, actor: Actor, statement: BankStatement, rows: Sequence[BankRow]) -> None:
    """Raises PeriodTaken."""
    if rows:
        _need_free_days(session, statement)
    session.add(statement)
    session.flush()
    if rows:
        session.execute(
            insert(BankLine),
            [
                {
                    "compound_id": statement.compound_id,
                    "id": new_id(),
                    "statement_id": statement.id,
                    "number": number,
                    "on_date": row.day,
                    "fen": row.fen,
                    "counterparty": row.counterparty,
                    "text": row.text,
                    "reference": row.reference,
                }
                for number, row in enumerate(rows, 1)
            ],
        )
    record(session, actor, statement, "bank.stated")


def _need_free_days(session: Session, statement: BankStatement) -> None:
    other = session.exec(
        select(BankStatement).where(
            BankStatement.compound_id == statement.compound_id,
            BankStatement.account_id == statement.account_id,
            BankStatement.lines > 0,
            col(BankStatement.withdrawn_at).is_(None),
            BankStatement.from_on <= statement.to_on,
            BankStatement.to_on >= statement.from_on,
        )
    ).first()
    if other:
        raise PeriodTaken(start=said_day(other.from_on), end=said_day(other.to_on))
