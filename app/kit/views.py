"""Pages: a page is a frozen dataclass that names its template; its fields are what the template gets, no more.

A page whose verb refuses the form is the same page with another status (`page.reply(request, 422)`). After a write the
door answers `see_other(address, words)`: 303, and the words stand on the next page whichever it is.
"""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Hashable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.routing import Match

from app.kit import clock, i18n, money
from app.kit.headers import permissions_policy
from app.kit.same_origin import form_token

APP = Path(__file__).parent.parent
SAID = "said"  # the cookie that carries one sentence over a redirect
_csrf: ContextVar[str] = ContextVar("csrf", default="")  # the frame's, for the macro `form`, which gets no frame


@dataclass(frozen=True)
class Place:
    """The compound, as the shell of a page shows it."""

    slug: str
    name: str
    help_phone: str


@dataclass(frozen=True)
class Reader:
    """The person at the page, as the shell greets them. `account` is whose records the phone's outbox keeps."""

    name: str
    account: str


@dataclass(frozen=True)
class Frame:
    """What every page's shell needs. `tab` is set from the page's class when it is drawn."""

    path: str
    compound: Place | None = None
    person: Reader | None = None
    size: str = "normal"  # or "large", the 长辈版
    locale: str = "zh"
    tab: str | None = None
    demo: bool = False
    notice: str | None = None
    officer: bool = False
    csrf: str = ""
    """What every form carries as a hidden field, for browsers that do not say where a request comes from."""

    @property
    def base(self) -> str:
        """The address under which the compound's pages live."""
        return f"/c/{self.compound.slug}" if self.compound else ""


def bare_frame(request: Request, *, compound: Place | None = None, person: Reader | None = None, officer: bool = False) -> Frame:
    """The frame of this request; cookies choose size and language, and may carry a sentence."""
    state = request.app.state
    return Frame(
        path=request.scope["path"],
        compound=compound,
        person=person,
        size="large" if request.cookies.get("size") == "large" else "normal",
        locale=i18n.current(),
        demo=state.settings.demo,
        notice=_unpacked(request.cookies.get(SAID, "")),
        officer=officer,
        csrf=form_token(request),
    )


def frame_of(request: Request) -> Frame:
    """The frame of whoever asks, once a door knows them; before that what the request alone tells."""
    return getattr(request.state, "frame", None) or bare_frame(request)


def came_from(request: Request) -> str:
    """The address in this house of the page before; "" where the browser does not say, or names one that has no page: a form
    that was drawn again stands at the address it was sent to.
    """
    before = request.headers.get("referer", "").removeprefix(f"{request.url.scheme}://{request.url.netloc}")
    path = before.partition("?")[0]
    return local(before) if path and (path != request.url.path or _has_page(request)) else ""


def _has_page(request: Request) -> bool:
    asked = {**request.scope, "method": "GET"}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)


@dataclass(frozen=True)
class View:
    """A page. Subclasses are frozen dataclasses with `template` and, on tab pages, `tab`; `camera` where one reads codes."""

    template: ClassVar[str]
    tab: ClassVar[str | None] = None
    camera: ClassVar[bool] = False

    frame: Frame

    def reply(self, request: Request, status: int = 200) -> Response:
        context = {f.name: getattr(self, f.name) for f in fields(self)}
        context["frame"] = replace(self.frame, tab=self.tab)
        mark = _csrf.set(self.frame.csrf)
        try:
            reply = HTMLResponse(templates.get_template(self.template).render(context), status)
        finally:
            _csrf.reset(mark)
        if self.camera:
            reply.headers["Permissions-Policy"] = permissions_policy(camera=True)
        if SAID in request.cookies:
            reply.delete_cookie(SAID, path="/")
        return reply


def see_other(address: str, words: str = "") -> Response:
    """303 to a page of this house, with one sentence to be shown there once."""
    reply = RedirectResponse(local(address), 303)
    if words:
        packed = urlsafe_b64encode(words.encode()).decode()
        reply.set_cookie(SAID, packed, max_age=60, path="/", httponly=True, samesite="lax")
    return reply


def local(address: str) -> str:
    """`address` where it stays in this house, else "/": no open redirects."""
    try:
        parts = urlsplit(address)
    except ValueError:  # "//[": half an IPv6 address
        return "/"
    stays = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if stays and address.isprintable() else "/"


def _unpacked(packed: str) -> str | None:
    if not packed or len(packed) > 2000:
        return None
    try:
        return urlsafe_b64decode(packed).decode()
    except ValueError:
        return None


@cache
def static(path: str) -> str:
    """The address of a static file, with its content's hash, so that it may be cached for ever."""
    digest = hashlib.sha256((APP / "static" / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={digest}"


def icon(name: str, label: str = "") -> Markup:
    """One sign from static/icons/icons.svg: decoration beside words; `label` only where it stands alone.

    A function, and not a macro like the other components: a page draws thirty of them, and a macro costs ten times as much.
    """
    told = Markup('role="img" aria-label="%s"') % label if label else Markup('aria-hidden="true"')
    return Markup('<svg class="i" %s><use href="%s#%s"/></svg>') % (told, static("icons/icons.svg"), name)


def fixed(name: str, **facts: Hashable) -> Markup:
    """A fragment that says the same whenever these `facts` are the same: drawn once for each and each language.

    A row of a list is drawn for whoever sees it next, too. What depends on the time or on the reader must be a fact; forms
    have their reader's token in them, and so their place outside.
    """
    return _fixed(name, i18n.current(), tuple(facts.items()))


@lru_cache(2_000)  # a row and its facts are some 2 kB, and each worker keeps its own
def _fixed(name: str, _spoken: i18n.Locale, facts: tuple[tuple[str, Hashable], ...]) -> Markup:
    mark = _csrf.set("")
    try:
        return Markup(templates.get_template(name).render(dict(facts)))  # noqa: S704 a template of ours
    finally:
        _csrf.reset(mark)


def phrased(title: str) -> Markup:
    """A title whose line may end after the month: 2026年10月 | 公共收益收支表, and not between a number and what it counts:
    第 3 号. The stylesheet keeps what lies between whole.
    """
    kind = Markup if isinstance(title, Markup) else str
    return Markup("<wbr>").join(kind(_COUNTED.sub("\\1\u00a0", part)) for part in _AFTER_MONTH.split(title))


_AFTER_MONTH = re.compile(r"(?<=\d月)(?=[^\W\d])")
_COUNTED = re.compile(r"(第(?= \d)|(?<![^\s第])\d+(?= [\u4e00-\u9fff])) ")


class _House(Environment):
    """The globals are those of the environment, and no template has others: one dict, where Jinja would layer two.

    Each `from … import` of each page compares them: ten imports took 0.25 ms.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        assert not d, "globals of one template"
        return self.globals


def _environment() -> Environment:
    env = _House(
        loader=FileSystemLoader(APP / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    i18n.install(env)
    env.globals["static"] = static
    env.globals["csrf"] = _csrf.get
    env.globals["icon"] = cache(icon)
    env.globals["fixed"] = fixed
    env.filters.update(
        day=clock.said_day,
        short_day=clock.short_day,
        weekday=clock.weekday,
        day_number=lambda moment: clock.local(moment).day,
        moment=clock.said_moment,
        time=clock.said_time,
        span=clock.said_span,
        month=clock.said_month,
        yuan=money.yuan,
        signed_yuan=money.signed_yuan,
        square_metres=money.square_metres,
        phrased=phrased,
    )
    return env


templates = _environment()
