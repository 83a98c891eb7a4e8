"""A login session ends by idleness: whoever uses it stays, residents half a year, officers half a day."""

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlmodel import select

from app.access.service import keep_used
from app.accounts.models import OFFICER_IDLE, RESIDENT_IDLE, LoginSession
from app.compounds.models import SeatKind
from app.kit import sightings
from app.kit.clock import now
from app.main import FOLLOWERS
from tests.access.conftest import PASSWORD, with_password
from tests.cast import House, One
from tests.making import make_seat


@pytest.fixture(autouse=True)
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "tally", sightings.Tally())


def login_of(house: House, one: One, **changes: datetime) -> LoginSession:
    with house.session() as session:
        login = session.exec(select(LoginSession).where(LoginSession.account_id == one.person.account_id)).one()
        login.sqlmodel_update(changes)
        session.add(login)
        return login


def lives(house: House, one: One, left: timedelta) -> None:
    login_of(house, one, ends_at=now() + left)


def flush(house: House) -> int:
    return sightings.tally.flush(house.db, FOLLOWERS)


def is_in(one: One) -> bool:
    return one.person.name in one.get("/").text


@pytest.mark.parametrize(("who", "idle"), [("wang", RESIDENT_IDLE), ("zhang", OFFICER_IDLE)])
def test_a_used_session_stays_and_an_unused_one_ends(house: House, who: str, idle: timedelta) -> None:
    one = house.people[who]
    lives(house, one, idle)
    begun = now()
    for halves in range(1, 5):
        with time_machine.travel(begun + halves * idle / 2, tick=False):
            assert is_in(one), "never idle for longer than half of its life"
            assert flush(house) == 1
            assert login_of(house, one).ends_at == now() + idle
    with time_machine.travel(begun + 3 * idle, tick=False):
        assert not is_in(one)
        assert flush(house) == 0, "what is over is not used"
    assert is_in(one), "the clock alone ended it"


def test_a_young_session_costs_no_row(house_sqlite: House) -> None:
    for one, idle in ((house_sqlite.wang, RESIDENT_IDLE), (house_sqlite.zhang, OFFICER_IDLE)):
        lives(house_sqlite, one, idle * 0.96)
        assert is_in(one)
        assert flush(house_sqlite) == 0
        lives(house_sqlite, one, idle * 0.94)
        assert is_in(one)
        assert flush(house_sqlite) == 1


def test_a_get_moves_nothing_by_itself(house: House) -> None:
    lives(house, house.wang, timedelta(days=1))
    before = login_of(house, house.wang).ends_at
    assert is_in(house.wang)
    assert login_of(house, house.wang).ends_at == before


def test_a_session_that_was_ended_is_not_revived(house: House) -> None:
    lives(house, house.wang, timedelta(days=1))
    assert is_in(house.wang)
    before = login_of(house, house.wang, ended_at=now()).ends_at
    flush(house)
    assert login_of(house, house.wang).ends_at == before
    assert not is_in(house.wang)


def test_a_seen_session_that_ran_out_before_the_flush_was_in_use(house: House) -> None:
    lives(house, house.wang, timedelta(seconds=10))
    with time_machine.travel(now() + timedelta(seconds=5), tick=False):
        assert is_in(house.wang)
        seen = now()
    with time_machine.travel(seen + timedelta(seconds=25), tick=False):
        flush(house)
        assert login_of(house, house.wang).ends_at == seen + RESIDENT_IDLE
    lives(house, house.li, timedelta(seconds=-10))
    id = login_of(house, house.li).id
    with house.session() as session:
        keep_used(session, {id: now()})
    assert login_of(house, house.li).ends_at < now(), "it had run out before it was seen"


def test_who_takes_office_has_an_officers_session_from_then_on(house: House) -> None:
    lives(house, house.wang, timedelta(days=1))
    assert is_in(house.wang)
    with house.session() as session:
        make_seat(session, house.wang.person, SeatKind.SUPERVISOR)
    flush(house)
    assert login_of(house, house.wang).ends_at <= now() + OFFICER_IDLE


def test_the_cookie_outlives_the_session_as_far_as_browsers_let_it(house_sqlite: House) -> None:
    phone = with_password(house_sqlite, house_sqlite.zhang)
    answer = house_sqlite.nobody.post("//sign-in", {"phone": phone, "password": PASSWORD, "next": "/"})
    assert f"Max-Age={400 * 86_400}" in answer.headers["set-cookie"]
