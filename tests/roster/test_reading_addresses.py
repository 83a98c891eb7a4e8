"""One unit, however its address is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.roster.addresses import Address, address_of, building_in, building_of, entrance_of, kind_of

DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """12 → 十二, 21 → 二十一, 108 → 一百零八: as people write buildings."""
    if number < 10:
        return DIGITS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")
    hundreds, rest = divmod(number, 100)
    if not rest:
        return DIGITS[hundreds] + "百"
    return DIGITS[hundreds] + "百" + (f"零{DIGITS[rest]}" if rest < 10 else (DIGITS[1] if rest < 20 else "") + in_chinese(rest))


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


FULL = [
    "{b}-{e}-{r}",
    "{b}栋{e}单元{r}",
    "{b}栋{e}单元{r}室",
    "{b}#{e}-{r}",
    "{b}幢 {e}单元 {r}号",
    "{b}号楼{e}门{r}",
    "{b} 栋 {e} 单元 {r} 室",
    "{b}/{e}/{r}",
    "{b}.{e}.{r}",
    "{b}——{e}——{r}",
    "{b}栋-{e}-{r}",
    "{b}-{e}单元{r}",
    "{b}#楼{e}单元{r}",
    "枫树小区{b}栋{e}单元{r}",
    "第{b}栋第{e}单元{r}房",
    "0{b}栋{e}单元0{r}",
    "{b}座{e}单元5层{r}室",
    "{b}号{e}单元{r}室",
]
WITHOUT_ENTRANCE = ["{b}-{r}", "{b}栋{r}", "{b}#{r}", "{b}号{r}室", "{b}号楼{r}室", "{b}幢{r}号", "{b}栋 {r}"]


@given(st.sampled_from(FULL), st.integers(1, 199), st.integers(1, 20), st.integers(101, 3999), st.booleans())
def test_every_way_of_writing_an_address_means_one_unit(form: str, building: int, entrance: int, room: int, wide: bool) -> None:
    text = form.format(b=building, e=entrance, r=room)
    found = address_of(full_width(text) if wide else text)
    assert found == Address(building=str(building), entrance=str(entrance), room=str(room))


@given(st.sampled_from(WITHOUT_ENTRANCE), st.integers(1, 199), st.integers(101, 3999))
def test_a_building_without_entrances_needs_none(form: str, building: int, room: int) -> None:
    assert address_of(form.format(b=building, r=room)) == Address(building=str(building), room=str(room))


@given(st.integers(1, 399), st.integers(1, 20), st.integers(101, 3999), st.booleans())
def test_chinese_numerals_are_numbers(building: int, entrance: int, room: int, room_too: bool) -> None:
    spoken = "".join("〇" if c == "0" else DIGITS[int(c)] for c in str(room)) if room_too else str(room)
    text = f"{in_chinese(building)}栋{in_chinese(entrance)}单元{spoken}室"
    assert address_of(text) == Address(building=str(building), entrance=str(entrance), room=str(room))


@given(
    st.from_regex(r"[1-9][0-9]{0,1}[A-Z]?|[A-Z]", fullmatch=True),
    st.from_regex(r"[1-9]|[A-D]", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{2,3}[A-C]?", fullmatch=True),
)
def test_what_is_canonical_stays_as_it_is(building: str, entrance: str, room: str) -> None:
    found = address_of(f"{building}-{entrance}-{room}")
    assert found == Address(building=building, entrance=entrance, room=room)
    assert building_of(building) == Address(building=building)
    assert entrance_of(entrance) == entrance


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三栋二单元402室", Address(building="3", entrance="2", room="402")),
        ("A座1502", Address(building="A", room="1502")),
        ("东楼501", Address(building="东楼", room="501")),
        ("12A-3-501", Address(building="12A", entrance="3", room="501")),
        ("二期3栋2单元501", Address("2期", "3", "2", "501")),
        ("桂花苑3栋501", Address("桂花苑", "3", None, "501")),
        ("长沙市雨花区枫树路12号枫树小区3栋1单元501", Address(building="3", entrance="1", room="501")),
        ("12弄3号501室", Address(building="3", room="501")),
        ("12栋3单元501-1", Address(building="12", entrance="3", room="501-1")),
        ("1栋1单元101东户", Address(building="1", entrance="1", room="101东")),
        ("-101", Address(room="负101")),
        ("501", Address(room="501")),
        ("0501", Address(room="501")),
        ("501-1", Address(room="501-1")),
        ("商铺12", Address(room="商铺12", kind="shop")),
        ("3栋商铺012", Address(building="3", room="商铺12", kind="shop")),
        ("3栋12号门面", Address(building="3", room="门面12", kind="shop")),
        ("负一层车位12", Address(room="负1层车位12", kind="garage")),
        ("八一小区3栋501", Address(building="3", room="501")),
        ("12栋3单元", Address(building="12", entrance="3")),
    ],
)
def test_addresses_people_really_write(text: str, expected: Address) -> None:
    assert address_of(text) == expected


@pytest.mark.parametrize(
    "text", ["", "张三", "北京路", "12-3-5-01", "-1-05", "栋", "#", "商铺", "1栋2栋301", "12栋3单元4单元501", "1" * 40]
)
def test_what_is_not_understood_is_not_guessed(text: str) -> None:
    assert address_of(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", Address(building="12")),
        ("十二栋", Address(building="12")),
        ("01栋", Address(building="1")),
        ("12#", Address(building="12")),
        ("12号", Address(building="12")),
        ("3楼", Address(building="3")),
        ("东区3栋", Address("东区", "3")),
        ("枫树小区12栋", Address(building="12")),
        ("12栋3单元", Address(building="12", entrance="3")),
        ("12-3", Address(building="12", entrance="3")),
        ("综合楼", Address(building="综合楼")),
        ("", None),
        ("12栋501室302", None),
    ],
)
def test_the_building_column_is_read_too(text: str, expected: Address | None) -> None:
    assert building_of(text) == expected


def test_beside_a_building_column_two_parts_may_mean_two_things() -> None:
    assert address_of("3-501", within=True) == Address(entrance="3", room="501", unsure=True)
    assert address_of("5楼501", within=True) == Address(room="501")
    assert address_of("3楼501", within=True) == Address(room="501")
    assert address_of("3楼501") == Address(building="3", room="501")


def test_a_title_may_name_a_building() -> None:
    assert building_in("枫树小区三号楼业主花名册") == Address(building="3")
    assert building_in("3栋2单元") == Address(building="3", entrance="2")
    assert building_in("2025年业主花名册") is None
    assert building_in("12#、13#业主花名册") is None


@pytest.mark.parametrize(
    ("text", "kind"), [("住宅", "dwelling"), ("安置房", "dwelling"), ("底商", "shop"), ("地下车位", "garage"), ("三室两厅", None)]
)
def test_kinds_in_the_words_people_use(text: str, kind: str | None) -> None:
    assert kind_of(text) == kind


@given(st.text(st.characters() | st.sampled_from("0123456789栋单元室号-#层楼门商铺车位十百零负东"), max_size=40), st.booleans())
def test_no_text_is_an_exception_and_what_is_read_is_read_again(text: str, within: bool) -> None:
    for found in (address_of(text, within=within), building_of(text), building_in(text)):
        if found:
            assert all(len(part) <= 40 for part in (found.ground, found.building or "", found.room or ""))
    entrance_of(text)
    kind_of(text)
    found = address_of(text)
    if found and found.building and found.entrance and found.room and not found.ground:
        again = address_of(f"{found.building}栋{found.entrance}单元{found.room}")
        assert again == found
