"""A bank's, WeChat's or Alipay's own export → the lines of a statement, with whatever is wrong named by row and column. Pure.

A statement is whole or it is nothing: one row that cannot be read is a sum that cannot be believed, so every problem blocks.
Where the file has balances they must follow from one another; that finds the missing row too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.kit.i18n import _
from app.kit.money import MOST, fen_of, signed_yuan, yuan
from app.kit.tables import Broken, Cell, Problem, Row, Skipped, Table, Trouble, blank, clean, letter, said, shown
from app.kit.workbook import read_table
from app.treasury.bank_headings import BANK, SAYS, Header, Meaning, find_header

LONGEST_TEXT = 100
"""Characters of a counterparty, a text, a reference: what a form takes too (kit.forms.Line)."""

_DAY = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})"
    r"(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})|([0-9]{2})([0-9]{2})(?=[0-9]{6}(?![0-9])|(?![0-9])))"
)
_FOOT = re.compile(
    r"(?:本页|收入|支出|借方|贷方|以上)?(?:合计|总计|小计|累计|共计)|共[0-9]+笔|-{4,}|={4,}|(?:制表|打印|备注|说明|注)[^:]{0,6}:"
)
_NOT_DONE = re.compile(r"关闭|失败|等待|取消|撤销|未支付|处理中")
_OUT = re.compile(r"支出|支|借|付|出|D")
_IN = re.compile(r"收入|收|贷|入|C")
_TURNS_OUT, _TURNS_IN = re.compile(r"提现|转出|还款|申购"), re.compile(r"充值|转入|退款|赎回|收益|收款")
"""What WeChat and Alipay count as neither (收/支 says "/"), and yet moves the account."""


@dataclass(frozen=True, slots=True)
class BankRow:
    """One line of a statement. `row`: where it stands in the file; `fen` > 0 came in; `balance_fen` after it, if told."""

    row: int
    day: date
    fen: int
    balance_fen: int | None = None
    counterparty: str = ""
    text: str = ""
    reference: str = ""


@dataclass(frozen=True)
class BankReading:
    """A file's lines, the oldest first. Balances are None where the file tells none. `columns`: (letter, heading, meaning)."""

    from_on: date
    to_on: date
    opening_fen: int | None
    closing_fen: int | None
    rows: tuple[BankRow, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]
    columns: tuple[tuple[str, str, str], ...]


def read_bank_file(data: bytes, filename: str, today: date) -> BankReading | Trouble:
    """About 0.3 s for 5,000 lines: call it outside any transaction. Never raises for what a file holds."""
    table = read_table(data, filename, BANK)
    return table if isinstance(table, Trouble) else read_bank_table(table, today)


def read_bank_table(table: Table, today: date) -> BankReading | Trouble:
    header = find_header(table.rows)
    if header is None:
        return Trouble(BANK.missing)
    reader = _Reader(header, today)
    told = _told_period(row for row in table.rows if row.line < header.line)
    found = [line for row in table.rows if row.line > header.line and (line := reader.line(row))]
    if not found and not reader.problems:
        return Trouble(_("表头下面没有交易。"))
    days = [line.bank.day for line in found] or [today]
    from_on, to_on = told or (min(days), max(days))
    signed = reader.with_signs(found)
    reader.check_days(signed, from_on, to_on)
    rows, opening, closing = reader.in_order(signed)
    problems = tuple(sorted(reader.problems, key=lambda problem: problem.row))
    return BankReading(from_on, to_on, opening, closing, rows, problems, tuple(reader.skipped), tuple(_columns(header)))


def _columns(header: Header) -> Iterator[tuple[str, str, str]]:
    meanings: dict[int, Meaning] = {
        c: meaning for meaning, columns in header.of.items() for c in (columns if meaning == "text" else columns[:1])
    }
    for column, text in sorted(header.texts.items()):
        yield letter(column), text, _(SAYS[meanings[column]]) if column in meanings else _("没有用")


def _told_period(titles: Iterator[Row]) -> tuple[date, date] | None:
    """From and to, where a row above the header names two days."""
    for row in titles:
        days = _days(" ".join(said(cell) for cell in row.cells))
        if len(days) == 2 and days[0] <= days[1]:
            return days[0], days[1]
    return None


def _days(text: str) -> list[date]:
    found = []
    for match in _DAY.finditer(text):
        year, *parts = match.groups()
        month, day = parts[:2] if parts[0] else parts[2:]
        try:
            found.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return found


class _Unreadable(Exception):
    """Why a cell cannot be used, for people."""

    def __init__(self, message: str, meaning: Meaning = "amount") -> None:
        super().__init__(message)
        self.message, self.meaning = message, meaning


class _NoLine(Exception):
    """Why a row is no line, for people."""


def _fen(cell: Cell) -> int | None:
    """Fen, None for an empty cell or a dash. Raises _Unreadable."""
    if isinstance(cell, Broken):
        raise _Unreadable(_("这一格是公式、错误或日期，没有金额。"))
    text = f"{cell:.15g}" if isinstance(cell, float) else said(cell)
    text = "".join(text.split()).strip("\t").removeprefix("+")
    if not text.strip("-—/"):
        return None
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    try:
        fen = fen_of(text.replace("-¥", "¥-").removeprefix("¥"))
    except ValueError:
        large = re.fullmatch(r"[-¥]*[0-9][0-9,]{12,}(?:\.[0-9]*)?|[-+.0-9]+e\+[0-9]+", text)
        raise _Unreadable(_("金额太大。") if large else _("金额看不懂。请写成 1234.50。")) from None
    if abs(fen) >= MOST:
        raise _Unreadable(_("金额太大。"))
    return fen


@dataclass(frozen=True, slots=True)
class _Line:
    """A row before its sign is settled. `side`: the column an amount was found under, "out", "in" or "" where it is signed."""

    bank: BankRow
    side: str


class _Reader:
    def __init__(self, header: Header, today: date) -> None:
        self.header, self.today = header, today
        self.problems: list[Problem] = []
        self.skipped: list[Skipped] = []

    def line(self, row: Row) -> _Line | None:
        """None where the row is none, or cannot be read: both are noted."""
        try:
            self._need_line(row)
            fen, side = self._amount(row)
            bank = BankRow(
                row.line,
                self._day(row),
                fen,
                self._fen(row, "balance"),
                self._text(row, "party")[:LONGEST_TEXT],
                self._text(row, "text")[:LONGEST_TEXT],
                self._text(row, "reference")[:LONGEST_TEXT],
            )
        except _NoLine as why:
            self.skipped.append(Skipped(row.line, str(why)))
            return None
        except _Unreadable as no:
            self._say(row.line, self.header.one(no.meaning), shown(self._cell(row, no.meaning)), no.message)
            return None
        return _Line(bank, side)

    def with_signs(self, lines: Sequence[_Line]) -> list[BankRow]:
        """What went out is below zero. Some files write it with a minus as well; a single minus is a red reversal."""
        out = [line.bank.fen for line in lines if line.side == "out"]
        turn = 1 if out and all(fen < 0 for fen in out) else -1
        return [replace(line.bank, fen=line.bank.fen * turn) if line.side == "out" else line.bank for line in lines]

    def in_order(self, rows: Sequence[BankRow]) -> tuple[tuple[BankRow, ...], int | None, int | None]:
        """(rows, the oldest first; opening; closing). Files run either way, and within one day only the balances tell.

        Balances are held against each other only where every row was read: a row left out breaks them by itself.
        """
        back = rows[::-1]
        by_day = [sorted(one, key=lambda row: row.day) for one in (rows, back)]
        best = min((by_day[0], by_day[1]), key=lambda one: sum(1 for _break in _breaks(one)))
        if rows and rows[0].day > rows[-1].day and not any(row.balance_fen is not None for row in rows):
            best = by_day[1]
        for row, expected in () if self.problems else _breaks(best):
            words = _("余额接不上：这一笔 %(move)s 之后应是 %(balance)s。", move=signed_yuan(row.fen), balance=yuan(expected))
            self._say(row.row, self.header.one("balance"), yuan(row.balance_fen or 0), words)
        known = [(n, row.balance_fen) for n, row in enumerate(best) if row.balance_fen is not None]
        if not known:
            return tuple(best), None, None
        (first, opened), (last, closed) = known[0], known[-1]
        opening = opened - sum(row.fen for row in best[: first + 1])
        return tuple(best), opening, closed + sum(row.fen for row in best[last + 1 :])

    def check_days(self, rows: Sequence[BankRow], from_on: date, to_on: date) -> None:
        for row in rows:
            if row.day > self.today:
                self._say(row.row, self.header.one("day"), row.day.isoformat(), _("日期在今天以后。"))
            elif not from_on <= row.day <= to_on:
                self._say(row.row, self.header.one("day"), row.day.isoformat(), _("日期不在文件写的起止日期里。"))

    def _need_line(self, row: Row) -> None:
        """Raises _NoLine for sums, notes, a header once more, and what never went through."""
        day = said(self._cell(row, "day"))
        if day == self.header.texts[self.header.of["day"][0]]:
            raise _NoLine(_("重复的表头"))
        texts = ["".join(clean(cell).split()) for cell in row.cells if isinstance(cell, str)]
        if not _days(day) and any(_FOOT.match(text) for text in texts):
            raise _NoLine(_("合计或说明"))
        if all(blank(self._cell(row, meaning)) for meaning in ("amount", "in", "out")):
            raise _NoLine(_("没有金额"))
        if _NOT_DONE.search(self._text(row, "state")):
            raise _NoLine(_("没有成交"))

    def _day(self, row: Row) -> date:
        day = next(iter(_days(said(self._cell(row, "day")))), None)
        if day is None or day.year < 1990:
            raise _Unreadable(_("日期看不懂。请写成 2026-10-05。"), "day")
        return day

    def _amount(self, row: Row) -> tuple[int, str]:
        """(fen, the side it was found on, "" where it is signed)."""
        meanings: tuple[Meaning, ...] = ("in", "out", "amount")
        told = {meaning: fen for meaning in meanings if (fen := self._fen(row, meaning))}
        if not told:
            raise _NoLine(_("金额是 0"))
        if "in" in told and "out" in told:
            raise _Unreadable(_("收入和支出都有数。"), "out")
        for side in ("in", "out"):
            if side in told:
                return told[side], side
        return told["amount"], self._side(row) if "side" in self.header.of else ""

    def _side(self, row: Row) -> str:
        written = self._text(row, "side").upper()
        about = "".join(self._text(row, meaning) for meaning in ("kind", "state", "text"))
        if _OUT.fullmatch(written) or (not _IN.fullmatch(written) and _TURNS_OUT.search(about)):
            return "out"
        if _IN.fullmatch(written) or _TURNS_IN.search(about):
            return "in"
        raise _Unreadable(_("看不出是收还是支。请写“收入”或“支出”。"), "side")

    def _fen(self, row: Row, meaning: Meaning) -> int | None:
        try:
            return _fen(self._cell(row, meaning))
        except _Unreadable as no:
            raise _Unreadable(no.message, meaning) from None

    def _cell(self, row: Row, meaning: Meaning) -> Cell:
        column = self.header.one(meaning)
        return None if column is None else row.at(column)

    def _text(self, row: Row, meaning: Meaning) -> str:
        """The cell as one line; of several columns of text, what each adds."""
        columns = self.header.of.get(meaning, ())
        said_here = [" ".join(said(row.at(c)).split()) for c in (columns if meaning == "text" else columns[:1])]
        return " ".join(dict.fromkeys(text for text in said_here if text.strip("/-")))

    def _say(self, line: int, column: int | None, value: str, message: str) -> None:
        heading = self.header.texts.get(column, "") if column is not None else ""
        self.problems.append(Problem(line, letter(column) if column is not None else "", heading, value, message, blocks=True))


def _breaks(rows: Sequence[BankRow]) -> Iterator[tuple[BankRow, int]]:
    """(row, what its balance should be) where the balance does not follow from the last one told."""
    expected: int | None = None
    for row in rows:
        expected = None if expected is None else expected + row.fen
        if row.balance_fen is None:
            continue
        if expected is not None and expected != row.balance_fen:
            yield row, expected
        expected = row.balance_fen
