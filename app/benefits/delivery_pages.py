"""Home delivery: asked for by the unit or for it, given to somebody for a day, and that person's route."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident
from app.access.permissions import Permission
from app.benefits import delivering, policy
from app.benefits.delivery_queries import DeliveryCard, Stop, deliveries_of, delivery_for, route_of, volunteers
from app.benefits.distribution_queries import DistributionCard, card_of, distribution_for
from app.benefits.schemas import AssignWish, DeliveryWish, ReturnWish
from app.kit.clock import today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledDelivery = Annotated[Filled[DeliveryWish], filled(DeliveryWish)]
FilledAssign = Annotated[Filled[AssignWish], filled(AssignWish)]
FilledReturn = Annotated[Filled[ReturnWish], filled(ReturnWish)]


@dataclass(frozen=True)
class AskPage(View):
    """For one's own unit, whose address stands in the form; an officer types it."""

    template = "benefits/delivery.html"

    d: DistributionCard
    form: Filled[DeliveryWish]
    can_hand_out: bool


@dataclass(frozen=True)
class DeliveriesPage(View):
    template = "benefits/deliveries.html"
    tab = "home"

    d: DistributionCard
    waiting: list[tuple[UUID, str, str]]
    """Each with its unit and what helps to choose."""
    assigned: list[DeliveryCard]
    volunteers: list[tuple[UUID, str]]
    form: Filled[AssignWish]


@dataclass(frozen=True)
class RoutePage(View):
    template = "benefits/route.html"

    d: DistributionCard
    stops: list[Stop]
    form: Filled[ReturnWish]


@router.get("/{id}/delivery")
def show_ask(session: DbSession, actor: Resident, id: UUID, unit: str = "") -> AskPage:
    return ask_page(session, actor, id, empty({"unit": unit[:60]}))


@router.post("/{id}/delivery")
def post_ask(session: DbSession, actor: Resident, request: Request, id: UUID, form: FilledDelivery) -> Response:
    if form.wish is None:
        return ask_page(session, actor, id, form).reply(request, 422)
    delivering.ask_for_delivery(session, actor, id, form.id, form.wish)
    there = "deliveries" if policy.can_hand_out(actor) else "code"
    return see_other(f"{actor.frame.base}/benefits/{id}/{there}", _("登记了，会有人送上门。"))


@router.get("/{id}/deliveries")
def show_deliveries(session: DbSession, actor: Officer, id: UUID) -> DeliveriesPage:
    if not policy.can_hand_out(actor):
        raise NotAllowed
    return deliveries_page(session, actor, id, empty({"deliver_on": today().isoformat()}))


@router.post("/{id}/deliveries")
def post_assign(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledAssign) -> Response:
    actor.need(Permission.HAND_OUT)
    if form.wish is None:
        return deliveries_page(session, actor, id, form).reply(request, 422)
    delivering.assign(session, actor, id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}/deliveries", _("派好了，通知发给送货的人了。"))


@router.get("/{id}/route")
def show_route(session: DbSession, actor: Resident, id: UUID) -> RoutePage:
    return route_page(session, actor, id, empty())


@router.post("/deliveries/{delivery_id}/return")
def post_return(session: DbSession, actor: Resident, request: Request, delivery_id: UUID, form: FilledReturn) -> Response:
    delivery = delivery_for(session, actor, delivery_id)
    if form.wish is None:
        return route_page(session, actor, delivery.distribution_id, form).reply(request, 422)
    delivering.bring_back(session, actor, delivery_id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{delivery.distribution_id}/route", _("记下了，会再安排人送。"))


@router.post("/deliveries/{delivery_id}/withdraw")
def post_withdraw(session: DbSession, actor: Resident, delivery_id: UUID) -> Response:
    delivery = delivering.withdraw_delivery(session, actor, delivery_id)
    there = "deliveries" if policy.can_hand_out(actor) else "code"
    return see_other(f"{actor.frame.base}/benefits/{delivery.distribution_id}/{there}", _("送货上门取消了。"))


def ask_page(session: Session, actor: Actor, id: UUID, form: Filled[DeliveryWish]) -> AskPage:
    return AskPage(actor.frame, card_of(session, distribution_for(session, actor, id)), form, policy.can_hand_out(actor))


def deliveries_page(session: Session, actor: Actor, id: UUID, form: Filled[AssignWish]) -> DeliveriesPage:
    distribution = distribution_for(session, actor, id)
    cards = deliveries_of(session, distribution)
    return DeliveriesPage(
        actor.frame,
        card_of(session, distribution),
        [(card.id, card.gift.label, card.hint) for card in cards if not card.volunteer],
        [card for card in cards if card.volunteer],
        volunteers(session, actor.compound.id),
        form,
    )


def route_page(session: Session, actor: Actor, id: UUID, form: Filled[ReturnWish]) -> RoutePage:
    distribution = distribution_for(session, actor, id)
    return RoutePage(actor.frame, card_of(session, distribution), route_of(session, actor, distribution), form)
