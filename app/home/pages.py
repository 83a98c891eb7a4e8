"""The people's door to the first page, the rules, the figures, and the community's table."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request

from app.access.actors import Actor, Anyone, Officer, Resident
from app.access.permissions import Permission
from app.compounds.rules import RuleInForce, rules_in_force
from app.compounds.workdays import calendar
from app.home.queries import (
    CompoundLine,
    Figure,
    Money,
    WaitingItem,
    compounds_of_community,
    figures_of,
    greeting,
    money,
    my_units,
    waiting_for,
    where_and_when,
)
from app.kit.clock import now, today
from app.kit.i18n import _
from app.kit.pager import Asked
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View
from app.notices.queries import NoticeCard, notices, overdue_notices

router = APIRouter(route_class=OneTransaction, include_in_schema=False)

NEWS = 4


@dataclass(frozen=True)
class FirstPage(View):
    template = "home/first.html"
    tab = "home"

    greeting: str
    """"" for strangers."""
    line: str
    first: WaitingItem | None
    """The one with the button."""
    waiting: list[WaitingItem]
    money: Money | None
    today: date
    overdue: list[NoticeCard]
    """With an objection that was not answered in time: shown to everybody until it is."""
    news: list[NoticeCard]
    work: list[tuple[str, str, str, str]]
    """(path, title, sub, icon) of an officer's rooms."""


@dataclass(frozen=True)
class RulesPage(View):
    template = "home/rules.html"
    tab = "notices"

    rules: list[RuleInForce]
    years: list[tuple[int, str]]
    """Whose days off are known, and from where."""
    can_change: bool


@dataclass(frozen=True)
class BaselinesPage(View):
    template = "home/baselines.html"
    tab = "home"

    figures: list[Figure]
    can_record: bool


@dataclass(frozen=True)
class CommunityPage(View):
    template = "home/community.html"
    tab = "home"

    community: str
    compounds: list[CompoundLine]


@router.get("/")
def show_first(session: DbSession, visitor: Anyone, request: Request) -> FirstPage:
    overdue = overdue_notices(session, visitor)
    shown = {card.id for card in overdue}
    latest = notices(session, visitor, Asked(request.app.state.settings.secret, limit=NEWS)).items
    news = [card for card in latest if card.id not in shown]
    if not isinstance(visitor, Actor):
        return FirstPage(visitor.frame, "", "", None, [], money(session, visitor), today(), overdue, news, [])
    waiting = waiting_for(session, visitor)
    first = waiting.pop(0) if waiting and waiting[0].act else None
    return FirstPage(
        visitor.frame,
        _("%(name)s，%(greeting)s", name=visitor.name, greeting=greeting(now())),
        where_and_when(my_units(session, visitor)),
        first,
        waiting,
        money(session, visitor),
        today(),
        overdue,
        news,
        work_of(visitor),
    )


@router.get("/rules")
def show_rules(session: DbSession, visitor: Anyone) -> RulesPage:
    years = [(number, year.source) for number, year in sorted(calendar().years.items())]
    return RulesPage(visitor.frame, rules_in_force(session, visitor.compound.id), years, visitor.may(Permission.CHANGE_RULES))


@router.get("/baselines")
def show_baselines(session: DbSession, actor: Resident) -> BaselinesPage:
    figures = figures_of(session, [actor.compound.id]).get(actor.compound.id, [])
    return BaselinesPage(actor.frame, figures, actor.may(Permission.CHANGE_RULES))


@router.get("/community")
def show_community(session: DbSession, actor: Officer) -> CommunityPage:
    actor.need(Permission.OVERSEE)
    name, compounds = compounds_of_community(session, actor)
    return CommunityPage(actor.frame, name, compounds)


def work_of(actor: Actor) -> list[tuple[str, str, str, str]]:
    rooms = [
        (Permission.OVERSEE, "/community", _("各小区总表"), _("本社区的小区放在一起看"), "building"),
        (Permission.BOOK_MONEY, "/money/book", _("记一笔账"), _("拍下票据，交监督委员批准"), "ledger"),
        (Permission.APPROVE_MONEY, "/money/drafts", _("批准账目"), _("看票据，对金额"), "stamp"),
        (Permission.PUBLISH_MONEY, "/money/publish", _("公布收支表"), _("按月、按季或按年"), "chart"),
        (Permission.PLAN_BENEFIT, "/benefits/plan", _("拟定福利发放"), _("要引用决议"), "gift"),
        (Permission.PLAN_SERVICE, "/volunteering/plan", _("安排志愿服务"), _("排一次或连着几周"), "heart"),
        (Permission.PLAN_WORKS, "/works/plan", _("建立改造工程"), _("分阶段，看进度"), "helmet"),
        (Permission.RECORD_DECISION, "/decisions/record", _("登记决议"), _("花钱和发放都要引用决议"), "vote"),
        (Permission.SEE_ROSTER, "/roster", _("名册"), _("房屋、业主和住户"), "people"),
        (Permission.INVITE, "/roster/invites", _("邀请码"), _("一户一张，打印出来"), "qr"),
        (Permission.CHANGE_SEATS, "/bodies", _("组织和任职"), _("谁担任什么，到哪天"), "flag"),
    ]
    return [(path, title, sub, icon) for permission, path, title, sub, icon in rooms if actor.may(permission)]
