"""The committee plans a project; everybody sees how far it is."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from app.kit.clock import now, today
from app.publiclog.models import LogEntry
from app.renovation.models import Phase
from tests.cast import House
from tests.making import fresh
from tests.renovation.sites import project_in, visit_in

WISH = {
    "title": "老旧小区改造",
    "what": "管网、路灯",
    "contractor": "骆驼市政工程队",
    "contractor_phone": "199 0000 8801",
    "started_on": "2026-03-01",
}
LINES = ["申请和立项 2026-3-1 至 2026-03-12", "管网改造，2026-04-01，2026-09-30", "", "  "]


def test_the_director_plans_a_project_in_lines(house: House) -> None:
    page = house.liu.get("/works/plan")
    assert "一行一步" in page.words
    made = house.liu.post("/works/plan", WISH | {"id": str(fresh()), "phases": LINES})
    shown = house.liu.follow(made)
    assert "建好了" in shown.words
    assert "2 步做完了 0 步" in shown.words
    assert "管网改造" in house.nobody.get(made.place.removeprefix("/c/fengshu")).words
    assert "老旧小区改造" in house.nobody.get("/works").words


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["管网改造 明年"], "名称 开工日 至 完工日"),
        (["管网改造 2026-09-30 至 2026-04-01"], "完工日不能早于开工日"),
        (["管网改造 2026-13-01 至 2026-14-01"], "请填日期"),
    ],
)
def test_a_step_that_cannot_be_read_is_named(house_sqlite: House, lines: list[str], says: str) -> None:
    page = house_sqlite.liu.post("/works/plan", WISH | {"phases": lines})
    assert page.status == 422
    assert says in page.words
    assert lines[0] in page.text


def test_only_who_plans_works_plans_works(house: House) -> None:
    wish = WISH | {"phases": [{"name": "管网", "planned_from_on": "2026-03-01", "planned_to_on": "2026-04-01"}]}
    id = fresh()
    for one, status in ((house.chen, 403), (house.wang, 403), (house.nobody, 401)):
        assert one.api.put(f"/projects/{id}", wish).status == status
    assert [house.liu.api.put(f"/projects/{id}", wish).status for _ in range(2)] == [201, 200]
    assert house.liu.api.put(f"/projects/{id}", wish | {"title": "别的"}).json["code"] == "SameIdOtherContent"
    assert house.chen.get("/works/plan").status == 403


def test_a_phase_begins_and_is_done(house: House) -> None:
    project = project_in(house)
    with house.session() as session:
        phases = [str(p.id) for p in session.exec(select(Phase).order_by(Phase.position))]  # type: ignore[arg-type]
    assert house.liu.post(f"/works/phases/{phases[0]}", {"state": "going"}).status == 303
    assert "比计划晚 20 天" in house.nobody.get(f"/works/projects/{project.id}").words
    done = house.liu.api.post(f"/phases/{phases[0]}/move", json={"state": "done"}).json
    assert (done["state"], done["done_on"]) == ("done", str(today()))
    house.liu.api.post(f"/phases/{phases[0]}/move", json={"state": "done"})
    assert "3 步做完了 1 步" in house.nobody.get("/works").words
    assert house.chen.post(f"/works/phases/{phases[1]}", {"state": "going"}).status == 403
    assert house.zhao.post(f"/works/phases/{phases[1]}", {"state": "going"}).status == 404
    with house.session() as session:
        types = session.exec(select(LogEntry.type)).all()
    assert sorted(types) == ["phase.moved", "phase.moved", "project.planned"], "said twice, written once"


def test_the_contractors_telephone_is_for_officers(house: House) -> None:
    project = project_in(house)
    path = f"/works/projects/{project.id}"
    assert all("19900008801" in one.get(path).text for one in (house.liu, house.chen))
    assert all("19900008801" not in one.get(path).text for one in (house.nobody, house.wang, house.zhang))
    assert house.nobody.api.get(f"/projects/{project.id}").json["contractor_phone"] is None


def test_the_log_is_walked_and_printed(house: House) -> None:
    project = project_in(house)
    visits = []
    for hours in (1, 2, 3):
        with time_machine.travel(now() + timedelta(hours=hours), tick=False):
            visits.append(str(visit_in(house, project)[0]))
    first = house.nobody.api.get(f"/projects/{project.id}/visits?limit=2").json
    rest = house.nobody.api.get(f"/projects/{project.id}/visits?limit=2&cursor={first['next_cursor']}").json
    assert [v["id"] for v in first["items"] + rest["items"]] == visits[::-1]
    sheet = house.nobody.get(f"/works/projects/{project.id}/log")
    assert "公开日志第" in sheet.words
    assert sheet.words.count("陈*") == 3
