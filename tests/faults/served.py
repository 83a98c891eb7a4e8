"""A server of its own process, that can be killed, filled up and cut off, and phones that send until they are answered."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
from sqlmodel import Session, select

from app.access.actors import acting
from app.compounds.models import Person, SeatKind
from app.council.models import Decision
from app.kit.db import Database, writing
from app.kit.ids import new_id
from app.main import open_database
from app.renovation.models import Project
from app.settings import Settings
from app.volunteering.signup_models import Signup
from tests.making import make_compound, make_login, make_person, make_seat, make_shift, make_unit
from tests.renovation.sites import planned

ROOT = Path(__file__).parents[2]

ZYGOTE = """
import os, socket, sys
told = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # nobody reads what a server logs, and a full pipe would stop it
from app.commands.serving import answer
from app.settings import Settings
from app.volunteering.signup_models import Signup
listening = socket.socket(fileno=int(sys.argv[1]))
answer  # everything is imported once; a server is born of a fork, ready in a fraction of the time
print("warm", file=told, flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os._exit(answer(Settings(), listening))
    print(child, file=told, flush=True)
    os.waitpid(child, 0)
"""


class Served:
    """A server that can be killed and started again in a moment, always on the same port."""

    def __init__(self, data: Path, database_url: str = "") -> None:
        self.data = data
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        env = {"DATA_DIR": str(data), "DATABASE_URL": database_url, "THROTTLED": "false", "PYTHONPATH": str(ROOT)}
        number = self.listening.fileno()
        self.zygote = subprocess.Popen(
            [sys.executable, "-c", ZYGOTE, str(number)],
            env=os.environ | env,
            pass_fds=[number],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self._hear() == "warm"

    def start(self) -> int:
        """The process id, also in `process`."""
        assert self.zygote.stdin
        self.zygote.stdin.write("\n")
        self.zygote.stdin.flush()
        self.process = int(self._hear())
        return self.process

    def _hear(self) -> str:
        assert self.zygote.stdout
        if line := self.zygote.stdout.readline():
            return line.strip()
        raise AssertionError(f"the server is not to be started: {self.zygote.wait(10)}")

    def client(self, token: str) -> httpx.Client:
        headers = {"cookie": f"sid={token}", "sec-fetch-site": "same-origin"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=30)

    def close(self) -> None:
        if self.zygote.poll() is None:
            os.killpg(self.zygote.pid, signal.SIGKILL)  # with its child, which would hold the pipe open
        self.zygote.communicate()
        self.listening.close()


@contextmanager
def serving(data: Path, database_url: str = "") -> Iterator[Served]:
    """A server that answers."""
    served = Served(data, database_url)
    try:
        served.start()
        yield served
    finally:
        served.close()


@dataclass
class Phone:
    """Sends one thing after another, each as often as it takes until there is an answer."""

    path: str
    """With {id}; what is sent is `body`."""
    body: dict[str, object]
    token: str
    address: str = ""
    acknowledged: list[UUID] = field(default_factory=list)
    withdrawn: list[UUID] = field(default_factory=list)
    told_to_wait: int = 0
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
            if cleanly_busy(answer):
                self.told_to_wait += 1
                time.sleep(0.05)
                continue
            self.surprises.append(f"{answer.status_code} {answer.text}")
            return False
        return False


def cleanly_busy(answer: httpx.Response) -> bool:
    """A no that is about the moment only: problem+json, and when to ask again."""
    said = answer.headers
    return answer.status_code in (429, 503) and "retry-after" in said and said["content-type"] == "application/problem+json"


@contextmanager
def all_in_use(phones: list[Phone], served: Served) -> Iterator[None]:
    """Each phone in a thread of its own, until the block ends."""
    stop = threading.Event()
    threads = []
    for phone in phones:
        phone.address = served.address
        threads.append(threading.Thread(target=phone.use, args=(stop,)))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


def acknowledged(phones: list[Phone]) -> int:
    return sum(len(phone.acknowledged) for phone in phones)


def missing_in(session: Session, phones: list[Phone]) -> list[UUID]:
    """What was acknowledged and is not there."""
    there: set[UUID] = set()
    for kind in (Signup, Decision):
        there |= set(session.exec(select(kind.id)))
    return [id for phone in phones for id in phone.acknowledged if id not in there]


def neighbours(db: Database) -> list[Phone]:
    """刘主任 records decisions, four neighbours sign up and withdraw."""
    with writing(db) as session:
        compound = make_compound(session)
        he = make_person(session, compound, "何队长", make_unit(session, compound))
        liu = make_person(session, compound, "刘主任", make_unit(session, compound, room="601"))
        make_seat(session, liu, SeatKind.DIRECTOR)
        shift = make_shift(session, he, capacity=50)
        decided = {"kind": "meeting", "title": "路灯", "what": "东门路灯换新。", "decided_on": "2026-01-05"}
        found = [Phone("/api/v1/c/fengshu/decisions/{id}", dict(decided), make_login(session, liu))]
        for n in range(4):
            person = make_person(session, compound, f"邻居{n}", make_unit(session, compound, room=f"70{n}"))
            path = f"/api/v1/c/fengshu/shifts/{shift.id}/signups/{{id}}"
            found.append(Phone(path, {}, make_login(session, person)))
    return found


@dataclass(frozen=True)
class Site:
    """A building site and the supervisor who walks it."""

    project: Project
    chen: str
    """Her session's token."""


@contextmanager
def database_in(data: Path, url: str = "") -> Iterator[Database]:
    db = open_database(Settings(database_url=url, data_dir=data))
    try:
        yield db
    finally:
        db.dispose()


def site(db: Database) -> Site:
    with writing(db) as session:
        compound = make_compound(session)
        chen, liu = (make_person(session, compound, name, make_unit(session, compound, room=name)) for name in ("陈工", "刘主任"))
        make_seat(session, chen, SeatKind.SUPERVISOR)
        make_seat(session, liu, SeatKind.DIRECTOR)
        return Site(
            planned(session, acting(session, compound, session.get_one(Person, (compound.id, liu.id)))), make_login(session, chen)
        )
