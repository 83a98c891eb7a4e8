"""`openapi` prints the file that is committed for integrators, the same every time."""

import json
from pathlib import Path

from typer.testing import CliRunner

from app.cli import cli

COMMITTED = Path(__file__).parents[2] / "docs/openapi.json"


def test_the_committed_description_is_the_programs_own() -> None:
    printed = [CliRunner().invoke(cli, ["openapi"], env={"PUBLIC_URL": "http://anywhere", "DEMO": "1"}) for _ in range(2)]
    assert printed[0].exit_code == 0
    assert printed[0].stdout == printed[1].stdout
    assert json.loads(COMMITTED.read_text()) == json.loads(printed[0].stdout), "type: make openapi"
