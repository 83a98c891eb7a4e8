"""How much of a phase is done, beside what was planned: said by whoever was there, never rewritten."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.inbox.models import Message
from app.kit.charts import spans
from app.kit.clock import today
from app.publiclog.models import LogEntry
from app.renovation.models import PhaseProgress, PhaseReplan, Project
from tests.cast import Answer, House
from tests.making import fresh
from tests.renovation.sites import project_in

PHASE = {"name": "路灯", "planned_from_on": "2026-03-01", "planned_to_on": "2026-04-01", "note": None}


def phases_of(house: House, project: Project) -> list[dict[str, object]]:
    found: list[dict[str, object]] = house.nobody.api.get(f"/projects/{project.id}").json["phases"]
    return found


def say(house: House, phase: object, percent: int, days_ago: int = 0, **more: object) -> Answer:
    on = str(today() - timedelta(days=days_ago))
    return house.chen.api.put(f"/phases/{phase}/progress/{fresh()}", {"percent": percent, "on": on} | more)


def test_progress_begins_a_phase_ends_it_and_opens_it_again(house: House) -> None:
    project = project_in(house)
    phase = phases_of(house, project)[0]["id"]
    assert say(house, phase, 0, 31).json["state"] == "planned"
    begun = say(house, phase, 40, 30).json
    assert (begun["state"], begun["percent"], begun["began_on"]) == ("going", 40, str(today() - timedelta(days=30)))
    done = say(house, phase, 100, 10).json
    assert (done["state"], done["done_on"], done["late"]) == ("done", str(today() - timedelta(days=10)), 10)
    again = say(house, phase, 95).json
    assert (again["state"], again["percent"], again["done_on"]) == ("going", 95, None)
    assert again["began_on"] == begun["began_on"]
    said = house.nobody.api.get(f"/phases/{phase}/progress").json
    assert [one["percent"] for one in said] == [95, 100, 40, 0]
    assert said[0]["by"] == "陈*"


def test_progress_is_said_once_in_order_by_who_may(house: House) -> None:
    project = project_in(house)
    phase = phases_of(house, project)[0]["id"]
    path, wish = f"/phases/{phase}/progress/{fresh()}", {"percent": 20}
    assert [house.chen.api.put(path, wish).status for _ in range(2)] == [201, 200]
    assert house.chen.api.put(path, {"percent": 30}).json["code"] == "SameIdOtherContent"
    assert say(house, phase, 10, 1).json["code"] == "NotTheLatest"
    assert say(house, phase, 101).status == 422
    assert say(house, phase, 50, -1).status == 422
    for one, status in ((house.wang, 403), (house.zhang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.put(f"/phases/{phase}/progress/{fresh()}", wish).status == status
    for change in (update(PhaseProgress).values(percent=99), delete(PhaseProgress)):
        with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
            session.execute(change)


def test_a_phase_is_added_once_after_the_others(house: House) -> None:
    project = project_in(house)
    path = f"/projects/{project.id}/phases/{fresh()}"
    assert [house.liu.api.put(path, PHASE).status for _ in range(2)] == [201, 200]
    assert house.liu.api.put(path, PHASE | {"note": "12 盏"}).json["code"] == "SameIdOtherContent"
    assert house.chen.api.put(f"/projects/{project.id}/phases/{fresh()}", PHASE).status == 403
    assert [phase["name"] for phase in phases_of(house, project)][-1] == "路灯"
    for _ in range(16):
        assert house.liu.api.put(f"/projects/{project.id}/phases/{fresh()}", PHASE).status == 201
    assert house.liu.api.put(f"/projects/{project.id}/phases/{fresh()}", PHASE).json["code"] == "TooManyPhases"


def test_everybody_sees_what_is_late(house_sqlite: House) -> None:
    project = project_in(house_sqlite)
    first = phases_of(house_sqlite, project)[0]["id"]
    page = house_sqlite.nobody.get(f"/works/projects/{project.id}").words
    assert "比计划晚开工 90 天" in page
    say(house_sqlite, first, 60)
    shown = house_sqlite.nobody.get(f"/works/projects/{project.id}")
    assert "做了 60%" in shown.words
    assert "比计划晚 20 天" in shown.words
    assert "报进度" not in house_sqlite.wang.get(f"/works/phases/{first}").words
    form = house_sqlite.chen.post(f"/works/phases/{first}/progress", {"percent": "一半"})
    assert (form.status, 'value="一半"' in form.text) == (422, True)
    made = house_sqlite.chen.post(f"/works/phases/{first}/progress", {"percent": "７０"})
    assert "做了 70%" in house_sqlite.chen.follow(made).words
    added = house_sqlite.liu.post(f"/works/projects/{project.id}/phases", PHASE | {"note": ""})
    assert "路灯" in house_sqlite.liu.follow(added).words
    assert house_sqlite.liu.post(f"/works/projects/{project.id}/phases", {"name": ""}).status == 422


def test_plan_and_truth_stand_on_one_axis() -> None:
    day = date(2026, 3, 1)
    ten, twenty = day + timedelta(days=9), day + timedelta(days=19)
    in_time, late, planned = spans([((day, ten), (day, day)), ((day, ten), (ten, twenty)), ((ten, twenty), None)])
    assert in_time.planned == ("0%", "50%")
    assert (in_time.actual, in_time.late) == (("0%", "5%"), None)
    assert (late.actual, late.late) == (("45%", "55%"), ("50%", "50%"))
    assert (planned.planned, planned.actual) == (("45%", "55%"), None)
    assert spans([]) == ()


def test_planned_days_are_put_right_and_the_old_ones_stay_to_be_read(house: House) -> None:
    project = project_in(house)
    added = f"/projects/{project.id}/phases/{fresh()}"
    phase = house.liu.api.put(added, PHASE).json["id"]
    house.wang.post(f"/works/projects/{project.id}/follow")
    path, wish = (
        f"/phases/{phase}/plans/{fresh()}",
        {"planned_from_on": "2026-03-10", "planned_to_on": "2026-05-01", "why": "等灯杆到货。"},
    )
    for one, status in ((house.chen, 403), (house.wang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.put(f"/phases/{phase}/plans/{fresh()}", wish).status == status
        assert one.get(f"/works/phases/{phase}/plan").status in (status, 303)
    changed = [house.liu.api.put(path, wish) for _ in range(2)]
    assert [one.status for one in changed] == [201, 200]
    assert (changed[0].json["planned_from_on"], changed[0].json["planned_to_on"]) == ("2026-03-10", "2026-05-01")
    assert house.liu.api.put(path, wish | {"why": "别的"}).json["code"] == "SameIdOtherContent"
    assert house.liu.api.put(f"/phases/{phase}/plans/{fresh()}", wish).json["code"] == "SamePlan"
    assert house.liu.api.put(f"/phases/{phase}/plans/{fresh()}", wish | {"planned_to_on": "2026-03-01"}).status == 422
    assert house.liu.api.put(added, PHASE).status == 200, "as it was added, asked for again"
    page = house.liu.get(f"/works/phases/{phase}/plan").page
    form = {str(field["name"]): str(field["value"]) for field in page.select("main form input")}
    assert house.liu.post(f"/works/phases/{phase}/plan", form | {"why": "没改"}).status == 422, "the same days"
    done = house.liu.post(f"/works/phases/{phase}/plan", form | {"planned_to_on": "2026-06-01", "why": "雨季停工。"})
    assert "计划改过 2 次" in house.liu.follow(done).words
    shown = house.nobody.get(f"/works/phases/{phase}").page
    assert [one.get_text() for one in shown.select("#plans del")] == [
        "2026年3月1日(周日)到2026年4月1日(周三)",
        "2026年3月10日(周二)到2026年5月1日(周五)",
    ]
    told = house.nobody.api.get(f"/phases/{phase}/plans").json
    assert [(one["was_to_on"], one["planned_to_on"], one["by"]) for one in told] == [
        ("2026-04-01", "2026-05-01", "刘*"),
        ("2026-05-01", "2026-06-01", "刘*"),
    ]
    with house.session() as session:
        assert session.exec(select(Message.title).where(Message.person_id == house.wang.id)).all() == ["老旧小区改造"] * 2
        assert [type for type in session.exec(select(LogEntry.type)) if type == "phase.replanned"] == ["phase.replanned"] * 2
    for change in (update(PhaseReplan).values(why="改过"), delete(PhaseReplan)):
        with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
            session.execute(change)
