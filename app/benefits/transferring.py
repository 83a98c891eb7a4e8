"""The bank's answer, put down: of a list of transfers, which units were paid. Each becomes a claim of its own.

Lock order as in `service`: distribution, books, numbers, log.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID, uuid5

from sqlmodel import Session

from app.access.actors import Actor
from app.access.record import on_record
from app.benefits import policy, service
from app.benefits.distribution_queries import distribution_to_change
from app.benefits.gift_queries import entitlement_for, owners_of
from app.benefits.schemas import TransferredWish, TransferWish
from app.benefits.transfer_models import NothingToTransfer, Transfer
from app.benefits.transfer_queries import MoneyLeft, money_left
from app.kit import events
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed


def mark_paid(session: Session, actor: Actor, distribution_id: UUID, id: UUID, wish: TransferWish) -> tuple[Transfer, bool]:
    """What the bank carried out becomes the claims of its units, all of them or none; False: an equal request did before.

    Raises NotAllowed, SecondFactorNeeded, NotFound, NotEffective, NothingToTransfer, SameIdOtherContent, and for each unit what
    `service.claim` raises: OwnUnit, NotAnOwner (no owner is known), NotBegun, DistributionClosed.
    """
    if not policy.can_transfer(actor):
        raise NotAllowed
    actor.need_second_factor()
    distribution = distribution_to_change(session, actor, distribution_id)
    sent = digest(wish, actor.person_id, distribution_id)
    if before := already(session, Transfer, actor.compound.id, id, sent):
        return before, False
    units = _by_unit(money_left(session, distribution))
    if gone := [entitlement for entitlement in wish.entitlements if entitlement not in units]:
        labels = sorted(entitlement_for(session, actor, one).label for one in gone)
        raise NothingToTransfer(units="、".join(labels[:5]))
    made = Transfer(
        compound_id=actor.compound.id,
        id=id,
        distribution_id=distribution.id,
        reference=wish.reference,
        on_date=wish.on_date,
        marked_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(made)
    session.flush()
    for entitlement_id in dict.fromkeys(wish.entitlements):
        owners = owners_of(session, entitlement_for(session, actor, entitlement_id))
        paid = TransferredWish(owner_id=owners[0].id if owners else None, lines=[line.id for line in units[entitlement_id]])
        service.confirm(session, actor, entitlement_id, uuid5(id, str(entitlement_id)), paid, transfer_id=made.id)
    events.tell(session, made.compound_id, "transfer.marked", distribution_id=distribution.id, transfer_id=made.id)
    on_record(session, actor, "transfer.marked", made.id)
    return made, True


def _by_unit(left: Iterable[MoneyLeft]) -> dict[UUID, list[MoneyLeft]]:
    found: dict[UUID, list[MoneyLeft]] = defaultdict(list)
    for line in left:
        found[line.entitlement_id].append(line)
    return dict(found)
