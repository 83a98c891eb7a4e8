"""Row after row of a list → units; rows that are none are skipped, and it is said why."""

import re
from collections.abc import Iterator

from app.kit.i18n import _
from app.kit.tables import Cell, Row, blank, clean, said
from app.roster.addresses import Kind, address_of, building_of, kind_of
from app.roster.columns import Columns
from app.roster.people import LARGEST_AREA, area_of
from app.roster.persons import PersonReader
from app.roster.places import Found, PlaceReader
from app.roster.sheet import Sheet
from app.roster.units import Place, Unit

_TOTAL = re.compile(
    r"(?:本页|本栋|全部|以上|面积|户数)?(?:合计|总计|小计|共计|累计|汇总|总户数|总面积|总数|平均)|共[0-9]+户|TOTAL"
)
_FOOT = re.compile(
    r"(?:制表|填表|填报|审核|复核|负责人|经办|联系人|注|说明|备注|日期|单位|社区|物业)[^:]{0,6}:|\(?盖章|第[0-9]+页|共[0-9]+页|注意"
)
_EXAMPLE = re.compile(r"示例|例:|EXAMPLE")
_SAYS_BUILDING = re.compile(r"栋|幢|座|楼|单元|#")


class ListReader:
    """Reads one list of the sheet; `compound` is the compound's own name."""

    def __init__(self, sheet: Sheet, columns: Columns, compound: str) -> None:
        self._sheet = sheet
        self._columns = columns
        self._places = PlaceReader(sheet, columns, compound)
        self._persons = PersonReader(sheet, columns)
        self._header_texts = {c: "".join(h.text.upper().split()) for c, h in sheet.header.headings.items()}
        self._filled = columns.used() - {columns.of("note")}
        self._kind = columns.of("kind")
        kinds = [said(sheet.cell(row, self._kind)) for row in sheet.rows]
        if any(kinds) and not any(map(kind_of, kinds)):
            sheet.once(self._kind, _("类型列看不懂，都按房号判断。"))
            self._kind = None

    def units(self) -> Iterator[Unit]:
        found = [(row, place) for row in self._sheet.rows if (place := self._place(row))]
        # "3-501" beside a building column: where the first part is always the building, it is no entrance.
        repeats = all(place.entrance == place.building for _row, place in found if place.unsure)
        for row, place in found:
            people, tells_apart = self._persons.people(row)
            entrance = None if place.unsure and repeats else place.entrance
            yield Unit(
                line=row.line,
                place=Place(place.building, entrance, place.room),
                kind=place.kind,
                area=self._area(row),
                people=people,
                columns=self._columns,
                room_span=self._sheet.span(row.line, self._columns.of("room")),
                tells_apart=tells_apart,
            )

    def _place(self, row: Row) -> Found | None:
        reach = range(self._columns.left, min(self._columns.right, len(row.cells)))
        cells = {c: row.cells[c] for c in reach if not blank(row.cells[c])}
        if not cells:
            return None
        if why := self._no_unit(row, cells):
            self._sheet.skip(row.line, why)
            return None
        return self._places.read(row, self._written_kind(row))

    def _no_unit(self, row: Row, cells: dict[int, Cell]) -> str:
        """Why the row is no unit; "" where it is one."""
        texts = {c: "".join(clean(cell).upper().split()) for c, cell in cells.items() if isinstance(cell, str)}
        room = self._sheet.cell(row, self._columns.of("room"))
        roomless = blank(room) or address_of(said(room), within=True) is None
        totals = [c for c, text in texts.items() if _TOTAL.match(text)]
        if totals and (totals[0] == min(cells) or (roomless and totals[0] != self._columns.of("note"))):
            return _("合计行")
        if any(_EXAMPLE.match(text) for text in texts.values()):
            return _("示例行")
        if sum(text == self._header_texts.get(c) for c, text in texts.items()) >= 2:
            return _("重复的表头")
        if len(cells) == 1 and texts and self._is_section(next(iter(texts.values()))):
            return _("小标题")
        if roomless and any(_FOOT.match(text) for text in texts.values()):
            return _("表尾说明")
        if blank(room) and not any(c in self._filled for c in cells):
            return _("没有房号和姓名")
        return ""

    def _is_section(self, text: str) -> bool:
        """A line of its own that names a building or an entrance; if so, it holds for the rows under it."""
        found = address_of(text) or building_of(text)
        if found is None or found.room or not _SAYS_BUILDING.search(text):
            return False
        self._places.enter_section(found)
        return True

    def _written_kind(self, row: Row) -> Kind | None:
        cell = self._sheet.cell(row, self._kind)
        if blank(cell):
            return None
        kind = kind_of(said(cell))
        if kind is None:
            self._sheet.problem(row.line, self._kind, cell, _("类型看不懂，先按房号判断。可写住宅、商铺、车库。"))
        return kind

    def _area(self, row: Row) -> int | None:
        column = self._columns.of("area")
        cell = self._sheet.cell(row, column)
        if column is None or blank(cell):
            return None
        top, bottom = self._sheet.span(row.line, column)
        room_top, room_bottom = self._sheet.span(row.line, self._columns.of("room"))
        if not room_top <= top <= bottom <= room_bottom:
            self._sheet.problem(row.line, column, cell, _("几户合并成一个面积，请分开写。先空着。"))
            return None
        if self._sheet.unusable(row.line, column, cell):
            return None
        area, dropped = area_of(cell) or (-1, False)
        if area < 0:
            self._sheet.problem(row.line, column, cell, _("面积看不懂。请写成 89.50。"), blocks=True)
        elif area > LARGEST_AREA:
            self._sheet.problem(row.line, column, cell, _("面积超过 10000 平方米，请核对。"), blocks=True)
        elif area == 0:
            self._sheet.problem(row.line, column, cell, _("面积是 0，先空着。"))
        elif dropped:
            self._sheet.problem(row.line, column, cell, _("面积只记两位小数。"))
        return area if 0 < area <= LARGEST_AREA else None
