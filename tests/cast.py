"""The cast: the same few people in every test, one sentence each.

王阿姨 (wang) lives in 3-2-602 and helps. 李叔 (li) is her neighbour. 张会计 (zhang) is the treasurer. 陈工 (chen) and
老周 (zhou) are supervisors. 何队长 (he) plans the weekly service. 刘主任 (liu) is the director. 社区小黄 (huang) is the
community officer. 赵 (zhao) lives in the next compound and has no business here. Nobody (nobody) has not signed in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import anyio
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from bs4 import BeautifulSoup
from fastapi import FastAPI
from sqlmodel import Session, select

from app.access.actors import Actor, CompoundFacts
from app.access.permissions import permissions_of
from app.accounts.models import LoginSession
from app.accounts.service import hashed_token
from app.compounds.models import Compound, Person, SeatKind
from app.kit.clock import now
from app.kit.db import Database, writing
from app.kit.ids import new_id
from app.kit.pictures import PictureDesk, _Child
from app.kit.views import Frame
from app.main import create_app, dressed, furnish
from app.settings import Settings
from tests.making import make_compound, make_login, make_person, make_seat, make_unit

SEATS: dict[str, tuple[str, SeatKind | None]] = {
    "wang": ("王阿姨", None),
    "li": ("李叔", None),
    "zhang": ("张会计", SeatKind.TREASURER),
    "chen": ("陈工", SeatKind.SUPERVISOR),
    "zhou": ("老周", SeatKind.SUPERVISOR),
    "he": ("何队长", SeatKind.COORDINATOR),
    "liu": ("刘主任", SeatKind.DIRECTOR),
    "huang": ("社区小黄", SeatKind.COMMUNITY_OFFICER),
}


class Answer:
    """A response, with the questions tests ask of it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.text
        self.headers = response.headers

    @property
    def json(self) -> Any:
        return self.response.json()

    @cached_property
    def page(self) -> BeautifulSoup:
        """To look at, not to change: it is read once for all questions."""
        return self._parsed()

    @cached_property
    def words(self) -> str:
        """What is read on the page's main part. Where a line may break, nothing is read."""
        page = self._parsed()
        for gap in page("wbr"):
            gap.decompose()
        page.smooth()
        return " ".join((page.find("main") or page).get_text(" ").split())

    def _parsed(self) -> BeautifulSoup:
        return BeautifulSoup(self.text, "html.parser")

    @property
    def place(self) -> str:
        """Where a 303 leads."""
        return self.headers["location"]

    def __repr__(self) -> str:
        return f"<{self.status} {self.text[:300]}>"


class Door:
    """One way in, of one person: pages, htmx or the API."""

    def __init__(self, house: "House", base: str, headers: dict[str, str], cookies: dict[str, str]) -> None:
        self.house, self.base = house, base
        self.headers, self.cookies = headers, cookies

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        headers = {"sec-fetch-site": "same-origin"} | self.headers | options.pop("headers", {})
        cookies = "; ".join(f"{name}={value}" for name, value in (self.cookies | options.pop("cookies", {})).items())
        if cookies:
            headers["cookie"] = cookies
        address = path if path.startswith("//") else self.base + path
        return self.house.ask(method, address.replace("//", "/", 1) if path.startswith("//") else address, headers, **options)

    def get(self, path: str, **options: Any) -> Answer:
        return self.ask("GET", path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Answer:
        return self.ask("POST", path, data=data or {}, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> Answer:
        return self.ask("PUT", path, json=json, **options)

    def follow(self, answer: Answer) -> Answer:
        """Go where a 303 leads, with the sentence it carries."""
        assert answer.status == 303, answer
        said = answer.response.cookies.get("said")
        return self.ask("GET", "/" + answer.place, cookies={"said": said} if said else {})


class One(Door):
    """A person of the cast. `wang.post(…)` at the pages, `wang.htmx.post(…)`, `wang.api.put(…)`."""

    def __init__(self, house: "House", compound: Compound, person: Person | None, token: str | None) -> None:
        cookies = {"sid": token} if token else {}
        super().__init__(house, f"/c/{compound.slug}", {}, cookies)
        self.compound, self._person = compound, person
        self.htmx = Door(house, self.base, {"hx-request": "true"}, cookies)
        self.api = Door(house, f"/api/v1/c/{compound.slug}", {}, cookies)

    @property
    def person(self) -> Person:
        assert self._person
        return self._person

    @property
    def id(self) -> UUID:
        return self.person.id


@dataclass
class House:
    """The application over one database, with its cast, behind a synchronous client on one event loop."""

    app: FastAPI
    db: Database
    portal: BlockingPortal
    client: httpx.AsyncClient
    people: dict[str, One] = field(default_factory=dict)

    @property
    def compound(self) -> Compound:
        return self.people["nobody"].compound

    @property
    def next_door(self) -> Compound:
        return self.people["zhao"].compound

    def ask(self, method: str, address: str, headers: dict[str, str], **options: Any) -> Answer:
        async def send() -> httpx.Response:
            return await self.client.request(method, address, headers=headers, **options)

        return Answer(self.portal.call(send))

    def at_once(self, *calls: tuple[Door, str, str, dict[str, Any]]) -> list[Answer]:
        """Rivals: every (door, method, path, options) is sent before any is answered."""
        answers: list[Answer | None] = [None] * len(calls)

        async def race() -> None:
            async def one(i: int, door: Door, method: str, path: str, options: dict[str, Any]) -> None:
                cookies = "; ".join(f"{n}={v}" for n, v in door.cookies.items())
                headers = {"sec-fetch-site": "same-origin", "cookie": cookies} | door.headers | options.get("headers", {})
                answers[i] = Answer(await self.client.request(method, door.base + path, **options | {"headers": headers}))

            async with anyio.create_task_group() as rivals:
                for i, call in enumerate(calls):
                    rivals.start_soon(one, i, *call)

        self.portal.call(race)
        return [a for a in answers if a is not None]

    @contextmanager
    def session(self) -> Iterator[Session]:
        with writing(self.db) as session:
            yield session

    def newcomer(self, name: str = "新邻居", kind: SeatKind | None = None) -> One:
        """One more resident, signed in."""
        with self.session() as session:
            return self.newcomer_in(session, name, kind)

    def newcomer_in(self, session: Session, name: str, kind: SeatKind | None = None) -> One:
        compound = session.get_one(Compound, self.compound.id)
        person = make_person(session, compound, name, make_unit(session, compound, room=str(new_id())[-12:]))
        if kind:
            make_seat(session, person, kind)
        return One(self, compound, person, make_login(session, person))

    def __getattr__(self, name: str) -> One:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


@cache
def the_app(address: str = "http://127.0.0.1:8000") -> FastAPI:
    """Built once: its routes take a second, and every test gives it a database of its own (`furnish`)."""
    with TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), public_url=address, worker_in_server=False))
        app.state.db.dispose()
        app.state.desk.close()
    return app


def move_in(session: Session) -> None:
    """The cast's rows. Made once for each engine, in the database that the tests copy (tests/conftest.py)."""
    compound, next_door = make_compound(session), make_compound(session, "gonghang", "工行小区")
    for room, (name, kind) in enumerate(SEATS.values(), start=601):
        person = make_person(session, compound, name, make_unit(session, compound, room=str(room)))
        if kind:
            make_seat(session, person, kind)
    make_seat(session, make_person(session, next_door, "赵", make_unit(session, next_door)), SeatKind.DIRECTOR)


def at_home(session: Session, house: House) -> House:
    """Everybody signs in; their second factor is a moment old."""
    compounds = {compound.slug: compound for compound in session.exec(select(Compound))}
    persons = {person.name: person for person in session.exec(select(Person))}
    here, next_door = compounds["fengshu"], compounds["gonghang"]
    tokens = {name: new_id().hex for name in persons}
    session.add_all(
        LoginSession(
            token_hash=hashed_token(tokens[name]),
            account_id=person.account_id,
            device="test",
            ends_at=now() + timedelta(days=90),
            second_factor_at=now(),
        )
        for name, person in persons.items()
    )
    for key, (name, _kind) in SEATS.items():
        house.people[key] = One(house, here, persons[name], tokens[name])
    house.people["zhao"] = One(house, next_door, persons["赵"], tokens["赵"])
    house.people["zhao_here"] = One(house, here, persons["赵"], tokens["赵"])
    house.people["nobody"] = One(house, here, None, None)
    return house


WARM: list[_Child] = []


@contextmanager
def warm_darkroom(desk: PictureDesk) -> Iterator[None]:
    """One child develops the pictures of all houses in turn: to start one takes as long as six requests."""
    if WARM:
        desk._idle.get()
        desk._idle.put(WARM.pop())
    yield
    child = desk._idle.get()
    if child:
        WARM.append(child)
    desk._idle.put(None)


@contextmanager
def open_house(url: str, folder: Path, **settings: Any) -> Iterator[House]:
    app = the_app()
    options = {"throttled": False, "worker_in_server": False} | settings
    furnish(app, Settings(database_url=url, data_dir=folder, **options))
    db: Database = app.state.db
    with warm_darkroom(app.state.desk), start_blocking_portal() as portal:
        transport = httpx.ASGITransport(app=dressed(app), raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
        with writing(db) as session:
            if not session.exec(select(Compound)).first():
                move_in(session)
            house = at_home(session, House(app, db, portal, client))
        yield house
        portal.call(client.aclose)
    app.state.desk.close()
    db.dispose()


def actor_of(one: One) -> Actor:
    """The actor a verb is called with, where a test does not go through a door."""
    kind = next((seat for name, seat in SEATS.values() if name == one.person.name), None)
    seats = frozenset({kind}) if kind else frozenset[SeatKind]()
    compound = CompoundFacts(one.compound.id, one.compound.slug, one.compound.name, one.compound.help_phone)
    return Actor(
        compound=compound,
        frame=Frame("/"),
        permissions=permissions_of(seats),
        person_id=one.id,
        name=one.person.name,
        account_id=one.person.account_id,
        seats=seats,
    )
