"""A general notice in an officer's own words, with pictures: published once, for everybody, under the compound's rules."""

import json
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree

from sqlmodel import select

from app.compounds.models import SeatKind
from app.notices.models import Announcement, Notice
from app.publiclog.models import LogEntry
from tests.cast import Answer, House, One
from tests.making import fresh, make_login
from tests.notices.board import JPEG, NO_FILE
from tests.treasury.bookkeeping import picture

WORDS = {"title": "3栋水箱清洗停水", "text": "11月28日上午8点到12点停水。\n请提前存水。"}
FILE = [("gallery", ("a.jpg", picture(), "image/jpeg"))]


def announced(house: House, **other: Any) -> dict[str, Any]:
    answer = house.liu.api.put(f"/announcements/{fresh()}", WORDS | other)
    assert answer.status == 201, answer
    return dict(answer.json)


def keep(one: One, shade: int = 0, id: Any = None) -> Answer:
    return one.api.ask("PUT", f"/announcement-photos/{id or fresh()}", content=picture(shade), headers=JPEG)


def test_an_officer_writes_a_notice_and_everybody_reads_it(house: House) -> None:
    assert "发一份公示" in house.liu.get("/notices").words
    assert "发一份公示" not in house.wang.get("/notices").words
    form = house.liu.get("/notices/announce")
    assert "异议期 7 天" in form.words
    fields = {"id": form.page.find("input", {"name": "id"})["value"], "clean": "true", **WORDS}
    sent = house.liu.ask("POST", "/notices/announce", data=fields, files=FILE)
    page = house.liu.follow(sent)
    for words in ("公示发出了", "3栋水箱清洗停水", "一般公示", "请提前存水", "可提异议"):
        assert words in page.words
    assert "看公示的内容" not in page.words, "they stand on this page"
    path = sent.place.removeprefix("/c/fengshu")
    seen = house.nobody.get(path)
    src = seen.page.select_one("#text img")["src"].removeprefix("/c/fengshu")
    assert house.nobody.get(src).status == 200
    assert house.liu.get(src.removesuffix("/320") + "/original").status == 404
    assert house.zhao.get(src).status == 404
    assert "请提前存水" in house.nobody.get(f"{path}/sheet").words
    assert "3栋水箱清洗停水" in house.nobody.get("/notices").words
    assert "3栋水箱清洗停水" in house.nobody.get("/notices/feed").text
    twice = house.liu.ask("POST", "/notices/announce", data=fields, files=FILE)
    assert twice.place == sent.place
    with house.session() as session:
        notice = session.exec(select(Notice)).one()
        assert notice.sha256 == sha256(notice.frozen).digest()
        assert json.loads(notice.frozen)["photos"]
        assert len(session.exec(select(Announcement)).all()) == 1
        written = session.exec(select(LogEntry.entry)).all()[-1].decode()
    assert '"general.published"' in written
    assert "停水" not in written


def test_programs_publish_with_pictures_that_were_kept_before(house: House) -> None:
    id = fresh()
    kept = keep(house.liu, id=id)
    assert (kept.status, keep(house.liu, id=id).status, keep(house.liu, 9, id=id).status) == (201, 200, 409)
    notice = announced(house, photos=[str(id)], clean=True)
    assert (notice["kind"], notice["text"], notice["photos"]) == ("general", WORDS["text"], [str(id)])
    assert house.nobody.api.get(f"/notices/{notice['id']}/photos/{id}").status == 200
    assert house.nobody.api.get(f"/notices/{notice['id']}/photos/{fresh()}").status == 404
    frozen = house.nobody.api.get(f"/notices/{notice['id']}/frozen").json
    assert frozen["photos"] == [kept.json["sha256"]]
    taken = house.liu.api.put(f"/announcements/{fresh()}", WORDS | {"photos": [str(id)], "clean": True})
    assert taken.status == 422, "a picture hangs in one notice"


def test_the_same_notice_sent_twice_is_one_and_another_under_its_id_is_refused(house: House) -> None:
    id = fresh()
    answers = [house.liu.api.put(f"/announcements/{id}", WORDS) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 200]
    assert answers[0].json["id"] == answers[1].json["id"]
    other = house.liu.api.put(f"/announcements/{id}", WORDS | {"text": "别的"})
    assert other.json["code"] == "SameIdOtherContent"


def test_pictures_are_ones_own_are_there_and_show_nobody(house: House) -> None:
    mine, theirs = fresh(), fresh()
    keep(house.liu, id=mine)
    second = house.newcomer("副主任", SeatKind.DEPUTY)
    keep(second, 5, id=theirs)
    for photos, clean in ((([str(mine)]), False), ([str(theirs)], True), ([str(fresh())], True), ([str(mine)] * 2, True)):
        refused = house.liu.api.put(f"/announcements/{fresh()}", WORDS | {"photos": photos, "clean": clean})
        assert refused.status == 422, (photos, clean)
    many = [str(fresh()) for _ in range(7)]
    assert house.liu.api.put(f"/announcements/{fresh()}", WORDS | {"photos": many, "clean": True}).json["code"] == "TooManyPhotos"
    unsaid = house.liu.ask("POST", "/notices/announce", data={"id": str(fresh()), **WORDS}, files=FILE)
    assert unsaid.status == 422
    assert "请先看清楚" in unsaid.words
    assert house.nobody.api.get("/notices").json["items"] == []


def test_only_the_committee_publishes_and_with_the_second_factor(house: House) -> None:
    path = f"/announcements/{fresh()}"
    for one, status in ((house.wang, 403), (house.zhang, 403), (house.chen, 403), (house.nobody, 401), (house.zhao_here, 401)):
        assert one.api.put(path, WORDS).status == status
        assert keep(one).status == status
    with house.session() as session:
        bare = make_login(session, house.liu.person, second_factor=False)
    assert house.liu.api.put(path, WORDS, cookies={"sid": bare}).json["code"] == "SecondFactorNeeded"
    assert house.liu.ask("POST", "/notices/announce", data={"id": str(fresh()), **WORDS}, files=NO_FILE).status == 303
    assert house.liu.ask("POST", "/notices/announce", data={"id": str(fresh()), "title": " "}, files=NO_FILE).status == 422


def test_it_is_objected_to_and_taken_back_like_any_other(house: House) -> None:
    notice = announced(house)
    path = f"/notices/{notice['id']}"
    assert house.wang.api.put(f"{path}/objections/{fresh()}", {"text": "时间太短"}).status == 201
    assert house.zhang.api.post(f"{path}/withdraw", json={"reason": "改期"}).status == 403
    assert house.liu.api.post(f"{path}/withdraw", json={"reason": "改期"}).json["state"] == "withdrawn"
    assert "改期" in house.nobody.get(path).words


def test_no_title_breaks_the_feed(house: House) -> None:
    for title in ("停\ufffe水", "停\uffff水", "停\x0b水", "<b>&]]>", "停\U0001ffff水"):
        house.liu.api.put(f"/announcements/{fresh()}", WORDS | {"title": title})
    feed = ElementTree.fromstring(house.nobody.get("/notices/feed").text)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 2
