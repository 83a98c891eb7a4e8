"""Why there are as many pieces as there are: every move of an item."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.benefits.models import Distribution
from app.benefits.stock_models import Desk, MoveKind, StockMove
from app.compounds.models import Person
from app.kit.i18n import _, mark
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound


@dataclass(frozen=True, slots=True)
class MoveCard:
    """`corrects_id`: it puts that one right, by the difference."""

    id: UUID
    distribution_id: UUID
    item_id: UUID
    kind: str
    from_desk_id: UUID | None
    to_desk_id: UUID | None
    quantity: int
    left_desk: str | None
    to_desk: str | None
    reason: str
    by: str
    counted_at: datetime
    entry_id: UUID | None
    corrects_id: UUID | None

    @property
    def said(self) -> str:
        """到货 20，发放台; 坏了 1，北门; 更正：到货 −5，发放台."""
        where = " → ".join(desk for desk in (self.left_desk, self.to_desk) if desk)
        says = _FEWER if self.kind == MoveKind.COUNTED and self.left_desk else _MOVE_SAYS[MoveKind(self.kind)]
        n = f"−{-self.quantity}" if self.quantity < 0 else str(self.quantity)
        said = _("%(what)s %(n)s，%(desk)s", what=_(says), n=n, desk=where)
        return _("更正：%(memo)s", memo=said) if self.corrects_id else said


_FEWER = mark("点出来少了")
_MOVE_SAYS = {
    MoveKind.ARRIVED: mark("到货"),
    MoveKind.MOVED: mark("换发放台"),
    MoveKind.SPOILED: mark("坏了"),
    MoveKind.COUNTED: mark("点出来多了"),
}

_left, _to = aliased(Desk), aliased(Desk)
_MOVES = (
    columns(
        StockMove.id,
        StockMove.distribution_id,
        StockMove.item_id,
        StockMove.kind,
        StockMove.from_desk_id,
        StockMove.to_desk_id,
        StockMove.quantity,
        col(_left.name).label("left_desk"),
        col(_to.name).label("to_desk"),
        StockMove.reason,
        col(Person.name).label("by"),
        StockMove.counted_at,
        StockMove.entry_id,
        StockMove.corrects_id,
    )
    .select_from(StockMove)
    .join(Person, pointing(StockMove, "counted_by_id", Person))
    .outerjoin(_left, and_(col(_left.compound_id) == StockMove.compound_id, col(_left.id) == StockMove.from_desk_id))
    .outerjoin(_to, and_(col(_to.compound_id) == StockMove.compound_id, col(_to.id) == StockMove.to_desk_id))
    .where(StockMove.compound_id == bindparam("compound_id"), StockMove.distribution_id == bindparam("distribution_id"))
)
_move_card = made_into(MoveCard, _MOVES)


def _listing(name: str, *wanted: Any) -> Listing[MoveCard]:
    return Listing(name, _MOVES.where(*wanted), col(StockMove.counted_at), col(StockMove.id), _move_card, newest_first=True)


ALL_MOVES = _listing("all-stock-moves")
MOVES = _listing("stock-moves", StockMove.item_id == bindparam("item_id"))
_AS_IT_STANDS = _MOVES.where(
    or_(col(StockMove.id) == bindparam("move_id"), col(StockMove.corrects_id) == bindparam("move_id"))
).order_by(col(StockMove.counted_at), col(StockMove.id))


def all_moves(session: Session, distribution: Distribution, asked: Asked) -> Page[MoveCard]:
    """The latest first. Raises BadCursor."""
    return ALL_MOVES.page(session, asked, compound_id=distribution.compound_id, distribution_id=distribution.id)


def moves_of(session: Session, distribution: Distribution, item_id: UUID, asked: Asked) -> Page[MoveCard]:
    """Of one item, the latest first. Raises BadCursor."""
    return MOVES.page(session, asked, compound_id=distribution.compound_id, distribution_id=distribution.id, item_id=item_id)


def move_for(session: Session, distribution: Distribution, id: UUID) -> StockMove:
    """Raises NotFound."""
    move = session.get(StockMove, (distribution.compound_id, id))
    if move is None or move.distribution_id != distribution.id:
        raise NotFound
    return move


def desk_for(session: Session, distribution: Distribution, id: UUID) -> Desk:
    """As it is now, also where it was read before its plan was locked. Raises NotFound."""
    desk = session.get(Desk, (distribution.compound_id, id), populate_existing=True)
    if desk is None or desk.distribution_id != distribution.id:
        raise NotFound
    return desk


def as_it_stands(session: Session, move: StockMove) -> list[MoveCard]:
    """A move, and every correction of it in the order in which they came: their sum is what it was."""
    asked = {"compound_id": move.compound_id, "distribution_id": move.distribution_id, "move_id": move.id}
    return [_move_card(row) for row in rows_of(session, _AS_IT_STANDS, asked)]
