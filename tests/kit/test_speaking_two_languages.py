"""Chinese is the source, English a catalogue; each request speaks its own."""

import threading
from contextvars import copy_context

import pytest
from jinja2 import Environment

from app.kit.i18n import _, _n, current, install, mark, speaking

AMOUNT = mark("金额请写成 1234.50 这样。")


@pytest.fixture
def page() -> Environment:
    environment = Environment(autoescape=True)
    install(environment)
    return environment


def test_chinese_is_spoken_where_nobody_chose() -> None:
    assert current() == "zh"
    assert _(AMOUNT) == AMOUNT


def test_english_is_spoken_inside_and_chinese_again_after() -> None:
    with speaking("en"):
        assert current() == "en"
        assert _(AMOUNT) == "Write the amount like 1234.50."
        with speaking("zh"):
            assert _(AMOUNT) == AMOUNT
    assert current() == "zh"


def test_the_language_goes_back_when_something_was_raised() -> None:
    with pytest.raises(RuntimeError), speaking("en"):
        raise RuntimeError
    assert current() == "zh"


def test_a_neighbouring_request_keeps_its_language() -> None:
    heard: list[str] = []
    with speaking("en"):
        ours = copy_context()
        for run in (current, lambda: ours.run(current)):
            thread = threading.Thread(target=lambda run=run: heard.append(run()))
            thread.start()
            thread.join()
    assert heard == ["zh", "en"]


def test_names_are_filled_in_and_percent_signs_survive() -> None:
    assert _("还差 %(n)s 人", n=3) == "还差 3 人"
    assert _("超过 50%") == "超过 50%"
    assert _("%(n)s 人，占 50%%", n=3) == "3 人，占 50%"
    assert _n("还差 %(n)s 人", n=1) == "还差 1 人"


def test_an_unknown_sentence_is_said_in_chinese() -> None:
    with speaking("en"):
        assert _("没有人翻译过这一句") == "没有人翻译过这一句"
        assert _n("没有人翻译过这 %(n)s 句", n=2) == "没有人翻译过这 2 句"


def test_a_template_escapes_what_is_filled_in_and_not_the_sentence(page: Environment) -> None:
    said = page.from_string('{{ _("%(name)s <b>您好</b>", name=name) }}').render(name="<script>")
    assert said == "&lt;script&gt; <b>您好</b>"


def test_a_template_speaks_the_language_of_the_request(page: Environment) -> None:
    template = page.from_string("{{ _(sentence) }}|{{ _n('还差 %(n)s 人', n=2) }}|{{ _('50%') }}")
    with speaking("en"):
        assert template.render(sentence=AMOUNT).startswith("Write the amount like 1234.50.|")
    assert template.render(sentence=AMOUNT) == f"{AMOUNT}|还差 2 人|50%"


def test_imported_macros_speak_too(page: Environment) -> None:
    page.loader = None
    macro = page.from_string("{% macro label() %}{{ _('金额请写成 1234.50 这样。') }}{% endmacro %}")
    template = page.from_string("{% import component as c %}{{ c.label() }}")
    with speaking("en"):
        assert template.render(component=macro) == "Write the amount like 1234.50."
