"""Nouns of what has to be mended. Whoever moves a finding on holds its row lock (`finding_queries.finding_to_change`)."""

from datetime import date, datetime, timedelta
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

LINK_LASTS = timedelta(days=90)
"""How long a contractor's link opens its finding: longer than any deadline that a rule allows is usually asked for."""


class NotThisState(Refusal):
    says = mark("这个问题现在的状态不能这样做。")
    advice = mark("请刷新再看，可能别人已经办了。")


class RecheckByAnother(Refusal):
    """DOMAIN §5: a finding closes only when a second supervisor confirms."""

    status = 403
    says = mark("问题是您提的，要由另一位监督员复查。")


class AfterPhotoNeeded(Refusal):
    says = mark("还没有改后的照片，不能算改好。")
    advice = mark("请拍一张改后的照片，再提交复查。")


class Severity(StrEnum):
    HIGH = "high"
    MID = "mid"
    LOW = "low"


SEVERITY_SAYS = {Severity.HIGH: mark("严重"), Severity.MID: mark("一般"), Severity.LOW: mark("轻微")}


class FindingState(StrEnum):
    """open → answered → closed;  answered → open (not mended);  closed → open (again);  open | answered → closed_unfixed."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    CLOSED_UNFIXED = "closed_unfixed"


LIVE = (FindingState.OPEN, FindingState.ANSWERED)


class Verdict(StrEnum):
    """What a supervisor said after looking."""

    MENDED = "mended"
    NOT_MENDED = "not_mended"
    REOPENED = "reopened"
    UNFIXED = "unfixed"


class PhotoRole(StrEnum):
    BEFORE = "before"
    AFTER = "after"
    """Sent by the contractor."""
    RECHECK = "recheck"


class Finding(SentOnce, table=True):
    """问题 / 整改通知. `reopened` counts how often it came back; `received_at` is the contractor's receipt."""

    at = "/works/findings/{row.id}"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("visit", "visit_id"),
        points_to("person", "raised_by_id"),
        UniqueConstraint("compound_id", "year", "number"),
        Index("ix_finding_project", "compound_id", "project_id", "raised_at", "id"),
        Index("ix_finding_state", "compound_id", "state", "due_on"),
    )

    project_id: UUID
    visit_id: UUID | None = None
    year: int
    number: int
    place: str = Field(max_length=100)
    what: str = Field(max_length=1000)
    basis: str = Field(default="", max_length=300)
    demand: str = Field(max_length=1000)
    severity: str = Field(max_length=10)
    due_on: date
    state: str = Field(default=FindingState.OPEN, max_length=16)
    reopened: int = 0
    raised_by_id: UUID
    raised_at: datetime = Field(default_factory=now)
    received_at: datetime | None = None
    closed_at: datetime | None = None

    def answer(self) -> None:
        """Raises NotThisState unless it is open."""
        self._must_be(FindingState.OPEN)
        self.state = FindingState.ANSWERED

    def judge(self, verdict: Verdict, by: UUID, *, with_after_photo: bool) -> None:
        """Raises NotThisState, RecheckByAnother, AfterPhotoNeeded."""
        match verdict:
            case Verdict.MENDED | Verdict.NOT_MENDED:
                self._must_be(FindingState.ANSWERED)
                if by == self.raised_by_id:
                    raise RecheckByAnother
            case Verdict.REOPENED:
                self._must_be(FindingState.CLOSED, FindingState.CLOSED_UNFIXED)
            case Verdict.UNFIXED:
                self._must_be(*LIVE)
        if verdict is Verdict.MENDED and not with_after_photo:
            raise AfterPhotoNeeded
        if verdict in (Verdict.NOT_MENDED, Verdict.REOPENED):
            self.state, self.closed_at = FindingState.OPEN, None
            self.reopened += 1
        else:
            self.state = FindingState.CLOSED if verdict is Verdict.MENDED else FindingState.CLOSED_UNFIXED
            self.closed_at = now()

    def _must_be(self, *states: FindingState) -> None:
        if self.state not in states:
            raise NotThisState


class FindingLink(Record, table=True):
    """The contractor's way in: ≥ 128 random bits, kept as a hash, shown once. A new link ends the one before."""

    __tablename__ = "finding_link"
    __table_args__ = (
        points_to("finding", "finding_id"),
        points_to("person", "made_by_id"),
        UniqueConstraint("token_hash"),
        Index("ix_finding_link_finding", "compound_id", "finding_id"),
    )

    finding_id: UUID
    token_hash: bytes
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)
    until_at: datetime
    received_at: datetime | None = None
    ended_at: datetime | None = None


class Rectification(SentOnce, table=True):
    """整改回复: what the contractor says was done. `answered_by` as they name themselves."""

    at = "/works/findings/{row.finding_id}"

    __table_args__ = (
        points_to("finding", "finding_id"),
        points_to("finding_link", "link_id"),
        Index("ix_rectification_finding", "compound_id", "finding_id", "answered_at"),
    )

    finding_id: UUID
    link_id: UUID
    text: str = Field(max_length=2000)
    answered_by: str = Field(max_length=60)
    answered_at: datetime = Field(default_factory=now)


class Recheck(SentOnce, table=True):
    """复查: what a supervisor found, or decided, about a finding."""

    at = "/works/findings/{row.finding_id}"

    __table_args__ = (
        points_to("finding", "finding_id"),
        points_to("rectification", "rectification_id"),
        points_to("person", "checked_by_id"),
        Index("ix_recheck_finding", "compound_id", "finding_id", "checked_at"),
    )

    finding_id: UUID
    rectification_id: UUID | None = None
    verdict: str = Field(max_length=12)
    text: str = Field(default="", max_length=2000)
    checked_by_id: UUID
    checked_at: datetime = Field(default_factory=now)


class FindingPhoto(Record, table=True):
    """A photo that shows a finding; `act_id` is the rectification or re-check it came with, None for those of before."""

    __tablename__ = "finding_photo"
    __table_args__ = (
        points_to("finding", "finding_id"),
        points_to("photo", "photo_id"),
        UniqueConstraint("compound_id", "finding_id", "role", "photo_id"),
    )

    finding_id: UUID
    photo_id: UUID
    role: str = Field(max_length=10)
    act_id: UUID | None = None
    position: int


for table in ("rectification", "recheck", "finding_photo"):
    append_only(table)
