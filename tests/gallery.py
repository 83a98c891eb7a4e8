"""Every component on pages like the real ones, with invented figures: for the component tests and for one's own eyes.

`python -m tests.gallery FOLDER` writes the pages and their pictures (phone, 长辈版, dark, wide, paper) into FOLDER.
Today is 2026年11月23日(周一), and every sum adds up.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.kit.charts import shares, trend_bars
from app.kit.forms import Filled, empty
from app.kit.ids import new_id
from app.kit.money import yuan
from app.kit.qr import qr_path
from app.kit.views import APP, Frame, Place, Reader, templates

CSP = "default-src 'self'; img-src 'self' blob: data:; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

FRAME = Frame(
    path="/c/fengshu/",
    compound=Place("fengshu", "枫树小区", "0731-8555 0123"),
    person=Reader("周美兰"),
)

IMPORTS = "".join(
    f'{{% from "components/{file}.html" import {names} %}}\n'
    for file, names in {
        "back_link": "back_link",
        "badge": "badge",
        "bars": "bars, bar",
        "before_after": "before_after",
        "button": "button",
        "card": "card",
        "check_list": "check_list",
        "choices": "choices, tick",
        "code_tile": "code_tile, qr_image",
        "dock": "dock",
        "empty": "empty",
        "error_summary": "error_summary",
        "facts": "facts, fact",
        "hero_money": "hero_money",
        "icon": "icon",
        "note": "note",
        "notice_sheet": "notice_sheet, sheet_meta, sheet_seal, sheet_signs",
        "head": "head",
        "pager": "pager",
        "photo_grid": "photo_grid, photo_item, photo_add, photo_strip, zoom_box",
        "form": "form as post, hidden",
        "proof": "proof",
        "result": "result",
        "row": "rows, row",
        "search": "search",
        "section": "section",
        "select": "select",
        "sums": "sums",
        "table": "table, tr, td",
        "text": "text",
        "textarea": "textarea",
        "tiles": "tiles",
        "timeline": "timeline, step",
        "trend_chart": "trend_chart",
    }.items()
)


@dataclass(frozen=True)
class Sample:
    source: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    frame: Frame = FRAME

    def html(self, **changes: Any) -> str:
        template = templates.from_string('{% extends "base.html" %}\n' + IMPORTS + self.source)
        return template.render(frame=replace(self.frame, **changes), **self.facts)


def scene(sky: str, ground: str, thing: str) -> str:
    """A small drawn picture, because a gallery needs no photos of real people."""
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240"><rect width="320" height="240" fill="{sky}"/>'
        f'<path d="M0 170h320v70H0z" fill="{ground}"/><path d="M60 170V90h90v80zM180 170V60h80v110z" fill="{thing}"/>'
        f'<g fill="#fff" fill-opacity=".75"><path d="M75 105h20v20H75zM115 105h20v20h-20zM195 78h18v18h-18zM228 78h18v18h-18z'
        f'M195 112h18v18h-18zM228 112h18v18h-18z"/></g></svg>'
    )
    return "data:image/svg+xml," + quote(drawing)


DAY = scene("#cfe3ee", "#9bb58c", "#c98f5e")
NIGHT = scene("#27354d", "#3b4657", "#75859c")
CELLAR = scene("#4b4f53", "#33373b", "#6d7276")
WALL_BEFORE = scene("#d9cdb6", "#a3906f", "#8a6f4d")
WALL_AFTER = scene("#dfe9ee", "#a9bfa0", "#dcd6c8")
SLIP = scene("#f4efe6", "#e5dccb", "#b9a98a")

BALANCES = [11863040, 12640510, 12188000, 13921460, 14752030, 15679080, 16820430, 17691820, 17134290, 18643250, 19276250, 16430710]
MONTHS = ["去年12月", *(f"{n}月" for n in range(1, 11)), "11月20日"]
INCOME = {"地面停车": 3840000, "电梯和道闸广告": 1200000, "充电桩分成": 586000, "快递柜场地": 450000, "售水机、场地租用": 172000}
EXPENSE = {"监控和道闸": 1860000, "下水道疏通": 980000, "保洁和清运": 840000, "办公和审计": 425180, "灭蚊消杀": 320000}


def parts(lines: Mapping[str, int]) -> list[tuple[str, str, Any]]:
    return [(label, yuan(fen), share) for (label, fen), share in zip(lines.items(), shares(list(lines.values())), strict=True)]


def form_with(problems: Mapping[str, str] | None = None, **typed: Any) -> Filled[Any]:
    return Filled(new_id(), 3, typed, None, problems or {})


HOME = Sample(
    """
{% block title %}首页{% endblock %}
{% block content %}
{{ head("周美兰，下午好", sub="11月23日（周一） 3栋2单元") }}
<div class="cols">
{% call section("waiting", "等我办的", badge=badge("3 件", "warm", "")) %}
<div class="card">
<div class="cell"><span class="disc warm">{{ icon("gift") }}</span><p class="grow"><b>立冬礼包，请来领</b><span class="sub">11月29日前，到议事厅领</span></p></div>
{{ button("出示领取码", href="/c/fengshu/benefits/1", kind="go", icon_name="qr") }}
{% call rows() %}
{{ row("/vote", "车棚怎么收费，请投票", sub="还剩 5 天", icon_name="vote", tone="") }}
{{ row("/shift", "明早8:30 楼道清扫", sub="已报名，3栋门口集合", icon_name="heart", tone="") }}
{% endcall %}
</div>
{% endcall %}
{% call section("money", "钱在哪里", side=true) %}
{% call hero_money("公共收益余额", "¥164,307.10", "截至11月20日", matched="与银行一致", income="+¥12,860.00", expense="−¥41,315.40", href="/c/fengshu/money", link="每一笔都有票据，去看账") %}
{{ trend_chart("balance", chart, "近12个月余额", "从去年12月的11.9万元，升到10月的19.3万元，11月发礼包后为16.4万元。", months, ("月份", "月末余额"), "去年12月", "今年11月") }}
{% endcall %}
{% endcall %}
{% call section("news", "有什么新事") %}
{% call rows() %}
{{ row("/n/3", "第三季度收支公示", sub="可提异议，还剩 3 天", icon_name="ledger", tone="cool") }}
{{ row("/n/2", "外墙防水，居民验收意见", sub="公示中，还剩 9 天", icon_name="helmet", tone="cool") }}
{{ row("/n/1", "第12次议事会，定了三件事", sub="11月21日", icon_name="board", tone="calm") }}
{% endcall %}
{% endcall %}
</div>
{% endblock %}
""",
    {"chart": trend_bars(BALANCES), "months": [(m, yuan(v)) for m, v in zip(MONTHS, BALANCES, strict=True)]},
    replace(FRAME, tab="home", demo=True),
)

MONEY = Sample(
    """
{% block title %}账目 第三季度{% endblock %}
{% block content %}
{{ head("2026年第三季度收支", sub="公共收益，7月1日至9月30日") }}
<div class="cols">
<div>
{% call card("sum", "期末余额") %}
<p class="fig">¥186,432.50</p>
<p>{{ badge("与9月30日银行余额一致", "ok") }}</p>
{{ sums([("期初余额", "¥168,204.30", false), ("加 收入", "+¥62,480.00", false), ("减 支出", "−¥44,251.80", false), ("等于 期末", "¥186,432.50", true)]) }}
{% endcall %}
{% call card("ask", "看不明白就问", icon_name="talk", badge=badge("还剩 3 天", "warm")) %}
<p>11月26日前提异议，<span class="nb">5天内具名答复。</span><span class="nb">您的姓名不公开。</span></p>
<p class="sub">已有 2 条异议，<span class="nb">都已答复。</span></p>
{{ button("我要提异议", href="/object", icon_name="pen") }}
{% endcall %}
{% call rows() %}
{{ proof("/log/128", 128) }}
{{ row("/print", "打印公示表", icon_name="print", plain=true) }}
{% endcall %}
{% call section("in", "钱从哪里来", sub="¥62,480.00") %}
<div class="card">{{ bars(income) }}</div>
{% endcall %}
{% call section("out", "钱用到哪里", sub="¥44,251.80") %}
<div class="card">{{ bars(expense, "clay") }}</div>
{% endcall %}
</div>
{% call section("lines", "每一笔", sub="共 47 笔", side=true) %}
{{ search("/c/fengshu/money/entries", "找一笔", hint="（用途或收款人）", target="#entries") }}
<div id="entries" data-say="找到 4 笔">
{% call rows() %}
{{ row("/e/311", "道闸更换尾款", sub="议事会第9次同意", thumb=slip, alt="票据，已遮盖姓名", when="9月28日", amount="−¥9,600.00") }}
{{ row("/e/310", "5栋下水道疏通", sub="票据 2 张", thumb=slip, alt="票据，已遮盖姓名", when="9月21日", amount="−¥3,200.00") }}
{{ row("/e/309", "电梯广告第三季", sub="合同到2027年6月", thumb=slip, alt="合同，已遮盖姓名", when="9月15日", amount="+¥6,000.00") }}
{{ row("/e/308", "8月地面停车费", sub="银行回单 1 张", thumb=slip, alt="银行回单", when="9月2日", amount="+¥12,800.00") }}
{% endcall %}
</div>
{{ pager("/c/fengshu/money/entries?before=308") }}
{% endcall %}
</div>
{% endblock %}
""",
    {"income": parts(INCOME), "expense": parts(EXPENSE), "slip": SLIP},
    replace(FRAME, tab="money", path="/c/fengshu/money"),
)

BENEFIT = Sample(
    """
{% block title %}我的福利{% endblock %}
{% block back %}{{ back_link("/c/fengshu/", "首页") }}{% endblock %}
{% block content %}
{{ head("立冬礼包，1 份待领", sub="大米10斤、菜籽油5升", badge=badge("还剩 6 天", "warm")) }}
{% call card("code", "给发放员看这个码", kind="hero") %}
{{ code_tile(qr, "7294 3856", "领取二维码，也可报下面的数字") }}
<p>扫不出来，<span class="nb">就报这 8 个数字。</span> <span class="nb">请把屏幕调亮。</span></p>
{% endcall %}
{% call card("where", "去哪里领", icon_name="pin") %}
{% call facts() %}
{{ fact("地点", "议事厅（老锅炉房一楼）") }}
{{ fact("日期", "11月21日至29日，每天") }}
{% call fact("时间") %}上午9:00至11:30<br>下午2:30至5:30{% endcall %}
{{ fact("带什么", "身份证或房产证") }}
{{ fact("来不了", "12月31日前可补领，不作废") }}
{% endcall %}
{{ button("请家人或邻居代领", href="/agent", icon_name="users") }}
{% endcall %}
{% call card("sum", "这一份是怎么算的", icon_name="ledger") %}
{{ sums([("拿出的公共收益", "¥33,792.00", false), ("除以 户数", "352 户", false), ("每户一份", "¥96.00", true), ("其中 大米10斤", "¥46.00", false), ("其中 菜籽油5升", "¥50.00", false)]) }}
<p class="sub">按户平分，依据业主表决<span class="nb">2026年第9号决议。</span></p>
{% call rows() %}
{{ row("/d/9", "看第9号决议", icon_name="doc", plain=true) }}
{{ proof("/log/126", 126) }}
{{ proof("/log/127") }}
{% endcall %}
{% endcall %}
{% endblock %}
""",
    {"qr": qr_path("https://fengshu.example/x/72943856")},
    replace(FRAME, notice="代领人已登记。"),
)

PROJECT = Sample(
    """
{% block title %}工程{% endblock %}
{% block content %}
{{ head("老旧小区改造（二期）", sub="管网、充电棚、路灯、绿地") }}
<div class="cols">
<div>
{% call card("progress", "做到哪一步了", icon_name="flag") %}
<p class="row"><span class="fig">62%</span>{{ badge("比计划晚 4 天", "warm") }}</p>
{{ bar("62%") }}
{% call timeline() %}
{{ step("申请和立项", "done", "3月12日完成") }}
{{ step("管网改造", "done", "9月30日完成") }}
{{ step("充电棚和路灯", "now", "正在做，计划12月10日完成") }}
{{ step("绿地", none, "12月11日开工") }}
{{ step("居民验收", none, "不代替法定竣工验收") }}
{% endcall %}
{% endcall %}
{% call card("findings", "还没改好的问题", icon_name="warn") %}
{{ tiles([("high", "严重", 1, ""), ("mid", "一般", 4, ""), ("low", "轻微", 6, "")]) }}
<p class="sub">已改好并复查 23 个。<br>没改好就关闭 1 个，<span class="nb">单独列出。</span></p>
{% call rows() %}
{{ row("/f/31", "5栋配电箱没有接地", sub="严重，限11月24日改好", icon_name="warn", tone="warm") }}
{{ row("/f", "看全部 11 个问题", plain=true) }}
{% endcall %}
{% endcall %}
{% call card("pay", "工程的钱", icon_name="bank", kind="quiet") %}
{{ sums([("合同价", "¥2,386,000.00", false), ("已付", "¥1,193,000.00", false), ("未付", "¥1,193,000.00", true)]) }}
<p class="sub">来自政府补助，与公共收益分开记。</p>
{% endcall %}
</div>
<div class="side">
{% call section("ba", "改前和改后") %}
<div class="card">
<h3>3栋外墙渗水</h3>
{{ before_after((before, "改前：墙面有水渍和裂缝", "改前 9月10日"), (after, "改后：墙面干净", "改后 10月18日"), "左右拖动，比较改前和改后") }}
<p>{{ badge("另一位监督员已复查", "ok") }}</p>
</div>
{% endcall %}
{% call section("visits", "监督日志", sub="共 41 次") %}
<div class="card">
{% call timeline() %}
{% call step("11月20日（周五）", "done", href="/v/41") %}<p>充电棚立柱装好，看了接地。<span class="nb">发现 1 个问题。</span></p>
{{ photo_strip([(day, "充电棚立柱", day), (cellar, "埋线沟", cellar), (after, "新井盖", after)]) }}
<p class="sub">监督员 黄*、李* <span class="nb">第 41 次</span></p>{% endcall %}
{% call step("11月10日（周二）", "done", href="/v/40") %}<p>路灯试亮 12 盏，都正常。</p>
{{ photo_strip([(night, "夜间路灯试亮", night), (day, "路边绿地", day)], two=true) }}
<p class="sub">监督员 黄*、张* <span class="nb">第 40 次</span></p>{% endcall %}
{% endcall %}
{{ button("写一篇日志", href="/visit", icon_name="camera") }}
</div>
{% endcall %}
</div>
</div>
{{ zoom_box() }}
{% endblock %}
""",
    {"before": WALL_BEFORE, "after": WALL_AFTER, "day": DAY, "night": NIGHT, "cellar": CELLAR},
    replace(FRAME, tab="works"),
)

SHIFT = Sample(
    """
{% block title %}志愿{% endblock %}
{% block content %}
{{ head("志愿服务", sub="我今年服务 26.5 小时，做了 14 次") }}
<div class="cols">
{% call section("mine", "我报名的", side=true) %}
{% call rows() %}
{{ row("/s/1", "楼道清扫", sub="上午8:30，3栋门口", day=24, weekday="周二", badge=badge("报名成功", "ok")) }}
{{ row("/s/2", "写春联、学书法", sub="下午2:30，议事厅", day=28, weekday="周六", badge=badge("候补第 3 位", "warm")) }}
{% endcall %}
{% endcall %}
{% call section("next", "接下来的服务") %}
<article class="card" id="shift-7" aria-labelledby="shift-7-h">
<div class="cell"><span class="day"><b>25</b>周三</span><div class="grow"><h3 id="shift-7-h">给独居老人送饭</h3><p class="sub">服务特殊群体</p></div></div>
<p class="row"><span>已报 6 人，<span class="nb">共要 10 人</span></span><b>还差 4 人</b></p>
{{ bar("60%") }}
{% call facts() %}
{{ fact("时间", "上午10:30至12:00") }}
{{ fact("集合", "社区食堂门口") }}
{{ fact("带队", "刘建国") }}
{% endcall %}
{% call post("/c/fengshu/shifts/7/signups", target="#shift-7", filled=signup) %}
{{ button("我要报名", kind="go") }}
{% endcall %}
{{ button("替没有手机的邻居报名", href="/behalf", kind="txt") }}
</article>
{% call rows() %}
{{ row("/s/3", "花坛除草", sub="服务家园美化，下午3:00", day=26, weekday="周四", badge=badge("还差 2 人")) }}
{{ row("/s/4", "文明停车劝导", sub="服务文明创建，下午5:30", day=27, weekday="周五", badge=badge("名额已满，可候补")) }}
{% endcall %}
{% endcall %}
{% call section("wishes", "邻居要帮忙") %}
{% call empty("还没有人提需求", "谁家要帮忙，写在这里，志愿者会来接。", "hands") %}
{{ button("我要帮忙", href="/wish") }}
{% endcall %}
{% endcall %}
</div>
{% endblock %}
""",
    {"signup": empty()},
    replace(FRAME, tab="volunteering"),
)

RESULT = Sample(
    """
{% block title %}报名成功{% endblock %}
{% block back %}{{ back_link("/c/fengshu/volunteering", "志愿") }}{% endblock %}
{% block content %}
{% call result("报名成功", number="427 号", sub="11月25日（周三）上午10:30，给独居老人送饭") %}
<p class="sub">社区食堂门口集合。<br>来不了，<span class="nb">请提前一天取消。</span></p>
{{ button("记到手机日历", href="/cal", icon_name="cal") }}
{{ button("取消报名", href="/cancel", kind="txt") }}
{% endcall %}
{% endblock %}
"""
)

QUESTION = Sample(
    """
{% block title %}代领人的手机号{% endblock %}
{% block back %}{{ back_link("/c/fengshu/benefits/1", "上一步") }}{% endblock %}
{% block content %}
{{ error_summary(form) }}
{% call post("/c/fengshu/agents", target="main", filled=form) %}
<div class="card">
<p class="sub">代领登记，第 2 步，共 3 步</p>
{{ text(form.field("tel"), "代领人手机号是多少？", type="tel", question=true, hint="取货前，发放员会打这个电话核对。") }}
</div>
{% call dock() %}
{{ button("继续", kind="go") }}
{% endcall %}
{% endcall %}
{% endblock %}
""",
    {"form": form_with({"tel": "手机号少了 1 位，请写满 11 位"}, tel="138 0731 256")},
)

FIELDS = Sample(
    """
{% block title %}所有的格子{% endblock %}
{% block back %}{{ back_link("/c/fengshu/", "首页") }}{% endblock %}
{% block content %}
{{ error_summary(form, {"title": "标题", "place": "看的是哪里", "how": "怎么确认收到"}) }}
{{ head("所有的格子") }}
{% call post("/c/fengshu/everything", filled=form, multipart=true) %}
{{ hidden("plan", 9) }}
<section class="card" aria-label="文字">
{{ text(form.field("title"), "标题", hint="写短一点") }}
{{ text(form.field("amount"), "金额", type="money", unit="元") }}
{{ text(form.field("count"), "要几个人", type="number", optional=true) }}
{{ text(form.field("day"), "哪一天", type="date") }}
{{ text(form.field("at"), "几点集合", type="datetime-local") }}
{{ text(form.field("secret"), "密码", type="password", autocomplete="current-password") }}
{{ textarea(form.field("what"), "看到了什么？", lines=3) }}
{{ select(form.field("place"), "看的是哪里？", [("a", "5栋地下室 电缆沟"), ("b", "3栋外墙")], empty="请选一处") }}
</section>
<section class="card" aria-label="选择">
{{ choices(form.field("sky"), "天气", [("k1", "晴"), ("k2", "阴"), ("k3", "小雨"), ("k4", "大雨")], pair=true) }}
{{ choices(form.field("how"), "怎么确认收到？", [("w1", "手写签名"), ("w2", "写姓名，再打勾"), ("w4", "由我见证，不用签", "要写明原因")], hint="三种都一样有效。") }}
{{ choices(form.field("kinds"), "想参加哪几类？", [("civility", "服务文明创建"), ("beauty", "服务家园美化"), ("needs", "服务群众需求")], many=true, optional=true) }}
{{ tick(form.field("checked"), "我已核对，内容属实") }}
</section>
{% call dock() %}
{{ button("提交", kind="go") }}
{% endcall %}
{% endcall %}
{% endblock %}
""",
    {
        "form": form_with(
            {"title": "这里还没有填。", "place": "请选一项。", "how": "请选一项。", "checked": "请打勾。", "": "两个时间不能相同。"},
            title="",
            amount="1，234.50",
            sky="k2",
            kinds=["beauty", "needs"],
            what="电缆沟盖板铺了一半。\n<b>沟里有积水</b>",
        )
    },
)

CHECK = Sample(
    """
{% block title %}请核对{% endblock %}
{% block back %}{{ back_link("/c/fengshu/agents/2", "上一步") }}{% endblock %}
{% block content %}
{{ head("请核对，再提交") }}
{% call post("/c/fengshu/agents") %}
<div class="card">
{% call facts() %}
{{ fact("领什么", "立冬礼包 1 份") }}
{{ fact("哪一户", "3栋2单元602") }}
{{ fact("代领人", "陈晓燕", change="/n") }}
{{ fact("手机号", "138 0731 2566", change="/tel") }}
{{ fact("哪天去", "11月28日（周六）上午", change="/d", change_label="哪天去领") }}
{% endcall %}
<p class="sub">按下按钮才算登记。<br>登记后，代领人有自己的领取码。</p>
</div>
{{ note("这一户领过了，不能再发", "11月22日上午10:05，由女儿代领。") }}
{{ note("先看一遍再按", kind="cool") }}
{% call note("已保存", kind="ok") %}<p>第 <b>12</b> 号。</p>{% endcall %}
{% call dock() %}
{{ button("提交代领登记", kind="go") }}
{{ button("先不登记了", href="/c/fengshu/benefits/1", kind="txt") }}
{% endcall %}
{% endcall %}
{% endblock %}
"""
)

VISIT = Sample(
    """
{% block title %}写监督日志{% endblock %}
{% block back %}{{ back_link("/c/fengshu/works", "工程") }}{% endblock %}
{% block content %}
{{ head("写监督日志", sub="改造二期，11月23日（周一）") }}
{{ note("没有信号，放心写", "都存在这台手机上。有信号会自动送出。", icon_name="off", role="status") }}
{% call post("/c/fengshu/visits", multipart=true) %}
{% call card("photos", "照片 6 张") %}
<p class="sub" role="status">2 张已送达，1 张上传中，1 张在手机里，1 张要处理。</p>
{% call photo_grid() %}
{{ photo_item(cellar, "地下室全景", full=cellar, state="sent", words="已送达") }}
{{ photo_item(day, "充电棚", full=day, state="up", words="上传中 62%", progress="62%") }}
{% call photo_item(night, "打不开的照片", state="fix", words="需要处理", detail="照片打不开，请重拍。") %}{{ button("重拍", icon_name="camera", name="retake") }}{{ button("不要这张", kind="txt", name="drop", value="3") }}{% endcall %}
{{ photo_item(night, "路灯", full=night, state="kept", words="已保存在手机") }}
{{ photo_item(day, "绿地", full=day, words="11月20日 上午9:12") }}
{{ photo_add("photo", "再拍一张") }}
{{ photo_add("photo", "从相册选", camera=false) }}
{% endcall %}
{% endcall %}
{% call dock() %}
{{ button("提交日志", kind="go") }}
{% endcall %}
{% endcall %}
{{ zoom_box() }}
{% endblock %}
""",
    {"cellar": CELLAR, "day": DAY, "night": NIGHT},
)

SHEET = Sample(
    """
{% block title %}公示 第三季度收支{% endblock %}
{% block back %}{{ back_link("/c/fengshu/money", "账目") }}{% endblock %}
{% block content %}
<p class="noprint">{{ button("打印，A4 一张", href="#main", icon_name="print") }}</p>
{% call notice_sheet("枫树小区自治管理委员会", "公示", "2026年第三季度公共收益收支表", qr=qr, qr_label="扫码看每一笔", code="查询码 5208 1128") %}
{{ sheet_meta([("所属期间", "2026年7月1日至9月30日"), ("公示期间", "2026年10月16日至11月26日（30个工作日）")]) }}
{% call table("收支表，单位元", [("项目", "text"), ("依据和票据", "text"), ("金额（元）", "num")]) %}
{% for label, basis, amount, kind in lines %}
{% call tr(kind) %}{{ td(label) }}{{ td(basis, "sub") }}{{ td(amount, "num") }}{% endcall %}
{% endfor %}
{% endcall %}
<p>另有：应收广告费 ¥2,000.00；代管押金 ¥3,000.00；未领礼包 0 份。</p>
<p><b>有异议：</b>请在11月26日前扫码，或到议事厅登记。5天内具名答复，异议人姓名不公开。电话 <span class="nb">0731-8555 0123</span>。</p>
{{ sheet_seal(128, "fengshu.example/log", "qX7mV0c3Rr1u9nYh2kZb8TfWJ5sLd4aPeGqNiH6oBwE=", "2026年10月16日上午9:00") }}
{{ sheet_signs(["制表（财务）", "监督委员", "监督委员", "主任（盖章）"]) }}
{% endcall %}
{% endblock %}
""",
    {
        "qr": qr_path("https://fengshu.example/n/52081128"),
        "lines": [
            ("期初余额", "6月30日银行余额", "168,204.30", "tot"),
            ("收入 地面停车", "收费记录 3 份", "38,400.00", None),
            ("收入 电梯和道闸广告", "合同2份，至2027年6月", "12,000.00", None),
            ("收入 充电桩分成", "合同1份，结算单3张", "5,860.00", None),
            ("收入 快递柜场地", "合同1份", "4,500.00", None),
            ("收入 售水机、场地租用", "收据4张", "1,720.00", None),
            ("收入合计", "", "62,480.00", "tot"),
            ("支出 监控和道闸", "议事会第9次，发票3张", "18,600.00", None),
            ("支出 下水道疏通", "议事会第8次，发票3张", "9,800.00", None),
            ("支出 保洁和清运", "年度预算，发票3张", "8,400.00", None),
            ("支出 办公和审计", "年度预算，发票7张", "4,251.80", None),
            ("支出 灭蚊消杀", "年度预算，发票2张", "3,200.00", None),
            ("支出合计", "", "44,251.80", "tot"),
            ("期末余额", "与9月30日银行余额一致", "186,432.50", "tot"),
        ],
    },
)

APPROVALS = Sample(
    """
{% block title %}待审批{% endblock %}
{% block content %}
{{ head("待审批 5 笔", sub="公共收益。经手人不能批自己的。") }}
<div class="cols">
<section class="card" aria-label="待审批的凭证">
{{ tiles([("bad", "不能批", 1, "fix"), ("warn", "请看", 2, "kept"), ("ok", "齐全", 2, "sent")]) }}
{% call table("待审批的凭证", [("事项", "text"), ("自动检查", "text"), ("金额（元）", "num")], two=true) %}
{% call tr("sel") %}{{ td("5栋路灯电缆", sub="316号，11月22日，经手刘建国", href="/e/316") }}{% call td() %}{{ badge("不能批：发票用过", "bad") }}{% endcall %}{{ td("−4,860.00", "num") }}{% endcall %}
{% call tr() %}{{ td("立冬礼包尾款", sub="315号，11月21日，经手何*", href="/e/315") }}{% call td() %}{{ badge("齐全", "ok") }}{% endcall %}{{ td("−16,896.00", "num") }}{% endcall %}
{% call tr() %}{{ td("10月地面停车费", sub="314号，11月20日，经手何*", href="/e/314") }}{% call td() %}{{ badge("齐全", "ok") }}{% endcall %}{{ td("12,800.00", "num") }}{% endcall %}
{% call tr() %}{{ td("电梯广告第四季", sub="313号，11月19日，经手刘建国", href="/e/313") }}{% call td() %}{{ badge("请看：合同快到期", "warm", "warn") }}{% endcall %}{{ td("6,000.00", "num") }}{% endcall %}
{% call tr() %}{{ td("议事厅茶叶", sub="312号，11月18日，经手黄*", href="/e/312") }}{% call td() %}{{ badge("请看：超预算 ¥86.00", "warm", "warn") }}{% endcall %}{{ td("−386.00", "num") }}{% endcall %}
{% endcall %}
</section>
{% call card("one", "316号 5栋路灯电缆", kind="side") %}
{{ photo_strip([(slip, "发票", slip), (slip, "合同", slip)], two=true) }}
{% call facts() %}
{{ fact("付给", "长沙明亮电料行") }}
{{ fact("金额", "¥4,860.00") }}
{{ fact("依据", "议事会第11次") }}
{% endcall %}
{{ check_list([("sent", "通过：议事会同意过"), ("sent", "通过：余额够付"), ("kept", "请看：比上次贵 12%"), ("fix", "不通过：发票在 288号 用过")]) }}
{% call post("/c/fengshu/entries/316/return", target="main") %}
{{ button("退回，请换发票", kind="go", name="act", value="return") }}
{{ button("先放着", name="act", value="later", attrs={"formnovalidate": true}) }}
{% endcall %}
<p class="sub">有不通过的，不能批准。</p>
{% endcall %}
</div>
{% endblock %}
""",
    {"slip": SLIP},
    replace(FRAME, tab="money", officer=True),
)

ICONS = Sample(
    """
{% block title %}图标{% endblock %}
{% block content %}
{{ head("图标") }}
<div class="card"><dl class="tri">
{% for name in names %}
<div><dt>{{ name }}</dt><dd><span class="disc">{{ icon(name, label=name) }}</span></dd></div>
{% endfor %}
</dl></div>
{% endblock %}
""",
    {
        "names": [
            line.split('"')[1]
            for line in (APP / "static/icons/icons.svg").read_text().splitlines()
            if line.startswith("<symbol")
        ]
    },
    Frame(path="/"),
)

REFUSALS = {
    f"refusal-{status}": (status, message, step)
    for status, message, step in [
        (404, "没有找到。", "可能已经删除，或者链接不完整。"),
        (403, "您没有办这件事的权限。", ""),
        (409, "名额已经满了。", "可以登记候补，有人退出会通知您。"),
        (422, "填写的内容有误。", ""),
        (500, "程序出错了，您填的没有保存。", "请把下面的编号告诉我们。"),
    ]
}


class Refused(Sample):
    def html(self, **changes: Any) -> str:
        return templates.get_template(self.source).render(frame=replace(self.frame, **changes), **self.facts)


PAGES: dict[str, Sample] = {
    "home": HOME,
    "money": MONEY,
    "benefit": BENEFIT,
    "project": PROJECT,
    "volunteering": SHIFT,
    "result": RESULT,
    "question": QUESTION,
    "fields": FIELDS,
    "check": CHECK,
    "visit": VISIT,
    "sheet": SHEET,
    "approvals": APPROVALS,
    "icons": ICONS,
    **{
        name: Refused("answers/refusal.html", {"status": s, "message": m, "next_step": n, "back": "/c/fengshu/money", "request_id": "7F3K-29QD"})
        for name, (s, m, n) in REFUSALS.items()
    },
    "offline": Refused("answers/offline.html"),
}

LOOKS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "phone": ({}, {"viewport": {"width": 360, "height": 760}}),
    "large": ({"size": "large"}, {"viewport": {"width": 360, "height": 760}}),
    "small-large": ({"size": "large"}, {"viewport": {"width": 320, "height": 640}}),
    "dark": ({}, {"viewport": {"width": 360, "height": 760}, "color_scheme": "dark"}),
    "wide": ({}, {"viewport": {"width": 1280, "height": 900}}),
    "wide-large": ({"size": "large"}, {"viewport": {"width": 1280, "height": 900}}),
}


def draw(folder: Path, names: list[str], looks: list[str]) -> None:
    """Pictures of the samples as the browser shows them under a strict CSP; says what is too wide or refused."""
    from playwright.sync_api import Route, sync_playwright

    shown = ""

    def answer(route: Route) -> None:
        file = APP / route.request.url.split("?")[0].removeprefix("http://gallery/")
        if file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=guess_type(file)[0] or "application/manifest+json")
        else:
            route.fulfill(body=shown, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": CSP})

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for look in looks:
            changes, options = LOOKS[look]
            page = browser.new_page(locale="zh-CN", reduced_motion="reduce", **options)
            page.on("console", lambda message: sys.stdout.write(f"{message.type}: {message.text}\n"))
            page.route("**/*", answer)
            for name in names:
                shown = PAGES[name].html(**changes)
                page.goto("http://gallery/page")
                page.wait_for_load_state("networkidle")
                if wide := page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"):
                    sys.stdout.write(f"{name} {look}: {wide}px too wide\n")
                tall = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": options["viewport"]["width"], "height": max(tall, options["viewport"]["height"])})
                page.wait_for_timeout(150)
                page.screenshot(path=folder / f"{name}-{look}.png")
                page.set_viewport_size(options["viewport"])
            page.close()
        page = browser.new_page()
        page.route("**/*", answer)
        shown = PAGES["sheet"].html()
        page.goto("http://gallery/page")
        page.pdf(path=folder / "sheet.pdf", prefer_css_page_size=True)
        browser.close()


if __name__ == "__main__":
    wanted = [argument.split(",") for argument in sys.argv[2:]]
    draw(Path(sys.argv[1]), *(wanted + [list(PAGES), list(LOOKS)][len(wanted) :]))
