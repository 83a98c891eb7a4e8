"""The whole journal, entry by entry with its debits and credits: for accountants, on a page and as files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from fastapi import Response
from sqlalchemy import Row, and_, bindparam, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.council.models import Decision
from app.kit.clock import local
from app.kit.i18n import _
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotAllowed
from app.kit.spreadsheets import Cell, Form, cell_of, download, sheet
from app.photos.models import Photo
from app.treasury import beancount, policy
from app.treasury.chart_models import FUND_SAYS, Fund, LedgerAccount
from app.treasury.models import Books, BooksNotOpen, JournalEntry, Posting
from app.treasury.period_schemas import ALWAYS, Period
from app.treasury.queries import balances
from app.treasury.voucher_models import DraftVoucher

AT_A_TIME = 1000
"""Rows fetched while a file is written."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One posting: `fen` > 0 is debit."""

    code: str
    account: str
    fen: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry. `reverses`, `reversed_by`: numbers, or "". `vouchers`: SHA-256 of the originals."""

    id: UUID
    number: str
    on_date: date
    fund: str
    memo: str
    counterparty: str
    decision: str
    vouchers: tuple[str, ...]
    reverses: str
    reversed_by: str
    lines: tuple[LedgerLine, ...]


_earlier, _later = aliased(JournalEntry), aliased(JournalEntry)

_POSTINGS = (
    columns(
        JournalEntry,
        col(Decision.year).label("decision_year"),
        col(Decision.number).label("decision_number"),
        col(_earlier.year).label("earlier_year"),
        col(_earlier.number).label("earlier_number"),
        col(_later.year).label("later_year"),
        col(_later.number).label("later_number"),
        select(func.aggregate_strings(col(Photo.sha256), " "))
        .join(DraftVoucher, pointing(DraftVoucher, "id", Photo))
        .where(DraftVoucher.compound_id == JournalEntry.compound_id, DraftVoucher.draft_id == JournalEntry.draft_id)
        .correlate(JournalEntry)
        .scalar_subquery()
        .label("vouchers"),
        LedgerAccount.code,
        LedgerAccount.name,
        Posting.amount_fen,
    )
    .join(Posting, and_(col(Posting.compound_id) == JournalEntry.compound_id, col(Posting.entry_id) == JournalEntry.id))
    .join(LedgerAccount, and_(col(LedgerAccount.compound_id) == Posting.compound_id, col(LedgerAccount.id) == Posting.account_id))
    .outerjoin(Decision, pointing(JournalEntry, "decision_id", Decision))
    .outerjoin(
        _earlier, and_(col(_earlier.compound_id) == JournalEntry.compound_id, col(_earlier.id) == JournalEntry.reverses_id)
    )
    .outerjoin(_later, and_(col(_later.compound_id) == JournalEntry.compound_id, col(_later.reverses_id) == JournalEntry.id))
    .where(JournalEntry.compound_id == bindparam("compound_id"))
    .order_by(col(JournalEntry.on_date), col(JournalEntry.id), col(Posting.line))
)
_BETWEEN = _POSTINGS.where(col(JournalEntry.on_date).between(bindparam("since"), bindparam("until")))
_THESE = _POSTINGS.where(col(JournalEntry.id).in_(bindparam("ids", expanding=True)))

_ENTRIES = Listing(
    "journal",
    columns(JournalEntry.id).where(
        JournalEntry.compound_id == bindparam("compound_id"),
        col(JournalEntry.on_date).between(bindparam("since"), bindparam("until")),
    ),
    col(JournalEntry.on_date),
    col(JournalEntry.id),
    lambda row: row.id,
)


def journal(session: Session, actor: Actor, asked: Asked, period: Period) -> Page[LedgerEntry]:
    """The entries of a period with all their lines, the first day first. Raises NotAllowed, BadCursor."""
    _allow(actor)
    page = _ENTRIES.page(session, asked, compound_id=actor.compound.id, since=period.first, until=period.last)
    rows = session.execute(_THESE, {"compound_id": actor.compound.id, "ids": page.items})
    return Page(items=list(_entries(rows)), next_cursor=page.next_cursor)


def whole_journal(session: Session, actor: Actor, period: Period) -> Iterator[LedgerEntry]:
    """Every entry of a period, fetched as it is read. Raises NotAllowed."""
    _allow(actor)
    rows = session.execute(
        _BETWEEN.execution_options(yield_per=AT_A_TIME),
        {"compound_id": actor.compound.id, "since": period.first, "until": period.last},
    )
    return _entries(rows)


def journal_rows(entries: Iterable[LedgerEntry]) -> Iterator[list[Cell]]:
    """For a spreadsheet: one row a posting, under a heading."""
    yield [
        *(_("编号"), _("日期"), _("资金"), _("科目编号"), _("科目"), _("借方"), _("贷方")),
        *(_("用途"), _("对方"), _("决议"), _("冲销"), _("票据张数")),
    ]
    for entry in entries:
        fund, papers = _(FUND_SAYS[Fund(entry.fund)]), len(entry.vouchers)
        linked = entry.reverses or entry.reversed_by
        for line in entry.lines:
            sides: tuple[Cell, Cell] = (cell_of(line.fen), "") if line.fen > 0 else ("", cell_of(-line.fen))
            yield [
                *(entry.number, entry.on_date, fund, line.code, line.account, *sides),
                *(entry.memo, entry.counterparty, entry.decision, linked, papers),
            ]


def beancount_journal(session: Session, actor: Actor) -> Iterator[str]:
    """The whole books as text. Raises NotAllowed, BooksNotOpen."""
    _allow(actor)
    compound_id = actor.compound.id
    books = session.get(Books, (compound_id, compound_id))
    if books is None:
        raise BooksNotOpen
    first = session.exec(select(func.min(JournalEntry.on_date)).where(JournalEntry.compound_id == compound_id)).one()
    opened_on = min(first or date.max, local(books.opened_at).date())
    accounts = [beancount.Account(a.code, a.name, a.kind, a.fund, fen) for a, fen in balances(session, compound_id)]
    entries = (_in_beancount(entry) for entry in whole_journal(session, actor, ALWAYS))
    return beancount.journal(actor.compound.name, opened_on, accounts, entries)


def journal_file(session: Session, actor: Actor, period: Period, form: Form) -> Response:
    """All postings of a period. Raises NotAllowed."""
    name = "-".join(part for part in (actor.compound.slug, "journal", period.since, period.until) if part)
    return sheet(form, _("分录"), journal_rows(whole_journal(session, actor, period)), name)


def beancount_file(session: Session, actor: Actor) -> Response:
    """Raises NotAllowed, BooksNotOpen."""
    text = (piece.encode() for piece in beancount_journal(session, actor))
    return download(lambda file: file.writelines(text), f"{actor.compound.slug}.beancount", "text/plain; charset=utf-8")


def _in_beancount(entry: LedgerEntry) -> beancount.Entry:
    return beancount.Entry(
        id=str(entry.id),
        number=entry.number,
        on=entry.on_date,
        payee=entry.counterparty,
        narration=entry.memo,
        decision=entry.decision,
        vouchers=entry.vouchers,
        corrects=entry.reverses or (entry.number if entry.reversed_by else ""),
        lines=[(line.code, line.fen) for line in entry.lines],
    )


def _allow(actor: Actor) -> None:
    if not policy.can_see_journal(actor):
        raise NotAllowed


def _entries(rows: Iterable[Row[Any]]) -> Iterator[LedgerEntry]:
    for _id, postings in groupby(rows, key=lambda row: row.JournalEntry.id):
        row = next(postings)
        header = row.JournalEntry
        yield LedgerEntry(
            id=header.id,
            number=header.reference,
            on_date=header.on_date,
            fund=header.fund,
            memo=header.memo,
            counterparty=header.counterparty,
            decision=_number(row.decision_year, row.decision_number),
            vouchers=tuple(sorted((row.vouchers or "").split())),
            reverses=_number(row.earlier_year, row.earlier_number),
            reversed_by=_number(row.later_year, row.later_number),
            lines=tuple(LedgerLine(p.code, p.name, p.amount_fen) for p in (row, *postings)),
        )


def _number(year: int | None, number: int | None) -> str:
    return f"{year}-{number}" if year else ""
