"""The programs' door to the chart of accounts and the months."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.clock import today
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import VERSIONS, IfMatch, known_version
from app.treasury import charting, closing
from app.treasury.bank_queries import booked_fen
from app.treasury.chart_models import LedgerAccount
from app.treasury.chart_queries import account_for
from app.treasury.chart_schemas import AccountRead, AccountWish, CategoryWish, FundWish
from app.treasury.journal import closed_until
from app.treasury.period_queries import periods
from app.treasury.period_schemas import MonthWish, PeriodRead, PeriodsRead, ReopenWish
from app.treasury.schemas import AccountCode

router = APIRouter(route_class=OneTransaction, tags=["treasury"])


def _there(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": shape, "description": "It was there before."}}


@router.post("/funds", status_code=201, operation_id="open_fund", summary="Open a fund", responses=_there(FundWish))
def post_fund(session: DbSession, actor: Resident, response: Response, wish: FundWish) -> FundWish:
    """With the accounts of its template. 201 the first time, 200 where it is open already."""
    response.status_code = 201 if charting.open_fund(session, actor, wish) else 200
    return wish


@router.post("/accounts", status_code=201, operation_id="add_account", summary="Add an account", responses=_there(AccountRead))
def post_account(session: DbSession, actor: Resident, response: Response, wish: CategoryWish) -> AccountRead:
    """A category or one more account of money; its code is given.

    201 the first time, 200 where the fund has one of this name already.
    """
    account, made = charting.add_account(session, actor, wish)
    response.status_code = 201 if made else 200
    return _account(session, account, response)


@router.get("/accounts/{code}", operation_id="get_account", summary="One account with its balance")
def get_account(session: DbSession, visitor: Anyone, response: Response, code: AccountCode) -> AccountRead:
    return _account(session, account_for(session, visitor, code), response)


@router.patch("/accounts/{code}", operation_id="change_account", summary="Rename or retire an account", responses=VERSIONS)
def patch_account(
    session: DbSession, actor: Resident, response: Response, code: AccountCode, wish: AccountWish, if_match: IfMatch = None
) -> AccountRead:
    """What is posted keeps the name that it was posted under."""
    return _account(session, charting.change_account(session, actor, code, known_version(if_match), wish), response)


@router.get("/periods", operation_id="list_periods", summary="Months of the books: open, closed or published")
def get_periods(session: DbSession, visitor: Anyone) -> PeriodsRead:
    return _periods(session, visitor)


@router.post("/periods/close", operation_id="close_month", summary="Close a month that is over, with all before it")
def post_close(session: DbSession, actor: Resident, wish: MonthWish) -> PeriodsRead:
    closing.close_month(session, actor, wish)
    return _periods(session, actor)


@router.post("/periods/reopen", operation_id="reopen_month", summary="Open a closed month again, with all after it")
def post_reopen(session: DbSession, actor: Resident, wish: ReopenWish) -> PeriodsRead:
    """Not once it is published."""
    closing.reopen_month(session, actor, wish)
    return _periods(session, actor)


def _account(session: Session, account: LedgerAccount, response: Response) -> AccountRead:
    response.headers["ETag"] = f'"{account.version}"'
    return AccountRead.of(account, booked_fen(session, account.compound_id, account.id, today()))


def _periods(session: Session, visitor: Visitor) -> PeriodsRead:
    return PeriodsRead(
        closed_until=closed_until(session, visitor.compound.id),
        months=[PeriodRead(month=card.key, state=card.state) for card in periods(session, visitor)],
    )
