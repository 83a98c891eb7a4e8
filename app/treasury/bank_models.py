"""Nouns of reconciliation: what the bank says (a statement and its lines), and which of it is which entry of the books.

A balance that was counted or read off a passbook is the same noun without lines: an assertion that stands against the books.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.money import signed_yuan
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotThisState, Refusal


class PeriodTaken(Refusal):
    """Two statements of one account over the same days would hold the same lines twice."""

    says = mark("%(start)s至%(end)s已经有一份对账单，日期不能重叠。")
    advice = mark("那一份错了，就先撤回它。")


class MatchUneven(Refusal):
    says = mark("两边合计不一样：对账单 %(bank)s，账上 %(books)s。")


class AlreadyMatched(Refusal):
    says = mark("其中有一笔已经对上了，请刷新再看。")


class BalanceFails(Refusal):
    """The books say one thing and the bank another: what would be published is wrong, or the books are."""

    says = mark("“%(account)s”%(day)s的余额对不上，差 %(difference)s，不能公布。")
    advice = mark("请先对账，把差的那一笔找出来。")


class BalanceUnchecked(Refusal):
    says = mark("“%(account)s”还没有对过账，不能公布。")
    advice = mark("本小区的规则要求先对账再公布。")


class BankFile(SentOnce, table=True):
    """A file as it was read, waiting for a yes; gone with the yes or the no. `proposal`: compressed JSON."""

    at = "/money/bank/files/{row.id}"

    __tablename__ = "bank_file"
    __table_args__ = (points_to("ledger_account", "account_id"), points_to("person", "made_by_id"))

    account_id: UUID
    filename: str = Field(max_length=200)
    file_sha256: str = Field(max_length=64)
    proposal: bytes
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)


class BankStatement(SentOnce, table=True):
    """对账单 of one account of money: it held `opening_fen` before `from_on` and `closing_fen` at the end of `to_on`.

    closing = opening + what its `lines` moved. A balance counted by hand is from and to the same day, without lines. One
    that was withdrawn stays on record and counts for nothing.
    """

    at = "/money/bank/statements/{row.id}"

    __tablename__ = "bank_statement"
    __table_args__ = (
        points_to("ledger_account", "account_id"),
        points_to("person", "made_by_id"),
        points_to("person", "withdrawn_by_id"),
        CheckConstraint("from_on <= to_on", name="in_order"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"),
        Index("ix_bank_statement_end", "compound_id", "account_id", "to_on"),
    )

    account_id: UUID
    from_on: date
    to_on: date
    opening_fen: int = Field(sa_type=BigInteger)
    closing_fen: int = Field(sa_type=BigInteger)
    lines: int
    filename: str = Field(default="", max_length=200)
    file_sha256: str | None = Field(default=None, max_length=64)
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)
    withdrawn_at: datetime | None = None
    withdrawn_by_id: UUID | None = None

    def need_standing(self) -> None:
        """Raises NotThisState once withdrawn."""
        if self.withdrawn_at:
            raise NotThisState


class BankLine(Record, table=True):
    """One line of a statement, as the bank wrote it; `number` from 1, the oldest first. `fen` > 0 came in."""

    __tablename__ = "bank_line"
    __table_args__ = (
        points_to("bank_statement", "statement_id"),
        UniqueConstraint("compound_id", "statement_id", "number"),
        CheckConstraint("fen <> 0", name="moves_something"),
    )

    statement_id: UUID
    number: int
    on_date: date
    fen: int = Field(sa_type=BigInteger)
    counterparty: str = Field(default="", max_length=100)
    text: str = Field(default="", max_length=100)
    reference: str = Field(default="", max_length=100)


class BankMatch(SentOnce, table=True):
    """对上: some lines of a statement are some entries of its account, to the fen. Undone by deleting it."""

    at = "/money/bank"

    __tablename__ = "bank_match"
    __table_args__ = (
        points_to("bank_statement", "statement_id"),
        points_to("person", "made_by_id"),
        Index("ix_bank_match_statement", "compound_id", "statement_id"),
    )

    statement_id: UUID
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)


class MatchedLine(Record, table=True):
    """The line with the same id, in the one match it is part of."""

    __tablename__ = "matched_line"
    __table_args__ = (
        points_to("bank_line", "id"),
        points_to("bank_match", "match_id"),
        Index("ix_matched_line_match", "compound_id", "match_id"),
    )

    match_id: UUID


class MatchedEntry(Record, table=True):
    """What an entry moves on one account, in the one match it is part of: the UNIQUE is the last word between rivals."""

    __tablename__ = "matched_entry"
    __table_args__ = (
        points_to("ledger_account", "account_id"),
        points_to("journal_entry", "entry_id"),
        points_to("bank_match", "match_id"),
        UniqueConstraint("compound_id", "account_id", "entry_id"),
        Index("ix_matched_entry_match", "compound_id", "match_id"),
    )

    account_id: UUID
    entry_id: UUID
    match_id: UUID


append_only("bank_line")


def need_even(lines: Sequence[int], entries: Sequence[int]) -> None:
    """A match holds at least two things, and both sides move the same fen. Raises MatchUneven."""
    if len(lines) + len(entries) < 2 or sum(lines) != sum(entries):
        raise MatchUneven(bank=signed_yuan(sum(lines)), books=signed_yuan(sum(entries)))
