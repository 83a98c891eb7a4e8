"""A signpost leads to its room, and away from it without looking at its doors."""

import pytest
from fastapi import APIRouter
from starlette.routing import Match

from app.kit.signposts import Signpost


def scope(path: str) -> dict:
    return {"type": "http", "method": "GET", "path": path, "headers": []}


def room() -> APIRouter:
    router = APIRouter(prefix="/money")
    router.add_api_route("", lambda: None)
    router.add_api_route("/entries/{id}", lambda: None)
    return router


@pytest.mark.parametrize(("path", "looked"), [("/c/b/money", 1), ("/c/b/money/entries/7", 1), ("/c/b/works", 0), ("/c/b/", 0)])
def test_only_an_address_of_the_room_is_looked_at(path: str, looked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(APIRouter, "matches", lambda _, scope: seen.append(scope["path"]) or (Match.FULL, {}))
    Signpost(room(), "/c/{slug}").matches(scope(path))
    assert len(seen) == looked


def test_a_room_that_answers_to_any_first_word_gets_no_signpost() -> None:
    anything = APIRouter()
    anything.add_api_route("/{word}", lambda: None)
    with pytest.raises(AssertionError):
        Signpost(anything, "/c/{slug}")
