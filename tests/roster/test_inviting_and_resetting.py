"""A sheet of slips is printed and one is used; a forgotten password is set anew in person."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import Session, col, select

from app.access.models import Invite
from app.accounts.models import Account, LoginSession
from app.accounts.service import Credential, password_matches
from app.compounds.models import Ownership, Person
from app.kit.audit import AuditLine
from app.kit.clock import now
from app.roster import inviting
from tests.cast import Answer, House
from tests.making import make_key, make_unit


def without_account(session: Session, house: House, n: int = 1) -> None:
    for i in range(n):
        unit = make_unit(session, house.compound, "8栋", "1单元", f"{101 + i}")
        person = Person(compound_id=house.compound.id, name=f"新户{i}")
        session.add(person)
        session.flush()
        session.add(Ownership(compound_id=house.compound.id, unit_id=unit.id, person_id=person.id))


def codes(answer: Answer) -> list[str]:
    return re.findall(r"(?:[A-Z2-9]{4} ){5}[A-Z2-9]{4}", answer.words)


def test_a_slip_is_printed_for_each_unit_without_account_and_opens_one(house: House) -> None:
    with house.session() as session:
        without_account(session, house, 2)
    sheet = house.liu.post("/roster/invites", {"whom": "without_account"})
    assert sheet.status == 200
    assert len(codes(sheet)) == len(sheet.page.select(".slips svg.qr")) == 2
    assert "8-1-101" in sheet.words
    assert "http://127.0.0.1:8000/invite" in sheet.words
    wish = {"code": codes(sheet)[0].lower(), "name": "新户0", "phone": "13812345678", "password": "yifengxin88"}
    assert house.nobody.ask("POST", "//invite", data=wish).status == 303
    assert house.nobody.ask("POST", "//invite", data=wish | {"phone": "13812345679"}).status == 409
    listed = house.liu.get("/roster/invites").words
    assert "用过了 新户0" in listed
    assert codes(house.liu.get("/roster/invites")) == [], "a code is shown once"
    assert len(codes(house.liu.post("/roster/invites", {"whom": "without_account"}))) == 1


def test_new_slips_end_the_old_ones_and_a_revoked_slip_opens_nothing(house: House) -> None:
    with house.session() as session:
        without_account(session, house)
    old = codes(house.liu.post("/roster/invites", {"whom": "without_account"}))[0]
    new = codes(house.liu.post("/roster/invites", {"whom": "without_account"}))[0]
    wish = {"code": old, "name": "新户0", "phone": "13812345678", "password": "yifengxin88"}
    assert house.nobody.ask("POST", "//invite", data=wish).status == 409
    with house.session() as session:
        id = session.exec(select(Invite.id).where(Invite.revoked_at == None)).one()  # noqa: E711
    assert house.liu.post(f"/roster/invites/{id}/revoke").status == 303
    assert house.nobody.ask("POST", "//invite", data=wish | {"code": new}).status == 409


def test_slips_are_made_by_building_and_not_too_many_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.session() as session:
        without_account(session, house, 3)
    options = house.liu.get("/roster/invites").page.select("select[name=place] option")
    places = {option.text: option["value"] for option in options}
    assert list(places)[1:] == ["3栋", "3栋2单元", "8栋", "8栋1单元"]
    assert len(codes(house.liu.post("/roster/invites", {"whom": "all", "place": places["8栋1单元"]}))) == 3
    assert house.liu.post("/roster/invites", {"whom": "without_account", "place": places["3栋"]}).status == 409
    monkeypatch.setattr(inviting, "MOST_SLIPS", 2)
    refused = house.liu.post("/roster/invites", {"whom": "all", "place": places["8栋"]})
    assert (refused.status, "一次最多印 2 张" in refused.words) == (409, True)


def test_only_officers_who_may_invite_do(house: House) -> None:
    for one in (house.wang, house.zhang, house.chen):
        assert one.get("/roster/invites").status == 403
        assert one.post("/roster/invites", {"whom": "all"}).status == 403
        assert one.post(f"/roster/people/{house.wang.id}/reset").status == 403
    assert house.zhao.post(f"/roster/people/{house.wang.id}/reset").status == 404


def reset(house: House, code: str, password: str = "xinmima2026", phone: str | None = None) -> Answer:
    return house.nobody.ask(
        "POST", "//reset", data={"phone": phone or house.wang.person.phone, "code": code, "password": password}
    )


def code_for(house: House) -> str:
    page = house.liu.post(f"/roster/people/{house.wang.id}/reset")
    assert page.status == 200
    return re.findall(r"(?:[A-Z2-9]{4} ){2}[A-Z2-9]{4}", page.words)[0]


def account(house: House) -> Account:
    with house.session() as session:
        return session.get_one(Account, house.wang.person.account_id)


def test_a_reset_code_sets_a_password_once_and_ends_every_session_and_key(house: House) -> None:
    code = code_for(house)
    with house.session() as session:
        bearer = {"authorization": f"Bearer {make_key(session, house.wang.person, 'volunteering:read')}"}
    assert house.nobody.api.get("/shifts", headers=bearer).status == 200
    assert code.replace(" ", "") not in (account(house).reset_code_hash or "")
    assert house.wang.get("/roster").status == 403
    assert reset(house, code.lower()).place == "/sign-in"
    assert house.wang.get("/roster").status == 303, "signed out everywhere"
    assert house.nobody.api.get("/shifts", headers=bearer).status == 401, "and no key that was made with the old password"
    assert reset(house, code).status == 401, "spent"
    stored = account(house)
    assert password_matches("xinmima2026", Credential(stored.id, stored.password_hash or ""))
    with house.session() as session:
        acts = session.exec(select(AuditLine.act)).all()
        assert {"password.reset-code-made", "password.reset"} <= set(acts)
        of_theirs = select(LoginSession).where(LoginSession.account_id == stored.id)
        assert session.exec(of_theirs).all()
        assert not session.exec(of_theirs.where(col(LoginSession.ended_at).is_(None))).all()


def test_a_reset_code_dies_after_half_an_hour_and_with_the_next_one(house: House) -> None:
    first = code_for(house)
    second = code_for(house)
    assert reset(house, first).status == 401
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert reset(house, second).status == 401
    assert reset(house, second).status == 303


def test_a_wrong_code_and_an_unknown_phone_get_one_answer_and_are_counted(house: House) -> None:
    code = code_for(house)
    house.app.state.settings = house.app.state.settings.model_copy(update={"throttled": True})
    wrong = reset(house, "AAAA BBBB CCCC")
    assert wrong.status == 401
    assert reset(house, code, phone="13700000000").words.replace("13700000000", "") == wrong.words.replace(
        house.wang.person.phone or "-", ""
    )
    for _ in range(7):
        reset(house, "AAAA BBBB CCCC")
    assert reset(house, code).status == 429
    assert account(house).password_hash is None
    assert reset(house, code, "123").status == 422


def test_printing_slips_asks_for_the_second_factor(house_sqlite: House) -> None:
    with house_sqlite.session() as session:
        without_account(session, house_sqlite)
    with time_machine.travel(now() + timedelta(minutes=16)):
        refused = house_sqlite.liu.post("/roster/invites", {"whom": "without_account"})
    assert (refused.status, codes(refused)) == (403, [])
    assert len(codes(house_sqlite.liu.post("/roster/invites", {"whom": "without_account"}))) == 1


def test_an_officer_without_a_second_factor_is_not_taken_over_by_a_reset(house_sqlite: House) -> None:
    """Whoever makes the code could use it, and then set up the second factor of the supervisor's own account."""
    house = house_sqlite
    assert house.liu.post(f"/roster/people/{house.chen.id}/reset").status == 409
    with house.session() as session:
        supervisor = session.get_one(Account, house.chen.person.account_id)
        supervisor.totp_secret = "A" * 32
        session.add(supervisor)
    assert house.liu.post(f"/roster/people/{house.chen.id}/reset").status == 200


def test_nobody_without_account_gets_a_code(house: House) -> None:
    with house.session() as session:
        without_account(session, house)
        person = session.exec(select(Person).where(Person.name == "新户0")).one()
    assert house.liu.post(f"/roster/people/{person.id}/reset").status == 409
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert house.liu.post(f"/roster/people/{house.wang.id}/reset").status == 403, "asks the second factor"
