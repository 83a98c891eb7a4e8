"""A project from the proposal to the end of the warranty: each step is written down, none is ever changed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.kit.clock import today
from app.publiclog.models import LogEntry
from app.renovation.life_models import ProjectAct
from tests.cast import Answer, House
from tests.making import fresh
from tests.renovation.sites import project_in

WAY: list[tuple[dict[str, Any], str]] = [
    ({"kind": "applied", "office": "区住建局", "reference": "2026-17"}, "applied"),
    ({"kind": "answered", "office": "区住建局", "text": "缺一份测绘图。"}, "applied"),
    ({"kind": "turned_down", "office": "区住建局", "text": "今年名额满了。"}, "turned_down"),
    ({"kind": "applied", "office": "区住建局"}, "applied"),
    ({"kind": "admitted", "office": "区住建局"}, "admitted"),
    ({"kind": "consulted", "how": "入户发表，收回 86 份", "text": "七成要先修管道。"}, "design"),
    ({"kind": "contracted"}, "contracted"),
    ({"kind": "begun"}, "building"),
    ({"kind": "accepted"}, "accepted"),
    ({"kind": "warranty", "parts": ["waterproof", "plumbing"]}, "warranty"),
    ({"kind": "followed_up", "text": "3栋北墙没有再渗。"}, "warranty"),
    ({"kind": "ended"}, "ended"),
]


def step(house: House, project: UUID, kind: str, **more: Any) -> Answer:
    return house.liu.api.put(f"/projects/{project}/acts/{fresh()}", {"kind": kind} | more)


def went(house: House, project: UUID, until: str) -> None:
    """Through all steps up to the one that leads to the stage `until`."""
    for wish, stage in WAY:
        assert step(house, project, **wish).status == 201
        if stage == until and wish["kind"] not in ("applied", "answered", "turned_down"):
            return


def stage_of(house: House, project: UUID) -> str:
    return str(house.nobody.api.get(f"/projects/{project}").json["stage"])


def test_a_project_goes_its_way_and_each_step_is_in_the_public_log(house: House) -> None:
    project = project_in(house).id
    for wish, stage in WAY:
        assert step(house, project, **wish).status == 201
        assert stage_of(house, project) == stage
    page = house.nobody.get(f"/works/projects/{project}/life").words
    assert "入户发表，收回 86 份" in page
    assert "刘*" in page
    assert "刘主任" not in page
    assert "刘主任" in house.wang.get(f"/works/projects/{project}/life").words
    assert "结束了" in house.nobody.get(f"/works/projects/{project}").words
    with house.session() as session:
        logged = session.exec(select(LogEntry.type).where(LogEntry.record_id == project).order_by(LogEntry.index)).all()  # type: ignore[arg-type]
        texts = b"".join(session.exec(select(LogEntry.entry)))
    assert [line.removeprefix("project.") for line in logged] == ["planned", *(wish["kind"] for wish, _stage in WAY)]
    assert "七成".encode() not in texts, "what people wrote is in the log as its hash"


@pytest.mark.parametrize("kind", ["entered", "admitted", "begun", "accepted", "warranty", "followed_up", "ended", "resumed"])
def test_no_step_is_left_out(house_sqlite: House, kind: str) -> None:
    project = project_in(house_sqlite).id
    refused = step(house_sqlite, project, kind, office="区住建局", text="先做后补", parts=["other"])
    assert (refused.status, refused.json["code"]) == (409, "NotThisStage")
    assert stage_of(house_sqlite, project) == "proposed"


def test_a_wrong_step_is_taken_back_by_another_and_both_are_shown(house: House) -> None:
    project = project_in(house).id
    assert step(house, project, "taken_back", text="没有什么可撤").json["code"] == "NothingToTakeBack"
    went(house, project, "admitted")
    assert step(house, project, "taken_back").status == 422, "it says what was wrong"
    assert step(house, project, "taken_back", text="批的是隔壁小区").status == 201
    assert stage_of(house, project) == "applied"
    assert step(house, project, "taken_back", text="申请也没有交").status == 201
    assert stage_of(house, project) == "turned_down"
    acts = house.nobody.api.get(f"/projects/{project}/acts").json
    assert [act["kind"] for act in acts if act["stands"]] == ["entered", "applied", "answered", "turned_down"]
    assert house.nobody.get(f"/works/projects/{project}/life").words.count("已撤回") == 2


def test_what_was_stopped_goes_on_where_it_stood(house: House) -> None:
    project = project_in(house).id
    went(house, project, "building")
    assert step(house, project, "stopped").status == 422, "a reason is owed"
    assert step(house, project, "stopped", text="挖到煤气管").status == 201
    assert step(house, project, "accepted").json["code"] == "NotThisStage"
    assert step(house, project, "resumed").status == 201
    assert stage_of(house, project) == "building"
    assert step(house, project, "taken_back", text="还没有复工").status == 201
    assert stage_of(house, project) == "stopped"


def test_a_step_is_written_once_and_never_again(house: House) -> None:
    project, id, wish = project_in(house).id, fresh(), {"kind": "applied", "office": "区住建局"}
    path = f"/projects/{project}/acts/{id}"
    assert [house.liu.api.put(path, wish).status for _ in range(2)] == [201, 200]
    assert house.liu.api.put(path, wish | {"office": "街道"}).json["code"] == "SameIdOtherContent"
    for one, status in ((house.chen, 403), (house.wang, 403), (house.nobody, 401), (house.zhao_here, 401)):
        assert one.api.put(f"/projects/{project}/acts/{fresh()}", wish).status == status
    assert house.zhao.api.put(f"/projects/{project}/acts/{fresh()}", wish).status == 404
    for change in (update(ProjectAct).values(text="改过"), delete(ProjectAct)):
        with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
            session.execute(change)


def test_of_two_who_write_the_same_step_one_is_refused(house: House) -> None:
    project = project_in(house).id
    rivals = [
        (house.liu.api, "PUT", f"/projects/{project}/acts/{fresh()}", {"json": {"kind": "stopped", "text": "下雨"}})
        for _ in range(2)
    ]
    assert sorted(answer.status for answer in house.at_once(*rivals)) == [201, 409]


def test_days_come_one_after_the_other(house_sqlite: House) -> None:
    project, day = project_in(house_sqlite).id, today()
    assert step(house_sqlite, project, "applied", office="街道", happened_on=str(day + timedelta(days=1))).status == 422
    assert step(house_sqlite, project, "applied", office="街道", happened_on=str(day - timedelta(days=200))).status == 201
    early = step(house_sqlite, project, "admitted", office="街道", happened_on=str(day - timedelta(days=201)))
    assert early.json["errors"][0]["pointer"] == "/body/happened_on"
    assert step(house_sqlite, project, "admitted", office="街道", happened_on=str(day - timedelta(days=9))).status == 201
    span = {"happened_on": str(day - timedelta(days=5)), "until_on": str(day - timedelta(days=6))}
    assert step(house_sqlite, project, "consulted", how="座谈", text="都赞成", **span).status == 422


def test_the_director_writes_a_step_on_a_page(house_sqlite: House) -> None:
    project = project_in(house_sqlite).id
    life = f"/works/projects/{project}/life"
    assert "向主管部门申请" in house_sqlite.liu.get(life).words
    assert "记下一步" not in house_sqlite.wang.get(life).words
    assert house_sqlite.chen.get(f"{life}/applied").status == 403
    assert house_sqlite.liu.get(f"{life}/ended").status == 409
    empty = house_sqlite.liu.post(f"{life}/applied", {"kind": "applied"})
    assert empty.status == 422
    assert "这里还没有填" in empty.words
    made = house_sqlite.liu.post(f"{life}/applied", {"kind": "applied", "office": "区住建局", "reference": "住建〔2026〕17号"})
    assert "住建〔2026〕17号" in house_sqlite.liu.follow(made).words


def test_a_project_is_proposed_before_anybody_knows_who_will_build(house_sqlite: House) -> None:
    wish = {"title": "换雨水管", "what": "雨水管老化", "started_on": "2026-12-01"}
    made = house_sqlite.liu.post("/works/plan", wish | {"id": str(fresh())})
    page = house_sqlite.liu.follow(made)
    assert "提出来了" in page.words
    assert "施工方" not in page.words
    under_way = house_sqlite.liu.post("/works/plan", wish | {"id": str(fresh()), "stage": "building"})
    assert "施工中" in house_sqlite.liu.follow(under_way).words
