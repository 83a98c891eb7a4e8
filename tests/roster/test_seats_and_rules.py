"""Who holds which seat until when, what a seat lets them do on which day, and rules that begin on a day."""

from datetime import timedelta
from uuid import UUID

import time_machine
from sqlmodel import select

from app.compounds.models import Baseline, Body, BodyKind, CareLink, Person, Seat, SeatKind
from app.compounds.rules import rule
from app.kit.clock import now, start_of, today
from app.publiclog.models import LogEntry
from app.roster.founding import create_compound
from tests.cast import House, One
from tests.making import fresh, make_login, make_seat


def body(house: House, name: str = "监督委员会") -> UUID:
    assert house.liu.post("/bodies", {"kind": BodyKind.SUPERVISION, "name": name}).status == 303
    with house.session() as session:
        return session.exec(select(Body.id).where(Body.name == name)).one()


def seat(house: House, person: One, kind: SeatKind = SeatKind.TREASURER, **more: object) -> dict[str, str]:
    wish = {"id": fresh(), "person_id": person.id, "kind": kind, "title": "新任", "basis": "业主大会", "from_on": today()}
    return {name: str(value) for name, value in (wish | more).items()}


def test_authority_holds_from_the_first_day_of_a_seat_to_its_last(house: House) -> None:
    first, last = today() + timedelta(days=10), today() + timedelta(days=20)
    wish = seat(house, house.wang, SeatKind.MEMBER, from_on=first, to_on=last)
    assert house.liu.post(f"/bodies/{body(house)}/seat", wish).status == 303

    def may_see_the_roster(day: timedelta) -> bool:
        with time_machine.travel(start_of(today()) + day + timedelta(hours=1), tick=False):
            return house.wang.get("/roster").status == 200

    days = {n: may_see_the_roster(timedelta(days=n)) for n in (0, 9, 10, 20, 21)}
    assert days == {0: False, 9: False, 10: True, 20: True, 21: False}


def test_a_mistake_about_bodies_keeps_what_was_typed(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        held = session.exec(select(Seat.id).where(Seat.person_id == house.zhang.id)).one()
    opened = house.liu.get(f"/bodies?change={held}")
    assert opened.page.find(id="f-to_on")["value"] == str(today())
    ended = house.liu.post(f"/bodies/seats/{held}/end", {"to_on": "下周"})
    founded = house.liu.post("/bodies", {"kind": "", "name": "纳凉晚会筹备组"})
    assert (ended.status, founded.status) == (422, 422)
    assert "请填日期" in ended.words
    assert ended.page.find(id="f-to_on")["value"] == "下周"
    assert founded.page.find(id="f-name")["value"] == "纳凉晚会筹备组"


def test_an_ended_seat_keeps_its_authority_to_its_last_day(house: House) -> None:
    with house.session() as session:
        held = session.exec(select(Seat.id).where(Seat.person_id == house.zhang.id)).one()
    assert house.liu.post(f"/bodies/seats/{held}/end", {"to_on": str(today())}).status == 303
    assert house.zhang.get("/roster").status == 200
    with time_machine.travel(now() + timedelta(days=1)):
        assert house.zhang.get("/roster").status == 403
    assert house.liu.post(f"/bodies/seats/{held}/end", {"to_on": str(today())}).status == 409


def test_who_takes_an_office_keeps_no_session_of_half_a_year(house: House) -> None:
    at = f"/bodies/{body(house)}/seat"
    assert house.liu.post(at, seat(house, house.wang, SeatKind.TREASURER)).status == 303
    assert house.liu.post(at, seat(house, house.li, SeatKind.VOLUNTEER)).status == 303
    with time_machine.travel(now() + timedelta(hours=13)):
        assert house.wang.get("/me").status == 303, "an officer's session ends after twelve hours"
        assert house.li.get("/me").status == 200
    assert house.wang.get("/me").status == 200


def test_anyone_sees_the_seats_and_only_residents_the_names(house: House) -> None:
    house.liu.post(f"/bodies/{body(house)}/seat", seat(house, house.wang))
    stranger, neighbour = house.nobody.get("/bodies").words, house.li.get("/bodies").words
    assert "新任" in stranger
    assert "王*" in stranger
    assert "王阿姨" not in stranger
    assert "王阿姨" in neighbour
    told = house.nobody.api.get("/bodies").json["items"]
    assert {s["name"] for b in told for s in b["seats"]} >= {"王*", "刘*"}
    assert {s["name"] for b in house.li.api.get("/bodies").json["items"] for s in b["seats"]} >= {"王阿姨", "刘主任"}


def test_a_seat_is_published_without_the_name_or_what_was_written(house: House) -> None:
    house.liu.post(f"/bodies/{body(house)}/seat", seat(house, house.wang))
    with house.session() as session:
        entry = session.exec(select(LogEntry).where(LogEntry.type == "seat.begun")).one().entry.decode()
    assert "王阿姨" not in entry
    assert "新任" not in entry
    assert '"kind":' in entry


def test_only_who_may_seat_does_and_a_double_tap_seats_once(house: House) -> None:
    place, wish = f"/bodies/{body(house)}/seat", seat(house, house.li)
    for one, status in ((house.zhang, 403), (house.wang, 403), (house.nobody, 401), (house.zhao_here, 401)):
        assert one.post(place, wish).status == status
        assert one.post("/bodies", {"kind": "management", "name": "x"}).status == status
    assert house.zhao.post(place, wish).status == 404
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert house.liu.post(place, wish).status == 403
    assert [house.liu.post(place, wish).status for _ in range(2)] == [303, 303]
    assert house.liu.post(place, wish | {"id": str(fresh())}).status == 409
    with house.session() as session:
        assert len(session.exec(select(Seat).where(Seat.person_id == house.li.id)).all()) == 1
    wrong = house.liu.post(place, seat(house, house.wang, to_on=today() - timedelta(days=1)))
    assert wrong.status == 422
    assert "新任" in wrong.text


def test_a_member_household_looks_after_units_and_a_unit_has_one(house: House) -> None:
    place = body(house)
    for one in (house.wang, house.li):
        house.liu.post(f"/bodies/{place}/seat", seat(house, one, SeatKind.MEMBER_HOUSEHOLD))
    with house.session() as session:
        first, second = (session.exec(select(Seat.id).where(Seat.person_id == one.id)).one() for one in (house.wang, house.li))
    unknown = house.liu.post(f"/bodies/seats/{first}/care", {"rooms": "3-2-603 99-9-9"})
    assert unknown.status == 422
    assert "没有这些房号：99-9-9" in unknown.words
    assert unknown.page.find(id="f-rooms")["value"] == "3-2-603 99-9-9"
    house.liu.post(f"/bodies/seats/{first}/care", {"rooms": "3-2-603、3-2-604"})
    house.liu.post(f"/bodies/seats/{second}/care", {"rooms": "3-2-604 3-2-605"})
    with house.session() as session:
        links = session.exec(select(CareLink)).all()
        assert sorted((link.seat_id == first, link.to_on is None) for link in links) == [
            (False, True),
            (False, True),
            (True, False),
            (True, True),
        ]
    assert "3-2-603" in house.chen.get("/bodies").words
    assert "3-2-603" not in house.nobody.get("/bodies").words


def rule_wish(**more: object) -> dict[str, str]:
    wish = {
        "name": "objection_days",
        "value": "１５",
        "source": "省条例第 40 条",
        "decided_by": "3 号决议",
        "valid_from_on": today() + timedelta(days=5),
    }
    return {name: str(value) for name, value in (wish | more).items()}


def test_a_rule_that_begins_later_does_not_hold_today(house: House) -> None:
    assert house.liu.post("/rules/set", rule_wish()).status == 303
    with house.session() as session:
        assert rule(session, house.compound.id, "objection_days") == 30
        assert rule(session, house.compound.id, "objection_days", today() + timedelta(days=5)) == 15
    assert house.liu.post("/rules/set", rule_wish(value="20")).status == 422, "one a day"
    with house.session() as session:
        assert session.exec(select(LogEntry).where(LogEntry.type == "rule.set")).one()


def test_a_rule_stays_in_its_bounds_and_never_begins_in_the_past(house: House) -> None:
    for wrong, words in (
        (rule_wish(value="1"), "3 到 90"),
        (rule_wish(value="91"), "3 到 90"),
        (rule_wish(valid_from_on=today() - timedelta(days=1)), "过去"),
        (rule_wish(name="nonsense"), "请选一项"),
        (rule_wish(value=str(2**63)), "不能大于"),
    ):
        answer = house.liu.post("/rules/set", wrong)
        assert answer.status == 422
        assert words in answer.words
    assert house.zhang.post("/rules/set", rule_wish()).status == 403
    assert house.zhang.get("/rules/set").status == 403


def test_a_dated_figure_is_kept_with_its_source(house: House) -> None:
    wish = {"kind": "投诉", "on_date": str(today()), "value": "12", "measure": "件", "source": "网格员登记簿"}
    assert house.liu.post("/baselines/record", wish).status == 303
    assert house.liu.post("/baselines/record", wish).status == 409
    assert house.wang.post("/baselines/record", wish).status == 403
    with house.session() as session:
        assert session.exec(select(Baseline.value)).one() == 12


def test_a_new_compound_begins_with_an_empty_log_and_its_first_director(house: House) -> None:
    with house.session() as session:
        compound = create_compound(session, "枫林社区", "长沙", "xin", "新小区", "0731-1")
        person = Person(compound_id=compound.id, name="首任", account_id=house.wang.person.account_id)
        session.add(person)
        session.flush()
        make_seat(session, person, SeatKind.DIRECTOR)
        first = One(house, compound, person, make_login(session, person))
    assert first.get("/roster").status == 200
    assert first.post("/rules/set", rule_wish()).status == 303
