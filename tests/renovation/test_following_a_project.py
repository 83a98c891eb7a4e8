"""Residents ask and are answered by name, follow a project and are told, and read it on an old phone whatever its size."""

from datetime import timedelta
from uuid import UUID
from xml.etree import ElementTree

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.inbox.models import Message
from app.kit.atom import ATOM
from app.kit.clock import now
from app.publiclog.models import LogEntry
from app.renovation.models import Visit, VisitPhoto
from app.renovation.question_models import Question, QuestionAnswer
from tests.cast import House
from tests.making import fresh
from tests.renovation.sites import finding_in, project_in
from tests.renovation.test_filing_papers import filed
from tests.renovation.test_living_through_a_project import step

ASKED = {"text": "3栋什么时候停水？"}


def messages(house: House, person: UUID) -> list[str]:
    with house.session() as session:
        rows = session.exec(select(Message).where(Message.person_id == person).order_by(Message.sent_at, Message.id))  # type: ignore[arg-type]
        return [f"{row.title}：{row.body}" for row in rows]


def test_a_question_is_shown_without_its_asker_and_answered_by_name(house: House) -> None:
    project, id = project_in(house).id, fresh()
    path = f"/projects/{project}/questions/{id}"
    assert [house.wang.api.put(path, ASKED).status for _ in range(2)] == [201, 200]
    assert house.wang.api.put(path, {"text": "别的"}).json["code"] == "SameIdOtherContent"
    assert house.nobody.api.put(f"/projects/{project}/questions/{fresh()}", ASKED).status == 401
    assert house.zhao.api.put(f"/projects/{project}/questions/{fresh()}", ASKED).status == 404
    reply = f"/questions/{id}/answers/{fresh()}"
    for one, status in ((house.wang, 403), (house.zhang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.put(f"/questions/{id}/answers/{fresh()}", {"text": "不停"}).status == status
    assert [house.liu.api.put(reply, {"text": "周四上午，两小时。"}).status for _ in range(2)] == [201, 200]
    assert house.chen.api.put(f"/questions/{id}/answers/{fresh()}", {"text": "周五"}).json["code"] == "QuestionAnswered"
    page = house.li.get(f"/works/projects/{project}/questions").words
    assert "刘主任答复" in page
    assert "王" not in page
    assert "刘*答复" in house.nobody.get(f"/works/questions/{id}").words
    assert messages(house, house.wang.id) == ["您问的有答复了：老旧小区改造，刘主任答复了。"]
    assert "居民问工程的事：老旧小区改造，请答复。" in messages(house, house.liu.id)
    with house.session() as session:
        lines = session.exec(select(LogEntry).where(LogEntry.record_id == id)).all()
    assert [line.type for line in lines] == ["question.asked", "question.answered"]
    for table in (Question, QuestionAnswer):
        for change in (update(table).values(text="改过"), delete(table)):
            with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
                session.execute(change)


def test_an_officer_asks_for_a_neighbour_without_a_phone(house: House) -> None:
    """Both are on record and hear the answer; what everybody reads names neither."""
    here = f"/works/projects/{project_in(house).id}/questions"
    assert "替没有手机的邻居问" in house.he.get(here).words
    assert "替没有手机的邻居问" not in house.wang.get(here).words
    link = house.he.get(f"{here}/for-others?q=李").page.select_one("#people a")
    assert link
    form = house.he.get(str(link["href"]).removeprefix("/c/fengshu"))
    assert "替李叔问" in form.words
    hidden = {str(f["name"]): str(f["value"]) for f in form.page.select('#ask input[type="hidden"]')}
    house.he.follow(house.he.post(here, ASKED | hidden))
    page = house.nobody.get(here).words
    assert ASKED["text"] in page
    assert not [name for name in ("李", "何") if name in page]
    with house.session() as session:
        question = session.exec(select(Question)).one()
    assert (question.person_id, question.entered_by_id) == (house.li.id, house.he.id)
    house.liu.api.put(f"/questions/{question.id}/answers/{fresh()}", {"text": "周四。"})
    assert messages(house, house.li.id) == [
        "替您问了一个问题：老旧小区改造，何队长替您问的。",
        "您问的有答复了：老旧小区改造，刘主任答复了。",
    ]
    assert messages(house, house.he.id) == ["您问的有答复了：老旧小区改造，刘主任答复了。"]
    path = here.replace("/works", "")
    for one, whom, status in ((house.wang, house.li, 403), (house.he, house.zhao, 404)):
        assert one.api.put(f"{path}/{fresh()}", ASKED | {"person_id": str(whom.id)}).status == status
        assert one.get(f"{here}?person={whom.id}").status == status
    assert house.nobody.get(f"{here}?person={house.li.id}").status == 200, "nobody is named to a stranger"
    assert "李叔" not in house.nobody.get(f"{here}?person={house.li.id}").text


def test_of_two_answers_at_once_one_stands(house: House) -> None:
    project, id = project_in(house).id, fresh()
    house.wang.api.put(f"/projects/{project}/questions/{id}", ASKED)
    rivals = [(one.api, "PUT", f"/questions/{id}/answers/{fresh()}", {"json": {"text": "好"}}) for one in (house.liu, house.chen)]
    assert sorted(answer.status for answer in house.at_once(*rivals)) == [201, 409]


def test_questions_on_pages(house_sqlite: House) -> None:
    project = project_in(house_sqlite).id
    page = f"/works/projects/{project}/questions"
    assert house_sqlite.wang.post(page, {"text": ""}).status == 422
    asked = house_sqlite.wang.follow(house_sqlite.wang.post(page, ASKED | {"id": str(fresh())}))
    assert "3栋什么时候停水" in asked.words
    assert "1 个，等答复 1 个" in house_sqlite.nobody.get(f"/works/projects/{project}").words
    assert "登录后可以提问" in house_sqlite.nobody.get(page).words
    question = house_sqlite.nobody.api.get(f"/projects/{project}/questions").json["items"][0]["id"]
    assert "您来答复" in house_sqlite.chen.get(f"/works/questions/{question}").words
    assert "您来答复" not in house_sqlite.wang.get(f"/works/questions/{question}").words
    answers = f"/works/questions/{question}/answers"
    assert house_sqlite.chen.post(answers, {"text": " "}).status == 422
    made = house_sqlite.chen.post(answers, {"text": "周四", "id": str(fresh())})
    assert "陈工答复" in house_sqlite.chen.follow(made).words


def test_who_follows_is_told_and_who_stops_is_not(house: House) -> None:
    project = project_in(house).id
    for _ in range(2):
        assert house.wang.api.put(f"/projects/{project}/follow").json == {"follows": True}
    assert house.liu.post(f"/works/projects/{project}/follow").status == 303
    step(house, project, "applied", office="街道")
    filed(house, project, title="管线图")
    filed(house, project, public=False, title="内部的")
    assert messages(house, house.wang.id) == ["老旧小区改造：向主管部门申请", "老旧小区改造：有新文件：管线图"]
    assert messages(house, house.liu.id) == [], "who did it knows"
    assert "不再关注" in house.wang.get(f"/works/projects/{project}").words
    assert house.wang.post(f"/works/projects/{project}/unfollow").status == 303
    step(house, project, "admitted", office="街道")
    assert len(messages(house, house.wang.id)) == 2
    assert house.wang.api.get(f"/projects/{project}/follow").json == {"follows": False}
    assert house.wang.api.put(f"/projects/{project}/follow").json == {"follows": True}
    assert house.wang.api.ask("DELETE", f"/projects/{project}/follow").json == {"follows": False}
    assert house.nobody.post(f"/works/projects/{project}/follow").status == 401
    assert house.zhao.api.put(f"/projects/{project}/follow").status == 404


def test_a_feed_tells_the_steps_and_the_public_papers(house_sqlite: House) -> None:
    project = project_in(house_sqlite).id
    step(house_sqlite, project, "applied", office="区住建局", text="王阿姨家漏水")
    filed(house_sqlite, project, title="管线图")
    filed(house_sqlite, project, public=False, title="内部的")
    answer = house_sqlite.liu.get(f"/works/projects/{project}/feed")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.text)
    entries = feed.findall(f"{{{ATOM}}}entry")
    assert [entry.findtext(f"{{{ATOM}}}title") for entry in entries] == ["管线图", "向主管部门申请", "立项登记"]
    ids = [entry.findtext(f"{{{ATOM}}}id") for entry in entries]
    again = ElementTree.fromstring(house_sqlite.nobody.get(f"/works/projects/{project}/feed").text)
    assert [entry.findtext(f"{{{ATOM}}}id") for entry in again.findall(f"{{{ATOM}}}entry")] == ids
    assert "王阿姨" not in answer.text
    assert f"/works/projects/{project}/feed" in house_sqlite.nobody.get(f"/works/projects/{project}").text


def test_a_project_of_two_thousand_photos_is_read_on_an_old_phone(house_sqlite: House) -> None:
    project = project_in(house_sqlite)
    with house_sqlite.session() as session:
        for number in range(1, 41):
            visit = Visit(
                compound_id=project.compound_id,
                project_id=project.id,
                supervisor_id=house_sqlite.chen.id,
                year=2026,
                number=number,
                place=f"{number}号管沟",
                progress="铺了一半，" * 30,
                received_at=now() - timedelta(days=number),
                frozen=b"{}",
                sha256=b"0" * 32,
                sent_sha256=b"made",
            )
            session.add(visit)
            session.flush()
            session.add_all(
                VisitPhoto(
                    compound_id=project.compound_id,
                    visit_id=visit.id,
                    position=position,
                    source="camera",
                    caption="管沟由东向西看，沟底没有水",
                    received_at=visit.received_at + timedelta(seconds=position),
                )
                for position in range(50)
            )
    for _ in range(30):
        finding_in(house_sqlite, project)
    for path in (f"/works/projects/{project.id}", f"/works/projects/{project.id}/photos"):
        for one in (house_sqlite.nobody, house_sqlite.chen, house_sqlite.liu):
            assert len(one.get(path).response.content) <= 60_000
    wall = house_sqlite.nobody.get(f"/works/projects/{project.id}/photos").page
    assert len(wall.select(".photos li")) == 24
    older = wall.select_one('a[rel="next"]')
    assert older is not None
    following = house_sqlite.nobody.get(str(older["href"]).removeprefix("/c/fengshu")).page
    shown = [img["src"] for page in (wall, following) for img in page.select(".photos img")]
    assert len(set(shown)) == 48
