"""The template of each fund: its own cash, bank and opening account, and the categories that it usually needs.

The second digit of a code is the fund's place in `Fund`: 4101 is the first income of the second fund.
"""

from app.treasury.chart_models import CHART, AccountKind, Code, Fund, Use

Named = tuple[str, str, AccountKind, Use]
"""(Code, name, kind, use)."""

KIND_OF = {
    Use.MONEY: AccountKind.ASSET,
    Use.HELD: AccountKind.LIABILITY,
    Use.INTERNAL: AccountKind.EQUITY,
    Use.INCOME: AccountKind.INCOME,
    Use.EXPENSE: AccountKind.EXPENSE,
}
FIRST_DIGIT = {
    AccountKind.ASSET: 1,
    AccountKind.LIABILITY: 2,
    AccountKind.EQUITY: 3,
    AccountKind.INCOME: 4,
    AccountKind.EXPENSE: 5,
}
BANK, OTHER = 2, 99
"""The bank's place among a fund's accounts; `OTHER` ends the code of whatever fits nowhere else, so that it stands last."""


def code_of(fund: Fund, kind: AccountKind, number: int) -> str:
    return f"{FIRST_DIGIT[kind]}{list(Fund).index(fund)}{number:02}"


def bank_of(fund: Fund) -> str:
    """The code of its account at the bank."""
    return code_of(fund, AccountKind.ASSET, BANK)


def opening_code(fund: Fund) -> str:
    """The code of the account against which its opening balances stand."""
    return code_of(fund, AccountKind.EQUITY, 1)


GIVING = (Fund.PUBLIC_INCOME, Fund.GRANT, Fund.DONATION)
"""What gifts may be paid from: the maintenance fund is bound to repairs (Civil Code art. 281), the property fee to its service,
and held money is somebody's."""

_GIFTS, _GIFT = (Code.STOCK, Code.OWED, Code.BENEFITS), 90
_PLACE = dict.fromkeys(_GIFTS, _GIFT) | {Code.CASH: 1, Code.BANK: BANK, Code.OTHER_INCOME: OTHER, Code.OTHER_EXPENSE: OTHER}
"""Where the accounts that gifts need stand in a fund that is not the public income."""


def code_in(fund: Fund, code: Code) -> str:
    """The account of one of `GIVING` that does there what `code` does in the public income: 1490 is the donations' 库存礼品."""
    return code if fund is Fund.PUBLIC_INCOME else code_of(fund, CHART[code][1], _PLACE[code])


GIFTS = frozenset(code_in(fund, code) for fund in GIVING for code in (Code.STOCK, Code.OWED))
"""What lies ready for units and what is owed to them: each thing that one of them is given changes both."""
OWED_TO_HOMES = frozenset(code_in(fund, Code.OWED) for fund in GIVING)
"""What each of them owes to units. An entry that begins with one of these ends such a debt, or lets it stand again."""


def _chart(fund: Fund, names: dict[Use, tuple[str, ...]], other: dict[Use, str], gifts: str = "") -> tuple[Named, ...]:
    """`gifts`: what the names of the accounts for gifts begin with, where the fund gives."""
    numbered = [(use, n, name) for use, these in names.items() for n, name in enumerate(these, 1)]
    numbered += [(use, OTHER, name) for use, name in other.items()]
    giving = [(code_in(fund, code), gifts + CHART[code][0], *CHART[code][1:]) for code in _GIFTS if gifts]
    return (*((code_of(fund, KIND_OF[use], n), name, KIND_OF[use], use) for use, n, name in numbered), *giving)


FUND_CHARTS: dict[Fund, tuple[Named, ...]] = {
    Fund.PUBLIC_INCOME: tuple((code.value, *named) for code, named in CHART.items()),
    Fund.MAINTENANCE: _chart(
        Fund.MAINTENANCE,
        {
            Use.MONEY: ("维修资金现金", "维修资金存款"),
            Use.INTERNAL: ("维修资金期初结余",),
            Use.INCOME: ("业主交存", "维修资金利息"),
            Use.EXPENSE: ("屋面防水", "电梯大修", "管道更新", "外墙和消防"),
        },
        {Use.INCOME: "维修资金其他收入", Use.EXPENSE: "维修资金其他支出"},
    ),
    Fund.PROPERTY_FEE: _chart(
        Fund.PROPERTY_FEE,
        {
            Use.MONEY: ("物业费现金", "物业费存款"),
            Use.INTERNAL: ("物业费期初结余",),
            Use.INCOME: ("物业费",),
            Use.EXPENSE: ("保洁", "门岗", "水电", "日常维修", "人员工资"),
        },
        {Use.INCOME: "物业服务其他收入", Use.EXPENSE: "物业服务其他支出"},
    ),
    Fund.GRANT: _chart(
        Fund.GRANT,
        {
            Use.MONEY: ("补助现金", "补助专户存款"),
            Use.INTERNAL: ("补助期初结余",),
            Use.INCOME: ("政府补助", "以奖代补"),
            Use.EXPENSE: ("补助改造工程", "补助活动开支"),
        },
        {Use.INCOME: "补助其他收入", Use.EXPENSE: "补助其他支出"},
        gifts="补助",
    ),
    Fund.DONATION: _chart(
        Fund.DONATION,
        {
            Use.MONEY: ("捐款现金", "捐款存款"),
            Use.INTERNAL: ("捐款期初结余",),
            Use.INCOME: ("居民捐款", "单位捐款"),
            Use.EXPENSE: ("帮困慰问", "捐款活动开支"),
        },
        {Use.INCOME: "捐款其他收入", Use.EXPENSE: "捐款其他支出"},
        gifts="捐款",
    ),
    Fund.HELD: _chart(
        Fund.HELD,
        {
            Use.MONEY: ("代管现金", "代管存款"),
            Use.INTERNAL: ("代管期初结余",),
            Use.HELD: ("装修押金", "代收水电费"),
        },
        {Use.HELD: "其他代收款"},
    ),
}
"""Held money has neither income nor expense: what comes in is owed to somebody."""
