"""Where the unit of a row is: what the row says, and what it leaves to the merged cell, the row above or a title over it."""

from dataclasses import dataclass, replace

from app.kit.i18n import _
from app.kit.tables import Row, blank, said
from app.roster.addresses import LONGEST_NAME, Address, Kind, address_of, building_of, entrance_of
from app.roster.columns import Columns
from app.roster.headings import Meaning
from app.roster.sheet import Sheet

_PLACELESS: dict[Kind, str] = {"shop": "商铺", "garage": "车库"}
"""The building of shops and parking spaces that name none: names in the data, not words of the interface."""


@dataclass(frozen=True)
class Found:
    """A row's place. `unsure`: the entrance stood before the room in one cell, and may be the building said again."""

    building: str
    entrance: str | None
    room: str
    kind: Kind
    unsure: bool


class PlaceReader:
    """Reads the rows of one list in their order; `compound` is the compound's own name."""

    def __init__(self, sheet: Sheet, columns: Columns, compound: str) -> None:
        self._sheet = sheet
        self._columns = columns
        self._own_grounds = {"", compound, compound.removesuffix("小区").removesuffix("社区")}
        self._over = sheet.building()
        self._over_is_title = True
        self._above: tuple[str, str | None] | None = None
        self._unread: set[Meaning] = set()
        self._carrying = False

    def enter_section(self, found: Address) -> None:
        """A title between the rows; "2单元" alone stays in the building of the title before it."""
        before = self._over or Address()
        self._over = found if found.building else replace(before, entrance=found.entrance)
        self._over_is_title = False
        self._above = None
        self._unread.clear()

    def read(self, row: Row, written_kind: Kind | None) -> Found | None:
        """None where a part is not understood or said nowhere; the problem is told."""
        named = self._named_building(row)
        if named is None:
            return None
        own = self._own_entrance(row)
        if own is None:
            return None
        address = self._address(
            row, within=bool(named.building or self._building_above() or (self._over and self._over.building))
        )
        if address is None or address.room is None:
            return None
        if named.building and address.building and not self._agree(named, address):
            self._refuse(row, "room", _("房号里的楼栋和楼栋列对不上。"))
            return None
        kind = written_kind or address.kind or "dwelling"
        placed = self._placed(row, named if named.building else address, own or address.entrance or named.entrance, kind)
        if placed is None:
            return None
        building, entrance = placed
        if own and address.entrance not in (None, own) and not (address.unsure and address.entrance == building):
            self._refuse(row, "room", _("房号里的单元和单元列对不上。"))
            return None
        return Found(building, entrance, address.room, kind, unsure=address.unsure and not own)

    def _named_building(self, row: Row) -> Address | None:
        """What the building column says: an empty address where it says nothing, None where it is not understood."""
        column = self._columns.of("building")
        cell = self._sheet.cell(row, column)
        if blank(cell):
            return Address()
        found = None
        if not self._sheet.unusable(row.line, column, cell):
            found = building_of(said(cell))
            if found is None:
                self._refuse(row, "building", _("楼栋看不懂。请写成 12 或 12栋。"))
            elif len(self._name(found)) > LONGEST_NAME:
                self._refuse(row, "building", _("楼栋名太长。"))
                found = None
        if found is None:
            self._above = None
            self._unread.add("building")
        else:
            self._unread.discard("building")
            if not self._over_is_title:
                self._over = None
            if self._above is None or self._above[0] != self._name(found):
                self._above = (self._name(found), found.entrance)
                self._unread.discard("entrance")
        return found

    def _own_entrance(self, row: Row) -> str | None:
        """What the entrance column says: "" where it says nothing, None where it is not understood."""
        column = self._columns.of("entrance")
        cell = self._sheet.cell(row, column)
        if blank(cell):
            return ""
        entrance = None
        if not self._sheet.unusable(row.line, column, cell):
            whole = building_of(said(cell))
            entrance = entrance_of(said(cell)) or (whole.entrance if whole else None)
            if entrance is None:
                self._refuse(row, "entrance", _("单元看不懂。请写成 3 或 3单元。"))
        if entrance is None:
            self._unread.add("entrance")
        else:
            self._unread.discard("entrance")
            if self._above:
                self._above = (self._above[0], entrance)
        return entrance

    def _address(self, row: Row, *, within: bool) -> Address | None:
        meaning: Meaning = "room" if not blank(self._sheet.cell(row, self._columns.of("room"))) else "address"
        column = self._columns.of(meaning)
        cell = self._sheet.cell(row, column)
        if blank(cell):
            self._refuse(row, "room", _("没有房号。共有人请写进上一行同一格。"))
            return None
        if self._sheet.unusable(row.line, column, cell):
            return None
        if isinstance(cell, float) and not cell.is_integer():
            self._refuse(row, meaning, _("房号成了小数。请把这一列设为文本再填。"))
            return None
        address = address_of(said(cell), within=within)
        if address is None or address.room is None:
            self._refuse(row, meaning, _("房号看不懂。请写成 12-3-501，或分列写。"))
            return None
        whole = self._sheet.cell(row, self._columns.of("address"))
        if address.building is None and not within and not blank(whole):
            more = address_of(said(whole)) or Address()
            return replace(address, ground=more.ground, building=more.building, entrance=address.entrance or more.entrance)
        return address

    def _placed(self, row: Row, here: Address, entrance: str | None, kind: Kind) -> tuple[str, str | None] | None:
        """(building, entrance) from wherever they are said first: the row, the row above, a title, the kind of the unit."""
        carrying = False
        if here.building:
            building = self._name(here)
        elif (above := self._building_above()) and kind == "dwelling":
            building, carrying = above, True
        elif "building" in self._unread:
            self._refuse(row, "building", _("上面的楼栋没看懂，不知道是哪一栋。"))
            return None
        elif self._over and self._over.building:
            building, entrance = self._name(self._over), entrance or self._over.entrance
            if self._over_is_title:
                self._sheet.once(None, _("没有写楼栋，按标题里的“%(name)s”读。", name=building))
        elif kind in _PLACELESS:
            building = _PLACELESS[kind]
            message = _("没有写楼栋，先放在“%(name)s”下。", name=building)
            self._sheet.problem(row.line, self._columns.of("building"), None, message)
        else:
            self._refuse(row, "room", _("看不出是哪一栋。请加一列楼栋。"))
            return None
        if len(building) > LONGEST_NAME:
            self._refuse(row, "room", _("楼栋名太长。"))
            return None
        covered = self._sheet.span(row.line, self._columns.of("building"))[0] < row.line
        if entrance is None and (carrying or covered) and self._above and self._above[0] == building:
            if "entrance" in self._unread:
                self._refuse(row, "entrance", _("上面的单元没看懂，不知道是几单元。"))
                return None
            entrance = self._above[1]
        self._tell_carrying(row, building, carrying)
        if here.building or carrying:
            self._above = (building, entrance)
        return building, entrance

    def _tell_carrying(self, row: Row, building: str, carrying: bool) -> None:
        """Once for each run of rows."""
        if carrying and not self._carrying:
            message = _("没有写楼栋，按上一行的“%(name)s”读。", name=building)
            self._sheet.problem(row.line, self._columns.of("building"), None, message)
        self._carrying = carrying

    def _building_above(self) -> str | None:
        """The building of the row above, where there is a column for it to be left out of."""
        return self._above[0] if self._above and self._columns.of("building") is not None else None

    def _name(self, address: Address) -> str:
        """The building with what stands before its number, unless that is only the compound's own name."""
        return ("" if address.ground in self._own_grounds else address.ground) + (address.building or "")

    def _agree(self, one: Address, other: Address) -> bool:
        return one.building == other.building and (not one.ground or not other.ground or self._name(one) == self._name(other))

    def _refuse(self, row: Row, meaning: Meaning, message: str) -> None:
        column = self._columns.of(meaning)
        self._sheet.problem(row.line, column, self._sheet.cell(row, column), message, blocks=True)
