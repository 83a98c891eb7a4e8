"""Mediation: each party speaks for itself, nobody else hears of it, and what all consent to may be told."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import NullPool, create_engine, delete, func, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from app.compounds.models import Compound, Ownership, SeatKind, Unit
from app.inbox.models import Message
from app.kit.clock import pretending, start_of, today
from app.kit.events import Event
from app.kit.jobs import run_once
from app.kit.records import pointing
from app.publiclog.models import LogEntry
from app.renovation.dispute_models import Dispute, DisputeAct, DisputeParty
from app.renovation.mediating import FOLLOW_UP, tell_follow_up
from app.renovation.models import Project
from tests.cast import Answer, House, One
from tests.making import fresh, make_login, make_person, make_seat
from tests.renovation.sites import finding_in, project_in

SUBJECT = "搭架子压坏了一楼的花架"
SAID = "架子是他们搭的，花架压断了两根。"
WORDS = "架子压坏花架一事谈成：施工方修好，物件归原处。"
DAY = str(today() + timedelta(days=20))


def between(house: House, project: Project) -> dict[str, Any]:
    """One resident and the contractor."""
    parties = {"person_ids": [str(house.wang.id)], "contractor": "骆驼市政工程队"}
    return {"project_id": str(project.id), "subject": SUBJECT} | parties


def opened(house: House, project: Project | None = None, by: One | None = None, **more: Any) -> str:
    id, project = str(fresh()), project or project_in(house)
    answer = (by or house.liu).api.put(f"/disputes/{id}", between(house, project) | more)
    assert answer.status == 201, answer
    return id


def act(one: One, dispute: str, kind: str, **more: Any) -> Answer:
    return one.api.put(f"/disputes/{dispute}/acts/{fresh()}", {"kind": kind, **more})


def done(one: One, dispute: str, kind: str, **more: Any) -> dict[str, Any]:
    answer = act(one, dispute, kind, **more)
    assert answer.status == 201, answer
    return dict(answer.json)


def firm_in(house: House, dispute: str) -> str:
    parties = house.liu.api.get(f"/disputes/{dispute}").json["parties"]
    return str(next(party["id"] for party in parties if party["side"] == "contractor"))


def proposed(house: House, dispute: str, text: str = "施工方三天内修好花架。") -> str:
    return str(done(house.liu, dispute, "proposed", text=text, follow_up_on=DAY)["acts"][-1]["id"])


def agreed(house: House) -> tuple[str, str]:
    """A dispute that was settled, and the contractor's party."""
    dispute = opened(house)
    firm, proposal = firm_in(house, dispute), proposed(house, dispute)
    done(house.wang, dispute, "agreed", of_id=proposal)
    done(house.liu, dispute, "agreed", of_id=proposal, party_id=firm, text="11月20日在协议上签字。")
    return dispute, firm


def worded(house: House, dispute: str, text: str = WORDS) -> str:
    return str(done(house.liu, dispute, "worded", text=text)["acts"][-1]["id"])


def all_consented(house: House) -> tuple[str, str]:
    """A dispute of which everybody lets the words be told, and the words."""
    dispute, firm = agreed(house)
    words = worded(house, dispute)
    done(house.wang, dispute, "consented", of_id=words)
    done(house.liu, dispute, "consented", of_id=words, party_id=firm, text="电话里同意，孟工。")
    return dispute, words


def titles(house: House, one: One) -> list[str]:
    with house.session() as session:
        rows = session.exec(select(Message.title).where(Message.person_id == one.id).order_by(Message.sent_at, Message.id))  # type: ignore[arg-type]
        return list(rows)


def test_it_is_agreed_when_every_party_agreed_and_looked_at_again_on_its_day(house: House) -> None:
    dispute = opened(house)
    firm = firm_in(house, dispute)
    assert done(house.wang, dispute, "stated", text=SAID)["state"] == "open"
    done(house.liu, dispute, "stated", party_id=firm, text="孟工说：架子是按图搭的。")
    proposal = proposed(house, dispute)
    one_of_two = done(house.wang, dispute, "agreed", of_id=proposal)
    assert one_of_two["state"] == "proposed"
    assert act(house.wang, dispute, "agreed", of_id=proposal).json["code"] == "AlreadyAgreed"
    path, paper = (
        f"/disputes/{dispute}/acts/{fresh()}",
        {"kind": "agreed", "of_id": proposal, "party_id": firm, "text": "纸上签了"},
    )
    assert [house.liu.api.put(path, paper).status for _ in range(2)] == [201, 200]
    assert house.liu.api.put(path, paper | {"text": "没签"}).json["code"] == "SameIdOtherContent"
    seen = house.wang.api.get(f"/disputes/{dispute}").json
    assert (seen["state"], seen["outcome"], seen["follow_up_on"]) == ("agreed", "agreed", DAY)
    last = seen["acts"][-1]
    assert (last["party"], last["by"], last["on_behalf"]) == ("骆驼市政工程队", "刘主任", True), "both are named"
    assert not seen["acts"][0]["on_behalf"]
    with pretending(start_of(today() + timedelta(days=20)) + timedelta(hours=9)):
        assert run_once(house.db, {FOLLOW_UP: tell_follow_up}) == 1
    assert titles(house, house.liu)[-1] == "该回访这次调解了"
    assert done(house.liu, dispute, "followed_up", text="修好了。")["state"] == "followed_up"
    assert act(house.wang, dispute, "stated", text="还有").json["code"] == "NotThisState"
    assert "刘主任请您来调解" in titles(house, house.wang)
    for table in (DisputeAct, DisputeParty):
        for change in (update(table).values(position=9), delete(table)):
            with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
                session.execute(change)


def test_nobody_but_its_parties_and_mediators_learns_that_there_is_one(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    finding = finding_in(house, project)
    dispute = opened(house, project, finding_id=finding)
    done(house.wang, dispute, "stated", text=SAID)
    for one in (house.wang, house.liu, house.chen):
        assert one.api.get(f"/disputes/{dispute}").status == 200
        assert SUBJECT in one.get(f"/works/disputes/{dispute}").words
        assert len(one.api.get("/disputes").json["items"]) == 1
        assert SUBJECT in one.get("/works/disputes/mine").words
    firm = firm_in(house, dispute)
    moved = house.newcomer("新委员", SeatKind.MEMBER)
    for one in (house.li, house.zhang, house.he, house.huang, house.zhao, moved):
        assert one.api.get(f"/disputes/{dispute}").json["code"] == one.api.get(f"/disputes/{fresh()}").json["code"] == "NotFound"
        assert one.get(f"/works/disputes/{dispute}").status == 404
        assert one.api.put(f"/disputes/{dispute}/acts/{fresh()}", {"kind": "stated", "text": "我也说"}).status == 404
        assert one.api.put(f"/disputes/{dispute}/acts/{fresh()}", {"kind": "stated", "text": "x", "party_id": firm}).status == 404
        assert one.api.get("/disputes").json["items"] == []
    for path in ("", f"/projects/{project.id}", f"/projects/{project.id}/feed", f"/findings/{finding}", "/disputes"):
        for one in (house.nobody, house.li):
            read = one.get(f"/works{path}").text
            assert not [word for word in (SUBJECT, SAID, dispute) if word in read]
    assert house.nobody.api.get("/dispute-outcomes").json["items"] == []
    with house.session() as session:
        assert session.exec(select(LogEntry).where(LogEntry.record_id == UUID(dispute))).first() is None
        assert not [event for event in session.exec(select(Event.type)) if event.startswith("dispute")]
    assert titles(house, house.li) == []


def test_how_many_there_were_is_told_only_when_they_are_more_than_a_handful(house_sqlite: House) -> None:
    project = project_in(house_sqlite)
    for n in range(1, 6):
        done(house_sqlite.liu, opened(house_sqlite, project), "failed", text="谈不拢")
        said = "一共调解过" in house_sqlite.nobody.get("/works/disputes").words
        assert said == (n == 5)


def test_whoever_agrees_agrees_to_the_words_they_read(house_sqlite: House) -> None:
    house = house_sqlite
    dispute = opened(house)
    firm, first = firm_in(house, dispute), proposed(house, dispute)
    done(house.wang, dispute, "agreed", of_id=first)
    second = proposed(house, dispute, "施工方赔两百元。")
    assert act(house.wang, dispute, "agreed", of_id=first).json["code"] == "SaidAnew"
    signed = {"party_id": firm, "text": "纸上签了"}
    assert done(house.liu, dispute, "agreed", of_id=second, **signed)["state"] == "proposed", "hers was to the first"
    assert done(house.wang, dispute, "declined", of_id=second, text="太少。")["state"] == "open"
    third = proposed(house, dispute, "施工方修好，再赔一百元。")
    done(house.wang, dispute, "agreed", of_id=third)
    assert done(house.liu, dispute, "agreed", of_id=third, **signed)["outcome"] == "agreed"


def test_each_speaks_for_itself_and_a_mediator_is_no_party(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    dispute = opened(house, project, person_ids=[str(house.wang.id), str(house.li.id)])
    parties = {p["name"]: p["id"] for p in house.liu.api.get(f"/disputes/{dispute}").json["parties"]}
    proposal = proposed(house, dispute)
    for kind in ("agreed", "stated", "withdrawn"):
        wish = {"party_id": parties["李叔"], "of_id": proposal, "text": "替他说"}
        assert act(house.wang, dispute, kind, **wish).status == 403
    for kind in ("proposed", "failed", "followed_up", "worded", "published"):
        assert act(house.wang, dispute, kind, text="我来定", follow_up_on=DAY).status == 403
    assert act(house.liu, dispute, "agreed", of_id=proposal).status == 404, "a mediator says for whom"
    assert act(house.liu, dispute, "agreed", of_id=proposal, party_id=parties["李叔"]).status == 422, "and how they said so"
    assert act(house.liu, dispute, "agreed", of_id=proposal, party_id=str(fresh()), text="x").status == 404
    wish = {"project_id": str(project.id), "subject": SUBJECT, "person_ids": [str(house.wang.id)]}
    for more, status in (
        ({"officer_ids": [str(house.liu.id)]}, 403),
        ({"officer_ids": [str(house.wang.id)]}, 422),
        ({"officer_ids": [str(house.li.id)]}, 404),
        ({"person_ids": [str(house.wang.id), str(house.zhao.id)]}, 404),
        ({}, 422),
        ({"contractor": "甲队", "finding_id": finding_in(house, project_in(house, "另一个工程"))}, 404),
        ({"contractor": "甲队", "finding_id": finding_in(house, project, draft=True)}, 404),
    ):
        assert house.liu.api.put(f"/disputes/{fresh()}", wish | more).status == status, more
    assert house.zhang.api.put(f"/disputes/{fresh()}", wish | {"contractor": "甲队"}).status == 403
    own = opened(house, project, house.zhou, officer_ids=[str(house.chen.id)])
    assert act(house.chen, own, "proposed", text="听我的", follow_up_on=DAY).json["code"] == "NotImpartial"
    assert done(house.chen, own, "stated", text="我按图验的。")["acts"][-1]["party"] == "陈工"


def test_an_outcome_is_told_in_the_words_that_all_consented_to(house: House) -> None:
    dispute, firm = agreed(house)
    assert act(house.liu, dispute, "published", of_id=str(fresh())).json["code"] == "NotThisState", "nothing is worded"
    first = worded(house, dispute, "第一稿")
    done(house.wang, dispute, "consented", of_id=first)
    assert act(house.liu, dispute, "published", of_id=first).json["code"] == "ConsentMissing"
    words = worded(house, dispute)
    by_phone = {"party_id": firm, "text": "电话里同意，孟工。"}
    done(house.liu, dispute, "consented", of_id=words, **by_phone)
    assert act(house.liu, dispute, "published", of_id=words).json["code"] == "ConsentMissing", "hers was to the first"
    done(house.wang, dispute, "consented", of_id=words)
    assert act(house.wang, dispute, "consented", of_id=words).json["code"] == "AlreadyAgreed"
    done(house.wang, dispute, "taken_back")
    assert act(house.wang, dispute, "taken_back").json["code"] == "NotConsented"
    assert act(house.liu, dispute, "published", of_id=words).json["code"] == "ConsentMissing", "she took it back"
    assert WORDS not in house.nobody.get("/works/disputes").words
    done(house.wang, dispute, "consented", of_id=words)
    done(house.liu, dispute, "published", of_id=words)
    page = house.nobody.get("/works/disputes").words
    assert WORDS in page
    assert "第一稿" not in page
    assert not [word for word in (SUBJECT, SAID, "王", "刘主任") if word in page]
    told = house.nobody.api.get("/dispute-outcomes").json["items"]
    assert [(one["words"], one["outcome"]) for one in told] == [(WORDS, "agreed")]
    assert act(house.wang, dispute, "taken_back").json["code"] == "AlreadyPublished"
    assert act(house.liu, dispute, "worded", text="别的话").json["code"] == "AlreadyPublished"
    assert house.li.api.get(f"/disputes/{dispute}").status == 404, "what came before stays private"
    with house.session() as session:
        line = session.exec(select(LogEntry).where(LogEntry.record_id == UUID(dispute))).one()
        assert line.type == "dispute.published"
        assert WORDS.encode() not in line.entry
        assert [type for type in session.exec(select(Event.type)) if type.startswith("dispute")] == ["dispute.published"]


def test_a_consent_taken_back_while_it_is_published_is_one_or_the_other(house: House) -> None:
    dispute, words = all_consented(house)
    answers = house.at_once(
        (house.wang.api, "PUT", f"/disputes/{dispute}/acts/{fresh()}", {"json": {"kind": "taken_back"}}),
        (house.liu.api, "PUT", f"/disputes/{dispute}/acts/{fresh()}", {"json": {"kind": "published", "of_id": words}}),
    )
    assert sorted(answer.status for answer in answers) == [201, 409], answers
    back, out = answers
    assert bool(house.nobody.api.get("/dispute-outcomes").json["items"]) == (out.status == 201)
    refused = back if out.status == 201 else out
    assert refused.json["code"] == ("AlreadyPublished" if refused is back else "ConsentMissing")


def test_control_without_the_lock_it_is_taken_back_and_published(house: House) -> None:
    """Look, then write, with no lock: each sees the dispute as it was before the other."""
    dispute, _words = all_consented(house)
    engine = create_engine(house.db.url, poolclass=NullPool)
    seen, written = Barrier(2), Barrier(2)

    def look_then_write(kind: str, position: int) -> None:
        with Session(engine) as session:
            row = session.exec(select(Dispute).where(Dispute.id == UUID(dispute))).one()
            party = session.exec(select(DisputeParty.id).where(DisputeParty.person_id == house.wang.id)).one()
            consents = session.exec(select(func.count()).where(DisputeAct.kind == "consented")).one()
            gone = session.exec(select(func.count()).where(DisputeAct.kind == "taken_back")).one()
            may = row.published_at is None and consents - gone == 2
            step = DisputeAct(
                compound_id=row.compound_id,
                dispute_id=row.id,
                position=position,  # UNIQUE would refuse the same one
                kind=kind,
                party_id=party if kind == "taken_back" else None,
                state=row.state,
                by_id=house.liu.id,
                sent_sha256=b"",
            )
            session.rollback()
            seen.wait(30)
            if may:
                if position == 41:
                    written.wait(30)
                session.add(step)
                session.commit()
                if position == 40:
                    written.wait(30)

    threads = [Thread(target=look_then_write, args=step) for step in (("taken_back", 40), ("published", 41))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    with house.session() as session:
        kinds = session.exec(select(DisputeAct.kind).where(DisputeAct.position >= 40)).all()
    assert sorted(kinds) == ["published", "taken_back"], "the control must do both, or the race above proves nothing"


def test_a_party_goes_through_it_on_an_old_phone(house_sqlite: House) -> None:
    """Without script, with the mediator's paper for who has no phone."""
    house = house_sqlite
    project = project_in(house)
    finding = finding_in(house, project)
    assert "有矛盾，来调解" in house.liu.get(f"/works/findings/{finding}").words
    assert "有矛盾，来调解" not in house.li.get(f"/works/findings/{finding}").words
    about = f"project={project.id}&finding={finding}"
    found = house.liu.get(f"/works/disputes/new?{about}&person={house.li.id}&q=王").page
    link = found.select_one("#people a")
    assert link
    assert str(link["href"]).endswith(f"&person={house.li.id}&person={house.wang.id}")
    assert {str(field["value"]) for field in found.select('form.find input[type="hidden"]')} == {
        str(project.id),
        finding,
        str(house.li.id),
    }
    write = house.liu.get(f"/works/disputes/write?{about}&person={house.wang.id}").page
    form = {str(f["name"]): str(f["value"]) for f in write.select('main input[type="hidden"], main input#f-contractor')}
    assert form["contractor"] == "骆驼市政工程队"
    bare = house.liu.post("/works/disputes", form)
    assert bare.status == 422
    assert "王阿姨" in bare.words
    shown = house.liu.follow(house.liu.post("/works/disputes", form | {"subject": SUBJECT}))
    assert "只有各方和能调解的人看得到" in shown.words
    assert "整改 1 号，充电棚配电箱" in shown.words
    dispute = house.wang.api.get("/disputes").json["items"][0]["id"]
    here = f"/works/disputes/{dispute}"
    house.wang.follow(house.wang.post(f"{here}/acts", {"id": str(fresh()), "kind": "stated", "text": SAID}))
    assert house.liu.post(f"{here}/acts", {"kind": "proposed", "text": "修好"}).status == 422, "no day on which to ask"
    house.liu.follow(house.liu.post(f"{here}/acts", {"kind": "proposed", "text": "三天内修好。", "follow_up_on": DAY}))
    page = house.wang.get(here).page
    button = next(form for form in page.select("main form") if "我同意这个方案" in form.get_text())
    agree = {str(field["name"]): str(field["value"]) for field in button.select("input")}
    house.wang.follow(house.wang.post(f"{here}/acts", agree))
    firm = firm_in(house, dispute)
    paper = house.liu.get(f"{here}/parties/{firm}").page
    assert house.wang.get(f"{here}/parties/{firm}").status == 403
    kinds = [str(box["value"]) for box in paper.select('input[name="kind"]')]
    assert kinds == ["stated", "agreed", "declined", "withdrawn"]
    signed = {str(f["name"]): str(f["value"]) for f in paper.select('main input[type="hidden"]')} | {"kind": "agreed"}
    again = house.liu.post(f"{here}/acts", signed)
    assert again.status == 422, "how they said so is owed"
    assert "替骆驼市政工程队记下" in again.words
    done_ = house.liu.follow(house.liu.post(f"{here}/acts", signed | {"text": "11月20日签在协议上。"}))
    assert "谈成了" in done_.words
    assert "骆驼市政工程队：同意方案" in done_.words
    assert "刘主任代记" in done_.words


def test_whoever_shares_a_home_with_a_party_does_not_mediate(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        home = session.exec(
            select(Unit).join(Ownership, pointing(Ownership, "unit_id", Unit)).where(Ownership.person_id == house.wang.id)
        ).one()
        son = make_person(session, session.get_one(Compound, house.compound.id), "王小明", home)
        make_seat(session, son, SeatKind.SECRETARY)
        secretary = One(house, house.compound, son, make_login(session, son))
    dispute, project = opened(house), project_in(house)
    wish = {"project_id": str(project.id), "subject": SUBJECT, "person_ids": [str(house.wang.id)], "contractor": "甲队"}
    assert secretary.api.put(f"/disputes/{fresh()}", wish).json["code"] == "NotImpartial"
    assert act(secretary, dispute, "failed", text="算了").json["code"] == "NotImpartial"
    assert secretary.api.put(f"/disputes/{fresh()}", wish | {"person_ids": [str(house.li.id)]}).status == 201
