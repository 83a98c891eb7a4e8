"""Whoever has a place is reminded the day before and two hours before: once each, and nobody who withdrew."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from app.kit.clock import ZONE
from app.kit.jobs import run_once
from app.main import HANDLERS
from tests.cast import House
from tests.volunteering.serving import ask, planned, shift_in, titles

START = datetime(2026, 12, 9, 9, 0, tzinfo=ZONE)
DAY, HOURS = "明天这时候，有您报的志愿服务", "两小时后，有您报的志愿服务"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


def at(clock: Any, house: House, *, before: timedelta) -> None:
    """So long before the shift of three days later begins, the worker does what is due, twice."""
    clock.move_to(START + timedelta(days=3) - before)
    for _again in range(2):
        run_once(house.db, HANDLERS)


def test_each_reminder_comes_once_and_in_its_time(house: House, clock: Any) -> None:
    shift = shift_in(house)
    ask(house.wang, shift)
    ask(house.li, shift)
    at(clock, house, before=timedelta(hours=24, seconds=1))
    assert titles(house, house.wang) == []
    at(clock, house, before=timedelta(hours=24))
    assert titles(house, house.wang) == titles(house, house.li) == [DAY]
    at(clock, house, before=timedelta(hours=2, seconds=1))
    assert titles(house, house.wang) == [DAY]
    at(clock, house, before=timedelta(hours=2))
    at(clock, house, before=timedelta(hours=1))
    assert titles(house, house.wang) == titles(house, house.li) == [DAY, HOURS]


def test_nobody_who_withdrew_waits_or_only_holds_an_offer_is_reminded(house: House, clock: Any) -> None:
    shift = shift_in(house, capacity=1)
    first = ask(house.li, shift).json["id"]
    ask(house.wang, shift)
    ask(house.zhang, shift)
    house.li.api.post(f"/signups/{first}/withdraw")
    at(clock, house, before=timedelta(hours=24))
    assert titles(house, house.li) == []
    assert DAY not in titles(house, house.wang), "the place is only held for them"
    assert DAY not in titles(house, house.zhang)


def test_a_shift_called_off_reminds_nobody(house: House, clock: Any) -> None:
    shift = shift_in(house)
    ask(house.wang, shift)
    house.he.post(f"/volunteering/shifts/{shift.id}/cancel")
    at(clock, house, before=timedelta(hours=24))
    assert titles(house, house.wang) == ["志愿服务取消了"]


def test_a_shift_moved_reminds_of_the_new_time_and_not_of_the_old(house: House, clock: Any) -> None:
    shift = shift_in(house)
    ask(house.wang, shift)
    seen = house.he.api.get(f"/shifts/{shift.id}")
    later = {"starts_at": (START + timedelta(days=5)).isoformat(), "ends_at": (START + timedelta(days=5, hours=1)).isoformat()}
    house.he.api.ask("PATCH", f"/shifts/{shift.id}", json=later | {"capacity": 9}, headers={"if-match": seen.headers["etag"]})
    at(clock, house, before=timedelta(hours=24))
    at(clock, house, before=timedelta(hours=2))
    assert titles(house, house.wang) == ["志愿服务改时间或地方了"]
    at(clock, house, before=timedelta(hours=-24))
    at(clock, house, before=timedelta(hours=-46))
    assert titles(house, house.wang) == ["志愿服务改时间或地方了", DAY, HOURS]


def test_who_signs_up_late_hears_only_what_is_still_to_come(house: House, clock: Any) -> None:
    shift = shift_in(house)
    ask(house.li, shift)
    at(clock, house, before=timedelta(hours=20))
    ask(house.wang, shift)
    at(clock, house, before=timedelta(hours=2))
    assert titles(house, house.wang) == [HOURS]
    assert titles(house, house.li) == [DAY, HOURS]


def test_a_worker_that_slept_over_it_reminds_of_nothing_that_has_begun(house: House, clock: Any) -> None:
    ask(house.wang, shift_in(house))
    at(clock, house, before=timedelta(hours=1, minutes=50))
    assert titles(house, house.wang) == [HOURS], "one, not both at once"
    clock.move_to(START)
    ask(house.li, shift_in(house, starts_in=timedelta(days=2)))
    at(clock, house, before=timedelta(days=1))
    assert titles(house, house.li) == []


def test_a_clock_that_jumps_there_and_back_reminds_once(house: House, clock: Any) -> None:
    ask(house.wang, shift_in(house))
    at(clock, house, before=timedelta(hours=23))
    at(clock, house, before=timedelta(hours=60))
    at(clock, house, before=timedelta(hours=24))
    at(clock, house, before=timedelta(hours=2))
    at(clock, house, before=timedelta(hours=30))
    at(clock, house, before=timedelta(hours=1))
    assert titles(house, house.wang) == [DAY, HOURS]


def test_a_leap_day_is_the_day_before_the_first_of_march(house_sqlite: House, clock: Any) -> None:
    shift = shift_in(house_sqlite, starts_in=datetime(2028, 3, 1, 9, 0, tzinfo=ZONE) - START)
    assert ask(house_sqlite.wang, shift).json["state"] == "confirmed"
    for day, told in ((28, []), (29, [DAY])):
        clock.move_to(datetime(2028, 2, day, 9, 0, tzinfo=ZONE))
        run_once(house_sqlite.db, HANDLERS)
        assert titles(house_sqlite, house_sqlite.wang) == told


def test_one_job_serves_all_shifts_of_a_moment(house: House, clock: Any) -> None:
    ask(house.wang, shift_in(house))
    ask(house.li, shift_in(house, title="花坛除草"))
    clock.move_to(START + timedelta(days=2))
    assert run_once(house.db, HANDLERS) == 1
    assert titles(house, house.wang) == titles(house, house.li) == [DAY]


def test_the_reminder_says_where_and_what_to_bring(house_sqlite: House, clock: Any) -> None:
    when = {"starts_at": "2026-12-12T09:00:00+08:00", "ends_at": "2026-12-12T10:00:00+08:00"}
    shift = planned(house_sqlite, bring="保温箱", **when)
    ask(house_sqlite.wang, shift)
    at(clock, house_sqlite, before=timedelta(hours=24))
    words = house_sqlite.wang.get("/me/messages").words
    assert "给独居老人送饭，2026年12月12日(周六) 上午9:00，在社区食堂门口集合。请带：保温箱。" in words
