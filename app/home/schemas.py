"""What people ask for at the doors of 我的 that concern the compound."""

from typing import Annotated

from pydantic import StringConstraints

from app.kit.forms import Line, Prose, Wish


class NameWish(Wish):
    """A name is corrected by the registrar, who compares it with the deed."""

    name: Annotated[Line, StringConstraints(max_length=60)]
    why: Annotated[Prose, StringConstraints(max_length=200)] | None = None
