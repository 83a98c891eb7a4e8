"""schemathesis asks every operation of the running application what nobody would: no fault, no undocumented answer.

Left out, each with its reason:
- positive_data_acceptance: a well-formed wish for a shift that exists nowhere is refused, and that is right.
- ignored_auth: most reading doors are open to anyone on purpose; who may what is the authorization table's business.
- missing_required_header: no operation requires a header besides the ones HTTP itself knows.
- negative_data_rejection: FastAPI takes "1" for 1 in queries, which harms nobody.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo.sandbox import SANDBOX_KEY
from tools.screenshots import PORT, served

LEFT_OUT = ("positive_data_acceptance", "ignored_auth", "missing_required_header", "negative_data_rejection")
EXAMPLES = 2
"""Per operation and phase."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The running demo, with its sandbox compound; its address."""
    with served(tmp_path_factory.mktemp("api"), only="sandbox"):
        yield f"http://127.0.0.1:{PORT}"


NOBODY = ["--phases", "examples,fuzzing"]
"""Whoever has no key hears 401 before their words are read: all the ways in which words can be wrong are tried with one."""
RESIDENT = ["-H", f"Authorization: Bearer {SANDBOX_KEY}"]
ROOMS = ("renovation", "volunteering")
"""Those with the most operations; asked about apart, no test comes near the minutes after which one counts as hanging."""
HOW = {
    "anonymous": NOBODY,
    **{f"resident, {room}": [*RESIDENT, "--include-tag", room] for room in ROOMS},
    "resident, the rest": [*RESIDENT, *(part for room in ROOMS for part in ("--exclude-tag", room))],
}


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_no_operation_breaks_or_says_what_is_not_written(sandbox: str, how: list[str], tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "--config-file",
        str(Path(__file__).parent / "schemathesis.toml"),
        "run",
        f"{sandbox}/api/v1/openapi.json",
        "--checks",
        "all",
        "--exclude-checks",
        ",".join(LEFT_OUT),
        "--max-examples",
        str(EXAMPLES),
        "--seed",
        "20261123",
        "--no-color",
        *how,
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=280, cwd=tmp_path, env=os.environ | {"COLUMNS": "160"})
    assert run.returncode == 0, run.stdout[-12_000:] + run.stderr[-2_000:]
