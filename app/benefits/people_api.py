"""The programs' door for who cannot come, and who waits in line."""

from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from app.access.actors import Resident
from app.benefits import delivering, queueing
from app.benefits.delivery_models import Delivery
from app.benefits.delivery_queries import Stop, route_of
from app.benefits.distribution_queries import distribution_for
from app.benefits.gift_queries import entitlement_for
from app.benefits.models import Distribution
from app.benefits.plan_schemas import UnitWish
from app.benefits.queue_queries import place_of
from app.benefits.roll_models import Entitlement
from app.benefits.schemas import (
    AssignWish,
    CalledRead,
    CallWish,
    DeliveryList,
    DeliveryRead,
    DeliveryWish,
    QueueNumberRead,
    ReturnWish,
    RouteRead,
    StopRead,
)
from app.compounds.models import Unit
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction

router = APIRouter(route_class=OneTransaction, tags=["benefits"])


@router.put(
    "/distributions/{distribution_id}/deliveries/{id}",
    status_code=201,
    operation_id="put_delivery",
    summary="Have what a unit is due brought home",
)
def put_delivery(
    session: DbSession, actor: Resident, response: Response, distribution_id: UUID, id: UUID, wish: DeliveryWish
) -> DeliveryRead:
    """For one's own unit, or by who hands out."""
    delivery, made = delivering.ask_for_delivery(session, actor, distribution_id, id, wish)
    response.status_code = 201 if made else 200
    return _delivery(session, delivery)


@router.post("/distributions/{id}/assignments", operation_id="assign_deliveries", summary="Say who delivers, and on which day")
def post_assign(session: DbSession, actor: Resident, id: UUID, wish: AssignWish) -> DeliveryList:
    """That person may confirm the claims of these units on that day."""
    return DeliveryList(items=[_delivery(session, delivery) for delivery in delivering.assign(session, actor, id, wish)])


@router.post("/deliveries/{id}/return", operation_id="return_delivery", summary="It was not delivered, and waits again")
def post_return(session: DbSession, actor: Resident, id: UUID, wish: ReturnWish) -> DeliveryRead:
    return _delivery(session, delivering.bring_back(session, actor, id, wish))


@router.post("/deliveries/{id}/withdraw", operation_id="withdraw_delivery", summary="They come after all")
def post_withdraw(session: DbSession, actor: Resident, id: UUID) -> DeliveryRead:
    return _delivery(session, delivering.withdraw_delivery(session, actor, id))


@router.get("/distributions/{id}/route", operation_id="get_route", summary="What I deliver today")
def get_route(session: DbSession, actor: Resident, id: UUID) -> RouteRead:
    return RouteRead(items=[_stop(stop) for stop in route_of(session, actor, distribution_for(session, actor, id))])


@router.put(
    "/entitlements/{id}/queue-number",
    status_code=201,
    operation_id="take_queue_number",
    summary="Take the unit's number of today",
    responses={200: {"model": QueueNumberRead, "description": "It has one."}},
)
def put_number(session: DbSession, actor: Resident, response: Response, id: UUID) -> QueueNumberRead:
    entitlement = entitlement_for(session, actor, id)
    _number, made = queueing.take_number(session, actor, entitlement.distribution_id, UnitWish(unit=entitlement.label))
    response.status_code = 201 if made else 200
    return _place(session, entitlement)


@router.get("/entitlements/{id}/queue-number", operation_id="get_queue_number", summary="The unit's number of today")
def get_number(session: DbSession, actor: Resident, id: UUID) -> QueueNumberRead:
    return _place(session, entitlement_for(session, actor, id))


@router.post("/distributions/{id}/calls", operation_id="call_queue_number", summary="Call the next number, or one again")
def post_call(session: DbSession, actor: Resident, id: UUID, wish: CallWish) -> CalledRead:
    called, entitlement = queueing.call_number(session, actor, id, wish)
    return CalledRead(number=called.number, entitlement_id=entitlement.id, label=entitlement.label)


def _delivery(session: Session, delivery: Delivery) -> DeliveryRead:
    label = session.get_one(Unit, (delivery.compound_id, delivery.unit_id)).label
    return DeliveryRead.model_validate({**delivery.model_dump(), "label": label})


def _stop(stop: Stop) -> StopRead:
    return StopRead(
        id=stop.delivery.id,
        entitlement_id=stop.gift.id,
        label=stop.gift.label,
        building=stop.gift.building,
        entrance=stop.entrance,
        reason=stop.delivery.reason,
        phone=stop.delivery.phone,
        owners=stop.owners,
        items=stop.items,
        done=stop.done,
    )


def _place(session: Session, entitlement: Entitlement) -> QueueNumberRead:
    """Raises NotFound before one is taken."""
    distribution = session.get_one(Distribution, (entitlement.compound_id, entitlement.distribution_id))
    place = place_of(session, distribution, entitlement.unit_id)
    if place is None:
        raise NotFound
    return QueueNumberRead.model_validate(place, from_attributes=True)
