"""Statements, to programs."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import KINDS, Form
from app.notices.queries import notice_for
from app.treasury import publishing
from app.treasury.statement import Line, statement_sheet
from app.treasury.statement_models import Statement
from app.treasury.statement_queries import changes_of, correction_of, document_of, statement_for, statements
from app.treasury.statement_schemas import (
    ChangesRead,
    CorrectionWish,
    PeriodWish,
    StatementLineRead,
    StatementRead,
    SumRead,
)

router = APIRouter(route_class=OneTransaction, prefix="/statements", tags=["treasury"])

FROZEN = {"content": {"application/json": {}}, "description": "The published bytes."}
FILE = {"content": {kind.partition(";")[0]: {} for kind in KINDS.values()}, "description": "The file."}


@router.get("", operation_id="list_statements", summary="Published statements, the latest first")
def get_statements(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response
) -> Page[StatementRead]:
    """Those that a correction superseded are among them, and name it."""
    page = statements(session, visitor, asked)
    link_next(request, response, page)
    items = [_read(stated.statement, stated.superseded_by_id) for stated in page.items]
    return Page[StatementRead](items=items, next_cursor=page.next_cursor)


@router.get("/{id}", operation_id="get_statement", summary="One statement's sums")
def get_statement(session: DbSession, visitor: Anyone, id: UUID) -> StatementRead:
    return _of(session, statement_for(session, visitor, id))


@router.get(
    "/{id}/lines",
    operation_id="get_statement_lines",
    summary="The frozen statement with every line, as it was hashed; amounts in fen",
    response_class=Response,
    responses={200: FROZEN},
)
def get_statement_lines(session: DbSession, visitor: Anyone, id: UUID) -> Response:
    """`v` says the shape: 1 until statements told funds, accounts and hands, 2 from then on."""
    notice = notice_for(session, visitor, statement_for(session, visitor, id).notice_id)
    return Response(notice.frozen, media_type="application/json")


@router.get("/{id}/changes", operation_id="get_statement_changes", summary="What a correction changed, line by line")
def get_statement_changes(session: DbSession, visitor: Anyone, id: UUID) -> ChangesRead:
    """404 for a statement that corrects none."""
    _document, changed = changes_of(session, visitor, statement_for(session, visitor, id))
    return ChangesRead(
        added=[_line(line) for line in changed.added],
        gone=[_line(line) for line in changed.gone],
        sums=[SumRead(says=says, before=before, after=after) for says, before, after in changed.sums],
    )


@router.get(
    "/{id}/files/{form}",
    operation_id="get_statement_file",
    summary="A statement for a spreadsheet, every line with the address of its entry and voucher",
    response_class=Response,
    responses={200: FILE},
)
def get_statement_file(session: DbSession, visitor: Anyone, request: Request, id: UUID, form: Form) -> Response:
    statement = statement_for(session, visitor, id)
    return statement_sheet(form, document_of(session, visitor, statement), _address(request, visitor), visitor.compound.slug)


@router.post("", status_code=201, operation_id="publish_statement", summary="Publish a month, quarter, half or year that is over")
def post_statement(session: DbSession, actor: Resident, wish: PeriodWish) -> StatementRead:
    return _of(session, publishing.publish_period(session, actor, wish))


@router.post("/{id}/corrections", status_code=201, operation_id="correct_statement", summary="Publish a corrected statement")
def post_correction(session: DbSession, actor: Resident, id: UUID, wish: CorrectionWish) -> StatementRead:
    """It takes in what was reversed later, and supersedes the one before, which stays."""
    return _of(session, publishing.correct_statement(session, actor, id, wish))


def _address(request: Request, visitor: Visitor) -> str:
    return f"{request.app.state.settings.public_url}/c/{visitor.compound.slug}"


def _of(session: Session, statement: Statement) -> StatementRead:
    later = correction_of(session, statement)
    return _read(statement, later.id if later else None)


def _read(statement: Statement, superseded_by_id: UUID | None) -> StatementRead:
    sums = {name: getattr(statement, f"{name}_fen") for name in ("opening", "income", "expense", "closing")}
    return StatementRead(
        id=statement.id,
        period=statement.key,
        version=statement.version,
        supersedes_id=statement.supersedes_id,
        superseded_by_id=superseded_by_id,
        from_on=statement.from_on,
        to_on=statement.to_on,
        notice_id=statement.notice_id,
        published_at=statement.published_at,
        **sums,
    )


def _line(line: Line) -> StatementLineRead:
    return StatementLineRead(
        entry_id=UUID(line.entry), number=line.number, on_date=line.on, memo=line.memo, amount=line.amount_fen
    )
