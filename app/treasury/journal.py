"""The only way into the journal. Postings first, header last: the header's trigger sees the whole entry."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, exists, insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from app.compounds.numbers import next_number
from app.council.models import Decision
from app.kit.clock import now, said_month, today
from app.kit.ids import new_id
from app.kit.records import columns
from app.publiclog.canonical import Value, canonical
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.chart_models import CHART, AccountKind, Code, Fund, LedgerAccount, Use
from app.treasury.fund_charts import FUND_CHARTS, OWED_TO_HOMES
from app.treasury.models import (
    AlreadyReversed,
    Books,
    BooksNotOpen,
    EntryKind,
    JournalEntry,
    MonthClosed,
    MonthPublished,
    NotReversible,
    Posting,
)
from app.treasury.statement_models import Statement

FIRST_LINE = 1


def open_books(session: Session, compound_id: UUID, opening_fen: int = 0, on_date: date | None = None) -> None:
    """Give a compound its books and the fund of public income; `opening_fen` is what the bank account held on `on_date`."""
    session.add(Books(compound_id=compound_id, id=compound_id))
    add_fund(session, compound_id, Fund.PUBLIC_INCOME)
    if opening_fen:
        lines = [(Code.BANK, opening_fen), (Code.OPENING, -opening_fen)]
        book(session, compound_id, on_date or today(), CHART[Code.OPENING][0], lines)


def add_fund(session: Session, compound_id: UUID, fund: Fund) -> None:
    """The accounts of its template; of a fund that was opened with a shorter one, those that are missing."""
    known = accounts_by_code(session, compound_id)
    session.add_all(
        LedgerAccount(compound_id=compound_id, code=code, name=name, kind=kind, fund=fund, use=use)
        for code, name, kind, use in FUND_CHARTS[fund]
        if code not in known
    )
    session.flush()


def lock_books(session: Session, compound_id: UUID) -> None:
    """Second in the lock order, after the noun that is being posted or paid. Raises BooksNotOpen."""
    if session.execute(_LOCK, {"compound_id": compound_id}).first() is None:
        raise BooksNotOpen


_LOCK = select(Books.id).where(Books.compound_id == bindparam("compound_id")).with_for_update()


def accounts_by_code(session: Session, compound_id: UUID) -> dict[str, LedgerAccount]:
    rows = session.exec(select(LedgerAccount).where(LedgerAccount.compound_id == compound_id).order_by(col(LedgerAccount.code)))
    return {account.code: account for account in rows}


def published_until(session: Session, compound_id: UUID) -> date | None:
    """The last day of the last published month: what lies on or before it is closed for ever."""
    return session.exec(_PUBLISHED_UNTIL, params={"compound_id": compound_id}).one()


def closed_until(session: Session, compound_id: UUID) -> date | None:
    """The last day of the last month that was closed and may still be opened again."""
    until: date | None = session.execute(_CLOSED_UNTIL, {"compound_id": compound_id}).scalar()
    return until


def need_open(session: Session, compound_id: UUID, day: date) -> None:
    """Ask it with the books locked. Raises MonthPublished, MonthClosed."""
    published, closed = published_until(session, compound_id), closed_until(session, compound_id)
    if published and day <= published:
        raise MonthPublished
    if closed and day <= closed:
        raise MonthClosed(month=said_month(day))


_CLOSED_UNTIL = columns(Books.closed_until).where(Books.compound_id == bindparam("compound_id"))
_PUBLISHED_UNTIL = select(func.max(Statement.to_on)).where(Statement.compound_id == bindparam("compound_id"))


def book(
    session: Session,
    compound_id: UUID,
    on_date: date,
    memo: str,
    lines: Sequence[tuple[str, int]],
    *,
    counterparty: str = "",
    decision: Decision | None = None,
    draft_id: UUID | None = None,
    contract_id: UUID | None = None,
    building_id: UUID | None = None,
    reverses: JournalEntry | None = None,
    vouchers: Iterable[str] = (),
) -> JournalEntry:
    """Post one entry: `lines` are (account code, fen), debit > 0, credit < 0, at least two, of one fund, their sum 0.

    It appears in public at once, so `memo` holds no room number beside an amount and no private name. The public log gets
    `entry.posted` with every line; memo and counterparty as commitments; `vouchers` are SHA-256 of the originals. Of what a home
    was given, whose entry begins with what is owed to it, the lines are a commitment too: who stands at the same table sees for
    whom it is booked at that moment, and would read there how much. Money that leaves the bank or the cash box stays public.
    Locks the books' row and takes a number: call it after the parent noun's lock, before nothing but `publish`.
    Raises BooksNotOpen, MonthPublished, MonthClosed; ValueError for lines that are no entry, which is a mistake in the program.
    """
    lock_books(session, compound_id)
    need_open(session, compound_id, on_date)
    codes = [code for code, _fen in lines]
    found = {a.code: a for a in session.scalars(_ACCOUNTS, {"compound_id": compound_id, "codes": codes})}
    accounts = [found[code] for code in codes]
    kind, amount_fen = _nature([(account, fen) for account, (_code, fen) in zip(accounts, lines, strict=True)])
    category = next((account for account in accounts if account.use != Use.MONEY), None)
    entry = JournalEntry(
        compound_id=compound_id,
        id=new_id(),
        year=today().year,
        number=next_number(session, compound_id, "entry"),
        posted_at=now(),
        on_date=on_date,
        kind=kind,
        fund=accounts[0].fund,
        amount_fen=amount_fen,
        lines=len(lines),
        memo=memo,
        counterparty=counterparty,
        category=category.name if category else "",
        category_id=category.id if category else None,
        draft_id=draft_id,
        decision_id=decision.id if decision else None,
        contract_id=contract_id,
        building_id=building_id,
        reverses_id=reverses.id if reverses else None,
    )
    session.flush()  # what the rows point to: Core knows nothing of what the session still holds
    session.connection().execute(
        insert(Posting),
        [
            {"compound_id": compound_id, "entry_id": entry.id, "line": number, "account_id": account.id, "amount_fen": fen}
            for number, (account, (_code, fen)) in enumerate(zip(accounts, lines, strict=True), FIRST_LINE)
        ],
    )
    session.add(entry)
    session.flush()
    _publish(session, entry, lines, decision, vouchers)
    return entry


_ACCOUNTS = select(LedgerAccount).where(
    LedgerAccount.compound_id == bindparam("compound_id"), col(LedgerAccount.code).in_(bindparam("codes", expanding=True))
)


def reverse(
    session: Session, entry: JournalEntry, memo: str, *, draft_id: UUID | None = None, vouchers: Iterable[str] = ()
) -> JournalEntry:
    """The opposite entry, today, linked to what it reverses; once. `vouchers`: of what shows that it was wrong.

    Raises AlreadyReversed, NotReversible.
    """
    lock_books(session, entry.compound_id)
    if entry.reverses_id:
        raise NotReversible
    if reversal_of(session, entry):
        raise AlreadyReversed
    lines = [(account.code, -fen) for account, fen in sides_of_entry(session, entry)]
    decision = session.get(Decision, (entry.compound_id, entry.decision_id)) if entry.decision_id else None
    return book(
        session,
        entry.compound_id,
        today(),
        memo,
        lines,
        counterparty=entry.counterparty,
        decision=decision,
        draft_id=draft_id,
        contract_id=entry.contract_id,
        building_id=entry.building_id,
        reverses=entry,
        vouchers=vouchers,
    )


def sides_of_entry(session: Session, entry: JournalEntry) -> list[tuple[LedgerAccount, int]]:
    """Its lines: (account, fen), debit > 0, as they were booked."""
    rows = session.exec(
        select(LedgerAccount, Posting.amount_fen)
        .join(Posting, (col(Posting.compound_id) == LedgerAccount.compound_id) & (col(Posting.account_id) == LedgerAccount.id))
        .where(Posting.compound_id == entry.compound_id, Posting.entry_id == entry.id)
        .order_by(col(Posting.line))
    )
    return [(account, fen) for account, fen in rows]


def opening_of(session: Session, account: LedgerAccount) -> JournalEntry | None:
    """The entry that opened this account and stands: neither reversed nor a reversal."""
    later = aliased(JournalEntry)
    return session.exec(
        select(JournalEntry)
        .join(Posting, (col(Posting.compound_id) == JournalEntry.compound_id) & (col(Posting.entry_id) == JournalEntry.id))
        .where(
            Posting.compound_id == account.compound_id,
            Posting.account_id == account.id,
            JournalEntry.kind == EntryKind.OPENING,
            col(JournalEntry.reverses_id).is_(None),
            ~exists().where(col(later.compound_id) == JournalEntry.compound_id, col(later.reverses_id) == JournalEntry.id),
        )
        .limit(1)
    ).first()


def reversal_of(session: Session, entry: JournalEntry) -> JournalEntry | None:
    return session.exec(
        select(JournalEntry).where(JournalEntry.compound_id == entry.compound_id, JournalEntry.reverses_id == entry.id)
    ).one_or_none()


def _nature(lines: Sequence[tuple[LedgerAccount, int]]) -> tuple[EntryKind, int]:
    """What an entry does to the money, and by how much.

    An entry that moves money in or out is income, expense, an opening or money of others as a whole: statements show it as
    one line.
    """
    amounts = [fen for _account, fen in lines]
    if len(amounts) < 2 or sum(amounts) != 0 or 0 in amounts:
        raise ValueError("an entry has at least two lines that move something, and their sum is zero")
    if len({account.fund for account, _fen in lines}) > 1:
        raise ValueError("an entry stays within one fund")
    amount_fen = sum(fen for account, fen in lines if account.use == Use.MONEY)
    sides = {_side(account) for account, _fen in lines if account.use != Use.MONEY}
    if amount_fen == 0:
        return EntryKind.TRANSFER if not sides else EntryKind.OPENING if EntryKind.OPENING in sides else EntryKind.INTERNAL, 0
    if len(sides) != 1:
        raise ValueError("income and expense are entries of their own")
    return sides.pop(), amount_fen


def _side(account: LedgerAccount) -> EntryKind:
    if account.use == Use.HELD:
        return EntryKind.HELD
    return _SIDES.get(AccountKind(account.kind), EntryKind.EXPENSE)


_SIDES = {AccountKind.INCOME: EntryKind.INCOME, AccountKind.EQUITY: EntryKind.OPENING}
"""Everything else that money is paid for or comes back from is the side of expense."""


def _publish(
    session: Session, entry: JournalEntry, lines: Sequence[tuple[str, int]], decision: Decision | None, vouchers: Iterable[str]
) -> None:
    personal = {"memo": entry.memo, "counterparty": entry.counterparty}
    facts: dict[str, Value] = {"number": entry.reference, "on": entry.on_date.isoformat()}
    said: list[Value] = [[str(code), fen] for code, fen in lines]
    if lines[0][0] in OWED_TO_HOMES:
        personal["lines"] = canonical({"lines": said}).decode()
    else:
        facts["lines"] = said
    if entry.reverses_id:
        facts["reverses"] = str(entry.reverses_id)
    if entry.contract_id:
        facts["contract"] = str(entry.contract_id)
    if digests := sorted(vouchers):
        facts["vouchers"] = [*digests]
    line = Entry(
        type="entry.posted",
        compound_id=entry.compound_id,
        record_id=entry.id,
        amount_fen=entry.amount_fen or None,
        decision_ref=decision.reference if decision else None,
        commits={name: commit_to(session, entry.compound_id, value) for name, value in personal.items() if value},
        facts=facts,
    )
    publish(session, entry.compound_id, lambda _index: line.values())
