"""Threads for slow computing that yield to those who serve people.

A password's hash costs 0.1 s of a core. On Linux a thread has a priority of its own: with it lowered, a sign-up beside
somebody who signs in waits for its own work only, even where both share one core.
"""

import os
import sys
import threading
from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

BEHIND = 10
"""Niceness. At equal want, a thread of 0 gets nine times the time of one of 10."""


class Behind:
    """`await behind.run(slow, argument)`: at most `threads` at a time, the others wait in line."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "behind", initializer=_step_back)

    async def run(self, slow: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `slow` returns or raises. It must let go of the interpreter while it computes, as Argon2 does."""
        return await get_running_loop().run_in_executor(self._pool, partial(slow, *args, **kwargs))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere only whole processes have a priority
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
