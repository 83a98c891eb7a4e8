"""Verbs about goods: set up a desk, and move pieces to it, from it, away from it.

`shift` is guarded by its WHERE, true on both engines whatever was read before, with the CHECK of the table behind it.
"""

from uuid import UUID

from sqlalchemy import BindParameter, Executable, bindparam, update
from sqlmodel import Session, col

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.distribution_queries import desks_of, distribution_to_change, item_for, items_of
from app.benefits.models import Distribution, Item, NotEffective
from app.benefits.schemas import DeskWish, StockCorrectionWish, StockMoveWish
from app.benefits.stock_models import (
    Desk,
    DeskNameTaken,
    MoreIsGone,
    MoveKind,
    NeverBooked,
    NoStockKept,
    NothingToPutRight,
    NotThatMany,
    Stock,
    StockMove,
)
from app.benefits.stock_queries import as_it_stands, desk_for, move_for
from app.kit import events
from app.kit.clock import today
from app.kit.db import touch
from app.kit.i18n import _, mark
from app.kit.once import already, digest
from app.kit.records import columns, rows_of
from app.kit.refusals import NotFound
from app.kit.versions import Stale
from app.treasury.chart_models import Code
from app.treasury.journal import book


def add_desk(session: Session, actor: Actor, distribution_id: UUID, wish: DeskWish) -> tuple[Desk, bool]:
    """One more table, with nothing on it yet; False: one of this name is there. Raises NotAllowed, NotFound, NotEffective (a
    draft).
    """
    actor.need(Permission.PLAN_BENEFIT)
    distribution = distribution_to_change(session, actor, distribution_id)
    if not distribution.frozen_at:
        raise NotEffective
    desks = desks_of(session, distribution)
    for desk in desks:
        if desk.name == wish.name:
            return desk, False
    made = set_up(session, distribution, len(desks) + 1, wish.name)
    on_record(session, actor, "desk.added", made.id)
    return made, True


def rename_desk(session: Session, actor: Actor, distribution_id: UUID, desk_id: UUID, version: int, wish: DeskWish) -> Desk:
    """What was done at it is shown under its new name. Raises NotAllowed, NotFound, Stale, DeskNameTaken."""
    actor.need(Permission.PLAN_BENEFIT)
    distribution = distribution_to_change(session, actor, distribution_id)
    desk = desk_for(session, distribution, desk_id)
    if desk.version != version:
        raise Stale
    if any(other.name == wish.name for other in desks_of(session, distribution) if other.id != desk.id):
        raise DeskNameTaken
    if desk.name != wish.name:
        desk.name = wish.name
        session.flush()
        on_record(session, actor, "desk.renamed", desk.id)
    return desk


def set_up(session: Session, distribution: Distribution, position: int, name: str) -> Desk:
    """A desk with a stock of each of the plan's goods."""
    desk = Desk(compound_id=distribution.compound_id, distribution_id=distribution.id, position=position, name=name)
    session.add(desk)
    session.flush()
    session.add_all(
        Stock(compound_id=desk.compound_id, item_id=item.id, desk_id=desk.id)
        for item in items_of(session, distribution)
        if item.is_goods
    )
    session.flush()
    return desk


def move_stock(session: Session, actor: Actor, distribution_id: UUID, id: UUID, wish: StockMoveWish) -> tuple[StockMove, bool]:
    """Pieces arrived, changed desks, spoiled, or were counted again. What spoiled or is missing is a loss in the books, what was
    found a loss less.

    Raises NotAllowed, NotFound (also the item or a desk), NoStockKept, NotEffective (a draft), NotThatMany,
    SameIdOtherContent; for what spoiled or was counted also BooksNotOpen, MonthClosed.
    """
    actor.need(Permission.HAND_OUT)
    return move(session, actor, distribution_to_change(session, actor, distribution_id), id, wish)


def move(session: Session, actor: Actor, distribution: Distribution, id: UUID, wish: StockMoveWish) -> tuple[StockMove, bool]:
    """The same, for a verb that holds the distribution's lock and has its own reason."""
    sent = digest(wish, actor.person_id, distribution.id)
    if before := already(session, StockMove, actor.compound.id, id, sent):
        return before, False
    if not distribution.frozen_at:
        raise NotEffective
    item = next((item for item in items_of(session, distribution) if item.id == wish.item_id), None)
    desks = {desk.id: desk for desk in desks_of(session, distribution)}
    to = wish.to_desk_id or (next(iter(desks)) if wish.kind == MoveKind.ARRIVED else None)
    if item is None or not desks.keys() >= {desk for desk in (wish.from_desk_id, to) if desk}:
        raise NotFound
    if not item.is_goods:
        raise NoStockKept
    made = StockMove(
        compound_id=actor.compound.id,
        id=id,
        distribution_id=distribution.id,
        item_id=item.id,
        kind=wish.kind,
        from_desk_id=wish.from_desk_id,
        to_desk_id=to,
        quantity=wish.quantity,
        reason=wish.reason or "",
        counted_by_id=actor.person_id,
        sent_sha256=sent,
    )
    _carry(session, actor, distribution, item, made, f"stock.{wish.kind}")
    return made, True


def correct_move(
    session: Session, actor: Actor, distribution_id: UUID, move_id: UUID, id: UUID, wish: StockCorrectionWish
) -> tuple[StockMove, bool]:
    """Write down how many it was in truth, by a further move of the difference; False: an equal request did before.

    Raises NotAllowed, NotFound (also a correction: correct what it corrects), NothingToPutRight, MoreIsGone,
    SameIdOtherContent; for what spoiled or was counted also NeverBooked, MonthClosed.
    """
    actor.need(Permission.HAND_OUT)
    distribution = distribution_to_change(session, actor, distribution_id)
    sent = digest(wish, actor.person_id, move_id)
    if before := already(session, StockMove, actor.compound.id, id, sent):
        return before, False
    wrong = move_for(session, distribution, move_id)
    if wrong.corrects_id:
        raise NotFound
    if wrong.kind in _BOOKED and wrong.entry_id is None:
        raise NeverBooked
    more = wish.quantity - sum(move.quantity for move in as_it_stands(session, wrong))
    if not more:
        raise NothingToPutRight
    made = StockMove(
        **wrong.model_dump(include={"compound_id", "distribution_id", "item_id", "kind", "from_desk_id", "to_desk_id"}),
        id=id,
        quantity=more,
        reason=wish.reason,
        counted_by_id=actor.person_id,
        corrects_id=wrong.id,
        sent_sha256=sent,
    )
    _carry(session, actor, distribution, item_for(session, distribution, wrong.item_id), made, "stock.corrected")
    return made, True


def _carry(session: Session, actor: Actor, distribution: Distribution, item: Item, move: StockMove, act: str) -> None:
    """Count its pieces at its desks, and book what is lost by it. Raises NotThatMany, or MoreIsGone of a correction."""
    shifts = [(move.to_desk_id, "received", move.quantity)]
    if move.kind == MoveKind.SPOILED:
        shifts.append((move.from_desk_id, "spoiled", move.quantity))
    else:
        shifts.append((move.from_desk_id, "received", -move.quantity))
    for desk_id, column, quantity in shifts:
        if desk_id and not shift(session, item.compound_id, item.id, desk_id, column, quantity):
            raise (MoreIsGone if move.corrects_id else NotThatMany)(item=item.name)
    if move.kind in _BOOKED:
        move.entry_id = _lost(session, distribution, item, move)
    session.add(move)
    session.flush()
    events.tell(session, move.compound_id, act, distribution_id=distribution.id, move_id=move.id)
    on_record(session, actor, act, move.id)


_BOOKED = (MoveKind.SPOILED, MoveKind.COUNTED)
"""What makes goods worth less or more than was paid for them."""


def _lost(session: Session, distribution: Distribution, item: Item, move: StockMove) -> UUID:
    """Book what left the stock for nothing, or came to it so, at the unit price."""
    fen = item.worth_fen(-move.quantity if move.to_desk_id else move.quantity)
    says = _SPOILED if move.kind == MoveKind.SPOILED else _FOUND if move.to_desk_id else _MISSING
    memo = _(says) % {"title": distribution.title, "item": item.name, "n": move.quantity}
    booked = [(distribution.account(Code.OTHER_EXPENSE), fen), (distribution.account(Code.STOCK), -fen)]
    return book(session, item.compound_id, today(), _("更正：%(memo)s", memo=memo) if move.corrects_id else memo, booked).id


_SPOILED = mark("%(title)s：%(item)s损坏 %(n)s")
_MISSING = mark("%(title)s：%(item)s点出来少了 %(n)s")
_FOUND = mark("%(title)s：%(item)s点出来多了 %(n)s")


def _shifting(column: str) -> Executable:
    quantity: BindParameter[int] = bindparam("quantity")
    gone = col(Stock.handed) + col(Stock.conflicted) + col(Stock.spoiled)
    there = col(Stock.received)
    guard = gone <= there + quantity if column == "received" else gone + quantity <= there
    counted = getattr(Stock, column) + quantity
    return (
        update(Stock)
        .where(
            col(Stock.compound_id) == bindparam("in_compound"),
            col(Stock.item_id) == bindparam("of_item"),
            col(Stock.desk_id) == bindparam("at_desk"),
            guard,
            counted >= 0,
        )
        .values({column: counted})
        .returning(col(Stock.id))
    )


_SHIFT = {column: _shifting(column) for column in ("received", "handed", "conflicted", "spoiled")}


def shift(session: Session, compound_id: UUID, item_id: UUID, desk_id: UUID, column: str, quantity: int) -> bool:
    """Count pieces into a column of a stock (< 0: out of it); False where there are not so many."""
    given = {"in_compound": compound_id, "of_item": item_id, "at_desk": desk_id, "quantity": quantity}
    touch(session, compound_id)
    return session.connection().execute(_SHIFT[column], given).first() is not None


_LEFT = columns(Stock.received - Stock.handed - Stock.conflicted - Stock.spoiled).where(
    Stock.compound_id == bindparam("in_compound"), Stock.item_id == bindparam("of_item"), Stock.desk_id == bindparam("at_desk")
)


def left_at(session: Session, compound_id: UUID, item_id: UUID, desk_id: UUID) -> int | None:
    """Pieces of an item that are counted at a desk; None of money. Ask it with the distribution locked."""
    given = {"in_compound": compound_id, "of_item": item_id, "at_desk": desk_id}
    return rows_of(session, _LEFT, given).scalar()
