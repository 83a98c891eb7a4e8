"""Cross-site request forgery: another site's page may not act with a neighbour's session.

An unsafe request says where it comes from, and a page cannot forge that:
1. `Authorization: Bearer` passes: no browser attaches it by itself, and another site's script may not (CORS).
2. `Sec-Fetch-Site`: same-origin and none (typed, bookmarked) pass, same-site and cross-site are refused.
3. Without it `Origin` must be ours; "null" is not.
4. Without both (some in-app browsers) the request passes *unproven*: `needs_token(scope)` is true, and whoever turns a
   cookie into a person must then take the cookie for absent. A form proves itself by the hidden field that `token_for`
   made, a script by the header with the same value: `prove_by_token` looks at both before the session is asked for
   (`OneTransaction` asks it on every writing route). What forgets to do so fails closed.
"""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FIELD = "csrf"
"""The name of the hidden field."""
HEADER = "X-CSRF-Token"
MOST_PARTS = {"max_files": 100, "max_fields": 600}
"""Of a form: a browser sends each of its file inputs, chosen or not. The first who reads a form sets the limits."""
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_LOOPBACK = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})


class SameOrigin:
    """`SameOrigin(app, public_url=…, refuse=…)`; `refuse` is the ASGI application that answers a forged request.

    On loopback the person may have typed another name of this machine than PUBLIC_URL has: there `Origin` may also be
    the address that was asked. Elsewhere only PUBLIC_URL counts, as a Host header proves nothing.
    """

    def __init__(self, app: ASGIApp, *, public_url: str, refuse: ASGIApp) -> None:
        self.app, self.refuse = app, refuse
        url = urlsplit(public_url.lower())
        host = url.netloc.removesuffix(":443" if url.scheme == "https" else ":80")  # browsers leave the usual port out
        self.own = f"{url.scheme}://{host}".encode()
        self.on_loopback = _name_in(host.encode()) in _LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE and not self._passes(scope):
            await self.refuse(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _passes(self, scope: Scope) -> bool:
        said = dict(scope["headers"])
        if said.get(b"authorization", b"")[:7].lower() == b"bearer ":
            return True
        site, origin = said.get(b"sec-fetch-site"), said.get(b"origin")
        if site is not None:
            return site in (b"same-origin", b"none")
        if origin is not None:
            return self._is_own(origin.lower(), said.get(b"host", b"").lower())
        scope.setdefault("state", {})["needs_token"] = True
        return True

    def _is_own(self, origin: bytes, host: bytes) -> bool:
        if origin == self.own:
            return True
        return self.on_loopback and origin == b"http://" + host and _name_in(host) in _LOOPBACK


def _name_in(host: bytes) -> bytes:
    """Without the port; an IPv6 address keeps its brackets."""
    return host if host.endswith(b"]") else host.rpartition(b":")[0] or host


def needs_token(scope: Scope) -> bool:
    """Whether this request has not shown where it comes from: its cookies must not count."""
    return bool(scope.get("state", {}).get("needs_token"))


def token_for(secret: bytes, session: str) -> str:
    """The hidden field's value for a login session. `session` is what only its owner's pages know: the hash of its token."""
    return hmac.new(secret, b"csrf\0" + session.encode(), sha256).hexdigest()


def accept_token(scope: Scope, secret: bytes, session: str, token: str) -> bool:
    """Whether `token` is this session's; from then on the request counts as our own page's."""
    proven = hmac.compare_digest(token_for(secret, session).encode(), token.encode("utf-8", "replace"))
    if proven:
        scope.setdefault("state", {})["needs_token"] = False
    return proven


def sid_name(request: Request) -> str:
    """The session cookie's name: `__Host-` where TLS makes that promise possible."""
    return "__Host-sid" if request.app.state.settings.https else "sid"


def form_token(request: Request) -> str:
    """What this reader's forms carry; "" where no session cookie came."""
    cookie = request.cookies.get(sid_name(request))
    return token_for(request.app.state.settings.secret, _known_as(cookie)) if cookie else ""


async def prove_by_token(request: Request) -> None:
    """A request that did not say where it comes from may still carry its page's token, as a header or as a form's field."""
    cookie = request.cookies.get(sid_name(request))
    if not cookie or not needs_token(request.scope):
        return
    token = request.headers.get(HEADER)
    if token is None and request.headers.get("content-type", "").startswith(_FORMS):
        field = (await request.form(**MOST_PARTS)).get(FIELD)
        token = field if isinstance(field, str) else None
    if token is not None:
        accept_token(request.scope, request.app.state.settings.secret, _known_as(cookie), token)


def _known_as(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()
