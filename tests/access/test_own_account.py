"""我的: see, correct, take along, close; sessions, second factor, keys, consents."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from sqlmodel import select

from app.access.models import ApiKey, Consent
from app.accounts import service as accounts
from app.accounts.models import Account, LoginSession
from app.compounds.models import Body, Person, Seat, SeatKind
from app.inbox.models import Message
from app.kit.clock import now, today
from app.publiclog.models import Commitment
from app.publiclog.verifying import verify_log
from tests.access.conftest import HASHED, PASSWORD, with_password
from tests.cast import Answer, House, One
from tests.making import fresh, make_key, make_login, make_notice, make_seat, make_shift

NEW_PHONE = {"phone": "13812345678", "again": "13812345678"}


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "password_hash", lambda _: HASHED)


def plainly_signed_in(house: House, one: One) -> One:
    """The same person without a fresh second factor."""
    with house.session() as session:
        return One(house, one.compound, one.person, make_login(session, one.person, second_factor=False))


def account_of(house: House, one: One) -> Account:
    with house.session() as session:
        return session.get_one(Account, one.person.account_id)


def test_i_see_my_own_data_and_nobody_elses(house: House) -> None:
    words = house.wang.get("/me").words
    assert "王阿姨" in words
    assert "3栋2单元 3-2-601" in words
    assert "89.50 m²" in words
    assert "李叔" not in words
    assert house.nobody.get("/me").place == "/sign-in?next=/c/fengshu/me"
    assert "财务" in house.zhang.get("/me").words or "treasurer" in house.zhang.get("/me").words


def test_a_new_telephone_signs_in_from_then_on(house: House) -> None:
    old = with_password(house, house.wang)
    wang = plainly_signed_in(house, house.wang)
    assert wang.post("/me/phone", NEW_PHONE).status == 422, "without the password nothing changes"
    assert wang.post("/me/phone", NEW_PHONE | {"password": "wrong"}).status == 422
    answer = wang.post("/me/phone", {"phone": "138 1234 5678", "again": "138 1234 5678", "password": PASSWORD})
    assert "电话改好了" in wang.follow(answer).words
    assert house.nobody.post("//sign-in", {"phone": old, "password": PASSWORD}).status == 401
    assert house.nobody.post("//sign-in", {"phone": "13812345678", "password": PASSWORD}).status == 303
    with house.session() as session:
        assert session.get_one(Person, (house.compound.id, house.wang.id)).phone == "13812345678"


def test_a_telephone_mistyped_once_locks_nobody_out(house: House) -> None:
    before = account_of(house, house.wang).phone
    answer = house.wang.post("/me/phone", NEW_PHONE | {"again": "13812345679", "password": PASSWORD})
    assert answer.status == 422
    assert "两次填的号码不一样" in answer.words
    assert account_of(house, house.wang).phone == before


def test_a_neighbours_telephone_cannot_be_taken(house: House) -> None:
    theirs = account_of(house, house.li).phone
    answer = house.wang.post("/me/phone", {"phone": theirs, "again": theirs})
    assert answer.status == 409
    assert "不能用来登录" in answer.words


def test_a_wrong_name_is_put_right_by_whoever_keeps_the_roster(house: House) -> None:
    answer = house.wang.post("/me/name", {"name": "王桂芬", "why": "产权证上是这个"})
    assert answer.status == 303
    with house.session() as session:
        messages = session.exec(select(Message)).all()
        assert {message.person_id for message in messages} == {house.liu.id}
        assert "王桂芬" in messages[0].body
        assert session.get_one(Person, (house.compound.id, house.wang.id)).name == "王阿姨"


def test_everything_about_me_comes_as_one_file_without_secrets(house: House) -> None:
    phone = with_password(house, house.wang)
    with house.session() as session:
        shift = make_shift(session, house.he.person)
    house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    house.li.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    answer = house.wang.get("/me/export")
    assert answer.headers["content-disposition"].startswith("attachment;")
    mine = answer.json["about_me"]
    assert mine["person"][0]["name"] == "王阿姨"
    assert mine["account"][0]["phone"] == phone
    assert len(mine["signup"]) == 1
    assert len(mine["login_session"]) == 1
    assert mine["audit_line"]
    assert "argon2" not in answer.text
    assert "hash" not in answer.text
    assert str(house.li.id) not in answer.text


def test_sessions_are_listed_and_ended_one_or_all(house: House) -> None:
    with house.session() as session:
        tokens = [make_login(session, house.wang.person) for _ in range(3)]
        foreign = session.exec(select(LoginSession).where(LoginSession.account_id == house.li.person.account_id)).one().id
    page = house.wang.get("/me/sessions")
    assert page.words.count("让它退出") == 3
    assert page.words.count("就是这一处") == 1
    first = next(f for f in page.page.find_all("form") if f["action"].endswith("/end"))
    house.wang.post(first["action"].removeprefix("/c/fengshu"))
    assert house.wang.get("/me/sessions").words.count("让它退出") == 2
    house.wang.post("/me/sessions/end-others")
    assert "让它退出" not in house.wang.get("/me/sessions").words
    assert all("王阿姨" not in house.nobody.get("/", cookies={"sid": token}).words for token in tokens)
    assert house.wang.post(f"/me/sessions/{foreign}/end").status == 404
    assert "李叔" in house.li.get("/").words


def test_a_short_password_is_called_short_and_not_missing(house_sqlite: House) -> None:
    for typed, said in (("abc123", "太短了，至少 8 个字。"), ("", "这里还没有填。")):
        answer = house_sqlite.nobody.post("//reset", {"phone": "13812345678", "code": "ABCD", "password": typed})
        assert answer.status == 422
        assert said in answer.words


def test_a_new_password_ends_the_other_sessions(house_sqlite: House) -> None:
    house = house_sqlite
    with_password(house, house.wang)
    wang, elsewhere = plainly_signed_in(house, house.wang), plainly_signed_in(house, house.wang)
    assert wang.post("/me/password", {"password": "wrong", "new": "另一个密码2026"}).status == 422
    assert wang.post("/me/password", {"password": PASSWORD, "new": "11111111"}).status == 422
    assert wang.post("/me/password", {"password": PASSWORD, "new": "另一个密码2026"}).status == 303
    assert "王阿姨" in wang.get("/").words
    assert "王阿姨" not in elsewhere.get("/").words


def test_guessing_a_password_with_a_left_telephone_is_counted(strict: House) -> None:
    with_password(strict, strict.wang)
    wang = plainly_signed_in(strict, strict.wang)
    statuses = [wang.post("/me/phone", NEW_PHONE | {"password": f"wrong{i}"}).status for i in range(9)]
    assert statuses == [422] * 8 + [429]
    assert strict.wang.post("/me/phone", NEW_PHONE).status == 303, "a fresh second factor is no guess"


def set_up(one: One, code: str | None = None, **also: str) -> tuple[Answer, str]:
    form = one.get("/me/second-factor").page.find("form", action="/c/fengshu/me/second-factor")
    assert form
    secret = str(form.find("input", {"name": "secret"})["value"])  # type: ignore[index]
    return one.post("/me/second-factor", {"secret": secret, "code": code or pyotp.TOTP(secret).at(now()), **also}), secret


def test_a_second_factor_is_set_up_by_proving_that_it_arrived(house: House) -> None:
    with_password(house, house.zhang)
    zhang = plainly_signed_in(house, house.zhang)
    assert set_up(zhang)[0].status == 422, "whoever holds the telephone must know the password too"
    assert set_up(zhang, "000000", password=PASSWORD)[0].status == 409
    assert account_of(house, house.zhang).totp_secret is None
    answer, secret = set_up(zhang, password=PASSWORD)
    assert answer.status == 303
    assert account_of(house, house.zhang).totp_secret == secret


def test_a_second_factor_is_not_replaced_with_the_password_alone(house_sqlite: House) -> None:
    house = house_sqlite
    with_password(house, house.zhang)
    assert set_up(house.zhang)[0].status == 303, "it was just given"
    later = plainly_signed_in(house, house.zhang)
    assert set_up(later, password=PASSWORD)[0].status == 403


def test_money_asks_for_the_second_factor_again_after_a_quarter_of_an_hour(house: House) -> None:
    _, secret = set_up(house.zhang)
    wish = {"name": "大屏", "scopes": "treasury:write", "days": "30"}
    assert house.zhang.post("/me/keys", wish | {"id": str(fresh())}).status == 201
    with time_machine.travel(now() + timedelta(minutes=15, seconds=1), tick=False):
        refused = house.zhang.post(
            "/me/keys", wish | {"id": str(fresh())}, headers={"referer": "http://127.0.0.1:8000/c/fengshu/me/keys"}
        )
        assert refused.status == 403
        assert refused.page.find("a", href="/c/fengshu/second-factor?next=/c/fengshu/me/keys")
        assert house.zhang.post("/second-factor", {"code": "000000"}).status == 409
        answer = house.zhang.post("/second-factor", {"code": pyotp.TOTP(secret).at(now()), "next": "/c/fengshu/me/keys"})
        assert answer.place == "/c/fengshu/me/keys"
        assert house.zhang.post("/me/keys", wish | {"id": str(fresh())}).status == 201


def test_guessing_a_second_factor_is_counted(strict: House) -> None:
    set_up(strict.zhang)
    statuses = [strict.zhang.post("/second-factor", {"code": f"00000{i}"}).status for i in range(9)]
    assert statuses == [409] * 8 + [429]


def test_the_demos_labelled_button_does_not_exist_outside_the_demo(house_sqlite: House) -> None:
    assert house_sqlite.zhang.post("/second-factor", {}).status == 422


def key_in(answer: Answer) -> str:
    note = answer.page.select_one(".note .mono")
    assert note
    return note.get_text()


def test_a_key_is_shown_once_and_works_until_it_is_revoked(house: House) -> None:
    id = str(fresh())
    wish = {"id": id, "name": "社区大屏", "scopes": ["volunteering:read"], "days": "30"}
    answer = house.wang.post("/me/keys", wish)
    key = key_in(answer)
    bearer = {"authorization": f"Bearer {key}"}
    assert key not in house.wang.get("/me/keys").text
    assert house.wang.post("/me/keys", wish).status == 409, "a second tap makes no second key"
    assert house.nobody.api.get("/shifts", headers=bearer).status == 200
    assert house.nobody.api.get("/notices", headers=bearer).json["code"] == "WrongScope"
    me = house.nobody.get("//api/v1/me", headers=bearer).json
    assert (me["kind"], me["name"], me["compound"], me["scopes"]) == ("key", "社区大屏", "fengshu", ["volunteering:read"])
    with time_machine.travel(now() + timedelta(days=30, seconds=1), tick=False):
        assert house.nobody.api.get("/shifts", headers=bearer).status == 401
        assert house.nobody.get("//api/v1/me", headers=bearer).status == 401
    assert house.li.post(f"/me/keys/{id}/revoke").status == 404, "another's key does not exist"
    house.wang.post(f"/me/keys/{id}/revoke")
    assert house.nobody.api.get("/shifts", headers=bearer).status == 401
    with house.session() as session:
        assert key.encode() not in session.exec(select(ApiKey)).one().key_hash


def test_a_key_never_exceeds_its_makers_rights(house_sqlite: House) -> None:
    house = house_sqlite
    wish = {"name": "x", "scopes": ["treasury:write"], "days": "30"}
    assert house.wang.post("/me/keys", wish).status == 403
    assert "treasury:write" not in house.wang.get("/me/keys").text
    assert house.wang.post("/me/keys", wish | {"scopes": ["everything:write"]}).status == 422
    with house.session() as session:
        key = make_key(session, house.zhang.person, "treasury:read")
    bearer = {"authorization": f"Bearer {key}"}
    here = house.zhao.api.get("/shifts", headers=bearer | {"sec-fetch-site": "none"})
    assert here.status == 404, "in another compound there is nothing for it"


def test_a_key_opens_no_page(house_sqlite: House) -> None:
    with house_sqlite.session() as session:
        key = make_key(session, house_sqlite.wang.person, "volunteering:read")
    assert house_sqlite.nobody.get("/me", headers={"authorization": f"Bearer {key}"}).status == 403


def test_consents_are_given_and_withdrawn_one_by_one_with_their_dates(house: House) -> None:
    house.wang.post("/me/consents", {"purpose": "appear"})
    house.wang.post("/me/consents", {"purpose": "appear"})
    page = house.wang.get("/me/consents").words
    assert page.count("已同意") == 1
    assert house.li.get("/me/consents").words.count("已同意") == 0
    house.wang.post("/me/consents/withdraw", {"purpose": "appear"})
    assert "撤回" in house.wang.get("/me/consents").words
    with house.session() as session:
        row = session.exec(select(Consent)).one()
        assert row.withdrawn_at is not None
        assert row.wording == "同意在党员亮相栏公开我的姓名、职务、楼栋单元和承诺。"
    assert house.wang.post("/me/consents", {"purpose": "everything"}).status == 422


def test_a_closed_account_is_forgotten_and_the_owner_stays_in_the_roster(house: House) -> None:
    phone = with_password(house, house.wang)
    with house.session() as session:
        key = make_key(session, house.wang.person, "volunteering:read")
    wang = plainly_signed_in(house, house.wang)
    assert wang.post("/me/close", {"password": PASSWORD}).status == 422, "it has to be ticked"
    assert wang.post("/me/close", {"sure": "true"}).status == 422, "and proved"
    assert wang.post("/me/close", {"sure": "true", "password": PASSWORD}).place == "/sign-in"
    assert wang.get("/me").place.startswith("/sign-in")
    assert house.wang.get("/me").place.startswith("/sign-in"), "every session ended"
    assert house.nobody.post("//sign-in", {"phone": phone, "password": PASSWORD}).status == 401
    assert house.nobody.api.get("/shifts", headers={"authorization": f"Bearer {key}"}).status == 401
    closed = account_of(house, house.wang)
    assert (closed.password_hash, closed.phone == phone) == (None, False)
    with house.session() as session:
        person = session.get_one(Person, (house.compound.id, house.wang.id))
        assert (person.name, person.account_id) == ("王阿姨", None)


def test_one_account_in_two_compounds_is_closed_in_both(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        here = Person(compound_id=house.compound.id, name="赵", account_id=house.zhao.person.account_id)
        session.add(here)
        session.flush()
        make_seat(session, here, SeatKind.VOLUNTEER)
    assert "赵" in house.zhao_here.get("/me").words
    house.zhao_here.post("/me/close", {"sure": "true"})
    assert house.zhao.get("/me").place.startswith("/sign-in")


def logged_names(house: House) -> list[str]:
    """The values kept behind the commitments of the public log; and the log is verified."""
    with house.session() as session:
        assert verify_log(session, house.compound.id).finding is None
        return list(session.exec(select(Commitment.value)))


def test_closing_an_account_erases_what_the_public_log_keeps_of_the_person(house: House) -> None:
    with house.session() as session:
        notice = make_notice(session, house.zhang.person)
        body = session.exec(select(Body)).first()
        assert body
    seat = {"id": str(fresh()), "person_id": str(house.wang.id), "kind": "volunteer", "title": "队员", "basis": "推选"}
    assert house.liu.post(f"/bodies/{body.id}/seat", seat | {"from_on": str(today())}).status == 303
    for one, text in ((house.wang, "王阿姨：这一笔不对。"), (house.li, "李叔：请附合同。")):
        assert one.api.put(f"/notices/{notice.id}/objections/{fresh()}", {"text": text}).status == 201
    assert {"王阿姨", "王阿姨：这一笔不对。", "李叔", "李叔：请附合同。"} <= set(logged_names(house))
    assert house.wang.post("/me/close", {"sure": "true"}).place == "/sign-in"
    kept = logged_names(house)
    assert not [value for value in kept if "王阿姨" in value]
    assert {"李叔", "李叔：请附合同。", "队员"} <= set(kept), "nobody else is forgotten"


def test_a_new_password_ends_the_keys_unless_they_are_to_stay(house: House) -> None:
    with_password(house, house.wang)
    with house.session() as session:
        key, lis = (make_key(session, one.person, "volunteering:read") for one in (house.wang, house.li))

    def works(key: str) -> int:
        return house.nobody.api.get("/shifts", headers={"authorization": f"Bearer {key}"}).status

    assert "照旧能用" in house.wang.get("/me/password").words
    house.wang.post("/me/password", {"new": "另一个密码2026", "keep_keys": "true"})
    assert works(key) == 200
    house.wang.post("/me/password", {"new": "又一个密码2026"})
    assert [works(key), works(lis)] == [401, 200]
    assert "照旧能用" not in house.wang.get("/me/password").words, "there is none left to ask about"


def test_a_seat_that_ended_takes_the_writing_from_its_key_at_once(house: House) -> None:
    with house.session() as session:
        key = make_key(session, house.he.person, "volunteering:write", "volunteering:read")
    bearer = {"authorization": f"Bearer {key}"}
    begins = now() + timedelta(days=3)
    wish = {"kind": "special_groups", "title": "送饭", "place": "食堂", "what": "三户", "capacity": 3}
    wish |= {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=1)).isoformat()}
    assert house.nobody.api.put(f"/activities/{fresh()}", wish, headers=bearer).status == 201
    with house.session() as session:
        seat = session.exec(select(Seat).where(Seat.person_id == house.he.id)).one()
        seat.to_on = today() - timedelta(days=1)
    assert house.nobody.api.put(f"/activities/{fresh()}", wish, headers=bearer).json["code"] == "NotAllowed"
    assert house.nobody.api.get("/shifts", headers=bearer).status == 200


def test_a_code_of_the_second_factor_is_taken_once(house: House) -> None:
    noon = datetime(2030, 6, 12, 4, tzinfo=UTC)

    def confirm(seconds: int) -> Answer:
        return house.zhang.post("/second-factor", {"code": pyotp.TOTP(secret).at(noon + timedelta(seconds=seconds))})

    with time_machine.travel(noon, tick=False):
        house.people["zhang"] = plainly_signed_in(house, house.zhang)
        with_password(house, house.zhang)
        answer, secret = set_up(house.zhang, password=PASSWORD)
        assert answer.status == 303
        spent = confirm(0)
        assert spent.status == 409, "setting it up took this one"
        assert "用过了" in spent.words
        assert confirm(30).status == 303, "the clock of a telephone may be ahead"
        assert confirm(30).status == 409
        assert confirm(0).status == 409, "nor one from before"
    with time_machine.travel(noon + timedelta(seconds=60), tick=False):
        assert confirm(30).status == 409, "still within its drift"
        assert confirm(60).status == 303


def test_a_new_second_factor_begins_anew(house_sqlite: House) -> None:
    set_up(house_sqlite.zhang)
    assert set_up(house_sqlite.zhang)[0].status == 303, "another secret, the same half minute"
