"""Nouns of what a year or a quarter may cost and should bring, as a decision set it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal
from app.notices.periods import months_in
from app.treasury.periods import Term


class OverBudget(Refusal):
    """The compound's rule asks for a decision before more is spent than was planned."""

    says = mark("记入后“%(account)s”超出预算 %(amount)s，又没有写明决议，不能批准。")
    advice = mark("请写明依据哪条决议，或者先改预算。")


class Budget(SentOnce, table=True):
    """预算 of a period, whole, in one version. A correction is the next version, with its reason: none is ever changed."""

    at = "/money/budget?version={row.id}"

    __table_args__ = (
        points_to("decision", "decision_id"),
        points_to("person", "made_by_id"),
        UniqueConstraint("compound_id", "from_on", "to_on", "version"),
        CheckConstraint("version = 1 OR reason <> ''", name="corrected_for_a_reason"),
    )

    from_on: date
    to_on: date
    version: int
    decision_id: UUID
    reason: str = Field(default="", max_length=100)
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)

    @property
    def term(self) -> Term:
        return Term(self.from_on, months_in((self.from_on, self.to_on)))


class BudgetLine(Record, table=True):
    """What one category, and by it one fund, may cost or should bring."""

    __tablename__ = "budget_line"
    __table_args__ = (
        points_to("budget", "budget_id"),
        points_to("ledger_account", "account_id"),
        UniqueConstraint("compound_id", "budget_id", "account_id"),
        CheckConstraint("fen > 0", name="more_than_nothing"),
    )

    budget_id: UUID
    account_id: UUID
    fen: int = Field(sa_type=BigInteger)


append_only("budget")
append_only("budget_line")
