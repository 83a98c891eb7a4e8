"""Shapes at the border of periods: which months are asked for, closed and opened again."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from app.kit.forms import Line, Wish
from app.notices.periods import last_of_month


class MonthWish(Wish):
    """`month`: "2026-10"."""

    month: Annotated[str, Field(pattern="^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]

    @property
    def first_day(self) -> date:
        return date.fromisoformat(f"{self.month}-01")


class ReopenWish(MonthWish):
    """Why a closed month is opened again."""

    reason: Line


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
        return last_of_month(date.fromisoformat(f"{self.until}-01")) if self.until else date.max


ALWAYS = Period()


async def asked_period(since: MonthText = "", until: MonthText = "") -> Period:
    """Async, because a plain function would be a thread hop of its own."""
    return Period(since, until)


AskedPeriod = Annotated[Period, Depends(asked_period)]


class PeriodRead(BaseModel):
    """`state`: "open", "closed" or "published"."""

    month: str
    state: str


class PeriodsRead(BaseModel):
    """The latest first. `closed_until`: nothing is posted on or before it."""

    closed_until: date | None
    months: list[PeriodRead]
