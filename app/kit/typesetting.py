"""PDF files: a typst template of the house and its facts, in a font that has Chinese letters, or not at all.

The facts go in as data, never as markup: what somebody typed stays what they typed. The compiler (34 MB, a tenth of a second
for a page) is loaded when the first file is asked for.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.kit.i18n import mark
from app.kit.qr import Qr
from app.kit.refusals import Refusal
from app.kit.views import APP

FAMILIES = (
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "SimSun",
    "Songti SC",
)
"""Fonts with the letters of simplified Chinese, the first that is there is taken."""


class NoChineseFont(Refusal):
    """Boxes in the place of names would be printed and handed out."""

    status = 503
    says = mark("这里没有中文字体，做不出 PDF 文件。")
    advice = mark("请打开网页用“打印”。管这台服务器的人装上中文字体就好了。")


def set_in_type(template: str, facts: Mapping[str, Any], at: datetime, font_dir: str = "") -> bytes:
    """`template`: its path in app/templates, which finds the facts in `sys.inputs.facts` as JSON. `at` stands in the file as its
    date: the same facts make the same bytes. `font_dir`: where else to look for fonts. Raises NoChineseFont.
    """
    import typst

    fonts = typst.Fonts(include_system_fonts=True, font_paths=[font_dir] if font_dir else [])
    there = set(fonts.families())
    family = next((name for name in FAMILIES if name in there), None)
    if family is None:
        raise NoChineseFont
    given = {"facts": json.dumps({**facts, "font": family}, ensure_ascii=False)}
    pdf = typst.compile(APP / "templates" / template, font_paths=fonts, sys_inputs=given, timestamp=at.replace(microsecond=0))
    assert isinstance(pdf, bytes)
    return pdf


def qr_drawing(qr: Qr) -> str:
    """As an SVG of its own."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {qr.size} {qr.size}"><path d="{qr.path}"/></svg>'
