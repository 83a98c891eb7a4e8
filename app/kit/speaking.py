"""Which language a request is answered in: the reader's own choice (cookie), else what their browser asks for."""

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from app.kit.i18n import LOCALES, SOURCE, Locale, speaking


class InTheirLanguage:
    """Pure ASGI. Threads that the request calls into speak the same language."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with speaking(_asked_for(scope)):
            await self.app(scope, receive, send)


def _asked_for(scope: Scope) -> Locale:
    said = dict(scope["headers"])
    chosen = cookie_parser(said.get(b"cookie", b"").decode("latin-1")).get("locale", "")
    accepted = said.get(b"accept-language", b"").decode("latin-1").lower().split(",")
    wanted = [chosen, *(language.strip()[:2] for language in accepted)]
    return next((locale for want in wanted for locale in LOCALES if locale == want), SOURCE)
