"""The main job of each room from end to end, by the people of the demo: by touch without script, by a keyboard alone with it."""

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import urljoin
from uuid import UUID
from weakref import WeakSet

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import update
from sqlmodel import col, select

from app.accounts.models import LoginSession
from app.compounds.models import Person
from app.kit.clock import now, today
from app.kit.db import writing
from app.main import create_app
from app.notices.models import Notice
from app.settings import Settings
from tests.browser.conftest import PHONE
from tests.browser.outbox.conftest import picture
from tools import screenshots

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The invented world on a port of its own."""
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as free:
        patch.setattr(screenshots, "PORT", free.getsockname()[1])
        free.close()
        with screenshots.served(copytree(demo_folder, tmp_path_factory.mktemp("walks") / "demo")) as settings:
            yield settings


BY_KEYS: WeakSet[BrowserContext] = WeakSet()
"""Phones with a keyboard and nobody who touches the screen. (A file is handed over: its chooser is no page of ours.)"""


@dataclass
class Phones:
    """Each of the people of a walk has a browser of their own."""

    chromium: Browser
    axe: Callable[[Page], list[str]]
    script: bool
    phones: list[BrowserContext] = field(default_factory=list)

    def phone(self) -> Page:
        context = self.chromium.new_context(**PHONE, java_script_enabled=self.script)
        context.set_default_timeout(15_000)
        self.phones.append(context)
        if self.script:
            BY_KEYS.add(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    def look(self, page: Page) -> None:
        """At a page that `test_every_page` does not know: one heading, nothing over the edge, and every eye and ear can follow.

        The last two with script only: axe is one.
        """
        expect(page.locator("h1")).to_have_count(1)
        assert page.locator(".cols > .side").count() <= 1, f"two would lie on each other on a wide screen: {page.url}"
        if self.script:
            page.wait_for_load_state("load")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
            assert self.axe(page) == [], page.url

    def say_sure(self, page: Page) -> None:
        """The dialog has been accepted; without script a page asks instead."""
        if not self.script:
            self.look(page)
            press(page, "确定")

    def follow(self, page: Page, link: str) -> None:
        """From what script has sent to what became of it; without script that page comes by itself."""
        if self.script:
            go(page, link)

    def hang_up(self) -> None:
        for context in self.phones:
            context.close()


@dataclass
class Street(Phones):
    """Where the people of the demo meet."""

    demo: Settings = field(kw_only=True)

    @property
    def home(self) -> str:
        return self.demo.public_url

    def become(self, name: str) -> Page:
        """By the demo's door: one tap on the sign-in page."""
        page = self.phone()
        page.goto(f"{self.home}/sign-in")
        push(page.get_by_role("button", name=name))
        read(page, f"您现在是{name}。")
        return page

    def let_objections_end(self, plan: str) -> None:
        """As if the days had gone by."""
        with writing(create_app(self.demo).state.db) as session:
            of = col(Notice.record_id) == UUID(plan.rpartition("/")[2])
            session.exec(update(Notice).where(of).values(objections_until_at=now() - timedelta(seconds=1)))

    def let_second_factor_go_stale(self, name: str) -> None:
        """As after a quarter of an hour."""
        with writing(create_app(self.demo).state.db) as session:
            accounts = select(Person.account_id).where(Person.name == name)
            session.exec(update(LoginSession).where(col(LoginSession.account_id).in_(accounts)).values(second_factor_at=None))


@pytest.fixture(params=[True, False], ids=["with script, by keys", "without script"])
def street(
    request: pytest.FixtureRequest, demo: Settings, chromium: Browser, axe: Callable[[Page], list[str]]
) -> Iterator[Street]:
    street = Street(chromium, axe, request.param, demo=demo)
    yield street
    street.hang_up()


def reach(one: Locator) -> None:
    """Tab until it has the focus.

    It is looked up once, and again where the page was drawn anew meanwhile: to find it by its role is most of a step.
    """
    expect(one).to_be_visible()
    it = one.element_handle()
    for _ in range(200):
        reached = it.evaluate("one => one.isConnected ? one === document.activeElement : null")
        if reached:
            return
        if reached is None:
            it = one.element_handle()
        one.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {one} on {one.page.url}")


def push(one: Locator) -> None:
    """A link or a button."""
    if one.page.context not in BY_KEYS:
        return one.click()
    reach(one)
    return one.page.keyboard.press("Enter")


def write(one: Locator, text: str) -> None:
    if one.page.context not in BY_KEYS:
        return one.fill(text)
    reach(one)
    one.page.keyboard.press("Control+a")
    return one.page.keyboard.insert_text(text)


def tick(one: Locator) -> None:
    """A box, or one of several: those are one stop, and arrows go from one to the next."""
    if one.page.context not in BY_KEYS:
        return one.check()
    keys = one.page.keyboard
    stop = f'[name="{one.get_attribute("name")}"]'
    for _ in range(200):
        if one.page.evaluate("stop => document.activeElement.matches(stop)", stop):
            break
        keys.press("Tab")
    for _ in range(20):
        if one.evaluate("one => one === document.activeElement"):
            break
        keys.press("ArrowDown" if one.get_attribute("type") == "radio" else "Tab")
    if not one.is_checked():
        keys.press("Space")
    return expect(one).to_be_checked()


def tab(page: Page, name: str) -> None:
    push(page.get_by_role("navigation", name="主菜单").get_by_role("link", name=name))
    expect(page.get_by_role("navigation", name="主菜单").locator("[aria-current=page]")).to_have_text(name)


def go(page: Page, link: str | re.Pattern[str]) -> None:
    push(page.get_by_role("main").get_by_role("link", name=link).first)


def press(page: Page, button: str | re.Pattern[str]) -> None:
    push(page.get_by_role("main").get_by_role("button", name=button))


def read(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()


def one_with_room(page: Page) -> str:
    """The address of a shift that still takes this person, the last that is planned: it can be withdrawn from at any hour."""
    listed = page.url
    for link in [one.get_attribute("href") or "" for one in reversed(page.locator("#coming a", has_text="还差").all())]:
        page.goto(urljoin(listed, link))
        if page.get_by_role("button", name="我要报名").count():
            page.goto(listed)
            return link
    raise AssertionError("no coming shift takes this person")


def photo(seed: int) -> dict[str, Any]:
    return {"name": f"{seed}.jpg", "mimeType": "image/jpeg", "buffer": picture(seed)}


def test_a_resident_signs_up_for_a_shift_and_withdraws(street: Street) -> None:
    page = street.become("周美兰")
    tab(page, "志愿")
    shift = one_with_room(page)
    page.goto(street.home + shift)
    street.look(page)
    title = page.locator("h1").inner_text()
    press(page, "我要报名")
    expect(page.get_by_role("heading", name="报名成功")).to_be_visible()
    read(page, title)
    read(page, re.compile(r"^\d+ 号$"))
    street.look(page)
    signup = page.url.removeprefix(street.home).partition("?")[0]
    push(page.get_by_role("banner").get_by_role("link", name="志愿"))
    expect(page.locator(f'#mine a[href="{signup}"]')).to_be_visible()
    page.goto(street.home + signup)
    press(page, "取消报名")
    street.say_sure(page)
    read(page, "已取消报名")
    expect(page.locator(f'#mine a[href="{signup}"]')).to_have_count(0)
    street.look(page)


def test_a_coordinator_checks_somebody_in(street: Street) -> None:
    page = street.become("吴秀英")
    tab(page, "志愿")
    push(page.locator("#coming").get_by_role("link").first)
    street.look(page)
    go(page, "签到名单")
    street.look(page)
    waiting = page.get_by_role("button", name="来了，签到")
    before = waiting.count()
    assert before > 0
    push(waiting.first)
    read(page, "已签到。")
    expect(waiting).to_have_count(before - 1)
    read(page, re.compile("^已签到，"))
    street.look(page)


def test_an_expense_is_booked_with_its_voucher_approved_and_seen_by_a_resident(street: Street) -> None:
    what = f"5栋下水道疏通（{'一' if street.script else '二'}）"
    treasurer = street.become("张惠芳")
    tab(treasurer, "账目")
    go(treasurer, "记一笔账")
    write(treasurer.get_by_label("金额"), "268.50")
    tick(treasurer.get_by_label("公共维修"))
    treasurer.get_by_label("拍票据").set_input_files(photo(11 + street.script))
    if street.script:
        expect(treasurer.get_by_text("选好的第 1 张")).to_be_visible()
    write(treasurer.get_by_label("付给谁"), "萤火虫水电维修店")
    write(treasurer.get_by_label("用途"), what)
    press(treasurer, "提交，等监督委员批准")
    expect(treasurer.get_by_role("heading", name=what)).to_be_visible()
    read(treasurer, "已提交，等监督委员批准。")
    expect(treasurer.get_by_role("img", name="票据第 1 张")).to_be_visible()
    street.look(treasurer)

    supervisor = street.become("黄志远")
    street.let_second_factor_go_stale("黄志远")
    tab(supervisor, "账目")
    go(supervisor, "待批和草稿")
    go(supervisor, what)
    street.look(supervisor)
    press(supervisor, "批准入账 −¥268.50")
    read(supervisor, "办这件事要再确认一次身份。")
    street.look(supervisor)
    go(supervisor, "确认身份")
    expect(supervisor.get_by_role("heading", name="确认是您本人")).to_be_visible()
    street.look(supervisor)
    press(supervisor, "确认身份")
    expect(supervisor.get_by_role("heading", name=what)).to_be_visible()
    press(supervisor, "批准入账 −¥268.50")
    read(supervisor, "批准了，已经入账公开。")
    street.look(supervisor)

    resident = street.become("周美兰")
    tab(resident, "账目")
    go(resident, what)
    read(resident, "−¥268.50")
    read(resident, "票据待公开")
    assert resident.get_by_role("img", name="票据第 1 张").count() == 0, "not before the treasurer released the public copy"
    street.look(resident)


def test_rent_that_is_late_is_booked_to_its_contract(street: Street) -> None:
    """Half of it in each of the two walks."""
    treasurer = street.become("张惠芳")
    tab(treasurer, "账目")
    go(treasurer, re.compile("合同和应收"))
    street.look(treasurer)
    go(treasurer, re.compile("道闸广告"))
    read(treasurer, "该收的，收到的")
    street.look(treasurer)
    go(treasurer, "收到一笔，记账")
    expect(treasurer.get_by_label("谁付的")).to_have_value("山雀广告社")
    write(treasurer.get_by_label("金额"), "1200")
    street.look(treasurer)
    press(treasurer, "提交，等监督委员批准")
    read(treasurer, "已提交，等监督委员批准。")

    supervisor = street.become("黄志远")
    tab(supervisor, "账目")
    go(supervisor, "待批和草稿")
    go(supervisor, re.compile("道闸广告"))
    read(supervisor, "合同")
    press(supervisor, "批准入账 +¥1,200.00")
    read(supervisor, "批准了，已经入账公开。")
    street.look(supervisor)

    resident = street.become("周美兰")
    tab(resident, "账目")
    go(resident, re.compile("合同和应收"))
    go(resident, re.compile("^道闸广告"))
    read(resident, "+¥1,200.00")
    street.look(resident)


def test_a_month_is_published_objected_to_and_answered(street: Street) -> None:
    asked = f"这个月的电费比上个月多，为什么？（{'一' if street.script else '二'}）"
    treasurer = street.become("张惠芳")
    tab(treasurer, "账目")
    go(treasurer, "公布收支表")
    expect(treasurer.get_by_role("heading", level=1)).to_contain_text("收支？")
    street.look(treasurer)
    press(treasurer, "确认公布")
    read(treasurer, "公布了，异议期从现在开始。")
    street.look(treasurer)

    resident = street.become("周美兰")
    tab(resident, "账目")
    push(resident.locator("#statements").get_by_role("link").first)
    go(resident, "看异议，提异议")
    street.look(resident)
    notice = resident.url
    write(resident.get_by_label("哪里不对？"), asked)
    press(resident, "提交异议")
    read(resident, asked)
    read(resident, "等待答复")
    street.look(resident)

    director = street.become("刘建国")
    tab(director, "公示")
    push(director.get_by_role("main").locator(f'a[href$="{notice.rpartition("/")[2]}"]').first)
    write(director.get_by_label("答复，会写上您的名字"), "多了一盏楼道灯，电费单在公告栏。")
    press(director, "答复")
    read(director, "刘建国答复")
    street.look(director)

    resident.goto(notice)
    read(resident, "多了一盏楼道灯，电费单在公告栏。")
    street.look(resident)


def test_a_gift_from_its_plan_to_its_report(street: Street) -> None:
    """Planned, approved, published, objected to, corrected, collected by code, by somebody else and without a phone; closed."""
    title = f"腊八米（{'一' if street.script else '二'}）"
    director, supervisor = street.become("刘建国"), street.become("黄志远")
    resident = street.become("周美兰" if street.script else "彭晓琴")
    unit = "3-2-602" if street.script else "4-3-302"

    director.goto(f"{street.home}/c/fengshu/benefits")
    go(director, "拟一个发放方案")
    write(director.get_by_label("名称"), title)
    tick(director.get_by_role("radio", name="发东西"))
    write(director.get_by_label("第 1 样"), "大米2斤")
    write(director.get_by_label("单价").first, "6")
    write(director.get_by_label("几份").first, "1")
    tick(director.get_by_role("radio", name="每户一样，定好每户多少"))
    director.get_by_label("依据哪个决议").select_option(index=1)
    write(director.get_by_label("地点"), "议事厅")
    for day, label in ((today(), "从哪天"), (today() + timedelta(days=3), "到哪天")):
        director.get_by_label(label).fill(day.isoformat())
    write(director.get_by_label("每天几点"), "上午9:00至11:30")
    press(director, "存草稿，看名册")
    read(director, "方案存好了。")
    street.look(director)
    plan = director.url.split("?")[0]
    press(director, "提交批准")
    read(director, "提交了，等监督委员批准。")
    sign(supervisor, plan)
    director.goto(plan)
    press(director, "定名册，公示")
    read(director, "名册定了，方案公示了。")

    resident.goto(plan)
    go(resident, "看公示，提异议")
    expect(resident).to_have_url(re.compile("/notices/"))
    notice = resident.url
    write(resident.get_by_label("哪里不对？"), "5栋3单元101没有人住，也算一份吗？")
    press(resident, "提交异议")
    read(resident, "等待答复")
    director.goto(notice)
    write(director.get_by_label("答复，会写上您的名字"), "查过了，那一户这次不发。")
    press(director, "答复")
    read(director, "刘建国答复")
    director.goto(plan)
    unfold(director, "不发的、先留着的")
    unfold(director, "写明一户不发，或者先留着")
    write(director.get_by_label("房号"), "5-3-101")
    write(director.get_by_label("理由或依据"), "空置两年，业主来信说不要")
    press(director, "这一户不发")
    read(director, "写明了，这一户不发。")
    unfold(director, "不发的、先留着的")
    unfold(director, "名册有错，要更正")
    write(director.get_by_label("为什么更正"), "有一户不发")
    press(director, "提交更正")
    read(director, "更正提交了，等监督委员批准。")
    sign(supervisor, plan)
    director.goto(plan)
    press(director, "公示这次更正")
    read(director, "更正公示了，改到的户都看得到。")
    read(director, "更正过 1 次")
    street.look(director)

    street.let_objections_end(plan)
    resident.goto(f"{plan}/code")
    street.look(resident)
    code = re.search(r"\b(\d{4} \d{4})\b", resident.get_by_role("main").inner_text())
    assert code
    director.goto(f"{plan}/stock")
    street.look(director)
    go(director, "到货")
    write(director.get_by_label("几份"), "250")
    press(director, "登记")
    read(director, "每一次进出")

    director.goto(f"{plan}/desk")
    find(director, code[1], unit)
    street.look(director)
    confirm(director, unit)
    go(director, "也替别家领")
    street.look(director)
    find(director, "1-1-101" if street.script else "1-1-102", "1-1-10")
    unfold(director, "不是本人？家人或邻居代领")
    write(director.get_by_label("和业主的关系"), "邻居")
    tick(director.get_by_role("radio", name="打电话问过业主"))
    write(director.get_by_label("打给了谁，怎么说的"), "打给业主，说让邻居来领")
    street.look(director)
    confirm(director, "1-1-10")
    go(director, "下一户")
    find(director, "1-1-201" if street.script else "1-1-202", "1-1-20")
    confirm(director, "1-1-20")
    resident.reload()
    expect(resident.get_by_role("heading", name=f"{unit} 已经领了")).to_be_visible()

    director.goto(plan)
    press(director, "收摊")
    street.say_sure(director)
    read(director, "收摊了。没领的仍然记着，不作废。")
    resident.goto(plan)
    go(resident, "看发放结果")
    read(resident, "大米2斤")
    street.look(resident)


def unfold(page: Page, summary: str) -> None:
    """What is folded away and not open yet."""
    folded = page.locator("summary", has_text=summary)
    if not folded.locator("..").evaluate("details => details.open"):
        push(folded)


def sign(supervisor: Page, plan: str) -> None:
    supervisor.goto(plan)
    press(supervisor, "看过了，批准")
    read(supervisor, "批准了。")


def find(officer: Page, asked: str, unit: str) -> None:
    write(officer.get_by_label("领取码、房号或姓名"), asked)
    press(officer, "查找")
    expect(officer.get_by_role("heading", name=unit)).to_be_visible()


def confirm(officer: Page, unit: str) -> None:
    tick(officer.get_by_label("不签字，由我见证"))
    tick(officer.get_by_label("我看着他拿到了东西"))
    press(officer, re.compile(f"确认发给 {unit}"))
    expect(officer.get_by_role("heading", name=f"已发给 {unit}")).to_be_visible()


def test_a_second_officer_voids_a_wrong_claim(street: Street) -> None:
    page = street.become("黄志远")
    go(page, "出示领取码")
    go(page, "看整个方案")
    street.look(page)
    go(page, "名册和签领")
    go(page, "领过的名单")
    street.look(page)
    push(page.locator("#lines").get_by_role("link").first)
    street.look(page)
    go(page, "发错了，作废这次")
    street.look(page)
    press(page, "作废这次签领")
    expect(page.get_by_role("alert")).to_be_visible()  # a reason is owed
    street.look(page)
    write(page.get_by_label("为什么作废"), "登记错了门牌，本户没有来领。")
    press(page, "作废这次签领")
    read(page, "这次签领作废了")
    street.look(page)


def test_a_visit_becomes_a_finding_that_is_answered_and_closed(street: Street) -> None:
    place = f"2栋1单元弱电井（{'一' if street.script else '二'}）"
    supervisor = street.become("陈德厚")
    tab(supervisor, "工程")
    go(supervisor, "老旧小区改造")
    street.look(supervisor)
    go(supervisor, "写监督日志")
    if street.script:
        supervisor.wait_for_selector('form[data-outbox-ready="kept"]')
    street.look(supervisor)
    write(supervisor.get_by_label("看的是哪里？"), place)
    write(supervisor.get_by_label("看到了什么？"), "桥架装好一半。")
    unfold(supervisor, "问题和投诉")
    write(supervisor.get_by_label("有什么问题？"), "桥架少一个支架。")
    supervisor.locator('input[name="gallery"]').set_input_files(photo(21 + street.script))
    if street.script:
        supervisor.wait_for_selector("form[data-outbox] [data-outbox-row]")
    press(supervisor, "提交日志")
    street.follow(supervisor, "看这篇日志")
    expect(supervisor.get_by_role("heading", name=place)).to_be_visible()
    expect(supervisor.get_by_role("heading", name="照片 1 张")).to_be_visible()
    street.look(supervisor)

    go(supervisor, "提一个要整改的问题")
    street.look(supervisor)
    write(supervisor.get_by_label("要求怎么改"), "补一个支架。")
    tick(supervisor.get_by_label("一般"))
    tick(supervisor.get_by_label("选这张"))
    press(supervisor, "签发")
    street.follow(supervisor, "看现在怎样了")
    expect(supervisor.get_by_role("heading", name=place, level=1)).to_be_visible()
    read(supervisor, "等施工方改好")
    street.look(supervisor)
    finding = supervisor.url
    press(supervisor, "做链接，发给施工方")
    street.look(supervisor)
    link = supervisor.get_by_label("或者长按复制，用微信发").input_value()

    contractor = street.phone()
    contractor.goto(link)
    street.look(contractor)
    press(contractor, "我已收到")
    read(contractor, "收到了，监督员看得见。")
    write(contractor.get_by_label("改了什么，或者理由"), "补了支架。")
    write(contractor.get_by_label("您是谁"), "孟工，市政工程队")
    contractor.get_by_label("从相册选").set_input_files(photo(31 + street.script))
    press(contractor, "提交回复")
    street.follow(contractor, "看现在怎样了")
    read(contractor, "回复已经收到")
    street.look(contractor)

    second = street.become("李润生")
    second.goto(finding)
    expect(second.get_by_role("figure", name="改后")).to_be_visible()
    street.look(second)
    tick(second.get_by_role("radio", name="改好了", exact=True))
    press(second, "提交复查")
    street.follow(second, "看现在怎样了")
    read(second, "已改好并复查")
    street.look(second)
