"""Inside a visit, findings are drafted and looked at again; both stand on the visit and on the finding."""

from typing import Any
from uuid import UUID

from sqlmodel import select

from app.renovation.finding_models import Finding, FindingState
from tests.cast import House
from tests.making import fresh
from tests.renovation.sites import finding_in, project_in, said

LEAK = {"what": "接头渗水", "demand": "换垫片，重新打压。", "severity": "high"}


def visit(house: House, project: Any, **more: Any) -> tuple[UUID, Any]:
    id = fresh()
    return id, house.chen.api.put(f"/visits/{id}", said(project, **more))


def test_a_visit_drafts_findings_that_only_supervisors_see(house: House) -> None:
    project = project_in(house)
    id, made = visit(house, project, raises=[LEAK, {"what": "盖板松动"}])
    assert made.status == 201, made
    assert house.chen.api.put(f"/visits/{id}", said(project, raises=[LEAK, {"what": "盖板松动"}])).status == 200
    with house.session() as session:
        drafts = session.exec(select(Finding).order_by(Finding.what)).all()  # type: ignore[arg-type]
    assert [(f.what, f.place, f.severity, f.state, f.visit_id) for f in drafts] == [
        ("接头渗水", "5栋地下室", "high", FindingState.DRAFT, id),
        ("盖板松动", "5栋地下室", "mid", FindingState.DRAFT, id),
    ], "once, however often the phone sends it"
    for finding in drafts:
        assert house.nobody.get(f"/works/findings/{finding.id}").status == 404
        assert house.zhou.get(f"/works/findings/{finding.id}").status == 200
    frozen = house.nobody.api.get(f"/visits/{id}/frozen")
    assert set(frozen.json["raised"]) == {str(finding.id) for finding in drafts}
    assert "接头渗水" not in frozen.text, "a draft's words are not public"
    assert (
        "还没签发"
        in house.zhou.follow(house.zhou.post(f"/works/findings/{drafts[0].id}/acts", {"kind": "voided", "text": "重了"})).words
    )
    assert "demand" not in house.nobody.get(f"/works/visits/{id}").text
    assert drafts[1].demand == "按图纸和规范改好。"


def test_a_finding_seen_again_stands_on_the_visit_and_on_the_finding(house: House) -> None:
    project = project_in(house)
    finding = finding_in(house, project)
    id, made = visit(house, project, rechecks=[{"finding_id": finding, "seen": "mended", "words": "地线接好了"}])
    assert made.status == 201, made
    assert [(r["finding_id"], r["number"], r["seen"], r["words"]) for r in made.json["rechecks"]] == [
        (finding, 1, "mended", "地线接好了")
    ]
    page = house.nobody.get(f"/works/visits/{id}")
    assert "复查的问题" in page.words
    assert "地线接好了" in page.words
    there = house.nobody.get(f"/works/findings/{finding}")
    assert "里复查：看着改好了" in there.words
    assert there.page.find("a", href=f"/c/fengshu/works/visits/{id}")
    assert house.nobody.api.get(f"/findings/{finding}").json["state"] == "issued", "what was seen is no judgement"
    assert house.nobody.api.get(f"/visits/{id}/frozen").json["rechecked"][0]["finding"] == finding


def test_only_issued_findings_of_the_project_are_seen_again(house_sqlite: House) -> None:
    house = house_sqlite
    project, other = project_in(house), project_in(house, "另一个工程")
    draft, elsewhere = finding_in(house, project, draft=True), finding_in(house, other)
    for finding in (draft, elsewhere, str(fresh())):
        _id, answer = visit(house, project, rechecks=[{"finding_id": finding, "seen": "mended"}])
        assert answer.status == 404
    twice = [{"finding_id": elsewhere, "seen": "mended"}] * 2
    assert visit(house, other, rechecks=twice)[1].status == 422
    assert visit(house, project, raises=[{"what": ""}])[1].status == 422
    assert visit(house, project, raises=["no json"])[1].status == 422


def test_without_script_both_are_fields_of_the_form(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    finding = finding_in(house, project)
    path = f"/works/projects/{project.id}/visits"
    form = house.chen.get(f"{path}/new").page.find("form", {"data-outbox": "visit"})
    fields = {i["name"]: i.get("value", "") for i in form.find_all("input", type="hidden")} | {"place": "", "progress": "好"}
    fields |= {f"seen:{finding}": "not_mended", f"rewords:{finding}": "地线 还没接"}
    fields |= {"what:1": "接头渗水", "demand:1": "", "severity:1": "high", "what:2": "", "demand:2": "只有要求"}
    none = [("camera", ("", b"", "application/octet-stream"))]
    back = house.chen.ask("POST", path, data=fields, files=none)
    assert back.status == 422
    assert back.page.find("textarea", {"name": "what:1"}).text.strip() == "接头渗水"
    assert back.page.find("input", {"name": f"seen:{finding}", "checked": True})["value"] == "not_mended"
    assert all(back.page.find("details", id=id).has_attr("open") for id in ("again", "raise"))
    page = house.chen.follow(house.chen.ask("POST", path, data=fields | {"place": "棚"}, files=none))
    assert "还没改好" in page.words
    assert "地线 还没接" in page.words
    with house.session() as session:
        assert session.exec(select(Finding.what).where(Finding.state == FindingState.DRAFT)).all() == ["接头渗水"]
