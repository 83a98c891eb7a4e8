"""50 photo logs a second for 30 seconds, whatever the answers, and then again whoever was told to wait: what became of them, and
what memory the server had. One supervisor's site stands for all: the load is the server's, not the residents'.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Event, Thread

import anyio
from sqlmodel import select

from app.kit.db import reading
from app.kit.migrations import upgrade
from app.main import open_database
from app.photos.models import Photo
from app.settings import Settings
from bench import Line
from bench._serving import Server, serving
from tests.faults.field import RATE, Log, rush_in
from tests.faults.served import site

SECONDS = 30
WARM = 5 * RATE
"""Logs that a server has met before its memory is looked at."""


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        here = site(db)
        with serving(folder) as server:
            address = f"http://127.0.0.1:{server.port}"
            anyio.run(rush_in, address, here, [Log(here.project) for _ in range(WARM)])
            before = server.memory
            with watched(server) as seen:
                logs = [Log(here.project) for _ in range(RATE * SECONDS)]
                rush = anyio.run(rush_in, address, here, logs)
        with reading(db) as session:
            rows = {photo.id: photo.sha256 for photo in session.exec(select(Photo))}
        yield Line("50 photo logs a second for 30 s: taken in the rush itself", rush.taken_at_once, "≥ 1 logs")
        yield Line("  neither taken nor told when to come again", len(rush.odd), "≤ 0 answers")
        yield Line("  lost, after all have come again", sum(rows.get(log.photo) != log.sha256 for log in logs), "≤ 0 logs")
        yield Line("  memory of the worker in the second half, to the first", half(seen, 1) / half(seen, 0), "≤ 1.1 times")
        yield Line("  the most it ever had, above what it had warm", max(seen) - before, "≤ 100 MiB")
        db.dispose()


def half(seen: list[float], which: int) -> float:
    """The middle of the first half of what was seen, or of the second."""
    middle = len(seen) // 2
    return median(seen[middle:] if which else seen[:middle])


@contextmanager
def watched(server: Server) -> Iterator[list[float]]:
    """Its memory, twice a second, until the block ends."""
    seen, over = [server.memory], Event()

    def look() -> None:
        while not over.wait(0.5):
            seen.append(server.memory)

    thread = Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
