"""Money in whole fen and area in whole 0.01 m²: how they are said, written and read. Never a float."""

import re
import unicodedata
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, PlainSerializer, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.kit.i18n import mark

LIMIT = 10**15
"""|fen| and 0.01 m² stay below it: thirteen digits before the point, and well below the 2^53 of JavaScript and Excel."""

MOST = LIMIT // 1000
"""|fen| of one amount that somebody enters stay below it: ten thousand million yuan. So a thousand of them still have a sum."""

_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,16})(?:\.[0-9]{0,2}0{0,8})?")
_MINUS = "−"


def yuan(fen: int) -> str:
    """¥1,234.50; a debt is −¥1,234.50 with a true minus sign, which lines up with the digits and is read aloud."""
    return f"{_MINUS if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def signed_yuan(fen: int) -> str:
    """The same for a movement: +¥1,234.50 comes in, −¥1,234.50 goes out, nothing is ¥0.00."""
    return f"+{yuan(fen)}" if fen > 0 else yuan(fen)


def decimal_string(hundredths: int) -> str:
    """1234.50, for programs: ASCII, no grouping."""
    return f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def square_metres(area: int) -> str:
    """89.50 for an area of 8950 × 0.01 m²."""
    return decimal_string(area)


def fen_of(text: str) -> int:
    """Fen out of what people type: "1,234.5", "￥１２３４．５０", "1 234.50 元".

    A comma is accepted only where it groups thousands: "1,5" could be read as one and a half.
    Raises ValueError, whose words are for people, for anything else and from LIMIT on.
    """
    fen = _hundredths(_plain(text).removesuffix("元").removeprefix("人民币").removeprefix("¥"))
    if fen is None:
        raise PydanticCustomError("amount", mark("金额请写成 1234.50 这样。"))
    return fen


def area_of(text: str) -> int:
    """0.01 m² out of "89.5", "８９．５０", "89.5㎡", "89.5 平方米". Raises ValueError as `fen_of` does, and below zero."""
    plain = _plain(text)
    for unit in ("平方米", "平米", "m2"):
        plain = plain.removesuffix(unit)
    area = _hundredths(plain)
    if area is None or area < 0:
        raise PydanticCustomError("area", mark("面积请写成 89.50 这样。"))
    return area


def _plain(text: str) -> str:
    """Without spaces, full-width signs as ASCII (NFKC); the Chinese full stop is what phones give for a point."""
    return "".join(unicodedata.normalize("NFKC", text).translate({ord("。"): ".", ord(_MINUS): "-"}).split())


def _hundredths(plain: str) -> int | None:
    if not _NUMBER.fullmatch(plain):
        return None
    whole, _, part = plain.replace(",", "").partition(".")
    hundredths = int(whole + part[:2].ljust(2, "0"))
    return hundredths if abs(hundredths) < LIMIT else None


class Money(BaseModel):
    """An amount at the border: `{"amount": "123.45", "currency": "CNY"}`, a decimal string because JSON numbers are floats."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: str = Field(
        pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,2})?$",
        description="Yuan as a decimal string with at most two decimals.",
        examples=["123.45"],
    )
    currency: Literal["CNY"] = "CNY"

    @classmethod
    def of(cls, fen: int) -> Self:
        return cls(amount=decimal_string(fen))

    @property
    def fen(self) -> int:
        return fen_of(self.amount)


class SignedMoney(Money):
    """Below `MOST`, and the schema says so: what validation refuses, no client's generator may think valid."""

    amount: str = Field(
        pattern=r"^-?[0-9]{1,10}(\.[0-9]{1,2})?$",
        description="Yuan as a decimal string with at most two decimals, less than ten thousand million.",
        examples=["-123.45"],
    )


class PositiveMoney(Money):
    """The same of more than nothing."""

    amount: str = Field(
        pattern=r"^0*([1-9][0-9]{0,9}(\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))$",
        max_length=13,
        description="Yuan as a decimal string with at most two decimals, more than zero.",
        examples=["123.45"],
    )


class _Asked:
    """Money comes in, fen come out. Only a form (validated in the context `{"typed": True}`) sends what somebody typed."""

    def __init__(self, kind: type[Money]) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        money = handler.generate_schema(self.kind)
        return core_schema.chain_schema(
            [
                core_schema.with_info_before_validator_function(self.read, money),
                core_schema.no_info_plain_validator_function(lambda money: money.fen),
            ],
            serialization=core_schema.plain_serializer_function_ser_schema(self.kind.of, return_schema=money),
        )

    def read(self, value: Any, info: ValidationInfo) -> Any:
        if not (isinstance(value, str) and info.context and info.context.get("typed")):
            return value
        fen = fen_of(value)
        if self.kind is PositiveMoney and not 0 < fen < MOST:
            raise PydanticCustomError("amount", mark("金额要大于零，不能超过一百亿元。"))
        if abs(fen) >= MOST:
            raise PydanticCustomError("amount", mark("金额不能超过一百亿元。"))
        return self.kind.of(fen)


Amount = Annotated[int, _Asked(PositiveMoney)]
"""A field of a wish: more than 0 fen in Python, Money in JSON, "1,234.5" in a form."""

SignedAmount = Annotated[int, _Asked(SignedMoney)]
"""The same where nothing and a debt are answers too: what an account holds."""

AmountRead = Annotated[int, PlainSerializer(Money.of, return_type=Money)]
"""A field of an answer: fen in Python, Money in JSON."""

AreaRead = Annotated[int, PlainSerializer(square_metres, return_type=str)]
"""A field of an answer: 0.01 m² in Python, "89.50" in JSON."""
