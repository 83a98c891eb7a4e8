"""RFC 8785: its own examples, and what it forbids."""

import json
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.publiclog.canonical import LARGEST, NotCanonical, canonical

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_keys_stand_in_the_order_of_their_utf_16_code_units():
    """RFC 8785 §3.2.3: the smiling face (two surrogates) comes before the Hebrew presentation form."""
    named = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(named))) == order
    assert sorted(named) != order, "or this example would not tell the two orders apart"


def test_strings_are_escaped_as_little_as_possible():
    """RFC 8785 §3.2.2.2."""
    assert canonical('€$\u000f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()
    assert canonical("\b\t\n\f\r\x00\x1f\x7f\u2028") == b'"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\xe2\x80\xa8"'


def test_there_is_no_white_space_and_nesting_is_sorted_too():
    assert canonical({"b": [1, True, None, {"d": "", "c": -1}], "a": {}}) == b'{"a":{},"b":[1,true,null,{"c":-1,"d":""}]}'


def test_a_named_choice_is_its_string():
    assert canonical({"t": StrEnum("Kind", {"A": "statement.published"}).A}) == b'{"t":"statement.published"}'


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        2**63,
        b"bytes",
        (1, 2),
        {1: "a"},
        [{"a": 0.5}],
        "\ud800",
        {"\udfff": 1},
        object(),
        {"a"},
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_canonical_form_is_refused(value: object):
    with pytest.raises(NotCanonical):
        canonical(value)  # type: ignore[arg-type]


def test_a_refusal_does_not_repeat_the_value():
    with pytest.raises(NotCanonical) as refused:
        canonical(["王小明\ud800"])
    assert "王" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_the_largest_integers_pass():
    assert canonical([LARGEST, -LARGEST]) == b"[9007199254740991,-9007199254740991]"


@given(VALUES)
def test_reading_and_writing_again_gives_the_same_bytes(value):
    once = canonical(value)
    assert json.loads(once) == value
    assert canonical(json.loads(once)) == once


@given(st.dictionaries(st.text(), st.integers(0, 9), max_size=8))
def test_the_order_in_which_keys_were_given_does_not_show(named):
    assert canonical(dict(reversed(named.items()))) == canonical(named)
