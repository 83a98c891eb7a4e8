"""A log line tells what went wrong and where, never what somebody typed."""

import subprocess
import sys

import pytest

FAULT = """
import structlog
from app.kit.logs import write_logs

def fail(password):
    raise LookupError("row")

write_logs(as_json={as_json})
try:
    fail("yifeng" + "xin88")
except LookupError as error:
    structlog.get_logger().error("job.failed", exc_info=error)
"""


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_holds_no_values(as_json: bool) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FAULT.format(as_json=as_json)], capture_output=True, text=True, check=True
    ).stdout
    assert "LookupError" in said
    assert "fail" in said
    assert "yifengxin88" not in said
