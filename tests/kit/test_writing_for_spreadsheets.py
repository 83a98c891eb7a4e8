"""A name may begin like a formula; no file of ours makes a spreadsheet compute it."""

import pytest

from app.kit.spreadsheets import escaped


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_what_a_spreadsheet_would_run_is_only_text(text: str) -> None:
    assert escaped(text) == "'" + text
    assert escaped("5栋") == "5栋"
