"""Shapes at the border: wishes in (forms and JSON alike), reads out."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Depends, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.kit.clock import today
from app.kit.forms import Line, Wish, unwidened
from app.kit.i18n import mark
from app.kit.money import Amount, AmountRead
from app.photos.boxes import MOST_BOXES, BoxWish
from app.treasury.models import DraftKind, Fund, LedgerAccount, Paper

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
AccountCode = Annotated[str, Field(pattern="^[0-9]{4,10}$", description="Code of a ledger account.", examples=["5003"])]
MOST_VOUCHERS = 40
"""Pages of PDFs count each: two of the longest."""


def not_in_the_future(day: date) -> date:
    if day > today() or day.year < 1990:
        raise PydanticCustomError("money_later", mark("日期不能晚于今天。"))
    return day


PastDay = Annotated[date, AfterValidator(not_in_the_future)]


class DraftWish(Wish):
    """One line of the books; debit and credit follow from its kind, and both sides are of one fund.


    `account`: of money, absent the fund's bank account; of an opening balance the account that it is about.
    `category`: what for; of a transfer the account that receives; of money held for others what it is. An opening has none.
    `counterparty` is left out where there is none (transfer, opening). `purpose` is the category's name where none is given.
    `contract_id`: an income's contract, of the same category. `building_id`: the one building it concerns.
    """

    kind: Literal["income", "expense", "transfer", "held_in", "held_out", "opening"]
    category: AccountCode = Field(default="", validate_default=True)
    account: AccountCode | None = None
    amount: Amount
    on_date: PastDay
    counterparty: Line = Field(default="", validate_default=True)
    purpose: Line | None = None
    decision_id: UUID | None = None
    contract_id: UUID | None = None
    building_id: UUID | None = None

    @field_validator("category", "counterparty", mode="wrap")
    @classmethod
    def left_out_where_the_kind_has_none(cls, value: Any, check: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        if value == "" and info.data.get("kind") in _WITHOUT[str(info.field_name)]:
            return value
        if value == "":
            raise PydanticCustomError("missing", mark("这里还没有填。"))
        return check(value)


_WITHOUT = {
    "category": {DraftKind.OPENING},
    "counterparty": {DraftKind.TRANSFER, DraftKind.OPENING},
}


class EditWish(DraftWish):
    """`remove`: vouchers to take away."""

    remove: Annotated[list[UUID], Field(max_length=MOST_VOUCHERS, default_factory=list)]


class BookWish(EditWish):
    """A form's draft. `fund`: whose accounts it offers; `kept`: pictures that arrived with an earlier try; `act`: whether to
    submit at once.
    """

    fund: Fund | None = None

    act: Literal["save", "submit"] = "save"
    kept: Annotated[list[UUID], Field(max_length=MOST_VOUCHERS, default_factory=list)]


class ReasonWish(Wish):
    reason: Line


class ApproveWish(Wish):
    """`content_hash`: of what the approver saw."""

    content_hash: Sha256


def _invoice_number(text: str) -> str:
    """However it was spaced on the paper: the same number is written the same way."""
    number = "".join(text.split()).upper()
    if not (4 <= len(number) <= 30 and number.isascii() and number.replace("-", "").isalnum()):
        raise PydanticCustomError("invoice_number", mark("发票号是 4 到 30 个数字或字母。"))
    return number


InvoiceNumber = Annotated[
    str,
    BeforeValidator(unwidened),
    Field(max_length=60, examples=["24432000000012345678"]),
    AfterValidator(_invoice_number),
]


class PaperWish(Wish):
    """What a voucher is. `position`: its place among its entry's vouchers, from 1; absent, it stays where it is."""

    paper: Paper | None = None
    invoice_number: InvoiceNumber | None = None
    position: Annotated[int, BeforeValidator(unwidened), Field(ge=1, le=MOST_VOUCHERS)] | None = None


class RedactWish(Wish):
    """What is painted over in the copy."""

    boxes: Annotated[list[BoxWish], Field(min_length=1, max_length=MOST_BOXES)]


class RedactForm(Wish):
    """The same as a form's columns; a row that is empty is none."""

    left: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    top: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    width: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    height: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]

    @model_validator(mode="after")
    def rows_are_boxes(self) -> "RedactForm":
        boxes = []
        for number, row in enumerate(zip_longest(self.left, self.top, self.width, self.height, fillvalue=""), 1):
            if any(text.strip() for text in row):
                try:
                    boxes.append(BoxWish.model_validate(dict(zip(("left", "top", "width", "height"), row, strict=True))))
                except ValidationError as wrong:
                    says = mark("第 %(n)s 个框：四个数都要写，从 0 到 100，框要在图里面。")
                    raise PydanticCustomError("box_row", says, {"n": number}) from wrong
        if not boxes:
            raise PydanticCustomError("no_box", mark("请至少画一个框。"))
        self._boxes = boxes
        return self

    _boxes: list[BoxWish] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> RedactWish:
        return RedactWish(boxes=self._boxes)


def _ticked(value: object) -> bool:
    if value not in (True, "true"):
        raise PydanticCustomError("not_ticked", mark("请先看清楚，再打勾。"))
    return True


Ticked = Annotated[Literal[True], BeforeValidator(_ticked)]


class ReleaseWish(Wish):
    """The treasurer's word that the public copy shows nobody's personal data. `seen_sha256`: of the file they looked at."""

    seen_sha256: Sha256
    clean: Ticked


class ReleaseAllWish(Wish):
    """The same of every page of an entry that waits. `seen_sha256`: of each file they looked at."""

    seen_sha256: Annotated[list[Sha256], Field(max_length=MOST_VOUCHERS, default_factory=list)]
    clean: Ticked


class FundWish(Wish):
    fund: Fund


class AccountName(Wish):
    name: Annotated[Line, Field(max_length=20)]


class CategoryWish(AccountName):
    """A new account. `use`: "income", "expense", "held" (owed to somebody) or "money" (one more place where money lies)."""

    fund: Fund
    use: Literal["income", "expense", "held", "money"]


class AccountWish(AccountName):
    """`retired`: offered no more; what was booked on it stays as it is."""

    retired: bool = False


class MonthWish(Wish):
    """`month`: "2026-10"."""

    month: Annotated[str, Field(pattern="^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]

    @property
    def first_day(self) -> date:
        return date.fromisoformat(f"{self.month}-01")


class ReopenWish(MonthWish):
    """Why a closed month is opened again."""

    reason: Line


FundText = Annotated[str, Query(pattern=f"^({'|'.join(Fund)})?$", description="One fund.")]
"""Of an address; empty is the first."""

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
    building: str | None
    reverses_id: UUID | None
    reversed_by_id: UUID | None


class LineRead(BaseModel):
    code: str
    account: str
    amount: AmountRead


class VoucherRead(BaseModel):
    """`public_id` and `public_sha256`: of the public copy and of its 960 px file, null while it waits to be released;
    `public_version` counts what was released.
    """

    id: UUID
    paper: str | None
    public_id: UUID | None
    public_sha256: str | None
    public_version: int


class PapersRead(BaseModel):
    papers: list[VoucherRead]


class StepRead(BaseModel):
    """`act`: what was done; `by`: who did it, null where the journal alone knows; `voucher_id`: to which paper."""

    at: datetime
    act: str
    words: str
    by: str | None
    voucher_id: UUID | None


class TrailRead(BaseModel):
    steps: list[StepRead]


class CopyRead(BaseModel):
    """`sha256`: of the 960 px file, which a release shows to everybody."""

    id: UUID
    sha256: str
    boxes: list[BoxWish]


class VoucherDetail(VoucherRead):
    """`page`: of a PDF, else 0. `next_id`, `next_sha256`: what a release would show."""

    draft_id: UUID
    invoice_number: str | None
    page: int
    next_id: UUID
    next_sha256: str
    copies: list[CopyRead]


class EntryDetail(EntryRead):
    lines: list[LineRead]
    papers: list[VoucherRead]
    decision_id: UUID | None
    contract_id: UUID | None


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


class CheckRead(BaseModel):
    """What an approver should know: "green" passed, "yellow" look here, "red" would be refused. `words` are for people."""

    name: str
    state: Literal["green", "yellow", "red"]
    words: str


class DraftRead(BaseModel):
    """`account`, `category`: their codes; of an opening the category is the fund's own, and a reversal has no account.

    `approvals_had` of `approvals_needed` have signed `content_hash`. `checks`: for this caller, until it is posted.
    """

    id: UUID
    kind: str
    account: str | None
    category: str | None
    state: str
    version: int
    amount: AmountRead
    on_date: date
    counterparty: str
    purpose: str
    decision_id: UUID | None
    contract_id: UUID | None
    building_id: UUID | None
    returned_because: str
    vouchers: list[UUID]
    content_hash: str
    approvals_had: int
    approvals_needed: int
    checks: list[CheckRead]


class PostedRead(BaseModel):
    """`entry_id` and `number` are null while somebody else's approval is needed too."""

    entry_id: UUID | None
    number: str | None
    approvals_had: int
    approvals_needed: int


class AccountRead(BaseModel):
    """`retired`: offered no more."""

    code: str
    name: str
    kind: str
    fund: str
    use: str
    retired: bool
    balance: AmountRead

    @classmethod
    def of(cls, account: LedgerAccount, fen: int) -> Self:
        named = {name: getattr(account, name) for name in ("code", "name", "kind", "fund", "use")}
        return cls(retired=account.retired_at is not None, balance=fen, **named)


class FundRead(BaseModel):
    """`money`: what its cash and bank hold."""

    fund: str
    money: AmountRead


class AccountsRead(BaseModel):
    """`balance` of an account: debit minus credit. `money`: the sum of cash and bank, of all `funds` together."""

    money: AmountRead
    funds: list[FundRead]
    accounts: list[AccountRead]


class PeriodRead(BaseModel):
    """`state`: "open", "closed" or "published"."""

    month: str
    state: str


class PeriodsRead(BaseModel):
    """The latest first. `closed_until`: nothing is posted on or before it."""

    closed_until: date | None
    months: list[PeriodRead]
