"""The coordinator plans, checks people in and out, and hours are recorded with their provenance."""

import json
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.compounds.models import Rule
from app.volunteering.hour_models import HourEntry
from tests.cast import House
from tests.making import fresh
from tests.volunteering.attending import shift_with

PLAN = {
    "kind": "beauty",
    "title": "花坛除草",
    "place": "中心花坛",
    "what": "带手套",
    "starts_at": "2099-05-09T15:00",
    "ends_at": "2099-05-09T16:30",
    "capacity": "８",
    "rrule": "FREQ=WEEKLY;COUNT=3",
}


def test_the_coordinator_plans_three_weeks_at_once(house: House) -> None:
    answer = house.he.post("/volunteering/plan", PLAN | {"id": str(fresh())})
    assert "安排好了" in house.he.follow(answer).words
    shifts = house.nobody.api.get("/shifts").json["items"]
    assert [s["starts_at"][:10] for s in shifts] == ["2099-05-09", "2099-05-16", "2099-05-23"]
    assert shifts[0]["starts_at"] == "2099-05-09T07:00:00Z", "three in the afternoon in China"
    assert {s["capacity"] for s in shifts} == {8}


def test_a_plan_with_mistakes_comes_back_as_it_was_typed(house: House) -> None:
    wrong = PLAN | {"ends_at": "2099-05-09T14:00", "title": "除草\x00", "capacity": str(2**63)}
    answer = house.he.post("/volunteering/plan", wrong)
    assert answer.status == 422
    assert "看不见的字符" in answer.words
    assert "不能大于 1000" in answer.words
    assert answer.page.find("input", {"name": "place"})["value"] == "中心花坛"
    late = house.he.post("/volunteering/plan", PLAN | {"ends_at": "2099-05-09T14:00"})
    assert "结束要晚于开始" in late.words


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "x" * 101])
def test_text_that_no_database_takes_is_named_and_not_a_fault(house: House, bad: str) -> None:
    wish = PLAN | {"title": bad, "capacity": 8}
    body = json.dumps(wish).encode()
    answer = house.he.api.ask("PUT", f"/activities/{fresh()}", content=body, headers={"content-type": "application/json"})
    assert answer.status == 422


def test_who_came_is_checked_in_and_out_and_the_minutes_are_recorded(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        assert "王阿姨" in house.he.get(f"/volunteering/shifts/{shift.id}/attendance").words
        assert house.he.post(f"/volunteering/signups/{mine}/check-in").status == 303
    with time_machine.travel(shift.starts_at + timedelta(minutes=95), tick=False):
        house.he.post(f"/volunteering/signups/{mine}/check-out")
        assert "1.6 小时" in house.wang.get("/volunteering").words
    with house.session() as session:
        entry = session.exec(select(HourEntry)).one()
        assert (entry.minutes, entry.source, entry.recorded_by_id) == (95, "leader", house.he.id)


def test_nobody_serves_longer_than_the_shift(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        house.he.api.post(f"/signups/{mine}/check-in")
    with time_machine.travel(shift.ends_at + timedelta(hours=5), tick=False):
        house.he.api.post(f"/signups/{mine}/check-out")
    with house.session() as session:
        assert session.exec(select(HourEntry.minutes)).one() == 120


def test_a_slip_of_the_thumb_is_undone(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at - timedelta(minutes=50), tick=False):
        house.he.post(f"/volunteering/signups/{mine}/check-in")
        house.he.post(f"/volunteering/signups/{mine}/undo-check-in")
        assert house.wang.api.get(f"/signups/{mine}").json["checked_in_at"] is None
        assert house.he.api.post(f"/signups/{mine}/withdraw").status == 200


def test_nobody_is_checked_in_before_the_door_opens_or_long_after_the_end(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    hour, instant = timedelta(hours=1), timedelta(seconds=1)
    list_page = f"/volunteering/shifts/{shift.id}/attendance"
    with time_machine.travel(shift.starts_at - hour - instant, tick=False):
        early = house.he.api.post(f"/signups/{mine}/check-in")
        assert (early.status, early.json["code"]) == (409, "TooEarlyToCheckIn")
        assert "还不能签到" in house.he.get(list_page).words
        assert "来了，签到" not in house.he.get(list_page).words
    with time_machine.travel(shift.ends_at + 4 * hour + instant, tick=False):
        late = house.he.post(f"/volunteering/signups/{mine}/check-in")
        assert late.status == 409
        assert "补记时长" in late.words
        assert "签到的时间已经过了" in house.he.get(list_page).words
    with time_machine.travel(shift.starts_at - hour, tick=False):
        assert "来了，签到" in house.he.get(list_page).words
        assert house.he.api.post(f"/signups/{mine}/check-in").status == 200


def test_the_door_opens_when_the_compounds_own_rule_says(house_sqlite: House) -> None:
    house = house_sqlite
    shift, (mine,) = shift_with(house, "wang")
    with house.session() as session:
        session.add(
            Rule(
                compound_id=house.compound.id,
                name="check_in_minutes",
                value="90",
                source="志愿队约定",
                decided_by="志愿队",
                valid_from_on=date(2024, 1, 1),
            )
        )
    with time_machine.travel(shift.starts_at - timedelta(minutes=90), tick=False):
        assert house.he.api.post(f"/signups/{mine}/check-in").status == 200


def test_nobody_is_checked_in_on_a_shift_that_was_called_off(house_sqlite: House) -> None:
    house = house_sqlite
    shift, (mine,) = shift_with(house, "wang")
    house.he.post(f"/volunteering/shifts/{shift.id}/cancel")
    with time_machine.travel(shift.starts_at, tick=False):
        assert house.he.api.post(f"/signups/{mine}/check-in").json["code"] == "ShiftCancelled"


def test_whoever_leads_finds_what_has_begun(house_sqlite: House) -> None:
    house = house_sqlite
    shift, _ids = shift_with(house, "wang")
    link = f"/c/fengshu/volunteering/shifts/{shift.id}/attendance"
    with time_machine.travel(shift.starts_at + timedelta(minutes=1), tick=False):
        assert house.he.get("/volunteering").page.find("a", href=link)
        assert not house.wang.get("/volunteering").page.find("a", href=link)


def test_the_sheet_has_a_box_for_everybody_and_room_for_more(house_sqlite: House) -> None:
    house = house_sqlite
    shift, _ids = shift_with(house, "wang", "li")
    sheet = house.he.get(f"/volunteering/shifts/{shift.id}/sheet")
    assert "王阿姨" in sheet.words
    assert "李叔" in sheet.words
    assert sheet.words.count("□") == 5


def test_only_those_who_lead_check_in(house: House) -> None:
    _shift, (mine,) = shift_with(house, "wang")
    for one, status in ((house.wang, 403), (house.zhang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.post(f"/signups/{mine}/check-in").status == status


def test_a_cancelled_shift_tells_everybody_on_it(house: House) -> None:
    shift, _ids = shift_with(house, "wang", "li")
    assert house.wang.post(f"/volunteering/shifts/{shift.id}/cancel").status == 403
    house.he.post(f"/volunteering/shifts/{shift.id}/cancel")
    page = house.wang.get(f"/volunteering/shifts/{shift.id}")
    assert "已经取消" in page.words
    assert house.newcomer().api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json["code"] == "ShiftCancelled"


@pytest.mark.parametrize("statement", ["UPDATE hour_entry SET minutes = 999", "DELETE FROM hour_entry"])
def test_a_recorded_hour_is_never_changed(house: House, statement: str) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        house.he.api.post(f"/signups/{mine}/check-in")
    with time_machine.travel(shift.starts_at + timedelta(minutes=30), tick=False):
        house.he.api.post(f"/signups/{mine}/check-out")
    with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
        session.execute(text(statement))
