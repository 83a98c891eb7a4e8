"""What is still owed, line by line, and what a decision took back of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.benefits.claim_models import ClaimLine
from app.benefits.conversion_models import Conversion, Undoing
from app.benefits.gift_queries import HELD
from app.benefits.models import Distribution, Item
from app.benefits.roll_models import Entitlement, EntitlementLine, Hold
from app.benefits.roll_queries import LIVE, OF_ROLL
from app.compounds.crowds import FEWEST
from app.council.models import Decision
from app.kit.money import yuan
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Owed:
    """A line that nobody has collected."""

    id: UUID
    entitlement_id: UUID
    label: str
    name: str
    unit: str
    quantity: int
    amount_fen: int
    basis: str | None

    @property
    def said(self) -> str:
        pieces = f" {self.quantity}{self.unit}" if self.quantity else ""
        return f"{self.label} {self.name}{pieces} {yuan(self.amount_fen)}"


_OWED_COLUMNS = (
    columns(
        EntitlementLine.id,
        EntitlementLine.entitlement_id,
        Entitlement.label,
        Item.name,
        Item.unit,
        EntitlementLine.quantity,
        EntitlementLine.amount_fen,
        Hold.basis,
    )
    .select_from(EntitlementLine)
    .join(Entitlement, pointing(EntitlementLine, "entitlement_id", Entitlement))
    .join(Item, pointing(EntitlementLine, "item_id", Item))
    .outerjoin(Hold, HELD)
    .order_by(col(Entitlement.position), col(Entitlement.id), col(Item.position))
)
_OWED = _OWED_COLUMNS.outerjoin(ClaimLine, LIVE).where(OF_ROLL, col(ClaimLine.id).is_(None))
_owed = made_into(Owed, _OWED)
_THESE = _OWED.where(col(EntitlementLine.id).in_(bindparam("lines", expanding=True)))
_FREE = _OWED.where(col(Hold.id).is_(None)).limit(bindparam("at_most"))


def convertible(session: Session, distribution: Distribution, at_most: int) -> list[Owed]:
    """The first of those that are owed and not held, in the roll's order."""
    return [_owed(row) for row in rows_of(session, _FREE, _of_plan(distribution) | {"at_most": at_most})]


def owed_lines(session: Session, distribution: Distribution, lines: Sequence[UUID]) -> list[Owed]:
    """Those of the named ones that are still owed."""
    return [_owed(row) for row in rows_of(session, _THESE, _of_plan(distribution) | {"lines": lines})]


_CONVERTED = (
    columns(EntitlementLine.item_id, func.sum(EntitlementLine.amount_fen), func.sum(EntitlementLine.quantity))
    .select_from(EntitlementLine)
    .join(Entitlement, pointing(EntitlementLine, "entitlement_id", Entitlement))
    .join(ClaimLine, LIVE)
    .where(OF_ROLL, col(ClaimLine.conversion_id).is_not(None))
    .group_by(col(EntitlementLine.item_id))
)


def converted_by_item(session: Session, distribution: Distribution) -> dict[UUID, tuple[int, int]]:
    """Item → (fen, pieces)."""
    rows = session.execute(_CONVERTED, _of_plan(distribution))
    return {item_id: (int(fen), int(pieces)) for item_id, fen, pieces in rows}


_undone_by = aliased(Decision)


def conversions_of(
    session: Session, distribution: Distribution
) -> list[tuple[Conversion, Decision, Undoing | None, Decision | None]]:
    """With the decisions, and how one was undone and by which; the first one first."""
    rows = session.exec(
        select(Conversion, Decision, Undoing, _undone_by)
        .join(Decision, pointing(Conversion, "decision_id", Decision))
        .outerjoin(Undoing, pointing(Undoing, "conversion_id", Conversion))
        .outerjoin(_undone_by, pointing(Undoing, "decision_id", _undone_by))
        .where(Conversion.compound_id == distribution.compound_id, Conversion.distribution_id == distribution.id)
        .order_by(col(Conversion.converted_at))
    )
    return list(rows)


def conversion_for(session: Session, actor: Actor, distribution: Distribution, id: UUID) -> Conversion:
    """Raises NotFound."""
    conversion = session.get(Conversion, (actor.compound.id, id))
    if conversion is None or conversion.distribution_id != distribution.id:
        raise NotFound
    return conversion


def undoing_of(session: Session, conversion: Conversion) -> Undoing | None:
    return session.exec(
        select(Undoing).where(Undoing.compound_id == conversion.compound_id, Undoing.conversion_id == conversion.id)
    ).one_or_none()


_TAKEN = _OWED_COLUMNS.join(ClaimLine, pointing(ClaimLine, "entitlement_line_id", EntitlementLine)).where(
    EntitlementLine.compound_id == bindparam("compound_id"), ClaimLine.conversion_id == bindparam("conversion_id")
)


def lines_converted(session: Session, conversion: Conversion) -> list[Owed]:
    """What a conversion took back, also once it is undone."""
    asked = {"compound_id": conversion.compound_id, "conversion_id": conversion.id}
    return [_owed(row) for row in rows_of(session, _TAKEN, asked)]


def of_few(lines: Sequence[Owed]) -> bool:
    """Whether their homes are too few for the sum to be told to everybody."""
    return len({line.entitlement_id for line in lines}) < FEWEST


def _of_plan(distribution: Distribution) -> dict[str, UUID]:
    return {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
