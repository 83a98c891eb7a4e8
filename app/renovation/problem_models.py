"""Nouns of what residents report about house and ground; whoever settles one holds its row lock."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal

MOST_PHOTOS = 6


class TooManyProblemPhotos(Refusal):
    says = mark("最多附 %(most)s 张照片。")


class ProblemSettled(Refusal):
    says = mark("这个问题已经有人处理了，不能再加照片。")


class ProblemKind(StrEnum):
    FACILITY = "facility"
    LEAK = "leak"
    PIPE = "pipe"
    PARKING = "parking"
    OTHER = "other"


PROBLEM_SAYS = {
    ProblemKind.FACILITY: mark("设施破损"),
    ProblemKind.LEAK: mark("渗漏"),
    ProblemKind.PIPE: mark("管道"),
    ProblemKind.PARKING: mark("停车"),
    ProblemKind.OTHER: mark("其他"),
}


class Problem(SentOnce, table=True):
    """居民反映的问题. Everybody sees how many there are; what it says is for its reporter and for who plans or watches works.

    `entered_by_id`: the officer who wrote it down for a reporter without a phone.
    """

    at = "/works/problems/{row.id}"

    __table_args__ = (
        points_to("building", "building_id"),
        points_to("person", "reported_by_id"),
        points_to("person", "entered_by_id"),
        Index("ix_problem_day", "compound_id", "reported_at", "id"),
        Index("ix_problem_reporter", "compound_id", "reported_by_id"),
        Index("ix_problem_hand", "compound_id", "entered_by_id"),
    )

    kind: str = Field(max_length=10)
    building_id: UUID | None = None
    place: str = Field(max_length=100)
    text: str = Field(max_length=2000)
    reported_by_id: UUID
    entered_by_id: UUID | None = None
    reported_at: datetime = Field(default_factory=now)


class ProblemPhoto(Record, table=True):
    """What its reporter shows. Its id is the photo's. It may tell where they live: theirs and the officers' only."""

    __tablename__ = "problem_photo"
    __table_args__ = (
        points_to("photo", "id"),
        points_to("problem", "problem_id"),
        Index("ix_problem_photo_problem", "compound_id", "problem_id"),
    )

    problem_id: UUID
    position: int


class ProblemAct(SentOnce, table=True):
    """What became of it: it is for a project to mend, or it was answered in words; the latest counts."""

    __tablename__ = "problem_act"
    at = "/works/problems/{row.problem_id}"

    __table_args__ = (
        points_to("problem", "problem_id"),
        points_to("project", "project_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "problem_id", "position"),
        CheckConstraint("project_id IS NOT NULL OR text <> ''", name="says_something"),
        Index("ix_problem_act_project", "compound_id", "project_id"),
    )

    problem_id: UUID
    position: int
    project_id: UUID | None = None
    text: str = Field(default="", max_length=2000)
    by_id: UUID
    done_at: datetime = Field(default_factory=now)


for table in ("problem", "problem_photo", "problem_act"):
    append_only(table)
