"""Nouns of what has to be mended. Whoever moves a finding on holds its row lock (`finding_queries.finding_to_change`)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotFound, Refusal

LINK_LASTS = timedelta(days=90)
"""How long a contractor's link opens its finding: longer than any deadline that a rule allows is usually asked for."""


class NotThisState(Refusal):
    says = mark("这个问题现在的状态不能这样做。")
    advice = mark("请刷新再看，可能别人已经办了。")


class ByAnother(Refusal):
    """A finding is seen to be mended, sent back, given up unmended, withdrawn or upheld by another than who raised it."""

    status = 403
    says = mark("问题是您提的，这一步要由另一位监督员来办。")


class AfterPhotoNeeded(Refusal):
    says = mark("还没有改后的照片，不能算改好。")
    advice = mark("请拍一张改后的照片，再提交复查。")


class AlreadySeconded(Refusal):
    says = mark("已经有两位监督员签发了。")


class AlreadyReported(Refusal):
    says = mark("已经有人报过又坏了，监督员正在看。")


class NothingReported(Refusal):
    says = mark("没有人报过又坏了，不用答复。")


class PhotoNotAwaited(NotFound):
    says = mark("没有报过这张照片。")


class DueDayPassed(Refusal):
    """Nobody can be asked to have mended something yesterday."""

    status = 422
    says = mark("期限已经过去了，请写今天或者以后的一天。")


class Severity(StrEnum):
    HIGH = "high"
    MID = "mid"
    LOW = "low"


SEVERITY_SAYS = {Severity.HIGH: mark("严重"), Severity.MID: mark("一般"), Severity.LOW: mark("轻微")}


class FindingState(StrEnum):
    """What moves a finding from one to the next stands in MOVES."""

    DRAFT = "draft"
    """Only supervisors see it; it has no number yet."""
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    """The contractor accepts it."""
    DISPUTED = "disputed"
    CLAIMED = "rectified_claimed"
    """The contractor says that it is mended; nobody has looked yet."""
    REJECTED = "rejected"
    """Somebody has looked: it is not."""
    REOPENED = "reopened"
    CLOSED = "closed"
    """Seen to be mended, by another than who raised it."""
    CLOSED_UNFIXED = "closed_unfixed"
    VOID = "void"


S = FindingState
TO_MEND = (S.ISSUED, S.ACKNOWLEDGED, S.REJECTED, S.REOPENED)
"""It is for the contractor to act."""
RUNS_LATE = (*TO_MEND, S.DISPUTED)
"""Its day counts: nobody has said yet that it is mended."""
LIVE = (*RUNS_LATE, S.CLAIMED)
SHUT = (S.CLOSED, S.CLOSED_UNFIXED)


class ActKind(StrEnum):
    """办理: what is done about a finding."""

    ISSUED = "issued"
    SECONDED = "seconded"
    UPHELD = "upheld"
    """The contractor's dispute is not shared; the demand stands."""
    MENDED = "mended"
    NOT_MENDED = "not_mended"
    UNFIXED = "unfixed"
    VOIDED = "voided"
    REOPENED = "reopened"
    DISMISSED = "dismissed"
    """A resident's report that it is broken again was looked into: it is not."""
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    DISPUTED = "disputed"
    ANSWERED = "answered"
    REPORTED = "reported"
    """By a resident: broken again."""
    ESCALATED = "escalated"
    """By nobody: the day came and it was not mended, so the community officer was told."""
    ARRIVED = "arrived"
    """The first photo of an earlier step that had to wait for it: what it moves is that step's."""


@dataclass(frozen=True)
class Move:
    """`to`: None leaves the state. `by_another`: than who raised it."""

    of: tuple[FindingState, ...]
    to: FindingState | None
    by_another: bool = False


MOVES = {
    ActKind.ISSUED: Move((S.DRAFT,), S.ISSUED),
    ActKind.SECONDED: Move(LIVE, None, by_another=True),
    ActKind.RECEIVED: Move(LIVE, None),
    ActKind.ACKNOWLEDGED: Move((S.ISSUED, S.REJECTED, S.REOPENED), S.ACKNOWLEDGED),
    ActKind.DISPUTED: Move(TO_MEND, S.DISPUTED),
    ActKind.UPHELD: Move((S.DISPUTED,), S.ISSUED, by_another=True),
    ActKind.ANSWERED: Move(TO_MEND, S.CLAIMED),
    ActKind.MENDED: Move((S.CLAIMED,), S.CLOSED, by_another=True),
    ActKind.NOT_MENDED: Move((S.CLAIMED,), S.REJECTED, by_another=True),
    ActKind.UNFIXED: Move(LIVE, S.CLOSED_UNFIXED, by_another=True),
    ActKind.VOIDED: Move((S.DRAFT, *LIVE), S.VOID, by_another=True),
    ActKind.REPORTED: Move(SHUT, None),
    ActKind.DISMISSED: Move(SHUT, None),
    ActKind.REOPENED: Move(SHUT, S.REOPENED),
    ActKind.ESCALATED: Move(LIVE, None),
}

CONTRACTORS = (ActKind.RECEIVED, ActKind.ACKNOWLEDGED, ActKind.DISPUTED, ActKind.ANSWERED)
BY_ITSELF = (ActKind.ESCALATED, ActKind.ARRIVED)
SUPERVISORS = tuple(kind for kind in ActKind if kind not in (*CONTRACTORS, *BY_ITSELF, ActKind.REPORTED))

ON_EVIDENCE = (ActKind.ANSWERED, ActKind.MENDED)
"""What says that it is mended. Where its photos were announced, to follow, it is written down and shown at once and *stands*
when the first of them is here: the words are safe and public within seconds also from a cellar, nothing counts as mended on a
promise, and one photo lost on the way does not hold up what the others show. What came of the finding meanwhile decides then:
a step that is no longer possible stays on record with its photos, and moves nothing."""


class Finding(SentOnce, table=True):
    """问题 / 整改通知. `reopened` counts how often it came back; `received_at` is the contractor's first receipt; `reported_at`
    stands while a resident's report that it is broken again waits for a supervisor. Without a number it was never issued, and
    only supervisors see it.
    """

    at = "/works/findings/{row.id}"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("visit", "visit_id"),
        points_to("person", "raised_by_id"),
        points_to("person", "seconded_by_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint("number IS NOT NULL OR state IN ('draft', 'void')", name="numbered_when_issued"),
        CheckConstraint("(year IS NULL) = (number IS NULL)", name="number_is_whole"),
        CheckConstraint("seconded_by_id <> raised_by_id", name="seconded_by_another"),
        Index("ix_finding_project", "compound_id", "project_id", "raised_at", "id"),
        Index("ix_finding_state", "compound_id", "state", "due_on"),
    )

    project_id: UUID
    visit_id: UUID | None = None
    year: int | None = None
    number: int | None = None
    place: str = Field(max_length=100)
    what: str = Field(max_length=1000)
    basis: str = Field(default="", max_length=300)
    demand: str = Field(max_length=1000)
    severity: str = Field(max_length=10)
    due_on: date
    state: str = Field(default=FindingState.DRAFT, max_length=20)
    reopened: int = 0
    raised_by_id: UUID
    raised_at: datetime = Field(default_factory=now)
    seconded_by_id: UUID | None = None
    received_at: datetime | None = None
    reported_at: datetime | None = None
    closed_at: datetime | None = None

    def why_not(self, kind: ActKind, by_id: UUID | None) -> type[Refusal] | None:
        """Why this person cannot take this step now; None where they can. Evidence is another question."""
        move = MOVES[kind]
        if self.state not in move.of:
            return NotThisState
        if move.by_another and by_id == self.raised_by_id and self.number is not None:
            return ByAnother
        match kind:
            case ActKind.SECONDED if self.seconded_by_id:
                return AlreadySeconded
            case ActKind.REPORTED if self.reported_at:
                return AlreadyReported
            case ActKind.DISMISSED if not self.reported_at:
                return NothingReported
        return None

    def check(self, kind: ActKind, by_id: UUID | None) -> None:
        """Raises what `why_not` says. The contractor's word is also a receipt."""
        if no := self.why_not(kind, by_id):
            raise no
        if kind in CONTRACTORS:
            self.received_at = self.received_at or now()

    def move(self, kind: ActKind, by_id: UUID | None, *, with_after_photo: bool = False) -> None:
        """What the act does to it. Raises what `why_not` says, and AfterPhotoNeeded."""
        self.check(kind, by_id)
        if kind is ActKind.MENDED and not with_after_photo:
            raise AfterPhotoNeeded
        self.state = MOVES[kind].to or self.state
        if kind is ActKind.SECONDED or (kind is ActKind.ISSUED and by_id != self.raised_by_id):
            self.seconded_by_id = by_id
        if kind in (ActKind.NOT_MENDED, ActKind.REOPENED):
            self.reopened += 1
        if kind in (ActKind.REPORTED, ActKind.REOPENED, ActKind.DISMISSED):
            self.reported_at = now() if kind is ActKind.REPORTED else None
        self.closed_at = (self.closed_at or now()) if self.state in (*SHUT, S.VOID) else None


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

    @property
    def opens(self) -> bool:
        """Whether it still lets anybody in."""
        return self.ended_at is None and self.until_at > now()


class FindingAct(SentOnce, table=True):
    """One step in a finding's life: who did what, and when. `by_name`: as the contractor's person names themselves.
    `state` and `due_on` are what the finding had after it. `of_id`, of an arrival: the step whose photo it was.
    """

    __tablename__ = "finding_act"
    at = "/works/findings/{row.finding_id}"

    __table_args__ = (
        points_to("finding", "finding_id"),
        points_to("finding_link", "link_id"),
        points_to("person", "by_id"),
        points_to("finding_act", "of_id"),
        UniqueConstraint("compound_id", "finding_id", "position"),
        CheckConstraint(
            "(CASE WHEN link_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN by_id IS NULL THEN 0 ELSE 1 END)"
            " = CASE WHEN kind = 'escalated' THEN 0 ELSE 1 END",
            name="done_by_one",
        ),
    )

    finding_id: UUID
    position: int
    kind: str = Field(max_length=12)
    by_id: UUID | None = None
    link_id: UUID | None = None
    by_name: str = Field(default="", max_length=60)
    text: str = Field(default="", max_length=2000)
    state: str = Field(max_length=20)
    due_on: date
    done_at: datetime = Field(default_factory=now)
    of_id: UUID | None = None

    @property
    def unmoved(self) -> bool:
        """Written down to wait for its photos: when it was, the finding stayed where it was."""
        return self.kind in ON_EVIDENCE and self.state != MOVES[ActKind(self.kind)].to


class FindingPhoto(Record, table=True):
    """A photo that shows a finding; `act_id`: what it came with, None for those of before."""

    __tablename__ = "finding_photo"
    __table_args__ = (
        points_to("finding", "finding_id"),
        points_to("photo", "photo_id"),
        points_to("finding_act", "act_id"),
        UniqueConstraint("compound_id", "finding_id", "photo_id"),
    )

    finding_id: UUID
    photo_id: UUID
    act_id: UUID | None = None
    position: int


class AwaitedPhoto(Record, table=True):
    """A photo that was announced with a finding, or with a step in its life (`act_id`), and follows; its id is the photo's. It
    is here when it hangs (FindingPhoto). What the phone says about it is evidence.
    """

    __tablename__ = "awaited_photo"
    __table_args__ = (
        points_to("finding", "finding_id"),
        points_to("finding_act", "act_id"),
        Index("ix_awaited_photo_finding", "compound_id", "finding_id", "act_id", "position"),
    )

    finding_id: UUID
    act_id: UUID | None = None
    position: int
    announced_sha256: str | None = Field(default=None, max_length=64)
    source: str = Field(max_length=10)
    caption: str = Field(default="", max_length=100)
    device_at: datetime | None = None
    exif_at: datetime | None = None


for table in ("finding_act", "finding_photo", "awaited_photo"):
    append_only(table)
