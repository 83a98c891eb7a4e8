"""The weekly service on small phones, from the census to the certificate: by a keyboard alone, and once without script.

One house is served for all of it; each walk has a shift at a time of its own, a request or an entry.
"""

import re
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kit.clock import local, now
from app.volunteering.models import Shift
from tests.browser.conftest import LiveHouse, serving
from tests.browser.test_checking_in import served
from tests.browser.test_walks import Phones, go, press, push, reach, read, tick, write
from tests.cast import House, One
from tests.making import fresh, make_shift

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live(sqlite_house_template: Path, tmp_path_factory: pytest.TempPathFactory, listening: socket.socket) -> Iterator[LiveHouse]:
    folder = tmp_path_factory.mktemp("neighbours")
    with serving(f"sqlite:///{shutil.copy(sqlite_house_template, folder / 'gongzhi.db')}", folder, listening) as live:
        yield live


@dataclass
class Lane(Phones):
    live: LiveHouse = field(kw_only=True)

    @property
    def house(self) -> House:
        return self.live.house

    def of(self, one: One, path: str = "/volunteering") -> Page:
        """Their phone, with this page of the compound on it."""
        page = self.phone()
        if one.cookies:
            self.live.sign_in(page.context, one)
        page.goto(f"{self.live.address}{one.base}{path}")
        return page


@pytest.fixture
def make_lane(live: LiveHouse, chromium: Browser, axe: Callable[[Page], list[str]]) -> Iterator[Callable[[bool], Lane]]:
    lanes: list[Lane] = []

    def make(script: bool) -> Lane:
        lanes.append(Lane(chromium, axe, script, live=live))
        return lanes[-1]

    yield make
    for lane in lanes:
        lane.hang_up()


@pytest.fixture
def lane(make_lane: Callable[[bool], Lane]) -> Lane:
    return make_lane(True)


def planned(house: House, title: str, **more: object) -> Shift:
    with house.session() as session:
        return make_shift(session, house.he.person, title=title, **more)  # type: ignore[arg-type]


def signed_up(one: One, shift: Shift) -> str:
    answer = one.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def test_what_one_can_do_is_told_by_keys_and_found_by_the_coordinator(lane: Lane) -> None:
    page = lane.of(lane.house.li)
    go(page, "我的特长登记")
    lane.look(page)
    go(page, "登记特长")
    haircut = page.get_by_label("理发", exact=True)
    reach(haircut)
    page.keyboard.press("ArrowDown")
    expect(haircut).not_to_have_value("")
    write(page.get_by_role("textbox", name="职业"), "理发师")
    tick(page.get_by_role("group", name="周六").get_by_label("上午"))
    lane.look(page)
    press(page, "登记好了")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(haircut).not_to_have_value("")
    tick(page.locator("[name=agrees]"))
    press(page, "登记好了")
    read(page, "周六 上午")
    read(page, "理发师")
    lane.look(page)

    found = lane.of(lane.house.he, "/volunteering/census")
    go(found, "找有特长的人")
    read(found, "李叔")
    lane.look(found)


def test_help_is_asked_for_confirmed_claimed_done_and_rated(lane: Lane) -> None:
    house = lane.house
    asker = lane.of(house.wang)
    go(asker, "请人帮忙")
    lane.look(asker)
    go(asker, "我要请人帮忙")
    tick(asker.get_by_label("水电小修"))
    write(asker.get_by_label("说清楚些"), "厨房的灯一闪一闪")
    asker.get_by_label("什么时候").fill(f"{local(now()) + timedelta(days=3):%Y-%m-%dT10:00}")
    lane.look(asker)
    press(asker, "请人帮忙")
    read(asker, "等队长确认")

    leader = lane.of(house.he, "/")
    go(leader, "去确认")
    expect(leader.get_by_role("heading", level=1)).to_have_text("水电小修")
    lane.look(leader)
    press(leader, "确认，让邻居们看到")
    read(leader, "等人来帮")

    helper = lane.of(house.li, "/volunteering/requests")
    go(helper, "水电小修")
    expect(helper.get_by_text("3-2-601")).to_have_count(0)
    press(helper, "我来帮")
    read(helper, "3-2-601")
    lane.look(helper)
    press(helper, "办好了")
    read(helper, "帮忙的人说办好了")

    asker.goto(f"{lane.live.address}{house.wang.base}/")
    go(asker, "去确认")
    press(asker, "办好了")
    read(asker, "帮得怎么样？")
    lane.look(asker)
    tick(asker.get_by_label("4 颗星，好"))
    press(asker, "评价")
    read(asker, "办好了，评过了")


def test_a_place_that_somebody_gave_back_is_offered_and_taken_without_script(make_lane: Callable[[bool], Lane]) -> None:
    lane = make_lane(False)
    house = lane.house
    shift = planned(house, "清理楼道", capacity=1, starts_in=timedelta(days=9))
    first = signed_up(house.li, shift)
    page = lane.of(house.wang)
    go(page, "清理楼道")
    press(page, "我要候补")
    expect(page.get_by_role("heading", name="候补第 1 位")).to_be_visible()
    lane.look(page)

    leaves = lane.of(house.li, f"/volunteering/signups/{first}")
    press(leaves, "取消报名")
    lane.say_sure(leaves)
    read(leaves, "已取消报名")

    page.goto(f"{lane.live.address}{house.wang.base}/")
    read(page, "清理楼道，有名额了")
    go(page, "去确认")
    lane.look(page)
    press(page, "我来，确认")
    expect(page.get_by_role("heading", name="报名成功")).to_be_visible()
    lane.look(page)


def test_who_cannot_come_asks_and_a_neighbour_steps_in(lane: Lane) -> None:
    house = lane.house
    mine = signed_up(house.wang, planned(house, "给花浇水", starts_in=timedelta(days=6)))
    house.li.api.put("/helping", {"may_be_asked": True})
    asker = lane.of(house.wang, f"/volunteering/signups/{mine}")
    go(asker, "来不了？请人替班或者换班")
    lane.look(asker)
    press(asker, "去问邻居")
    expect(asker.get_by_role("heading", name="您的班，正在请人替")).to_be_visible()
    lane.look(asker)

    helper = lane.of(house.li)
    push(helper.locator("#covers").get_by_role("link", name="给花浇水"))
    lane.look(helper)
    press(helper, "我来替")
    read(helper, "您替下了这一班")
    lane.look(helper)

    asker.goto(f"{lane.live.address}{house.wang.base}/volunteering")
    expect(asker.locator("#mine", has_text="给花浇水")).to_have_count(0)


def test_a_certificate_is_issued_and_verified_by_a_stranger(lane: Lane) -> None:
    """Its pages are looked at in `test_checking_in`; a number that nobody was given is not."""
    house = lane.house
    served(house)
    leader = lane.of(house.he, "/volunteering/hours")
    go(leader, "给大家开证明")
    write(leader.get_by_role("searchbox"), "王阿姨")
    press(leader, "查找")
    go(leader, "王阿姨")
    press(leader, "开这份证明")
    expect(leader.get_by_role("heading", name="志愿服务证明")).to_be_visible()
    number = leader.get_by_text(re.compile("^编号")).first.inner_text().removeprefix("编号 ")

    stranger = lane.of(house.nobody, "/volunteering/certificates/check")
    for name, verdict in (("王婆婆", "没有这份证明"), ("王阿姨", "这份证明有效")):
        write(stranger.get_by_label("编号"), number)
        write(stranger.get_by_label("姓名"), name)
        press(stranger, "核对")
        read(stranger, verdict)
        if name == "王婆婆":
            lane.look(stranger)
    read(stranger, "王*")
