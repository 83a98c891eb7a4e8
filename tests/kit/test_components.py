"""The components: each is drawn with sample data, says who it is, and keeps the rules of the page it will stand on."""

import gzip
import json
import re
from base64 import b64encode
from hashlib import sha384
from itertools import product
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from app.kit.charts import shares, trend_bars
from app.kit.qr import QUIET, qr_path
from app.kit.views import APP, phrased, templates
from tests.gallery import ICONS, IMPORTS, PAGES, SOURCES

STATIC, TEMPLATES = APP / "static", APP / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
EVERY_LOOK = [{"size": size, "locale": locale} for size, locale in product(("normal", "large"), ("zh", "en"))]


def inline_code(page: BeautifulSoup) -> list[str]:
    """What the Content-Security-Policy would refuse."""
    found = [
        f"<{tag.name} {name}>" for tag in page.find_all(True) for name in tag.attrs if name == "style" or name.startswith("on")
    ]
    found += [f"<{tag.name}>" for tag in page.find_all(["style", "script"]) if not tag.get("src")]
    found += [
        str(link["href"]) for link in page.find_all("a", href=True) if str(link["href"]).strip().lower().startswith("javascript:")
    ]
    return found


def broken_references(page: BeautifulSoup) -> list[str]:
    """Labels, descriptions and fragments that point at nothing, and ids that are there twice."""
    ids = [str(tag["id"]) for tag in page.find_all(id=True)]
    wanted = [str(tag["for"]) for tag in page.find_all("label") if tag.get("for")]
    for attribute in ("aria-labelledby", "aria-describedby"):
        wanted += " ".join(str(tag[attribute]) for tag in page.find_all(attrs={attribute: True})).split()
    wanted += [str(link["href"])[1:] for link in page.find_all("a", href=re.compile("^#."))]
    return [name for name in wanted if name not in ids] + [name for name in set(ids) if ids.count(name) > 1]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_drawn_in_both_sizes_and_languages_without_inline_code(name: str) -> None:
    for look in EVERY_LOOK:
        page = BeautifulSoup(PAGES[name].html(**look), "html.parser")
        assert inline_code(page) == []
        assert broken_references(page) == []
        assert len(page.find_all("h1")) == 1
        assert page.title is not None
        assert len(page.title.text.split(" - ")) == 2


def test_inline_code_and_broken_references_would_be_found() -> None:
    page = BeautifulSoup(
        '<p style="x" onclick="y"><script>1</script><style>2</style><a href="javascript:3">4</a>'
        '<label for="none"></label><i id="twice"></i><i id="twice"></i>',
        "html.parser",
    )
    assert len(inline_code(page)) == 5
    assert broken_references(page) == ["none", "twice"]


def test_every_macro_is_shown_in_the_gallery_and_described_where_it_stands() -> None:
    shown = IMPORTS + "".join(page.read_text() for page in SOURCES.glob("*.html"))
    for file in COMPONENTS:
        text = file.read_text()
        about = text.split("-#}")[0]
        assert about.startswith("{#"), f"{file.name} does not say when to use it"
        for macro in re.findall(r"{% macro (\w+)\(", text):
            used = re.findall(rf"\b{macro}\(", text.replace(f"macro {macro}(", "").replace(about, ""))
            alias = "post" if macro == "form" else macro
            assert used or re.search(rf"\b{alias}\(", shown) or file.name == "field.html", (
                f"{macro} of {file.name} is never drawn"
            )
            assert f"{macro}(" in about or used, f"{macro} of {file.name} is not described"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    for template in [*TEMPLATES.rglob("*.html"), *SOURCES.glob("*.html")]:
        text = template.read_text()
        named = re.findall(r'\bicon\("([a-z]+)"', text) + re.findall(r'icon_name="([a-z]+)"', text)
        assert set(named) <= set(ICONS), template.name


def test_templates_trust_no_text_and_style_nothing() -> None:
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"\|\s*safe\b|\sstyle=|<script(?! (?:defer|type=\"module\") src=)|\son[a-z]+=", text), template.name


def test_what_a_person_typed_comes_back_as_text() -> None:
    page = PAGES["fields"].html()
    assert "<b>沟里" not in page
    assert "&lt;b&gt;沟里有积水&lt;/b&gt;" in page


def test_a_mistake_is_named_at_the_top_at_the_field_and_in_the_title() -> None:
    page = BeautifulSoup(PAGES["question"].html(), "html.parser")
    sentence = "手机号少了 1 位，请写满 11 位"
    field = page.find(id="f-tel")
    assert page.title is not None
    assert page.title.text.startswith("错误：")
    assert page.select_one('.errors a[href="#f-tel"]').text == sentence
    assert field["aria-invalid"] == "true"
    assert sentence in page.find(id=field["aria-describedby"].split()[-1]).text
    assert field["value"] == "138 0731 256"


def test_a_password_is_never_sent_back() -> None:
    form = templates.from_string('{% from "components/text.html" import text %}{{ text(field, "密码", type="password") }}')
    assert "secret" not in form.render(field={"name": "password", "value": "secret", "error": None})


def test_marked_choices_stay_marked() -> None:
    page = BeautifulSoup(PAGES["fields"].html(), "html.parser")
    assert [box["value"] for box in page.find_all("input", checked=True)] == ["k2", "beauty", "needs"]


def test_only_pages_with_a_tab_have_tabs_and_one_of_them_is_current() -> None:
    for name, sample in PAGES.items():
        page = BeautifulSoup(sample.html(), "html.parser")
        current = page.select('.tabs [aria-current="page"]')
        assert len(current) == (1 if sample.frame.tab else 0), name
        assert not (page.select(".tabs") and page.select(".dock")), name


def test_size_and_language_are_switched_by_forms_that_need_no_script() -> None:
    for size, other in (("normal", "large"), ("large", "normal")):
        page = BeautifulSoup(PAGES["home"].html(size=size), "html.parser")
        form = page.find("form", action="/size")
        assert form["method"] == "post"
        assert form.button["value"] == other
        assert form.find("input", attrs={"name": "next"})["value"] == "/c/fengshu/"
    assert BeautifulSoup(PAGES["home"].html(locale="en"), "html.parser").find("form", action="/locale").button["value"] == "zh"


# -- the files


def test_the_stylesheets_stay_small_and_old_kernels_can_read_them() -> None:
    sheets = {sheet.name: sheet.read_bytes() for sheet in (STATIC / "css").glob("*.css")}
    everywhere = b"".join(sheets[name] for name in ("tokens.css", "base.css", "components.css"))
    assert len(gzip.compress(everywhere, 9)) <= 6 * 1024, "what every page loads, EXPERIENCE §1"
    for name, text in sheets.items():
        assert not re.search(rb":has\(|@layer|@container|color-mix|\ddvh|popover|^\s*&", text, re.MULTILINE), name
        assert b"http" not in text, f"{name} fetches from another host"


def test_every_notice_sheet_brings_its_stylesheet() -> None:
    using = {page for page in TEMPLATES.rglob("*.html") if "import notice_sheet" in page.read_text()}
    assert using
    assert [page.name for page in using if "css/sheet.css" not in page.read_text()] == []


def test_the_shells_files_fit_the_first_visit() -> None:
    """EXPERIENCE §4: 60 kB for a whole first visit; the shell leaves 20 kB for the page, its answers' headers and the worker."""
    shell = [*(STATIC / "css").glob("*.css"), *(STATIC / "js").glob("gate.js"), STATIC / "vendor/htmx/htmx.min.js"]
    shell += [STATIC / "icons/icons.svg", STATIC / "icons/app.svg", STATIC / "manifest.webmanifest"]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in shell) <= 40 * 1024


@pytest.mark.parametrize(
    ("file", "loader", "licence"),
    [
        ("htmx/htmx.min.js", STATIC / "js/gate.js", "Zero-Clause BSD"),
        ("jsqr/jsQR.js", TEMPLATES / "components/scan.html", "Apache License"),
    ],
)
def test_a_vendored_script_is_the_file_that_its_note_and_its_loader_name(file: str, loader: Path, licence: str) -> None:
    script = STATIC / "vendor" / file
    integrity = "sha384-" + b64encode(sha384(script.read_bytes()).digest()).decode()
    assert integrity in (script.parent / "README.md").read_text()
    assert integrity in loader.read_text()
    assert (script.parent / "LICENSE").read_text().strip().startswith(licence)


def test_htmx_is_told_to_style_nothing_and_to_leave_the_page_when_the_server_fails() -> None:
    page = BeautifulSoup(PAGES["home"].html(), "html.parser")
    settings = json.loads(page.find("meta", attrs={"name": "htmx-config"})["content"])
    assert settings == {"includeIndicatorCSS": False, "history": "reload", "noSwap": [204, 304, "5xx"]}
    script = (STATIC / "vendor/htmx/htmx.min.js").read_bytes()
    assert b"includeIndicatorCSS" in script
    assert b'version="4.0.1"' in script


def test_the_manifest_names_icons_that_are_there() -> None:
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text())
    for icon in manifest["icons"]:
        head = (APP / icon["src"].lstrip("/")).read_bytes()[:24]
        assert "x".join(str(int.from_bytes(head[at : at + 4])) for at in (16, 20)) == icon["sizes"]


# -- colours


def tokens() -> dict[str, dict[str, str]]:
    """The colours of tokens.css, light and dark."""
    text = (STATIC / "css/tokens.css").read_text()
    light = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", text.split("@media")[0]))
    dark = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", text[text.index("prefers-color-scheme:dark") :]))
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


TEXT_ON = {
    "ink": ("card", "ground", "sunk", "tint"),
    "ink2": ("card", "ground", "sunk", "tint"),
    "brand": ("card", "tint"),
    "link": ("card", "ground", "cool"),
    "warm": ("card", "warm-tint"),
    "red": ("card",),
    "on": ("brand",),
    "clay": ("card",),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_it_stands_on(scheme: str) -> None:
    colours = tokens()[scheme]
    weak = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, grounds in TEXT_ON.items()
        for ground in grounds
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert weak == {}
    assert min(contrast("#fff", colours[hero]) for hero in ("hero", "hero2")) >= 4.5
    assert contrast(colours["edge"], colours["card"]) >= 3, "the border of a field is needed to see it (WCAG 1.4.11)"


def test_contrast_is_counted_as_wcag_counts_it() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.005)


# -- plots and codes

AMOUNTS = st.lists(st.integers(-(10**12), 10**12), max_size=40)


@given(AMOUNTS)
def test_bars_stand_on_zero_inside_the_drawing_and_keep_their_order(values: list[int]) -> None:
    chart = trend_bars(values)
    assert len(chart.bars) == len(values)
    for value, bar in zip(values, chart.bars, strict=True):
        assert -1.1 <= bar.y <= bar.y + bar.height <= chart.height + 1.1
        assert 0 <= bar.x <= bar.x + bar.width <= chart.width + 0.1
        assert bar.y + (bar.height if value > 0 else 0) == pytest.approx(chart.zero, abs=0.11)
        assert (bar.height == 0) == (value == 0)
    by_size = sorted(zip((abs(value) for value in values), (bar.height for bar in chart.bars), strict=True))
    assert [height for _, height in by_size] == sorted(height for _, height in by_size)


def test_twice_the_money_is_twice_the_height() -> None:
    one, two = trend_bars([500, 1000], height=80).bars
    assert (one.height, two.height) == (40, 80)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=30))
def test_parts_add_up_to_a_hundred(values: list[int]) -> None:
    parts = [0 if share.part == "<1%" else int(share.part.rstrip("%")) for share in shares(values)]
    assert sum(parts) == (100 if sum(values) else 0)
    for value, part in zip(values, parts, strict=True):
        assert sum(values) == 0 or abs(part - 100 * value / sum(values)) < 1


def test_a_small_part_is_never_said_to_be_nothing() -> None:
    assert [share.part for share in shares([99900, 100, 0])] == ["100%", "<1%", "0%"]


def test_a_title_may_break_after_its_month_and_stays_text() -> None:
    assert phrased("2026年10月公共收益<b>") == "2026年10月<wbr>公共收益&lt;b&gt;"
    assert phrased("10月5日的账") == "10月5日的账"
    assert phrased("今天下午3:49 擦公示栏") == "今天下午3:49 擦公示栏"
    assert phrased("居民报的 1 个问题，第 3 号") == "居民报的 1\u00a0个问题，第\u00a03\u00a0号"


def test_the_largest_part_has_the_whole_width() -> None:
    assert [share.width for share in shares([3840000, 1200000, 0])] == ["100%", "31.2%", "0%"]
    with pytest.raises(ValueError, match="below zero"):
        shares([1, -1])


def test_a_code_is_drawn_exactly_with_its_quiet_zone() -> None:
    """Read back from the path, against the matrix the encoder made."""
    import segno

    text = "https://fengshu.example/x/72943856"
    drawn = qr_path(text)
    dark = set()
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn.path):
        dark |= {(int(x) + step - QUIET, int(y) - QUIET) for step in range(int(run))}
    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert drawn.size == len(matrix) + 2 * QUIET


def test_every_vendored_thing_has_its_licence_and_its_origin() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert {"LICENSE", "README.md"} <= {file.name for file in folder.iterdir()}, folder.name
