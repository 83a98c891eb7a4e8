"""`jobs` tells the operator what failed, and what it was about stays where it is."""

from datetime import timedelta
from pathlib import Path

from app.kit.clock import now
from app.kit.db import writing
from app.kit.jobs import Job
from tests.cli.conftest import Command, database


def test_what_failed_is_named_with_its_next_try_and_what_was_given_up_is_an_alarm(command: Command, settled: Path) -> None:
    told = command("jobs")
    assert (told.exit_code, told.output) == (0, "0 due now, 0 later.\n")
    with database(settled) as db, writing(db) as session:
        later = now() + timedelta(hours=1)
        session.add(Job(kind="inbox.mail", payload={}, attempts=3, run_after=later, last_error="NotTaken at x:1"))
        session.add(Job(kind="waiting", payload={}))
    told = command("jobs")
    assert told.exit_code == 0
    failed, counted = told.output.splitlines()
    assert failed.startswith("inbox.mail ")
    assert failed.endswith(f": NotTaken at x:1, 3 tries, next try {later:%Y-%m-%d %H:%M:%S} UTC")
    assert counted == "1 due now, 1 later."
    with database(settled) as db, writing(db) as session:
        for days in (1, 8):
            ended = now() - timedelta(days=days)
            session.add(Job(kind="inbox.mail", payload={}, attempts=14, last_error=f"{days} days", ended_at=ended))
    told = command("jobs")
    assert told.exit_code == 1
    assert "1 days, 14 tries, given up" in told.output
    assert "8 days" not in told.output
    assert "1 given up in the last 7 days" in told.output
