"""A finding is raised, the contractor answers by a link without an account, and somebody else sees it mended."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from app.accounts.models import Attempt
from app.compounds.models import SeatKind
from app.inbox.models import Message
from app.kit.clock import now, today
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from app.renovation.finding_models import ActKind, Finding, FindingAct, FindingLink
from app.renovation.finding_queries import waiting_for
from app.renovation.holders import MOST_SENT
from tests.cast import House, One, actor_of
from tests.making import fresh
from tests.publiclog.tampering import guards_off, run
from tests.renovation.sites import NOTICE, answered, finding_in, link_to, project_in, snapshot, visit_in

NO_FILE = [("camera", ("", b"", "application/octet-stream"))]


def judged(one: One, finding: str, verdict: str, said: str = "看过了", *, photo: bool = False) -> int:
    files = [("camera", ("r.jpg", snapshot(8), "image/jpeg"))] if photo else NO_FILE
    data = {"id": str(fresh()), "kind": verdict, "text": said}
    return one.ask("POST", f"/works/findings/{finding}/acts", data=data, files=files).status


def state(house: House, finding: str) -> tuple[str, int]:
    read = house.nobody.api.get(f"/findings/{finding}").json
    return read["state"], read["reopened"]


def log_types(house: House) -> list[str]:
    with house.session() as session:
        assert verify_log(session, house.compound.id).finding is None
        types = [entry.type for entry in session.exec(select(LogEntry).order_by(LogEntry.index))]  # type: ignore[arg-type]
    return [type for type in types if type.startswith("finding")]


def test_from_the_notice_to_the_closing(house: House) -> None:
    project = project_in(house)
    visit, photos = visit_in(house, project, photos=1)
    page = house.chen.get(f"/works/projects/{project.id}/findings/new?visit={visit}")
    form = page.page.find("form", enctype="multipart/form-data")
    assert form
    fields = {i["name"]: i.get("value", "") for i in form.find_all("input", type="hidden")} | NOTICE
    raised = house.chen.ask(
        "POST", form["action"].removeprefix("/c/fengshu"), data=fields | {"photo_ids": str(photos[0])}, files=NO_FILE
    )
    assert "整改通知第 1 号" in house.chen.follow(raised).words
    finding = raised.place.rpartition("/")[2]
    assert house.nobody.api.get(f"/findings/{finding}").json["due_on"] == str(today() + timedelta(days=7)), (
        "by the compound's rule"
    )

    shown = house.chen.post(f"/works/findings/{finding}/links")
    address = shown.page.find("textarea").get_text().strip()
    assert address.startswith("http://127.0.0.1:8000/c/fengshu/works/answer/")
    assert shown.page.find("svg", class_="qr")
    path = address.partition("/c/fengshu")[2]
    assert path not in house.chen.get(f"/works/findings/{finding}").text, "shown once"

    opened = house.nobody.get(path)
    assert "金属外壳没有接地线" in opened.words
    assert "陈工" not in opened.text
    received = house.nobody.post(f"{path}/receipt")
    assert "监督员看得见" in house.nobody.follow(received).words
    assert "施工方说收到了" in house.wang.get(f"/works/findings/{finding}").words
    answer = {"id": str(fresh()), "text": "地线接好了。", "answered_by": "孟工"}
    files = [("camera", ("after.jpg", snapshot(9), "image/jpeg"))]
    assert house.nobody.ask("POST", path, data=answer, files=files).status == 303
    assert state(house, finding) == ("rectified_claimed", 0)
    with house.session() as session:
        assert {m.person_id for m in session.exec(select(Message))} == {house.chen.id, house.zhou.id}
        assert [f.number for f in waiting_for(session, actor_of(house.zhou))] == [1]
        assert waiting_for(session, actor_of(house.chen)) == [], "it was his own"
        assert waiting_for(session, actor_of(house.wang)) == []

    assert judged(house.zhou, finding, "mended") == 303
    assert state(house, finding) == ("closed", 0)
    page = house.nobody.get(f"/works/findings/{finding}")
    assert "已改好并复查" in page.words
    assert page.page.select("[data-compare] img")[0]["alt"] == "改前：充电棚配电箱"
    assert "孟*" in page.words
    assert log_types(house) == ["finding.raised", "finding.received", "finding.answered", "finding.closed"]


def test_looking_at_the_link_is_no_receipt(house: House) -> None:
    """A chat program previews links by itself."""
    finding = finding_in(house, project_in(house))
    path = link_to(house, finding)
    for _ in range(3):
        assert house.nobody.get(path).status == 200
        assert house.nobody.api.get(path).status == 200
        assert house.nobody.ask("HEAD", path).status in (200, 405)
    with house.session() as session:
        assert session.exec(select(FindingLink)).one().received_at is None
    assert house.nobody.api.get(f"/findings/{finding}").json["received_at"] is None
    assert house.nobody.get(f"{path}/receipt").status == 405
    assert log_types(house) == ["finding.raised"]
    first = house.nobody.api.post(f"{path}/receipt").json["received_at"]
    assert house.nobody.api.post(f"{path}/receipt").json["received_at"] == first is not None
    assert log_types(house) == ["finding.raised", "finding.received"]


def test_who_raised_it_does_not_close_it(house: House) -> None:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    assert judged(house.chen, finding, "mended") == 403
    assert judged(house.chen, finding, "not_mended") == 403
    assert state(house, finding) == ("rectified_claimed", 0)
    assert "您来复查" not in house.chen.get(f"/works/findings/{finding}").words
    assert "您来复查" in house.zhou.get(f"/works/findings/{finding}").words
    for one, status in ((house.wang, 403), (house.liu, 403), (house.nobody, 401), (house.zhao, 403), (house.zhao_here, 401)):
        assert judged(one, finding, "mended") == status


def test_no_photo_of_after_no_closing(house: House) -> None:
    finding = finding_in(house, project_in(house))
    answered(house, finding, photo=False)
    page = house.zhou.post(f"/works/findings/{finding}/acts", {"id": str(fresh()), "kind": "mended", "text": "堵住了"})
    assert page.status == 422
    assert "请拍一张改后的照片，再提交复查。" in page.words
    assert page.page.find("textarea", {"name": "text"}).text.strip() == "堵住了", "what was typed is there still"
    assert page.page.find("input", {"type": "file"}), "and a photo is added at once"
    assert house.zhou.api.put(f"/findings/{finding}/acts/{fresh()}", {"kind": "mended"}).json["code"] == "AfterPhotoNeeded"
    assert judged(house.zhou, finding, "mended", photo=True) == 303
    assert state(house, finding) == ("closed", 0)


def test_an_old_photo_does_not_speak_for_a_new_answer(house: House) -> None:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    assert judged(house.zhou, finding, "not_mended", "还在滴水") == 303
    assert state(house, finding) == ("rejected", 1)
    answered(house, finding, photo=False)
    assert judged(house.zhou, finding, "mended") == 422


def test_what_was_closed_can_be_opened_again_and_is_counted(house: House) -> None:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    judged(house.zhou, finding, "mended")
    assert judged(house.chen, finding, "reopened", "") == 422, "a reason is owed"
    assert judged(house.chen, finding, "reopened", "车压过又松了") == 303
    assert state(house, finding) == ("reopened", 1)
    assert "打开过" in house.nobody.get(f"/works/findings/{finding}").words
    assert judged(house.chen, finding, "reopened", "再来") == 409


def test_closed_unfixed_is_counted_apart(house: House) -> None:
    project = project_in(house)
    finding = finding_in(house, project)
    assert judged(house.zhou, finding, "unfixed", " ") == 422
    assert judged(house.zhou, finding, "unfixed", "重挖要再封路十天，议事会同意不重挖") == 303
    words = house.nobody.get(f"/works/projects/{project.id}").words
    assert "已改好并复查 0 个" in words
    assert "没改好就关闭 1 个" in words
    assert house.chen.api.post(f"/findings/{finding}/links").json["code"] == "NotThisState"


def test_a_judgement_with_a_mistake_comes_back_with_what_was_said_and_asks_for_its_photos_again(house: House) -> None:
    finding = finding_in(house, project_in(house))
    too_long = "看" * 2001
    for kind, ready in (("unfixed", lambda: None), ("not_mended", lambda: answered(house, finding))):
        ready()
        came_back = house.zhou.ask(
            "POST",
            f"/works/findings/{finding}/acts",
            data={"kind": kind, "text": too_long},
            files=[("camera", ("r.jpg", snapshot(8), "image/jpeg"))],
        )
        assert came_back.status == 422
        assert came_back.page.select_one("#f-text").text.strip() == too_long
        assert came_back.page.select_one('.errors a[href="#f-text"]')
        assert "照片没有存下，请再选一次。" in came_back.page.select_one("#f-photos, .errors").text
        assert len(came_back.page.select("#f-text")) == 1
    assert came_back.page.select_one('input[value="not_mended"]').has_attr("checked")


def test_a_link_that_was_ended_or_is_too_old_says_so_and_an_unknown_one_is_not_there(house: House) -> None:
    finding = finding_in(house, project_in(house))
    first = link_to(house, finding)
    second = link_to(house, finding)
    ended = house.nobody.get(first)
    assert ended.status == 410, "a new link ends the one before"
    assert "请向监督员要新的" in ended.words
    assert NOTICE["what"] not in ended.text
    assert house.nobody.post(f"{first}/receipt").status == 410
    assert house.nobody.api.put(f"{first}/answers/{fresh()}", {"text": "好了", "answered_by": "孟工"}).json["code"] == "LinkEnded"
    assert house.nobody.get(second).status == 200
    assert house.nobody.get("/works/answer/" + "x" * 32).status == 404
    assert house.zhao.get(second).status == 404, "the link of one compound opens nothing in the next"
    with time_machine.travel(now() + timedelta(days=91), tick=False):
        assert house.nobody.get(second).status == 410
        assert house.nobody.ask("POST", second, data={"text": "好了", "answered_by": "孟工"}).status == 410


def test_an_answer_sent_twice_is_one_and_a_second_answer_waits_its_turn(house: House) -> None:
    finding = finding_in(house, project_in(house))
    path, id = link_to(house, finding), str(fresh())
    answer = {"text": "好了", "answered_by": "孟工"}
    assert [house.nobody.api.put(f"{path}/answers/{id}", answer).status for _ in range(2)] == [201, 200]
    assert house.nobody.api.put(f"{path}/answers/{id}", answer | {"text": "没好"}).json["code"] == "SameIdOtherContent"
    assert house.nobody.api.put(f"{path}/answers/{fresh()}", answer).json["code"] == "NotThisState"
    assert log_types(house) == ["finding.raised", "finding.answered"]


def test_two_supervisors_who_judge_at_once_leave_one_judgement(house: House) -> None:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    newcomers = [house.zhou, *(house.newcomer(f"监督{n}", SeatKind.SUPERVISOR) for n in range(3))]
    calls = [
        (one.api, "PUT", f"/findings/{finding}/acts/{fresh()}", {"json": {"kind": verdict, "text": "看过"}})
        for one in newcomers
        for verdict in ("mended", "not_mended")
    ]
    assert sorted(a.status for a in house.at_once(*calls)) == [201] + [409] * 7
    with house.session() as session:
        judged_as = [ActKind.MENDED, ActKind.NOT_MENDED]
        assert len(session.exec(select(FindingAct).where(col(FindingAct.kind).in_(judged_as))).all()) == 1


def test_fifty_duplicates_of_a_notice_are_one_notice(house: House) -> None:
    """kobocat #470: a duplicate by SELECT race."""
    project, id = project_in(house), fresh()
    path = f"/projects/{project.id}/findings/{id}"
    answers = house.at_once(*[(house.chen.api, "PUT", path, {"json": NOTICE})] * 50)
    assert sorted(a.status for a in answers) == [200] * 49 + [201]
    with house.session() as session:
        assert session.exec(select(Finding.number)).all() == [1]


def test_a_notice_shows_only_photos_of_its_own_visit(house: House) -> None:
    project = project_in(house)
    visit, photos = visit_in(house, project, photos=1)
    other, others = visit_in(house, project, photos=1)
    path = f"/projects/{project.id}/findings/{fresh()}"
    wrong = NOTICE | {"visit_id": str(visit), "photo_ids": [str(others[0])]}
    assert house.chen.api.put(path, wrong).status == 404
    finding = finding_in(house, project, visit_id=str(other), photo_ids=[str(others[0])])
    assert house.nobody.get(f"/works/findings/{finding}/photos/{others[0]}/960").status == 200
    assert house.nobody.get(f"/works/findings/{finding}/photos/{others[0]}/original").status == 403
    assert house.nobody.get(f"/works/findings/{finding}/photos/{photos[0]}/960").status == 404
    assert house.zhao.get(f"/works/findings/{finding}/photos/{others[0]}/960").status == 404
    assert house.chen.get(f"/works/findings/{finding}/photos/{others[0]}/original").status == 200


def test_what_was_answered_and_judged_stays(house: House) -> None:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    judged(house.zhou, finding, "mended")
    for table, column in (("finding_act", "text"), ("finding_photo", "position")):
        change = f"UPDATE {table} SET {column} = {column}"
        with pytest.raises(DatabaseError, match="append-only"), house.session() as session:
            session.connection().execute(text(change))
        with house.session() as session:
            guards_off(session, table)
            assert run(session, change) >= 1


@pytest.mark.parametrize(
    ("field", "value"), [("what", ""), ("severity", "awful"), ("demand", "\x00"), ("due_on", "soon"), ("place", "字" * 101)]
)
def test_a_malformed_notice_is_said_so(house_sqlite: House, field: str, value: str) -> None:
    house = house_sqlite
    project = project_in(house)
    answer = house.chen.api.put(f"/projects/{project.id}/findings/{fresh()}", NOTICE | {field: value})
    assert (answer.status, answer.json["code"]) == (422, "Malformed")
    page = house.chen.ask("POST", f"/works/projects/{project.id}/findings", data=NOTICE | {field: value}, files=NO_FILE)
    assert page.status == 422
    assert "接好地线" in page.text or field == "demand"
    assert page.page.title.string.startswith("错误：")


def test_another_compounds_finding_is_not_there(house: House) -> None:
    finding = finding_in(house, project_in(house))
    assert house.zhao.api.get(f"/findings/{finding}").status == 404
    assert house.zhao.get(f"/works/findings/{finding}").status == 404
    assert house.zhao.api.put(f"/findings/{finding}/acts/{fresh()}", {"kind": "mended"}).status in (403, 404)


def test_an_overdue_finding_says_so(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    finding = finding_in(house, project, due_on=str(today()))
    assert house.nobody.api.get(f"/findings/{finding}").json["overdue"] is False, "it is the last day"
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        assert house.nobody.api.get(f"/findings/{finding}").json["overdue"] is True
        assert "过期没改好" in house.nobody.get(f"/works/projects/{project.id}/findings").words


def test_nobody_is_asked_to_have_mended_it_yesterday(house: House) -> None:
    project, yesterday, id = project_in(house), str(today() - timedelta(days=1)), fresh()
    path = f"/projects/{project.id}/findings/{id}"
    assert house.chen.api.put(path, NOTICE | {"due_on": yesterday}).json["code"] == "DueDayPassed"
    form = house.chen.ask("POST", f"/works/projects/{project.id}/findings", data=NOTICE | {"due_on": yesterday}, files=NO_FILE)
    assert form.status == 422
    assert form.page.select_one('.errors a[href="#f-due_on"]')
    assert house.chen.api.put(path, NOTICE | {"due_on": yesterday, "draft": True}).status == 201, "a draft asks nothing yet"
    with house.session() as session:
        assert session.get_one(Finding, (house.compound.id, id)).number is None
    today_is_early_enough = finding_in(house, project, due_on=str(today()))
    answered(house, today_is_early_enough)
    again = {"kind": "not_mended", "text": "没改好", "due_on": yesterday}
    act = f"/findings/{today_is_early_enough}/acts/{fresh()}"
    assert house.zhou.api.put(act, again).json["code"] == "DueDayPassed"
    assert state(house, today_is_early_enough) == ("rectified_claimed", 0)
    sent = {"kind": "not_mended", "text": "没改好", "due_on": str(today() + timedelta(days=1))}
    assert house.zhou.api.put(act, sent).status == 201
    with time_machine.travel(now() + timedelta(days=5), tick=False):
        assert house.zhou.api.put(act, sent).status == 200, "what was taken once is not refused when it is sent again"


def test_the_contractors_link_opens_one_finding_and_nothing_else(house: House) -> None:
    """It signs nobody in: behind every other door of the table its holder is nobody. What it shows names no neighbour."""
    project = project_in(house)
    visit, photos = visit_in(house, project, photos=2)
    shown = {"visit_id": str(visit), "photo_ids": [str(photos[0])]}
    finding, other = finding_in(house, project, **shown), finding_in(house, project, draft=True)
    path = link_to(house, finding)
    opened = house.nobody.get(path)
    assert "set-cookie" not in opened.headers
    told = opened.text + house.nobody.api.get(path).text
    for secret in ("陈工", "老周", "19900008801", other, str(photos[1])):
        assert secret not in told
    addresses = [link["href"] for link in opened.page.select("main a")] + [i["src"] for i in opened.page.select("main img")]
    of_it = f"/c/fengshu/works/findings/{finding}/photos/"
    assert [a for a in addresses if not a.startswith((of_it, "tel:"))] == []
    forms = {form["action"] for form in opened.page.select("main form")} - {"/locale"}
    assert forms == {f"/c/fengshu{path}", f"/c/fengshu{path}/receipt"}
    answer = {"id": str(fresh()), "text": "好了", "answered_by": "孟工"}
    for below in (f"/findings/{other}", f"/findings/{finding}/acts/{fresh()}", f"/findings/{finding}/photos/{photos[0]}"):
        assert house.nobody.api.put(f"{path}{below}", answer).status == 404
    for act in ("mended", "voided", "unfixed", "issued"):
        assert house.nobody.api.put(f"{path}/answers/{fresh()}", answer | {"kind": act}).status == 422
    assert house.nobody.get(f"/works/findings/{finding}/photos/{photos[0]}/original").status == 403
    assert house.zhao_here.get(path).status == 200, "whoever holds it"
    assert house.nobody.api.get(path.replace("/works/answer/", "/works/answer/x")).status == 404


def test_a_link_that_sends_without_end_is_slowed_down_and_what_it_wrote_is_taken_later(house: House) -> None:
    """Also what is refused counts, and no other link is slowed by it. The phone keeps what was answered 429."""
    house.app.state.settings = house.app.state.settings.model_copy(update={"throttled": True})
    project = project_in(house)
    path, other = link_to(house, finding_in(house, project)), link_to(house, finding_in(house, project))
    with house.session() as session:
        link = session.exec(select(FindingLink.id).order_by(FindingLink.made_at)).first()  # type: ignore[arg-type]
        session.add(Attempt(subject=f"link:{link}", window_starts_at=now(), count=MOST_SENT - 2))
    put = f"{path}/answers/{fresh()}"
    answer = {"kind": "answered", "text": "接好了", "answered_by": "孟工"}
    assert house.nobody.api.put(put, {"kind": "nonsense"}).status == 422
    assert house.nobody.api.post(f"{path}/receipt").status == 200
    slowed = house.nobody.api.put(put, answer)
    assert (slowed.status, slowed.json["code"], slowed.headers["retry-after"]) == (429, "LinkTooBusy", "900")
    typed = house.nobody.post(path, answer | {"id": str(fresh())})
    assert typed.status == 429
    assert "请 15 分钟后再送" in typed.words
    assert "接好了" in typed.text, "and what was typed is there to be sent again"
    assert house.nobody.get(path).status == 200, "looking is free"
    assert house.nobody.api.post(f"{other}/receipt").status == 200
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        assert [house.nobody.api.put(put, answer).status for _ in range(2)] == [201, 200]
