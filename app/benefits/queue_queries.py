"""What there is to see of the queue: one's own number, and who is called next."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from app.benefits.claim_models import Claim, ClaimWay
from app.benefits.distribution_queries import batches_of
from app.benefits.models import Distribution
from app.benefits.queue_models import QueueNumber
from app.benefits.roll_models import Entitlement
from app.compounds.models import Unit
from app.kit.clock import today
from app.kit.records import columns, made_into, pointing, rows_of


@dataclass(frozen=True, slots=True)
class PlaceInLine:
    """`serving`: the number that was called last, 0 before the first. `ahead`: how many wait before this one."""

    number: int
    on_date: date
    called_at: datetime | None
    serving: int
    ahead: int


@dataclass(frozen=True, slots=True)
class InLine:
    number: int
    label: str
    called_at: datetime | None


@dataclass(frozen=True, slots=True)
class Queue:
    """Of today. `skipped`: who was called before the last one and has not come. `last_by_me`: of the officer who looks, 0 before
    their first call.
    """

    serving: int
    last_by_me: int
    waiting: list[InLine]
    skipped: list[InLine]


def numbered_batches(session: Session, distribution: Distribution) -> set[UUID]:
    """Those of today for which numbers are given."""
    return {b.id for b in batches_of(session, distribution) if b.numbered and b.from_on <= today() <= b.until_on}


_TODAY = (
    QueueNumber.compound_id == bindparam("compound_id"),
    QueueNumber.distribution_id == bindparam("distribution_id"),
    QueueNumber.on_date == bindparam("on"),
)
_COLLECTED: Any = (
    select(Claim.id)
    .join(Entitlement, pointing(Claim, "entitlement_id", Entitlement))
    .where(
        Claim.compound_id == QueueNumber.compound_id,
        Claim.distribution_id == QueueNumber.distribution_id,
        Entitlement.unit_id == QueueNumber.unit_id,
        Claim.made_at >= QueueNumber.taken_at,
        Claim.way != ClaimWay.TRANSFER,
        col(Claim.voided_at).is_(None),
    )
    .correlate(QueueNumber)
    .exists()
)
"""They have been at a desk since they took it."""

_WAITS = (*_TODAY, col(QueueNumber.called_at).is_(None), ~_COLLECTED)
_LAST = select(QueueNumber).where(*_TODAY, col(QueueNumber.called_at).is_not(None)).order_by(col(QueueNumber.called_at).desc())
_LINE = (
    columns(QueueNumber.number, Unit.label, QueueNumber.called_at)
    .join(Unit, pointing(QueueNumber, "unit_id", Unit))
    .where(*_TODAY, ~_COLLECTED)
    .order_by(col(QueueNumber.number))
)
_in_line = made_into(InLine, _LINE)
_NEXT = select(QueueNumber).where(*_WAITS).order_by(col(QueueNumber.number)).limit(1)
_AHEAD = columns(func.count()).select_from(QueueNumber).where(*_WAITS, QueueNumber.number < bindparam("number"))
_HIGHEST = columns(func.coalesce(func.max(QueueNumber.number), 0)).where(*_TODAY)
_OF_UNIT = select(QueueNumber).where(*_TODAY, QueueNumber.unit_id == bindparam("unit_id"))
_NUMBERED = select(QueueNumber).where(*_TODAY, QueueNumber.number == bindparam("number"))


def place_of(session: Session, distribution: Distribution, unit_id: UUID) -> PlaceInLine | None:
    """A unit's number of today, if it has taken one."""
    mine = number_of(session, distribution, unit_id)
    if mine is None:
        return None
    last = last_called(session, distribution)
    ahead = rows_of(session, _AHEAD, _now(distribution) | {"number": mine.number}).scalar_one()
    return PlaceInLine(mine.number, mine.on_date, mine.called_at, last.number if last else 0, 0 if mine.called_at else ahead)


def number_of(session: Session, distribution: Distribution, unit_id: UUID) -> QueueNumber | None:
    return session.scalars(_OF_UNIT, _now(distribution) | {"unit_id": unit_id}).one_or_none()


def numbered(session: Session, distribution: Distribution, number: int) -> QueueNumber | None:
    return session.scalars(_NUMBERED, _now(distribution) | {"number": number}).one_or_none()


def highest(session: Session, distribution: Distribution) -> int:
    """The last number that was given today, 0 before the first."""
    return int(rows_of(session, _HIGHEST, _now(distribution)).scalar_one())


def next_in_line(session: Session, distribution: Distribution) -> QueueNumber | None:
    """The lowest number that was not called and whose unit has not been at a desk since."""
    return session.scalars(_NEXT, _now(distribution)).one_or_none()


def last_called(session: Session, distribution: Distribution, by_id: UUID | None = None) -> QueueNumber | None:
    statement = _LAST.where(QueueNumber.called_by_id == by_id) if by_id else _LAST
    return session.scalars(statement.limit(1), _now(distribution)).one_or_none()


def queue_of(session: Session, distribution: Distribution, officer_id: UUID) -> Queue:
    last, mine = last_called(session, distribution), last_called(session, distribution, officer_id)
    line = [_in_line(row) for row in rows_of(session, _LINE, _now(distribution))]
    serving = last.number if last else 0
    return Queue(
        serving,
        mine.number if mine else 0,
        [one for one in line if one.called_at is None],
        [one for one in line if one.called_at and one.number != serving],
    )


def _now(distribution: Distribution) -> dict[str, Any]:
    return {
        "compound_id": distribution.compound_id,
        "distribution_id": distribution.id,
        "on": today(),
    }
