"""What there is to see of home delivery: who waits for it, and a volunteer's route of today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor, resident
from app.benefits import policy
from app.benefits.claim_models import Claim
from app.benefits.delivery_models import Delivery
from app.benefits.distribution_queries import distribution_for
from app.benefits.gift_queries import IS_SEATED, Gift, gifts_where, owners_of, routes_today
from app.benefits.models import Distribution
from app.benefits.roll_models import Entitlement
from app.benefits.roll_queries import IN_FORCE
from app.compounds.models import Ownership, Person, Seat, Unit
from app.compounds.terms import holds
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.records import columns, pointing
from app.kit.refusals import NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class DeliveryCard:
    """`volunteer`: who has it today or later; "" where it waits for somebody. `left`: who had it holds no seat any more."""

    id: UUID
    reason: str
    phone: str
    volunteer: str
    deliver_on: date | None
    left: bool
    returned_because: str
    gift: Gift

    @property
    def hint(self) -> str:
        """What is to be brought, and what whoever goes there should know."""
        back = _("上次没送到：%(why)s", why=self.returned_because) if self.returned_because else ""
        left = _("原来派的人现在没有任职了") if self.left else ""
        return _("，").join(filter(None, (*(line.said for line in self.gift.now), self.reason, self.phone, back, left)))


@dataclass(frozen=True, slots=True)
class Stop:
    """One door of a route. `done`: its claim was confirmed there."""

    delivery: Delivery
    gift: Gift
    entrance: str
    owners: list[str]
    done: bool

    @property
    def items(self) -> list[str]:
        return [line.said for line in self.gift.now]


def delivery_for(session: Session, actor: Actor, id: UUID) -> Delivery:
    """For its unit's owners, for who hands out, and for who brings it, while they hold a seat. Raises NotFound."""
    delivery = session.get(Delivery, (actor.compound.id, id), populate_existing=True)
    if delivery is None or not (
        policy.can_hand_out(actor) or brings(session, actor.person_id, delivery) or owns_unit(session, actor, delivery.unit_id)
    ):
        raise NotFound
    distribution_for(session, actor, delivery.distribution_id)
    return delivery


def unit_called(session: Session, actor: Actor, label: str) -> UUID:
    """One's own unit; any, for who hands out. Raises NotFound for absent and foreign alike."""
    unit_id = session.exec(select(Unit.id).where(Unit.compound_id == actor.compound.id, Unit.label == label)).one_or_none()
    if unit_id is None or not (policy.can_hand_out(actor) or owns_unit(session, actor, unit_id)):
        raise NotFound
    return unit_id


def owns_unit(session: Session, actor: Actor, unit_id: UUID) -> bool:
    mine = {"compound_id": actor.compound.id, "unit_id": unit_id, "person_id": actor.person_id}
    return session.execute(_OWNS, mine).first() is not None


_OWNS = columns(Ownership.id).where(
    Ownership.compound_id == bindparam("compound_id"),
    Ownership.unit_id == bindparam("unit_id"),
    Ownership.person_id == bindparam("person_id"),
    holds(Ownership),
)

_DELIVERIES = select(Delivery).where(
    Delivery.compound_id == bindparam("compound_id"),
    Delivery.distribution_id == bindparam("distribution_id"),
    col(Delivery.withdrawn_at).is_(None),
)


def standing_deliveries(session: Session, distribution: Distribution) -> Sequence[Delivery]:
    """Those that are not withdrawn, whether there is anything to bring today or not."""
    return session.scalars(_DELIVERIES, _of(distribution)).all()


def deliveries_of(session: Session, distribution: Distribution) -> list[DeliveryCard]:
    """Of units that can be brought something today, in the order of the roll."""
    found = {d.unit_id: d for d in standing_deliveries(session, distribution)}
    names = dict(volunteers(session, distribution.compound_id))
    cards = []
    for gift in _gifts(session, distribution, found):
        d = found[gift.unit_id]
        ahead = d.volunteer_id if d.is_ahead else None
        left = ahead is not None and ahead not in names
        if gift.now:
            who = names.get(ahead, "") if ahead else ""
            cards.append(DeliveryCard(d.id, d.reason, d.phone, who, d.deliver_on, left, d.returned_because, gift))
    return cards


def delivery_of(session: Session, distribution: Distribution, unit_id: UUID) -> Delivery | None:
    """The one that stands."""
    return session.scalars(_DELIVERIES.where(Delivery.unit_id == unit_id), _of(distribution)).one_or_none()


def route_of(session: Session, actor: Actor, distribution: Distribution) -> list[Stop]:
    """What the actor brings today: by building, entrance and room."""
    mine = _DELIVERIES.where(Delivery.volunteer_id == actor.person_id, Delivery.deliver_on == today(), IS_SEATED)
    stops = {d.unit_id: d for d in session.scalars(mine, _of(distribution))}
    done = set(
        session.exec(
            select(Claim.delivery_id).where(
                Claim.compound_id == distribution.compound_id,
                col(Claim.delivery_id).in_([d.id for d in stops.values()]),
                col(Claim.voided_at).is_(None),
            )
        )
    )
    found = []
    for gift in _gifts(session, distribution, stops):
        delivery = stops[gift.unit_id]
        entitlement = session.get_one(Entitlement, (delivery.compound_id, gift.id))
        owners = [person.name for person in owners_of(session, entitlement)]
        if gift.now or delivery.id in done:
            found.append(Stop(delivery, gift, entitlement.entrance, owners, not gift.now))
    return found


def giver(session: Session, request: Request) -> Visitor:
    """Who hands out at the table, or on a route today: asked before a picture is read. Raises NotAllowed."""
    actor = resident(session, request)
    if not policy.can_hand_out(actor) and not routes_today(session, actor):
        raise NotAllowed
    return actor


def volunteers(session: Session, compound_id: UUID) -> list[tuple[UUID, str]]:
    """Who may be asked to bring something: whoever holds a seat today, in the volunteer team or in an office."""
    rows = session.exec(
        select(Person.id, Person.name)
        .join(Seat, pointing(Seat, "person_id", Person))
        .where(Person.compound_id == compound_id, holds(Seat))
        .distinct()
        .order_by(col(Person.name))
    )
    return [(id, name) for id, name in rows]


def brings(session: Session, person_id: UUID, delivery: Delivery) -> bool:
    """Whether it is given to them, and they hold a seat today."""
    return delivery.volunteer_id == person_id and person_id in dict(volunteers(session, delivery.compound_id))


def has_something_to_bring(session: Session, delivery: Delivery) -> bool:
    """Whether its unit can be handed something today."""
    distribution = session.get_one(Distribution, (delivery.compound_id, delivery.distribution_id))
    return any(gift.now for gift in _gifts(session, distribution, [delivery.unit_id]))


def who_brings(session: Session, delivery: Delivery | None) -> str:
    """Their name, today or later; "" where it waits for somebody."""
    if delivery is None or not delivery.is_ahead:
        return ""
    return next((name for id, name in volunteers(session, delivery.compound_id) if id == delivery.volunteer_id), "")


def _gifts(session: Session, distribution: Distribution, units: Any) -> list[Gift]:
    return gifts_where(session, distribution, and_(col(Entitlement.unit_id).in_(list(units)), IN_FORCE))


def _of(distribution: Distribution) -> dict[str, UUID]:
    return {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
