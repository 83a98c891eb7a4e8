"""Coming and going in a real browser: the leader's screen on one phone, the code on another; typed; without signal; no script.
And a certificate from its print page to whoever checks it.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from sqlmodel import select

from app.kit.clock import local, now
from app.volunteering.check_in_models import CheckIn
from app.volunteering.hour_models import HourEntry, HourSource
from app.volunteering.models import Shift
from tests.browser.conftest import PHONE, LiveHouse, launch_options
from tests.browser.outbox.conftest import wait_until_kept
from tests.browser.test_the_shell import OFFENDERS, SIZES
from tests.cast import House
from tests.making import fresh, make_shift

pytestmark = pytest.mark.browser


def begun(house: House, *names: str, ago: timedelta = timedelta(minutes=5)) -> tuple[Shift, list[str]]:
    """A shift that began some minutes ago, with the sign-ups of these people."""
    with house.session() as session:
        shift = make_shift(session, house.he.person)
    ids = [str(fresh()) for _ in names]
    for id, name in zip(ids, names, strict=True):
        house.people[name].api.put(f"/shifts/{shift.id}/signups/{id}", {})
    with house.session() as session:
        row = session.get_one(Shift, (shift.compound_id, shift.id))
        row.starts_at, row.ends_at = now() - ago, now() - ago + timedelta(hours=2)
        session.flush()
        session.refresh(row)
        session.expunge(row)
    return row, ids


def marks(house: House) -> list[tuple[str, str, bool]]:
    with house.session() as session:
        return [(mark.way, mark.how, mark.late) for mark in session.exec(select(CheckIn))]


def at(live: LiveHouse, path: str) -> str:
    return f"{live.address}/c/fengshu/volunteering{path}"


def address_on(live: LiveHouse, shift: Shift, way: str) -> str:
    """What a camera reads from the leader's screen, at this server's own address."""
    url: str = live.house.he.api.get(f"/shifts/{shift.id}/check-in-code?way={way}").json["url"]
    return at(live, url.partition("/volunteering")[2])


@pytest.fixture
def screen(chromium: Browser, live_house: LiveHouse) -> BrowserContext:
    """The leader's phone."""
    context = chromium.new_context(**PHONE)
    context.set_default_timeout(25_000)
    live_house.sign_in(context, live_house.house.he)
    return context


def test_the_code_on_one_phone_checks_in_the_person_with_another(
    screen: BrowserContext, phone: BrowserContext, live_house: LiveHouse
) -> None:
    shift, _ids = begun(live_house.house, "wang")
    leader = screen.new_page()
    leader.goto(at(live_house, f"/shifts/{shift.id}/attendance"))
    leader.get_by_role("link", name="给大家看签到码").tap()
    expect(leader.get_by_role("img", name="签到码")).to_be_visible()
    expect(leader.get_by_text("已签到 0 人")).to_be_visible()
    live_house.sign_in(phone, live_house.house.wang)
    page = phone.new_page()
    page.goto(address_on(live_house, shift, "in"))
    expect(page.get_by_text("给独居老人送饭")).to_be_visible()
    page.get_by_role("button", name="签到").tap()
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
    expect(leader.get_by_text("已签到 1 人")).to_be_visible()  # the screen renews itself
    leader.get_by_role("link", name="换成签退码").tap()
    expect(leader.get_by_role("img", name="签退码")).to_be_visible()
    page.goto(address_on(live_house, shift, "out"))
    page.get_by_role("button", name="签退").tap()
    expect(page.get_by_role("heading", name="签退成功")).to_be_visible()
    assert sorted(marks(live_house.house)) == [("in", "qr", False), ("out", "qr", False)]
    screen.close()


def test_six_digits_typed_with_a_keyboard_alone(phone: BrowserContext, live_house: LiveHouse) -> None:
    shift, _ids = begun(live_house.house, "wang")
    live_house.sign_in(phone, live_house.house.wang)
    page = phone.new_page()
    page.goto(at(live_house, ""))
    page.get_by_role("link", name="签到、签退").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("屏幕上的六位数")
    field.focus()
    page.keyboard.type("000 000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("这个码不对")
    expect(field).to_have_value("000 000")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(live_house.house.he.api.get(f"/shifts/{shift.id}/check-in-code?way=in").json["digits"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
    assert marks(live_house.house) == [("in", "digits", False)]


def test_without_script_it_is_a_plain_form(chromium: Browser, live_house: LiveHouse) -> None:
    shift, _ids = begun(live_house.house, "wang")
    context = chromium.new_context(**PHONE, java_script_enabled=False)
    live_house.sign_in(context, live_house.house.wang)
    page = context.new_page()
    page.goto(address_on(live_house, shift, "in"))
    page.get_by_role("button", name="签到").tap()
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
    live_house.sign_in(context, live_house.house.he)
    page.goto(at(live_house, f"/shifts/{shift.id}/check-in?way=out"))
    expect(page.get_by_role("link", name="换成现在的码")).to_be_visible()
    context.close()


def test_what_was_read_without_signal_survives_the_end_of_the_browser(
    playwright: Playwright, live_house: LiveHouse, tmp_path: Path
) -> None:
    """The cellar: the page was opened before, the camera's address is opened without signal, the browser is killed, and
    everything arrives when there is a signal again.
    """
    house = live_house.house
    shift, _ids = begun(house, "wang", ago=timedelta(minutes=30))

    def opened() -> tuple[BrowserContext, Page]:
        context = playwright.chromium.launch_persistent_context(tmp_path / "profile", **launch_options(), **PHONE)
        context.set_default_timeout(25_000)
        live_house.sign_in(context, house.wang)
        return context, context.new_page()

    context, page = opened()
    page.goto(at(live_house, "/check-in"))
    page.wait_for_function("() => navigator.serviceWorker.controller")
    wait_until_kept(page)
    code = address_on(live_house, shift, "in")
    context.set_offline(True)
    page.goto(code)
    expect(page.get_by_label("屏幕上的六位数")).to_have_value(re.compile(r"\.in\."))
    page.get_by_role("button", name="确定").tap()
    expect(page.get_by_text("已经存好，有信号就送出。")).to_be_visible()
    expect(page.get_by_role("heading", name="志愿服务签到")).to_be_visible()
    assert marks(house) == []
    context.close()
    context, page = opened()
    page.goto(at(live_house, ""))
    for _ in range(100):
        if marks(house):
            break
        page.wait_for_timeout(200)
    assert [(way, how) for way, how, _late in marks(house)] == [("in", "qr")]
    context.close()


def served(house: House) -> Shift:
    """王阿姨 has helped for an hour and a half."""
    shift, (mine,) = begun(house, "wang", ago=timedelta(hours=3))
    with house.session() as session:
        session.add(
            HourEntry(
                compound_id=shift.compound_id,
                signup_id=UUID(mine),
                person_id=house.wang.id,
                minutes=90,
                source=HourSource.LEADER,
                recorded_by_id=house.he.id,
            )
        )
    return shift


def certified(house: House) -> str:
    day = local(served(house).starts_at).date()
    wish = {"person_id": str(house.wang.id), "from_on": f"{day.year}-01-01", "to_on": day.isoformat()}
    answer = house.he.api.put(f"/certificates/{fresh()}", wish)
    assert answer.status == 201, answer
    return str(answer.json["id"])


def test_a_certificate_from_the_print_page_to_whoever_checks_it(phone: BrowserContext, live_house: LiveHouse) -> None:
    house = live_house.house
    id = certified(house)
    live_house.sign_in(phone, house.wang)
    page = phone.new_page()
    page.goto(at(live_house, "/hours"))
    page.get_by_role("link", name="编号").tap()
    expect(page.get_by_role("img", name="扫码核对")).to_be_visible()
    number = house.wang.api.get(f"/certificates/{id}").json["number"]
    page.emulate_media(media="print")
    expect(page.get_by_text("盖章")).to_be_visible()
    page.emulate_media(media="screen")
    phone.clear_cookies()
    page.goto(at(live_house, "/certificates/check"))
    page.get_by_label("编号").fill(number)
    page.get_by_label("姓名").fill("王阿姨")
    page.get_by_role("button", name="核对").tap()
    expect(page.locator("#main").get_by_text("这份证明有效")).to_be_visible()
    expect(page.get_by_text("王*")).to_be_visible()
    house.liu.api.post(f"/certificates/{id}/revoke", json={"reason": "写错了"})
    page.get_by_label("姓名").fill("王阿姨")
    page.get_by_role("button", name="核对").tap()
    expect(page.locator("#main").get_by_text("这份证明已撤销")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_it_is_accessible_and_large_enough(
    phone: BrowserContext, live_house: LiveHouse, axe: Callable[[Page], list[str]], size: str
) -> None:
    house = live_house.house
    id = certified(house)
    shift, _ids = begun(house, "wang", "li")
    code = house.he.api.get(f"/shifts/{shift.id}/check-in-code?way=in").json
    mark = house.wang.api.put(f"/check-ins/{fresh()}", {"code": code["url"]}).json["id"]
    with house.session() as session:
        entry = session.exec(select(HourEntry.id)).one()
    sent = {"minutes": 60, "reason": "中间走了半小时"}
    assert house.he.api.put(f"/hours/{entry}/corrections/{fresh()}", sent).status == 201
    number = house.wang.api.get(f"/certificates/{id}").json["number"]
    pages = {
        house.wang: (
            "",
            "/check-in",
            "/check-in?t=" + code["url"].partition("?t=")[2],
            f"/check-ins/{mark}",
            "/hours",
            f"/certificates/{id}",
        ),
        house.liu: (
            f"/shifts/{shift.id}/attendance",
            f"/shifts/{shift.id}/check-in",
            "/hours/proposals",
            f"/hours/{entry}/correct",
            "/certificates?q=王",
            f"/certificates/issue?person_id={house.wang.id}",
            f"/certificates/{id}?revoking=true",
            f"/certificates/check?n={number}&h=0&k=0",
        ),
    }
    target, letter = SIZES[size]
    page = phone.new_page()
    for one, paths in pages.items():
        live_house.sign_in(phone, one)
        phone.add_cookies([{"name": "size", "value": size, "url": live_house.address}])
        for path in paths:
            page.goto(at(live_house, path))
            assert axe(page) == [], path
            assert page.evaluate(OFFENDERS, [target, letter]) == [], path
            for width in (360, 320):
                page.set_viewport_size({"width": width, "height": 760})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            page.set_viewport_size(PHONE["viewport"])
