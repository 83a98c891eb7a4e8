"""Which row of a bank's, WeChat's or Alipay's export is the header, and what its words mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.kit.i18n import mark
from app.kit.tables import Row, blank, clean, shown
from app.kit.workbook import Sought

Meaning = Literal["day", "out", "in", "amount", "side", "balance", "party", "text", "reference", "state", "kind"]

_SEARCHED_ROWS = 40

# In order of preference where a file has several columns of one meaning.
_WORDS: dict[Meaning, str] = {
    "day": "交易时间 交易日期 记账日期 入账日期 记账时间 入账时间 交易日 记账日 发生日期 发生时间 业务日期 日期 付款时间 "
    "交易创建时间",
    # A bank writes from its own side: what it owes the customer grows on the right (贷), so 借 is what went out.
    "out": "借方发生额 借方金额 借方 支出金额 支出 付款金额 转出金额 支取金额 支取",
    "in": "贷方发生额 贷方金额 贷方 收入金额 收入 收款金额 转入金额 存入金额 存入",
    "amount": "交易金额 发生额 金额 交易额",
    "side": "收/支 收支 收支类型 收支标志 借贷标志 借贷方向 借/贷 借贷 收付标志 收/付 收付方向 资金流向",
    "balance": "账户余额 余额 交易后余额 本次余额 当前余额 联机余额 帐户余额",
    "party": "对方户名 交易对方 对方名称 对方账户名称 对方账户名 对方单位名称 对方单位 对手方名称 收款人名称 "
    "收付款人名称 对方户名/名称",
    "text": "摘要 商品 商品说明 商品名称 用途 附言 交易摘要 交易附言 交易说明 备注",
    "reference": "交易流水号 流水号 交易单号 交易订单号 业务流水号 核心流水号 支付宝交易号 交易号 凭证号码 凭证号",
    "state": "当前状态 交易状态 状态",
    "kind": "交易类型 交易分类 业务类型 类型",
}
_EXACT: dict[str, tuple[Meaning, int]] = {
    word: (meaning, rank) for meaning, words in _WORDS.items() for rank, word in enumerate(words.split())
}

SAYS: dict[Meaning, str] = {
    "day": mark("日期"),
    "amount": mark("金额"),
    "in": mark("收入"),
    "out": mark("支出"),
    "balance": mark("余额"),
    "party": mark("对方"),
    "text": mark("摘要"),
    "side": mark("收或支"),
    "reference": mark("流水号"),
    "state": mark("状态"),
    "kind": mark("交易类型"),
}
"""What each meaning is called in messages and on the preview. Pass through `_`."""


@dataclass(frozen=True)
class Header:
    """`of`: the columns of a meaning, the one to believe first. `texts`: every heading as it stands in the file."""

    line: int
    of: dict[Meaning, tuple[int, ...]]
    texts: dict[int, str]

    @property
    def score(self) -> int:
        return len(self.of)

    def one(self, meaning: Meaning) -> int | None:
        return self.of[meaning][0] if meaning in self.of else None


def find_header(rows: Sequence[Row]) -> Header | None:
    """The best among the first rows: one that names a day and an amount. None where no row does."""
    found = [header for row in rows[:_SEARCHED_ROWS] if (header := _header(row))]
    return max(found, key=lambda header: (header.score, -header.line), default=None)


def _header(row: Row) -> Header | None:
    texts = {c: shown(clean(cell)) for c, cell in enumerate(row.cells) if isinstance(cell, str) and not blank(cell)}
    known = {c: _EXACT[plain] for c, text in texts.items() if (plain := _plain(text)) in _EXACT}
    of: dict[Meaning, tuple[int, ...]] = {}
    for column in sorted(known, key=lambda c: (known[c][1], c)):
        meaning = known[column][0]
        of[meaning] = (*of.get(meaning, ()), column)
    return Header(row.line, of, texts) if "day" in of and of.keys() & {"amount", "in", "out"} else None


def _plain(text: str) -> str:
    """Without spaces, brackets and what they hold, and the unit: "金额（元）" is 金额, "收(付)款人名称" 收款人名称."""
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]|\s", "", text).strip("*:").removesuffix("元")


BANK = Sought(find_header, tuple(SAYS.values())[:6])
"""What `read_table` reads a bank's file for."""
