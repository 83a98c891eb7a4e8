"""点单 for people: ask, look through what waits, take the next step; and the words that a compound offers."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.people import PersonChoice, find_people
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import Asked, AskedPage, Page
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import policy, requesting, terming
from app.volunteering.request_models import RANK_SAYS, Rank, RequestActKind, ServiceRequest
from app.volunteering.request_queries import (
    RequestCard,
    RequestView,
    Satisfaction,
    Whose,
    homes_of,
    request_for,
    requests_of,
    satisfaction,
    view_of,
)
from app.volunteering.request_schemas import RequestActWish, RequestWish
from app.volunteering.term_models import TermOf
from app.volunteering.term_queries import TermLine, offered, terms_of
from app.volunteering.term_schemas import TermWish

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledRequest = Annotated[Filled[RequestWish], filled(RequestWish)]
FilledAct = Annotated[Filled[RequestActWish], filled(RequestActWish)]
FilledTerm = Annotated[Filled[TermWish], filled(TermWish)]

FEW = 20
"""Of each list on the overview; the rest stands on a page of its own."""


@dataclass(frozen=True)
class RequestsPage(View):
    template = "volunteering/requests.html"
    tab = "volunteering"

    mine: Page[RequestCard]
    asked: Page[RequestCard]
    under_way: Page[RequestCard]
    open: Page[RequestCard]
    cared: Page[RequestCard]
    pleased: Satisfaction | None
    coordinates: bool
    can_act_for_others: bool


@dataclass(frozen=True)
class RequestListPage(View):
    template = "volunteering/request_list.html"
    tab = "volunteering"

    title: str
    whose: str
    requests: Page[RequestCard]


@dataclass(frozen=True)
class AskPage(View):
    template = "volunteering/request_ask.html"

    form: Filled[RequestWish]
    kinds: list[tuple[str, str]]
    ranks: list[tuple[str, str]]
    homes: list[tuple[UUID, str]]
    for_whom: str | None


@dataclass(frozen=True)
class RequestForOthersPage(View):
    template = "volunteering/request_for_others.html"

    q: str
    people: list[PersonChoice]


@dataclass(frozen=True)
class RequestPage(View):
    template = "volunteering/request.html"
    tab = "volunteering"

    view: RequestView
    form: Filled[RequestActWish]
    may: frozenset[str]
    """What this reader may do now (RequestActKind)."""
    ranks: list[tuple[str, str]]
    helps: bool
    """The reader is the volunteer."""


@dataclass(frozen=True)
class TermsPage(View):
    template = "volunteering/terms.html"

    form: Filled[TermWish]
    lists: list[tuple[str, str, list[TermLine]]]
    """(of, title, words)."""


@router.get("/requests")
def show_requests(session: DbSession, actor: Resident, asked: AskedPage) -> RequestsPage:
    few = Asked(asked.secret, limit=FEW)
    none: Page[RequestCard] = Page(items=[])
    leads = policy.can_plan(actor)
    return RequestsPage(
        actor.frame,
        requests_of(session, actor, few, Whose.MINE),
        requests_of(session, actor, few, Whose.ASKED) if leads else none,
        requests_of(session, actor, few, Whose.UNDER_WAY) if leads else none,
        requests_of(session, actor, few, Whose.OPEN),
        requests_of(session, actor, few, Whose.CARED),
        satisfaction(session, actor.compound.id),
        leads,
        policy.can_act_for_others(actor),
    )


@router.get("/requests/list")
def show_request_list(session: DbSession, actor: Resident, asked: AskedPage, whose: Whose = Whose.OPEN) -> RequestListPage:
    return RequestListPage(actor.frame, list_names()[whose], whose, requests_of(session, actor, asked, whose))


@router.get("/requests/ask")
def show_ask(session: DbSession, actor: Resident, person: UUID | None = None) -> AskPage:
    """With `person`, for that neighbour."""
    if person:
        actor.need(Permission.ACT_FOR_OTHERS)
    return ask_page(session, actor, empty({"rank": Rank.ORDINARY, "person_id": person or ""}))


@router.post("/requests/ask")
def post_ask(session: DbSession, actor: Resident, request: Request, form: FilledRequest) -> Response:
    if form.wish is None:
        return ask_page(session, actor, form).reply(request, 422)
    try:
        made, _made = requesting.ask(session, actor, form.id, form.wish)
    except Malformed as no:
        return ask_page(session, actor, form.with_refusal(no)).reply(request, 422)
    return see_other(f"{actor.frame.base}/volunteering/requests/{made.id}", _("收到了，队长会尽快看。"))


@router.get("/requests/for-others")
def show_request_for_others(session: DbSession, actor: Officer, q: str = "") -> RequestForOthersPage:
    actor.need(Permission.ACT_FOR_OTHERS)
    return RequestForOthersPage(actor.frame, q[:60], find_people(session, actor.compound.id, q[:60]))


@router.get("/requests/{request_id}")
def show_request(session: DbSession, actor: Resident, request_id: UUID) -> RequestPage:
    return request_page(session, actor, request_for(session, actor, request_id), empty())


@router.post("/requests/{request_id}/acts")
def post_act(session: DbSession, actor: Resident, request: Request, request_id: UUID, form: FilledAct) -> Response:
    if form.wish is None:
        return request_page(session, actor, request_for(session, actor, request_id), form).reply(request, 422)
    done, _made = requesting.act(session, actor, request_id, form.id, form.wish)
    still_seen = done.state == "open" or policy.is_party_to(actor, done)
    here = f"/{done.id}" if still_seen else ""
    return see_other(f"{actor.frame.base}/volunteering/requests{here}", act_words()[form.wish.kind])


@router.get("/terms")
def show_terms(session: DbSession, actor: Officer) -> TermsPage:
    return terms_page(session, actor, empty())


@router.post("/terms")
def post_term(session: DbSession, actor: Officer, request: Request, form: FilledTerm) -> Response:
    policy.need_to_coordinate(actor)
    if form.wish is None:
        return terms_page(session, actor, form).reply(request, 422)
    terming.set_term(session, actor, form.wish)
    return see_other(f"{actor.frame.base}/volunteering/terms", _("改好了。"))


def ask_page(session: Session, actor: Actor, form: Filled[RequestWish]) -> AskPage:
    person_id = _whom(actor, form)
    other = session.get(Person, (actor.compound.id, person_id)) if person_id != actor.person_id else None
    return AskPage(
        actor.frame,
        form,
        offered(session, actor.compound.id, TermOf.REQUEST),
        rank_names(),
        homes_of(session, actor.compound.id, person_id),
        other.name if other else None,
    )


def _whom(actor: Actor, form: Filled[RequestWish]) -> UUID:
    """For whom the form is; a home is shown only to who may ask for somebody in it."""
    person_id = form.uuid_of("person_id")
    return person_id if person_id and policy.can_act_for_others(actor) else actor.person_id


def request_page(session: Session, actor: Actor, request: ServiceRequest, form: Filled[RequestActWish]) -> RequestPage:
    return RequestPage(
        actor.frame,
        view_of(session, actor, request),
        form,
        policy.steps_open_to(actor, request),
        rank_names(),
        actor.person_id == request.claimed_by_id,
    )


def terms_page(session: Session, actor: Actor, form: Filled[TermWish]) -> TermsPage:
    policy.need_to_coordinate(actor)
    titles = {TermOf.SKILL: _("特长"), TermOf.REQUEST: _("请人帮忙的事")}
    return TermsPage(actor.frame, form, [(of, title, terms_of(session, actor.compound.id, of)) for of, title in titles.items()])


def rank_names() -> list[tuple[str, str]]:
    return [(rank.value, _(says)) for rank, says in RANK_SAYS.items()]


def list_names() -> dict[Whose, str]:
    return {
        Whose.OPEN: _("等人帮忙的"),
        Whose.MINE: _("我请的和我接的"),
        Whose.CARED: _("我联系的户"),
        Whose.ASKED: _("等我确认的"),
        Whose.UNDER_WAY: _("正在帮的"),
        Whose.ENDED: _("办完的和没办的"),
    }


def act_words() -> dict[RequestActKind, str]:
    """What the next page says after a step."""
    return {
        RequestActKind.CONFIRMED: _("确认好了，邻居们看得到了。"),
        RequestActKind.DECLINED: _("已告诉对方。"),
        RequestActKind.CLAIMED: _("这一单是您的了。"),
        RequestActKind.RELEASED: _("好的，队长会另找人。"),
        RequestActKind.TAKEN_BACK: _("收回来了，邻居们又看得到了。"),
        RequestActKind.HELPED: _("谢谢您！等对方也确认。"),
        RequestActKind.RECEIVED: _("记下了，谢谢。"),
        RequestActKind.NOT_DONE: _("已告诉帮忙的人。"),
        RequestActKind.RATED: _("谢谢您的评价。"),
        RequestActKind.CANCELLED: _("取消了。"),
    }
