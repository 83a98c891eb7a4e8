"""Verbs on one part of a draft at a time, as its page offers them: the header, an item with its list, a batch.

Whoever had signed the plan signs again, as after `planning.change_plan`.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.distribution_queries import batches_of, distribution_to_change, item_for, items_of, listed_item_for
from app.benefits.draft_schemas import HeadWish, ItemForm
from app.benefits.models import Batch, BatchInUse, Distribution, Item, LastOfPlan, ShareRule, UnknownUnits
from app.benefits.plan_schemas import MOST_BATCHES, MOST_ITEMS, BatchWish
from app.benefits.planning import changed, draft_to_change, need_fund
from app.benefits.rolling import units_in_order
from app.council.queries import decision_for
from app.kit.i18n import _
from app.kit.refusals import Malformed, NotFound, SameIdOtherContent
from app.kit.versions import Stale


def change_head(session: Session, actor: Actor, id: UUID, version: int | None, wish: HeadWish) -> Distribution:
    """Raises NotAllowed, SecondFactorNeeded, NotFound (also the decision), AlreadyPublished, Stale, FundNotOpen."""
    distribution = _known(session, actor, id, version)
    distribution.title, distribution.fund, distribution.unit_kinds = wish.title, wish.fund, " ".join(wish.unit_kinds)
    _decide(session, actor, distribution, wish.decision_id)
    need_fund(session, distribution)
    _changed(session, actor, distribution)
    return distribution


def add_item(session: Session, actor: Actor, id: UUID, item_id: UUID, wish: ItemForm) -> Item:
    """Sent twice it is there once.

    Raises NotAllowed, SecondFactorNeeded, NotFound (also its batch or the decision), AlreadyPublished, Malformed (too many),
    SameIdOtherContent.
    """
    distribution = draft_to_change(session, actor, id, None)
    before = items_of(session, distribution)
    if made := next((item for item in before if item.id == item_id), None):
        asked = wish.columns() | {"batch_id": wish.batch_id}
        terms = asked.pop("terms")  # a list may have come to it since
        if terms.items() <= made.terms.items() and all(getattr(made, name) == said for name, said in asked.items()):
            return made
        raise SameIdOtherContent(at=f"/benefits/{id}/items/{item_id}")
    if len(before) >= MOST_ITEMS:
        raise Malformed((("/body/name", "too_many", _("最多 %(n)s 样。", n=MOST_ITEMS)),))
    item = Item(
        compound_id=distribution.compound_id,
        id=item_id,
        distribution_id=distribution.id,
        batch_id=batch_for(session, distribution, wish.batch_id).id,
        position=max((item.position for item in before), default=0) + 1,
        **wish.columns(),
    )
    session.add(item)
    _by_decision(session, actor, distribution, wish)
    _changed(session, actor, distribution)
    return item


def change_item(session: Session, actor: Actor, id: UUID, item_id: UUID, version: int | None, wish: ItemForm) -> Item:
    """It keeps its list as long as it goes by it, and stays money or goods.

    Raises NotAllowed, SecondFactorNeeded, NotFound (also its batch or the decision), AlreadyPublished, Stale.
    """
    distribution = _known(session, actor, id, version)
    item = item_for(session, distribution, item_id)
    if item.kind != wish.kind:
        raise NotFound
    kept = {name: said for name, said in item.terms.items() if name in ("persons", "listed") and item.rule == wish.rule}
    item.batch_id = batch_for(session, distribution, wish.batch_id).id
    for name, value in wish.columns().items():
        setattr(item, name, value)
    item.terms = item.terms | kept
    _by_decision(session, actor, distribution, wish)
    _changed(session, actor, distribution)
    return item


def remove_item(session: Session, actor: Actor, id: UUID, item_id: UUID, version: int | None) -> None:
    """Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, Stale, LastOfPlan."""
    distribution = _known(session, actor, id, version)
    item = item_for(session, distribution, item_id)
    if len(items_of(session, distribution)) == 1:
        raise LastOfPlan
    session.delete(item)
    _changed(session, actor, distribution)


def keep_list(session: Session, actor: Actor, id: UUID, item_id: UUID, version: int | None, listed: Mapping[str, int]) -> Item:
    """By unit label how many persons, fen or pieces, in place of the list before. Of a published plan it shows in the roll once a
    correction is published. What stands there already is kept whatever `version` was seen.

    Raises NotAllowed, SecondFactorNeeded, NotFound (also where the item goes by no list), UnknownUnits, Stale.
    """
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    distribution = distribution_to_change(session, actor, id)
    item = listed_item_for(session, distribution, item_id)
    if unknown := set(listed).difference(unit.label for unit in units_in_order(session, distribution)):
        raise UnknownUnits(units="、".join(sorted(unknown)[:5]))
    if item.listed == dict(listed):
        return item
    if version != distribution.edition:
        raise Stale
    name = "persons" if item.rule == ShareRule.PER_PERSON else "listed"
    item.terms = {**item.terms, name: dict(listed)}
    _changed(session, actor, distribution)
    return item


def add_batch(session: Session, actor: Actor, id: UUID, batch_id: UUID, wish: BatchWish) -> Batch:
    """Sent twice it is there once. Where there are several, one without a name is called by its number.

    Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, Malformed (too many, a name twice), SameIdOtherContent.
    """
    distribution = draft_to_change(session, actor, id, None)
    before = batches_of(session, distribution)
    if made := next((batch for batch in before if batch.id == batch_id), None):
        if all(getattr(made, name) == said for name, said in wish.model_dump(exclude={"name"}).items()):
            return made
        raise SameIdOtherContent(at=f"/benefits/{id}/batches/{batch_id}")
    if len(before) >= MOST_BATCHES:
        raise Malformed((("/body/name", "too_many", _("最多 %(n)s 批。", n=MOST_BATCHES)),))
    batch = Batch(
        compound_id=distribution.compound_id,
        id=batch_id,
        distribution_id=distribution.id,
        position=max(batch.position for batch in before) + 1,
        **wish.model_dump() | {"name": _name(before, batch_id, wish)},
    )
    session.add(batch)
    _changed(session, actor, distribution)
    return batch


def change_batch(session: Session, actor: Actor, id: UUID, batch_id: UUID, version: int | None, wish: BatchWish) -> Batch:
    """Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, Stale, Malformed (a name twice)."""
    distribution = _known(session, actor, id, version)
    batch = batch_for(session, distribution, batch_id)
    told = wish.model_dump() | {"name": _name(batches_of(session, distribution), batch_id, wish)}
    for name, value in told.items():
        setattr(batch, name, value)
    _changed(session, actor, distribution)
    return batch


def remove_batch(session: Session, actor: Actor, id: UUID, batch_id: UUID, version: int | None) -> None:
    """Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, Stale, LastOfPlan, BatchInUse."""
    distribution = _known(session, actor, id, version)
    batch = batch_for(session, distribution, batch_id)
    if len(batches_of(session, distribution)) == 1:
        raise LastOfPlan
    of_batch = Item.compound_id == batch.compound_id, col(Item.batch_id) == batch.id
    if session.exec(select(func.count()).select_from(Item).where(*of_batch)).one():
        raise BatchInUse
    session.delete(batch)
    _changed(session, actor, distribution)


def _known(session: Session, actor: Actor, id: UUID, version: int | None) -> Distribution:
    """The draft that its form was drawn from; a form without a version is of none."""
    distribution = draft_to_change(session, actor, id, version)
    if version is None:
        raise Stale
    return distribution


def batch_for(session: Session, distribution: Distribution, id: UUID) -> Batch:
    batch = session.get(Batch, (distribution.compound_id, id))
    if batch is None or batch.distribution_id != distribution.id:
        raise NotFound
    return batch


def _name(batches: Sequence[Batch], id: UUID, wish: BatchWish) -> str:
    """What a batch is called: of several each has a name of its own. Raises Malformed, before it names any."""
    others = [(batch, batch.name or _("第%(n)s批", n=n)) for n, batch in enumerate(batches, 1) if batch.id != id]
    if not others:
        return wish.name or ""
    place = next((n for n, batch in enumerate(batches, 1) if batch.id == id), len(batches) + 1)
    name = wish.name or _("第%(n)s批", n=place)
    if any(name == called for _batch, called in others):
        raise Malformed((("/body/name", "batch_names", _("分几批发，每批要有自己的名字。")),))
    for batch, called in others:
        batch.name = called
    return name


def _decide(session: Session, actor: Actor, distribution: Distribution, decision_id: UUID | None) -> None:
    distribution.decision_id = decision_for(session, actor, decision_id).id if decision_id else None


def _by_decision(session: Session, actor: Actor, distribution: Distribution, wish: ItemForm) -> None:
    """An item by area is asked for none, and says nothing about the plan's."""
    if wish.decision_id:
        _decide(session, actor, distribution, wish.decision_id)


def _changed(session: Session, actor: Actor, distribution: Distribution) -> None:
    changed(session, actor, distribution)
    session.flush()
    on_record(session, actor, "distribution.changed", distribution.id)
