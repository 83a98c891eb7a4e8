"""A list and a page against a bare reply, and what a worker needs to begin and to live: the server as it runs."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median

from app.kit.db import writing
from app.kit.migrations import upgrade
from app.main import open_database
from app.settings import Settings
from bench import Line
from bench._serving import BARE, ask, cost, free_port, request, running, serving, tail
from tests.making import make_compound, make_login, make_person, make_shift, make_unit

SECONDS = 1
ROUNDS = 3
STARTS = 3


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        me = {"Cookie": f"sid={furnished(folder)}"}
        asked = (request("GET", "/api/v1/c/b/shifts?limit=20", me), request("GET", "/c/b/volunteering?limit=20", me))
        yield Line("cold start to the first reply", min(start(folder, asked[1]) for _ in range(STARTS)), "≤ 2.5 s")
        with running([sys.executable, "-c", BARE], {}) as bare, serving(folder) as server:
            turns = ((bare, request("GET", "/", {})), *((server, wanted) for wanted in asked))
            ask(server.port, asked * 50)  # warm
            # One after the other, so that all meet the same weather.
            taken = [[cost(whom, wanted, SECONDS) for whom, wanted in turns] for _ in range(ROUNDS)]
            reply, listed, page = (median(cpu for cpu, _waits in column) for column in zip(*taken, strict=True))
            tails = [median(tail(waits) for _cpu, waits in column) for column in zip(*taken, strict=True)]
            yield Line("JSON list of 20, signed in, to a bare reply", reply / listed, "≥ 0.07 bare")
            yield Line("  its p99 to its p50 at 16 connections", tails[1], "≤ 3 ratio")
            yield Line("page of 20 cards, signed in, to a bare reply", reply / page, "≥ 0.035 bare")
            yield Line("  its CPU in the server", page, "≤ 1.2 ms")
            yield Line("  its p99 to its p50 at 16 connections", tails[2], "≤ 3 ratio")
            yield Line("memory of a worker after all that", server.memory, "≤ 160 MiB")


def start(folder: str, wanted: bytes) -> float:
    """Seconds from the command to a page."""
    port, began = free_port(), time.perf_counter()
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    with subprocess.Popen(command, env={"DATA_DIR": folder}, stdout=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    ask(port, [wanted], 1)
                    return time.perf_counter() - began
                except ConnectionError:
                    time.sleep(0.01)
        finally:
            process.terminate()


def furnished(folder: str) -> str:
    """A compound with twenty shifts; returns a resident's session."""
    settings = Settings(data_dir=Path(folder))
    upgrade(settings.database)
    db = open_database(settings)
    with writing(db) as session:
        compound = make_compound(session, "b", "测量小区")
        leader = make_person(session, compound, "何队长", make_unit(session, compound))
        for day in range(1, 21):
            make_shift(session, leader, starts_in=timedelta(days=day))
        token = make_login(session, leader)
    db.dispose()
    return token
