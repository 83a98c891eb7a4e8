"""The roster as a file, under headings that the importer reads again."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter

from app.compounds.models import UnitKind
from app.kit.i18n import _
from app.kit.spreadsheets import escaped
from app.roster.comparing import KIND_SAYS
from app.roster.headings import NAMES, Meaning

_COLUMNS: tuple[Meaning, ...] = ("building", "entrance", "room", "kind", "area", "name", "phone", "relation", "share")


def said_lines(lines: Sequence[Sequence[str]]) -> list[list[str]]:
    """`queries.roster_lines` with a header, its codes as words."""
    relations = {"owner": _("业主"), "tenant": _("租户"), "resident": _("居住人"), "": ""}
    said = [[*line[:3], _(KIND_SAYS[UnitKind(line[3])]), *line[4:7], relations[line[7]], *line[8:]] for line in lines]
    return [[_(NAMES[meaning]) for meaning in _COLUMNS], *said]


def as_csv(lines: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with the mark Excel needs. A cell that a spreadsheet would compute is made text by an apostrophe."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(map(escaped, line) for line in lines)
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Sequence[Sequence[str]]) -> bytes:
    """Every cell is text: nothing is computed, no telephone is rounded."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_("名册"))
        sheet.freeze_panes(1, 0)
        for n, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(n, column, cell)
    return file.getvalue()
