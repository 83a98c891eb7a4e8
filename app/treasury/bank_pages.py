"""The officers' desk for reconciliation: bring a file, look at it, match it with the books, count a balance."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.actors import officer as officer_of
from app.access.permissions import Permission
from app.kit.clock import short_day, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import decimal_string, signed_yuan
from app.kit.pager import AskedPage, Page
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.tables import Problem, Trouble
from app.kit.uploads import Sent
from app.kit.views import View, see_other
from app.treasury import bank_keeping, policy, reconciling
from app.treasury.bank_files import BankReading, read_bank_file
from app.treasury.bank_keeping import BroughtFile
from app.treasury.bank_matching import Near, OpenEntry, OpenLine, sure_pairs, undone_pairs
from app.treasury.bank_models import BankFile, BankStatement, MatchUneven
from app.treasury.bank_queries import (
    BankCheck,
    Pairing,
    StatementCard,
    bank_checks,
    bank_file_for,
    bank_statement_for,
    bank_statements,
    booked_fen,
    open_entries,
    open_lines,
    pairings,
)
from app.treasury.bank_schemas import ConfirmWish, CountWish, MatchWish
from app.treasury.chart_models import Code, LedgerAccount, Use
from app.treasury.chart_queries import named_accounts

router = APIRouter(route_class=OneTransaction, prefix="/money/bank", include_in_schema=False)

SHOWN = 60
"""Lines, problems or open things of one side that a page shows at once."""

FilledConfirm = Annotated[Filled[ConfirmWish], filled(ConfirmWish)]
FilledCount = Annotated[Filled[CountWish], filled(CountWish)]
FilledMatch = Annotated[Filled[MatchWish], filled(MatchWish)]

Choices = list[tuple[str, str]]
Offered = list[tuple[UUID, str, str]]
"""(id, day and amount, the rest)"""


@dataclass(frozen=True)
class BankPage(View):
    template = "treasury/bank.html"

    checks: list[BankCheck]
    statements: Page[StatementCard]
    can_book: bool


@dataclass(frozen=True)
class BringPage(View):
    template = "treasury/bank_bring.html"

    form: Filled[CountWish]
    accounts: Choices
    trouble: Trouble | None
    problems: tuple[Problem, ...]
    more: int
    """Problems that are not shown."""


@dataclass(frozen=True)
class LookPage(View):
    template = "treasury/bank_look.html"

    file: BankFile
    account: str
    reading: BankReading
    income_fen: int
    expense_fen: int
    booked_fen: int
    """What the books say at the end of the file's period."""
    shown: int
    form: Filled[ConfirmWish]


@dataclass(frozen=True)
class CountPage(View):
    template = "treasury/bank_count.html"

    form: Filled[CountWish]
    accounts: Choices


@dataclass(frozen=True)
class MatchPage(View):
    template = "treasury/bank_match.html"

    statement: BankStatement
    account: str
    booked_fen: int
    lines: Offered
    entries: Offered
    open_lines: int
    open_entries: int
    sure: int
    pairs: Page[Pairing]
    form: Filled[MatchWish]
    can_book: bool


@dataclass(frozen=True)
class Brought:
    """What came with the form: a file that was read, or why it was not."""

    id: UUID
    account: str
    filename: str
    sha256: str
    reading: BankReading | Trouble


async def brought(request: Request, sent: Sent) -> Brought:
    """Reading the file, before any transaction, and only for somebody who may book. One file is read at a time."""
    state = request.app.state
    await state.db.look(lambda session: officer_of(session, request).need(Permission.BOOK_MONEY))
    read: BankReading | Trouble | None = sent.trouble
    if read is None:
        read = await to_thread.run_sync(read_bank_file, sent.data, sent.filename, today(), limiter=state.parsing)
    return Brought(sent.id, sent.typed.get("account", ""), sent.filename[-200:], sha256(sent.data).hexdigest(), read)


@router.get("")
def show_bank(session: DbSession, actor: Officer, asked: AskedPage) -> BankPage:
    if not policy.can_see_drafts(actor):
        raise NotAllowed
    checks = bank_checks(session, actor.compound.id)
    return BankPage(actor.frame, checks, bank_statements(session, actor, asked), policy.can_book(actor))


@router.get("/bring")
def show_bring(session: DbSession, actor: Officer) -> BringPage:
    actor.need(Permission.BOOK_MONEY)
    return bring_page(session, actor, empty({"account": Code.BANK.value}))


@router.post("/bring")
def post_bring(
    session: DbSession, actor: Officer, request: Request, file: Annotated[Brought, Depends(brought), TakesFiles()]
) -> Response:
    actor.need(Permission.BOOK_MONEY)
    form: Filled[CountWish] = replace(empty({"account": file.account}), id=file.id)
    if isinstance(file.reading, Trouble) or file.reading.problems:
        return bring_page(session, actor, form, file.reading).reply(request, 422)
    try:
        told = BroughtFile(file.filename, file.sha256, file.reading)
        kept = bank_keeping.keep_file(session, actor, file.id, file.account, told)
    except Malformed as no:
        return bring_page(session, actor, form.with_refusal(no)).reply(request, 422)
    return see_other(f"{actor.frame.base}/money/bank/files/{kept.id}")


@router.get("/files/{file_id}")
def show_file(session: DbSession, actor: Officer, file_id: UUID) -> LookPage:
    return look_page(session, actor, file_id)


@router.post("/files/{file_id}/confirm")
def post_confirm(session: DbSession, actor: Officer, request: Request, file_id: UUID, form: FilledConfirm) -> Response:
    actor.need(Permission.BOOK_MONEY)
    if form.wish is None:
        return look_page(session, actor, file_id, form).reply(request, 422)
    try:
        statement = bank_keeping.confirm_file(session, actor, file_id, form.wish)
    except Malformed as no:
        return look_page(session, actor, file_id, form.with_refusal(no)).reply(request, 422)
    return see_other(f"{actor.frame.base}/money/bank/statements/{statement.id}", _("导入好了，现在和账对上。"))


@router.post("/files/{file_id}/discard")
def post_discard(session: DbSession, actor: Officer, file_id: UUID) -> Response:
    bank_keeping.discard_file(session, actor, file_id)
    return see_other(f"{actor.frame.base}/money/bank", _("放弃了，什么都没有写。"))


@router.get("/count")
def show_count(session: DbSession, actor: Officer, account: str = "") -> CountPage:
    actor.need(Permission.BOOK_MONEY)
    typed = {"account": account, "on_date": today().isoformat()}
    return CountPage(actor.frame, empty(typed), named_accounts(session, actor.compound.id, Use.MONEY))


@router.post("/count")
def post_count(session: DbSession, actor: Officer, request: Request, form: FilledCount) -> Response:
    actor.need(Permission.BOOK_MONEY)
    if form.wish is None:
        return CountPage(actor.frame, form, named_accounts(session, actor.compound.id, Use.MONEY)).reply(request, 422)
    try:
        statement = bank_keeping.count_balance(session, actor, form.id, form.wish)
    except Malformed as no:
        return CountPage(actor.frame, form.with_refusal(no), named_accounts(session, actor.compound.id, Use.MONEY)).reply(
            request, 422
        )
    return see_other(f"{actor.frame.base}/money/bank/statements/{statement.id}", _("记下了。"))


@router.get("/statements/{statement_id}")
def show_statement(session: DbSession, actor: Officer, asked: AskedPage, statement_id: UUID) -> MatchPage:
    return match_page(session, actor, statement_id, asked)


@router.post("/statements/{statement_id}/matches")
def post_match(
    session: DbSession, actor: Officer, request: Request, asked: AskedPage, statement_id: UUID, form: FilledMatch
) -> Response:
    actor.need(Permission.BOOK_MONEY)
    if form.wish is None:
        return match_page(session, actor, statement_id, asked, form).reply(request, 422)
    try:
        reconciling.match_lines(session, actor, statement_id, form.id, form.wish)
    except MatchUneven as no:  # what was ticked stays ticked
        return match_page(session, actor, statement_id, asked, form.with_problem("lines", no.message)).reply(request, 422)
    return see_other(f"{actor.frame.base}/money/bank/statements/{statement_id}", _("对上了。"))


@router.post("/statements/{statement_id}/sure")
def post_sure(session: DbSession, actor: Officer, statement_id: UUID) -> Response:
    count = reconciling.match_sure(session, actor, statement_id)
    return see_other(f"{actor.frame.base}/money/bank/statements/{statement_id}", _("对上了 %(n)s 笔。", n=count))


@router.post("/statements/{statement_id}/matches/{match_id}/undo")
def post_undo(session: DbSession, actor: Officer, statement_id: UUID, match_id: UUID) -> Response:
    reconciling.unmatch(session, actor, statement_id, match_id)
    return see_other(f"{actor.frame.base}/money/bank/statements/{statement_id}", _("分开了，两边都可以重新对。"))


@router.post("/statements/{statement_id}/withdraw")
def post_withdraw(session: DbSession, actor: Officer, statement_id: UUID) -> Response:
    bank_keeping.withdraw_statement(session, actor, statement_id)
    return see_other(f"{actor.frame.base}/money/bank", _("撤回了，这一份不算数。"))


def bring_page(session: Session, actor: Actor, form: Filled[CountWish], read: BankReading | Trouble | None = None) -> BringPage:
    trouble = read if isinstance(read, Trouble) else None
    problems = read.problems if isinstance(read, BankReading) else ()
    return BringPage(
        actor.frame,
        form,
        named_accounts(session, actor.compound.id, Use.MONEY),
        trouble,
        problems[:SHOWN],
        max(0, len(problems) - SHOWN),
    )


def look_page(session: Session, actor: Actor, file_id: UUID, form: Filled[ConfirmWish] | None = None) -> LookPage:
    file = bank_file_for(session, actor, file_id)
    read = bank_keeping.unpacked(file.proposal)
    known = "" if read.closing_fen is None else decimal_string(read.closing_fen)
    return LookPage(
        actor.frame,
        file,
        session.get_one(LedgerAccount, (file.compound_id, file.account_id)).name,
        read,
        sum(row.fen for row in read.rows if row.fen > 0),
        sum(row.fen for row in read.rows if row.fen < 0),
        booked_fen(session, file.compound_id, file.account_id, read.to_on),
        SHOWN,
        form or empty({"to_on": read.to_on.isoformat(), "closing": known}),
    )


def match_page(
    session: Session, actor: Actor, statement_id: UUID, asked: AskedPage, form: Filled[MatchWish] | None = None
) -> MatchPage:
    statement = bank_statement_for(session, actor, statement_id)
    live = not statement.withdrawn_at
    lines = open_lines(session, statement) if live else []
    entries = open_entries(session, statement) if live and statement.lines else []
    pairs = sure_pairs(lines, entries)
    paired = {entry.id for _line, entry in pairs}
    undone = list(undone_pairs([entry for entry in entries if entry.id not in paired]))
    near = Near(entries)
    return MatchPage(
        actor.frame,
        statement,
        session.get_one(LedgerAccount, (statement.compound_id, statement.account_id)).name,
        booked_fen(session, statement.compound_id, statement.account_id, statement.to_on),
        [(line.id, _moved(line), line_words(line, near)) for line in lines[:SHOWN]],
        [(entry.id, _moved(entry), entry_words(entry)) for entry in entries[:SHOWN]],
        len(lines),
        len(entries),
        len(pairs) + len(undone),
        pairings(session, statement, asked),
        form or empty(),
        policy.can_book(actor) and live,
    )


def _moved(thing: OpenLine | OpenEntry) -> str:
    return f"{short_day(thing.on_date)} {signed_yuan(thing.fen)}"


def line_words(line: OpenLine, near: Near[OpenEntry]) -> str:
    """Whom and what for, and which entries it may be."""
    told = " ".join(part for part in (line.counterparty, line.text) if part)
    numbers = _("、").join(entry.number for entry in near.of(line)[:3])
    return f"{told} {_('可能是 %(numbers)s 号', numbers=numbers)}".strip() if numbers else told


def entry_words(entry: OpenEntry) -> str:
    return _("%(number)s 号 %(memo)s", number=entry.number, memo=entry.memo)
