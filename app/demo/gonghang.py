"""工行小区, Lishi district, Lüliang: three buildings that elected a secretary, wrote an application, and watch their own
renovation.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from app.demo.balloting import ballots
from app.demo.bookkeeping import InterestLine, books, months_until, numbered, with_interest
from app.demo.dice import Dice
from app.demo.gonghang_people import (
    APPROVERS,
    CHECKER,
    TREASURER,
    bodies,
    care_links,
    home_visits,
    neighbours,
    pledges,
    seats,
    units,
    volunteers,
)
from app.demo.gonghang_works import projects
from app.demo.service_weeks import Series, shifts_of
from app.demo.shapes import (
    Activity,
    Baseline,
    Books,
    Community,
    Compound,
    DecidedBy,
    Decision,
    Method,
    MoneyLine,
    Paper,
    Rule,
    Story,
    Unit,
    Votes,
    Voucher,
)
from app.notices.periods import first_of_month

DICE = Dice("gonghang")
PROSPERITY = Community("兴隆社区", "吕梁")
MONTHS = 12
OPENING_FEN = 8_416_20

SERIES = (
    Series(
        Activity(
            "pressure",
            "special_groups",
            "给独居老人量血压",
            "各家各户",
            "两人一组，量血压、问用药、换灯泡。",
            "ren",
            "血压计、笔",
        ),
        days_after_today=1,
        starts=(9, 0),
        minutes=90,
        capacity=4,
        minimum=2,
    ),
    Series(
        Activity("yard", "beauty", "清扫院子", "旗杆下", "扫落叶、擦公示栏、清花池。", "ren", "手套"),
        days_after_today=3,
        starts=(8, 0),
        minutes=60,
        capacity=8,
        minimum=3,
    ),
    Series(
        Activity("homework", "needs", "辅导孩子作业", "议事厅阅览角", "小学作业，孩子由家长送来。", "ren"),
        days_after_today=5,
        starts=(14, 30),
        minutes=120,
        capacity=5,
    ),
    Series(
        Activity("watch", "civility", "晚间巡院", "西门", "提醒停车入位，看水阀、灯和充电棚。", "bai"),
        days_after_today=0,
        starts=(19, 30),
        minutes=60,
        capacity=3,
        minimum=2,
    ),
    Series(
        Activity("talk", "governance", "院坝会", "议事厅", "听意见，记下来，说清谁办、几天办。", "bai"),
        days_after_today=4,
        starts=(16, 0),
        minutes=90,
        capacity=12,
    ),
)

_TALKS = (
    (240, "车位怎么划", "划车位 31 个，先到先停，救护车位不占。", 17, 15),
    (219, "旧自行车清理", "贴通知两周，没人认领的由社区登记后处理。", 16, 16),
    (198, "楼道杂物", "限一周搬走，老人由志愿者帮忙。", 18, 16),
    (177, "暖气不热怎么办", "请供热站来人，逐户量温度，4 户换阀门。", 15, 15),
    (156, "物业费怎么收", "每平方米每月 0.3 元，按季收，收支每月贴出。", 19, 17),
    (135, "垃圾清运", "每天早晚各一次，由小区自己雇人。", 17, 17),
    (94, "施工时间", "早 8 点到晚 8 点，中午休息两小时。", 18, 18),
    (20, "1栋回填土怎么处理", "不重挖路面，施工方书面延长保修到 5 年。", 17, 14),
    (14, "充电多少钱一度", "每度电加服务费共 0.9 元，收入进公共收益。", 18, 15),
    (6, "3-1 单元路灯照窗", "加遮光板，晚 11 点后减半亮。", 15, 15),
    (2, "花圃种什么", "留 40 平方米种花，3 户认养。", 16, 13),
)
"""Days ago, title, what was settled, representatives present, in favour. They follow what the visits say."""


def _decisions(today: date, elected_on: date, homes: Sequence[Unit], owner_of: dict[str, str]) -> tuple[Decision, ...]:
    """The election, what the owners decided, and eleven meetings in the old boiler room."""
    rows: list[tuple[str, date, DecidedBy, str, str, Votes]] = [
        (
            "secretary",
            elected_on,
            "election",
            "选举党支部书记",
            "自荐和推荐 3 人，征求意见后居民投票，白秀兰当选。",
            Votes(108, 91, 78, 9),
        ),
        (
            "hall",
            elected_on + timedelta(days=52),
            "owners_three_quarters",
            "锅炉房改议事厅",
            "停用锅炉房改成议事厅和居民服务站。",
            ballots(DICE, "hall", homes, owner_of, 88, 95),
        ),
        (
            "apply",
            today - timedelta(days=214),
            "owners",
            "申请老旧小区改造",
            "管网、充电棚、路灯、绿地和防水，一起申请。",
            ballots(DICE, "apply", homes, owner_of, 90, 97),
        ),
    ]
    for n, (days_ago, title, what, part, yes) in enumerate(_TALKS, 1):
        on = today - timedelta(days=days_ago)
        rows.append((f"talk{n}", on, "council", title, what, Votes(19, part, yes, 1 if yes < part else 0)))
    rows.sort(key=lambda row: row[1])
    given: dict[int, int] = {}
    out = []
    for key, on, by, title, what, votes in rows:
        given[on.year] = given.get(on.year, 0) + 1
        paper = Voucher("minutes", f"GH-{on.year}-{given[on.year]:02}", on, None, (today - on).days < 60, released=True)
        out.append(Decision(key, f"{on.year}年第{given[on.year]}号", on, by, title, what, votes, paper))
    return tuple(out)


def _books(today: date) -> Books:
    """Twelve months of a small compound: parking, charging and scrap pay for rubbish, lamps and paper."""
    lines: list[MoneyLine] = []

    def add(
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
    ) -> None:
        if on > today:
            return
        key = f"{category}-{on}-{len(lines)}"
        days_ago = (today - on).days
        voucher = Voucher(paper, "", on, fen, days_ago <= 20, released=days_ago > 4)
        approver = DICE.one(f"approver {key}", APPROVERS)
        lines.append(
            MoneyLine(
                key,
                on,
                income,
                category,
                says,
                counterparty,
                method,
                fen,
                (voucher,),
                TREASURER,
                CHECKER,
                approver,
                decision=decision,
            )
        )

    months = months_until(today, MONTHS)
    for n, first in enumerate(months):
        before = first_of_month(first, -1).month
        spaces = 26 + DICE.between(f"spaces {n}", 0, 4)
        add(
            first.replace(day=4),
            "parking",
            f"{before}月停车费，{spaces} 个车位",
            "车主（按收费记录）",
            spaces * 60_00,
            "receipt",
            income=True,
            method="现金存行",
            decision="talk1" if n > MONTHS - 6 else "",
        )
        add(
            first.replace(day=9),
            "water_vending",
            f"{before}月售水机分成",
            "水獭净水服务部",
            DICE.between(f"water {n}", 620, 1180) * 10,
            "bank_slip",
            income=True,
        )
        add(first.replace(day=25), "rubbish", f"{first.month}月垃圾清运", "清运员 1 人", 1_100_00, "receipt")
        add(
            first.replace(day=17),
            "electricity",
            f"{first.month}月路灯电费",
            "供电所",
            DICE.between(f"power {n}", 1260, 2440) * 10,
            "bank_slip",
        )
        if n % 3 == 1:
            add(
                first.replace(day=13),
                "repairs",
                "楼道灯和开关更换",
                "萤火虫水电维修店",
                DICE.between(f"lamps {n}", 9, 24) * 10_00,
                "invoice",
            )
            add(
                first.replace(day=20),
                "office",
                "公示纸张、茶叶",
                "石榴办公用品店",
                DICE.between(f"paper {n}", 430, 980) * 10,
                "invoice",
            )
    add(
        today - timedelta(days=44),
        "scrap",
        "改造拆下的旧铁管变卖",
        "废品回收人",
        1_864_00,
        "receipt",
        income=True,
        method="现金存行",
    )
    ordered = with_interest(lines, OPENING_FEN, InterestLine(TREASURER, CHECKER, APPROVERS[0]))
    return books(numbered(ordered, "GH"), OPENING_FEN, months, today, TREASURER, APPROVERS)


def _baselines(today: date, elected_on: date) -> tuple[Baseline, ...]:
    """Before the election, a year on, and last month."""
    steps = (
        (elected_on - timedelta(days=30), 14, 4, 52),
        (elected_on + timedelta(days=365), 6, 2, 88),
        (today - timedelta(days=25), 2, 0, 98),
    )
    out: list[Baseline] = []
    for day, complaints, incidents, on_time in steps:
        out += (
            Baseline("complaints", day, complaints, "件/月", "社区热线台账"),
            Baseline("safety_incidents", day, incidents, "起/年", "网格员登记"),
            Baseline("fee_on_time", day, on_time, "%", "物业费收费记录"),
        )
    return tuple(out)


def gonghang(today: date) -> Story:
    elected_on = today - timedelta(days=640)
    compound = Compound("gonghang", "工行小区", "吕梁", "0358-8555 0456", PROSPERITY, elected_on - timedelta(days=60))
    homes, town = units(), neighbours(today)
    owner_of: dict[str, str] = {}
    for ownership in town.ownerships:
        owner_of.setdefault(ownership.unit, ownership.person)
    helpers_without_phone = [person.key for person in town.people if person.phone is None]
    shifts = shifts_of(
        SERIES, today, volunteers(town.people), helpers_without_phone, officer="ren", always={"pressure": "cui"}, dice=DICE
    )
    return Story(
        compound=compound,
        units=homes,
        people=town.people,
        ownerships=town.ownerships,
        residencies=town.residencies,
        bodies=bodies(),
        seats=seats(town.people, elected_on),
        care_links=care_links(elected_on),
        pledges=pledges(today),
        home_visits=home_visits(today),
        baselines=_baselines(today, elected_on),
        rules=(Rule("finding_days", 7, "监督委员会工作办法第 6 条", "物管会第一次会议", elected_on + timedelta(days=40)),),
        decisions=_decisions(today, elected_on, homes, owner_of),
        books=_books(today),
        activities=tuple(series.activity for series in SERIES),
        shifts=shifts,
        projects=projects(today),
    )
