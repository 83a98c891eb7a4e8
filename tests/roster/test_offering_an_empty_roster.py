"""The empty roster to fill in."""

from io import BytesIO

import openpyxl

from app.kit.i18n import speaking
from app.roster.reading import read_roster
from app.roster.template import empty_roster
from tests.roster.workbooks import opened


def test_its_examples_are_not_read_as_residents() -> None:
    reading = read_roster(opened(empty_roster()))
    assert reading.rows == ()
    assert reading.problems == ()
    assert [s.row for s in reading.skipped] == [2, 3, 4, 5]
    assert all(column.read for column in reading.columns)


def test_what_is_filled_in_comes_back() -> None:
    for language in ("zh", "en"):
        with speaking(language):
            book = openpyxl.load_workbook(BytesIO(empty_roster()))
            sheet = book.worksheets[0]
            for row in sheet.iter_rows(min_row=2, max_row=5):
                row[9].value = None
            file = BytesIO()
            book.save(file)
            reading = read_roster(opened(file.getvalue()))
        assert reading.problems == ()
        assert [(row.building, row.entrance, row.kind, row.area) for row in reading.rows] == [
            ("1", "2", "dwelling", 8950),
            ("1", "2", "dwelling", 10230),
            ("1", None, "shop", 4500),
        ]
        assert [[p.relation for p in row.people] for row in reading.rows] == [["owner", "owner"], ["owner", "tenant"], ["owner"]]


def test_every_column_is_text_so_that_excel_keeps_rooms_and_phones() -> None:
    sheet = openpyxl.load_workbook(BytesIO(empty_roster())).worksheets[0]
    columns = sheet.column_dimensions.values()  # neighbours of one width are one entry
    assert sum(column.max - column.min + 1 for column in columns) == 10
    assert {column.number_format for column in columns} == {"@"}
