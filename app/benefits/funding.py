"""Whether the money for a plan is there: what its fund holds, what of that is promised, what this plan takes, what remains.

A fund holds the money at its bank and in its cash box, and what it has bought for gifts. Promised is what it owes to units
that have not collected, and what other plans ask for that wait to be approved or published.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.benefits.models import Distribution, MoreThanFund
from app.benefits.rolling import Roll, roll_now
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.refusals import Refusal
from app.treasury.chart_models import FUND_SAYS, AccountKind, Code, Fund, Use
from app.treasury.chart_queries import funds_open, named_funds
from app.treasury.fund_charts import GIVING
from app.treasury.journal import accounts_by_code
from app.treasury.queries import fen_on


@dataclass(frozen=True, slots=True)
class Funding:
    """All in fen. `takes_fen`: what becomes owed, with the spare pieces that are bought; of a correction what is added."""

    fund: Fund
    holds_fen: int
    owed_fen: int
    asked_fen: int
    takes_fen: int

    @property
    def free_fen(self) -> int:
        """What is not promised to anybody else."""
        return self.holds_fen - self.owed_fen - self.asked_fen

    @property
    def remains_fen(self) -> int:
        return self.free_fen - self.takes_fen

    def need(self, free_fen: int) -> None:
        """Raises MoreThanFund. A correction that takes nothing more needs nothing."""
        if self.takes_fen > max(free_fen, 0):
            raise MoreThanFund(fund=_(FUND_SAYS[self.fund]), left=yuan(free_fen), takes=yuan(self.takes_fen))

    def need_to_submit(self) -> None:
        """Raises MoreThanFund: also against the plans that were handed in before."""
        self.need(self.free_fen)

    def need_to_publish(self) -> None:
        """Raises MoreThanFund. Whoever is approved first does not wait for the others."""
        self.need(self.holds_fen - self.owed_fen)


def fund_choices(session: Session, compound_id: UUID) -> list[tuple[str, str]]:
    """What a plan may be paid from, for a select."""
    return named_funds(fund for fund in funds_open(session, compound_id) if fund in GIVING)


def funding_of(session: Session, distribution: Distribution, roll: Roll) -> Funding:
    """To refuse by it at publication, ask with the books locked."""
    fund = Fund(distribution.fund)
    accounts = accounts_by_code(session, distribution.compound_id).values()
    mine = [a.code for a in accounts if a.fund == fund and a.kind == AccountKind.ASSET and a.use == Use.MONEY]
    owed, stock = distribution.account(Code.OWED), distribution.account(Code.STOCK)
    return Funding(
        fund,
        fen_on(session, distribution.compound_id, [*mine, stock]),
        -fen_on(session, distribution.compound_id, [owed]),
        sum(_asked_fen(session, other) for other in _others(session, distribution)),
        _takes_fen(distribution, roll),
    )


def _takes_fen(distribution: Distribution, roll: Roll) -> int:
    if distribution.frozen_at:
        return roll.total_fen - distribution.total_fen
    return roll.total_fen + sum(part.item.worth_fen(part.item.spare) for part in roll.parts if part.item.is_goods)


def _asked_fen(session: Session, other: Distribution) -> int:
    """Of a plan that gives no roll as things stand, nothing."""
    try:
        return max(_takes_fen(other, roll_now(session, other)), 0)
    except Refusal:
        return 0


def _others(session: Session, distribution: Distribution) -> list[Distribution]:
    """Those of the same fund that wait, a handful at most."""
    waiting = select(Distribution).where(
        Distribution.compound_id == distribution.compound_id,
        Distribution.fund == distribution.fund,
        Distribution.id != distribution.id,
        col(Distribution.submitted_at).is_not(None),
    )
    return list(session.exec(waiting))
