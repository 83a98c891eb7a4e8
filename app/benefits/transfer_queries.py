"""The money that can be transferred, and the lists of transfers that the bank carried out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, case, cast, distinct, func
from sqlmodel import Session, col

from app.benefits.claim_models import Claim, ClaimLine
from app.benefits.distribution_queries import effective
from app.benefits.gift_queries import HELD
from app.benefits.models import Batch, BenefitKind, Distribution, Item, NotEffective
from app.benefits.roll_models import Entitlement, EntitlementLine, Hold
from app.benefits.roll_queries import LIVE, OF_ROLL
from app.benefits.transfer_models import Transfer
from app.kit.clock import today
from app.kit.records import columns, made_into, pointing, rows_of

AT_A_TIME = 500
"""Rows that are fetched at once: a district's roll has 100,000."""


@dataclass(frozen=True, slots=True)
class MoneyLeft:
    """A line of money that nobody has collected."""

    id: UUID
    entitlement_id: UUID
    unit_id: UUID
    label: str
    item: str
    amount_fen: int


_MONEY_LEFT = (
    columns(
        EntitlementLine.id,
        EntitlementLine.entitlement_id,
        Entitlement.unit_id,
        Entitlement.label,
        col(Item.name).label("item"),
        EntitlementLine.amount_fen,
    )
    .select_from(EntitlementLine)
    .join(Entitlement, pointing(EntitlementLine, "entitlement_id", Entitlement))
    .join(Item, pointing(EntitlementLine, "item_id", Item))
    .join(Batch, pointing(Item, "batch_id", Batch))
    .outerjoin(Hold, HELD)
    .outerjoin(ClaimLine, LIVE)
    .where(
        OF_ROLL,
        Item.kind == BenefitKind.MONEY,
        Batch.from_on <= bindparam("today"),
        col(ClaimLine.id).is_(None),
        col(Hold.id).is_(None),
        col(Entitlement.version) <= bindparam("version"),
    )
    .order_by(col(Entitlement.position), col(Entitlement.id), col(Item.position))
    .execution_options(yield_per=AT_A_TIME)
)
_money_left = made_into(MoneyLeft, _MONEY_LEFT)


def money_left(session: Session, distribution: Distribution) -> Iterator[MoneyLeft]:
    """What can be transferred, in the roll's order: nothing that is held, not due yet, or may still be objected to.

    Raises NotEffective.
    """
    version = distribution.version if effective(session, distribution) else distribution.settled_version
    if not version:
        raise NotEffective
    return (
        _money_left(row) for row in rows_of(session, _MONEY_LEFT, _of_plan(distribution) | {"version": version, "today": today()})
    )


@dataclass(frozen=True, slots=True)
class TransferCard:
    """`fen` and `units`: what stands. `voided`: units whose claim was voided, because the money came back."""

    id: UUID
    reference: str
    on_date: date
    units: int
    voided: int
    fen: int


_TRANSFERS = (
    columns(
        Transfer.id,
        Transfer.reference,
        Transfer.on_date,
        func.count(distinct(case((col(ClaimLine.live), Claim.id)))).label("units"),
        func.count(distinct(case((~col(ClaimLine.live), Claim.id)))).label("voided"),
        cast(func.sum(case((col(ClaimLine.live), EntitlementLine.amount_fen), else_=0)), BigInteger).label("fen"),
    )
    .select_from(Transfer)
    .join(Claim, pointing(Claim, "transfer_id", Transfer))
    .join(ClaimLine, pointing(ClaimLine, "claim_id", Claim))
    .join(EntitlementLine, pointing(ClaimLine, "entitlement_line_id", EntitlementLine))
    .where(Transfer.compound_id == bindparam("compound_id"), Transfer.distribution_id == bindparam("distribution_id"))
    .group_by(col(Transfer.id), col(Transfer.reference), col(Transfer.on_date), col(Transfer.marked_at))
    .order_by(col(Transfer.marked_at).desc(), col(Transfer.id))
)


_transfer_card = made_into(TransferCard, _TRANSFERS)


def transfers_of(session: Session, distribution: Distribution) -> list[TransferCard]:
    """The latest first."""
    return [_transfer_card(row) for row in rows_of(session, _TRANSFERS, _of_plan(distribution))]


def _of_plan(distribution: Distribution) -> dict[str, UUID]:
    return {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
