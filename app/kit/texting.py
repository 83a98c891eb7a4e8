"""A text message by way of whatever gateway the operator has plugged in: one POST of {phone, text} as JSON.

No gateway's own dialect is spoken here; whoever has another one puts a few lines in front of it.
"""

from dataclasses import dataclass, field

from app.kit.posting import post_json


@dataclass(frozen=True)
class Gateway:
    url: str
    key: str = field(repr=False)

    def send(self, phone: str, text: str) -> None:
        """Hand one message over. Raises NotTaken, OSError, HTTPException of `http.client`."""
        post_json(self.url, {"phone": phone, "text": text}, {"Authorization": f"Bearer {self.key}"} if self.key else {})
