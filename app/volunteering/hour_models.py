"""Nouns: hours of service and where each comes from; what somebody proposes to write afterwards or to correct."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import _, mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotThisState, Refusal


class HourSource(StrEnum):
    """Where an hour comes from: what was checked in and out is kept apart from what was written afterwards."""

    SELF_QR = "self_qr"
    LEADER = "leader"
    PLANNED = "planned"
    ADDED_LATER = "added_later"
    CORRECTION = "correction"


SOURCE_SAYS = {
    HourSource.SELF_QR: mark("自己扫码"),
    HourSource.LEADER: mark("带队登记"),
    HourSource.PLANNED: mark("没签退，按计划"),
    HourSource.ADDED_LATER: mark("事后补记"),
    HourSource.CORRECTION: mark("更正"),
}


def source_names() -> dict[str, str]:
    return {source.value: _(says) for source, says in SOURCE_SAYS.items()}


class OwnProposal(Refusal):
    says = mark("自己写的，不能自己核准。")
    advice = mark("请另一位负责人核准。")


class OwnHours(Refusal):
    says = mark("自己的时长，不能自己核准。")
    advice = mark("请另一位负责人核准。")


class OfOneHome(Refusal):
    says = mark("您和经手的人或志愿者是一家人，不能核准。")
    advice = mark("请另一位负责人核准。")


class MoreThanPlanned(Refusal):
    says = mark("这一班一共 %(minutes)s 分钟，不能多记。")


class NothingToCorrect(Refusal):
    says = mark("现在记的就是这么多，没有要更正的。")


class AlreadyProposed(Refusal):
    says = mark("这个人的时长已经有一份在等核准。")


class HourEntry(Record, table=True):
    """服务时长: append-only. Each sign-up has one origin; a correction is another line that names the one it corrects, and
    `minutes` is then the difference, which may be negative.

    `recorded_by_id` is None where nobody wrote it: a forgotten check-out is credited by itself. What was written afterwards
    has the second officer in `approved_by_id`; only lines from before there was one have none.
    """

    __tablename__ = "hour_entry"
    __table_args__ = (
        points_to("signup", "signup_id"),
        points_to("person", "person_id"),
        points_to("person", "recorded_by_id"),
        points_to("person", "approved_by_id"),
        points_to("hour_entry", "corrects_id"),
        CheckConstraint("minutes <> 0", name="says_something"),
        CheckConstraint("minutes > 0 OR corrects_id IS NOT NULL", name="only_corrections_subtract"),
        CheckConstraint("(source = 'correction') = (corrects_id IS NOT NULL)", name="a_correction_names_its_line"),
        CheckConstraint("recorded_by_id IS NOT NULL OR source IN ('planned', 'correction')", name="written_by_somebody"),
        CheckConstraint("approved_by_id <> recorded_by_id AND approved_by_id <> person_id", name="approved_by_another"),
        UniqueConstraint("compound_id", "corrects_id"),
        Index(
            "uq_hour_entry_origin",
            "compound_id",
            "signup_id",
            unique=True,
            sqlite_where=text("corrects_id IS NULL"),
            postgresql_where=text("corrects_id IS NULL"),
        ),
        Index("ix_hour_entry_person", "compound_id", "person_id"),
        Index("ix_hour_entry_signup", "compound_id", "signup_id"),
    )

    signup_id: UUID
    person_id: UUID
    minutes: int
    source: str = Field(max_length=12)
    recorded_by_id: UUID | None = None
    recorded_at: datetime = Field(default_factory=now)
    approved_by_id: UUID | None = None
    reason: str = Field(default="", max_length=200)
    corrects_id: UUID | None = None


append_only("hour_entry")


class ProposalState(StrEnum):
    """waiting → approved | refused"""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class HourProposal(SentOnce, table=True):
    """补记、更正申请: what one officer wrote and another has to approve. `minutes`: what the sign-up shall have in all.

    `corrects_id`: the line that stands there now; None where no hours are recorded yet.
    """

    at = "/volunteering/hours/proposals"

    __tablename__ = "hour_proposal"
    __table_args__ = (
        points_to("signup", "signup_id"),
        points_to("person", "person_id"),
        points_to("person", "proposed_by_id"),
        points_to("person", "decided_by_id"),
        points_to("hour_entry", "corrects_id"),
        CheckConstraint("minutes > 0 OR (minutes = 0 AND corrects_id IS NOT NULL)", name="asks_for_something"),
        CheckConstraint("(state = 'waiting') = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decided_by_id <> proposed_by_id AND decided_by_id <> person_id", name="decided_by_another"),
        Index(
            "uq_hour_proposal_waiting",
            "compound_id",
            "signup_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_hour_proposal_person", "compound_id", "person_id"),
    )

    signup_id: UUID
    person_id: UUID
    corrects_id: UUID | None = None
    minutes: int
    reason: str = Field(max_length=200)
    proposed_by_id: UUID
    proposed_at: datetime = Field(default_factory=now)
    state: str = Field(default=ProposalState.WAITING, max_length=8)
    decided_by_id: UUID | None = None
    decided_at: datetime | None = None
    decided_because: str = Field(default="", max_length=200)

    def decide(self, person_id: UUID, state: ProposalState, because: str = "") -> None:
        """Raises NotThisState once somebody has decided."""
        if self.state != ProposalState.WAITING:
            raise NotThisState
        self.state, self.decided_by_id, self.decided_at, self.decided_because = state, person_id, now(), because
