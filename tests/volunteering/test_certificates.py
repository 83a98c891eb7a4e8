"""A certificate: issued by who leads, printed by whom it is for, checked by whoever holds the paper, revoked, never changed."""

import json
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from pypdfium2 import PdfDocument
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.inbox.models import Message
from app.kit import typesetting
from app.kit.clock import local, now
from app.kit.qr import qr_path
from app.proofs.stored import not_as_published
from app.publiclog.models import LogEntry
from app.volunteering.certificate_file import certificate_file
from app.volunteering.certificate_models import Certificate
from app.volunteering.certificate_queries import SHOWN, Sheet, key_of
from app.volunteering.certificate_schemas import Content
from tests.cast import Answer, House
from tests.making import fresh
from tests.publiclog.tampering import tamper
from tests.volunteering.attending import checked, propose, shift_with

AFTER = timedelta(hours=1)
AFTER_ALL = date(2026, 12, 31)


def certified(house: House, days: int = 3) -> dict[str, Any]:
    """王阿姨's certificate over 95 minutes checked by the leader and 30 added afterwards, by the programs' door."""
    shift, (mine,) = shift_with(house, "wang", days=days)
    checked(house, shift, mine, 95)
    other, (second,) = shift_with(house, "wang", days=days - 1)
    with time_machine.travel(other.ends_at + AFTER, tick=False):
        house.liu.api.post(f"/hour-proposals/{propose(house.he, second, 30)}/approve")
        day = local(shift.starts_at).date()
        wish = {"person_id": str(house.wang.id), "from_on": f"{day.year}-01-01", "to_on": day.isoformat()}
        answer = house.he.api.put(f"/certificates/{fresh()}", wish)
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.json
    return made


def ask(house: House, number: object, name: str = "王阿姨", **more: str) -> Answer:
    return house.nobody.api.post("/certificate-checks", json={"number": number, "name": name} | more)


def test_it_says_who_how_long_for_what_by_whom_and_when(house: House) -> None:
    made = certified(house)
    content = made["content"]
    assert (content["name"], content["total"]) == ("王阿姨", 125)
    assert content["minutes"] == {"leader": 95, "added_later": 30}, "by where they come from"
    assert content["deeds"] == [{"title": "给独居老人送饭", "kind": "special_groups", "times": 2, "minutes": 125}]
    assert (content["issuer"], content["handler"], content["contact"]) == ("枫树小区志愿服务队", "何队长", "0731-8555 0123")
    page = house.wang.get(f"/volunteering/certificates/{made['id']}").words
    for said in ("王阿姨", f"编号 {made['number']}", "2.1 小时", "带队登记 1.6 小时", "事后补记 0.5 小时", "何队长", "盖章"):
        assert said in page
    assert str(made["number"]) in house.wang.get("/volunteering/hours").words
    assert [one["id"] for one in house.wang.api.get("/certificates").json["items"]] == [made["id"]]
    assert house.li.api.get(f"/certificates/{made['id']}").status == 404
    assert house.li.api.get("/certificates").json["items"] == []
    assert json.loads(house.wang.get("/me/export").json["about_me"]["certificate"][0]["content"]) == content


def test_its_digest_and_nothing_personal_stands_in_the_public_log(house: House) -> None:
    made = certified(house)
    exact = house.wang.api.get(f"/certificates/{made['id']}/content").response.content
    assert sha256(exact).hexdigest() == made["sha256"]
    with house.session() as session:
        (entry,) = session.exec(select(LogEntry).where(LogEntry.type == "certificate.issued")).all()
    said = json.loads(entry.entry)
    assert said["attachments"] == [{"sha256": made["sha256"], "size": len(exact), "type": "application/json"}]
    assert "王" not in entry.entry.decode()
    assert "开了志愿服务证明" in house.nobody.get(f"/proofs/{entry.index}").words


def test_whoever_holds_the_paper_checks_it_by_number_and_name(house: House) -> None:
    made = certified(house)
    page = house.nobody.post(
        "/volunteering/certificates/check", {"number": f" {made['number']}".replace("-", "－"), "name": "王阿姨"}
    )
    assert "这份证明有效" in page.words
    assert "2.1 小时" in page.words
    assert "王*" in page.words
    assert "给独居老人送饭" not in page.words, "what the paper says is compared, not told"
    answer = ask(house, made["number"], mark=str(made["sha256"])[:8])
    assert (answer.json["verdict"], answer.json["name"], answer.json["total"]) == ("valid", "王*", 125)
    for number, name in ((made["number"], "李叔"), ("2026-999", "王阿姨"), ("abc", "王阿姨"), ("2026-", "王阿姨")):
        assert ask(house, number, name).json == ask(house, "2026-998", "谁").json, "the same answer for every no"
    assert ask(house, made["number"], mark="0" * 8).json["verdict"] == "altered", "another digest on the paper"
    elsewhere = house.zhao.api.post("/certificate-checks", json={"number": made["number"], "name": "王阿姨"})
    assert elsewhere.json["verdict"] == "unknown"


def test_the_code_on_the_paper_leads_to_the_answer_without_a_name_in_the_address(house: House) -> None:
    made = certified(house)
    secret = house.app.state.settings.secret
    with house.session() as session:
        row = session.exec(select(Certificate)).one()
    digest = row.digest[:SHOWN]
    address = f"/volunteering/certificates/check?n={made['number']}&h={digest}&k={key_of(secret, row, digest)}"
    printed = house.wang.get(f"/volunteering/certificates/{made['id']}").page.find("svg", class_="qr")
    assert printed.find("path")["d"] == qr_path(f"http://127.0.0.1:8000/c/fengshu{address}").path
    assert "王" not in address
    assert "这份证明有效" in house.nobody.get(address).words
    asked = parse_qs(urlsplit(address).query)
    for name in ("n", "h", "k"):
        forged = {key: value[0] for key, value in asked.items()} | {name: "2026-7" if name == "n" else "0" * 32}
        page = house.nobody.get("/volunteering/certificates/check?" + "&".join(f"{key}={value}" for key, value in forged.items()))
        assert "没有这份证明" in page.words


def test_the_file_says_what_the_page_says(house_sqlite: House) -> None:
    """Also in letters that mean something to a typesetter; the same certificate is the same file."""
    house = house_sqlite
    made = certified(house)
    here = f"/volunteering/certificates/{made['id']}/file.pdf"
    answer = house.wang.get(here)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert f'certificate-{made["number"]}.pdf"' in answer.headers["content-disposition"]
    assert house.wang.api.get(f"/certificates/{made['id']}/file.pdf").response.content == answer.response.content
    page = PdfDocument(answer.response.content)[0]
    said = page.get_textpage().get_text_range()
    for words in ("王阿姨", f"编号 {made['number']}", "2.1 小时", "带队登记 1.6 小时", "何队长", "给独居老人送饭", "盖章"):
        assert words in said
    assert str(made["sha256"])[:16] in said.replace("\r\n", "")
    assert "已撤销" not in said
    assert house.li.get(here).status == 404
    house.liu.post(f"/volunteering/certificates/{made['id']}/revoke", {"reason": "名字写错了"})
    assert "已撤销" in PdfDocument(house.wang.get(here).response.content)[0].get_textpage().get_text_range()


def test_what_somebody_typed_is_no_command_to_the_typesetter(house_sqlite: House) -> None:
    content = Content(
        salt="", number="2026-1", issued_on=AFTER_ALL, from_on=AFTER_ALL, to_on=AFTER_ALL, total=60, minutes={}, deeds=[],
        compound='#read("/etc/passwd")', name='*王* #panic("x") \\ $1$', issuer="]#[", handler="_何_", contact="// 1",
    )  # fmt: skip
    row = Certificate(compound_id=fresh(), year=2026, number=1, content="", issued_at=now())
    sheet = Sheet(row, content, "http://127.0.0.1/", "http://127.0.0.1/?n=1", 0, 1, "00")
    said = PdfDocument(bytes(certificate_file(sheet, "").body))[0].get_textpage().get_text_range()
    for words in (content.compound, content.name, content.issuer, content.handler, content.contact):
        assert words in said


def test_without_chinese_letters_no_boxes_are_printed(house_sqlite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = certified(house_sqlite)
    monkeypatch.setattr(typesetting, "FAMILIES", ("A font that is nowhere",))
    answer = house_sqlite.wang.get(f"/volunteering/certificates/{made['id']}/file.pdf")
    assert answer.status == 503
    assert "没有中文字体" in answer.words
    told = house_sqlite.wang.api.get(f"/certificates/{made['id']}/file.pdf")
    assert told.json["code"] == "NoChineseFont"


def reads(house: House, made: dict[str, Any]) -> set[str]:
    """The verdicts by name and by code."""
    with house.session() as session:
        row = session.exec(select(Certificate)).one()
    printed = str(made["sha256"])[:SHOWN]
    key = key_of(house.app.state.settings.secret, row, printed)
    page = house.nobody.get(f"/volunteering/certificates/check?n={made['number']}&h={printed}&k={key}").words
    said = {"有效": "valid", "撤销": "revoked", "改动": "altered", "没有": "unknown"}
    by_code = next(verdict for words, verdict in said.items() if f"{words}" in page.partition("核对志愿服务证明")[2][:16])
    return {ask(house, made["number"]).json["verdict"], by_code}


def test_an_altered_content_is_rejected(house: House) -> None:
    """By somebody with the database in hand: more hours, and then the digest of the log made to fit them too."""
    made = certified(house)
    assert reads(house, made) == {"valid"}
    with house.session() as session:
        row = session.exec(select(Certificate)).one()
        row.content = row.content.replace('"total":125', '"total":1250')
        forged = row.digest
    assert reads(house, made) == {"altered"}
    assert house.wang.get(f"/volunteering/certificates/{made['id']}").status == 409, "and it is not printed"
    with house.session() as session:
        assert list(not_as_published(session, house.compound.id)) == [f"certificate {made['number']} is not what was published"]
    with house.session() as session:
        entry = session.exec(select(LogEntry.entry).where(LogEntry.type == "certificate.issued")).one()
        changed = entry.replace(str(made["sha256"]).encode(), forged.encode())
        assert tamper(session, "UPDATE log_entry SET entry = :entry WHERE type = 'certificate.issued'", entry=changed) == 1
    assert reads(house, made) == {"altered"}, "the log itself does not hold any more"


@pytest.mark.parametrize("left", ["", "{}", "[]", "not json", '{"number": 5}'])
def test_whatever_a_forger_leaves_is_an_altered_certificate_and_no_fault(house_sqlite: House, left: str) -> None:
    house = house_sqlite
    made = certified(house)
    with house.session() as session:
        session.exec(select(Certificate)).one().content = left
    assert reads(house, made) == {"altered"}
    assert house.wang.get(f"/volunteering/certificates/{made['id']}").status == 409
    assert house.wang.api.get(f"/certificates/{made['id']}").json["code"] == "CertificateAltered"


def test_a_certificate_of_another_put_in_its_place_is_rejected(house: House) -> None:
    made, other = certified(house), certified(house, days=5)
    with house.session() as session:
        rows = {row.reference: row for row in session.exec(select(Certificate))}
        rows[str(made["number"])].content = rows[str(other["number"])].content
    assert ask(house, made["number"]).json["verdict"] == "altered"


def test_a_revoked_one_says_so_and_cannot_be_unrevoked_behind_the_logs_back(house: House) -> None:
    made = certified(house)
    here = f"/volunteering/certificates/{made['id']}"
    assert house.wang.post(f"{here}/revoke", {"reason": "不要了"}).status == 403
    assert house.liu.post(f"{here}/revoke", {"reason": ""}).status == 422
    done = house.liu.post(f"{here}/revoke", {"reason": "名字写错了"})
    assert "这份证明已撤销" in house.liu.follow(done).words
    assert house.liu.api.post(f"/certificates/{made['id']}/revoke", json={"reason": "再来"}).json["code"] == "NotThisState"
    assert reads(house, made) == {"revoked"}
    assert "名字写错了" not in ask(house, made["number"]).text, "the reason is theirs"
    with house.session() as session:
        assert "志愿服务证明撤销了" in session.exec(select(Message.title).where(Message.person_id == house.wang.id)).all()
        entry = session.exec(select(LogEntry).where(LogEntry.type == "certificate.revoked")).one()
        assert "名字" not in entry.entry.decode()
        row = session.exec(select(Certificate)).one()
        row.revoked_at, row.revoked_by_id = None, None
    assert reads(house, made) == {"revoked"}


def test_nobody_certifies_themselves_or_nothing(house: House) -> None:
    made = certified(house)
    day = str(made["content"]["to_on"])
    wish = {"person_id": str(house.wang.id), "from_on": day, "to_on": day}
    assert house.wang.api.put(f"/certificates/{fresh()}", wish).status == 403
    own = house.he.api.put(f"/certificates/{fresh()}", wish | {"person_id": str(house.he.id)})
    assert own.json["code"] == "OwnCertificate"
    none = house.he.api.put(f"/certificates/{fresh()}", wish | {"person_id": str(house.li.id)})
    assert none.json["code"] == "NothingToCertify"
    assert house.he.api.put(f"/certificates/{fresh()}", wish | {"person_id": str(house.zhao.id)}).status == 404
    back = house.he.api.put(f"/certificates/{fresh()}", wish | {"to_on": "2020-01-01"})
    assert back.status == 422
    with pytest.raises(IntegrityError, match="issued_by_another"), house.session() as session:
        session.execute(text("UPDATE certificate SET issued_by_id = person_id"))


def test_the_same_wish_twice_is_one_certificate_and_numbers_have_no_gap(house: House) -> None:
    made = certified(house)
    content = made["content"]
    wish = {"person_id": str(house.wang.id), "from_on": content["from_on"], "to_on": content["to_on"]}
    id = fresh()
    answers = house.at_once(*[(house.he.api, "PUT", f"/certificates/{id}", {"json": wish})] * 10)
    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert house.he.api.put(f"/certificates/{id}", wish | {"from_on": content["to_on"]}).json["code"] == "SameIdOtherContent"
    numbers = [int(one["number"].partition("-")[2]) for one in house.wang.api.get("/certificates").json["items"]]
    assert sorted(numbers) == [1, 2]


def test_the_officer_finds_the_person_and_issues_by_hand(house_sqlite: House) -> None:
    house = house_sqlite
    made = certified(house)
    day = str(made["content"]["to_on"])
    found = house.he.get("/volunteering/certificates?q=王阿姨")
    link = found.page.find("a", href=lambda address: bool(address) and "/issue?person_id=" in address)
    form = house.he.get(link["href"].removeprefix("/c/fengshu"))
    assert "给王阿姨开证明" in form.words
    sent = {"id": str(fresh()), "person_id": str(house.wang.id), "from_on": day, "to_on": "2020-01-01"}
    assert "不能早于开始" in house.he.post("/volunteering/certificates/issue", sent).words
    none = house.he.post("/volunteering/certificates/issue", sent | {"from_on": "2020-01-01"})
    assert (none.status, "没有记下服务时长" in none.words) == (422, True)
    assert house.he.post("/volunteering/certificates/issue").status == 422, "a form without its person is drawn again"
    done = house.he.post("/volunteering/certificates/issue", sent | {"to_on": day})
    assert "证明开好了" in house.he.follow(done).words


def test_a_guesser_of_names_is_slowed_down(house: House) -> None:
    made = certified(house)
    house.app.state.settings = house.app.state.settings.model_copy(update={"throttled": True})
    assert [ask(house, made["number"], f"王{n}").status for n in range(8)] == [200] * 8
    assert ask(house, made["number"]).status == 429
    page = house.nobody.post("/volunteering/certificates/check", {"number": made["number"], "name": "王阿姨"})
    assert page.status == 429


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "x" * 61])
def test_text_that_no_database_takes_is_named_and_not_a_fault(house: House, bad: str) -> None:
    body = json.dumps({"number": "2026-1", "name": bad}).encode()
    answer = house.nobody.api.ask("POST", "/certificate-checks", content=body, headers={"content-type": "application/json"})
    assert answer.status == 422
    huge = ask(house, "2026-99999999999")
    assert huge.json["verdict"] == "unknown"
