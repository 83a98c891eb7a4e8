"""A fragment is drawn once for the same facts, in each language, and never holds its first reader's token."""

import pytest
from jinja2 import DictLoader

from app.kit import views
from app.kit.i18n import speaking


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the fragment `row.html` was really drawn for."""
    told: list[str] = []
    house = views._House(loader=DictLoader({"row.html": "{{ tell(who) }}，{{ _('登录') }}，{{ csrf() }}。"}), autoescape=True)
    house.globals.update(views.templates.globals, tell=lambda who: told.append(who) or who)
    monkeypatch.setattr(views, "templates", house)
    views._fixed.cache_clear()
    yield told
    views._fixed.cache_clear()


def test_the_same_facts_are_drawn_once(drawn: list[str]) -> None:
    first, again, other = (views.fixed("row.html", who=who) for who in ("张三", "张三", "<李四>"))
    assert first == again == "张三，登录，。"
    assert other.startswith("&lt;李四&gt;")
    assert drawn == ["张三", "<李四>"]


def test_each_language_has_its_own(drawn: list[str]) -> None:
    chinese = views.fixed("row.html", who="张三")
    with speaking("en"):
        assert views.fixed("row.html", who="张三") != chinese
    assert views.fixed("row.html", who="张三") == chinese
    assert len(drawn) == 2


def test_no_readers_token_is_kept_for_the_next(drawn: list[str]) -> None:
    mark = views._csrf.set("the first reader's")
    try:
        assert "reader" not in views.fixed("row.html", who="张三")
    finally:
        views._csrf.reset(mark)
