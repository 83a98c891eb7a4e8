"""Shapes at the border of contracts: wishes in (forms and JSON alike), reads out."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Wish
from app.kit.i18n import mark
from app.kit.money import Amount, AmountRead
from app.treasury.contract_models import Every
from app.treasury.periods import later
from app.treasury.schemas import AccountCode

MOST_PAGES = 40
MOST_YEARS = 50


def _in_reach(day: date) -> date:
    if not 1990 <= day.year <= 2190:
        raise PydanticCustomError("far_day", mark("请核对年份。"))
    return day


Day = Annotated[date, AfterValidator(_in_reach)]


class ContractWish(Wish):
    """`category`: the income it is. `amount` is due on `first_due_on` and from then on `every` so often, until `to_on`."""

    category: AccountCode
    counterparty: Line
    what: Line
    from_on: Day
    to_on: Day
    amount: Amount
    every: Every
    first_due_on: Day
    decision_id: UUID | None = None

    @field_validator("to_on")
    @classmethod
    def ends_after_it_begins(cls, day: date, told: ValidationInfo) -> date:
        begins = told.data.get("from_on")
        if begins and not begins <= day <= later(begins, MOST_YEARS * 12):
            raise PydanticCustomError("in_order", mark("要在开始之后，最长五十年。"))
        return day

    @field_validator("first_due_on")
    @classmethod
    def falls_due_within(cls, day: date, told: ValidationInfo) -> date:
        begins, ends = told.data.get("from_on"), told.data.get("to_on")
        if begins and ends and not begins <= day <= ends:
            raise PydanticCustomError("due_within", mark("要在合同起止之内。"))
        return day


class ContractEditWish(ContractWish):
    """`remove`: pages to take away."""

    remove: Annotated[list[UUID], Field(max_length=MOST_PAGES, default_factory=list)]


class EndWish(Wish):
    """`on_date`: the last day on which it holds."""

    on_date: Day
    reason: Line


State = Literal["", "running", "over"]


class SoughtContract(BaseModel):
    """`q`: words of what and counterparty; "" is everything."""

    q: str = ""
    state: State = ""


async def sought_contract(
    q: Annotated[str, Query(max_length=60, description="Words of what and counterparty.")] = "",
    state: Annotated[State, Query(description='"running" or "over".')] = "",
) -> SoughtContract:
    """Async, because a plain function would be a thread hop of its own."""
    return SoughtContract(q=" ".join(q.split()), state=state)


SeekContract = Annotated[SoughtContract, Depends(sought_contract)]


class ContractRead(BaseModel):
    """`category`: a ledger account's code. `open`: what is due by today and has not come."""

    id: UUID
    category: str
    fund: str
    counterparty: str
    what: str
    from_on: date
    to_on: date
    amount: AmountRead
    every: Every
    first_due_on: date
    decision_id: UUID | None
    ended_on: date | None
    ended_because: str
    version: int
    open: AmountRead


class InstalmentRead(BaseModel):
    due_on: date
    amount: AmountRead
    received: AmountRead
    days_late: int


class ContractDetail(ContractRead):
    """`instalments` due until today, the oldest first, and then the next. `pages`: photos, for who may see originals."""

    instalments: list[InstalmentRead]
    pages: list[UUID]
    made_at: datetime


class ReceivableRead(BaseModel):
    """An instalment that is due and has not come, or not wholly: `open` of `amount`."""

    contract_id: UUID
    category: str
    fund: str
    counterparty: str
    what: str
    due_on: date
    amount: AmountRead
    open: AmountRead
    days_late: int


class ReceivablesRead(BaseModel):
    on: date
    open: AmountRead
    items: list[ReceivableRead]
