"""The whole invented world on one day, and the people whom a visitor of the demo can be."""

from datetime import date

from app.demo.fengshu import fengshu
from app.demo.gonghang import gonghang
from app.demo.sandbox import sandbox
from app.demo.shapes import Guest, World

GUESTS = (
    Guest(
        "fengshu",
        "zhou",
        "周美兰",
        "居民，3栋2单元",
        "Resident",
        "领端午礼包，看账，报名志愿服务，提一条异议。",
        "Collect the Dragon-Boat gift, see the money, sign up to help, object to a statement.",
    ),
    Guest(
        "fengshu",
        "peng",
        "彭晓琴",
        "居民，替没有手机的母亲办事",
        "Resident whose mother has no phone",
        "代 82 岁的母亲何桂珍领礼包，看自己报的班次。",
        "Collect the gift for her mother of 82, look at her own shifts.",
    ),
    Guest(
        "fengshu",
        "zhang",
        "张惠芳",
        "财务（张会计）",
        "Treasurer",
        "记一笔账，拍票据，公布上月收支表。",
        "Book an entry, photograph its voucher, publish last month's statement.",
    ),
    Guest(
        "fengshu",
        "huang",
        "黄志远",
        "监督委员（管账）",
        "Supervisor of the money",
        "批准等着的两笔账，作废一次错领。",
        "Approve the two entries that wait, void a wrong claim.",
    ),
    Guest(
        "fengshu",
        "wu",
        "吴秀英",
        "志愿服务队长",
        "Volunteer coordinator",
        "安排活动，给今天的班次签到，替邻居报名。",
        "Plan an activity, check today's shift in, sign somebody up who has no phone.",
    ),
    Guest(
        "fengshu",
        "liu",
        "刘建国",
        "主任",
        "Director",
        "发礼包，打印公示表，导入名册，发邀请码。",
        "Hand out gifts, print notices, import the roster, make invite slips.",
    ),
    Guest(
        "gonghang",
        "chen",
        "陈德厚",
        "监督委员（陈工）",
        "Supervisor of the works",
        "写一篇监督日志，拍几张照片，提一个整改问题。没有信号也能写。",
        "Log a visit with photos and raise a finding, with or without signal.",
    ),
    Guest(
        "gonghang",
        "lirun",
        "李润生",
        "监督委员（复查）",
        "Second supervisor",
        "复查别人提的问题，看改前改后，关闭或退回。",
        "Re-check what another raised, compare before and after, close it or send it back.",
    ),
    Guest(
        "gonghang",
        "ren",
        "任秋霞",
        "志愿服务队长",
        "Volunteer coordinator",
        "确认邻居请帮忙的事，看两周排班，开签到码。",
        "Confirm requests for help, look at two weeks of shifts, show the check-in code.",
    ),
    Guest(
        "gonghang",
        "cui",
        "崔红叶",
        "党员中心户",
        "Member household",
        "记一次走访，替邻居请人帮忙，写下承诺做到了。",
        "Write down a visit at a home, ask for help on its behalf, tell that a promise was kept.",
    ),
    Guest(
        "fengshu",
        "jiang",
        "蒋雅",
        "社区干部",
        "Community officer",
        "看本社区各小区的总表。",
        "See one table over all compounds of the community.",
    ),
    Guest(
        "gonghang",
        "",
        "孟工",
        "施工方，凭链接，不用账号",
        "Contractor, by link, without an account",
        "打开整改通知，点“我已收到”，传改好的照片。",
        "Open a finding, confirm its receipt, answer with after-photos.",
        finding="finding10",
    ),
)


def invented_world(today: date) -> World:
    """Three compounds and twelve guests. The same `today` gives the same world."""
    return World((fengshu(today), gonghang(today), sandbox(today)), GUESTS)
