"""The programs' door to reconciliation."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.treasury import bank_keeping, reconciling
from app.treasury.bank_models import BankStatement
from app.treasury.bank_queries import (
    LineCard,
    bank_checks,
    bank_lines,
    bank_statement_for,
    bank_statements,
    difference,
    open_entries_page,
    open_lines,
    pairings,
)
from app.treasury.bank_schemas import (
    BankCheckRead,
    BankChecksRead,
    BankLineRead,
    BankStatementDetail,
    BankStatementRead,
    BankStatementWish,
    MatchedRead,
    MatchRead,
    MatchWish,
    OpenEntryRead,
)
from app.treasury.chart_models import LedgerAccount

router = APIRouter(route_class=OneTransaction, tags=["treasury"])


@router.get("/bank-checks", operation_id="list_bank_checks", summary="How each account of money stands against the bank")
def get_checks(session: DbSession, visitor: Anyone) -> BankChecksRead:
    found = bank_checks(session, visitor.compound.id)
    return BankChecksRead(
        accounts=[
            BankCheckRead(account=c.code, name=c.name, on=c.on, difference=c.difference_fen if c.on else None) for c in found
        ]
    )


@router.get("/bank-statements", operation_id="list_bank_statements", summary="Bank statements, the latest end first")
def get_bank_statements(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response
) -> Page[BankStatementRead]:
    page = bank_statements(session, actor, asked)
    link_next(request, response, page)
    items = [_statement(card.statement, card.code) for card in page.items]
    return Page[BankStatementRead](items=items, next_cursor=page.next_cursor)


@router.put(
    "/bank-statements/{id}", status_code=201, operation_id="put_bank_statement", summary="What the bank, or a count, says"
)
def put_bank_statement(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: BankStatementWish
) -> BankStatementDetail:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    statement, made = bank_keeping.keep_statement(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _detail(session, statement)


@router.get("/bank-statements/{id}", operation_id="get_bank_statement", summary="One bank statement against the books")
def get_bank_statement(session: DbSession, actor: Resident, id: UUID) -> BankStatementDetail:
    return _detail(session, bank_statement_for(session, actor, id))


@router.get("/bank-statements/{id}/lines", operation_id="list_bank_lines", summary="Its lines, the oldest first")
def get_bank_lines(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[BankLineRead]:
    page = bank_lines(session, actor, id, asked)
    link_next(request, response, page)
    return Page[BankLineRead](items=[_line(card) for card in page.items], next_cursor=page.next_cursor)


@router.get(
    "/bank-statements/{id}/open-entries", operation_id="list_open_entries", summary="Entries of its account without a match"
)
def get_open_entries(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[OpenEntryRead]:
    page = open_entries_page(session, actor, id, asked)
    link_next(request, response, page)
    items = [
        OpenEntryRead(id=e.id, number=e.number, on_date=e.on_date, amount=e.fen, memo=e.memo, counterparty=e.counterparty)
        for e in page.items
    ]
    return Page[OpenEntryRead](items=items, next_cursor=page.next_cursor)


@router.get("/bank-statements/{id}/matches", operation_id="list_bank_matches", summary="Its matches, the latest first")
def get_bank_matches(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[MatchRead]:
    page = pairings(session, bank_statement_for(session, actor, id), asked)
    link_next(request, response, page)
    items = [MatchRead(id=p.id, lines=[x.id for x in p.lines], entries=[x.id for x in p.entries]) for p in page.items]
    return Page[MatchRead](items=items, next_cursor=page.next_cursor)


@router.put(
    "/bank-statements/{statement_id}/matches/{id}",
    status_code=201,
    operation_id="put_bank_match",
    summary="Say that lines are entries",
)
def put_bank_match(
    session: DbSession, actor: Resident, response: Response, statement_id: UUID, id: UUID, wish: MatchWish
) -> MatchRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    _match, made = reconciling.match_lines(session, actor, statement_id, id, wish)
    response.status_code = 201 if made else 200
    return MatchRead(id=id, lines=wish.lines, entries=wish.entries)


@router.post("/bank-statements/{id}/sure", operation_id="match_sure_lines", summary="Match whatever cannot be meant otherwise")
def post_sure(session: DbSession, actor: Resident, id: UUID) -> MatchedRead:
    return MatchedRead(matched=reconciling.match_sure(session, actor, id))


@router.post(
    "/bank-statements/{statement_id}/matches/{id}/undo", operation_id="undo_bank_match", summary="Both sides are open again"
)
def post_undo(session: DbSession, actor: Resident, statement_id: UUID, id: UUID) -> BankStatementDetail:
    reconciling.unmatch(session, actor, statement_id, id)
    return _detail(session, bank_statement_for(session, actor, statement_id))


@router.post(
    "/bank-statements/{id}/withdraw", operation_id="withdraw_bank_statement", summary="It was wrong and counts for nothing"
)
def post_withdraw(session: DbSession, actor: Resident, id: UUID) -> BankStatementDetail:
    return _detail(session, bank_keeping.withdraw_statement(session, actor, id))


def _statement(statement: BankStatement, code: str) -> BankStatementRead:
    return BankStatementRead(
        id=statement.id,
        account=code,
        from_on=statement.from_on,
        to_on=statement.to_on,
        opening=statement.opening_fen,
        closing=statement.closing_fen,
        lines=statement.lines,
        file_sha256=statement.file_sha256,
        made_at=statement.made_at,
        withdrawn_at=statement.withdrawn_at,
    )


def _detail(session: Session, statement: BankStatement) -> BankStatementDetail:
    code = session.get_one(LedgerAccount, (statement.compound_id, statement.account_id)).code
    return BankStatementDetail(
        **_statement(statement, code).__dict__,
        difference=difference(session, statement),
        open_lines=len(open_lines(session, statement)),
    )


def _line(card: LineCard) -> BankLineRead:
    line = card.line
    return BankLineRead(
        id=line.id,
        number=line.number,
        on_date=line.on_date,
        amount=line.fen,
        counterparty=line.counterparty,
        text=line.text,
        reference=line.reference,
        match_id=card.match_id,
    )
