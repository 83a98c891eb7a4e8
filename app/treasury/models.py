"""Nouns: the journal, which is written for ever, and its one pen.

The journal's guards stand below its tables (TRUST.md, "The journal cannot be wrong").
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.kit.clock import now
from app.kit.guards import append_only, guard
from app.kit.i18n import mark
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class BooksNotOpen(Refusal):
    says = mark("这个小区还没有建账。")


class MonthPublished(Refusal):
    says = mark("这个月已经公布，不能再记进去。")
    advice = mark("请用今天的日期另记一笔，并写明原因。")


class MonthClosed(Refusal):
    says = mark("%(month)s已经结账，不能再记进去。")
    advice = mark("要记进那个月，请财务先把它重新打开。")


class AlreadyReversed(Refusal):
    says = mark("这一笔已经冲销过了。")


class NotReversible(Refusal):
    says = mark("冲销的那一笔不能再冲销，请另记一笔。")


class Books(Record, table=True):
    """The one pen of a compound's journal: key (compound_id, compound_id). Whoever posts, closes or publishes holds its row
    lock. `closed_until`: the last day of the last closed month; nothing is posted on or before it.
    """

    opened_at: datetime = Field(default_factory=now)
    closed_until: date | None = None


class EntryKind(StrEnum):
    """By what it does to the money: `TRANSFER` moves it within its fund, `HELD` is money of others, and `INTERNAL` moves none
    (gifts handed out, a debt taken on).
    """

    INCOME = "income"
    EXPENSE = "expense"
    TRANSFER = "transfer"
    HELD = "held"
    OPENING = "opening"
    INTERNAL = "internal"


ENTRY_SAYS = {
    EntryKind.INCOME: mark("收入"),
    EntryKind.EXPENSE: mark("支出"),
    EntryKind.TRANSFER: mark("转账"),
    EntryKind.HELD: mark("代收代付"),
    EntryKind.OPENING: mark("期初结余"),
    EntryKind.INTERNAL: mark("账面"),
}


class JournalEntry(Record, table=True):
    """凭证: the header, written after its postings and never changed. `memo` and `counterparty` are public.

    `amount_fen`: what it moves on the money accounts, signed. `lines`: how many postings it has. `category`: what the account
    was called on that day. `contract_id`: what it is rent of. `building_id`: the one it concerns, where it concerns one.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        points_to("draft", "draft_id"),
        points_to("decision", "decision_id"),
        points_to("ledger_account", "category_id"),
        points_to("contract", "contract_id"),
        points_to("building", "building_id"),
        points_to("journal_entry", "reverses_id"),
        UniqueConstraint("compound_id", "year", "number"),
        UniqueConstraint("compound_id", "draft_id"),
        UniqueConstraint("compound_id", "reverses_id"),
        Index("ix_journal_entry_day", "compound_id", "on_date", "id"),
        Index("ix_journal_entry_contract", "compound_id", "contract_id"),
    )

    year: int
    number: int
    posted_at: datetime
    on_date: date
    kind: str = Field(max_length=10)
    fund: str = Field(max_length=20)
    amount_fen: int = Field(sa_type=BigInteger)
    lines: int
    memo: str = Field(max_length=200)
    counterparty: str = Field(max_length=100)
    category: str = Field(default="", max_length=60)
    category_id: UUID | None = None
    draft_id: UUID | None = None
    decision_id: UUID | None = None
    contract_id: UUID | None = None
    building_id: UUID | None = None
    reverses_id: UUID | None = None

    @property
    def reference(self) -> str:
        return f"{self.year}-{self.number}"


class Posting(SQLModel, table=True):
    """分录: key (compound_id, entry_id, line). `amount_fen` > 0 is debit, < 0 credit.

    No `Record`: its key says where it stands. The header it belongs to comes after it, so that foreign key is deferred.
    """

    __table_args__ = (
        ForeignKeyConstraint(
            ["compound_id", "entry_id"],
            ["journal_entry.compound_id", "journal_entry.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
        points_to("ledger_account", "account_id"),
        CheckConstraint("amount_fen <> 0", name="moves_something"),
        Index("ix_posting_account", "compound_id", "account_id", "entry_id"),
    )

    compound_id: UUID = Field(primary_key=True, foreign_key="compound.id")
    entry_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    account_id: UUID
    amount_fen: int = Field(sa_type=BigInteger)


def _before_insert(table: str, name: str, refused_when: str, no: str) -> None:
    """One trigger on both engines; `refused_when` speaks of NEW and is plain SQL."""
    guard(
        table,
        name,
        sqlite=f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {refused_when} BEGIN SELECT RAISE(ABORT, '{no}'); END",
        postgresql=(
            f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF {refused_when} THEN RAISE EXCEPTION '{no}' USING ERRCODE = 'integrity_constraint_violation'; END IF;
                RETURN NEW; END $$""",
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ),
    )


_before_insert(
    "journal_entry",
    "journal_entry_balances",
    """COALESCE((SELECT COUNT(*) >= 2 AND COUNT(*) = NEW.lines AND SUM(p.amount_fen) = 0
               AND SUM(CASE WHEN a.use = 'money' THEN p.amount_fen ELSE 0 END) = NEW.amount_fen
               AND MIN(a.fund) = NEW.fund AND MAX(a.fund) = NEW.fund
               FROM posting p JOIN ledger_account a ON a.compound_id = p.compound_id AND a.id = p.account_id
               WHERE p.compound_id = NEW.compound_id AND p.entry_id = NEW.id), FALSE) = FALSE""",
    "an entry is the sum of its postings, which is zero",
)
_before_insert(
    "journal_entry",
    "journal_entry_once",
    "EXISTS (SELECT 1 FROM journal_entry e WHERE e.compound_id = NEW.compound_id AND e.id = NEW.id)",
    "an entry is written once",
)
_before_insert(
    "journal_entry",
    "journal_entry_month_open",
    "EXISTS (SELECT 1 FROM statement s WHERE s.compound_id = NEW.compound_id AND s.to_on >= NEW.on_date)",
    "this month is published",
)
_before_insert(
    "journal_entry",
    "journal_entry_month_not_closed",
    "EXISTS (SELECT 1 FROM books b WHERE b.compound_id = NEW.compound_id AND b.closed_until >= NEW.on_date)",
    "this month is closed",
)
_before_insert(
    "posting",
    "posting_before_its_entry",
    "EXISTS (SELECT 1 FROM journal_entry e WHERE e.compound_id = NEW.compound_id AND e.id = NEW.entry_id)",
    "no posting is added to an entry",
)
guard(  # On PostgreSQL a posting for an entry that another transaction has not committed yet escapes the guard above.
    "posting",
    "posting_counted",
    sqlite=(),
    postgresql=(
        """CREATE OR REPLACE FUNCTION posting_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF (SELECT COUNT(*) FROM posting p WHERE p.compound_id = NEW.compound_id AND p.entry_id = NEW.entry_id)
              IS DISTINCT FROM (SELECT e.lines FROM journal_entry e WHERE e.compound_id = NEW.compound_id AND e.id = NEW.entry_id)
           THEN RAISE EXCEPTION 'no posting is added to an entry' USING ERRCODE = 'integrity_constraint_violation'; END IF;
           RETURN NULL; END $$""",
        """CREATE CONSTRAINT TRIGGER posting_counted AFTER INSERT ON posting
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION posting_counted()""",
    ),
)
for _table in ("journal_entry", "posting"):
    append_only(_table)
