"""Nouns: the chart of accounts. `fund_charts` has the template of every fund; public income's is here, where programs name it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.kit.i18n import mark
from app.kit.records import Record
from app.kit.refusals import Refusal
from app.kit.versions import version_of


class FundNotOpen(Refusal):
    says = mark("这种资金还没有开账。")


class NameTaken(Refusal):
    says = mark("这种资金里已经有叫这个名字的科目。")
    advice = mark("停用的，可以恢复。")


class AccountNotEmpty(Refusal):
    says = mark("这个科目还有余额，不能停用。")


class LastAccount(Refusal):
    says = mark("同类的只剩这一个，不能停用。")


class Fund(StrEnum):
    """Funds are kept apart (DOMAIN §4): one entry never mixes two."""

    PUBLIC_INCOME = "public_income"
    MAINTENANCE = "maintenance"
    PROPERTY_FEE = "property_fee"
    GRANT = "grant"
    DONATION = "donation"
    HELD = "held"


FUND_SAYS = {
    Fund.PUBLIC_INCOME: mark("公共收益"),
    Fund.MAINTENANCE: mark("维修资金"),
    Fund.PROPERTY_FEE: mark("物业费"),
    Fund.GRANT: mark("政府补助"),
    Fund.DONATION: mark("捐款"),
    Fund.HELD: mark("代管资金"),
}


class AccountKind(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class Use(StrEnum):
    """What the simple face offers an account for. `MONEY`: cash and bank, whose sum is the balance people see. `HELD`: what
    is kept for somebody else and owed to them.
    """

    MONEY = "money"
    INCOME = "income"
    EXPENSE = "expense"
    HELD = "held"
    INTERNAL = "internal"


class Code(StrEnum):
    """The template's accounts, by the name a program calls them."""

    CASH = "1001"
    BANK = "1002"
    STOCK = "1405"
    OWED = "2203"
    OPENING = "3001"
    PARKING = "4001"
    ADVERTISING = "4002"
    PARCEL_LOCKERS = "4003"
    VENUE = "4004"
    TELECOM_SITE = "4005"
    WATER_VENDING = "4006"
    EV_CHARGING = "4007"
    DAMAGES = "4008"
    INTEREST = "4009"
    SCRAP = "4010"
    OTHER_INCOME = "4099"
    CAMERAS = "5001"
    GATE = "5002"
    DRAINS = "5003"
    RUBBISH = "5004"
    MOSQUITOES = "5005"
    REPAIRS = "5006"
    ELECTRICITY = "5007"
    WATCH = "5008"
    OFFICE = "5009"
    AUDIT = "5010"
    BENEFITS = "5011"
    OTHER_EXPENSE = "5099"


CHART: dict[Code, tuple[str, AccountKind, Use]] = {
    Code.CASH: ("库存现金", AccountKind.ASSET, Use.MONEY),
    Code.BANK: ("银行存款", AccountKind.ASSET, Use.MONEY),
    Code.STOCK: ("库存礼品", AccountKind.ASSET, Use.EXPENSE),
    Code.OWED: ("应付福利", AccountKind.LIABILITY, Use.INTERNAL),
    Code.OPENING: ("期初结余", AccountKind.EQUITY, Use.INTERNAL),
    Code.PARKING: ("地面停车", AccountKind.INCOME, Use.INCOME),
    Code.ADVERTISING: ("电梯和道闸广告", AccountKind.INCOME, Use.INCOME),
    Code.PARCEL_LOCKERS: ("快递柜场地", AccountKind.INCOME, Use.INCOME),
    Code.VENUE: ("场地租用", AccountKind.INCOME, Use.INCOME),
    Code.TELECOM_SITE: ("通信基站场地", AccountKind.INCOME, Use.INCOME),
    Code.WATER_VENDING: ("售水机", AccountKind.INCOME, Use.INCOME),
    Code.EV_CHARGING: ("充电桩分成", AccountKind.INCOME, Use.INCOME),
    Code.DAMAGES: ("损坏赔偿", AccountKind.INCOME, Use.INCOME),
    Code.INTEREST: ("存款利息", AccountKind.INCOME, Use.INCOME),
    Code.SCRAP: ("废品变卖", AccountKind.INCOME, Use.INCOME),
    Code.OTHER_INCOME: ("其他收入", AccountKind.INCOME, Use.INCOME),
    Code.CAMERAS: ("监控", AccountKind.EXPENSE, Use.EXPENSE),
    Code.GATE: ("道闸和大门", AccountKind.EXPENSE, Use.EXPENSE),
    Code.DRAINS: ("下水道疏通", AccountKind.EXPENSE, Use.EXPENSE),
    Code.RUBBISH: ("保洁和清运", AccountKind.EXPENSE, Use.EXPENSE),
    Code.MOSQUITOES: ("灭蚊消杀", AccountKind.EXPENSE, Use.EXPENSE),
    Code.REPAIRS: ("公共维修", AccountKind.EXPENSE, Use.EXPENSE),
    Code.ELECTRICITY: ("公共用电", AccountKind.EXPENSE, Use.EXPENSE),
    Code.WATCH: ("门岗值守", AccountKind.EXPENSE, Use.EXPENSE),
    Code.OFFICE: ("办公", AccountKind.EXPENSE, Use.EXPENSE),
    Code.AUDIT: ("审计", AccountKind.EXPENSE, Use.EXPENSE),
    Code.BENEFITS: ("福利发放", AccountKind.EXPENSE, Use.EXPENSE),
    Code.OTHER_EXPENSE: ("其他支出", AccountKind.EXPENSE, Use.EXPENSE),
}
"""The template. Goods bought for a distribution are stock until they are handed out, and 福利发放 from then on."""


class LedgerAccount(Record, table=True):
    """科目. One that is retired is offered no more and keeps its history."""

    __tablename__ = "ledger_account"
    __table_args__ = (UniqueConstraint("compound_id", "code"),)

    code: str = Field(max_length=10)
    name: str = Field(max_length=60)
    kind: str = Field(max_length=10)
    fund: str = Field(max_length=20)
    use: str = Field(max_length=10)
    retired_at: datetime | None = None

    @property
    def version(self) -> int:
        return version_of(self.name, self.retired_at)

    @property
    def holds(self) -> bool:
        """Whether it has a balance that people count or owe, and not a sum of what came or went."""
        return self.kind in (AccountKind.ASSET, AccountKind.LIABILITY)
