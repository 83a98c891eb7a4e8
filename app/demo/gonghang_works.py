"""工行小区: the renovation, watched from start to end. Twelve visits in three months, ten findings, and the boiler room
that became a hall.

A visit has the five parts of a supervision log (DOMAIN §4). Its words are such as retired engineers write: what was
measured, where, how much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.demo.gonghang_life import hall_acceptance, hall_life, renovation_acceptance, renovation_life
from app.demo.shapes import Finding, FindingEvent, FindingEventKind, Phase, Photo, Project, Visit, at

FIRM, FOREMAN = "骆驼市政工程队", "孟工（施工方）"

_COLDEST_TO_WARMEST = (-6, -2, 5, 13, 19, 23, 24, 22, 17, 10, 2, -4)
"""Mean temperature of Lüliang by month, in °C."""


@dataclass(frozen=True)
class _Shot:
    scene: str
    caption: str
    gallery: bool = False
    seed: str = ""
    """Photos of one seed are framed alike; "" takes one of its own."""


_TAKES = {
    "visit1-3": 2,
    "visit7-2": 2,
    "answer1-2": 2,
    "answer2-1": 2,
    "reopen2-1": 6,
    "recheck3-1": 5,
    "recheck4-1": 3,
    "answer6-1": 2,
}
"""Taken again: to the check for re-used photos (FIELD §1) the first take looked like another photo of the same place."""


@dataclass(frozen=True)
class _Day:
    days_ago: int
    clock: tuple[int, int]
    weather: str
    supervisors: tuple[str, ...]
    place: str
    progress: str
    checked: str
    problems: str
    others: str
    shots: tuple[_Shot, ...]
    without_signal: int = 0


_DAYS = (
    _Day(
        88,
        (9, 10),
        "晴",
        ("chen", "pei"),
        "1栋北侧管沟",
        "1栋北侧管沟挖完，长 46 米。围挡已装，材料堆在西墙下。",
        "巡查围挡和警示灯。量沟深三处：1.58、1.61、1.60 米。看了管材合格证，与送货单一致。",
        "夜间警示灯少 2 盏，当天下午已补齐。管沟东头离住户门口近，没有过人的便桥。",
        "有居民问停水时间。施工方答应提前一天贴通知。",
        (_Shot("trench", "1栋北侧管沟，由东向西看"), _Shot("trench", "量沟深处"), _Shot("notice_board", "施工公告贴在公示栏")),
    ),
    _Day(
        81,
        (15, 30),
        "多云",
        ("chen", "lirun"),
        "1栋北侧管沟、1栋2单元门前",
        "排水管开始下管，今天铺了 18 米。便桥装好了。",
        "旁站下管。抽查管材 3 根，壁厚合格。管底查了 6 米一段。",
        "西段约 6 米管底没有铺砂垫层，直接放在土上。开整改通知第 1 号。",
        "1栋2单元老人多，请施工方中午 12 点到 2 点不用切割机。施工方同意。",
        (_Shot("trench", "西段管底没有砂垫层"), _Shot("pipe", "抽查的管材接头"), _Shot("pipe", "壁厚用卡尺量过")),
    ),
    _Day(
        74,
        (9, 40),
        "阴",
        ("guo", "pei"),
        "1栋北侧至2栋南侧",
        "1栋北侧排水管铺完，雨水井砌好 4 座。2栋南侧开挖。",
        "巡查井座标高，用水平尺量 4 座。复查第 1 号整改：西段已重铺砂垫层，合格。",
        "2号井井盖高出路面 3 厘米，老人容易绊倒。开整改通知第 2 号。",
        "今天停水 2 小时，提前贴了通知，没有投诉。",
        (_Shot("cover", "2号井井盖高出路面"), _Shot("trench", "西段重铺砂垫层之后"), _Shot("trench", "2栋南侧开挖")),
    ),
    _Day(
        66,
        (10, 20),
        "晴",
        ("lirun", "wen"),
        "2栋地下室",
        "给水主管进2栋地下室，支架装了一半。旧铁管还没拆。",
        "巡查支架间距，抽 5 处，都在 1.5 米以内。看了穿墙处做法。",
        "穿墙套管没有封堵，墙边有积水约 4 平方米。开整改通知第 3 号。",
        "地下室没有信号，日志是上来以后发出的。",
        (
            _Shot("cellar", "地下室通道积水"),
            _Shot("cellar", "穿墙套管处，水从这里进来"),
            _Shot("pipe", "新给水主管的法兰接头"),
            _Shot("powerbox", "地下室照明箱，已断电挂牌"),
        ),
        without_signal=47,
    ),
    _Day(
        59,
        (8, 50),
        "小雨",
        ("chen", "hao"),
        "3栋北墙、3栋南侧管沟",
        "3栋南侧管沟挖了 30 米，因雨停工半天。",
        "巡查沟壁有没有塌，西头加了挡板。看了3栋北墙渗水，和住户一起量了范围。",
        "3栋北墙渗水约 12 平方米，墙皮起鼓，雨落管断开一节。开整改通知第 4 号。",
        "3栋2单元一户反映家里北屋发霉，已登记。",
        (
            _Shot("seepage_before", "3栋北墙渗水，改前", seed="north wall"),
            _Shot("seepage_before", "雨落管断开处"),
            _Shot("trench", "沟壁加了挡板"),
        ),
    ),
    _Day(
        52,
        (14, 30),
        "晴",
        ("lirun", "zhangj"),
        "2栋、3栋给水管",
        "给水主管接通到3栋，今天做水压试验。",
        "旁站水压试验：升到 0.9 兆帕，稳压 30 分钟，掉 0.02 兆帕，接头不渗不漏。记录三方签字。",
        "没有新问题。复查第 3 号整改：套管只抹了水泥，还在滴水，不合格，退回重做。",
        "施工方要求明天起夜里施工，我们没有同意，最晚到晚 8 点。",
        (_Shot("pipe", "试压接头，不渗不漏"), _Shot("cellar", "套管处仍在滴水")),
        without_signal=25,
    ),
    _Day(
        45,
        (9, 30),
        "晴",
        ("chen", "guo"),
        "2栋地下室、3栋屋面",
        "3栋屋面旧防水层铲完，基层清理干净。2栋地下室旧管拆完。",
        "巡查屋面基层，用扫帚试过不起砂。复查第 3 号整改：套管已填麻丝和密封膏，两天没有渗水，合格。",
        "围挡在3栋东侧有 2 米缺口，孩子能钻进去。开整改通知第 5 号。",
        "旧铁管按协议由小区变卖，钱进公共收益。",
        (_Shot("roof", "屋面基层"), _Shot("cellar_dry", "套管封堵后，地面干了"), _Shot("trench", "围挡缺口")),
        without_signal=18,
    ),
    _Day(
        37,
        (10, 0),
        "晴",
        ("lirun", "pei"),
        "3栋屋面",
        "屋面防水卷材铺了三分之二，明天收边。",
        "旁站热熔施工。量搭接宽度 8 处，其中 2 处只有 6 厘米。",
        "两处搭接宽度不够。开整改通知第 6 号。",
        "顶楼两户问会不会再漏。施工方答应做 24 小时蓄水试验，请住户一起看。",
        (
            _Shot("roof", "卷材铺到东侧"),
            _Shot("roof", "搭接 6 厘米处"),
            _Shot("roof", "出屋面管根部"),
            _Shot("seepage_after", "3栋北墙，改后", seed="north wall"),
        ),
    ),
    _Day(
        30,
        (15, 0),
        "多云",
        ("chen", "wen"),
        "1栋北侧、2栋南侧回填",
        "1栋北侧回填完，路面浇了一半。2栋南侧回填到管顶。",
        "巡查回填土。问了夯实遍数，看了记录。复查第 4 号整改：北墙防水和雨落管都做好，淋水 2 小时不渗，合格。",
        "1栋北侧有一段没有分层夯实，上面已经浇了路面。开整改通知第 7 号。",
        "路面养护期间，1栋居民走西门。",
        (_Shot("cover", "1栋北侧新路面和井盖"), _Shot("trench", "2栋南侧回填前"), _Shot("seepage_after", "北墙淋水试验后")),
    ),
    _Day(
        21,
        (9, 20),
        "晴",
        ("chen", "lirun"),
        "东院充电棚",
        "充电棚立柱 8 根立好，棚顶装完。配电箱今天接线。",
        "巡查立柱螺栓，扭力扳手抽 4 个，合格。打开配电箱看接线。",
        "配电箱金属外壳没有接地线，严重。开整改通知第 8 号，改好前不许送电。",
        "居民问充电多少钱一度，物管会下周议事会定。",
        (
            _Shot("shed", "充电棚整体"),
            _Shot("powerbox", "配电箱没有接地线"),
            _Shot("powerbox", "接线端子特写"),
            _Shot("shed", "充电位和灭火器"),
            _Shot("parking", "棚边划了停车线"),
            _Shot("shed", "立柱底座螺栓"),
        ),
    ),
    _Day(
        11,
        (18, 40),
        "晴",
        ("guo", "hao"),
        "院内主路路灯",
        "路灯 12 盏全部立好，今晚试亮。",
        "逐盏看亮不亮、直不直。量地面亮度 5 处。复查第 2 号整改：车压过后井盖又高出 2 厘米，重新打开。",
        "7号灯基础螺栓松动，用手能摇。开整改通知第 9 号。3栋东侧围挡只拉了绳子，第 5 号退回。",
        "3-1 单元住户说灯照进卧室，施工方答应加遮光板。",
        (
            _Shot("lamp", "主路路灯试亮"),
            _Shot("lamp", "7号灯"),
            _Shot("cover", "2号井，车压过后"),
            _Shot("green", "白天看灯杆位置"),
        ),
    ),
    _Day(
        3,
        (9, 50),
        "多云",
        ("chen", "pei"),
        "东院充电棚、南侧绿地",
        "充电棚雨水槽装完。绿地翻土、换土一半，树坑挖了 9 个。",
        "巡查雨水槽坡度，倒水试过。看了树坑，深 60 厘米。再看配电箱，还是没有接地，没有送电。",
        "雨水管直接排到人行道上，天冷会结冰。开整改通知第 10 号。第 8 号已过期，约施工方明天当面谈。",
        "居民提议留一块地种花，绿地小组记下了。",
        (
            _Shot("shed", "雨水管排到人行道"),
            _Shot("green", "绿地换土"),
            _Shot("powerbox", "配电箱，仍未接地"),
            _Shot("green", "树坑位置", gallery=True),
        ),
    ),
)


def _moment(today: date, days_ago: int, hour: int, minute: int = 0) -> datetime:
    return at(today - timedelta(days=days_ago), hour, minute)


def _photos(key: str, taken: datetime, shots: Sequence[_Shot]) -> tuple[Photo, ...]:
    return tuple(
        Photo(
            f"{key}-{n}",
            shot.scene,
            shot.seed or f"{key}-{n} take {_TAKES.get(f'{key}-{n}', 1)}",
            shot.caption,
            taken + timedelta(minutes=4 * n),
            "gallery" if shot.gallery else "camera",
        )
        for n, shot in enumerate(shots, 1)
    )


_DELIVERED = {1: "PE 给水管 120米\n电熔管件 60个", 4: "镀锌支架 80副", 8: "电缆 300米\n配电箱 2台"}
_TESTED = {5: "给水管打压 1.0 兆帕，一小时没降。", 10: "测接地电阻，2.1 欧。"}
_CHECKED = {2: ("管道", ("ok", "not_ok", "ok", "not_seen")), 10: ("电", ("ok", "ok", "not_seen", "ok"))}
"""By the number of the visit."""


def _visits(today: date) -> tuple[Visit, ...]:
    out = []
    for number, day in enumerate(_DAYS, 1):
        visited = _moment(today, day.days_ago, *day.clock)
        mean = _COLDEST_TO_WARMEST[visited.month - 1]
        degrees = mean + {"晴": 3, "多云": 1, "阴": -1, "小雨": -2}[day.weather]
        weather = "小雪" if day.weather == "小雨" and mean < 1 else day.weather
        out.append(
            Visit(
                f"visit{number}",
                number,
                visited,
                day.supervisors,
                day.place,
                weather,
                degrees,
                day.progress,
                day.checked,
                day.problems,
                day.others,
                _photos(f"visit{number}", visited, day.shots),
                day.without_signal,
                present="施工方、监理",
                headcount=5 + 7 * number % 11,
                materials=_DELIVERED.get(number, ""),
                tests=_TESTED.get(number, ""),
                checked_by=_CHECKED.get(number),
            )
        )
    return tuple(out)


def _findings(today: date) -> tuple[Finding, ...]:
    def event(
        kind: FindingEventKind,
        days_ago: int,
        hour: int,
        says: str = "",
        by: str = FOREMAN,
        shots: tuple[_Shot, ...] = (),
        key: str = "",
    ) -> FindingEvent:
        taken = _moment(today, days_ago, hour)
        return FindingEvent(kind, taken, by, says, _photos(key, taken - timedelta(minutes=40), shots))

    def due(days_ago: int) -> date:
        return today - timedelta(days=days_ago)

    return (
        Finding(
            "finding1",
            1,
            "visit2",
            "1栋北侧排水管西段",
            "ordinary",
            "约 6 米管底没有砂垫层，管子直接放在土上。",
            "施工图排-02：管底铺中粗砂 10 厘米。",
            "把这一段管子抬起，补铺砂垫层，再放管。",
            due(76),
            _moment(today, 81, 16, 20),
            ("chen", "lirun"),
            _shots_of(today, 2, 1),
            (
                event("received", 81, 18),
                event(
                    "answered",
                    77,
                    11,
                    "已抬管补砂，厚 10 厘米，西段 6 米全部重做。",
                    shots=(_Shot("trench", "补铺砂垫层"), _Shot("pipe", "放管后接头复位")),
                    key="answer1",
                ),
                event(
                    "passed",
                    74,
                    10,
                    "现场量了三处，砂厚 10 到 11 厘米，合格。",
                    "guo",
                    (_Shot("trench", "复查：砂垫层"),),
                    "recheck1",
                ),
            ),
        ),
        Finding(
            "finding2",
            2,
            "visit3",
            "2号雨水井",
            "ordinary",
            "井盖高出路面 3 厘米。",
            "施工图路-01：井盖与路面齐平，高差不超过 5 毫米。",
            "降井圈，重装井盖。",
            due(67),
            _moment(today, 74, 10, 30),
            ("guo", "pei"),
            _shots_of(today, 3, 1),
            (
                event("received", 74, 14),
                event("answered", 69, 16, "井圈已降，井盖与路面平。", shots=(_Shot("cover", "井圈降低后"),), key="answer2"),
                event(
                    "passed", 66, 11, "靠尺量过，高差 3 毫米，合格。", "lirun", (_Shot("cover", "复查：靠尺量平"),), "recheck2"
                ),
                event(
                    "reopened",
                    11,
                    19,
                    "货车压过后井圈松动，又高出 2 厘米，重新打开。",
                    "hao",
                    (_Shot("cover", "又高出 2 厘米"),),
                    "reopen2",
                ),
            ),
        ),
        Finding(
            "finding3",
            3,
            "visit4",
            "2栋地下室穿墙套管",
            "serious",
            "套管没有封堵，墙边积水约 4 平方米。",
            "施工图给-05：套管填油麻，两端密封膏。",
            "抽干积水，按图封堵。",
            due(59),
            _moment(today, 66, 11, 15),
            ("lirun", "wen"),
            _shots_of(today, 4, 2),
            (
                event("received", 66, 15),
                event("answered", 60, 10, "积水抽干，套管已封。", shots=(_Shot("cellar_dry", "抽水后"),), key="answer3"),
                event(
                    "failed",
                    52,
                    15,
                    "只抹了水泥，还在滴水。退回，按图填麻丝和密封膏。",
                    "zhangj",
                    (_Shot("cellar", "还在滴水"),),
                    "recheck3",
                ),
                event(
                    "answered",
                    48,
                    17,
                    "已凿开水泥，填油麻，两端打密封膏。",
                    shots=(_Shot("cellar_dry", "重新封堵"),),
                    key="answer3b",
                ),
                event(
                    "passed",
                    45,
                    10,
                    "两天没有渗水，地面干燥，合格。",
                    "guo",
                    (_Shot("cellar_dry", "复查：地面干燥"),),
                    "recheck3b",
                ),
            ),
        ),
        Finding(
            "finding4",
            4,
            "visit5",
            "3栋北墙",
            "ordinary",
            "渗水约 12 平方米，墙皮起鼓，雨落管断开一节。",
            "改造方案第 6 条：外墙渗水点全部处理。",
            "铲除空鼓，做防水，换雨落管。",
            due(31),
            _moment(today, 59, 9, 40),
            ("chen", "hao"),
            _shots_of(today, 5, 1),
            (
                event("received", 59, 12),
                event(
                    "answered",
                    38,
                    17,
                    "防水两遍，刷外墙漆，雨落管换新。",
                    shots=(_Shot("seepage_after", "北墙做好"),),
                    key="answer4",
                ),
                event(
                    "passed",
                    30,
                    15,
                    "淋水 2 小时，里外都不渗，合格。",
                    "wen",
                    (_Shot("seepage_after", "复查：淋水后"),),
                    "recheck4",
                ),
            ),
        ),
        Finding(
            "finding5",
            5,
            "visit7",
            "3栋东侧围挡",
            "ordinary",
            "围挡有 2 米缺口，孩子能钻进去。",
            "安全文明施工协议第 3 条。",
            "当天补齐，连接处上锁扣。",
            due(43),
            _moment(today, 45, 10, 10),
            ("chen", "guo"),
            _shots_of(today, 7, 3),
            (
                event("received", 45, 11),
                event("answered", 14, 9, "缺口已补。", shots=(_Shot("trench", "围挡补齐"),), key="answer5"),
                event(
                    "failed",
                    11,
                    17,
                    "只用绳子拦了一下，一推就开。退回，要装围挡板。",
                    "hao",
                    (_Shot("trench", "绳子拦着的缺口"),),
                    "recheck5",
                ),
            ),
        ),
        Finding(
            "finding6",
            6,
            "visit8",
            "3栋屋面卷材搭接",
            "ordinary",
            "两处搭接只有 6 厘米。",
            "施工图屋-01：搭接不小于 10 厘米。",
            "补一道盖缝条，两边各宽 15 厘米。",
            due(30),
            _moment(today, 37, 10, 40),
            ("lirun", "pei"),
            _shots_of(today, 8, 2),
            (
                event("received", 37, 13),
                event(
                    "answered",
                    4,
                    16,
                    "两处加了盖缝条，热熔压实，蓄水 24 小时没有渗漏。",
                    shots=(_Shot("roof", "加盖缝条"), _Shot("roof", "蓄水试验")),
                    key="answer6",
                ),
            ),
        ),
        Finding(
            "finding7",
            7,
            "visit9",
            "1栋北侧回填土",
            "slight",
            "约 5 米没有分层夯实，路面已经浇好。",
            "施工图路-02：每 25 厘米夯一遍。",
            "查明范围，说明怎么补救。",
            due(23),
            _moment(today, 30, 15, 40),
            ("chen", "wen"),
            _shots_of(today, 9, 1),
            (
                event("received", 30, 17),
                event("answered", 24, 10, "请求不破路面，这一段路面保修延长到 5 年。"),
                event("closed_unfixed", 19, 16, "重挖要再封路 10 天。议事会同意不重挖，施工方书面延长保修，另存记录。", "lirun"),
            ),
        ),
        Finding(
            "finding8",
            8,
            "visit10",
            "充电棚配电箱",
            "serious",
            "金属外壳没有接地线。",
            "施工图电-03：金属箱体可靠接地，电阻不大于 4 欧。",
            "接好地线，测接地电阻，三方签字后才能送电。",
            due(7),
            _moment(today, 21, 9, 50),
            ("chen", "lirun"),
            _shots_of(today, 10, 2),
            (event("received", 20, 8),),
        ),
        Finding(
            "finding9",
            9,
            "visit11",
            "主路7号路灯",
            "ordinary",
            "基础螺栓松动，灯杆用手能摇。",
            "施工图电-06：螺栓双螺母，扭力达标。",
            "停用这盏灯，重新固定，查其余 11 盏。",
            due(-3),
            _moment(today, 11, 19, 10),
            ("guo", "hao"),
            _shots_of(today, 11, 2),
            (event("received", 10, 9),),
        ),
        Finding(
            "finding10",
            10,
            "visit12",
            "充电棚雨水管",
            "slight",
            "雨水排到人行道上，天冷会结冰。",
            "改造方案第 9 条：雨水接入雨水井。",
            "雨水管改向，接入4号井。",
            due(-6),
            _moment(today, 3, 10, 30),
            ("chen", "pei"),
            _shots_of(today, 12, 1),
        ),
    )


def _shots_of(today: date, visit: int, *which: int) -> tuple[Photo, ...]:
    """The same photos that stand in the visit (same keys): a finding points to them and copies nothing."""
    photos = _visits(today)[visit - 1].photos
    return tuple(photos[n - 1] for n in which)


def _renovation(today: date) -> Project:
    def day(days_ago: int) -> date:
        return today - timedelta(days=days_ago)

    visits = _visits(today)
    return Project(
        key="renovation",
        number=f"GC-{day(210).year}-02",
        title="老旧小区改造",
        what="给排水管网、充电棚、路灯、绿地、3栋屋面和北墙防水。",
        contractor=FIRM,
        contractor_contact="孟工",
        contractor_phone="19900008801",
        contract_fen=1_862_000_00,
        paid_fen=1_117_200_00,
        paid_from="政府补助，与公共收益分开记",
        percent_done=62,
        phases=(
            Phase("apply", "申请和立项", day(210), day(140), day(210), day(138), "申请报市局，列入当年改造计划"),
            Phase("pipes", "管网和防水", day(92), day(30), day(90), day(24), "给水、排水主管全部换新"),
            Phase("shed", "充电棚和路灯", day(28), day(-10), day(25), None, "充电位 24 个，路灯 12 盏"),
            Phase("green", "绿地", day(8), day(-32), day(5), None, "补种树木，留一块花圃"),
            Phase("accept", "居民验收", day(-35), day(-45), None, None, "居民意见，不代替法定竣工验收"),
        ),
        visits=visits,
        findings=_findings(today),
        before_and_after=((visits[4].photos[0], visits[7].photos[3]),),
        warranty="防水 5 年，管道和电气 2 年，从验收之日算起",
        supervised_on=(visits[0].visited_at.weekday(),),
        life=renovation_life(today),
        acceptance=renovation_acceptance(today),
    )


def _hall(today: date) -> Project:
    """The boiler room: finished before the renovation began, mostly with the neighbours' own hands."""

    def day(days_ago: int) -> date:
        return today - timedelta(days=days_ago)

    before = Photo("hall-before", "boiler_room", "hall", "改前：停用多年的锅炉房", at(day(330), 10, 15))
    after = Photo("hall-after", "council_hall", "hall", "改后：议事厅，也是居民服务站", at(day(251), 9, 30))
    return Project(
        key="hall",
        number=f"GC-{day(330).year}-01",
        title="锅炉房改议事厅",
        what="停用锅炉房清空、加固、粉刷，改成议事厅和居民服务站。",
        contractor=FIRM,
        contractor_contact="孟工",
        contractor_phone="19900008801",
        contract_fen=86_000_00,
        paid_fen=86_000_00,
        paid_from="社区共建资金，居民出工",
        percent_done=100,
        phases=(
            Phase("clear", "清空和加固", day(330), day(300), day(330), day(302), "旧锅炉拆走，清运 11 车"),
            Phase("rooms", "装修", day(299), day(260), day(299), day(257), "阅览、书画、喝茶、待客各一角"),
            Phase("accept", "居民验收", day(256), day(250), day(256), day(251), "居民代表 17 人签字"),
        ),
        before_and_after=((before, after),),
        warranty="装修 2 年，从验收之日算起",
        life=hall_life(today),
        acceptance=hall_acceptance(today),
    )


def projects(today: date) -> tuple[Project, ...]:
    return _renovation(today), _hall(today)
