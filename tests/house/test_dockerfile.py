"""What can be known of the image without an engine: its lines are read, and those that install, start and check are run,
as an ordinary user, in a folder that was empty. (The image itself is built where there is an engine.)
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.postgres import free_port, unprivileged

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
INSTRUCTIONS = re.findall(r"^([A-Z]+) (.*)$", LINES, re.MULTILINE)
LAST_STAGE = INSTRUCTIONS[max(at for at, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM") :]


def all_of(word: str, instructions: list[tuple[str, str]] = INSTRUCTIONS) -> list[str]:
    return [rest for name, rest in instructions if name == word]


def test_every_line_is_understood() -> None:
    code = [line for line in LINES.splitlines() if line and not line.startswith("#")]
    assert len(code) == len(INSTRUCTIONS)


def test_the_base_is_a_small_python_of_a_named_version() -> None:
    assert all(re.match(r"python:3\.1[1-4]-slim( AS \w+)?$", base) for base in all_of("FROM"))


def test_nobody_is_root() -> None:
    (user,) = all_of("USER", LAST_STAGE)
    assert int(user) >= 10_000  # a number: an orchestrator can check it without reading /etc/passwd
    words = [word for word, _ in LAST_STAGE]
    assert {"RUN", "COPY"}.isdisjoint(words[words.index("USER") :])


def test_what_is_copied_is_there_and_is_sent_to_the_builder() -> None:
    sources = [shlex.split(rest)[0] for rest in all_of("COPY") if "--from" not in rest]
    assert all((ROOT / source).exists() for source in sources)
    sent = (ROOT / ".dockerignore").read_text().split()
    assert sent[0] == "*"
    assert sorted(line[1:] for line in sent if line.startswith("!")) == sorted(sources)


@dataclass
class Image:
    """The folder that stands for the image's `/`, and how to run something in it."""

    root: Path
    env: dict[str, str]

    def inside(self, text: str) -> str:
        return re.sub(r"(?<![\w.])/(srv|data)\b", rf"{self.root}/\1", text)

    def start(self, command: list[str]) -> "subprocess.Popen[str]":
        env = {**self.env, **{key: self.inside(value) for key, value in settings(self.env["PATH"]).items()}}
        pipe = subprocess.PIPE
        command = [self.inside(word) for word in command]
        return subprocess.Popen(command, cwd=self.root / "srv", env=env, stdout=pipe, stderr=pipe, text=True, **unprivileged())  # type: ignore[call-overload,no-any-return]

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        with self.start(command) as process:
            out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(command, process.returncode, out, err)


def settings(path: str) -> dict[str, str]:
    """The image's ENV."""
    pairs = [word.partition("=") for rest in all_of("ENV", LAST_STAGE) for word in shlex.split(rest)]
    return {key: value.replace("$PATH", path) for key, _, value in pairs}


def python_for_everyone() -> str:
    """An interpreter that an ordinary user may run: root's own may lie where nobody else can go."""
    ask = "import ensurepip, sys; assert sys.version_info >= (3, 11)"
    for candidate in (f"{sys.base_prefix}/bin/python3", "/usr/bin/python3", "/usr/local/bin/python3"):
        with suppress(PermissionError, FileNotFoundError):
            if subprocess.run([candidate, "-c", ask], capture_output=True, cwd="/", **unprivileged()).returncode == 0:  # type: ignore[call-overload]
                return candidate
    pytest.fail("No Python that an ordinary user may run. Type: sudo apt-get install python3-venv", pytrace=False)


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The Dockerfile carried out: COPY by us, the RUN lines of the first stage by an ordinary user.

    Left out are the RUNs of the last stage, which need root: letters for PDF files, that user and the data folder.
    """
    who = unprivileged()
    with tempfile.TemporaryDirectory(prefix="gongzhi-image-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)
        for part in ("srv", "data", "home", "bin"):
            (root / part).mkdir()
            if who:
                os.chown(root / part, who["user"], who["group"])  # type: ignore[arg-type]
        (root / "bin/python").symlink_to(python_for_everyone())
        ours = {key: value for key, value in os.environ.items() if key.startswith("PIP_") or key.lower().endswith("_proxy")}
        image = Image(root, {**ours, "PATH": f"{root}/bin:/usr/bin:/bin", "HOME": f"{root}/home", "PIP_NO_COMPILE": "1"})
        for word, rest in INSTRUCTIONS[: -len(LAST_STAGE)]:
            if word == "RUN":
                done = image.run(["sh", "-c", rest])
                assert done.returncode == 0, done.stdout + done.stderr
            elif word == "COPY":
                copy(*shlex.split(rest), root / "srv")
        for rest in all_of("COPY", LAST_STAGE):
            if "--from" not in rest:
                copy(*shlex.split(rest), root / "srv")
        yield image


def copy(source: str, target: str, workdir: Path) -> None:
    if (ROOT / source).is_dir():
        shutil.copytree(ROOT / source, workdir / target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(ROOT / source, workdir / target)


def entrypoint() -> list[str]:
    return json.loads(all_of("ENTRYPOINT", LAST_STAGE)[0])  # type: ignore[no-any-return]


def healthcheck(port: int) -> list[str]:
    """The HEALTHCHECK's command, asking on `port` in place of the image's."""
    text = all_of("HEALTHCHECK", LAST_STAGE)[0].partition(" CMD ")[2]
    assert f":{all_of('EXPOSE')[0]}/healthz" in text
    return json.loads(text.replace(f":{all_of('EXPOSE')[0]}/", f":{port}/"))  # type: ignore[no-any-return]


def test_only_what_runs_is_installed(image: Image) -> None:
    missing = image.run(["python", "-c", "import pytest"])
    assert "No module named 'pytest'" in missing.stderr


def test_the_entrypoint_tells_what_it_can_do(image: Image) -> None:
    told = image.run([*entrypoint(), "--help"])
    assert told.returncode == 0, told.stderr
    commands = {line.split()[1] for line in told.stdout.splitlines() if line.startswith("│ ") and len(line.split()) > 2}
    assert {"serve", "worker", "migrate", "backup", "restore"} <= commands


def test_it_migrates_serves_and_is_found_healthy(image: Image) -> None:
    migrated = image.run([*entrypoint(), "migrate"])
    assert migrated.returncode == 0, migrated.stderr
    port = free_port()
    assert image.run(healthcheck(port)).returncode != 0, "the check is content with a server that is not there"
    command = json.loads(all_of("CMD", LAST_STAGE)[0])
    assert command[-2:] == ["--host", "0.0.0.0"]
    with image.start([*entrypoint(), *command[:-1], "127.0.0.1", "--port", str(port)]) as server:
        try:
            deadline = time.monotonic() + 30
            while image.run(healthcheck(port)).returncode != 0:
                assert server.poll() is None, server.communicate()
                assert time.monotonic() < deadline
                time.sleep(1)  # each question is an interpreter of its own, and would take from the start it waits for
        finally:
            server.terminate()
        _, said = server.communicate(timeout=20)
        assert server.returncode in (0, -signal.SIGTERM), said
        assert "Application shutdown complete" in said, "it was cut off"
    kept = {path.name for path in (image.root / "data").iterdir()}
    assert any(name.endswith(".db") for name in kept), kept
    assert not list((image.root / "srv").rglob("*.db")), "data belong into the volume"


def test_the_compose_file_runs_this_image_behind_tls() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == {"proxy", "app", "worker", "migrate", "postgres"}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    ours = [services[name] for name in ("app", "worker", "migrate")]
    assert all(service["build"] == "." and service["read_only"] and service["cap_drop"] == ["ALL"] for service in ours)
    assert services["app"]["environment"]["PUBLIC_URL"].startswith("https://")
    assert "reverse_proxy app:8000" in (ROOT / "deploy/Caddyfile").read_text()
    named = {volume.split(":")[0] for service in services.values() for volume in service["volumes"] if not volume.startswith(".")}
    assert named == set(compose["volumes"])


def test_every_variable_of_the_compose_file_is_a_setting() -> None:
    from app.settings import Settings

    given = yaml.safe_load((ROOT / "compose.yaml").read_text())["x-gongzhi"]["environment"]
    assert set(given) | {"DATA_DIR", "LOG_FORMAT"} <= {name.upper() for name in Settings.model_fields}
