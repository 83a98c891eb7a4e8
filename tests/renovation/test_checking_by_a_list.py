"""A supervisor goes by a check list of a trade: each item is answered, and a photo that is owed and missing is said so."""

from typing import Any
from uuid import UUID

import pytest

from app.renovation.check_models import MOST_PHOTO_ITEMS
from tests.cast import House, One
from tests.making import fresh
from tests.renovation.sites import project_in, said, send, snapshot

WATER = {
    "trade": "水",
    "items": [
        {"text": "接头不渗水"},
        {"text": "压力表读数", "photo_required": True},
        {"text": "阀门有编号"},
    ],
}


def list_in(house: House, one: One | None = None, **more: Any) -> tuple[str, list[str]]:
    answer = (one or house.chen).api.put(f"/checks/{fresh()}", WATER | more)
    assert answer.status == 201, answer
    return answer.json["id"], [item["id"] for item in answer.json["items"]]


def shot(item: str) -> dict[str, Any]:
    return {"id": str(fresh()), "source": "camera", "item_id": item}


def test_every_item_of_a_list_that_was_used_has_an_answer(house: House) -> None:
    _list, (joints, gauge, valves) = list_in(house)
    list_in(house, trade="电")
    project, id = project_in(house), fresh()
    photo = shot(gauge)
    checks = [{"item_id": gauge, "found": "ok"}, {"item_id": joints, "found": "not_ok", "words": "3号楼渗水"}]
    made = house.chen.api.put(f"/visits/{id}", said(project, checks=checks) | {"photos": [photo]})
    assert made.status == 201, made
    answers = [(c["item_id"], c["trade"], c["found"], c["words"], c["photo_missing"]) for c in made.json["checks"]]
    assert answers == [
        (joints, "水", "not_ok", "3号楼渗水", False),
        (gauge, "水", "ok", "", False),
        (valves, "水", "not_seen", "", False),
    ], "and nothing of the list that was not used"
    assert send(house.chen, id, UUID(photo["id"]), snapshot(1)).status == 201
    page = house.nobody.get(f"/works/visits/{id}").page
    card = page.find(id="checks-1")
    assert [row.dt.get_text() for row in card.select("dl > div")] == ["接头不渗水", "压力表读数", "阀门有编号"]
    assert len(card.select("img")) == 1
    assert "3号楼渗水" in house.nobody.get(f"/works/projects/{project.id}/log").words
    frozen = house.nobody.api.get(f"/visits/{id}/frozen").json
    assert frozen["checks"][0] == {
        "item": joints,
        "text": "接头不渗水",
        "photo_required": False,
        "found": "not_ok",
        "words": "3号楼渗水",
    }
    assert frozen["photos"][0]["item"] == gauge


def test_a_photo_that_is_owed_and_missing_is_shown_and_the_visit_stands(house: House) -> None:
    _list, (_joints, gauge, _valves) = list_in(house)
    project, id = project_in(house), fresh()
    made = house.chen.api.put(f"/visits/{id}", said(project, checks=[{"item_id": gauge, "found": "ok"}]))
    assert (made.status, [c["photo_missing"] for c in made.json["checks"]]) == (201, [False, True, False])
    assert "缺照片" in house.nobody.get(f"/works/visits/{id}").words
    assert "缺照片" in house.nobody.get(f"/works/projects/{project.id}/log").words


def test_a_list_that_was_only_photographed_was_used(house_sqlite: House) -> None:
    _list, (joints, _gauge, _valves) = list_in(house_sqlite)
    wish = said(project_in(house_sqlite)) | {"photos": [shot(joints)]}
    made = house_sqlite.chen.api.put(f"/visits/{fresh()}", wish)
    assert [c["found"] for c in made.json["checks"]] == ["not_seen"] * 3


def test_a_list_is_replaced_and_what_was_answered_keeps_its_words(house: House) -> None:
    old, (joints, _gauge, _valves) = list_in(house)
    project, id = project_in(house), fresh()
    house.chen.api.put(f"/visits/{id}", said(project, checks=[{"item_id": joints, "found": "ok"}]))
    new, _items = list_in(house, house.liu, items=[{"text": "接头干燥"}], replaces_id=old)
    assert [one["id"] for one in house.nobody.api.get("/checks").json["items"]] == [new]
    again = house.chen.api.put(f"/checks/{fresh()}", WATER | {"replaces_id": old})
    assert (again.status, again.json["code"]) == (409, "ListReplaced")
    assert house.nobody.api.get(f"/visits/{id}").json["checks"][0]["text"] == "接头不渗水"
    late = house.chen.api.put(f"/visits/{fresh()}", said(project, checks=[{"item_id": joints, "found": "ok"}]))
    assert late.status == 201, "written in a cellar, before it was replaced"
    assert house.liu.api.post(f"/checks/{new}/end").status == house.liu.api.post(f"/checks/{new}/end").status == 200
    assert house.nobody.api.get("/checks").json["items"] == []
    assert house.nobody.api.get(f"/checks/{old}").json["trade"] == "水"


def test_the_same_list_sent_twice_is_one(house: House) -> None:
    id = fresh()
    assert [house.chen.api.put(f"/checks/{id}", WATER).status for _ in range(2)] == [201, 200]
    assert house.chen.api.put(f"/checks/{id}", WATER | {"trade": "电"}).json["code"] == "SameIdOtherContent"
    assert len(house.nobody.api.get("/checks").json["items"]) == 1


def test_who_may_make_lists(house: House) -> None:
    for one, status in ((house.wang, 403), (house.zhang, 403), (house.nobody, 401), (house.liu, 201)):
        assert one.api.put(f"/checks/{fresh()}", WATER).status == status
    mine, _items = list_in(house)
    assert house.zhao.api.get(f"/checks/{mine}").status == 404
    assert house.chen.api.put(f"/visits/{fresh()}", said(project_in(house), checks=[{"item_id": str(fresh())}])).status == 404
    assert house.wang.api.post(f"/checks/{mine}/end").status == 403


def test_photos_that_are_owed_are_bounded(house_sqlite: House) -> None:
    """A form without script sends every one of its file inputs, and a form has so many parts."""
    some = [{"text": f"第{n}项", "photo_required": True} for n in range(MOST_PHOTO_ITEMS // 2)]
    list_in(house_sqlite, items=some)
    full, _items = list_in(house_sqlite, items=some)
    more = house_sqlite.chen.api.put(f"/checks/{fresh()}", WATER)
    assert (more.status, more.json["code"]) == (409, "TooManyPhotoItems")
    project = project_in(house_sqlite)
    form = house_sqlite.chen.get(f"/works/projects/{project.id}/visits/new").page.find("form", {"data-outbox": "visit"})
    fields = {i["name"]: i.get("value", "") for i in form.find_all("input", type="hidden")} | {"place": "棚", "progress": "好"}
    empty = [(i["name"], ("", b"", "application/octet-stream")) for i in form.find_all("input", type="file")]
    assert len(empty) > MOST_PHOTO_ITEMS
    assert house_sqlite.chen.ask("POST", f"/works/projects/{project.id}/visits", data=fields, files=empty).status == 303
    list_in(house_sqlite, replaces_id=full)


@pytest.mark.parametrize(
    ("line", "text", "owed"),
    [
        ("压力表读数 拍照", "压力表读数", True),
        ("压力表读数（拍照）", "压力表读数", True),
        ("压力表读数，拍照", "压力表读数", True),
        ("gauge photo", "gauge", True),
        ("接头不渗水", "接头不渗水", False),
        ("拍照留底的都齐", "拍照留底的都齐", False),
    ],
)
def test_a_list_is_typed_a_line_for_an_item(house_sqlite: House, line: str, text: str, owed: bool) -> None:
    house = house_sqlite
    sent = house.liu.post("/works/checks", {"id": str(fresh()), "trade": "水", "items": f"\n{line}\n\n阀门有编号"})
    assert "存好了" in house.liu.follow(sent).words
    (made,) = house.nobody.api.get("/checks").json["items"]
    assert [(i["text"], i["photo_required"]) for i in made["items"]] == [(text, owed), ("阀门有编号", False)]
    again = house.liu.get(f"/works/checks/new?replaces={made['id']}").page.find(id="f-items").text.strip()
    assert again.splitlines() == [f"{text}{' 要拍照' if owed else ''}", "阀门有编号"]
    assert "停用了" in house.liu.follow(house.liu.post(f"/works/checks/{made['id']}/end", {})).words


def test_a_list_without_a_line_is_asked_for_one(house_sqlite: House) -> None:
    back = house_sqlite.liu.post("/works/checks", {"id": str(fresh()), "trade": "水", "items": "\n"})
    assert back.status == 422
    assert back.page.find(id="f-trade")["value"] == "水"
    assert house_sqlite.wang.post("/works/checks", {"trade": "水"}).status == 403


def test_without_script_each_item_has_its_own_fields(house_sqlite: House) -> None:
    house = house_sqlite
    _list, (joints, gauge, _valves) = list_in(house)
    project = project_in(house)
    path = f"/works/projects/{project.id}/visits"
    form = house.chen.get(f"{path}/new").page
    assert [i["name"] for i in form.select("details#l-" + _list + " input[type=file]")] == [f"camera:item_id={gauge}"]
    hidden = form.find("form", {"data-outbox": "visit"}).find_all("input", type="hidden")
    fields = {i["name"]: i.get("value", "") for i in hidden} | {"place": "", "progress": "好"}
    fields |= {f"found:{joints}": "not_ok", f"words:{joints}": "渗 水", f"found:{gauge}": "ok", f"words:{gauge}": ""}
    none = [("camera", ("", b"", "application/octet-stream"))]
    back = house.chen.ask("POST", path, data=fields, files=none)
    assert back.status == 422
    assert back.page.find("input", {"name": f"found:{joints}", "checked": True})["value"] == "not_ok"
    assert back.page.find("details", id="l-" + _list).has_attr("open"), "and nothing that was answered is hidden"
    photo = [(f"camera:item_id={joints}", ("1.jpg", snapshot(1), "image/jpeg"))]
    page = house.chen.follow(house.chen.ask("POST", path, data=fields | {"place": "棚"}, files=photo))
    assert "有 1 项要拍照的没有照片" in page.words
    assert "渗 水" in page.words
    assert len(page.page.select("#checks-1 img")) == 1
    odd = house.chen.ask("POST", path, data=fields | {"id": str(fresh()), "place": "棚", f"found:{joints}": "fine"}, files=none)
    assert odd.status == 422
