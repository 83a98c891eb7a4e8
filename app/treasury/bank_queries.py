"""What there is to see of reconciliation: how each account stands is public; statements and lines are for officers."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, exists, func
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.compounds.rules import rule
from app.kit.clock import said_day
from app.kit.money import yuan
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.treasury import policy
from app.treasury.bank_matching import DAYS, OpenEntry, OpenLine
from app.treasury.bank_models import (
    BalanceFails,
    BalanceUnchecked,
    BankFile,
    BankLine,
    BankMatch,
    BankStatement,
    MatchedEntry,
    MatchedLine,
)
from app.treasury.chart_models import LedgerAccount, Use
from app.treasury.models import JournalEntry, Posting


@dataclass(frozen=True, slots=True)
class BankCheck:
    """How an account of money stands against the bank. `on` is None where no balance was ever held against the books.

    `difference_fen`: the bank's balance at the end of `on`, minus the books'.
    """

    code: str
    name: str
    on: date | None
    difference_fen: int
    used: bool
    """Whether anything was ever posted on it."""

    @property
    def gap_fen(self) -> int:
        """The difference without its sign, as people say it."""
        return abs(self.difference_fen)


@dataclass(frozen=True, slots=True)
class StatementCard:
    """One statement in the list, with its account's code and name."""

    statement: BankStatement
    code: str
    account: str


@dataclass(frozen=True, slots=True)
class LineCard:
    """A line, and the match it is part of."""

    line: BankLine
    match_id: UUID | None


@dataclass(frozen=True)
class Pairing:
    """A match as it is read: lines and entries, and who made it."""

    id: UUID
    lines: list[OpenLine]
    entries: list[OpenEntry]


def account_for(session: Session, compound_id: UUID, code: str) -> LedgerAccount | None:
    """The account of money with this code."""
    return session.exec(
        select(LedgerAccount).where(
            LedgerAccount.compound_id == compound_id, LedgerAccount.code == code, LedgerAccount.use == Use.MONEY
        )
    ).one_or_none()


def bank_checks(session: Session, compound_id: UUID, until: date | None = None) -> list[BankCheck]:
    """Every account of money with its last balance on or before a day (default: ever), in the order of the chart."""
    accounts = session.exec(
        select(LedgerAccount)
        .where(LedgerAccount.compound_id == compound_id, LedgerAccount.use == Use.MONEY)
        .order_by(col(LedgerAccount.code))
    )
    return [_check(session, account, last_of(session, account, until or date.max)) for account in accounts]


def _check(session: Session, account: LedgerAccount, last: BankStatement | None) -> BankCheck:
    if last is None:
        used = session.exec(
            select(exists().where(col(Posting.compound_id) == account.compound_id, col(Posting.account_id) == account.id))
        ).one()
        return BankCheck(account.code, account.name, None, 0, used)
    return BankCheck(account.code, account.name, last.to_on, difference(session, last), True)


def last_of(session: Session, account: LedgerAccount, until: date) -> BankStatement | None:
    """The latest that stands; of one day what was entered last."""
    return session.exec(
        select(BankStatement)
        .where(
            BankStatement.compound_id == account.compound_id,
            BankStatement.account_id == account.id,
            col(BankStatement.withdrawn_at).is_(None),
            BankStatement.to_on <= until,
        )
        .order_by(col(BankStatement.to_on).desc(), col(BankStatement.made_at).desc(), col(BankStatement.id).desc())
        .limit(1)
    ).first()


def booked_fen(session: Session, compound_id: UUID, account_id: UUID, until: date) -> int:
    """What the books say an account held at the end of a day."""
    booked = session.exec(
        select(func.coalesce(func.sum(Posting.amount_fen), 0))
        .join(JournalEntry, and_(col(JournalEntry.compound_id) == Posting.compound_id, col(JournalEntry.id) == Posting.entry_id))
        .where(Posting.compound_id == compound_id, Posting.account_id == account_id, JournalEntry.on_date <= until)
    ).one()
    return int(booked)


def difference(session: Session, statement: BankStatement) -> int:
    """What the bank held at the end of `to_on`, minus what the books say it held."""
    return statement.closing_fen - booked_fen(session, statement.compound_id, statement.account_id, statement.to_on)


def unchecked(session: Session, compound_id: UUID, until: date) -> list[BankCheck]:
    """What stands against publishing up to a day: balances that fail, and used accounts that nobody held against the bank."""
    return [
        check for check in bank_checks(session, compound_id, until) if check.difference_fen or (check.on is None and check.used)
    ]


def need_balances(session: Session, compound_id: UUID, until: date) -> None:
    """Raises BalanceFails; BalanceUnchecked where the compound's rules ask for every account."""
    for check in unchecked(session, compound_id, until):
        if check.on:
            raise BalanceFails(account=check.name, day=said_day(check.on), difference=yuan(check.gap_fen))
        if rule(session, compound_id, "bank_check_required"):
            raise BalanceUnchecked(account=check.name)


STATEMENTS = Listing(
    "bank-statements",
    columns(BankStatement, LedgerAccount.code, LedgerAccount.name)
    .join(LedgerAccount, pointing(BankStatement, "account_id", LedgerAccount))
    .where(BankStatement.compound_id == bindparam("compound_id")),
    col(BankStatement.to_on),
    col(BankStatement.id),
    lambda row: StatementCard(row.BankStatement, row.code, row.name),
    newest_first=True,
)

LINES = Listing(
    "bank-lines",
    columns(BankLine, MatchedLine.match_id)
    .outerjoin(MatchedLine, pointing(MatchedLine, "id", BankLine))
    .where(BankLine.compound_id == bindparam("compound_id"), BankLine.statement_id == bindparam("statement_id")),
    col(BankLine.number),
    col(BankLine.id),
    lambda row: LineCard(row.BankLine, row.match_id),
)


def bank_statements(session: Session, actor: Actor, asked: Asked) -> Page[StatementCard]:
    """The latest end first, withdrawn ones too. Raises NotFound, BadCursor."""
    _need_sight(actor)
    return STATEMENTS.page(session, asked, compound_id=actor.compound.id)


def bank_lines(session: Session, actor: Actor, statement_id: UUID, asked: Asked) -> Page[LineCard]:
    """The oldest first. Raises NotFound, BadCursor."""
    statement = bank_statement_for(session, actor, statement_id)
    return LINES.page(session, asked, compound_id=statement.compound_id, statement_id=statement.id)


def bank_statement_for(session: Session, actor: Actor, id: UUID) -> BankStatement:
    """Raises NotFound unless the actor may see what is not public."""
    _need_sight(actor)
    statement = session.get(BankStatement, (actor.compound.id, id), populate_existing=True)
    if statement is None:
        raise NotFound
    return statement


def bank_file_for(session: Session, actor: Actor, id: UUID) -> BankFile:
    """Raises NotFound for everybody but who brought it, and for them once their seat has ended."""
    _need_sight(actor)
    file = session.get(BankFile, (actor.compound.id, id))
    if file is None or file.made_by_id != actor.person_id:
        raise NotFound
    return file


def open_lines(session: Session, statement: BankStatement) -> list[OpenLine]:
    """Lines without a match, the oldest first."""
    rows = session.exec(
        select(BankLine)
        .where(
            BankLine.compound_id == statement.compound_id,
            BankLine.statement_id == statement.id,
            ~exists().where(pointing(MatchedLine, "id", BankLine)),
        )
        .order_by(col(BankLine.number))
    )
    return [_line(line) for line in rows]


def open_entries(session: Session, statement: BankStatement) -> list[OpenEntry]:
    """Entries on the statement's account without a match, the oldest first (see `_window`)."""
    return [_entry(row) for row in session.execute(_OPEN_IN_ORDER, _window(session, statement))]


def open_entries_page(session: Session, actor: Actor, statement_id: UUID, asked: Asked) -> Page[OpenEntry]:
    """The same, a page at a time. Raises NotFound, BadCursor."""
    return OPEN_ENTRIES.page(session, asked, **_window(session, bank_statement_for(session, actor, statement_id)))


def _window(session: Session, statement: BankStatement) -> dict[str, Any]:
    """From a little before the account's first lines, since what lies earlier is in that opening balance, to a little after
    the statement's end.
    """
    begun = session.exec(
        select(func.min(BankStatement.from_on)).where(
            BankStatement.compound_id == statement.compound_id,
            BankStatement.account_id == statement.account_id,
            BankStatement.lines > 0,
            col(BankStatement.withdrawn_at).is_(None),
        )
    ).one()
    reach = timedelta(DAYS)
    start, end = (begun or statement.from_on) - reach, statement.to_on + reach
    return {"of": statement.compound_id, "account": statement.account_id, "start": start, "end": end}


_MOVED = (
    select(col(Posting.entry_id).label("entry_id"), func.sum(Posting.amount_fen).label("fen"))
    .where(Posting.compound_id == bindparam("of"), Posting.account_id == bindparam("account"))
    .group_by(col(Posting.entry_id))
    .having(func.sum(Posting.amount_fen) != 0)
    .subquery()
)
_ENTRIES = (
    columns(
        JournalEntry.id,
        JournalEntry.year,
        JournalEntry.number,
        JournalEntry.on_date,
        JournalEntry.memo,
        JournalEntry.counterparty,
        JournalEntry.reverses_id,
        _MOVED.c.fen,
    )
    .join(_MOVED, _MOVED.c.entry_id == JournalEntry.id)
    .where(JournalEntry.compound_id == bindparam("of"))
)
_OPEN_ENTRIES = _ENTRIES.where(
    col(JournalEntry.on_date).between(bindparam("start"), bindparam("end")),
    ~exists()
    .where(pointing(MatchedEntry, "entry_id", JournalEntry), col(MatchedEntry.account_id) == bindparam("account"))
    .correlate(JournalEntry),
)


def pairings(session: Session, statement: BankStatement, asked: Asked) -> Page[Pairing]:
    """The statement's matches, the latest first. Raises BadCursor."""
    page = MATCHES.page(session, asked, compound_id=statement.compound_id, statement_id=statement.id)
    lines: dict[UUID, list[OpenLine]] = {match.id: [] for match in page.items}
    entries: dict[UUID, list[OpenEntry]] = {match.id: [] for match in page.items}
    for line, match_id in session.exec(
        select(BankLine, MatchedLine.match_id)
        .join(MatchedLine, pointing(MatchedLine, "id", BankLine))
        .where(MatchedLine.compound_id == statement.compound_id, col(MatchedLine.match_id).in_([*lines]))
        .order_by(col(BankLine.number))
    ):
        lines[match_id].append(_line(line))
    of = {"of": statement.compound_id, "account": statement.account_id, "matches": [*entries]}
    for row in session.execute(_PAIRED_ENTRIES, of):
        entries[row.match_id].append(_entry(row))
    return Page[Pairing](
        items=[Pairing(match.id, lines[match.id], entries[match.id]) for match in page.items], next_cursor=page.next_cursor
    )


MATCHES = Listing(
    "bank-matches",
    columns(BankMatch).where(
        BankMatch.compound_id == bindparam("compound_id"), BankMatch.statement_id == bindparam("statement_id")
    ),
    col(BankMatch.made_at),
    col(BankMatch.id),
    lambda row: row.BankMatch,
    newest_first=True,
)
_PAIRED_ENTRIES = (
    _ENTRIES.add_columns(MatchedEntry.match_id)
    .join(MatchedEntry, pointing(MatchedEntry, "entry_id", JournalEntry))
    .where(MatchedEntry.account_id == bindparam("account"), col(MatchedEntry.match_id).in_(bindparam("matches", expanding=True)))
)


def _need_sight(actor: Actor) -> None:
    if not policy.can_see_drafts(actor):
        raise NotFound


def _line(line: BankLine) -> OpenLine:
    return OpenLine(line.id, line.on_date, line.fen, line.counterparty, line.text, line.reference)


def _entry(row: Row[Any]) -> OpenEntry:
    return OpenEntry(row.id, f"{row.year}-{row.number}", row.on_date, int(row.fen), row.memo, row.counterparty, row.reverses_id)


_OPEN_IN_ORDER = _OPEN_ENTRIES.order_by(col(JournalEntry.on_date), col(JournalEntry.year), col(JournalEntry.number))
OPEN_ENTRIES = Listing("bank-open-entries", _OPEN_ENTRIES, col(JournalEntry.on_date), col(JournalEntry.id), _entry)
