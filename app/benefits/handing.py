"""Verbs of the table without signal: take in what a device reports, and settle what came too late.

Lock order as in `service`: distribution, stocks, books, numbers, log.
"""

from collections.abc import Sequence
from uuid import UUID, uuid5

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits import service, stocking
from app.benefits.claim_models import AlreadyClaimed, Authority, ClaimWay, NoAuthority, NotAnOwner, NotOfThisHousehold, OwnUnit
from app.benefits.distribution_queries import distribution_to_change
from app.benefits.gift_queries import entitlement_for, is_home_of, owners_of
from app.benefits.handover_models import (
    AlreadySettled,
    Handover,
    HandoverLine,
    NoConflict,
    Outcome,
    ReporterSettles,
    Settlement,
)
from app.benefits.handover_queries import handover_for, lines_in_conflict, settlement_of
from app.benefits.models import Distribution, DistributionClosed, NotBegun, NotEffective
from app.benefits.roll_models import Corrected, Entitlement, EntitlementLine, OnHold
from app.benefits.roll_queries import lines_of
from app.benefits.schemas import ClaimWish, HandoverWish, SettleWish, StockMoveWish
from app.benefits.stock_models import MoveKind, OutOfStock
from app.kit import events
from app.kit.clock import today
from app.kit.i18n import _, mark
from app.kit.once import already, digest
from app.kit.refusals import NotFound, Refusal
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.chart_models import Code
from app.treasury.journal import book

KEPT: dict[type[Refusal], str] = {
    AlreadyClaimed: mark("这一户先前已经领过"),
    OutOfStock: mark("发出的比登记的货多"),
    DistributionClosed: mark("报上来的时候已经收摊"),
    NotEffective: mark("公示还没有生效"),
    NotBegun: mark("还没有到开始发放的日子"),
    Corrected: mark("名册后来更正过"),
    OnHold: mark("这一户是先留着不发的"),
    OwnUnit: mark("发给了自己家"),
    NotAnOwner: mark("写的不是这一户现在的业主"),
    NoAuthority: mark("代领没有记下依据"),
    NotOfThisHousehold: mark("名册里没有这位家里人"),
}
"""What a claim may be refused for although the goods have left the table: the report is kept, in conflict."""

CONFLICT_SAYS = {refusal.__name__: says for refusal, says in KEPT.items()}


def report(session: Session, actor: Actor, id: UUID, wish: HandoverWish) -> tuple[Handover, bool]:
    """Take in one hand-over of a device that had no signal; and whether this call did it.

    Lines that nobody has claimed become their claim. The others, or all of them where a claim is refused, stay in conflict,
    and the stock of their desk counts their pieces as gone.

    Raises NotAllowed, NotFound (also an item or the desk), SameIdOtherContent, BooksNotOpen, MonthPublished, MonthClosed.
    """
    actor.need(Permission.HAND_OUT)
    entitlement = entitlement_for(session, actor, wish.entitlement_id)
    distribution = distribution_to_change(session, actor, entitlement.distribution_id)
    sent = digest(wish, actor.person_id)
    if before := already(session, Handover, actor.compound.id, id, sent):
        return before, False
    desk = service.desk_at(session, distribution, wish.desk_id)
    lines = [line for line in lines_of(session, entitlement.compound_id, [entitlement.id]).get(entitlement.id, ())
             if line.item_id in wish.items]  # fmt: skip
    if len(lines) < len(set(wish.items)):
        raise NotFound
    made = Handover(
        compound_id=actor.compound.id,
        id=id,
        distribution_id=distribution.id,
        entitlement_id=entitlement.id,
        desk_id=desk.id,
        way=wish.way,
        owner=wish.owner or "",
        proxy=wish.proxy_name or "",
        relation=wish.proxy_relation or "",
        authority=wish.authority or "",
        authority_note=wish.authority_note or "",
        signature=wish.signature or "",
        cash=wish.cash,
        device_at=wish.device_at,
        reported_by_id=actor.person_id,
        sent_sha256=sent,
    )
    free = [line.id for line in lines if line.owed]
    claim = _as_claim(session, entitlement, made, free or [line.id for line in lines])
    try:
        with session.connection().begin_nested():  # the connection's: a refusal comes before the session holds anything to undo
            service.claim(session, actor, entitlement.id, id, claim)
        made.conflict = AlreadyClaimed.__name__ if len(free) < len(lines) else ""
    except tuple(KEPT) as refused:
        made.conflict = type(refused).__name__
    session.add(made)
    session.flush()
    session.add_all(HandoverLine(compound_id=made.compound_id, handover_id=id, entitlement_line_id=line.id) for line in lines)
    session.flush()
    on_record(session, actor, "handover.reported", id)
    if made.conflict:
        _count_as_gone(session, actor, distribution, made)
        unit = commit_to(session, made.compound_id, entitlement.label)
        _tell(session, actor, made, "handover.conflicted", made.conflict, unit=unit)
    return made, True


def settle(session: Session, actor: Actor, handover_id: UUID, wish: SettleWish) -> Settlement:
    """Say what became of goods in conflict, once.

    Raises NotAllowed, SecondFactorNeeded, NotFound, NoConflict, AlreadySettled, ReporterSettles, OwnUnit; for what is written
    off also MonthClosed; for what is a claim after all what `service.claim` raises.
    """
    actor.need(Permission.VOID_CLAIM)
    actor.need_second_factor()
    handover = handover_for(session, actor, handover_id)
    distribution = distribution_to_change(session, actor, handover.distribution_id)
    if not handover.conflict:
        raise NoConflict
    if settlement_of(session, handover):
        raise AlreadySettled
    if handover.reported_by_id == actor.person_id:
        raise ReporterSettles
    entitlement = session.get_one(Entitlement, (handover.compound_id, handover.entitlement_id))
    if is_home_of(session, actor.person_id, entitlement, owners_of(session, entitlement)):
        raise OwnUnit
    lines = lines_in_conflict(session, handover)
    for line in lines:
        _shift(session, handover, line, -line.quantity)
    if wish.outcome == Outcome.WRITTEN_OFF:
        _write_off(session, actor, distribution, handover, lines, wish.words)
    if wish.outcome == Outcome.CLAIMED:
        claim = _as_claim(session, entitlement, handover, [line.id for line in lines])
        service.confirm(session, actor, entitlement.id, uuid5(handover.id, "claimed"), claim)
    made = Settlement(
        compound_id=handover.compound_id,
        handover_id=handover.id,
        outcome=wish.outcome,
        words=wish.words,
        settled_by_id=actor.person_id,
    )
    session.add(made)
    session.flush()
    _tell(session, actor, handover, "handover.settled", wish.outcome, words=commit_to(session, made.compound_id, wish.words))
    return made


def _as_claim(session: Session, entitlement: Entitlement, handover: Handover, lines: list[UUID]) -> ClaimWish:
    owner = next((person for person in owners_of(session, entitlement) if person.name == handover.owner), None)
    return ClaimWish(
        way=ClaimWay(handover.way),
        owner_id=owner.id if owner else None,
        proxy_name=handover.proxy or None,
        proxy_relation=handover.relation or None,
        authority=Authority(handover.authority) if handover.authority else None,
        authority_note=handover.authority_note or None,
        signature=handover.signature or None,
        ticked=handover.way == ClaimWay.TICK_WITH_WITNESS,
        lines=lines,
        desk_id=handover.desk_id,
        cash=handover.cash,
    )


def _count_as_gone(session: Session, actor: Actor, distribution: Distribution, handover: Handover) -> None:
    """More left a desk than were counted there: then more had been there, and a move says so."""
    for line in lines_in_conflict(session, handover):
        there = stocking.left_at(session, line.compound_id, line.item_id, handover.desk_id)
        if there is not None and there < line.quantity:
            more = StockMoveWish(
                item_id=line.item_id,
                kind=MoveKind.COUNTED,
                quantity=line.quantity - there,
                to_desk_id=handover.desk_id,
                reason=_("没信号时发出的比登记的多"),
            )
            stocking.move(session, actor, distribution, uuid5(handover.id, f"more {line.item_id}"), more)
        _shift(session, handover, line, line.quantity)


def _write_off(
    session: Session,
    actor: Actor,
    distribution: Distribution,
    handover: Handover,
    lines: Sequence[EntitlementLine],
    words: str,
) -> None:
    """Goods are spoiled at their desk, cash is gone from the box; money that would have been transferred never left."""
    for line in lines:
        if line.quantity:
            lost = StockMoveWish(
                item_id=line.item_id, kind=MoveKind.SPOILED, quantity=line.quantity, from_desk_id=handover.desk_id, reason=words
            )
            stocking.move(session, actor, distribution, uuid5(handover.id, f"lost {line.item_id}"), lost)
    fen = sum(line.amount_fen for line in lines if not line.quantity)
    if fen and handover.cash:
        memo = _("%(title)s：没信号时多发的现金", title=distribution.title)
        booked = [(distribution.account(Code.OTHER_EXPENSE), fen), (distribution.account(Code.CASH), -fen)]
        book(session, handover.compound_id, today(), memo, booked)


def _shift(session: Session, handover: Handover, line: EntitlementLine, quantity: int) -> None:
    """Into what is in conflict at the desk, or (< 0) out of it; of money there is none to move."""
    if quantity:
        moved = stocking.shift(session, handover.compound_id, line.item_id, handover.desk_id, "conflicted", quantity)
        assert moved, "counted under the distribution's lock"


def _tell(session: Session, actor: Actor, handover: Handover, act: str, what: str, **commits: str) -> None:
    """In public it is the plan, and what happened; the room and the words are commitments."""
    entry = Entry(
        type=act,
        compound_id=handover.compound_id,
        record_id=handover.id,
        commits=commits,
        facts={"distribution": str(handover.distribution_id), "what": what},
    )
    publish(session, handover.compound_id, lambda _index: entry.values())
    events.tell(session, handover.compound_id, act, handover_id=handover.id, distribution_id=handover.distribution_id)
    on_record(session, actor, act, handover.id)
