"""Files for spreadsheets: numbers stay numbers, days days, and no text is ever computed.

Both writers take rows as they come and hold one at a time, so that a file of any length fits into the same memory.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from enum import StrEnum
from io import SEEK_END, TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO

import xlsxwriter
from fastapi import Response
from fastapi.responses import StreamingResponse

Cell = str | int | date | Decimal
"""A Decimal is money in yuan."""

IN_MEMORY = 2**20
"""Bytes; a longer file waits on disk while it is sent."""

PIECE = 2**16


class Form(StrEnum):
    """What a spreadsheet opens."""

    CSV = "csv"
    XLSX = "xlsx"


KINDS = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def escaped(text: str) -> str:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) else text


def cell_of(fen: int) -> Decimal:
    """Yuan as an exact number with two decimals."""
    return Decimal(fen).scaleb(-2)


def sheet(form: Form, title: str, rows: Iterable[Sequence[Cell]], name: str) -> Response:
    """The file `name`.csv or `name`.xlsx to take home; `title` is what the workbook's only sheet is called."""

    def write(file: IO[bytes]) -> None:
        if form is Form.CSV:
            write_csv(file, rows)
        else:
            write_xlsx(file, title, rows)

    return download(write, f"{name}.{form}", KINDS[form])


def write_csv(file: IO[bytes], rows: Iterable[Sequence[Cell]]) -> None:
    """UTF-8 with the mark by which Excel knows it. A number of ours, such as "-12.00", is meant to be one."""
    text = TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    write = csv.writer(text)
    for row in rows:
        write.writerow([escaped(cell) if isinstance(cell, str) else cell for cell in row])
    text.detach()


def write_xlsx(file: IO[bytes], title: str, rows: Iterable[Sequence[Cell]]) -> None:
    """The apostrophe stands here too: what is text in a workbook is a formula again once it is saved as CSV."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        money, day = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
        page = book.add_worksheet(title)
        page.set_column(0, 25, 16)  # characters: a day and a long amount fit
        for n, row in enumerate(rows):
            for column, cell in enumerate(row):
                match cell:
                    case str():
                        page.write_string(n, column, escaped(cell))
                    case date():
                        page.write_datetime(n, column, cell, day)
                    case _:
                        page.write_number(n, column, cell, money if isinstance(cell, Decimal) else None)


def download(write: Callable[[IO[bytes]], object], filename: str, kind: str) -> Response:
    """A file that `write` makes at once, inside the reading transaction, and that is sent piece by piece after it."""
    with ExitStack() as unsent:
        file = unsent.enter_context(SpooledTemporaryFile(IN_MEMORY))
        write(file)
        size = file.seek(0, SEEK_END)
        file.seek(0)
        unsent.pop_all()
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Content-Length": str(size)}
    return StreamingResponse(_pieces(file), media_type=kind, headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
