"""The coordinator sees two weeks at a glance, and has a word with everybody on a shift."""

from datetime import timedelta

import time_machine

from app.kit.clock import now
from tests.cast import House
from tests.making import fresh
from tests.volunteering.serving import ask, planned, shift_in, titles


def test_what_lacks_people_is_seen_at_a_glance(house: House) -> None:
    with time_machine.travel(now(), tick=False):
        soon = {"starts_at": (now() + timedelta(days=3)).isoformat(), "ends_at": (now() + timedelta(days=3, hours=1)).isoformat()}
        shift = planned(house, minimum=2, **soon)
        shift_in(house, title="花坛除草", starts_in=timedelta(days=15))
        ask(house.wang, shift)
        page = house.he.get("/volunteering/board")
        assert "共 1 班，1 班人数不够。" in page.words
        assert "最少还缺 1 人" in page.words
        assert "花坛除草" not in page.words
        ask(house.li, shift)
        assert "0 班人数不够" in house.he.get("/volunteering/board").words
        assert house.he.api.get("/service-board").json["shifts"][0]["missing"] == 0
    lead = house.he.get("/volunteering").page.select_one("#lead")
    assert lead
    assert [row["href"].rpartition("/volunteering")[2] for row in lead.select("a")][:2] == ["/board", "/plan"]
    assert "两周排班" not in house.wang.get("/volunteering").words


def test_a_leader_finds_todays_list_at_the_top_and_the_days_before_below(house_sqlite: House) -> None:
    house = house_sqlite
    with time_machine.travel("2026-11-23T20:30:00+08:00", tick=False) as clock:
        today, tomorrow = (shift_in(house, starts_in=timedelta(hours=h)) for h in (1, 12))
        ask(house.wang, today)

        def lists(part: str) -> list[str]:
            return [a["href"].split("/")[-2] for a in house.he.get("/volunteering").page.select(f"#{part} a[href$=attendance]")]

        assert (lists("lead"), lists("led")) == ([str(today.id)], [])
        assert "今天晚上9:30 给独居老人送饭 报了 1 人，签到名单" in house.liu.get("/volunteering").words
        assert not house.wang.get("/volunteering").page.select("a[href$=attendance]")
        clock.shift(timedelta(hours=4))
        assert (lists("lead"), lists("led")) == ([str(tomorrow.id)], [str(today.id)])


def test_who_did_not_come_lately_and_has_a_place_stands_there(house: House) -> None:
    ask(house.wang, shift_in(house, starts_in=timedelta(hours=1)))
    ask(house.li, shift_in(house, starts_in=timedelta(days=5)))
    ask(house.wang, shift_in(house, starts_in=timedelta(days=5)))
    assert house.he.api.get("/service-board").json["doubtful"] == []
    with time_machine.travel(now() + timedelta(hours=4), tick=False):
        (one,) = house.he.api.get("/service-board").json["doubtful"]
        assert (one["name"], one["missed"]) == ("王阿姨", 1)
        for path in ("/volunteering", "/volunteering/board"):
            assert len(house.he.get(path).page.select(".cols > .side")) == 1, "two would lie on each other on a wide screen"
        page = house.he.get("/volunteering/board").page.find(id="doubtful")
        assert "1 次没来" in page.text
        assert "李叔" not in page.text


def test_who_was_not_asked_for_longest_stands_first(house: House) -> None:
    for one in (house.wang, house.li):
        one.api.put("/helping", {"may_be_asked": True})
    house.zhang.api.put("/helping", {"may_be_asked": False})
    mine = ask(house.wang, shift_in(house))
    house.wang.api.put(f"/signups/{mine.json['id']}/covers/{fresh()}", {})
    names = [one["name"] for one in house.he.api.get("/service-board").json["unasked"]]
    assert names == ["王阿姨", "李叔"], "李叔 was asked a moment ago; 张会计 would rather not be"
    assert "没有问过" in house.he.get("/volunteering/board").words
    assert "还没有服务过" in house.he.get("/volunteering/board").words, "what one has signed up for is still to come"


def test_a_word_to_everybody_on_a_shift_is_told_once(house: House) -> None:
    shift = shift_in(house, capacity=1)
    ask(house.wang, shift)
    ask(house.li, shift)
    gone = ask(house.zhang, shift).json["id"]
    house.zhang.api.post(f"/signups/{gone}/withdraw")
    path, word = f"/volunteering/shifts/{shift.id}/message", {"id": str(fresh()), "text": "改穿雨鞋。"}
    assert "告诉了 2 个人" in house.he.follow(house.he.post(path, word)).text
    assert house.he.post(path, word).status == 303
    assert titles(house, house.wang) == titles(house, house.li) == ["给独居老人送饭"]
    assert titles(house, house.zhang) == []
    assert "改穿雨鞋。" in house.wang.get("/me/messages").words
    again = f"/shifts/{shift.id}/messages/{fresh()}"
    assert [house.he.api.put(again, {"text": "带伞。"}).json for _tap in range(2)] == [{"told": 2}] * 2
    assert len(titles(house, house.wang)) == 2
    empty = house.he.post(path, {"text": ""})
    assert (empty.status, "这里还没有填" in empty.words) == (422, True)
    assert house.wang.api.put(again, {"text": "x"}).status == 403
