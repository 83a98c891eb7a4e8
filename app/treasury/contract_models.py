"""Nouns of what others owe the owners by contract: rent of common parts (Civil Code 282), from whom, how much, when."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import _, mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotThisState, Refusal
from app.treasury.instalments import due_days


class TooManyPages(Refusal):
    says = mark("一份合同最多 %(most)s 页。")


class PageTaken(Refusal):
    says = mark("这张照片已经用在别处。")


class Every(StrEnum):
    """How often an instalment falls due."""

    ONCE = "once"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


EVERY_SAYS = {
    Every.MONTH: mark("每月"),
    Every.QUARTER: mark("每季"),
    Every.HALF: mark("每半年"),
    Every.YEAR: mark("每年"),
    Every.ONCE: mark("一次"),
}
EVERY_MONTHS = {Every.ONCE: 0, Every.MONTH: 1, Every.QUARTER: 3, Every.HALF: 6, Every.YEAR: 12}


class Contract(SentOnce, table=True):
    """合同: `amount_fen` falls due on `first_due_on` and then as often as it says, up to its last day, both included.

    An instalment that was settled before these books began is left out by beginning with a later `first_due_on`. What is
    written here is public; the pages are not. A correction is another version of it.
    """

    at = "/money/contracts/{row.id}"

    __table_args__ = (
        points_to("ledger_account", "account_id"),
        points_to("decision", "decision_id"),
        points_to("person", "made_by_id"),
        points_to("person", "ended_by_id"),
        CheckConstraint("from_on <= to_on", name="in_order"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("first_due_on BETWEEN from_on AND to_on", name="due_within"),
        CheckConstraint("(ended_on IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index("ix_contract_end", "compound_id", "to_on", "id"),
        Index("ix_contract_account", "compound_id", "account_id"),
    )

    account_id: UUID
    counterparty: str = Field(max_length=100)
    what: str = Field(max_length=100)
    from_on: date
    to_on: date
    amount_fen: int = Field(sa_type=BigInteger)
    every: str = Field(max_length=10)
    first_due_on: date
    decision_id: UUID | None = None
    version: int = 1
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)
    ended_on: date | None = None
    ended_because: str = Field(default="", max_length=100)
    ended_by_id: UUID | None = None

    @property
    def last_on(self) -> date:
        """The last day on which it holds."""
        return min(self.ended_on or self.to_on, self.to_on)

    @property
    def due_days(self) -> Iterator[date]:
        return due_days(self.first_due_on, EVERY_MONTHS[Every(self.every)], self.last_on)

    @property
    def said_every(self) -> str:
        return _(EVERY_SAYS[Every(self.every)])

    def changed(self) -> None:
        """Raises NotThisState once ended early."""
        if self.ended_on:
            raise NotThisState
        self.version += 1

    def end(self, on: date, because: str, by: UUID) -> None:
        """Instalments after `on` are no longer owed. Raises NotThisState once ended early."""
        self.changed()
        self.ended_on, self.ended_because, self.ended_by_id = on, because, by


class ContractPaper(Record, table=True):
    """A page of the contract: the photo with the same id, for whoever may see originals."""

    __tablename__ = "contract_paper"
    __table_args__ = (
        points_to("photo", "id"),
        points_to("contract", "contract_id"),
        Index("ix_contract_paper_contract", "compound_id", "contract_id", "position"),
    )

    contract_id: UUID
    position: int
