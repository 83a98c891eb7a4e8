"""A draft on its page: items by every rule, batches, the header, and its end, each by a small form that needs no script."""

from typing import Any

import pytest
from sqlmodel import select

from app.benefits.models import Batch, Distribution, Exclusion, Item
from tests.benefits.giving import PACK, approved, batch, decided, money, plan, planned, publish, published
from tests.cast import Answer, House
from tests.making import fresh


def edition(house: House, id: str) -> int:
    return int(house.liu.api.get(f"/distributions/{id}/standing").json["edition"])


def give(house: House, to: str, /, **changes: Any) -> Answer:
    """A thing as the form of its rule sends it, by the decision that the plan names already."""
    stands = plan(house, to)
    form = {"id": str(fresh()), "kind": "goods", "rule": "fixed_per_unit", "name": "菜籽油", "price": "36"}
    form |= {"batch_id": stands["batches"][0]["id"], "decision_id": stands["decision_id"] or ""}
    return house.liu.post(f"/benefits/{to}/give", form | changes)


def first_batch(house: House, id: str) -> str:
    return str(plan(house, id)["batches"][0]["id"])


def item_named(house: House, id: str, name: str) -> dict[str, Any]:
    return next(item for item in plan(house, id)["items"] if item["name"] == name)


RULES: dict[str, tuple[dict[str, Any], str]] = {
    "fixed_per_unit": ({"pieces": "2"}, "每户 2份"),
    "equal": ({"kind": "money", "amount": "１，000", "rounding": "yuan"}, "一共 ¥1,000.00，每户一样"),
    "by_area": ({"kind": "money", "amount": "1000"}, "一共 ¥1,000.00，按面积分"),
    "per_square_metre": ({"kind": "money", "amount": "9", "rounding": "yuan"}, "每平方米 ¥9.00"),
    "by_unit_kind": ({"by_kind": ["2", "1", ""], "unit": "袋"}, "住宅每户 2袋，商铺每户 1袋"),
    "by_area_steps": ({"areas": ["0", "90"], "steps": ["1", "2"]}, "0.00 m²起 1份，90.00 m²起 2份"),
    "per_resident": ({"kind": "money", "amount": "50", "tenants": "true"}, "每人 ¥50.00"),
    "per_person": ({"kind": "money", "amount": "5000", "group": "70岁以上老人"}, "70岁以上老人每人 ¥5,000.00"),
    "own_list": ({"kind": "money"}, "按自己的名单"),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_its_form(house_sqlite: House, rule: str) -> None:
    house = house_sqlite
    id = planned(house)
    fields, says = RULES[rule]
    kind = fields.get("kind", "goods")
    assert f"rule={rule}" in house.liu.get(f"/benefits/{id}/give?kind={kind}").text
    drawn = house.liu.get(f"/benefits/{id}/give?kind={kind}&rule={rule}")
    boxes = {box["name"] for box in drawn.page.find_all(["input", "select"]) if box.get("name")}
    assert set(fields) <= boxes, "every field of the rule is on its form"
    made = give(house, id, rule=rule, name="第二样", **fields)
    assert made.status == 303, made
    draft = house.liu.get(f"/benefits/{id}")
    assert says in draft.words
    second = item_named(house, id, "第二样")
    if rule in ("per_person", "own_list"):
        assert made.place.endswith("/list")
        assert "还没有名单" in draft.words
        assert house.liu.api.ask("POST", f"/distributions/{id}/submit").json["code"] == "ListMissing"
    again = house.liu.get(f"/benefits/{id}/items/{second['id']}").page
    of_plan = again.find(string="整个方案依据同一个决议。在这里改，方案里别的东西也跟着改。")
    assert bool(of_plan) == bool(again.find("select", {"name": "decision_id"}))
    form = next(form for form in again.find_all("form") if form["action"].endswith(second["id"]))
    assert house.liu.post(f"/benefits/{id}/items/{second['id']}", typed_in(form)).status == 303, "as it is drawn it may be sent"
    assert item_named(house, id, "第二样") == second, "and changes nothing"


def typed_in(form: Any) -> dict[str, Any]:
    """What a browser would send of a form."""
    sent: dict[str, list[str]] = {}
    for box in form.find_all(["input", "select"]):
        if box.name == "select":
            chosen = box.find("option", selected=True)
            sent.setdefault(box["name"], []).append(chosen["value"] if chosen else "")
        elif box["type"] not in ("radio", "checkbox") or box.has_attr("checked"):
            sent.setdefault(box["name"], []).append(box.get("value", ""))
    return dict(sent)


@pytest.mark.parametrize(
    ("rule", "broken", "says"),
    [
        ("fixed_per_unit", {"pieces": ""}, "请写明一共多少，或者每份多少"),
        ("fixed_per_unit", {"pieces": "1", "price": ""}, "请写单价"),
        ("fixed_per_unit", {"pieces": "1", "name": ""}, "这里还没有填"),
        ("fixed_per_unit", {"pieces": "0"}, "不能小于 1"),
        ("per_square_metre", {"pieces": "1"}, "按每平方米只能发钱"),
        ("by_unit_kind", {"by_kind": ["", "", ""]}, "至少要写一类"),
        ("by_unit_kind", {"by_kind": ["1.5"]}, "请填一个整数"),
        ("by_unit_kind", {"kind": "money", "by_kind": ["-1"]}, "不能是负数"),
        ("by_area_steps", {"areas": ["9", "9"], "steps": ["1", "2"]}, "分档要从小到大"),
        ("by_area_steps", {"areas": ["", ""], "steps": ["", ""]}, "至少要写一档"),
        ("by_area_steps", {"areas": ["大"], "steps": ["1"]}, "面积请写成"),
        ("per_person", {"pieces": "1"}, "请写明名单上是哪些人"),
        ("own_list", {"decision_id": ""}, "不按面积分，要有业主的决议"),
    ],
)
def test_what_is_wrong_stands_at_its_field(house_sqlite: House, rule: str, broken: dict[str, Any], says: str) -> None:
    house = house_sqlite
    id = planned(house)
    answer = give(house, id, rule=rule, **broken)
    assert answer.status == 422
    assert says in answer.words
    assert len(plan(house, id)["items"]) == 1


def test_an_item_is_added_once_changed_and_removed(house: House) -> None:
    id = planned(house)
    form = {"id": str(fresh()), "pieces": "2", "decision_id": decided(house), "supplier": "供销社", "unit": "桶", "spare": "3"}
    for _twice in range(2):
        assert give(house, id, **form).status == 303
    assert [item["name"] for item in plan(house, id)["items"]] == [PACK["name"], "菜籽油"]
    oil = item_named(house, id, "菜籽油")
    assert (oil["supplier"], oil["unit"], oil["spare"], oil["price"]["amount"]) == ("供销社", "桶", 3, "36.00")
    at, seen = f"/benefits/{id}/items/{oil['id']}", edition(house, id)
    change = {"kind": "goods", "rule": "equal", "name": "菜籽油", "price": "30", "pieces": "80"}
    change |= {"batch_id": first_batch(house, id), "decision_id": form["decision_id"]}
    assert house.liu.post(at, change | {"version": seen}).status == 303
    assert (item_named(house, id, "菜籽油")["rule"], item_named(house, id, "菜籽油")["price"]["amount"]) == ("equal", "30.00")
    late = house.liu.post(at, change | {"version": seen, "supplier": "第二位写的"})
    assert (late.status, "再按一次" in late.words) == (422, True), "somebody was there meanwhile"
    assert late.page.find("input", {"name": "supplier"})["value"] == "第二位写的", "and nothing typed is lost"
    assert late.page.find("input", {"name": "version"})["value"] == str(seen + 1), "once more, it is meant for what stands now"
    assert house.liu.post(at, change).status == 422, "a form of no version is of none"
    assert give(house, id, **form | {"supplier": "别家"}).status == 409, "another thing under the same id is not swallowed"
    assert house.liu.post(at, change | {"version": seen + 1, "kind": "money", "amount": "1"}).status == 404
    asked = house.liu.post(f"{at}/remove", {"version": seen + 1})
    assert asked.status == 303
    last = plan(house, id)["items"][0]["id"]
    refused = house.liu.post(f"/benefits/{id}/items/{last}/remove", {"version": edition(house, id)})
    assert (refused.status, "至少要有一样东西" in refused.words) == (409, True)


def test_batches_are_added_named_filled_and_removed(house: House) -> None:
    id = planned(house)
    morning = {"id": str(fresh())} | batch(place="3栋大堂")
    for _twice in range(2):
        assert house.liu.post(f"/benefits/{id}/batch", morning).status == 303
    first, second = plan(house, id)["batches"]
    assert (first["name"], second["name"], second["place"]) == ("第1批", "第2批", "3栋大堂")
    empty = house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert (empty.status, empty.json["code"]) == (409, "EmptyBatch")
    assert "第2批" in empty.json["detail"]
    assert "还没有东西" in house.liu.get(f"/benefits/{id}").words
    same = house.liu.post(f"/benefits/{id}/batches/{second['id']}", batch(name="第1批") | {"version": edition(house, id)})
    assert (same.status, "每批要有自己的名字" in same.words) == (422, True)
    ended = house.liu.post(f"/benefits/{id}/batch", {"id": str(fresh())} | batch(5, 2))
    assert (ended.status, "结束的日子不能早于开始" in ended.words) == (422, True)
    changed = batch(name="周末场", hours="下午2点至5点")
    assert house.liu.post(f"/benefits/{id}/batches/{second['id']}", changed | {"version": edition(house, id)}).status == 303
    assert give(house, id, pieces="1", decision_id=decided(house), batch_id=second["id"]).status == 303
    page = house.liu.get(f"/benefits/{id}").words
    assert "周末场" in page
    assert "下午2点至5点，菜籽油" in page
    kept = house.liu.post(f"/benefits/{id}/batches/{second['id']}/remove", {"version": edition(house, id)})
    assert (kept.status, "这一批里还有东西" in kept.words) == (409, True)
    oil = item_named(house, id, "菜籽油")
    house.liu.post(f"/benefits/{id}/items/{oil['id']}/remove", {"version": edition(house, id)})
    assert house.liu.post(f"/benefits/{id}/batches/{second['id']}/remove", {"version": edition(house, id)}).status == 303
    last = house.liu.post(f"/benefits/{id}/batches/{first['id']}/remove", {"version": edition(house, id)})
    assert last.status == 409
    approved(house, id)
    assert publish(house, id).status == 200


def test_an_edit_after_the_submission_voids_what_was_signed(house: House) -> None:
    id = planned(house)
    approved(house, id)
    assert "改任何一处，都要重新提交、重新批准" in house.liu.get(f"/benefits/{id}").words
    house.liu.post(f"/benefits/{id}/batches/{first_batch(house, id)}", batch(place="广场") | {"version": edition(house, id)})
    standing = house.liu.api.get(f"/distributions/{id}/standing").json
    assert (standing["submitted"], standing["approvals_had"]) == (False, 0)
    assert publish(house, id).json["code"] == "NotSubmitted"
    approved(house, id)
    assert publish(house, id).status == 200


def test_the_header_says_for_whom_and_by_whose_decision(house_sqlite: House) -> None:
    house = house_sqlite
    id = planned(house, money("100"))
    head = {"title": "中秋礼包", "unit_kinds": ["dwelling", "shop"], "decision_id": ""}
    assert house.liu.post(f"/benefits/{id}/head", head | {"title": "", "version": 1}).status == 422
    assert house.liu.post(f"/benefits/{id}/head", head | {"version": edition(house, id)}).status == 303
    assert "中秋礼包" in house.liu.get(f"/benefits/{id}").words
    assert house.liu.post(f"/benefits/{id}/head", head | {"version": 1}).status == 422
    assert house.liu.post(f"/benefits/{id}/head", head | {"version": 2, "decision_id": str(fresh())}).status == 404


def test_a_draft_is_deleted_with_all_that_was_written_for_it(house: House) -> None:
    id = planned(house)
    house.liu.post(f"/benefits/{id}/exclude", {"unit": "3-2-602", "why": "空房"})
    house.liu.api.ask("POST", f"/distributions/{id}/holds", json={"unit": "3-2-603", "why": "继承"})
    approved(house, id)
    assert house.liu.post(f"/benefits/{id}/delete", {"version": 1}).status == 412
    asked = house.liu.post(f"/benefits/{id}/delete", {"version": edition(house, id)})
    assert asked.place.endswith("/benefits")
    assert house.liu.get(f"/benefits/{id}").status == 404
    with house.session() as session:
        for noun in (Distribution, Item, Batch, Exclusion):
            assert session.exec(select(noun)).all() == []
    other = planned(house)
    assert house.liu.api.ask("DELETE", f"/distributions/{other}").status == 428
    assert house.liu.api.ask("DELETE", f"/distributions/{other}", headers={"if-match": '"1"'}).status == 204
    assert house.liu.api.get(f"/distributions/{other}").status == 404


def test_what_is_published_is_no_draft_any_more(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house)
    item = plan(house, id)["items"][0]["id"]
    for path in ("head", "give", "batch", f"items/{item}", f"batches/{first_batch(house, id)}"):
        assert house.liu.get(f"/benefits/{id}/{path}").status == 409, path
    assert house.liu.post(f"/benefits/{id}/delete", {"version": 1}).status == 409
    assert house.liu.api.ask("DELETE", f"/distributions/{id}", headers={"if-match": '"1"'}).json["code"] == "AlreadyPublished"
    assert give(house, id, pieces="1", decision_id=decided(house)).status == 409
    assert "加一样东西" not in house.liu.get(f"/benefits/{id}").words


def test_the_arithmetic_of_one_unit_is_shown_before_anything_is_frozen(house_sqlite: House) -> None:
    house = house_sqlite
    steps = {"kind": "goods", "name": "油", "unit": "桶", "price": {"amount": "36.00"}, "rule": "by_area_steps"}
    steps |= {"steps": [{"from_area": "0", "pieces": 1}, {"from_area": "89.00", "pieces": 2}]}
    homes = [{"unit_kind": "dwelling", "amount": {"amount": "5"}}]
    kinds = {"kind": "money", "name": "补助", "rule": "by_unit_kind", "by_kind": homes}
    elders = money("5000", "per_person", name="老人", group="70岁以上老人", persons=[{"unit": "3-2-602", "persons": 2}])
    listed = {"kind": "money", "name": "名单", "rule": "own_list", "listed": [{"unit": "3-2-602", "amount": {"amount": "113"}}]}
    rated = money("9.01", "per_square_metre", name="面积", rounding="yuan")
    third = {"kind": "goods", "name": "米", "unit": "袋", "price": {"amount": "1.00"}, "rule": "equal", "pieces": 12}
    id = planned(house, money("1000.01"), rated, third, steps, kinds, elders, listed, money("7", "fixed_per_unit", name="每户"))
    told = house.liu.api.get(f"/distributions/{id}/preview?unit=3-2-602").json
    assert {line["name"]: line["arithmetic"] for line in told["lines"]} == {
        "分红": "89.50 m² ÷ 716.00 m² × ¥1,000.01 = ¥125.00",
        "面积": "89.50 m² × ¥9.01 ≈ ¥806.3950，取整到元：¥806.00",
        "米": "12袋 ÷ 8 户 ≈ 1.50袋，取整：2袋",
        "油": "89.50 m²，89.00 m²起：2桶",
        "补助": "住宅每户 ¥5.00",
        "老人": "2 人（70岁以上老人） × ¥5,000.00 = ¥10,000.00",
        "名单": "名单上写的：¥113.00",
        "每户": "每户 ¥7.00",
    }
    assert (told["label"], told["area"], told["total"]["amount"]) == ("3-2-602", "89.50", "11130.00")
    page = house.liu.get(f"/benefits/{id}?unit=602").words
    assert all(line["arithmetic"] in page for line in told["lines"])
    assert "名册里没有“9-9-9”" in house.liu.get(f"/benefits/{id}?unit=9-9-9").words
    assert house.liu.api.get(f"/distributions/{id}/preview?unit=9-9-9").status == 404
    approved(house, id)
    publish(house, id)
    mine = house.li.get(f"/benefits/{id}/code").words
    assert all(line["arithmetic"] in mine for line in told["lines"]), "and its owners read the same"


def test_a_draft_is_written_by_who_plans(house_sqlite: House) -> None:
    house = house_sqlite
    id = planned(house)
    for path in ("head", "give", "batch"):
        assert house.wang.get(f"/benefits/{id}/{path}").status in (403, 404)
        assert house.chen.get(f"/benefits/{id}/{path}").status in (403, 404)
    assert house.liu.get(f"/benefits/{id}/batches/{fresh()}").status == 404
    assert house.liu.get(f"/benefits/{id}/items/{fresh()}").status == 404
