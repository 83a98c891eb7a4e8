"""工行小区: how the renovation came about and what it costs, and how the boiler room became a hall under warranty."""

from datetime import date, timedelta

from app.demo.shapes import Dispute, Problem, ProjectAcceptance, ProjectContract, ProjectLife, ProjectPaper, ProjectStep, Question

BUREAU, SUPERVISOR = "市住建局", "云雀工程监理公司"


def renovation_life(today: date) -> ProjectLife:
    def day(days_ago: int) -> date:
        return today - timedelta(days=days_ago)

    return ProjectLife(
        steps=(
            ProjectStep("applied", day(206), "附居民反映的问题 7 个、现场照片。", BUREAU, f"申请〔{day(206).year}〕1 号"),
            ProjectStep("answered", day(190), "缺一份管线图，请补。", BUREAU),
            ProjectStep("admitted", day(140), "列入当年改造计划。", BUREAU, f"建〔{day(140).year}〕36 号"),
            ProjectStep(
                "consulted",
                day(132),
                "七成人要先修管道；两户担心充电棚挡光，往北挪了 3 米。",
                how="议事会两次，入户发表，收回 86 份",
                until_on=day(118),
            ),
            ProjectStep("begun", day(92), "先做1栋北侧管沟。"),
        ),
        contract=ProjectContract(
            day(104),
            SUPERVISOR,
            (
                ("预付款", 30, "signed"),
                ("管网完工款", 30, "管网和防水"),
                ("充电棚和路灯款", 20, "充电棚和路灯"),
                ("验收款", 17, "accepted"),
                ("质保金", 3, "warranty_over"),
            ),
            ((day(98), 558_600_00), (day(20), 558_600_00)),
        ),
        progress=(
            ("管网和防水", day(75), 20, "chen"),
            ("管网和防水", day(52), 55, "lirun"),
            ("管网和防水", day(38), 80, "chen"),
            ("管网和防水", day(24), 100, "chen"),
            ("充电棚和路灯", day(18), 30, "lirun"),
            ("充电棚和路灯", day(4), 75, "lirun"),
            ("绿地", day(3), 20, "guo"),
        ),
        papers=(
            ProjectPaper("paper-application", "application", "改造申请书", "minutes", day(206), "applied"),
            ProjectPaper("paper-opinions", "minutes", "方案征求意见汇总", "minutes", day(117), "consulted"),
            ProjectPaper("paper-contract", "contract", "施工合同（遮了个人信息）", "contract", day(103), "contracted"),
        ),
        problems=(
            Problem("yuan", day(209), "pipe", "1栋", "1单元一层", "下水道一个月堵两回，污水返到楼道。"),
            Problem("hou", day(209), "leak", "2栋", "2栋地下室", "墙根常年有水，放的东西都发霉。"),
            Problem("su", day(208), "leak", "3栋", "3栋北墙", "一下雨北屋就渗，墙皮鼓了。"),
            Problem("wen", day(208), "pipe", "2栋", "2单元水表井", "铁管锈穿了，水压小。"),
            Problem("liang", day(208), "facility", "3栋", "3栋西侧", "路灯三盏不亮，老人晚上不敢走。"),
            Problem("xue", day(207), "parking", "", "大门里面", "电动车没地方充，都从窗户往下拉线。"),
            Problem("yan", day(207), "facility", "1栋", "1栋花池", "花池塌了一角，砖头露在外面。"),
            Problem("su", day(6), "parking", "", "3栋东头", "能不能画几个车位？", "下月议事会一起议，议好了公示。"),
            Problem("yuan", day(2), "facility", "1栋", "1单元门厅", "门厅的灯时亮时不亮。"),
        ),
        questions=(
            Question("hou", day(60), "换水管的时候停水，提前几天通知？", "bai", "至少提前一天贴通知，也在这里写。"),
            Question("su", day(26), "3栋北墙修好以后，再渗找谁？", "chen", "保修 5 年，从验收那天算起，在这里报就行。"),
            Question("yan", day(3), "花池什么时候补？"),
        ),
        disputes=(
            Dispute(
                "flower-stand",
                "yan",
                "hao",
                day(34),
                "挖管沟压坏了一楼窗下的花架",
                "花架是前年自己焊的，管沟的土堆上去，压断了两根。",
                "孟工说：堆土时没看见花架，愿意修。",
                "施工方三天内把花架焊好、刷漆；以后堆土离窗 2 米。",
                day(24),
                "花架焊好了，土也挪走了。",
                "挖管沟堆土压坏窗下花架一事谈成：施工方焊好花架，堆土离窗 2 米。回访过，都办了。",
            ),
        ),
        followers=("yuan", "hou", "su"),
    )


def hall_life(today: date) -> ProjectLife:
    def day(days_ago: int) -> date:
        return today - timedelta(days=days_ago)

    return ProjectLife(
        steps=(
            ProjectStep("applied", day(329), "借停用的锅炉房做议事厅。", "梨树社区"),
            ProjectStep("admitted", day(328), "社区共建资金出 8.6 万元，居民出工。", "梨树社区"),
            ProjectStep("begun", day(326), "先清空旧锅炉。"),
            ProjectStep("accepted", day(251), "居民代表 17 人签字。"),
            ProjectStep("warranty", day(250), parts=("fitout", "electric")),
            ProjectStep("followed_up", day(70), "墙面有一道细缝，施工方当天补好了。"),
        ),
        contract=ProjectContract(
            day(327),
            "",
            (("开工款", 50, "signed"), ("验收款", 50, "accepted")),
            ((day(320), 43_000_00), (day(249), 43_000_00)),
        ),
    )


def hall_acceptance(today: date) -> ProjectAcceptance:
    """Concluded on the day before it was accepted on completion."""
    return ProjectAcceptance(
        by="lirun",
        opened_on=today - timedelta(days=262),
        closes_on=today - timedelta(days=253),
        says="请来议事厅坐一坐，看看墙面、门窗、灯和插座。",
        checked=(
            ("议事厅", "电", ("ok", "ok", "ok", "ok")),
            ("阅览角和茶室", "电", ("ok", "ok", "not_applicable", "ok")),
        ),
        asked_every=3,
        words=("以前绕着走，现在天天来坐。", "茶室的插座高一点就好了，够不着。", "冬天有暖气，老人有地方去了。"),
        signed_by=("lirun", "pei", "hao"),
        because="两处都查过，没有要改的。",
    )


def renovation_acceptance(today: date) -> ProjectAcceptance:
    """Of the pipes, which are done; the rest is still being built."""
    return ProjectAcceptance(
        by="chen",
        opened_on=today - timedelta(days=4),
        closes_on=today + timedelta(days=6),
        says="管网和防水做完了，先请大家看：下水还堵不堵，地下室、北墙还渗不渗。",
        checked=(
            ("1栋北侧管沟", "管道", ("ok", "ok", "ok", "ok")),
            ("2栋地下室", "防水", ("ok", "ok", "ok", "not_ok")),
        ),
        asked_every=4,
        words=("楼道不返水了。", "2栋地下室墙角还有点潮。", "路挖过以后不平，下雨积水。"),
    )
