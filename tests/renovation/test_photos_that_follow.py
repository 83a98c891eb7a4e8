"""Words first, photos after: what a phone sends from a cellar, and what stands by when."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from app.inbox.models import Message
from app.kit.clock import now
from app.photos.models import Photo
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from app.renovation.finding_models import Finding, FindingAct
from tests.cast import Answer, House, One
from tests.making import fresh
from tests.renovation.sites import NOTICE, answered, finding_in, link_to, project_in, signed, snapshot, visit_in


def coming(*pictures: bytes) -> tuple[dict[UUID, bytes], list[dict[str, Any]]]:
    """Photos with their ids, and how they are announced."""
    ids = {fresh(): picture for picture in pictures}
    return ids, [
        {"id": str(id), "announced_sha256": sha256(picture).hexdigest(), "source": "camera", "caption": f"第 {n} 张"}
        for n, (id, picture) in enumerate(ids.items(), 1)
    ]


def sent(one: One, address: str, id: UUID, picture: bytes, digest: str | None = None) -> Answer:
    headers = {"content-type": "image/jpeg", "x-content-sha256": digest or sha256(picture).hexdigest()}
    return one.api.ask("PUT", f"{address}/photos/{id}", content=picture, headers=headers)


def state(house: House, finding: str) -> str:
    return str(house.nobody.api.get(f"/findings/{finding}").json["state"])


def life(house: House, finding: str) -> list[tuple[str, bool]]:
    return [(act["kind"], act["waits"]) for act in house.nobody.api.get(f"/findings/{finding}/acts").json]


def logged(house: House) -> list[str]:
    with house.session() as session:
        assert verify_log(session, house.compound.id).finding is None
        types = [entry.type for entry in session.exec(select(LogEntry).order_by(col(LogEntry.index)))]
    return [type.removeprefix("finding.") for type in types if type.startswith("finding")]


def test_a_finding_is_there_before_its_photos_are(house: House) -> None:
    project, id = project_in(house), fresh()
    photos, announced = coming(snapshot(1), snapshot(2))
    address = f"/findings/{id}"
    raised = house.chen.api.put(f"/projects/{project.id}/findings/{id}", NOTICE | {"photos": announced})
    assert (raised.status, raised.json["state"], raised.json["number"]) == (201, "issued", 1)
    first, second = photos
    assert [p["state"] for p in house.nobody.api.get(f"{address}/manifest").json["photos"]] == ["missing", "missing"]
    arrived = sent(house.chen, address, first, photos[first])
    assert (arrived.status, arrived.json["complete"]) == (201, False)
    again = sent(house.chen, address, first, photos[first])
    assert (again.status, again.json["received_sha256"]) == (200, sha256(photos[first]).hexdigest())
    assert sent(house.chen, address, first, photos[second]).json["code"] == "PhotoDiffers"
    assert sent(house.chen, address, second, photos[second], "0" * 64).json["code"] == "DigestDiffers"
    assert sent(house.chen, address, second, photos[second]).json["complete"] is True
    manifest = house.nobody.api.get(f"{address}/manifest").json["photos"]
    assert {p["id"]: p["received_sha256"] for p in manifest} == {str(i): sha256(p).hexdigest() for i, p in photos.items()}
    page = house.nobody.get(f"/works{address}")
    assert [image["alt"] for image in page.page.select(".strip img")] == ["第 1 张", "第 2 张"]
    assert house.nobody.get(f"/works{address}/photos/{first}/320").status == 200
    assert logged(house) == ["raised"]


def test_mended_stands_when_its_photo_has_arrived(house: House) -> None:
    """The contractor's word and the supervisor's alike: written down at once, and moving nothing before the evidence."""
    finding = finding_in(house, project_in(house))
    path = link_to(house, finding)
    photos, announced = coming(snapshot(1), snapshot(2))
    answer = {"text": "接好了", "answered_by": "孟工", "photos": announced}
    id = fresh()
    assert house.nobody.api.put(f"{path}/answers/{id}", answer).json["state"] == "issued"
    assert house.nobody.api.put(f"{path}/answers/{id}", answer).status == 200
    assert life(house, finding) == [("issued", False), ("answered", True)]
    assert "照片在路上，到了才算数" in house.nobody.get(f"/works/findings/{finding}").words
    with house.session() as session:
        assert session.exec(select(Message)).all() == [], "nobody is called to look at what does not stand"
    for n, (photo, picture) in enumerate(photos.items()):
        arrived = sent(house.nobody, f"{path}/answers/{id}", photo, picture)
        assert (arrived.status, arrived.json["complete"]) == (201, n == 1)
        assert state(house, finding) == "rectified_claimed"
    assert life(house, finding) == [("issued", False), ("answered", False), ("arrived", False)], "once, by the first"
    with house.session() as session:
        assert {message.person_id for message in session.exec(select(Message))} == {house.chen.id, house.zhou.id}

    photos, announced = coming(snapshot(3))
    check, (photo,) = fresh(), photos
    address = f"/findings/{finding}/acts/{check}"
    assert house.zhou.api.put(address, {"kind": "mended", "photos": announced}).json["state"] == "rectified_claimed"
    assert sent(house.chen, address, photo, photos[photo]).json["code"] == "PhotoNotAwaited", "whose word, whose photo"
    assert sent(house.zhou, address, photo, photos[photo]).status == 201
    assert state(house, finding) == "closed"
    assert logged(house) == ["raised", "announced", "answered", "announced", "closed"]
    with house.session() as session:
        closed = session.exec(select(FindingAct).where(FindingAct.of_id == check)).one()
        assert (closed.by_id, closed.state) == (house.zhou.id, "closed")


def test_what_asks_for_no_evidence_stands_at_once_and_shows_its_photos_later(house: House) -> None:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    photos, announced = coming(snapshot(3))
    (photo,) = photos
    address = f"/findings/{finding}/acts/{fresh()}"
    wish = {"kind": "not_mended", "text": "还在滴水", "photos": announced}
    assert house.zhou.api.put(address, wish).json["state"] == "rejected"
    assert sent(house.zhou, address, photo, photos[photo]).status == 201
    assert [kind for kind, _waits in life(house, finding)][-1] == "not_mended", "an arrival is no step of its own here"
    assert str(photo) in house.nobody.api.get(f"/findings/{finding}/acts").json[-1]["photos"]


def test_evidence_that_comes_too_late_is_kept_and_moves_nothing(house: House) -> None:
    finding = finding_in(house, project_in(house))
    path = link_to(house, finding)
    photos, announced = coming(snapshot(1))
    (photo,) = photos
    id = fresh()
    said = {"text": "接好了", "answered_by": "孟工", "photos": announced}
    assert house.nobody.api.put(f"{path}/answers/{id}", said).status == 201
    assert house.zhou.api.put(f"/findings/{finding}/acts/{fresh()}", {"kind": "voided", "text": "提错了"}).json["state"] == "void"
    assert sent(house.nobody, f"{path}/answers/{id}", photo, photos[photo]).json["complete"] is True
    assert state(house, finding) == "void"
    assert [kind for kind, _waits in life(house, finding)] == ["issued", "answered", "voided", "arrived"]
    page = house.nobody.get(f"/works/findings/{finding}")
    assert "照片到了，但那时已经不能这样办" in page.words
    assert page.page.select(".strip img")[0]["alt"] == "第 1 张"
    assert logged(house) == ["raised", "announced", "voided", "arrived_late"]


def test_a_promise_holds_up_nobody(house: House) -> None:
    """A photo that never comes: the day counts on, and the contractor may say it again."""
    finding = finding_in(house, project_in(house))
    path = link_to(house, finding)
    _photos, announced = coming(snapshot(1))
    said = {"text": "好了", "answered_by": "孟工"}
    assert house.nobody.api.put(f"{path}/answers/{fresh()}", said | {"photos": announced}).status == 201
    with time_machine.travel(now() + timedelta(days=9), tick=False):
        assert house.nobody.api.get(f"/findings/{finding}").json["overdue"] is True
    assert house.zhou.api.put(f"/findings/{finding}/acts/{fresh()}", {"kind": "mended"}).json["code"] == "NotThisState"
    answered(house, finding)
    assert state(house, finding) == "rectified_claimed"
    _photos, again = coming(snapshot(2))
    late = house.nobody.api.put(f"{path}/answers/{fresh()}", said | {"photos": again})
    assert late.status == 410, "the answer came by a new link"


def test_a_photo_follows_by_the_link_that_announced_it_and_no_other(house: House) -> None:
    project = project_in(house)
    finding, other = finding_in(house, project), finding_in(house, project)
    path = link_to(house, finding)
    photos, announced = coming(snapshot(1))
    (photo,) = photos
    id = fresh()
    assert house.nobody.api.put(f"{path}/answers/{id}", {"text": "好", "answered_by": "孟工", "photos": announced}).status == 201
    neighbour = link_to(house, other)
    assert sent(house.nobody, f"{neighbour}/answers/{id}", photo, photos[photo]).status == 404
    assert house.nobody.api.get(f"{neighbour}/answers/{id}/manifest").status == 404
    assert sent(house.chen, f"/findings/{finding}/acts/{id}", photo, photos[photo]).json["code"] == "PhotoNotAwaited"
    assert house.nobody.api.get(f"{path}/answers/{id}/manifest").json["photos"][0]["state"] == "missing"
    link_to(house, finding)
    assert sent(house.nobody, f"{path}/answers/{id}", photo, photos[photo]).json["code"] == "LinkEnded"
    assert state(house, finding) == "issued"


def test_a_photo_nobody_announced_is_not_taken(house: House) -> None:
    project = project_in(house)
    _visit, (taken,) = visit_in(house, project, photos=1)
    finding = finding_in(house, project)
    assert sent(house.chen, f"/findings/{finding}", fresh(), snapshot(1)).json["code"] == "PhotoNotAwaited"
    theirs = {"photos": [{"id": str(taken)}]}
    path = f"/projects/{project.id}/findings/{fresh()}"
    assert house.chen.api.put(path, NOTICE | theirs).json["code"] == "SameIdOtherContent", "a visit's photo is not drawn in"
    twice = {"photos": [{"id": str(UUID(int=7))}] * 2}
    assert house.chen.api.put(path, NOTICE | twice).status == 422
    for one, status in ((house.nobody, 401), (house.wang, 403), (house.zhao_here, 401)):
        assert sent(one, f"/findings/{finding}", fresh(), snapshot(1)).status == status


def test_fifty_duplicates_of_a_photo_are_one_and_one_step(house: House) -> None:
    """kobocat #470: a duplicate by SELECT race."""
    finding = finding_in(house, project_in(house))
    path = link_to(house, finding)
    photos, announced = coming(snapshot(1))
    (photo,) = photos
    id = fresh()
    assert house.nobody.api.put(f"{path}/answers/{id}", {"text": "好", "answered_by": "孟工", "photos": announced}).status == 201
    same = {"content": photos[photo], "headers": {"content-type": "image/jpeg"}}
    calls = [(house.nobody.api, "PUT", f"{path}/answers/{id}/photos/{photo}", same)] * 20
    assert {answer.status for answer in house.at_once(*calls)} <= {200, 201, 503}
    with house.session() as session:
        assert len(session.exec(select(Photo)).all()) == 1
    assert [kind for kind, _waits in life(house, finding)] == ["issued", "answered", "arrived"]


def test_what_was_announced_stays(house: House) -> None:
    _photos, announced = coming(snapshot(1))
    finding_in(house, project_in(house), photos=announced)
    for change in ("UPDATE awaited_photo SET caption = 'x'", "DELETE FROM awaited_photo"):
        with pytest.raises(DatabaseError, match="append-only"), house.session() as session:
            session.connection().execute(text(change))
    with house.session() as session:
        assert session.exec(select(Finding)).one().state == "issued"
    assert signed(snapshot(1), "other") != snapshot(1)
