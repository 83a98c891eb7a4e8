"""Fields that the shapes of several things in this room share."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.kit.clock import today
from app.kit.i18n import mark
from app.treasury.chart_models import Fund

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
AccountCode = Annotated[str, Field(pattern="^[0-9]{4,10}$", description="Code of a ledger account.", examples=["5003"])]


def not_in_the_future(day: date) -> date:
    if day > today() or day.year < 1990:
        raise PydanticCustomError("money_later", mark("日期不能晚于今天。"))
    return day


PastDay = Annotated[date, AfterValidator(not_in_the_future)]

FundText = Annotated[str, Query(pattern=f"^({'|'.join(Fund)})?$", description="One fund.")]
"""Of an address; empty is the first."""
