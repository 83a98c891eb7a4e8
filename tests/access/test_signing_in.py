"""Signing in and out: what works, what is counted, and what nobody learns."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlmodel import select

from app.accounts import service as accounts
from app.accounts.models import Account, Attempt, LoginSession
from app.kit.clock import now
from app.settings import Settings, UnsafeSetting
from tests.access.conftest import PASSWORD, with_password
from tests.cast import Answer, House, open_house


def sign_in(house: House, phone: str, password: str = PASSWORD, next: str = "/c/fengshu/", **headers: str) -> Answer:
    return house.nobody.post("//sign-in", {"phone": phone, "password": password, "next": next}, headers=headers)


def cookie_of(answer: Answer) -> str:
    return next(c for c in answer.headers.get_list("set-cookie") if "sid=" in c)  # type: ignore[attr-defined]


def token_of(answer: Answer) -> str:
    return cookie_of(answer).split("sid=")[1].split(";")[0]


def count_of(house: House, phone: str) -> int:
    with house.session() as session:
        row = session.get(Attempt, f"phone:{phone}")
        return row.count if row else 0


def test_a_neighbour_signs_in_and_out(house: House) -> None:
    phone = with_password(house, house.wang)
    answer = sign_in(house, f" +86 {phone[:3]}-{phone[3:]} ")
    assert (answer.status, answer.place) == (303, "/c/fengshu/")
    cookie = cookie_of(answer)
    assert cookie.startswith("sid=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie, "plain http on loopback"

    here = {"sid": token_of(answer)}
    assert "王阿姨" in house.nobody.get("/", cookies=here).words
    out = house.nobody.post("//sign-out", cookies=here)
    assert out.place == "/sign-in"
    assert "王阿姨" not in house.nobody.get("/", cookies=here).words, "the session ended on the server, not only in the browser"


def test_behind_tls_the_cookie_is_host_bound_and_secure(sqlite_house_url: str, tmp_path: Path) -> None:
    with open_house(sqlite_house_url, tmp_path, public_url="https://gongzhi.example") as house:
        phone = with_password(house, house.wang)
        cookie = cookie_of(sign_in(house, phone))
        assert cookie.startswith("__Host-sid=")
        assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "王阿姨" not in house.wang.get("/").words, "the name that plain http uses opens nothing here"
        assert "王阿姨" in house.nobody.get("/", cookies={"__Host-sid": token_of(sign_in(house, phone))}).words


@pytest.mark.parametrize("url", ["http://gongzhi.example", "http://192.168.1.20:8000"])
def test_plain_http_off_this_machine_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeSetting, match="TLS"):
        Settings(data_dir=tmp_path, public_url=url).check_safe()
    Settings(data_dir=tmp_path, public_url=url.replace("http:", "https:")).check_safe()


def test_nobody_learns_who_has_an_account(house: House) -> None:
    phone = with_password(house, house.wang)
    with house.session() as session:
        suspended = session.get_one(Account, house.li.person.account_id)
        suspended.suspended_at = now()
        session.add(suspended)
    suspended_phone = with_password(house, house.li)
    answers = [sign_in(house, phone, "wrong"), sign_in(house, "19900000001", "wrong"), sign_in(house, suspended_phone)]
    assert {answer.status for answer in answers} == {401}
    sentences = {answer.page.select_one(".note").get_text() for answer in answers}  # type: ignore[union-attr]
    assert len(sentences) == 1
    assert "手机号或密码不对" in sentences.pop()


def test_a_wrong_password_is_on_record_and_a_right_one_forgets_it(house: House) -> None:
    phone = with_password(house, house.wang)
    sign_in(house, phone, "wrong")
    sign_in(house, phone, "wrong")
    assert count_of(house, phone) == 2
    sign_in(house, phone)
    assert count_of(house, phone) == 0


def test_a_guesser_is_slowed_down_and_the_rest_of_the_world_is_not(strict: House, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, other = with_password(strict, strict.wang), with_password(strict, strict.li)
    asked: list[str] = []
    real = accounts.password_matches

    def quick(password: str, credential: accounts.Credential) -> bool:
        asked.append(password)
        return password == PASSWORD and real(password, credential)

    monkeypatch.setattr(accounts, "password_matches", quick)
    assert [sign_in(strict, phone, "wrong").status for _ in range(8)] == [401] * 8
    refused = sign_in(strict, phone)
    assert refused.status == 429, "even the right password waits"
    assert len(asked) == 8, "a refused attempt costs no Argon2"
    assert sign_in(strict, other).status == 303
    with time_machine.travel(now() + timedelta(minutes=15, seconds=1), tick=False):
        assert sign_in(strict, phone).status == 303


def test_three_hundred_residents_behind_one_address_are_let_in(strict: House) -> None:
    phone = with_password(strict, strict.wang)
    with strict.session() as session:
        for i in range(300):
            accounts.count_attempt(session, f"1990000{i:04d}", "127.0.0.1")
        assert accounts.may_attempt(session, phone, "127.0.0.1")
    assert sign_in(strict, phone).status == 303
    with strict.session() as session:
        for i in range(100):
            accounts.count_attempt(session, f"1990001{i:04d}", "127.0.0.1")
    assert sign_in(strict, phone).status == 429, "four hundred wrong ones are somebody else's script"


def test_twenty_wrong_passwords_at_once_count_as_twenty(house: House) -> None:
    phone = with_password(house, house.wang)
    call = (house.nobody, "POST", "/../../sign-in", {"data": {"phone": phone, "password": "wrong"}})
    answers = house.at_once(*[call] * 20)
    assert {answer.status for answer in answers} == {401}
    assert count_of(house, phone) == 20


def test_a_suspended_account_is_out_at_once(house: House) -> None:
    assert "王阿姨" in house.wang.get("/").words
    with house.session() as session:
        account = session.get_one(Account, house.wang.person.account_id)
        account.suspended_at = now()
        session.add(account)
    assert "王阿姨" not in house.wang.get("/").words
    assert house.wang.get("/me").place.startswith("/sign-in")
    assert house.wang.api.get("/../../me").status in (401, 404)


def test_a_session_ends_by_itself(house: House) -> None:
    phone = with_password(house, house.wang)
    officer_phone = with_password(house, house.zhang)
    mine, officers = token_of(sign_in(house, phone)), token_of(sign_in(house, officer_phone))
    with time_machine.travel(now() + timedelta(hours=12, seconds=1), tick=False):
        assert "王阿姨" in house.nobody.get("/", cookies={"sid": mine}).words
        assert "张会计" not in house.nobody.get("/", cookies={"sid": officers}).words, "officers sign in again after half a day"
    with time_machine.travel(now() + timedelta(days=180, seconds=1), tick=False):
        assert "王阿姨" not in house.nobody.get("/", cookies={"sid": mine}).words


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(house_sqlite: House, next: str) -> None:
    phone = with_password(house_sqlite, house_sqlite.wang)
    assert sign_in(house_sqlite, phone, next=next).place == "/"


def test_a_token_is_stored_as_its_hash_only(house_sqlite: House) -> None:
    token = token_of(sign_in(house_sqlite, with_password(house_sqlite, house_sqlite.wang)))
    with house_sqlite.session() as session:
        logins = session.exec(select(LoginSession)).all()
    assert all(token.encode() not in login.token_hash for login in logins)
    assert "19900000001" not in token


def test_the_form_comes_back_with_the_telephone_and_without_the_password(house_sqlite: House) -> None:
    answer = sign_in(house_sqlite, "abc", "secret-thing")
    assert answer.status == 422
    assert 'value="abc"' in answer.text
    assert "secret-thing" not in answer.text


def test_size_and_language_are_remembered(house_sqlite: House) -> None:
    nobody = house_sqlite.nobody
    answer = nobody.post("//size", {"size": "large", "next": "/c/fengshu/"})
    assert answer.place == "/c/fengshu/"
    assert 'data-size="large"' in nobody.get("/", cookies={"size": answer.response.cookies["size"]}).text
    answer = nobody.post("//locale", {"locale": "en", "next": "/c/fengshu/"})
    assert '<html lang="en"' in nobody.get("/", cookies={"locale": answer.response.cookies["locale"]}).text
    assert nobody.post("//size", {"size": "huge"}).status == 422
    assert nobody.post("//locale", {"locale": "xx"}).status == 422
    assert nobody.post("//size", {"size": "large", "next": "https://evil.example"}).place == "/"
