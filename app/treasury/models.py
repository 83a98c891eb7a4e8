"""Nouns: the chart of accounts, what is being written (draft, voucher, approval), what is written for ever (the journal),
and what was published (the statement).

The journal's guards stand below its tables (TRUST.md, "The journal cannot be wrong").
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.kit.clock import now
from app.kit.guards import append_only, guard
from app.kit.i18n import _, mark
from app.kit.money import signed_yuan, yuan
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotThisState, Refusal
from app.kit.versions import version_of
from app.notices.periods import key_of, said_period
from app.photos.models import Photo
from app.publiclog.canonical import Value, canonical


class BooksNotOpen(Refusal):
    says = mark("这个小区还没有建账。")


class ContentChanged(Refusal):
    """The approver saw other content than what stands there now: what they saw is what they sign."""

    says = mark("这一笔刚刚改过，请重新看一遍。")


class OwnDraft(Refusal):
    status = 403
    says = mark("自己记的账，不能自己批。")


class SameHousehold(Refusal):
    status = 403
    says = mark("和记账人是一家人，不能批这一笔。")
    advice = mark("请另一位监督委员来批。")


class SameHouseholdAsApprover(Refusal):
    status = 403
    says = mark("和另一位批准人是一家人，不能再批这一笔。")
    advice = mark("请另一位监督委员来批。")


class SignedByFamily(Refusal):
    """Whoever signed first has moved in with the author since: two hands became one."""

    says = mark("先批的那位和记账人成了一家人，那个签名不算数。")
    advice = mark("请退回这一笔，由别的监督委员重新批。")


class AccountRetired(Refusal):
    says = mark("“%(account)s”已经停用，不能再记进去。")
    advice = mark("请退回，另选一个科目；或者先恢复它。")


class ContractOfOther(Refusal):
    """It was corrected after the draft was written."""

    says = mark("这份合同现在是另一类收入的，不能记进去。")
    advice = mark("请退回，重新选类别和合同。")


class MoreThanHeld(Refusal):
    """It would be paid with somebody else's money."""

    says = mark("“%(account)s”只代管着 %(amount)s，不能多付。")


class GroundsMissing(Refusal):
    """Something that the compound's rules want before this money moves."""


class VoucherMissing(GroundsMissing):
    says = mark("支出要有票据，请先拍票据。")


class DecisionMissing(GroundsMissing):
    says = mark("这么大的支出要有决议，请选依据哪条。")


class OpeningUnproven(GroundsMissing):
    says = mark("期初余额要有依据，请拍票据，或者写明决议。")


class TooManyVouchers(Refusal):
    says = mark("一笔最多 %(most)s 张票据。")


class VoucherTaken(Refusal):
    says = mark("这张票据已经用在别的账上。")


class OpeningTaken(Refusal):
    says = mark("这个科目已经有期初余额，要改请先冲销它。")


class FundNotOpen(Refusal):
    says = mark("这种资金还没有开账。")


class NameTaken(Refusal):
    says = mark("这种资金里已经有叫这个名字的科目。")
    advice = mark("停用的，可以恢复。")


class AccountNotEmpty(Refusal):
    says = mark("这个科目还有余额，不能停用。")


class LastAccount(Refusal):
    says = mark("同类的只剩这一个，不能停用。")


class MonthPublished(Refusal):
    says = mark("这个月已经公布，不能再记进去。")
    advice = mark("请用今天的日期另记一笔，并写明原因。")


class MonthClosed(Refusal):
    says = mark("%(month)s已经结账，不能再记进去。")
    advice = mark("要记进那个月，请财务先把它重新打开。")


class PeriodNotOver(Refusal):
    says = mark("这一期还没有过完，不能公布。")


class NothingToState(Refusal):
    """It would only close the days of what the books are opened with."""

    says = mark("到这一期为止还没有账，没有要公布的。")


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


class TakenInElsewhere(Refusal):
    says = mark("%(number)s已经补进%(period)s的更正，不能再补一次。")


class AlreadyReversed(Refusal):
    says = mark("这一笔已经冲销过了。")


class NotReversible(Refusal):
    says = mark("冲销的那一笔不能再冲销，请另记一笔。")


class NotReleased(Refusal):
    says = mark("入账以后才能公开票据。")


class CopyChanged(Refusal):
    """The treasurer looked at other bytes than would be shown: what they saw is what is released."""

    says = mark("公开件刚刚换过，请重新看一遍。")


class Fund(StrEnum):
    """Funds are kept apart (DOMAIN §4): one entry never mixes two."""

    PUBLIC_INCOME = "public_income"
    MAINTENANCE = "maintenance"
    PROPERTY_FEE = "property_fee"
    GRANT = "grant"
    DONATION = "donation"
    HELD = "held"


FUND_SAYS = {
    Fund.PUBLIC_INCOME: mark("公共收益"),
    Fund.MAINTENANCE: mark("维修资金"),
    Fund.PROPERTY_FEE: mark("物业费"),
    Fund.GRANT: mark("政府补助"),
    Fund.DONATION: mark("捐款"),
    Fund.HELD: mark("代管资金"),
}


class AccountKind(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class Use(StrEnum):
    """What the simple face offers an account for. `MONEY`: cash and bank, whose sum is the balance people see. `HELD`: what
    is kept for somebody else and owed to them.
    """

    MONEY = "money"
    INCOME = "income"
    EXPENSE = "expense"
    HELD = "held"
    INTERNAL = "internal"


class Code(StrEnum):
    """The template's accounts, by the name a program calls them."""

    CASH = "1001"
    BANK = "1002"
    STOCK = "1405"
    OWED = "2203"
    OPENING = "3001"
    PARKING = "4001"
    ADVERTISING = "4002"
    PARCEL_LOCKERS = "4003"
    VENUE = "4004"
    TELECOM_SITE = "4005"
    WATER_VENDING = "4006"
    EV_CHARGING = "4007"
    DAMAGES = "4008"
    INTEREST = "4009"
    SCRAP = "4010"
    OTHER_INCOME = "4099"
    CAMERAS = "5001"
    GATE = "5002"
    DRAINS = "5003"
    RUBBISH = "5004"
    MOSQUITOES = "5005"
    REPAIRS = "5006"
    ELECTRICITY = "5007"
    WATCH = "5008"
    OFFICE = "5009"
    AUDIT = "5010"
    BENEFITS = "5011"
    OTHER_EXPENSE = "5099"


CHART: dict[Code, tuple[str, AccountKind, Use]] = {
    Code.CASH: ("库存现金", AccountKind.ASSET, Use.MONEY),
    Code.BANK: ("银行存款", AccountKind.ASSET, Use.MONEY),
    Code.STOCK: ("库存礼品", AccountKind.ASSET, Use.EXPENSE),
    Code.OWED: ("应付福利", AccountKind.LIABILITY, Use.INTERNAL),
    Code.OPENING: ("期初结余", AccountKind.EQUITY, Use.INTERNAL),
    Code.PARKING: ("地面停车", AccountKind.INCOME, Use.INCOME),
    Code.ADVERTISING: ("电梯和道闸广告", AccountKind.INCOME, Use.INCOME),
    Code.PARCEL_LOCKERS: ("快递柜场地", AccountKind.INCOME, Use.INCOME),
    Code.VENUE: ("场地租用", AccountKind.INCOME, Use.INCOME),
    Code.TELECOM_SITE: ("通信基站场地", AccountKind.INCOME, Use.INCOME),
    Code.WATER_VENDING: ("售水机", AccountKind.INCOME, Use.INCOME),
    Code.EV_CHARGING: ("充电桩分成", AccountKind.INCOME, Use.INCOME),
    Code.DAMAGES: ("损坏赔偿", AccountKind.INCOME, Use.INCOME),
    Code.INTEREST: ("存款利息", AccountKind.INCOME, Use.INCOME),
    Code.SCRAP: ("废品变卖", AccountKind.INCOME, Use.INCOME),
    Code.OTHER_INCOME: ("其他收入", AccountKind.INCOME, Use.INCOME),
    Code.CAMERAS: ("监控", AccountKind.EXPENSE, Use.EXPENSE),
    Code.GATE: ("道闸和大门", AccountKind.EXPENSE, Use.EXPENSE),
    Code.DRAINS: ("下水道疏通", AccountKind.EXPENSE, Use.EXPENSE),
    Code.RUBBISH: ("保洁和清运", AccountKind.EXPENSE, Use.EXPENSE),
    Code.MOSQUITOES: ("灭蚊消杀", AccountKind.EXPENSE, Use.EXPENSE),
    Code.REPAIRS: ("公共维修", AccountKind.EXPENSE, Use.EXPENSE),
    Code.ELECTRICITY: ("公共用电", AccountKind.EXPENSE, Use.EXPENSE),
    Code.WATCH: ("门岗值守", AccountKind.EXPENSE, Use.EXPENSE),
    Code.OFFICE: ("办公", AccountKind.EXPENSE, Use.EXPENSE),
    Code.AUDIT: ("审计", AccountKind.EXPENSE, Use.EXPENSE),
    Code.BENEFITS: ("福利发放", AccountKind.EXPENSE, Use.EXPENSE),
    Code.OTHER_EXPENSE: ("其他支出", AccountKind.EXPENSE, Use.EXPENSE),
}
"""The template. Goods bought for a distribution are stock until they are handed out, and 福利发放 from then on."""


class Books(Record, table=True):
    """The one pen of a compound's journal: key (compound_id, compound_id). Whoever posts, closes or publishes holds its row
    lock. `closed_until`: the last day of the last closed month; nothing is posted on or before it.
    """

    opened_at: datetime = Field(default_factory=now)
    closed_until: date | None = None


class LedgerAccount(Record, table=True):
    """科目. One that is retired is offered no more and keeps its history."""

    __tablename__ = "ledger_account"
    __table_args__ = (UniqueConstraint("compound_id", "code"),)

    code: str = Field(max_length=10)
    name: str = Field(max_length=60)
    kind: str = Field(max_length=10)
    fund: str = Field(max_length=20)
    use: str = Field(max_length=10)
    retired_at: datetime | None = None

    @property
    def version(self) -> int:
        return version_of(self.name, self.retired_at)

    @property
    def holds(self) -> bool:
        """Whether it has a balance that people count or owe, and not a sum of what came or went."""
        return self.kind in (AccountKind.ASSET, AccountKind.LIABILITY)


class DraftKind(StrEnum):
    """What a draft would book. `TRANSFER`: between two accounts of money of one fund. `HELD_IN`, `HELD_OUT`: money of others
    that comes in or is passed on.
    """

    INCOME = "income"
    EXPENSE = "expense"
    TRANSFER = "transfer"
    HELD_IN = "held_in"
    HELD_OUT = "held_out"
    OPENING = "opening"
    REVERSAL = "reversal"


DRAFT_SAYS = {
    DraftKind.INCOME: mark("收入"),
    DraftKind.EXPENSE: mark("支出"),
    DraftKind.TRANSFER: mark("转账"),
    DraftKind.HELD_IN: mark("代收"),
    DraftKind.HELD_OUT: mark("代付"),
    DraftKind.OPENING: mark("期初余额"),
    DraftKind.REVERSAL: mark("冲销"),
}

OTHER_SIDE = {
    DraftKind.INCOME: Use.INCOME,
    DraftKind.EXPENSE: Use.EXPENSE,
    DraftKind.TRANSFER: Use.MONEY,
    DraftKind.HELD_IN: Use.HELD,
    DraftKind.HELD_OUT: Use.HELD,
    DraftKind.OPENING: Use.INTERNAL,
}
"""Of which use the account is that a draft's `category_id` names."""


class DraftState(StrEnum):
    """draft → submitted → posted | returned;  returned → submitted;  an edit leads back to draft."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    POSTED = "posted"


class Draft(SentOnce, table=True):
    """一笔账, while it is being written and approved. A reversal is proposed and approved in the same way.

    `money_id`: the account of money, of a transfer the one it leaves, of an opening balance the account that it is about.
    `category_id`: the other side (`OTHER_SIDE`).
    """

    at = "/money/drafts/{row.id}"

    __table_args__ = (
        points_to("ledger_account", "category_id"),
        points_to("ledger_account", "money_id"),
        points_to("decision", "decision_id"),
        points_to("contract", "contract_id"),
        points_to("building", "building_id"),
        points_to("person", "author_id"),
        points_to("person", "returned_by_id"),
        CheckConstraint("amount_fen > 0 OR kind = 'reversal'", name="amount_positive"),
        CheckConstraint("kind = 'reversal' OR (category_id IS NOT NULL AND money_id IS NOT NULL)", name="has_accounts"),
        Index("ix_draft_state", "compound_id", "state", "made_at"),
    )

    kind: str = Field(max_length=10)
    category_id: UUID | None = None
    money_id: UUID | None = None
    amount_fen: int = Field(sa_type=BigInteger)
    on_date: date
    counterparty: str = Field(max_length=100)
    purpose: str = Field(max_length=100)
    decision_id: UUID | None = None
    contract_id: UUID | None = None
    building_id: UUID | None = None
    author_id: UUID
    state: str = Field(default=DraftState.DRAFT, max_length=10)
    version: int = 1
    returned_because: str = Field(default="", max_length=200)
    returned_by_id: UUID | None = None
    made_at: datetime = Field(default_factory=now)

    @property
    def open(self) -> bool:
        return self.state != DraftState.POSTED

    @property
    def signed_fen(self) -> int:
        """As it leaves (< 0) or reaches the account that it names first."""
        return -self.amount_fen if self.kind in (DraftKind.EXPENSE, DraftKind.TRANSFER, DraftKind.HELD_OUT) else self.amount_fen

    @property
    def said_amount(self) -> str:
        """What moves no balance has no sign."""
        return yuan(self.amount_fen) if self.kind in (DraftKind.TRANSFER, DraftKind.OPENING) else signed_yuan(self.signed_fen)

    def lines(self, account: LedgerAccount, other: LedgerAccount) -> list[tuple[str, int]]:
        """(Account code, fen) as they will be posted, debit > 0: both sides follow from the kind."""
        fen = -self.signed_fen if account.kind == AccountKind.LIABILITY else self.signed_fen
        return [(account.code, fen), (other.code, -fen)]

    def changed(self) -> None:
        """Every edit raises the version, which is part of what is signed: approvals of what stood before are void.

        Raises NotThisState once posted.
        """
        if not self.open:
            raise NotThisState
        self.version += 1
        self.state = DraftState.DRAFT

    def submit(self) -> None:
        """Raises NotThisState once posted; a second tap counts once."""
        if not self.open:
            raise NotThisState
        self.state, self.returned_because, self.returned_by_id = DraftState.SUBMITTED, "", None

    def give_back(self, by: UUID, reason: str) -> None:
        """What was approved of it is void, as after an edit. Raises NotThisState unless it waits for approval."""
        if self.state != DraftState.SUBMITTED:
            raise NotThisState
        self.version += 1
        self.state, self.returned_because, self.returned_by_id = DraftState.RETURNED, reason, by

    def content_hash(self, vouchers: Sequence[str]) -> str:
        """What an approval binds: version, accounts, amount, payee, purpose, what it rests on, and the vouchers' own digests."""
        names = ("category_id", "money_id", "on_date", "counterparty", "purpose", "decision_id", "kind", "id")
        whole: dict[str, Value] = {name: str(getattr(self, name)) for name in names}
        whole |= {name: str(getattr(self, name)) for name in ("contract_id", "building_id") if getattr(self, name)}
        whole |= {"version": self.version, "amount_fen": self.amount_fen, "vouchers": [*sorted(vouchers)]}
        return sha256(canonical(whole)).hexdigest()


class Paper(StrEnum):
    """What kind of paper a voucher is."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    CONTRACT = "contract"
    PHOTO = "photo"


PAPER_SAYS = {
    Paper.INVOICE: mark("发票"),
    Paper.RECEIPT: mark("收据"),
    Paper.CONTRACT: mark("合同"),
    Paper.PHOTO: mark("照片"),
}


class DraftVoucher(Record, table=True):
    """票据: the photo with the same id, hanging on a draft: a photographed paper or one page of a PDF.

    `copy_id`: its newest copy with something painted over. `public_id`: the photo that everybody sees since somebody has
    released it, in `public_version`s counted from 1: a copy, or the voucher's own photo where nothing had to be painted over.
    """

    __tablename__ = "draft_voucher"
    __table_args__ = (
        points_to("photo", "id"),
        points_to("draft", "draft_id"),
        points_to("photo", "copy_id"),
        points_to("photo", "public_id"),
        points_to("person", "released_by_id"),
        CheckConstraint("(released_at IS NULL) = (public_sha256 IS NULL)", name="released_with_its_copy"),
        CheckConstraint("(released_at IS NULL) = (public_id IS NULL)", name="released_as_a_photo"),
        Index("ix_draft_voucher_draft", "compound_id", "draft_id", "id"),
        Index("ix_draft_voucher_invoice", "compound_id", "invoice_number"),
    )

    draft_id: UUID
    position: int = 0
    paper: str | None = Field(default=None, max_length=10)
    invoice_number: str | None = Field(default=None, max_length=30)
    copy_id: UUID | None = None
    public_id: UUID | None = None
    public_version: int = 0
    public_sha256: str | None = Field(default=None, max_length=64)
    released_at: datetime | None = None
    released_by_id: UUID | None = None

    @property
    def said_paper(self) -> str:
        """What kind of paper it is, in the reader's language; "" where nobody said."""
        return _(PAPER_SAYS[Paper(self.paper)]) if self.paper else ""

    @property
    def next_id(self) -> UUID:
        """The photo that a release would show to everybody."""
        return self.copy_id or self.id

    @property
    def waits(self) -> bool:
        """Whether there is something to release."""
        return self.public_id != self.next_id

    def release(self, shown: Photo, by: UUID) -> None:
        self.public_id, self.public_sha256, self.public_version = shown.id, shown.k960, self.public_version + 1
        self.released_at, self.released_by_id = now(), by


class Approval(Record, table=True):
    """批准: who signed which content. Counts only while the draft's content has this hash."""

    __table_args__ = (
        points_to("draft", "draft_id"),
        points_to("person", "approver_id"),
        UniqueConstraint("compound_id", "draft_id", "approver_id"),
    )

    draft_id: UUID
    approver_id: UUID
    content_hash: str = Field(max_length=64)
    approved_at: datetime = Field(default_factory=now)


class ReversalProposal(Record, table=True):
    """Which entry the draft with the same id would reverse; its `purpose` says why."""

    __tablename__ = "reversal_proposal"
    __table_args__ = (points_to("draft", "id"), points_to("journal_entry", "entry_id"))

    entry_id: UUID


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
for _table in ("journal_entry", "posting", "statement"):
    append_only(_table)
