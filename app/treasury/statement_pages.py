"""Statements, to people: one as page, paper and file; what a correction changed; and the treasurer's two forms."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Visitor
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.names import known_as
from app.compounds.rules import rule
from app.kit.charts import Share, named_shares
from app.kit.clock import now, said_month, short_day
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import signed_yuan, yuan
from app.kit.qr import Qr, qr_path
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import Form, download
from app.kit.views import View, see_other
from app.notices.periods import KEY, key_of, months_in, said_period, span_of
from app.notices.queries import NoticeCard, notice_for, standing_of
from app.notices.queries import card_of as notice_card
from app.publiclog.queries import first_index_of, head_of
from app.treasury import policy, publishing
from app.treasury.bank_queries import bank_checks
from app.treasury.checks import Check
from app.treasury.statement import Changes, Document, changes, statement_sheet
from app.treasury.statement_content import statement_document
from app.treasury.statement_models import AlreadyCorrected, Statement
from app.treasury.statement_queries import (
    changes_of,
    correction_of,
    document_of,
    periods_to_publish,
    public_copies,
    replacements,
    statement_for,
    statement_of,
)
from app.treasury.statement_schemas import CorrectionWish, PeriodWish

router = APIRouter(route_class=OneTransaction, prefix="/money", include_in_schema=False)

FilledPeriod = Annotated[Filled[PeriodWish], filled(PeriodWish)]
FilledCorrection = Annotated[Filled[CorrectionWish], filled(CorrectionWish)]
PeriodText = Annotated[str, Query(pattern=f"{KEY}|^$")]
MonthOfLines = Annotated[str, Query(pattern="^([0-9]{4}-[0-9]{2})?$")]

MOST_LINES = 300
"""Of one page, and of one sheet: a year has thousands of lines, which are then read month by month."""


@dataclass(frozen=True)
class StatementPage(View):
    template = "treasury/statement.html"
    tab = "money"

    id: UUID
    document: Document
    months: list[tuple[str, str]]
    """(key, name), where the lines are too many for one page; `document` then holds those of `month`."""
    month: str
    lines: int
    copies: dict[str, UUID]
    """Entry → public copy of its first voucher."""
    notice: NoticeCard
    objections: int
    income: list[tuple[str, str, Share]]
    expense: list[tuple[str, str, Share]]
    log_index: int
    superseded_by: Statement | None
    supersedes: UUID | None
    can_correct: bool


@dataclass(frozen=True)
class ChangesPage(View):
    template = "treasury/changes.html"
    tab = "money"

    id: UUID
    supersedes: UUID | None
    document: Document
    changes: Changes


@dataclass(frozen=True)
class SheetPage(View):
    template = "treasury/sheet.html"

    id: UUID
    document: Document
    notice: NoticeCard
    whole: bool
    """Whether every line is on it."""
    prepared_by: str
    superseded: bool
    qr: Qr
    log_index: int
    log_size: int
    log_root: str
    printed_at: datetime


@dataclass(frozen=True)
class PublishPage(View):
    template = "treasury/publish.html"
    tab = "money"

    months: list[tuple[str, str]]
    longer: list[tuple[str, str]]
    """Quarters, halves and years, the latest first."""
    chosen: str
    document: Document | None
    lines: int
    stated: Statement | None
    """What is published for this period already."""
    checks: list[Check]
    """How each account of money stands against the bank at the period's end."""
    refused: bool


@dataclass(frozen=True)
class CorrectPage(View):
    template = "treasury/correct.html"
    tab = "money"

    id: UUID
    title: str
    changes: Changes
    withdrawn: bool
    form: Filled[CorrectionWish]
    entries: list[tuple[str, str, str]]
    """(id, words, sub) of later entries that may be taken in."""


@router.get("/publish")
def show_publish(session: DbSession, actor: Officer, period: PeriodText = "") -> PublishPage:
    actor.need(Permission.PUBLISH_MONEY)
    waiting = periods_to_publish(session, actor.compound.id)
    span = span_of(period) if period else next((one for one in waiting if months_in(one) == 1), None)
    stated = statement_of(session, actor.compound.id, span) if span else None
    if span not in waiting:
        span = None
    document = Document.of(statement_document(session, actor.compound.id, span)) if span else None
    checks = balance_checks(session, actor.compound.id, span[1]) if span else []
    months = [one for one in waiting if months_in(one) == 1]
    return PublishPage(
        actor.frame,
        [(key_of(one), said_period(one)) for one in months],
        [(key_of(one), said_period(one)) for one in reversed(waiting[len(months) :])],
        key_of(span) if span else "",
        replace(document, lines=document.lines[:MOST_LINES]) if document else None,
        len(document.lines) if document else 0,
        stated,
        checks,
        any(check.state == "fix" for check in checks),
    )


@router.post("/publish")
def post_publish(session: DbSession, actor: Officer, form: FilledPeriod) -> Response:
    actor.need(Permission.PUBLISH_MONEY)
    if form.wish is None:
        raise Malformed
    statement = publishing.publish_period(session, actor, form.wish)
    return see_other(f"{actor.frame.base}/money/statements/{statement.id}", _("公布了，异议期从现在开始。"))


@router.get("/statements/{statement_id}")
def show_statement(session: DbSession, visitor: Anyone, statement_id: UUID, month: MonthOfLines = "") -> StatementPage:
    statement = statement_for(session, visitor, statement_id)
    notice = notice_for(session, visitor, statement.notice_id)
    document, asked = Document.read(notice.frozen), standing_of(session, notice)
    months: list[str] = []
    lines = len(document.lines)
    if lines > MOST_LINES:
        months = sorted({f"{line.on:%Y-%m}" for line in document.lines})
        month = month if month in months else months[0]
        document = replace(document, lines=tuple(line for line in document.lines if f"{line.on:%Y-%m}" == month))
    copies = public_copies(session, statement.compound_id, [UUID(line.entry) for line in document.lines])
    superseded_by = correction_of(session, statement)
    return StatementPage(
        visitor.frame,
        statement.id,
        document,
        [(key, said_month(date.fromisoformat(f"{key}-01"))) for key in months],
        month if months else "",
        lines,
        {str(entry): photo for entry, photo in copies.items()},
        notice_card(notice, asked),
        asked.unanswered,
        named_shares([part[1:] for part in document.income]),
        named_shares([part[1:] for part in document.expense]),
        first_index_of(session, notice),
        superseded_by,
        statement.supersedes_id,
        policy.can_publish(visitor) and superseded_by is None,
    )


@router.get("/statements/{statement_id}/changes")
def show_changes(session: DbSession, visitor: Anyone, statement_id: UUID) -> ChangesPage:
    """Against the statement that this one corrects."""
    statement = statement_for(session, visitor, statement_id)
    document, changed = changes_of(session, visitor, statement)
    return ChangesPage(visitor.frame, statement.id, statement.supersedes_id, document, changed)


@router.get("/statements/{statement_id}/correct")
def show_correct(session: DbSession, actor: Officer, statement_id: UUID) -> CorrectPage:
    return correct_page(session, actor, statement_id, empty())


@router.post("/statements/{statement_id}/corrections")
def post_correction(session: DbSession, actor: Officer, request: Request, statement_id: UUID, form: FilledCorrection) -> Response:
    if form.wish is None:
        return correct_page(session, actor, statement_id, form).reply(request, 422)
    corrected = publishing.correct_statement(session, actor, statement_id, form.wish)
    return see_other(f"{actor.frame.base}/money/statements/{corrected.id}", _("更正公布了，原来的那份也看得到。"))


@router.get("/statements/{statement_id}/sheet")
def show_sheet(session: DbSession, visitor: Anyone, request: Request, statement_id: UUID) -> SheetPage:
    """For the notice board."""
    statement = statement_for(session, visitor, statement_id)
    notice = notice_for(session, visitor, statement.notice_id)
    head, document = head_of(session, statement.compound_id), Document.read(notice.frozen)
    return SheetPage(
        visitor.frame,
        statement.id,
        document,
        notice_card(notice, standing_of(session, notice)),
        len(document.lines) <= MOST_LINES,
        known_as(session.get_one(Person, (statement.compound_id, statement.published_by_id)).name, full=visitor.is_resident),
        correction_of(session, statement) is not None,
        qr_path(f"{address_of(request, visitor)}/money/statements/{statement.id}"),
        first_index_of(session, notice),
        head.size,
        head.root.hex(),
        now(),
    )


@router.get("/statements/{statement_id}/json")
def show_json(session: DbSession, visitor: Anyone, statement_id: UUID) -> Response:
    """The published bytes themselves, which the public log has hashed."""
    statement = statement_for(session, visitor, statement_id)
    frozen = notice_for(session, visitor, statement.notice_id).frozen
    return download(lambda file: file.write(frozen), f"{visitor.compound.slug}-{statement.key}.json", "application/json")


@router.get("/statements/{statement_id}/{form}")
def show_sheet_file(session: DbSession, visitor: Anyone, request: Request, statement_id: UUID, form: Form) -> Response:
    """For a spreadsheet."""
    document = document_of(session, visitor, statement_for(session, visitor, statement_id))
    return statement_sheet(form, document, address_of(request, visitor), visitor.compound.slug)


def address_of(request: Request, visitor: Visitor) -> str:
    return f"{request.app.state.settings.public_url}{visitor.frame.base}"


def balance_checks(session: Session, compound_id: UUID, until: date) -> list[Check]:
    """What the verb looks at before it publishes, in words."""
    required = rule(session, compound_id, "bank_check_required")
    checks = []
    for check in bank_checks(session, compound_id, until):
        if check.on and check.difference_fen:
            words = _(
                "不通过：%(account)s%(day)s差 %(fen)s", account=check.name, day=short_day(check.on), fen=yuan(check.gap_fen)
            )
            checks.append(Check("fix", words, "bank"))
        elif check.on:
            words = _("通过：%(account)s%(day)s和银行一致", account=check.name, day=short_day(check.on))
            checks.append(Check("sent", words, "bank"))
        elif check.used:
            words = _("不通过：%(account)s还没有对过账") if required else _("请看：%(account)s还没有对过账")
            checks.append(Check("fix" if required else "kept", words % {"account": check.name}, "bank"))
    return checks


def correct_page(session: Session, actor: Actor, statement_id: UUID, form: Filled[CorrectionWish]) -> CorrectPage:
    actor.need(Permission.PUBLISH_MONEY)
    actor.need_second_factor()
    statement = statement_for(session, actor, statement_id)
    if correction_of(session, statement):
        raise AlreadyCorrected
    notice = notice_for(session, actor, statement.notice_id)
    before = Document.read(notice.frozen)
    would = Document.of(publishing.corrected_document(session, statement, []))
    entries = [
        (str(card.id), card.memo, f"{signed_yuan(card.amount_fen)} {short_day(card.on_date)} {card.counterparty}")
        for card in replacements(session, statement)
    ]
    return CorrectPage(
        actor.frame, statement.id, before.title, changes(before, would), notice.withdrawn_at is not None, form, entries
    )
