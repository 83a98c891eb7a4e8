"""A request is one call, in one thread, in one transaction: checked on both engines with a small application."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from app.compounds.models import Community
from app.kit import requests
from app.kit.answers import answer_refusals
from app.kit.db import Database, reading, writing
from app.kit.refusals import Refusal
from app.kit.requests import DbSession, Inside, OneTransaction
from app.kit.views import View, bare_frame
from app.settings import Settings
from app.volunteering.signup_models import Signup
from tests.making import fresh


class Nope(Refusal):
    says = "不行"


class Read(BaseModel):
    id: UUID
    name: str


@dataclass(frozen=True)
class Broken(View):
    template = "answers/refusal.html"  # which asks for fields that this page does not have


router = APIRouter(route_class=OneTransaction)


@router.post("/things", status_code=201)
def make(session: DbSession, name: str, response: Response) -> Read:
    thing = Community(name=name, city="长沙")
    session.add(thing)
    session.flush()
    response.headers["x-made"] = "yes"
    return Read(id=thing.id, name=thing.name)


@router.post("/refused")
def make_and_refuse(session: DbSession, name: str) -> Read:
    session.add(Community(name=name, city="长沙"))
    session.flush()
    raise Nope


@router.post("/broken")
def make_and_draw(session: DbSession, request: Request, name: str) -> Broken:
    session.add(Community(name=name, city="长沙"))
    session.flush()
    return Broken(bare_frame(request))


@router.get("/writes")
def write_in_a_get(session: DbSession) -> Response:
    session.add(Community(name="偷写", city="长沙"))
    session.flush()
    session.commit()
    return Response("written")


@router.post("/orphan")
def orphan(session: DbSession) -> Response:
    """A row that points to nothing: refused by a foreign key, at the latest when it is flushed for the commit."""
    session.add(
        Signup(
            compound_id=fresh(), shift_id=fresh(), person_id=fresh(), entered_by_id=fresh(), state="confirmed", year=2026,
            number=1, line=1, sent_sha256=b"",
        )
    )  # fmt: skip
    return Response("made")


def who(session: Session, request: Request) -> str:
    return request.headers.get("x-who", "nobody")


@router.get("/who")
def tell_who(me: Annotated[str, Inside(who)], count: int = 1) -> dict[str, str]:
    return {"me": me * count}


class Client:
    def __init__(self, database: Database, portal: Any) -> None:
        app = FastAPI()
        app.state.db, app.state.settings = database, Settings()
        app.include_router(router)
        answer_refusals(app)
        self.portal = portal
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def __call__(self, method: str, address: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            return await self.client.request(method, address, **options)

        answer: httpx.Response = self.portal.call(send)
        return answer


@pytest.fixture
def ask(database: Database) -> Iterator[Client]:
    with start_blocking_portal() as portal:
        client = Client(database, portal)
        yield client
        portal.call(client.client.aclose)


def names(database: Database) -> list[str]:
    with reading(database) as session:
        return sorted(session.exec(select(Community.name)))


def test_returning_commits(ask: Client, database: Database) -> None:
    answer = ask("POST", "/things?name=甲")
    assert (answer.status_code, answer.headers["x-made"], answer.json()["name"]) == (201, "yes", "甲")
    assert names(database) == ["甲"]


def test_raising_rolls_back(ask: Client, database: Database) -> None:
    assert ask("POST", "/refused?name=乙").status_code == 409
    assert names(database) == []


def test_a_template_that_breaks_changes_nothing(ask: Client, database: Database) -> None:
    assert ask("POST", "/broken?name=丙").status_code == 500
    assert names(database) == []


def test_a_commit_that_the_database_refuses_is_an_honest_409_and_the_next_write_works(ask: Client, database: Database) -> None:
    assert ask("POST", "/orphan").status_code == 409
    assert ask("POST", "/things?name=丁").status_code == 201
    assert ask("POST", "/things?name=丁").status_code == 409, "the name is unique"
    assert names(database) == ["丁"]


def test_a_get_that_writes_fails(ask: Client, database: Database) -> None:
    assert ask("GET", "/writes").status_code == 500
    assert names(database) == []


def test_what_is_given_inside_is_hidden_from_the_documented_parameters(ask: Client) -> None:
    assert ask("GET", "/who?count=2", headers={"x-who": "wang"}).json() == {"me": "wangwang"}
    assert ask("GET", "/who?count=x").status_code == 422


def test_a_transient_failure_is_tried_again_and_a_lasting_one_is_not(
    ask: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    tries: list[int] = []
    finish = database.finish

    def deadlock_twice(session: Session) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("COMMIT", {}, Deadlock())
        finish(session)

    monkeypatch.setattr(database, "finish", deadlock_twice)
    assert ask("POST", "/things?name=戊").status_code == 201
    assert (len(tries), names(database)) == (requests.TRIES, ["戊"])

    def always(session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    monkeypatch.setattr(database, "finish", always)
    assert ask("POST", "/things?name=己").status_code == 500
    assert names(database) == ["戊"]


def test_a_door_that_could_leave_its_thread_is_refused_at_import() -> None:
    async def door() -> Response:
        return Response()

    def stream() -> Iterator[bytes]:
        yield b""

    for endpoint in (door, stream):
        with pytest.raises(TypeError, match="plain `def`"):
            APIRouter(route_class=OneTransaction).get("/x")(endpoint)


def test_a_writing_transaction_inside_another_is_an_error_and_not_a_wait(database_sqlite: Database) -> None:
    with writing(database_sqlite), pytest.raises(RuntimeError, match="inside"), writing(database_sqlite):
        pass
