"""Nouns of the frozen roll: what each unit is due, line by line, and what is held back with its stated basis."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class Corrected(Refusal):
    says = mark("名册更正过，请重新查这一户。")


class OnHold(Refusal):
    says = mark("这一户先留着不发，依据：%(basis)s。")
    advice = mark("有异议，请找管理委员会；这一份一直给这一户留着。")


class AlreadyOnHold(Refusal):
    says = mark("这一户已经留着不发。")


class Collected(StrEnum):
    """How much of what it is due a unit has signed for."""

    ALL = "all"
    PARTLY = "partly"
    NOTHING = "nothing"


class Entitlement(Record, table=True):
    """应得: one unit of the frozen roll. It belongs to the unit: whoever owns it later collects it.

    `label`, `building`, `entrance` and `area` are what the roster said on the record date; `amount_fen` is the value of all
    its lines. `code`: eight random digits that its owners can show or read aloud; they find the line, they do not open
    anything. A correction adds a row of a later `version` for each unit that it touches, with the same code, and no lines
    where the unit is due nothing any more; the earlier row stays to be read.
    """

    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("unit", "unit_id"),
        UniqueConstraint("compound_id", "unit_id", "distribution_id", "version"),
        UniqueConstraint("compound_id", "distribution_id", "code", "version"),
        CheckConstraint("amount_fen >= 0", name="not_below_zero"),
        Index("ix_entitlement_roll", "compound_id", "distribution_id", "position"),
    )

    compound_id: UUID = Field(primary_key=True)
    """Of its distribution, whose own key points to the compound: asked once more of 100,000 rows it costs as much as they do."""
    distribution_id: UUID
    unit_id: UUID
    version: int
    position: int
    """The place in the roll, from 1: the order in which spare steps were given (`shares`)."""
    label: str = Field(max_length=60)
    building: str = Field(max_length=20)
    entrance: str = Field(max_length=20)
    area: int
    amount_fen: int = Field(sa_type=BigInteger)
    code: str = Field(max_length=8)


class EntitlementLine(Record, table=True):
    """What a unit is due of one item: `quantity` pieces, 0 of money. `weight`: what it counted with (0.01 m², persons, 1)."""

    __tablename__ = "entitlement_line"
    __table_args__ = (
        points_to("entitlement", "entitlement_id"),
        points_to("distribution_item", "item_id"),
        UniqueConstraint("compound_id", "entitlement_id", "item_id"),
        CheckConstraint("amount_fen > 0 AND quantity >= 0 AND weight >= 0", name="is_something"),
        Index("ix_entitlement_line_item", "compound_id", "item_id"),
    )

    compound_id: UUID = Field(primary_key=True)
    """Of its entitlement, in the same way."""
    entitlement_id: UUID
    item_id: UUID
    amount_fen: int = Field(sa_type=BigInteger)
    quantity: int
    weight: int = Field(sa_type=BigInteger)


append_only("entitlement")
append_only("entitlement_line")


class Hold(Record, table=True):
    """What a unit is due stays with it and is not handed out, for the stated basis, until somebody lifts it.

    Its own row, because lifting it changes nothing in the roll.
    """

    __tablename__ = "distribution_hold"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("unit", "unit_id"),
        points_to("person", "held_by_id"),
        points_to("person", "lifted_by_id"),
        CheckConstraint("basis <> ''", name="has_a_basis"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifted_by_somebody"),
        Index(
            "uq_distribution_hold_live",
            "compound_id",
            "distribution_id",
            "unit_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    distribution_id: UUID
    unit_id: UUID
    basis: str = Field(max_length=200)
    held_by_id: UUID
    held_at: datetime = Field(default_factory=now)
    lifted_at: datetime | None = None
    lifted_by_id: UUID | None = None
