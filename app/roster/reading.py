"""A table of cells → the units and people it proposes, with every doubt named by row and column. Writes nothing."""

from app.kit.tables import Problem, Table, clean
from app.roster.headings import ROSTER, find_header
from app.roster.lines import ListReader
from app.roster.proposal import Reading
from app.roster.sheet import Sheet
from app.roster.units import check_areas, check_shares, compare_entrances, compare_people, united


def read_roster(table: Table, *, compound: str = "") -> Reading:
    """What the table proposes, problems by row. `compound` is the compound's own name, which files write before buildings.

    Rows of one unit are one proposal, held back as a whole when one of them is blocked. Never raises for what a cell holds.
    """
    header = find_header(table.rows)
    if header is None:
        line = table.rows[0].line if table.rows else 1
        return Reading(problems=(Problem(line, "", "", "", ROSTER.missing, blocks=True),))
    sheet = Sheet(table, header)
    sheet.note_peculiarities()
    units = united(
        sheet, [unit for columns in sheet.lists for unit in ListReader(sheet, columns, clean(compound).upper()).units()]
    )
    check_areas(sheet, units)
    check_shares(sheet, units)
    compare_people(sheet, units)
    compare_entrances(sheet, units)
    held = {problem.row for problem in sheet.problems if problem.blocks}
    return Reading(
        rows=tuple(unit.proposed() for unit in sorted(units, key=lambda unit: unit.line) if not held & unit.lines),
        problems=tuple(sorted(sheet.problems, key=lambda problem: problem.row)),
        columns=tuple(sheet.columns()),
        skipped=tuple(sorted(sheet.skipped.values(), key=lambda skipped: skipped.row)),
    )
