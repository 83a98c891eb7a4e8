"""The integrators' sandbox: twelve homes, something in every room, and a key that everybody knows.

The key is worth nothing: it belongs to the demo's database only, which is served on the loopback address and refused on a
public one.
"""

from datetime import date, timedelta

from app.demo.bookkeeping import InterestLine, books, months_until, numbered, with_interest
from app.demo.fengshu import MAPLE_WOOD
from app.demo.names import names, phone
from app.demo.shapes import (
    Activity,
    Body,
    Books,
    Compound,
    Finding,
    MoneyLine,
    Ownership,
    Paper,
    Person,
    Phase,
    Photo,
    Project,
    Residency,
    Seat,
    Shift,
    Signup,
    Story,
    Unit,
    Visit,
    Voucher,
    at,
)

SANDBOX_KEY = "gz_test_sandbox_for_the_demo_only_it_opens_nothing_else"
"""The API key of the sandbox. Demo only: never insert it into any other database."""

SANDBOX_SCOPES = (
    "volunteering:read",
    "volunteering:write",
    "renovation:read",
    "renovation:write",
    "treasury:read",
    "benefits:read",
    "notices:read",
)

_HANDS = ("p3", "p4", "p5")

_EVERY_MONTH: tuple[tuple[int, bool, str, str, str, int, Paper], ...] = (
    (5, True, "parking", "停车费", "车主", 600_00, "bank_slip"),
    (25, False, "rubbish", "垃圾清运", "清运员", 350_00, "receipt"),
)
"""Day of the month, whether income, category, text, counterparty, fen, paper."""


def sandbox(today: date) -> Story:
    """Person p1 lives at 1-1-101, p2 at 1-1-102 and so on; p2 coordinates, p3 keeps the books, p5 and p6 supervise, p7
    directs.
    """
    founded = today - timedelta(days=400)
    homes = tuple(
        Unit(f"1-1-{floor}0{side}", "1栋", "1单元", f"{floor}0{side}", "dwelling", area)
        for floor in range(1, 7)
        for side, area in ((1, 6000), (2, 8000))
    )
    fresh = names("sandbox")
    people = tuple(Person(f"p{n}", next(fresh)[0], phone(9000 + n)) for n in range(1, len(homes) + 1))
    owned = tuple(Ownership(unit.key, person.key, 1, 1, founded) for unit, person in zip(homes, people, strict=True))
    lived = tuple(Residency(unit.key, person.key, False, "本人", founded) for unit, person in zip(homes, people, strict=True))

    def seat(body: str, person: str, kind: str, title: str) -> Seat:
        return Seat(f"{kind}-{person}", body, person, kind, title, "对接演练", founded)

    return Story(
        compound=Compound("sandbox", "演练小区", "长沙", "0731-8555 0199", MAPLE_WOOD, founded),
        units=homes,
        people=people,
        ownerships=owned,
        residencies=lived,
        bodies=(
            Body("committee", "management", "自治管理委员会"),
            Body("supervision", "supervision", "监督委员会"),
            Body("volunteers", "volunteers", "志愿服务队"),
        ),
        seats=(
            seat("volunteers", "p2", "coordinator", "队长"),
            seat("committee", "p3", "treasurer", "财务"),
            seat("committee", "p4", "member", "委员"),
            seat("supervision", "p5", "supervisor", "监督委员"),
            seat("supervision", "p6", "supervisor", "监督委员"),
            seat("committee", "p7", "director", "主任"),
        ),
        books=_books(today),
        activities=(Activity("sweep", "beauty", "楼道清扫", "1单元门口", "扫楼梯、擦扶手。", "p2"),),
        shifts=tuple(_shift(today, week) for week in (1, 2)),
        projects=(_project(today),),
    )


def _shift(today: date, week: int) -> Shift:
    starts = at(today + timedelta(days=7 * week - 4), 9, 0)
    asked = at(today - timedelta(days=1), 10, week)
    signups = (Signup(f"sweep{week}-p8", "p8", "p8", asked, "confirmed"),)
    return Shift(f"sweep{week}", "sweep", starts, starts + timedelta(minutes=60), 5, signups)


def _books(today: date) -> Books:
    """Three months with two lines each: enough to read a statement."""
    months = months_until(today, 3)
    lines = []
    for first in months:
        for day, income, category, says, who, fen, paper in _EVERY_MONTH:
            on = first.replace(day=day)
            if on <= today:
                voucher = Voucher(paper, "", on, fen, (today - on).days <= 35, released=True)
                lines.append(MoneyLine(f"{category}-{on}", on, income, category, says, who, "银行转账", fen, (voucher,), *_HANDS))
    ordered = with_interest(lines, 1_000_00, InterestLine(*_HANDS))
    return books(numbered(ordered, "SB"), 1_000_00, months, today, "p3", ("p5", "p6"))


def _project(today: date) -> Project:
    def day(days_ago: int) -> date:
        return today - timedelta(days=days_ago)

    visited = at(day(9), 10, 0)
    photo = Photo("visit1-1", "cover", "sandbox visit", "井盖高出路面", visited)
    visit = Visit(
        "visit1",
        1,
        visited,
        ("p5", "p6"),
        "1单元门前",
        "晴",
        12,
        "井盖换新，路面修补完成。",
        "巡查，量了高差。",
        "井盖高出路面 2 厘米。",
        "无。",
        (photo,),
    )
    finding = Finding(
        "finding1",
        1,
        "visit1",
        "1单元门前井盖",
        "slight",
        "井盖高出路面 2 厘米。",
        "井盖应与路面齐平。",
        "降井圈。",
        day(-5),
        visited,
        ("p5", "p6"),
        (photo,),
    )
    return Project(
        "works",
        f"GC-{day(60).year}-01",
        "井盖和路面",
        "更换井盖 3 个，修补路面。",
        "骆驼市政工程队",
        "孟工",
        "19900008801",
        12_000_00,
        6_000_00,
        "公共收益",
        70,
        (Phase("do", "施工", day(30), day(-10), day(29), None, ""),),
        (visit,),
        (finding,),
        warranty="2 年",
    )
