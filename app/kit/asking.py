"""请核对: what is hard to undo is asked about first, also where no script can ask.

`confirm=` of components/form.html writes its question into the form twice: for htmx, whose dialog asks it, and as the hidden
field `ASK`. A form that arrives with this field and without htmx has not been asked about. Whatever its route is, it is
answered with the question and two buttons, before the verb; 确定 sends the same fields again, without the question.

A courtesy to people and no guard: whoever writes a request by hand is not asked.
"""

from dataclasses import dataclass, replace
from typing import Self

from fastapi import Request

from app.kit.same_origin import FIELD
from app.kit.views import View, came_from, frame_of

ASK = "ask_first"


@dataclass(frozen=True)
class CheckPage(View):
    template = "answers/check.html"

    question: str
    action: str
    fields: list[tuple[str, str]]
    """What was sent, to be sent again."""
    back: str

    @classmethod
    def about(cls, request: Request) -> Self | None:
        """The page that asks, or None where nothing is left to ask. `look_for_question` has read the form."""
        sent: list[tuple[str, str]] = getattr(request.state, "to_ask_about", [])
        if not sent:
            return None
        frame, url = frame_of(request), request.url
        back = came_from(request) or f"{frame.base}/"
        return cls(
            replace(frame, path=back),
            question=dict(sent)[ASK],
            action=f"{url.path}?{url.query}" if url.query else url.path,
            fields=[(name, value) for name, value in sent if name not in (ASK, FIELD)],
            back=back,
        )


async def look_for_question(request: Request) -> None:
    """A dependency, because only outside the transaction can a form be awaited. Forms with files are not asked about."""
    if "hx-request" in request.headers or not request.headers.get("content-type", "").startswith(
        "application/x-www-form-urlencoded"
    ):
        return
    sent = [(name, str(value)) for name, value in (await request.form(max_files=20, max_fields=400)).multi_items()]
    if ASK in dict(sent):
        request.state.to_ask_about = sent
