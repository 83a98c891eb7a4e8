"""Why there are as many pieces as there are: every move of an item."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.benefits.models import Distribution
from app.benefits.stock_models import Desk, MoveKind, StockMove
from app.compounds.models import Person
from app.kit.i18n import _, mark
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing


@dataclass(frozen=True, slots=True)
class MoveCard:
    id: UUID
    kind: str
    quantity: int
    left_desk: str | None
    to_desk: str | None
    reason: str
    by: str
    counted_at: datetime
    entry_id: UUID | None

    @property
    def said(self) -> str:
        """到货 20，发放台; 坏了 1，北门."""
        where = " → ".join(desk for desk in (self.left_desk, self.to_desk) if desk)
        says = _FEWER if self.kind == MoveKind.COUNTED and self.left_desk else _MOVE_SAYS[MoveKind(self.kind)]
        return _("%(what)s %(n)s，%(desk)s", what=_(says), n=self.quantity, desk=where)


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
        StockMove.kind,
        StockMove.quantity,
        col(_left.name).label("left_desk"),
        col(_to.name).label("to_desk"),
        StockMove.reason,
        col(Person.name).label("by"),
        StockMove.counted_at,
        StockMove.entry_id,
    )
    .select_from(StockMove)
    .join(Person, pointing(StockMove, "counted_by_id", Person))
    .outerjoin(_left, and_(col(_left.compound_id) == StockMove.compound_id, col(_left.id) == StockMove.from_desk_id))
    .outerjoin(_to, and_(col(_to.compound_id) == StockMove.compound_id, col(_to.id) == StockMove.to_desk_id))
    .where(
        StockMove.compound_id == bindparam("compound_id"),
        StockMove.distribution_id == bindparam("distribution_id"),
        StockMove.item_id == bindparam("item_id"),
    )
)
MOVES = Listing(
    "stock-moves", _MOVES, col(StockMove.counted_at), col(StockMove.id), made_into(MoveCard, _MOVES), newest_first=True
)


def moves_of(session: Session, distribution: Distribution, item_id: UUID, asked: Asked) -> Page[MoveCard]:
    """Of one item, the latest first. Raises BadCursor."""
    return MOVES.page(session, asked, compound_id=distribution.compound_id, distribution_id=distribution.id, item_id=item_id)
