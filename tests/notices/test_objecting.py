"""A resident objects by name, is answered by name, and only then does what was published take effect."""

from datetime import timedelta

import time_machine
from sqlmodel import select

from app.inbox.models import Message
from app.kit.clock import now
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.notices.models import Notice
from app.notices.queries import is_effective
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from tests.cast import House
from tests.making import fresh, make_notice


def published(house: House) -> Notice:
    with house.session() as session:
        return make_notice(session, house.zhang.person)


def over(notice: Notice) -> time_machine.travel:
    """The instant at which the period is over."""
    return time_machine.travel(notice.objections_until_at, tick=False)


def effective(house: House, notice: Notice) -> bool:
    with house.session() as session:
        return is_effective(session, notice.compound_id, notice.record_id)


def test_a_notice_takes_effect_when_its_period_is_over(house: House) -> None:
    notice = published(house)
    words = house.nobody.get(f"/notices/{notice.id}").words
    assert "可提异议，还剩" in words
    assert "30 个工作日" in words
    assert house.nobody.api.get(f"/notices/{notice.id}").json["effective_at"], "the day from which it holds if nobody objects"
    assert not effective(house, notice)
    with over(notice):
        assert effective(house, notice)
        assert "已生效" in house.nobody.get("/notices").words


def test_the_newest_year_stands_open_and_older_ones_are_folded(house: House) -> None:
    """By the compound's calendar: five in the afternoon of New Year's Eve in UTC is the new year in Shanghai."""
    published(house)
    old = now().year
    with time_machine.travel(f"{old}-12-31T17:00:00Z", tick=False):
        published(house)
        page = house.nobody.get("/notices").page
    folds = page.select("details.fold")
    assert [fold["id"] for fold in folds] == [f"y{old + 1}", f"y{old}"]
    assert [fold.has_attr("open") for fold in folds] == [True, False]
    assert [len(fold.select("li")) for fold in folds] == [1, 1]


def test_an_objection_is_shown_without_its_name_and_answered_with_one(house: House) -> None:
    notice = published(house)
    page = house.wang.get(f"/notices/{notice.id}").page
    form = page.find("form", action=f"/c/fengshu/notices/{notice.id}/objections")
    assert form
    id = form.find("input", {"name": "id"})["value"]
    sent = house.wang.post(f"/notices/{notice.id}/objections", {"id": id, "text": "灭蚊的钱太多了"})
    assert "具名答复" in house.wang.follow(sent).words
    seen = house.li.get(f"/notices/{notice.id}").words
    assert "灭蚊的钱太多了" in seen
    assert "王阿姨" not in seen
    answered = house.liu.post(f"/notices/objections/{id}/answer", {"text": "三次都有票据，已附上。"})
    assert answered.status == 303
    assert "刘主任答复" in house.wang.get(f"/notices/{notice.id}").words
    assert "刘*答复" in house.nobody.get(f"/notices/{notice.id}").words


def test_an_unanswered_objection_holds_the_notice_back_for_everybody_to_see(house: House) -> None:
    notice, id = published(house), fresh()
    assert house.wang.api.put(f"/notices/{notice.id}/objections/{id}", {"text": "少了一笔"}).status == 201
    with over(notice):
        assert not effective(house, notice)
        read = house.nobody.api.get(f"/notices/{notice.id}").json
        assert (read["state"], read["objections"][0]["overdue"]) == ("waiting", True)
        for path in (f"/notices/{notice.id}", "/notices", "/"):
            assert "异议过期没答复" in house.nobody.get(path).words, path
        assert read["effective_at"] is None
        assert house.zhang.api.post(f"/objections/{id}/answer", json={"text": "在第 3 页。"}).status == 200
        assert effective(house, notice)
        late = house.nobody.api.get(f"/notices/{notice.id}").json
        assert late["effective_at"] == late["objections"][0]["answered_at"]
        assert "异议过期没答复" not in house.nobody.get("/").words


def test_an_objection_after_the_period_is_refused(house: House) -> None:
    notice = published(house)
    with over(notice):
        answer = house.wang.api.put(f"/notices/{notice.id}/objections/{fresh()}", {"text": "晚了"})
    assert (answer.status, answer.json["code"]) == (409, "ObjectionPeriodOver")


def test_the_same_objection_sent_twice_is_one(house: House) -> None:
    notice, id = published(house), fresh()
    path = f"/notices/{notice.id}/objections/{id}"
    assert [house.wang.api.put(path, {"text": "少了一笔"}).status for _ in range(2)] == [201, 200]
    assert house.wang.api.put(path, {"text": "多了一笔"}).json["code"] == "SameIdOtherContent"
    assert len(house.nobody.api.get(f"/notices/{notice.id}").json["objections"]) == 1


def test_two_officers_who_answer_at_once_leave_one_answer(house: House) -> None:
    notice, id = published(house), fresh()
    house.wang.api.put(f"/notices/{notice.id}/objections/{id}", {"text": "少了一笔"})
    rivals = [(one.api, "POST", f"/objections/{id}/answer", {"json": {"text": "有的"}}) for one in (house.liu, house.zhang) * 10]
    statuses = sorted(a.status for a in house.at_once(*rivals))
    assert statuses == [200, *[409] * 19]


def test_residents_and_strangers_do_not_answer(house: House) -> None:
    notice, id = published(house), fresh()
    house.wang.api.put(f"/notices/{notice.id}/objections/{id}", {"text": "少了一笔"})
    for one, status in ((house.li, 403), (house.chen, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.post(f"/objections/{id}/answer", json={"text": "我来说"}).status == status
    assert house.zhao_here.api.put(f"/notices/{notice.id}/objections/{fresh()}", {"text": "路过"}).status == 401


def test_an_objection_counts_to_the_last_instant(house_sqlite: House) -> None:
    house, notice = house_sqlite, published(house_sqlite)
    with time_machine.travel(notice.objections_until_at - timedelta(microseconds=1), tick=False):
        assert house.wang.api.put(f"/notices/{notice.id}/objections/{fresh()}", {"text": "赶上了"}).status == 201


def test_officers_are_told_of_an_objection_and_again_when_its_time_is_over(house: House) -> None:
    notice = published(house)
    first, second = fresh(), fresh()
    for id in (first, second):
        assert house.wang.api.put(f"/notices/{notice.id}/objections/{id}", {"text": f"少了一笔 {id}"}).status == 201
    assert "有人提了异议" in house.liu.get("/me/messages").words
    assert "有人提了异议" not in house.chen.get("/me/messages").words, "who may not answer is not told"
    assert "2 条异议等答复" in house.liu.get("/").words
    assert house.liu.api.post(f"/objections/{first}/answer", json={"text": "有的"}).status == 200
    with time_machine.travel(now() + timedelta(days=7, seconds=1), tick=False):
        assert run_once(house.db, HANDLERS) == 2
        with house.session() as session:
            told = session.exec(
                select(Message).where(Message.person_id == house.liu.id, Message.title == "异议过了期限还没答复")
            ).all()
        assert len(told) == 1, "of the unanswered one only"


def test_an_empty_objection_keeps_the_page_and_says_what_to_do(house: House) -> None:
    notice = published(house)
    answer = house.wang.post(f"/notices/{notice.id}/objections", {"text": "   "})
    assert answer.status == 422
    assert "这里还没有填" in answer.words
    assert answer.page.title.string.startswith("错误：")


def test_everything_about_a_notice_stands_in_the_log_without_a_name(house: House) -> None:
    notice, id = published(house), fresh()
    house.wang.api.put(f"/notices/{notice.id}/objections/{id}", {"text": "少了一笔"})
    house.liu.api.post(f"/objections/{id}/answer", json={"text": "有的"})
    with house.session() as session:
        report = verify_log(session, notice.compound_id)
        assert report.size == 3
        assert report.finding is None
        written = b"".join(session.exec(select(LogEntry.entry)).all()).decode()
    assert "少了一笔" not in written
    assert "王阿姨" not in written
    assert notice.sha256.hex() in written


def test_the_sheet_for_the_board_carries_the_code_and_the_log(house: House) -> None:
    notice = published(house)
    page = house.nobody.get(f"/notices/{notice.id}/sheet")
    assert page.page.find("svg", class_="qr")
    assert "公开日志第 0 条" in page.words
    assert "日志共 1 条" in page.words
    assert "30 个工作日" in page.words
    assert "实名提出" in page.words
    assert "张会计" not in page.words, "a stranger knows nobody's whole name"
    assert "张会计" in house.wang.get(f"/notices/{notice.id}/sheet").words
