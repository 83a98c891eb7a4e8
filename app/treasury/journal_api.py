"""The journal for accountants' programs: a key with treasury:read opens it, made by somebody who may see it."""

from fastapi import APIRouter, Request, Response

from app.access.actors import Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import KINDS, Form
from app.treasury.entry_schemas import JournalRead, LineRead
from app.treasury.ledger import LedgerEntry, beancount_file, journal, journal_file
from app.treasury.period_schemas import AskedPeriod

router = APIRouter(route_class=OneTransaction, prefix="/journal", tags=["treasury"])


@router.get("", operation_id="list_journal", summary="Every entry with debit and credit, the first day first")
def get_journal(
    session: DbSession, actor: Resident, asked: AskedPage, period: AskedPeriod, request: Request, response: Response
) -> Page[JournalRead]:
    """A key needs treasury:read and a maker who may see the journal."""
    page = journal(session, actor, asked, period)
    link_next(request, response, page)
    return Page[JournalRead](items=[_read(entry) for entry in page.items], next_cursor=page.next_cursor)


@router.get(
    "/beancount",
    operation_id="get_beancount",
    summary="The whole books as a Beancount journal",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "The file."}},
)
def get_beancount(session: DbSession, actor: Resident) -> Response:
    return beancount_file(session, actor)


@router.get(
    "/{form}",
    operation_id="get_journal_file",
    summary="All postings of a period for a spreadsheet",
    response_class=Response,
    responses={200: {"content": {kind.partition(";")[0]: {} for kind in KINDS.values()}, "description": "The file."}},
)
def get_journal_file(session: DbSession, actor: Resident, form: Form, period: AskedPeriod) -> Response:
    return journal_file(session, actor, period, form)


def _read(entry: LedgerEntry) -> JournalRead:
    named = {name: getattr(entry, name) for name in JournalRead.model_fields if name != "lines"}
    lines = [LineRead(code=line.code, account=line.account, amount=line.fen) for line in entry.lines]
    return JournalRead(lines=lines, **named)
