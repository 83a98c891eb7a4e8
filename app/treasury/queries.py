"""The public side of the books: lines, balances, sums by category."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Building
from app.kit.clock import today
from app.kit.money import signed_yuan, yuan
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.notices.periods import first_of_month
from app.treasury import policy
from app.treasury.chart_models import Fund, LedgerAccount, Use
from app.treasury.fund_charts import OWED_TO_HOMES
from app.treasury.models import EntryKind, JournalEntry, Posting
from app.treasury.voucher_models import DraftVoucher

MONTHS = 12


@dataclass(frozen=True, slots=True)
class EntryCard:
    """One line of the public ledger. `voucher_id`: of a public copy to show; `vouchers` counts all, `released` those.

    `turned_fen`: how much it is about, also where it moves no balance: then it is the sum of its debits.
    """

    id: UUID
    number: str
    on_date: date
    kind: str
    category: str | None
    memo: str
    counterparty: str
    amount_fen: int
    turned_fen: int
    voucher_id: UUID | None
    vouchers: int
    released: int
    building: str | None
    reverses_id: UUID | None
    reversed_by_id: UUID | None

    @property
    def said_amount(self) -> str:
        """What moves no balance has no sign."""
        return signed_yuan(self.amount_fen) if self.amount_fen else yuan(self.turned_fen)


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """`balance_fen` at the end of the month, or now in the running one."""

    month: date
    income_fen: int
    expense_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class BalanceCard:
    """Public: what cash and bank of one fund hold, this month's in and out, and the last twelve months, oldest first."""

    balance_fen: int
    income_fen: int
    expense_fen: int
    months: tuple[MonthEnd, ...]


_other = aliased(JournalEntry)


def _of_draft(*wanted: Any) -> Any:
    return (
        select(*wanted)
        .where(DraftVoucher.compound_id == JournalEntry.compound_id, DraftVoucher.draft_id == JournalEntry.draft_id)
        .correlate(JournalEntry)
    )


_TURNED = (
    select(func.sum(Posting.amount_fen))
    .where(Posting.compound_id == JournalEntry.compound_id, Posting.entry_id == JournalEntry.id, Posting.amount_fen > 0)
    .correlate(JournalEntry)
    .scalar_subquery()
)
_RELEASED = col(DraftVoucher.released_at).is_not(None)

ENTRY_CARDS = (
    columns(
        JournalEntry.id,
        JournalEntry.year,
        JournalEntry.number,
        JournalEntry.on_date,
        JournalEntry.kind,
        func.nullif(JournalEntry.category, "").label("category"),
        JournalEntry.memo,
        JournalEntry.counterparty,
        JournalEntry.amount_fen,
        case((col(JournalEntry.amount_fen) == 0, _TURNED), else_=func.abs(JournalEntry.amount_fen)).label("turned_fen"),
        col(Building.name).label("building"),
        JournalEntry.reverses_id,
        col(_other.id).label("reversed_by_id"),
        _of_draft(col(DraftVoucher.public_id))
        .where(_RELEASED)
        .order_by(col(DraftVoucher.position), col(DraftVoucher.id))
        .limit(1)
        .scalar_subquery()
        .label("voucher_id"),
        _of_draft(func.count()).scalar_subquery().label("vouchers"),
        _of_draft(func.count()).where(_RELEASED).scalar_subquery().label("released"),
    )
    .outerjoin(Building, pointing(JournalEntry, "building_id", Building))
    .outerjoin(_other, and_(col(_other.compound_id) == JournalEntry.compound_id, col(_other.reverses_id) == JournalEntry.id))
    .where(JournalEntry.compound_id == bindparam("compound_id"))
)


def card_from(row: Row[Any]) -> EntryCard:
    named = {name: getattr(row, name) for name in EntryCard.__slots__ if name not in ("number", "turned_fen")}
    return EntryCard(number=f"{row.year}-{row.number}", turned_fen=int(row.turned_fen), **named)


_TO_RELEASE = ENTRY_CARDS.where(  # from the few vouchers to their entries: asking each of 10,000 entries took twice as long
    col(JournalEntry.draft_id).in_(
        select(DraftVoucher.draft_id).where(DraftVoucher.compound_id == bindparam("compound_id"), ~_RELEASED)
    )
).order_by(col(JournalEntry.on_date), col(JournalEntry.id))


def to_release(session: Session, visitor: Visitor) -> list[EntryCard]:
    """Lines with a voucher whose public copy is not released yet; the oldest first."""
    return [card_from(row) for row in session.execute(_TO_RELEASE, {"compound_id": visitor.compound.id})]


def entry_for(session: Session, visitor: Visitor, id: UUID) -> JournalEntry:
    """Raises NotFound for absent and foreign alike, and for what only a home and the books know of (`journal.book`)."""
    entry = session.get(JournalEntry, (visitor.compound.id, id))
    if entry is None or (entry.kind == EntryKind.INTERNAL and not may_see_lines(session, visitor, entry)):
        raise NotFound
    return entry


def may_see_lines(session: Session, visitor: Visitor, entry: JournalEntry) -> bool:
    """Debit and credit; of what one home was given not everybody."""
    category = session.get(LedgerAccount, (entry.compound_id, entry.category_id)) if entry.category_id else None
    return policy.can_see_journal(visitor) or category is None or category.code not in OWED_TO_HOMES


def card_of(session: Session, entry: JournalEntry) -> EntryCard:
    statement = ENTRY_CARDS.where(JournalEntry.id == bindparam("id"))
    return card_from(session.execute(statement, {"compound_id": entry.compound_id, "id": entry.id}).one())


def lines_to_show(session: Session, visitor: Visitor, entry: JournalEntry) -> list[tuple[str, str, int]]:
    """(code, account, fen), debit > 0; none of what only a home and the books know of."""
    return lines_of(session, entry) if may_see_lines(session, visitor, entry) else []


def lines_of(session: Session, entry: JournalEntry) -> list[tuple[str, str, int]]:
    """(code, account, fen), debit > 0."""
    rows = session.exec(
        select(LedgerAccount.code, LedgerAccount.name, Posting.amount_fen)
        .join(Posting, and_(col(Posting.compound_id) == LedgerAccount.compound_id, col(Posting.account_id) == LedgerAccount.id))
        .where(Posting.compound_id == entry.compound_id, Posting.entry_id == entry.id)
        .order_by(col(Posting.line))
    )
    return [(code, name, fen) for code, name, fen in rows]


def taken_in(from_on: date, to_on: date, later: Sequence[UUID] = ()) -> ColumnElement[bool]:
    """Which entries count for a period: those of its days, and `later` ones that correct it."""
    within = col(JournalEntry.on_date).between(from_on, to_on)
    return or_(within, col(JournalEntry.id).in_(later)) if later else within


def balances(
    session: Session, compound_id: UUID, until: date | None = None, later: Sequence[UUID] = ()
) -> list[tuple[LedgerAccount, int]]:
    """Every account with debit minus credit in fen, up to and including a day, `later` entries taken in."""
    posted = (
        select(col(Posting.account_id).label("account_id"), func.sum(Posting.amount_fen).label("fen"))
        .join(JournalEntry, and_(col(JournalEntry.compound_id) == Posting.compound_id, col(JournalEntry.id) == Posting.entry_id))
        .where(Posting.compound_id == compound_id, taken_in(date.min, until or date.max, later))
        .group_by(col(Posting.account_id))
        .subquery()
    )
    rows = session.exec(
        select(LedgerAccount, func.coalesce(posted.c.fen, 0))
        .outerjoin(posted, posted.c.account_id == LedgerAccount.id)
        .where(LedgerAccount.compound_id == compound_id)
        .order_by(col(LedgerAccount.code))
    )
    return [(account, int(fen)) for account, fen in rows]


def fen_on(session: Session, compound_id: UUID, codes: Collection[str]) -> int:
    """Debit minus credit of some accounts together, up to now."""
    posted = session.execute(_FEN_ON, {"compound_id": compound_id, "codes": list(codes)})
    return int(posted.scalar_one())


_FEN_ON = (
    columns(func.coalesce(func.sum(Posting.amount_fen), 0))
    .select_from(Posting)
    .join(LedgerAccount, and_(col(LedgerAccount.compound_id) == Posting.compound_id, col(LedgerAccount.id) == Posting.account_id))
    .where(Posting.compound_id == bindparam("compound_id"), col(LedgerAccount.code).in_(bindparam("codes", expanding=True)))
)


def money_by_fund(session: Session, compound_id: UUID, funds: Collection[Fund]) -> dict[Fund, int]:
    """What cash and bank of each hold, in fen."""
    if not funds:
        return {}
    rows = session.exec(
        select(JournalEntry.fund, func.sum(JournalEntry.amount_fen))
        .where(JournalEntry.compound_id == compound_id, col(JournalEntry.fund).in_([*funds]))
        .group_by(col(JournalEntry.fund))
    )
    return dict.fromkeys(funds, 0) | {Fund(fund): int(fen) for fund, fen in rows}


def balance_card(session: Session, visitor: Visitor, fund: Fund = Fund.PUBLIC_INCOME) -> BalanceCard:
    """Of one fund, as they are kept apart.

    Two sums over the journal's headers, by day: at most some hundred rows however long the books are.
    """
    compound_id, this_month = visitor.compound.id, first_of_month(today())
    since = first_of_month(this_month, 1 - MONTHS)
    before = session.exec(
        select(func.coalesce(func.sum(JournalEntry.amount_fen), 0)).where(
            JournalEntry.compound_id == compound_id, JournalEntry.fund == fund, JournalEntry.on_date < since
        )
    ).one()
    days = session.execute(
        columns(JournalEntry.on_date, JournalEntry.kind, func.sum(JournalEntry.amount_fen))
        .where(JournalEntry.compound_id == compound_id, JournalEntry.fund == fund, col(JournalEntry.on_date) >= since)
        .group_by(col(JournalEntry.on_date), col(JournalEntry.kind))
    ).all()
    by_month: dict[tuple[int, int], Counter[str]] = {}
    for day, kind, fen in days:
        by_month.setdefault((day.year, day.month), Counter())[kind] += int(fen)
    balance_fen, months = int(before), []
    for later in range(MONTHS):
        month = first_of_month(since, later)
        moved = by_month.get((month.year, month.month), Counter())
        balance_fen += moved.total()
        months.append(MonthEnd(month, moved[EntryKind.INCOME], -moved[EntryKind.EXPENSE], balance_fen))
    return BalanceCard(balance_fen, months[-1].income_fen, months[-1].expense_fen, tuple(months))


def by_category(
    session: Session,
    compound_id: UUID,
    from_on: date,
    to_on: date,
    funds: Iterable[Fund] = Fund,
    later: Sequence[UUID] = (),
) -> dict[EntryKind, list[tuple[str, str, int]]]:
    """Per side, (code, account, fen) of what moved money in a period, largest first; their sums are income and expense."""
    moved = (  # summed before the accounts are named: else SQLite walks every posting of each account
        select(JournalEntry.kind, Posting.account_id, func.sum(Posting.amount_fen).label("fen"))
        .join(Posting, and_(col(Posting.compound_id) == JournalEntry.compound_id, col(Posting.entry_id) == JournalEntry.id))
        .where(
            JournalEntry.compound_id == compound_id,
            taken_in(from_on, to_on, later),
            col(JournalEntry.kind).in_((EntryKind.INCOME, EntryKind.EXPENSE)),
            col(JournalEntry.fund).in_([*funds]),
        )
        .group_by(col(JournalEntry.kind), col(Posting.account_id))
        .subquery()
    )
    rows = session.exec(
        select(moved.c.kind, LedgerAccount.code, LedgerAccount.name, moved.c.fen)
        .join(LedgerAccount, and_(col(LedgerAccount.compound_id) == compound_id, col(LedgerAccount.id) == moved.c.account_id))
        .where(LedgerAccount.use != Use.MONEY)
    ).all()
    sides: dict[EntryKind, list[tuple[str, str, int]]] = {EntryKind.INCOME: [], EntryKind.EXPENSE: []}
    for kind, code, name, fen in rows:
        side = EntryKind(kind)
        sides[side].append((code, name, -int(fen) if side is EntryKind.INCOME else int(fen)))
    for parts in sides.values():
        parts.sort(key=lambda part: (-part[2], part[0]))
    return sides
