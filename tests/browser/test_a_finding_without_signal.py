"""Findings from a cellar: raised, judged and answered without a signal; and a link that was ended meanwhile."""

import time
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import col, select

from app.renovation.finding_models import Finding, FindingAct, FindingPhoto
from tests.browser.conftest import PHONE, LiveHouse
from tests.browser.outbox.conftest import picture, rows, wait_for, wait_until_kept
from tests.renovation.sites import answered, finding_in, link_to, project_in

pytestmark = pytest.mark.browser

ME = "document.getElementById('outbox-who').dataset.user"
GALLERY = '[data-outbox-photo="gallery"]'
READY = 'form[data-outbox-ready="kept"]'


@pytest.fixture
def working(chromium: Browser) -> Iterator[BrowserContext]:
    """A phone whose browser has a service worker, and no account."""
    phone = chromium.new_context(**PHONE)
    phone.set_default_timeout(25_000)
    yield phone
    phone.close()


def photograph(page: Page, *seeds: int) -> None:
    page.set_input_files(GALLERY, [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(n)} for n in seeds])
    page.wait_for_function("n => document.querySelectorAll('form[data-outbox] [data-outbox-row]').length === n", arg=len(seeds))


def opened(phone: BrowserContext, address: str) -> Page:
    page = phone.new_page()
    page.goto(address)
    page.wait_for_selector(READY)
    return page


def until(live: LiveHouse, finding: str, state: str, photos: int, seconds: float = 25) -> list[str]:
    """The finding is there, with its photos; what was done about it so far."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with live.house.session() as session:
            row = session.get(Finding, (live.house.compound.id, UUID(finding)))
            hanging = session.exec(select(FindingPhoto)).all()
            acts = session.exec(select(FindingAct.kind).order_by(col(FindingAct.position))).all()
            if row and (row.state, len(hanging)) == (state, photos):
                return list(acts)
        time.sleep(0.1)
    raise AssertionError(f"{row and row.state}, {len(hanging)} photos, {acts}")


def only_finding(live: LiveHouse) -> str:
    end = time.monotonic() + 25
    while time.monotonic() < end:
        with live.house.session() as session:
            if found := session.exec(select(Finding.id)).all():
                (id,) = found
                return str(id)
        time.sleep(0.1)
    raise AssertionError("no finding arrived")


@pytest.mark.parametrize(("button", "state"), [("签发", "issued"), ("先存草稿", "draft")])
def test_a_finding_is_raised_in_a_cellar(
    phone: BrowserContext, live_house: LiveHouse, axe: Callable[[Page], list[str]], button: str, state: str
) -> None:
    project = project_in(live_house.house)
    live_house.sign_in(phone, live_house.house.chen)
    page = opened(phone, f"{live_house.address}/c/fengshu/works/projects/{project.id}/findings/new")
    phone.set_offline(True)
    page.click(f"button:text-is('{button}')")
    assert page.evaluate("document.activeElement.name") == "place", "what the server would refuse is said here"
    page.fill("#f-place", "充电棚配电箱")
    page.fill("#f-what", "金属外壳没有接地线。")
    page.fill("#f-demand", "接好地线。")
    page.check('[name="severity"][value="high"]')
    photograph(page, 1, 2)
    assert axe(page) == []
    page.click(f"button:text-is('{button}')")
    page.wait_for_selector("text=待上传")
    assert "整改问题 充电棚配电箱" in page.inner_text("[data-outbox-list]")
    phone.set_offline(False)
    finding = only_finding(live_house)
    until(live_house, finding, state, 2)
    page.wait_for_selector("text=看现在怎样了")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_finding_that_was_begun_is_there_again_with_its_photo(phone: BrowserContext, live_house: LiveHouse) -> None:
    """The phone ended the page. On another page of the same kind, of another project, nothing of it stands."""
    house = live_house.house
    here, there = project_in(house), project_in(house, "另一个工程")
    live_house.sign_in(phone, house.chen)
    form = "{}/c/fengshu/works/projects/{}/findings/new".format
    page = opened(phone, form(live_house.address, here.id))
    page.fill("#f-place", "充电棚配电箱")
    page.fill("#f-what", "金属外壳没有接地线。")
    page.check('[name="severity"][value="high"]')
    photograph(page, 1)
    wait_for(
        page, lambda: [p["settled"] for p in rows(page, "drafts", page.evaluate(ME))[0]["photos"]] == [True], "the photo is kept"
    )
    page.close()
    page = opened(phone, form(live_house.address, there.id))
    expect(page.locator("#f-place")).to_have_value("")
    page.goto(f"{live_house.address}/c/fengshu/works/outbox")
    page.click("text=继续写")
    page.wait_for_selector("text=上次没写完的，已经找回来了。")
    expect(page.locator("#f-what")).to_have_value("金属外壳没有接地线。")
    expect(page.locator('[name="severity"][value="high"]')).to_be_checked()
    expect(page.locator("form[data-outbox] [data-outbox-row]")).to_have_count(1)
    page.fill("#f-demand", "接好地线。")
    page.click("button:text-is('签发')")
    until(live_house, only_finding(live_house), "issued", 1)
    with house.session() as session:
        assert session.exec(select(Finding.project_id)).one() == here.id


def test_what_was_mended_is_looked_at_in_a_cellar(
    phone: BrowserContext, live_house: LiveHouse, axe: Callable[[Page], list[str]]
) -> None:
    house = live_house.house
    finding = finding_in(house, project_in(house))
    answered(house, finding, photo=False)
    live_house.sign_in(phone, house.zhou)
    page = opened(phone, f"{live_house.address}/c/fengshu/works/findings/{finding}")
    phone.set_offline(True)
    page.check('[name="kind"][value="not_mended"]')
    page.click("text=提交复查")
    assert page.evaluate("document.activeElement.name") == "text", "a reason is owed"
    page.check('[name="kind"][value="mended"]')
    photograph(page, 3)
    assert axe(page) == []
    page.click("text=提交复查")
    page.wait_for_selector("text=待上传")
    phone.set_offline(False)
    assert until(live_house, finding, "closed", 1) == ["issued", "answered", "mended", "arrived"]
    page.wait_for_selector("text=看现在怎样了")


def test_the_contractors_page_opens_in_a_cellar_and_the_answer_arrives(
    working: BrowserContext, live_house: LiveHouse, axe: Callable[[Page], list[str]]
) -> None:
    """A cold start without a signal: the page of the link is kept by the service worker. No account, nobody signed in."""
    house = live_house.house
    finding = finding_in(house, project_in(house))
    address = f"{live_house.address}/c/fengshu{link_to(house, finding)}"
    page = opened(working, address)
    page.evaluate("navigator.serviceWorker.ready")
    wait_until_kept(page)
    page.close()
    working.set_offline(True)
    page = opened(working, address)
    page.check('[name="kind"][value="answered"]')
    page.fill("#f-text", "地线接好了，测得 2 欧。")
    page.fill("#f-answered_by", "孟工")
    photograph(page, 4)
    assert axe(page) == []
    page.click("text=提交回复")
    page.wait_for_selector("text=待上传")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    working.set_offline(False)
    assert until(live_house, finding, "rectified_claimed", 1) == ["issued", "answered", "arrived"]
    page.wait_for_selector("text=看现在怎样了")


def test_a_link_ended_meanwhile_is_said_plainly_and_the_next_one_sends_what_was_written(
    phone: BrowserContext, live_house: LiveHouse
) -> None:
    house = live_house.house
    finding = finding_in(house, project_in(house))
    page = opened(phone, f"{live_house.address}/c/fengshu{link_to(house, finding)}")
    phone.set_offline(True)
    page.check('[name="kind"][value="answered"]')
    page.fill("#f-text", "地线接好了。")
    page.fill("#f-answered_by", "孟工")
    photograph(page, 4)
    page.click("text=提交回复")
    page.wait_for_selector("text=待上传")
    assert house.zhou.post(f"/works/findings/{finding}/links/end").status == 303
    phone.set_offline(False)
    page.wait_for_selector("text=这个链接作废了，或者过期了。")
    page.reload()
    assert "请向监督员要新的" in page.inner_text("main")
    page.goto(f"{live_house.address}/c/fengshu{link_to(house, finding)}")
    page.wait_for_selector("text=这个链接作废了，或者过期了。")
    page.click("text=再送一次")
    assert until(live_house, finding, "rectified_claimed", 1) == ["issued", "answered", "arrived"]


def test_whoever_else_uses_the_phone_neither_sees_nor_sends_the_contractors_answer(
    phone: BrowserContext, live_house: LiveHouse
) -> None:
    house = live_house.house
    project = project_in(house)
    finding, other = finding_in(house, project), finding_in(house, project)
    mine, theirs = (f"{live_house.address}/c/fengshu{link_to(house, one)}" for one in (finding, other))
    page = opened(phone, mine)
    phone.set_offline(True)
    page.check('[name="kind"][value="acknowledged"]')
    page.fill("#f-answered_by", "孟工")
    page.click("text=提交回复")
    page.wait_for_selector("text=待上传")
    page.close()
    phone.set_offline(False)
    page = opened(phone, theirs)
    page.wait_for_selector('[data-outbox-net="offline"]', state="hidden")
    assert page.locator("[data-outbox-list] > li").count() == 0
    live_house.sign_in(phone, house.chen)
    page.goto(f"{live_house.address}/c/fengshu/works/outbox")
    page.wait_for_selector("text=都送出了")
    with house.session() as session:
        assert set(session.exec(select(Finding.state))) == {"issued"}
    page.goto(mine)
    assert until(live_house, finding, "acknowledged", 0)[-1] == "acknowledged"
