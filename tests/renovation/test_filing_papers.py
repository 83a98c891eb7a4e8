"""A project's papers: each version stays, everybody reads the public ones, officers the others."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.publiclog.models import LogEntry
from app.renovation.document_models import Document, DocumentPage
from tests.cast import Answer, House, One
from tests.making import fresh
from tests.photos.papers import pdf
from tests.renovation.sites import project_in, snapshot

PLAN = {"kind": "drawing", "title": "给水管总图", "public": True}


def filed(house: House, project: UUID, **more: Any) -> str:
    id = str(fresh())
    answer = house.liu.api.put(f"/projects/{project}/documents/{id}", PLAN | more)
    assert answer.status == 201, answer
    return id


def page(one: One, document: str, content: bytes, id: UUID | None = None, kind: str = "image/jpeg") -> Answer:
    return one.api.ask("PUT", f"/documents/{document}/pages/{id or fresh()}", content=content, headers={"content-type": kind})


def test_a_pdf_becomes_pages_that_everybody_reads_and_officers_take_away(house: House) -> None:
    project = project_in(house).id
    paper, id = pdf(2), fresh()
    document = filed(house, project)
    assert [page(house.liu, document, paper, id, "application/pdf").status for _ in range(2)] == [201, 200]
    pages = house.nobody.api.get(f"/documents/{document}").json["pages"]
    assert len(pages) == 2
    address = f"/documents/{document}/pages/{pages[1]}"
    for size in ("320", "960", "1600"):
        shown = house.nobody.get(f"/works{address}/{size}")
        assert (shown.status, shown.headers["content-type"]) == (200, "image/jpeg")
    for door in (house.nobody.api.get(f"{address}/original"), house.wang.get(f"/works{address}/original")):
        assert door.status == 403
    original = house.chen.get(f"/works{address}/original")
    assert original.response.content == paper
    assert original.headers["content-disposition"].startswith("attachment")
    assert house.nobody.get(f"/works/documents/{document}/pages/{fresh()}/320").status == 404
    with house.session() as session:
        lines = session.exec(select(LogEntry.entry).where(LogEntry.record_id == UUID(document))).all()
    assert any(sha256(paper).hexdigest().encode() in line for line in lines)
    assert all("总图".encode() not in line for line in lines)


def test_what_is_not_public_is_not_there(house: House) -> None:
    project = project_in(house).id
    document = filed(house, project, public=False, title="居民签名原件")
    photo = page(house.liu, document, snapshot(1)).json["pages"][0]
    paths = (f"/works/documents/{document}", f"/works/documents/{document}/pages/{photo}/320")
    for one, status in ((house.nobody, 404), (house.wang, 404), (house.zhang, 404), (house.zhao, 404), (house.chen, 200)):
        assert [one.get(path).status for path in paths] == [status, status]
    assert "居民签名原件" not in house.wang.get(f"/works/projects/{project}/documents").words
    assert "居民签名原件" in house.chen.get(f"/works/projects/{project}/documents").words
    assert house.nobody.api.get(f"/projects/{project}/documents").json == []
    assert len(house.liu.api.get(f"/projects/{project}/documents").json) == 1


def test_a_page_hangs_in_its_own_paper_only(house_sqlite: House) -> None:
    project = project_in(house_sqlite).id
    public, secret = filed(house_sqlite, project), filed(house_sqlite, project, public=False)
    id = fresh()
    page(house_sqlite.liu, secret, snapshot(1), id)
    assert house_sqlite.nobody.get(f"/works/documents/{public}/pages/{id}/320").status == 404
    assert page(house_sqlite.liu, public, snapshot(1), id).json["code"] == "DocumentPageTaken"


def test_a_new_version_stands_in_the_place_of_the_old_one(house: House) -> None:
    project = project_in(house).id
    first = filed(house, project)
    second = filed(house, project, supersedes_id=first, title="给水管总图（改3栋）")
    late = house.liu.api.put(f"/projects/{project}/documents/{fresh()}", PLAN | {"supersedes_id": first})
    assert late.json["code"] == "NotTheNewest"
    assert page(house.liu, first, snapshot(1)).json["code"] == "NotTheNewest"
    assert [d["id"] for d in house.nobody.api.get(f"/projects/{project}/documents").json] == [second]
    versions = house.nobody.api.get(f"/documents/{first}/versions").json
    assert [(v["id"], v["version"], v["newest"]) for v in versions] == [(second, 2, True), (first, 1, False)]
    assert "有更新的一版" in house.nobody.get(f"/works/documents/{first}").words
    other = project_in(house, "雨水管").id
    assert house.liu.api.put(f"/projects/{other}/documents/{fresh()}", PLAN | {"supersedes_id": second}).status == 404
    for table in (Document, DocumentPage):
        page(house.liu, second, snapshot(2))
        for change in (update(table).values(compound_id=house.next_door.id), delete(table)):
            with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
                session.execute(change)


def test_of_two_new_versions_at_once_one_is_refused(house: House) -> None:
    project = project_in(house).id
    wish = PLAN | {"supersedes_id": filed(house, project)}
    rivals = [(house.liu.api, "PUT", f"/projects/{project}/documents/{fresh()}", {"json": wish}) for _ in range(2)]
    assert sorted(answer.status for answer in house.at_once(*rivals)) == [201, 409]


def test_a_paper_is_filed_once_by_who_plans_works(house: House) -> None:
    project, id = project_in(house).id, fresh()
    path = f"/projects/{project}/documents/{id}"
    assert [house.liu.api.put(path, PLAN).status for _ in range(2)] == [201, 200]
    assert house.liu.api.put(path, PLAN | {"title": "别的"}).json["code"] == "SameIdOtherContent"
    for one, status in ((house.chen, 403), (house.wang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.put(f"/projects/{project}/documents/{fresh()}", PLAN).status == status
        assert page(one, str(id), snapshot(1)).status == status
    assert house.liu.api.put(f"/projects/{project}/documents/{fresh()}", PLAN | {"act_id": str(fresh())}).status == 404


def test_the_form_takes_photos_and_hangs_them_on_a_step(house_sqlite: House) -> None:
    project = project_in(house_sqlite).id
    step = house_sqlite.nobody.api.get(f"/projects/{project}/acts").json[0]["id"]
    new = f"/works/projects/{project}/documents"
    assert f"documents/new?step={step}" in house_sqlite.liu.get(f"/works/projects/{project}/life").text
    form = {"id": str(fresh()), "kind": "letter", "title": "立项批复", "public": "true", "act_id": step}
    nothing = house_sqlite.liu.ask("POST", new, data=form, files=[("photos", ("", b"", "application/octet-stream"))])
    assert (nothing.status, "请选文件" in nothing.words) == (422, True)
    broken = house_sqlite.liu.ask("POST", new, data=form, files=[("photos", ("a.pdf", b"%PDF-nothing", "application/pdf"))])
    assert broken.status == 422
    made = house_sqlite.liu.ask("POST", new, data=form, files=[("photos", ("a.jpg", snapshot(4), "image/jpeg"))])
    assert "立项批复" in house_sqlite.liu.follow(made).words
    assert "立项批复" in house_sqlite.nobody.get(f"/works/projects/{project}/life").words
    assert house_sqlite.chen.get(f"{new}/new").status == 403
    document = house_sqlite.nobody.api.get(f"/projects/{project}/documents").json[0]["id"]
    assert 'value="立项批复"' in house_sqlite.liu.get(f"{new}/new?of={document}").text
