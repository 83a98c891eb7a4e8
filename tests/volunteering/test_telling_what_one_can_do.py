"""The skill census: told with consent, searched by coordinators, confirmed every year, erased when taken back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlmodel import Session, select

from app.access.consents import Purpose, withdraw
from app.access.models import Consent
from app.compounds.models import Person
from app.inbox.models import Message
from app.kit.clock import ZONE, now
from app.kit.jobs import run_once
from app.kit.pager import Asked
from app.main import HANDLERS
from app.volunteering.census import confirm
from app.volunteering.census_models import CensusEntry, CensusTime, slot_of
from app.volunteering.census_queries import found_in_census
from app.volunteering.skill_models import HeldSkill
from tests.cast import Answer, House, One, actor_of
from tests.making import fresh, make_person, make_unit


def wish(**more: Any) -> dict[str, Any]:
    told = {"skills": [{"name": "理发", "level": "good"}], "times": ["sat-morning"], "occupation": "退休工人", "agrees": True}
    return told | more


def tell(one: One, **more: Any) -> Answer:
    answer = one.api.put(f"/census/{fresh()}", wish(**more))
    assert answer.status == 201, answer
    return answer


def found(house: House, query: str = "") -> list[str]:
    return [line["name"] for line in house.he.api.get(f"/census{query}").json["items"]]


def rows(session: Session) -> int:
    return sum(len(session.exec(select(table)).all()) for table in (CensusEntry, HeldSkill, CensusTime))


def without_phone(house: House) -> Person:
    with house.session() as session:
        person = make_person(session, house.compound, "孙奶奶", make_unit(session, house.compound, room="901"))
        person.account_id, person.phone = None, None
        return person


def test_a_resident_tells_it_on_the_page_changes_it_and_takes_it_back(house: House) -> None:
    form = house.wang.get("/volunteering/census/new").page.find("form", action="/c/fengshu/volunteering/census/new")
    assert form
    id = form.find("input", {"name": "id"})["value"]
    sent = {"id": id, "skills": ["理发=good", "", "开车=some"], "times": ["sat-morning", "sun-evening"], "seen_by": "team"}
    no = house.wang.post("/volunteering/census/new", sent)
    assert no.status == 422
    assert no.page.find("option", {"value": "理发=good", "selected": True}), "what was typed stands there again"
    page = house.wang.follow(house.wang.post("/volunteering/census/new", sent | {"agrees": "true"}))
    for words in ("理发（熟练）、开车（会一点）", "周六 上午、周日 晚上", "不要打电话", "队长和志愿者"):
        assert words in page.words
    form = house.wang.get(f"/volunteering/census/{id}/change").page.find(
        "form", action=f"/c/fengshu/volunteering/census/{id}/change"
    )
    version = form.find("input", {"name": "version"})["value"]
    change = {"version": version, "skills": ["理发=trade"], "may_call": "true", "seen_by": "coordinators"}
    page = house.wang.follow(house.wang.post(f"/volunteering/census/{id}/change", change))
    assert "理发（是老本行）" in page.words
    assert "周六" not in page.words
    assert house.wang.post(f"/volunteering/census/{id}/change", change).status == 412
    assert "还没有登记" in house.wang.follow(house.wang.post(f"/volunteering/census/{id}/withdraw")).words
    with house.session() as session:
        assert rows(session) == 0
        assert session.exec(select(Consent)).one().withdrawn_at


def test_without_a_yes_nothing_is_kept(house: House) -> None:
    assert house.wang.api.put(f"/census/{fresh()}", wish(agrees=False)).status == 422
    with house.session() as session:
        assert rows(session) == 0
        assert session.exec(select(Consent)).all() == []


def test_the_consent_is_dated_and_keeps_its_words(house: House) -> None:
    tell(house.wang)
    with house.session() as session:
        consent = session.exec(select(Consent)).one()
        assert (consent.person_id, consent.purpose, consent.entered_by_id) == (house.wang.id, "skills", None)
        assert "特长" in consent.wording


def test_the_same_entry_twice_is_one_and_a_second_one_is_refused(house: House) -> None:
    path = f"/census/{fresh()}"
    assert [house.wang.api.put(path, wish()).status for _ in range(2)] == [201, 200]
    assert house.wang.api.put(path, wish(interests="下棋")).json["code"] == "SameIdOtherContent"
    assert house.wang.api.put(f"/census/{fresh()}", wish()).json["code"] == "AlreadyInCensus"


@pytest.mark.parametrize(
    "wrong",
    [
        {"skills": [{"name": "理发", "level": "some"}, {"name": "理发", "level": "good"}]},
        {"skills": [{"name": "开飞机", "level": "some"}]},
        {"skills": [{"name": "理发", "level": "best"}]},
        {"times": ["someday-morning"]},
        {"skills": "理发"},
    ],
)
def test_what_nobody_offers_is_malformed(house: House, wrong: dict[str, Any]) -> None:
    assert house.wang.api.put(f"/census/{fresh()}", wish(**wrong)).status == 422


def test_a_changed_entry_wants_the_version_that_was_read(house: House) -> None:
    made = tell(house.wang)
    path, change = f"/census/{made.json['id']}", {"occupation": "裁缝"}
    assert house.wang.api.ask("PATCH", path, json=change).status == 428
    assert house.wang.api.ask("PATCH", path, json=change, headers={"if-match": '"1"'}).status == 412
    changed = house.wang.api.ask("PATCH", path, json=change, headers={"if-match": made.headers["etag"]})
    assert (changed.status, changed.json["occupation"], changed.json["skills"]) == (200, "裁缝", [])
    assert house.li.api.ask("PATCH", path, json=change, headers={"if-match": changed.headers["etag"]}).status == 404


def test_a_coordinator_finds_by_skill_and_time(house: House) -> None:
    tell(house.wang)
    tell(house.li, skills=[{"name": "开车", "level": "trade"}], times=["sat-morning", "mon-evening"])
    assert found(house) == ["李叔", "王阿姨"]
    assert found(house, "?skill=理发") == ["王阿姨"]
    assert found(house, "?slot=mon-evening") == ["李叔"]
    assert found(house, "?skill=理发&slot=mon-evening") == []
    assert house.li.api.get("/census").status == 403
    page = house.he.get("/volunteering/census/people?skill=开车&slot=").words
    assert "李叔" in page
    assert "开车（是老本行）" in page


def test_a_phone_is_shown_of_who_may_be_called(house: House) -> None:
    tell(house.wang)
    tell(house.li, may_call=True)
    phones = {line["name"]: line["phone"] for line in house.he.api.get("/census").json["items"]}
    assert phones == {"王阿姨": None, "李叔": house.li.person.phone}


def test_nobody_else_reads_an_entry(house: House) -> None:
    id = tell(house.wang).json["id"]
    assert house.li.api.get(f"/census/{id}").status == 404
    assert house.li.get(f"/volunteering/census?person={house.wang.id}").status == 404
    assert house.li.post(f"/volunteering/census/{id}/withdraw").status == 404
    assert house.he.api.get(f"/census/{id}").status == 200


def test_an_officer_writes_it_for_a_neighbour_and_any_officer_takes_it_back(house: House) -> None:
    elder = without_phone(house)
    assert house.li.api.put(f"/census/{fresh()}", wish(person_id=str(elder.id))).status == 403
    id = tell(house.he, person_id=str(elder.id)).json["id"]
    with house.session() as session:
        entry, consent = session.exec(select(CensusEntry)).one(), session.exec(select(Consent)).one()
        assert (entry.person_id, entry.entered_by_id) == (elder.id, house.he.id)
        assert (consent.person_id, consent.entered_by_id) == (elder.id, house.he.id)
    page = house.chen.get(f"/volunteering/census?person={elder.id}").words
    assert "何队长替他登记的" in page
    house.chen.post(f"/volunteering/census/{id}/withdraw")
    with house.session() as session:
        assert rows(session) == 0


def test_a_form_for_a_neighbour_names_them_and_asks_for_their_own_yes(house: House) -> None:
    elder = without_phone(house)
    page = house.he.get(f"/volunteering/census/new?person={elder.id}")
    assert "替孙奶奶登记特长" in page.words
    assert "本人亲口同意" in page.words
    again = house.he.post("/volunteering/census/new", {"person_id": str(elder.id)})
    assert again.status == 422
    assert "替孙奶奶登记特长" in again.words


def stale(house: House) -> bool:
    """A year on, nobody's session lives any more: so it is not asked at a door."""
    with house.session() as session:
        asked = Asked(b"")
        return found_in_census(session, actor_of(house.he), asked).items[0].stale


def test_after_a_year_it_is_stale_and_the_person_is_asked_once(house: House) -> None:
    tell(house.wang)
    with time_machine.travel(now() + timedelta(days=364), tick=False):
        assert run_once(house.db, HANDLERS) == 0
        assert not stale(house)
    with time_machine.travel(now() + timedelta(days=366), tick=False):
        assert run_once(house.db, HANDLERS) == 1
        assert run_once(house.db, HANDLERS) == 0
        assert stale(house)
    with house.session() as session:
        told = session.exec(select(Message)).one()
        assert (told.person_id, told.title) == (house.wang.id, "请确认特长登记")


def test_who_confirmed_it_since_is_not_asked(house: House) -> None:
    id = UUID(tell(house.wang).json["id"])
    with time_machine.travel(now() + timedelta(days=300), tick=False), house.session() as session:
        confirm(session, actor_of(house.wang), id)
    with time_machine.travel(now() + timedelta(days=400), tick=False):
        run_once(house.db, HANDLERS)
        assert not stale(house)
    with house.session() as session:
        assert session.exec(select(Message)).all() == []


def test_it_is_confirmed_by_one_tap(house: House) -> None:
    id = tell(house.wang).json["id"]
    with house.session() as session:
        session.exec(select(CensusEntry)).one().confirmed_at = now() - timedelta(days=366)
    assert "满一年了，请确认" in house.wang.get("/volunteering/census").words
    assert "满一年了" not in house.wang.follow(house.wang.post(f"/volunteering/census/{id}/confirm")).words
    assert house.li.api.post(f"/census/{id}/confirm").status == 404


def test_who_wrote_it_down_is_asked_for_a_neighbour_without_an_account(house: House) -> None:
    tell(house.he, person_id=str(without_phone(house).id))
    with time_machine.travel(now() + timedelta(days=366), tick=False):
        run_once(house.db, HANDLERS)
    with house.session() as session:
        assert session.exec(select(Message)).one().person_id == house.he.id


def test_a_consent_taken_back_elsewhere_hides_and_erases_it(house: House) -> None:
    id = tell(house.wang).json["id"]
    with house.session() as session:
        withdraw(session, actor_of(house.wang), Purpose.SKILLS)
    assert found(house) == []
    assert house.he.api.get(f"/census/{id}").status == 404
    house.wang.post("/me/consents", {"purpose": "skills"})
    house.wang.post("/me/consents/withdraw", {"purpose": "skills"})
    with house.session() as session:
        assert rows(session) == 0


def test_it_is_in_the_export_and_goes_with_the_account(house: House) -> None:
    tell(house.wang)
    about = house.wang.get("/me/export").json["about_me"]
    assert about["held_skill"][0]["level"] == "good"
    assert about["census_time"][0]["slot"] == "sat-morning"
    assert about["census_entry"][0]["occupation"] == "退休工人"
    elder = without_phone(house)
    tell(house.he, person_id=str(elder.id))
    assert house.wang.post("/me/close", {"sure": "true"}).status == 303
    with house.session() as session:
        assert [entry.person_id for entry in session.exec(select(CensusEntry))] == [elder.id], "and nobody else's"
        open_consents = session.exec(select(Consent).where(Consent.withdrawn_at == None)).all()  # noqa: E711
        assert [consent.person_id for consent in open_consents] == [elder.id]


def test_a_moment_lies_in_one_slot_of_the_week() -> None:
    friday = [slot_of(datetime(2026, 11, 27, hour, tzinfo=ZONE)) for hour in (11, 12, 17, 18)]
    assert friday == ["fri-morning", "fri-afternoon", "fri-afternoon", "fri-evening"]
