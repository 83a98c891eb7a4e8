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
from app.kit.sent import Sent
from app.kit.views import APP, Frame, Place, Reader, templates

SOURCES = Path(__file__).parent / "gallery_pages"
CSP = (
    "default-src 'self'; img-src 'self' blob: data:; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)

FRAME = Frame(
    path="/c/fengshu/",
    compound=Place("fengshu", "枫树小区", "0731-8555 0123"),
    person=Reader("周美兰", "0195a000-0000-7000-8000-000000000001"),
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
        "choose_person": "choose_person",
        "code_tile": "code_tile, qr_image",
        "cover_form": "cover_form",
        "dock": "dock",
        "empty": "empty",
        "error_summary": "error_summary",
        "facts": "facts, fact",
        "hero_money": "hero_money",
        "note": "note",
        "notice_sheet": "notice_sheet, sheet_meta, sheet_seal, sheet_signs",
        "fold": "fold",
        "head": "head",
        "pager": "pager",
        "photo_grid": "photo_grid, photo_item, photo_add, photo_strip, zoom_box",
        "form": "form as post, hidden",
        "proof": "proof",
        "result": "result",
        "row": "rows, row",
        "scan": "scan, decoder",
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
        source = (SOURCES / f"{self.source}.html").read_text()
        template = templates.from_string('{% extends "base.html" %}\n' + IMPORTS + source)
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

BALANCES = [
    *(11863040, 12640510, 12188000, 13921460, 14752030, 15679080),
    *(16820430, 17691820, 17134290, 18643250, 19276250, 16430710),
]
MONTHS = ["去年12月", *(f"{n}月" for n in range(1, 11)), "11月20日"]
INCOME = {"地面停车": 3840000, "电梯和道闸广告": 1200000, "充电桩分成": 586000, "快递柜场地": 450000, "售水机、场地租用": 172000}
EXPENSE = {"监控和道闸": 1860000, "下水道疏通": 980000, "保洁和清运": 840000, "办公和审计": 425180, "灭蚊消杀": 320000}


LINES = [
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
]
ICONS = [line.split('"')[1] for line in (APP / "static/icons/icons.svg").read_text().splitlines() if line.startswith("<symbol")]


def parts(lines: Mapping[str, int]) -> list[tuple[str, str, Any]]:
    return [(label, yuan(fen), share) for (label, fen), share in zip(lines.items(), shares(list(lines.values())), strict=True)]


def form_with(problems: Mapping[str, str] | None = None, **typed: Any) -> Filled[Any]:
    return Filled(new_id(), 3, typed, None, problems or {})


class Answer(Sample):
    """A template of `templates/answers`, as it stands."""

    def html(self, **changes: Any) -> str:
        return templates.get_template(self.source).render(frame=replace(self.frame, **changes), **self.facts)


def refusal(status: int, message: str, next_step: str, sent: Sent | None = None) -> Answer:
    facts = {"status": status, "message": message, "next_step": next_step, "back": "/c/fengshu/money", "request_id": "7F3K-29QD"}
    return Answer("answers/refusal.html", facts | {"back_says": "改这一份", "again_says": "另交一份", "sent": sent})


PAGES: dict[str, Sample] = {
    "home": Sample(
        "home",
        {"chart": trend_bars(BALANCES), "months": [(m, yuan(v)) for m, v in zip(MONTHS, BALANCES, strict=True)]},
        replace(FRAME, tab="home", demo=True),
    ),
    "money": Sample("money", {"income": parts(INCOME), "expense": parts(EXPENSE), "slip": SLIP}, replace(FRAME, tab="money")),
    "benefit": Sample("benefit", {"qr": qr_path("https://fengshu.example/x/72943856")}, replace(FRAME, notice="代领人已登记。")),
    "project": Sample(
        "project",
        {"before": WALL_BEFORE, "after": WALL_AFTER, "day": DAY, "night": NIGHT, "cellar": CELLAR},
        replace(FRAME, tab="works"),
    ),
    "volunteering": Sample("volunteering", {"signup": empty()}, replace(FRAME, tab="volunteering")),
    "result": Sample("result"),
    "question": Sample("question", {"form": form_with({"tel": "手机号少了 1 位，请写满 11 位"}, tel="138 0731 256")}),
    "fields": Sample(
        "fields",
        {
            "form": form_with(
                {
                    "title": "这里还没有填。",
                    "place": "请选一项。",
                    "how": "请选一项。",
                    "checked": "请打勾。",
                    "": "两个时间不能相同。",
                },
                title="",
                amount="1，234.50",
                sky="k2",
                kinds=["beauty", "needs"],
                what="电缆沟盖板铺了一半。\n<b>沟里有积水</b>",
            )
        },
    ),
    "check": Sample("check"),
    "cover": Sample("cover", {"form": form_with(), "day": DAY}),
    "visit": Sample("visit", {"cellar": CELLAR, "day": DAY, "night": NIGHT}),
    "sheet": Sample("sheet", {"qr": qr_path("https://fengshu.example/n/52081128"), "lines": LINES}),
    "approvals": Sample("approvals", {"slip": SLIP}, replace(FRAME, tab="money", officer=True)),
    "icons": Sample("icons", {"names": ICONS}, Frame(path="/")),
    "refusal-403": refusal(403, "您没有办这件事的权限。", ""),
    "refusal-404": refusal(404, "没有找到。", "可能已经删除，或者链接不完整。"),
    "refusal-409": refusal(
        409, "这一份已经交过，内容和这次不同。", "两份都要，就另交一份。", Sent("/x", [("text", "道闸为什么修了两次？")], {})
    ),
    "refusal-500": refusal(500, "程序出错了，您填的没有保存。", "请把下面的编号告诉我们。"),
    "offline": Answer("answers/offline.html"),
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
                page.set_viewport_size(
                    {"width": options["viewport"]["width"], "height": max(tall, options["viewport"]["height"])}
                )
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
