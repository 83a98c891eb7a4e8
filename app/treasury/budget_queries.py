"""What there is to see of budgets: what was planned, and what the books say against it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.rules import rule
from app.kit.money import yuan
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.treasury.budget_models import Budget, BudgetLine, OverBudget
from app.treasury.chart_models import LedgerAccount, Use
from app.treasury.draft_models import Draft, DraftKind
from app.treasury.journal import lock_books
from app.treasury.models import EntryKind
from app.treasury.periods import QUARTER, YEAR, Term
from app.treasury.queries import by_category

SIDES = {Use.INCOME: EntryKind.INCOME, Use.EXPENSE: EntryKind.EXPENSE}


@dataclass(frozen=True, slots=True)
class Standing:
    """One category against its budget. `planned_fen` is 0 where nothing was planned and something was booked."""

    code: str
    name: str
    use: str
    fund: str
    planned_fen: int
    actual_fen: int

    @property
    def left_fen(self) -> int:
        """Below zero where it is more than was planned."""
        return self.planned_fen - self.actual_fen

    @property
    def over_fen(self) -> int:
        return max(0, -self.left_fen)

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 is all of it and 101 is too much."""
        return self.actual_fen * 100 // self.planned_fen if self.planned_fen else 0


@dataclass(frozen=True, slots=True)
class Within:
    """A draft against the budget of its day: how its category stands once it is posted."""

    term: Term
    standing: Standing
    binds: bool
    """Whether the compound's rule refuses more than was planned without a decision."""


_LISTED = columns(Budget).where(Budget.compound_id == bindparam("compound_id"))
_BUDGETS = Listing("budgets", _LISTED, col(Budget.made_at), col(Budget.id), lambda row: row.Budget, newest_first=True)


def budgets(session: Session, visitor: Visitor, asked: Asked) -> Page[Budget]:
    """Every version, the latest written first. Raises BadCursor."""
    return _BUDGETS.page(session, asked, compound_id=visitor.compound.id)


def budget_for(session: Session, visitor: Visitor, id: UUID) -> Budget:
    """Raises NotFound for absent and foreign alike."""
    budget = session.get(Budget, (visitor.compound.id, id))
    if budget is None:
        raise NotFound
    return budget


def versions_of(session: Session, compound_id: UUID, term: Term) -> list[Budget]:
    """Of one period, the newest first: it is the one that holds."""
    return list(
        session.exec(
            select(Budget)
            .where(Budget.compound_id == compound_id, Budget.from_on == term.first, Budget.to_on == term.last)
            .order_by(col(Budget.version).desc())
        )
    )


def planned(session: Session, budget: Budget) -> dict[str, tuple[LedgerAccount, int]]:
    """By the account's code, in the order of the chart."""
    rows = session.exec(
        select(LedgerAccount, BudgetLine.fen)
        .join(BudgetLine, pointing(BudgetLine, "account_id", LedgerAccount))
        .where(BudgetLine.compound_id == budget.compound_id, BudgetLine.budget_id == budget.id)
        .order_by(col(LedgerAccount.code))
    )
    return {account.code: (account, fen) for account, fen in rows}


def standings(session: Session, budget: Budget, on: date) -> dict[Use, list[Standing]]:
    """Income and expense, category by category, with what was booked until a day; then what nobody had planned."""
    plan = planned(session, budget)
    sides = by_category(session, budget.compound_id, budget.from_on, min(budget.to_on, on))
    accounts = session.exec(select(LedgerAccount).where(LedgerAccount.compound_id == budget.compound_id))
    funds = {account.code: account.fund for account in accounts}
    found: dict[Use, list[Standing]] = {}
    for use, side in SIDES.items():
        actual = {code: (name, fen) for code, name, fen in sides[side]}
        found[use] = [
            Standing(code, account.name, use, account.fund, fen, actual.pop(code, ("", 0))[1])
            for code, (account, fen) in plan.items()
            if account.use == use
        ]
        found[use] += [Standing(code, name, use, funds[code], 0, fen) for code, (name, fen) in actual.items()]
    return found


def within_budget(session: Session, draft: Draft) -> Within | None:
    """How an expense would stand against the budget of its quarter, else of its year; None where neither was set."""
    if draft.kind != DraftKind.EXPENSE or draft.category_id is None:
        return None
    for months in (QUARTER, YEAR):
        term = Term.of(draft.on_date, months)
        if versions := versions_of(session, draft.compound_id, term):
            account = session.get_one(LedgerAccount, (draft.compound_id, draft.category_id))
            sides = by_category(session, draft.compound_id, term.first, term.last)
            spent = next((fen for code, _name, fen in sides[EntryKind.EXPENSE] if code == account.code), 0)
            _account, fen = planned(session, versions[0]).get(account.code, (account, 0))
            standing = Standing(account.code, account.name, account.use, account.fund, fen, spent + draft.amount_fen)
            return Within(term, standing, bool(rule(session, draft.compound_id, "budget_binds")))
    return None


def need_within_budget(session: Session, draft: Draft) -> None:
    """Takes the books' lock, so that of two rivals for what is left the second sees the first. Raises OverBudget."""
    if draft.kind == DraftKind.EXPENSE and rule(session, draft.compound_id, "budget_binds") and not draft.decision_id:
        lock_books(session, draft.compound_id)
        within = within_budget(session, draft)
        if within and within.standing.over_fen:
            raise OverBudget(account=within.standing.name, amount=yuan(within.standing.over_fen))
