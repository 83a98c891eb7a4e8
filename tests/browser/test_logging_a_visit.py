"""A supervisor on the site, with a small phone: online, in a cellar, and with a browser that runs no script."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import select

from app.photos.models import Photo
from app.renovation.finding_models import Finding
from app.renovation.models import Project, Visit, VisitPhoto
from tests.browser.conftest import PHONE, LiveHouse
from tests.browser.outbox.conftest import picture, wait_until_kept
from tests.renovation.sites import finding_in, project_in
from tests.renovation.test_checking_by_a_list import list_in

pytestmark = pytest.mark.browser

CAMERA, GALLERY = 'input[name="camera"]', 'input[name="gallery"]'


@pytest.fixture
def project(live_house: LiveHouse) -> Project:
    return project_in(live_house.house)


def files(*seeds: int) -> list[Any]:
    return [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(n)} for n in seeds]


def open_form(phone: BrowserContext, live: LiveHouse, project: Project) -> Page:
    """By the way a supervisor takes: the tab, the project, the button."""
    live.sign_in(phone, live.house.chen)
    page = phone.new_page()
    page.goto(f"{live.address}/c/fengshu/works")
    page.click(f"text={project.title}")
    page.click("text=写监督日志")
    page.wait_for_selector('form[data-outbox-ready="kept"]')
    return page


def write(page: Page, said: str = "电缆沟盖板铺了一半，沟里有积水") -> None:
    page.fill("#f-place", "5栋地下室")
    page.check('[name="weather"][value="overcast"]')
    page.fill("#f-progress", said)


def photograph(page: Page, *seeds: int) -> None:
    page.set_input_files(GALLERY, files(*seeds))
    page.wait_for_function("n => document.querySelectorAll('form[data-outbox] [data-outbox-row]').length === n", arg=len(seeds))


def arrived(live: LiveHouse, seconds: float = 20) -> tuple[Visit, list[Photo]]:
    """The one visit, once all its photos are here."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with live.house.session() as session:
            visits = session.exec(select(Visit)).all()
            announced = session.exec(select(VisitPhoto)).all()
            if visits and all(photo.received_at for photo in announced):
                assert len(visits) == 1
                return visits[0], list(session.exec(select(Photo)).all())
        time.sleep(0.1)
    raise AssertionError("the visit did not arrive whole")


def test_a_visit_with_two_photos_is_logged_online(
    phone: BrowserContext, live_house: LiveHouse, project: Project, axe: Callable[[Page], list[str]]
) -> None:
    page = open_form(phone, live_house, project)
    assert axe(page) == []
    write(page)
    photograph(page, 1, 2)
    assert axe(page) == []
    page.click("text=提交日志")
    visit, photos = arrived(live_house)
    assert (visit.place, visit.weather, len(photos)) == ("5栋地下室", "overcast", 2)
    assert visit.not_before_at is not None, "the nonce was asked for at the start"
    page.wait_for_selector("text=看这篇日志")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click("text=看这篇日志")
    assert page.inner_text("h1") == "5栋地下室"
    assert page.locator(".photos li img").count() == 2
    assert axe(page) == []


def test_a_visit_written_in_a_cellar_arrives_when_the_signal_is_back(
    phone: BrowserContext, live_house: LiveHouse, project: Project
) -> None:
    page = open_form(phone, live_house, project)
    phone.set_offline(True)
    page.wait_for_selector('[data-outbox-net="offline"]:visible')
    write(page)
    photograph(page, 1, 2)
    page.click("text=提交日志")
    page.wait_for_selector("text=待上传")
    with live_house.house.session() as session:
        assert session.exec(select(Visit)).all() == []
    phone.set_offline(False)
    visit, photos = arrived(live_house)
    assert visit.progress == "电缆沟盖板铺了一半，沟里有积水"
    assert len(photos) == 2
    page.wait_for_selector("text=看这篇日志")


def test_answers_to_a_list_a_recheck_and_what_is_raised_come_back_and_arrive(
    phone: BrowserContext, live_house: LiveHouse, project: Project
) -> None:
    """They stand in sections that are folded at first: what was typed opens its own again."""
    house = live_house.house
    _list, (joints, gauge, _valves) = list_in(house)
    finding = finding_in(house, project, house.zhou)
    page = open_form(phone, live_house, project)
    for title in ("照表检查：水", "复查以前的问题", "提整改问题"):
        page.click(f"summary:has-text('{title}')")
    write(page)
    page.check(f'[name="found:{joints}"][value="not_ok"]')
    page.fill(f'[name="words:{joints}"]', "3号楼渗水")
    page.check(f'[name="found:{gauge}"][value="ok"]')
    page.wait_for_selector("text=还有 1 项要拍照的没拍：压力表读数")
    page.check(f'[name="seen:{finding}"][value="mended"]')
    page.fill(f'[name="rewords:{finding}"]', "地线接好了")
    page.fill('[name="what:1"]', "盖板松动")
    page.set_input_files(f'input[name="camera:item_id={gauge}"]', files(1))
    page.wait_for_selector("form[data-outbox] [data-outbox-row]")
    expect(page.locator("[data-photos-owed]")).to_be_hidden()
    page.reload()
    page.wait_for_selector("text=上次没写完的，已经找回来了。")
    expect(page.locator(f'[name="words:{joints}"]')).to_be_visible()
    expect(page.locator(f'[name="rewords:{finding}"]')).to_have_value("地线接好了")
    expect(page.locator('[name="what:1"]')).to_be_visible()
    expect(page.locator(f'[name="found:{joints}"][value="not_ok"]')).to_be_checked()
    expect(page.locator("[data-photos-owed]")).to_be_hidden()
    phone.set_offline(True)
    page.click("text=提交日志")
    page.wait_for_selector("text=待上传")
    phone.set_offline(False)
    visit, (photo,) = arrived(live_house)
    said = house.chen.api.get(f"/visits/{visit.id}").json
    answers = [(c["item_id"], c["found"], c["words"], c["photo_missing"]) for c in said["checks"][:2]]
    assert answers == [(joints, "not_ok", "3号楼渗水", False), (gauge, "ok", "", False)]
    assert [(r["finding_id"], r["seen"], r["words"]) for r in said["rechecks"]] == [(finding, "mended", "地线接好了")]
    with house.session() as session:
        assert session.exec(select(Finding.what).where(Finding.visit_id == visit.id)).all() == ["盖板松动"]
        assert session.get_one(VisitPhoto, (visit.compound_id, photo.id)).item_id == UUID(gauge)


def test_the_form_opens_in_a_cellar_and_the_queue_shows_what_waits(
    chromium: Browser, live_house: LiveHouse, project: Project, axe: Callable[[Page], list[str]]
) -> None:
    """A cold start without a signal, which needs the service worker."""
    phone = chromium.new_context(**PHONE)
    phone.set_default_timeout(25_000)
    page = open_form(phone, live_house, project)
    address = page.url
    page.evaluate("navigator.serviceWorker.ready")
    wait_until_kept(page)
    page.goto(f"{live_house.address}/c/fengshu/works/outbox")
    page.wait_for_selector("text=都送出了")
    wait_until_kept(page)
    page.close()
    phone.set_offline(True)
    page = phone.new_page()
    page.goto(address)
    page.wait_for_selector('form[data-outbox-ready="kept"]')
    write(page)
    photograph(page, 1)
    page.click("text=提交日志")
    page.wait_for_selector("text=待上传")
    page.goto(f"{live_house.address}/c/fengshu/works/outbox")
    page.wait_for_selector("text=待上传")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto(f"{live_house.address}/c/fengshu/money/never-seen")
    assert page.inner_text("h1") == "现在没有信号"
    page.goto(f"{live_house.address}/c/fengshu/works/outbox")
    phone.set_offline(False)
    visit, photos = arrived(live_house)
    assert (visit.not_before_at, len(photos)) == (None, 1)
    page.wait_for_selector("text=看这篇日志")
    phone.close()


def test_a_visit_is_logged_by_a_browser_without_script(
    chromium: Browser, live_house: LiveHouse, project: Project, axe: Callable[[Page], list[str]]
) -> None:
    phone = chromium.new_context(**PHONE, java_script_enabled=False)
    phone.set_default_timeout(25_000)
    live_house.sign_in(phone, live_house.house.chen)
    page = phone.new_page()
    page.goto(f"{live_house.address}/c/fengshu/works/projects/{project.id}/visits/new")
    write(page)
    page.set_input_files(CAMERA, files(1))
    page.set_input_files(GALLERY, files(2, 3))
    page.click("text=提交日志")
    assert "日志交好了" in page.inner_text("main")
    assert page.locator(".photos li img").count() == 3
    visit, photos = arrived(live_house)
    assert len(photos) == 3
    assert visit.not_before_at is not None
    phone.close()


def test_what_waits_is_sent_from_whatever_page_is_open_and_holds_back_a_sign_out(
    phone: BrowserContext, live_house: LiveHouse, project: Project, axe: Callable[[Page], list[str]]
) -> None:
    page = open_form(phone, live_house, project)
    page.route("**/ping", lambda route: route.abort())  # reads go on, nothing of the outbox gets out
    write(page)
    page.click("text=提交日志")
    page.wait_for_selector("text=待上传")
    page.goto(f"{live_house.address}/c/fengshu/me")
    page.wait_for_selector("text=未送出 1 条")
    page.click("text=退出登录")
    page.wait_for_selector("text=还有 1 条没送出，只在这台手机里。")
    assert axe(page) == []
    page.click("text=先不退出")
    assert page.is_hidden("[data-outbox-ask]")
    with live_house.house.session() as session:
        assert session.exec(select(Visit)).all() == []
    page.unroute("**/ping")
    page.goto(f"{live_house.address}/c/fengshu/money")
    arrived(live_house)
    page.goto(f"{live_house.address}/c/fengshu/me")
    page.click("text=退出登录")
    page.wait_for_url("**/sign-in?signed_out=true")
    assert (
        page.evaluate("caches.keys()").count("gz-pages") == 0
        or page.evaluate("caches.open('gz-pages').then(c => c.keys()).then(k => k.map(r => r.url))") == []
    )
