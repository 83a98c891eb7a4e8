"""A project has fixed days on which a supervisor comes: which were kept, which were missed, and which is next."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from app.kit.clock import today
from app.renovation.distance import metres
from tests.cast import House
from tests.making import fresh
from tests.renovation.sites import project_in, said


def on(day: str, hour: int = 2) -> Any:
    """In UTC: ten in the morning in the compound."""
    return time_machine.travel(datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC), tick=False)


def fixed(house: House, project: Any, **days: Any) -> None:
    answer = house.liu.api.put(f"/projects/{project.id}/days/{fresh()}", days)
    assert answer.status == 201, answer


def seen(house: House, project: Any, month: str) -> dict[str, Any]:
    answer = house.nobody.api.get(f"/projects/{project.id}/supervision?month={month}")
    assert answer.status == 200, answer
    return dict(answer.json)


def visit(house: House, project: Any, **more: Any) -> str:
    id = fresh()
    assert house.chen.api.put(f"/visits/{id}", said(project, **more)).status == 201
    return str(id)


def test_a_fixed_day_is_kept_or_missed_and_a_holiday_is_neither(house: House) -> None:
    with on("2026-09-01"):
        project = project_in(house)
        fixed(house, project, month_days=[10, 20], weekdays=[])
    with on("2026-09-10"):
        here = visit(house, project)
    with on("2026-09-15"):
        extra = visit(house, project)
    with on("2026-10-03"):
        fixed(house, project, weekdays=[0, 3])
    with on("2026-10-13"):
        september, october = seen(house, project, "2026-09"), seen(house, project, "2026-10")
        page = house.nobody.get(f"/works/projects/{project.id}/supervision?month=2026-09")
    assert [(d["on"], d["state"], d["visit_ids"]) for d in september["days"]] == [
        ("2026-09-10", "kept", [here]),
        ("2026-09-15", "other", [extra]),
        ("2026-09-20", "missed", []),
    ]
    assert [(d["on"][-2:], d["state"]) for d in october["days"]] == [
        ("05", "off"),
        ("08", "missed"),
        ("12", "missed"),
        ("15", "coming"),
        ("19", "coming"),
        ("22", "coming"),
        ("26", "coming"),
        ("29", "coming"),
    ], "the National Day's holiday is nobody's fault; the days before the change stay as they were"
    assert (october["kept"], october["missed"], october["next_on"]) == (1, 3, "2026-10-15")
    assert (october["weekdays"], october["month_days"]) == ([0, 3], [])
    assert "下次：2026年10月15日(周四)" in page.words
    assert [row.get_text() for row in page.page.select("#month .badge")] == ["来了", "另外来的", "漏了"]


def test_today_is_not_missed_before_it_is_over(house_sqlite: House) -> None:
    house = house_sqlite
    with on("2026-09-10", hour=15):
        project = project_in(house)
        fixed(house, project, month_days=[10])
        assert seen(house, project, "2026-09")["days"][0]["state"] == "coming"
        assert seen(house, project, "2026-09")["next_on"] == "2026-09-10"
    with on("2026-09-10", hour=17):  # past midnight in the compound
        assert seen(house, project, "2026-09")["days"][0]["state"] == "missed"


def test_the_next_visit_is_the_fixed_day_or_the_one_that_was_named(house_sqlite: House) -> None:
    house = house_sqlite
    with on("2026-09-01"):
        project = project_in(house)
        assert seen(house, project, "2026-09")["next_on"] is None
        visit(house, project, next_on="2026-09-05")
        assert seen(house, project, "2026-09")["next_on"] == "2026-09-05"
        fixed(house, project, month_days=[3, 20])
        assert seen(house, project, "2026-09")["next_on"] == "2026-09-03"
    with on("2026-09-06"):
        assert seen(house, project, "2026-09")["next_on"] == "2026-09-20", "a day that was named and is over is none"


def test_a_correction_is_no_visit_of_its_own(house_sqlite: House) -> None:
    """It is written at a desk, days later."""
    house = house_sqlite
    with on("2026-09-10"):
        project = project_in(house)
        first = visit(house, project)
    with on("2026-09-12"):
        visit(house, project, supersedes_id=first, progress="铺完了")
        assert [d["on"] for d in seen(house, project, "2026-09")["days"]] == ["2026-09-10"]


def test_a_day_that_a_month_does_not_have_is_not_missed(house_sqlite: House) -> None:
    house = house_sqlite
    with on("2026-06-01"):
        project = project_in(house)
        fixed(house, project, month_days=[31])
    with on("2026-08-01"):
        assert (seen(house, project, "2026-06")["days"], seen(house, project, "2026-07")["missed"]) == ([], 1)


def test_who_may_set_days_and_place(house: House) -> None:
    project = project_in(house)
    where = {"lat": 28.2, "lon": 112.9}
    for one, status in ((house.wang, 403), (house.zhang, 403), (house.nobody, 401), (house.chen, 201), (house.zhao, 404)):
        assert one.api.put(f"/projects/{project.id}/days/{fresh()}", {"month_days": [10]}).status in (status, 403)
        assert one.api.put(f"/projects/{project.id}/sites/{fresh()}", where).status in (status, 403)
    for what, wish, other in (("days", {"weekdays": [1]}, {"weekdays": [2]}), ("sites", where, where | {"lat": 1})):
        path = f"/projects/{project.id}/{what}/{fresh()}"
        assert [house.chen.api.put(path, one).status for one in (wish, wish, other)] == [201, 200, 409]
    known = house.nobody.api.get(f"/projects/{project.id}/supervision").json
    assert (known["lat"], known["lon"], known["weekdays"]) == (28.2, 112.9, [1])


@pytest.mark.parametrize(
    ("what", "wish"),
    [
        ("days", {"weekdays": [7]}),
        ("days", {"month_days": [0]}),
        ("days", {"month_days": [32]}),
        ("sites", {"lat": 91, "lon": 0}),
        ("sites", {"lat": "nan", "lon": 0}),
        ("sites", {"lat": 28.2}),
    ],
)
def test_what_is_no_day_and_no_place_is_refused(house_sqlite: House, what: str, wish: dict[str, Any]) -> None:
    path = f"/projects/{project_in(house_sqlite).id}/{what}/{fresh()}"
    assert house_sqlite.chen.api.put(path, wish).status == 422


def test_days_and_place_are_set_by_a_form(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    here = f"/works/projects/{project.id}/supervision"
    assert not house.wang.get(here).page.select("#set, #site")
    done = house.liu.post(f"{here}/days", {"id": str(fresh()), "weekdays": ["0", "5"], "month_days": "１０、20 号"})
    assert "监督日定好了" in house.liu.follow(done).words
    known = house.nobody.api.get(f"/projects/{project.id}/supervision").json
    assert (known["weekdays"], known["month_days"]) == ([0, 5], [10, 20])
    page = house.liu.get(here).page
    assert page.find(id="f-month_days")["value"] == "10、20"
    assert [box["value"] for box in page.select("#set input[type=checkbox][checked]")] == ["0", "5"]
    done = house.liu.post(f"{here}/site", {"id": str(fresh()), "lat": "２８.2278", "lon": "112.9388"})
    assert "工地位置记下了" in house.liu.follow(done).words
    assert house.liu.get(here).page.find(id="f-lat")["value"] == "28.2278"
    back = house.liu.post(f"{here}/site", {"lat": "北纬", "lon": "112.9388"})
    assert (back.status, back.page.find(id="f-lat")["value"]) == (422, "北纬")
    assert house.liu.post(f"{here}/days", {"month_days": "45"}).status == 422
    assert house.liu.get(f"{here}?month=2026-13").status == 422


def test_metres_along_the_earth() -> None:
    assert metres(28.2, 112.9, 28.2, 112.9) == 0
    assert metres(0, 0, 0, 180) == pytest.approx(20_015_115, abs=2), "half way round"
    assert metres(28.2, 112.9, 28.201, 112.9) == pytest.approx(111, abs=1)
    assert metres(28.2, 179.9995, 28.2, -179.9995) == pytest.approx(98, abs=1), "over the date line"


def test_the_calendar_of_a_month_that_is_far_away_is_empty(house_sqlite: House) -> None:
    project = project_in(house_sqlite)
    fixed(house_sqlite, project, month_days=[10])
    assert seen(house_sqlite, project, "2001-01")["days"] == []
    assert date.fromisoformat(seen(house_sqlite, project, "2026-11")["next_on"]) <= today() + timedelta(days=31)
