"""What people ask for at the doors of 我的 that concern the compound."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Prose, Wish
from app.kit.i18n import mark


class NameWish(Wish):
    """A name is corrected by the registrar, who compares it with the deed."""

    name: Annotated[Line, StringConstraints(max_length=60)]
    why: Annotated[Prose, StringConstraints(max_length=200)] | None = None


def _mailbox(text: str) -> str:
    """What mail servers everywhere take (RFC 5321 §4.1.2, dot-string): one mailbox, and nothing that a header could end by."""
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", text):
        raise PydanticCustomError("no_mailbox", mark("这不像一个邮箱，请再看看。"))
    return text


class MailWish(Wish):
    address: Annotated[Line, StringConstraints(max_length=100), AfterValidator(_mailbox)]
