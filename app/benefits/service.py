"""Verbs at the table: claim, keep the signed paper, void.

Lock order: distribution, stock, books, numbers, log. A claim is unique while it is not voided (partial
UNIQUE), a parcel leaves the stock by a guarded UPDATE (CHECK behind it), and every claim settles its debt in the journal.
"""

from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.models import (
    AlreadyClaimed,
    BenefitKind,
    Claim,
    Distribution,
    Entitlement,
    NoPaperExpected,
    NotAnOwner,
    OutOfStock,
    OwnUnit,
    Stock,
)
from app.benefits.queries import (
    claim_for,
    distribution_to_change,
    effective_to_act,
    entitlement_for,
    is_home_of,
    live_claim,
    owners_of,
)
from app.benefits.schemas import ClaimWish, VoidWish
from app.compounds.models import Person
from app.compounds.numbers import next_number
from app.inbox.service import send
from app.kit import events
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.once import already, digest
from app.photos.models import Photo
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.chart_models import Code
from app.treasury.journal import book, lock_books, reverse
from app.treasury.models import JournalEntry


def claim(session: Session, actor: Actor, entitlement_id: UUID, id: UUID, wish: ClaimWish) -> tuple[Claim, bool]:
    """Hand one unit what it is due, once; and whether this call did it (False: an equal request did before).

    Raises NotAllowed, NotFound, DistributionClosed, NotEffective, NotBegun, OwnUnit, NotAnOwner, AlreadyClaimed,
    OutOfStock, SameIdOtherContent.
    """
    actor.need(Permission.HAND_OUT)
    entitlement = entitlement_for(session, actor, entitlement_id)
    distribution = distribution_to_change(session, actor, entitlement.distribution_id)
    sent = digest(wish, actor.person_id, entitlement_id)
    if before := already(session, Claim, actor.compound.id, id, sent):
        return before, False
    distribution.check_open(effective_to_act(session, distribution))
    owner = _owner(session, actor, entitlement, wish)
    if live_claim(session, entitlement):
        raise AlreadyClaimed
    _move_stock(session, distribution, entitlement.quantity)
    lock_books(session, distribution.compound_id)
    number = next_number(session, actor.compound.id, "claim")
    entry = book(
        session,
        distribution.compound_id,
        today(),
        _("%(title)s：签领 %(number)s 号", title=distribution.title, number=number),
        [(Code.OWED, entitlement.amount_fen), (_given_from(distribution), -entitlement.amount_fen)],
    )
    made = Claim(
        compound_id=actor.compound.id,
        id=id,
        distribution_id=distribution.id,
        entitlement_id=entitlement.id,
        year=today().year,
        number=number,
        way=wish.way,
        owner_id=owner.id if owner else None,
        collector=wish.proxy_name or (owner.name if owner else ""),
        relation=wish.proxy_relation or "",
        signature=wish.signature or "",
        officer_id=actor.person_id,
        entry_id=entry.id,
        sent_sha256=sent,
    )
    session.add(made)
    session.flush()
    _record(
        session,
        actor,
        made,
        "claim.made",
        unit=commit_to(session, made.compound_id, entitlement.label),
        collector=commit_to(session, made.compound_id, made.collector, of=None if wish.proxy_name else made.owner_id),
    )
    if owner:
        _tell(session, made, owner.id, distribution, _("%(title)s已领", title=distribution.title))
    return made, True


def void(session: Session, actor: Actor, claim_id: UUID, wish: VoidWish) -> Claim:
    """Take a wrong claim back: the parcel returns, the debt stands again, and the unit can still collect.

    Raises NotAllowed, SecondFactorNeeded, NotFound, OwnUnit (else one could collect twice), AlreadyVoided, SecondOfficerNeeded.
    """
    actor.need(Permission.VOID_CLAIM)
    actor.need_second_factor()
    seen = claim_for(session, actor, claim_id)
    distribution = distribution_to_change(session, actor, seen.distribution_id)
    wrong = claim_for(session, actor, claim_id)
    entitlement = session.get_one(Entitlement, (wrong.compound_id, wrong.entitlement_id))
    if is_home_of(session, actor.person_id, entitlement, owners_of(session, entitlement)):
        raise OwnUnit
    wrong.void(actor.person_id, wish.reason)
    _move_stock(session, distribution, -entitlement.quantity)
    reversal = reverse(
        session,
        session.get_one(JournalEntry, (wrong.compound_id, wrong.entry_id)),
        _("%(title)s：作废签领 %(number)s 号", title=distribution.title, number=wrong.number),
    )
    wrong.reversal_id = reversal.id
    session.flush()
    _record(session, actor, wrong, "claim.voided", reason=commit_to(session, wrong.compound_id, wish.reason))
    if wrong.owner_id:
        _tell(session, wrong, wrong.owner_id, distribution, _("%(title)s的签领作废了，可以再领", title=distribution.title))
    return wrong


def add_paper(session: Session, actor: Actor, claim_id: UUID, photo: Photo) -> Claim:
    """Put the photographed signature beside its claim. Raises NotAllowed, NotFound, NoPaperExpected."""
    actor.need(Permission.HAND_OUT)
    seen = claim_for(session, actor, claim_id)
    distribution_to_change(session, actor, seen.distribution_id)
    signed = claim_for(session, actor, claim_id)
    if signed.photo_id != photo.id:
        if not signed.lacks_paper:
            raise NoPaperExpected
        signed.photo_id = photo.id
        on_record(session, actor, "claim.paper-kept", signed.id)
    return signed


def _owner(session: Session, actor: Actor, entitlement: Entitlement, wish: ClaimWish) -> Person | None:
    """For whom: a co-owner of the unit. Only where the roster knows none is somebody else's name enough."""
    owners = owners_of(session, entitlement)
    if is_home_of(session, actor.person_id, entitlement, owners):
        raise OwnUnit
    owner = next((person for person in owners if person.id == wish.owner_id), None)
    if owner is None and (owners or wish.owner_id or wish.proxy_name is None):
        raise NotAnOwner
    return owner


_MOVE_STOCK = (
    update(Stock)
    .where(
        col(Stock.compound_id) == bindparam("in_compound"),
        col(Stock.distribution_id) == bindparam("of_distribution"),
        col(Stock.handed) + bindparam("quantity") <= col(Stock.received),
    )
    .values(handed=col(Stock.handed) + bindparam("quantity"))
    .returning(col(Stock.handed))
)


def _move_stock(session: Session, distribution: Distribution, quantity: int) -> None:
    """Guarded by its WHERE: true on both engines whatever was read before. Raises OutOfStock."""
    if distribution.kind == BenefitKind.MONEY:
        return
    given = {"in_compound": distribution.compound_id, "of_distribution": distribution.id, "quantity": quantity}
    if session.connection().execute(_MOVE_STOCK, given).first() is None:
        raise OutOfStock


def _given_from(distribution: Distribution) -> str:
    return Code.STOCK if distribution.kind == BenefitKind.GOODS else Code.BANK


def _record(session: Session, actor: Actor, claim: Claim, act: str, **commits: str) -> None:
    """In public a claim is its number and its way; the room and the name are commitments."""
    entry = Entry(
        type=act,
        compound_id=claim.compound_id,
        record_id=claim.id,
        commits=commits,
        facts={"distribution": str(claim.distribution_id), "number": f"{claim.year}-{claim.number}", "way": claim.way},
    )
    publish(session, claim.compound_id, lambda _index: entry.values())
    events.tell(session, claim.compound_id, act, claim_id=claim.id, distribution_id=claim.distribution_id)
    on_record(session, actor, act, claim.id)


def _tell(session: Session, claim: Claim, person_id: UUID, distribution: Distribution, title: str) -> None:
    who = _("%(name)s代领，关系：%(relation)s", name=claim.collector, relation=claim.relation) if claim.by_proxy else ""
    send(session, claim.compound_id, person_id, title, who, f"/benefits/{distribution.id}/code")
