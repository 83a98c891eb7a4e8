"""Who has left sees what a stranger sees, and keeps what is their own: the day after the last one, and not before."""

from datetime import timedelta

import time_machine
from sqlalchemy import event
from sqlmodel import select

from app.access.models import ApiKey
from app.compounds.models import Ownership, Residency, SeatKind, UnitKind
from app.kit.clock import now, today
from app.roster.importing import counted, propose
from tests.cast import House, One
from tests.making import fresh, make_key, make_login, make_notice, make_person, make_seat, make_shift, make_unit, move_out

SENTENCE = "您现在不是本小区的业主或住户"


def gone(house: House) -> One:
    """王阿姨, whose last day was yesterday."""
    with house.session() as session:
        move_out(session, house.wang.person)
    return house.wang


def test_who_has_moved_out_reads_what_a_stranger_reads_and_is_told_so(house: House) -> None:
    wang = gone(house)
    first = wang.get("/")
    assert SENTENCE in first.words
    assert first.page.find("a", href="/c/fengshu/me")
    assert "等我办的" not in first.words
    assert "登录，办自己的事" not in first.words
    bodies = wang.get("/bodies").words
    assert "刘*" in bodies
    assert "刘主任" not in bodies
    assert "刘主任" in house.li.get("/bodies").words
    with house.session() as session:
        shift, notice = make_shift(session, house.he.person), make_notice(session, house.zhang.person)
    for path in (f"/volunteering/shifts/{shift.id}", f"/notices/{notice.id}", "/benefits"):
        assert "登录后" not in wang.get(path).words, "they have signed in"
        assert "登录，看" not in wang.get(path).words
    assert SENTENCE in wang.get(f"/volunteering/shifts/{shift.id}").words


def test_who_has_moved_out_does_nothing_that_a_resident_does(house: House) -> None:
    wang = gone(house)
    with house.session() as session:
        shift, notice = make_shift(session, house.he.person), make_notice(session, house.zhang.person)
    refused = wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    assert (refused.status, refused.json["code"]) == (403, "NotResident")
    page = wang.post(f"/volunteering/shifts/{shift.id}/signups", {"id": str(fresh())})
    assert page.status == 403
    assert SENTENCE in page.words
    assert page.page.find("a", href="/c/fengshu/me")
    objection = wang.api.put(f"/notices/{notice.id}/objections/{fresh()}", {"text": "这一笔我不同意，请说明。"})
    assert (objection.status, objection.json["code"]) == (403, "NotResident")
    assert wang.api.get("/units").status == 403
    assert SENTENCE in wang.follow(wang.get("/baselines")).words
    assert house.li.api.get("/units").status == 200


def test_what_is_ones_own_stays_ones_own(house: House) -> None:
    wang = gone(house)
    me = wang.get("/me")
    assert SENTENCE in me.words
    assert "3-2-601" not in me.words
    assert wang.get("/me/export").json["about_me"]["ownership"][0]["to_on"] == str(today() - timedelta(days=1))
    for path in ("/me/messages", "/me/sessions", "/me/consents", "/me/phone", "/me/password", "/me/name"):
        assert wang.get(path).status == 200, path
    assert wang.post("/me/close", {"sure": "true"}).place == "/sign-in"


def test_a_key_of_who_has_moved_out_reads_what_is_public_and_writes_nothing(house: House) -> None:
    with house.session() as session:
        key = make_key(session, house.wang.person, "volunteering:read", "volunteering:write", "roster:read")
        shift = make_shift(session, house.he.person)
    bearer = {"authorization": f"Bearer {key}"}
    assert house.nobody.api.get("/units", headers=bearer).status == 200
    wang = gone(house)
    assert house.nobody.api.get("/shifts", headers=bearer).status == 200
    assert house.nobody.api.get("/units", headers=bearer).json["code"] == "NotResident"
    signing_up = house.nobody.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}, headers=bearer)
    assert signing_up.json["code"] == "NotResident"
    assert "做一把新的" not in wang.get("/me/keys").words
    assert wang.post("/me/keys", {"id": str(fresh()), "name": "x", "scopes": "volunteering:read", "days": "9"}).status == 403
    with house.session() as session:
        id = session.exec(select(ApiKey.id)).one()
    assert wang.post(f"/me/keys/{id}/revoke").status == 303


def test_nobody_acts_for_who_has_moved_out(house: House) -> None:
    with house.session() as session:
        shift = make_shift(session, house.he.person)
    search, wish = f"/volunteering/shifts/{shift.id}/for-others?q=王", {"person_id": str(house.wang.id)}
    assert "王阿姨" in house.he.get(search).words
    gone(house)
    assert "王阿姨" not in house.he.get(search).words
    assert house.he.api.put(f"/shifts/{shift.id}/signups/{fresh()}", wish).status == 404


def test_the_last_day_still_counts_and_the_first_one_already(house: House) -> None:
    with house.session() as session:
        move_out(session, house.wang.person, last=today())
        buyer = make_person(session, house.compound, "周新")
        unit_id = session.exec(select(Ownership.unit_id).where(Ownership.person_id == house.wang.id)).one()
        house.people["buyer"] = One(house, house.compound, buyer, make_login(session, buyer))
        tomorrow = today() + timedelta(days=1)
        session.add(Ownership(compound_id=house.compound.id, unit_id=unit_id, person_id=buyer.id, from_on=tomorrow))
    units = f"/roster/units/{unit_id}"
    assert [one.api.get("/units").status for one in (house.wang, house.buyer)] == [200, 403]
    assert "王阿姨" in house.liu.get("/roster?q=3-2-601").words
    assert "周新" not in house.liu.get("/roster?q=3-2-601").words
    assert "王阿姨 不再是业主" in house.liu.get(units).words, "a last day that has not passed can be put right"
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        assert [one.api.get("/units").status for one in (house.wang, house.buyer)] == [403, 200]


def test_a_tenant_a_merchant_and_an_officer_from_outside_are_at_home(house: House) -> None:
    with house.session() as session:
        people = [make_person(session, house.compound, name) for name in ("租客", "店主", "外来干部")]
        shop = make_unit(session, house.compound, room="商铺1")
        shop.kind = UnitKind.SHOP
        flat = make_unit(session, house.compound, room="701")
        for person, unit in zip(people, (flat, shop), strict=False):
            session.add(Residency(compound_id=house.compound.id, unit_id=unit.id, person_id=person.id, tenant=True))
        seat = make_seat(session, people[2], SeatKind.COMMUNITY_OFFICER)
        those = [One(house, house.compound, person, make_login(session, person)) for person in people]
    assert [one.api.get("/units").status for one in those] == [200] * 3
    with house.session() as session:
        session.merge(seat).to_on = today() - timedelta(days=1)
    assert [one.api.get("/units").status for one in those] == [200, 200, 403]


def test_the_roster_taken_home_on_the_last_day_is_read_again_as_it_was(house: House) -> None:
    with house.session() as session:
        move_out(session, house.wang.person, last=today())
    file = house.liu.post("/roster/export", {"form": "xlsx"}).response.content
    again = propose(file, "名册.xlsx", "枫树小区")
    with house.session() as session:
        counts = counted(session, house.compound.id, again.reading.rows)  # type: ignore[union-attr]
        assert (counts.added, counts.changed, counts.same) == (0, 0, 8)


def test_who_is_asking_is_one_statement(house: House) -> None:
    """Of a page that needs nothing else of the database."""
    asked: list[str] = []
    event.listen(house.db.reading, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert house.liu.get("/works/outbox").status == 200
    assert len([sql for sql in asked if "FROM" in sql]) == 1
