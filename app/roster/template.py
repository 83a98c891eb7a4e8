"""The empty roster for a committee that has none: its headings are those the reader knows, its examples say what they are."""

from io import BytesIO

import xlsxwriter

from app.kit.i18n import _
from app.roster.headings import NAMES, Meaning

_COLUMNS: tuple[tuple[Meaning, int], ...] = (
    ("building", 8),
    ("entrance", 8),
    ("room", 12),
    ("kind", 10),
    ("area", 10),
    ("name", 18),
    ("phone", 28),
    ("relation", 10),
    ("share", 14),
    ("note", 32),
)
_ROOM_FOR = 20_000


def empty_roster() -> bytes:
    """An .xlsx in the language spoken. Every column is text, so that Excel makes no dates of rooms and rounds no phones."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}) as book:
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "bg_color": "#E6F2EA", "border": 1, "num_format": "@"})
        grey = book.add_format({"font_color": "#595959", "italic": True, "num_format": "@"})
        roster = book.add_worksheet(_("名册"))
        roster.freeze_panes(1, 0)
        for column, (meaning, width) in enumerate(_COLUMNS):
            roster.set_column(column, column, width, text)
            roster.write_string(0, column, _(NAMES[meaning]), bold)
        for line, example in enumerate(_examples(), 1):
            for column, value in enumerate(example):
                roster.write_string(line, column, value, grey)
        for meaning, choices in (
            ("kind", [_("住宅"), _("商铺"), _("车库")]),
            ("relation", [_("业主"), _("租户")]),
        ):
            column = [m for m, _width in _COLUMNS].index(meaning)
            rule = {"validate": "list", "source": choices, "error_type": "warning"}
            roster.data_validation(1, column, _ROOM_FOR, column, rule)
        how = book.add_worksheet(_("填写说明"))
        how.set_column(0, 0, 80)
        for line, sentence in enumerate(_sentences()):
            how.write_string(line, 0, sentence)
    return file.getvalue()


def _examples() -> list[tuple[str, ...]]:
    example = _("示例，请删掉这一行")
    return [
        ("1", "2", "301", _("住宅"), "89.50", "张三、李四", "13800000001、13800000002", _("业主"), "1/2、1/2", example),
        ("1", "2", "302", _("住宅"), "102.30", "王五", "13800000003", _("业主"), "", example),
        ("1", "2", "302", "", "", "赵六", "13800000004", _("租户"), "", example),
        ("1", "", _("商铺") + "3", _("商铺"), "45.00", "枫树便利店", "0731-80000005", _("业主"), "", example),
    ]


def _sentences() -> list[str]:
    return [
        _("一户一行。几位业主写在同一格，用顿号隔开。"),
        _("电话按姓名的顺序写，也用顿号隔开。"),
        _("租户另起一行，房号照写，身份写租户。"),
        _("面积写产权证上的建筑面积，单位平方米。"),
        _("份额可以不写。写的话用 50% 或 1/2。"),
        _("不要写身份证号，本系统不收。"),
        _("带“示例”的行不会读入，也可以删掉。"),
    ]
