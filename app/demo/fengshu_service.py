"""枫树小区: the Dragon-Boat gift, half of it collected, and the weekly service in its five kinds."""

from collections.abc import Sequence
from datetime import date, timedelta

from app.demo.dice import Dice
from app.demo.fengshu_money import PACK, SUPERVISORS
from app.demo.service_weeks import Series, shifts_of
from app.demo.shapes import Activity, Claim, ClaimWay, GiftPlan, Person, Residency, Shift, Stop, Unit, at

DICE = Dice("fengshu service")

STILL_TO_COLLECT = frozenset({"3-2-602", "1-1-101", "4-3-302", "5-3-202"})
"""The homes of people one can be in the demo: their gift waits."""

AT_THE_TABLE = ("liu", "tan", "wu", "zeng")


SERIES = (
    Series(
        Activity(
            "meal", "special_groups", "给独居老人送饭", "社区食堂门口", "每人送 3 户，都在小区里。保温箱由食堂准备。", "liu"
        ),
        days_after_today=2,
        starts=(10, 30),
        minutes=90,
        capacity=10,
    ),
    Series(
        Activity("sweep", "beauty", "楼道清扫", "3栋门口", "扫楼梯、擦扶手、清小广告。工具在门岗领。", "zeng"),
        days_after_today=1,
        starts=(8, 30),
        minutes=90,
        capacity=8,
    ),
    Series(
        Activity("cars", "civility", "文明停车劝导", "南门门岗", "傍晚高峰劝导停车入位，不与人争执。", "wu"),
        days_after_today=4,
        starts=(17, 30),
        minutes=90,
        capacity=4,
    ),
    Series(
        Activity("clinic", "needs", "便民服务日", "议事厅前空地", "量血压、理发、修小家电、教老人用手机。", "wu"),
        days_after_today=5,
        starts=(9, 0),
        minutes=180,
        capacity=12,
    ),
    Series(
        Activity("round", "governance", "楼栋走访听意见", "各楼栋门口", "两人一组走 12 户，听意见，记在本子上。", "tan"),
        days_after_today=0,
        starts=(15, 0),
        minutes=120,
        capacity=6,
    ),
)


def gift(
    today: date, units: Sequence[Unit], people: Sequence[Person], owner_of: dict[str, str], lived: Sequence[Residency]
) -> GiftPlan:
    """240 packs: the roll of a month ago, three days of handing out behind us, ten before us."""
    dwellings = [unit.key for unit in units if unit.kind == "dwelling"]
    claims = _claims(today, dwellings, people, owner_of, lived)
    kept = STILL_TO_COLLECT | {claim.unit for claim in claims if not claim.voided_at}
    at_home = [unit for unit in dwellings if unit not in kept]
    return GiftPlan(
        "gift",
        "端午礼包",
        "gift",
        PACK,
        tuple(dwellings),
        SUPERVISORS[:2],
        roll_on=today - timedelta(days=30),
        published_on=today - timedelta(days=22),
        objections_until_on=today - timedelta(days=15),
        claims_from_on=today - timedelta(days=3),
        claims_until_on=today + timedelta(days=10),
        late_until_on=today + timedelta(days=100),
        place="议事厅一楼",
        hours="上午 9:00 至 11:30，下午 2:30 至 5:30",
        bring="身份证或房产证",
        claims=claims,
        stops=(
            Stop(at_home[0], "腿脚不便，下不了楼", "zhou"),
            Stop(at_home[1], "刚做完手术，在家休养", "zhou"),
            Stop(at_home[2], "照看卧床的老人，走不开"),
        ),
        in_line=(at_home[3], at_home[4], "3-2-602", at_home[5]),
    )


def _claims(
    today: date, dwellings: list[str], people: Sequence[Person], owner_of: dict[str, str], lived: Sequence[Residency]
) -> tuple[Claim, ...]:
    """Half of the homes came; one in seven was fetched by somebody else; one claim was entered for the wrong door and taken
    back.
    """
    by_key = {person.key: person for person in people}
    families = {home.unit: home.person for home in lived if home.relation == "家人"}
    came = DICE.some("who came", [unit for unit in dwellings if unit not in STILL_TO_COLLECT], len(dwellings) // 2)
    out = []
    for n, unit in enumerate(came):
        day, place_in_queue = today - timedelta(days=3 - n * 3 // len(came)), n % (len(came) // 3)
        minutes = place_in_queue * 4
        moment = at(day, 9, 0) + timedelta(minutes=minutes if minutes < 150 else minutes + 180)
        owner = by_key[owner_of[unit]]
        agent = relation = ""
        if unit in families and DICE.percent(f"child came {unit}", 50):
            agent, relation = by_key[families[unit]].name, "子女"
        elif owner.phone is None and DICE.percent(f"helper came {unit}", 60):
            agent, relation = by_key[owner_of[DICE.one(f"helper {unit}", came)]].name, "邻居"
        out.append(
            Claim(
                f"claim-{unit}",
                unit,
                owner.key,
                moment,
                _way(unit, owner),
                DICE.one(f"table {unit}", AT_THE_TABLE),
                agent,
                relation,
            )
        )
    wrong = next(unit for unit in dwellings if unit not in came and unit not in STILL_TO_COLLECT)
    moment = at(today - timedelta(days=2), 10, 47)
    out.append(
        Claim(
            f"claim-wrong-{wrong}",
            wrong,
            owner_of[wrong],
            moment,
            "ticked",
            "zeng",
            voided_by="huang",
            voided_at=moment + timedelta(minutes=6),
            voided_because="登记错了门牌，本户没有来领。",
        )
    )
    return tuple(sorted(out, key=lambda claim: (claim.claimed_at, claim.key)))


def _way(unit: str, owner: Person) -> ClaimWay:
    if owner.phone is None:
        return DICE.one(f"way {unit}", ("paper", "witnessed"))
    return DICE.one(f"way {unit}", ("signed", "signed", "signed", "ticked", "paper"))


def service(today: date, volunteers: Sequence[str], no_phone: Sequence[str]) -> tuple[tuple[Activity, ...], tuple[Shift, ...]]:
    """Eight weeks behind and three ahead; tomorrow's sweeping has 周美兰's name on it, and somebody without a phone was
    signed up.
    """
    shifts = shifts_of(SERIES, today, volunteers, no_phone, officer="wu", always={"sweep": "zhou"}, dice=DICE)
    return tuple(series.activity for series in SERIES), shifts
