"""What is frozen when a period is published: DOMAIN §4, "A statement shows".

Persons stand in it as the public may see them; who lives here reads the whole names beside each entry.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.compounds.models import Person
from app.compounds.names import masked
from app.council.models import Decision
from app.kit.records import columns, pointing
from app.notices.periods import Span, key_of
from app.treasury.bank_queries import last_of
from app.treasury.chart_models import Code, Fund, LedgerAccount, Use
from app.treasury.chart_queries import funds_open
from app.treasury.contract_models import Contract
from app.treasury.contract_queries import receivables
from app.treasury.draft_models import Approval, Draft
from app.treasury.fund_charts import GIVING, code_in
from app.treasury.models import EntryKind, JournalEntry, Posting
from app.treasury.queries import ENTRY_CARDS, balances, by_category, card_from, taken_in
from app.treasury.statement_models import NotOfLater

SUMS = ("opening_fen", "income_fen", "expense_fen", "closing_fen")


def statement_document(session: Session, compound_id: UUID, span: Span, later: Sequence[UUID] = ()) -> dict[str, Any]:
    """What the bytes say of the books (amounts in fen, signed as they moved the money), without title and signatures.

    What the books were opened with in the period counts as its opening balance. closing = opening + income − expense, which
    is what cash and bank held on the last day; `later` entries, which a correction takes in, change it by `later_fen`. What is
    held for others has a line among the funds and is in no sum; a transfer is in none either.
    """
    from_on, to_on = span
    funds = {fund: fund_sums(session, compound_id, fund, span, later) for fund in funds_open(session, compound_id)}
    owned = [sums for fund, sums in funds.items() if fund is not Fund.HELD]
    ends = balances(session, compound_id, to_on, later)
    held = {account.code: fen for account, fen in ends}
    sides = by_category(session, compound_id, from_on, to_on, later=later)
    return {
        "v": 2,
        "type": "statement",
        "period": key_of(span),
        "from": from_on.isoformat(),
        "to": to_on.isoformat(),
        **{name: sum(sums[name] for sums in owned) for name in SUMS},
        "later_fen": _moved(session, compound_id, later),
        "funds": [{"fund": fund.value, **sums} for fund, sums in funds.items()],
        "income": [{"code": code, "name": name, "fen": fen} for code, name, fen in sides[EntryKind.INCOME]],
        "expense": [{"code": code, "name": name, "fen": fen} for code, name, fen in sides[EntryKind.EXPENSE]],
        "accounts": [end for account, fen in ends if (end := _account(session, account, fen, to_on))],
        "stock_fen": sum(held.get(code_in(fund, Code.STOCK), 0) for fund in GIVING),
        "owed_fen": -sum(held.get(code_in(fund, Code.OWED), 0) for fund in GIVING),
        "held_fen": funds[Fund.HELD]["closing_fen"] if Fund.HELD in funds else 0,
        "receivables": [
            {"what": f"{due.counterparty}，{due.what}", "fen": due.open_fen} for due in receivables(session, compound_id, to_on)
        ],
        "lines": _lines(session, compound_id, span, later),
    }


def _moved(session: Session, compound_id: UUID, entries: Sequence[UUID]) -> int:
    """What entries changed of the owners' money."""
    moved = select(func.coalesce(func.sum(JournalEntry.amount_fen), 0)).where(
        JournalEntry.compound_id == compound_id, col(JournalEntry.id).in_(entries), JournalEntry.fund != Fund.HELD
    )
    return int(session.exec(moved).one())


def later_of(session: Session, compound_id: UUID, span: Span, wanted: Sequence[UUID]) -> list[UUID]:
    """What a correction takes in: the `wanted` entries of later days, and what was reversed later of all that it counts.

    Raises NotOfLater for a wanted one that lies inside the period, is a reversal itself, or moved no money.
    """
    fit = set(
        session.exec(
            select(JournalEntry.id).where(
                JournalEntry.compound_id == compound_id,
                col(JournalEntry.id).in_(wanted),
                JournalEntry.on_date > span[1],
                col(JournalEntry.reverses_id).is_(None),
                col(JournalEntry.kind).in_((EntryKind.INCOME, EntryKind.EXPENSE)),
            )
        )
    )
    if not fit.issuperset(wanted):
        raise NotOfLater
    first = aliased(JournalEntry)
    reversals = session.exec(
        select(JournalEntry.id)
        .join(first, pointing(JournalEntry, "reverses_id", first))
        .where(
            JournalEntry.compound_id == compound_id,
            JournalEntry.on_date > span[1],
            or_(col(first.on_date).between(*span), col(first.id).in_(fit)),
        )
    )
    return sorted(fit | set(reversals))


def _lines(session: Session, compound_id: UUID, span: Span, later: Sequence[UUID]) -> list[dict[str, Any]]:
    here = and_(col(JournalEntry.compound_id) == compound_id, taken_in(*span, later))
    cards = [
        card_from(row)
        for row in session.execute(
            ENTRY_CARDS.where(here, col(JournalEntry.kind).in_((EntryKind.INCOME, EntryKind.EXPENSE))).order_by(
                col(JournalEntry.on_date), col(JournalEntry.year), col(JournalEntry.number)
            ),
            {"compound_id": compound_id},
        )
    ]
    facts = _facts(session, here)
    return [
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
            "reverses": str(card.reverses_id or ""),
            "reversed_by": str(card.reversed_by_id or ""),
            **facts[card.id],
        }
        for card in cards
    ]


def _facts(session: Session, here: Any) -> dict[UUID, dict[str, Any]]:
    """Of every entry: fund, account of money, decision, the contract's period (ISO 8601), and who wrote and who approved it."""
    author = aliased(Person)
    rows = session.execute(
        columns(JournalEntry.id, JournalEntry.fund, author.name, Decision, Contract)
        .outerjoin(Draft, pointing(JournalEntry, "draft_id", Draft))
        .outerjoin(author, pointing(Draft, "author_id", author))
        .outerjoin(Decision, pointing(JournalEntry, "decision_id", Decision))
        .outerjoin(Contract, pointing(JournalEntry, "contract_id", Contract))
        .where(here)
    )
    facts = {
        id: {
            "fund": fund,
            "account": "",
            "decision": decision.reference if decision else "",
            "contract": f"{contract.from_on}/{contract.to_on}" if contract else "",
            "handler": masked(name) if name else "",
            "approvers": [],
        }
        for id, fund, name, decision, contract in rows
    }
    moved = session.execute(
        columns(Posting.entry_id, LedgerAccount.name)
        .join(JournalEntry, and_(col(JournalEntry.compound_id) == Posting.compound_id, col(JournalEntry.id) == Posting.entry_id))
        .join(
            LedgerAccount,
            and_(col(LedgerAccount.compound_id) == Posting.compound_id, col(LedgerAccount.id) == Posting.account_id),
        )
        .where(here, LedgerAccount.use == Use.MONEY)
        .order_by(col(Posting.line))
    )
    for id, account in moved:
        facts[id]["account"] = "、".join(filter(None, (facts[id]["account"], account)))
    signed: dict[UUID, list[tuple[str, str]]] = {}
    for id, content_hash, name in session.execute(
        columns(JournalEntry.id, Approval.content_hash, Person.name)
        .join(Draft, pointing(JournalEntry, "draft_id", Draft))
        .join(Approval, pointing(Approval, "draft_id", Draft))
        .join(Person, pointing(Approval, "approver_id", Person))
        .where(here)
        .order_by(col(Approval.approved_at))
    ):
        signed.setdefault(id, []).append((content_hash, masked(name)))
    for id, signatures in signed.items():  # those of what was posted: an edit had made earlier ones void
        facts[id]["approvers"] = [name for content_hash, name in signatures if content_hash == signatures[-1][0]]
    return facts


def fund_sums(session: Session, compound_id: UUID, fund: Fund, span: Span, later: Sequence[UUID] = ()) -> dict[str, int]:
    """Of a fund in a period: opening_fen + income_fen − expense_fen, and what came and went of others' money, = closing_fen."""
    from_on, to_on = span
    earlier = case((col(JournalEntry.on_date) < from_on, 1), else_=0).label("earlier")
    rows = session.execute(
        columns(JournalEntry.kind, earlier, func.sum(JournalEntry.amount_fen))
        .where(JournalEntry.compound_id == compound_id, JournalEntry.fund == fund, taken_in(date.min, to_on, later))
        .group_by(col(JournalEntry.kind), earlier)
    ).all()
    opening = sum(int(fen) for kind, earlier, fen in rows if earlier or kind == EntryKind.OPENING)
    moved = {kind: int(fen) for kind, earlier, fen in rows if not earlier}
    income, expense = moved.get(EntryKind.INCOME, 0), -moved.get(EntryKind.EXPENSE, 0)
    closing = opening + income - expense + moved.get(EntryKind.HELD, 0)
    return dict(zip(SUMS, (opening, income, expense, closing), strict=True))


def _account(session: Session, account: LedgerAccount, fen: int, to_on: date) -> dict[str, Any] | None:
    """What an account of money held by the books, and what the bank (or who counted the cash) said last, on which day."""
    last = last_of(session, account, to_on) if account.use == Use.MONEY else None
    if account.use != Use.MONEY or not (fen or last):
        return None
    return {
        "name": account.name,
        "fund": account.fund,
        "closing_fen": fen,
        "checked_on": last.to_on.isoformat() if last else "",
        "checked_fen": last.closing_fen if last else 0,
    }
