"""A member household looks in on the homes it looks after; what is needed becomes a request for help by one tap."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from app.compounds.models import CareLink, Ownership, SeatKind
from app.kit.clock import today
from app.volunteering.home_visit_models import HomeVisit
from tests.cast import Answer, House, One
from tests.making import fresh, make_seat


def carer_of(house: House, one: One) -> One:
    """Who looks after somebody's home."""
    carer = house.newcomer("联户人")
    with house.session() as session:
        seat = make_seat(session, carer.person, SeatKind.MEMBER_HOUSEHOLD)
        unit_id = session.exec(select(Ownership.unit_id).where(Ownership.person_id == one.id)).one()
        session.add(CareLink(compound_id=house.compound.id, seat_id=seat.id, unit_id=unit_id, from_on=today()))
    return carer


@pytest.fixture
def carer(house: House) -> One:
    """Looks after 王阿姨's home."""
    return carer_of(house, house.wang)


def home(house: House, one: One) -> str:
    with house.session() as session:
        return str(session.exec(select(Ownership.unit_id).where(Ownership.person_id == one.id)).one())


def visit(house: House, by: One, of: One, **more: Any) -> Answer:
    wish = {"unit_id": home(house, of), "visited_on": today().isoformat(), "seen": "身体还好", "needed": "灯坏了，要换"} | more
    return by.api.put(f"/home-visits/{fresh()}", wish)


def seen(one: One) -> list[str]:
    return [line["seen"] for line in one.api.get("/home-visits").json["items"]]


def test_a_visit_is_written_on_the_page_and_a_need_becomes_a_request_by_one_tap(house: House, carer: One) -> None:
    page = carer.get("/volunteering/home-visits/new")
    assert "3-2-601" in page.words
    wish = {"unit_id": home(house, house.wang), "visited_on": today().isoformat(), "seen": "身体还好", "needed": "灯坏了，要换"}
    listed = carer.follow(carer.post("/volunteering/home-visits/new", {"id": str(fresh())} | wish))
    tap = next(form for form in listed.page("form") if "/requests/" in form["action"])
    taps = [carer.post(tap["action"].removeprefix("/c/fengshu")) for _ in range(2)]
    assert taps[0].place == taps[1].place, "a second tap leads to the same request"
    request = carer.follow(taps[0])
    assert "灯坏了，要换" in request.words
    assert "等队长确认" in request.words
    assert "王阿姨" in request.words
    assert "已经请人帮忙" in carer.get("/volunteering/home-visits").words


def test_it_is_read_by_the_household_the_coordinator_and_the_home_and_nobody_else(house: House, carer: One) -> None:
    assert visit(house, carer, house.wang).status == 201
    assert seen(carer) == seen(house.he) == seen(house.wang) == ["身体还好"]
    assert seen(house.li) == seen(house.zhang) == []
    assert "替这一户请人帮忙" not in house.wang.get("/volunteering/home-visits").words


def test_who_moved_in_later_does_not_read_what_was_seen_before(house: House, carer: One) -> None:
    visit(house, carer, house.wang, visited_on=(today() - timedelta(days=1)).isoformat())
    with house.session() as session:
        tie = session.exec(select(Ownership).where(Ownership.person_id == house.wang.id)).one()
        tie.from_on = today()
    assert seen(house.wang) == []


def test_the_visited_home_has_it_in_its_export(house: House, carer: One) -> None:
    visit(house, carer, house.wang)
    assert [row["seen"] for row in house.wang.get("/me/export").json["about_me"]["home_visit"]] == ["身体还好"]
    assert "home_visit" not in house.li.get("/me/export").json["about_me"]


def test_nobody_writes_about_a_home_that_is_not_in_their_care(house: House, carer: One) -> None:
    assert visit(house, carer, house.li).json["code"] == "NotInYourCare"
    assert visit(house, house.he, house.wang).json["code"] == "NotInYourCare"
    assert house.li.get("/volunteering/home-visits/new").status == 403
    with house.session() as session:
        session.exec(select(CareLink)).one().to_on = today() - timedelta(days=1)
    assert visit(house, carer, house.wang).json["code"] == "NotInYourCare"


def test_a_visit_sent_twice_is_one_and_a_day_ahead_is_refused(house: House, carer: One) -> None:
    wish = {"unit_id": home(house, house.wang), "visited_on": today().isoformat(), "seen": "都好"}
    path = f"/home-visits/{fresh()}"
    assert [carer.api.put(path, wish).status for _ in range(2)] == [201, 200]
    assert carer.api.put(path, wish | {"seen": "不好"}).json["code"] == "SameIdOtherContent"
    assert visit(house, carer, house.wang, visited_on=(today() + timedelta(days=1)).isoformat()).status == 422
    with house.session() as session:
        made = session.exec(select(HomeVisit)).one()
    assert carer.api.put(f"/home-visits/{made.id}/requests/{fresh()}").json["code"] == "NothingNeeded"


def test_a_stranger_to_the_home_does_not_ask_for_it(house: House, carer: One) -> None:
    id = visit(house, carer, house.wang).json["id"]
    assert house.li.api.put(f"/home-visits/{id}/requests/{fresh()}").status == 404
    assert house.wang.api.put(f"/home-visits/{id}/requests/{fresh()}").status == 404
    assert house.he.api.put(f"/home-visits/{id}/requests/{fresh()}").status == 201
    assert carer.api.put(f"/home-visits/{id}/requests/{fresh()}").json["code"] == "AlreadyAsked"
