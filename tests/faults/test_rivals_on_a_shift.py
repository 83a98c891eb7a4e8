"""Rivals on one shift, on both engines: five hundred on twenty places, withdrawing against signing up, two promotions of one
place, one call for cover taken by many. Each control has its guard off and must fail.
"""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import NullPool, create_engine, func, text, update
from sqlmodel import Session, col, select

from app.volunteering.cover_models import CoverCall
from app.volunteering.models import Shift
from app.volunteering.signup_models import Signup
from tests.cast import House, One
from tests.making import fresh, make_shift

RIVALS = 20


@pytest.fixture
def rivals(house: House) -> list[One]:
    with house.session() as session:
        return [house.newcomer_in(session, f"邻居{i}") for i in range(RIVALS)]


def shift_of(house: House, capacity: int) -> Shift:
    with house.session() as session:
        return make_shift(session, house.he.person, capacity=capacity)


def sign_up(one: One, shift: Shift) -> tuple[Any, str, str, dict[str, Any]]:
    return one.api, "PUT", f"/shifts/{shift.id}/signups/{fresh()}", {"json": {}}


def state(house: House, shift: Shift) -> tuple[int, int, list[Signup]]:
    """What the shift says is taken, what is held, and all its sign-ups in the order of the list."""
    with house.session() as session:
        taken = session.get_one(Shift, (shift.compound_id, shift.id)).taken
        rows = list(session.exec(select(Signup).where(Signup.shift_id == shift.id).order_by(col(Signup.line))))
    return taken, sum(one.state in ("confirmed", "offered") for one in rows), rows


def at_once(house: House, acts: list[Callable[[Session], None]]) -> None:
    """What most programs do, side by side: each in a thread and a connection of its own, and nobody has locked anything."""
    engine = create_engine(house.db.url, poolclass=NullPool)

    def run(act: Callable[[Session], None]) -> None:
        with Session(engine) as session:
            act(session)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()


def test_five_hundred_on_twenty_places_are_twenty_in_and_the_rest_in_order(house: House) -> None:
    shift = shift_of(house, 20)
    with house.session() as session:
        people = [house.newcomer_in(session, f"邻居{i}") for i in range(500)]
    answers = house.at_once(*[sign_up(one, shift) for one in people])
    assert {answer.status for answer in answers} == {201}
    taken, held, rows = state(house, shift)
    assert (taken, held) == (20, 20)
    assert [one.line for one in rows] == list(range(1, 501)), "each has a line of their own, and none is missing"
    assert [one.state for one in rows] == ["confirmed"] * 20 + ["waiting"] * 480
    ahead = {UUID(a.json["id"]): a.json["ahead"] for a in answers if a.json["state"] == "waiting"}
    assert [ahead[one.id] for one in rows[20:]] == list(range(480)), "and was told the place in the queue they have"


def test_withdrawing_against_signing_up_leaves_no_place_empty_and_none_twice(house: House, rivals: list[One]) -> None:
    shift = shift_of(house, 5)
    holders = house.at_once(*[sign_up(one, shift) for one in rivals[:5]])
    gone = [
        (one.api, "POST", f"/signups/{answer.json['id']}/withdraw", {}) for one, answer in zip(rivals[:5], holders, strict=True)
    ]
    comes = [sign_up(one, shift) for one in rivals[5:]]
    house.at_once(*[call for pair in zip(comes, gone, strict=False) for call in pair], *comes[5:])
    taken, held, rows = state(house, shift)
    assert (taken, held) == (5, 5)
    live = [one for one in rows if one.state != "withdrawn"]
    assert len(live) == RIVALS - 5
    assert [one.state == "waiting" for one in live] == [False] * 5 + [True] * 10, "who came first holds a place"


def test_one_freed_place_promotes_one_however_many_settle_it(house: House, rivals: list[One]) -> None:
    shift = shift_of(house, 1)
    first = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json["id"]
    for one in rivals[:5]:
        one.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    house.at_once(*[(house.wang.api, "POST", f"/signups/{first}/withdraw", {})] * 5, *[sign_up(one, shift) for one in rivals[5:]])
    taken, _held, rows = state(house, shift)
    assert taken == 1
    assert [one.person_id for one in rows if one.state == "offered"] == [rivals[0].id]


def test_a_call_for_cover_is_taken_by_one_and_the_others_are_told(house: House, rivals: list[One]) -> None:
    shift = shift_of(house, 3)
    mine = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json["id"]
    cover = house.wang.api.put(f"/signups/{mine}/covers/{fresh()}", {}).json["id"]
    answers = house.at_once(*[(one.api, "POST", f"/covers/{cover}/take", {}) for one in rivals])
    assert sorted(answer.status for answer in answers) == [200] + [409] * (RIVALS - 1)
    assert {answer.json.get("code") for answer in answers} == {None, "CoverTaken"}
    taken, held, _rows = state(house, shift)
    assert (taken, held) == (1, 1)


def test_two_exchanges_of_the_same_two_shifts_do_not_wait_for_each_other_for_ever(house: House) -> None:
    one, other = shift_of(house, 2), shift_of(house, 2)
    with house.session() as session:
        for shift in session.exec(select(Shift)):
            shift.starts_at = shift.starts_at.replace(hour=1 if shift.id == one.id else 9)
            shift.ends_at = shift.starts_at.replace(hour=2 if shift.id == one.id else 10)
    calls = []
    for asker, mine, taker, theirs in ((house.wang, one, house.li, other), (house.chen, other, house.zhou, one)):
        held = asker.api.put(f"/shifts/{mine.id}/signups/{fresh()}", {}).json["id"]
        assert taker.api.put(f"/shifts/{theirs.id}/signups/{fresh()}", {}).status == 201
        cover = asker.api.put(f"/signups/{held}/covers/{fresh()}", {"for_shift_id": str(theirs.id)}).json["id"]
        calls.append((taker.api, "POST", f"/covers/{cover}/take", {}))
    assert [answer.status for answer in house.at_once(*calls)] == [200, 200]
    assert state(house, one)[:2] == state(house, other)[:2] == (2, 2)


def test_control_two_who_promote_without_the_lock_promote_twice(house: House, rivals: list[One]) -> None:
    """Each sees one place free and takes the first who waits, then the next: both think that it is theirs to give."""
    shift = shift_of(house, 1)
    house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    for one in rivals[:2]:
        one.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    with house.session() as session:
        session.execute(text("UPDATE signup SET state = 'withdrawn' WHERE state = 'confirmed'"))
    barrier = Barrier(2)

    def promote(turn: int) -> Callable[[Session], None]:
        def act(session: Session) -> None:
            held = select(func.count()).where(Signup.shift_id == shift.id, col(Signup.state).in_(["confirmed", "offered"]))
            free = session.exec(held).one() < 1
            waiting = session.exec(select(Signup.id).where(Signup.state == "waiting").order_by(col(Signup.line))).all()
            barrier.wait(30)
            if free:
                session.execute(update(Signup).where(col(Signup.id) == waiting[turn]).values(state="offered"))
                session.commit()

        return act

    at_once(house, [promote(0), promote(1)])
    assert state(house, shift)[1] == 2, "the control must promote twice, or the race above proves nothing"


def test_control_cover_taken_without_the_lock_is_taken_twice(house: House, rivals: list[One]) -> None:
    shift = shift_of(house, RIVALS + 1)
    mine = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json["id"]
    cover = UUID(house.wang.api.put(f"/signups/{mine}/covers/{fresh()}", {}).json["id"])
    barrier, won = Barrier(RIVALS), []

    def take(one: One) -> Callable[[Session], None]:
        def act(session: Session) -> None:
            open_still = session.exec(select(CoverCall.taken_at).where(CoverCall.id == cover)).one() is None
            barrier.wait(30)
            if open_still:
                won.append(one.id)

        return act

    at_once(house, [take(one) for one in rivals])
    assert len(won) > 1, "the control must be won by many, or the race above proves nothing"


def test_control_a_count_read_before_the_withdrawal_is_wrong_after_it(house: House, rivals: list[One]) -> None:
    """Read, then write what was read plus one: the place that was given back meanwhile is lost."""
    shift = shift_of(house, 5)
    barrier = Barrier(2)

    def write(by: int) -> Callable[[Session], None]:
        def act(session: Session) -> None:
            taken = session.exec(select(Shift.taken).where(Shift.id == shift.id)).one()
            barrier.wait(30)
            session.execute(update(Shift).where(col(Shift.id) == shift.id).values(taken=taken + by))
            session.commit()

        return act

    with house.session() as session:
        session.execute(text("UPDATE shift SET taken = 3"))
    at_once(house, [write(+1), write(-1)])
    assert state(house, shift)[0] != 3, "the control must lose a count, or the race above proves nothing"
