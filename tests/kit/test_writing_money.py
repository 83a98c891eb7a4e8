"""Fen and 0.01 m²: said, typed, sent; never rounded, never guessed."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.kit.money import (
    LIMIT,
    MOST,
    Amount,
    AmountRead,
    AreaRead,
    Money,
    PositiveMoney,
    SignedAmount,
    area_of,
    decimal_string,
    fen_of,
    signed_yuan,
    square_metres,
    yuan,
)

exact = st.integers(min_value=1 - LIMIT, max_value=LIMIT - 1)


def test_money_is_said_with_grouping_and_a_true_minus() -> None:
    assert yuan(123450) == "¥1,234.50"
    assert yuan(-5) == "−¥0.05"
    assert yuan(0) == "¥0.00"
    assert (signed_yuan(100), signed_yuan(-100), signed_yuan(0)) == ("+¥1.00", "−¥1.00", "¥0.00")


@given(exact)
def test_what_is_said_or_written_is_read_back_exactly(fen: int) -> None:
    assert fen_of(yuan(fen).replace("¥", "")) == fen
    assert fen_of(decimal_string(fen)) == fen
    assert Money.of(fen).fen == fen


@given(st.integers(min_value=0, max_value=LIMIT - 1))
def test_an_area_is_read_back_exactly(area: int) -> None:
    assert area_of(square_metres(area)) == area


@pytest.mark.parametrize(
    "typed",
    [
        "1234.5",
        "1,234.50",
        "1，234．50",
        "１２３４．５",
        " ¥1234.50 ",
        "￥ 1,234.5元",
        "1 234.50",
        "1234。5",
        "人民币1234.5元",
        "1234.500",
    ],
)
def test_money_is_read_as_people_type_it(typed: str) -> None:
    assert fen_of(typed) == 123450


MISREAD = (
    *("", " ", "¥", "元", "1,5", "12,34", "1234,567", "1.234,50", "1.005", "1.2.3", "--1", "1e5", ".5", "nan", "Infinity"),
    *("万", "1万", "٣", "½", "\x00", "\ud800", "1\x002", "10000000000000.00", "9" * 5000),
)


@pytest.mark.parametrize("typed", MISREAD)
def test_what_could_be_misread_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"金额请写成"):
        fen_of(typed)


def test_a_debt_may_be_typed_with_any_minus() -> None:
    assert fen_of("-1") == fen_of("−1") == fen_of("－１") == -100


@pytest.mark.parametrize("typed", ["89.5", "８９．５０", "89.5㎡", "89.5 平方米", "89.5m²", "89.5 平米"])
def test_an_area_is_read_as_rosters_write_it(typed: str) -> None:
    assert area_of(typed) == 8950


@pytest.mark.parametrize("typed", ["", "-1", "89.555", "八十九", "89.5元", "10000000000000.00"])
def test_an_area_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"面积请写成"):
        area_of(typed)


class Wish(BaseModel):
    amount: Amount


class Read(BaseModel):
    amount: AmountRead
    area: AreaRead


def test_a_wish_takes_money_from_programs_and_words_from_forms() -> None:
    assert Wish.model_validate({"amount": {"amount": "123.45", "currency": "CNY"}}).amount == 12345
    assert Wish.model_validate({"amount": {"amount": "0.01"}}).amount == 1
    assert Wish.model_validate({"amount": "１,234.5元"}, context={"typed": True}).amount == 123450


NO_MONEY = (
    *(
        "1234.50",
        1234,
        12.5,
        None,
        {},
        {"amount": 5},
        {"amount": "1,234"},
        {"amount": "1.005"},
        {"amount": "1\n"},
        {"amount": ""},
    ),
    *({"amount": "99999999999999"}, {"amount": "-1"}, {"amount": "0"}, {"amount": "00.0"}, {"amount": "0.00"}),
    *({"amount": "1", "currency": "USD"}, {"amount": "1", "fen": 1}, {"amount": "10000000000"}, {"amount": "99999999999.5"}),
)


@pytest.mark.parametrize("sent", NO_MONEY)
def test_a_program_sends_money_or_nothing(sent: Any) -> None:
    with pytest.raises(ValidationError):
        Wish.model_validate({"amount": sent})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("很多", "金额请写成 1234.50 这样。"),
        ("0", "金额要大于零，不能超过一百亿元。"),
        ("-1", "金额要大于零，不能超过一百亿元。"),
        ("9,999,999,999,999", "金额要大于零，不能超过一百亿元。"),
    ],
)
def test_a_form_with_a_bad_amount_says_what_to_write(typed: str, said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        Wish.model_validate({"amount": typed}, context={"typed": True})
    assert [(e["loc"], e["type"], e["msg"]) for e in wrong.value.errors()] == [(("amount",), "amount", said)]


def test_a_bad_amount_in_json_is_named_by_its_place() -> None:
    with pytest.raises(ValidationError) as wrong:
        Wish.model_validate({"amount": {"amount": "x"}})
    assert wrong.value.errors()[0]["loc"] == ("amount", "amount")


def test_answers_and_schemas_speak_money() -> None:
    assert Read(amount=-5, area=8950).model_dump(mode="json") == {
        "amount": {"amount": "-0.05", "currency": "CNY"},
        "area": "89.50",
    }
    assert Wish.model_validate({"amount": {"amount": "1"}}).model_dump(mode="json")["amount"]["amount"] == "1.00"
    asked = TypeAdapter(Wish).json_schema(mode="validation")
    told = TypeAdapter(Read).json_schema(mode="serialization")
    assert asked["properties"]["amount"]["$ref"] == "#/$defs/PositiveMoney"
    assert told["properties"]["amount"]["$ref"] == "#/$defs/Money"
    assert told["properties"]["area"]["type"] == "string"


@given(st.from_regex(re.compile(PositiveMoney.model_json_schema()["properties"]["amount"]["pattern"], re.ASCII), fullmatch=True))
def test_whatever_the_schema_calls_positive_is_accepted(amount: str) -> None:
    if len(amount) <= 13 and not amount.endswith("\n"):
        assert 0 < Wish.model_validate({"amount": {"amount": amount}}).amount < MOST


@pytest.mark.parametrize("least", ["-9999999999.99", "00.0", "9999999999.99"])
def test_a_balance_may_be_a_debt_and_has_the_same_bound_at_both_doors(least: str) -> None:
    held = TypeAdapter(SignedAmount)
    assert held.validate_python({"amount": least}) == held.validate_python(least, context={"typed": True})
    for large in ("10000000000", "-10000000000.00", "9999999999999.99"):
        with pytest.raises(ValidationError):
            held.validate_python({"amount": large})
        with pytest.raises(ValidationError, match="一百亿"):
            held.validate_python(large, context={"typed": True})
