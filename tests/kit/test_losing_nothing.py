"""A "no" keeps what was typed: it is shown, and can be sent again; a conflict of ids offers the two ways out."""

import re
from uuid import uuid4

import pytest

from app.kit.refusals import Busy
from app.kit.sent import SECRET
from app.kit.views import APP
from app.volunteering import signing_up
from tests.cast import Answer, House, One
from tests.making import make_notice, make_shift

ASKED = "为什么道闸维修花了两次钱？"


def notice_in(house: House) -> str:
    with house.session() as session:
        return f"/notices/{make_notice(session, house.zhang.person).id}"


def offered(answer: Answer) -> dict[str, str]:
    """The hidden fields with which the same is sent again."""
    form = answer.page.select_one("main form:not(.foot)")
    assert form, answer
    return {field["name"]: field["value"] for field in form.find_all("input")}


def objections(house: House, notice: str) -> list[str]:
    return [o["text"] for o in house.zhang.api.get(notice).json["objections"]]


def test_another_content_under_the_same_id_offers_both_ways_out(house: House) -> None:
    notice, id = notice_in(house), str(uuid4())
    house.wang.post(f"{notice}/objections", {"id": id, "text": ASKED})
    no = house.wang.post(f"{notice}/objections", {"id": id, "text": "另外，收据看不清"})
    assert no.status == 409
    assert "另外，收据看不清" in no.words, "what was typed is still there"
    assert no.page.find("a", string="改这一份")["href"] == f"/c/fengshu{notice}"
    again = offered(no)
    assert again["id"] != id
    assert house.wang.post(f"{notice}/objections", again).status == 303
    assert sorted(objections(house, notice)) == sorted([ASKED, "另外，收据看不清"])


def test_the_earlier_one_is_found_where_it_can_be_changed(house_sqlite: House) -> None:
    house, id = house_sqlite, str(uuid4())
    with house.session() as session:
        shift = make_shift(session, house.he.person)
        other = make_shift(session, house.he.person)
    house.wang.post(f"/volunteering/shifts/{shift.id}/signups", {"id": id})
    no = house.wang.post(f"/volunteering/shifts/{other.id}/signups", {"id": id})
    assert no.page.find("a", string="改这一份")["href"] == f"/c/fengshu/volunteering/signups/{id}"
    assert no.page.select_one("main form:not(.foot)") is None, "nothing was typed, so nothing is offered again"


def test_a_session_that_ended_while_somebody_wrote_costs_them_nothing(house_sqlite: House) -> None:
    house = house_sqlite
    notice = notice_in(house)
    ended = One(house, house.compound, None, "a-token-of-yesterday")
    no = ended.post(f"{notice}/objections", {"id": str(uuid4()), "text": ASKED})
    assert no.status == 401
    assert ASKED in no.words
    assert house.wang.post(f"{notice}/objections", offered(no)).status == 303
    assert objections(house, notice) == [ASKED]


@pytest.mark.parametrize("typed", [{"password": "old and known", "new": "new and unknown"}, {"new": "new and unknown"}])
def test_what_was_typed_in_secret_is_not_shown(house_sqlite: House, typed: dict[str, str]) -> None:
    ended = One(house_sqlite, house_sqlite.compound, None, "a-token-of-yesterday")
    no = ended.post("/me/password", typed)
    assert no.status == 401
    assert "known" not in no.text


def test_what_was_typed_is_text_and_carries_no_token_of_the_session(house_sqlite: House) -> None:
    house, id = house_sqlite, str(uuid4())
    notice = notice_in(house)
    house.wang.post(f"{notice}/objections", {"id": id, "text": ASKED})
    no = house.wang.post(f"{notice}/objections", {"id": id, "text": "<script>alert(1)</script>", "csrf": "mine"})
    assert "<script>alert" not in no.text
    assert "mine" not in no.text


def test_neither_ids_nor_strokes_are_shown_as_what_was_written(house_sqlite: House) -> None:
    house, id = house_sqlite, str(uuid4())
    codes = {"who": str(uuid4()), "seen": "ab" * 32, "drawn": "M1 2L3 4M5 6L7 8", "way": "by_hand", "person_id": "7"}
    ended = One(house, house.compound, None, "a-token-of-yesterday")
    no = ended.post(f"{notice_in(house)}/objections", {"id": id, "text": ASKED} | codes)
    assert [fact.text for fact in no.page.select("main dd")] == [ASKED]
    assert offered(no).items() >= codes.items(), "they go along all the same"


def test_what_only_has_to_wait_is_sent_again_whatever_it_holds(house_sqlite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = house_sqlite

    def busy(*_: object, **__: object) -> None:
        raise Busy

    with house.session() as session:
        shift = make_shift(session, house.he.person)
    monkeypatch.setattr(signing_up, "sign_up", busy)
    no = house.wang.post(f"/volunteering/shifts/{shift.id}/signups", {"id": str(uuid4()), "drawn": "M1 2L3 4"})
    assert no.status == 503
    assert offered(no)["drawn"] == "M1 2L3 4"


def test_no_template_has_a_secret_field_that_a_refusal_would_show() -> None:
    asked = {
        name
        for template in (APP / "templates").rglob("*.html")
        for name in re.findall(r'field\("(\w+)"\)[^\n]*type="password"', template.read_text())
    }
    assert asked, "the scan sees nothing"
    assert asked <= SECRET
