"""The journal for accountants: debit and credit of every entry, and the files they take home."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response

from app.access.actors import Officer
from app.kit.clock import said_month
from app.kit.forms import Filled, empty
from app.kit.pager import AskedPage
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import Form
from app.kit.views import View
from app.treasury.ledger import LedgerEntry, beancount_file, journal, journal_file
from app.treasury.period_schemas import AskedPeriod, Period
from app.treasury.searching import months

router = APIRouter(route_class=OneTransaction, prefix="/money/journal", include_in_schema=False)


@dataclass(frozen=True)
class JournalPage(View):
    template = "treasury/journal.html"
    tab = "money"

    entries: list[LedgerEntry]
    next_cursor: str | None
    period: Period
    form: Filled[Any]
    book_months: list[tuple[str, str]]


@router.get("")
def show_journal(session: DbSession, actor: Officer, asked: AskedPage, period: AskedPeriod) -> JournalPage:
    page = journal(session, actor, asked, period)
    return JournalPage(
        actor.frame,
        page.items,
        page.next_cursor,
        period,
        empty({"since": period.since, "until": period.until}),
        [(f"{month:%Y-%m}", said_month(month)) for month in months(session, actor)],
    )


@router.get("/beancount")
def show_beancount(session: DbSession, actor: Officer) -> Response:
    """The whole books, whatever period the page shows: a balance is asserted of all entries."""
    return beancount_file(session, actor)


@router.get("/{form}")
def show_file(session: DbSession, actor: Officer, form: Form, period: AskedPeriod) -> Response:
    return journal_file(session, actor, period, form)
