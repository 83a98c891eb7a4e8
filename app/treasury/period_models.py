"""Nouns of closing: a month's accounts are closed by the treasurer and, while it is not published, opened again with a reason."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class PeriodNotOver(Refusal):
    says = mark("这一期还没有过完，请过完再办。")


class AlreadyClosed(Refusal):
    says = mark("这个月已经结账了。")


class NotClosed(Refusal):
    says = mark("这个月没有结账，不用打开。")


class PublishedForGood(Refusal):
    says = mark("这个月已经公布，不能再打开。")
    advice = mark("记错的，请冲销，再另记一笔。")


class PeriodAct(StrEnum):
    CLOSED = "closed"
    REOPENED = "reopened"


class PeriodState(StrEnum):
    """open → closed → published;  closed → open."""

    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"


class PeriodChange(Record, table=True):
    """Who closed a month with all before it, or opened it with all after it, and why. `Books.closed_until` is what holds now."""

    __tablename__ = "period_change"
    __table_args__ = (points_to("person", "by_id"),)

    act: str = Field(max_length=10)
    month: date
    reason: str = Field(default="", max_length=100)
    by_id: UUID
    at: datetime = Field(default_factory=now)


append_only("period_change")
