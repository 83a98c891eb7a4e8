"""Officers look a neighbour up, correct what is written, add and end what ties people to units, take the roster home."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
import time_machine
from sqlmodel import select

from app.accounts.models import Account
from app.compounds.models import Ownership, Person, Residency, Unit
from app.kit.audit import AuditLine
from app.kit.clock import now, today
from app.roster import importing
from tests.cast import House
from tests.making import make_key, make_person, make_unit


def unit_of(house: House, label: str = "3-2-601") -> Unit:
    with house.session() as session:
        return session.exec(select(Unit).where(Unit.compound_id == house.compound.id, Unit.label == label)).one()


@pytest.mark.parametrize("q", ["王阿姨", "3-2-601", "{phone}"])
def test_a_neighbour_is_found_by_name_room_or_phone(house: House, q: str) -> None:
    phone = house.wang.person.phone or ""
    words = house.liu.get("/roster?q=" + q.format(phone=phone[2:])).words
    assert "王阿姨" in words
    assert "3-2-601" in words


def test_the_roster_is_for_those_who_may_see_it(house: House) -> None:
    unit = unit_of(house)
    paths = ("/roster", "/roster?q=王", f"/roster/units/{unit.id}", f"/roster/people/{house.wang.id}", "/roster/template")
    for path in paths:
        assert [one.get(path).status for one in (house.liu, house.zhang, house.wang, house.chen)] == [200, 200, 403, 403], path
        assert house.nobody.get(path).status == 303
        assert house.zhao_here.get(path).status == 303
    assert house.zhao.get(f"/roster/people/{house.wang.id}").status == 404
    assert house.zhao.get(f"/roster/units/{unit.id}").status == 404


def test_a_phone_is_masked_for_who_may_only_look(house: House) -> None:
    phone = house.wang.person.phone or ""
    assert phone in house.liu.get(f"/roster/people/{house.wang.id}").text
    looked = house.zhang.get(f"/roster/people/{house.wang.id}").text
    assert phone not in looked
    assert f"{phone[:3]}****{phone[-4:]}" in looked


def test_a_name_is_corrected_and_a_mistake_keeps_what_was_typed(house: House) -> None:
    path = f"/roster/people/{house.wang.id}"
    wrong = house.liu.post(path, {"name": "王秀英", "phone": "不知道"})
    assert wrong.status == 422
    assert "王秀英" in wrong.text
    assert house.liu.post(path, {"name": "王秀英", "phone": "１３８ 0000 1111"}).status == 303
    with house.session() as session:
        person = session.get_one(Person, (house.compound.id, house.wang.id))
        assert (person.name, person.phone) == ("王秀英", "13800001111")
    assert house.zhang.post(path, {"name": "X"}).status == 403
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert "确认身份" in house.liu.get(path).words, "the form waits behind the second factor, so nothing typed is lost"
        assert house.liu.post(path, {"name": "X"}).status == 403


def test_a_flat_changes_hands_with_dates(house: House) -> None:
    unit = unit_of(house)
    with house.session() as session:
        old = session.exec(select(Ownership).where(Ownership.unit_id == unit.id)).one()
    last = today() + timedelta(days=3)
    assert house.liu.get(f"/roster/units/{unit.id}?end={old.id}").page.find(id="f-to_on")["value"] == str(today())
    wrong = house.liu.post(f"/roster/ties/{old.id}/end", {"to_on": "下周"})
    assert wrong.status == 422
    assert wrong.page.find(id="f-to_on")["value"] == "下周"
    assert house.liu.post(f"/roster/ties/{old.id}/end", {"to_on": "2001-01-01"}).status == 409
    assert house.liu.post(f"/roster/ties/{old.id}/end", {"to_on": str(last + timedelta(days=9))}).status == 303
    assert house.liu.post(f"/roster/ties/{old.id}/end", {"to_on": str(last)}).status == 303, "put right while it has not passed"
    assert house.liu.post(f"/roster/ties/{old.id}/end", {"to_on": str(last)}).status == 409
    wish = {"relation": "owner", "name": "周新", "phone": "13900000009", "share": "50%", "from_on": str(last + timedelta(days=1))}
    assert house.liu.post(f"/roster/units/{unit.id}/people", wish).status == 303
    assert house.liu.post(f"/roster/units/{unit.id}/people", wish).status == 409, "he is that already"
    tenant = {"relation": "tenant", "name": "租客小吴", "from_on": str(today())}
    assert house.liu.post(f"/roster/units/{unit.id}/people", tenant).status == 303
    with house.session() as session:
        rows = session.exec(select(Ownership).where(Ownership.unit_id == unit.id).order_by(Ownership.from_on)).all()  # type: ignore[arg-type]
        assert [(o.to_on, o.share, o.share_of) for o in rows] == [(last, 1, 1), (None, 1, 2)]
        assert session.exec(select(Residency)).one().tenant
    words = house.liu.get(f"/roster/units/{unit.id}").words
    assert "周新" in words
    assert "从前的" not in words, "until the last day is over"
    with time_machine.travel(now() + timedelta(days=4)):
        assert "从前的" in house.zhang.get(f"/roster/units/{unit.id}").words


def test_a_person_of_two_flats_is_known_by_name_and_phone(house: House) -> None:
    unit = unit_of(house, "3-2-602")
    wish = {"relation": "owner", "name": "王阿姨", "phone": house.wang.person.phone or "", "from_on": str(today())}
    house.liu.post(f"/roster/units/{unit.id}/people", wish)
    with house.session() as session:
        assert session.exec(select(Ownership.person_id).where(Ownership.unit_id == unit.id)).all().count(house.wang.id) == 1


def test_a_suspended_account_is_out_at_once_and_an_officer_is_not_silenced(house: House) -> None:
    with house.session() as session:
        bearer = {"authorization": f"Bearer {make_key(session, house.wang.person, 'volunteering:read')}"}
    assert house.wang.get("/roster").status == 403
    assert house.liu.post(f"/roster/people/{house.wang.id}/suspend").status == 303
    assert house.wang.get("/roster").status == 303, "asked to sign in"
    assert house.nobody.api.get("/shifts", headers=bearer).status == 401
    assert house.liu.post(f"/roster/people/{house.wang.id}/resume").status == 303
    assert house.nobody.api.get("/shifts", headers=bearer).status == 401, "sessions and keys that ended stay ended"
    with house.session() as session:
        account = session.get_one(Account, house.wang.person.account_id)
        assert account.usable
    for officer in (house.chen, house.zhang, house.liu):
        assert house.liu.post(f"/roster/people/{officer.id}/suspend").status == 409
    assert house.zhang.post(f"/roster/people/{house.wang.id}/suspend").status == 403


def test_the_export_is_read_again_as_it_was_and_leaves_a_line(house: House) -> None:
    file = house.liu.post("/roster/export", {"form": "xlsx"})
    assert "attachment" in file.headers["content-disposition"]
    again = importing.propose(file.response.content, "名册.xlsx", "枫树小区")
    assert isinstance(again, importing.Proposal)
    assert len(again.reading.rows) == 8
    with house.session() as session:
        counts = importing.counted(session, house.compound.id, again.reading.rows)
        assert (counts.added, counts.changed, counts.same) == (0, 0, 8)
        assert session.exec(select(AuditLine).where(AuditLine.act == "roster.exported")).one().subject == "xlsx"
    assert (house.wang.person.phone or "-") in house.liu.post("/roster/export", {"form": "csv"}).text
    assert (house.wang.person.phone or "-") not in house.zhang.post("/roster/export", {"form": "csv"}).text
    assert house.wang.post("/roster/export", {"form": "csv"}).status == 403


def test_taking_the_roster_home_asks_for_the_second_factor(house_sqlite: House) -> None:
    with time_machine.travel(now() + timedelta(minutes=16)):
        refused = house_sqlite.liu.post("/roster/export", {"form": "csv"})
    assert (refused.status, "王阿姨" in refused.text) == (403, False)


def test_a_name_that_a_spreadsheet_would_compute_is_taken_home_as_text(house: House) -> None:
    with house.session() as session:
        make_person(session, house.compound, "=HYPERLINK(1)", make_unit(session, house.compound, "9栋", "1单元", "101"))
    sheet = openpyxl.load_workbook(BytesIO(house.liu.post("/roster/export", {"form": "xlsx"}).response.content)).active
    assert sheet is not None
    assert any(cell.value == "=HYPERLINK(1)" and cell.data_type == "s" for row in sheet.iter_rows() for cell in row) or any(
        cell.quotePrefix for row in sheet.iter_rows() for cell in row
    )
    with house.session() as session:
        make_person(session, house.compound, "＝HYPERLINK(1)", make_unit(session, house.compound, "9栋", "1单元", "102"))
    written = house.liu.post("/roster/export", {"form": "csv"}).response.content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in written
    assert "'＝HYPERLINK(1)" in written, "full width, as Excel in East Asia computes it too"


def test_a_program_lists_units_without_names(house: House) -> None:
    answer = house.wang.api.get("/units?limit=2").json
    assert [unit["label"] for unit in answer["items"]] == ["3-2-601", "3-2-602"]
    assert answer["items"][0] | {"id": ""} == {
        "id": "",
        "label": "3-2-601",
        "building": "3栋",
        "entrance": "2单元",
        "room": "601",
        "kind": "dwelling",
        "area": 8950,
    }
    assert answer["next_cursor"]
    assert house.nobody.api.get("/units").status == 401
