"""Nouns of what the works cost: the contract, what is paid when, and what was paid.

The treasury's contracts say what others owe the owners; here it is the other way round, and much of it is paid by a grant that
never passes through the compound's books. Where it does, a payment names its journal entry. Whoever writes here holds the
project's row lock (`queries.project_to_change`).
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class ContractSuperseded(Refusal):
    says = mark("合同刚刚改过，请看新的那份再改。")


class NoPayment(Refusal):
    says = mark("这一笔账不是支出，或者已经冲销。")


class EntryUsed(Refusal):
    says = mark("这一笔账已经记成付款。")


class PaymentTakenBack(Refusal):
    says = mark("这一笔付款已经撤回。")


class When(StrEnum):
    """When a milestone falls due."""

    SIGNED = "signed"
    PHASE = "phase"
    ACCEPTED = "accepted"
    WARRANTY_OVER = "warranty_over"


WHEN_SAYS = {
    When.SIGNED: mark("签约"),
    When.PHASE: mark("步骤完工"),
    When.ACCEPTED: mark("验收"),
    When.WARRANTY_OVER: mark("保修期满"),
}


class WorksContract(SentOnce, table=True):
    """施工合同: who builds, who supervises for the owners (监理), for how much. What is agreed later is a further row, which
    names the one it supersedes; the amount is public.
    """

    __tablename__ = "works_contract"
    at = "/works/projects/{row.project_id}/money"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("works_contract", "supersedes_id"),
        points_to("decision", "decision_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "supersedes_id"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("from_on <= to_on", name="in_order"),
        Index("ix_works_contract_project", "compound_id", "project_id", "position"),
    )

    project_id: UUID
    position: int
    supersedes_id: UUID | None = None
    contractor: str = Field(max_length=60)
    supervisor: str = Field(default="", max_length=60)
    amount_fen: int = Field(sa_type=BigInteger)
    signed_on: date
    from_on: date
    to_on: date
    decision_id: UUID | None = None
    text: str = Field(default="", max_length=2000)
    by_id: UUID
    made_at: datetime = Field(default_factory=now)


class Milestone(Record, table=True):
    """A part of the sum and when it falls due. `share`: per cent of the sum, where it was agreed as such."""

    __table_args__ = (
        points_to("works_contract", "contract_id"),
        points_to("phase", "phase_id"),
        UniqueConstraint("compound_id", "contract_id", "position"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("(phase_id IS NOT NULL) = (due = 'phase')", name="phase_named"),
    )

    contract_id: UUID
    position: int
    name: str = Field(max_length=40)
    share: int | None = None
    amount_fen: int = Field(sa_type=BigInteger)
    due: str = Field(max_length=13)
    phase_id: UUID | None = None


class WorksPayment(SentOnce, table=True):
    """What was paid for a project, by whom. With `entry_id` it is that line of the compound's books, and its day and amount are
    the line's. A row that was wrong is taken back by another, which names it.
    """

    __tablename__ = "works_payment"
    at = "/works/projects/{row.project_id}/money"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("journal_entry", "entry_id"),
        points_to("works_payment", "takes_back_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "takes_back_id"),
        CheckConstraint("(amount_fen > 0) = (takes_back_id IS NULL)", name="signed"),
        Index("ix_works_payment_project", "compound_id", "project_id", "paid_on", "id"),
        Index("ix_works_payment_entry", "compound_id", "entry_id"),
    )

    project_id: UUID
    paid_on: date
    amount_fen: int = Field(sa_type=BigInteger)
    payer: str = Field(default="", max_length=60)
    entry_id: UUID | None = None
    takes_back_id: UUID | None = None
    text: str = Field(default="", max_length=200)
    by_id: UUID
    made_at: datetime = Field(default_factory=now)


for table in ("works_contract", "milestone", "works_payment"):
    append_only(table)
