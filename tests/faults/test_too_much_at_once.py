"""More than a door takes, in bytes or in callers, is said at once, without any proxy in front."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import pytest

from app.kit.db import writing
from app.kit.requests import FILES, FORM, OneTransaction
from tests.benefits.giving import DECISION
from tests.cast import House, the_app
from tests.faults.test_lost_answers import Act, a_paper, a_visit_photo, a_voucher
from tests.house.doors import doors
from tests.making import fresh

TAKES_FILES = {
    "PUT /api/v1/c/{slug}/visits/{visit_id}/photos/{photo_id}",
    "PUT /api/v1/c/{slug}/drafts/{draft_id}/vouchers/{id}",
    "PUT /api/v1/c/{slug}/claims/{claim_id}/{what}/{id}",
    "PUT /api/v1/c/{slug}/notices/{notice_id}/board/{id}",
    "PUT /api/v1/c/{slug}/objections/{objection_id}/photos/{id}",
    "PUT /api/v1/c/{slug}/contracts/{contract_id}/pages/{id}",
    "PUT /api/v1/c/{slug}/announcement-photos/{id}",
    "POST /c/{slug}/money/contracts/record",
    "POST /c/{slug}/money/contracts/{contract_id}/correct",
    "POST /c/{slug}/notices/announce",
    "POST /c/{slug}/works/projects/{project_id}/visits",
    "POST /c/{slug}/works/projects/{project_id}/findings",
    "POST /c/{slug}/works/projects/{project_id}/points",
    "PUT /api/v1/c/{slug}/points/{point_id}/photos/{photo_id}",
    "POST /c/{slug}/works/findings/{finding_id}/acts",
    "POST /c/{slug}/works/findings/{finding_id}/reports",
    "POST /c/{slug}/works/answer/{token}",
    "POST /c/{slug}/benefits/claims/{claim_id}/{what}",
    "POST /c/{slug}/benefits/{id}/items/{item_id}/list/file",
    "POST /c/{slug}/money/book",
    "POST /c/{slug}/money/drafts/{draft_id}/edit",
    "POST /c/{slug}/money/bank/bring",
    "POST /c/{slug}/notices/{notice_id}/board",
    "POST /c/{slug}/notices/{notice_id}/objections",
    "POST /c/{slug}/roster/import",
    "POST /c/{slug}/volunteering/pledges/{pledge_id}/keep",
    "POST /c/{slug}/works/problems",
    "POST /c/{slug}/works/projects/{project_id}/documents",
    "PUT /api/v1/c/{slug}/documents/{document_id}/pages/{id}",
    "PUT /api/v1/c/{slug}/findings/{finding_id}/acts/{act_id}/photos/{photo_id}",
    "PUT /api/v1/c/{slug}/findings/{finding_id}/photos/{photo_id}",
    "PUT /api/v1/c/{slug}/pledges/{pledge_id}/photos/{id}",
    "PUT /api/v1/c/{slug}/problems/{problem_id}/photos/{photo_id}",
    "PUT /api/v1/c/{slug}/works/answer/{token}/answers/{act_id}/photos/{photo_id}",
    "PUT /api/v1/c/{slug}/works/photos/{photo_id}/original",
}


def test_every_door_that_reads_a_body_is_bounded_and_only_those_for_files_are_wide() -> None:
    writing = [door for door in doors(the_app()) if door.method not in ("GET", "HEAD")]
    assert {door.name for door in writing if not isinstance(door.route, OneTransaction)} == set()
    wide = {door.name for door in writing if isinstance(door.route, OneTransaction) and door.route.most == FILES}
    assert wide == TAKES_FILES
    assert {door.route.most for door in writing if door.name not in wide} == {FORM}  # type: ignore[attr-defined]


def announced(size: int, begins: bytes) -> dict[str, Any]:
    return {"content": begins, "headers": {"content-length": str(size)}}


def unannounced(size: int, begins: bytes) -> dict[str, Any]:
    """As chunks, whose sum nobody knows beforehand."""

    async def chunks() -> AsyncIterator[bytes]:
        yield begins
        for _ in range(size // 50_000 + 1):
            yield b" " * 50_000

    return {"content": chunks(), "headers": {}}


KINDS = {
    "json": ("application/json", b"{"),
    "form": ("application/x-www-form-urlencoded", b"title="),
    "files": ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n'),
}
"""The type, and how such a body begins."""


@pytest.mark.parametrize("length", [announced, unannounced])
@pytest.mark.parametrize(
    ("who", "path", "kind"),
    [
        ("liu", "/api/v1/c/fengshu/decisions/{id}", "json"),
        ("liu", "/c/fengshu/decisions/record", "form"),
        ("liu", "/c/fengshu/decisions/record", "files"),
        ("nobody", "/sign-in", "form"),
    ],
)
def test_a_body_too_large_is_a_413_in_our_own_words(
    house_sqlite: House, length: Callable[[int, bytes], dict[str, Any]], who: str, path: str, kind: str
) -> None:
    type_, begins = KINDS[kind]
    sent = length(FORM + 1, begins)
    sent["headers"]["content-type"] = type_
    method = "PUT" if "/api/" in path else "POST"
    answer = house_sqlite.people[who].ask(method, "/" + path.format(id=fresh()), **sent)
    assert answer.status == 413, answer
    if "/api/" in path:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["detail"] == "内容太大了。"
    else:
        assert "内容太大了。" in answer.words


def test_a_body_as_large_as_may_be_is_read(house_sqlite: House) -> None:
    """The control: it is refused for what it says, not for its length."""
    house = house_sqlite
    answer = house.liu.api.ask("PUT", f"/decisions/{fresh()}", content=b" " * FORM, headers={"content-type": "application/json"})
    assert answer.status == 422, answer


@pytest.mark.parametrize("line", [3, 500])
def test_who_finds_the_line_of_writers_full_hears_so_at_once(house_sqlite: House, line: int) -> None:
    """500, as it is set, is the control: then all of them wait, and all are served."""
    house, held, free = house_sqlite, Event(), Event()
    house.db.line = line

    def hold_the_turn() -> None:
        with writing(house.db):
            held.set()
            free.wait(20)

    holder = Thread(target=hold_the_turn)
    holder.start()
    assert held.wait(20)
    Thread(target=lambda: free.wait(1) or free.set()).start()
    wish = {"json": DECISION | {"decided_on": "2026-01-05"}}
    answers = house.at_once(*[(house.liu.api, "PUT", f"/decisions/{fresh()}", wish) for _ in range(8)])
    holder.join()
    told = [answer for answer in answers if answer.status == 503]
    assert len(told) == (4 if line == 3 else 0), "one writes, three wait"
    assert {(answer.json["code"], answer.headers["retry-after"]) for answer in told} <= {("Busy", "2")}
    assert sum(answer.status == 201 for answer in answers) == 8 - len(told)
    assert len(house.liu.api.get("/decisions").json["items"]) == 8 - len(told)


@pytest.mark.parametrize("act", [a_visit_photo, a_paper, a_voucher])
@pytest.mark.parametrize("line", ["of pictures", "of readers", "free"])
def test_who_finds_a_line_full_hears_so_before_the_picture_is_sent(
    house_sqlite: House, act: Callable[[House], Act], line: str
) -> None:
    """Free is the control: then it is sent, and taken."""
    house, begun = house_sqlite, Event()
    one, path, sent = act(house)
    path = path if "visits" in path else f"{path}/{fresh()}"

    async def picture() -> AsyncIterator[bytes]:
        begun.set()
        yield sent["content"]

    desk = house.app.state.desk
    with ExitStack() as others:
        if line == "of pictures":
            while desk._places.acquire(blocking=False):
                others.callback(desk._places.release)
        if line == "of readers":
            house.db.line = 0
            for _ in range(int(house.db.readers.total_tokens)):
                others.enter_context(house.db.in_line(reads=True))
        answer = one.api.ask("PUT", path, content=picture(), headers=sent["headers"])
    if line == "free":
        assert (answer.status, begun.is_set()) == (201, True)
    else:
        assert (answer.status, answer.json["code"]) == (503, {"of pictures": "DeskBusy", "of readers": "Busy"}[line])
        assert "retry-after" in answer.headers
        assert not begun.is_set()
        assert one.api.ask("PUT", path, **sent).status == 201
