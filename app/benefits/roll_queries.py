"""The published roll: what stands of it after corrections, line by line, and how far it is handed out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, case, distinct, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.benefits.claim_models import Claim, ClaimLine, said_authority
from app.benefits.crowds import apart
from app.benefits.models import Batch, Distribution, Item
from app.benefits.roll_models import Entitlement, EntitlementLine
from app.kit.money import yuan
from app.kit.records import columns, made_into, pointing, rows_of


@dataclass(frozen=True, slots=True)
class Line:
    """One item of what a unit is due, and who signed for it."""

    id: UUID
    entitlement_id: UUID
    item_id: UUID
    batch_id: UUID
    name: str
    unit: str
    rule: str
    amount_fen: int
    quantity: int
    weight: int
    from_on: date
    until_on: date
    claim_id: UUID | None
    claimed_at: datetime | None
    claim_number: int | None
    collector: str | None
    relation: str | None
    authority: str | None
    authority_note: str | None
    conversion_id: UUID | None

    @property
    def said_authority(self) -> str:
        return said_authority(self.authority or "", self.authority_note or "")

    @property
    def owed(self) -> bool:
        """Neither claimed nor converted."""
        return self.claim_id is None and self.conversion_id is None

    @property
    def said(self) -> str:
        """米 10 斤 1袋; ¥107.91."""
        return f"{self.name} {self.quantity}{self.unit}" if self.quantity else yuan(self.amount_fen)


@dataclass(frozen=True, slots=True)
class Stair:
    """One entrance of the roll. `claimed` counts units that have collected all they are due."""

    building: str
    entrance: str
    units: int
    total_fen: int
    claimed: int


def in_public(stairs: Sequence[Stair]) -> list[Stair]:
    """As anyone may see them: entrances of a few homes as one, which has no name."""
    told, few = apart(stairs)
    if few:
        told.append(Stair("", "", sum(s.units for s in few), sum(s.total_fen for s in few), sum(s.claimed for s in few)))
    return told


@dataclass(frozen=True, slots=True)
class Progress:
    """`left_fen`: still owed, to `left` units. `claimed`: units that signed for it all. `items`: item → (fen, pieces) that are
    signed for.
    """

    claimed: int
    left: int
    left_fen: int
    items: dict[UUID, tuple[int, int]]


LIVE = and_(pointing(ClaimLine, "entitlement_line_id", EntitlementLine), col(ClaimLine.live))
"""What settles a line of the roll, where it is settled."""

_later = aliased(Entitlement)
IN_FORCE = and_(
    col(Entitlement.amount_fen) > 0,
    ~exists().where(
        col(_later.compound_id) == Entitlement.compound_id,
        col(_later.distribution_id) == Entitlement.distribution_id,
        col(_later.unit_id) == Entitlement.unit_id,
        col(_later.version) > Entitlement.version,
    ),
)
"""What no later version of the roll has replaced."""

HAS_OPEN_LINE = (
    select(EntitlementLine.id)
    .outerjoin(ClaimLine, LIVE)
    .where(pointing(EntitlementLine, "entitlement_id", Entitlement), col(ClaimLine.id).is_(None))
    .correlate(Entitlement)
    .exists()
)

OF_ROLL = and_(
    col(Entitlement.compound_id) == bindparam("compound_id"),
    col(Entitlement.distribution_id) == bindparam("distribution_id"),
    IN_FORCE,
)

ROLL = columns(Entitlement).where(OF_ROLL)
"""The rows in force of one distribution."""

_LINES = (
    columns(
        EntitlementLine.id,
        EntitlementLine.entitlement_id,
        EntitlementLine.item_id,
        Item.batch_id,
        Item.name,
        Item.unit,
        Item.rule,
        EntitlementLine.amount_fen,
        EntitlementLine.quantity,
        EntitlementLine.weight,
        Batch.from_on,
        Batch.until_on,
        ClaimLine.claim_id,
        col(Claim.made_at).label("claimed_at"),
        col(Claim.number).label("claim_number"),
        Claim.collector,
        Claim.relation,
        Claim.authority,
        Claim.authority_note,
        ClaimLine.conversion_id,
    )
    .select_from(EntitlementLine)
    .join(Item, pointing(EntitlementLine, "item_id", Item))
    .join(Batch, pointing(Item, "batch_id", Batch))
    .outerjoin(ClaimLine, LIVE)
    .outerjoin(Claim, pointing(ClaimLine, "claim_id", Claim))
    .order_by(col(Item.position))
)
_line = made_into(Line, _LINES)
_LINES_OF = _LINES.where(
    EntitlementLine.compound_id == bindparam("compound_id"),
    col(EntitlementLine.entitlement_id).in_(bindparam("entitlements", expanding=True)),
)
_LINES_OF_ROLL = _LINES.join(Entitlement, pointing(EntitlementLine, "entitlement_id", Entitlement)).where(OF_ROLL)

Lines = dict[UUID, tuple[Line, ...]]
"""By entitlement, in the order of the plan's items."""


def lines_of(session: Session, compound_id: UUID, entitlements: Collection[UUID]) -> Lines:
    """Of a page's worth of entitlements."""
    return _by_entitlement(rows_of(session, _LINES_OF, {"compound_id": compound_id, "entitlements": list(entitlements)}))


def lines_of_roll(session: Session, distribution: Distribution) -> Lines:
    """Of the whole roll in force."""
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    return _by_entitlement(rows_of(session, _LINES_OF_ROLL, of_plan))


def _by_entitlement(rows: Iterable[Row[Any]]) -> Lines:
    found: dict[UUID, list[Line]] = defaultdict(list)
    for row in rows:
        found[row.entitlement_id].append(_line(row))
    return {id: tuple(lines) for id, lines in found.items()}


def roll_in_force(session: Session, distribution: Distribution) -> dict[UUID, Entitlement]:
    """By unit."""
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    return {e.unit_id: e for e in session.scalars(ROLL, of_plan)}


def stands(session: Session, entitlement: Entitlement) -> bool:
    """Whether it is still what its unit is due."""
    mine = columns(Entitlement.id).where(
        Entitlement.compound_id == entitlement.compound_id, Entitlement.id == entitlement.id, IN_FORCE
    )
    return session.execute(mine).first() is not None


_from_roll: Any = (
    select(EntitlementLine)
    .join(Entitlement, pointing(EntitlementLine, "entitlement_id", Entitlement))
    .outerjoin(ClaimLine, LIVE)
    .where(OF_ROLL)
)
_open: Any = col(ClaimLine.id).is_(None)
UNSIGNED: Any = col(ClaimLine.claim_id).is_(None)
"""Of a line beside `LIVE`: nobody has signed for it, and it is owed or was converted."""

_PROGRESS = _from_roll.with_only_columns(
    func.count(distinct(col(Entitlement.id))) - func.count(distinct(case((UNSIGNED, Entitlement.id)))),
    func.count(distinct(case((_open, Entitlement.id)))),
    func.coalesce(func.sum(case((_open, EntitlementLine.amount_fen), else_=0)), 0),
)
_SIGNED_FOR = _from_roll.with_only_columns(
    EntitlementLine.item_id, func.sum(EntitlementLine.amount_fen), func.sum(EntitlementLine.quantity)
).where(~UNSIGNED).group_by(col(EntitlementLine.item_id))  # fmt: skip


def progress_of(session: Session, distribution: Distribution) -> Progress:
    asked = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    claimed, left, left_fen = session.execute(_PROGRESS, asked).one()
    items = {item_id: (int(fen), int(pieces)) for item_id, fen, pieces in session.execute(_SIGNED_FOR, asked)}
    return Progress(claimed, left, int(left_fen), items)


_STAIRS = (
    _from_roll.with_only_columns(
        Entitlement.building,
        Entitlement.entrance,
        func.count(distinct(col(Entitlement.id))),
        func.sum(EntitlementLine.amount_fen),
        func.count(distinct(col(Entitlement.id))) - func.count(distinct(case((UNSIGNED, Entitlement.id)))),
    )
    .group_by(col(Entitlement.building), col(Entitlement.entrance))
    .order_by(func.min(Entitlement.position))
)


def stairs(session: Session, distribution: Distribution) -> list[Stair]:
    """The roll in force by entrance, with how many have collected."""
    rows = session.execute(_STAIRS, {"compound_id": distribution.compound_id, "distribution_id": distribution.id})
    return [Stair(building, entrance, units, int(fen), claimed) for building, entrance, units, fen, claimed in rows]
