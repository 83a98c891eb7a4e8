"""Verbs of home delivery: ask for it, say who brings it, bring it back, take it back, end it with its plan.

Lock order as in `service`: the distribution first, so that an assignment and a claim at the door wait for each other. Nothing
of it stands in the public log: who cannot come is nobody's business.
"""

from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits import policy
from app.benefits.delivery_models import AlreadyAsked, Delivery, NobodyToDeliver, NothingToBring, OwnDelivery
from app.benefits.delivery_queries import (
    brings,
    delivery_for,
    delivery_of,
    has_something_to_bring,
    owns_unit,
    standing_deliveries,
    unit_called,
    volunteers,
)
from app.benefits.distribution_queries import distribution_to_change
from app.benefits.gift_queries import is_home_of, owners_of
from app.benefits.models import Distribution, DistributionClosed, NotEffective
from app.benefits.roll_models import Entitlement
from app.benefits.roll_queries import OF_ROLL
from app.benefits.schemas import AssignWish, DeliveryWish, ReturnWish
from app.inbox.service import send
from app.kit.clock import said_day, today
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, NotFound


def ask_for_delivery(
    session: Session, actor: Actor, distribution_id: UUID, id: UUID, wish: DeliveryWish
) -> tuple[Delivery, bool]:
    """For one's own unit, or by who hands out for any; and whether this call did it.

    Raises NotFound (also a unit that is due nothing), NotEffective, DistributionClosed, AlreadyAsked, SameIdOtherContent.
    """
    unit_id = unit_called(session, actor, wish.unit)
    distribution = distribution_to_change(session, actor, distribution_id)
    sent = digest(wish, actor.person_id, distribution_id)
    if before := already(session, Delivery, actor.compound.id, id, sent):
        return before, False
    if distribution.frozen_at is None:
        raise NotEffective
    if distribution.closed_at:
        raise DistributionClosed
    _entitlement(session, distribution, unit_id)
    if delivery_of(session, distribution, unit_id):
        raise AlreadyAsked
    made = Delivery(
        compound_id=actor.compound.id,
        id=id,
        distribution_id=distribution.id,
        unit_id=unit_id,
        reason=wish.reason,
        phone=wish.phone or "",
        asked_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(made)
    session.flush()
    on_record(session, actor, "delivery.asked", made.id)
    return made, True


def assign(session: Session, actor: Actor, distribution_id: UUID, wish: AssignWish) -> list[Delivery]:
    """Say who brings these, and on which day. That they may confirm these units' claims follows from it.

    Raises NotAllowed, NotFound (also one of another plan), NobodyToDeliver, OwnDelivery, NotDelivering, DayOver.
    """
    actor.need(Permission.HAND_OUT)
    distribution = distribution_to_change(session, actor, distribution_id)
    names = dict(volunteers(session, actor.compound.id))
    if wish.volunteer_id not in names:
        raise NobodyToDeliver
    deliveries = [delivery_for(session, actor, id) for id in dict.fromkeys(wish.deliveries)]
    for delivery in deliveries:
        if delivery.distribution_id != distribution.id:
            raise NotFound
        entitlement = _entitlement(session, distribution, delivery.unit_id)
        if is_home_of(session, wish.volunteer_id, entitlement, owners_of(session, entitlement)):
            raise OwnDelivery(name=names[wish.volunteer_id])
        delivery.assign(wish.volunteer_id, wish.deliver_on, actor.person_id)
        on_record(session, actor, "delivery.assigned", delivery.id)
    send(
        session,
        actor.compound.id,
        wish.volunteer_id,
        _("请您送货上门：%(n)s 户", n=len(deliveries)),
        _("%(title)s，%(day)s。", title=distribution.title, day=said_day(wish.deliver_on)),
        f"/benefits/{distribution.id}/route",
    )
    return deliveries


def bring_back(session: Session, actor: Actor, delivery_id: UUID, wish: ReturnWish) -> Delivery:
    """It was not delivered today, and waits for somebody again; by who brings it, or who hands out.

    Raises NotAllowed, NotFound, NotDelivering, NotOnItsWay, NothingToBring (it was signed for, at the door or at the table).
    """
    delivery = _to_change(session, actor, delivery_id)
    if not (policy.can_hand_out(actor) or brings(session, actor.person_id, delivery)):
        raise NotAllowed
    if delivery.deliver_on == today() and not has_something_to_bring(session, delivery):
        raise NothingToBring
    delivery.bring_back(wish.reason)
    on_record(session, actor, "delivery.returned", delivery.id)
    return delivery


def withdraw_delivery(session: Session, actor: Actor, delivery_id: UUID) -> Delivery:
    """They come after all; by the unit, or who hands out. Raises NotAllowed, NotFound, NotDelivering."""
    delivery = _to_change(session, actor, delivery_id)
    if not (policy.can_hand_out(actor) or owns_unit(session, actor, delivery.unit_id)):
        raise NotAllowed
    delivery.withdraw(actor.person_id)
    on_record(session, actor, "delivery.withdrawn", delivery.id)
    return delivery


def end_deliveries(session: Session, distribution: Distribution, by_id: UUID) -> None:
    """Nothing is handed out any more: nobody waits at home, and why they could not come is forgotten."""
    for delivery in standing_deliveries(session, distribution):
        delivery.withdraw(by_id)


def _to_change(session: Session, actor: Actor, delivery_id: UUID) -> Delivery:
    seen = delivery_for(session, actor, delivery_id)
    distribution_to_change(session, actor, seen.distribution_id)
    return delivery_for(session, actor, delivery_id)


def _entitlement(session: Session, distribution: Distribution, unit_id: UUID) -> Entitlement:
    """What the unit is due by the roll in force. Raises NotFound."""
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    found = session.scalars(select(Entitlement).where(OF_ROLL, col(Entitlement.unit_id) == unit_id), of_plan).one_or_none()
    if found is None:
        raise NotFound
    return found
