"""Nouns: the notice, its photos on the board, the objection, what is attached to it, the answer."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, false
from sqlmodel import Field

from app.kit.clock import local, now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class ObjectionPeriodOver(Refusal):
    says = mark("异议期已经过了。")
    advice = mark("有疑问请打电话给居委会，或在下次公示时提。")


class NoticeWithdrawn(Refusal):
    says = mark("这份公示已经撤回。")


class NoticeSuperseded(Refusal):
    says = mark("这份公示已经有更正。")
    advice = mark("请对更正后的那份提。")


class AnswerFirst(Refusal):
    """A corrected notice takes no more answers' effect from the one before: whoever objected there is answered there."""

    says = mark("还有 %(n)s 条异议没有答复，不能更正。")
    advice = mark("先答复异议，写明要怎样更正，再来更正。")


class AlreadyAnswered(Refusal):
    says = mark("这条异议已经答复过了。")


class ObjectionWithdrawn(Refusal):
    says = mark("这条异议已经撤回。")


class TooManyPhotos(Refusal):
    says = mark("最多附 %(most)s 张照片。")


class PhotoTakenBack(Refusal):
    says = mark("这张张贴照已经收回。")


class NotPostedThen(Refusal):
    """A photo of the paper is of a moment at which it hung there."""

    says = mark("张贴时间要在公示以后、现在以前；期满的照片要在异议期最后一天以后拍。")


class NoticeKind(StrEnum):
    STATEMENT = "statement"
    DISTRIBUTION = "distribution"
    DISTRIBUTION_REPORT = "distribution_report"
    ACCEPTANCE = "acceptance"
    GENERAL = "general"

    @property
    def period_rules(self) -> tuple[str, str]:
        """The compound's rules for its objection period: how many days, and which days count."""
        return _PERIODS.get(self, ("notice_days", "notice_working"))


_PERIODS = {
    NoticeKind.STATEMENT: ("objection_days", "objection_working"),
    NoticeKind.DISTRIBUTION: ("plan_objection_days", "plan_objection_working"),
}

KIND_SAYS = {
    NoticeKind.STATEMENT: mark("收支公示"),
    NoticeKind.DISTRIBUTION: mark("福利发放公示"),
    NoticeKind.DISTRIBUTION_REPORT: mark("福利发放结果公示"),
    NoticeKind.ACCEPTANCE: mark("居民验收意见公示"),
    NoticeKind.GENERAL: mark("一般公示"),
}


class NoticeState(StrEnum):
    """Computed, never stored: time alone moves a notice on. SUPERSEDED: a corrected one stands in its place."""

    OPEN = "open"
    WAITING = "waiting"
    EFFECTIVE = "effective"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class BoardMoment(StrEnum):
    START = "start"
    END = "end"


BOARD_SAYS = {BoardMoment.START: mark("刚贴出"), BoardMoment.END: mark("期满")}


class Standing(NamedTuple):
    """How the objections to a notice stand: how many wait, when the first of them is due, when the last was settled."""

    unanswered: int = 0
    first_due_at: datetime | None = None
    settled_at: datetime | None = None


class Notice(Record, table=True):
    """公示. `frozen`: the published bytes (canonical JSON), which are what was published for ever; `sha256` of them.

    `days`, of calendar or of working days, is what the rule said on the day; `covers_*` the period that it is about.
    """

    __table_args__ = (
        points_to("person", "published_by_id"),
        points_to("person", "withdrawn_by_id"),
        points_to("notice", "superseded_by_id"),
        Index("ix_notice_day", "compound_id", "published_at", "id"),
        Index("ix_notice_record", "compound_id", "record_id"),
    )

    kind: str = Field(max_length=20)
    title: str = Field(max_length=100)
    path: str = Field(max_length=200)
    """Where the published thing is shown, inside the compound."""
    record_id: UUID
    frozen: bytes = Field(sa_type=LargeBinary)
    sha256: bytes
    published_by_id: UUID
    published_at: datetime = Field(default_factory=now)
    objections_until_at: datetime
    days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    working: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    covers_from_on: date | None = None
    covers_to_on: date | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by_id: UUID | None = None
    withdrawn_because: str = Field(default="", max_length=200)
    superseded_by_id: UUID | None = None

    @property
    def stands(self) -> bool:
        """Neither withdrawn nor superseded."""
        return self.withdrawn_at is None and self.superseded_by_id is None

    @property
    def last_on(self) -> date:
        """The last day on which one may object."""
        return local(self.objections_until_at - timedelta(microseconds=1)).date()

    def check_open(self) -> None:
        """Raises NoticeWithdrawn, NoticeSuperseded or ObjectionPeriodOver."""
        if self.withdrawn_at:
            raise NoticeWithdrawn
        if self.superseded_by_id:
            raise NoticeSuperseded
        if self.objections_until_at <= now():
            raise ObjectionPeriodOver

    def check_posted(self, moment: BoardMoment, taken_at: datetime) -> None:
        """Raises NoticeWithdrawn, NotPostedThen."""
        if self.withdrawn_at:
            raise NoticeWithdrawn
        first = self.published_at if moment == BoardMoment.START else self.objections_until_at - timedelta(days=1)
        if not first.replace(second=0, microsecond=0) <= taken_at <= now():  # people say a time in minutes
            raise NotPostedThen

    def withdraw(self, by_id: UUID, reason: str) -> None:
        """Raises NoticeWithdrawn."""
        if self.withdrawn_at:
            raise NoticeWithdrawn
        self.withdrawn_at, self.withdrawn_by_id, self.withdrawn_because = now(), by_id, reason

    def state(self, standing: Standing) -> NoticeState:
        """Effective once the period is over and every objection is settled: answered by name, or withdrawn by its maker."""
        if self.withdrawn_at:
            return NoticeState.WITHDRAWN
        if self.superseded_by_id:
            return NoticeState.SUPERSEDED
        if self.objections_until_at > now():
            return NoticeState.OPEN
        return NoticeState.WAITING if standing.unanswered else NoticeState.EFFECTIVE

    def effective_at(self, standing: Standing) -> datetime | None:
        """Since when it is effective, or when it will be if nobody objects; None while that depends on an answer."""
        if not self.stands or standing.unanswered:
            return None
        return max(self.objections_until_at, standing.settled_at or self.objections_until_at)

    def is_overdue(self, standing: Standing) -> bool:
        return self.withdrawn_at is None and standing.first_due_at is not None and standing.first_due_at <= now()


class BoardPhoto(Record, table=True):
    """张贴照: the paper on the board, seen when it was put up and when its period was over. Its id is the photo's.

    `taken_at` is what the officer says; when the picture arrived is the photo's own.
    """

    __tablename__ = "board_photo"
    __table_args__ = (
        points_to("photo", "id"),
        points_to("notice", "notice_id"),
        points_to("person", "posted_by_id"),
        Index("ix_board_photo_notice", "compound_id", "notice_id", "moment"),
    )

    notice_id: UUID
    moment: str = Field(max_length=10)
    taken_at: datetime
    posted_by_id: UUID
    made_at: datetime = Field(default_factory=now)


class BoardPhotoWithdrawal(Record, table=True):
    """A board photo that was put up wrongly and taken back by who put it; the row with the same id stays for the record."""

    __tablename__ = "board_photo_withdrawal"
    __table_args__ = (points_to("board_photo", "id"), points_to("person", "person_id"))

    person_id: UUID
    because: str = Field(max_length=200)
    made_at: datetime = Field(default_factory=now)


class Announcement(SentOnce, table=True):
    """一般公示: what an officer publishes in their own words; these stand in the frozen bytes of its notice."""

    at = "/notices/{row.notice_id}"

    __table_args__ = (points_to("notice", "notice_id"),)

    notice_id: UUID


class AnnouncementPhoto(Record, table=True):
    """A picture that belongs to an announcement, for everybody. Its id is the photo's."""

    __tablename__ = "announcement_photo"
    __table_args__ = (
        points_to("photo", "id"),
        points_to("announcement", "announcement_id"),
        Index("ix_announcement_photo_announcement", "compound_id", "announcement_id"),
    )

    announcement_id: UUID
    position: int


class Objection(SentOnce, table=True):
    """异议: made by name, shown without it. `entered_by_id`: the officer who wrote it for somebody without a telephone."""

    at = "/notices/{row.notice_id}"

    __table_args__ = (
        points_to("notice", "notice_id"),
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        Index("ix_objection_notice", "compound_id", "notice_id", "made_at"),
    )

    notice_id: UUID
    person_id: UUID
    text: str = Field(max_length=2000)
    made_at: datetime = Field(default_factory=now)
    answer_by_at: datetime
    entered_by_id: UUID | None = None


MOST_PHOTOS = 6
"""Of one objection, and of one announcement."""


class ObjectionPhoto(Record, table=True):
    """What an objector shows as evidence. Its id is the photo's. It may tell who they are: theirs and the officers' only."""

    __tablename__ = "objection_photo"
    __table_args__ = (
        points_to("photo", "id"),
        points_to("objection", "objection_id"),
        Index("ix_objection_photo_objection", "compound_id", "objection_id"),
    )

    objection_id: UUID
    made_at: datetime = Field(default_factory=now)


class Answer(Record, table=True):
    """What settles an objection, once: 答复 by a named officer or, where `withdrawn`, its maker's 撤回 without words.

    Append-only like the objection; one table, so that the database itself refuses that both happen.
    """

    __table_args__ = (
        points_to("objection", "objection_id"),
        points_to("person", "person_id"),
        UniqueConstraint("compound_id", "objection_id"),
    )

    objection_id: UUID
    person_id: UUID
    text: str = Field(max_length=2000)
    made_at: datetime = Field(default_factory=now)
    withdrawn: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


append_only("objection")
append_only("answer")
append_only("objection_photo")
append_only("board_photo")
append_only("board_photo_withdrawal")
append_only("announcement")
append_only("announcement_photo")
