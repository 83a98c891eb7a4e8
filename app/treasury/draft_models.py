"""Nouns: what is being written and approved, before it stands in the journal."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.money import signed_yuan, yuan
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotThisState, Refusal
from app.publiclog.canonical import Value, canonical
from app.treasury.chart_models import AccountKind, LedgerAccount, Use


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


class OpeningTaken(Refusal):
    says = mark("这个科目已经有期初余额，要改请先冲销它。")


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
