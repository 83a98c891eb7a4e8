"""Shapes at the border: wishes in (forms and JSON alike), reads out."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from app.kit.clock import today
from app.kit.forms import Line, Wish
from app.kit.i18n import mark
from app.kit.money import Amount, AmountRead
from app.treasury.models import Code

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
AccountCode = Annotated[str, Field(pattern="^[0-9]{4,10}$", description="Code of a ledger account.", examples=["5003"])]
MOST_VOUCHERS = 12


class DraftWish(Wish):
    """One income or expense. `category`: what for; `account`: through which account of money; debit and credit follow."""

    kind: Literal["income", "expense"]
    category: AccountCode
    account: AccountCode = Code.BANK.value
    amount: Amount
    on_date: date
    counterparty: Line
    purpose: Line
    decision_id: UUID | None = None

    @field_validator("on_date")
    @classmethod
    def not_in_the_future(cls, day: date) -> date:
        if day > today() or day.year < 1990:
            raise PydanticCustomError("money_later", mark("日期不能晚于今天。"))
        return day


class EditWish(DraftWish):
    """`remove`: vouchers to take away."""

    remove: Annotated[list[UUID], Field(max_length=MOST_VOUCHERS, default_factory=list)]


class BookWish(EditWish):
    """A form's draft. `kept`: pictures that arrived with an earlier try; `act`: whether to submit at once."""

    act: Literal["save", "submit"] = "save"
    kept: Annotated[list[UUID], Field(max_length=MOST_VOUCHERS, default_factory=list)]


class ReasonWish(Wish):
    reason: Line


class ApproveWish(Wish):
    """`content_hash`: of what the approver saw."""

    content_hash: Sha256


class ReleaseWish(Wish):
    """The treasurer's word that the public copy shows nobody's personal data."""

    clean: Literal[True]

    @field_validator("clean", mode="before")
    @classmethod
    def ticked(cls, value: object) -> object:
        if value not in (True, "true"):
            raise PydanticCustomError("not_ticked", mark("请先看清楚，再打勾。"))
        return True


class MonthWish(Wish):
    """`month`: "2026-10"."""

    month: Annotated[str, Field(pattern="^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]

    @property
    def first_day(self) -> date:
        return date.fromisoformat(f"{self.month}-01")


MonthText = Annotated[str, Query(pattern="^((19|20)[0-9]{2}-(0[1-9]|1[0-2]))?$", description='A month, "2026-10".')]
"""Of an address; empty is what a form sends where nothing was chosen."""


@dataclass(frozen=True)
class Period:
    """From month to month, both included; "" is open."""

    since: str = ""
    until: str = ""

    @property
    def first(self) -> date:
        return date.fromisoformat(f"{self.since}-01") if self.since else date.min

    @property
    def last(self) -> date:
        month = date.fromisoformat(f"{self.until}-01") if self.until else date.max
        return month.replace(day=monthrange(month.year, month.month)[1])


ALWAYS = Period()


async def asked_period(since: MonthText = "", until: MonthText = "") -> Period:
    """Async, because a plain function would be a thread hop of its own."""
    return Period(since, until)


AskedPeriod = Annotated[Period, Depends(asked_period)]


class EntryRead(BaseModel):
    """`amount` is signed: what it moved. `vouchers` belong to it, `released` of them have a public copy."""

    id: UUID
    number: str
    on_date: date
    kind: str
    category: str | None
    memo: str
    counterparty: str
    amount: AmountRead
    vouchers: int
    released: int
    reverses_id: UUID | None
    reversed_by_id: UUID | None


class LineRead(BaseModel):
    code: str
    account: str
    amount: AmountRead


class VoucherRead(BaseModel):
    """`public_sha256`: of the public copy's bytes, null while it waits to be released."""

    id: UUID
    public_sha256: str | None


class EntryDetail(EntryRead):
    lines: list[LineRead]
    papers: list[VoucherRead]
    decision_id: UUID | None


class JournalRead(BaseModel):
    """An entry as accountants see it. `reverses`, `reversed_by`: numbers, or empty; `vouchers`: SHA-256 of the originals."""

    id: UUID
    number: str
    on_date: date
    fund: str
    memo: str
    counterparty: str
    decision: str
    vouchers: list[str]
    reverses: str
    reversed_by: str
    lines: list[LineRead]


class DraftRead(BaseModel):
    id: UUID
    kind: str
    state: str
    version: int
    amount: AmountRead
    on_date: date
    counterparty: str
    purpose: str
    decision_id: UUID | None
    returned_because: str
    vouchers: list[UUID]
    content_hash: str


class PostedRead(BaseModel):
    entry_id: UUID
    number: str


class StatementRead(BaseModel):
    id: UUID
    from_on: date
    to_on: date
    opening: AmountRead
    income: AmountRead
    expense: AmountRead
    closing: AmountRead
    notice_id: UUID
    published_at: datetime


class AccountRead(BaseModel):
    code: str
    name: str
    kind: str
    fund: str
    use: str
    balance: AmountRead


class AccountsRead(BaseModel):
    """`balance` of an account: debit minus credit. `money`: the sum of cash and bank."""

    money: AmountRead
    accounts: list[AccountRead]
