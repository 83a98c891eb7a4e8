"""枫树小区: three years of public income, line by line, and the decisions that its larger lines rest on.

Firms are called after animals and plants. Amounts follow prices of a compound of 240 flats without a property firm: parking
carries the income, cleaning and the gate carry the expense, and one larger work a year is decided by the owners.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.demo.balloting import ballots
from app.demo.bookkeeping import InterestLine, books, months_until, numbered, with_interest
from app.demo.dice import Dice
from app.demo.shapes import (
    Books,
    Budget,
    Contract,
    DecidedBy,
    Decision,
    GiftItem,
    LineState,
    Method,
    MoneyLine,
    Objection,
    Paper,
    Unit,
    Votes,
    Voucher,
    at,
)
from app.notices.periods import first_of_month, last_of_month

DICE = Dice("fengshu money")
MONTHS = 36
OPENING_FEN = 61_284_30
"""On the eve of the first month."""

LIFT_FROM = 24
"""The month, counted from the oldest, from which the present rent of the lifts holds."""

GATE_LATE_DAYS = 92
"""What the barrier's advertising owed in the last quarter has not come."""

ENDS_WITHIN_DAYS = 60
"""The parcel lockers' contract runs out by then."""

PLANNED = (
    ("parking", 112_000_00),
    ("advertising", 24_000_00),
    ("parcel_lockers", 4_500_00),
    ("telecom_site", 6_000_00),
    ("rubbish", 50_400_00),
    ("watch", 28_800_00),
    ("electricity", 9_000_00),
    ("drains", 6_000_00),
    ("mosquitoes", 3_840_00),
    ("cameras", 4_000_00),
    ("office", 3_000_00),
    ("audit", 3_500_00),
)
"""The council's budget of a year; larger works are decided one by one."""

TREASURER, CHECKER, SUPERVISORS = "zhang", "tan", ("huang", "li", "shen")

PACKS = 240
GROCER, BAKER = "石榴粮油店", "芦苇食品店"
PACK = (
    GiftItem("粽子（真空装）", "盒", BAKER, 28_00),
    GiftItem("大米 10 斤", "袋", GROCER, 32_00),
    GiftItem("菜籽油 1.8 升", "桶", GROCER, 36_00),
)
GIFT_PAID_DAYS_AGO = (12, 10)


@dataclass(frozen=True)
class _Work:
    """A larger work: months before the running one in which it is paid, and what was paid when."""

    key: str
    category: str
    title: str
    what: str
    firm: str
    payments: tuple[tuple[int, int, str, int], ...]
    """(months before, day, what for, fen)"""
    three_quarters: bool = False

    @property
    def total_fen(self) -> int:
        return sum(payment[3] for payment in self.payments)


WORKS = (
    _Work(
        "shed",
        "repairs",
        "建充电棚",
        "3栋东侧空地建充电棚一座，改变共有场地用途。",
        "骆驼市政工程队",
        ((30, 11, "充电棚首付款", 9_800_00), (29, 22, "充电棚尾款", 14_700_00)),
        True,
    ),
    _Work(
        "cameras",
        "cameras",
        "更换监控",
        "全小区监控换成高清，共 26 路，录像存 30 天。",
        "猫头鹰安防服务部",
        ((22, 9, "监控更换首付款", 11_000_00), (21, 18, "监控更换尾款", 25_800_00)),
    ),
    _Work(
        "wall",
        "repairs",
        "2栋外墙防水",
        "2栋北墙渗水，做外墙防水并换雨落管。",
        "蜗牛防水施工队",
        ((13, 16, "2栋外墙防水工程款", 12_600_00),),
    ),
    _Work(
        "gate",
        "gate",
        "更换道闸",
        "南门道闸换成车牌识别，外来车按时收费。",
        "犀牛门禁服务部",
        ((5, 8, "道闸更换首付款", 9_000_00), (4, 15, "道闸更换进度款", 10_000_00), (2, 28, "道闸更换尾款", 9_600_00)),
    ),
    _Work(
        "drains",
        "drains",
        "5栋下水主管改造",
        "5栋四个单元下水主管换大一号，根治返水。",
        "穿山甲管道服务部",
        ((8, 12, "5栋下水主管改造款", 15_800_00),),
    ),
)


def _hands(key: str) -> tuple[str, str, str]:
    return TREASURER, CHECKER, DICE.one(f"approver {key}", SUPERVISORS)


class _Ledger:
    def __init__(self, today: date) -> None:
        self.today = today
        self.lines: list[MoneyLine] = []

    def add(
        self,
        on: date,
        category: str,
        says: str,
        counterparty: str,
        fen: int,
        paper: Paper,
        *,
        income: bool = False,
        method: Method = "银行转账",
        decision: str = "",
        contract: str = "",
        rent_of: str = "",
        state: LineState = "posted",
        photographed: bool | None = None,
    ) -> None:
        """Lines of days to come are dropped; papers of the last five weeks are photographed, older ones lie in a folder."""
        if on > self.today:
            return
        key = f"{category}-{on}-{len(self.lines)}"
        days_ago = (self.today - on).days
        fresh = days_ago <= 35 if photographed is None else photographed
        vouchers = [Voucher(paper, "", on, fen, fresh, released=days_ago > 4)]
        if contract and fresh:
            vouchers.append(Voucher("contract", "", on, fen, photographed=True, released=days_ago > 4))
        self.lines.append(
            MoneyLine(
                key,
                on,
                income,
                category,
                says,
                counterparty,
                method,
                fen,
                tuple(vouchers),
                *_hands(key),
                state=state,
                decision=decision,
                contract=contract,
                rent_of=rent_of,
            )
        )


def _income(ledger: _Ledger, first: date, n: int) -> None:
    """`n` counts months from the oldest."""
    before = first_of_month(first, -1)
    spaces = 74 + n * 6 // 10 + DICE.between(f"spaces {n}", -2, 2)
    ledger.add(
        first.replace(day=5),
        "parking",
        f"{before.month}月地面停车月租，{spaces} 个车位",
        "月租车主（按收费记录）",
        spaces * 100_00,
        "bank_slip",
        income=True,
    )
    ledger.add(
        first.replace(day=6),
        "parking",
        f"{before.month}月临时停车",
        "临时停车车主",
        DICE.between(f"visitors {n}", 290, 470) * 5_00,
        "receipt",
        income=True,
        method="微信收款",
    )
    ledger.add(
        first.replace(day=8),
        "water_vending",
        f"{before.month}月售水机分成",
        "水獭净水服务部",
        DICE.between(f"water {n}", 1640, 2790) * 10,
        "bank_slip",
        income=True,
    )
    if n >= 8:
        ledger.add(
            first.replace(day=12),
            "ev_charging",
            f"{before.month}月充电桩分成",
            "松鼠充电服务部",
            (880_00 + (n - 8) * 31_00) + DICE.between(f"charging {n}", 0, 1799) * 10,
            "bank_slip",
            income=True,
        )
    if first.month % 3 == 0:
        quarter, since = first.month // 3, first.year - first.year % 2
        years = f"{since}年1月至{since + 1}年12月"
        ledger.add(
            first.replace(day=15),
            "advertising",
            f"电梯广告第{quarter}季",
            "山雀广告社",
            3_000_00 + 300_00 * (n // 12),
            "bank_slip",
            income=True,
            contract=years,
            rent_of="lift" if n >= LIFT_FROM else "",
        )
        if (ledger.today - first.replace(day=15)).days >= GATE_LATE_DAYS:
            ledger.add(
                first.replace(day=15),
                "advertising",
                f"道闸广告第{quarter}季",
                "山雀广告社",
                2_400_00,
                "bank_slip",
                income=True,
                contract=years,
                rent_of="gate",
            )
        ledger.add(
            first.replace(day=23),
            "scrap",
            "旧纸箱、旧铁变卖",
            "废品回收人",
            DICE.between(f"scrap {n}", 340, 930) * 20,
            "receipt",
            income=True,
            method="现金存行",
        )
    if first.month in (1, 7):
        half = "上" if first.month == 1 else "下"
        ledger.add(
            first.replace(day=10),
            "parcel_lockers",
            f"快递柜{half}半年场地费",
            "刺猬快递柜服务部",
            2_250_00,
            "bank_slip",
            income=True,
            contract=f"{first.year}年1月至{first.year}年12月",
            rent_of="lockers",
        )
    if first.month == 5:
        ledger.add(
            first.replace(day=20),
            "telecom_site",
            f"{first.year}年基站场地费",
            "白鹭通信服务部",
            6_000_00,
            "bank_slip",
            income=True,
            contract=f"{first.year}年5月至{first.year + 1}年4月",
            rent_of="telecom",
        )
    if DICE.percent(f"venue {n}", 55):
        what = DICE.one(f"venue for {n}", ("寿宴搭棚", "电器展卖", "旧物集市摊位", "体检进社区场地"))
        ledger.add(
            first.replace(day=DICE.between(f"venue day {n}", 9, 26)),
            "venue",
            f"场地租用，{what}",
            "临时租用人",
            DICE.between(f"venue fee {n}", 3, 10) * 50_00,
            "receipt",
            income=True,
            method="微信收款",
        )
    if n in (6, 17, 31):
        what, fen = {6: ("花坛护栏撞坏赔偿", 260_00), 17: ("路灯杆撞歪赔偿", 1_150_00), 31: ("道闸栏杆撞断赔偿", 800_00)}[n]
        ledger.add(first.replace(day=19), "damages", what, "肇事车主", fen, "receipt", income=True, method="微信收款")


def _expense(ledger: _Ledger, first: date, n: int) -> None:
    name = f"{first.month}月"
    ledger.add(
        first.replace(day=26),
        "rubbish",
        f"{name}保洁和清运",
        "灰喜鹊保洁服务部",
        3_600_00 + 200_00 * (first.year - first_of_month(first, -n).year),
        "invoice",
        contract=f"{first.year}年1月至{first.year}年12月",
    )
    ledger.add(first.replace(day=27), "watch", f"{name}门岗值守补贴", "门岗值守员 3 人", 2_400_00, "receipt")
    ledger.add(
        first.replace(day=18),
        "electricity",
        f"{name}路灯和监控电费",
        "供电所",
        DICE.between(f"electricity {n}", 5410, 8690) * 10,
        "bank_slip",
    )
    ledger.add(
        first.replace(day=21),
        "office",
        f"{name}打印纸、电话费",
        "石榴办公用品店",
        DICE.between(f"office {n}", 860, 3420) * 10,
        "invoice",
    )
    if 5 <= first.month <= 10:
        ledger.add(first.replace(day=14), "mosquitoes", f"{name}灭蚊消杀", "蜻蜓消杀服务部", 640_00, "invoice")
    if first.month in (2, 5, 8, 11):
        building = DICE.between(f"drain building {n}", 1, 5)
        ledger.add(
            first.replace(day=13),
            "drains",
            f"{building}栋下水道疏通",
            "穿山甲管道服务部",
            DICE.between(f"drains {n}", 13, 24) * 100_00,
            "invoice",
        )
    if first.month in (4, 10):
        ledger.add(first.replace(day=17), "cameras", "监控保养半年费", "猫头鹰安防服务部", 1_800_00, "invoice")
    if first.month == 2:
        ledger.add(first.replace(day=24), "audit", f"{first.year - 1}年公共收益审计费", "天平鸟会计服务部", 3_500_00, "invoice")
    if DICE.percent(f"repair {n}", 50):
        what, fen = DICE.one(
            f"repair what {n}",
            (
                ("单元门闭门器更换", 380_00),
                ("楼道灯更换", 264_00),
                ("井盖更换 2 个", 560_00),
                ("健身器材焊接", 300_00),
                ("消防栓补件", 420_00),
            ),
        )
        ledger.add(first.replace(day=DICE.between(f"repair day {n}", 7, 24)), "repairs", what, "萤火虫水电维修店", fen, "invoice")


def _earlier_gifts(ledger: _Ledger, months: list[date]) -> Iterator[tuple[str, date, int]]:
    """Packs of earlier Junes, unless so recent that they would be this one: (key, paid on, fen)."""
    for first in months:
        on = first.replace(day=8)
        if first.month == 6 and (ledger.today - on).days > 200:
            fen = PACKS * (80_00 + 4_00 * (first.year - months[0].year))
            ledger.add(on, "gift", f"{first.year}年端午礼包 {PACKS} 份", GROCER, fen, "invoice", decision=f"gift{first.year}")
            yield f"gift{first.year}", on, fen


def _this_gift(ledger: _Ledger, today: date) -> None:
    rice_and_oil = PACKS * sum(item.cost_fen for item in PACK[1:])
    for days, says, firm, fen in (
        (GIFT_PAID_DAYS_AGO[0], f"端午礼包：大米、菜籽油各 {PACKS} 份", GROCER, rice_and_oil),
        (GIFT_PAID_DAYS_AGO[1], f"端午礼包：粽子 {PACKS} 盒", BAKER, PACKS * PACK[0].cost_fen),
    ):
        ledger.add(today - timedelta(days=days), "gift", says, firm, fen, "invoice", decision="gift")


def _unposted(ledger: _Ledger, today: date) -> None:
    """What waits for a supervisor, and what the treasurer has not finished."""
    ledger.add(
        today - timedelta(days=1),
        "repairs",
        "单元门锁更换 4 把",
        "萤火虫水电维修店",
        488_00,
        "invoice",
        state="waiting",
        photographed=True,
    )
    ledger.add(
        today - timedelta(days=1),
        "venue",
        "场地租用，旧物集市摊位",
        "临时租用人",
        300_00,
        "receipt",
        income=True,
        method="微信收款",
        state="waiting",
        photographed=True,
    )
    ledger.add(today, "office", "公示栏玻璃更换", "萤火虫水电维修店", 186_00, "receipt", state="draft", photographed=True)


def _contracts(months: list[date], today: date) -> tuple[Contract, ...]:
    """Each asks first for what the ledger pays first to it."""

    def first_of(since: date, days: dict[int, int]) -> date:
        first = next(month for month in months if month >= since and month.month in days)
        return first.replace(day=days[first.month])

    quarters, lift_from = dict.fromkeys((3, 6, 9, 12), 15), months[LIFT_FROM]
    may = first_of(months[0], {5: 1})
    ends = min(last_of_month(first_of_month(today, 1)), today + timedelta(days=ENDS_WITHIN_DAYS))
    return (
        Contract(
            "lift",
            "advertising",
            "电梯轿厢广告",
            "山雀广告社",
            lift_from,
            last_of_month(first_of_month(lift_from, 23)),
            3_600_00,
            "quarter",
            first_of(lift_from, quarters),
        ),
        Contract(
            "gate",
            "advertising",
            "道闸广告",
            "山雀广告社",
            months[0],
            last_of_month(first_of_month(today, 7)),
            2_400_00,
            "quarter",
            first_of(months[0], quarters),
        ),
        Contract(
            "lockers",
            "parcel_lockers",
            "快递柜场地",
            "刺猬快递柜服务部",
            months[0],
            ends,
            2_250_00,
            "half",
            first_of(months[0], {1: 10, 7: 10}),
        ),
        Contract(
            "telecom",
            "telecom_site",
            "楼顶通信基站场地",
            "白鹭通信服务部",
            may,
            last_of_month(first_of_month(may, 59)),
            6_000_00,
            "year",
            may.replace(day=20),
        ),
    )


_Found = tuple[str, date, DecidedBy, str, str, int, int]
"""Key, day, by whom, title, what, ballots returned and in favour in percent."""


def fengshu_money(today: date, units: tuple[Unit, ...], owner_of: dict[str, str]) -> tuple[Books, tuple[Decision, ...]]:
    """The books and every decision they name. `owner_of`: unit key → the first owner's key."""
    months = months_until(today, MONTHS)
    ledger = _Ledger(today)
    found: list[_Found] = []
    for n, first in enumerate(months):
        _income(ledger, first, n)
        _expense(ledger, first, n)
    for work in WORKS:
        for ago, day, says, fen in work.payments:
            on = first_of_month(today, -ago).replace(day=day)
            recent = (today - on).days <= 100
            ledger.add(on, work.category, says, work.firm, fen, "invoice", decision=work.key, photographed=recent)
        decided = first_of_month(today, -work.payments[0][0] - 1).replace(day=16)
        by: DecidedBy = "owners_three_quarters" if work.three_quarters else "owners"
        what = f"{work.what}费用 {work.total_fen // 100:,} 元以内，从公共收益列支。"
        found.append(
            (work.key, decided, by, work.title, what, 84 if work.three_quarters else 77, 93 if work.three_quarters else 88)
        )
    for key, on, fen in list(_earlier_gifts(ledger, months)):
        title = f"{on.year}年端午礼包方案"
        what = f"从公共收益结余中拿出 {fen // 100:,} 元，每户一份，{PACKS} 户。"
        found.append((key, on - timedelta(days=31), "owners", title, what, 79, 90))
    each = sum(item.cost_fen for item in PACK)
    what = f"从公共收益结余中拿出 {each * PACKS // 100:,} 元，{PACKS} 户每户一份，每份 {each // 100} 元。不按面积，按户平分。"
    found.append(("gift", today - timedelta(days=41), "owners", "端午礼包方案", what, 81, 92))
    what = "从公共收益结余中出：每户一盒重阳糕，70岁以上老人每人另给 200 元。老人名单由居委会核对。"
    found.append(("elders", today - timedelta(days=9), "owners", "重阳节慰问方案", what, 78, 93))
    _this_gift(ledger, today)
    _unposted(ledger, today)
    decisions = _decisions(found, units, owner_of, today)
    lines = numbered(with_interest(ledger.lines, OPENING_FEN, InterestLine(*_hands("interest"))), "FS")
    kept = books(lines, OPENING_FEN, months, today, TREASURER, SUPERVISORS, lambda published: _objections(published, owner_of))
    decided_on = next(decision.decided_on for decision in decisions if decision.key == "budget")
    budget = Budget(today.year, "budget", max(decided_on + timedelta(days=3), date(today.year, 1, 1)), PLANNED)
    return replace(kept, contracts=_contracts(months, today), budget=budget), decisions


def _decisions(found: list[_Found], units: tuple[Unit, ...], owner_of: dict[str, str], today: date) -> tuple[Decision, ...]:
    """Owners' decisions from the money, and what the council settled on its own, numbered in each year."""
    council = [
        (
            "budget",
            first_of_month(today, -10).replace(day=9),
            "公共收益年度预算",
            "保洁、门岗、电费、办公、消杀按预算列支。",
            21,
            20,
        ),
        (
            "parking",
            first_of_month(today, -19).replace(day=23),
            "地面停车收费办法",
            "月租 100 元。临时停车半小时内免费。",
            22,
            18,
        ),
        (
            "quiet",
            first_of_month(today, -3).replace(day=20),
            "广场舞时间约定",
            "早 7 点后、晚 9 点前，音量不超过 60 分贝。",
            19,
            17,
        ),
        ("bikes", today - timedelta(days=18), "楼道不停电动车", "电动车进充电棚，楼道发现一次提醒、两次公示。", 20, 19),
    ]
    rows = [
        (key, on, by, title, what, ballots(DICE, key, units, owner_of, back, yes))
        for key, on, by, title, what, back, yes in found
    ]
    rows += [(key, on, "council", title, what, Votes(23, part, yes, 1)) for key, on, title, what, part, yes in council]
    rows.sort(key=lambda row: (row[1], row[0]))
    given: dict[int, int] = {}
    out = []
    for key, on, by, title, what, votes in rows:
        given[on.year] = given.get(on.year, 0) + 1
        paper = Voucher("minutes", f"JY-{on.year}-{given[on.year]:02}", on, None, (today - on).days < 200, released=True)
        out.append(Decision(key, f"{on.year}年第{given[on.year]}号", on, by, title, what, votes, paper))
    return tuple(out)


def _objections(published: date, owner_of: dict[str, str]) -> tuple[Objection, ...]:
    """Two answered, one waiting."""

    def later(days: int, hour: int, minute: int) -> datetime:
        return at(published + timedelta(days=days), hour, minute)

    return (
        Objection(
            owner_of["1-2-401"],
            later(1, 9, 12),
            "保洁费比去年多了 200 元，为什么？",
            "zhang",
            later(2, 16, 40),
            "今年起增加周末清运一次，合同第 5 条写明。合同已附在票据里。",
        ),
        Objection(
            owner_of["5-2-302"],
            later(2, 20, 5),
            "临时停车的钱是谁收的，怎么核对？",
            "liu",
            later(4, 10, 30),
            "扫码直接进对公账户。监督委员每月抽查三天，记录可到议事厅看。",
        ),
        Objection(owner_of["4-2-301"], later(5, 8, 15), "门岗补贴发给几个人？能不能写明？"),
    )
