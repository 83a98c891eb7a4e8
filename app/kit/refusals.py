"""Saying no: every refusal is a class with its status and its sentence, mapped to an answer once, in `kit.answers`.

A problem with what was typed is not a refusal: it is a value, and the form is drawn again (`kit.forms`).
"""

from collections.abc import Callable
from typing import Any, ClassVar, Self

from sqlmodel import Session

from app.kit.i18n import _, mark


class Refusal(Exception):
    """The base of every "no". `says` may hold %(name)s places, filled from the keyword arguments.

    `status` is the HTTP status; the class name is the stable `code` of the API (API.md rule 2).
    """

    status: ClassVar[int] = 409
    says: ClassVar[str] = mark("现在不能这样做。")
    advice: ClassVar[str] = ""
    headers: ClassVar[dict[str, str]] = {}
    leads_to: ClassVar[str] = ""
    """The page that would help, with {base}, {next} and the facts: a page that was asked for goes straight there."""

    leads_says: ClassVar[str] = mark("返回上一页")
    again_says: ClassVar[str] = mark("再交一次")
    """What the buttons say: the way there, and sending what was typed again."""

    tells: ClassVar[tuple[str, ...]] = ()
    """The facts that a program is told beside the sentence."""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        self.leaves: Callable[[Session], None] | None = None
        super().__init__(type(self).__name__, facts)

    def leaving(self, write: Callable[[Session], None]) -> Self:
        """The same, with what is written beside its own line once its act is undone: a wrong try is counted."""
        self.leaves = write
        return self

    @property
    def message(self) -> str:
        return _(self.says) % self.facts if self.facts else _(self.says)

    @property
    def next_step(self) -> str:
        return _(self.advice) if self.advice else ""


class NotFound(Refusal):
    """Absent and foreign are the same answer: nobody learns what exists next door."""

    status = 404
    says = mark("没有找到。")
    advice = mark("可能已经删除，或者链接不完整。")


class SignInNeeded(Refusal):
    status = 401
    says = mark("请先登录。")
    leads_to = "/sign-in?next={next}"
    leads_says = mark("登录")
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class NotAllowed(Refusal):
    status = 403
    says = mark("您没有办这件事的权限。")
    advice = mark("谁能办什么，写在“谁能做什么”页上。")


class Malformed(Refusal):
    """The API's word for input that a form would draw again. `errors`: (JSON pointer, code, detail)."""

    status = 422
    says = mark("填写的内容有误。")

    def __init__(self, errors: tuple[tuple[str, str, str], ...] = ()) -> None:
        super().__init__()
        self.errors = errors


class Conflict(Refusal):
    """The database refused the commit: somebody else was first."""

    status = 409
    says = mark("别人刚刚改过，请刷新再试。")


class SameIdOtherContent(Refusal):
    """A client-made id arrived again with other content (API.md rule 5). `at`: where the earlier one is seen and changed."""

    status = 409
    says = mark("这一份已经交过，内容和这次不同。")
    advice = mark("要么改已经交的那一份，要么把这次的另交一份。")
    leads_to = "{base}{at}"
    leads_says = mark("改这一份")
    again_says = mark("另交一份")

    def __init__(self, at: str = "/", **facts: Any) -> None:
        super().__init__(at=at, **facts)


class NotThisState(Refusal):
    says = mark("现在的状态不能这样做，请刷新再看。")


class Busy(Refusal):
    status = 503
    says = mark("现在人太多，请过一会儿再试。")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}


class OutOfService(Refusal):
    """The database is away, full or read-only: somebody has to see to it, and what was sent may be sent again."""

    status = 503
    says = mark("系统暂时用不了，您填的没有保存。")
    advice = mark("请过几分钟再试。")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "10"}
