"""枫树小区: 5 buildings × 4 entrances × 6 floors × 2 = 240 dwellings, 12 shops, 10 garages; who owns them and who lives there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.demo.dice import Dice
from app.demo.names import names, phone
from app.demo.shapes import Body, Ownership, Person, Residency, Seat, Unit

DICE = Dice("fengshu people")

# Registered area in 0.01 m² of the left and the right flat, one pair for each entrance; the same on all six floors.
AREAS = {
    1: ((5230, 5872), (6345, 6345), (6345, 6718), (5872, 5230)),
    2: ((6718, 7190), (7684, 7684), (7684, 7190), (6718, 6718)),
    3: ((8236, 7684), (8850, 8236), (8236, 8850), (7684, 7684)),
    4: ((9275, 8850), (9740, 9275), (9275, 9740), (8850, 8236)),
    5: ((10526, 9740), (11860, 10526), (9740, 10526), (9275, 8236)),
}

SHOPS = (
    ("米粉店", 3860),
    ("理发店", 2415),
    ("粮油店", 4520),
    ("水果店", 3180),
    ("药房", 5640),
    ("早点铺", 2230),
    ("裁缝铺", 1985),
    ("五金店", 3370),
    ("文具店", 2740),
    ("洗衣店", 2890),
    ("茶馆", 6215),
    ("修车铺", 2650),
)


@dataclass(frozen=True)
class Known:
    """Somebody with a part in the story: where they own and live, and what the census says."""

    key: str
    name: str
    home: str
    """The unit they own and live in; "" for people of the community office."""
    age: str = "parent"
    has_phone: bool = True
    occupation: str = ""
    skills: str = ""
    party_member: bool = False


KNOWN = (
    Known("zhou", "周美兰", "3-2-602", occupation="退休教师", skills="书法、讲故事"),
    Known("chen", "陈国强", "3-2-602", occupation="退休司机", skills="开车、修自行车"),
    Known("he", "何桂珍", "1-1-101", age="elder", has_phone=False, occupation="退休纺织工"),
    Known("peng", "彭晓琴", "4-3-302", age="younger", occupation="护士", skills="量血压、急救"),
    Known("liu", "刘建国", "4-2-402", age="elder", occupation="退休干部", skills="主持会议", party_member=True),
    Known("tan", "谭桂香", "1-2-302", age="elder", occupation="退休厂医", skills="调解", party_member=True),
    Known("zhang", "张惠芳", "2-1-301", age="elder", occupation="退休会计", skills="记账、表格"),
    Known("wu", "吴秀英", "5-3-202", occupation="退休社工", skills="组织活动、跳舞", party_member=True),
    Known("zeng", "曾伟民", "2-3-502", occupation="水电工", skills="水电维修"),
    Known("huang", "黄志远", "1-3-502", age="elder", occupation="退休审计员", skills="看账", party_member=True),
    Known("li", "李凤英", "5-1-201", age="elder", occupation="退休出纳", skills="看账、种花"),
    Known("shen", "沈文彬", "2-4-601", occupation="工程监理", skills="看图纸、验收", party_member=True),
    Known("luo", "罗敏", "", age="younger", occupation="网格员"),
    Known("jiang", "蒋雅", "", age="younger", occupation="社区干部"),
)

GROUP_LEADERS = {1: "huang", 2: "shen", 3: "g3", 4: "liu", 5: "wu"}

TWO_HOMES = {
    "1-4-101": "2-1-301",
    "1-4-102": "4-2-402",
    "1-1-502": "5-1-201",
    "2-2-101": "5-2-301",
    "2-3-102": "5-2-502",
    "1-2-101": "4-1-401",
    "3-1-101": "5-4-302",
    "1-3-602": "3-3-401",
    "2-4-102": "5-1-602",
    "1-1-602": "4-4-301",
}
"""A second home and the unit where its owner lives."""

HEIRS = ("3-4-501", "2-2-402", "4-1-102")
"""Homes inherited by three children in thirds."""

OCCUPATIONS = (
    "教师",
    "司机",
    "厨师",
    "会计",
    "护士",
    "电工",
    "水工",
    "木工",
    "售货员",
    "保安",
    "快递员",
    "程序员",
    "退休工人",
    "退休工人",
    "退休教师",
    "个体户",
    "公交司机",
    "质检员",
    "仓管员",
    "设计师",
    "社工",
    "保洁员",
    "退休干部",
    "自由职业",
)
INTERESTS = ("书法", "太极拳", "广场舞", "种花", "下象棋", "摄影", "钓鱼", "合唱", "手工", "羽毛球", "读书", "剪纸")
SKILLS = ("水电维修", "理发", "量血压", "修自行车", "写春联", "教手机", "做饭", "摄影", "修剪花木", "辅导作业", "开车", "缝补")


def units() -> tuple[Unit, ...]:
    dwellings = tuple(
        Unit(f"{building}-{entrance}-{floor}0{side}", f"{building}栋", f"{entrance}单元", f"{floor}0{side}", "dwelling", area)
        for building, entrances in AREAS.items()
        for entrance, pair in enumerate(entrances, 1)
        for floor in range(1, 7)
        for side, area in enumerate(pair, 1)
    )
    shops = tuple(Unit(f"商铺-{n:02}", "商铺", "沿街", f"{n:02}", "shop", area) for n, (_what, area) in enumerate(SHOPS, 1))
    garages = tuple(
        Unit(f"车库-{n:02}", "车库", "北侧", f"{n:02}", "garage", 1480 + 35 * DICE.between(f"garage {n}", 0, 18))
        for n in range(1, 11)
    )
    return dwellings + shops + garages


@dataclass(frozen=True)
class Neighbours:
    people: tuple[Person, ...]
    ownerships: tuple[Ownership, ...]
    residencies: tuple[Residency, ...]


class _Registry:
    """Gives everybody a name, a number and a key while the houses fill."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.ownerships: list[Ownership] = []
        self.residencies: list[Residency] = []
        self.fresh: Iterator[tuple[str, str]] = names("fengshu", frozenset(known.name for known in KNOWN))

    def add(self, key: str, name: str, *, has_phone: bool, occupation: str, skills: str = "", party_member: bool = False) -> str:
        number = phone(11 + 3 * len(self.people)) if has_phone else None
        interests = "、".join(DICE.some(f"interests {key}", INTERESTS, DICE.between(f"how many interests {key}", 0, 2)))
        self.people.append(Person(key, name, number, occupation, interests, skills, party_member))
        return key

    def stranger(self, key: str, *, grown: bool = False) -> str:
        name, age = next(self.fresh)
        elder = age == "elder" and not grown
        return self.add(
            key,
            name,
            has_phone=not elder or DICE.percent(f"no phone {key}", 55),
            occupation="退休" if elder else DICE.one(f"occupation {key}", OCCUPATIONS),
            skills=DICE.one(f"skill {key}", SKILLS) if DICE.percent(f"skilled {key}", 30) else "",
            party_member=DICE.percent(f"party {key}", 9),
        )

    def own(self, unit: str, owners: list[str], since: date) -> None:
        self.ownerships.extend(Ownership(unit, person, 1, len(owners), since) for person in owners)

    def live(self, unit: str, person: str, relation: str, since: date) -> None:
        self.residencies.append(Residency(unit, person, relation in ("租户", "商户"), relation, since))


def neighbours(today: date) -> Neighbours:
    """Everybody, with the homes in order: a home is owned by one person, by a couple, or by heirs; some live elsewhere and
    let it.
    """
    town = _Registry()
    for known in KNOWN:
        town.add(
            known.key,
            known.name,
            has_phone=known.has_phone,
            occupation=known.occupation,
            skills=known.skills,
            party_member=known.party_member,
        )
    known_at: dict[str, list[str]] = {}
    for known in KNOWN:
        if known.home:
            known_at.setdefault(known.home, []).append(known.key)
    all_units = units()
    owners: dict[str, list[str]] = {}
    for unit in all_units:
        if unit.kind != "dwelling" or unit.key in TWO_HOMES:
            continue
        owners[unit.key] = _owners(town, unit.key, known_at.get(unit.key, []))
    for second, first in TWO_HOMES.items():
        owners[second] = owners[first][:1]
    for unit in all_units:
        if unit.kind == "dwelling":
            _settle(town, unit.key, owners[unit.key], today)
    _merchants(town, [unit for unit in all_units if unit.kind == "shop"], owners, today)
    for n, unit in enumerate(unit for unit in all_units if unit.kind == "garage"):
        holder = owners[DICE.some("garage holders", [key for key in owners if key[0] in "345"], 10)[n]][0]
        town.own(unit.key, [holder], date(2009, 4, 1 + n))
    return Neighbours(tuple(town.people), tuple(town.ownerships), tuple(town.residencies))


def _owners(town: _Registry, unit: str, known: list[str]) -> list[str]:
    if len(known) > 1:
        return known
    first = known[0] if known else town.stranger("g3" if unit == "3-3-201" else f"o{unit}")
    if unit in HEIRS:
        return [first, town.stranger(f"h{unit}", grown=True), town.stranger(f"i{unit}", grown=True)]
    if unit != "1-1-101" and DICE.percent(f"couple {unit}", 42):
        return [first, town.stranger(f"s{unit}")]
    return [first]


def _settle(town: _Registry, unit: str, owners: list[str], today: date) -> None:
    at_home = unit in {known.home for known in KNOWN}
    since = date(
        DICE.between(f"since {unit}", 1998, 2009 if at_home else today.year - 2), DICE.between(f"month {unit}", 1, 12), 15
    )
    town.own(unit, owners, since)
    lives_here = unit not in TWO_HOMES and not DICE.percent(f"let {unit}", 11)
    if at_home or unit == "3-3-201" or lives_here:
        town.live(unit, owners[0], "本人", since)
        for spouse in owners[1:2]:
            town.live(unit, spouse, "共有人", since)
        if DICE.percent(f"child {unit}", 18):
            town.live(unit, town.stranger(f"c{unit}", grown=True), "家人", since)
        return
    moved = date(today.year - DICE.between(f"tenant years {unit}", 1, 4), DICE.between(f"tenant month {unit}", 1, 12), 1)
    town.live(unit, town.stranger(f"t{unit}", grown=True), "租户", moved)


def _merchants(town: _Registry, shops: list[Unit], owners: dict[str, list[str]], today: date) -> None:
    landlords = DICE.some("landlords", [key for key in owners if key.endswith("01")], len(shops))
    for n, unit in enumerate(shops):
        what, _area = SHOPS[n]
        name, _age = next(town.fresh)
        merchant = town.add(f"m{n + 1}", name, has_phone=True, occupation=f"{what}店主")
        since = date(today.year - DICE.between(f"shop years {n}", 2, 9), DICE.between(f"shop month {n}", 1, 12), 1)
        if n % 3 == 0:
            town.own(unit.key, [merchant], since)
        else:
            town.own(unit.key, owners[landlords[n]][:1], date(2003, 9, 1 + n))
        town.live(unit.key, merchant, "商户", since)


def bodies() -> tuple[Body, ...]:
    groups = tuple(Body(f"group{n}", "building_group", f"{n}栋楼栋小组") for n in AREAS)
    return (
        Body("branch", "party_branch", "枫树小区党支部"),
        *groups,
        Body("committee", "management", "自治管理委员会"),
        Body("supervision", "supervision", "监督委员会"),
        Body("volunteers", "volunteers", "枫叶志愿服务队"),
        Body("office", "community_office", "枫林社区居委会"),
    )


def seats(people: tuple[Person, ...], today: date) -> tuple[Seat, ...]:
    """Five members and three supervisors, as the neighbourhood elected them; every third year they are elected again."""
    years = (today.year - 2018) - (today.year - 2018) % 3
    term = date(2018 + years, 3, 18)
    if term > today:
        term = date(term.year - 3, 3, 18)
    until = date(term.year + 3, 3, 17)
    elected = f"{term.year}年3月业主选举"

    def seat(key: str, body: str, person: str, kind: str, title: str, basis: str = elected, to_on: date | None = until) -> Seat:
        return Seat(key, body, person, kind, title, basis, term, to_on)

    committee = (
        seat("director", "committee", "liu", "director", "主任"),
        seat("deputy", "committee", "tan", "deputy", "副主任"),
        seat("treasurer", "committee", "zhang", "treasurer", "委员（财务）"),
        seat("member1", "committee", "wu", "member", "委员（志愿服务）"),
        seat("member2", "committee", "zeng", "member", "委员（设施维修）"),
        seat("supervisor1", "supervision", "huang", "supervisor", "监督委员（召集人）"),
        seat("supervisor2", "supervision", "li", "supervisor", "监督委员"),
        seat("supervisor3", "supervision", "shen", "supervisor", "监督委员"),
    )
    others = (
        seat("secretary", "branch", "tan", "secretary", "支部书记", f"{term.year}年支部党员大会"),
        *(
            seat(f"leader{n}", f"group{n}", person, "group_leader", f"{n}栋楼栋长", f"{term.year}年楼栋推选")
            for n, person in GROUP_LEADERS.items()
        ),
        seat("coordinator", "volunteers", "wu", "coordinator", "队长", "志愿服务队推选", None),
        seat("grid", "office", "luo", "registrar", "网格员", "社区委派", None),
        seat("officer", "office", "jiang", "community_officer", "包片干部", "社区委派", None),
    )
    team = tuple(
        seat(f"volunteer{n}", "volunteers", person, "volunteer", "队员", "本人报名", None)
        for n, person in enumerate(volunteers(people), 1)
    )
    return committee + others + team


def volunteers(people: tuple[Person, ...]) -> tuple[str, ...]:
    """Twenty-eight who answered the census with something they like to do; 周美兰 is one of them."""
    willing = [
        person.key for person in people if person.skills and person.phone and person.key not in ("luo", "jiang", "zhou", "wu")
    ]
    return ("zhou", *DICE.some("volunteers", willing, 27))
