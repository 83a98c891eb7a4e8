"""The ledger everybody reads: balance, lines, vouchers, statements; and what is done to a posted line."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Visitor
from app.council.models import Decision
from app.kit.charts import Share, Trend, named_shares, trend_bars
from app.kit.clock import said_month, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.pager import Asked, AskedPage
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.notices.periods import KEY
from app.publiclog.queries import entries_of_record
from app.treasury import approving, policy
from app.treasury.bank_queries import BankCheck, bank_checks
from app.treasury.chart_models import FUND_SAYS, Fund
from app.treasury.chart_queries import fund_asked, funds_open, named_funds
from app.treasury.comparing import Sides, compared, than_before
from app.treasury.contract_queries import Receivable, ending_soon, receivables
from app.treasury.draft_models import Draft
from app.treasury.draft_queries import Waiting, hands, my_drafts, released_in, vouchers_of, waiting_for
from app.treasury.draft_schemas import ReasonWish
from app.treasury.models import ENTRY_SAYS, EntryKind
from app.treasury.periods import MONTH, QUARTER, YEAR, Term
from app.treasury.queries import (
    BalanceCard,
    EntryCard,
    balance_card,
    by_category,
    card_of,
    entry_for,
    lines_to_show,
    money_by_fund,
)
from app.treasury.schemas import FundText
from app.treasury.searching import SIDES, Seek, Sought, Sums, buildings, by_building, categories, entries, months, sums
from app.treasury.statement_content import fund_sums
from app.treasury.statement_queries import Stated, statements
from app.treasury.voucher_models import DraftVoucher

router = APIRouter(route_class=OneTransaction, prefix="/money", include_in_schema=False)

FilledReason = Annotated[Filled[ReasonWish], filled(ReasonWish)]

AskedTerm = Annotated[str, Query(pattern=f"^$|{KEY}")]
LinkedParts = list[tuple[str, str, Share, str]]
"""The last is the address of a part's lines."""


@dataclass(frozen=True)
class Ways:
    """From one period to others, each as (period as in an address, its name)."""

    kinds: list[tuple[str, str, bool]]
    """Month, quarter and year; True: this kind is shown."""
    before: tuple[str, str] | None
    after: tuple[str, str] | None


@dataclass(frozen=True)
class MoneyPage(View):
    template = "treasury/home.html"
    tab = "money"

    fund: Fund
    fund_name: str
    held: bool
    """What is kept for others has neither income nor expense."""
    funds: list[tuple[str, str, int]]
    """(Fund, name, fen) of the others."""
    card: BalanceCard
    chart: Trend
    ends: list[tuple[str, str]]
    """(month, balance at its end), as written."""
    today: date
    term: Term
    ways: Ways
    balance: dict[str, int]
    """Opening, income, expense and closing of the period, in fen."""
    income: LinkedParts
    expense: LinkedParts
    buildings: list[tuple[str, int, int, str]]
    """(building, income, expense, address of its lines)."""
    changes: list[str]
    than: str
    """What they are changes from: the period before, or as many days of it."""
    late: list[Receivable]
    ending: int
    """Contracts of which the treasurer is reminded."""
    recent: list[EntryCard]
    statements: list[Stated]
    checks: list[BankCheck]
    waiting: Waiting | None
    drafts: int
    can_book: bool
    can_publish: bool
    can_see_journal: bool


@dataclass(frozen=True)
class EntriesPage(View):
    template = "treasury/entries.html"
    tab = "money"

    months: list[tuple[date, list[EntryCard]]]
    """Each by its first day."""
    next_cursor: str | None
    sought: Sought
    looked_for: list[str]
    sums: Sums | None
    """Of everything that was looked for, on the first page."""
    form: Filled[Any]
    sides: list[tuple[str, str]]
    categories: list[tuple[str, str]]
    funds: list[tuple[str, str]]
    buildings: list[tuple[str, str]]
    book_months: list[tuple[str, str]]


@dataclass(frozen=True)
class EntryPage(View):
    template = "treasury/entry.html"
    tab = "money"

    entry: EntryCard
    kind: str
    fund: str
    posted_at: datetime
    lines: list[tuple[str, str, int]]
    vouchers: list[DraftVoucher]
    replaced: dict[UUID, list[tuple[int, int]]]
    """Of vouchers whose public copy was replaced: each version with its index in the log."""
    decision: Decision | None
    author: str | None
    approvers: list[str]
    contract_id: UUID | None
    log_index: int
    form: Filled[ReasonWish]
    can_release: bool
    can_reverse: bool
    can_see_originals: bool


@router.get("")
def show_money(session: DbSession, visitor: Anyone, asked: AskedPage, period: AskedTerm = "", fund: FundText = "") -> MoneyPage:
    """One fund at a time, as they are kept apart. `period` is this month where nothing is asked for."""
    compound_id = visitor.compound.id
    opened = funds_open(session, compound_id)
    here = fund_asked(opened, fund)
    others = money_by_fund(session, compound_id, [one for one in opened if one is not here])
    card = balance_card(session, visitor, here)
    term = Term.read(period) if period else Term.of(today(), MONTH)
    sides = by_category(session, compound_id, term.first, term.last, [here])
    before = by_category(session, compound_id, term.beside(-1).first, term.same_days_before(today()), [here])
    than = than_before(term, today())
    officer = visitor if isinstance(visitor, Actor) and policy.can_see_drafts(visitor) else None
    few = Asked(asked.secret, None, 4)
    return MoneyPage(
        visitor.frame,
        here,
        _(FUND_SAYS[here]),
        here is Fund.HELD,
        [(one.value, _(FUND_SAYS[one]), fen) for one, fen in others.items()],
        card,
        trend_bars([month.balance_fen for month in card.months]),
        [(said_month(month.month), yuan(month.balance_fen)) for month in card.months],
        today(),
        term,
        ways_from(term, months(session, visitor)),
        fund_sums(session, compound_id, here, term.span),
        linked_parts(visitor, sides, EntryKind.INCOME, term, here),
        linked_parts(visitor, sides, EntryKind.EXPENSE, term, here),
        [
            (name, income, expense, lines_at(visitor, term, here, building=name))
            for name, income, expense in by_building(session, compound_id, term.first, term.last, here)
        ],
        compared(sides, before) if any(before.values()) else [],
        than,
        receivables(session, compound_id, today()),
        len(ending_soon(session, compound_id)) if policy.can_book(visitor) else 0,
        entries(session, visitor, few, Sought(fund=here)).items,
        statements(session, visitor, few).items,
        [check for check in bank_checks(session, compound_id) if check.used],
        waiting_for(session, officer) if officer else None,
        len(my_drafts(session, officer)) if officer and policy.can_book(officer) else 0,
        policy.can_book(visitor),
        policy.can_publish(visitor),
        policy.can_see_journal(visitor),
    )


@router.get("/entries")
def show_entries(session: DbSession, visitor: Anyone, asked: AskedPage, sought: Seek) -> EntriesPage:
    page = entries(session, visitor, asked, sought)
    by_month = groupby(page.items, key=lambda entry: entry.on_date.replace(day=1))
    names = categories(session, visitor)
    return EntriesPage(
        visitor.frame,
        [(month, list(booked)) for month, booked in by_month],
        page.next_cursor,
        sought,
        sought.words(names),
        sums(session, visitor, sought) if sought and not asked.cursor else None,
        empty(sought.typed),
        [(kind.value, _(ENTRY_SAYS[kind])) for kind in SIDES],
        list(names.items()),
        named_funds(funds_open(session, visitor.compound.id)),
        [(name, name) for _id, name in buildings(session, visitor.compound.id)],
        [(f"{month:%Y-%m}", said_month(month)) for month in months(session, visitor)],
    )


@router.get("/entries/{entry_id}")
def show_entry(session: DbSession, visitor: Anyone, entry_id: UUID) -> EntryPage:
    return entry_page(session, visitor, entry_id)


@router.post("/entries/{entry_id}/reversals")
def post_reversal(session: DbSession, actor: Officer, request: Request, entry_id: UUID, form: FilledReason) -> Response:
    if form.wish is None:
        return entry_page(session, actor, entry_id, form).reply(request, 422)
    draft, _made = approving.propose_reversal(session, actor, form.id, entry_id, form.wish)
    return see_other(f"{actor.frame.base}/money/drafts/{draft.id}", _("已提交冲销，等监督委员批准。"))


def ways_from(term: Term, booked: list[date]) -> Ways:
    """`booked`: first days of the months in which there are books, the latest first; nobody is led beyond them."""
    names = {MONTH: _("月"), QUARTER: _("季度"), YEAR: _("年")}
    near = min(term.last, today()) if term.first <= today() else term.first
    kinds = [(Term.of(near, months).key, name, months == term.months) for months, name in names.items()]
    before, after = term.beside(-1), term.beside(1)
    return Ways(
        kinds,
        (before.key, before.says) if booked and before.last >= booked[-1] else None,
        (after.key, after.says) if after.first <= today() else None,
    )


def lines_at(visitor: Visitor, term: Term, fund: Fund, **chosen: str) -> str:
    """The address of the lines of a period."""
    asked = chosen | {"fund": fund.value, "since": f"{term.first:%Y-%m}", "until": f"{term.last:%Y-%m}"}
    return f"{visitor.frame.base}/money/entries?{urlencode(asked)}"


def linked_parts(visitor: Visitor, sides: Sides, side: EntryKind, term: Term, fund: Fund) -> LinkedParts:
    """Each with the way to its lines of this period."""
    bars = named_shares([(name, fen) for _code, name, fen in sides[side]])
    lines = [lines_at(visitor, term, fund, kind=side.value, category=code) for code, _name, _fen in sides[side]]
    return [(*bar, line) for bar, line in zip(bars, lines, strict=True)]


def entry_page(
    session: Session,
    visitor: Visitor,
    entry_id: UUID,
    form: Filled[ReasonWish] | None = None,
) -> EntryPage:
    entry = entry_for(session, visitor, entry_id)
    card = card_of(session, entry)
    draft = session.get(Draft, (entry.compound_id, entry.draft_id)) if entry.draft_id else None
    author, approvers = hands(session, visitor, draft) if draft else (None, [])
    vouchers = vouchers_of(session, entry.compound_id, draft.id) if draft else []
    return EntryPage(
        visitor.frame,
        card,
        _(ENTRY_SAYS[EntryKind(entry.kind)]),
        _(FUND_SAYS[Fund(entry.fund)]),
        entry.posted_at,
        lines_to_show(session, visitor, entry),
        vouchers,
        {v.id: released_in(session, v) for v in vouchers if v.public_version > 1},
        session.get(Decision, (entry.compound_id, entry.decision_id)) if entry.decision_id else None,
        author,
        approvers,
        entry.contract_id,
        entries_of_record(session, entry.compound_id, entry.id)[0].index,
        form or empty(),
        policy.can_publish(visitor),
        policy.can_book(visitor) and not (card.reverses_id or card.reversed_by_id) and card.kind != EntryKind.INTERNAL,
        policy.can_see_originals(visitor),
    )
