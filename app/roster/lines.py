"""Row after row of a list → units. What a row leaves out, the merged cell, the row above or a title over it has said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.kit.i18n import _
from app.roster.addresses import LONGEST_NAME, Address, Kind, address_of, building_of, entrance_of, kind_of
from app.roster.columns import Columns
from app.roster.headings import Meaning
from app.roster.people import LARGEST_AREA, area_of
from app.roster.persons import PersonReader
from app.roster.sheet import Sheet
from app.roster.tables import Cell, Row, blank, clean, said
from app.roster.units import Place, Unit

_TOTAL = re.compile(
    r"(?:本页|本栋|全部|以上|面积|户数)?(?:合计|总计|小计|共计|累计|汇总|总户数|总面积|总数|平均)|共[0-9]+户|TOTAL"
)
_FOOT = re.compile(
    r"(?:制表|填表|填报|审核|复核|负责人|经办|联系人|注|说明|备注|日期|单位|社区|物业)[^:]{0,6}:|\(?盖章|第[0-9]+页|共[0-9]+页|注意"
)
_EXAMPLE = re.compile(r"示例|例:|EXAMPLE")
_SAYS_BUILDING = re.compile(r"栋|幢|座|楼|单元|#")


@dataclass
class _Draft:
    """A row whose building may still be read in two ways."""

    row: Row
    address: Address
    building: str
    entrance: str | None
    kind: Kind | None


class ListReader:
    """Reads one list of the sheet; `compound` is the compound's own name."""

    def __init__(self, sheet: Sheet, columns: Columns, compound: str) -> None:
        self._sheet = sheet
        self._columns = columns
        self._own_grounds = {"", compound, compound.removesuffix("小区").removesuffix("社区")}
        self._persons = PersonReader(sheet, columns)
        self._section: Address | None = None
        self._above: tuple[str, str | None] | None = None
        self._carrying = False
        self._of_sheet = sheet.building()
        self._header_texts = {c: "".join(h.text.upper().split()) for c, h in sheet.header.headings.items()}
        self._filled = columns.used() - {columns.of("note")}
        self._kind = columns.of("kind")
        kinds = [said(sheet.cell(row, self._kind)) for row in sheet.rows]
        if any(kinds) and not any(map(kind_of, kinds)):
            sheet.once(self._kind, _("类型列看不懂，都按房号判断。"))
            self._kind = None

    def units(self) -> Iterator[Unit]:
        drafts = [draft for row in self._sheet.rows if (draft := self._draft(row))]
        unsure = [d for d in drafts if d.address.unsure]
        # "3-501" beside a building column: where the first part is always the building, it is no entrance.
        repeats = all(d.address.entrance == d.building for d in unsure)
        for draft in drafts:
            if unit := self._unit(draft, repeats):
                yield unit

    def _draft(self, row: Row) -> _Draft | None:
        if not any(not blank(row.at(c)) for c in range(self._columns.left, min(self._columns.right, len(row.cells)))):
            return None
        if why := self._no_unit(row):
            self._sheet.skip(row.line, why)
            return None
        named = self._named_building(row)
        if named is None:
            return None
        known = named.building or (self._section and self._section.building) or (self._of_sheet and self._of_sheet.building)
        carried = self._above if self._columns.of("building") is not None else None
        address = self._address(row, within=bool(known or carried))
        if address is None:
            return None
        if named.building and address.building and not self._same_building(named, address):
            self._refuse(row, "room", _("房号里的楼栋和楼栋列对不上。"))
            return None
        return self._placed(row, named, address)

    def _no_unit(self, row: Row) -> str:
        """Why the row is no unit; "" where it is one."""
        cells = {
            c: row.at(c) for c in range(self._columns.left, min(self._columns.right, len(row.cells))) if not blank(row.at(c))
        }
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
        if len(cells) == 1 and texts and (text := next(iter(texts.values()))):
            found = address_of(text) or building_of(text)
            if found and found.room is None and found.kind is None and _SAYS_BUILDING.search(text):
                self._section, self._above = found, None
                return _("小标题")
        if roomless and any(_FOOT.match(text) for text in texts.values()):
            return _("表尾说明")
        if blank(room) and not any(c in self._filled for c in cells):
            return _("没有房号和姓名")
        return ""

    def _named_building(self, row: Row) -> Address | None:
        """What the building column says: an empty address where it says nothing, None where it is not understood."""
        cell = self._sheet.cell(row, self._columns.of("building"))
        if blank(cell):
            return Address()
        if self._unusable(row, "building", cell):
            return None
        found = building_of(said(cell))
        if found is None:
            self._refuse(row, "building", _("楼栋看不懂。请写成 12 或 12栋。"))
        return found

    def _address(self, row: Row, *, within: bool) -> Address | None:
        meaning: Meaning = "room" if not blank(self._sheet.cell(row, self._columns.of("room"))) else "address"
        cell = self._sheet.cell(row, self._columns.of(meaning))
        if blank(cell):
            self._refuse(row, "room", _("没有房号。共有人请写进上一行同一格。"))
            return None
        if self._unusable(row, meaning, cell):
            return None
        if isinstance(cell, float) and not cell.is_integer():
            self._refuse(row, meaning, _("房号成了小数。请把这一列设为文本再填。"))
            return None
        address = address_of(said(cell), within=within)
        if address is None or address.room is None:
            self._refuse(row, meaning, _("房号看不懂。请写成 12-3-501，或分列写。"))
            return None
        elsewhere = self._sheet.cell(row, self._columns.of("address"))
        if address.building is None and not within and not blank(elsewhere):
            more = address_of(said(elsewhere))
            if more and more.building:
                return replace(address, ground=more.ground, building=more.building, entrance=address.entrance or more.entrance)
        return address

    def _placed(self, row: Row, named: Address, address: Address) -> _Draft | None:
        """Building and entrance from wherever they are said: the row, a title over it, the row above, the sheet's name."""
        kind = self._kind_of(row, address)
        said_here = named if named.building else address if address.building else None
        entrance = address.entrance or named.entrance
        carrying = False
        if said_here:
            building = self._name(said_here)
        elif self._section and self._section.building:
            building, entrance = self._name(self._section), entrance or self._section.entrance
        elif self._above and self._columns.of("building") is not None and kind in (None, "dwelling"):
            carrying = True
            building, entrance_above = self._above
            entrance = entrance or entrance_above
        elif self._of_sheet:
            building, entrance = self._name(self._of_sheet), entrance or self._of_sheet.entrance
            self._sheet.once(None, _("没有写楼栋，按标题里的 %(name)s 栋读。", name=building))
        elif kind in ("shop", "garage"):
            building = "商铺" if kind == "shop" else "车库"  # a name in the data, not a word of the interface
            self._sheet.problem(
                row.line, self._columns.of("building"), None, _("没有写楼栋，先放在“%(name)s”下。", name=building)
            )
        else:
            self._refuse(row, "room", _("看不出是哪一栋。请加一列楼栋。"))
            return None
        if len(building) > LONGEST_NAME:
            self._refuse(row, "building", _("楼栋名太长。"))
            return None
        read, own = self._own_entrance(row, address, building)
        if not read:
            return None
        covered = self._sheet.span(row.line, self._columns.of("building"))[0] < row.line
        if own is None and entrance is None and (carrying or covered) and self._above and self._above[0] == building:
            entrance = self._above[1]
        if carrying and not self._carrying:
            message = _("没有写楼栋，按上一行的 %(name)s 栋读。", name=building)
            self._sheet.problem(row.line, self._columns.of("building"), None, message)
        self._carrying = carrying
        entrance = own or entrance
        self._above = (building, None if address.unsure else entrance)
        return _Draft(row, address, building, entrance, kind)

    def _own_entrance(self, row: Row, address: Address, building: str) -> tuple[bool, str | None]:
        """(whether it could be read, what the entrance column says)."""
        cell = self._sheet.cell(row, self._columns.of("entrance"))
        if blank(cell):
            return True, None
        if self._unusable(row, "entrance", cell):
            return False, None
        text = said(cell)
        whole = building_of(text) if _SAYS_BUILDING.search(text) else None
        entrance = entrance_of(text) or (whole.entrance if whole else None)
        if entrance is None:
            self._refuse(row, "entrance", _("单元看不懂。请写成 3 或 3单元。"))
            return False, None
        if address.entrance not in (None, entrance) and not (address.unsure and address.entrance == building):
            self._refuse(row, "room", _("房号里的单元和单元列对不上。"))
            return False, None
        return True, entrance

    def _unit(self, draft: _Draft, repeats: bool) -> Unit | None:
        row, address, entrance = draft.row, draft.address, draft.entrance
        column = self._columns.of("entrance")
        if address.unsure and repeats and blank(self._sheet.cell(row, column)):
            entrance = None
        assert address.room is not None
        people, tells_apart = self._persons.people(row)
        place = Place(draft.building, entrance, address.room)
        span = self._sheet.span(row.line, self._columns.of("room"))
        return Unit(row.line, place, draft.kind or "dwelling", self._area(row), people, self._columns, span, tells_apart)

    def _kind_of(self, row: Row, address: Address) -> Kind | None:
        cell = self._sheet.cell(row, self._kind)
        if blank(cell):
            return address.kind
        kind = kind_of(said(cell))
        if kind is None:
            self._sheet.problem(row.line, self._kind, cell, _("类型看不懂，先按住宅记。可写住宅、商铺、车库。"))
        return kind or address.kind

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
        if self._unusable(row, "area", cell):
            return None
        found = area_of(cell)
        if found is None or found[0] < 0:
            self._refuse(row, "area", _("面积看不懂。请写成 89.50。"))
            return None
        area, dropped = found
        if area > LARGEST_AREA:
            self._refuse(row, "area", _("面积超过 10000 平方米，请核对。"))
            return None
        if area == 0:
            self._sheet.problem(row.line, column, cell, _("面积是 0，先空着。"))
            return None
        if dropped:
            self._sheet.problem(row.line, column, cell, _("面积只记两位小数。"))
        return area

    def _unusable(self, row: Row, meaning: Meaning, cell: Cell) -> bool:
        return self._sheet.unusable(row.line, self._columns.of(meaning), cell)

    def _refuse(self, row: Row, meaning: Meaning, message: str) -> None:
        column = self._columns.of(meaning)
        self._sheet.problem(row.line, column, self._sheet.cell(row, column), message, blocks=True)

    def _name(self, address: Address) -> str:
        """The building with what stands before its number, unless that is only the compound's own name."""
        return ("" if address.ground in self._own_grounds else address.ground) + (address.building or "")

    def _same_building(self, one: Address, other: Address) -> bool:
        return one.building == other.building and (not one.ground or not other.ground or self._name(one) == self._name(other))
