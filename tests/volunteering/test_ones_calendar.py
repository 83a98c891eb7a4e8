"""One's shifts stand in the telephone's calendar, and change there when they change here."""

from datetime import timedelta
from typing import Any

import time_machine
from icalendar import Calendar

from app.kit.clock import now
from tests.cast import Answer, House, One
from tests.volunteering.serving import ask, planned, shift_in


def address_of(one: One) -> str:
    """Its path, as a calendar program asks for it."""
    return "//" + str(one.api.post("/calendar").json["url"]).removeprefix("http://127.0.0.1:8000/")


def events(answer: Answer) -> list[Any]:
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.text).walk("VEVENT")


def test_a_shift_is_read_by_another_program(house: House) -> None:
    shift = planned(house, bring="手套；雨衣, 水", contact="何队长 0731-8555 0123")
    mine = ask(house.wang, shift)
    answer = house.nobody.get(address_of(house.wang))
    (event,) = events(answer)
    assert str(event["UID"]) == mine.json["id"]
    assert event.decoded("DTSTART") == shift.starts_at
    assert event.decoded("DTEND") == shift.ends_at
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("给独居老人送饭", "社区食堂门口")
    assert "请带：手套；雨衣, 水。" in str(event["DESCRIPTION"])
    assert "何队长 0731-8555 0123" in str(event["DESCRIPTION"])
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CONFIRMED", 1)
    calendar = Calendar.from_ical(answer.text)
    assert str(calendar["NAME"]) == "王阿姨的志愿服务，枫树小区"
    assert calendar.decoded("REFRESH-INTERVAL") == timedelta(hours=6)
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n")), "folded (RFC 5545, 3.1)"
    assert events(house.nobody.get(address_of(house.li))) == [], "of others there is nothing"


def test_the_same_entry_goes_through_every_change_and_its_number_only_grows(house: House) -> None:
    shift = shift_in(house, capacity=1)
    held = ask(house.li, shift)
    mine = ask(house.wang, shift)
    address = address_of(house.wang)
    assert events(house.nobody.get(address)) == [], "who waits has nothing in the calendar"
    seen: list[tuple[str, int]] = []

    def look() -> None:
        (event,) = events(house.nobody.get(address))
        assert str(event["UID"]) == mine.json["id"]
        seen.append((str(event["STATUS"]), int(event["SEQUENCE"])))

    house.li.api.post(f"/signups/{held.json['id']}/withdraw")
    look()
    house.wang.api.post(f"/signups/{mine.json['id']}/confirm")
    look()
    current = house.he.api.get(f"/shifts/{shift.id}")
    later = {
        "starts_at": (shift.starts_at + timedelta(hours=1)).isoformat(),
        "ends_at": (shift.ends_at + timedelta(hours=1)).isoformat(),
    }
    house.he.api.ask("PATCH", f"/shifts/{shift.id}", json=later | {"capacity": 1}, headers={"if-match": current.headers["etag"]})
    look()
    house.wang.api.post(f"/signups/{mine.json['id']}/withdraw")
    look()
    assert [status for status, _ in seen] == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [n for _, n in seen] == [0, 1, 2, 3]


def test_a_shift_called_off_is_cancelled_in_the_calendar_and_not_only_gone(house: House) -> None:
    shift = shift_in(house)
    ask(house.wang, shift)
    address = address_of(house.wang)
    house.he.post(f"/volunteering/shifts/{shift.id}/cancel")
    (event,) = events(house.nobody.get(address))
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 2)


def test_an_address_that_was_ended_opens_nothing(house: House) -> None:
    ask(house.wang, shift_in(house))
    first = address_of(house.wang)
    second = address_of(house.wang)
    assert house.nobody.get(first).status == 404, "a new one ends the one before"
    assert house.nobody.get(second).status == 200
    assert house.wang.api.post("/calendar/end").json == {"url": None}
    assert house.nobody.get(second).status == 404
    assert house.nobody.get("/volunteering/calendar/guessed.ics").status == 404
    third = address_of(house.wang)
    assert house.nobody.get(third.replace("/fengshu/", "/gonghang/")).status == 404


def test_the_page_shows_the_address_once(house: House) -> None:
    assert "做一个日历地址" in house.wang.get("/volunteering/calendar").words
    made = house.wang.post("/volunteering/calendar")
    address = made.page.select_one("p.mono").text
    assert address.startswith("http://127.0.0.1:8000/c/fengshu/volunteering/calendar/")
    again = house.wang.get("/volunteering/calendar").words
    assert "还能用" in again
    assert address not in again
    assert house.wang.post("/volunteering/calendar/end").status == 303
    assert "做一个日历地址" in house.wang.get("/volunteering/calendar").words


def test_the_download_is_the_same_file(house: House) -> None:
    ask(house.wang, shift_in(house))
    feed, download = house.nobody.get(address_of(house.wang)), house.wang.get("/volunteering/calendar/mine.ics")
    assert feed.text == download.text
    assert download.headers["content-disposition"] == 'attachment; filename="service.ics"'
    assert download.headers["cache-control"] == "no-store"
    assert house.nobody.get("/volunteering/calendar/mine.ics").status in (303, 401)


def test_what_is_long_over_leaves_the_calendar(house_sqlite: House) -> None:
    house = house_sqlite
    ask(house.wang, shift_in(house))
    address = address_of(house.wang)
    with time_machine.travel(now() + timedelta(days=32), tick=False):
        assert len(events(house.nobody.get(address))) == 1
    with time_machine.travel(now() + timedelta(days=34), tick=False):
        assert events(house.nobody.get(address)) == []


def test_two_weeks_hang_on_the_wall_with_a_code_to_sign_up(house: House) -> None:
    shift_in(house)
    shift_in(house, title="花坛除草", starts_in=timedelta(days=20))
    off = shift_in(house, title="便民服务日")
    house.he.post(f"/volunteering/shifts/{off.id}/cancel")
    page = house.nobody.get("/volunteering/poster")
    assert "给独居老人送饭" in page.words
    assert "花坛除草" not in page.words
    assert "便民服务日" not in page.words
    assert page.page.select_one("figure svg path")
    assert "请志愿者或者居委会的人替您报名" in page.words
