"""Nouns of 联户走访: a member household looks in on the homes it looks after."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class NotInYourCare(Refusal):
    status = 403
    says = mark("这一户不是您联系的。")


class NothingNeeded(Refusal):
    says = mark("这次走访没有写需要什么。")


class AlreadyAsked(Refusal):
    says = mark("已经替这一户请人帮忙了。")


class HomeVisit(SentOnce, table=True):
    """走访记录: private to the household that looks after the home, the coordinators, and whoever lived there that day."""

    __tablename__ = "home_visit"
    at = "/volunteering/home-visits"

    __table_args__ = (
        points_to("unit", "unit_id"),
        points_to("person", "by_id"),
        Index("ix_home_visit_unit", "compound_id", "unit_id", "visited_on"),
        Index("ix_home_visit_by", "compound_id", "by_id", "written_at", "id"),
    )

    unit_id: UUID
    by_id: UUID
    visited_on: date
    seen: str = Field(max_length=500)
    needed: str = Field(default="", max_length=500)
    written_at: datetime = Field(default_factory=now)


class HomeVisitRequest(Record, table=True):
    """What was needed became a request for help: once a visit, whose own row is never changed."""

    __tablename__ = "home_visit_request"
    __table_args__ = (
        points_to("home_visit", "id"),
        points_to("service_request", "request_id"),
    )

    request_id: UUID


for table in ("home_visit", "home_visit_request"):
    append_only(table)
