"""Twenty rivals for one place: exactly one gets it, on both engines. The control has its guard off and must fail."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import NullPool, create_engine, func, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.volunteering.models import Shift
from app.volunteering.signup_models import Signup
from tests.cast import House, One
from tests.making import fresh, make_shift

RIVALS = 20


def shift_with_one_place(house: House) -> Shift:
    with house.session() as session:
        return make_shift(session, house.he.person, capacity=1)


@pytest.fixture
def rivals(house: House) -> list[One]:
    return [house.newcomer(f"邻居{i}") for i in range(RIVALS)]


def test_twenty_rivals_for_one_place_leave_one_holder_and_nineteen_in_line(house: House, rivals: list[One]) -> None:
    shift = shift_with_one_place(house)
    answers = house.at_once(*[(one.api, "PUT", f"/shifts/{shift.id}/signups/{fresh()}", {"json": {}}) for one in rivals])
    assert sorted(a.status for a in answers) == [201] * RIVALS
    states = sorted(a.json["state"] for a in answers)
    assert states == ["confirmed"] + ["waiting"] * (RIVALS - 1)
    assert len({a.json["number"] for a in answers}) == RIVALS
    with house.session() as session:
        assert session.get_one(Shift, (shift.compound_id, shift.id)).taken == 1


def test_fifty_duplicates_at_once_are_one_signup(house: House) -> None:
    with house.session() as session:
        shift = make_shift(session, house.he.person)
    path = f"/shifts/{shift.id}/signups/{fresh()}"
    answers = house.at_once(*[(house.wang.api, "PUT", path, {"json": {}})] * 50)
    assert sorted(a.status for a in answers) == [200] * 49 + [201]
    assert len({a.text for a in answers}) == 1
    with house.session() as session:
        assert len(session.exec(select(Signup)).all()) == 1


def test_a_freed_place_goes_to_one_of_those_who_want_it(house: House, rivals: list[One]) -> None:
    shift = shift_with_one_place(house)
    held = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    calls = [(one.api, "PUT", f"/shifts/{shift.id}/signups/{fresh()}", {"json": {}}) for one in rivals]
    house.at_once(*calls[:10], (house.wang.api, "POST", f"/signups/{held['id']}/withdraw", {}), *calls[10:])
    with house.session() as session:
        signups = session.exec(select(Signup).where(Signup.person_id != house.wang.id)).all()
        assert sum(s.state in ("confirmed", "offered") for s in signups) == 1
        assert session.get_one(Shift, (shift.compound_id, shift.id)).taken == 1


def test_control_without_the_lock_the_place_is_oversold(house: House, rivals: list[One]) -> None:
    """Count, then insert, as most programs do: every rival sees the place free before any has taken it."""
    shift = shift_with_one_place(house)
    engine = create_engine(house.db.url, poolclass=NullPool)
    barrier = Barrier(RIVALS)

    def sign_up(rival: One, number: int) -> None:
        with Session(engine) as session:
            confirmed = select(func.count()).where(Signup.shift_id == shift.id, Signup.state == "confirmed")
            free = session.exec(confirmed).one() < shift.capacity
            barrier.wait(30)
            if free:
                session.add(
                    Signup(
                        compound_id=shift.compound_id,
                        shift_id=shift.id,
                        person_id=rival.id,
                        entered_by_id=rival.id,
                        state="confirmed",
                        year=2026,
                        number=number,
                        line=number + 1,
                        sent_sha256=b"",
                    )
                )
                session.commit()

    threads = [Thread(target=sign_up, args=(rival, i)) for i, rival in enumerate(rivals)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with house.session() as session:
        holders = session.exec(select(func.count()).where(Signup.state == "confirmed")).one()
    engine.dispose()
    assert holders > 1, "the control must oversell, or the race above proves nothing"


def test_the_check_is_the_last_line_when_the_lock_is_forgotten(house: House) -> None:
    shift = shift_with_one_place(house)
    with pytest.raises(IntegrityError, match="shift_never_oversold"), house.session() as session:
        session.execute(text("UPDATE shift SET taken = 2 WHERE capacity = 1"))
    with house.session() as session:
        assert session.get_one(Shift, (shift.compound_id, shift.id)).taken == 0
