"""Where a request comes from, for throttles; on what it came, for the list of one's sessions; and the cookie it leaves with."""

from datetime import timedelta

from fastapi import Request, Response

from app.kit.same_origin import sid_name
from app.kit.views import see_other


def address_of(request: Request) -> str:
    """The caller's address; behind N trusted proxies, the entry the outermost of them wrote."""
    hops: int = request.app.state.settings.trusted_proxies
    forwarded = [a.strip() for a in request.headers.get("x-forwarded-for", "").split(",") if a.strip()]
    if hops and len(forwarded) >= hops:
        return str(forwarded[-hops])
    return request.client.host if request.client else ""


def device_of(request: Request) -> str:
    """A word for the list of one's sessions, not a fingerprint."""
    agent = request.headers.get("user-agent", "")
    system = next((s for s in ("iPhone", "Android", "Windows", "Macintosh", "Linux") if s in agent), "?")
    return f"{'微信 ' if 'MicroMessenger' in agent else ''}{system}"


COOKIE_LASTS = timedelta(days=400)
"""The longest that browsers keep one (RFC 6265bis §5.5). The server ends a session long before, where it is not used."""


def entered(request: Request, address: str, token: str, words: str) -> Response:
    """303 with the session's cookie."""
    reply = see_other(address, words)
    seconds, https = int(COOKIE_LASTS.total_seconds()), request.app.state.settings.https
    reply.set_cookie(sid_name(request), token, max_age=seconds, path="/", httponly=True, samesite="lax", secure=https)
    return reply
