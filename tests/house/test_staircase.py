"""The staircase stands: import-linter's contracts hold, and can fail; only the kit commits; no room is a junk drawer."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import app

ROOT = Path(app.__file__).parent.parent
SOURCES = sorted((ROOT / "app").rglob("*.py"))
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([linter, "--no-cache"], cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": str(folder)})


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__", "static", "templates"))
    return tmp_path


def test_a_room_looks_only_down_the_stairs() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("app/kit/ids.py", "import app.compounds.models", "The staircase"),
        ("app/volunteering/models.py", "import app.volunteering.queries", "Inside a room"),
        ("app/inbox/service.py", "import app.access.pages", "Only main opens the doors"),
        ("app/warehouse/__init__.py", "", "The staircase"),
    ],
)
def test_a_step_up_the_stairs_is_found(copy_of_the_house: Path, file: str, line: str, contract: str) -> None:
    path = copy_of_the_house / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as source:
        source.write(f"\n{line}\n")
    outcome = lint_imports(copy_of_the_house)
    assert outcome.returncode == 1
    assert re.search(rf"{contract}.* BROKEN", outcome.stdout), outcome.stdout + outcome.stderr


def test_every_verb_stands_on_its_step() -> None:
    step = next(layer for layer in CONTRACTS[1]["layers"] if "service" in layer)
    verbs = {path.stem for path in SOURCES if re.match(r"Verbs?\b", ast.get_docstring(ast.parse(path.read_text())) or "")}
    assert verbs == verbs & set(re.findall(r"\w+", step))


def test_the_staircase_told_is_the_staircase_checked() -> None:
    told = re.search(r"__main__ >.*settings", app.__doc__ or "", re.DOTALL)
    assert told
    assert [step.strip() for step in told[0].split(">")] == [re.sub("[()]", "", step) for step in CONTRACTS[0]["layers"]]


def test_every_door_is_named_where_doors_are_protected() -> None:
    doors = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SOURCES if path.stem.endswith("_pages")}
    assert doors <= set(CONTRACTS[2]["protected_modules"])


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_only_the_kit_ends_a_transaction(ending: str) -> None:
    inside, outside = [], []
    for path in SOURCES:
        if ending in calls(path):
            (inside if path.parent.name == "kit" else outside).append(path)
    assert inside, "the scan sees nothing"
    assert outside == [], f".{ending}() belongs to app/kit: a verb takes the session and returns or raises"


def test_no_room_is_a_junk_drawer() -> None:
    drawers = {"utils", "helpers", "constants", "common", "misc"}
    assert [path for path in SOURCES if drawers & {path.stem, path.parent.name}] == []


def calls(path: Path) -> set[str]:
    """The names of all methods called in a file."""
    tree = ast.parse(path.read_bytes())
    return {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
