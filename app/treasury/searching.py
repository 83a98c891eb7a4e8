"""Finding lines of the public ledger: by words, an amount, side, category, fund, building and months.

Only the conditions that were asked for stand in the statement, so that a plain list stays a walk along one index.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, func, or_
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Building
from app.kit.clock import said_month
from app.kit.i18n import _
from app.kit.money import fen_of
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.notices.periods import first_of_month
from app.treasury.chart_models import FUND_SAYS, Fund, LedgerAccount, Use
from app.treasury.journal import accounts_by_code
from app.treasury.models import ENTRY_SAYS, EntryKind, JournalEntry, Posting
from app.treasury.period_schemas import ALWAYS, AskedPeriod, Period
from app.treasury.queries import ENTRY_CARDS, EntryCard, card_from
from app.treasury.schemas import FundText

MOST_WORDS = 5
"""Further ones are not looked for: each is a walk over the texts."""

Side = Literal["", "income", "expense", "transfer", "held"]
SIDES = (EntryKind.INCOME, EntryKind.EXPENSE, EntryKind.TRANSFER, EntryKind.HELD)


@dataclass(frozen=True)
class Sought(Period):
    """What of the ledger is asked for; "" is everything. `category`: a ledger account's code; `building`: a name."""

    q: str = ""
    kind: Side = ""
    category: str = ""
    fund: str = ""
    building: str = ""

    def __bool__(self) -> bool:
        return any(self.typed.values())

    @property
    def typed(self) -> dict[str, str]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: value for name, value in self.typed.items() if value})

    def values(self) -> dict[str, Any]:
        """The parameters of the conditions, by the name of each."""
        named: dict[str, Any] = {name: self.typed[name] for name in ("kind", "category", "fund", "building") if self.typed[name]}
        if self.since:
            named["since"] = self.first
        if self.until:
            named["until"] = self.last
        for n, word in enumerate(self.q.split()[:MOST_WORDS]):
            named[f"like{n}"] = pattern_of(word)
            named[f"fen{n}"] = _fen(word)
        return named

    def words(self, categories: dict[str, str]) -> list[str]:
        """What was looked for, said to people; `categories` by code."""
        since, until = said_month(self.first) if self.since else "", said_month(self.last) if self.until else ""
        said = [
            _("“%(words)s”", words=self.q) if self.q else "",
            _(ENTRY_SAYS[EntryKind(self.kind)]) if self.kind else "",
            categories.get(self.category, self.category),
            _(FUND_SAYS[Fund(self.fund)]) if self.fund else "",
            self.building,
            since if since == until else _("从%(month)s起", month=since) if since else "",
            _("到%(month)s为止", month=until) if until and since != until else "",
        ]
        return [part for part in said if part]


@dataclass(frozen=True, slots=True)
class Sums:
    """Of everything that was found, on all pages."""

    count: int
    income_fen: int
    expense_fen: int


async def sought(
    q: Annotated[str, Query(max_length=60, description="Words of memo and counterparty, or an amount in yuan.")] = "",
    kind: Annotated[Side, Query(description='"income", "expense", "transfer" or "held".')] = "",
    category: Annotated[str, Query(pattern="^([0-9]{4,10})?$", description="Code of a ledger account.")] = "",
    fund: FundText = "",
    building: Annotated[str, Query(max_length=20, description="Name of the building that it concerns.")] = "",
    period: AskedPeriod = ALWAYS,
) -> Sought:
    """Empty fields are what a form sends where nothing was chosen; async, because a plain function would be a thread hop."""
    return Sought(period.since, period.until, " ".join(q.split()), kind, category, fund, building)


Seek = Annotated[Sought, Depends(sought)]

_POSTED_TO = (
    select(Posting.entry_id)
    .join(LedgerAccount, and_(col(LedgerAccount.compound_id) == Posting.compound_id, col(LedgerAccount.id) == Posting.account_id))
    .where(Posting.compound_id == bindparam("compound_id"), LedgerAccount.code == bindparam("category"))
)

_NAMED = select(Building.id).where(Building.compound_id == bindparam("compound_id"), Building.name == bindparam("building"))

_SIDES = (
    func.sum(case((col(JournalEntry.kind) == EntryKind.INCOME, col(JournalEntry.amount_fen)), else_=0)),
    func.sum(case((col(JournalEntry.kind) == EntryKind.EXPENSE, -col(JournalEntry.amount_fen)), else_=0)),
)

_CONDITIONS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "kind": lambda: col(JournalEntry.kind) == bindparam("kind"),
    # Not only by the header's category: an entry may be posted to several, and each bar is a sum of postings.
    "category": lambda: col(JournalEntry.id).in_(_POSTED_TO),
    "fund": lambda: col(JournalEntry.fund) == bindparam("fund"),
    "building": lambda: col(JournalEntry.building_id).in_(_NAMED),
    "since": lambda: col(JournalEntry.on_date) >= bindparam("since"),
    "until": lambda: col(JournalEntry.on_date) <= bindparam("until"),
}


def entries(session: Session, visitor: Visitor, asked: Asked, sought: Sought) -> Page[EntryCard]:
    """Every entry that moved money and fits, the latest day first. Raises BadCursor."""
    values = sought.values()
    return _listing(frozenset(values)).page(session, asked, compound_id=visitor.compound.id, **values)


def sums(session: Session, visitor: Visitor, sought: Sought) -> Sums:
    values = sought.values()
    row = session.execute(_sums(frozenset(values)), {"compound_id": visitor.compound.id, **values}).one()
    return Sums(*(int(value or 0) for value in row))


def months(session: Session, visitor: Visitor) -> list[date]:
    """First days of the months in which there are books, the latest first."""
    days = select(col(JournalEntry.on_date)).where(JournalEntry.compound_id == visitor.compound.id).limit(1)
    first = session.exec(days.order_by(col(JournalEntry.on_date))).first()
    last = session.exec(days.order_by(col(JournalEntry.on_date).desc())).first()
    if first is None or last is None:
        return []
    count = (last.year - first.year) * 12 + last.month - first.month
    return [first_of_month(last, -earlier) for earlier in range(count + 1)]


def categories(session: Session, visitor: Visitor) -> dict[str, str]:
    """What money may come from or go to, by code; the retired too, since their lines are still there."""
    chart = accounts_by_code(session, visitor.compound.id).values()
    return {account.code: account.name for account in chart if account.use != Use.MONEY}


def buildings(session: Session, compound_id: UUID) -> list[tuple[UUID, str]]:
    """(id, "3栋") in the order of the grounds, for a select."""
    rows = session.exec(
        select(Building).where(Building.compound_id == compound_id).order_by(col(Building.position), col(Building.name))
    )
    return [(building.id, building.name) for building in rows]


def by_building(session: Session, compound_id: UUID, from_on: date, to_on: date, fund: Fund) -> list[tuple[str, int, int]]:
    """(building, income, expense) of what concerned one building in a period, in the order of the grounds."""
    rows = session.execute(
        columns(Building.name, *_SIDES)
        .join(JournalEntry, pointing(JournalEntry, "building_id", Building))
        .where(
            JournalEntry.compound_id == compound_id,
            JournalEntry.fund == fund,
            col(JournalEntry.on_date).between(from_on, to_on),
        )
        .group_by(col(Building.id), col(Building.name), col(Building.position))
        .order_by(col(Building.position), col(Building.name))
    )
    return [(name, int(income), int(expense)) for name, income, expense in rows]


@cache
def _listing(names: frozenset[str]) -> Listing[EntryCard]:
    """One for each set of conditions that anybody ever asks for, of which there are some hundred."""
    statement = ENTRY_CARDS.where(JournalEntry.kind != EntryKind.INTERNAL, *_conditions(names))
    return Listing("entries", statement, col(JournalEntry.on_date), col(JournalEntry.id), card_from, newest_first=True)


@cache
def _sums(names: frozenset[str]) -> Any:
    return columns(func.count(), *_SIDES).where(
        JournalEntry.compound_id == bindparam("compound_id"), JournalEntry.kind != EntryKind.INTERNAL, *_conditions(names)
    )


def _conditions(names: frozenset[str]) -> list[ColumnElement[bool]]:
    named = [_CONDITIONS[name]() for name in sorted(names & _CONDITIONS.keys())]
    return named + [_has_word(name.removeprefix("like")) for name in sorted(names) if name.startswith("like")]


def _has_word(n: str) -> ColumnElement[bool]:
    like: BindParameter[str] = bindparam(f"like{n}")
    return or_(
        func.lower(JournalEntry.memo).like(like, escape="\\"),
        func.lower(JournalEntry.counterparty).like(like, escape="\\"),
        func.abs(JournalEntry.amount_fen) == bindparam(f"fen{n}"),
    )


def pattern_of(word: str) -> str:
    """For LIKE … ESCAPE '\\' on a lowered text: the word anywhere in it, and nothing of it means more than itself."""
    return "%" + word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _fen(word: str) -> int:
    """What it says as an amount; 0, which no entry has, for what is none."""
    try:
        return abs(fen_of(word))
    except ValueError:
        return 0
