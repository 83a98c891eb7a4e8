"""枫树小区, Changsha: set up in 1998, governing itself since 2018. The whole story of one compound."""

from datetime import date

from app.demo.fengshu_money import fengshu_money
from app.demo.fengshu_people import bodies, neighbours, seats, units, volunteers
from app.demo.fengshu_service import gift, service
from app.demo.shapes import Baseline, Community, Compound, Rule, Story

MAPLE_WOOD = Community("枫林社区", "长沙")
FENGSHU = Compound("fengshu", "枫树小区", "长沙", "0731-8555 0123", MAPLE_WOOD, date(2018, 3, 18))

_YEARS = (
    (2018, 23, 9, 61),
    (2019, 17, 7, 70),
    (2020, 14, 5, 78),
    (2021, 11, 4, 84),
    (2022, 8, 3, 89),
    (2023, 6, 2, 93),
    (2024, 4, 2, 95),
    (2025, 3, 1, 97),
)
"""Year, complaints a month, safety incidents in the year, fees paid on time in percent."""


def _baselines(today: date) -> tuple[Baseline, ...]:
    out: list[Baseline] = []
    for year, complaints, incidents, on_time in _YEARS:
        day = date(year, 12, 31)
        if day < today:
            out += (
                Baseline("complaints", day, complaints, "件/月", f"社区热线台账，{year}年月均"),
                Baseline("safety_incidents", day, incidents, "起/年", f"派出所和社区登记，{year}年"),
                Baseline("fee_on_time", day, on_time, "%", f"收费记录，{year}年按时缴费户"),
            )
    return tuple(out)


def fengshu(today: date) -> Story:
    homes = units()
    town = neighbours(today)
    owner_of: dict[str, str] = {}
    for ownership in town.ownerships:
        owner_of.setdefault(ownership.unit, ownership.person)
    books, decisions = fengshu_money(today, homes, owner_of)
    helpers_without_phone = [person.key for person in town.people if person.phone is None and person.key != "he"]
    activities, shifts = service(today, volunteers(town.people), helpers_without_phone)
    founded = FENGSHU.founded_on
    return Story(
        compound=FENGSHU,
        units=homes,
        people=town.people,
        ownerships=town.ownerships,
        residencies=town.residencies,
        bodies=bodies(),
        seats=seats(town.people, today),
        baselines=_baselines(today),
        rules=(
            Rule("answer_days", 5, "自治公约第 11 条", "2018年业主大会", founded),
            Rule("objection_days", 30, "自治公约第 10 条", "2018年业主大会", founded),
            Rule("check_in_minutes", 1440, "志愿服务队约定", "志愿服务队", founded),
            Rule("withdraw_hours", 24, "志愿服务队约定", "志愿服务队", founded),
        ),
        decisions=decisions,
        books=books,
        gifts=(gift(today, homes, town.people, owner_of, town.residencies),),
        activities=activities,
        shifts=shifts,
    )
