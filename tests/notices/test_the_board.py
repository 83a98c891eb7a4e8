"""The paper on the board and its photos, how often a notice was read, the feed, and a notice that is taken back."""

from datetime import timedelta
from xml.etree import ElementTree

import time_machine
from sqlmodel import select

from app.kit import sightings
from app.kit.atom import ATOM
from app.kit.clock import now
from app.notices.models import NoticeState
from app.notices.queries import is_effective
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from tests.cast import House, One
from tests.making import fresh, make_login
from tests.notices.board import NO_FILE, objected, posted, published, row
from tests.treasury.bookkeeping import picture


def test_a_photo_of_the_paper_is_asked_of_officers_and_seen_by_everybody(house: House) -> None:
    notice = published(house)
    page = f"/notices/{notice.id}"
    assert "还缺张贴照：刚贴出" in house.nobody.get(page).words
    assert "公示栏照片还缺 1 张" in house.liu.get("/").words
    assert "公示栏照片" not in house.wang.get("/").words
    form = house.liu.get(f"{page}/board?moment=start")
    fields = {f["name"]: f["value"] for f in form.page.select("main form[enctype] input[type=hidden]")}
    fields |= {"moment": "start", "taken_at": form.page.find("input", {"name": "taken_at"})["value"], "clean": "true"}
    sent = house.liu.ask("POST", f"{page}/board", data=fields, files=[("camera", ("a.jpg", picture(), "image/jpeg"))])
    assert "张贴照存好了" in house.liu.follow(sent).words
    seen = house.nobody.get(page)
    assert "还缺张贴照" not in seen.words
    src = seen.page.select_one("#board img")["src"].removeprefix("/c/fengshu")
    assert house.nobody.get(src).status == 200
    original = src.removesuffix("/320") + "/original"
    assert house.nobody.get(original).status == 404, "what the camera made stays with the officers"
    assert house.zhang.get(original).status == 200
    with house.session() as session:
        assert b"notice.posted" in session.exec(select(LogEntry.entry)).all()[-1]


def test_the_end_of_the_period_asks_for_a_second_photo(house: House) -> None:
    notice = published(house)
    assert posted(house.liu, notice).status == 201
    assert posted(house.liu, notice, "end").json["code"] == "NotPostedThen", "the period has not come to its last day"
    with house.session() as session:
        row(session, notice).objections_until_at = now() - timedelta(minutes=1)
    assert "还缺张贴照：期满" in house.nobody.get(f"/notices/{notice.id}").words
    assert [m["moment"] for m in house.liu.api.get("/notices/tasks").json["photos_missing"]] == ["end"]
    assert posted(house.liu, notice, "end", shade=2).status == 201
    assert house.liu.api.get("/notices/tasks").json["photos_missing"] == []
    assert [p["moment"] for p in house.nobody.api.get(f"/notices/{notice.id}").json["board"]] == ["start", "end"]


def test_a_photo_is_of_a_time_at_which_the_paper_hung_and_of_nobodys_data(house_sqlite: House) -> None:
    house, notice = house_sqlite, published(house_sqlite)
    for at in (now() + timedelta(minutes=5), notice.published_at - timedelta(minutes=5)):
        assert posted(house.liu, notice, at=at).json["code"] == "NotPostedThen"
    path = f"/notices/{notice.id}/board"
    fields = {"id": str(fresh()), "moment": "start", "taken_at": "2020-01-01T08:00", "clean": "true"}
    file = [("camera", ("a.jpg", picture(), "image/jpeg"))]
    early = house.liu.ask("POST", path, data=fields, files=file)
    assert early.status == 422
    assert "张贴时间要在公示以后" in early.words
    without = house.liu.ask("POST", path, data=fields, files=NO_FILE)
    assert without.status == 422
    assert "请拍一张贴好的公示" in without.words
    unsaid = house.liu.ask("POST", path, data=fields | {"clean": ""}, files=file)
    assert unsaid.status == 422
    assert house.wang.ask("POST", path, data=fields, files=file).status == 403
    assert house.nobody.api.get(f"/notices/{notice.id}").json["board"] == []


def test_the_same_photo_sent_twice_is_one_and_another_under_its_id_is_refused(house: House) -> None:
    notice, other, id = published(house), published(house, title="另一份"), fresh()
    assert [posted(house.liu, notice, id=id).status for _ in range(2)] == [201, 200]
    assert posted(house.liu, notice, shade=3, id=id).json["code"] == "PhotoDiffers"
    assert posted(house.liu, other, id=id).json["code"] == "PhotoDiffers", "a photo hangs in one place"
    assert len(house.nobody.api.get(f"/notices/{notice.id}").json["board"]) == 1


def test_a_reader_counts_once_a_day(house_sqlite: House) -> None:
    house, notice = house_sqlite, published(house_sqlite)
    path = f"/notices/{notice.id}"

    def views() -> int:
        sightings.tally.flush(house.db)
        return int(house.nobody.api.get(path).json["views"])

    for one in (house.wang, house.wang, house.li, house.nobody, house.nobody, house.wang):
        one.get(path)
    assert views() == 3
    assert "3 人次" in house.wang.get(path).words
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        house.wang.get(path)
        assert views() == 4


def test_the_feed_is_well_formed_and_keeps_its_ids(house: House) -> None:
    empty = ElementTree.fromstring(house.nobody.get("/notices/feed").text)
    assert empty.find(f"{{{ATOM}}}updated") is not None, "RFC 4287 asks for a date even without entries"
    first, second = published(house, title="收支 <1> & 2"), published(house, title="第二份")
    objected(house, first, text="少了一笔")
    answer = house.nobody.get("/notices/feed")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = ElementTree.fromstring(answer.text)
    entries = feed.findall(f"{{{ATOM}}}entry")
    ids = [entry.findtext(f"{{{ATOM}}}id") for entry in entries]
    assert ids == [f"urn:uuid:{second.id}", f"urn:uuid:{first.id}"]
    assert entries[1].findtext(f"{{{ATOM}}}title") == "收支 <1> & 2"
    for name in ("id", "title", "updated"):
        assert all(entry.findtext(f"{{{ATOM}}}{name}") for entry in [feed, *entries])
    for private in ("王阿姨", "张会计", "少了一笔"):
        assert private not in answer.text
    assert entries[0].find(f"{{{ATOM}}}link").get("href").endswith(f"/c/fengshu/notices/{second.id}")
    link = house.nobody.get("/notices").page.find("link", rel="alternate")
    assert (link["type"], link["href"]) == ("application/atom+xml", "/c/fengshu/notices/feed")
    before = feed.findtext(f"{{{ATOM}}}updated")
    assert house.zhang.api.post(f"/notices/{first.id}/withdraw", json={"reason": "漏了一笔"}).status == 200
    after = ElementTree.fromstring(house.nobody.get("/notices/feed").text)
    assert after.findtext(f"{{{ATOM}}}updated") > before, "readers are told that something changed"


def test_who_published_takes_it_back_with_a_reason_that_stays(house: House) -> None:
    notice = published(house)
    objected(house, notice)
    form = house.zhang.get(f"/notices/{notice.id}/withdraw")
    assert form.status == 200
    assert house.zhang.post(f"/notices/{notice.id}/withdraw", {"reason": " "}).status == 422
    done = house.zhang.post(f"/notices/{notice.id}/withdraw", {"reason": "漏了八月的广告费"})
    assert "撤回了" in house.zhang.follow(done).words
    for page in (f"/notices/{notice.id}", f"/notices/{notice.id}/sheet"):
        assert "漏了八月的广告费" in house.nobody.get(page).words
    read = house.nobody.api.get(f"/notices/{notice.id}").json
    assert (read["state"], read["withdrawn_because"], read["effective_at"]) == (NoticeState.WITHDRAWN, "漏了八月的广告费", None)
    assert "您提过异议的公示撤回了" in house.wang.get("/me/messages").words
    refused = house.li.api.put(f"/notices/{notice.id}/objections/{fresh()}", {"text": "少了一笔"})
    assert refused.json["code"] == "NoticeWithdrawn"
    assert posted(house.liu, notice).json["code"] == "NoticeWithdrawn"
    with time_machine.travel(notice.objections_until_at, tick=False), house.session() as session:
        assert not is_effective(session, notice.compound_id, notice.record_id), "time does not bring it back"
    with house.session() as session:
        assert verify_log(session, notice.compound_id).finding is None
        written = b"".join(session.exec(select(LogEntry.entry)).all()).decode()
    assert '"supersedes":0' in written
    assert "广告费" not in written


def test_nobody_takes_back_what_another_published_or_without_the_second_factor(house: House) -> None:
    notice = published(house)
    path, wish = f"/notices/{notice.id}/withdraw", {"json": {"reason": "漏了一笔"}}
    for one, status in ((house.liu, 403), (house.wang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.ask("POST", path, **wish).status == status
    assert house.liu.get(path).status == 403
    with house.session() as session:
        tired = One(house, house.compound, house.zhang.person, make_login(session, house.zhang.person, second_factor=False))
    assert tired.api.ask("POST", path, **wish).json["code"] == "SecondFactorNeeded"
    assert house.nobody.api.get(f"/notices/{notice.id}").json["state"] == "open"


def test_who_put_a_wrong_photo_up_takes_it_back_and_the_record_stays(house: House) -> None:
    notice, id = published(house), fresh()
    assert posted(house.liu, notice, id=id).status == 201
    page, picture_at = f"/notices/{notice.id}", f"/notices/{notice.id}/board/{id}"
    assert "收回：刚贴出" in house.liu.get(page).words
    assert "收回：刚贴出" not in house.zhang.get(page).words, "only who put it up"
    assert house.zhang.get(f"{picture_at}/take-back").status == 403
    assert house.zhang.api.post(f"{picture_at}/withdraw", json={"reason": "拍错了"}).status == 403
    assert house.wang.post(f"{picture_at}/take-back", {"reason": "拍错了"}).status == 403
    assert "收回这张张贴照" in house.liu.get(f"{picture_at}/take-back").words
    assert house.liu.post(f"{picture_at}/take-back", {"reason": " "}).status == 422
    done = house.liu.follow(house.liu.post(f"{picture_at}/take-back", {"reason": "拍成了别的楼"}))
    assert "张贴照收回了" in done.words
    seen = house.nobody.get(page)
    assert "拍成了别的楼" in seen.words
    assert "还缺张贴照：刚贴出" in seen.words
    assert seen.page.select("#board img") == []
    assert house.nobody.get(f"{picture_at}/320").status == 404
    assert house.nobody.api.get(picture_at).status == 404
    assert house.liu.get(f"{picture_at}/320").status == 200, "the officers keep the evidence"
    (card,) = house.nobody.api.get(page).json["board"]
    assert card["taken_back_because"] == "拍成了别的楼"
    assert [m["moment"] for m in house.liu.api.get("/notices/tasks").json["photos_missing"]] == ["start"]
    again = house.liu.api.post(f"{picture_at}/withdraw", json={"reason": "再来"})
    assert again.json["code"] == "PhotoTakenBack"
    with house.session() as session:
        written = session.exec(select(LogEntry.entry)).all()[-1].decode()
    assert '"notice.posting_withdrawn"' in written
    assert '"supersedes":1' in written
    assert "别的楼" not in written


def test_an_overdue_notice_stands_once_in_the_list(house_sqlite: House) -> None:
    house, late, other = house_sqlite, published(house_sqlite, title="过期的"), published(house_sqlite, title="平常的")
    objected(house, late)
    assert house.nobody.get("/notices").words.count("过期的") == 1
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        page = house.nobody.get("/notices")
        assert page.words.count("过期的") == 1
        assert "过期的" in page.page.select_one("#overdue").get_text()
        assert page.words.count("平常的") == 1
        assert len(house.nobody.api.get("/notices").json["items"]) == 2
    assert other.id != late.id
