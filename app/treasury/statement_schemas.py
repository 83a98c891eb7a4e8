"""Shapes of statements at the border."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AliasChoices, BaseModel, Field

from app.kit.forms import Line, Wish
from app.kit.money import AmountRead
from app.notices.periods import KEY, Span, span_of


class PeriodWish(Wish):
    """`period`: a month "2026-10", a quarter "2026-Q3", a half "2026-H1" or a year "2026"; `month` is its older name."""

    period: Annotated[str, Field(pattern=KEY, examples=["2026-Q3"], validation_alias=AliasChoices("period", "month"))]

    @property
    def span(self) -> Span:
        return span_of(self.period)


class CorrectionWish(Wish):
    """`reason`: everybody reads it. `entries`: of later days, which belong into the period instead of what was reversed."""

    reason: Annotated[Line, Field(max_length=100)]
    entries: Annotated[list[UUID], Field(max_length=40, default_factory=list)]


class StatementRead(BaseModel):
    """`period`: "2026-10", "2026-Q3", "2026-H1", "2026". `version` counts from 1; a later one corrects the one before."""

    id: UUID
    period: str
    version: int
    supersedes_id: UUID | None
    superseded_by_id: UUID | None
    from_on: date
    to_on: date
    opening: AmountRead
    income: AmountRead
    expense: AmountRead
    closing: AmountRead
    notice_id: UUID
    published_at: datetime


class StatementLineRead(BaseModel):
    """A line as it was published."""

    entry_id: UUID
    number: str
    on_date: date
    memo: str
    amount: AmountRead


class SumRead(BaseModel):
    says: str
    before: AmountRead
    after: AmountRead


class ChangesRead(BaseModel):
    """What a correction changed against the statement that it supersedes."""

    added: list[StatementLineRead]
    gone: list[StatementLineRead]
    sums: list[SumRead]
