"""Verbs of whoever plans: write a plan and change it, leave units out with a reason, hold back with a basis."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.distribution_queries import (
    batches_of,
    distribution_to_change,
    exclusion_of,
    hold_of,
    items_of,
    writers_of,
)
from app.benefits.models import AlreadyExcluded, Batch, Distribution, Exclusion, Item, PlanApproval, PlanWriter
from app.benefits.plan_schemas import DistributionWish, UnitNoteWish, UnitWish
from app.benefits.roll_models import AlreadyOnHold, Hold
from app.compounds.models import Unit
from app.compounds.numbers import next_number
from app.council.queries import decision_for
from app.kit import events
from app.kit.clock import now, today
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.kit.versions import Stale
from app.treasury.chart_models import Fund, FundNotOpen
from app.treasury.chart_queries import funds_open
from app.treasury.journal import add_fund, lock_books


def plan(session: Session, actor: Actor, id: UUID, wish: DistributionWish) -> tuple[Distribution, bool]:
    """A draft that its planners see. Raises NotAllowed, SecondFactorNeeded, NotFound (the decision), FundNotOpen,
    SameIdOtherContent.
    """
    _may_plan(actor)
    sent = digest(wish, actor.person_id)
    if before := already(session, Distribution, actor.compound.id, id, sent):
        return before, False
    distribution = Distribution(
        compound_id=actor.compound.id,
        id=id,
        year=today().year,
        number=next_number(session, actor.compound.id, "distribution"),
        title=wish.title,
        fund=wish.fund,
        unit_kinds=" ".join(wish.unit_kinds),
        planned_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(distribution)
    _fill(session, actor, distribution, wish)
    events.tell(session, actor.compound.id, "distribution.planned", distribution_id=distribution.id)
    on_record(session, actor, "distribution.planned", distribution.id)
    return distribution, True


def change_plan(session: Session, actor: Actor, id: UUID, version: int, wish: DistributionWish) -> Distribution:
    """Other content under the same draft; whoever had signed it signs again.

    Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, Stale (`version` is not what stands there).
    """
    distribution = draft_to_change(session, actor, id, version)
    for row in (*items_of(session, distribution), *batches_of(session, distribution)):
        session.delete(row)
        session.flush()
    distribution.title, distribution.fund, distribution.unit_kinds = wish.title, wish.fund, " ".join(wish.unit_kinds)
    changed(session, actor, distribution)
    _fill(session, actor, distribution, wish)
    on_record(session, actor, "distribution.changed", distribution.id)
    return distribution


def draft_to_change(session: Session, actor: Actor, id: UUID, version: int | None) -> Distribution:
    """With its row locked; None: whatever stands there.

    Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, Stale (`version` is not what stands there).
    """
    _may_plan(actor)
    distribution = distribution_to_change(session, actor, id)
    distribution.check_draft()
    if version not in (None, distribution.edition):
        raise Stale
    return distribution


def changed(session: Session, actor: Actor, distribution: Distribution) -> None:
    """What it says is other than what was signed, and whoever wrote it now signs it no more."""
    distribution.changed()
    note_writer(session, actor, distribution)


def note_writer(session: Session, actor: Actor, distribution: Distribution) -> None:
    """The caller holds the distribution's row."""
    if actor.person_id not in writers_of(session, distribution):
        of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
        session.add(PlanWriter(**of_plan, person_id=actor.person_id))


def delete_plan(session: Session, actor: Actor, id: UUID, version: int | None) -> None:
    """A draft that is not wanted goes with all that was written for it; its number is not given again.

    Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, Stale.
    """
    distribution = draft_to_change(session, actor, id, version)
    on_record(session, actor, "distribution.deleted", distribution.id)
    for noun in (PlanApproval, PlanWriter, Exclusion, Hold, Item, Batch):
        of_plan = noun.compound_id == distribution.compound_id, noun.distribution_id == distribution.id
        for row in session.exec(select(noun).where(*of_plan)):
            session.delete(row)
        session.flush()
    session.delete(distribution)


def need_fund(session: Session, distribution: Distribution) -> None:
    """That its fund has the accounts that a gift needs. Raises FundNotOpen, BooksNotOpen."""
    if distribution.fund == Fund.PUBLIC_INCOME:
        return  # opened with the books, which a draft may come before
    if distribution.fund not in funds_open(session, distribution.compound_id):
        raise FundNotOpen
    lock_books(session, distribution.compound_id)
    add_fund(session, distribution.compound_id, Fund(distribution.fund))


def exclude(session: Session, actor: Actor, id: UUID, wish: UnitNoteWish) -> tuple[Exclusion, bool]:
    """Leave a unit out of the roll that is still to be published, with the reason that its owners read; and whether this call
    did it.

    Raises NotAllowed, SecondFactorNeeded, NotFound (also the unit), AlreadyExcluded (for another reason).
    """
    distribution, unit = _about(session, actor, id, wish)
    before = exclusion_of(session, distribution, unit)
    if before:
        if before.reason != wish.why:
            raise AlreadyExcluded
        return before, False
    made = Exclusion(
        compound_id=unit.compound_id,
        distribution_id=distribution.id,
        unit_id=unit.id,
        reason=wish.why,
        excluded_by_id=actor.person_id,
    )
    session.add(made)
    changed(session, actor, distribution)
    on_record(session, actor, "distribution.excluded", made.id)
    return made, True


def include(session: Session, actor: Actor, id: UUID, wish: UnitWish) -> None:
    """Take an exclusion back. Raises NotAllowed, SecondFactorNeeded, NotFound."""
    distribution, unit = _about(session, actor, id, wish)
    found = exclusion_of(session, distribution, unit)
    if found is None:
        raise NotFound
    session.delete(found)
    changed(session, actor, distribution)
    on_record(session, actor, "distribution.included", found.id)


def hold(session: Session, actor: Actor, id: UUID, wish: UnitNoteWish) -> tuple[Hold, bool]:
    """Keep what a unit is due for it without handing it out, on a basis that its owners read.

    Raises NotAllowed, SecondFactorNeeded, NotFound (also the unit), AlreadyOnHold (on another basis).
    """
    distribution, unit = _about(session, actor, id, wish)
    before = hold_of(session, distribution.compound_id, distribution.id, unit.id)
    if before:
        if before.basis != wish.why:
            raise AlreadyOnHold
        return before, False
    made = Hold(
        compound_id=unit.compound_id,
        distribution_id=distribution.id,
        unit_id=unit.id,
        basis=wish.why,
        held_by_id=actor.person_id,
    )
    session.add(made)
    on_record(session, actor, "hold.placed", made.id)
    return made, True


def lift(session: Session, actor: Actor, id: UUID, wish: UnitWish) -> None:
    """Give a unit back what was held. Raises NotAllowed, SecondFactorNeeded, NotFound."""
    distribution, unit = _about(session, actor, id, wish)
    held = hold_of(session, distribution.compound_id, distribution.id, unit.id)
    if held is None:
        raise NotFound
    held.lifted_at, held.lifted_by_id = now(), actor.person_id
    on_record(session, actor, "hold.lifted", held.id)


def _may_plan(actor: Actor) -> None:
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()


def _about(session: Session, actor: Actor, id: UUID, wish: UnitWish) -> tuple[Distribution, Unit]:
    """The plan with its row locked, and one unit. Raises NotAllowed, SecondFactorNeeded, NotFound."""
    _may_plan(actor)
    distribution = distribution_to_change(session, actor, id)
    unit = session.exec(select(Unit).where(Unit.compound_id == actor.compound.id, Unit.label == wish.unit)).one_or_none()
    if unit is None:
        raise NotFound
    return distribution, unit


def _fill(session: Session, actor: Actor, distribution: Distribution, wish: DistributionWish) -> None:
    """Decision, batches and items. Raises NotFound (the decision), FundNotOpen."""
    distribution.decision_id = decision_for(session, actor, wish.decision_id).id if wish.decision_id else None
    need_fund(session, distribution)
    of: dict[str, Any] = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    session.flush()
    batches = [
        Batch(**of, position=position, **batch.model_dump(exclude={"name"}), name=batch.name or "")
        for position, batch in enumerate(wish.batches, 1)
    ]
    session.add_all(batches)
    session.flush()
    session.add_all(
        Item(
            **of,
            batch_id=batches[item.batch - 1].id,
            position=position,
            **item.columns(),
        )
        for position, item in enumerate(wish.items, 1)
    )
    session.flush()
