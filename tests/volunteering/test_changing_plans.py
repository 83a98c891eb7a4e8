"""The coordinator changes what is planned: words, place, time, places; and whoever signed up is told."""

from datetime import timedelta

from sqlmodel import select

from app.inbox.models import Message
from app.kit.clock import local
from app.volunteering.models import Shift
from tests.cast import Answer, House, One
from tests.making import fresh, make_shift

NEW_WORDS = {"kind": "needs", "title": "送热饭", "place": "议事厅门口", "what": "每人送两户"}


def planned(house: House, capacity: int = 2) -> Shift:
    with house.session() as session:
        return make_shift(session, house.he.person, capacity=capacity)


def sign_up(one: One, shift: Shift) -> str:
    id = str(fresh())
    one.api.put(f"/shifts/{shift.id}/signups/{id}", {})
    return id


def change(house: House, shift: Shift, *, version: str | None = None, **other: object) -> Answer:
    """Through the programs' door, by the coordinator, over what stands there."""
    seen = house.he.api.get(f"/shifts/{shift.id}")
    wish = {"starts_at": seen.json["starts_at"], "ends_at": seen.json["ends_at"], "capacity": seen.json["capacity"]} | other
    return house.he.api.ask("PATCH", f"/shifts/{shift.id}", json=wish, headers={"if-match": version or seen.headers["etag"]})


def fields_of(page: Answer) -> dict[str, str]:
    """What the page's own form would send."""
    return {field["name"]: field["value"] for field in page.page.select("main form:not(.foot) input")}


def messages(house: House, one: One) -> list[str]:
    with house.session() as session:
        return list(session.exec(select(Message.title).where(Message.person_id == one.id)))


def test_more_places_go_to_those_who_wait(house: House) -> None:
    shift = planned(house, capacity=1)
    sign_up(house.li, shift)
    mine = sign_up(house.wang, shift)
    assert change(house, shift, capacity=3).json["free"] == 1
    assert house.wang.api.get(f"/signups/{mine}").json["state"] == "offered"
    assert messages(house, house.li) == [], "nothing has changed for whoever had a place"


def test_nobody_loses_a_place_to_a_smaller_number(house: House) -> None:
    shift = planned(house)
    sign_up(house.wang, shift)
    sign_up(house.li, shift)
    answer = change(house, shift, capacity=1)
    assert (answer.status, answer.json["code"]) == (409, "BelowTaken")
    typed = {"starts_at": "2099-05-09T15:00", "ends_at": "2099-05-09T16:00", "capacity": "1"}
    version = house.he.api.get(f"/shifts/{shift.id}").headers["etag"].strip('"')
    page = house.he.post(f"/volunteering/shifts/{shift.id}/change", typed | {"version": version})
    assert page.status == 422
    assert "已经有 2 人占着名额" in page.words
    assert page.page.find(id="f-starts_at")["value"] == "2099-05-09T15:00"
    assert change(house, shift, capacity=2).json["starts_at"][:10] == shift.starts_at.isoformat()[:10], "nothing was changed"


def test_another_time_is_told_to_everybody_on_the_shift(house: House) -> None:
    shift = planned(house)
    sign_up(house.wang, shift)
    opened = house.he.get(f"/volunteering/shifts/{shift.id}/change")
    form = fields_of(opened) | {"starts_at": "2099-05-09T15:00", "ends_at": "2099-05-09T16:00"}
    answer = house.he.post(f"/volunteering/shifts/{shift.id}/change", form)
    assert "下午3:00" in house.he.follow(answer).words
    assert messages(house, house.wang) == ["志愿服务改时间或地方了"]
    assert messages(house, house.li) == []


def test_a_shift_is_not_moved_into_the_past(house: House) -> None:
    shift = planned(house)
    long_ago = {"starts_at": "2020-05-09T15:00:00+08:00", "ends_at": "2020-05-09T16:00:00+08:00"}
    answer = change(house, shift, **long_ago)
    assert (answer.status, answer.json["code"]) == (409, "BeginsInThePast")


def test_an_offer_does_not_outlive_the_new_start(house_sqlite: House) -> None:
    house = house_sqlite
    shift = planned(house, capacity=1)
    first = sign_up(house.li, shift)
    mine = sign_up(house.wang, shift)
    house.li.api.post(f"/signups/{first}/withdraw")
    sooner = local(shift.starts_at) - timedelta(days=3) + timedelta(hours=1)
    change(house, shift, starts_at=sooner.isoformat(), ends_at=(sooner + timedelta(hours=1)).isoformat())
    until = house.wang.api.get(f"/signups/{mine}").json["offer_until_at"]
    assert until == house.nobody.api.get(f"/shifts/{shift.id}").json["starts_at"]


def test_what_somebody_else_changed_meanwhile_is_shown_and_not_overwritten(house: House) -> None:
    shift = planned(house)
    assert change(house, shift, version='"1"', capacity=5).status == 412
    typed = {"starts_at": "2099-05-09T15:00", "ends_at": "2099-05-09T16:00", "capacity": "7", "version": "1"}
    stale = house.liu.post(f"/volunteering/shifts/{shift.id}/change", typed)
    assert stale.status == 412
    assert "再按一次，就改成您写的" in stale.words
    assert house.liu.post(f"/volunteering/shifts/{shift.id}/change", fields_of(stale)).status == 303
    assert house.nobody.api.get(f"/shifts/{shift.id}").json["capacity"] == 7


def test_other_words_stand_on_every_shift_and_another_place_is_told(house: House) -> None:
    shift = planned(house)
    sign_up(house.wang, shift)
    opened = house.he.get(f"/volunteering/shifts/{shift.id}/activity")
    version = opened.page.find("input", {"name": "version"})["value"]
    wrong = house.he.post(f"/volunteering/shifts/{shift.id}/activity", NEW_WORDS | {"title": "", "version": version})
    assert wrong.status == 422
    assert wrong.page.find(id="f-place")["value"] == "议事厅门口"
    done = house.he.post(f"/volunteering/shifts/{shift.id}/activity", NEW_WORDS | {"version": version})
    assert "送热饭" in house.he.follow(done).words
    assert messages(house, house.wang) == ["志愿服务换地方了"]
    stale = house.he.post(f"/volunteering/shifts/{shift.id}/activity", NEW_WORDS | {"version": version})
    assert stale.status == 412


def test_the_same_by_the_programs_door(house: House) -> None:
    shift = planned(house)
    path = f"/activities/{shift.activity_id}"
    seen = house.nobody.api.get(path)
    assert seen.json["title"] == "给独居老人送饭"
    changed = house.he.api.ask("PATCH", path, json=NEW_WORDS, headers={"if-match": seen.headers["etag"]})
    assert (changed.json["kind"], changed.json["shifts"][0]["title"]) == ("needs", "送热饭")
    late = house.he.api.ask("PATCH", path, json=NEW_WORDS, headers={"if-match": seen.headers["etag"]})
    assert (late.status, late.json["code"]) == (412, "Stale")
    assert house.he.api.ask("PATCH", path, json=NEW_WORDS).json["code"] == "VersionNeeded"
    assert house.wang.api.ask("PATCH", path, json=NEW_WORDS, headers={"if-match": seen.headers["etag"]}).status == 403
    assert house.zhao.api.get(path).status == 404


def test_the_list_shows_one_kind_of_service(house: House) -> None:
    shift = planned(house)
    assert "给独居老人送饭" in house.nobody.get("/volunteering?kind=special_groups").words
    assert "这一类还没有安排" in house.nobody.get("/volunteering?kind=beauty").words
    assert [s["id"] for s in house.nobody.api.get("/shifts?kind=special_groups").json["items"]] == [str(shift.id)]
    assert house.nobody.api.get("/shifts?kind=beauty").json["items"] == []
    assert house.nobody.api.get("/shifts?kind=nonsense").status == 422
