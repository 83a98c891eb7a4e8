"""Who cannot come has it brought: asked for, given to somebody for a day, confirmed at the door."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.access.actors import Actor, acting
from app.benefits import policy
from app.benefits.claim_models import Claim
from app.benefits.delivery_models import Delivery
from app.compounds.models import Seat, SeatKind
from app.inbox.models import Message
from app.kit.clock import today
from app.publiclog.models import LogEntry
from tests.benefits.giving import OIL, RICE, batch, check_the_books, hand_out, label_of, line, opened, ticked
from tests.benefits.test_handing_out import picture
from tests.cast import Answer, House, One
from tests.making import fresh


@pytest.fixture
def helper(house: House) -> One:
    return house.newcomer("志愿者小赵", SeatKind.VOLUNTEER)


def ask(house: House, id: str, unit: One, by: One | None = None, **changes: Any) -> Answer:
    wish = {"unit": label_of(house, unit), "reason": "腿脚不便", "phone": "13800001111"} | changes
    return (by or unit).api.put(f"/distributions/{id}/deliveries/{fresh()}", wish)


def assign(house: House, id: str, to: One, *deliveries: str, by: One | None = None, **changes: Any) -> Answer:
    wish = {"deliveries": list(deliveries), "volunteer_id": str(to.id)} | changes
    return (by or house.liu).api.ask("POST", f"/distributions/{id}/assignments", json=wish)


def given(house: House, id: str, to: One, *units: One) -> list[str]:
    """Asked for by each unit, and given to somebody for today."""
    ids = [ask(house, id, unit).json["id"] for unit in units]
    assert assign(house, id, to, *ids).status == 200
    return ids


def route(one: One, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = one.api.get(f"/distributions/{id}/route").json["items"]
    return items


def test_a_unit_asks_and_a_volunteer_confirms_at_its_door(house: House, helper: One) -> None:
    id = opened(house, RICE, OIL)
    (delivery,) = given(house, id, helper, house.wang)
    (stop,) = route(helper, id)
    assert (stop["label"], stop["reason"], stop["phone"], stop["owners"]) == ("3-2-601", "腿脚不便", "13800001111", ["王阿姨"])
    assert (stop["items"], stop["done"]) == (["大米 1袋", "菜籽油 2桶"], False)
    made = hand_out(house, id, house.wang, by=helper)
    assert (made.status, made.json["delivery_id"]) == (201, delivery)
    (stop,) = route(helper, id)
    assert (stop["items"], stop["done"]) == ([], True)
    again = hand_out(house, id, house.wang)
    assert (again.status, again.json["code"]) == (409, "AlreadyClaimed")
    assert "送上门的" in house.wang.get(f"/benefits/claims/{made.json['id']}").words
    check_the_books(house, id)


def test_the_whole_way_on_the_pages(house: House, helper: One) -> None:
    id = opened(house)
    code = house.wang.get(f"/benefits/{id}/code")
    assert "来不了，请送上门" in code.words
    asked = house.wang.get(f"/benefits/{id}/delivery?unit=3-2-601")
    assert asked.page.find("input", {"name": "unit"})["value"] == "3-2-601"
    assert house.wang.post(f"/benefits/{id}/delivery", {"unit": "3-2-601", "reason": ""}).status == 422
    sent = house.wang.post(f"/benefits/{id}/delivery", {"unit": "3-2-601", "reason": "腿脚不便"})
    assert "正在安排人送" in house.wang.follow(sent).words
    deliveries = house.liu.get(f"/benefits/{id}/deliveries")
    assert "等人送的 1 户" in deliveries.words
    assert house.liu.post(f"/benefits/{id}/deliveries", {}).status == 422
    box = deliveries.page.find("input", {"name": "deliveries"})["value"]
    form = {"deliveries": box, "volunteer_id": str(helper.id), "deliver_on": today().isoformat()}
    assert "派出去的 1 户" in house.liu.follow(house.liu.post(f"/benefits/{id}/deliveries", form)).words
    assert "志愿者小赵" in house.wang.get(f"/benefits/{id}/code").words
    with house.session() as session:
        assert session.exec(select(Message).where(Message.person_id == helper.id)).one().path == f"/benefits/{id}/route"
    stops = helper.get(f"/benefits/{id}/route")
    assert "还没送 1" in stops.words
    assert "送货上门：端午礼包" in helper.get("/").words, "on the first page of who brings it"
    door = helper.ask("GET", "/" + stops.page.find("a", string="到门口了，请他签收")["href"])
    assert "王阿姨" in door.words
    entitlement = line(house, id, house.wang).id
    done = helper.follow(helper.post(f"/benefits/entitlements/{entitlement}/claims", {"id": str(fresh())} | ticked(house.wang)))
    assert "已发给 3-2-601" in done.words
    assert "送到了 1" in helper.get(f"/benefits/{id}/route").words
    check_the_books(house, id)


def test_who_delivers_confirms_these_units_on_this_day_and_nothing_else(house: House, helper: One) -> None:
    id = opened(house)
    (mine,) = given(house, id, helper, house.wang)
    tomorrow = (today() + timedelta(days=1)).isoformat()
    later = ask(house, id, house.he).json["id"]
    assert assign(house, id, helper, later, deliver_on=tomorrow).status == 200
    for owner in (house.li, house.he):
        refused = hand_out(house, id, owner, by=helper)
        assert (refused.status, refused.json["code"]) == (403, "NotAllowed")
        assert helper.get(f"/benefits/entitlements/{line(house, id, owner).id}").status == 403
        assert helper.api.get(f"/entitlements/{line(house, id, owner).id}").status == 404
    for page in ("desk", "roll", "deliveries", "queue"):
        assert helper.get(f"/benefits/{id}/{page}").status == 403
    assert house.liu.api.ask("POST", f"/deliveries/{mine}/withdraw").status == 200
    assert hand_out(house, id, house.wang, by=helper).status == 403, "taken back meanwhile"


def test_control_without_the_rule_anybody_on_a_route_hands_out_anywhere(
    house: House, helper: One, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `can_confirm` keeps out, the rest of the verb would let through."""
    id = opened(house)
    later = ask(house, id, house.wang).json["id"]
    assign(house, id, helper, later, deliver_on=(today() + timedelta(days=1)).isoformat())
    assert hand_out(house, id, house.wang, by=helper).status == 403
    monkeypatch.setattr(policy, "can_confirm", lambda *_: True)
    monkeypatch.setattr(policy, "can_see_roll", lambda *_: True)
    assert hand_out(house, id, house.wang, by=helper).status == 201


def test_the_rule_asks_whose_it_is_and_for_which_day(house: House, helper: One) -> None:
    id = opened(house)
    (mine,) = given(house, id, helper, house.wang)
    with house.session() as session:
        stop = session.get_one(Delivery, (house.compound.id, UUID(mine)))
        volunteer, neighbour = acting_as(session, helper), acting_as(session, house.li)
        assert policy.can_confirm(volunteer, stop)
        assert not policy.can_confirm(volunteer, None)
        assert not policy.can_confirm(neighbour, stop)
        stop.deliver_on = today() - timedelta(days=1)
        assert not policy.can_confirm(volunteer, stop)
        stop.deliver_on = today()


def acting_as(session: Session, one: One) -> Actor:
    return acting(session, one.compound, one.person)


def test_who_has_left_the_team_goes_to_nobodys_door(house: House, helper: One) -> None:
    id = opened(house)
    (mine,) = given(house, id, helper, house.wang)
    with house.session() as session:
        seat = session.exec(select(Seat).where(Seat.person_id == helper.id)).one()
        seat.from_on, seat.to_on = today() - timedelta(days=9), today() - timedelta(days=1)
    assert route(helper, id) == []
    assert "送货上门" not in helper.get("/").words
    assert hand_out(house, id, house.wang, by=helper).status == 403
    assert helper.api.get(f"/entitlements/{line(house, id, house.wang).id}").status == 404
    assert helper.api.ask("POST", f"/deliveries/{mine}/return", json={"reason": "不在家"}).status == 404
    officers = house.liu.get(f"/benefits/{id}/deliveries").words
    assert "等人送的 1 户" in officers
    assert "原来派的人现在没有任职了" in officers
    assert "正在安排人送" in house.wang.get(f"/benefits/{id}/code").words
    other = house.newcomer("志愿者小钱", SeatKind.VOLUNTEER)
    assert assign(house, id, other, mine).status == 200, "given to another"
    assert hand_out(house, id, house.wang, by=other).status == 201


def test_only_what_is_on_its_way_today_is_brought_back(house: House, helper: One) -> None:
    id = opened(house)
    (mine,) = given(house, id, helper, house.wang)

    def back(by: One) -> Answer:
        return by.api.ask("POST", f"/deliveries/{mine}/return", json={"reason": "不在家"})

    for days in (1, -1):
        with house.session() as session:
            session.get_one(Delivery, (house.compound.id, UUID(mine))).deliver_on = today() + timedelta(days=days)
        assert [back(by).json["code"] for by in (helper, house.liu)] == ["NotOnItsWay"] * 2
    assert assign(house, id, helper, mine).status == 200
    hand_out(house, id, house.wang, by=helper)
    assert back(helper).json["code"] == "NothingToBring"
    with house.session() as session:
        assert session.get_one(Delivery, (house.compound.id, UUID(mine))).returned_because == ""


def test_the_words_of_a_delivery_end_with_it(house: House, helper: One) -> None:
    id = opened(house)
    brought, waiting, withdrawn = given(house, id, helper, house.wang, house.li, house.zhang)
    hand_out(house, id, house.wang, by=helper)
    assert helper.post(f"/benefits/deliveries/{waiting}/return", {"reason": "住院了"}).status == 303
    assert house.zhang.api.ask("POST", f"/deliveries/{withdrawn}/withdraw").status == 200

    def words() -> dict[str, str]:
        with house.session() as session:
            return {str(d.id): d.reason + d.phone + d.returned_because for d in session.exec(select(Delivery))}

    told = "腿脚不便13800001111"
    assert words() == {brought: told, waiting: told + "住院了", withdrawn: ""}
    assert "就自动删掉" in house.liu.get(f"/benefits/{id}/deliveries").words
    assert house.liu.api.ask("POST", f"/distributions/{id}/close").status == 200
    assert set(words().values()) == {""}
    assert house.liu.api.ask("POST", f"/distributions/{id}/reopen").status == 200
    assert "没有要送上门的" in house.liu.get(f"/benefits/{id}/deliveries").words
    assert ask(house, id, house.li).status == 201, "whoever still cannot come asks again"


def test_nobody_delivers_to_their_own_home(house: House) -> None:
    id = opened(house)
    asked = ask(house, id, house.liu).json["id"]
    refused = assign(house, id, house.liu, asked)
    assert (refused.status, refused.json["code"]) == (409, "OwnDelivery")
    with house.session() as session:  # and who was given it before they moved in confirms nothing either
        delivery = session.get_one(Delivery, (house.compound.id, UUID(asked)))
        delivery.volunteer_id, delivery.deliver_on, delivery.assigned_by_id = house.liu.id, today(), house.liu.id
    assert hand_out(house, id, house.liu).json["code"] == "OwnUnit"
    stranger = assign(house, id, house.li, ask(house, id, house.wang).json["id"])
    assert (stranger.status, stranger.json["code"]) == (409, "NobodyToDeliver"), "no seat in anything"


def test_a_stop_that_was_not_delivered_comes_back(house: House, helper: One) -> None:
    id = opened(house)
    first, second = given(house, id, helper, house.wang, house.li)
    assert house.zhang.api.ask("POST", f"/deliveries/{first}/return", json={"reason": "不在家"}).status == 404
    assert house.wang.api.ask("POST", f"/deliveries/{first}/return", json={"reason": "不在家"}).status == 403
    assert helper.post(f"/benefits/deliveries/{first}/return", {"reason": ""}).status == 422
    assert helper.post(f"/benefits/deliveries/{first}/return", {"reason": "家里没人"}).status == 303
    assert [stop["id"] for stop in route(helper, id)] == [second]
    assert hand_out(house, id, house.wang, by=helper).status == 403
    assert "上次没送到：家里没人" in house.liu.get(f"/benefits/{id}/deliveries").words
    assert "上次没送到：家里没人" in house.wang.get(f"/benefits/{id}/code").words
    with house.session() as session:
        session.get_one(Delivery, (house.compound.id, UUID(second))).deliver_on = today() - timedelta(days=1)
    assert route(helper, id) == [], "the day is over"
    assert "等人送的 2 户" in house.liu.get(f"/benefits/{id}/deliveries").words
    assert assign(house, id, helper, first, second).status == 200
    assert [stop["label"] for stop in route(helper, id)] == ["3-2-601", "3-2-602"], "in the order of the rooms"


def test_whose_is_what(house: House, helper: One) -> None:
    id = opened(house)
    assert ask(house, id, house.wang, by=house.li).status == 404, "another's unit"
    assert ask(house, id, house.wang, by=house.liu).status == 201, "by who hands out"
    for by in (house.wang, house.liu):
        refused = ask(house, id, house.wang, by=by)
        assert (refused.status, refused.json["code"]) == (409, "AlreadyAsked")
    mine = ask(house, id, house.li).json["id"]
    assert assign(house, id, helper, mine, by=house.chen).status == 403
    assert assign(house, id, helper, mine, deliver_on=(today() - timedelta(days=1)).isoformat()).json["code"] == "DayOver"
    assert house.wang.api.ask("POST", f"/deliveries/{mine}/withdraw").status == 404
    assert house.li.api.ask("POST", f"/deliveries/{mine}/withdraw").status == 200
    assert house.li.api.ask("POST", f"/deliveries/{mine}/withdraw").json["code"] == "NotDelivering"
    assert assign(house, id, helper, mine).json["code"] == "NotDelivering"
    other = opened(house, title="中秋礼包")
    assert assign(house, other, helper, ask(house, id, house.li).json["id"]).status == 404, "of another plan"


def test_asking_twice_is_asking_once(house: House) -> None:
    id = opened(house)
    path, wish = f"/distributions/{id}/deliveries/{fresh()}", {"unit": "3-2-601", "reason": "腿脚不便"}
    answers = house.at_once(*[(house.wang.api, "PUT", path, {"json": wish})] * 6)
    assert sorted(a.status for a in answers) == [200] * 5 + [201]
    assert house.wang.api.put(path, wish | {"reason": "出差"}).json["code"] == "SameIdOtherContent"
    with house.session() as session:
        again = Delivery(**session.exec(select(Delivery)).one().model_dump(exclude={"id"}))
    with pytest.raises(IntegrityError), house.session() as session:
        session.add(again)


def test_why_somebody_cannot_come_is_for_the_desk_and_who_brings_it(house: House, helper: One) -> None:
    id = opened(house)
    given(house, id, helper, house.wang)
    hand_out(house, id, house.wang, by=helper)
    for one in (house.li, house.chen, house.zhang, house.nobody):
        for page in (f"/benefits/{id}", f"/benefits/{id}/progress", f"/benefits/{id}/route", f"/benefits/{id}/deliveries"):
            assert "腿脚不便" not in one.get(page).text
    with house.session() as session:
        assert not any("腿脚" in entry.decode() for entry in session.exec(select(LogEntry.entry)))


def test_who_delivers_photographs_a_slip_and_sees_no_earlier_proxy(house: House, helper: One) -> None:
    id = opened(house, RICE | {"batch": 1}, OIL | {"batch": 2}, batches=[batch(name="一批"), batch(name="二批")])
    rice = next(item for item in house.wang.api.get("/entitlements").json["items"][0]["lines"] if item["name"] == "大米")
    earlier = {"proxy_name": "老邻居", "proxy_relation": "邻居", "authority": "slip"}
    assert hand_out(house, id, house.wang, **earlier, lines=[rice["id"]]).status == 201
    given(house, id, helper, house.wang)
    assert "老邻居" not in helper.get(f"/benefits/entitlements/{line(house, id, house.wang).id}").text
    made = hand_out(house, id, house.wang, by=helper, proxy_name="小王", proxy_relation="女儿", authority="slip").json
    body = {"content": picture(90), "headers": {"content-type": "image/jpeg"}}
    assert helper.api.ask("PUT", f"/claims/{made['id']}/slip/{fresh()}", **body).status == 201
    with house.session() as session:
        before = session.exec(select(Claim).where(Claim.collector == "老邻居")).one()
    assert helper.api.get(f"/claims/{before.id}").status == 404
    assert helper.api.ask("PUT", f"/claims/{before.id}/slip/{fresh()}", **body).status == 404
