"""工行小区: three buildings, nine entrances, nine member households; who leads, who watches, who promised what.

3 buildings × 3 entrances × 6 floors × 2 = 108 dwellings. Every entrance has one member household, which looks after the
other eleven.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.demo.dice import Dice
from app.demo.names import names, phone
from app.demo.shapes import Body, CareLink, HomeVisit, Ownership, Person, Photo, Pledge, Residency, Seat, Unit, at

DICE = Dice("gonghang people")

AREAS = {1: (6120, 7245), 2: (7245, 8530), 3: (8530, 9410)}
"""Registered area in 0.01 m² of the left and right flats of a building."""


@dataclass(frozen=True)
class Known:
    key: str
    name: str
    home: str
    occupation: str
    interests: str = ""
    skills: str = ""
    party_member: bool = False
    has_phone: bool = True


KNOWN = (
    Known("bai", "白秀兰", "1-1-202", "退休银行职员", "读书", "主持会议、写材料", True),
    Known("xue", "薛海生", "1-2-301", "退休工人", "象棋", "修锁", True),
    Known("yan", "闫翠平", "1-3-102", "小学教师", "书法", "辅导作业", True),
    Known("gao", "高玉堂", "2-1-402", "退休干部", "养花", "调解", True),
    Known("ren", "任秋霞", "2-2-201", "护士", "跳舞", "量血压", True),
    Known("feng", "冯守义", "2-3-302", "退伍军人", "太极拳", "巡逻、急救", True),
    Known("he", "贺桂芳", "3-1-101", "退休会计", "合唱", "记账", True),
    Known("liang", "梁建中", "3-2-502", "电工", "钓鱼", "水电维修", True),
    Known("cui", "崔红叶", "3-3-202", "社区医生", "剪纸", "义诊", True),
    Known("chen", "陈德厚", "2-1-501", "退休工程师", "摄影", "看图纸、量尺寸"),
    Known("lirun", "李润生", "1-2-402", "退休施工员", "散步", "看管道、验收", True),
    Known("guo", "郭满仓", "3-2-301", "退休矿工", "二胡", "修暖气", True),
    Known("hao", "郝玉梅", "1-3-401", "退休干部", "读报", "调解"),
    Known("zhangj", "张九斤", "3-1-402", "退休干部", "种菜", "看账"),
    Known("wen", "温晓丽", "2-2-502", "超市收银员", "跳舞", "记账"),
    Known("yuan", "袁喜梅", "1-1-501", "裁缝", "剪纸", "缝补"),
    Known("hou", "侯永胜", "2-3-101", "出租车司机", "象棋", "开车"),
    Known("su", "苏巧云", "3-3-402", "厨师", "广场舞", "做饭"),
    Known("pei", "裴文慧", "", "网格员"),
    Known("hao2", "郝丽君", "", "社区干部"),
)

MEMBER_HOUSEHOLDS = ("bai", "xue", "yan", "gao", "ren", "feng", "he", "liang", "cui")
"""By entrance: 1-1, 1-2, 1-3, 2-1, …"""

TREASURER, CHECKER, APPROVERS = "he", "hou", ("chen", "lirun", "hao")

INTERESTS = ("书法", "广场舞", "象棋", "剪纸", "合唱", "太极拳", "种菜", "二胡", "读报", "养花")
SKILLS = ("理发", "缝补", "做饭", "水电维修", "量血压", "写春联", "开车", "教手机", "辅导作业", "修自行车")
OCCUPATIONS = (
    "银行职员",
    "退休银行职员",
    "矿工",
    "教师",
    "司机",
    "护士",
    "售货员",
    "厨师",
    "个体户",
    "退休工人",
    "电工",
    "快递员",
    "公务员",
)


def units() -> tuple[Unit, ...]:
    return tuple(
        Unit(f"{building}-{entrance}-{floor}0{side}", f"{building}栋", f"{entrance}单元", f"{floor}0{side}", "dwelling", area)
        for building, pair in AREAS.items()
        for entrance in (1, 2, 3)
        for floor in range(1, 7)
        for side, area in enumerate(pair, 1)
    )


@dataclass(frozen=True)
class Neighbours:
    people: tuple[Person, ...]
    ownerships: tuple[Ownership, ...]
    residencies: tuple[Residency, ...]


def neighbours(today: date) -> Neighbours:
    """One in four homes belongs to a couple, one in nine is let. Half of the grown-ups answered the census."""
    people: list[Person] = []
    ownerships: list[Ownership] = []
    residencies: list[Residency] = []
    fresh: Iterator[tuple[str, str]] = names("gonghang", frozenset(known.name for known in KNOWN))

    def add(known: Known) -> str:
        number = phone(2000 + 3 * len(people)) if known.has_phone else None
        people.append(Person(known.key, known.name, number, known.occupation, known.interests, known.skills, known.party_member))
        return known.key

    def stranger(key: str) -> str:
        name, age = next(fresh)
        answered = DICE.percent(f"census {key}", 50)
        return add(
            Known(
                key,
                name,
                "",
                DICE.one(f"occupation {key}", OCCUPATIONS) if age != "elder" else "退休",
                "、".join(DICE.some(f"interests {key}", INTERESTS, 2)) if answered else "",
                DICE.one(f"skill {key}", SKILLS) if answered else "",
                DICE.percent(f"party {key}", 8),
                age != "elder" or DICE.percent(f"phone {key}", 60),
            )
        )

    for known in KNOWN:
        add(known)
    at_home = {known.home: known.key for known in KNOWN if known.home}
    for unit in units():
        since = date(DICE.between(f"since {unit.key}", 1996, 2016), DICE.between(f"month {unit.key}", 1, 12), 20)
        owners = [at_home.get(unit.key) or stranger(f"o{unit.key}")]
        if DICE.percent(f"couple {unit.key}", 25):
            owners.append(stranger(f"s{unit.key}"))
        ownerships += [Ownership(unit.key, person, 1, len(owners), since) for person in owners]
        if unit.key not in at_home and DICE.percent(f"let {unit.key}", 11):
            moved = date(today.year - DICE.between(f"tenant {unit.key}", 1, 3), 3, 1)
            residencies.append(Residency(unit.key, stranger(f"t{unit.key}"), True, "租户", moved))
            continue
        residencies += [
            Residency(unit.key, person, False, "本人" if n == 0 else "共有人", since) for n, person in enumerate(owners)
        ]
    return Neighbours(tuple(people), tuple(ownerships), tuple(residencies))


def bodies() -> tuple[Body, ...]:
    return (
        Body("branch", "party_branch", "工行小区党支部"),
        Body("group1", "building_group", "1栋党小组"),
        Body("group2", "building_group", "2栋党小组"),
        Body("group3", "building_group", "3栋党小组"),
        Body("management", "management", "物业管理委员会"),
        Body("supervision", "supervision", "监督委员会"),
        Body("volunteers", "volunteers", "红石榴志愿服务队"),
        Body("office", "community_office", "兴隆社区居委会"),
    )


def seats(people: tuple[Person, ...], since: date) -> tuple[Seat, ...]:
    """`since`: the day the secretary was elected; everybody else within the next seven weeks."""

    def seat(key: str, body: str, person: str, kind: str, title: str, basis: str, days: int) -> Seat:
        return Seat(key, body, person, kind, title, basis, since + timedelta(days=days))

    elected, owners, sent = "居民投票选举", "本栋业主推选", "社区委派"
    return (
        seat("secretary", "branch", "bai", "secretary", "支部书记", elected, 0),
        *(
            seat(f"leader{n}", f"group{n}", person, "group_leader", f"{n}栋党小组长", "支部党员大会", 9)
            for n, person in enumerate(("xue", "gao", "liang"), 1)
        ),
        *(
            seat(f"household{n}", f"group{(n - 1) // 3 + 1}", person, "member_household", "党员中心户", "党小组推荐", 16)
            for n, person in enumerate(MEMBER_HOUSEHOLDS, 1)
        ),
        seat("director", "management", "bai", "director", "主任", "书记兼任，居民投票选举", 23),
        seat("deputy", "management", "hao2", "deputy", "副主任（社区）", sent, 23),
        seat("owner1", "management", "yuan", "member", "1栋业主委员", owners, 23),
        seat("owner2", "management", "hou", "member", "2栋业主委员", owners, 23),
        seat("owner3", "management", "su", "member", "3栋业主委员", owners, 23),
        seat("treasurer", "management", TREASURER, "treasurer", "财务", "物管会聘任", 26),
        seat("grid", "supervision", "pei", "supervisor", "监督委员（网格员）", sent, 40),
        seat("veteran1", "supervision", "lirun", "supervisor", "监督委员（老党员）", "支部推荐", 40),
        seat("veteran2", "supervision", "guo", "supervisor", "监督委员（老党员）", "支部推荐", 40),
        seat("cadre1", "supervision", "hao", "supervisor", "监督委员（老干部）", "支部推荐", 40),
        seat("cadre2", "supervision", "zhangj", "supervisor", "监督委员（老干部）", "支部推荐", 40),
        seat("resident1", "supervision", "chen", "supervisor", "监督委员（居民代表）", "居民推选", 40),
        seat("resident2", "supervision", "wen", "supervisor", "监督委员（居民代表）", "居民推选", 40),
        seat("coordinator", "volunteers", "ren", "coordinator", "队长", "志愿服务队推选", 47),
        seat("officer", "office", "hao2", "community_officer", "包片干部", sent, 23),
        *(
            seat(f"volunteer{n}", "volunteers", person, "volunteer", "队员", "本人报名", 47)
            for n, person in enumerate(volunteers(people), 1)
        ),
    )


def volunteers(people: tuple[Person, ...]) -> tuple[str, ...]:
    """Those who wrote in the census what they can do, as far as they have a phone to be called."""
    willing = [person.key for person in people if person.skills and person.phone and person.key not in ("bai", "ren")]
    return tuple(DICE.some("volunteers", willing, 20))


def care_links(since: date) -> tuple[CareLink, ...]:
    homes = {known.key: known.home for known in KNOWN}
    return tuple(
        CareLink(f"household{n}", unit.key, since + timedelta(days=20))
        for n, person in enumerate(MEMBER_HOUSEHOLDS, 1)
        for unit in units()
        if unit.key.rsplit("-", 1)[0] == homes[person].rsplit("-", 1)[0] and unit.key != homes[person]
    )


_PROMISED = (
    ("bai", "每月开一次院坝会，把问题当面说清。", "已开 6 次，记了 41 条意见，办结 37 条。", "council_hall", 31, 4, 0),
    ("xue", "楼道灯坏了，三天内修好。", "换灯 9 盏，最长一次用了两天。", "corridor", 26, 3, 1),
    ("yan", "周六下午给孩子辅导作业。", "辅导 11 次，来过 14 个孩子。", "council_hall", 18, 1, 0),
    ("gao", "邻里吵架，当天上门调解。", "调解 5 起，都签了和好书。", "", 15, 4, 0),
    ("ren", "每周给独居老人量血压。", "量了 9 周，转诊 1 人。", "", 29, 0, 0),
    ("feng", "晚上九点巡一次院子。", "巡了 74 晚，关水阀 2 次。", "lamp", 22, 2, 0),
    ("he", "收支每月 12 日前贴出来。", "按时贴出，另开过一次查账会。", "notice_board", 27, 3, 0),
    ("liang", "免费帮老人修水电。", "修了 17 户，只收零件钱。", "powerbox", 33, 1, 0),
    ("cui", "入冬前给老人讲一次用药。", "", "", 0, 0, 0),
)


def pledges(today: date) -> tuple[Pledge, ...]:
    """Nine promises, eight kept so far."""
    out = []
    for n, (person, says, kept_how, scene, good, fair, poor) in enumerate(_PROMISED, 1):
        kept_on = today - timedelta(days=6 + 3 * n) if kept_how else None
        evidence = (
            (Photo(f"pledge-{person}", scene, f"pledge-{person}", kept_how, at(kept_on, 15, 5 + n)),) if scene and kept_on else ()
        )
        out.append(
            Pledge(
                f"pledge-{person}",
                f"household{n}",
                today - timedelta(days=100 - n),
                says,
                kept_on,
                kept_how,
                evidence,
                good,
                fair,
                poor,
            )
        )
    return tuple(out)


_LOOKED_IN = (
    (9, "3-3-302", 34, "老人一个人在家，血压药按时吃。", "", False),
    (9, "3-3-501", 1, "刚出院，上下楼不方便。", "每周帮着倒两次垃圾。", True),
    (9, "3-3-102", 12, "孩子上一年级，放学没人接。", "", False),
    (9, "3-3-302", 5, "暖气不太热，老人盖两床被。", "请人看看暖气阀门。", False),
    (5, "2-2-401", 19, "量了血压，偏高，劝她去看医生。", "", False),
)
"""Household, home, days ago, what was seen, what is needed, whether help has been asked for."""


def home_visits(today: date) -> tuple[HomeVisit, ...]:
    return tuple(
        HomeVisit(f"household{n}", unit, today - timedelta(days=days_ago), saw, needed, helped)
        for n, unit, days_ago, saw, needed, helped in _LOOKED_IN
    )
