"""The published roll: what stands of it after corrections, line by line, and how far it is handed out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, case, distinct, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.benefits.claim_models import Claim, ClaimLine, said_authority
from app.benefits.conversion_models import Conversion
from app.benefits.models import Batch, Distribution, Item
from app.benefits.roll_models import Entitlement, EntitlementLine
from app.compounds.crowds import apart
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


class Count(NamedTuple):
    """Units that are due something of a kind, and those of them that have signed for all of that."""

    units: int
    claimed: int


@dataclass(frozen=True, slots=True)
class Stair:
    """One entrance of the roll. `claimed` counts units that have collected all they are due."""

    building: str
    entrance: str
    units: int
    total_fen: int
    claimed: int
    goods: Count
    money: Count

    @property
    def classes(self) -> tuple[int, int, int]:
        """Units that are due goods alone, money alone, and both."""
        goods, money = self.units - self.money.units, self.units - self.goods.units
        return goods, money, self.units - goods - money

    @classmethod
    def of(cls, building: str, entrance: str, stairs: Sequence["Stair"]) -> "Stair":
        """Several as one."""
        goods, money = (
            Count(*map(sum, zip(*kind, strict=True))) for kind in ([s.goods for s in stairs], [s.money for s in stairs])
        )
        units, fen, claimed = map(sum, zip(*((s.units, s.total_fen, s.claimed) for s in stairs), strict=True))
        return cls(building, entrance, units, fen, claimed, goods, money)


def in_public(stairs: Sequence[Stair]) -> list[Stair]:
    """As anyone may see them: entrances of a few homes as one, which has no name."""
    told, few = apart(stairs)
    return [*told, Stair.of("", "", few)] if few else told


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


UNSIGNED: Any = col(ClaimLine.claim_id).is_(None)
"""Of a line beside `LIVE`: nobody has signed for it, and it is owed or was converted."""


class _Sums(NamedTuple):
    """Statements over the roll in force."""

    progress: Any
    signed_for: Any
    stairs: Any


def _sums(settling: Any, settles: Any) -> _Sums:
    """`settling`: claim_line, whole or what stood at some time; `settles`: what of it settles a line of the roll."""
    lines: Any = (
        select(EntitlementLine)
        .join(Entitlement, pointing(EntitlementLine, "entitlement_id", Entitlement))
        .outerjoin(settling, settles)
        .where(OF_ROLL)
    )
    owed, unsigned = settling.id.is_(None), settling.claim_id.is_(None)
    goods = col(EntitlementLine.quantity) > 0

    def units(*where: Any) -> Any:
        return func.count(distinct(case((and_(*where), Entitlement.id)) if where else col(Entitlement.id)))

    return _Sums(
        lines.with_only_columns(
            units() - units(unsigned),
            units(owed),
            func.coalesce(func.sum(case((owed, EntitlementLine.amount_fen), else_=0)), 0),
        ),
        lines.with_only_columns(
            col(EntitlementLine.item_id), func.sum(EntitlementLine.amount_fen), func.sum(EntitlementLine.quantity)
        )
        .where(~unsigned)
        .group_by(col(EntitlementLine.item_id)),
        lines.with_only_columns(
            Entitlement.building,
            Entitlement.entrance,
            units(),
            func.sum(EntitlementLine.amount_fen),
            units() - units(unsigned),
            units(goods),
            units(goods) - units(goods, unsigned),
            units(~goods),
            units(~goods) - units(~goods, unsigned),
        )
        .group_by(col(Entitlement.building), col(Entitlement.entrance))
        .order_by(func.min(Entitlement.position)),
    )


_stood: Any = aliased(ClaimLine)
_SIGNED = select(Claim.id).where(
    pointing(_stood, "claim_id", Claim),
    col(Claim.made_at) < bindparam("until"),
    or_(col(Claim.voided_at).is_(None), col(Claim.voided_at) >= bindparam("until")),
)
_CONVERTED = select(Conversion.id).where(
    pointing(_stood, "conversion_id", Conversion), col(Conversion.converted_at) < bindparam("until"), _stood.live
)
STOOD = and_(
    pointing(_stood, "entitlement_line_id", EntitlementLine),
    or_(_SIGNED.correlate(_stood).exists(), _CONVERTED.correlate(_stood).exists()),
)
"""What settled a line of the roll at the moment `until`, as far as it is not undone since by a decision."""
_NOW, _THEN = _sums(ClaimLine, LIVE), _sums(_stood, STOOD)


def _asked(distribution: Distribution, until: datetime | None) -> tuple[_Sums, dict[str, Any]]:
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    return (_THEN, of_plan | {"until": until}) if until else (_NOW, of_plan)


def progress_of(session: Session, distribution: Distribution, until: datetime | None = None) -> Progress:
    """Of this moment, or as it stood at `until`."""
    sums, asked = _asked(distribution, until)
    claimed, left, left_fen = session.execute(sums.progress, asked).one()
    items = {item_id: (int(fen), int(pieces)) for item_id, fen, pieces in session.execute(sums.signed_for, asked)}
    return Progress(claimed, left, int(left_fen), items)


def stairs(session: Session, distribution: Distribution, until: datetime | None = None) -> list[Stair]:
    """The roll in force by entrance, with how many have collected, or had at `until`."""
    sums, asked = _asked(distribution, until)
    return [
        Stair(building, entrance, units, int(fen), claimed, Count(*kinds[:2]), Count(*kinds[2:]))
        for building, entrance, units, fen, claimed, *kinds in session.execute(sums.stairs, asked)
    ]
