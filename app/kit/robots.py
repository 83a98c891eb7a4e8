"""A line of text into a group chat, by the robot that the group's owner has made: WeCom and DingTalk take the same JSON.

Its address is its key: it stands in no log line and in no mistake.
"""

import json
from dataclasses import dataclass, field

from app.kit.posting import NotTaken, post_json

MOST = 2048
"""Bytes of UTF-8 that WeCom takes of a text; DingTalk takes more."""


@dataclass(frozen=True)
class Robot:
    url: str = field(repr=False)

    def say(self, text: str) -> None:
        """Raises NotTaken (also for a 200 that holds an errcode), OSError, HTTPException of `http.client`."""
        short = text.encode()[:MOST].decode(errors="ignore")
        answer = post_json(self.url, {"msgtype": "text", "text": {"content": short}}, {})
        if code := _errcode(answer):
            raise NotTaken(code)


def _errcode(answer: bytes) -> int:
    """0 is well, and so is an answer without one: a relay of somebody's own."""
    try:
        said = json.loads(answer)
    except ValueError:
        return 0
    return int(said.get("errcode", 0)) if isinstance(said, dict) else 0
