"""A list, a page and sign-ups against a bare reply and against the bare database: the server as it runs, asked by wrk.

One pinned worker on one core, wrk on the other, 16 connections; every figure is a ratio to what was measured seconds before.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import httpx
from sqlalchemy import insert, update
from sqlmodel import Session, select

from app.access.service import keep_key
from app.accounts.models import Account
from app.accounts.service import begin_session
from app.compounds.models import Compound, Person
from app.kit.db import Database, writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.main import open_database
from app.settings import Settings
from app.volunteering.models import Shift, Signup
from bench import Line
from tests.making import make_compound, make_person, make_shift, make_unit

PORT, BARE_PORT = 8770, 8771
SECONDS = 4
CLIENTS = 16
SIGNUPS = 800

BARE = """
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
body = b"x" * 2048
async def reply(request): return Response(body, media_type="application/json")
uvicorn.run(Starlette(routes=[Route("/", reply)]), port=%d, log_level="error", access_log=False)
"""


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A server pinned to the first core, until the block ends."""
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, {0})
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(10)


def wrk(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[float, float, float]:
    """(requests per second, p50 ms, p99 ms) at 16 connections."""
    said = [part for name, value in (headers or {}).items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", *said, f"http://127.0.0.1:{port}{path}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out

    def ms(label: str) -> float:
        found = re.search(rf"{label}%\s+([\d.]+)(us|ms|s)", out)
        assert found, out
        return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]

    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    assert rate, out
    return float(rate[1]), ms("50"), ms("99")


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        token, keys, shift_id = furnished(db)
        serve = [sys.executable, "-m", "app", "serve", "--port", str(PORT)]
        quiet = {"DATA_DIR": folder, "THROTTLED": "false", "LOG_FORMAT": "json"}
        with running([sys.executable, "-c", BARE % BARE_PORT], BARE_PORT, {}), running(serve, PORT, quiet):
            for warm in ("/api/v1/c/b/shifts?limit=20", "/c/b/volunteering"):
                wrk(PORT, warm, {"Cookie": f"sid={token}"})
            bare, _, _ = wrk(BARE_PORT, "/")
            rate, p50, p99 = wrk(PORT, "/api/v1/c/b/shifts?limit=20", {"Cookie": f"sid={token}", "Sec-Fetch-Site": "same-origin"})
            yield Line("JSON list of 20, signed in, to a bare reply", rate / bare, "≥ 0.07 bare")
            yield Line("  its p99 to its p50 at 16 connections", p99 / p50, "≤ 3 ratio")
            rate, p50, p99 = wrk(PORT, "/c/b/volunteering?limit=20", {"Cookie": f"sid={token}"})
            yield Line("page of 20 cards, signed in, to a bare reply", rate / bare, "≥ 0.035 bare")
            yield Line("  its p99 to its p50 at 16 connections", p99 / p50, "≤ 3 ratio")
            waits = anyio.run(sign_ups, shift_id, keys)
            ours = len(waits) / (max(w[1] for w in waits) - min(w[0] for w in waits))
            peer = bare_transactions(db)
            yield Line("sign-ups a second to the bare two-statement transaction", ours / peer, "≥ 0.5 bare")
            took = sorted(w[1] - w[0] for w in waits)
            yield Line("  their p99 at 16 clients", took[int(len(took) * 0.99)] * 1000, "≤ 25 ms")
        db.dispose()


def furnished(db: Database) -> tuple[str, list[str], str]:
    """A compound with twenty shifts and sixteen people with keys; returns a session, the keys, a roomy shift."""
    with writing(db) as session:
        compound = make_compound(session, "b", "测量小区")
        leader = make_person(session, compound, "何队长", make_unit(session, compound))
        for day in range(1, 21):
            make_shift(session, leader, starts_in=timedelta(days=day))
        keys = []
        for n in range(SIGNUPS):
            account = Account(phone=f"1990{n:07d}")
            session.add(account)
            session.flush()
            person = Person(compound_id=compound.id, name=f"邻居{n}", account_id=account.id)
            session.add(person)
            session.flush()
            keys.append(f"gz_live_{n:08d}")
            keep_key(session, compound.id, person.id, "bench", frozenset({"volunteering:write"}), 1, keys[-1])
        shift = make_shift(session, leader, capacity=SIGNUPS)
        assert leader.account_id
        return begin_session(session, leader.account_id, "bench", timedelta(hours=1)), keys, str(shift.id)


async def sign_ups(shift_id: str, keys: list[str]) -> list[tuple[float, float]]:
    """Everybody signs up once, sixteen at a time; when each began and ended."""
    waits: list[tuple[float, float]] = []
    left = list(keys)

    async def client() -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}/api/v1/c/b") as ask:
            while left:
                key = left.pop()
                began = time.perf_counter()
                answer = await ask.put(
                    f"/shifts/{shift_id}/signups/{new_id()}", json={}, headers={"Authorization": f"Bearer {key}"}
                )
                waits.append((began, time.perf_counter()))
                assert answer.status_code == 201, answer.text

    async with anyio.create_task_group() as clients:
        for _ in range(CLIENTS):
            clients.start_soon(client)
    return waits


def bare_transactions(db: Database) -> float:
    """The least a sign-up could be: one row in, one counter up, committed durably, in one thread."""
    with Session(db.reading) as session:
        model = session.exec(select(Signup).limit(1)).one()
        compound = session.exec(select(Compound.id)).first()
        shift = session.exec(select(Shift.id).limit(1)).one()
        people = list(session.exec(select(Person.id).limit(SIGNUPS)))
    row = model.model_dump()
    began = time.perf_counter()
    for number, person in enumerate(people, start=10_000_000):
        with db.turn(), Session(db.writing) as session:
            one = row | {"id": new_id(), "shift_id": shift, "person_id": person, "number": number}
            session.execute(insert(Signup).values(**one))
            session.execute(update(Shift).where(Shift.compound_id == compound, Shift.id == shift).values(taken=Shift.taken))
            session.commit()
    return len(people) / (time.perf_counter() - began)
