"""Bytes → one table of cells, or a sentence about what is wrong with the file. Nothing here raises for a bad file.

What the file is, its first bytes say: names lie (a web page saved as .xls, an .xlsx that is an old .xls).
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.kit.i18n import _
from app.kit.tables import MOST_COLUMNS, MOST_ROWS, Cell, Row, Table, Trouble, blank, letter, shown
from app.kit.xlsx import Damaged, SheetName, TooLarge, Workbook

LARGEST_FILE = 20 * 2**20
"""Bytes."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|meta|head|body|style)", re.IGNORECASE)
_DELIMITERS = ",;\t|"
_SAMPLE = 2**16
_FIRST_ROWS = 5
_FIRST_COLUMNS = 12


class Scored(Protocol):
    """A header that was found: the more of it is understood, the higher."""

    @property
    def score(self) -> int: ...


@dataclass(frozen=True)
class Sought:
    """What a file is read for: what its header is known by, and some of its column names, to say where none is found.

    `names` are Chinese source strings.
    """

    find: Callable[[Sequence[Row]], Scored | None]
    names: tuple[str, ...]

    @property
    def missing(self) -> str:
        """What was looked for."""
        return _("没找到表头。要有一行写着列名。找过的列名有：%(names)s。", names="、".join(map(_, self.names)))


def read_table(data: bytes, filename: str, sought: Sought, sheet: str | None = None) -> Table | Trouble:
    """The sheet with the best header, or the one called `sheet`. `filename` is only spoken of, never trusted."""
    if not data:
        return Trouble(_("这个文件是空的（0 字节）。请重新选择文件。"))
    if len(data) > LARGEST_FILE:
        return Trouble(_("文件超过 20 MB。请去掉图片，只留表格再上传。"))
    if data.startswith(_OLE):
        return _old_office(data)
    if data.startswith(_ZIP):
        return _read_xlsx(data, sought, sheet)
    if data.startswith(b"%PDF"):
        return Trouble(_("这是 PDF，读不出表格。请上传 Excel 或 CSV 文件。"))
    if data.startswith(_PICTURES):
        return Trouble(_("这是图片，读不出表格。请上传 Excel 或 CSV 文件。"))
    if _MARKUP.match(data):
        return Trouble(_("这是网页格式，不是真正的表格。请用 Excel 打开，另存为 .xlsx 再上传。"))
    if filename.lower().endswith((".xlsx", ".xlsm", ".xls", ".et")) and b"\x00" in data[:512] and not data.startswith(_UTF16):
        return _damaged()
    return _read_csv(data, sought)


def _old_office(data: bytes) -> Trouble:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Trouble(_("这个文件有打开密码。请去掉密码，另存后再上传。"))
    return Trouble(_("这是老式的 .xls 文件。请用 Excel 或 WPS 另存为 .xlsx，再上传。"))


def _damaged() -> Trouble:
    return Trouble(_("这个文件坏了，或没有传完整。请在电脑上打开，另存为 .xlsx 再上传。"))


def _read_xlsx(data: bytes, sought: Sought, wanted: str | None) -> Table | Trouble:
    try:
        book = Workbook(data)
        if foreign := _foreign(book.names):
            return foreign
        book.open()
        chosen = _choose(book, sought, wanted)
        if isinstance(chosen, Trouble):
            return chosen
        content = book.read(chosen)
    except Damaged:
        return _damaged()
    except TooLarge as error:
        return _too_large(error)
    others = tuple(s.name for s in book.sheets if s is not chosen)
    return Table(tuple(content.rows), chosen.name, others, tuple(content.merges), frozenset(content.hidden))


def _foreign(names: frozenset[str]) -> Trouble | None:
    """What a zip is when it is no workbook that can be read."""
    if "[content_types].xml" in names and any(name.endswith("workbook.bin") for name in names):
        return Trouble(_("这是 .xlsb 文件。请用 Excel 另存为 .xlsx，再上传。"))
    if any(name.startswith("word/") for name in names):
        return Trouble(_("这是 Word 文档。请把表格复制到 Excel，存为 .xlsx 再上传。"))
    if "content.xml" in names:
        return Trouble(_("这是 .ods 文件。请另存为 .xlsx，再上传。"))
    if "[content_types].xml" not in names:
        return Trouble(_("这是压缩包，不是表格。请先解压，再上传里面的文件。"))
    return None


def _too_large(error: TooLarge) -> Trouble:
    if error.what == "rows":
        return Trouble(_("表里超过 %(n)s 行。请分成几个文件上传。", n=MOST_ROWS))
    if error.what == "columns":
        return Trouble(_("表太宽了，%(cell)s 格还有内容。最多 %(n)s 列，请删掉多余的列。", cell=error.where, n=MOST_COLUMNS))
    return Trouble(_("文件展开后太大。请把表格复制到新表，存好再上传。"))


def _choose(book: Workbook, sought: Sought, wanted: str | None) -> SheetName | Trouble:
    """The sheet asked for; else the best header among visible sheets; a hidden one only where no visible one has any."""
    names = tuple(s.name for s in book.sheets)
    if not names:
        return _damaged()
    if wanted is not None:
        named = next((s for s in book.sheets if s.name == wanted), None)
        return named or Trouble(_("没有叫“%(sheet)s”的工作表。请选一个。", sheet=shown(wanted)), sheets=names)
    best: tuple[int, SheetName] | None = None
    peeked = {s: book.peek(s) for s in sorted(book.sheets, key=lambda s: s.hidden)}
    for s, rows in peeked.items():
        header = sought.find(rows)
        score = (header.score if header else 0) - (100 if s.hidden else 0)
        if header and (best is None or score > best[0]):
            best = (score, s)
    if best:
        return best[1]
    return _no_header(next((rows for rows in peeked.values() if rows), []), sought, names)


def _no_header(rows: list[Row], sought: Sought, sheets: tuple[str, ...] = ()) -> Trouble:
    """Says what was looked for, and shows what was there instead."""
    if not rows:
        return Trouble(_("表里没有内容。"), sheets=sheets)
    first = tuple(tuple(shown(cell) for cell in row.cells[:_FIRST_COLUMNS]) for row in rows[:_FIRST_ROWS])
    return Trouble(sought.missing, first, sheets)


def _read_csv(data: bytes, sought: Sought) -> Table | Trouble:
    text = _decoded(data)
    if text is None:
        return Trouble(_("认不出这是什么文件。请上传 .xlsx 或 .csv 表格。"))
    told = re.match(r"sep=(.)\r?\n", text)
    if told:
        text = text[told.end() :]
    best: tuple[int, str] | None = None
    for delimiter in told[1] if told else _DELIMITERS:
        rows = _split(text[:_SAMPLE], delimiter, cut=len(text) > _SAMPLE)
        header = None if isinstance(rows, Trouble) else sought.find(rows)
        if header and (best is None or header.score > best[0]):
            best = (header.score, delimiter)
    rows = _split(text, best[1] if best else ",")
    if isinstance(rows, Trouble):
        return rows
    return Table(tuple(rows)) if best else _no_header(rows, sought)


def _decoded(data: bytes) -> str | None:
    """UTF-8 or UTF-16 by their marks, UTF-16 without one by its zeros, else UTF-8, else the Chinese national encoding.

    A character cut off at the end is dropped. None for what is no text in any of them.
    """
    if data.startswith(_UTF16):
        encodings = ["utf-16"]
    else:
        even, odd = data[:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
        several = min(len(data), _SAMPLE) // 20
        wide = "utf-16-le" if odd > even else "utf-16-be"
        encodings = [wide] if max(even, odd) > several else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(data, final=False)
        except UnicodeDecodeError:
            continue
        control = sum(c < " " and c not in "\t\r\n\x00" for c in text[:_SAMPLE])
        return text if control * 100 <= len(text[:_SAMPLE]) else None
    return None


def _split(text: str, delimiter: str, *, cut: bool = False) -> list[Row] | Trouble:
    """Records as rows. A quotation mark that never closes would swallow the rest of the file: then marks are letters."""
    try:
        return _records(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=not cut))
    except csv.Error:
        pass
    except TooLarge as error:
        return _too_large(error)
    try:
        return _records(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE), marks=True)
    except csv.Error:
        return _damaged()
    except TooLarge as error:
        return _too_large(error)


def _records(reader: Iterator[list[str]], *, marks: bool = False) -> list[Row]:
    rows: list[Row] = []
    for line, record in enumerate(reader, 1):
        cells: list[Cell] = [_unwrapped(text, marks) or None for text in record]
        while cells and blank(cells[-1]):
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise TooLarge("columns", f"{letter(len(cells) - 1)}{line}")
        rows.append(Row(line, tuple(cells)))
        if len(rows) > MOST_ROWS:
            raise TooLarge("rows")
    return rows


def _unwrapped(text: str, marks: bool) -> str:
    """Without what people put round a number so that Excel leaves it alone: ="0731", '0731."""
    if marks:
        text = text.strip().strip('"')
    found = re.fullmatch(r'\s*="(.*)"\s*', text)
    return found[1] if found else text.removeprefix("'")
