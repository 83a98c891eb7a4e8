"""A photo point: its reference picture stands beside the camera, and its pictures are the series before, between and after."""

from typing import Any
from uuid import UUID

from app.renovation.point_models import MOST_POINTS
from tests.cast import House, One
from tests.making import fresh
from tests.renovation.sites import project_in, said, send, snapshot, visit_in


def point_in(house: House, project: Any, one: One | None = None, name: str = "2栋北墙") -> str:
    answer = (one or house.chen).api.put(f"/projects/{project.id}/points/{fresh()}", {"name": name})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def taken(house: House, project: Any, point: str, n: int) -> tuple[str, str]:
    """A visit with a picture of the point."""
    visit, photo = fresh(), fresh()
    wish = said(project) | {"photos": [{"id": str(photo), "source": "camera", "point_id": point, "caption": "2栋北墙"}]}
    assert house.chen.api.put(f"/visits/{visit}", wish).status == 201
    assert send(house.chen, visit, photo, snapshot(n)).status == 201
    return str(visit), str(photo)


def test_the_pictures_of_a_point_are_a_series_whose_first_shows_where_to_stand(house: House) -> None:
    project = project_in(house)
    point = point_in(house, project)
    new = f"/works/projects/{project.id}/visits/new"
    assert house.nobody.api.get(f"/points/{point}").json["reference_id"] is None
    shots = [taken(house, project, point, n) for n in (1, 2, 3)]
    seen = house.nobody.api.get(f"/points/{point}").json
    assert [(view["visit_id"], view["photo_id"]) for view in seen["views"]] == shots
    assert (seen["reference_id"], seen["taken"]) == (shots[0][1], 3)
    page = house.nobody.get(f"/works/points/{point}").page
    assert [shots[n][1] in page.select("[data-compare] img")[i]["src"] for i, n in enumerate((0, 2))] == [True, True]
    assert page.select_one("[data-compare] input[type=range]")
    asked = house.nobody.get(f"/works/points/{point}?before={shots[1][1]}").page
    assert shots[1][1] in asked.select("[data-compare] img")[0]["src"]
    assert house.nobody.get(f"/works/points/{point}?before={fresh()}").status == 404
    form = house.chen.get(new).page
    image = form.select_one("details#points img")
    assert house.nobody.ask("GET", "/" + image["src"]).headers["content-type"] == "image/jpeg"
    assert form.select_one("details#points input[type=file]")["name"] == f"camera:point_id={point}"
    assert "看2栋北墙的前后" in house.nobody.get(f"/works/visits/{shots[0][0]}").words
    assert house.nobody.api.get(f"/visits/{shots[0][0]}/frozen").json["photos"][0]["point"] == point


def test_another_picture_may_show_where_to_stand(house: House) -> None:
    project = project_in(house)
    point = point_in(house, project)
    (_v1, first), (_v2, second) = (taken(house, project, point, n) for n in (1, 2))
    page = house.liu.post(f"/works/points/{point}/reference", {"photo_id": second})
    assert "照这张的样子拍" in house.liu.follow(page).words
    assert house.nobody.api.get(f"/points/{point}").json["reference_id"] == second
    assert house.nobody.get(f"/works/points/{point}/photos/{second}/320").status == 200
    assert house.nobody.get(f"/works/points/{point}/photos/{first}/320").status == 404, "an address shows one picture for ever"
    sent = fresh()
    answer = house.chen.api.ask(
        "PUT", f"/points/{point}/photos/{sent}", content=snapshot(5), headers={"content-type": "image/jpeg"}
    )
    assert (answer.status, answer.json["reference_id"], answer.json["taken"]) == (200, str(sent), 2)
    _id, (elsewhere,) = visit_in(house, project_in(house, "另一个工程"), photos=1)
    for photo in (fresh(), elsewhere):
        assert house.chen.api.ask("POST", f"/points/{point}/reference", json={"photo_id": str(photo)}).status == 404
    small = house.nobody.api.get(f"/points/{point}/photos/{sent}?size=320")
    assert small.headers["content-type"] == "image/jpeg"
    assert house.nobody.api.get(f"/points/{point}/photos/{sent}?size=original").status == 403


def test_a_point_may_begin_with_a_picture(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    path = f"/works/projects/{project.id}/points"
    photo = [("camera", ("1.jpg", snapshot(1), "image/jpeg"))]
    fields = {"id": str(fresh()), "name": "2栋东北角，拍北墙"}
    sent = [house.liu.ask("POST", path, data=fields, files=photo) for _ in range(2)]
    assert [one.status for one in sent] == [303, 303]
    page = house.liu.follow(sent[0])
    assert "2栋东北角，拍北墙" in page.words
    assert len(page.page.select("#shown img")) == 1
    assert len(house.nobody.api.get(f"/projects/{project.id}/points").json["items"]) == 1, "a double tap counts once"
    back = house.liu.ask("POST", path, data=fields | {"name": ""}, files=photo)
    assert back.status == 422
    assert "请再选一次" in back.words


def test_a_point_is_of_one_project(house: House) -> None:
    project, other = project_in(house), project_in(house, "另一个工程")
    point = point_in(house, project)
    wish = said(other) | {"photos": [{"id": str(fresh()), "source": "camera", "point_id": point}]}
    assert house.chen.api.put(f"/visits/{fresh()}", wish).status == 404
    assert house.zhao.api.get(f"/points/{point}").status == 404
    assert house.nobody.api.get(f"/projects/{other.id}/points").json["items"] == []


def test_who_may_name_points_and_how_many(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    for one, status in ((house.wang, 403), (house.zhang, 403), (house.nobody, 401), (house.liu, 201)):
        assert one.api.put(f"/projects/{project.id}/points/{fresh()}", {"name": "北墙"}).status == status
    id = fresh()
    path = f"/projects/{project.id}/points/{id}"
    assert [house.chen.api.put(path, {"name": n}).status for n in ("南墙", "南墙", "西墙")] == [201, 200, 409]
    for n in range(MOST_POINTS - 2):
        point_in(house, project, name=f"第{n}处")
    more = house.chen.api.put(f"/projects/{project.id}/points/{fresh()}", {"name": "太多"})
    assert (more.status, more.json["code"]) == (409, "TooManyPoints")
    assert house.wang.api.ask("POST", f"/points/{id}/reference", json={"photo_id": str(fresh())}).status == 403


def test_without_script_a_point_is_photographed_by_its_own_button(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    point = point_in(house, project)
    path = f"/works/projects/{project.id}/visits"
    form = house.chen.get(f"{path}/new").page.find("form", {"data-outbox": "visit"})
    fields = {i["name"]: i.get("value", "") for i in form.find_all("input", type="hidden")} | {"place": "棚", "progress": "好"}
    photo = [(f"camera:point_id={point}", ("1.jpg", snapshot(1), "image/jpeg"))]
    page = house.chen.follow(house.chen.ask("POST", path, data=fields, files=photo))
    assert "看2栋北墙的前后" in page.words
    assert UUID(house.nobody.api.get(f"/points/{point}").json["reference_id"])
