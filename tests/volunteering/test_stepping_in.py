"""Who cannot come asks for cover; one neighbour steps in with one tap; two exchange their shifts."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlmodel import select

from app.kit.audit import AuditLine
from app.kit.clock import now
from app.volunteering.models import Shift
from app.volunteering.skill_models import Helper
from tests.cast import Answer, House, One
from tests.making import fresh
from tests.volunteering.serving import ask, planned, set_rule, shift_in, signups, skilled, titles


def call(one: One, signup: Answer, **wish: object) -> Answer:
    return one.api.put(f"/signups/{signup.json['id']}/covers/{fresh()}", wish)


def take(one: One, cover: Answer) -> Answer:
    return one.api.post(f"/covers/{cover.json['id']}/take")


def may_ask(house: House, *people: One) -> None:
    for one in people:
        assert one.api.put("/helping", {"may_be_asked": True}).status == 200


def holders(house: House, shift: Shift) -> set[Any]:
    return {one.person_id for one in signups(house) if one.state == "confirmed" and one.shift_id == shift.id}


def taken(house: House, shift: Shift) -> int:
    with house.session() as session:
        return session.get_one(Shift, (shift.compound_id, shift.id)).taken


def test_a_neighbour_steps_in_with_one_tap(house: House) -> None:
    shift = shift_in(house, capacity=1)
    mine = ask(house.wang, shift)
    may_ask(house, house.li)
    page = house.wang.get(f"/volunteering/signups/{mine.json['id']}")
    assert "请人替班或者换班" in page.words
    asked = house.wang.post(f"/volunteering/signups/{mine.json['id']}/cover", {"id": str(fresh())})
    assert "已经问了 1 位邻居" in house.wang.follow(asked).words
    assert titles(house, house.li) == ["有邻居请人替班"]
    assert "请人替班的" in house.li.get("/volunteering").words
    assert "请人替班的" not in house.nobody.get("/volunteering").words
    path = asked.place.removeprefix("/c/fengshu")
    path = path[path.index("/volunteering") :]
    assert "我来替" in house.li.get(path).words
    stepped = house.li.post(f"{path}/take")
    assert "您替下了这一班" in house.li.follow(stepped).text
    assert holders(house, shift) == {house.li.id}
    assert taken(house, shift) == 1
    assert titles(house, house.wang) == ["有人替您了"]
    assert "已经有人替了" in house.zhang.get(path).words


def test_who_comes_second_is_told(house: House) -> None:
    shift = shift_in(house, capacity=1)
    cover = call(house.wang, ask(house.wang, shift))
    assert take(house.li, cover).status == 200
    late = take(house.zhang, cover)
    assert (late.status, late.json["code"]) == (409, "CoverTaken")
    assert late.json["detail"] == "已经有人替了，谢谢您。"
    assert holders(house, shift) == {house.li.id}


def test_the_least_recently_asked_are_asked_first_and_nobody_who_said_no(house: House) -> None:
    people = [house.newcomer(f"邻居{n}") for n in range(12)]
    may_ask(house, *people)
    refuses = house.newcomer("不便")
    assert refuses.api.put("/helping", {"may_be_asked": False}).status == 200
    first = call(house.wang, ask(house.wang, shift_in(house)))
    assert first.json["asked"] == 10
    spared = [one for one in people if not titles(house, one)]
    assert len(spared) == 2
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        call(house.wang, ask(house.wang, shift_in(house, starts_in=timedelta(days=5))))
    assert all(len(titles(house, one)) == 1 for one in spared), "their turn came first"
    assert titles(house, refuses) == []
    assert sum(len(titles(house, one)) for one in people) == 20


def test_who_is_busy_at_that_time_or_lacks_the_skill_is_not_asked(house: House) -> None:
    shift = planned(house, capacity=1, needs=[{"skill": "理发", "wanted": 1}])
    skilled(house, house.wang, "理发")
    skilled(house, house.li, "理发")
    skilled(house, house.zhang, "理发")
    may_ask(house, house.chen)
    for barber in (house.li, house.zhang):
        with house.session() as session:
            session.add(Helper(compound_id=house.compound.id, person_id=barber.id))
    mine = ask(house.wang, shift)
    ask(house.zhang, planned(house, title="花坛除草"))
    cover = call(house.wang, mine)
    assert cover.json["asked"] == 1
    assert titles(house, house.li) == ["有邻居请人替班"]
    assert take(house.chen, cover).json["code"] == "SkillNeeded"
    assert take(house.zhang, cover).json["code"] == "Collides"
    assert take(house.li, cover).status == 200


def test_who_helped_before_may_be_asked_until_they_say_otherwise(house_sqlite: House) -> None:
    house = house_sqlite
    ask(house.li, shift_in(house, starts_in=timedelta(days=9)))
    assert call(house.wang, ask(house.wang, shift_in(house))).json["asked"] == 1
    assert titles(house, house.li) == ["有邻居请人替班"]
    assert titles(house, house.zhang) == []


def test_while_somebody_waits_the_place_is_given_back_and_not_passed_on(house: House) -> None:
    shift = shift_in(house, capacity=1)
    mine = ask(house.wang, shift)
    ask(house.li, shift)
    assert call(house.wang, mine).json["code"] == "SomebodyWaits"


def test_in_the_last_call_who_waits_for_it_is_asked_first_and_loses_no_place_in_the_queue_twice(house: House) -> None:
    shift = shift_in(house, capacity=1, starts_in=timedelta(hours=3))
    mine = ask(house.wang, shift)
    ask(house.li, shift)
    with time_machine.travel(now() + timedelta(hours=1, minutes=30), tick=False):
        assert house.wang.api.post(f"/signups/{mine.json['id']}/withdraw").json["code"] == "TooLateToWithdraw"
        may_ask(house, house.li)
        cover = call(house.wang, mine)
        assert cover.status == 201
        assert take(house.li, cover).status == 200
    assert holders(house, shift) == {house.li.id}
    assert {one.state for one in signups(house) if one.person_id == house.li.id} == {"withdrawn", "confirmed"}


def test_two_exchange_their_shifts_when_both_agree(house: House) -> None:
    set_rule(house, "signup_most", 1)
    first, second = (
        shift_in(house, capacity=1),
        shift_in(house, capacity=1, title="花坛除草", starts_in=timedelta(days=3, hours=1)),
    )
    mine = ask(house.wang, first)
    theirs = ask(house.li, second)
    page = house.wang.get(f"/volunteering/signups/{mine.json['id']}/cover")
    assert page.page.find("option", {"value": str(second.id)})
    cover = call(house.wang, mine, for_shift_id=str(second.id))
    assert titles(house, house.li) == ["有邻居想和您换班"]
    assert "用来换的班" in house.li.get(f"/volunteering/covers/{cover.json['id']}").words
    assert take(house.zhang, cover).json["code"] == "NotThisState", "who has nothing to exchange"
    assert holders(house, first) == {house.wang.id}, "and nothing has changed"
    assert take(house.li, cover).status == 200
    assert (holders(house, first), holders(house, second)) == ({house.li.id}, {house.wang.id})
    assert taken(house, first) == taken(house, second) == 1
    assert titles(house, house.wang) == ["换好班了"]
    assert house.li.api.get(f"/signups/{theirs.json['id']}").json["state"] == "withdrawn"


def test_an_exchange_that_one_of_them_cannot_keep_is_refused_whole(house: House) -> None:
    first, second = shift_in(house), shift_in(house, title="花坛除草", starts_in=timedelta(days=4))
    cover = call(house.wang, ask(house.wang, first), for_shift_id=str(second.id))
    ask(house.li, second)
    ask(house.wang, shift_in(house, title="便民服务日", starts_in=timedelta(days=4, hours=1)))
    assert take(house.li, cover).json["code"] == "Collides"
    assert (holders(house, first), holders(house, second)) == ({house.wang.id}, {house.li.id})


def test_they_can_come_after_all(house: House) -> None:
    shift = shift_in(house)
    mine = ask(house.wang, shift)
    cover = call(house.wang, mine)
    assert call(house.wang, mine).json["code"] == "NotThisState", "one call at a time"
    assert house.li.api.post(f"/covers/{cover.json['id']}/take-back").status == 404
    assert house.wang.post(f"/volunteering/covers/{cover.json['id']}/take-back").status == 303
    assert take(house.li, cover).json["code"] == "CoverOver"
    assert call(house.wang, mine).status == 201


def test_a_call_ends_with_the_place_and_with_the_shift(house: House) -> None:
    shift = shift_in(house)
    mine = ask(house.wang, shift)
    cover = call(house.wang, mine)
    assert take(house.wang, cover).json["code"] == "NotThisState", "nobody steps in for themselves"
    house.wang.api.post(f"/signups/{mine.json['id']}/withdraw")
    assert take(house.li, cover).json["code"] == "CoverOver"
    assert "这一班不用替了" in house.li.get(f"/volunteering/covers/{cover.json['id']}").words
    other = call(house.chen, ask(house.chen, shift))
    with time_machine.travel(shift.starts_at, tick=False):
        assert take(house.li, other).json["code"] == "CoverOver"


def test_a_double_tap_asks_once_and_strangers_see_nothing(house: House) -> None:
    mine = ask(house.wang, shift_in(house))
    may_ask(house, house.li)
    path = f"/signups/{mine.json['id']}/covers/{fresh()}"
    assert [house.wang.api.put(path, {}).status for _again in range(2)] == [201, 200]
    assert titles(house, house.li) == ["有邻居请人替班"]
    assert house.li.api.put(f"/signups/{mine.json['id']}/covers/{fresh()}", {}).status == 404
    assert house.zhao.api.get(f"/covers/{path.rpartition('/')[2]}").status == 404


def test_what_was_signed_for_a_neighbour_is_undone_by_any_officer(house: House) -> None:
    shift = shift_in(house)
    made = ask(house.he, shift, person_id=str(house.wang.id))
    page = house.liu.get(f"/volunteering/signups/{made.json['id']}")
    assert "这是替王阿姨报的，两个人的名字都记着" in page.words
    assert house.li.api.post(f"/signups/{made.json['id']}/withdraw").status == 404
    assert house.liu.api.post(f"/signups/{made.json['id']}/withdraw").json["state"] == "withdrawn", "not the one who wrote it"
    with house.session() as session:
        acts = session.exec(select(AuditLine.act).where(AuditLine.person_id == house.liu.id)).all()
    assert "signup.withdrawn" in acts
