"""The server as it runs, nailed to one core, and its callers on another: what it answers, how soon, and what that costs it.

The cost of an answer is the server's own CPU time, which a busy machine hardly changes. A single worker that is asked
without pause answers 1 / cost a second, so the ratio of two costs is the ratio of two rates.
"""

import os
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

CLIENTS = 16
CORES = sorted(os.sched_getaffinity(0))

BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
body = b"x" * 2048
async def reply(request): return Response(body, media_type="application/json")
uvicorn.run(Starlette(routes=[Route("/{path:path}", reply)]), port=int(sys.argv[1]), log_level="error", access_log=False)
"""


class Server(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int

    @property
    def cpu(self) -> float:
        """Seconds that all its threads have worked so far."""
        user, system = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """MiB that are in RAM."""
        resident = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        assert resident
        return int(resident[1]) / 1024


class Answer(NamedTuple):
    status: int
    began: float
    ended: float

    @property
    def ms(self) -> float:
        return (self.ended - self.began) * 1000


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    lines = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
    return "\r\n".join([f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in lines.items()), "", ""]).encode() + body


@contextmanager
def serving(data_dir: str, database_url: str = "") -> Iterator[Server]:
    """The product over a folder, or a database elsewhere, as the image runs it but with throttling off, until the block ends."""
    environment = {"DATA_DIR": data_dir, "DATABASE_URL": database_url, "THROTTLED": "false", "LOG_FORMAT": "json"}
    with running([sys.executable, "-m", "app", "serve", "--port"], environment) as server:
        yield server


@contextmanager
def running(command: list[str], environment: Mapping[str, str]) -> Iterator[Server]:
    """A command that is given a port to listen at; it answers when the block begins."""
    port = free_port()
    process = subprocess.Popen([*command, str(port)], env=os.environ | environment, stdout=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, CORES[:1])
    os.sched_setaffinity(0, CORES[-1:])
    try:
        first_answer(process, port)
        yield Server(process, port)
    finally:
        os.sched_setaffinity(0, CORES)
        process.terminate()
        process.wait(10)


def first_answer(process: subprocess.Popen[bytes], port: int) -> None:
    """Ask until somebody answers."""
    while process.poll() is None:
        try:
            ask(port, [request("GET", "/healthz", {})], 1)
        except ConnectionError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError(f"the server ended with {process.returncode}")


def ask(port: int, requests: Iterable[bytes], clients: int = CLIENTS) -> list[Answer]:
    """Send all, each client one after the other. Raises ConnectionError where the server hangs up."""
    left, answers = iter(requests), []
    with selectors.DefaultSelector() as ready:

        def send(connection: socket.socket) -> None:
            if (wanted := next(left, None)) is None:
                connection.close()
                return
            began = time.perf_counter()
            connection.setblocking(True)
            connection.sendall(wanted)
            ready.register(connection, selectors.EVENT_READ, (began, bytearray()))

        for _ in range(clients):
            send(socket.create_connection(("127.0.0.1", port)))
        while ready.get_map():
            for key, _ in ready.select():
                connection: Any = key.fileobj
                began, received = key.data
                if not (more := connection.recv(1 << 18)):
                    raise ConnectionError("the server hung up")
                received += more
                head, _, body = received.partition(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                if length and len(body) == int(length[1]):
                    ready.unregister(connection)
                    answers.append(Answer(int(head[9:12]), began, time.perf_counter()))
                    send(connection)
    return answers


def again(wanted: bytes, seconds: float) -> Iterator[bytes]:
    """The same request until the time is over."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        yield wanted


def cost(server: Server, wanted: bytes, seconds: float) -> tuple[float, list[float]]:
    """CPU ms of one answer to a request that is asked again and again, and how long each answer took, in ms, sorted."""
    before = server.cpu
    answers = ask(server.port, again(wanted, seconds))
    assert {answer.status for answer in answers} == {200}, answers[0]
    return (server.cpu - before) / len(answers) * 1000, sorted(answer.ms for answer in answers)


def p99(sorted_ms: list[float]) -> float:
    return sorted_ms[int(len(sorted_ms) * 0.99)]


def tail(sorted_ms: list[float]) -> float:
    """p99 ÷ p50."""
    return p99(sorted_ms) / median(sorted_ms)


def rate(answers: list[Answer]) -> float:
    """Answers a second."""
    return len(answers) / (max(a.ended for a in answers) - min(a.began for a in answers))
