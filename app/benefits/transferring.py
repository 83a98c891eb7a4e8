"""The bank's answer, put down: of a list of transfers, which lines were paid. Those of a unit become a claim of its own.

Lock order as in `service`: distribution, books, numbers, log.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID, uuid5

from sqlmodel import Session

from app.access.actors import Actor
from app.access.record import on_record
from app.benefits import policy, service
from app.benefits.distribution_queries import distribution_to_change
from app.benefits.gift_queries import entitlement_for, owners_of
from app.benefits.models import Distribution
from app.benefits.schemas import TransferredWish, TransferWish
from app.benefits.transfer_models import Transfer, TransferBarred, TransferDiffers
from app.benefits.transfer_queries import ToMark, named_to_mark
from app.kit import events
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, NotFound


def mark_paid(session: Session, actor: Actor, distribution_id: UUID, id: UUID, wish: TransferWish) -> tuple[Transfer, bool]:
    """What the bank carried out becomes the claims of its units, all of them or none; False: an equal request did before.

    Raises NotAllowed, SecondFactorNeeded, NotFound (also a line), NotEffective, TransferDiffers, TransferBarred,
    DistributionClosed, SameIdOtherContent; TransferDiffers and TransferBarred before anything is written.
    """
    if not policy.can_transfer(actor):
        raise NotAllowed
    actor.need_second_factor()
    distribution = distribution_to_change(session, actor, distribution_id)
    sent = digest(wish, actor.person_id, distribution_id)
    if before := already(session, Transfer, actor.compound.id, id, sent):
        return before, False
    units = _by_unit(session, actor, distribution, wish)
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
    claims = {uuid5(id, str(entitlement_id)): entitlement_id for entitlement_id in units}
    for claim_id, entitlement_id in sorted(claims.items()):  # not in the roll's order: the public log would tell whose is whose
        owners = owners_of(session, entitlement_for(session, actor, entitlement_id))
        paid = TransferredWish(owner_id=owners[0].id if owners else None, lines=[line.id for line in units[entitlement_id]])
        service.confirm(session, actor, entitlement_id, claim_id, paid, transfer_id=made.id)
    events.tell(session, made.compound_id, "transfer.marked", distribution_id=distribution.id, transfer_id=made.id)
    on_record(session, actor, "transfer.marked", made.id)
    return made, True


def _by_unit(session: Session, actor: Actor, distribution: Distribution, wish: TransferWish) -> Mapping[UUID, list[ToMark]]:
    """The named lines, all of them as the list said. Raises NotFound, TransferDiffers, TransferBarred."""
    named = named_to_mark(session, actor, distribution, wish.lines)
    if len(named) < len(set(wish.lines)):
        raise NotFound
    listed: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    units: dict[UUID, list[ToMark]] = defaultdict(list)
    for line, there in named:
        listed[line.label] += line.amount_fen
        if there:
            left[line.label] += there.amount_fen
            units[line.entitlement_id].append(there)
    if differs := [label for label, fen in listed.items() if left[label] != fen]:
        raise TransferDiffers(
            units=_joined(
                _("%(unit)s 清单上 %(listed)s，现在 %(left)s", unit=label, listed=yuan(listed[label]), left=yuan(left[label]))
                for label in differs
            )
        )
    if barred := {lines[0].label: lines[0].barred for lines in units.values() if lines[0].barred}:
        raise TransferBarred(units=_joined(f"{label}（{why}）" for label, why in barred.items()))
    return units


def _joined(units: Iterable[str]) -> str:
    return _("；").join(units)
