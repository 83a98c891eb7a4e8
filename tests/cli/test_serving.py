"""`serve` and `worker` as processes: they answer, they refuse where they must, and they end when they are told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from uuid import uuid5

from sqlalchemy import text
from sqlmodel import select

from app.commands.serving import refuse_demo_in_the_street
from app.demo.telling import NAMESPACE
from app.kit.db import reading, writing
from app.kit.jobs import Job, enqueue
from app.publiclog.service import start_log
from app.settings import Settings
from app.volunteering.signing_up import SETTLE_SHIFT
from tests.cast import House
from tests.cli.conftest import Command, database
from tests.making import make_compound
from tests.postgres import free_port

ROOT = Path(__file__).parents[2]
SOON = 5
"""Seconds within which a process ends that was told to."""


@contextmanager
def running(data: Path, *words: str, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    env = os.environ | {"DATA_DIR": str(data), "DATABASE_URL": "", "LOG_FORMAT": "json", "PYTHONPATH": str(ROOT)} | settings
    command = [sys.executable, "-m", "app", *words]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=env, **pipes) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def ended(process: "subprocess.Popen[str]", by: signal.Signals = signal.SIGTERM) -> tuple[int, list[dict[str, Any]]]:
    """Its exit code and its own log lines."""
    begun = time.monotonic()
    process.send_signal(by)
    out, _ = process.communicate(timeout=60)
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # what others do here meanwhile is not its fault
    assert time.monotonic() - begun < SOON * busy
    return process.returncode, [json.loads(line) for line in out.splitlines()]


def ask(port: int, path: str = "/readyz") -> Any:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
            return reply.status
    except HTTPError as error:
        return error.code
    except (URLError, ConnectionError):
        return None


def wait_for(process: "subprocess.Popen[str]", port: int) -> None:
    deadline = time.monotonic() + 60
    while ask(port) != 200:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_answers_and_ends_soon_although_somebody_holds_the_line(settled: Path) -> None:
    port = free_port()
    with running(settled, "serve", "--port", str(port)) as server:
        wait_for(server, port)
        assert ask(port, "/c/fengshu/notices") == 200
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nphone=")
            code, lines = ended(server)
    assert code == 0
    asked = [line for line in lines if line["event"] == "request"]
    assert "/c/{slug}/notices" in {line["route"] for line in asked}
    assert all(line["request_id"] for line in asked)


def children(of: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{of}/task/{of}/children").read_text().split()]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_two_workers_sit_on_cores_of_their_own_and_a_lost_one_is_replaced(settled: Path) -> None:
    port = free_port()
    with running(settled, "serve", "--port", str(port), "--workers", "2") as foreman:
        wait_for(foreman, port)
        workers = children(foreman.pid)
        cores = [os.sched_getaffinity(pid) for pid in workers]
        assert [len(core) for core in cores] == [1, 1]
        if len(os.sched_getaffinity(0)) > 1:
            assert cores[0] != cores[1]
        os.kill(workers[0], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while len(now := children(foreman.pid)) < 2 or workers[0] in now:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        wait_for(foreman, port)
        everyone = children(foreman.pid)
        code, lines = ended(foreman, signal.SIGINT)
    assert code == 0
    assert [line["event"] for line in lines if line["event"] == "worker_lost"] == ["worker_lost"]
    assert all(map(gone, everyone))


def test_workers_do_not_outlive_their_foreman(settled: Path) -> None:
    port = free_port()
    with running(settled, "serve", "--port", str(port), "--workers", "2") as foreman:
        wait_for(foreman, port)
        workers = children(foreman.pid)
        foreman.kill()
        deadline = time.monotonic() + 30
        while not all(map(gone, workers)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_port_that_is_taken_is_told_in_one_line(command: Command, settled: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = command("serve", "--port", str(taken.getsockname()[1]))
    assert told.exit_code == 2
    assert "in use" in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_plain_http_off_this_machine_is_refused(command: Command, settled: Path) -> None:
    told = command("serve", PUBLIC_URL="http://gongzhi.example.org")
    assert told.exit_code == 2
    assert "TLS" in told.stderr


def test_the_demo_is_never_served_in_the_street(command: Command, data: Path) -> None:
    with database(data) as db, writing(db) as session:
        compound = make_compound(session, "sandbox", "演练小区")
        session.execute(text("DELETE FROM log_head"))
        compound.id = uuid5(NAMESPACE, "sandbox")
        session.flush()
        start_log(session, compound.id)
    told = command("serve", PUBLIC_URL="https://gongzhi.example.org")
    assert told.exit_code == 2
    assert "demo (sandbox)" in told.stderr


def test_a_compound_that_only_shares_a_name_with_the_demo_is_served(settled: Path) -> None:
    """枫树小区 is a common name; what is invented is known by its ids."""
    with database(settled) as db:
        refuse_demo_in_the_street(db, Settings(public_url="https://gongzhi.example.org"))


def test_the_worker_does_what_is_due_and_ends_when_told(settled: Path) -> None:
    with database(settled) as db:
        with writing(db) as session:
            enqueue(session, SETTLE_SHIFT, {"compound_id": str(uuid5(NAMESPACE, "x")), "shift_id": str(uuid5(NAMESPACE, "y"))})
        with running(settled, "worker") as worker:
            deadline = time.monotonic() + 60
            while not _tried(db):
                assert worker.poll() is None, worker.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            code, lines = ended(worker)
    assert code == 0
    assert lines[0]["event"] == "working"


def _tried(db: Any) -> bool:
    with reading(db) as session:
        return bool(session.exec(select(Job.attempts)).one())


def test_ready_means_that_the_tables_are_those_of_this_version(house: House) -> None:
    assert house.nobody.get("//readyz").json == {"ready": True, "reason": None}
    with house.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    told = house.nobody.get("//readyz")
    assert (told.status, told.json["reason"]) == (503, "migrate: the tables are those of older")
    with house.session() as session:
        session.execute(text("DELETE FROM alembic_version"))
    assert house.nobody.get("//readyz").json["reason"] == "migrate: there are no tables yet"
