"""Verbs: plan, freeze and publish, receive stock, close the table and open it again."""

from hashlib import sha256
from secrets import randbelow
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.models import (
    AlreadyPublished,
    BenefitKind,
    Delivery,
    Distribution,
    DistributionState,
    Entitlement,
    NoStockKept,
    NotEffective,
    Stock,
)
from app.benefits.queries import Roll, distribution_to_change, roll_now, stairs_of_roll, state_of, stock_of
from app.benefits.schemas import DeliveryWish, DistributionWish
from app.compounds.numbers import next_number
from app.council.queries import decision_for
from app.kit import events
from app.kit.clock import now, today
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.once import already, digest
from app.notices.models import NoticeKind
from app.notices.service import publish_notice
from app.publiclog.canonical import Value, canonical
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.chart_models import Code
from app.treasury.journal import book


def plan(session: Session, actor: Actor, id: UUID, wish: DistributionWish) -> tuple[Distribution, bool]:
    """A draft that its planners see. Raises NotAllowed, SecondFactorNeeded, NotFound (the decision), SameIdOtherContent."""
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    sent = digest(wish, actor.person_id)
    if before := already(session, Distribution, actor.compound.id, id, sent):
        return before, False
    if wish.decision_id:
        decision_for(session, actor, wish.decision_id)
    asked = wish.model_dump(exclude={"amount", "unit_kinds", "goods"})
    distribution = Distribution(
        compound_id=actor.compound.id,
        id=id,
        year=today().year,
        number=next_number(session, actor.compound.id, "distribution"),
        asked_fen=wish.amount,
        unit_kinds=" ".join(wish.unit_kinds),
        goods=wish.goods or "",
        planned_by_id=actor.person_id,
        sent_sha256=sent,
        **asked,
    )
    session.add(distribution)
    events.tell(session, actor.compound.id, "distribution.planned", distribution_id=distribution.id)
    on_record(session, actor, "distribution.planned", distribution.id)
    return distribution, True


def freeze_and_publish(session: Session, actor: Actor, id: UUID) -> Distribution:
    """Freeze the roll as the roster stands today, open the objection period, and owe the sum to the units.

    Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, NobodyToGiveTo, NothingForSomebody, TotalTooLarge.
    """
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    distribution = distribution_to_change(session, actor, id)
    if distribution.frozen_at:
        raise AlreadyPublished
    roll = roll_now(session, distribution)
    distribution.frozen_at, distribution.record_on = now(), today()
    distribution.total_fen, distribution.total_area, distribution.units = roll.total_fen, roll.total_area, len(roll.lines)
    if distribution.kind == BenefitKind.GOODS:
        session.add(Stock(compound_id=distribution.compound_id, distribution_id=distribution.id))
    session.flush()
    codes = _codes(len(roll.lines))
    session.connection().execute(
        insert(Entitlement),
        [
            {
                "compound_id": distribution.compound_id,
                "id": new_id(),
                "distribution_id": distribution.id,
                "unit_id": line.unit_id,
                "position": position,
                "label": line.label,
                "building": line.building,
                "entrance": line.entrance,
                "area": line.area,
                "amount_fen": line.amount_fen,
                "quantity": int(distribution.kind == BenefitKind.GOODS),
                "code": code,
            }
            for position, (line, code) in enumerate(zip(roll.lines, codes, strict=True), start=1)
        ],
    )
    decision = decision_for(session, actor, distribution.decision_id) if distribution.decision_id else None
    book(
        session,
        distribution.compound_id,
        today(),
        _("%(title)s：计入应付福利", title=distribution.title),
        [(Code.BENEFITS, roll.total_fen), (Code.OWED, -roll.total_fen)],
        decision=decision,
    )
    publish_notice(
        session,
        actor,
        NoticeKind.DISTRIBUTION,
        distribution.title,
        f"/benefits/{distribution.id}",
        distribution.id,
        public_plan(distribution, roll, decision.reference if decision else None),
        decision_ref=decision.reference if decision else None,
    )
    _log_roll(session, distribution, roll)
    return distribution


def public_plan(distribution: Distribution, roll: Roll, decision_ref: str | None) -> dict[str, Value]:
    """What is published for ever: totals by entrance, never a room with its amount (DOMAIN §4)."""
    return {
        "v": 1,
        "number": distribution.reference,
        "title": distribution.title,
        "kind": distribution.kind,
        "goods": distribution.goods,
        "rule": distribution.rule,
        "asked_fen": distribution.asked_fen,
        "decision": decision_ref,
        "record_on": distribution.record_on.isoformat() if distribution.record_on else None,
        "place": distribution.place,
        "hours": distribution.hours,
        "from_on": distribution.from_on.isoformat(),
        "until_on": distribution.until_on.isoformat(),
        "total_fen": roll.total_fen,
        "total_area": roll.total_area,
        "units": len(roll.lines),
        "entrances": [
            {"building": s.building, "entrance": s.entrance, "units": s.units, "total_fen": s.total_fen}
            for s in stairs_of_roll(roll)
        ],
    }


def receive_stock(session: Session, actor: Actor, distribution_id: UUID, id: UUID, wish: DeliveryWish) -> tuple[Delivery, bool]:
    """Parcels arrived and were counted. Raises NotAllowed, NotFound, NoStockKept, NotEffective (a draft), SameIdOtherContent."""
    actor.need(Permission.HAND_OUT)
    distribution = distribution_to_change(session, actor, distribution_id)
    sent = digest(wish, actor.person_id, distribution_id)
    if before := already(session, Delivery, actor.compound.id, id, sent):
        return before, False
    stock = stock_of(session, distribution)
    if stock is None:
        raise NoStockKept if distribution.kind == BenefitKind.MONEY else NotEffective
    stock.received += wish.quantity
    delivery = Delivery(
        compound_id=actor.compound.id,
        id=id,
        distribution_id=distribution.id,
        quantity=wish.quantity,
        counted_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(delivery)
    events.tell(session, actor.compound.id, "stock.received", distribution_id=distribution.id, delivery_id=delivery.id)
    on_record(session, actor, "stock.received", delivery.id)
    return delivery, True


def close(session: Session, actor: Actor, id: UUID) -> Distribution:
    """No more handing out. What was not collected stays owed to its units. Raises NotAllowed, NotFound, NotEffective."""
    distribution = _to_turn(session, actor, id)
    if state_of(session, distribution) in (DistributionState.DRAFT, DistributionState.PUBLISHED):
        raise NotEffective
    if distribution.closed_at is None:
        distribution.closed_at = now()
        _turned(session, actor, distribution, "distribution.closed")
    return distribution


def reopen(session: Session, actor: Actor, id: UUID) -> Distribution:
    """For those who come late: a debt to a unit never lapses. Raises NotAllowed, NotFound."""
    distribution = _to_turn(session, actor, id)
    if distribution.closed_at is not None:
        distribution.closed_at = None
        _turned(session, actor, distribution, "distribution.reopened")
    return distribution


def _to_turn(session: Session, actor: Actor, id: UUID) -> Distribution:
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    return distribution_to_change(session, actor, id)


def _turned(session: Session, actor: Actor, distribution: Distribution, act: str) -> None:
    entry = Entry(
        type=act, compound_id=distribution.compound_id, record_id=distribution.id, facts={"number": distribution.reference}
    )
    publish(session, distribution.compound_id, lambda _index: entry.values())
    events.tell(session, distribution.compound_id, act, distribution_id=distribution.id)
    on_record(session, actor, act, distribution.id)


def _log_roll(session: Session, distribution: Distribution, roll: Roll) -> None:
    """The whole roll stands in the log as one commitment: it cannot be changed later, and nobody can read it there."""
    lines: list[Value] = [[line.label, line.area, line.amount_fen] for line in roll.lines]
    digest_of_roll = sha256(canonical(lines)).hexdigest()
    entry = Entry(
        type="roll.frozen",
        compound_id=distribution.compound_id,
        record_id=distribution.id,
        commits={"roll_sha256": commit_to(session, distribution.compound_id, digest_of_roll)},
        facts={"number": distribution.reference, "units": len(roll.lines), "total_fen": roll.total_fen},
    )
    publish(session, distribution.compound_id, lambda _index: entry.values())


def _codes(wanted: int) -> list[str]:
    """Different codes of eight digits, in an order that tells nothing."""
    found: dict[str, None] = {}
    while len(found) < wanted:
        found[f"{randbelow(10**8):08d}"] = None
    return list(found)
