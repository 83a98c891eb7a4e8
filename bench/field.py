"""50 photo logs a second for 30 seconds, whatever the answers: what became of them, and what memory the server had. Whoever is
told to wait keeps what it has; that all of them arrive in the end is what tests/faults shows.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event, Thread

import anyio

from app.kit.migrations import upgrade
from app.main import open_database
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
            offer = partial(rush_in, f"http://127.0.0.1:{server.port}", here, again=False)
            anyio.run(offer, [Log(here.project) for _ in range(WARM)])
            before = server.memory
            with watched(server) as seen:
                rush = anyio.run(offer, [Log(here.project) for _ in range(RATE * SECONDS)])
        taken = RATE * SECONDS - rush.told_to_wait
        yield Line("50 photo logs a second for 30 s: taken in the rush itself", taken, "≥ 1 logs")
        yield Line("  neither taken nor told when to come again", len(rush.odd), "≤ 0 answers")
        yield Line("  taken, and not there as they were sent", len(rush.lost), "≤ 0 logs")
        yield Line("  memory of the worker in the second half, to the first", half(seen, 1) / half(seen, 0), "≤ 1.1 times")
        yield Line("  the most it ever had, above what it had warm", max(seen) - before, "≤ 40 MiB")
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
