"""Every route names its actor and has a row in the authorization table; the table is tried for every role.

A row says who may come in. With ids that exist nowhere, whoever may come in hears 404 (or sees a page, or that the form is
empty); whoever may not hears 401, 403 or 404 and never anything that a door answers to its own people.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app.access.actors import anyone, officer, oneself, resident
from app.access.models import ApiKey
from app.accounts.models import Account
from app.accounts.service import hashed_token
from app.kit.clock import now
from app.kit.requests import OneTransaction
from tests.cast import House, One, open_house, the_app
from tests.house.authorization import ALL, ANYONE, OWN_GATE, RESIDENTS, TABLE, THEMSELVES
from tests.house.doors import DoorOf, doors
from tests.making import fresh, make_key, make_login, move_out
from tests.renovation.sites import finding_in, link_to, project_in

LAST = list(TABLE)[-2:]
DOORS = sorted(doors(the_app()), key=lambda door: door.name in LAST)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    routes = {door.name for door in DOORS}
    assert sorted(routes - TABLE.keys()) == []
    assert sorted(TABLE.keys() - routes) == []


def test_every_route_names_its_actor() -> None:
    nameless = []
    for door in DOORS:
        if isinstance(door.route, OneTransaction):
            givers = {mark.give for mark in door.route.given.values()}
            if not givers & {anyone, oneself, resident, officer} and TABLE[door.name] is not OWN_GATE:
                nameless.append(door.name)
    assert nameless == []


@dataclass(frozen=True)
class Role:
    name: str
    one: One
    headers: dict[str, str]
    may: frozenset[str]
    """The gates this role passes."""


def roles(house: House) -> Iterator[Role]:
    plain = {}
    yield Role("anonymous", house.nobody, plain, frozenset({ANYONE}))
    for key in ("wang", "zhang", "chen", "he", "liu", "huang"):
        yield Role(key, house.people[key], plain, frozenset({ANYONE, RESIDENTS, THEMSELVES, ALL, key}))
    yield Role("next compound", house.zhao_here, plain, frozenset({ANYONE}))
    with house.session() as session:
        suspended = house.newcomer_in(session, "停用的人")
        account = session.get_one(Account, suspended.person.account_id)
        account.suspended_at = now()
        moved_out = house.newcomer_in(session, "搬走的人")
        move_out(session, moved_out.person)
        unscoped = make_key(session, house.liu.person, "nothing:read")
        revoked = make_key(session, house.liu.person, "volunteering:read", "treasury:read")
        row = session.exec(select(ApiKey).where(ApiKey.key_hash == hashed_token(revoked))).one()
        row.revoked_at = now() - timedelta(days=1)
        ended = make_login(session, house.liu.person)
    yield Role("moved out", moved_out, plain, frozenset({ANYONE, THEMSELVES}))
    yield Role("suspended", suspended, plain, frozenset({ANYONE}))
    yield Role("revoked key", house.nobody, {"authorization": f"Bearer {revoked}"}, frozenset())
    yield Role("unscoped key", house.nobody, {"authorization": f"Bearer {unscoped}"}, frozenset())
    link = link_to(house, finding_in(house, project_in(house))).rpartition("/")[2]
    yield Role("contractor's link as a session", One(house, house.compound, None, link), plain, frozenset({ANYONE}))
    yield Role("contractor's link as a key", house.nobody, {"authorization": f"Bearer {link}"}, frozenset())
    yield Role("made-up session", One(house, house.compound, None, ended + "x"), plain, frozenset({ANYONE}))


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory, sqlite_house_template: Path) -> list[str]:
    """What went against the table, a line each."""
    folder = tmp_path_factory.mktemp("doors")
    wrong: list[str] = []
    with open_house(f"sqlite:///{shutil.copy(sqlite_house_template, folder / 'gongzhi.db')}", folder) as house:
        for role in roles(house):
            for door in DOORS:
                gate = TABLE[door.name]
                if gate is OWN_GATE or "{slug}" not in door.path:
                    continue
                wrong += judged(role, door, gate)
    return wrong


def judged(role: Role, door: DoorOf, gate: frozenset[str]) -> list[str]:
    given = {"{slug}": "fengshu", "{index}": "9", "{size}": "960", "{what}": "slip"}
    path = re.sub(r"\{[^}]*\}", lambda m: given.get(m[0]) or str(fresh()), door.path)
    is_api = door.path.startswith("/api/")
    options = {"json": {}} if is_api and door.method in ("PUT", "POST", "PATCH") else {}
    answer = role.one.ask(door.method, "/" + path, headers=role.headers, **options)
    status = answer.status
    sent_away = ("/sign-in", "/c/fengshu/second-factor", *(["/c/fengshu/me"] if door.method == "GET" else []))
    if status == 303 and answer.place.startswith(sent_away):
        status = 401
    has_body = is_api and door.method in ("PUT", "POST", "PATCH")
    if status >= 500:
        return [f"{role.name}: {door.name} gave {answer}"]
    if gate & role.may:
        return [f"{role.name} should pass {door.name}, got {status}"] if status in (401, 403) else []
    # What FastAPI itself finds malformed (a body, a query) it says before the gate is asked; a drawn form would be a leak.
    malformed = has_body or (status == 422 and "填写的内容有误" in answer.text)
    refused = {401, 403, 404} | ({422} if malformed else set())
    return [] if status in refused else [f"{role.name} must not pass {door.name}, got {status}"]


def test_a_contractors_link_opens_no_other_door_that_takes_a_secret(house_sqlite: House) -> None:
    """Whatever an address of the table takes, the token opens its own finding only."""
    token = link_to(house_sqlite, finding_in(house_sqlite, project_in(house_sqlite))).rpartition("/")[2]
    own, shut = set(), set()
    for door in DOORS:
        if TABLE[door.name] is OWN_GATE and door.method == "GET" and "/c/{slug}/" in door.path:
            path = re.sub(r"\{[^}]*\}", lambda m: "fengshu" if m[0] == "{slug}" else token, door.path)
            (own if house_sqlite.nobody.get(f"//{path.lstrip('/')}").status == 200 else shut).add(door.name)
    assert own == {
        "GET /c/{slug}/works/answer/{token}",
        "GET /c/{slug}/works/answer/{token}/card",
        "GET /api/v1/c/{slug}/works/answer/{token}",
    }
    assert "GET /c/{slug}/volunteering/calendar/{secret}.ics" in shut


def test_nobody_passes_a_gate_that_the_table_does_not_open(tried: list[str]) -> None:
    assert tried == [], "\n".join(tried)


def test_the_judge_can_fail(house_sqlite: House) -> None:
    stranger = Role("anonymous", house_sqlite.nobody, {}, frozenset({ANYONE}))
    closed = next(d for d in DOORS if d.name == "GET /c/{slug}/volunteering")
    assert judged(stranger, closed, frozenset({"liu"})), "a page that opens to a stranger must be noticed"
