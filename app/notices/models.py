"""Nouns: the notice, the objection, the answer."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
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


class AlreadyAnswered(Refusal):
    says = mark("这条异议已经答复过了。")


class NoticeKind(StrEnum):
    STATEMENT = "statement"
    DISTRIBUTION = "distribution"
    ACCEPTANCE = "acceptance"


KIND_SAYS = {
    NoticeKind.STATEMENT: mark("收支公示"),
    NoticeKind.DISTRIBUTION: mark("福利发放公示"),
    NoticeKind.ACCEPTANCE: mark("居民验收意见公示"),
}


class NoticeState(StrEnum):
    """Computed, never stored: time alone moves a notice on."""

    OPEN = "open"
    WAITING = "waiting"
    EFFECTIVE = "effective"
    WITHDRAWN = "withdrawn"


class Notice(Record, table=True):
    """公示. `frozen`: the published bytes (canonical JSON), which are what was published for ever; `sha256` of them."""

    __table_args__ = (
        points_to("person", "published_by_id"),
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
    withdrawn_at: datetime | None = None
    withdrawn_because: str = Field(default="", max_length=200)

    def check_open(self) -> None:
        """Raises NoticeWithdrawn or ObjectionPeriodOver."""
        if self.withdrawn_at:
            raise NoticeWithdrawn
        if self.objections_until_at <= now():
            raise ObjectionPeriodOver

    def state(self, unanswered: int) -> NoticeState:
        """Effective once the period is over and every objection has its named answer."""
        if self.withdrawn_at:
            return NoticeState.WITHDRAWN
        if self.objections_until_at > now():
            return NoticeState.OPEN
        return NoticeState.WAITING if unanswered else NoticeState.EFFECTIVE


class Objection(SentOnce, table=True):
    """异议: made by name, shown without it."""

    at = "/notices/{row.notice_id}"

    __table_args__ = (
        points_to("notice", "notice_id"),
        points_to("person", "person_id"),
        Index("ix_objection_notice", "compound_id", "notice_id", "made_at"),
    )

    notice_id: UUID
    person_id: UUID
    text: str = Field(max_length=2000)
    made_at: datetime = Field(default_factory=now)
    answer_by_at: datetime


class Answer(Record, table=True):
    """答复: by a named officer, once; append-only like the objection it answers."""

    __table_args__ = (
        points_to("objection", "objection_id"),
        points_to("person", "person_id"),
        UniqueConstraint("compound_id", "objection_id"),
    )

    objection_id: UUID
    person_id: UUID
    text: str = Field(max_length=2000)
    made_at: datetime = Field(default_factory=now)


append_only("objection")
append_only("answer")
