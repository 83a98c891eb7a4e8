"""A published statement out of its frozen bytes, and as rows for a spreadsheet."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from app.kit.i18n import _
from app.kit.spreadsheets import Cell, cell_of


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `amount_fen` signed."""

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


@dataclass(frozen=True, slots=True)
class FundSums:
    fund: str
    opening_fen: int
    income_fen: int
    expense_fen: int
    closing_fen: int


@dataclass(frozen=True, slots=True)
class Document:
    """Amounts in fen. `income`, `expense`: (account, fen), largest first. `owed_fen`, `stock_fen` at the end of the period."""

    title: str
    from_on: date
    to_on: date
    opening_fen: int
    income_fen: int
    expense_fen: int
    closing_fen: int
    owed_fen: int
    stock_fen: int
    funds: tuple[FundSums, ...]
    income: tuple[tuple[str, int], ...]
    expense: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]

    @classmethod
    def read(cls, frozen: bytes) -> Self:
        """The frozen bytes of a statement's notice."""
        return cls.of(json.loads(frozen))

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        sums = ("opening_fen", "income_fen", "expense_fen", "closing_fen", "owed_fen", "stock_fen")
        return cls(
            title=said.get("title", ""),
            from_on=date.fromisoformat(said["from"]),
            to_on=date.fromisoformat(said["to"]),
            funds=tuple(FundSums(**fund) for fund in said["funds"]),
            income=tuple((part["name"], part["fen"]) for part in said["income"]),
            expense=tuple((part["name"], part["fen"]) for part in said["expense"]),
            lines=tuple(Line(**{**line, "on": date.fromisoformat(line["on"])}) for line in said["lines"]),
            **{name: said[name] for name in sums},
        )


def rows_of(document: Document) -> Iterator[Sequence[Cell]]:
    """For a spreadsheet: the sums first, then every line."""
    yield [document.title]
    yield [_("期初余额"), cell_of(document.opening_fen)]
    yield [_("收入"), cell_of(document.income_fen)]
    yield [_("支出"), cell_of(-document.expense_fen)]
    yield [_("期末余额"), cell_of(document.closing_fen)]
    yield []
    yield [_("编号"), _("日期"), _("类别"), _("用途"), _("对方"), _("金额"), _("票据张数"), _("决议")]
    for line in document.lines:
        money = cell_of(line.amount_fen)
        yield [line.number, line.on, line.category, line.memo, line.counterparty, money, line.vouchers, line.decision]
