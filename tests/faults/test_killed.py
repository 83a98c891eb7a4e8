"""The server is killed (SIGKILL) at twenty random points while people sign up and decisions are put on record.

What was acknowledged is there, every log verifies, nothing is there twice when the phone sends it again, and the next
server starts as if nothing had been.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlmodel import Session, col, func, select

from app.backups.manifest import facts_of, unsound
from app.compounds.models import SeatKind
from app.council.models import Decision
from app.kit.db import reading, writing
from app.kit.ids import new_id
from app.main import open_database
from app.settings import Settings
from app.volunteering.models import Shift, Signup
from tests.making import make_compound, make_login, make_person, make_seat, make_shift, make_unit

POINTS = 20
ROOT = Path(__file__).parents[2]

ZYGOTE = """
import os, socket, sys
from app.commands.serving import answer
from app.settings import Settings
listening = socket.socket(fileno=int(sys.argv[1]))
answer  # everything is imported once; a server is born of a fork, ready in a fraction of the time
print("warm", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os._exit(answer(Settings(), listening))
    print(child, flush=True)
    os.waitpid(child, 0)
"""


class Served:
    """A server that can be killed and started again in a moment, always on the same port."""

    def __init__(self, data: Path) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        env = os.environ | {"DATA_DIR": str(data), "DATABASE_URL": "", "THROTTLED": "false", "PYTHONPATH": str(ROOT)}
        number = self.listening.fileno()
        self.zygote = subprocess.Popen(
            [sys.executable, "-c", ZYGOTE, str(number)],
            env=env,
            pass_fds=[number],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._hear() == "warm"

    def start(self) -> int:
        assert self.zygote.stdin
        self.zygote.stdin.write("\n")
        self.zygote.stdin.flush()
        return int(self._hear())

    def _hear(self) -> str:
        assert self.zygote.stdout
        while line := self.zygote.stdout.readline():
            if line.strip().isdigit() or line.strip() == "warm":  # the server's own lines stand between
                return line.strip()
        raise AssertionError(f"the server is not to be started: {self.zygote.wait(10)}")

    def close(self) -> None:
        self.zygote.kill()
        self.zygote.communicate()
        self.listening.close()


@dataclass
class Phone:
    """Sends one thing after another, each as often as it takes until there is an answer."""

    address: str
    path: str
    """With {id}; what is sent is `body`."""
    body: dict[str, object]
    token: str
    acknowledged: list[UUID] = field(default_factory=list)
    withdrawn: list[UUID] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    def use(self, stop: threading.Event) -> None:
        headers = {"cookie": f"sid={self.token}", "sec-fetch-site": "same-origin"}
        with httpx.Client(base_url=self.address, headers=headers, timeout=5) as client:
            while not stop.is_set():
                id = new_id()
                if self._say(stop, client, "PUT", self.path.format(id=id), {200, 201}):
                    self.acknowledged.append(id)
                    # So that the next one may be made; 409: the answer to the first try was lost.
                    again = f"/api/v1/c/fengshu/signups/{id}/withdraw"
                    if "signups" in self.path and self._say(stop, client, "POST", again, {200, 409}):
                        self.withdrawn.append(id)

    def _say(self, stop: threading.Event, client: httpx.Client, method: str, path: str, expected: set[int]) -> bool:
        while not stop.is_set():
            try:
                answer = client.request(method, path, json=self.body)
            except httpx.TransportError:
                time.sleep(0.01)
                continue
            if answer.status_code in expected:
                return True
            self.surprises.append(f"{answer.status_code} {answer.text}")
            return False
        return False


@pytest.fixture
def phones(sqlite_url: str, tmp_path: Path) -> list[Phone]:
    db = open_database(Settings(database_url=sqlite_url, data_dir=tmp_path))
    with writing(db) as session:
        compound = make_compound(session)
        he = make_person(session, compound, "何队长", make_unit(session, compound))
        liu = make_person(session, compound, "刘主任", make_unit(session, compound, room="601"))
        make_seat(session, liu, SeatKind.DIRECTOR)
        shift = make_shift(session, he, capacity=50)
        decided = {"kind": "meeting", "title": "路灯", "what": "东门路灯换新。", "decided_on": "2026-01-05"}
        found = [Phone("", "/api/v1/c/fengshu/decisions/{id}", dict(decided), make_login(session, liu))]
        for n in range(4):
            person = make_person(session, compound, f"邻居{n}", make_unit(session, compound, room=f"70{n}"))
            found.append(Phone("", f"/api/v1/c/fengshu/shifts/{shift.id}/signups/{{id}}", {}, make_login(session, person)))
    db.dispose()
    return found


@pytest.fixture
def served(tmp_path: Path, phones: list[Phone]) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.close()


def test_what_was_acknowledged_survives_twenty_kills(served: Served, phones: list[Phone], tmp_path: Path) -> None:
    dice, stop = random.Random(20), threading.Event()
    threads = []
    for phone in phones:
        phone.address = served.address
        threads.append(threading.Thread(target=phone.use, args=(stop,)))
    for thread in threads:
        thread.start()
    busy = 0
    try:
        for _ in range(POINTS):
            before = sum(len(phone.acknowledged) for phone in phones)
            server = served.start()
            deadline = time.monotonic() + 30
            while sum(len(phone.acknowledged) for phone in phones) == before:
                assert time.monotonic() < deadline, [phone.surprises for phone in phones]
                time.sleep(0.002)
            time.sleep(dice.uniform(0, 0.15))
            os.kill(server, signal.SIGKILL)
            busy += sum(len(phone.acknowledged) for phone in phones) > before
    finally:
        stop.set()
        served.close()
        for thread in threads:
            thread.join(20)
    assert busy == POINTS
    assert [surprise for phone in phones for surprise in phone.surprises] == []
    db = open_database(Settings(database_url="", data_dir=tmp_path))
    with reading(db) as session:
        missing = [id for phone in phones for id in phone.acknowledged if not there(session, id)]
        facts = facts_of(session)
        assert missing == []
        still = select(Signup.id).where(col(Signup.id).in_([id for phone in phones for id in phone.withdrawn]))
        assert session.exec(still.where(Signup.state != "withdrawn")).all() == []
        assert unsound(session, facts) == []
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        (compound,) = facts.compounds.values()
        assert compound.log_size == session.exec(select(func.count()).select_from(Decision)).one()
        shift = session.exec(select(Shift)).one()
        assert shift.taken == session.exec(select(func.count()).where(Signup.state == "confirmed")).one()
    db.dispose()


def there(session: Session, id: UUID) -> bool:
    return any(session.exec(select(kind.id).where(kind.id == id)).first() for kind in (Signup, Decision))
