"""The programs' door to budgets."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident
from app.kit.clock import today
from app.kit.openapi import problems
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.treasury import budgeting
from app.treasury.budget_models import Budget
from app.treasury.budget_queries import budget_for, budgets, standings
from app.treasury.budget_schemas import BudgetDetail, BudgetLineRead, BudgetRead, BudgetWish

router = APIRouter(route_class=OneTransaction, tags=["treasury"])


@router.get("/budgets", operation_id="list_budgets", summary="Every version of every budget, the latest written first")
def get_budgets(session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response) -> Page[BudgetRead]:
    page = budgets(session, visitor, asked)
    link_next(request, response, page)
    return Page[BudgetRead](items=[_budget(one) for one in page.items], next_cursor=page.next_cursor)


@router.put(
    "/budgets/{id}",
    status_code=201,
    operation_id="put_budget",
    summary="Set the budget of a period, or correct it",
    responses=problems({412: "Another version stands there."}),
)
def put_budget(session: DbSession, actor: Resident, response: Response, id: UUID, wish: BudgetWish) -> BudgetDetail:
    """201 the first time, 200 for the same request again, 409 for another request under the same id.

    412: another version stands there than the one it says it replaces.
    """
    budget, made = budgeting.set_budget(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _detail(session, budget)


@router.get("/budgets/{id}", operation_id="get_budget", summary="One version of a budget, against what was booked")
def get_budget(session: DbSession, visitor: Anyone, id: UUID) -> BudgetDetail:
    """With what was booked though nobody had planned it."""
    return _detail(session, budget_for(session, visitor, id))


def _budget(budget: Budget) -> BudgetRead:
    named = {name: getattr(budget, name) for name in BudgetRead.model_fields if name != "period"}
    return BudgetRead(period=budget.term.key, **named)


def _detail(session: Session, budget: Budget) -> BudgetDetail:
    lines = [
        BudgetLineRead(category=s.code, name=s.name, use=s.use, fund=s.fund, planned=s.planned_fen, actual=s.actual_fen)
        for side in standings(session, budget, today()).values()
        for s in side
    ]
    return BudgetDetail(**_budget(budget).__dict__, lines=lines)
