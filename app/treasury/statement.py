"""A published statement out of its frozen bytes, and as rows for a spreadsheet."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from fastapi import Response

from app.kit.i18n import _
from app.kit.spreadsheets import Cell, Form, cell_of, sheet
from app.notices.periods import key_of, said_period
from app.treasury.chart_models import FUND_SAYS, Fund
from app.treasury.models import EntryKind


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `amount_fen` signed. `handler` wrote it, `approvers` approved it, `account` is where the money moved.

    `reverses`, `reversed_by`: ids of entries, or "". Up to v 1 nothing was said from `fund` on.
    """

    entry: str
    number: str
    on: date
    kind: str
    category: str
    memo: str
    counterparty: str
    amount_fen: int
    vouchers: int
    decision: str
    fund: str = Fund.PUBLIC_INCOME
    account: str = ""
    contract: str = ""
    handler: str = ""
    approvers: Sequence[str] = ()
    reverses: str = ""
    reversed_by: str = ""


@dataclass(frozen=True, slots=True)
class FundSums:
    fund: str
    opening_fen: int
    income_fen: int
    expense_fen: int
    closing_fen: int

    @property
    def says(self) -> str:
        return _(FUND_SAYS[Fund(self.fund)])


@dataclass(frozen=True, slots=True)
class AccountEnd:
    """What an account of money held at the end by the books, and by the bank on the day when it was last held against it."""

    name: str
    fund: str
    closing_fen: int
    checked_on: date | None
    checked_fen: int


@dataclass(frozen=True, slots=True)
class Side:
    """The lines of income or of expense of one fund, and their sum in fen, signed."""

    fund: FundSums
    kind: str
    lines: tuple[Line, ...]

    @property
    def sum_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True)
class Document:
    """Amounts in fen. `income`, `expense`: (code, account, fen), largest first. `owed_fen`, `stock_fen`, `held_fen` at the end of
    the period. `later_fen`: what entries of later days, which a correction took in, changed. `receivables`: (what, fen).

    `prepared_by` and `approvers` are names as the public may see them. `supersedes`: the statement that this one corrects.
    """

    title: str
    from_on: date
    to_on: date
    opening_fen: int
    income_fen: int
    expense_fen: int
    closing_fen: int
    owed_fen: int
    stock_fen: int
    held_fen: int
    later_fen: int
    funds: tuple[FundSums, ...]
    accounts: tuple[AccountEnd, ...]
    income: tuple[tuple[str, str, int], ...]
    expense: tuple[tuple[str, str, int], ...]
    receivables: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]
    prepared_by: str
    approvers: tuple[str, ...]
    phone: str
    supersedes: str
    because: str

    @classmethod
    def read(cls, frozen: bytes) -> Self:
        """The frozen bytes of a statement's notice, of v 1 or v 2."""
        return cls.of(json.loads(frozen))

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        sums = ("opening_fen", "income_fen", "expense_fen", "closing_fen", "owed_fen", "stock_fen")
        return cls(
            title=said.get("title", ""),
            from_on=date.fromisoformat(said["from"]),
            to_on=date.fromisoformat(said["to"]),
            held_fen=said.get("held_fen", 0),
            later_fen=said.get("later_fen", 0),
            funds=tuple(FundSums(**fund) for fund in said["funds"]),
            accounts=tuple(
                AccountEnd(**{**end, "checked_on": date.fromisoformat(end["checked_on"]) if end["checked_on"] else None})
                for end in said.get("accounts", ())
            ),
            income=tuple((part["code"], part["name"], part["fen"]) for part in said["income"]),
            expense=tuple((part["code"], part["name"], part["fen"]) for part in said["expense"]),
            receivables=tuple((part["what"], part["fen"]) for part in said.get("receivables", ())),
            lines=tuple(Line(**{**line, "on": date.fromisoformat(line["on"])}) for line in said["lines"]),
            prepared_by=said.get("prepared_by", ""),
            approvers=tuple(said.get("approvers", ())),
            phone=said.get("phone", ""),
            supersedes=said.get("supersedes", ""),
            because=said.get("because", ""),
            **{name: said[name] for name in sums},
        )

    @property
    def period(self) -> str:
        """2026年三季度."""
        return said_period((self.from_on, self.to_on))

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        """Fund by fund, income before expense; only where something moved."""
        sides = (
            Side(fund, kind, tuple(line for line in self.lines if (line.fund, line.kind) == (fund.fund, kind)))
            for fund in self.funds
            for kind in (EntryKind.INCOME, EntryKind.EXPENSE)
        )
        return tuple(side for side in sides if side.lines)


def rows_of(document: Document, address: str) -> Iterator[Sequence[Cell]]:
    """For a spreadsheet: the sums first, then every line with the way to its entry. `address`: the compound's, absolute."""
    yield [document.title]
    for fund in document.funds:
        if len(document.funds) > 1:
            yield [fund.says]
        yield [_("期初余额"), cell_of(fund.opening_fen)]
        yield [_("收入"), cell_of(fund.income_fen)]
        yield [_("支出"), cell_of(-fund.expense_fen)]
        yield [_("期末余额"), cell_of(fund.closing_fen)]
    for end in document.accounts:
        account: list[Cell] = [end.name, cell_of(end.closing_fen)]
        checked: list[Cell] = [_("银行或盘点"), cell_of(end.checked_fen), end.checked_on] if end.checked_on else []
        yield [*account, *checked]
    ends = (
        (_("应收未收"), sum(fen for _what, fen in document.receivables)),
        (_("代管资金"), document.held_fen),
        (_("还没领走的福利"), document.owed_fen),
        (_("库存礼品"), document.stock_fen),
        (_("后来的更正"), document.later_fen),
    )
    for says, fen in ends:
        if fen:
            yield [says, cell_of(fen)]
    yield []
    yield [
        *(_("编号"), _("日期"), _("资金"), _("类别"), _("用途"), _("对方"), _("合同期"), _("金额"), _("账户")),
        *(_("票据张数"), _("决议"), _("经办"), _("批准"), _("冲销"), _("看票据")),
    ]
    numbers = {line.entry: line.number for line in document.lines}
    funds = {fund.fund: fund.says for fund in document.funds}
    for line in document.lines:
        linked = line.reverses or line.reversed_by
        yield [
            *(line.number, line.on, funds[line.fund], line.category, line.memo, line.counterparty, line.contract),
            *(cell_of(line.amount_fen), line.account, line.vouchers, line.decision, line.handler, "、".join(line.approvers)),
            *(numbers.get(linked, _("后来冲销") if linked else ""), f"{address}/money/entries/{line.entry}"),
        ]


def statement_sheet(form: Form, document: Document, address: str, name: str) -> Response:
    """A file to take home; `name` of the compound, as it stands in addresses."""
    key = key_of((document.from_on, document.to_on))
    return sheet(form, document.period, rows_of(document, address), f"{name}-{key}")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a correction changed: lines added, lines gone, and sums (what, before, after) in fen."""

    added: tuple[Line, ...]
    gone: tuple[Line, ...]
    sums: tuple[tuple[str, int, int], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.sums)


def changes(before: Document, after: Document) -> Changes:
    """Line by line. A line is the same where its entry is, whatever else is known of it by now: entries never change."""
    was, now = ({(line.entry, line.amount_fen): line for line in document.lines} for document in (before, after))
    pairs = [
        (_("期初余额"), before.opening_fen, after.opening_fen),
        (_("收入"), before.income_fen, after.income_fen),
        *_parts(before.income, after.income),
        (_("支出"), before.expense_fen, after.expense_fen),
        *_parts(before.expense, after.expense),
        (_("期末余额"), before.closing_fen, after.closing_fen),
        (_("代管资金"), before.held_fen, after.held_fen),
        (_("库存礼品"), before.stock_fen, after.stock_fen),
        (_("还没领走的福利"), before.owed_fen, after.owed_fen),
    ]
    return Changes(
        tuple(line for key, line in now.items() if key not in was),
        tuple(line for key, line in was.items() if key not in now),
        tuple(pair for pair in pairs if pair[1] != pair[2]),
    )


def _parts(before: Sequence[tuple[str, str, int]], after: Sequence[tuple[str, str, int]]) -> list[tuple[str, int, int]]:
    """By code: an account may have been given another name since, and each fund has names of its own."""
    was, now = ({code: fen for code, _name, fen in parts} for parts in (before, after))
    names = {code: name for code, name, _fen in (*before, *after)}
    return [(name, was.get(code, 0), now.get(code, 0)) for code, name in names.items()]
