"""请核对: what is hard to undo is asked about first, also where no script can ask.

`confirm=` of components/form.html writes its question into the form twice: for htmx, whose dialog asks it, and as the hidden
field `ASK`. A form that arrives with this field and without htmx has not been asked about. Whatever its route is, it is
answered with the question and two buttons, before the verb; 确定 sends the same fields again, without the question.

A courtesy to people and no guard: whoever writes a request by hand is not asked.
"""

from dataclasses import dataclass, replace
from typing import Self

from fastapi import Request

from app.kit.sent import Sent, read_form
from app.kit.views import View, came_from, frame_of

ASK = "ask_first"


@dataclass(frozen=True)
class CheckPage(View):
    template = "answers/check.html"

    question: str
    sent: Sent
    back: str

    @classmethod
    def about(cls, request: Request) -> Self | None:
        """The page that asks, or None where nothing is left to ask. `look_for_question` has read the form."""
        sent = Sent.by(request)
        question = dict(sent.fields).get(ASK) if sent else None
        if sent is None or question is None or "hx-request" in request.headers:
            return None
        frame = frame_of(request)
        back = came_from(request) or f"{frame.base}/"
        return cls(replace(frame, path=back), question, sent.without(ASK), back)


async def look_for_question(request: Request) -> None:
    """A dependency, because only outside the transaction can a form be awaited. Forms with files are not asked about."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        await read_form(request)
