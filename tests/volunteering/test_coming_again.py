"""A service that comes again: its shifts are made ahead, changes show what they touch, and the past stays as it was."""

from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlmodel import select

from app.kit.clock import ZONE, local
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.volunteering.models import Shift
from app.volunteering.series_models import Series, recurrence
from tests.cast import Answer, House
from tests.making import fresh
from tests.volunteering.serving import MEALS, ask, set_rule, titles

TUESDAY = datetime(2026, 12, 1, 12, 0, tzinfo=ZONE)
"""When these tests begin; nothing is off until New Year."""

WEEKLY = {"starts_at": "2026-12-05T15:00:00+08:00", "ends_at": "2026-12-05T16:30:00+08:00", "capacity": 4, "rrule": "FREQ=WEEKLY"}


@pytest.fixture(autouse=True)
def on_a_tuesday() -> Any:
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


def begun(house: House, **other: object) -> list[Any]:
    """Its shifts, as the API gives them."""
    made = house.he.api.put(f"/activities/{fresh()}", MEALS | WEEKLY | other)
    assert made.status == 201, made
    return list(made.json["shifts"])


def days(house: House) -> list[str]:
    """Of all shifts that are not called off, in the compound's own days."""
    with house.session() as session:
        rows = session.exec(select(Shift)).all()
    return sorted(f"{local(shift.starts_at):%m-%d %H:%M}" for shift in rows if not shift.cancelled_at)


def change(house: House, shift: Any, **other: object) -> tuple[Answer, Answer]:
    """What it touches, and the change with that."""
    wish = WEEKLY | {"starts_at": shift["starts_at"], "ends_at": shift["ends_at"]} | other
    seen = house.he.api.ask("POST", f"/shifts/{shift['id']}/series/preview", json=wish)
    done = house.he.api.ask("POST", f"/shifts/{shift['id']}/series", json=wish | {"seen": seen.json.get("seen", "")})
    return seen, done


def on(day: str, hour: int, minute: int = 0) -> str:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), ZONE).replace(hour=hour, minute=minute).isoformat()


def kinds(preview: Answer) -> list[str]:
    return [one["touch"] for one in preview.json["items"]]


def test_the_shifts_of_six_weeks_are_there_at_once_and_each_day_one_more(house: House, on_a_tuesday: Any) -> None:
    begun(house)
    assert days(house) == ["01-02 15:00", "01-09 15:00", "12-05 15:00", "12-12 15:00", "12-19 15:00", "12-26 15:00"]
    for _day in range(7):
        on_a_tuesday.shift(timedelta(days=1))
        run_once(house.db, HANDLERS)
    assert "01-16 15:00" in days(house)
    assert len(days(house)) == 7


def test_made_twice_is_made_once(house: House) -> None:
    series = begun(house)[0]["series_id"]
    before = days(house)
    for _again in range(2):
        assert house.he.api.post(f"/series/{series}/fill").status == 200
    assert house.he.post(f"/volunteering/series/{series}/fill").status == 303
    assert days(house) == before


def test_two_workers_at_once_make_each_shift_once(house: House) -> None:
    series = begun(house)[0]["series_id"]
    with house.session() as session:
        for shift in session.exec(select(Shift)).all()[2:]:
            session.delete(shift)
    house.at_once(*[(house.he.api, "POST", f"/series/{series}/fill", {})] * 8)
    assert len(days(house)) == 6


def test_what_was_called_off_is_not_made_again(house: House) -> None:
    shift = begun(house)[1]
    house.he.post(f"/volunteering/shifts/{shift['id']}/cancel")
    house.he.api.post(f"/series/{shift['series_id']}/fill")
    assert "12-12 15:00" not in days(house)


@pytest.mark.parametrize(("skips", "made"), [(True, 5), (False, 6)])
def test_the_week_of_a_holiday_is_left_out_or_kept(house_sqlite: House, skips: bool, made: int) -> None:
    with time_machine.travel(datetime(2026, 9, 8, 9, 0, tzinfo=ZONE), tick=False):
        begun(house_sqlite, starts_at="2026-09-09T15:00:00+08:00", ends_at="2026-09-09T16:00:00+08:00", skip_holidays=skips)
        wednesdays = ["09-09", "09-16", "09-23", "09-30", "10-07", "10-14"]
        kept = [day for day in wednesdays if not (skips and day == "10-07")]
        assert days(house_sqlite) == [f"{day} 15:00" for day in kept]
        assert len(kept) == made


def test_a_leap_day_is_kept_and_a_year_without_one_is_passed_over() -> None:
    yearly = islice(recurrence("FREQ=YEARLY", date(2028, 2, 29)), 3)
    assert [moment.date() for moment in yearly] == [date(2028, 2, 29), date(2032, 2, 29), date(2036, 2, 29)]
    monthly = islice(recurrence("FREQ=MONTHLY", date(2028, 1, 31)), 3)
    assert [moment.date() for moment in monthly] == [date(2028, 1, 31), date(2028, 3, 31), date(2028, 5, 31)]
    weekly = Series(rrule="FREQ=WEEKLY", first_on=date(2028, 2, 22), starts_minute=0, minutes=60, skip_holidays=False)
    assert weekly.days(date(2028, 2, 20), date(2028, 3, 10)) == [date(2028, 2, 22), date(2028, 2, 29), date(2028, 3, 7)]


def test_three_in_the_afternoon_stays_three_in_the_afternoon_all_year() -> None:
    """Shanghai's clock has not been moved since 1991; a week is 168 hours in every month."""
    series = Series(rrule="FREQ=WEEKLY", first_on=date(2026, 1, 3), starts_minute=900, minutes=60, skip_holidays=False)
    starts = [series.span(day)[0] for day in series.days(date(2026, 1, 1), date(2026, 12, 31))]
    assert len(starts) == 52
    assert {later - sooner for sooner, later in pairwise(starts)} == {timedelta(weeks=1)}
    assert {f"{local(moment):%H:%M}" for moment in starts} == {"15:00"}


def test_a_clock_that_jumped_ahead_and_back_leaves_no_week_out_and_none_twice(house: House, on_a_tuesday: Any) -> None:
    series = begun(house)[0]["series_id"]
    before = days(house)
    on_a_tuesday.move_to(TUESDAY + timedelta(days=400))
    run_once(house.db, HANDLERS)
    on_a_tuesday.move_to(TUESDAY)
    run_once(house.db, HANDLERS)
    assert set(before) <= set(days(house))
    on_a_tuesday.move_to(TUESDAY + timedelta(weeks=3))
    assert house.he.api.post(f"/series/{series}/fill").status == 200
    with house.session() as session:
        made = sorted(shift.occurs_on for shift in session.exec(select(Shift)) if shift.occurs_on and shift.occurs_on.year < 2028)
    near = [day for day in made if day < date(2027, 2, 3)]
    assert near == [date(2026, 12, 5) + timedelta(weeks=n) for n in range(9)]
    assert len(made) == len(set(made))


def test_a_clock_that_jumped_back_makes_nothing_in_the_past(house: House, on_a_tuesday: Any) -> None:
    series = begun(house)[0]["series_id"]
    on_a_tuesday.move_to(TUESDAY - timedelta(days=3000))
    house.he.api.post(f"/series/{series}/fill")
    on_a_tuesday.move_to(TUESDAY)
    assert min(shift for shift in days(house) if shift.startswith("12")) == "12-05 15:00"
    assert len(days(house)) == 6


def test_a_change_says_what_it_touches_and_touches_nothing_else(house: House) -> None:
    shifts = begun(house)
    mine = [ask(house.wang, _row(house, shifts[n])) for n in (0, 2)]
    touches, done = change(house, shifts[1], starts_at=on("2026-12-13", 9), ends_at=on("2026-12-13", 10), capacity=5)
    assert kinds(touches) == ["moved"] * 5 + ["made"], "of what begins a week later, the sixth week is the seventh"
    assert [one["people"] for one in touches.json["items"]] == [0, 1, 0, 0, 0, 0]
    assert done.status == 200, done
    january = ["01-03 09:00", "01-10 09:00", "01-17 09:00"]
    assert days(house) == [*january, "12-05 15:00", "12-13 09:00", "12-20 09:00", "12-27 09:00"]
    assert titles(house, house.wang) == ["志愿服务改时间或地方了"], "of the third; the first was not touched"
    assert [house.wang.api.get(f"/signups/{one.json['id']}").json["state"] for one in mine] == ["confirmed"] * 2
    assert house.he.api.get(f"/series/{shifts[0]['series_id']}").json["last_on"] == "2026-12-11"
    assert house.he.api.get(f"/shifts/{shifts[1]['id']}").json["capacity"] == 5


def test_the_past_is_never_rewritten(house: House, on_a_tuesday: Any) -> None:
    shifts = begun(house)
    on_a_tuesday.move_to(datetime(2026, 12, 12, 15, 30, tzinfo=ZONE))
    touches, done = change(house, shifts[0], starts_at=on("2026-12-05", 9), ends_at=on("2026-12-05", 10))
    assert done.status == 200
    assert all(one["was_at"] is None or one["was_at"][:10] > "2026-12-12" for one in touches.json["items"])
    for n, shift in enumerate(shifts[:2]):
        assert house.nobody.api.get(f"/shifts/{shift['id']}").json["starts_at"] == shift["starts_at"], n
    assert "12-05 09:00" not in days(house)
    assert "12-12 09:00" not in days(house)


def test_fewer_times_call_off_the_rest_and_tell_who_signed_up(house: House) -> None:
    shifts = begun(house)
    ask(house.wang, _row(house, shifts[1]))
    touches, done = change(house, shifts[0], rrule="FREQ=WEEKLY;INTERVAL=2")
    assert kinds(touches) == ["same", "called_off", "same", "called_off", "same", "called_off"]
    assert done.status == 200
    assert days(house) == ["01-02 15:00", "12-05 15:00", "12-19 15:00"]
    assert titles(house, house.wang) == ["志愿服务取消了"]


def test_more_times_are_made_at_once(house: House) -> None:
    shifts = begun(house)
    touches, _done = change(house, shifts[3], rrule="FREQ=WEEKLY;BYDAY=SA,SU")
    assert kinds(touches)[:6] == ["same", "made", "same", "made", "same", "made"]
    assert set(kinds(touches)[6:]) == {"made"}
    assert "12-27 15:00" in days(house)


def test_a_shift_changed_by_itself_stays_as_it_is(house: House) -> None:
    shifts = begun(house)
    seen = house.he.api.get(f"/shifts/{shifts[1]['id']}")
    alone = {"starts_at": on("2026-12-13", 10), "ends_at": on("2026-12-13", 11), "capacity": 9}
    house.he.api.ask("PATCH", f"/shifts/{shifts[1]['id']}", json=alone, headers={"if-match": seen.headers["etag"]})
    touches, done = change(house, shifts[0], starts_at=on("2026-12-05", 9), ends_at=on("2026-12-05", 10))
    assert done.status == 200
    assert kinds(touches) == ["moved", "left_alone", "moved", "moved", "moved", "moved"]
    assert days(house)[2:4] == ["12-05 09:00", "12-13 10:00"]
    house.he.api.post(f"/series/{done.json['id']}/fill")
    assert len(days(house)) == 6, "and its day has its shift"


def test_a_change_is_refused_once_it_would_touch_something_else(house: House) -> None:
    shifts = begun(house)
    wish = WEEKLY | {"starts_at": on("2026-12-05", 9), "ends_at": on("2026-12-05", 10)}
    seen = house.he.api.ask("POST", f"/shifts/{shifts[0]['id']}/series/preview", json=wish).json["seen"]
    ask(house.wang, _row(house, shifts[4]))
    late = house.he.api.ask("POST", f"/shifts/{shifts[0]['id']}/series", json=wish | {"seen": seen})
    assert (late.status, late.json["code"]) == (412, "Stale")
    assert house.he.api.ask("POST", f"/shifts/{shifts[0]['id']}/series", json=wish).status == 412, "and never unseen"
    assert days(house)[2] == "12-05 15:00"


def test_fewer_places_than_are_taken_change_nothing_at_all(house: House) -> None:
    shifts = begun(house)
    for one in (house.wang, house.li):
        ask(one, _row(house, shifts[2]))
    _touches, done = change(house, shifts[0], starts_at=on("2026-12-05", 9), ends_at=on("2026-12-05", 10), capacity=1)
    assert (done.status, done.json["code"]) == (409, "BelowTaken")
    assert days(house)[2] == "12-05 15:00"


def test_the_coordinator_sees_it_on_the_page_first(house: House) -> None:
    shifts = begun(house)
    ask(house.wang, _row(house, shifts[1]))
    base = f"/volunteering/shifts/{shifts[1]['id']}"
    assert "从这一班起都改" in house.he.get(base).words
    page = house.he.get(f"{base}/series")
    fields = {one["name"]: one.get("value", "") for one in page.page.select("main form input") if one.get("type") != "radio"}
    typed = {name: value for name, value in fields.items() if name not in ("csrf",)} | {"rrule": "FREQ=WEEKLY", "needs": ""}
    check = house.he.post(f"{base}/series", typed | {"starts_at": "2026-12-13T09:00", "ends_at": "2026-12-13T10:00"})
    assert (check.status, "会动到这些班" in check.words) == (200, True)
    assert "改时间" in check.words
    assert "每班从" not in check.words
    more = house.he.post(f"{base}/series", typed | {"capacity": "7"})
    assert f"每班从 {fields['capacity']} 人改成 7 人" in more.words
    assert days(house)[2:4] == ["12-05 15:00", "12-12 15:00"], "nothing has happened yet"
    hidden = {one["name"]: one.get("value", "") for one in check.page.select("main form:not(.foot) input")}
    assert house.he.post(f"{base}/series", hidden).status == 303
    assert {"12-05 15:00", "12-13 09:00"} <= set(days(house))
    assert "12-12 15:00" not in days(house)
    wrong = house.he.post(f"{base}/series", hidden | {"rrule": "FREQ=HOURLY"})
    assert (wrong.status, "看不懂多久一次" in wrong.words) == (422, True)


def test_an_end_is_shown_first_too(house: House) -> None:
    shifts = begun(house)
    ask(house.wang, _row(house, shifts[4]))
    base = f"/volunteering/shifts/{shifts[3]['id']}"
    check = house.he.post(f"{base}/stop")
    assert "不再办了，会取消这些班" in check.words
    assert len(days(house)) == 6
    hidden = {one["name"]: one.get("value", "") for one in check.page.select("main form:not(.foot) input")}
    assert house.he.post(f"{base}/stop", hidden).status == 303
    assert days(house) == ["12-05 15:00", "12-12 15:00", "12-19 15:00"]
    assert titles(house, house.wang) == ["志愿服务取消了"]
    house.he.api.post(f"/series/{shifts[0]['series_id']}/fill")
    assert len(days(house)) == 3
    left = house.he.api.ask("POST", f"/shifts/{shifts[2]['id']}/stop/preview", json={}).json
    assert house.he.api.ask("POST", f"/shifts/{shifts[2]['id']}/stop", json={"seen": left["seen"]}).json["items"] == left["items"]
    assert len(days(house)) == 2


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=DAILY", "weekly", "FREQ=WEEKLY;BYHOUR=3", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;BYDAY=XX",
     "FREQ=WEEKLY;UNTIL=20261231T000000Z", "FREQ=WEEKLY;COUNT=-1", "FREQ=WEEKLY;;", "FREQ=WEEKLY;UNTIL=20200101"],
)  # fmt: skip
def test_other_rules_are_refused_with_a_sentence(house_sqlite: House, rule: str) -> None:
    answer = house_sqlite.he.api.put(f"/activities/{fresh()}", MEALS | WEEKLY | {"rrule": rule})
    assert answer.status == 422, answer
    assert answer.json["errors"][0]["code"] in ("no_rule", "never")


def test_a_shift_that_stands_alone_has_no_series_to_change(house_sqlite: House) -> None:
    alone = begun(house_sqlite, rrule="")[0]
    assert alone["series_id"] is None
    assert house_sqlite.he.get(f"/volunteering/shifts/{alone['id']}/series").status == 404
    assert house_sqlite.he.api.ask("POST", f"/shifts/{alone['id']}/stop/preview").status == 404


def test_places_for_skills_are_kept_on_every_shift_of_the_series(house_sqlite: House) -> None:
    shifts = begun(house_sqlite, needs=[{"skill": "理发", "wanted": 2}], minimum=2)
    assert [shift["needs"][0]["wanted"] for shift in shifts] == [2] * 6
    assert {shift["minimum"] for shift in shifts} == {2}


def test_how_far_ahead_is_the_compounds_own_rule(house_sqlite: House) -> None:
    set_rule(house_sqlite, "series_weeks", 2)
    assert len(begun(house_sqlite)) == 2


def test_what_was_planned_once_is_the_template_of_the_next(house_sqlite: House) -> None:
    shift = begun(house_sqlite, bring="保温箱", needs=[{"skill": "开车", "wanted": 1}])[0]
    page = house_sqlite.he.get(f"/volunteering/plan?like={shift['id']}")
    assert page.page.find("input", {"name": "bring"})["value"] == "保温箱"
    assert page.page.find("textarea", {"name": "needs"}).text.strip() == "开车 1"


def _row(house: House, shift: Any) -> Shift:
    with house.session() as session:
        return session.get_one(Shift, (house.compound.id, UUID(shift["id"])))
