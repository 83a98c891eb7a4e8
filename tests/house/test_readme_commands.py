"""What the READMEs tell people to type works: every target, command, option and setting they name is there, and
`make demo` does what the first page of the README says.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from typer.main import get_command

from app.cli import cli
from app.settings import Settings
from tests.postgres import free_port

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
TOLD = re.compile(r"```(?:sh|bash|console)\n(.*?)```", re.DOTALL)


def commands(readme: str) -> list[list[str]]:
    """Each line of each shell block as words, without its prompt and its comment."""
    lines = "\n".join(TOLD.findall((ROOT / readme).read_text())).replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line.removeprefix("$ "), comments=True))]


def settings_and_words(words: list[str]) -> tuple[list[str], list[str]]:
    """`A=1 B=2 make demo` → the names A, B and the command without them."""
    names = [word.partition("=")[0] for word in words if re.match(r"[A-Z_]+=", word)]
    return names, [word for word in words if not re.match(r"[A-Z_]+=", word)]


@pytest.mark.parametrize("readme", READMES)
def test_the_two_commands_are_told(readme: str) -> None:
    assert ["make", "demo"] in commands(readme)
    assert ["make", "test"] in commands(readme)


@pytest.mark.parametrize("readme", READMES)
def test_every_target_that_is_told_exists(readme: str) -> None:
    made = [words for names, words in map(settings_and_words, commands(readme)) if words and words[0] == "make"]
    unknown = [words for words in made if subprocess.run([*words, "--dry-run"], cwd=ROOT, capture_output=True).returncode]
    assert unknown == []


@pytest.mark.parametrize("readme", READMES)
def test_every_command_and_option_that_is_told_exists(readme: str) -> None:
    known = get_command(cli).commands  # type: ignore[attr-defined]
    for names, words in map(settings_and_words, commands(readme)):
        ours = words[words.index("app") + 1 :] if words[1:3] == ["-m", "app"] else words[1:] if words[:1] == ["gongzhi"] else []
        if ours and ours[0] != "--help":
            assert ours[0] in known, words
            options = {option for parameter in known[ours[0]].params for option in parameter.opts}
            assert {word.partition("=")[0] for word in ours if word.startswith("--")} <= options | {"--help"}, words
            assert {name.lower() for name in names} <= set(Settings.model_fields), words


@pytest.mark.parametrize("readme", READMES)
def test_every_file_that_is_linked_exists(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", (ROOT / readme).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


@contextmanager
def make_demo(folder: Path) -> Iterator[str]:
    """`make demo` with its data in `folder` and on a port of its own; gives the address once it answers."""
    address = f"http://127.0.0.1:{free_port()}"
    env = {**os.environ, "DATA_DIR": str(folder), "PUBLIC_URL": address, "PYTHON": sys.executable}
    told: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
    with subprocess.Popen(["make", "demo"], cwd=ROOT, env=env, **told) as demo:
        try:
            deadline = time.monotonic() + 90
            while not answers(address):
                assert demo.poll() is None, demo.communicate()
                assert time.monotonic() < deadline, "make demo did not answer within 90 s"
                time.sleep(0.1)
            yield address
        finally:
            if demo.poll() is None:
                os.killpg(demo.pid, signal.SIGINT)
                demo.communicate(timeout=30)


def answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz", timeout=5) as reply:
            return bool(reply.status == 200)
    except URLError:
        return False


def test_make_demo_serves_two_neighbourhoods_and_the_second_start_keeps_them(tmp_path: Path) -> None:
    begun = time.monotonic()
    with make_demo(tmp_path) as address, urlopen(address, timeout=10) as page:
        first_took = time.monotonic() - begun
        first = page.read().decode()
    assert "枫树" in first
    assert "工行" in first
    begun = time.monotonic()
    with make_demo(tmp_path) as address, urlopen(address, timeout=10) as page:
        assert time.monotonic() - begun < first_took / 2, "it does not load the invented world again"
        assert "枫树" in page.read().decode()


def test_the_script_runs_from_any_folder(tmp_path: Path) -> None:
    script = Path(sys.executable).parent / "gongzhi"
    told = subprocess.run([script, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "create-compound" in told.stdout
