"""Whoever asks for a place hears one of twelve answers: the same on the page beforehand, in the API and in the act itself."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.kit.clock import now
from app.kit.i18n import _, speaking
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.volunteering.models import Shift
from app.volunteering.signup_models import OUTCOMES, SignupOutcome
from tests.cast import House
from tests.making import fresh
from tests.volunteering.attending import propose
from tests.volunteering.serving import SHAPE, ask, planned, set_rule, shift_in, signups, skilled

Scene = Callable[[House], Shift]


def open_shift(house: House) -> Shift:
    return shift_in(house)


def full_shift(house: House) -> Shift:
    shift = shift_in(house, capacity=1)
    ask(house.li, shift)
    return shift


def full_list(house: House) -> Shift:
    set_rule(house, "waiting_most", 1)
    shift = full_shift(house)
    ask(house.chen, shift)
    return shift


def cancelled_shift(house: House) -> Shift:
    shift = shift_in(house)
    assert house.he.post(f"/volunteering/shifts/{shift.id}/cancel").status == 303
    return shift


def mine_already(house: House) -> Shift:
    shift = shift_in(house)
    ask(house.wang, shift)
    return shift


def begins_soon(house: House) -> Shift:
    set_rule(house, "signup_closes_hours", 2)
    return shift_in(house, starts_in=timedelta(hours=1))


def over(house: House) -> Shift:
    return shift_in(house, starts_in=timedelta(hours=-3))


def not_yet(house: House) -> Shift:
    set_rule(house, "signup_opens_days", 7)
    return shift_in(house, starts_in=timedelta(days=8))


def three_times_missed(house: House) -> Shift:
    for hours in (10, 20, 30):
        missed = shift_in(house, starts_in=timedelta(hours=hours))
        assert ask(house.wang, missed).status == 201
    return shift_in(house, starts_in=timedelta(days=5))


def enough_for_one(house: House) -> Shift:
    set_rule(house, "signup_most", 1)
    ask(house.wang, shift_in(house))
    return shift_in(house, starts_in=timedelta(days=9))


def two_at_a_time(house: House) -> Shift:
    ask(house.wang, shift_in(house, title="花坛除草", starts_in=timedelta(days=3, hours=1)))
    return shift_in(house)


def barbers_only(house: House) -> Shift:
    return planned(house, needs=[{"skill": "理发", "wanted": 3}])


SCENES: dict[SignupOutcome, Scene] = {
    SignupOutcome.SIGNED_UP: open_shift,
    SignupOutcome.WAITLISTED: full_shift,
    SignupOutcome.CANCELLED: cancelled_shift,
    SignupOutcome.ENDED: over,
    SignupOutcome.TOO_LATE: begins_soon,
    SignupOutcome.ALREADY: mine_already,
    SignupOutcome.TOO_EARLY: not_yet,
    SignupOutcome.SUSPENDED: three_times_missed,
    SignupOutcome.TOO_MANY: enough_for_one,
    SignupOutcome.COLLIDES: two_at_a_time,
    SignupOutcome.SKILL_NEEDED: barbers_only,
    SignupOutcome.FULL: full_list,
}


def later(outcome: SignupOutcome) -> AbstractContextManager[Any]:
    """A no-show is one once its shift is over."""
    wait = outcome == SignupOutcome.SUSPENDED
    return time_machine.travel(now() + timedelta(days=2), tick=False) if wait else nullcontext()


def test_every_outcome_has_a_sentence_a_code_and_a_scene() -> None:
    assert set(OUTCOMES) == set(SignupOutcome) == set(SCENES)
    for meaning in OUTCOMES.values():
        assert meaning.says
        assert meaning.code
    assert len({meaning.code for meaning in OUTCOMES.values()}) == len(OUTCOMES), "a program can tell them apart"
    with speaking("en"):
        assert all(_(meaning.says) != meaning.says for meaning in OUTCOMES.values()), "an English reader reads them too"


@pytest.mark.parametrize("outcome", SignupOutcome)
def test_the_answer_is_the_same_beforehand_at_the_act_and_for_programs(house: House, outcome: SignupOutcome) -> None:
    shift = SCENES[outcome](house)
    meaning = OUTCOMES[outcome]
    with later(outcome):
        if outcome not in (SignupOutcome.CANCELLED, SignupOutcome.ENDED):
            page = house.wang.get(f"/volunteering/shifts/{shift.id}")
            words = meaning.says.partition("%")[0]
            if meaning.refusal and outcome != SignupOutcome.ALREADY:
                assert words in page.words, "the page says no before it is asked"
                assert "我要报名" not in page.words
            elif outcome != SignupOutcome.ALREADY:
                assert ("我要报名" if outcome == SignupOutcome.SIGNED_UP else "我要候补") in page.words
        assert house.wang.api.get(f"/shifts/{shift.id}").json["outcome"] == outcome
        before = len(signups(house))
        answer = ask(house.wang, shift)
        if meaning.refusal:
            assert (answer.status, answer.json["code"]) == (409, meaning.code)
            assert len(signups(house)) == before
        else:
            assert (answer.status, answer.json["state"]) == (201, meaning.code)


@pytest.mark.parametrize(
    "outcome", [SignupOutcome.SUSPENDED, SignupOutcome.TOO_EARLY, SignupOutcome.TOO_MANY, SignupOutcome.TOO_LATE]
)
def test_whoever_leads_may_sign_up_a_neighbour_all_the_same(house: House, outcome: SignupOutcome) -> None:
    shift = SCENES[outcome](house)
    with later(outcome):
        for_wang = {"person_id": str(house.wang.id)}
        assert ask(house.chen, shift, **for_wang).json["code"] == OUTCOMES[outcome].code, "other officers may not"
        assert ask(house.he, shift, **for_wang).status == 201


def test_two_shifts_at_a_time_only_if_the_coordinator_says_that_they_know(house: House) -> None:
    shift = two_at_a_time(house)
    for_wang = {"person_id": str(house.wang.id)}
    assert ask(house.wang, shift, despite_overlap=True).json["code"] == "Collides", "nobody waves it through for themselves"
    assert ask(house.he, shift, **for_wang).json["code"] == "Collides"
    assert "这位邻居同时段有别的班，也要报" in house.he.get(f"/volunteering/shifts/{shift.id}/for-others?q=王").words
    page = house.he.get(f"/volunteering/shifts/{shift.id}/for-others?q=王&despite=1")
    assert page.page.find("input", {"name": "despite_overlap"})
    assert ask(house.he, shift, **for_wang, despite_overlap=True).status == 201


def test_where_the_compound_allows_it_two_shifts_at_a_time_are_nobodys_business(house: House) -> None:
    set_rule(house, "signup_overlaps", 1)
    assert ask(house.wang, two_at_a_time(house)).status == 201


def test_an_offered_place_is_not_taken_beside_another_at_that_time(house: House) -> None:
    shift = full_shift(house)
    mine = ask(house.wang, shift).json["id"]
    ask(house.wang, shift_in(house, title="花坛除草"))
    held = next(one for one in signups(house) if one.person_id == house.li.id)
    house.li.api.post(f"/signups/{held.id}/withdraw")
    assert house.wang.api.get(f"/signups/{mine}").json["state"] == "offered"
    assert house.wang.api.post(f"/signups/{mine}/confirm").json["code"] == "Collides"


def test_hours_written_afterwards_make_a_no_show_none(house_sqlite: House) -> None:
    house = house_sqlite
    shift = three_times_missed(house)
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        missed = next(one for one in signups(house) if one.person_id == house.wang.id)
        house.liu.api.post(f"/hour-proposals/{propose(house.he, str(missed.id))}/approve")
        assert ask(house.wang, shift).status == 201


def test_no_shows_of_long_ago_are_forgotten(house_sqlite: House) -> None:
    house = house_sqlite
    set_rule(house, "no_show_days", 10)
    three_times_missed(house)
    with time_machine.travel(now() + timedelta(days=12), tick=False):
        assert ask(house.wang, shift_in(house)).status == 201


def test_a_place_kept_for_a_skill_goes_to_whoever_has_it(house: House) -> None:
    shift = planned(house, capacity=2, needs=[{"skill": "理发", "wanted": 1}])
    assert house.nobody.api.get("/shifts").json["items"][0]["needs"] == [{"skill": "理发", "wanted": 1, "free": 1}]
    skilled(house, house.li, "理发")
    skilled(house, house.chen, "理发")
    assert ask(house.wang, shift).json["state"] == "confirmed"
    waits = ask(house.zhang, shift)
    assert waits.json["state"] == "waiting", "what is left is kept"
    barber = ask(house.li, shift)
    assert barber.json["state"] == "confirmed"
    second = ask(house.chen, shift)
    assert second.json["state"] == "waiting"
    house.li.api.post(f"/signups/{barber.json['id']}/withdraw")
    assert house.zhang.api.get(f"/signups/{waits.json['id']}").json["state"] == "waiting", "first in line, but no barber"
    assert house.chen.api.get(f"/signups/{second.json['id']}").json["state"] == "offered"
    assert "要会理发" in house.nobody.get(f"/volunteering/shifts/{shift.id}").words
    assert "名额留给会理发的人" in house.he.get(f"/volunteering/shifts/{shift.id}/attendance").words


def test_what_one_can_do_stands_in_the_census_and_in_the_export_by_its_name(house: House) -> None:
    shift = barbers_only(house)
    assert "登记我会什么" in house.wang.get(f"/volunteering/shifts/{shift.id}").words
    wish = {
        "agrees": True,
        "may_call": True,
        "seen_by": "coordinators",
        "skills": [{"name": "理发", "level": "good"}],
        "times": [],
    }
    assert house.wang.api.put(f"/census/{fresh()}", wish).status == 201
    assert ask(house.wang, shift).json["state"] == "confirmed"
    [held] = house.wang.get("/me/export").json["about_me"]["held_skill"]
    assert held["skill"] == "理发"


def test_whether_one_may_be_asked_is_said_beside_it(house: House) -> None:
    there = house.wang.follow(house.wang.get("/volunteering/helping"))
    assert "可以问 不要再问我" in there.words
    said = house.wang.follow(house.wang.post("/volunteering/helping", {"may_be_asked": "false"}))
    assert "不要问 可以问我" in said.words
    assert house.wang.api.get("/helping").json == {"may_be_asked": False}
    assert house.wang.api.put("/helping", {"may_be_asked": True}).json == {"may_be_asked": True}


def test_who_comes_only_if_nobody_else_does_is_the_last_to_get_a_place(house: House) -> None:
    shift = shift_in(house, capacity=1, starts_in=timedelta(days=3))
    last = ask(house.li, shift, only_if_needed=True)
    assert last.json["state"] == "waiting", "although there is room"
    first = ask(house.wang, shift)
    assert first.json["state"] == "confirmed"
    waits = ask(house.zhang, shift)
    assert waits.json["ahead"] == 0
    assert house.li.api.get(f"/signups/{last.json['id']}").json["ahead"] == 1
    assert "没人才来" in house.he.get(f"/volunteering/shifts/{shift.id}/attendance").words
    assert "没人才来：" in house.li.get(f"/volunteering/signups/{last.json['id']}").words
    house.wang.api.post(f"/signups/{first.json['id']}/withdraw")
    house.zhang.api.post(f"/signups/{waits.json['id']}/withdraw")
    assert house.li.api.get(f"/signups/{last.json['id']}").json["state"] == "waiting", "three days before somebody else may come"


def test_the_day_before_it_is_their_turn_without_anybodys_doing(house: House) -> None:
    shift = shift_in(house, capacity=1, starts_in=timedelta(days=3))
    last = ask(house.li, shift, only_if_needed=True)
    with time_machine.travel(shift.starts_at - timedelta(hours=23, minutes=59), tick=False):
        run_once(house.db, HANDLERS)
        assert house.li.api.get(f"/signups/{last.json['id']}").json["state"] == "offered"


def test_needs_may_be_typed_line_by_line_and_nobody_loses_a_place_by_them(house: House) -> None:
    shift = barbers_only(house)
    page = house.he.get(f"/volunteering/shifts/{shift.id}/change")
    assert page.page.find("textarea", {"name": "needs"}).text.strip() == "理发 3"
    version = page.page.find("input", {"name": "version"})["value"]
    typed = {"starts_at": "2099-05-09T15:00", "ends_at": "2099-05-09T16:00", "capacity": "3", "version": version}
    wrong = house.he.post(f"/volunteering/shifts/{shift.id}/change", typed | {"needs": "理发"})
    assert (wrong.status, "每行写一项特长和人数" in wrong.words) == (422, True)
    assert wrong.page.find("textarea", {"name": "needs"}).text.strip() == "理发"
    too_many = house.he.post(f"/volunteering/shifts/{shift.id}/change", typed | {"needs": "理发 ２\n急救 2"})
    assert "都不能超过总人数" in too_many.words
    done = house.he.post(f"/volunteering/shifts/{shift.id}/change", typed | {"needs": "理发 1", "minimum": "2"})
    assert done.status == 303
    assert ask(house.wang, shift).status == 201
    assert ask(house.zhang, shift).status == 201
    now_kept = house.he.api.get(f"/shifts/{shift.id}")
    wish = SHAPE | {"needs": [{"skill": "理发", "wanted": 2}]}
    less = house.he.api.ask("PATCH", f"/shifts/{shift.id}", json=wish, headers={"if-match": now_kept.headers["etag"]})
    assert less.json["code"] == "BelowTaken"
    assert house.he.api.get(f"/shifts/{shift.id}").json["needs"] == [{"skill": "理发", "wanted": 1, "free": 1}]
    assert house.he.api.get(f"/shifts/{shift.id}").json["minimum"] == 2
