"""What a form brought, kept beside the request for its answer: a question asked first (`kit.asking`) and a refusal
(`kit.answers`) offer to send the same again, so that nobody types a page twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from fastapi import Request
from starlette.datastructures import FormData

from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.same_origin import FIELD, MOST_PARTS

TECHNICAL = {"id", "version", "nonce", "next", "act"}

SECRET = {"password", "new", "secret"}
"""A form with such a field is not kept: what is typed in secret never stands on a page."""


async def read_form(request: Request) -> FormData:
    """The form of this request, read once. Files are not kept: they have to be chosen again."""
    form = await request.form(**MOST_PARTS)
    if SECRET.isdisjoint(form):
        request.state.sent = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != FIELD]
    return form


@dataclass(frozen=True)
class Sent:
    """`fields` go to `action` again; each form that carries them adds the token of the session. `says`: what the fields that
    a person writes are called, where their wish tells (`forms.Says`).
    """

    action: str
    fields: list[tuple[str, str]]
    says: Mapping[str, str]

    @classmethod
    def by(cls, request: Request) -> Self | None:
        """None where no form was read."""
        fields: list[tuple[str, str]] | None = getattr(request.state, "sent", None)
        url = request.url
        action = f"{url.path}?{url.query}" if url.query else url.path
        return None if fields is None else cls(action, fields, getattr(request.state, "says", {}))

    def without(self, name: str) -> Self:
        return replace(self, fields=[field for field in self.fields if field[0] != name])

    def afresh(self) -> Self:
        """The same content as another one: under an id that nobody has used (API.md rule 5)."""
        return replace(self.without("id"), fields=[("id", str(new_id())), *self.without("id").fields])

    @property
    def written(self) -> list[tuple[str, str]]:
        """What a person wrote, to be shown to them, each with what it is called, "" where nothing tells: no ids, no ticks,
        no choices by code, no strokes.
        """
        return [
            (_(self.says[name]) if name in self.says else "", value)
            for name, value in self.fields
            if value.strip() and (name in self.says or _by_hand(name, value))
        ]

    @property
    def holds_something(self) -> bool:
        return any(value.strip() for name, value in self.fields if name not in TECHNICAL)


_CODE = re.compile(r"[A-Za-z_]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|M[\d ML.,-]+")
"""A choice, an id, a digest, a signature's strokes."""


def _by_hand(name: str, value: str) -> bool:
    return name not in TECHNICAL and not name.endswith("_id") and not _CODE.fullmatch(value.strip())
