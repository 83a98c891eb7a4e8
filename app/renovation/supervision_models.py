"""Nouns of how a project is supervised: where it is, and on which fixed days somebody goes there. Rows are added, not changed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.once import SentOnce
from app.kit.records import points_to


class SiteSpot(SentOnce, table=True):
    """工地位置, in degrees WGS 84; the latest counts."""

    __tablename__ = "site_spot"
    at = "/works/projects/{row.project_id}/supervision"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("person", "set_by_id"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_earth"),
        Index("ix_site_spot_project", "compound_id", "project_id", "set_at"),
    )

    project_id: UUID
    lat: float
    lon: float
    set_by_id: UUID
    set_at: datetime = Field(default_factory=now)


class SupervisionDays(SentOnce, table=True):
    """固定监督日: days of the week ("0" Monday … "6") and of the month ("10"), joined by commas; a month without such a day has
    none (as RFC 5545 §3.3.10 has it). Each row counts from its day on until the next one.
    """

    __tablename__ = "supervision_days"
    at = "/works/projects/{row.project_id}/supervision"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("person", "set_by_id"),
        Index("ix_supervision_days_project", "compound_id", "project_id", "from_on"),
    )

    project_id: UUID
    weekdays: str = Field(default="", max_length=20)
    month_days: str = Field(default="", max_length=100)
    from_on: date
    set_by_id: UUID
    set_at: datetime = Field(default_factory=now)

    def asks_for(self, day: date) -> bool:
        return str(day.weekday()) in self.weekdays.split(",") or str(day.day) in self.month_days.split(",")


for table in ("site_spot", "supervision_days"):
    append_only(table)
