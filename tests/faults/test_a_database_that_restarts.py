"""PostgreSQL is restarted while people sign up: they are told to wait, nothing that was acknowledged is lost, and the server
goes on by itself when the database is back.
"""

import signal
import time
from pathlib import Path

from sqlmodel import func, select

from app.backups.manifest import facts_of, unsound
from app.kit.db import reading
from app.volunteering.models import Shift
from app.volunteering.signup_models import Signup
from tests.faults.served import Phone, acknowledged, all_in_use, database_in, missing_in, neighbours, serving
from tests.postgres import Cluster


def wait_for(phones: list[Phone], more: int) -> None:
    goal, deadline = acknowledged(phones) + more, time.monotonic() + 30
    while acknowledged(phones) < goal:
        assert time.monotonic() < deadline, [phone.surprises for phone in phones]
        time.sleep(0.01)


def test_a_restart_under_load_is_told_and_survived(postgresql_url: str, postgres_cluster: Cluster, tmp_path: Path) -> None:
    with database_in(tmp_path, postgresql_url) as db:
        phones = neighbours(db)
    with serving(tmp_path, postgresql_url) as served, served.client(phones[0].token) as liu, all_in_use(phones, served):
        for how in (signal.SIGINT, signal.SIGQUIT):
            wait_for(phones, 20)
            patience = sum(phone.told_to_wait for phone in phones)
            postgres_cluster.stop(how)
            try:
                page, ready = liu.get("/c/fengshu/decisions"), liu.get("/readyz")
                time.sleep(0.2)
            finally:
                postgres_cluster.start()
            assert (page.status_code, "系统暂时用不了" in page.text, page.headers["retry-after"]) == (503, True, "10")
            assert ready.status_code == 503
            assert sum(phone.told_to_wait for phone in phones) > patience, "nobody noticed, so this shows nothing"
        wait_for(phones, 40)
        assert liu.get("/c/fengshu/decisions").status_code == 200
    assert [surprise for phone in phones for surprise in phone.surprises] == []
    with database_in(tmp_path, postgresql_url) as db, reading(db) as session:
        assert missing_in(session, phones) == []
        assert unsound(session, facts_of(session)) == []
        shift = session.exec(select(Shift)).one()
        assert shift.taken == session.exec(select(func.count()).where(Signup.state == "confirmed")).one()
