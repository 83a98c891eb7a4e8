"""A compound's own list → unit by unit how much or how many, with whatever is wrong named by row and column. Pure.

A file or typed lines, read by the roster's reader of addresses: "3-2-602", 3栋 | 2单元 | 602 and merged cells mean what they
mean there. A list is whole or it is nothing: one row that cannot be read is somebody's money, so every problem blocks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic_core import PydanticCustomError

from app.benefits.models import BenefitKind, Item, ShareRule
from app.benefits.plan_schemas import MOST_PERSONS, MOST_UNITS
from app.kit.i18n import _, mark
from app.kit.money import MOST, decimal_string, fen_of
from app.kit.tables import Broken, Cell, Problem, Row, Skipped, Table, Trouble, blank, clean, said
from app.kit.workbook import Sought, read_table
from app.roster.columns import Columns, lists_of
from app.roster.headings import Header, heading
from app.roster.lines import ListReader
from app.roster.sheet import Sheet
from app.roster.units import Unit

_SEARCHED_ROWS = 40
_PLACES = frozenset({"building", "entrance", "room", "address", "note"})
MOST_PIECES = 100_000


class Measure(StrEnum):
    """What a list says of each unit."""

    FEN = "fen"
    PIECES = "pieces"
    PERSONS = "persons"

    @classmethod
    def of(cls, item: Item) -> "Measure":
        if item.rule == ShareRule.PER_PERSON:
            return cls.PERSONS
        return cls.PIECES if item.kind == BenefitKind.GOODS else cls.FEN

    def written(self, value: int) -> str:
        """As the list writes it and reads it again."""
        return decimal_string(value) if self is Measure.FEN else str(value)


MEASURE_SAYS = {Measure.FEN: mark("金额"), Measure.PIECES: mark("份数"), Measure.PERSONS: mark("人数")}
"""What its column is called in messages and in the empty form. Pass through `_`."""

_WORDS: dict[Measure, str] = {
    Measure.FEN: "金额 元 应发金额 发放金额 补助金额 应领金额 每户金额 分红 分红金额 补助 多少钱 AMOUNT",
    Measure.PIECES: "份数 数量 件数 个数 几份 几件 应发数量 应领数量 发放数量 袋数 桶数 盒数 箱数 PIECES",
    Measure.PERSONS: "人数 几人 人 发放人数 符合人数 享受人数 老人数 老人人数 PERSONS",
}


@dataclass(frozen=True)
class ListReading:
    """`listed`: unit label → fen, pieces or persons. With `problems` it is not to be used."""

    listed: dict[str, int]
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class _Found:
    """A header with the columns of the measure, from the left."""

    header: Header
    columns: tuple[int, ...]

    @property
    def score(self) -> int:
        return self.header.score + len(self.columns)


def read_file(data: bytes, filename: str, measure: Measure, labels: Iterable[str], compound: str) -> ListReading | Trouble:
    """`labels`: of the units that may stand in it; `compound`: its name. Slow (about 1 s for 5,000 rows)."""
    table = read_table(data, filename, Sought(lambda rows: _find(rows, measure), (mark("房号"), MEASURE_SAYS[measure])))
    return table if isinstance(table, Trouble) else _Reader(table, measure, labels, compound).read()


def read_typed(text: str, measure: Measure, labels: Iterable[str], compound: str) -> ListReading:
    """A unit to a line, behind it how much; what stands between them is a space, a comma, a colon or a tab."""
    lines = [(n, re.split(r"[\s,:，：、]+", line.strip())) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    rows = [Row(n, (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (words[0],)) for n, words in lines]
    header = Row(0, (_WORD_FOR_ROOM, MEASURE_SAYS[measure]))
    return _Reader(Table((header, *rows)), measure, labels, compound).read()


def typed_of(listed: dict[str, int], measure: Measure) -> str:
    """What `read_typed` reads as this list."""
    return "\n".join(f"{label} {measure.written(value)}" for label, value in listed.items())


_WORD_FOR_ROOM = "房号"


def _find(rows: Sequence[Row], measure: Measure) -> _Found | None:
    """The best header among the first rows: one that names a room and the measure."""
    found = [header for row in rows[:_SEARCHED_ROWS] if (header := _header(row, measure))]
    return max(found, key=lambda header: (header.score, -header.header.first), default=None)


def _header(row: Row, measure: Measure) -> _Found | None:
    texts = {c: cell for c, cell in enumerate(row.cells) if isinstance(cell, str) and not blank(cell)}
    headings = {c: heading(text) for c, text in texts.items()}
    columns = tuple(c for c, text in texts.items() if _plain(text) in _WORDS[measure].split())
    # Names, telephones and areas are no business of a list: what is wrong with them stops nothing.
    known = {c: h if h.meaning in _PLACES and c not in columns else replace(h, meaning=None) for c, h in headings.items()}
    named = {h.meaning for h in known.values()}
    return _Found(Header(row.line, row.line, known), columns) if columns and named & {"room", "address"} else None


def _plain(text: str) -> str:
    """Without spaces, brackets and what they hold: "金额（元）*" is 金额."""
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]|\s", "", clean(text)).strip("*:").upper()


class _Reader:
    def __init__(self, table: Table, measure: Measure, labels: Iterable[str], compound: str) -> None:
        self.table, self.measure, self.compound = table, measure, compound
        self.labels = {clean(label): label for label in labels}
        self.by_ends: dict[tuple[str, str], list[str]] = {}
        for label in self.labels.values():
            self.by_ends.setdefault(_ends(label), []).append(label)
        found = _find(table.rows, measure)
        assert found, "read_table finds no table without one"
        self.found, self.sheet = found, Sheet(table, found.header)
        self.first: dict[str, int] = {}

    def read(self) -> ListReading:
        listed: dict[str, int] = {}
        rows = {row.line: row for row in self.sheet.rows}
        for columns, unit in self._units():
            column = next((c for c in self.found.columns if columns.left <= c < columns.right), None)
            room = columns.of("room") if columns.of("room") is not None else columns.of("address")
            row = rows[unit.line]
            value = self._value(row, column)
            label = self._label(unit, row, room)
            if value and label:
                listed[label] = value
        self._need_rooms(rows)
        blocking = tuple(sorted((p for p in self.sheet.problems if p.blocks), key=lambda p: p.row))
        if len(listed) > MOST_UNITS:
            message = _("一份名单最多 %(n)s 户。", n=MOST_UNITS)
            blocking = (*blocking, Problem(self.found.header.last, "", "", "", message, blocks=True))
        if not listed and not blocking:
            line = self.found.header.last
            blocking = (Problem(line, "", "", "", _("名单里没有一户有数。"), blocks=True),)
        return ListReading(listed, blocking, tuple(sorted(self.sheet.skipped.values(), key=lambda skipped: skipped.row)))

    def _need_rooms(self, rows: dict[int, Row]) -> None:
        """A number without a room is somebody's: the roster's reader passes over such a row, a list may not."""
        for line, skipped in self.sheet.skipped.items():
            if skipped.why == _("没有房号和姓名") and any(self._value(rows[line], column) for column in self.found.columns):
                self._say(line, None, None, _("这一行有数，没有房号。"))

    def _units(self) -> Iterator[tuple[Columns, Unit]]:
        for columns in lists_of(self.found.header):
            for unit in ListReader(self.sheet, columns, clean(self.compound).upper()).units():
                yield columns, unit

    def _label(self, unit: Unit, row: Row, column: int | None) -> str | None:
        """The unit as the roster calls it. None, and it is said, where it is not known or stands there before."""
        cell = self.sheet.cell(row, column)
        place = unit.place
        written = "-".join(part for part in (place.building, place.entrance, place.room) if part)
        label = self.labels.get(said(cell)) or self.labels.get(written)
        if label is None and not place.entrance:
            alike = self.by_ends.get((place.building, place.room), [])
            label = alike[0] if len(alike) == 1 else None
        if label is None:
            self._say(row.line, column, cell, _("花名册里没有这一户，或者它不在方案的范围里。"))
            return None
        if label in self.first:
            self._say(row.line, column, cell, _("和第 %(row)s 行是同一户，一户只能写一次。", row=self.first[label]))
            return None
        self.first[label] = row.line
        return label

    def _value(self, row: Row, column: int | None) -> int:
        """0 where nothing stands; and where it is wrong, and it is said."""
        if column is None:
            return 0
        cell = row.at(column)
        if any(m.left <= column <= m.right and m.top <= row.line <= m.bottom > m.top for m in self.table.merges):
            self._say(row.line, column, cell, _("几户合并成了一格，请分开写。"))
            return 0
        if blank(cell) or (isinstance(cell, Broken) and self.sheet.unusable(row.line, column, cell)):
            return 0
        try:
            return self._fen(cell) if self.measure is Measure.FEN else self._whole(cell)
        except PydanticCustomError as wrong:
            self._say(row.line, column, cell, _(wrong.message_template) % (wrong.context or {}))
            return 0

    def _fen(self, cell: Cell) -> int:
        """Raises PydanticCustomError."""
        if isinstance(cell, float) and abs(cell - round(cell, 2)) < 1e-9 * max(1, abs(cell)):
            cell = f"{cell:.2f}"  # 107.91000000000001 is what a sheet computed
        fen = fen_of(said(cell))
        if fen < 0:
            raise PydanticCustomError("below_zero", mark("不能是负数。"))
        if fen >= MOST:
            raise PydanticCustomError("amount", mark("金额不能超过一百亿元。"))
        return fen

    def _whole(self, cell: Cell) -> int:
        """Raises PydanticCustomError."""
        plain = said(cell).replace(",", "")
        for unit in ("人", "份", "件", "袋", "桶", "盒", "箱"):
            plain = plain.removesuffix(unit)
        if plain.startswith("-"):
            raise PydanticCustomError("below_zero", mark("不能是负数。"))
        if re.fullmatch(r"[0-9]+\.[0-9]+", plain):
            raise PydanticCustomError("not_whole", mark("要写整数，不能有小数。"))
        if not (plain.isascii() and plain.isdecimal() and len(plain) < 10):
            raise PydanticCustomError("no_number", mark("看不懂，请写一个数字。"))
        most = MOST_PERSONS if self.measure is Measure.PERSONS else MOST_PIECES
        if int(plain) > most:
            raise PydanticCustomError("too_many", mark("一户不能超过 %(most)s。"), {"most": most})
        return int(plain)

    def _say(self, line: int, column: int | None, cell: Cell, message: str) -> None:
        self.sheet.problem(line, column, cell, message, blocks=True)


def _ends(label: str) -> tuple[str, str]:
    """Building and room, for lists that leave the entrance out."""
    building, _dash, rest = label.partition("-")
    return building, rest.rpartition("-")[2] or building
