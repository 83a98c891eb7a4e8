"""A resident asks for help; a coordinator confirms, a neighbour claims and comes, both say that it is done, the asker rates."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.compounds.models import CareLink, Ownership, Person, SeatKind
from app.inbox.models import Message
from app.kit.clock import now, today
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.volunteering.request_models import MOVES, RequestAct, RequestActKind, RequestState, ServiceRequest
from tests.cast import Answer, House, One
from tests.making import fresh, make_person, make_seat, make_unit


def wish(**more: Any) -> dict[str, Any]:
    return {"kind": "代买东西", "what": "买一袋米，提不动", "wanted_at": (now() + timedelta(days=1)).isoformat()} | more


def asked(house: House, by: One | None = None, **more: Any) -> str:
    answer = (by or house.wang).api.put(f"/service-requests/{fresh()}", wish(**more))
    assert answer.status == 201, answer
    return str(answer.json["id"])


def step(one: One, request: str, kind: str, **more: Any) -> Answer:
    return one.api.put(f"/service-requests/{request}/acts/{fresh()}", {"kind": kind, **more})


def opened(house: House, by: One | None = None, **more: Any) -> str:
    request = asked(house, by, **more)
    assert step(house.he, request, "confirmed").json["state"] == "open"
    return request


def without_phone(house: House, name: str = "孙奶奶") -> Person:
    with house.session() as session:
        person = make_person(session, house.compound, name, make_unit(session, house.compound, room=str(fresh())[-10:]))
        person.account_id, person.phone = None, None
        return person


def told(session: Session, one: One) -> list[str]:
    return list(session.exec(select(Message.title).where(Message.person_id == one.id).order_by(Message.sent_at)))


def test_from_the_asking_to_the_stars_on_the_pages(house: House) -> None:
    form = house.wang.get("/volunteering/requests/ask").page.find("form", action="/c/fengshu/volunteering/requests/ask")
    assert form
    at = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    sent = {"id": form.find("input", {"name": "id"})["value"], "kind": "代买东西", "what": "买一袋米", "wanted_at": at}
    answer = house.wang.post("/volunteering/requests/ask", sent)
    page = house.wang.follow(answer)
    assert "等队长确认" in page.words
    here = answer.place.removeprefix("/c/fengshu")
    assert house.li.get(here).status == 404, "nobody sees it before the coordinator does"

    def tap(one: One, kind: str, **more: Any) -> str:
        return one.follow(one.post(f"{here}/acts", {"id": str(fresh()), "kind": kind, **more})).words

    assert "代买东西" in house.he.get("/volunteering/requests").words
    assert "等人来帮" in tap(house.he, "confirmed", rank="special")
    before = house.li.get(here).words
    assert "3栋2单元" in before
    assert "3-2-601" not in before
    assert "王阿姨" not in before
    after = tap(house.li, "claimed")
    assert "3-2-601" in after
    assert "王阿姨" in after
    assert "帮忙的人说办好了" in tap(house.li, "helped")
    assert "帮得怎么样" in tap(house.wang, "received")
    assert "4 颗星" in tap(house.wang, "rated", stars="4", text="很热心")
    assert "很热心" in house.he.get(here).words
    mine = house.li.get(here).words
    assert "很热心" not in mine, "the helper is not told who thinks what"
    assert "4 颗星" not in mine


def test_the_same_request_twice_is_one(house: House) -> None:
    path, sent = f"/service-requests/{fresh()}", wish()
    assert [house.wang.api.put(path, sent).status for _ in range(3)] == [201, 200, 200]
    assert house.wang.api.put(path, sent | {"what": "买两袋米"}).json["code"] == "SameIdOtherContent"
    request = path.rpartition("/")[2]
    act = f"/service-requests/{request}/acts/{fresh()}"
    assert [house.he.api.put(act, {"kind": "confirmed"}).status for _ in range(2)] == [201, 200]
    assert house.he.api.put(act, {"kind": "declined", "text": "不行"}).json["code"] == "SameIdOtherContent"


def test_a_kind_that_is_not_offered_and_a_time_that_has_passed_are_said_at_their_fields(house: House) -> None:
    no = house.wang.api.put(f"/service-requests/{fresh()}", wish(kind="搬家"))
    assert (no.status, no.json["errors"][0]["pointer"]) == (422, "/kind")
    no = house.wang.api.put(f"/service-requests/{fresh()}", wish(wanted_at=(now() - timedelta(minutes=1)).isoformat()))
    assert (no.status, no.json["errors"][0]["pointer"]) == (422, "/wanted_at")
    page = house.wang.post("/volunteering/requests/ask", {"kind": "代买东西", "what": "米", "wanted_at": "2020-01-01T10:00"})
    assert page.status == 422
    assert "这个时间已经过去了。" in page.words


def test_who_has_two_homes_says_which(house: House) -> None:
    with house.session() as session:
        other = make_unit(session, house.compound, room="1001")
        session.add(Ownership(compound_id=house.compound.id, unit_id=other.id, person_id=house.wang.id))
    no = house.wang.api.put(f"/service-requests/{fresh()}", wish())
    assert (no.status, no.json["errors"][0]["pointer"]) == (422, "/unit_id")
    assert house.wang.api.put(f"/service-requests/{fresh()}", wish(unit_id=str(other.id))).json["address"] == "3-2-1001"
    with house.session() as session:
        strange = make_unit(session, house.compound, room="1002")
    assert house.wang.api.put(f"/service-requests/{fresh()}", wish(unit_id=str(strange.id))).status == 404


def test_the_address_is_for_whoever_claimed_and_for_them_only(house: House) -> None:
    request = opened(house, place="二楼左手门，敲响些")
    seen = house.li.api.get(f"/service-requests/{request}").json
    assert (seen["address"], seen["place"], seen["asker"], seen["acts"]) == (None, None, None, [])
    assert seen["building"] == "3栋"
    mine = step(house.li, request, "claimed").json
    assert (mine["address"], mine["place"], mine["asker"]) == ("3-2-601", "二楼左手门，敲响些", "王阿姨")
    assert house.zhang.api.get(f"/service-requests/{request}").status == 404
    assert step(house.li, request, "released").json["address"] is None
    assert house.nobody.api.get(f"/service-requests/{request}").status == 401
    assert house.zhao_here.api.get(f"/service-requests/{request}").status == 401


def test_one_who_comes_late_is_told_so(house: House) -> None:
    request = opened(house)
    assert step(house.li, request, "claimed").status == 201
    late = step(house.zhang, request, "claimed")
    assert (late.status, late.json["code"]) == (409, "AlreadyClaimed")


def test_nobody_claims_their_own_request(house: House) -> None:
    request = opened(house)
    assert step(house.wang, request, "claimed").status == 403


def test_each_step_is_the_step_of_one_side(house: House) -> None:
    request = opened(house)
    assert step(house.wang, request, "confirmed").status == 403
    step(house.li, request, "claimed")
    assert step(house.wang, request, "helped").status == 403
    assert step(house.li, request, "received").status == 403
    assert step(house.li, request, "cancelled").status == 403
    assert step(house.zhang, request, "helped").status == 404, "it is no longer there for who has nothing to do with it"
    assert step(house.li, request, "overdue").status == 403
    assert step(house.li, request, "asked").status == 403


def test_both_say_so_in_either_order(house: House) -> None:
    first, second = opened(house), opened(house, what="再买一袋")
    for request in (first, second):
        step(house.li, request, "claimed")
    assert step(house.li, first, "helped").json["state"] == "helper_says_done"
    assert step(house.wang, first, "received").json["state"] == "done"
    assert step(house.wang, second, "received").json["state"] == "asker_says_done"
    assert step(house.li, second, "helped").json["state"] == "done"
    assert step(house.li, second, "helped").json["code"] == "NotThisState"


def test_the_asker_may_say_that_it_is_not_done(house: House) -> None:
    request = opened(house)
    step(house.li, request, "claimed")
    step(house.li, request, "helped")
    assert step(house.wang, request, "not_done").status == 422, "with a reason"
    assert step(house.wang, request, "not_done", text="米还没买").json["state"] == "claimed"
    with house.session() as session:
        assert "邻居说还没办好" in told(session, house.li)


def test_a_volunteer_gives_it_back_and_the_coordinator_takes_it_back(house: House) -> None:
    request = opened(house)
    step(house.li, request, "claimed")
    assert step(house.li, request, "released").json["state"] == "open"
    step(house.li, request, "claimed")
    assert step(house.he, request, "taken_back", text="他病了").json["state"] == "open"
    with house.session() as session:
        assert "队长另找人来帮忙" in told(session, house.li)
        assert "帮忙的人来不了，再找别人" in told(session, house.he)


def test_the_asker_cancels_and_the_volunteer_is_told(house: House) -> None:
    request = opened(house)
    step(house.li, request, "claimed")
    assert step(house.wang, request, "cancelled").json["state"] == "cancelled"
    with house.session() as session:
        assert "邻居不用帮忙了" in told(session, house.li)
    assert house.li.api.get(f"/service-requests/{request}").status == 404
    assert step(house.he, request, "confirmed").json["code"] == "NotThisState"


def test_an_officer_asks_for_a_neighbour_by_telephone_and_any_officer_undoes_it(house: House) -> None:
    elder = without_phone(house)
    request = opened(house, house.he, person_id=str(elder.id))
    with house.session() as session:
        row = session.exec(select(ServiceRequest)).one()
        assert (row.person_id, row.entered_by_id) == (elder.id, house.he.id)
    assert "别人替他请的" in house.he.get(f"/volunteering/requests/{request}").words
    assert house.li.api.put(f"/service-requests/{fresh()}", wish(person_id=str(elder.id))).status == 403
    assert step(house.chen, request, "cancelled").json["state"] == "cancelled"


def test_the_officer_confirms_for_a_neighbour_without_a_phone_but_not_their_own_work(house: House) -> None:
    elder = without_phone(house)
    request = opened(house, house.he, person_id=str(elder.id))
    step(house.he, request, "claimed")
    step(house.he, request, "helped")
    assert step(house.he, request, "received").status == 403, "nobody confirms their own work"
    assert step(house.liu, request, "received").json["state"] == "done"
    assert step(house.he, request, "rated", stars=5).status == 403
    assert step(house.liu, request, "rated", stars=5).json["state"] == "rated"


def test_a_coordinator_does_not_rate_for_who_has_a_phone(house: House) -> None:
    request = opened(house)
    step(house.li, request, "claimed")
    step(house.li, request, "helped")
    assert step(house.he, request, "received").json["state"] == "done", "said on the telephone"
    assert step(house.he, request, "rated", stars=5).status == 403


def test_the_urgent_and_special_groups_stand_first(house: House) -> None:
    later, soon = wish()["wanted_at"], (now() + timedelta(hours=3)).isoformat()
    plain = opened(house, what="慢", wanted_at=soon)
    special = opened(house, what="优先", rank="special")
    urgent = opened(house, what="急", rank="urgent", wanted_at=later)
    lines = house.li.api.get("/service-requests").json["items"]
    assert [line["id"] for line in lines] == [urgent, special, plain]
    first = house.li.api.get("/service-requests?limit=2").json
    rest = house.li.api.get(f"/service-requests?limit=2&cursor={first['next_cursor']}").json
    assert [line["id"] for line in first["items"] + rest["items"]] == [urgent, special, plain]


def test_the_coordinator_says_how_urgent_it_is(house: House) -> None:
    request = asked(house, rank="urgent")
    assert step(house.he, request, "confirmed", rank="ordinary").json["rank"] == "ordinary"
    assert step(house.li, request, "claimed", rank="urgent").status == 422


def test_a_member_household_sees_the_requests_of_the_homes_it_looks_after(house: House) -> None:
    caring, other = house.newcomer("联户人", SeatKind.MEMBER_HOUSEHOLD), house.newcomer("别的联户人", SeatKind.MEMBER_HOUSEHOLD)
    request = asked(house)
    with house.session() as session:
        seat = make_seat(session, caring.person, SeatKind.MEMBER_HOUSEHOLD)
        unit_id = session.exec(select(ServiceRequest.unit_id)).one()
        session.add(CareLink(compound_id=house.compound.id, seat_id=seat.id, unit_id=unit_id, from_on=today()))
    assert [r["id"] for r in caring.api.get("/service-requests?whose=cared").json["items"]] == [request]
    assert caring.api.get(f"/service-requests/{request}").json["address"] == "3-2-601"
    assert other.api.get("/service-requests?whose=cared").json["items"] == []
    assert other.api.get(f"/service-requests/{request}").status == 404
    with house.session() as session:
        link = session.exec(select(CareLink)).one()
        link.from_on, link.to_on = today() - timedelta(days=9), today() - timedelta(days=1)
    assert caring.api.get(f"/service-requests/{request}").status == 404, "no longer"


def test_lists_of_coordinators_are_for_coordinators(house: House) -> None:
    asked(house)
    assert len(house.he.api.get("/service-requests?whose=asked").json["items"]) == 1
    assert house.li.api.get("/service-requests?whose=asked").status == 403
    assert house.li.get("/volunteering/requests/list?whose=under_way").status == 403


def test_coordinators_are_told_once_when_the_time_has_passed(house: House) -> None:
    request = opened(house)
    with time_machine.travel(now() + timedelta(days=1, hours=1), tick=False):
        run_once(house.db, HANDLERS)
    with house.session() as session:
        assert "请人帮忙的时间过了，还没办好" not in told(session, house.he)
    with time_machine.travel(now() + timedelta(days=1, hours=3), tick=False):
        run_once(house.db, HANDLERS)
        run_once(house.db, HANDLERS)
        assert house.he.api.get(f"/service-requests/{request}").json["late"]
    with house.session() as session:
        assert told(session, house.he).count("请人帮忙的时间过了，还没办好") == 1
        act = session.exec(select(RequestAct).where(RequestAct.kind == "overdue")).one()
        assert (act.by_id, act.state) == (None, "open")


def test_nobody_is_told_of_what_was_done_in_time(house: House) -> None:
    request = opened(house)
    step(house.wang, request, "cancelled")
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        run_once(house.db, HANDLERS)
    with house.session() as session:
        assert "请人帮忙的时间过了，还没办好" not in told(session, house.he)


def test_an_average_is_shown_from_three_ratings_on(house: House) -> None:
    for n, stars in enumerate((5, 4, 4)):
        assert "颗星" not in house.li.get("/volunteering/requests").words, n
        request = opened(house, what=f"第{n}次")
        step(house.li, request, "claimed")
        step(house.li, request, "helped")
        step(house.wang, request, "received")
        assert step(house.wang, request, "rated", stars=stars).status == 201
    assert "评过 3 次，平均 4.3 颗星" in house.li.get("/volunteering/requests").words


def test_a_compound_settles_what_can_be_asked_for(house: House) -> None:
    assert house.li.get("/volunteering/terms").status == 403
    assert house.li.api.post("/volunteering-terms", None, json={"of": "request", "name": "遛狗"}).status == 403
    add = {"of": "request", "name": "遛狗"}
    assert house.he.follow(house.he.post("/volunteering/terms", add)).status == 200
    assert asked(house, kind="遛狗")
    house.he.post("/volunteering/terms", add | {"offered": "false"})
    house.he.post("/volunteering/terms", {"of": "request", "name": "代买东西", "offered": "false"})
    assert house.wang.api.put(f"/service-requests/{fresh()}", wish(kind="遛狗")).status == 422
    assert house.wang.api.put(f"/service-requests/{fresh()}", wish()).status == 422
    offered = house.wang.api.get("/volunteering-terms?of=request").json["items"]
    assert {"of": "request", "name": "遛狗", "offered": False} in offered
    assert "代买东西" not in house.wang.get("/volunteering/requests/ask").words


def test_no_state_is_left_that_nothing_leads_to() -> None:
    reached = {goal for move in MOVES.values() for goal in move.to.values()}
    assert reached | {RequestState.ASKED} == set(RequestState)
    assert set(MOVES) | {RequestActKind.ASKED} == set(RequestActKind)


def test_the_check_is_the_last_line_where_a_helper_is_forgotten(house: House) -> None:
    opened(house)
    with pytest.raises(IntegrityError, match="one_helper_while_helped"), house.session() as session:
        session.execute(text("UPDATE service_request SET state = 'claimed'"))
