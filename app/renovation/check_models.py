"""Nouns of what a supervisor looks at: check lists by trade, what a visit answered to their items, findings seen again."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal

MOST_PHOTO_ITEMS = 60
"""In all lists that are in use: a form without script sends every one of its file inputs, chosen or not."""


class ListReplaced(Refusal):
    says = mark("这张检查表已经换过，或者停用了。")
    advice = mark("请刷新再看，改新的那张。")


class TooManyPhotoItems(Refusal):
    says = mark("要拍照的检查项太多了，最多 %(most)s 项。")
    advice = mark("请先停用不用的检查表，或者少拍几项。")


class CheckFound(StrEnum):
    OK = "ok"
    NOT_OK = "not_ok"
    NOT_SEEN = "not_seen"


FOUND_SAYS = {
    CheckFound.OK: mark("合格"),
    CheckFound.NOT_OK: mark("不合格"),
    CheckFound.NOT_SEEN: mark("没看"),
}


class CheckList(SentOnce, table=True):
    """检查表 of one trade (水、电…). It is never changed, so that old answers keep their questions: another one `replaces` it."""

    __tablename__ = "check_list"
    at = "/works/checks"

    __table_args__ = (
        points_to("check_list", "replaces_id"),
        points_to("person", "made_by_id"),
        UniqueConstraint("compound_id", "replaces_id"),
    )

    trade: str = Field(max_length=20)
    replaces_id: UUID | None = None
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None


class CheckItem(Record, table=True):
    """检查项."""

    __tablename__ = "check_item"
    __table_args__ = (points_to("check_list", "list_id"), UniqueConstraint("compound_id", "list_id", "position"))

    list_id: UUID
    position: int
    text: str = Field(max_length=100)
    photo_required: bool = False


class VisitCheck(Record, table=True):
    """What a visit answered to an item. Of a list that it used, every item has an answer, and be it that nobody looked."""

    __tablename__ = "visit_check"
    __table_args__ = (
        points_to("visit", "visit_id"),
        points_to("check_item", "item_id"),
        UniqueConstraint("compound_id", "visit_id", "position"),
        UniqueConstraint("compound_id", "visit_id", "item_id"),
    )

    visit_id: UUID
    position: int
    item_id: UUID
    found: str = Field(max_length=10)
    words: str = Field(default="", max_length=500)


class Seen(StrEnum):
    MENDED = "mended"
    NOT_MENDED = "not_mended"


SEEN_SAYS = {Seen.MENDED: mark("看着改好了"), Seen.NOT_MENDED: mark("还没改好")}


class VisitRecheck(Record, table=True):
    """A finding that a visit looked at again. What was seen there; the judgement that closes it is an act of its own."""

    __tablename__ = "visit_recheck"
    __table_args__ = (
        points_to("visit", "visit_id"),
        points_to("finding", "finding_id"),
        UniqueConstraint("compound_id", "visit_id", "position"),
        UniqueConstraint("compound_id", "visit_id", "finding_id"),
        Index("ix_visit_recheck_finding", "compound_id", "finding_id"),
    )

    visit_id: UUID
    position: int
    finding_id: UUID
    seen: str = Field(max_length=12)
    words: str = Field(default="", max_length=500)


for table in ("check_item", "visit_check", "visit_recheck"):
    append_only(table)
