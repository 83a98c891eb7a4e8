"""What a file holds before anyone asks what it means: rows of cells, as a person sees them in Excel."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, TypeAlias

MOST_ROWS = 20_000
"""Rows with something in them."""

MOST_COLUMNS = 200

LONGEST_CELL = 300
"""Characters of a cell that are looked at: a dozen names with their phones."""

_SHOWN = 60
_SPACES = re.compile(r"[^\S\n]+")
_UNSEEN = {"Cc", "Cf", "Cs"}


@dataclass(frozen=True)
class Broken:
    """A cell without a usable value: a formula that was never calculated, one in error (#N/A), or what Excel took for a date."""

    shown: str
    why: Literal["uncalculated", "error", "date"]


Cell: TypeAlias = "str | int | float | Broken | None"


@dataclass(frozen=True)
class Row:
    """`line` is the number Excel shows at the left, from 1. `cells` may be shorter than the row above."""

    line: int
    cells: tuple[Cell, ...]

    def at(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else None


@dataclass(frozen=True)
class Merge:
    """A merged area, both ends included: lines from 1, columns from 0."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Table:
    """One sheet. `rows` holds only rows with something in them, in order; `others` are the sheets that were not read."""

    rows: tuple[Row, ...]
    sheet: str | None = None
    others: tuple[str, ...] = ()
    merges: tuple[Merge, ...] = ()
    hidden: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Trouble:
    """Why a file cannot be read, and what to do about it. `first_rows` is what was seen, `sheets` what may be chosen."""

    message: str
    first_rows: tuple[tuple[str, ...], ...] = ()
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A doubt about a cell. One that `blocks` keeps what the row says from being written, any other may be left open.

    `column` is Excel's letter, "" where the whole row is meant; `value` the cell as it stands in the file.
    """

    row: int
    column: str
    heading: str
    value: str
    message: str
    blocks: bool


@dataclass(frozen=True)
class Skipped:
    """A row that is none of the list's: a total, a note at the foot, a title between."""

    row: int
    why: str


def letter(column: int) -> str:
    """The heading Excel gives a column: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def blank(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return cell is None
    return not (cell.strip() if cell.isprintable() else clean(cell))


def clean(text: str) -> str:
    """NFKC, without what nobody sees (control and direction marks, half surrogates); runs of space become one.

    A line break stays: people keep two owners of a flat apart with it.
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST_CELL])
    if not text.isprintable():
        text = "".join(c if c.isspace() or unicodedata.category(c) not in _UNSEEN else "" for c in text)
        text = "\n".join(line for part in text.splitlines() if (line := _SPACES.sub(" ", part).strip()))
    return (_SPACES.sub(" ", text) if "  " in text else text).strip()


def said(cell: Cell) -> str:
    """The cell as cleaned text; a whole number without the ".0" under which Excel keeps it."""
    if cell is None:
        return ""
    if isinstance(cell, Broken):
        return clean(cell.shown)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return clean(cell) if isinstance(cell, str) else str(cell) if abs(cell) < 10**100 else ""


def shown(cell: Cell) -> str:
    """The cell as it stands in the file, for a message: cut when long, and storable (no NUL, no half surrogate)."""
    if isinstance(cell, str):
        text = "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c != "\n" else c for c in cell[: _SHOWN + 1])
    else:
        text = said(cell)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
