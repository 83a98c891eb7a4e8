"""Noun: one clock of a project's warranty."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.records import Record, points_to


class WarrantyKind(StrEnum):
    WATERPROOF = "waterproof"
    HEATING = "heating"
    ELECTRIC = "electric"
    PLUMBING = "plumbing"
    FITOUT = "fitout"
    OTHER = "other"


WARRANTY_SAYS = {
    WarrantyKind.WATERPROOF: mark("屋面、外墙、卫生间防水"),
    WarrantyKind.HEATING: mark("供热、供冷系统"),
    WarrantyKind.ELECTRIC: mark("电气管线"),
    WarrantyKind.PLUMBING: mark("给排水管道"),
    WarrantyKind.FITOUT: mark("设备安装和装修"),
    WarrantyKind.OTHER: mark("其他，按合同"),
}


class Warranty(Record, table=True):
    """保修: a part of the works that the contractor mends for nothing until a day, as the compound's rules were at acceptance.

    It counts while the step of the project's life that began it stands. `source`: where the time comes from.
    """

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("project_act", "act_id"),
        UniqueConstraint("compound_id", "act_id", "kind"),
        CheckConstraint("until_on >= from_on", name="in_order"),
    )

    project_id: UUID
    act_id: UUID
    kind: str = Field(max_length=10)
    from_on: date
    until_on: date
    source: str = Field(max_length=200)


append_only("warranty")
