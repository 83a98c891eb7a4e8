"""What a published period says, and which periods wait for it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, func
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.council.models import Decision
from app.kit.clock import today
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.treasury.journal import published_until
from app.treasury.models import (
    FUND_SAYS,
    Code,
    EntryKind,
    Fund,
    JournalEntry,
    LedgerAccount,
    Statement,
)
from app.treasury.queries import ENTRY_CARDS, balances, by_category, card_from, first_of_month, in_fund

STATEMENTS = Listing(
    "statements",
    columns(Statement).where(Statement.compound_id == bindparam("compound_id")),
    col(Statement.from_on),
    col(Statement.id),
    lambda row: row.Statement,
    newest_first=True,
)


def statements(session: Session, visitor: Visitor, asked: Asked) -> Page[Statement]:
    """The latest month first. Raises BadCursor."""
    return STATEMENTS.page(session, asked, compound_id=visitor.compound.id)


def statement_for(session: Session, visitor: Visitor, id: UUID) -> Statement:
    """Raises NotFound for absent and foreign alike."""
    statement = session.get(Statement, (visitor.compound.id, id))
    if statement is None:
        raise NotFound
    return statement


def statement_document(session: Session, compound_id: UUID, from_on: date, to_on: date) -> dict[str, Any]:
    """What is frozen when a period is published (amounts in fen, signed as they moved the money).

    What the books were opened with in the period counts as its opening balance. closing = opening + income − expense,
    which is what cash and bank hold on `to_on`.
    """
    cards = [
        card_from(row)
        for row in session.execute(
            ENTRY_CARDS.where(
                JournalEntry.kind != EntryKind.INTERNAL, col(JournalEntry.on_date).between(bindparam("from"), bindparam("to"))
            ).order_by(col(JournalEntry.on_date), col(JournalEntry.year), col(JournalEntry.number)),
            {"compound_id": compound_id, "from": from_on, "to": to_on},
        )
    ]
    references = _references(session, compound_id, from_on, to_on)
    funds = [fund_sums(session, compound_id, fund, from_on, to_on) for fund in funds_kept(session, compound_id)]
    ends = {account.code: fen for account, fen in balances(session, compound_id, to_on)}
    sides = by_category(session, compound_id, from_on, to_on)
    totals = {name: sum(fund[name] for fund in funds) for name in ("opening_fen", "income_fen", "expense_fen", "closing_fen")}
    return {
        "v": 1,
        "type": "statement",
        "from": from_on.isoformat(),
        "to": to_on.isoformat(),
        **totals,
        "funds": [{"fund": fund.value, **sums} for fund, sums in zip(funds_kept(session, compound_id), funds, strict=True)],
        "income": [{"code": code, "name": name, "fen": fen} for code, name, fen in sides[EntryKind.INCOME]],
        "expense": [{"code": code, "name": name, "fen": fen} for code, name, fen in sides[EntryKind.EXPENSE]],
        "stock_fen": ends.get(Code.STOCK, 0),
        "owed_fen": -ends.get(Code.OWED, 0),
        "lines": [
            {
                "entry": str(card.id),
                "number": card.number,
                "on": card.on_date.isoformat(),
                "kind": card.kind,
                "category": card.category or "",
                "memo": card.memo,
                "counterparty": card.counterparty,
                "amount_fen": card.amount_fen,
                "vouchers": card.vouchers,
                "decision": references.get(card.id, ""),
            }
            for card in cards
            if card.kind != EntryKind.OPENING
        ],
    }


def funds_kept(session: Session, compound_id: UUID) -> list[Fund]:
    """In which this compound has accounts."""
    rows = session.exec(select(LedgerAccount.fund).where(LedgerAccount.compound_id == compound_id).distinct())
    return sorted((Fund(fund) for fund in rows), key=list(FUND_SAYS).index)


def fund_sums(session: Session, compound_id: UUID, fund: Fund | None, from_on: date, to_on: date) -> dict[str, int]:
    """opening_fen + income_fen − expense_fen = closing_fen of a period, in one fund or (None) in all."""
    earlier = case((col(JournalEntry.on_date) < from_on, 1), else_=0).label("earlier")
    rows = session.execute(
        columns(JournalEntry.kind, earlier, func.sum(JournalEntry.amount_fen))
        .where(JournalEntry.compound_id == compound_id, *in_fund(fund), col(JournalEntry.on_date) <= to_on)
        .group_by(col(JournalEntry.kind), earlier)
    ).all()
    opening = sum(int(fen) for kind, earlier, fen in rows if earlier or kind == EntryKind.OPENING)
    moved = {kind: int(fen) for kind, earlier, fen in rows if not earlier}
    income, expense = moved.get(EntryKind.INCOME, 0), -moved.get(EntryKind.EXPENSE, 0)
    return {"opening_fen": opening, "income_fen": income, "expense_fen": expense, "closing_fen": opening + income - expense}


def _references(session: Session, compound_id: UUID, from_on: date, to_on: date) -> dict[UUID, str]:
    rows = session.exec(
        select(JournalEntry.id, Decision)
        .join(Decision, pointing(JournalEntry, "decision_id", Decision))
        .where(JournalEntry.compound_id == compound_id, col(JournalEntry.on_date).between(from_on, to_on))
    )
    return {id: decision.reference for id, decision in rows}


def months_to_publish(session: Session, compound_id: UUID) -> list[date]:
    """First days of the months that are over and not published yet, the oldest first."""
    closed = published_until(session, compound_id)
    begun = session.exec(
        select(col(JournalEntry.on_date))
        .where(JournalEntry.compound_id == compound_id)
        .order_by(col(JournalEntry.on_date))
        .limit(1)
    ).first()
    if begun is None:
        return []
    first = closed + timedelta(days=1) if closed else first_of_month(begun)
    this_month = first_of_month(today())
    count = (this_month.year - first.year) * 12 + this_month.month - first.month
    return [first_of_month(first, later) for later in range(count)]
