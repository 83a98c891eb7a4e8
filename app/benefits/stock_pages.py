"""The goods, for who hands them out: what is on which desk, why that is so, and every way to put it right."""

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.benefits import policy, stocking
from app.benefits.distribution_queries import (
    DistributionCard,
    StockCard,
    card_of,
    desks_of,
    distribution_for,
    item_for,
    stocks_of,
)
from app.benefits.schemas import DeskWish, StockCorrectionWish, StockMoveWish
from app.benefits.stock_models import Desk, DeskNameTaken, MoveKind
from app.benefits.stock_queries import MoveCard, as_it_stands, desk_for, move_for, moves_of
from app.kit.forms import Filled, changing, empty, filled
from app.kit.i18n import _, mark
from app.kit.pager import AskedPage, Page
from app.kit.refusals import NotAllowed, NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, prefix="/benefits/{id}/stock", include_in_schema=False)

FilledDesk = Annotated[Filled[DeskWish], filled(DeskWish)]
FilledMove = Annotated[Filled[StockMoveWish], filled(StockMoveWish)]
FilledCorrection = Annotated[Filled[StockCorrectionWish], filled(StockCorrectionWish)]


class Act(StrEnum):
    """What happened to goods, as people say it."""

    ARRIVED = "arrived"
    MOVED = "moved"
    SPOILED = "spoiled"
    FEWER = "fewer"
    MORE = "more"

    @property
    def kind(self) -> MoveKind:
        return MoveKind.COUNTED if self in (Act.FEWER, Act.MORE) else MoveKind(self.value)

    @property
    def leaves(self) -> bool:
        return self in (Act.MOVED, Act.SPOILED, Act.FEWER)

    @property
    def comes(self) -> bool:
        return self in (Act.ARRIVED, Act.MOVED, Act.MORE)


ACT_SAYS = {
    Act.ARRIVED: mark("到货了"),
    Act.MOVED: mark("换一个发放台"),
    Act.SPOILED: mark("坏了"),
    Act.FEWER: mark("点出来少了"),
    Act.MORE: mark("点出来多了"),
}


@dataclass(frozen=True)
class StockPage(View):
    """Of each item: its sum over all desks, and where there are several, each desk."""

    template = "benefits/stock.html"
    tab = "home"

    d: DistributionCard
    items: list[tuple[StockCard, list[StockCard]]]
    desks: list[tuple[UUID, str]]
    acts: list[tuple[Act, str]]
    form: Filled[DeskWish]
    can_hand_out: bool
    can_plan: bool


@dataclass(frozen=True)
class StockDeskPage(View):
    template = "benefits/stock_desk.html"

    d: DistributionCard
    name: str
    form: Filled[DeskWish]


@dataclass(frozen=True)
class StockItemPage(View):
    template = "benefits/stock_item.html"
    tab = "home"

    d: DistributionCard
    total: StockCard
    desks: list[StockCard]
    moves: Page[MoveCard]


@dataclass(frozen=True)
class StockMovePage(View):
    template = "benefits/stock_move.html"

    d: DistributionCard
    act: Act
    title: str
    items: list[tuple[UUID, str]]
    desks: list[tuple[UUID, str]]
    form: Filled[StockMoveWish]


@dataclass(frozen=True)
class StockMovedPage(View):
    template = "benefits/stock_moved.html"

    d: DistributionCard
    item: tuple[UUID, str]
    moves: list[MoveCard]
    """The move, and every correction of it."""
    stands: int
    """How many it was, as far as is known."""
    form: Filled[StockCorrectionWish]
    can_hand_out: bool


@router.get("")
def show_stock(session: DbSession, actor: Officer, id: UUID) -> StockPage:
    return stock_page(session, actor, id, empty())


@router.post("/desks")
def post_desk(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledDesk) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    actor.need(Permission.HAND_OUT)
    if form.wish is None:
        return stock_page(session, actor, id, form).reply(request, 422)
    stocking.add_desk(session, actor, id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}/stock", _("发放台加好了。"))


@router.get("/desks/{desk_id}")
def show_desk(session: DbSession, actor: Officer, id: UUID, desk_id: UUID) -> StockDeskPage:
    desk = desk_for(session, distribution_for(session, actor, id), desk_id)
    return desk_page(session, actor, id, desk, changing({"name": desk.name}, desk.version))


@router.post("/desks/{desk_id}")
def post_rename(session: DbSession, actor: Officer, request: Request, id: UUID, desk_id: UUID, form: FilledDesk) -> Response:
    desk = desk_for(session, distribution_for(session, actor, id), desk_id)
    if form.wish is None:
        return desk_page(session, actor, id, desk, form).reply(request, 422)
    try:
        stocking.rename_desk(session, actor, id, desk_id, form.version or 0, form.wish)
    except DeskNameTaken as no:
        return desk_page(session, actor, id, desk, form.with_problem("name", no.message)).reply(request, no.status)
    except Stale as no:
        mine = form.seen_again(desk.version, "name", f"{no.message}{_('现在叫：%(name)s。', name=desk.name)}")
        return desk_page(session, actor, id, desk, mine).reply(request, no.status)
    return see_other(f"{actor.frame.base}/benefits/{id}/stock", _("改好了。"))


@router.get("/items/{item_id}")
def show_item(session: DbSession, actor: Officer, asked: AskedPage, id: UUID, item_id: UUID) -> StockItemPage:
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    for total, desks in by_item(stocks_of(session, distribution)):
        if total.item_id == item_id:
            moves = moves_of(session, distribution, item_id, asked)
            return StockItemPage(actor.frame, card_of(session, distribution), total, desks, moves)
    raise NotFound


@router.get("/moves/{move_id}")
def show_one_move(session: DbSession, actor: Officer, id: UUID, move_id: UUID) -> StockMovedPage:
    return moved_page(session, actor, id, move_id, empty())


@router.post("/moves/{move_id}")
def post_correction(
    session: DbSession, actor: Officer, request: Request, id: UUID, move_id: UUID, form: FilledCorrection
) -> Response:
    actor.need(Permission.HAND_OUT)
    if form.wish is None:
        return moved_page(session, actor, id, move_id, form).reply(request, 422)
    made, _new = stocking.correct_move(session, actor, id, move_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}/stock/items/{made.item_id}", _("改好了，原来那一笔还在。"))


@router.get("/{act}")
def show_move(session: DbSession, actor: Officer, id: UUID, act: Act) -> StockMovePage:
    if not policy.can_hand_out(actor):
        raise NotAllowed
    desks = desks_of(session, distribution_for(session, actor, id))
    other = {"to_desk_id": desks[1].id} if act == Act.MOVED and len(desks) > 1 else {}
    return move_page(session, actor, id, act, empty(other))


@router.post("/{act}")
def post_move(session: DbSession, actor: Officer, request: Request, id: UUID, act: Act, form: FilledMove) -> Response:
    actor.need(Permission.HAND_OUT)
    if form.wish is None:
        return move_page(session, actor, id, act, form).reply(request, 422)
    stocking.move_stock(session, actor, id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}/stock/items/{form.wish.item_id}", _("登记好了。"))


def stock_page(session: Session, actor: Actor, id: UUID, form: Filled[DeskWish]) -> StockPage:
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    desks = desks_of(session, distribution)
    several = len(desks) > 1
    return StockPage(
        actor.frame,
        card_of(session, distribution),
        [(total, stocks if several else []) for total, stocks in by_item(stocks_of(session, distribution))],
        [(desk.id, desk.name) for desk in desks],
        [(act, _(says)) for act, says in ACT_SAYS.items() if several or act != Act.MOVED],
        form,
        policy.can_hand_out(actor),
        policy.can_plan(actor) and policy.can_hand_out(actor) and distribution.frozen_at is not None,
    )


def desk_page(session: Session, actor: Actor, id: UUID, desk: Desk, form: Filled[DeskWish]) -> StockDeskPage:
    actor.need(Permission.PLAN_BENEFIT)
    actor.need(Permission.HAND_OUT)
    return StockDeskPage(actor.frame, card_of(session, distribution_for(session, actor, id)), desk.name, form)


def by_item(stocks: list[StockCard]) -> list[tuple[StockCard, list[StockCard]]]:
    """Each item's sum, and its desks."""
    found = []
    for _id, group in groupby(stocks, lambda stock: stock.item_id):
        desks = list(group)
        sums = {name: sum(getattr(desk, name) for desk in desks) for name in ("received", "handed", "conflicted", "spoiled")}
        found.append((replace(desks[0], desk=_("合计"), **sums), desks))
    return found


def move_page(session: Session, actor: Actor, id: UUID, act: Act, form: Filled[StockMoveWish]) -> StockMovePage:
    distribution = distribution_for(session, actor, id)
    card = card_of(session, distribution)
    return StockMovePage(
        actor.frame,
        card,
        act,
        _(ACT_SAYS[act]),
        [(item.id, item.name) for item in card.goods],
        [(desk.id, desk.name) for desk in desks_of(session, distribution)],
        form,
    )


def moved_page(session: Session, actor: Actor, id: UUID, move_id: UUID, form: Filled[StockCorrectionWish]) -> StockMovedPage:
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    move = move_for(session, distribution, move_id)
    moves = as_it_stands(session, move)
    return StockMovedPage(
        actor.frame,
        card_of(session, distribution),
        (move.item_id, item_for(session, distribution, move.item_id).name),
        moves,
        sum(one.quantity for one in moves),
        form,
        policy.can_hand_out(actor) and move.corrects_id is None,
    )
