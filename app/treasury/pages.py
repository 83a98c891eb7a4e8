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
from app.compounds.models import Person
from app.compounds.names import known_as
from app.council.models import Decision
from app.kit.charts import Share, Trend, shares, trend_bars
from app.kit.clock import now, said_month, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.pager import Asked, AskedPage
from app.kit.qr import Qr, qr_path
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import Form, download, sheet
from app.kit.views import View, see_other
from app.notices.queries import NoticeCard, notice_for, standing_of
from app.notices.queries import card_of as notice_card
from app.publiclog.queries import entries_of_record, head_of
from app.treasury import approving, policy
from app.treasury.bank_queries import BankCheck, bank_checks
from app.treasury.comparing import Sides, compared, than_before
from app.treasury.contract_queries import Receivable, ending_soon, receivables
from app.treasury.draft_queries import Waiting, hands, my_drafts, released_in, vouchers_of, waiting_for
from app.treasury.models import (
    FUND_SAYS,
    Draft,
    DraftVoucher,
    EntryKind,
    Fund,
    Statement,
)
from app.treasury.periods import MONTH, QUARTER, TEXT, YEAR, Term
from app.treasury.queries import BalanceCard, EntryCard, balance_card, by_category, card_of, entry_for, lines_of
from app.treasury.schemas import ReasonWish
from app.treasury.searching import EVERYTHING, Seek, Sought, Sums, buildings, by_building, categories, entries, months, sums
from app.treasury.statement import Document, rows_of
from app.treasury.statement_queries import fund_sums, funds_kept, statement_for, statements

router = APIRouter(route_class=OneTransaction, prefix="/money", include_in_schema=False)

FilledReason = Annotated[Filled[ReasonWish], filled(ReasonWish)]

AskedTerm = Annotated[str, Query(pattern=f"^({TEXT})?$")]
AskedFund = Annotated[str, Query(pattern=f"^({'|'.join(Fund)})?$")]

Parts = list[tuple[str, str, Share]]
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

    card: BalanceCard
    chart: Trend
    ends: list[tuple[str, str]]
    """(month, balance at its end), as written."""
    today: date
    term: Term
    ways: Ways
    fund: str
    """"" for all of them."""
    funds: list[tuple[str, str, int]]
    """(fund, its name, what it holds at the period's end); none where only one is kept."""
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
    statements: list[Statement]
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


@dataclass(frozen=True)
class StatementPage(View):
    template = "treasury/statement.html"
    tab = "money"

    id: UUID
    document: Document
    funds: list[tuple[str, int]]
    notice: NoticeCard
    objections: int
    income: Parts
    expense: Parts
    log_index: int


@dataclass(frozen=True)
class SheetPage(View):
    template = "treasury/sheet.html"

    id: UUID
    document: Document
    notice: NoticeCard
    prepared_by: str
    qr: Qr
    log_index: int
    log_size: int
    log_root: str
    printed_at: datetime


@router.get("")
def show_money(session: DbSession, visitor: Anyone, asked: AskedPage, period: AskedTerm = "", fund: AskedFund = "") -> MoneyPage:
    """`period` is this month where nothing is asked for."""
    compound_id, chosen = visitor.compound.id, Fund(fund) if fund else None
    card = balance_card(session, visitor, chosen)
    term = Term.read(period) if period else Term.of(today(), MONTH)
    earlier = term.beside(-1)
    sides = by_category(session, compound_id, term.first, term.last, chosen)
    before = by_category(session, compound_id, earlier.first, term.same_days_before(today()), chosen)
    than = than_before(term, today())
    officer = visitor if isinstance(visitor, Actor) and policy.can_see_drafts(visitor) else None
    few = Asked(asked.secret, None, 4)
    return MoneyPage(
        visitor.frame,
        card,
        trend_bars([month.balance_fen for month in card.months]),
        [(said_month(month.month), yuan(month.balance_fen)) for month in card.months],
        today(),
        term,
        ways_from(term, months(session, visitor)),
        fund,
        held_by_funds(session, compound_id, term),
        fund_sums(session, compound_id, chosen, term.first, term.last),
        linked_parts(visitor, sides, EntryKind.INCOME, term, fund),
        linked_parts(visitor, sides, EntryKind.EXPENSE, term, fund),
        [
            (name, income, expense, lines_at(visitor, term, fund, building=name))
            for name, income, expense in by_building(session, compound_id, term.first, term.last, chosen)
        ],
        compared(sides, before, than) if any(before.values()) else [],
        than,
        receivables(session, compound_id, today()),
        len(ending_soon(session, compound_id)) if policy.can_book(visitor) else 0,
        entries(session, visitor, few, EVERYTHING).items,
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
        [("income", _("收入")), ("expense", _("支出"))],
        list(names.items()),
        [(fund.value, _(FUND_SAYS[fund])) for fund in funds_kept(session, visitor.compound.id)],
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


@router.get("/statements/{statement_id}")
def show_statement(session: DbSession, visitor: Anyone, statement_id: UUID) -> StatementPage:
    statement = statement_for(session, visitor, statement_id)
    notice = notice_for(session, visitor, statement.notice_id)
    document, asked = Document.read(notice.frozen), standing_of(session, notice)
    return StatementPage(
        visitor.frame,
        statement.id,
        document,
        [(_(FUND_SAYS[Fund(fund.fund)]), fund.closing_fen) for fund in document.funds],
        notice_card(notice, asked),
        asked.unanswered,
        parts(document.income),
        parts(document.expense),
        entries_of_record(session, statement.compound_id, notice.id)[0].index,
    )


@router.get("/statements/{statement_id}/sheet")
def show_sheet(session: DbSession, visitor: Anyone, request: Request, statement_id: UUID) -> SheetPage:
    """For the notice board."""
    statement = statement_for(session, visitor, statement_id)
    notice = notice_for(session, visitor, statement.notice_id)
    head = head_of(session, statement.compound_id)
    return SheetPage(
        visitor.frame,
        statement.id,
        Document.read(notice.frozen),
        notice_card(notice, standing_of(session, notice)),
        known_as(session.get_one(Person, (statement.compound_id, statement.published_by_id)).name, full=visitor.is_resident),
        qr_path(f"{request.app.state.settings.public_url}{visitor.frame.base}/money/statements/{statement.id}"),
        entries_of_record(session, statement.compound_id, notice.id)[0].index,
        head.size,
        head.root.hex(),
        now(),
    )


@router.get("/statements/{statement_id}/json")
def show_json(session: DbSession, visitor: Anyone, statement_id: UUID) -> Response:
    """The published bytes themselves, which the public log has hashed."""
    statement = statement_for(session, visitor, statement_id)
    frozen = notice_for(session, visitor, statement.notice_id).frozen
    return download(lambda file: file.write(frozen), f"{statement_file(visitor, statement)}.json", "application/json")


@router.get("/statements/{statement_id}/{form}")
def show_sheet_file(session: DbSession, visitor: Anyone, statement_id: UUID, form: Form) -> Response:
    """For a spreadsheet."""
    statement = statement_for(session, visitor, statement_id)
    document = Document.read(notice_for(session, visitor, statement.notice_id).frozen)
    return sheet(form, said_month(document.from_on), rows_of(document), statement_file(visitor, statement))


def statement_file(visitor: Visitor, statement: Statement) -> str:
    return f"{visitor.compound.slug}-{statement.from_on:%Y-%m}"


def held_by_funds(session: Session, compound_id: UUID, term: Term) -> list[tuple[str, str, int]]:
    """What each holds at the period's end; nothing to tell where only one is kept."""
    kept = funds_kept(session, compound_id)
    if len(kept) < 2:
        return []
    sums = [fund_sums(session, compound_id, fund, term.first, term.last) for fund in kept]
    return [(fund.value, _(FUND_SAYS[fund]), moved["closing_fen"]) for fund, moved in zip(kept, sums, strict=True)]


def ways_from(term: Term, booked: list[date]) -> Ways:
    """`booked`: first days of the months in which there are books, the latest first; nobody is led beyond them."""
    names = {MONTH: _("月"), QUARTER: _("季度"), YEAR: _("年")}
    near = min(term.last, today()) if term.first <= today() else term.first
    kinds = [(Term.of(near, months).text, name, months == term.months) for months, name in names.items()]
    before, after = term.beside(-1), term.beside(1)
    return Ways(
        kinds,
        (before.text, before.says) if booked and before.last >= booked[-1] else None,
        (after.text, after.says) if after.first <= today() else None,
    )


def lines_at(visitor: Visitor, term: Term, fund: str, **chosen: str) -> str:
    """The address of the lines of a period."""
    asked = chosen | {"fund": fund, "since": f"{term.first:%Y-%m}", "until": f"{term.last:%Y-%m}"}
    return f"{visitor.frame.base}/money/entries?{urlencode({name: value for name, value in asked.items() if value})}"


def linked_parts(visitor: Visitor, sides: Sides, side: EntryKind, term: Term, fund: str) -> LinkedParts:
    """Each with the way to its lines of this period."""
    bars = parts([(name, fen) for _code, name, fen in sides[side]])
    lines = [lines_at(visitor, term, fund, kind=side.value, category=code) for code, _name, _fen in sides[side]]
    return [(*bar, line) for bar, line in zip(bars, lines, strict=True)]


def parts(sums: list[tuple[str, int]] | tuple[tuple[str, int], ...]) -> Parts:
    """Bars of one side. What a correction turned below zero has no length, and is still said."""
    lengths = shares([max(fen, 0) for _name, fen in sums])
    return [(name, yuan(fen), share) for (name, fen), share in zip(sums, lengths, strict=True)]


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
        entry.posted_at,
        lines_of(session, entry),
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
