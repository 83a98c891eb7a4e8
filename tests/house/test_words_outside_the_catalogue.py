"""Whatever a page says goes through the catalogue, its punctuation too: else an English page says "one、two。"."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from app.kit.views import templates

FOLDER = Path("app/templates")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’]")
LANGUAGE_ITSELF = "中文"
"""On the button that leads back to Chinese, in the language of whoever looks for it."""


def untranslated(source: str) -> Iterator[str]:
    """Chinese in a template's text and strings that `_` and `_n` do not get."""

    def walk(node: nodes.Node) -> Iterator[str]:
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in ("_", "_n"):
            for argument in (*node.args[1:], *node.kwargs):
                yield from walk(argument)
            return
        if isinstance(node, nodes.TemplateData):
            yield from (line.strip() for line in node.data.splitlines() if CHINESE.search(line))
        if isinstance(node, nodes.Const) and isinstance(node.value, str) and CHINESE.search(node.value):
            yield node.value
        for child in node.iter_child_nodes():
            yield from walk(child)

    return walk(templates.parse(source))


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.html")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_template_says_anything_past_the_catalogue(path: Path) -> None:
    assert [words for words in untranslated(path.read_text()) if LANGUAGE_ITSELF not in words] == []


@pytest.mark.parametrize("source", ["好。", "{{ a ~ '，' }}", "{{ a | join('、') }}", "{{ _('好', n=x or '坏') }}"])
def test_what_slips_past_would_be_found(source: str) -> None:
    assert list(untranslated(source))
