"""Shapes at the border of budgets: wishes in (forms and JSON alike), reads out."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Wish
from app.kit.i18n import mark
from app.kit.money import MOST, Amount, AmountRead, PositiveMoney, fen_of
from app.treasury.schemas import AccountCode

MOST_LINES = 200
MOST_VERSIONS = 10_000

PeriodText = Annotated[str, Field(pattern="^(19|20)[0-9]{2}(-Q[1-4])?$", description="A year or a quarter.", examples=["2026"])]
Replaces = Annotated[int, Field(ge=0, le=MOST_VERSIONS, description="The version that this one corrects; 0 for the first.")]


class BudgetLineWish(Wish):
    """What one category of income or expense should bring or may cost."""

    category: AccountCode
    amount: Amount


class BudgetWish(Wish):
    """The whole budget of a period. `reason`: why it is corrected; a first one needs none."""

    period: PeriodText
    decision_id: UUID
    replaces: Replaces = 0
    reason: Line | None = None
    lines: Annotated[list[BudgetLineWish], Field(min_length=1, max_length=MOST_LINES)]

    @field_validator("lines")
    @classmethod
    def each_category_once(cls, lines: list[BudgetLineWish]) -> list[BudgetLineWish]:
        if len({line.category for line in lines}) < len(lines):
            raise PydanticCustomError("twice", mark("同一类只能写一次。"))
        return lines


class BudgetForm(Wish):
    """The same as a form's columns; a row without an amount is none."""

    decision_id: UUID
    reason: Line | None = None
    category: Annotated[list[AccountCode], Field(max_length=MOST_LINES, default_factory=list)]
    amount: Annotated[list[str], Field(max_length=MOST_LINES, default_factory=list)]

    @field_validator("amount")
    @classmethod
    def amounts(cls, typed: list[str], told: ValidationInfo) -> list[str]:
        codes = told.data.get("category", [])
        if not len(typed) == len(codes) == len(set(codes)):
            raise PydanticCustomError("columns", mark("表格不完整，请刷新再填。"))
        for number, text in enumerate(typed, 1):
            try:
                if text.strip() and not 0 < fen_of(text) < MOST:
                    raise ValueError
            except ValueError as wrong:
                says = mark("第 %(n)s 行：金额请写成 1234.50 这样，要大于零。")
                raise PydanticCustomError("budget_row", says, {"n": number}) from wrong
        if not any(text.strip() for text in typed):
            raise PydanticCustomError("no_row", mark("请至少写一类的金额。"))
        return typed

    def asked(self, period: str, replaces: int) -> BudgetWish:
        rows = zip(self.category, self.amount, strict=True)
        lines = [{"category": code, "amount": PositiveMoney.of(fen_of(text))} for code, text in rows if text.strip()]
        return BudgetWish.model_validate(
            {"period": period, "replaces": replaces, "decision_id": self.decision_id, "reason": self.reason, "lines": lines}
        )


class BudgetLineRead(BaseModel):
    """`actual`: booked in the period until today."""

    category: str
    name: str
    use: str
    fund: str
    planned: AmountRead
    actual: AmountRead


class BudgetRead(BaseModel):
    """`reason`: why it corrected the version before; empty for the first."""

    id: UUID
    period: str
    from_on: date
    to_on: date
    version: int
    decision_id: UUID
    reason: str
    made_at: datetime


class BudgetDetail(BudgetRead):
    lines: list[BudgetLineRead]
