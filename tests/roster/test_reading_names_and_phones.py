"""Names, phones, shares and areas as they stand in cells."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.tables import Broken
from app.roster.people import area_of, is_name, names_of, phone_of, phones_of, relation_of, share_of, shares_of, was_rounded


def names(cell: Any) -> list[str] | None:
    found = names_of(cell)
    return None if found is None else [named.name for named in found]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("张三", ["张三"]),
        ("张 三", ["张三"]),
        ("王 小 明", ["王小明"]),
        ("欧阳 娜娜", ["欧阳娜娜"]),
        ("张三 李四 王五", ["张三", "李四", "王五"]),
        ("张三、李四", ["张三", "李四"]),
        ("张三,李四，王五;赵六", ["张三", "李四", "王五", "赵六"]),
        ("①张三 ②李四", ["张三", "李四"]),
        ("John Smith", ["John Smith"]),
        ("阿卜杜拉•买买提", ["阿卜杜拉·买买提"]),
        ("𠮷田", ["𠮷田"]),
        ("湖南某某贸易有限公司（长沙分公司）", ["湖南某某贸易有限公司(长沙分公司)"]),
        ("张三(夫/妻)、李四", ["张三", "李四"]),
        ("张\u200b三\u202e", ["张三"]),
        ("空置", []),
        ("——", []),
        ("", []),
        ("张 三 李 四", None),
        ("张三 李", None),
    ],
)
def test_names_are_told_apart(cell: str, expected: list[str] | None) -> None:
    assert names(cell) == expected


def test_what_stands_in_brackets_after_a_name_is_understood() -> None:
    found = names_of("张三（租户）、李四(1/3)、王五13800001111")
    assert found is not None
    assert [(n.name, n.relation, n.share, n.phone) for n in found] == [
        ("张三", "tenant", None, None),
        ("李四", None, Fraction(1, 3), None),
        ("王五", None, None, "13800001111"),
    ]


def test_a_masked_name_is_no_name() -> None:
    assert is_name("张三")
    assert not is_name("张*")
    assert not is_name("501")


@pytest.mark.parametrize(
    ("cell", "dialled"),
    [
        (13800001111, ["13800001111"]),
        (13800001111.0, ["13800001111"]),
        ("013800001111", ["13800001111"]),
        ("0086-138 0000 1111", ["13800001111"]),
        ("0731-85551234", ["073185551234"]),
        ("（0731）8555 1234", ["073185551234"]),
        ("+86-731-85551234", ["073185551234"]),
        ("010-85551234转801", ["01085551234-801"]),
        ("85551234", ["85551234"]),
        ("400-800-1234", ["4008001234"]),
        ("+852 9123 4567", ["+85291234567"]),
        ("13800001111 13900002222", ["13800001111", "13900002222"]),
        ("138 0000 1111 139 0000 2222", ["13800001111", "13900002222"]),
        ("1380000111113900002222", ["13800001111", "13900002222"]),
        ("手机:13800001111 座机:0731-85551234", ["13800001111", "073185551234"]),
        ("13800001111(微信同号)", ["13800001111"]),
        ("138****1111", [None]),
        ("23800001111", [None]),
        ("无", []),
        (None, []),
        (Broken("#N/A", "error"), [None]),
    ],
)
def test_phones_are_read(cell: Any, dialled: list[str | None]) -> None:
    assert [number.dialled for number in phones_of(cell)] == dialled


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["{}", "+86{}", "+86 {}", "86-{}", " {} ", "电话：{}", "{}（本人）"]),
)
def test_a_mobile_number_is_the_same_in_every_dress(number: str, dress: str) -> None:
    assert [n.dialled for n in phones_of(dress.format(number))] == [number]
    assert phone_of(f"{number[:3]}-{number[3:7]}-{number[7:]}") == number
    assert [n.dialled for n in phones_of(float(number))] == [number]


def test_a_rounded_phone_is_recognised() -> None:
    assert was_rounded("1.38E+10")
    assert not was_rounded("13800001111")


@pytest.mark.parametrize(
    ("cell", "share"),
    [
        ("50%", "1/2"),
        ("1/3", "1/3"),
        (0.5, "1/2"),
        ("二分之一", "1/2"),
        ("一半", "1/2"),
        (50, "1/2"),
        (1, "1"),
        ("100%", "1"),
        (0.3333, "3333/10000"),
    ],
)
def test_shares_are_exact(cell: Any, share: str) -> None:
    assert share_of(cell) == Fraction(share)


@pytest.mark.parametrize("cell", ["1/0", "3/2", "0", "101%", "共同共有", "", "-1", "1/2/3", "9" * 50])
def test_what_is_no_share_is_not_guessed(cell: str) -> None:
    assert share_of(cell) is None


def test_several_shares_stand_in_one_cell() -> None:
    assert shares_of("1/3、2/3") == (Fraction(1, 3), Fraction(2, 3))
    assert shares_of("50%/50%") == (Fraction(1, 2), Fraction(1, 2))


@given(st.integers(0, 10**9), st.sampled_from(["{}", "{}㎡", "{} 平方米", "约{}", "{}平"]))
def test_an_area_comes_back_exactly(area: int, dress: str) -> None:
    text = f"{area // 100}.{area % 100:02d}"
    assert area_of(dress.format(text)) == (area, False)
    assert area_of(float(text)) == (area, False)


def test_half_a_hundredth_rounds_up_and_is_said() -> None:
    assert area_of("89.505") == (8951, True)
    assert area_of(89.530000000000001) == (8953, False)
    assert area_of("1,089.5") == (108950, False)
    assert area_of("89,5") is None


def test_relations_in_the_words_people_use() -> None:
    assert [relation_of(text) for text in ("业主", "产权人", "房东", "租户", "承租人", "租客", "配偶", "出租")] == [
        "owner"
    ] * 3 + ["tenant"] * 3 + [None] * 2


@given(
    st.one_of(
        st.none(), st.text(st.characters() | st.sampled_from("0123456789()/%、 张*+-转"), max_size=60), st.integers(), st.floats()
    )
)
def test_no_cell_is_an_exception(cell: Any) -> None:
    names_of(cell)
    share_of(cell)
    shares_of(cell)
    area_of(cell)
    for number in phones_of(cell):
        assert number.dialled is None or len(number.dialled) <= 20
