"""A name may begin like a formula; no file of ours makes a spreadsheet compute it."""

import tracemalloc
from datetime import date
from functools import partial
from io import SEEK_END, BytesIO
from tempfile import TemporaryFile

import pytest

from app.kit.money import decimal_string
from app.kit.spreadsheets import Form, cell_of, escaped, write_csv, write_xlsx

ROWS = 20_000


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_what_a_spreadsheet_would_run_is_only_text(text: str) -> None:
    assert escaped(text) == "'" + text
    assert escaped("5栋") == "5栋"


def test_a_file_of_many_rows_is_written_row_by_row() -> None:
    """Memory stays what it is, however long the file: a row is asked for when the one before is written."""
    for form, write in ((Form.CSV, write_csv), (Form.XLSX, partial(write_xlsx, title="分录"))):
        tracemalloc.start()
        with TemporaryFile() as file:
            write(file, rows=([n, date(2026, 10, 1), cell_of(n), f"第{n}行的用途"] for n in range(ROWS)))
            _now, most = tracemalloc.get_traced_memory()
            size = file.seek(0, SEEK_END)
        tracemalloc.stop()
        assert most < 4 * 2**20, (form, most)
        assert size > 200_000


@pytest.mark.parametrize("fen", [0, 1, -1, 10, -12_00, 10**15 - 1])
def test_money_is_written_to_the_fen(fen: int) -> None:
    file = BytesIO()
    write_csv(file, [[cell_of(fen)]])
    assert file.getvalue().decode("utf-8-sig") == f"{decimal_string(fen)}\r\n"
