"""One POST of JSON to an address that the operator has set: a gateway, a group's robot.

The standard library's client follows no redirect and asks no proxy of the environment: a 303 that ends at a page is no
delivery. No neighbour has a say in where it goes.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Event, Timer
from typing import Any
from urllib.parse import urlsplit

WAIT = 10.0
"""Seconds for each step of the exchange; the worker has other jobs."""

LONGEST = 30.0
"""Seconds for all of it: who sends a byte now and then would keep the worker for ever."""

MOST = 65_536
"""Bytes of an answer that anybody reads."""


class NotTaken(Exception):
    """The other side answered, and not with a yes: its code is all that is kept of it."""


def post_json(url: str, body: Mapping[str, Any], headers: Mapping[str, str], longest: float = LONGEST) -> bytes:
    """The answer. Raises NotTaken, OSError, HTTPException of `http.client`."""
    to = urlsplit(url)
    target = to._replace(scheme="", netloc="", fragment="").geturl() or "/"
    kind = HTTPSConnection if to.scheme == "https" else HTTPConnection
    connection = kind(to.hostname or "", to.port, timeout=WAIT)
    try:
        connection.connect()
        line = connection.sock
        with cut_off(lambda: line, longest):
            connection.request("POST", target, json.dumps(body), {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            said = answer.read(MOST)
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotTaken(answer.status)
    return said


@contextmanager
def cut_off(line: Callable[[], socket | None], longest: float = LONGEST) -> Iterator[None]:
    """After so many seconds the connection is dead, and whoever waits for it hears so. Raises TimeoutError."""
    over = Event()

    def cut() -> None:
        over.set()
        with suppress(OSError):  # it is closed already
            if at_last := line():
                at_last.shutdown(SHUT_RDWR)

    timer = Timer(longest, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError
