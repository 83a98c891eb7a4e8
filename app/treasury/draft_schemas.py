"""Shapes at the border of drafts: wishes in (forms and JSON alike), reads out."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, ValidatorFunctionWrapHandler, field_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Wish
from app.kit.i18n import mark
from app.kit.money import Amount, AmountRead
from app.treasury.chart_models import Fund
from app.treasury.draft_models import DraftKind
from app.treasury.schemas import AccountCode, PastDay, Sha256
from app.treasury.voucher_schemas import MOST_VOUCHERS


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
