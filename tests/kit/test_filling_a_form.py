"""What people type becomes a wish or a sentence beside its field; nothing typed is lost."""

from datetime import UTC, datetime
from typing import Annotated

import pytest
from pydantic import Field, ValidationError
from starlette.datastructures import FormData

from app.kit.forms import Count, Filled, Line, Moment, Prose, Wish, fill


class PartyWish(Wish):
    title: Line
    guests: Annotated[Count, Field(ge=1)]
    at: Moment
    note: Prose | None = None
    days: Annotated[list[Line], Field(default_factory=list)]


def filled(*pairs: tuple[str, str]) -> Filled[PartyWish]:
    return fill(PartyWish, FormData(list(pairs)))


GOOD = (("title", "  年夜  饭 "), ("guests", "１２"), ("at", "2026-02-16T18:00"))


def test_full_width_digits_spaces_and_the_wall_clock_are_understood() -> None:
    wish = filled(*GOOD).wish
    assert wish
    assert (wish.title, wish.guests) == ("年夜 饭", 12)
    assert wish.at == datetime(2026, 2, 16, 10, tzinfo=UTC)


def test_an_empty_field_is_an_absent_one() -> None:
    form = filled(*GOOD, ("note", ""))
    assert form.wish
    assert form.wish.note is None


def test_several_values_of_one_name_are_a_list() -> None:
    form = filled(*GOOD, ("days", "周一"), ("days", "周二"))
    assert form.wish
    assert form.wish.days == ["周一", "周二"]


def test_every_mistake_has_its_sentence_and_what_was_typed_stays() -> None:
    form = filled(("title", "x" * 101), ("guests", "许多"), ("at", "明天"))
    assert form.wish is None
    assert form.problems == {"title": "太长了，最多 100 个字。", "guests": "请填一个整数。", "at": "请填日期和时间。"}
    assert form.field("guests").value == "许多"
    assert form.field("title").error == "太长了，最多 100 个字。"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", "a\x00b"),
        ("title", "a\ud800"),
        ("guests", str(2**63)),
        ("guests", "-1"),
        ("guests", "9" * 5000),
        ("at", "0001-01-01T00:00"),
        ("at", "9999-12-31T23:59"),
    ],
)
def test_what_no_database_or_calendar_takes_is_a_sentence_and_not_a_fault(field: str, typed: str) -> None:
    form = filled(*[pair for pair in GOOD if pair[0] != field], (field, typed))
    assert list(form.problems) == [field]


def test_an_offset_at_the_end_of_the_calendar_is_refused_in_the_api_too() -> None:
    with pytest.raises(ValidationError):
        PartyWish.model_validate({"title": "x", "guests": 1, "at": "9999-12-31T23:59:59-12:00"})


def test_the_forms_own_id_is_kept_and_a_missing_one_is_made() -> None:
    kept = fill(PartyWish, FormData([*GOOD, ("id", "01a20a1f-fbea-79ce-babc-2170e878054f"), ("version", "3")]))
    assert (str(kept.id), kept.version) == ("01a20a1f-fbea-79ce-babc-2170e878054f", 3)
    odd = fill(PartyWish, FormData([*GOOD, ("id", "nonsense"), ("version", "²")]))
    assert odd.id
    assert odd.version is None


@pytest.mark.parametrize("bad", ["\ufffe", "\uffff", "\u202e", "\u2066"])
def test_signs_that_break_a_feed_or_turn_what_is_read_are_named(bad: str) -> None:
    form = filled(*GOOD, ("note", f"付{bad}给"))
    assert form.problems == {"note": "里面有看不见的字符，请重新输入。"}
    assert filled(*GOOD, ("note", "一家👨\u200d👩\u200d👧")).wish, "joined signs are ordinary"
