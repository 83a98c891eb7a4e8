"""Who did what, when, and how it ended; written once and never changed."""

from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.kit import audit, headers
from app.kit.audit import AuditLine
from app.kit.clock import now
from app.kit.db import Database, reading, writing
from app.kit.ids import new_id


def lines(database: Database) -> list[AuditLine]:
    with reading(database) as session:
        return list(session.exec(select(AuditLine)))


def test_an_act_leaves_a_line(database: Database) -> None:
    compound_id, account_id, person_id = new_id(), new_id(), new_id()
    with writing(database) as session:
        audit.record(
            session,
            act="entry.approved",
            outcome="done",
            compound_id=compound_id,
            account_id=account_id,
            person_id=person_id,
            subject="entry 12",
            detail={"code": 3},
            request_id="r1",
        )
    (line,) = lines(database)
    assert (line.compound_id, line.account_id, line.person_id) == (compound_id, account_id, person_id)
    assert (line.act, line.outcome, line.subject, line.detail, line.request_id) == (
        "entry.approved",
        "done",
        "entry 12",
        {"code": 3},
        "r1",
    )
    assert abs((now() - line.at).total_seconds()) < 60


def test_the_line_of_an_act_goes_with_it(database: Database) -> None:
    def refused() -> None:
        with writing(database) as session:
            audit.record(session, act="entry.approved", outcome="done")
            raise PermissionError

    with pytest.raises(PermissionError):
        refused()
    assert lines(database) == []


def test_a_line_names_the_request_by_itself(database: Database) -> None:
    before = headers._request_id.set("from-the-request")
    with writing(database) as session:
        audit.record(session, act="sign-in", outcome="refused")
    headers._request_id.reset(before)
    assert lines(database)[0].request_id == "from-the-request"


@pytest.mark.parametrize("change", [update(AuditLine).values(outcome="done"), delete(AuditLine)], ids=["update", "delete"])
def test_a_line_stays_as_it_was_written(database: Database, change: Any) -> None:
    with writing(database) as session:
        audit.record(session, act="sign-in", outcome="refused")
    with pytest.raises(DBAPIError, match="append-only"), writing(database) as session:
        session.execute(change)
    assert [line.outcome for line in lines(database)] == ["refused"]
