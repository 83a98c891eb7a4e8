"""A text message by way of whatever gateway the operator has plugged in: one POST of {phone, text} as JSON.

No gateway's own dialect is spoken here; whoever has another one puts a few lines in front of it. The standard library's
client follows no redirect and asks no proxy of the environment: a 303 that ends at a page is no delivery.
"""

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

WAIT = 10.0
"""Seconds for each step of the exchange; the worker has other jobs."""


class NotTaken(Exception):
    """The gateway answered, and not with a 2xx: the status is all that is kept of it."""


@dataclass(frozen=True)
class Gateway:
    url: str
    key: str = field(repr=False)

    def send(self, phone: str, text: str) -> None:
        """Hand one message over. Raises NotTaken, OSError, HTTPException of `http.client`."""
        url = urlsplit(self.url)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        target = url._replace(scheme="", netloc="", fragment="").geturl() or "/"
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=WAIT)
        try:
            connection.request("POST", target, json.dumps({"phone": phone, "text": text}), headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise NotTaken(status)
