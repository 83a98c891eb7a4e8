"""FIELD §4: each regression of others stands in the name or the words of a test here, which would go red if it came to us."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
BEFELL = (
    "Enketo #942",  # two tabs on one draft
    "Enketo #1405",  # an edit between two halves of an upload
    "Enketo #1043",  # a lost signature image
    "Enketo PR 1576",  # a dead IndexedDB after the background
    "Enketo #1226",  # an undeletable poisoned entry
    "express #356",  # a photo lost in a recovered draft
    "Enketo #1072",  # "unsaved" after a successful send
    "vant #3732",  # the page reloaded by the camera
    "kobocat #470",  # a duplicate by SELECT race
    "kobocat #432",  # attachments of later posts dropped
    "ODK central #299",  # the same photo twice refused
    "formhub #678",  # ten duplicates on a slow server
    "Token refresh dropping the queue",
    "Clock a year off",
    "401 in the middle",
    "Quota",
    "No service worker",
    "a tab killed in the camera",
    "Reply lost after commit",
)


def told(file: Path) -> list[str]:
    """What its tests say they are about."""
    functions = [one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.FunctionDef)]
    return [ast.get_docstring(one) or "" for one in functions if one.name.startswith("test_")]


@pytest.mark.parametrize("name", BEFELL)
def test_what_befell_others_has_a_test(name: str) -> None:
    files = [*Path(__file__).parent.glob("test_*.py"), *(TESTS / "renovation").glob("test_*.py")]
    assert [file.name for file in files if any(name in words for words in told(file))]
