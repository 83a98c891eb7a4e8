"""A gateway may be plugged in: then a forgotten password's code comes by text message, once, and tells no stranger anything."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import time_machine
from sqlmodel import select

from app.access import resetting
from app.accounts.models import Account
from app.accounts.service import MAX_CODES_PER_PHONE, Credential, password_matches
from app.kit.audit import AuditLine
from app.kit.clock import now
from app.kit.jobs import Job, run_once
from app.kit.posting import NotTaken
from app.kit.texting import Gateway
from app.main import handlers
from app.settings import Settings, UnsafeSetting
from tests.cast import Answer, House, One, open_house

NEW = "xinmima2026"


@dataclass
class Toy:
    """A gateway of this machine: what it was sent, and what it answers next (200 when nothing is said)."""

    server: HTTPServer
    got: list[tuple[str, str | None, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/send?from=gongzhi"


@pytest.fixture
def toy() -> Iterator[Toy]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            toy.got.append((self.path, self.headers["authorization"], body))
            status = toy.answers.pop(0) if toy.answers else 200
            self.send_response(status)
            if status == 302:
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        toy = Toy(server)
        Thread(target=server.serve_forever, daemon=True).start()
        yield toy
        server.shutdown()


@pytest.fixture
def plugged(house_url: str, tmp_path: Path, toy: Toy) -> Iterator[House]:
    with open_house(house_url, tmp_path, throttled=True, sms_url=toy.url, sms_key="its-key") as house:
        yield house


def ask(house: House, phone: str | None) -> Answer:
    return house.nobody.post("//reset/code", {"mobile": phone})


def work(house: House) -> int:
    return run_once(house.db, handlers(house.app.state.settings))


def reset(house: House, one: One, code: str) -> Answer:
    return house.nobody.post("//reset", {"phone": one.person.phone, "code": code, "password": NEW})


def account(house: House, one: One, **changes: object) -> Account:
    with house.session() as session:
        account = session.get_one(Account, one.person.account_id)
        account.sqlmodel_update(changes)
        session.add(account)
        return account


def code_in(toy: Toy) -> str:
    return re.findall(r"\d{8}", toy.got[-1][2]["text"])[0]


def test_a_code_is_delivered_once_and_sets_a_password_once(plugged: House, toy: Toy) -> None:
    answer = ask(plugged, plugged.wang.person.phone)
    assert answer.status == 200
    assert plugged.wang.person.phone == answer.page.select_one("input[name=phone]")["value"]  # type: ignore[index]
    assert toy.got == [], "the worker sends, after the commit"
    assert [work(plugged), work(plugged)] == [1, 0]
    [(path, key, body)] = toy.got
    assert (path, key) == ("/send?from=gongzhi", "Bearer its-key")
    assert (body["phone"], sorted(body)) == (plugged.wang.person.phone, ["phone", "text"])
    code = code_in(toy)
    stored = account(plugged, plugged.wang)
    with plugged.session() as session:
        jobs = session.exec(select(Job)).all()
        assert code not in f"{stored!r} {jobs!r}", "stored nowhere"
        assert "password.reset-code-sent" in session.exec(select(AuditLine.act)).all()
    assert reset(plugged, plugged.wang, f"{code[:4]} {code[4:]}").status == 303
    stored = account(plugged, plugged.wang)
    assert password_matches(NEW, Credential(stored.id, stored.password_hash or ""))
    assert reset(plugged, plugged.wang, code).status == 401, "spent"


def test_a_gateway_that_fails_is_asked_again_for_the_same_code(plugged: House, toy: Toy) -> None:
    toy.answers = [500, 302]
    ask(plugged, plugged.wang.person.phone)
    begun = now()
    for minutes in (0, 1, 2):
        with time_machine.travel(begun + timedelta(minutes=minutes), tick=False):
            assert work(plugged) == 1
    assert [path for path, _, _ in toy.got] == ["/send?from=gongzhi"] * 3, "a redirect is not followed, and no delivery"
    assert len({body["text"] for _, _, body in toy.got}) == 1
    with time_machine.travel(begun + timedelta(minutes=3), tick=False):
        assert work(plugged) == 0
    assert reset(plugged, plugged.wang, code_in(toy)).status == 303


def test_a_code_that_is_over_is_not_sent_any_more(plugged: House, toy: Toy) -> None:
    toy.answers = [500]
    ask(plugged, plugged.wang.person.phone)
    work(plugged)
    begun = now()
    with time_machine.travel(begun + timedelta(minutes=10, seconds=1), tick=False):
        assert work(plugged) == 1
        assert len(toy.got) == 1
        assert reset(plugged, plugged.wang, code_in(toy)).status == 401, "ten minutes, and no more"
        ask(plugged, plugged.wang.person.phone)
        plugged.liu.post(f"/roster/people/{plugged.wang.id}/reset")
        work(plugged)
    assert len(toy.got) == 1, "the officer's newer code has taken its place"


def test_an_act_that_was_rolled_back_sends_nothing(plugged: House, toy: Toy) -> None:
    def act() -> None:
        with plugged.session() as session:
            resetting.send_reset_code(session, plugged.wang.person.phone or "", "127.0.0.1", b"secret")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert work(plugged) == 0
    assert account(plugged, plugged.wang).reset_code_hash is None


def test_a_stranger_is_answered_like_a_neighbour_and_sent_nothing(plugged: House, toy: Toy) -> None:
    account(plugged, plugged.li, suspended_at=now())
    phones = [plugged.wang.person.phone or "", plugged.li.person.phone or "", "13700000000"]
    answers = [ask(plugged, phone).text.replace(phone, "…") for phone in phones]
    assert len({re.sub(r'name="id" value="[^"]+"', "", text) for text in answers}) == 1
    with plugged.session() as session:
        assert len(session.exec(select(Job)).all()) == 3, "the same is written for each"
    work(plugged)
    assert [body["phone"] for _, _, body in toy.got] == phones[:1]


def test_asking_again_neither_sends_another_nor_ends_the_code_that_works(plugged: House, toy: Toy) -> None:
    page = plugged.liu.post(f"/roster/people/{plugged.wang.id}/reset")
    ask(plugged, plugged.wang.person.phone)
    work(plugged)
    assert toy.got == [], "the officer's code stands; a stranger cannot end it by asking"
    assert reset(plugged, plugged.wang, re.findall(r"(?:[A-Z2-9]{4} ){2}[A-Z2-9]{4}", page.words)[0]).status == 303


def test_one_telephone_does_not_ring_all_day(plugged: House, toy: Toy) -> None:
    begun = now()
    for times in range(MAX_CODES_PER_PHONE + 2):
        with time_machine.travel(begun + times * timedelta(minutes=11), tick=False):
            known, unknown = ask(plugged, plugged.wang.person.phone), ask(plugged, "13700000000")
            assert known.status == unknown.status == (200 if times < MAX_CODES_PER_PHONE else 429)
            work(plugged)
    assert len(toy.got) == MAX_CODES_PER_PHONE
    with time_machine.travel(begun + timedelta(days=1, seconds=1), tick=False):
        assert ask(plugged, plugged.wang.person.phone).status == 200


def test_one_address_does_not_ring_the_whole_compound(plugged: House) -> None:
    statuses = [ask(plugged, f"1370000{n:04}").status for n in range(102)]
    assert statuses == [200] * 100 + [429] * 2


def test_the_sent_code_is_no_way_around_an_officers_second_factor(plugged: House, toy: Toy) -> None:
    ask(plugged, plugged.zhang.person.phone)
    work(plugged)
    assert toy.got == [], "without one, whoever reads the messages would hold the office"
    account(plugged, plugged.chen, totp_secret="A" * 32)
    ask(plugged, plugged.chen.person.phone)
    work(plugged)
    assert reset(plugged, plugged.chen, code_in(toy)).status == 303
    assert account(plugged, plugged.chen).totp_secret == "A" * 32
    signed_in = plugged.nobody.post("//sign-in", {"phone": plugged.chen.person.phone, "password": NEW, "next": "/"})
    here = {"sid": signed_in.response.cookies["sid"]}
    assert plugged.nobody.post("/me/keys", {"id": "x"}, cookies=here).status == 422
    wish = {"id": "0198c0de-0000-7000-8000-000000000001", "name": "大屏", "scopes": "renovation:write", "days": "30"}
    assert plugged.nobody.post("/me/keys", wish, cookies=here).status == 403, "asks for the second factor"


def test_guesses_are_counted_like_passwords(plugged: House, toy: Toy) -> None:
    ask(plugged, plugged.wang.person.phone)
    work(plugged)
    assert [reset(plugged, plugged.wang, "2222 2222").status for _ in range(9)] == [401] * 8 + [429]
    assert reset(plugged, plugged.wang, code_in(toy)).status == 429


def test_without_a_gateway_nothing_is_offered(house: House) -> None:
    page = house.nobody.get("//reset")
    assert page.page.select("form[action='/reset/code']") == []
    assert "短信" not in page.words
    assert ask(house, house.wang.person.phone).status == 404
    assert resetting.SEND_CODE not in handlers(house.app.state.settings)
    with house.session() as session:
        assert session.exec(select(Job)).all() == []


def test_with_a_gateway_a_page_offers_both_and_takes_a_mistake_back(plugged: House) -> None:
    page = plugged.nobody.get("//reset")
    assert {form["action"] for form in page.page.select("main form")} >= {"/reset/code", "/reset"}
    mistaken = ask(plugged, "abc")
    assert (mistaken.status, 'value="abc"' in mistaken.text) == (422, True)


def test_a_gateway_off_this_machine_is_asked_by_https_only(tmp_path: Path) -> None:
    for url in ("http://sms.example/send", "ftp://sms.example", "sms.example"):
        with pytest.raises(UnsafeSetting, match="SMS_URL"):
            Settings(data_dir=tmp_path, sms_url=url).check_safe()
    for url in ("https://sms.example/send", "http://127.0.0.1:9000/"):
        Settings(data_dir=tmp_path, sms_url=url, sms_key="its-key").check_safe()
    assert "its-key" not in repr(Settings(data_dir=tmp_path, sms_key="its-key")) + repr(Gateway("", "its-key"))


def test_what_the_gateway_says_stays_out_of_the_mistake(toy: Toy) -> None:
    toy.answers = [503]
    with pytest.raises(NotTaken, match=r"^503$"):
        Gateway(toy.url, "").send("13800001111", "您好")
    assert toy.got == [("/send?from=gongzhi", None, {"phone": "13800001111", "text": "您好"})]
