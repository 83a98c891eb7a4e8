"""The money that can be transferred, and the lists of transfers that the bank carried out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, and_, bindparam, case, cast, distinct, func, or_
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.benefits.claim_models import Claim, ClaimLine
from app.benefits.distribution_queries import effective
from app.benefits.gift_queries import HELD
from app.benefits.models import Batch, BenefitKind, Distribution, Item, NotEffective
from app.benefits.roll_models import Entitlement, EntitlementLine, Hold
from app.benefits.roll_queries import LIVE, OF_ROLL
from app.benefits.transfer_models import Transfer
from app.compounds.models import Ownership, Residency
from app.compounds.terms import holds
from app.kit.clock import today
from app.kit.i18n import _
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


_MONEY = (
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
    .where(Item.kind == BenefitKind.MONEY)
)
_MONEY_LEFT = (
    _MONEY.join(Batch, pointing(Item, "batch_id", Batch))
    .outerjoin(Hold, HELD)
    .outerjoin(ClaimLine, LIVE)
    .where(
        OF_ROLL,
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
    return (_money_left(row) for row in rows_of(session, _MONEY_LEFT, _due_now(session, distribution)))


@dataclass(frozen=True, slots=True)
class ToMark(MoneyLeft):
    """Such a line before whoever marks it. `is_home`: they own the unit or live in it; `has_owner`: the roster knows one."""

    is_home: bool
    has_owner: bool

    @property
    def barred(self) -> str:
        """Why they cannot mark it, or ""."""
        if self.is_home:
            return _("您自己家的，请别人来标")
        return "" if self.has_owner else _("名册里没有业主，请先补上")


def _lives(noun: type[Ownership] | type[Residency]) -> Any:
    """Somebody owns a line's unit, or lives in it."""
    here = and_(col(noun.compound_id) == Entitlement.compound_id, col(noun.unit_id) == Entitlement.unit_id, holds(noun))
    return select(noun.id).where(here).correlate(Entitlement)


_TO_MARK = _MONEY_LEFT.add_columns(
    or_(*(_lives(noun).where(noun.person_id == bindparam("person_id")).exists() for noun in (Ownership, Residency))).label(
        "is_home"
    ),
    _lives(Ownership).exists().label("has_owner"),
)
_to_mark = made_into(ToMark, _TO_MARK)
_AMONG = col(EntitlementLine.id).in_(bindparam("lines", expanding=True))
_TO_MARK_OF = _TO_MARK.where(_AMONG)
_NAMED = _MONEY.where(
    Entitlement.compound_id == bindparam("compound_id"), Entitlement.distribution_id == bindparam("distribution_id"), _AMONG
).order_by(col(Entitlement.position))


def first_to_mark(session: Session, actor: Actor, distribution: Distribution, at_most: int) -> list[ToMark]:
    """The first of them before whoever marks what the bank paid: as many as they can, and as many that they cannot, which never
    take the place of the others. Raises NotEffective.
    """
    room = {True: at_most, False: at_most}
    found = []
    with rows_of(session, _TO_MARK, _due_now(session, distribution) | {"person_id": actor.person_id}) as rows:
        for line in map(_to_mark, rows):
            barred = bool(line.barred)
            if room[barred]:
                room[barred] -= 1
                found.append(line)
            elif not barred:
                break
    return found


def named_to_mark(
    session: Session, actor: Actor, distribution: Distribution, lines: Sequence[UUID]
) -> list[tuple[MoneyLeft, ToMark | None]]:
    """Those of the named lines that are money of this plan, and what is left to mark of each. Raises NotEffective."""
    asked = _due_now(session, distribution) | {"person_id": actor.person_id, "lines": lines}
    left = {row.id: _to_mark(row) for row in rows_of(session, _TO_MARK_OF, asked)}
    return [(_money_left(row), left.get(row.id)) for row in rows_of(session, _NAMED, asked)]


def _due_now(session: Session, distribution: Distribution) -> dict[str, Any]:
    version = distribution.version if effective(session, distribution) else distribution.settled_version
    if not version:
        raise NotEffective
    return _of_plan(distribution) | {"version": version, "today": today()}


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
