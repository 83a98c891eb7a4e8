"""Workbooks as committees keep them, made with the libraries people's own programs use."""

import re
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import openpyxl
import xlsxwriter

from app.kit.tables import Row, Table, Trouble
from app.kit.workbook import read_table
from app.roster.headings import ROSTER
from app.roster.proposal import Reading
from app.roster.reading import read_roster

HEADER = ["楼栋", "单元", "房号", "姓名", "电话", "面积"]


def workbook(rows: Sequence[Sequence[Any]], merges: Sequence[str] = (), title: str = "名单") -> bytes:
    """An .xlsx of one sheet; `merges` like "A2:A5"."""
    return sheets({title: rows}, merges={title: merges})


def sheets(
    content: dict[str, Sequence[Sequence[Any]]], *, hidden: Sequence[str] = (), merges: dict[str, Sequence[str]] | None = None
) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in content.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for area in (merges or {}).get(title, ()):
            sheet.merge_cells(area)
        if title in hidden:
            sheet.sheet_state = "hidden"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_shared_strings(rows: Sequence[Sequence[Any]], merges: Sequence[str] = ()) -> bytes:
    """The same with its texts in a part of their own, as Excel and WPS write them (openpyxl writes them into the cells)."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
        for area in merges:
            sheet.merge_range(area, "")
    return file.getvalue()


def rewritten(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The package with one of its parts changed, as another program would have written it."""
    file = BytesIO()
    assert part in zipfile.ZipFile(BytesIO(data)).namelist()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            text = old.read(member)
            new.writestr(member.filename, change(text.decode()).encode() if member.filename == part else text)
    return file.getvalue()


def without(pattern: str, put: str = "") -> Callable[[str], str]:
    return lambda text: re.sub(pattern, put, text, flags=re.DOTALL)


def opened(data: bytes, filename: str = "名册.xlsx", sheet: str | None = None) -> Table:
    table = read_table(data, filename, ROSTER, sheet)
    assert isinstance(table, Table), table
    return table


def trouble(data: bytes, filename: str = "名册.xlsx", sheet: str | None = None) -> Trouble:
    found = read_table(data, filename, ROSTER, sheet)
    assert isinstance(found, Trouble)
    return found


def read(rows: Sequence[Sequence[Any]], merges: Sequence[str] = (), title: str = "名单", compound: str = "") -> Reading:
    """What the reader makes of rows that went through a real workbook."""
    return read_roster(opened(workbook(rows, merges, title)), compound=compound)


def table(*rows: Sequence[Any]) -> Table:
    return Table(tuple(Row(line, tuple(cells)) for line, cells in enumerate(rows, 1)))


def places(reading: Reading) -> list[str]:
    return ["-".join(part for part in (row.building, row.entrance, row.room) if part) for row in reading.rows]


def said(reading: Reading, row: int) -> list[str]:
    """The messages about a row, blocking ones with a mark."""
    return [("✗" if p.blocks else "") + p.column + " " + p.message for p in reading.problems if p.row == row]
