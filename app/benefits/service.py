"""Verbs at the table: claim, keep the photos of its papers, void.

Lock order: distribution, stocks, books, numbers, log. A line is claimed once while its claim stands (partial UNIQUE), a piece
leaves the stock by a guarded UPDATE (CHECK behind it), and every claim settles its debt in the journal.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits import policy
from app.benefits.claim_models import (
    AlreadyClaimed,
    Authority,
    Claim,
    ClaimLine,
    ClaimPhoto,
    NoAuthority,
    NotAnOwner,
    NotOfThisHousehold,
    OwnUnit,
)
from app.benefits.delivery_models import Delivery
from app.benefits.distribution_queries import desks_of, distribution_to_change, effective_to_act, hold_of
from app.benefits.gift_queries import entitlement_for, household_of, is_home_of, my_stop, owners_of, running
from app.benefits.models import Distribution, NotBegun
from app.benefits.roll_models import Corrected, Entitlement, OnHold
from app.benefits.roll_queries import Line, lines_of, stands
from app.benefits.schemas import ClaimWish, VoidWish
from app.benefits.stock_models import Desk, OutOfStock
from app.benefits.stocking import shift
from app.benefits.table_queries import claim_for, claimed_lines, handed_in, is_own_home
from app.compounds.models import Person
from app.compounds.numbers import next_number
from app.inbox.service import send
from app.kit import events
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, NotFound
from app.photos.models import Photo
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.chart_models import Code
from app.treasury.journal import book, lock_books, reverse
from app.treasury.models import JournalEntry


def claim(session: Session, actor: Actor, entitlement_id: UUID, id: UUID, wish: ClaimWish) -> tuple[Claim, bool]:
    """Hand one unit lines of what it is due, each once; and whether this call did it (False: an equal request did before).

    At the table, or at the unit's door by who delivers it today. Raises NotAllowed, NotFound (also a line or the desk),
    DistributionClosed, NotEffective, NotBegun, Corrected, OnHold, OwnUnit, NotAnOwner, NoAuthority, NotOfThisHousehold,
    AlreadyClaimed, OutOfStock, SameIdOtherContent, BooksNotOpen, MonthPublished, MonthClosed.
    """
    stop = my_stop(session, actor, entitlement_id)
    if not policy.can_confirm(actor, stop):
        raise NotAllowed
    if stop:  # it may be another's by now: read it again behind the lock
        distribution_to_change(session, actor, stop.distribution_id)
        stop = my_stop(session, actor, entitlement_id)
        if not policy.can_confirm(actor, stop):
            raise NotAllowed
    return confirm(session, actor, entitlement_id, id, wish, stop=stop)


def confirm(
    session: Session,
    actor: Actor,
    entitlement_id: UUID,
    id: UUID,
    wish: ClaimWish,
    *,
    stop: Delivery | None = None,
    transfer_id: UUID | None = None,
) -> tuple[Claim, bool]:
    """The same, for a verb whose actor may do it for a reason of its own. `stop`: it is confirmed at the unit's door.
    `transfer_id`: the bank's list that it stands on.
    """
    entitlement = entitlement_for(session, actor, entitlement_id)
    distribution = distribution_to_change(session, actor, entitlement.distribution_id)
    sent = digest(wish, actor.person_id, entitlement_id)
    if before := already(session, Claim, actor.compound.id, id, sent):
        return before, False
    _check_due(session, distribution, entitlement)
    owner = _owner(session, actor, entitlement, wish)
    _check_authority(session, entitlement, wish)
    lines = _to_hand_out(session, entitlement, wish)
    desk = desk_at(session, distribution, wish.desk_id)
    for line in sorted(lines, key=lambda line: line.item_id):
        _move_stock(session, desk, line.item_id, line.quantity, line.name)
    number, entry = _settle(session, distribution, lines, Code.CASH if wish.cash else Code.BANK)
    made = Claim(
        compound_id=actor.compound.id,
        id=id,
        distribution_id=distribution.id,
        entitlement_id=entitlement.id,
        desk_id=desk.id,
        year=today().year,
        number=number,
        owner_id=owner.id if owner else None,
        collector=wish.proxy_name or (owner.name if owner else ""),
        delivery_id=stop.id if stop else None,
        transfer_id=transfer_id,
        officer_id=actor.person_id,
        entry_id=entry.id,
        sent_sha256=sent,
        **_signed(wish),
    )
    session.add(made)
    session.flush()
    session.add_all(ClaimLine(compound_id=made.compound_id, claim_id=made.id, entitlement_line_id=line.id) for line in lines)
    session.flush()
    _publish_claim(session, actor, made, entitlement)
    if owner:
        _tell(session, made, owner.id, distribution, _("%(title)s已领", title=distribution.title))
    return made, True


def void(session: Session, actor: Actor, claim_id: UUID, wish: VoidWish) -> Claim:
    """Take a wrong claim back: its pieces return, the debt stands again, and the unit can still collect.

    Raises what `voidable_claim` raises, BooksNotOpen, MonthPublished, MonthClosed.
    """
    seen = voidable_claim(session, actor, claim_id)
    distribution = distribution_to_change(session, actor, seen.distribution_id)
    wrong = voidable_claim(session, actor, claim_id)
    wrong.void(actor.person_id, wish.reason)
    desk = session.get_one(Desk, (wrong.compound_id, wrong.desk_id))
    for line in handed_in(session, wrong):
        _move_stock(session, desk, line.item_id, -line.quantity)
    session.connection().execute(_UNCLAIM, {"in_compound": wrong.compound_id, "of_claim": wrong.id})
    reversal = reverse(
        session,
        session.get_one(JournalEntry, (wrong.compound_id, wrong.entry_id)),
        _("%(title)s：作废一户签领", title=distribution.title),
    )
    wrong.reversal_id = reversal.id
    session.flush()
    _record(session, actor, wrong, "claim.voided", reason=commit_to(session, wrong.compound_id, wish.reason))
    if wrong.owner_id:
        _tell(session, wrong, wrong.owner_id, distribution, _("%(title)s的签领作废了，可以再领", title=distribution.title))
    return wrong


def voidable_claim(session: Session, actor: Actor, claim_id: UUID) -> Claim:
    """Asked before the form is filled, and again by the verb.

    Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyVoided, SecondOfficerNeeded, OwnUnit (else one could collect twice).
    """
    actor.need(Permission.VOID_CLAIM)
    actor.need_second_factor()
    claim = claim_for(session, actor, claim_id)
    claim.check_voidable(actor.person_id)
    if is_own_home(session, actor, claim):
        raise OwnUnit
    return claim


def add_photo(session: Session, actor: Actor, claim_id: UUID, what: ClaimPhoto, photo: Photo) -> Claim:
    """Put the photographed signature, or the proxy's slip, beside its claim: at the table, or by who confirmed it.

    Raises NotAllowed, NotFound, NoPhotoExpected.
    """
    seen = claim_for(session, actor, claim_id)
    if not policy.can_add_photo(actor, seen):
        raise NotAllowed
    distribution_to_change(session, actor, seen.distribution_id)
    signed = claim_for(session, actor, claim_id)
    if signed.photo_of(what) != photo.id:
        signed.keep(what, photo.id)
        on_record(session, actor, f"claim.{what}-kept", signed.id)
    return signed


def _check_due(session: Session, distribution: Distribution, entitlement: Entitlement) -> None:
    """That this row of the roll is handed out now. Raises Corrected, DistributionClosed, NotEffective, OnHold."""
    if not stands(session, entitlement):
        raise Corrected
    distribution.check_open(effective_to_act(session, distribution), entitlement.version)
    if hold := hold_of(session, distribution.compound_id, distribution.id, entitlement.unit_id):
        raise OnHold(basis=hold.basis)


def _owner(session: Session, actor: Actor, entitlement: Entitlement, wish: ClaimWish) -> Person | None:
    """For whom: a co-owner of the unit. Only where the roster knows none is somebody else's name enough."""
    owners = owners_of(session, entitlement)
    if is_home_of(session, actor.person_id, entitlement, owners):
        raise OwnUnit
    owner = next((person for person in owners if person.id == wish.owner_id), None)
    if owner is None and (owners or wish.owner_id or wish.proxy_name is None):
        raise NotAnOwner
    return owner


def _check_authority(session: Session, entitlement: Entitlement, wish: ClaimWish) -> None:
    """That somebody who is no owner may collect. Raises NoAuthority or NotOfThisHousehold."""
    if wish.lacks_authority:
        raise NoAuthority
    if wish.authority == Authority.HOUSEHOLD and wish.proxy_name not in household_of(session, entitlement):
        raise NotOfThisHousehold


def _to_hand_out(session: Session, entitlement: Entitlement, wish: ClaimWish) -> list[Line]:
    """The lines that were named, or all open ones of the batch that is running."""
    lines = lines_of(session, entitlement.compound_id, [entitlement.id])[entitlement.id]
    named = [line for line in lines if line.id in wish.lines]
    if len(named) < len(set(wish.lines)):
        raise NotFound
    claimed = claimed_lines(session, entitlement)
    left = [line for line in lines if line.id not in claimed]
    wanted = named or running(left)
    if any(line.from_on > today() for line in named or left) and (named or not wanted):
        raise NotBegun
    if not wanted or claimed.intersection(line.id for line in wanted):
        raise AlreadyClaimed
    return wanted


def desk_at(session: Session, distribution: Distribution, desk_id: UUID | None) -> Desk:
    """The first one where none is named. Raises NotFound."""
    for desk in desks_of(session, distribution):
        if desk_id in (desk.id, None):
            return desk
    raise NotFound


def _move_stock(session: Session, desk: Desk, item_id: UUID, quantity: int, name: str = "") -> None:
    """Raises OutOfStock. Of money there is none to move."""
    if quantity and not shift(session, desk.compound_id, item_id, desk.id, "handed", quantity):
        raise OutOfStock(item=name)


def _settle(session: Session, distribution: Distribution, lines: Sequence[Line], money: Code) -> tuple[int, JournalEntry]:
    """The claim's number, and the entry that ends its debt. Raises BooksNotOpen, MonthPublished, MonthClosed."""
    lock_books(session, distribution.compound_id)
    number = next_number(session, distribution.compound_id, "claim")
    memo = _("%(title)s：一户签领", title=distribution.title)  # in public: its number says who came before and after
    return number, book(session, distribution.compound_id, today(), memo, _settled(distribution, lines, money))


def _settled(distribution: Distribution, lines: Sequence[Line], money: Code) -> list[tuple[str, int]]:
    """The debt against what was given: goods out of stock, money from the bank or the cash box."""
    given = {
        Code.STOCK: sum(line.amount_fen for line in lines if line.quantity),
        money: sum(line.amount_fen for line in lines if not line.quantity),
    }
    sides = [(Code.OWED, sum(given.values())), *((code, -fen) for code, fen in given.items() if fen)]
    return [(distribution.account(code), fen) for code, fen in sides]


def _signed(wish: ClaimWish) -> dict[str, Any]:
    """How receipt was confirmed, and on what authority somebody else came."""
    said = {name: getattr(wish, name) or "" for name in ("authority", "authority_note", "signature")}
    return said | {"way": wish.way, "relation": wish.proxy_relation or ""}


_UNCLAIM = (
    update(ClaimLine)
    .where(col(ClaimLine.compound_id) == bindparam("in_compound"), col(ClaimLine.claim_id) == bindparam("of_claim"))
    .values(live=False)
)


def _publish_claim(session: Session, actor: Actor, claim: Claim, entitlement: Entitlement) -> None:
    private = {"unit": entitlement.label, "authority": claim.said_authority}
    _record(
        session,
        actor,
        claim,
        "claim.made",
        **{name: commit_to(session, claim.compound_id, said) for name, said in private.items() if said},
        collector=commit_to(session, claim.compound_id, claim.collector, of=None if claim.by_proxy else claim.owner_id),
    )


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
    who = ""
    if claim.by_proxy:
        who = _("%(name)s代领，关系：%(relation)s", name=claim.collector, relation=claim.relation)
        who += _("，") + _("依据：%(basis)s。", basis=claim.said_authority)
    send(session, claim.compound_id, person_id, title, who, f"/benefits/{distribution.id}/code")
