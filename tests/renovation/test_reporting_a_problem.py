"""What residents report: everybody sees how much, the officers see what, its reporter sees what became of it."""

from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.compounds.models import Building
from app.inbox.models import Message
from app.renovation.problem_models import Problem, ProblemAct
from tests.cast import House, One
from tests.making import fresh
from tests.renovation.sites import project_in, snapshot

WISH = {"kind": "leak", "place": "2单元楼梯口", "text": "下雨天顶上滴水，我家门口602最厉害。"}


def reported(one: One, **more: Any) -> str:
    id = str(fresh())
    answer = one.api.put(f"/problems/{id}", WISH | more)
    assert answer.status == 201, answer
    return id


def building_in(house: House) -> str:
    with house.session() as session:
        found = session.exec(select(Building.id).where(Building.compound_id == house.compound.id)).first()
        return str(found)


def test_everybody_sees_how_many_and_nobody_sees_whose(house: House) -> None:
    for one, kind in ((house.wang, "leak"), (house.li, "leak"), (house.wang, "parking")):
        reported(one, kind=kind)
    for stranger in (house.nobody, house.li):
        page = stranger.get("/works/problems")
        assert "渗漏 2 个，等处理 2 个" in page.words
    assert "602" not in house.nobody.get("/works/problems").text
    assert house.nobody.api.get("/problem-counts").json[0] == {"kind": "leak", "reported": 2, "waiting": 2}
    assert "3 个。哪里坏了" in house.nobody.get("/works").words


def test_a_problem_is_for_its_reporter_and_the_officers(house: House) -> None:
    id = reported(house.wang)
    for one, status in ((house.wang, 200), (house.liu, 200), (house.chen, 200), (house.li, 404), (house.nobody, 401)):
        assert one.api.get(f"/problems/{id}").status == status
    assert house.zhao.api.get(f"/problems/{id}").status == 404
    assert house.wang.api.get(f"/problems/{id}").json["reported_by"] is None
    assert house.liu.api.get(f"/problems/{id}").json["reported_by"] == "王阿姨"
    assert len(house.liu.api.get("/problems").json["items"]) == 1
    assert house.li.api.get("/problems").json["items"] == []


def test_a_photo_comes_with_it_and_only_they_see_it(house: House) -> None:
    page = house.wang.get("/works/problems/new").page
    id = str(page.select_one('input[name="id"]')["value"])  # type: ignore[index]
    file = ("camera", ("roof.jpg", snapshot(3), "image/jpeg"))
    made = house.wang.ask("POST", "/works/problems", data=WISH | {"id": id}, files=[file])
    shown = house.wang.follow(made)
    assert "收到了" in shown.words
    photo = house.wang.api.get(f"/problems/{id}").json["photos"][0]
    path = f"/works/problems/{id}/photos/{photo}"
    for one, status in ((house.wang, 200), (house.liu, 200), (house.li, 404), (house.zhao, 404)):
        assert one.get(f"{path}/960").status == status
    assert house.wang.get(f"{path}/original").status == 403
    assert house.chen.get(f"{path}/original").status == 200
    again = house.wang.ask("POST", "/works/problems", data=WISH | {"id": id}, files=[file])
    assert again.status == 303
    assert len(house.wang.api.get("/problems").json["items"]) == 1, "a second tap"


def test_photos_follow_until_it_is_settled_and_six_are_enough(house: House) -> None:
    id, other = reported(house.wang), reported(house.li)
    put = lambda one, photo, n, of=id: one.api.ask(  # noqa: E731
        "PUT", f"/problems/{of}/photos/{photo}", content=snapshot(n), headers={"content-type": "image/jpeg"}
    )
    first = fresh()
    assert [put(house.wang, first, 1).status for _ in range(2)] == [201, 200]
    assert put(house.wang, first, 2).json["code"] == "PhotoDiffers"
    assert put(house.li, fresh(), 2).status == 404
    assert put(house.li, first, 1, other).json["code"] == "PhotoDiffers", "a picture of another problem"
    assert [put(house.wang, fresh(), 1).status for _ in range(6)] == [201] * 5 + [409]
    house.liu.api.put(f"/problems/{other}/acts/{fresh()}", {"text": "看过了"})
    assert put(house.li, fresh(), 1, other).json["code"] == "ProblemSettled"


def test_it_is_taken_into_a_project_or_answered_by_name(house: House) -> None:
    project, id = project_in(house), reported(house.wang)
    assert house.liu.api.put(f"/problems/{id}/acts/{fresh()}", {}).status == 422
    act = f"/problems/{id}/acts/{fresh()}"
    answer = {"text": "已经找人看了。"}
    assert [house.liu.api.put(act, answer).status for _ in range(2)] == [201, 200]
    assert house.liu.api.put(act, answer | {"text": "没有"}).json["code"] == "SameIdOtherContent"
    for one, status in ((house.chen, 403), (house.wang, 403), (house.zhao, 404)):
        assert one.api.put(f"/problems/{id}/acts/{fresh()}", answer).status == status
    made = house.liu.post(f"/works/problems/{id}/acts", {"id": str(fresh()), "project_id": str(project.id), "text": ""})
    assert made.status == 303
    assert house.liu.api.put(f"/problems/{id}/acts/{fresh()}", {"project_id": str(fresh())}).status == 404
    shown = house.wang.get(f"/works/problems/{id}").words
    assert "已经找人看了" in shown
    assert "刘主任" in shown
    assert "老旧小区改造" in shown
    assert "居民反映：渗漏 1 个" in house.nobody.get(f"/works/projects/{project.id}").words
    assert house.nobody.api.get("/problem-counts").json == [{"kind": "leak", "reported": 1, "waiting": 0}]
    with house.session() as session:
        told = session.exec(select(Message.title).where(Message.person_id == house.wang.id).order_by(Message.id)).all()  # type: ignore[arg-type]
    assert told == ["您反映的问题有答复了", "您反映的问题，列进工程了"]


def test_officers_see_them_by_kind_and_building(house: House) -> None:
    building = building_in(house)
    inside, outside = reported(house.wang, building_id=building), reported(house.li)
    reported(house.li, kind="pipe")
    page = house.liu.get("/works/problems").words
    assert "渗漏，3栋" in page
    assert "渗漏，公共区域" in page
    assert "按种类和楼栋" not in house.wang.get("/works/problems").words
    for where, found in ((building, [inside]), ("none", [outside])):
        items = house.chen.api.get(f"/problems?kind=leak&building={where}").json["items"]
        assert [item["id"] for item in items] == found
    assert house.wang.api.put(f"/problems/{fresh()}", WISH | {"building_id": str(fresh())}).status == 404


def test_a_report_is_made_once_and_never_changed(house: House) -> None:
    id = fresh()
    rivals = [(house.wang.api, "PUT", f"/problems/{id}", {"json": WISH}) for _ in range(4)]
    assert sorted(answer.status for answer in house.at_once(*rivals)) == [200, 200, 200, 201]
    assert house.wang.api.put(f"/problems/{id}", WISH | {"text": "别的"}).json["code"] == "SameIdOtherContent"
    assert house.nobody.api.put(f"/problems/{fresh()}", WISH).status == 401
    house.liu.api.put(f"/problems/{id}/acts/{fresh()}", {"text": "看过了"})
    for table in (Problem, ProblemAct):
        for change in (update(table).values(text="改过"), delete(table)):
            with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
                session.execute(change)


def test_what_is_missing_is_said_and_nothing_typed_is_lost(house_sqlite: House) -> None:
    page = house_sqlite.wang.post("/works/problems", {"place": "门口"})
    assert page.status == 422
    assert 'value="门口"' in page.text


def test_an_officer_reports_for_a_neighbour_without_a_phone_and_both_are_named(house: House) -> None:
    """Both see it, and what became of it; the coordinator who wrote it is no planner of works."""
    found = house.he.get("/works/problems/for-others?q=李").page
    link = found.select_one("#people a")
    assert link
    form = house.he.get(str(link["href"]).removeprefix("/c/fengshu"))
    assert "替李叔报一个问题" in form.words
    hidden = {str(field["name"]): str(field["value"]) for field in form.page.select('main input[type="hidden"]')}
    assert hidden["person_id"] == str(house.li.id)
    page = house.he.follow(house.he.post("/works/problems", WISH | hidden))
    assert "李叔，何队长代记" in page.words
    id = house.li.api.get("/problems").json["items"][0]["id"]
    for one in (house.li, house.he, house.liu):
        seen = one.api.get(f"/problems/{id}").json
        assert (seen["reported_by"], seen["entered_by"]) == ("李叔", "何队长")
    assert house.wang.api.get(f"/problems/{id}").status == 404
    house.liu.api.put(f"/problems/{id}/acts/{fresh()}", {"text": "看过了"})
    with house.session() as session:
        told = {
            one.id: session.exec(select(Message.title).where(Message.person_id == one.id)).all() for one in (house.li, house.he)
        }
    assert sorted(told[house.li.id]) == sorted(["替您报了一个问题", "您反映的问题有答复了"])
    assert told[house.he.id] == ["您反映的问题有答复了"]
    for one, whom, status in ((house.wang, house.li, 403), (house.zhang, house.li, 403), (house.he, house.zhao, 404)):
        assert one.api.put(f"/problems/{fresh()}", WISH | {"person_id": str(whom.id)}).status == status
        assert one.get(f"/works/problems/new?person={whom.id}").status == status
    assert house.wang.get("/works/problems/for-others").status == 403
    own = house.wang.api.put(f"/problems/{fresh()}", WISH | {"person_id": str(house.wang.id)}).json
    assert own["entered_by"] is None
