"""Verbs of the chart of accounts: open a fund, add an account, rename or retire one. Under the books' row lock."""

from itertools import count
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit.clock import now, today
from app.kit.i18n import _
from app.kit.refusals import Malformed
from app.kit.versions import Stale
from app.treasury.bank_queries import booked_fen
from app.treasury.chart_models import AccountNotEmpty, Fund, FundNotOpen, LastAccount, LedgerAccount, NameTaken, Use
from app.treasury.chart_queries import account_for, funds_open, offered
from app.treasury.chart_schemas import AccountWish, CategoryWish, FundWish
from app.treasury.fund_charts import KIND_OF, OTHER, code_of
from app.treasury.journal import accounts_by_code, add_fund, lock_books


def open_fund(session: Session, actor: Actor, wish: FundWish) -> bool:
    """Its accounts from the template; False: it was open before. Raises NotAllowed, BooksNotOpen."""
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    if wish.fund in funds_open(session, actor.compound.id):
        return False
    add_fund(session, actor.compound.id, wish.fund)
    on_record(session, actor, "fund.opened", wish.fund)
    return True


def add_account(session: Session, actor: Actor, wish: CategoryWish) -> tuple[LedgerAccount, bool]:
    """A new account under the next free code; False: one with this name is there already.

    Raises NotAllowed, BooksNotOpen, FundNotOpen, Malformed (a use that the fund does not have), NameTaken (by a retired one).
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    use = Use(wish.use)
    if wish.fund not in funds_open(session, actor.compound.id):
        raise FundNotOpen
    if use is not Use.MONEY and (use is Use.HELD) != (wish.fund is Fund.HELD):
        raise Malformed((("/body/use", "use", _("代管资金只有代收代付的科目，别的资金没有。")),))
    if there := _called(session, actor.compound.id, wish.fund, use, wish.name):
        if there.retired_at:
            raise NameTaken
        return there, False
    taken, kind = accounts_by_code(session, actor.compound.id), KIND_OF[use]
    code = next(code for n in count(1) if n != OTHER and (code := code_of(wish.fund, kind, n)) not in taken)
    account = LedgerAccount(compound_id=actor.compound.id, code=code, name=wish.name, kind=kind, fund=wish.fund, use=use)
    session.add(account)
    session.flush()
    on_record(session, actor, "account.added", account.id)
    return account, True


def change_account(session: Session, actor: Actor, code: str, version: int, wish: AccountWish) -> LedgerAccount:
    """Another name, or offered no more. What is posted keeps the name that it was posted under.

    Raises NotAllowed, BooksNotOpen, NotFound, Stale, NameTaken, AccountNotEmpty, LastAccount.
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    account = account_for(session, actor, code)
    if account.version != version:
        raise Stale
    fund, use = Fund(account.fund), Use(account.use)
    if _called(session, account.compound_id, fund, use, wish.name) not in (None, account):
        raise NameTaken
    if wish.retired and not account.retired_at:
        if account.holds and booked_fen(session, account.compound_id, account.id, today()):
            raise AccountNotEmpty
        if offered(session, account.compound_id, fund, use) == [account]:
            raise LastAccount
        on_record(session, actor, "account.retired", account.id)
        account.retired_at = now()
    elif account.retired_at and not wish.retired:
        on_record(session, actor, "account.restored", account.id)
        account.retired_at = None
    if account.name != wish.name:
        on_record(session, actor, "account.renamed", account.id)
        account.name = wish.name
    session.flush()
    return account


def _called(session: Session, compound_id: UUID, fund: Fund, use: Use, name: str) -> LedgerAccount | None:
    return session.exec(
        select(LedgerAccount).where(
            LedgerAccount.compound_id == compound_id,
            LedgerAccount.fund == fund,
            LedgerAccount.use == use,
            LedgerAccount.name == name,
        )
    ).first()
