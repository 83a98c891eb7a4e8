"""Shapes at the border of what becomes of a plan: how far it is, its report, and what was converted."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from app.benefits.models import BenefitKind
from app.benefits.roll_models import Collected
from app.benefits.schemas import MOST_LINES
from app.kit.forms import Line, Wish
from app.kit.money import AmountRead

ReportNumber = Annotated[int | None, Query(ge=1, le=1000, description="Which report, from 1; the latest where none is named.")]


class ConversionWish(Wish):
    """Which lines of the roll are owed no more, and which decision says so."""

    decision_id: UUID
    lines: Annotated[list[UUID], Field(min_length=1, max_length=MOST_LINES)]


class UndoWish(Wish):
    """By which decision a conversion is taken back: the one that it did not follow, or a later one."""

    decision_id: UUID
    reason: Annotated[Line, Field(max_length=200)]


class ConversionRead(BaseModel):
    id: UUID
    distribution_id: UUID
    decision_id: UUID
    amount: Annotated[AmountRead, Field(validation_alias="amount_fen")]
    converted_at: datetime
    entry_id: UUID


class UndoingRead(BaseModel):
    conversion_id: UUID
    decision_id: UUID | None
    reason: str
    undone_at: datetime
    reversal_id: UUID


class BuildingProgressRead(BaseModel):
    """Of the units of a building that are due something of a kind: how many have all of it. Entrances of fewer than three units
    are left out of their building and told as one, whose name is empty.
    """

    building: str
    kind: BenefitKind
    units: int
    claimed: int


class ProgressRead(BaseModel):
    """`claimed` and `left` count units: those that have all they are due, and those for which something is left. `as_of`: the
    last day of which they tell; null: up to this moment.
    """

    as_of: date | None
    units: int
    claimed: int
    left: int
    total: Annotated[AmountRead, Field(validation_alias="total_fen")]
    left_amount: Annotated[AmountRead, Field(validation_alias="left_fen")]
    residue: Annotated[AmountRead, Field(validation_alias="residue_fen")]
    buildings: list[BuildingProgressRead]


class UnitProgressRead(BaseModel):
    id: UUID
    label: str
    collected: Collected


class ReportItemRead(BaseModel):
    """By value; of goods also in pieces, where due = handed + unclaimed + converted and, of the stock, received = handed +
    conflicted + spoiled + left.
    """

    name: str
    kind: BenefitKind
    due_amount: Annotated[AmountRead, Field(validation_alias="due_fen")]
    handed_amount: Annotated[AmountRead, Field(validation_alias="handed_fen")]
    unclaimed_amount: Annotated[AmountRead, Field(validation_alias="unclaimed_fen")]
    converted_amount: Annotated[AmountRead, Field(validation_alias="converted_fen")]
    residue: Annotated[AmountRead, Field(validation_alias="residue_fen")]
    unit: str | None = None
    due: int | None = None
    handed: int | None = None
    unclaimed: int | None = None
    converted: int | None = None
    received: int | None = None
    conflicted: int | None = None
    spoiled: int | None = None
    left: int | None = None


class ReportRead(BaseModel):
    """As it was published: the bytes that notice `notice_id` froze, with the amounts written as everywhere."""

    notice_id: UUID
    reference: str
    number: int
    version: int
    title: str
    closed_on: date
    units: int
    claimed: int
    unclaimed: int
    excluded: int
    total: Annotated[AmountRead, Field(validation_alias="total_fen")]
    handed: Annotated[AmountRead, Field(validation_alias="handed_fen")]
    unclaimed_amount: Annotated[AmountRead, Field(validation_alias="unclaimed_fen")]
    converted_amount: Annotated[AmountRead, Field(validation_alias="converted_fen")]
    items: list[ReportItemRead]
    buildings: list[BuildingProgressRead]
