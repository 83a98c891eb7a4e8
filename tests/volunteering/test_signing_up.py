"""A resident signs up, waits, is offered a place, confirms, withdraws."""

from datetime import timedelta
from uuid import UUID

import time_machine
from sqlmodel import select

from app.inbox.models import Message
from app.kit.clock import now
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.volunteering.models import Shift
from app.volunteering.signup_models import Signup
from tests.cast import House
from tests.making import fresh, make_key
from tests.volunteering.serving import ask, shift_in


def seen(house: House, shift: Shift) -> Shift:
    with house.session() as session:
        return session.get_one(Shift, (shift.compound_id, shift.id))


def test_a_resident_signs_up_on_the_page_and_reads_a_number(house: House) -> None:
    shift = shift_in(house)
    page = house.wang.get(f"/volunteering/shifts/{shift.id}")
    assert "给独居老人送饭" in page.words
    assert "还差 10 人" in page.words
    form = page.page.find("form", action=f"/c/fengshu/volunteering/shifts/{shift.id}/signups")
    assert form
    answer = house.wang.post(f"/volunteering/shifts/{shift.id}/signups", {"id": form.find("input", {"name": "id"})["value"]})
    after = house.wang.follow(answer)
    assert "报名成功" in after.words
    assert "1 号" in after.words
    assert "还差 9 人" in house.wang.get(f"/volunteering/shifts/{shift.id}").words
    assert "给独居老人送饭" in house.wang.get("/volunteering").words


def test_a_double_tap_counts_once(house: House) -> None:
    shift, id = shift_in(house), fresh()
    path = f"/shifts/{shift.id}/signups/{id}"
    assert [house.wang.api.put(path, {}).status for _ in range(3)] == [201, 200, 200]
    assert seen(house, shift).taken == 1


def test_the_same_id_with_other_content_is_refused(house: House) -> None:
    shift, id = shift_in(house), fresh()
    house.wang.api.put(f"/shifts/{shift.id}/signups/{id}", {})
    other = shift_in(house, title="花坛除草")
    answer = house.wang.api.put(f"/shifts/{other.id}/signups/{id}", {})
    assert (answer.status, answer.json["code"]) == (409, "SameIdOtherContent")
    assert house.li.api.put(f"/shifts/{shift.id}/signups/{id}", {}).json["code"] == "SameIdOtherContent"


def test_a_second_signup_on_the_same_shift_is_refused(house: House) -> None:
    shift = shift_in(house)
    house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    answer = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    assert (answer.status, answer.json["code"]) == (409, "AlreadySignedUp")
    page = house.wang.post(f"/volunteering/shifts/{shift.id}/signups", {"id": str(fresh())})
    assert page.status == 409
    assert "已经报过名了" in page.words


def test_a_full_shift_puts_me_in_the_queue_and_a_freed_place_is_held_for_me(house: House) -> None:
    shift = shift_in(house, capacity=1)
    first = house.li.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    mine = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    assert (first["state"], mine["state"]) == ("confirmed", "waiting")
    assert "候补第 1 位" in house.wang.get("/volunteering").words

    assert house.li.api.post(f"/signups/{first['id']}/withdraw").json["state"] == "withdrawn"
    offered = house.wang.api.get(f"/signups/{mine['id']}").json
    assert offered["state"] == "offered"
    assert seen(house, shift).taken == 1, "the freed place is held, not free"
    newcomer = house.newcomer()
    assert newcomer.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json["state"] == "waiting"
    with house.session() as session:
        message = session.exec(select(Message).where(Message.person_id == house.wang.id)).one()
    assert message.title == "有名额了，请确认"

    confirmed = house.wang.post(f"/volunteering/signups/{mine['id']}/confirm")
    assert "报名成功" in house.wang.follow(confirmed).words


def test_an_offer_is_dead_at_its_hour_by_computation_alone(house: House) -> None:
    shift = shift_in(house, capacity=1)
    first = house.li.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    mine = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    house.li.api.post(f"/signups/{first['id']}/withdraw")
    with time_machine.travel(now() + timedelta(hours=12, seconds=1), tick=False):
        assert "给独居老人送饭" not in house.wang.get("/volunteering").page.find(id="mine").__str__()
        assert house.nobody.api.get(f"/shifts/{shift.id}").json["free"] == 1
        answer = house.wang.api.post(f"/signups/{mine['id']}/confirm")
        assert (answer.status, answer.json["code"]) == (409, "OfferGone")
        assert house.newcomer().api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json["state"] == "confirmed"


def test_the_worker_passes_a_dead_offer_on_to_the_next_in_line(house: House) -> None:
    shift = shift_in(house, capacity=1)
    first = house.li.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    third = house.newcomer()
    waiting = third.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    house.li.api.post(f"/signups/{first['id']}/withdraw")
    with time_machine.travel(now() + timedelta(hours=12, seconds=1), tick=False):
        assert run_once(house.db, HANDLERS) == 1
        assert third.api.get(f"/signups/{waiting['id']}").json["state"] == "offered"


def test_an_offer_ends_two_hours_before_the_start_at_the_latest(house: House) -> None:
    shift = shift_in(house, capacity=1, starts_in=timedelta(hours=5))
    first = house.li.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    mine = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    house.li.api.post(f"/signups/{first['id']}/withdraw")
    with house.session() as session:
        offered = session.get_one(Signup, (shift.compound_id, UUID(mine["id"])))
        assert offered.offer_until_at == shift.starts_at - timedelta(hours=2)


def test_in_the_last_call_a_waiting_neighbour_may_take_a_free_place(house: House) -> None:
    shift = shift_in(house, capacity=1, starts_in=timedelta(hours=3))
    first = house.li.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    mine = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    with time_machine.travel(now() + timedelta(hours=1, minutes=30), tick=False):
        assert house.li.api.post(f"/signups/{first['id']}/withdraw").json["code"] == "TooLateToWithdraw"
        assert house.he.api.post(f"/signups/{first['id']}/withdraw").json["state"] == "withdrawn"
        assert house.wang.api.get(f"/signups/{mine['id']}").json["state"] == "waiting", "nothing is held in the last call"
        assert house.wang.api.post(f"/signups/{mine['id']}/confirm").json["state"] == "confirmed"


def test_the_list_says_which_shifts_are_mine_already(house: House) -> None:
    shift = shift_in(house)
    assert "您报过了" not in house.wang.get("/volunteering").words
    house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    assert "您报过了" in house.wang.get("/volunteering").words
    assert "您报过了" not in house.li.get("/volunteering").words


def test_who_can_no_longer_withdraw_reads_whom_to_tell(house: House) -> None:
    shift = shift_in(house, starts_in=timedelta(hours=3))
    mine = f"/volunteering/signups/{house.wang.api.put(f'/shifts/{shift.id}/signups/{fresh()}', {}).json['id']}"
    early = house.wang.get(mine).words
    assert "取消报名" in early
    assert "带队的人" not in early
    with time_machine.travel(now() + timedelta(hours=1, minutes=30), tick=False):
        late = house.wang.get(mine).words
    assert "取消报名" not in late
    assert "来不了，请打电话告诉带队的人。" in late
    with time_machine.travel(now() + timedelta(hours=3, seconds=1), tick=False):
        assert "快开始了" not in house.wang.get(mine).words


def test_nobody_signs_up_for_a_shift_that_has_begun(house: House) -> None:
    shift = shift_in(house, starts_in=timedelta(hours=1))
    with time_machine.travel(now() + timedelta(hours=1, seconds=1), tick=False):
        answer = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    assert (answer.status, answer.json["code"]) == (409, "TooLateToSignUp")


def test_an_officer_signs_up_a_neighbour_without_a_phone_and_both_names_stay(house: House) -> None:
    shift = shift_in(house)
    wish = {"person_id": str(house.wang.id)}
    made = house.he.api.put(f"/shifts/{shift.id}/signups/{fresh()}", wish).json
    with house.session() as session:
        signup = session.exec(select(Signup)).one()
        assert (signup.person_id, signup.entered_by_id) == (house.wang.id, house.he.id)
    assert house.li.api.put(f"/shifts/{shift.id}/signups/{fresh()}", wish).status == 403
    undone = house.wang.post(f"/volunteering/signups/{made['id']}/withdraw")
    assert "已取消报名" in house.wang.follow(undone).words


def test_a_stranger_sees_the_shift_and_is_asked_to_sign_in(house: House) -> None:
    shift = shift_in(house)
    page = house.nobody.get(f"/volunteering/shifts/{shift.id}")
    assert "登录后报名" in page.words
    assert "何队长" not in page.words, "a leader's full name is for residents"
    assert house.nobody.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).status == 401
    assert house.zhao.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).status == 404
    assert house.zhao_here.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).status == 401


def test_another_persons_signup_is_not_there_for_me(house: House) -> None:
    shift = shift_in(house)
    made = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    assert house.li.api.get(f"/signups/{made['id']}").status == 404
    assert house.li.api.post(f"/signups/{made['id']}/withdraw").status == 404
    assert house.he.api.get(f"/signups/{made['id']}").status == 200


def test_a_key_signs_up_only_within_its_scope(house: House) -> None:
    shift = shift_in(house)
    with house.session() as session:
        reads = make_key(session, house.wang.person, "volunteering:read")
        writes = make_key(session, house.wang.person, "volunteering:write")
    path = f"/shifts/{shift.id}/signups/{fresh()}"
    answer = house.nobody.api.put(path, {}, headers={"authorization": f"Bearer {reads}"})
    assert (answer.status, answer.json["code"]) == (403, "WrongScope")
    assert house.nobody.api.put(path, {}, headers={"authorization": f"Bearer {writes}"}).status == 201
    assert house.nobody.api.put(path, {}, headers={"authorization": "Bearer gz_live_no"}).status == 401


def test_the_list_is_walked_page_by_page(house: House) -> None:
    shifts = [str(shift_in(house, starts_in=timedelta(days=d)).id) for d in (1, 2, 3)]
    first = house.nobody.api.get("/shifts?limit=2").json
    rest = house.nobody.api.get(f"/shifts?limit=2&cursor={first['next_cursor']}").json
    assert [s["id"] for s in first["items"] + rest["items"]] == shifts
    assert rest["next_cursor"] is None
    assert house.nobody.api.get("/shifts?cursor=nonsense").status == 400


def test_ones_own_sign_ups_are_a_list_for_programs_too(house: House) -> None:
    later, sooner = shift_in(house, starts_in=timedelta(days=5)), shift_in(house, starts_in=timedelta(days=3), capacity=1)
    ask(house.li, sooner)
    mine = [ask(house.wang, shift).json["id"] for shift in (later, sooner)]
    listed = house.wang.api.get("/signups").json["items"]
    assert [one["id"] for one in listed] == mine[::-1]
    assert [(one["state"], one["ahead"], one["place"]) for one in listed] == [
        ("waiting", 0, "社区食堂门口"),
        ("confirmed", 0, "社区食堂门口"),
    ]
    assert house.zhang.api.get("/signups").json == {"items": []}
    house.wang.api.post(f"/signups/{mine[0]}/withdraw")
    assert [one["id"] for one in house.wang.api.get("/signups").json["items"]] == [mine[1]]
