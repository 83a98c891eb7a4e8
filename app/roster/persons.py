"""The people of a row: names with their phones, relations and shares, matched in the order they are written in."""

import re
from dataclasses import replace

from app.kit.i18n import _
from app.kit.tables import Cell, Row, blank, said
from app.roster.columns import Columns, PeopleColumn
from app.roster.headings import Meaning
from app.roster.people import (
    LONGEST_PERSON,
    Named,
    Number,
    Relation,
    is_name,
    names_of,
    phones_of,
    relation_of,
    shares_of,
    was_rounded,
)
from app.roster.proposal import RosterPerson
from app.roster.sheet import Sheet

_TELLING: tuple[Meaning, ...] = ("relation", "share")
_BETWEEN = re.compile(r"[、,/;\s]+")
_TOGETHER = re.compile(r"共同|共有|夫妻")


class PersonReader:
    def __init__(self, sheet: Sheet, columns: Columns) -> None:
        self._sheet = sheet
        self._columns = columns

    def people(self, row: Row) -> tuple[list[RosterPerson], bool]:
        """The row's people, and whether it says what they are (so that another row may say the next one)."""
        owners: list[Named] = []
        tenants: list[Named] = []
        for column in self._columns.people:
            (owners if column.relation == "owner" else tenants).extend(self._named(row, column))
        related = [*self._related(row, owners), *((named, "tenant") for named in tenants)]
        people = [RosterPerson(n.name, n.phone, relation, n.share if relation == "owner" else None) for n, relation in related]
        tells_apart = any(not blank(self._sheet.cell(row, self._columns.of(m))) for m in _TELLING)
        return list(dict.fromkeys(people)), tells_apart

    def _named(self, row: Row, column: PeopleColumn) -> list[Named]:
        cell = self._sheet.cell(row, column.name)
        if self._sheet.unusable(row.line, column.name, cell):
            return []
        names = names_of(cell)
        if names is None:
            self._refuse(row, column.name, cell, _("几个姓名分不开。请用顿号隔开。"))
            return []
        for named in names:
            if not is_name(named.name):
                self._refuse(row, column.name, cell, _("姓名看不懂。请写全名。"))
                return []
            if len(named.name) > LONGEST_PERSON:
                self._refuse(row, column.name, cell, _("姓名太长，最多 %(n)s 个字。", n=LONGEST_PERSON))
                return []
            if named.remark:
                self._sheet.problem(row.line, column.name, cell, _("“%(text)s”没有记。", text=named.remark))
        return self._with_phones(row, column, list(names))

    def _with_phones(self, row: Row, column: PeopleColumn, names: list[Named]) -> list[Named]:
        where, cell, numbers = self._numbers(row, column)
        for number in numbers:
            if number.dialled is None:
                self._sheet.problem(row.line, where, cell, _no_phone(number))
        if not names:
            if numbers:
                self._sheet.problem(row.line, where, cell, _("有电话，没有姓名，电话没有记。"))
            return []
        if len(names) == 1:
            numbers = [number for number in numbers if number.dialled]
            if len(numbers) > 1:
                self._sheet.problem(row.line, where, cell, _("有几个电话，只记第一个。"))
        elif len(numbers) == 1:
            self._sheet.problem(row.line, where, cell, _("只有一个电话，记在 %(name)s 名下。", name=names[0].name))
        elif numbers and len(numbers) != len(names):
            self._sheet.problem(row.line, where, cell, _("电话和姓名个数不同，按顺序记。请核对。"))
        dialled = [number.dialled for number in numbers]
        return [replace(named, phone=(dialled[i] if i < len(dialled) else None) or named.phone) for i, named in enumerate(names)]

    def _numbers(self, row: Row, column: PeopleColumn) -> tuple[int | None, Cell, list[Number]]:
        """The phones of the first of the person's phone columns that has any, and where they stand."""
        for where in column.phones:
            cell = self._sheet.cell(row, where)
            if blank(cell) or self._sheet.unusable(row.line, where, cell, blocks=False):
                continue
            if numbers := phones_of(cell):
                return where, cell, list(numbers)
        return None, None, []

    def _related(self, row: Row, people: list[Named]) -> list[tuple[Named, Relation]]:
        """Who of the owners' column is owner, who tenant; a relative is neither and is left out."""
        people = self._with_shares(row, people)
        column = self._columns.of("relation")
        cell = self._sheet.cell(row, column)
        if blank(cell) or self._sheet.unusable(row.line, column, cell):
            return [(named, named.relation or "owner") for named in people]
        written = [part for part in _BETWEEN.split(said(cell)) if part]
        if len(written) != len(people):
            written = [said(cell)] * len(people)
        related: list[tuple[Named, Relation]] = []
        for named, text in zip(people, written, strict=True):
            relation = relation_of(text)
            if relation:
                related.append((named, relation))
            else:
                self._sheet.problem(row.line, column, cell, _("不是业主也不是租户，%(name)s 没有记。", name=named.name))
        return related

    def _with_shares(self, row: Row, people: list[Named]) -> list[Named]:
        column = self._columns.of("share")
        cell = self._sheet.cell(row, column)
        if blank(cell) or not people or self._sheet.unusable(row.line, column, cell, blocks=False):
            return people
        shares = shares_of(cell)
        if len(shares) == 1 and shares[0] is not None and (len(people) * shares[0] == 1 or said(cell).startswith("各")):
            shares *= len(people)
        if len(shares) != len(people) or None in shares:
            if not _TOGETHER.search(said(cell)):
                self._sheet.problem(row.line, column, cell, _("份额看不懂，先不记。可写 50% 或 1/2。"))
            return people
        return [replace(named, share=share) for named, share in zip(people, shares, strict=True)]

    def _refuse(self, row: Row, column: int, cell: Cell, message: str) -> None:
        self._sheet.problem(row.line, column, cell, message, blocks=True)


def _no_phone(number: Number) -> str:
    if was_rounded(number.written):
        return _("电话被 Excel 缩成了科学计数，末尾丢了。请重填。")
    if "*" in number.written or "＊" in number.written:
        return _("电话被遮住了几位，没有记。")
    return _("电话号码不对，没有记。")
