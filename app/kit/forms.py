"""Forms: the same Pydantic model validates the HTML form and the JSON.

The door of a page takes `Filled[Wish]` from an async dependency that never raises, so that a form with mistakes is
drawn again with everything typed in it; the door of the API takes the model itself.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar, get_origin
from uuid import UUID

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from starlette.datastructures import FormData

from app.kit.clock import ZONE
from app.kit.i18n import _, mark
from app.kit.ids import new_id
from app.kit.refusals import Malformed
from app.kit.sent import read_form


def _storable(text: str) -> str:
    """NUL stops PostgreSQL and lone surrogates stop both engines, XML has no place for two more (XML 1.0, 2.2 Char), and what
    turns the direction of writing shows other words than are stored (UAX 9): say it here.
    """
    if any((unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\r") or c in _UNSEEN for c in text):
        raise PydanticCustomError("unreadable_text", mark("里面有看不见的字符，请重新输入。"))
    return text


_UNSEEN = "\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def unwidened(value: Any) -> Any:
    """Full-width digits and spaces, as phones' keyboards make them, are ordinary ones."""
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


def _local_time(value: datetime) -> datetime:
    """A form's datetime-local has no zone: it is the wall clock of the compound. The API sends an offset."""
    if not 1900 <= value.year <= 2200:  # beyond, adding an offset or a rule's days may leave the calendar
        raise PydanticCustomError("far_moment", mark("请核对年份。"))
    return (value if value.tzinfo else value.replace(tzinfo=ZONE)).astimezone(UTC)


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_storable),
    AfterValidator(_one_line),
]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_storable)]
Count = Annotated[int, BeforeValidator(unwidened), Field(ge=0, le=100_000)]
Moment = Annotated[datetime, AfterValidator(_local_time)]


@dataclass(frozen=True)
class Says:
    """`Annotated[Line, Says(mark("理由"))]`: what a field that a person writes is called, where what they sent is shown to them
    again.
    """

    words: str


class Wish(BaseModel):
    """Base of what people ask for. Unknown fields are refused in the API; forms only hand over known ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


W = TypeVar("W", bound=Wish)


@dataclass(frozen=True)
class FieldState:
    """One field as it is drawn: what was typed, and what is wrong with it."""

    name: str
    value: Any
    error: str | None


@dataclass(frozen=True)
class Filled(Generic[W]):
    """A form as it came. `wish` is None exactly when there are `problems` (field name → sentence)."""

    id: UUID
    version: int | None
    typed: Mapping[str, Any]
    wish: W | None
    problems: Mapping[str, str] = field(default_factory=dict)

    def field(self, name: str) -> FieldState:
        return FieldState(name, self.typed.get(name, ""), self.problems.get(name))

    def uuid_of(self, name: str) -> UUID | None:
        """What a hidden field names, also in a form with mistakes; None for what is no id."""
        return _uuid(str(self.typed.get(name)))

    def with_problem(self, name: str, sentence: str) -> "Filled[W]":
        """The same form, found wanting by a rule that needed the database."""
        return Filled(self.id, self.version, self.typed, None, {**self.problems, name: sentence})

    def with_refusal(self, no: Malformed) -> "Filled[W]":
        """The same form, with every sentence of a verb's refusal at its field."""
        form = self
        for pointer, _code, detail in no.errors:
            form = form.with_problem(pointer.rpartition("/")[2], detail)
        return form

    def seen_again(self, version: int, name: str, sentence: str) -> "Filled[W]":
        """The same form after somebody else's change: sent once more, it is meant for what stands there now."""
        return replace(self.with_problem(name, sentence), version=version)


def changing(typed: Mapping[str, Any], version: int) -> Filled[Any]:
    """A form that begins with what stands there."""
    return Filled(new_id(), version, typed, None)


def empty(typed: Mapping[str, Any] | None = None) -> Filled[Any]:
    """A form before anything was typed: its id is made now and kept until it is accepted (API.md rule 5)."""
    return Filled(new_id(), None, typed or {}, None)


def filled(wish: type[W]) -> Any:
    """`FilledSignup = Annotated[Filled[SignupWish], filled(SignupWish)]`, a parameter of a page's door."""

    async def read(request: Request) -> Filled[W]:
        request.state.says = {
            name: told.words for name, info in wish.model_fields.items() for told in info.metadata if isinstance(told, Says)
        }
        return fill(wish, await read_form(request))

    return Depends(read)


def fill(wish: type[W], form: FormData) -> Filled[W]:
    """Typed values into a wish, or into problems. An empty field is an absent one."""
    typed: dict[str, Any] = {}
    for name, info in wish.model_fields.items():
        values = [v for v in form.getlist(name) if isinstance(v, str)]
        many = get_origin(info.annotation) in (list, tuple, set, frozenset)
        if many:
            typed[name] = values
        elif values:
            typed[name] = values[-1]
    given = {name: value for name, value in typed.items() if value not in ("", [])}
    client_id = _uuid(form.get("id")) or new_id()
    known_version = version_typed(form.get("version"))
    try:
        return Filled(client_id, known_version, typed, wish.model_validate(given, context={"typed": True}))
    except ValidationError as wrong:
        problems: dict[str, str] = {}
        for error in wrong.errors(include_url=False):
            problems.setdefault(str(error["loc"][0]) if error["loc"] else "", sentence(error))
        return Filled(client_id, known_version, typed, None, problems)


def version_typed(text: Any) -> int | None:
    """A form's hidden `version`; None where it brought none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 16 else None


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


SENTENCES = {
    "missing": mark("这里还没有填。"),
    "string_too_short": mark("这里还没有填。"),
    "string_too_long": mark("太长了，最多 %(max_length)s 个字。"),
    "int_parsing": mark("请填一个整数。"),
    "int_type": mark("请填一个整数。"),
    "int_parsing_size": mark("这个数太大了。"),
    "int_from_float": mark("请填一个整数。"),
    "greater_than_equal": mark("不能小于 %(ge)s。"),
    "greater_than": mark("要大于 %(gt)s。"),
    "less_than_equal": mark("不能大于 %(le)s。"),
    "less_than": mark("要小于 %(lt)s。"),
    "too_long": mark("太多了，最多 %(max_length)s 项。"),
    "too_short": mark("至少选 %(min_length)s 项。"),
    "datetime_parsing": mark("请填日期和时间。"),
    "datetime_from_date_parsing": mark("请填日期和时间。"),
    "date_parsing": mark("请填日期。"),
    "date_from_datetime_parsing": mark("请填日期。"),
    "enum": mark("请选一项。"),
    "literal_error": mark("请选一项。"),
    "uuid_parsing": mark("请选一项。"),
    "bool_parsing": mark("请选一项。"),
    "extra_forbidden": mark("没有这一项。"),
    "string_type": mark("请填文字。"),
}
"""Pydantic's error types, in words that say what to do."""


def sentence(error: ErrorDetails) -> str:
    """One problem, in the reader's language."""
    if error["type"] == "string_too_short" and str(error["input"]).strip():
        return _("太短了，至少 %(min_length)s 个字。") % error["ctx"]
    known = SENTENCES.get(error["type"])
    if known:
        return _(known) % error.get("ctx", {})
    if error["type"] in ("value_error", "assertion_error"):
        return _("填写的内容有误。")
    return (
        _(error["msg"]) % error.get("ctx", {}) if error.get("type", "").islower() and _is_ours(error) else _("填写的内容有误。")
    )


def _is_ours(error: ErrorDetails) -> bool:
    """Our own PydanticCustomErrors speak Chinese; Pydantic's other sentences are English and for programmers."""
    return not error["msg"].isascii()
