"""A building site for the tests: a project, a visit's text, pictures, and the way through the doors."""

from datetime import timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.kit.clock import today
from app.renovation.models import Project
from app.renovation.schemas import PhaseWish, ProjectWish
from app.renovation.works import plan_project
from tests.cast import Answer, House, One, actor_of
from tests.making import fresh
from tests.photos.snapshots import scene, written


def project_in(house: House, title: str = "老旧小区改造") -> Project:
    with house.session() as session:
        return planned(session, actor_of(house.liu), title)


def planned(session: Session, actor: Actor, title: str = "老旧小区改造", **more: Any) -> Project:
    wish = ProjectWish(
        **more,
        title=title,
        what="管网、充电棚、路灯、绿地",
        contractor="骆驼市政工程队",
        contractor_phone="19900008801",
        started_on=today() - timedelta(days=90),
        phases=[
            PhaseWish(name=name, planned_from_on=today() + timedelta(days=a), planned_to_on=today() + timedelta(days=b))
            for name, a, b in (("管网改造", -90, -20), ("充电棚和路灯", -19, -4), ("绿地", 3, 30))
        ],
    )
    return plan_project(session, actor, fresh(), wish)[0]


@cache
def snapshot(seed: int = 1) -> bytes:
    """A JPEG of its own."""
    return written(scene(300 + seed, 200))


def signed(jpeg: bytes, words: str) -> bytes:
    """The same picture in other bytes: with a comment of its own."""
    comment = words.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + jpeg[2:]


def said(project: Project, *photos: UUID, **more: Any) -> dict[str, Any]:
    """A visit as the phone freezes it."""
    return {
        "project_id": str(project.id),
        "place": "5栋地下室",
        "weather": "overcast",
        "progress": "电缆沟盖板铺了一半",
        "checked": "",
        "problems": "",
        "others": "",
        "nonce": None,
        "started_at": None,
        "device_at": "2026-11-23T15:00:00+08:00",
        "photos": [
            {"id": str(id), "announced_sha256": sha256(snapshot(n)).hexdigest(), "source": "camera", "caption": ""}
            for n, id in enumerate(photos, start=1)
        ],
    } | more


def send(one: One, visit_id: UUID, photo_id: UUID, content: bytes, digest: str | None = None) -> Answer:
    """A photo as its raw body, like the outbox does it."""
    return one.api.ask(
        "PUT",
        f"/visits/{visit_id}/photos/{photo_id}",
        content=content,
        headers={"content-type": "image/jpeg", "x-content-sha256": digest or sha256(content).hexdigest()},
    )


def visit_in(house: House, project: Project, one: One | None = None, photos: int = 0) -> tuple[UUID, list[UUID]]:
    """A visit with all its photos here."""
    id, ids, one = fresh(), [fresh() for _ in range(photos)], one or house.chen
    assert one.api.put(f"/visits/{id}", said(project, *ids)).status == 201
    for n, photo_id in enumerate(ids, start=1):
        assert send(one, id, photo_id, snapshot(n)).status == 201
    return id, ids


NOTICE = {
    "place": "充电棚配电箱",
    "what": "金属外壳没有接地线。",
    "basis": "施工图电-03",
    "demand": "接好地线，测接地电阻。",
    "severity": "high",
}


def finding_in(house: House, project: Project, one: One | None = None, **more: Any) -> str:
    id = fresh()
    answer = (one or house.chen).api.put(f"/projects/{project.id}/findings/{id}", NOTICE | more)
    assert answer.status == 201, answer
    return str(id)


def link_to(house: House, finding: str) -> str:
    """The path of a new link, below the compound's address."""
    answer = house.chen.api.post(f"/findings/{finding}/links")
    assert answer.status == 201, answer
    return str(answer.json["address"]).partition("/c/fengshu")[2]


def answered(house: House, finding: str, *, photo: bool = True) -> None:
    """The contractor, by the link."""
    path = link_to(house, finding)
    file = ("after.jpg", snapshot(9), "image/jpeg") if photo else ("", b"", "application/octet-stream")
    words = {"id": str(fresh()), "text": "地线接好了，测得 2 欧。", "answered_by": "孟工"}
    answer = house.nobody.ask("POST", path, data=words, files=[("camera", file)])
    assert answer.status == 303, answer
