"""Shapes at the border of what works cost."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Wish, unwidened
from app.kit.i18n import _, mark
from app.kit.money import Amount, AmountRead
from app.renovation.contract_models import WHEN_SAYS, When
from app.renovation.schemas import Happened, Optional, Text, without_blanks

MOST_MILESTONES = 12

_LINE = re.compile(r"(?P<name>\S.*?)[\s,，]+(?P<sum>[￥¥]?[\d.,]+)(?P<unit>[%％]|元)?[\s,，]+(?P<when>\S.*)")


def _milestone(typed: Any) -> Any:
    """One line of the form: 管网完工款 30% 管网改造, or 预付款 200000 签约."""
    if not isinstance(typed, str):
        return typed
    found = _LINE.fullmatch(unwidened(typed))
    if found is None:
        raise PydanticCustomError("milestone_line", mark("每一笔写：名称 比例或金额 什么时候付。"))
    said = {_(says): when.value for when, says in WHEN_SAYS.items() if when is not When.PHASE}
    sum_ = {"share": found["sum"]} if found["unit"] == "%" else {"amount": found["sum"]}
    return {"name": found["name"], "when": said.get(found["when"], found["when"]), **sum_}


class MilestoneWish(Wish):
    """`share` in per cent of the contract's amount, or an `amount`. `when`: "signed", "accepted", "warranty_over", or the id (in
    the form: the name) of the phase that has to be done.
    """

    name: Annotated[Line, Field(max_length=40)]
    share: Annotated[int, Field(ge=1, le=100)] | None = None
    amount: Amount | None = None
    when: Line

    @model_validator(mode="after")
    def says_how_much(self) -> "MilestoneWish":
        if (self.share is None) == (self.amount is None):
            raise PydanticCustomError("how_much", mark("比例和金额，写一样就好。"))
        return self


class WorksContractWish(Wish):
    """`supersedes_id`: the contract that this one changes, whose milestones it replaces. `supervisor`: the company (监理)."""

    contractor: Annotated[Line, Field(max_length=60)]
    supervisor: Annotated[Annotated[Line, Field(max_length=60)] | None, Optional] = None
    amount: Amount
    signed_on: Annotated[date, Field(description="A day that has come.")]
    from_on: date
    to_on: date
    decision_id: Annotated[UUID | None, Optional] = None
    text: Text = None
    supersedes_id: Annotated[UUID | None, Optional] = None
    milestones: Annotated[
        list[Annotated[MilestoneWish, BeforeValidator(_milestone)]],
        BeforeValidator(without_blanks),
        Field(max_length=MOST_MILESTONES, default_factory=list),
    ]

    @field_validator("to_on")
    @classmethod
    def ends_after_it_begins(cls, day: date, told: ValidationInfo) -> date:
        if told.data.get("from_on") and day < told.data["from_on"]:
            raise PydanticCustomError("ends_first", mark("完工日不能早于开工日。"))
        return day


class PaymentWish(Wish):
    """Either `entry_id`, a line of the compound's books, whose day and amount count, or what somebody else has paid."""

    entry_id: Annotated[UUID | None, Optional] = None
    amount: Amount | None = None
    paid_on: Happened = None
    payer: Annotated[Annotated[Line, Field(max_length=60)] | None, Optional] = None

    @model_validator(mode="after")
    def is_one_of_both(self) -> "PaymentWish":
        if self.entry_id is None and (self.amount is None or self.payer is None):
            raise PydanticCustomError("who_paid", mark("请选一笔账；不是小区付的，写谁付的、付了多少。"))
        return self


class TakeBackWish(Wish):
    text: Annotated[Line, Field(max_length=200)]


class MilestoneRead(BaseModel):
    """`due_on`: since when it is due; absent before that. `paid`: of what was paid so far, the oldest milestones first."""

    name: str
    share: int | None
    amount: AmountRead
    due: When
    phase_id: UUID | None
    due_on: date | None
    paid: AmountRead


class WorksContractRead(BaseModel):
    """`percent`: how much of the works is done. `paid` so far, of `amount`."""

    id: UUID
    contractor: str
    supervisor: str
    amount: AmountRead
    signed_on: date
    from_on: date
    to_on: date
    decision_id: UUID | None
    text: str
    supersedes_id: UUID | None
    made_at: datetime
    paid: AmountRead
    percent: int
    milestones: list[MilestoneRead]


class WorksPaymentRead(BaseModel):
    """`taken_back`: it does not count; also where its line in the books was reversed."""

    id: UUID
    paid_on: date
    amount: AmountRead
    payer: str
    entry_id: UUID | None
    taken_back: bool
    text: str
