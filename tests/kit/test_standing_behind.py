"""Slow computing steps back behind those who serve people, and takes no more threads than it was given."""

import os
import sys
import threading
import time

import anyio
import pytest

from app.kit.behind import BEHIND, Behind


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_its_threads_have_a_lower_priority_and_the_servers_keep_theirs() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = niceness()
    behind = Behind(1)
    assert anyio.run(behind.run, niceness) == BEHIND
    assert niceness() == before < BEHIND
    behind.close()


def test_the_third_waits_for_one_of_two() -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    def slow(number: int) -> int:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        return number

    behind, answers = Behind(2), list[int]()

    async def all_at_once() -> None:
        async def one(number: int) -> None:
            answers.append(await behind.run(slow, number))

        async with anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(one, number)

    anyio.run(all_at_once)
    assert sorted(answers) == [0, 1, 2, 3, 4, 5]
    assert most == 2
    behind.close()


def test_what_it_raises_arrives() -> None:
    behind = Behind(1)
    with pytest.raises(ZeroDivisionError):
        anyio.run(behind.run, lambda: 1 // 0)
    behind.close()
