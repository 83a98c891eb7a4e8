"""The treasurer's chart of accounts: funds are opened one by one, accounts added, renamed, retired."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.kit.forms import Filled, changing, empty, filled
from app.kit.i18n import _, mark
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.treasury import charting
from app.treasury.chart_models import FUND_SAYS, Fund, LedgerAccount, NameTaken, Use
from app.treasury.chart_queries import AccountCard, account_for, chart, fund_asked, funds_open, named_funds
from app.treasury.chart_schemas import AccountWish, CategoryWish, FundWish
from app.treasury.schemas import AccountCode, FundText

router = APIRouter(route_class=OneTransaction, prefix="/money", include_in_schema=False)

FilledFund = Annotated[Filled[FundWish], filled(FundWish)]
FilledCategory = Annotated[Filled[CategoryWish], filled(CategoryWish)]
FilledAccount = Annotated[Filled[AccountWish], filled(AccountWish)]

USE_SAYS = {
    Use.INCOME: mark("收入类别"),
    Use.EXPENSE: mark("支出类别"),
    Use.HELD: mark("代收代付"),
    Use.MONEY: mark("存钱的地方"),
}


@dataclass(frozen=True)
class ChartPage(View):
    template = "treasury/chart.html"
    tab = "money"

    fund: Fund
    name: str
    others: list[tuple[str, str]]
    """(Fund, name) of those that are open too."""
    closed: list[tuple[str, str]]
    groups: list[tuple[str, list[AccountCard]]]


@dataclass(frozen=True)
class AddAccountPage(View):
    template = "treasury/account_add.html"

    form: Filled[CategoryWish]
    fund: Fund
    name: str
    uses: list[tuple[str, str]]


@dataclass(frozen=True)
class AccountPage(View):
    template = "treasury/account.html"

    form: Filled[AccountWish]
    account: LedgerAccount
    fund: str


@router.get("/chart")
def show_chart(session: DbSession, actor: Officer, fund: FundText = "") -> ChartPage:
    actor.need(Permission.BOOK_MONEY)
    opened = funds_open(session, actor.compound.id)
    here = fund_asked(opened, fund)
    cards = chart(session, actor.compound.id, here)
    groups = [(_(says), [card for card in cards if card.use == use]) for use, says in USE_SAYS.items()]
    return ChartPage(
        actor.frame,
        here,
        _(FUND_SAYS[here]),
        named_funds(one for one in opened if one is not here),
        named_funds(one for one in Fund if one not in opened),
        [(says, these) for says, these in groups if these],
    )


@router.post("/funds")
def post_fund(session: DbSession, actor: Officer, form: FilledFund) -> Response:
    actor.need(Permission.BOOK_MONEY)
    if form.wish is None:
        raise Malformed
    charting.open_fund(session, actor, form.wish)
    says = _("%(fund)s开账了。", fund=_(FUND_SAYS[form.wish.fund]))
    return see_other(f"{actor.frame.base}/money/chart?fund={form.wish.fund}", says)


@router.get("/accounts")
def show_add(actor: Officer, fund: FundText = "") -> AddAccountPage:
    actor.need(Permission.BOOK_MONEY)
    return add_page(actor, empty({"fund": fund or Fund.PUBLIC_INCOME.value}))


@router.post("/accounts")
def post_account(session: DbSession, actor: Officer, request: Request, form: FilledCategory) -> Response:
    actor.need(Permission.BOOK_MONEY)
    if form.wish is None:
        return add_page(actor, form).reply(request, 422)
    try:
        account, made = charting.add_account(session, actor, form.wish)
    except Malformed as no:
        return add_page(actor, form.with_refusal(no)).reply(request, 422)
    except NameTaken as no:
        return add_page(actor, form.with_problem("name", f"{no.message}{no.next_step}")).reply(request, no.status)
    says = _("加好了：%(name)s。", name=account.name) if made else _("已经有%(name)s了。", name=account.name)
    return see_other(f"{actor.frame.base}/money/chart?fund={account.fund}", says)


@router.get("/accounts/{code}")
def show_account(session: DbSession, actor: Officer, code: AccountCode) -> AccountPage:
    actor.need(Permission.BOOK_MONEY)
    return account_page(session, actor, code)


@router.post("/accounts/{code}")
def post_change(session: DbSession, actor: Officer, request: Request, code: AccountCode, form: FilledAccount) -> Response:
    """Renames, retires or restores."""
    actor.need(Permission.BOOK_MONEY)
    if form.wish is None:
        return account_page(session, actor, code, form).reply(request, 422)
    try:
        account = charting.change_account(session, actor, code, form.version or 0, form.wish)
    except NameTaken as no:
        return account_page(session, actor, code, form.with_problem("name", no.message)).reply(request, no.status)
    except Stale as no:
        account = account_for(session, actor, code)
        mine = form.seen_again(account.version, "name", f"{no.message}{_('现在叫：%(name)s。', name=account.name)}")
        return account_page(session, actor, code, mine).reply(request, no.status)
    return see_other(f"{actor.frame.base}/money/chart?fund={account.fund}", _("改好了。"))


def add_page(actor: Actor, form: Filled[CategoryWish]) -> AddAccountPage:
    fund = next((one for one in Fund if one == form.typed.get("fund")), Fund.PUBLIC_INCOME)
    uses = (Use.HELD, Use.MONEY) if fund is Fund.HELD else (Use.INCOME, Use.EXPENSE, Use.MONEY)
    return AddAccountPage(actor.frame, form, fund, _(FUND_SAYS[fund]), [(use.value, _(USE_SAYS[use])) for use in uses])


def account_page(session: Session, actor: Actor, code: str, form: Filled[AccountWish] | None = None) -> AccountPage:
    account = account_for(session, actor, code)
    form = form or changing({"name": account.name}, account.version)
    return AccountPage(actor.frame, form, account, _(FUND_SAYS[Fund(account.fund)]))
