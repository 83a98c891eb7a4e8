"""Files as they arrive: every kind of table, and every kind of thing that is none."""

import struct
import zipfile
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit.tables import MOST_COLUMNS, MOST_ROWS, Broken, Merge, Table, Trouble
from app.kit.workbook import LARGEST_FILE, read_table
from app.kit.xlsx import LARGEST_PART
from app.roster.headings import ROSTER
from app.roster.reading import read_roster
from tests.roster.workbooks import opened, places, rewritten, sheets, trouble, with_shared_strings, without, workbook

ROWS = [["房号", "姓名", "电话"], ["1-101", "张三", "13800001111"], ["1-102", "李四", "13900002222"]]
SHEET = "xl/worksheets/sheet1.xml"
BOMB = '<!DOCTYPE x [<!ENTITY a "哈哈哈哈哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


def csv_text(delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(row) for row in ROWS) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_is_read_in_every_encoding_and_with_every_separator(encoding: str, delimiter: str) -> None:
    table = opened(csv_text(delimiter).encode(encoding), "名册.csv")
    assert [row.cells for row in table.rows] == [tuple(row) for row in ROWS]


def test_a_csv_that_names_its_separator_is_believed() -> None:
    assert places(read_roster(opened(("sep=;\r\n" + csv_text(";")).encode("gbk"), "a.csv"))) == ["1-101", "1-102"]


def test_marks_that_keep_excel_from_touching_a_number_are_taken_off() -> None:
    table = opened('房号,姓名,电话\r\n="1-101",张三,="13800001111"\r\n\'1-102,李四,"\t13900002222"\r\n'.encode(), "a.csv")
    reading = read_roster(table)
    assert places(reading) == ["1-101", "1-102"]
    assert [row.people[0].phone for row in reading.rows] == ["13800001111", "13900002222"]


def test_a_line_break_in_a_quoted_cell_stays_in_its_cell() -> None:
    table = opened('房号,姓名\n1-101,"张三\n李四"\n1-102,王五\n'.encode(), "a.csv")
    assert [row.line for row in table.rows] == [1, 2, 3]
    assert len(read_roster(table).rows[0].people) == 2


def test_a_quotation_mark_that_never_closes_does_not_swallow_the_rest() -> None:
    table = opened('房号,姓名\n1-101,"张三\n1-102,李四\n1-103,王五\n'.encode(), "a.csv")
    assert places(read_roster(table)) == ["1-101", "1-102", "1-103"]


def test_blank_lines_keep_their_numbers() -> None:
    table = opened("\n\n房号,姓名\n\n1-101,张三\n,,\n".encode(), "a.csv")
    assert [row.line for row in table.rows] == [3, 5]


def test_a_text_file_cut_in_the_middle_of_a_character_loses_only_that() -> None:
    table = opened("房号,姓名\n1-101,张三\n".encode()[:-2], "a.csv")
    assert table.rows[1].cells[0] == "1-101"


@pytest.mark.parametrize(
    ("data", "filename", "words"),
    [
        (b"", "名册.xlsx", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "名册.xls", "老式的 .xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "名册.xlsx", "密码"),
        (b"%PDF-1.7 ...", "名册.pdf", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "名册.xlsx", "图片"),
        (b"\xff\xd8\xff\xe0", "名册.jpg", "图片"),
        ("\n<html><table><tr><td>房号</td></tr></table></html>".encode(), "名册.xls", "网页"),
        (b"\x00\x01\x02\x03" * 400, "名册.xlsx", "坏了"),
        (bytes(range(256)) * 10, "名册.csv", "认不出"),
        (b"\xff\xfe\x00", "a.csv", "没有内容"),
        (b"   \n\n", "a.csv", "没有内容"),
        ("张三,李四\n王五,赵六\n".encode(), "a.csv", "没找到表头"),
    ],
)
def test_a_file_that_is_no_roster_says_what_it_is(data: bytes, filename: str, words: str) -> None:
    assert words in trouble(data, filename).message


def test_a_file_too_large_is_refused_unread() -> None:
    assert "20 MB" in trouble(b"PK\x03\x04" + b"\x00" * LARGEST_FILE).message


def packed(members: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in members.items():
            box.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"名册.xlsx": b""}, "压缩包"),
        ({"[Content_Types].xml": b"", "word/document.xml": b""}, "Word"),
        ({"[Content_Types].xml": b"", "xl/workbook.bin": b""}, ".xlsb"),
        ({"mimetype": b"", "content.xml": b""}, ".ods"),
        ({"[Content_Types].xml": b""}, "坏了"),
        ({}, "压缩包"),
    ],
)
def test_a_zip_that_is_no_workbook_says_what_it_is(members: dict[str, bytes], words: str) -> None:
    assert words in trouble(packed(members)).message


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_half_a_workbook_is_said_to_be_broken(part: float) -> None:
    data = workbook(ROWS)
    assert "坏了" in trouble(data[: int(len(data) * part)]).message


def test_a_workbook_with_a_flipped_bit_is_said_to_be_broken() -> None:
    data = bytearray(workbook(ROWS))
    at = data.index(SHEET.encode()) + len(SHEET) + 60
    data[at] ^= 0xFF
    assert "坏了" in trouble(bytes(data)).message


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", SHEET, "_rels/.rels"])
def test_a_document_type_with_entities_is_refused_in_every_part(part: str) -> None:
    bombed = rewritten(
        with_shared_strings(ROWS), part, lambda text: BOMB + text.partition("?>")[2] if text.startswith("<?xml") else BOMB + text
    )
    assert "坏了" in trouble(bombed).message


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", SHEET])
def test_a_zip_bomb_is_not_unpacked(part: str) -> None:
    bombed = rewritten(with_shared_strings(ROWS), part, lambda text: text + " " * (LARGEST_PART + 1))
    assert len(bombed) < 200_000
    assert "太大" in trouble(bombed).message


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked_either() -> None:
    data = bytearray(rewritten(workbook(ROWS), SHEET, lambda text: text + " " * (LARGEST_PART + 1)))
    entry = data.rindex(SHEET.encode()) - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    struct.pack_into("<L", data, entry + 24, 1000)
    assert "坏了" in trouble(bytes(data)).message


def test_a_zip_of_endless_members_is_refused() -> None:
    assert "太大" in trouble(packed({str(n): b"" for n in range(5001)})).message


def test_too_many_rows_or_columns_are_said() -> None:
    many = "房号,姓名\n" + "".join(f"{n},张三\n" for n in range(MOST_ROWS))
    assert str(MOST_ROWS) in trouble(many.encode(), "a.csv").message
    assert len(opened(many[: many.rindex("\n", 0, -1)].encode(), "a.csv").rows) == MOST_ROWS
    wide: list[list[Any]] = [["房号", "姓名"], ["1-101", "张三"], [None] * MOST_COLUMNS + ["远"]]
    assert "GS3" in trouble(workbook(wide)).message
    assert str(MOST_COLUMNS) in trouble(("房号,姓名" + "," * MOST_COLUMNS + "远\n").encode(), "a.csv").message


def test_stray_cells_far_below_are_only_far_below() -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active["A1048576"] = " "
    book.active["XFD7"] = " "
    book.active["A900000"] = "备注：到此为止"
    file = BytesIO()
    book.save(file)
    reading = read_roster(opened(file.getvalue()))
    assert places(reading) == ["1-101", "1-102"]
    assert [s.row for s in reading.skipped] == [900000]


def test_the_sheet_with_the_best_header_is_read_and_the_others_named() -> None:
    data = sheets({"封面": [["枫树小区"]], "收费": [["房号", "金额"], ["1-101", 5]], "名册": ROWS, "旧": ROWS[:2]})
    table = opened(data)
    assert (table.sheet, table.others) == ("名册", ("封面", "收费", "旧"))


def test_a_sheet_may_be_chosen_by_its_name() -> None:
    data = sheets({"1栋": ROWS, "2栋": [["房号", "姓名"], ["201", "王五"]], "空": []})
    assert opened(data).sheet == "1栋"
    assert places(read_roster(opened(data, sheet="2栋"))) == ["2-201"]
    assert opened(data, sheet="空").rows == ()
    missing = trouble(data, sheet="3栋\x00")
    assert "3栋" in missing.message
    assert missing.sheets == ("1栋", "2栋", "空")


def test_a_hidden_sheet_is_read_only_where_no_other_has_a_header() -> None:
    data = sheets({"甲": ROWS, "乙": ROWS[:2]}, hidden=["甲"])
    assert opened(data).sheet == "乙"
    assert opened(data, sheet="甲").sheet == "甲"
    assert opened(sheets({"甲": ROWS, "乙": [["说明"]]}, hidden=["甲"])).sheet == "甲"


def test_without_a_header_the_first_rows_are_shown() -> None:
    found = trouble(sheets({"表一": [["枫树小区"], ["张三", 13800001111], ["a\x0bb"[:1], None]], "表二": []}))
    assert "房号" in found.message
    assert found.first_rows[:2] == (("枫树小区",), ("张三", "13800001111"))
    assert found.sheets == ("表一", "表二")


def test_merged_areas_and_hidden_rows_are_seen() -> None:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["楼栋", "房号", "姓名"])
        sheet.merge_range("A2:A4", "1栋")
        for n in range(3):
            sheet.write_row(n + 1, 1, [101 + n, "张三"])
        sheet.set_row(2, options={"hidden": True})
    table = opened(file.getvalue())
    assert table.merges == (Merge(2, 4, 0, 0),)
    assert table.hidden == {3}
    assert places(read_roster(table)) == ["1-101", "1-102", "1-103"]


def test_a_workbook_openpyxl_turns_away_is_read() -> None:
    data = rewritten(workbook(ROWS), "xl/styles.xml", without(r"<fill>.*?</fill>", "<fill/>"))
    with pytest.raises(TypeError):
        openpyxl.load_workbook(BytesIO(data))
    assert len(opened(data).rows) == 3


def test_the_strict_variant_of_the_format_is_read() -> None:
    data = with_shared_strings(ROWS)
    for part in ("xl/workbook.xml", SHEET, "xl/sharedStrings.xml", "xl/styles.xml"):
        data = rewritten(
            data,
            part,
            lambda text: text.replace(
                "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
            ),
        )
    assert len(opened(data).rows) == 3


def test_prefixed_names_and_cells_without_addresses_are_read() -> None:
    body = (
        '<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row><x:c t="inlineStr"><x:is><x:t>房号</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:r><x:t>姓</x:t></x:r>'
        "<x:r><x:t>名</x:t></x:r><x:rPh><x:t>xing</x:t></x:rPh></x:is></x:c></x:row>"
        '<x:row><x:c t="str"><x:v>1-101</x:v></x:c><x:c t="inlineStr"><x:is><x:t>张_x000D_三</x:t></x:is></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    table = opened(rewritten(workbook(ROWS), SHEET, lambda _text: body))
    assert [row.cells for row in table.rows] == [("房号", "姓名"), ("1-101", "张\r三")]
    assert [row.line for row in table.rows] == [1, 2]


VALUES: list[Any] = [
    "文字", " 前后有空格 ", "多\n行", 0, -7, 12345678901, 89.5, 0.1, 1e-7, 123456789012345678, True, False, None,
    date(2026, 12, 3), datetime(2026, 12, 3, 8, 30, tzinfo=UTC).replace(tzinfo=None),
    time(12, 30), "=1+1", "#N/A", "", "𠮷", "<&>'\"",
]  # fmt: skip


def test_values_are_those_another_reader_sees() -> None:
    data = workbook([["房号", "姓名"], *([value, f"行{n}"] for n, value in enumerate(VALUES))])
    theirs = openpyxl.load_workbook(BytesIO(data), data_only=True).active
    assert theirs is not None
    for row in opened(data).rows[1:]:
        ours, expected = row.at(0), theirs.cell(row.line, 1).value
        if isinstance(expected, datetime):
            assert ours == Broken(expected.date().isoformat(), "date")
        elif isinstance(expected, time):
            assert ours == Broken(expected.strftime("%H:%M"), "date")
        elif isinstance(expected, bool):
            assert ours == str(expected).upper()
        elif VALUES[row.line - 2] == "=1+1":
            assert ours == Broken("=1+1", "uncalculated")
        elif expected == "#N/A":
            assert ours == Broken("#N/A", "error")
        else:
            assert ours == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.integers(-(2**52), 2**52),
                st.floats(-1e9, 1e9),
                st.text(
                    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff_"), min_size=1, max_size=20
                ),
            ),
            max_size=6,
        ),
        max_size=6,
    )
)
def test_any_workbook_reads_as_another_reader_reads_it(rows: list[list[Any]]) -> None:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["房号", "姓名"])
        for line, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, column, value)
                elif value is not None:
                    sheet.write_number(line, column, value)
    theirs = openpyxl.load_workbook(BytesIO(file.getvalue()), data_only=True).worksheets[0]
    ours = {row.line: row for row in opened(file.getvalue(), sheet="Sheet1").rows}
    for line, values in enumerate(theirs.iter_rows(values_only=True), 1):
        for column, value in enumerate(values):
            seen = ours[line].at(column) if line in ours else None
            assert seen == value or (seen is None and isinstance(value, str) and value.isspace())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.xlsx", "a.csv", "a.xls", "\ud800", ""]))
def test_no_bytes_are_an_exception(data: bytes, filename: str) -> None:
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", "房号,姓名\n".encode(), "房号,姓名\n".encode("gbk")):
        found = read_table(start + data, filename, ROSTER)
        assert isinstance(found, Table | Trouble)
        if isinstance(found, Table):
            read_roster(found)


XML = st.sampled_from(
    [
        "<row>",
        "</row>",
        '<row r="-1">',
        '<row r="99999999999999999999">',
        '<row r="x">',
        "<c>",
        '<c r="A1">',
        '<c r="1">',
        '<c r="ABCD1">',
        '<c r="A1" t="s">',
        '<c s="9999">',
        '<c s="x">',
        "</c>",
        "<v>",
        "</v>",
        "<v>5</v>",
        "<v>-1</v>",
        "<v>1e999</v>",
        "<v>NaN</v>",
        "<f>A1</f>",
        "<is><t>房号</t></is>",
        '<mergeCell ref="A1:B2"/>',
        '<mergeCell ref="A9:A1"/>',
        '<mergeCell ref="A1:XFD99999999"/>',
        '<mergeCell ref="?"/>',
        "房号",
        "&#0;",
        "&x;",
        "<rPh>",
        "</rPh>",
        "]]>",
        "\x00",
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(XML, max_size=12),
    st.sampled_from([SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]),
    st.integers(0, 3000),
)
def test_no_part_of_a_workbook_however_mangled_is_an_exception(pieces: list[str], part: str, at: int) -> None:
    data = rewritten(PLAIN, part, lambda text: text[:at] + "".join(pieces) + text[at:])
    found = read_table(data, "a.xlsx", ROSTER)
    assert isinstance(found, Table | Trouble)
    if isinstance(found, Table):
        read_roster(found)


PLAIN = with_shared_strings(ROWS, merges=["D2:D3"])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_to_the_bytes_of_a_workbook_is_an_exception(at: int, patch: bytes) -> None:
    found = read_table(PLAIN[:at] + patch + PLAIN[at + len(patch) :], "a.xlsx", ROSTER)
    assert isinstance(found, Table | Trouble)
