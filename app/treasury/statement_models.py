"""Nouns: what was published about a period."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal
from app.notices.periods import key_of, said_period


class AlreadyStated(Refusal):
    says = mark("这一期的收支表已经公布过了。")
    advice = mark("要改的话，请在那份收支表上公布更正。")


class AlreadyCorrected(Refusal):
    says = mark("这份收支表已经有更正。")
    advice = mark("还要改的话，请更正最新的那份。")


class NothingToCorrect(Refusal):
    says = mark("和已公布的一样，没有要更正的。")
    advice = mark("错的那一笔，请先冲销；或者先撤回公示。")


class NotOfLater(Refusal):
    says = mark("补进来的账，要记在这一期以后，也不能是冲销。")


class Statement(Record, table=True):
    """收支公示表 of a month, quarter, half or year: its totals; every line of it stands in the frozen bytes of its notice.

    From its publication on nothing more is posted on or before `to_on`. A correction is a further `version` of the same
    period that names the one before; nothing published is ever replaced.
    """

    __table_args__ = (
        points_to("person", "published_by_id"),
        points_to("notice", "notice_id"),
        points_to("statement", "supersedes_id"),
        UniqueConstraint("compound_id", "from_on", "to_on", "version"),
        CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="a_correction_names_what_it_corrects"),
        Index("ix_statement_end", "compound_id", "to_on"),
        Index("ix_statement_supersedes", "compound_id", "supersedes_id"),
    )

    from_on: date
    to_on: date
    opening_fen: int = Field(sa_type=BigInteger)
    income_fen: int = Field(sa_type=BigInteger)
    expense_fen: int = Field(sa_type=BigInteger)
    closing_fen: int = Field(sa_type=BigInteger)
    notice_id: UUID
    published_by_id: UUID
    published_at: datetime = Field(default_factory=now)
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    supersedes_id: UUID | None = None

    @property
    def says(self) -> str:
        """2026年三季度."""
        return said_period((self.from_on, self.to_on))

    @property
    def key(self) -> str:
        """2026-Q3."""
        return key_of((self.from_on, self.to_on))


append_only("statement")
