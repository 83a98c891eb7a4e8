"""The door to bodies and seats, and the forms for a rule and for a dated figure."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Visitor
from app.access.permissions import SEAT_SAYS, Permission
from app.compounds.models import BodyKind
from app.compounds.people import PersonChoice, find_people
from app.compounds.rules import rules_in_force
from app.kit.clock import today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _, mark
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.roster import policy, ruling, seating
from app.roster.models import AlreadyThatDay, BadRuleValue, RuleInThePast
from app.roster.queries import BodyCard, bodies, body_for
from app.roster.schemas import BaselineWish, BodyWish, CareWish, EndWish, RuleWish, SeatWish

router = APIRouter(route_class=OneTransaction, include_in_schema=False)

BODY_SAYS: dict[BodyKind, str] = {
    BodyKind.PARTY_BRANCH: mark("党支部"),
    BodyKind.BUILDING_GROUP: mark("楼栋小组"),
    BodyKind.MANAGEMENT: mark("管理委员会"),
    BodyKind.SUPERVISION: mark("监督委员会"),
    BodyKind.VOLUNTEERS: mark("志愿队"),
    BodyKind.COMMUNITY_OFFICE: mark("社区"),
}

FilledBody = Annotated[Filled[BodyWish], filled(BodyWish)]
FilledSeat = Annotated[Filled[SeatWish], filled(SeatWish)]
FilledEnd = Annotated[Filled[EndWish], filled(EndWish)]
FilledCare = Annotated[Filled[CareWish], filled(CareWish)]
FilledRule = Annotated[Filled[RuleWish], filled(RuleWish)]
FilledBaseline = Annotated[Filled[BaselineWish], filled(BaselineWish)]


@dataclass(frozen=True)
class BodiesPage(View):
    template = "roster/bodies.html"
    tab = "home"

    bodies: list[BodyCard]
    body_names: dict[str, str]
    past: bool
    changing: UUID | None
    """The seat whose forms stand open."""
    form: Filled[Any]
    can_seat: bool
    confirmed: bool
    known: bool
    today: str


@dataclass(frozen=True)
class SeatPage(View):
    template = "roster/seat.html"

    body: str
    q: str
    people: list[PersonChoice]
    form: Filled[SeatWish]
    seat_names: dict[str, str]


@dataclass(frozen=True)
class RulePage(View):
    template = "roster/rule.html"

    form: Filled[RuleWish]
    rules: list[tuple[str, str]]


@dataclass(frozen=True)
class BaselinePage(View):
    template = "roster/baseline.html"

    form: Filled[BaselineWish]


@router.get("/bodies")
def show_bodies(session: DbSession, visitor: Anyone, past: bool = False, change: UUID | None = None) -> BodiesPage:
    """With `change`, the forms for that seat stand open."""
    return bodies_page(session, visitor, empty(), past=past, changing=change)


@router.post("/bodies")
def post_body(session: DbSession, actor: Officer, request: Request, form: FilledBody) -> Response:
    actor.need(Permission.CHANGE_SEATS)
    if form.wish is None:
        return bodies_page(session, actor, form).reply(request, 422)
    seating.found_body(session, actor, form.wish)
    return see_other(f"{actor.frame.base}/bodies", _("建好了，现在可以登记任职。"))


@router.get("/bodies/{body_id}/seat")
def show_seat(session: DbSession, actor: Officer, body_id: UUID, q: str = "", person: UUID | None = None) -> SeatPage:
    """Two steps: find the person, then say the seat. Asks for the second factor first."""
    actor.need(Permission.CHANGE_SEATS)
    actor.need_second_factor()
    typed = {"from_on": today().isoformat()} | ({"person_id": str(person)} if person else {})
    return seat_page(session, actor, body_id, q, empty(typed))


@router.post("/bodies/{body_id}/seat")
def post_seat(session: DbSession, actor: Officer, request: Request, body_id: UUID, form: FilledSeat) -> Response:
    actor.need(Permission.CHANGE_SEATS)
    if form.wish is None:
        return seat_page(session, actor, body_id, "", form).reply(request, 422)
    seating.seat_person(session, actor, body_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/bodies", _("登记好了，任职公开可查。"))


@router.post("/bodies/seats/{seat_id}/end")
def post_end_seat(session: DbSession, actor: Officer, request: Request, seat_id: UUID, form: FilledEnd) -> Response:
    actor.need(Permission.CHANGE_SEATS)
    if form.wish is None:
        return bodies_page(session, actor, form, changing=seat_id).reply(request, 422)
    seating.end_seat(session, actor, seat_id, form.wish)
    return see_other(f"{actor.frame.base}/bodies", _("任期记好了。"))


@router.post("/bodies/seats/{seat_id}/care")
def post_care(session: DbSession, actor: Officer, request: Request, seat_id: UUID, form: FilledCare) -> Response:
    actor.need(Permission.CHANGE_SEATS)
    if form.wish is None:
        return bodies_page(session, actor, form, changing=seat_id).reply(request, 422)
    unknown = seating.set_care(session, actor, seat_id, form.wish)
    if unknown:
        form = form.with_problem("rooms", _("没有这些房号：%(labels)s。没有改。", labels=_("、").join(unknown[:5])))
        return bodies_page(session, actor, form, changing=seat_id).reply(request, 422)
    return see_other(f"{actor.frame.base}/bodies", _("联户记好了。"))


@router.get("/rules/set")
def show_rule(session: DbSession, actor: Officer, name: str = "") -> RulePage:
    actor.need(Permission.CHANGE_RULES)
    actor.need_second_factor()
    return rule_page(session, actor, empty({"name": name, "valid_from_on": today().isoformat()}))


@router.post("/rules/set")
def post_rule(session: DbSession, actor: Officer, request: Request, form: FilledRule) -> Response:
    actor.need(Permission.CHANGE_RULES)
    if form.wish is None:
        return rule_page(session, actor, form).reply(request, 422)
    try:
        ruling.set_rule(session, actor, form.wish)
    except BadRuleValue as no:
        return rule_page(session, actor, form.with_problem("value", no.message)).reply(request, 422)
    except (RuleInThePast, AlreadyThatDay) as no:
        return rule_page(session, actor, form.with_problem("valid_from_on", no.message)).reply(request, 422)
    return see_other(f"{actor.frame.base}/rules", _("规则登记好了，到日子自动生效。"))


@router.get("/baselines/record")
def show_baseline(actor: Officer) -> BaselinePage:
    actor.need(Permission.CHANGE_RULES)
    actor.need_second_factor()
    return BaselinePage(actor.frame, empty({"on_date": today().isoformat()}))


@router.post("/baselines/record")
def post_baseline(session: DbSession, actor: Officer, request: Request, form: FilledBaseline) -> Response:
    actor.need(Permission.CHANGE_RULES)
    if form.wish is None:
        return BaselinePage(actor.frame, form).reply(request, 422)
    ruling.record_baseline(session, actor, form.wish)
    return see_other(f"{actor.frame.base}/baselines", _("记好了。"))


def bodies_page(
    session: Session, visitor: Visitor, form: Filled[Any], *, past: bool = False, changing: UUID | None = None
) -> BodiesPage:
    """`form`: whichever of the page's forms has come back; their fields have different names."""
    shown = bodies(session, visitor, past=past)
    cares_for = next((s.cares_for for body in shown for s in body.seats if s.id == changing), ())
    return BodiesPage(
        visitor.frame,
        shown,
        {kind.value: _(says) for kind, says in BODY_SAYS.items()},
        past,
        changing,
        replace(form, typed={"to_on": today().isoformat(), "rooms": " ".join(cares_for), **form.typed}),
        policy.can_seat(visitor),
        isinstance(visitor, Actor) and visitor.has_fresh_second_factor,
        visitor.is_resident,
        today().isoformat(),
    )


def seat_page(session: Session, actor: Actor, body_id: UUID, q: str, form: Filled[SeatWish]) -> SeatPage:
    body = body_for(session, actor, body_id)
    q = q[:60]
    chosen = form.typed.get("person_id")
    people = find_people(session, actor.compound.id, q)
    names = {kind.value: _(says) for kind, says in SEAT_SAYS.items()}
    return SeatPage(actor.frame, body.name, q, people if not chosen else [], form, names)


def rule_page(session: Session, actor: Actor, form: Filled[RuleWish]) -> RulePage:
    choices = []
    for r in rules_in_force(session, actor.compound.id):
        words = [_("%(n)s 是%(word)s", n=n, word=_(word)) for n, word in enumerate(r.kind.words)]
        says = _("%(says)s（现在 %(said)s）", says=_(r.kind.says), said=r.said)
        choices.append((r.kind.name, _("：").join((says, _("，").join(words))) if words else says))
    return RulePage(actor.frame, form, choices)
