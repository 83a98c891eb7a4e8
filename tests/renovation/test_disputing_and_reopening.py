"""What else befalls a finding: a draft, a second signature, a dispute, a report that it is broken again, a day that passes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlmodel import col, select

from app.inbox.models import Message
from app.kit.clock import now, today
from app.kit.jobs import run_once
from app.kit.migrations import downgrade, upgrade
from app.main import HANDLERS
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from app.renovation import policy
from app.renovation.finding_models import LIVE, MOVES, SHUT, ActKind, Finding, FindingAct, FindingPhoto
from app.renovation.finding_queries import waiting_for
from tests.cast import Answer, House, One, actor_of
from tests.making import fresh
from tests.renovation.sites import NOTICE, answered, finding_in, link_to, project_in, snapshot, visit_in

NO_FILE = [("camera", ("", b"", "application/octet-stream"))]
BEFORE = "d3d895ee9242"


def act(one: One, finding: str, kind: str, text: str = "看过了", **more: str) -> Answer:
    return one.api.put(f"/findings/{finding}/acts/{fresh()}", {"kind": kind, "text": text} | more)


def said(house: House, path: str, kind: str, text: str = "图上就是这样") -> Answer:
    return house.nobody.api.put(f"{path}/answers/{fresh()}", {"kind": kind, "text": text, "answered_by": "孟工"})


def read(house: House, finding: str) -> dict[str, object]:
    return dict(house.nobody.api.get(f"/findings/{finding}").json)


def life(house: House, finding: str) -> list[str]:
    return [act["kind"] for act in house.nobody.api.get(f"/findings/{finding}/acts").json]


def mended(house: House, finding: str) -> None:
    answered(house, finding)
    assert act(house.zhou, finding, "mended").status == 201


def told(house: House, one: One) -> list[str]:
    with house.session() as session:
        return list(session.exec(select(Message.title).where(Message.person_id == one.id).order_by(col(Message.id))))


def waits(house: House, one: One) -> list[str]:
    with house.session() as session:
        return [finding.waits_for for finding in waiting_for(session, actor_of(one))]


def test_a_draft_is_for_supervisors_until_one_of_them_issues_it(house: House) -> None:
    project = project_in(house)
    finding = finding_in(house, project, draft=True)
    for one, status in ((house.nobody, 404), (house.wang, 404), (house.liu, 404), (house.zhou, 200)):
        assert one.api.get(f"/findings/{finding}").status == status
        assert one.get(f"/works/findings/{finding}").status == status
        assert one.api.get(f"/findings/{finding}/acts").status == status
    assert house.nobody.api.get(f"/projects/{project.id}/findings").json["items"] == []
    assert len(house.chen.api.get(f"/projects/{project.id}/findings").json["items"]) == 1
    assert house.chen.api.get(f"/findings/{finding}").json["number"] is None
    assert house.chen.api.post(f"/findings/{finding}/links").json["code"] == "NotThisState"
    with house.session() as session:
        assert not [e for e in session.exec(select(LogEntry)) if e.type.startswith("finding")], "nothing of it is public"
    assert "草稿" in house.chen.get(f"/works/findings/{finding}").words
    assert house.zhou.ask("POST", f"/works/findings/{finding}/acts", data={"id": str(fresh()), "kind": "issued"}).status == 303
    issued = read(house, finding)
    assert (issued["number"], issued["state"], issued["seconded_by"]) == (1, "issued", "老*"), "who issues another's signs it"
    assert act(house.zhou, finding, "issued").json["code"] == "NotThisState"


def test_nothing_of_a_draft_leaks_and_its_time_runs_from_its_issue(house: House) -> None:
    project = project_in(house)
    visit, photos = visit_in(house, project)
    id = fresh()
    form = NOTICE | {"id": str(id), "visit_id": str(visit), "draft": "true"}
    picture = [("camera", ("r.jpg", snapshot(8), "image/jpeg"))]
    assert house.chen.ask("POST", f"/works/projects/{project.id}/findings", data=form, files=picture).status == 303
    with house.session() as session:
        photo = session.exec(select(FindingPhoto.photo_id)).one()
    assert house.chen.get(f"/works/findings/{id}/photos/{photo}/320").status == 200, "the control"
    for one in (house.nobody, house.wang):
        assert one.get(f"/works/findings/{id}/photos/{photo}/320").status == 404
        assert one.api.get(f"/findings/{id}/photos/{photo}").status == 404
    assert "提了 1 个问题" not in house.nobody.get(f"/works/projects/{project.id}").words
    with time_machine.travel(now() + timedelta(days=10), tick=False):
        issued = act(house.zhou, str(id), "issued").json
        assert issued["due_on"] == str(today() + timedelta(days=7))
        assert issued["overdue"] is False
    assert not photos


def test_a_draft_that_is_not_wanted_leaves_no_number_behind(house: House) -> None:
    project = project_in(house)
    finding = finding_in(house, project, draft=True)
    assert act(house.chen, finding, "voided", "").status == 422
    assert act(house.chen, finding, "voided", "看错了").json["state"] == "void"
    assert house.nobody.api.get(f"/findings/{finding}").status == 404
    assert read(house, finding_in(house, project))["number"] == 1


def test_a_second_supervisor_signs_once_and_the_first_does_not(house: House) -> None:
    finding = finding_in(house, project_in(house))
    assert waits(house, house.zhou) == ["second"]
    assert waits(house, house.chen) == []
    assert act(house.chen, finding, "seconded").json["code"] == "ByAnother"
    assert "会签" not in house.chen.get(f"/works/findings/{finding}").page.find("main").find_all("form")[0].get_text()
    assert act(house.zhou, finding, "seconded", "").json["seconded_by"] == "老周"
    assert act(house.zhou, finding, "seconded", "").json["code"] == "AlreadySeconded"
    assert waits(house, house.zhou) == []
    sheet = house.nobody.get(f"/works/findings/{finding}/sheet").words
    assert "整改通知" in sheet
    assert "陈*" in sheet
    assert "另一位监督员" in sheet


def test_the_contractor_accepts_disputes_and_is_answered_by_another(house: House) -> None:
    finding = finding_in(house, project_in(house))
    path = link_to(house, finding)
    assert said(house, path, "acknowledged", "").json["state"] == "acknowledged"
    assert said(house, path, "disputed", "").status == 422, "a reason is owed"
    assert said(house, path, "disputed").json["state"] == "disputed"
    assert said(house, path, "answered").json["code"] == "NotThisState", "first it is settled what is asked for"
    assert "有异议" in house.nobody.get(path).words
    assert waits(house, house.zhou) == ["dispute"]
    assert act(house.chen, finding, "upheld").json["code"] == "ByAnother"
    due = str(today() + timedelta(days=20))
    upheld = act(house.zhou, finding, "upheld", "规范就是这样写的", due_on=due)
    assert (upheld.json["state"], upheld.json["due_on"]) == ("issued", due)
    assert said(house, path, "disputed", "再说一次").status == 201
    assert act(house.zhou, finding, "voided", "施工方有理").json["state"] == "void"
    assert house.nobody.get(path).status == 200, "the contractor reads what came of it"
    assert said(house, path, "answered").json["code"] == "NotThisState"
    assert "已撤销" in house.nobody.get(f"/works/findings/{finding}").words
    disputed = "施工方有异议，请另一位监督员答复"
    assert told(house, house.chen) == ["施工方认了，会改", disputed, disputed]
    assert life(house, finding) == ["issued", "acknowledged", "disputed", "upheld", "disputed", "voided"]
    with house.session() as session:
        assert verify_log(session, house.compound.id).finding is None


def test_a_resident_says_it_is_broken_again_and_gets_an_answer(house: House) -> None:
    finding = finding_in(house, project_in(house))
    report = {"id": str(fresh()), "text": "又漏水了"}
    open_one = house.wang.ask("POST", f"/works/findings/{finding}/reports", data=report, files=NO_FILE)
    assert open_one.status == 409, "it is not closed"
    mended(house, finding)
    assert "又坏了" in house.wang.get(f"/works/findings/{finding}").words
    assert "又坏了？" not in house.nobody.get(f"/works/findings/{finding}").words
    photo = [("camera", ("r.jpg", snapshot(8), "image/jpeg"))]
    assert house.wang.ask("POST", f"/works/findings/{finding}/reports", data=report, files=photo).status == 303
    assert house.li.api.put(f"/findings/{finding}/reports/{fresh()}", {"text": "我也看到"}).json["code"] == "AlreadyReported"
    assert house.zhao.api.put(f"/findings/{finding}/reports/{fresh()}", {"text": "别处的人"}).status in (403, 404)
    assert told(house, house.chen)[-1] == told(house, house.zhou)[-1] == "有人报：又坏了"
    assert waits(house, house.chen) == waits(house, house.zhou) == ["report"]
    assert "王*" in house.nobody.get(f"/works/findings/{finding}").words
    assert act(house.chen, finding, "dismissed", "是楼上的水").json["reported_at"] is None
    assert told(house, house.wang) == ["您报的又坏了，监督员看过了"]
    assert act(house.chen, finding, "dismissed", "没人报").json["code"] == "NothingReported"
    assert house.wang.api.put(f"/findings/{finding}/reports/{fresh()}", {"text": "真的漏"}).status == 201
    opened = act(house.chen, finding, "reopened", "看过，真的漏").json
    assert (opened["state"], opened["reopened"], opened["closed_at"]) == ("reopened", 1, None)
    assert opened["due_on"] == str(today() + timedelta(days=7)), "a new time, by the rule"
    assert act(house.zhou, finding, "mended").json["code"] == "NotThisState", "a reopening must be answered"
    assert told(house, house.wang)[-1] == "您报的又坏了，重新打开整改了"


def test_a_day_that_passes_is_told_to_the_community_officer_once_and_in_public(house: House) -> None:
    finding = finding_in(house, project_in(house), due_on=str(today() + timedelta(days=2)))
    other = finding_in(house, project_in(house), due_on=str(today() + timedelta(days=2)))
    answered(house, other)
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        run_once(house.db, HANDLERS)
        assert "escalated" not in life(house, finding), "it is the last day"
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        run_once(house.db, HANDLERS)
        run_once(house.db, HANDLERS)
    assert life(house, finding) == ["issued", "escalated"]
    assert "escalated" not in life(house, other), "the contractor has answered; it is for the supervisors now"
    assert [title for title in told(house, house.huang) if "过期" in title] == ["整改 1 号过期没改好"]
    page = house.nobody.get(f"/works/findings/{finding}").words
    assert "过期没改好，报告社区" in page
    with house.session() as session:
        assert "finding.escalated" in [entry.type for entry in session.exec(select(LogEntry))]
        done = session.exec(select(FindingAct).where(FindingAct.kind == "escalated")).one()
        assert (done.by_id, done.link_id) == (None, None)


def test_the_next_day_that_passes_is_told_again(house: House) -> None:
    """Also where the first one passed while the contractor's word was being looked at."""
    finding = finding_in(house, project_in(house), due_on=str(today()))
    answered(house, finding)
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        run_once(house.db, HANDLERS)
        assert "escalated" not in life(house, finding)
        assert act(house.zhou, finding, "not_mended", due_on=str(today())).status == 201
        assert act(house.zhou, finding, "not_mended", due_on=str(today())).json["code"] == "NotThisState"
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        run_once(house.db, HANDLERS)
    assert life(house, finding).count("escalated") == 1
    with time_machine.travel(now() + timedelta(days=4), tick=False):
        answered(house, finding)
        assert act(house.zhou, finding, "not_mended", due_on=str(today() + timedelta(days=1))).status == 201
    with time_machine.travel(now() + timedelta(days=6), tick=False):
        run_once(house.db, HANDLERS)
        run_once(house.db, HANDLERS)
    assert life(house, finding).count("escalated") == 2


def test_what_the_page_offers_is_what_the_verb_takes(house_sqlite: House) -> None:
    """Signed twice, nothing reported, one's own to give up: neither offered nor taken."""
    house = house_sqlite
    finding = finding_in(house, project_in(house))
    with house.session() as session:
        row = session.exec(select(Finding)).one()
        offered = [
            {kind for kind in ActKind if policy.may(actor_of(one), row, kind)} for one in (house.chen, house.zhou, house.wang)
        ]
    assert offered == [set(), {"seconded", "unfixed", "voided"}, set()]
    assert act(house.chen, finding, "unfixed").json["code"] == "ByAnother"
    assert "不改了，或者提错了" not in house.chen.get(f"/works/findings/{finding}").words
    assert act(house.zhou, finding, "seconded").status == 201
    assert "会签" not in [button.get_text() for button in house.zhou.get(f"/works/findings/{finding}").page.select("button")]
    mended(house, finding)
    with house.session() as session:
        row = session.exec(select(Finding)).one()
        assert [kind for kind in ActKind if policy.may(actor_of(house.zhou), row, kind)] == ["reopened"]


def test_a_revoked_link_opens_nothing(house: House) -> None:
    finding = finding_in(house, project_in(house))
    path = link_to(house, finding)
    assert house.wang.ask("DELETE", f"/api/v1/c/fengshu/findings/{finding}/links").status in (403, 404)
    assert house.zhou.post(f"/works/findings/{finding}/links/end").status == 303
    assert house.nobody.get(path).status == 410
    assert said(house, path, "answered").status == 410
    again = link_to(house, finding)
    assert house.zhou.api.ask("DELETE", f"/findings/{finding}/links").status == 200
    assert house.nobody.get(again).status == 410


@pytest.mark.parametrize("kind", [kind for kind, move in MOVES.items() if move.by_another])
def test_no_step_that_wants_another_is_taken_by_who_raised_it(house_sqlite: House, kind: ActKind) -> None:
    house = house_sqlite
    finding = finding_in(house, project_in(house))
    with house.session() as session:
        row = session.exec(select(Finding)).one()
        row.state = MOVES[kind].of[-1]
        if row.state == "draft":
            row.state = MOVES[kind].of[1]
    assert act(house.chen, finding, kind).json["code"] == "ByAnother"


def test_every_state_has_a_way_on_and_what_is_void_has_none() -> None:
    for state in (*LIVE, *SHUT):
        assert [kind for kind, move in MOVES.items() if state in move.of and move.to not in (None, state)]
    assert not [kind for kind, move in MOVES.items() if "void" in move.of]


def test_the_life_of_a_finding_survives_the_step_back_and_forth(house: House) -> None:
    """Before, receipts, answers and re-checks were rows of three tables."""
    finding = finding_in(house, project_in(house))
    path = link_to(house, finding)
    assert house.nobody.api.post(f"{path}/receipt").status == 200
    assert said(house, path, "answered", "接好了").status == 201
    assert act(house.zhou, finding, "not_mended", "没接好").status == 201
    answered(house, finding)
    before = house.chen.api.get(f"/findings/{finding}").json
    was = [(a["kind"], a["text"], a["by"], a["state"]) for a in house.chen.api.get(f"/findings/{finding}/acts").json]
    url = house.db.url.render_as_string(hide_password=False)
    downgrade(url, BEFORE)
    engine = sa.create_engine(house.db.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT state, reopened FROM finding")).all() == [("answered", 1)]
        assert connection.execute(sa.text("SELECT COUNT(*) FROM rectification")).scalar() == 2
        assert connection.execute(sa.text("SELECT verdict FROM recheck WHERE rectification_id IS NOT NULL")).all() == [
            ("not_mended",)
        ]
    upgrade(url)
    assert house.chen.api.get(f"/findings/{finding}").json == before
    now_is = [(a["kind"], a["text"], a["by"], a["state"]) for a in house.chen.api.get(f"/findings/{finding}/acts").json]
    assert now_is == was
    assert act(house.zhou, finding, "mended").status == 201


Ready = Callable[[House, str], object]


@pytest.mark.parametrize(
    ("ready", "says", "kinds"),
    [
        (lambda house, finding: None, "我也同意，会签", {"seconded", "unfixed", "voided"}),
        (answered, "您来复查", {"mended", "not_mended", "seconded", "unfixed", "voided"}),
        (
            lambda house, finding: said(house, link_to(house, finding), "disputed"),
            "施工方有异议，您来答复",
            {"upheld", "voided", "unfixed", "seconded"},
        ),
        (mended, "又坏了，重新打开", {"reopened"}),
    ],
)
def test_the_page_offers_what_is_possible_now(house_sqlite: House, ready: Ready, says: str, kinds: set[str]) -> None:
    house = house_sqlite
    finding = finding_in(house, project_in(house))
    ready(house, finding)
    page = house.zhou.get(f"/works/findings/{finding}")
    assert says in page.words
    assert kinds == {field["value"] for field in page.page.select("[name=kind]")}
    assert len(page.page.select("#f-text")) == 1
