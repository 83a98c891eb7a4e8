"""Rows of a file that are one unit are put together; units that contradict each other are named."""

from collections import defaultdict
from dataclasses import dataclass, field

from app.kit.i18n import _
from app.kit.tables import letter
from app.roster.addresses import Kind
from app.roster.columns import Columns
from app.roster.proposal import RosterPerson, RosterRow
from app.roster.sheet import Sheet


@dataclass(frozen=True)
class Place:
    building: str
    entrance: str | None
    room: str


@dataclass
class Unit:
    """A unit as far as it is read. `room_span`: the lines its room cell is merged over.

    `tells_apart`: the row says what its person is (身份, 份额), so that a unit may rightly stand in several rows.
    """

    line: int
    place: Place
    kind: Kind
    area: int | None
    people: list[RosterPerson]
    columns: Columns
    room_span: tuple[int, int]
    tells_apart: bool
    lines: set[int] = field(default_factory=set)

    def proposed(self) -> RosterRow:
        place = self.place
        return RosterRow(self.line, place.building, place.entrance, place.room, self.kind, self.area, tuple(self.people))


def united(sheet: Sheet, read: list[Unit]) -> list[Unit]:
    """One `Unit` for each place. Rows that only repeat or add people are joined; rows that contradict block each other."""
    by_place: dict[Place, Unit] = {}
    for unit in read:
        unit.lines.add(unit.line)
        first = by_place.setdefault(unit.place, unit)
        if first is unit:
            continue
        room = unit.columns.of("room")
        merged = first.room_span == unit.room_span and unit.room_span[0] < unit.room_span[1]
        fits = unit.area is None or first.area is None or unit.area == first.area
        new = [person for person in unit.people if person not in first.people]
        if not merged and not (fits and (not new or _adds_people(first, unit))):
            _contradict(sheet, first, unit)
        elif not merged and not new and (unit.people or not unit.tells_apart):
            sheet.problem(unit.line, room, _written(unit), _("和第 %(row)s 行重复，只记一次。", row=first.line))
        elif not merged and new and not unit.tells_apart:
            sheet.problem(unit.line, room, _written(unit), _("和第 %(row)s 行是同一户，合成一户，都算业主。", row=first.line))
        first.people += new
        first.area = first.area if first.area is not None else unit.area
        first.lines.add(unit.line)
    return list(by_place.values())


def _adds_people(first: Unit, unit: Unit) -> bool:
    """Another owner right below, or a row that says who its person is."""
    return unit.tells_apart or (bool(first.people) and unit.line - max(first.lines) <= 1)


def _contradict(sheet: Sheet, first: Unit, unit: Unit) -> None:
    for here, there in ((first, unit), (unit, first)):
        message = _("和第 %(row)s 行是同一户，内容却不同。请只留对的。", row=there.line)
        sheet.problem(here.line, here.columns.of("room"), _written(here), message, blocks=True)


def _written(unit: Unit) -> str:
    return "-".join(part for part in (unit.place.building, unit.place.entrance, unit.place.room) if part)


def check_areas(sheet: Sheet, units: list[Unit]) -> None:
    """A unit without an area, unless something was said about its area already."""
    told = {(problem.row, problem.column) for problem in sheet.problems}
    for unit in units:
        column = unit.columns.of("area")
        if unit.area is None and column is not None and not any((line, letter(column)) in told for line in unit.lines):
            sheet.problem(unit.line, column, None, _("没有面积。"))


def check_shares(sheet: Sheet, units: list[Unit]) -> None:
    """Shares of the owners that are all given make one whole; more than the whole cannot be kept."""
    for unit in units:
        given = [p.share for p in unit.people if p.relation == "owner" and p.share is not None]
        column = unit.columns.of("share")
        if sum(given) > 1:
            sheet.problem(unit.line, column, "", _("份额加起来超过了全部，先不记份额。"))
            unit.people = [RosterPerson(p.name, p.phone, p.relation, None) for p in unit.people]
        elif given and len(given) == sum(p.relation == "owner" for p in unit.people) and sum(given) < 1:
            sheet.problem(unit.line, column, "", _("份额加起来不到全部，请核对。"))


def compare_people(sheet: Sheet, units: list[Unit]) -> None:
    """One phone under two names, one name with two phones: either may be right, and only people can tell."""
    name_of: dict[str, tuple[str, int]] = {}
    phone_of: dict[str, tuple[str | None, int]] = {}
    for unit in units:
        for person in unit.people:
            column = next((c.name for c in unit.columns.people if c.relation == person.relation), None)
            if person.phone:
                name, line = name_of.setdefault(person.phone, (person.name, unit.line))
                if name != person.name:
                    message = _("电话和第 %(row)s 行的“%(name)s”相同。", row=line, name=name)
                    sheet.problem(unit.line, column, person.name, message)
            phone, line = phone_of.setdefault(person.name, (person.phone, unit.line))
            if phone != person.phone:
                message = _("和第 %(row)s 行同名，电话不同，按两个人记。", row=line)
                sheet.problem(unit.line, column, person.name, message)


def compare_entrances(sheet: Sheet, units: list[Unit]) -> None:
    """A building with entrances in some rows and none in others may hold one flat twice: 12-501 and 12-3-501."""
    by_building: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.kind == "dwelling":
            by_building[unit.place.building].append(unit)
    for building, its in by_building.items():
        without = [unit for unit in its if unit.place.entrance is None]
        if without and len(without) < len(its):
            message = _("楼栋“%(building)s”有的行写了单元，有的没写。", building=building)
            sheet.problem(without[0].line, without[0].columns.of("room"), _written(without[0]), message)
