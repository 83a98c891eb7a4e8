"""What the first page and 我的 show, gathered from the rooms below."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.access.actors import Actor, CompoundFacts, Known, Visitor
from app.access.permissions import SEAT_SAYS, Permission
from app.benefits import gift_queries as benefits
from app.compounds.models import (
    Baseline,
    Body,
    Building,
    Community,
    Compound,
    Entrance,
    Ownership,
    Person,
    Residency,
    Seat,
    SeatKind,
    Unit,
    UnitKind,
)
from app.compounds.rules import rule
from app.compounds.terms import holds, not_over
from app.inbox.models import Message
from app.kit.charts import Trend, trend_bars
from app.kit.clock import local, now, said_day, said_moment, said_month, said_time, short_day, today, weekday
from app.kit.i18n import _, mark
from app.kit.money import yuan
from app.kit.records import columns, pointing
from app.kit.views import Frame
from app.notices.queries import tasks_of
from app.renovation.finding_models import LIVE, Finding
from app.renovation.finding_queries import waiting_for as waiting_findings
from app.renovation.opinion_queries import waiting_for as waiting_opinions
from app.renovation.problem_queries import unsettled_problems
from app.renovation.question_queries import unanswered_questions
from app.treasury import queries as treasury
from app.treasury.draft_queries import waiting_for as waiting_drafts
from app.volunteering.hour_queries import proposals
from app.volunteering.queries import my_shifts, shifts_between
from app.volunteering.request_queries import WaitsFor
from app.volunteering.request_queries import waiting_for as waiting_requests
from app.volunteering.signup_models import SignupState


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """One thing that waits for somebody. `path` inside the compound; `act`: the words of its button, where it is urgent."""

    title: str
    sub: str
    path: str
    icon: str
    act: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """The balance, this month, and twelve months for the chart: (month, written balance), oldest first."""

    balance_fen: int
    income_fen: int
    expense_fen: int
    chart: Trend
    months: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MyUnit:
    """`relation`: what I am to it, in words."""

    label: str
    building: str
    entrance: str
    area: int
    relation: str


@dataclass(frozen=True, slots=True)
class MySeat:
    title: str
    body: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A series of one kind. `change` from the first to the last; `better` says whether that is good news."""

    kind: str
    title: str
    measure: str
    points: tuple[tuple[date, int, str], ...]
    """(day, value, source), oldest first."""
    change: int
    better: bool
    chart: Trend

    @property
    def rows(self) -> list[tuple[str, str]]:
        """For the table under the chart."""
        return [(f"{said_day(day)} {source}", str(value)) for day, value, source in self.points]


@dataclass(frozen=True, slots=True)
class CompoundLine:
    slug: str
    name: str
    homes: int
    balance_fen: int
    open_findings: int
    figures: tuple[Figure, ...]


def waiting_for(session: Session, actor: Actor) -> list[WaitingItem]:
    """Most urgent first."""
    rooms = (_gifts, _opinions, _findings, _entries, _notices, _places, _gaps, _requests, _hours, _problems, _questions)
    items = [item for room in rooms for item in room(session, actor)]
    unread = unread_count(session, actor)
    if unread:
        items.append(WaitingItem(_("%(n)s 条新消息", n=unread), _("点开看看"), "/me/messages", "mail"))
    return sorted(items, key=lambda item: not item.act)


def _gifts(session: Session, actor: Actor) -> list[WaitingItem]:
    """A gift of mine shows its code; a table that I hand out at is work, not a gift."""
    return [
        WaitingItem(
            _("%(title)s，请来领", title=item.title) if item.path.endswith("/code") else item.title,
            _("%(what)s，%(until)s前领", what=item.sub, until=short_day(item.until_on)) if item.until_on else item.sub,
            item.path,
            "gift",
            _("出示领取码") if item.path.endswith("/code") else "",
        )
        for item in benefits.waiting_for(session, actor)
    ]


def _opinions(session: Session, actor: Actor) -> list[WaitingItem]:
    return [
        WaitingItem(
            _("%(title)s，您满意吗？", title=asked.title),
            _("一户一份，收到%(day)s", day=short_day(asked.closes_on)),
            f"/works/acceptances/{asked.acceptance_id}/opinion",
            "star",
            _("说一说"),
        )
        for asked in waiting_opinions(session, actor)
    ]


FINDING_SAYS = {
    "report": mark("整改 %(n)s 号，有人说又坏了"),
    "recheck": mark("整改 %(n)s 号说改好了，请复查"),
    "dispute": mark("整改 %(n)s 号，施工方有异议"),
    "second": mark("整改 %(n)s 号，等您会签"),
}


def _findings(session: Session, actor: Actor) -> list[WaitingItem]:
    return [
        WaitingItem(
            _(FINDING_SAYS[finding.waits_for], n=finding.number),
            _("%(place)s：%(what)s", place=finding.place, what=finding.what),
            f"/works/findings/{finding.id}",
            "helmet",
            _("去看看"),
        )
        for finding in waiting_findings(session, actor)
    ]


def _entries(session: Session, actor: Actor) -> list[WaitingItem]:
    waits = waiting_drafts(session, actor)
    items = [
        WaitingItem(
            _("%(amount)s，请批准", amount=draft.said_amount),
            _("%(who)s记：%(what)s", who=draft.author, what=draft.purpose),
            f"/money/drafts/{draft.id}",
            "ledger",
            _("去核对"),
        )
        for draft in waits.to_approve
    ]
    return items + [
        WaitingItem(_("%(what)s，退回给您了", what=draft.purpose), draft.returned_because, f"/money/drafts/{draft.id}", "ledger")
        for draft in waits.returned
    ]


def _notices(session: Session, actor: Actor) -> list[WaitingItem]:
    """For officers: each notice with unanswered objections, the figures that the rules demand, the photos of the board."""
    tasks = tasks_of(session, actor)
    items = [
        WaitingItem(
            _("%(n)s 条异议等答复", n=waits.objections),
            _("%(title)s，已经过期", title=waits.title)
            if waits.overdue
            else _("%(title)s，%(day)s前答复", title=waits.title, day=short_day(waits.answer_by_at)),
            f"/notices/{waits.notice_id}",
            "talk",
            _("去答复"),
        )
        for waits in tasks.to_answer
    ]
    publishes = actor.may(Permission.PUBLISH_MONEY)
    items += [
        WaitingItem(
            _("%(period)s收支应在%(day)s前公布", period=period.says, day=short_day(period.by_on)),
            _("已经过期") if period.overdue else _("本小区的规则要求"),
            f"/money/publish?period={period.key}" if publishes else "/notices",
            "chart",
        )
        for period in tasks.statements_due
        if period.over
    ]
    if tasks.photos_missing:
        title = _("公示栏照片还缺 %(n)s 张", n=len(tasks.photos_missing))
        items.append(WaitingItem(title, tasks.photos_missing[-1].title, "/notices", "camera"))
    return items


def _places(session: Session, actor: Actor) -> list[WaitingItem]:
    items = []
    tomorrow = today() + timedelta(days=1)
    opens_before = timedelta(minutes=rule(session, actor.compound.id, "check_in_minutes"))
    for mine in my_shifts(session, actor):
        path = f"/volunteering/signups/{mine.id}"
        if mine.state == SignupState.OFFERED and mine.offer_until_at:
            until = _("请在 %(until)s 前确认", until=said_moment(mine.offer_until_at))
            items.append(WaitingItem(_("%(title)s，有名额了", title=mine.title), until, path, "heart", _("去确认")))
        elif mine.state == SignupState.CONFIRMED and local(mine.starts_at).date() <= tomorrow:
            day = _("今天") if local(mine.starts_at).date() == today() else _("明天")
            words = _("%(day)s%(time)s %(title)s", day=day, time=said_time(mine.starts_at), title=mine.title)
            if mine.checked_in_at:
                items.append(WaitingItem(words, _("签到了，走的时候签退"), "/volunteering/check-in", "heart"))
            elif now() >= mine.starts_at - opens_before:
                here = _("%(place)s集合，可以签到了", place=mine.place)
                items.append(WaitingItem(words, here, "/volunteering/check-in", "heart", _("去签到")))
            else:
                items.append(WaitingItem(words, _("已报名，%(place)s集合", place=mine.place), path, "heart"))
    return items


GAPS_AHEAD = timedelta(days=3)
"""So long before a shift its coordinators see on their first page that it lacks people."""


def _gaps(session: Session, actor: Actor) -> list[WaitingItem]:
    if not actor.may(Permission.PLAN_SERVICE):
        return []
    return [
        WaitingItem(
            _("%(title)s，最少还缺 %(n)s 人", title=shift.title, n=shift.missing),
            said_moment(shift.starts_at),
            f"/volunteering/shifts/{shift.id}",
            "people",
        )
        for shift in shifts_between(session, actor, now(), now() + GAPS_AHEAD)
        if shift.missing and not shift.cancelled
    ]


REQUEST_SAYS = {
    WaitsFor.CONFIRM: (mark("%(kind)s，有人请帮忙"), mark("去确认")),
    WaitsFor.FIND: (mark("%(kind)s，还没有人接"), mark("去看看")),
    WaitsFor.DO: (mark("%(kind)s，您接的单"), ""),
    WaitsFor.RECEIVE: (mark("%(kind)s，办好了吗？"), mark("去确认")),
    WaitsFor.RATE: (mark("%(kind)s，帮得怎么样？"), ""),
}


def _requests(session: Session, actor: Actor) -> list[WaitingItem]:
    items = []
    for request in waiting_requests(session, actor):
        title, act = REQUEST_SAYS[WaitsFor(request.waits_for)]
        items.append(
            WaitingItem(
                _(title, kind=_(request.kind)),
                _("评一评，队长看得到") if request.waits_for == WaitsFor.RATE else said_moment(request.wanted_at),
                f"/volunteering/requests/{request.id}",
                "hands",
                _(act) if act else "",
            )
        )
    return items


def _hours(session: Session, actor: Actor) -> list[WaitingItem]:
    if not actor.may(Permission.CHECK_IN):
        return []
    waits = [one for one in proposals(session, actor) if one.can_decide]
    if not waits:
        return []
    words = _("%(name)s，%(title)s", name=waits[0].name, title=waits[0].title)
    title = _("%(n)s 条服务时长等您核准", n=len(waits))
    return [WaitingItem(title, words, "/volunteering/hours/proposals", "clock", _("去核准"))]


def _problems(session: Session, actor: Actor) -> list[WaitingItem]:
    waits = unsettled_problems(session, actor)
    if not waits:
        return []
    path = "/works/problems" if len(waits) > 1 else f"/works/problems/{waits[0].id}"
    since = _("最早的是%(day)s报的", day=short_day(waits[0].reported_at))
    return [WaitingItem(_("居民报的 %(n)s 个问题等处理", n=len(waits)), since, path, "wrench", _("去处理"))]


def _questions(session: Session, actor: Actor) -> list[WaitingItem]:
    waits = unanswered_questions(session, actor)
    if not waits:
        return []
    path = f"/works/projects/{waits[0].project_id}/questions" if len(waits) > 1 else f"/works/questions/{waits[0].id}"
    since = _("最早的是%(day)s提的", day=short_day(waits[0].asked_at))
    return [WaitingItem(_("工程上 %(n)s 个提问等答复", n=len(waits)), since, path, "talk", _("去答复"))]


def money(session: Session, visitor: Visitor) -> Money | None:
    """None before anything was booked."""
    card = treasury.balance_card(session, visitor)
    if not any((card.balance_fen, *(month.balance_fen for month in card.months))):
        return None
    labels = [said_month(month.month) for month in card.months]
    return Money(
        card.balance_fen,
        card.income_fen,
        card.expense_fen,
        trend_bars([month.balance_fen for month in card.months]),
        [(label, yuan(month.balance_fen)) for label, month in zip(labels, card.months, strict=True)],
    )


def unread_count(session: Session, actor: Known) -> int:
    return session.exec(
        select(func.count())
        .select_from(Message)
        .where(Message.compound_id == actor.compound.id, Message.person_id == actor.person_id, col(Message.read_at).is_(None))
    ).one()


def my_messages(session: Session, actor: Known, most: int = 100) -> list[Message]:
    """Newest first."""
    return list(
        session.exec(
            select(Message)
            .where(Message.compound_id == actor.compound.id, Message.person_id == actor.person_id)
            .order_by(col(Message.sent_at).desc(), col(Message.id))
            .limit(most)
        )
    )


def greeting(moment: datetime) -> str:
    hour = local(moment).hour
    return _("早上好") if 4 <= hour < 12 else _("中午好") if hour == 12 else _("下午好") if 12 < hour < 18 else _("晚上好")


def me(session: Session, actor: Known) -> Person:
    return session.get_one(Person, (actor.compound.id, actor.person_id))


def my_units(session: Session, actor: Known) -> list[MyUnit]:
    """Owned ones first, by label; who owns a unit and lives in it finds it once."""
    found: dict[str, MyUnit] = {}
    for link in (Ownership, Residency):
        rows = session.execute(
            columns(Unit, col(Building.name), col(Entrance.name), link)
            .join(link, pointing(link, "unit_id", Unit))
            .join(Entrance, pointing(Unit, "entrance_id", Entrance))
            .join(Building, pointing(Entrance, "building_id", Building))
            .where(link.compound_id == actor.compound.id, link.person_id == actor.person_id, holds(link))
            .order_by(Unit.label)
        )
        for unit, building, entrance, row in rows:
            known = found.get(unit.label)
            relation = f"{known.relation}{_('、')}{_relation(row)}" if known else _relation(row)
            found[unit.label] = MyUnit(unit.label, building, entrance, unit.area, relation)
    return list(found.values())


def _relation(link: Ownership | Residency) -> str:
    if isinstance(link, Residency):
        return _("租住") if link.tenant else _("住户")
    if link.share == link.share_of:
        return _("业主")
    return _("共有业主 %(share)s/%(of)s", share=link.share, of=link.share_of)


def my_seats(session: Session, actor: Known) -> list[MySeat]:
    rows = session.exec(
        select(Seat, Body.name)
        .join(Body, pointing(Seat, "body_id", Body))
        .where(
            Seat.compound_id == actor.compound.id,
            Seat.person_id == actor.person_id,
            not_over(Seat),
        )
        .order_by(col(Seat.from_on))
    )
    return [MySeat(seat.title or _(SEAT_SAYS[SeatKind(seat.kind)]), body, seat.from_on, seat.to_on) for seat, body in rows]


FIGURES: dict[str, tuple[str, bool]] = {
    "complaints": (mark("投诉"), False),
    "safety_incidents": (mark("安全事件"), False),
    "fee_on_time": (mark("按时缴物业费"), True),
}
"""Kind -> its name, and whether more is better."""


def figures_of(session: Session, compound_ids: list[UUID]) -> dict[UUID, list[Figure]]:
    """The dated figures of each compound."""
    series: dict[tuple[UUID, str], list[Baseline]] = {}
    for row in session.exec(
        select(Baseline).where(col(Baseline.compound_id).in_(compound_ids)).order_by(col(Baseline.kind), col(Baseline.on_date))
    ):
        series.setdefault((row.compound_id, row.kind), []).append(row)
    figures: dict[UUID, list[Figure]] = {}
    for (compound_id, kind), rows in series.items():
        title, more_is_better = FIGURES.get(kind, (kind, True))
        change = rows[-1].value - rows[0].value
        figures.setdefault(compound_id, []).append(
            Figure(
                kind,
                _(title),
                rows[-1].measure,
                tuple((row.on_date, row.value, row.source) for row in rows),
                change,
                change != 0 and (change > 0) == more_is_better,
                trend_bars([row.value for row in rows]),
            )
        )
    return figures


def compounds_of_community(session: Session, actor: Actor) -> tuple[str, list[CompoundLine]]:
    """The community's name, and a line for each of its compounds. The door has asked for Permission.OVERSEE."""
    from_here = session.get_one(Compound, actor.compound.id)
    homes: dict[UUID, int] = dict(
        session.exec(
            select(Unit.compound_id, func.count())
            .join(Compound, Compound.id == Unit.compound_id)  # type: ignore[arg-type]
            .where(Compound.community_id == from_here.community_id, Unit.kind == UnitKind.DWELLING)
            .group_by(col(Unit.compound_id))
        ).all()
    )
    compounds = session.exec(
        select(Compound).where(Compound.community_id == from_here.community_id).order_by(col(Compound.name))
    ).all()
    figures = figures_of(session, [compound.id for compound in compounds])
    findings: dict[UUID, int] = dict(
        session.exec(
            select(Finding.compound_id, func.count())
            .where(col(Finding.compound_id).in_([compound.id for compound in compounds]), col(Finding.state).in_(LIVE))
            .group_by(col(Finding.compound_id))
        ).all()
    )
    name = session.exec(select(Community.name).where(Community.id == from_here.community_id)).one()
    return name, [
        CompoundLine(
            c.slug,
            c.name,
            homes.get(c.id, 0),
            treasury.balance_card(session, _before(c)).balance_fen,
            findings.get(c.id, 0),
            tuple(figures.get(c.id, ())),
        )
        for c in compounds
    ]


def _before(compound: Compound) -> Visitor:
    """Anyone, in front of another compound: what is public there."""
    return Visitor(CompoundFacts(compound.id, compound.slug, compound.name, compound.help_phone), Frame(f"/c/{compound.slug}/"))


def where_and_when(units: list[MyUnit]) -> str:
    """The line under the greeting: the day, and the building and entrance, never the room: others look over a shoulder."""
    moment = now()
    first = f" {units[0].building}{units[0].entrance}" if units else ""
    return _("%(day)s(%(weekday)s)", day=short_day(moment), weekday=weekday(moment)) + first
