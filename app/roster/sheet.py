"""A sheet under a reader's eyes: its cells with merged areas seen through, and the notes made about them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from app.kit.i18n import _, _n
from app.kit.tables import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Broken, Cell, Problem, Row, Skipped, Table, letter, shown
from app.roster.addresses import Address, building_in
from app.roster.columns import lists_of
from app.roster.headings import Header
from app.roster.proposal import Column

_DITTO = frozenset(("同上", "〃", "″", '"', "”", "“", "''"))


class Sheet:
    """`rows` are those under the header."""

    def __init__(self, table: Table, header: Header) -> None:
        self.header = header
        self.lists = lists_of(header)
        self.used = set().union(*(columns.used() for columns in self.lists))
        self.rows = [row for row in table.rows if row.line > header.last]
        self.problems: list[Problem] = []
        self.skipped: dict[int, Skipped] = {}
        self._table = table
        self._said: set[str] = set()
        self._spans: dict[tuple[int, int], tuple[int, int]] = {}
        self._holders: dict[tuple[int, int], Row] = {}
        self._see_through_merges()
        self._see_through_dittos()

    def _see_through_merges(self) -> None:
        """Only an area's leftmost column counts: a name that spreads over the phone's column is no phone."""
        by_line = {row.line: row for row in self.rows}
        lines = [row.line for row in self.rows]
        work = 0
        for merge in self._table.merges:
            if merge.left not in self.used or merge.top <= self.header.last or merge.bottom <= merge.top:
                continue
            first, last = bisect_left(lines, merge.top), bisect_right(lines, merge.bottom)
            work += last - first
            if work > MOST_ROWS * MOST_COLUMNS:  # areas of a sound file do not overlap, and never come to this
                break
            holder = by_line.get(merge.top, Row(merge.top, ()))
            for line in lines[first:last]:
                self._spans[line, merge.left] = (merge.top, merge.bottom)
                self._holders[line, merge.left] = holder

    def _see_through_dittos(self) -> None:
        above: dict[int, Row] = {}
        for row in self.rows:
            for column in self.used:
                cell = row.at(column)
                if isinstance(cell, str) and cell in _DITTO and column in above:
                    self._holders[row.line, column] = above[column]
                elif cell is not None:
                    above[column] = row

    def cell(self, row: Row, column: int | None) -> Cell:
        """What a person sees in the cell: in a merged area, the value of its first row; under a ditto mark, that above."""
        if column is None:
            return None
        return self._holders.get((row.line, column), row).at(column)

    def span(self, line: int, column: int | None) -> tuple[int, int]:
        """The first and the last line of the area the cell is merged into; itself where it is not."""
        return (line, line) if column is None else self._spans.get((line, column), (line, line))

    def problem(self, line: int, column: int | None, value: Cell, message: str, *, blocks: bool = False) -> None:
        heading = None if column is None else self.header.headings.get(column)
        where = "" if column is None else letter(column)
        self.problems.append(Problem(line, where, shown(heading.text) if heading else "", shown(value), message, blocks))

    def unusable(self, line: int, column: int | None, cell: Cell, *, blocks: bool = True) -> bool:
        """Whether the cell has no usable value; if so it is said."""
        if isinstance(cell, str) and len(cell) > LONGEST_CELL:
            message = _("这一格太长，最多 %(n)s 字。", n=LONGEST_CELL)
        elif not isinstance(cell, Broken):
            return False
        elif cell.why == "date":
            message = _("这一格被 Excel 变成了日期。请把这一列设为文本再填。")
        elif cell.why == "error":
            message = _("公式出错了。请改成实际的内容。")
        else:
            message = _("公式还没有结果。请打开文件保存一次再上传。")
        self.problem(line, column, cell, message, blocks=blocks)
        return True

    def once(self, column: int | None, message: str) -> None:
        """A doubt about the whole sheet, told at its header."""
        if message not in self._said:
            self._said.add(message)
            self.problem(self.header.last, column, None, message)

    def skip(self, line: int, why: str) -> None:
        self.skipped.setdefault(line, Skipped(line, why))

    def columns(self) -> Iterator[Column]:
        for column, heading in sorted(self.header.headings.items()):
            yield Column(letter(column), shown(heading.text), heading.meaning, column in self.used)

    def building(self) -> Address | None:
        """The building that the sheet's name or a title speaks of, for sheets that have no column for it."""
        titles = [self._table.sheet or ""]
        for row in self._table.rows:
            if row.line >= self.header.first:
                break
            titles += [cell for cell in row.cells if isinstance(cell, str)]
        return next((found for found in map(building_in, titles) if found), None)

    def note_peculiarities(self) -> None:
        hidden = sum(row.line in self._table.hidden for row in self.rows)
        if hidden:
            self.once(None, _n("有 %(n)s 行是隐藏的，也一起读了。", n=hidden))
        if len(self.lists) > 1:
            self.once(None, _("左右并排的 %(n)s 份名单，都读了。", n=len(self.lists)))
        if not any(columns.people for columns in self.lists):
            self.once(None, _("没有姓名列，只读房屋，不读业主。"))
        if any(columns.of("area") is None for columns in self.lists):
            self.once(None, _("没有面积列。按面积表决和分配时要用到。"))
