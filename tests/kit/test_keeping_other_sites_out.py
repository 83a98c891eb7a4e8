"""Another site's page may not act with a neighbour's session."""

import anyio
import pytest
from starlette.types import Receive, Scope, Send

from app.kit.same_origin import SameOrigin, accept_token, needs_token, token_for

PUBLIC = "https://gongzhi.example"
LOCAL = "http://127.0.0.1:8000"
SECRET = b"a secret"


def outcome(public_url: str = PUBLIC, method: str = "POST", **said: str) -> str:
    """passed, refused or unproven."""
    heard: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append("unproven" if needs_token(scope) else "passed")

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append("refused")

    given = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in said.items()]
    anyio.run(
        SameOrigin(app, public_url=public_url, refuse=refuse), {"type": "http", "method": method, "headers": given}, None, None
    )
    return heard[0]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_open_to_all(method: str) -> None:
    assert outcome(method=method, sec_fetch_site="cross-site", origin="https://evil.example") == "passed"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", "BREW"])
def test_every_other_method_must_say_where_it_comes_from(method: str) -> None:
    assert outcome(method=method, sec_fetch_site="cross-site") == "refused"


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("same-origin", "passed"),
        ("none", "passed"),
        ("same-site", "refused"),
        ("cross-site", "refused"),
        ("", "refused"),
        ("Same-Origin", "refused"),
    ],
)
def test_the_browser_says_whose_page_it_was(site: str, expected: str) -> None:
    assert outcome(sec_fetch_site=site) == expected


def test_the_browsers_word_counts_before_the_origin() -> None:
    assert outcome(sec_fetch_site="cross-site", origin=PUBLIC) == "refused"
    assert outcome(sec_fetch_site="same-origin", origin="https://evil.example") == "passed"


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (PUBLIC, "passed"),
        ("https://GONGZHI.example", "passed"),
        ("http://gongzhi.example", "refused"),
        ("https://gongzhi.example:8443", "refused"),
        ("https://gongzhi.example.evil.example", "refused"),
        ("https://evil.example", "refused"),
        ("null", "refused"),
        ("", "refused"),
    ],
)
def test_an_older_browser_says_its_origin(origin: str, expected: str) -> None:
    assert outcome(origin=origin) == expected


def test_the_usual_port_may_be_written_out_in_the_setting() -> None:
    assert outcome("https://gongzhi.example:443", origin=PUBLIC) == "passed"
    assert outcome("http://localhost:80", origin="http://localhost", host="localhost") == "passed"


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000", "passed"),
        ("localhost:8000", "http://localhost:8000", "passed"),
        ("localhost:9000", "http://localhost:9000", "passed"),
        ("[::1]:8000", "http://[::1]:8000", "passed"),
        ("localhost:8000", "http://localhost:9000", "refused"),
        ("rebound.example:8000", "http://rebound.example:8000", "refused"),
        ("localhost.evil.example", "http://localhost.evil.example", "refused"),
        ("[", "http://[", "refused"),
    ],
)
def test_on_loopback_another_name_of_this_machine_will_do(host: str, origin: str, expected: str) -> None:
    assert outcome(LOCAL, origin=origin, host=host) == expected


def test_off_loopback_a_host_header_proves_nothing() -> None:
    assert outcome(origin="http://localhost:8000", host="localhost:8000") == "refused"


def test_a_key_in_the_header_is_proof_and_a_password_is_not() -> None:
    assert outcome(authorization="Bearer gz_live_1", sec_fetch_site="cross-site") == "passed"
    assert outcome(authorization="Basic d2FuZzp3YW5n", sec_fetch_site="cross-site") == "refused"


def test_a_request_that_says_nothing_passes_unproven() -> None:
    assert outcome() == "unproven"
    assert outcome(cookie="sid=1", host="gongzhi.example", referer="https://evil.example/") == "unproven"


def unproven() -> Scope:
    return {"type": "http", "state": {"needs_token": True}}


def test_a_form_proves_itself_by_its_own_sessions_token() -> None:
    scope = unproven()
    assert accept_token(scope, SECRET, "wang", token_for(SECRET, "wang"))
    assert not needs_token(scope)


@pytest.mark.parametrize(
    "token",
    ["", "x", token_for(SECRET, "zhao"), token_for(b"another secret", "wang"), token_for(SECRET, "wang")[:-1], "王", "\ud800"],
)
def test_any_other_token_leaves_it_unproven(token: str) -> None:
    scope = unproven()
    assert not accept_token(scope, SECRET, "wang", token)
    assert needs_token(scope)


def test_start_and_stop_of_the_server_pass_through() -> None:
    heard: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(scope["type"])

    anyio.run(SameOrigin(app, public_url=PUBLIC, refuse=app), {"type": "lifespan"}, None, None)
    assert heard == ["lifespan"]
