"""What is installed is locked by its hash, and no file says from whose server."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / file).read_text()))


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_with_its_hashes(file: str) -> None:
    entries = [entry for entry in re.split(r"\n(?=\S)", (ROOT / file).read_text()) if not entry.startswith("#")]
    assert len(entries) > 20
    assert [entry.splitlines()[0] for entry in entries if not PINNED.match(entry) or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "tests/browser/package-lock.json"])
def test_no_lock_names_a_host(file: str) -> None:
    assert re.findall(r"\S*://\S*|^\s*--(?:index|extra|find)\S*|resolved", (ROOT / file).read_text(), re.MULTILINE) == []


def test_what_runs_is_a_part_of_what_is_tested() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize(("file", "group"), [("requirements.txt", "runs"), ("requirements-dev.txt", "dev")])
def test_everything_asked_for_is_locked(file: str, group: str) -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = asked["project"]["dependencies"] if group == "runs" else asked["dependency-groups"]["dev"]
    assert {re.split(r"[\[>=<~! ]", line)[0] for line in wanted} <= set(pins(file)), "type: make lock"


def test_axe_is_locked_by_its_hash() -> None:
    lock = json.loads((ROOT / "tests/browser/package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
