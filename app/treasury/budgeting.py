"""The verb about budgets: set one, or correct it by another version of it.

Lock order: the books, which give versions their order; the log comes last by itself.
"""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.council.queries import decision_for
from app.kit import events
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import Malformed
from app.kit.versions import Stale
from app.publiclog.queries import entries_of_record
from app.publiclog.service import Entry, publish
from app.treasury.budget_models import Budget, BudgetLine
from app.treasury.budget_queries import SIDES, versions_of
from app.treasury.budget_schemas import BudgetWish
from app.treasury.journal import accounts_by_code, lock_books
from app.treasury.periods import Term


def set_budget(session: Session, actor: Actor, id: UUID, wish: BudgetWish) -> tuple[Budget, bool]:
    """The budget of a period, or its next version; False: an equal request made it before.

    Raises NotAllowed, BooksNotOpen, NotFound (the decision), Stale (another version stands there), Malformed (a category, a
    correction without a reason), SameIdOtherContent.
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    sent = digest(wish, actor.person_id)
    if before := already(session, Budget, actor.compound.id, id, sent):
        return before, False
    term, chart = Term.read(wish.period), accounts_by_code(session, actor.compound.id)
    if any(line.category not in chart or chart[line.category].use not in SIDES for line in wish.lines):
        raise Malformed((("/body/lines", "account", _("请选一项。")),))
    decision = decision_for(session, actor, wish.decision_id)
    older = versions_of(session, actor.compound.id, term)
    if wish.replaces != (older[0].version if older else 0):
        raise Stale
    if older and not wish.reason:
        raise Malformed((("/body/reason", "missing", _("改预算要写明为什么。")),))
    budget = Budget(
        compound_id=actor.compound.id,
        id=id,
        from_on=term.first,
        to_on=term.last,
        version=wish.replaces + 1,
        decision_id=decision.id,
        reason=wish.reason if older and wish.reason else "",
        made_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(budget)
    session.flush()
    session.add_all(
        BudgetLine(compound_id=budget.compound_id, budget_id=budget.id, account_id=chart[line.category].id, fen=line.amount)
        for line in wish.lines
    )
    session.flush()
    line = Entry(
        type="budget.set",
        compound_id=budget.compound_id,
        record_id=budget.id,
        record_version=budget.version,
        decision_ref=decision.reference,
        supersedes=entries_of_record(session, budget.compound_id, older[0].id)[-1].index if older else None,
        facts={"period": term.key, "lines": [[line.category, line.amount] for line in wish.lines]},
    )
    publish(session, budget.compound_id, lambda _index: line.values())
    events.tell(session, budget.compound_id, line.type, budget_id=budget.id)
    on_record(session, actor, line.type, budget.id)
    return budget, True
