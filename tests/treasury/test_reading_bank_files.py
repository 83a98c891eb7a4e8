"""Exports as banks, WeChat Pay and Alipay write them, whole and broken."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.tables import Trouble
from app.treasury.bank_files import read_bank_file
from tests.treasury.bank_samples import ALIPAY, BANK, TODAY, WECHAT, as_csv, as_xlsx, changed, read, trouble


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_banks_csv_is_read_in_every_encoding(encoding: str) -> None:
    reading = read(as_csv(BANK, encoding))
    assert reading.problems == ()
    assert [(row.row, row.day, row.fen) for row in reading.rows] == [
        (5, date(2026, 10, 5), 5_000_00),
        (6, date(2026, 10, 9), -1_200_00),
        (7, date(2026, 10, 31), -300_00),
    ]
    assert (reading.from_on, reading.to_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (reading.opening_fen, reading.closing_fen) == (10_000_00, 13_500_00)
    assert (reading.rows[1].counterparty, reading.rows[1].text, reading.rows[1].reference) == ("白鹭百货", "礼品款", "B0002")
    assert [skipped.why for skipped in reading.skipped] == ["合计或说明"]


def test_a_banks_workbook_with_numbers_and_dates_is_read() -> None:
    rows: list[list[Any]] = [[*row] for row in BANK]
    for row in rows[4:7]:
        row[0] = datetime.fromisoformat(row[0])
        row[2:5] = [float(cell.replace(",", "")) if cell else None for cell in row[2:5]]
    reading = read(as_xlsx(rows), "对账单.xlsx")
    assert [row.fen for row in reading.rows] == [5_000_00, -1_200_00, -300_00]
    assert reading.closing_fen == 13_500_00
    assert reading.problems == ()


def test_wechat_is_read_with_withdrawals_and_the_oldest_first() -> None:
    reading = read(as_csv(WECHAT))
    assert reading.problems == ()
    assert [(row.fen, row.reference) for row in reading.rows] == [(1_000_00, "W0001"), (-32_50, "W0002"), (-800_00, "W0003")]
    assert (reading.opening_fen, reading.closing_fen) == (None, None)
    assert reading.rows[0].text == "收款 场地"


def test_alipay_is_read_without_what_never_went_through() -> None:
    reading = read(as_csv(ALIPAY, "gb18030"))
    assert [(row.fen, row.counterparty) for row in reading.rows] == [(12_00, "小店"), (-88_80, "水电")]
    assert [skipped.why for skipped in reading.skipped] == ["没有成交"]


@pytest.mark.parametrize("reverse", [False, True])
def test_within_a_day_the_balances_tell_the_order(reverse: bool) -> None:
    lines = [["20261005", "100", "1100"], ["20261005", "-50.5", "1,049.50"], ["20261005", "７０．００", "¥1119.50"]]
    reading = read(as_csv([["记账日期", "金额", "余额"], *(lines[::-1] if reverse else lines)]))
    assert reading.problems == ()
    assert [row.fen for row in reading.rows] == [100_00, -50_50, 70_00]
    assert (reading.opening_fen, reading.closing_fen) == (1_000_00, 1_119_50)


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("1234.5", 123450),
        ("￥１，２３４．５０", 123450),
        ("(88.00)", -8800),
        ("-1,000", -100000),
        ("+12", 1200),
        ("¥-3.20", -320),
    ],
)
def test_amounts_are_read_as_people_write_them(written: str, fen: int) -> None:
    assert read(as_csv([["日期", "金额"], ["2026/10/5", written]])).rows[0].fen == fen


@pytest.mark.parametrize("day", ["2026-10-05", "2026/10/5", "20261005", "2026年10月5日", "2026.10.05", "20261005130211"])
def test_days_are_read_as_banks_write_them(day: str) -> None:
    assert read(as_csv([["交易时间", "金额"], [day, "1"]])).rows[0].day == date(2026, 10, 5)


def test_a_minus_in_a_column_of_what_went_out_is_the_same_unless_it_stands_alone() -> None:
    both = [["日期", "收入", "支出"], ["20261005", "", "-10"], ["20261006", "", "-20"]]
    assert [row.fen for row in read(as_csv(both)).rows] == [-10_00, -20_00]
    one = [["日期", "收入", "支出"], ["20261005", "", "-10"], ["20261006", "", "20"]]
    assert [row.fen for row in read(as_csv(one)).rows] == [10_00, -20_00], "a red reversal comes back in"


@pytest.mark.parametrize(
    ("line", "column", "cell", "letter", "words"),
    [
        (5, 0, "十月五日", "A", "日期看不懂"),
        (5, 0, "1926-10-05", "A", "日期看不懂"),
        (5, 0, "2026-11-21", "A", "今天以后"),
        (7, 0, "2026-11-01", "A", "起止日期"),
        (5, 3, "五千", "D", "金额看不懂"),
        (5, 3, "9223372036854775808", "D", "金额太大"),
        (5, 3, "10000000000.00", "D", "金额太大"),
        (5, 2, "3.00", "C", "都有数"),
        (6, 4, "13,900.00", "E", "余额接不上"),
        (6, 4, "=1+1", "E", "公式"),
        (6, 4, "一万", "E", "金额看不懂"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(line: int, column: int, cell: str, letter: str, words: str) -> None:
    problem = read(as_xlsx(changed(BANK, line, column, cell))).problems[0]
    assert (problem.row, problem.column) == (line, letter)
    assert words in problem.message
    assert problem.blocks


def test_a_row_that_is_missing_is_found_by_the_balances() -> None:
    problem = read(as_csv([*BANK[:5], *BANK[6:]])).problems[0]
    assert "应是 ¥14,700.00" in problem.message


def test_a_direction_that_says_nothing_is_a_problem() -> None:
    rows = changed(changed(WECHAT, 8, 1, "其他"), 8, 7, "成功")
    problem = read(as_csv(rows)).problems[0]
    assert (problem.row, problem.column) == (8, "E")
    assert "看不出是收还是支" in problem.message


@pytest.mark.parametrize(
    ("data", "filename", "words"),
    [
        (b"", "a.csv", "空的"),
        (as_xlsx(BANK)[:2000], "a.xlsx", "坏了"),
        (b"%PDF-1.7", "a.pdf", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls", "老式的 .xls"),
        (bytes(range(256)) * 10, "a.csv", "认不出"),
        ("姓名,电话\n张三,1\n".encode(), "a.csv", "没找到表头"),
        ("日期,金额\n".encode(), "a.csv", "没有交易"),
        (as_csv(BANK, "gbk").decode("latin-1").encode(), "a.csv", "没找到表头"),
    ],
)
def test_a_file_that_is_no_statement_says_what_it_is(data: bytes, filename: str, words: str) -> None:
    assert words in trouble(data, filename)


def test_the_preview_can_say_what_each_column_was_taken_for() -> None:
    columns = read(as_csv(BANK)).columns
    assert ("C", "借方发生额", "支出") in columns
    assert ("G", "交易流水号", "流水号") in columns


CELL = st.one_of(
    st.text(max_size=20), st.integers().map(str), st.floats().map(str), st.sampled_from(["2026-10-05", "合计", "/", "¥"])
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, min_size=7, max_size=7), max_size=6), st.sampled_from([BANK[3], WECHAT[6], ALIPAY[2]]))
def test_nothing_that_stands_in_a_file_breaks_the_reader(rows: list[list[str]], header: list[str]) -> None:
    text = "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in [header, *rows])
    found = read_bank_file(text.encode("utf-8", "surrogatepass"), "a.csv", TODAY)
    if not isinstance(found, Trouble) and not found.problems:
        assert all(abs(row.fen) < 10**12 and row.day <= TODAY for row in found.rows)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 5000))
def test_no_bytes_break_the_reader(patch: bytes, at: int) -> None:
    whole = as_xlsx(BANK)
    read_bank_file(whole[:at] + patch + whole[at + len(patch) :], "a.xlsx", TODAY)
    read_bank_file(patch, "a.csv", TODAY)
