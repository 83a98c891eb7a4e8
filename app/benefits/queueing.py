"""Verbs of the queue: take a number, call one. Both hold the distribution's row lock: numbers have no gaps, none is given or
called twice; a UNIQUE index stands behind each.
"""

from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.delivery_queries import unit_called
from app.benefits.distribution_queries import distribution_to_change
from app.benefits.gift_queries import gifts_where
from app.benefits.models import Distribution
from app.benefits.plan_schemas import UnitWish
from app.benefits.queue_models import NobodyWaits, NoNumbersToday, NothingToQueueFor, QueueNumber
from app.benefits.queue_queries import highest, last_called, next_in_line, number_of, numbered, numbered_batches
from app.benefits.roll_models import Entitlement
from app.benefits.schemas import CallWish
from app.kit.refusals import NotFound


def take_number(session: Session, actor: Actor, distribution_id: UUID, wish: UnitWish) -> tuple[QueueNumber, bool]:
    """A unit's number of today, for one's own or by who hands out; the same one again, and whether this call took it.

    Raises NotFound (also a unit of somebody else), NoNumbersToday, NothingToQueueFor.
    """
    unit_id = unit_called(session, actor, wish.unit)
    distribution = distribution_to_change(session, actor, distribution_id)
    if before := number_of(session, distribution, unit_id):
        return before, False
    batches = numbered_batches(session, distribution)
    if not batches:
        raise NoNumbersToday
    gifts = gifts_where(session, distribution, col(Entitlement.unit_id) == unit_id)
    if not any(line.batch_id in batches for gift in gifts for line in gift.now):
        raise NothingToQueueFor
    made = QueueNumber(
        compound_id=distribution.compound_id,
        distribution_id=distribution.id,
        unit_id=unit_id,
        number=highest(session, distribution) + 1,
        taken_by_id=actor.person_id,
    )
    session.add(made)
    session.flush()
    on_record(session, actor, "number.taken", made.id)
    return made, True


def call_number(session: Session, actor: Actor, distribution_id: UUID, wish: CallWish) -> tuple[QueueNumber, Entitlement]:
    """Call the next one, or a number again; and what its unit is due. A tap that is sent twice calls the same number twice.

    Raises NotAllowed, NotFound (the number), NobodyWaits.
    """
    actor.need(Permission.HAND_OUT)
    distribution = distribution_to_change(session, actor, distribution_id)
    found = _meant(session, actor, distribution, wish)
    found.call(actor.person_id)
    session.flush()
    on_record(session, actor, "number.called", found.id)
    return found, _entitlement(session, found)


def _entitlement(session: Session, called: QueueNumber) -> Entitlement:
    """The unit's latest row, also where a correction has left it nothing: the line goes on."""
    of_unit = select(Entitlement).where(
        Entitlement.compound_id == called.compound_id,
        Entitlement.distribution_id == called.distribution_id,
        Entitlement.unit_id == called.unit_id,
    )
    return session.exec(of_unit.order_by(col(Entitlement.version).desc()).limit(1)).one()


def _meant(session: Session, actor: Actor, distribution: Distribution, wish: CallWish) -> QueueNumber:
    if wish.number is not None:
        again = numbered(session, distribution, wish.number)
        if again is None:
            raise NotFound
        return again
    mine = last_called(session, distribution, actor.person_id)
    if wish.seen is not None and mine and mine.number != wish.seen:
        return mine
    waiting = next_in_line(session, distribution)
    if waiting is None:
        raise NobodyWaits
    return waiting
