"""Budgets for people: everybody reads what was planned and what is left of it; the treasurer writes it as a table."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Visitor
from app.access.permissions import Permission
from app.council.models import Decision
from app.council.queries import decision_choices
from app.kit.clock import today
from app.kit.forms import Filled, changing, filled
from app.kit.i18n import _
from app.kit.money import decimal_string
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.publiclog.queries import entries_of_record
from app.treasury import budgeting, policy
from app.treasury.budget_models import Budget
from app.treasury.budget_queries import SIDES, Standing, budget_for, planned, standings, versions_of
from app.treasury.budget_schemas import BudgetForm
from app.treasury.chart_models import Use
from app.treasury.chart_queries import funds_open, named_funds
from app.treasury.journal import accounts_by_code
from app.treasury.periods import QUARTER, YEAR, Term

router = APIRouter(route_class=OneTransaction, prefix="/money/budget", include_in_schema=False)

FilledBudget = Annotated[Filled[BudgetForm], filled(BudgetForm)]
AskedTerm = Annotated[str, Query(pattern="^((19|20)[0-9]{2}(-Q[1-4])?)?$")]

Shown = tuple[Standing, str, str]
"""How it stands, the width of its bar, the address of its lines."""


@dataclass(frozen=True)
class BudgetPage(View):
    template = "treasury/budget.html"
    tab = "money"

    term: Term
    beside: list[tuple[str, str]]
    """(period, its name): the one before, the one after, and the year or quarter."""
    budget: Budget | None
    decision: Decision | None
    income: list[Shown]
    expense: list[Shown]
    total: Standing | None
    """Of all expense that was planned."""
    funds: dict[str, str]
    """The names of the funds where several are kept."""
    older: list[Budget]
    log_index: int
    can_book: bool


@dataclass(frozen=True)
class BudgetFormPage(View):
    template = "treasury/budget_form.html"

    term: Term
    form: Filled[BudgetForm]
    corrects: bool
    sides: list[tuple[str, list[tuple[str, str, str, str]]]]
    """Per side its rows: code, name, the fund where there are several, amount as typed."""
    decisions: list[tuple[UUID, str]]


@router.get("")
def show_budget(session: DbSession, visitor: Anyone, period: AskedTerm = "", version: UUID | None = None) -> BudgetPage:
    chosen = budget_for(session, visitor, version) if version else None
    term = chosen.term if chosen else Term.read(period) if period else Term.of(today(), YEAR)
    versions = versions_of(session, visitor.compound.id, term)
    return budget_page(session, visitor, term, chosen or next(iter(versions), None), versions)


@router.get("/write")
def show_write(session: DbSession, actor: Officer, period: AskedTerm = "") -> BudgetFormPage:
    actor.need(Permission.BOOK_MONEY)
    term = Term.read(period) if period else Term.of(today(), YEAR)
    versions = versions_of(session, actor.compound.id, term)
    plan = planned(session, versions[0]) if versions else {}
    typed = {
        "category": list(plan),
        "amount": [decimal_string(fen) for _account, fen in plan.values()],
        "decision_id": str(versions[0].decision_id) if versions else "",
    }
    return form_page(session, actor, term, changing(typed, versions[0].version if versions else 0))


@router.post("/write")
def post_write(session: DbSession, actor: Officer, request: Request, form: FilledBudget, period: AskedTerm = "") -> Response:
    actor.need(Permission.BOOK_MONEY)
    term = Term.read(period) if period else Term.of(today(), YEAR)
    if form.wish is None:
        return form_page(session, actor, term, form).reply(request, 422)
    try:
        budgeting.set_budget(session, actor, form.id, form.wish.asked(term.key, form.version or 0))
    except Malformed as no:
        return form_page(session, actor, term, form.with_refusal(no)).reply(request, 422)
    except Stale as no:
        stands = versions_of(session, actor.compound.id, term)[0].version
        mine = form.seen_again(stands, "reason", f"{no.message}{_('再按一次，就改成您写的。')}")
        return form_page(session, actor, term, mine).reply(request, no.status)
    return see_other(f"{actor.frame.base}/money/budget?{urlencode({'period': term.key})}", _("预算公布了。"))


def budget_page(session: Session, visitor: Visitor, term: Term, budget: Budget | None, versions: list[Budget]) -> BudgetPage:
    sides = standings(session, budget, today()) if budget else {use: [] for use in SIDES}
    spending = [standing for standing in sides[Use.EXPENSE] if standing.planned_fen]
    sums = sum(s.planned_fen for s in spending), sum(s.actual_fen for s in spending)
    other = Term.of(term.first, QUARTER if term.months == YEAR else YEAR)
    return BudgetPage(
        visitor.frame,
        term,
        [(near.key, near.says) for near in (term.beside(-1), term.beside(1), other)],
        budget,
        session.get(Decision, (budget.compound_id, budget.decision_id)) if budget else None,
        [shown(visitor, term, standing) for standing in sides[Use.INCOME]],
        [shown(visitor, term, standing) for standing in sides[Use.EXPENSE]],
        Standing("", _("计划的支出合计"), Use.EXPENSE, "", *sums) if spending else None,
        fund_names(session, visitor.compound.id),
        [one for one in versions if one is not budget],
        entries_of_record(session, budget.compound_id, budget.id)[0].index if budget else 0,
        policy.can_book(visitor),
    )


def fund_names(session: Session, compound_id: UUID) -> dict[str, str]:
    kept = funds_open(session, compound_id)
    return dict(named_funds(kept)) if len(kept) > 1 else {}


def shown(visitor: Visitor, term: Term, standing: Standing) -> Shown:
    """A bar is full where all is used; what is over is said beside it."""
    month = {"since": f"{term.first:%Y-%m}", "until": f"{term.last:%Y-%m}"}
    query = urlencode({"kind": SIDES[Use(standing.use)].value, "category": standing.code, **month})
    return standing, f"{max(0, min(100, standing.percent))}%", f"{visitor.frame.base}/money/entries?{query}"


def form_page(session: Session, actor: Actor, term: Term, form: Filled[BudgetForm]) -> BudgetFormPage:
    chart = accounts_by_code(session, actor.compound.id).values()
    typed = dict(zip(form.typed.get("category", []), form.typed.get("amount", []), strict=False))
    funds = fund_names(session, actor.compound.id)
    sides = [
        (
            title,
            [
                (account.code, account.name, funds.get(account.fund, ""), typed.get(account.code, ""))
                for account in chart
                if account.use == use
            ],
        )
        for title, use in ((_("支出"), Use.EXPENSE), (_("收入"), Use.INCOME))
    ]
    corrects = bool(versions_of(session, actor.compound.id, term))
    return BudgetFormPage(actor.frame, term, form, corrects, sides, decision_choices(session, actor))
