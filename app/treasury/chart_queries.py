"""The chart of accounts as the treasurer sees it, and what of it the booking form offers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.access.actors import Actor, Visitor
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.refusals import NotFound
from app.treasury import policy
from app.treasury.chart_models import FUND_SAYS, Fund, LedgerAccount, Use
from app.treasury.draft_models import Draft
from app.treasury.fund_charts import GIFTS
from app.treasury.journal import accounts_by_code
from app.treasury.models import JournalEntry
from app.treasury.queries import balances

OFTEN_DAYS = 365
"""Over how long back it is counted which categories are used most."""

CHANGEABLE = (Use.INCOME, Use.EXPENSE, Use.HELD, Use.MONEY)
"""The rest are accounts that programs post to."""


@dataclass(frozen=True, slots=True)
class AccountCard:
    """`fen`: what it holds or owes, or the sum of what ever came or went, without the bookkeepers' sign."""

    code: str
    name: str
    use: str
    retired: bool
    fen: int


def funds_open(session: Session, compound_id: UUID) -> list[Fund]:
    """In which this compound has accounts, in the order of `Fund`."""
    rows = session.exec(select(LedgerAccount.fund).where(LedgerAccount.compound_id == compound_id).distinct())
    return sorted((Fund(fund) for fund in rows), key=list(Fund).index)


def fund_asked(opened: list[Fund], asked: str) -> Fund:
    """The one of an address; else the first that is open."""
    return next((fund for fund in opened if fund == asked), opened[0] if opened else Fund.PUBLIC_INCOME)


def named_funds(funds: Iterable[Fund]) -> list[tuple[str, str]]:
    """(value, name), for a select."""
    return [(fund.value, _(FUND_SAYS[fund])) for fund in funds]


def named_accounts(session: Session, compound_id: UUID, use: Use) -> list[tuple[str, str]]:
    """(code, name), for a select: the retired too."""
    return [(one.code, one.name) for one in accounts_by_code(session, compound_id).values() if one.use == use]


def chart(session: Session, compound_id: UUID, fund: Fund) -> list[AccountCard]:
    """What of one fund may be changed; the retired come last."""
    cards = [
        AccountCard(a.code, a.name, a.use, a.retired_at is not None, fen if Use(a.use) in (Use.MONEY, Use.EXPENSE) else -fen)
        for a, fen in balances(session, compound_id)
        if a.fund == fund and a.use in CHANGEABLE
    ]
    return sorted(cards, key=lambda card: card.retired)


def account_for(session: Session, visitor: Visitor, code: str) -> LedgerAccount:
    """Raises NotFound for absent, foreign and those that only programs post to; the goods for who may see the journal alone, as
    in the list of balances.
    """
    account = session.exec(
        select(LedgerAccount)
        .where(
            LedgerAccount.compound_id == visitor.compound.id,
            LedgerAccount.code == code,
            col(LedgerAccount.use).in_(CHANGEABLE),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if account is None or (code in GIFTS and not policy.can_see_journal(visitor)):
        raise NotFound
    return account


def offered(session: Session, compound_id: UUID, fund: Fund, use: Use) -> list[LedgerAccount]:
    """What is not retired, in the order of the chart."""
    chart = accounts_by_code(session, compound_id).values()
    return [account for account in chart if account.fund == fund and account.use == use and account.retired_at is None]


def used_most(session: Session, accounts: list[LedgerAccount], most: int) -> list[LedgerAccount]:
    """Of some accounts those that were booked most in the last year, in the order that they came in."""
    if not accounts:
        return []
    counted = select(col(JournalEntry.category_id), func.count()).where(
        JournalEntry.compound_id == accounts[0].compound_id,
        col(JournalEntry.category_id).in_([account.id for account in accounts]),
        col(JournalEntry.on_date) > today() - timedelta(days=OFTEN_DAYS),
    )
    times = dict(session.exec(counted.group_by(col(JournalEntry.category_id))).all())
    chosen = sorted(accounts, key=lambda account: -times.get(account.id, 0))[:most]
    return [account for account in accounts if account in chosen]


def last_account(session: Session, actor: Actor, accounts: list[LedgerAccount]) -> str | None:
    """The code of the account of money that this treasurer chose last."""
    codes = {account.id: account.code for account in accounts}
    last = select(Draft.money_id).where(
        Draft.compound_id == actor.compound.id, Draft.author_id == actor.person_id, col(Draft.money_id).in_([*codes])
    )
    found = session.exec(last.order_by(col(Draft.made_at).desc()).limit(1)).first()
    return codes[found] if found else None
