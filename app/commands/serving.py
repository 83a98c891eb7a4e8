"""The server: one process, or as many as are asked for, each nailed to a core of its own.

Two workers on their own cores answer 2.7 times as much as one that roams (TOOLCHAIN §4). They are forked from a parent
that holds the listening socket and answers nothing itself: a worker that dies is replaced, and nobody is refused meanwhile.
"""

import os
import signal
import socket
import sys
import threading
import time
from types import FrameType
from uuid import uuid5

import anyio
import structlog
from sqlmodel import select

from app.commands.opening import opened
from app.compounds.models import Compound
from app.kit.db import Database, reading
from app.kit.jobs import work
from app.kit.logs import write_logs
from app.main import create_app, dressed, lines_of_jobs
from app.settings import Settings, UnsafeSetting

log = structlog.get_logger()

GRACE = 3
"""Seconds that answers under way have when the server is told to end."""

NEVER_STARTED = 3
ENDINGS = {signal.SIGTERM, signal.SIGINT}


def refuse_demo_in_the_street(db: Database, settings: Settings) -> None:
    """Its people have no passwords and its key is known to everyone. Raises UnsafeSetting off loopback."""
    if settings.loopback:
        return
    from app.demo.telling import NAMESPACE

    with reading(db) as session:
        invented = [slug for id, slug in session.exec(select(Compound.id, Compound.slug)) if id == uuid5(NAMESPACE, slug)]
    if invented:
        raise UnsafeSetting(
            f"This database holds the demo ({', '.join(invented)}), whose key everybody knows; it is never served on "
            f"PUBLIC_URL={settings.public_url}. Begin with an empty DATA_DIR."
        )


def serve(settings: Settings, host: str, port: int, workers: int = 1) -> int:
    """Until SIGTERM or Ctrl-C; returns the exit code. Raises UnsafeSetting, Cannot, OSError (the port is taken)."""
    settings.check_safe()
    with opened(settings) as db:
        refuse_demo_in_the_street(db, settings)
    _ = settings.secret  # made once, before several processes would make it
    write_logs(as_json=settings.log_format == "json")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=2048) as listening:
        log.info("serving", address=f"http://{host}:{listening.getsockname()[1]}", workers=workers)
        return answer(settings, listening) if workers == 1 else _Foreman(settings, listening).run(workers)


def answer(settings: Settings, listening: socket.socket) -> int:
    """One process that answers, until it is told to end."""
    import uvicorn

    for ending in ENDINGS:
        signal.signal(ending, _leave)  # uvicorn ends by itself and then passes the signal on to us
    config = uvicorn.Config(
        dressed(create_app(settings)),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    return 0 if server.started else NEVER_STARTED


def _leave(*_: object) -> None:
    sys.exit(0)


def do_jobs(settings: Settings) -> None:
    """The worker apart from the server, until SIGTERM or Ctrl-C; the job under way is finished first. Raises Cannot."""

    lines = lines_of_jobs(settings)

    async def until_told(db: Database) -> None:
        with anyio.open_signal_receiver(*ENDINGS) as told:
            async with anyio.create_task_group() as beside:
                for line in lines:
                    beside.start_soon(work, db, line)
                    log.info("working", kinds=sorted(line))
                async for _ in told:
                    beside.cancel_scope.cancel()

    with opened(settings) as db:
        write_logs(as_json=settings.log_format == "json")
        anyio.run(until_told, db)


class _Foreman:
    """The parent of the workers."""

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        self.settings, self.listening = settings, listening
        self.workers: dict[int, int] = {}
        """Process id → which worker it is."""
        self.ending = False
        self.result = 0
        self.leash = os.pipe()
        """Nothing is ever written: the workers read its end when the foreman is gone, however it went."""

    def run(self, workers: int) -> int:
        for ending in ENDINGS:
            signal.signal(ending, self._end)
        for which in range(workers):
            self._start(which)
        while self.workers:
            process, status = os.wait()
            which, code = self.workers.pop(process), os.waitstatus_to_exitcode(status)
            if code == NEVER_STARTED:
                self.result = 2
                self._end()
            if not self.ending:
                log.error("worker_lost", worker=which, code=code)
                time.sleep(1)
                self._start(which)
        return self.result

    def _end(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self.ending = True
        for process in self.workers:
            os.kill(process, signal.SIGTERM)

    def _start(self, which: int) -> None:
        if self.ending:
            return
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)  # none is lost between the fork and knowing its number
        process = os.fork()
        if process == 0:
            self._be_worker(which)
        self.workers[process] = which
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)

    def _be_worker(self, which: int) -> None:
        """Never returns: what stands below on the stack is the foreman's."""
        code = 1
        try:
            for ending in ENDINGS:
                signal.signal(ending, _leave)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
            threading.Thread(target=self._follow, daemon=True).start()
            if hasattr(os, "sched_setaffinity"):
                cores = sorted(os.sched_getaffinity(0))
                os.sched_setaffinity(0, {cores[which % len(cores)]})
            code = answer(self.settings, self.listening)
        except SystemExit:
            code = 0
        except BaseException:
            log.exception("worker_failed", worker=which)
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _follow(self) -> None:
        reading, writing = self.leash
        os.close(writing)
        os.read(reading, 1)
        os.kill(os.getpid(), signal.SIGTERM)
