"""Nouns of 居民监督验收意见: a round in which supervisors check the parts of a project, residents say what they think of it, and
so many supervisors as the rules ask for sign one conclusion.

It is the residents' word, and not the acceptance on completion (竣工验收), which whoever has the works built arranges
(建设工程质量管理条例, art. 16). Whoever changes a round holds its row lock (`acceptance_queries.acceptance_to_change`).
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import local, now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal
from app.renovation.models import ProjectStage

ASKED_AT = (ProjectStage.BUILDING, ProjectStage.ACCEPTED, ProjectStage.WARRANTY)
"""When there is something to judge."""


class RoundGoesOn(Refusal):
    says = mark("这个工程的上一次验收还没有结论。")


class AcceptanceConcluded(Refusal):
    says = mark("这次验收已经有结论，不能再改。")


class StillAsking(Refusal):
    """What is signed counts the opinions: all of them."""

    says = mark("还在收居民意见，过了截止日才能定结论。")


class OutcomeUnfit(Refusal):
    """The conclusion says something else than what was found."""

    says = mark("结论和查到的不一致。")
    advice = mark("有不合格项或者没改好的问题，就不是“通过”；没有保留意见，就不是“有保留地通过”。")


class NothingChecked(Refusal):
    says = mark("还没有查过任何部位，不能通过。")


class NothingProposed(Refusal):
    says = mark("还没有人拟结论。")


class AcceptanceChanged(Refusal):
    """The signer saw other content than what stands there now: what they saw is what they sign."""

    says = mark("内容刚刚改过，原来的签名不算了。")
    advice = mark("请重新看一遍再签。")


class SignedAtHome(Refusal):
    status = 403
    says = mark("和另一位签名的是一家人，不能再签。")
    advice = mark("请另一位监督委员来签。")


class QuorumMissing(Refusal):
    says = mark("要 %(needed)s 位监督委员签名，现在有 %(had)s 位。")


def last_on(closes_at: datetime) -> date:
    """The last day on which opinions are taken."""
    return local(closes_at - timedelta(microseconds=1)).date()


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    RESERVED = "accepted_with_reservations"
    NOT_ACCEPTED = "not_accepted"


OUTCOME_SAYS = {
    Outcome.ACCEPTED: mark("通过"),
    Outcome.RESERVED: mark("有保留地通过"),
    Outcome.NOT_ACCEPTED: mark("不通过"),
}


class PartFound(StrEnum):
    """Other than on a visit, nothing may be left unseen."""

    OK = "ok"
    NOT_OK = "not_ok"
    NOT_APPLICABLE = "not_applicable"


PART_SAYS = {
    PartFound.OK: mark("合格"),
    PartFound.NOT_OK: mark("不合格"),
    PartFound.NOT_APPLICABLE: mark("不涉及"),
}


class Acceptance(SentOnce, table=True):
    """一次验收. `closes_at`: until when opinions are taken. `edition` rises with every change, and is part of what is signed:
    signatures under what stood before count no more.
    """

    at = "/works/acceptances/{row.id}"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("person", "opened_by_id"),
        points_to("person", "concluded_by_id"),
        UniqueConstraint("compound_id", "project_id", "position"),
        CheckConstraint("(concluded_at IS NULL) = (concluded_by_id IS NULL)", name="concluded_by_one"),
        Index(
            "uq_acceptance_open",
            "compound_id",
            "project_id",
            unique=True,
            sqlite_where=text("concluded_at IS NULL"),
            postgresql_where=text("concluded_at IS NULL"),
        ),
    )

    project_id: UUID
    position: int
    text: str = Field(default="", max_length=2000)
    opened_by_id: UUID
    opened_at: datetime = Field(default_factory=now)
    closes_at: datetime
    edition: int = 0
    concluded_at: datetime | None = None
    concluded_by_id: UUID | None = None

    @property
    def asks(self) -> bool:
        """Whether opinions are still taken."""
        return self.concluded_at is None and now() < self.closes_at

    def change(self) -> None:
        """Raises AcceptanceConcluded."""
        self.check_open()
        self.edition += 1

    def check_open(self) -> None:
        """Raises AcceptanceConcluded."""
        if self.concluded_at:
            raise AcceptanceConcluded

    def check_all_in(self) -> None:
        """Raises StillAsking, AcceptanceConcluded."""
        self.check_open()
        if self.asks:
            raise StillAsking

    def conclude(self, by_id: UUID) -> None:
        """Raises StillAsking, AcceptanceConcluded."""
        self.check_all_in()
        self.concluded_at, self.concluded_by_id = now(), by_id


class AcceptancePart(SentOnce, table=True):
    """A part of the works that was checked by a list, whole; of the same part and list the latest row counts."""

    __tablename__ = "acceptance_part"
    at = "/works/acceptances/{row.acceptance_id}"

    __table_args__ = (
        points_to("acceptance", "acceptance_id"),
        points_to("check_list", "list_id"),
        points_to("person", "checked_by_id"),
        UniqueConstraint("compound_id", "acceptance_id", "position"),
    )

    acceptance_id: UUID
    position: int
    name: str = Field(max_length=100)
    list_id: UUID
    checked_by_id: UUID
    checked_at: datetime = Field(default_factory=now)


class PartCheck(Record, table=True):
    """What was found at one item. `photo_id`: a visit's photo that shows it."""

    __tablename__ = "acceptance_check"
    __table_args__ = (
        points_to("acceptance_part", "part_id"),
        points_to("check_item", "item_id"),
        points_to("visit_photo", "photo_id"),
        UniqueConstraint("compound_id", "part_id", "item_id"),
    )

    part_id: UUID
    item_id: UUID
    found: str = Field(max_length=16)
    words: str = Field(default="", max_length=500)
    photo_id: UUID | None = None


class Reservation(Record, table=True):
    """保留意见: a finding that was raised by the acceptance; its id is the finding's. It stands until that is mended or void."""

    __tablename__ = "acceptance_reservation"
    __table_args__ = (
        points_to("finding", "id"),
        points_to("acceptance", "acceptance_id"),
        Index("ix_acceptance_reservation_acceptance", "compound_id", "acceptance_id"),
    )

    acceptance_id: UUID


class Proposal(SentOnce, table=True):
    """A conclusion as it is put before the supervisors to sign; the latest counts."""

    __tablename__ = "acceptance_proposal"
    at = "/works/acceptances/{row.acceptance_id}"

    __table_args__ = (
        points_to("acceptance", "acceptance_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "acceptance_id", "position"),
    )

    acceptance_id: UUID
    position: int
    outcome: str = Field(max_length=30)
    text: str = Field(default="", max_length=2000)
    by_id: UUID
    made_at: datetime = Field(default_factory=now)


class Signature(SentOnce, table=True):
    """`content_hash`: SHA-256 of the bytes that were signed (`acceptance_content`); for other bytes it does not count."""

    __tablename__ = "acceptance_signature"
    at = "/works/acceptances/{row.acceptance_id}"

    __table_args__ = (
        points_to("acceptance", "acceptance_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "acceptance_id", "by_id", "content_hash", name="uq_acceptance_signature_once"),
    )

    acceptance_id: UUID
    by_id: UUID
    content_hash: bytes
    signed_at: datetime = Field(default_factory=now)


for table in (
    "acceptance_part",
    "acceptance_check",
    "acceptance_reservation",
    "acceptance_proposal",
    "acceptance_signature",
):
    append_only(table)
