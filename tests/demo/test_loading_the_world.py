"""The invented world on its way into a database: each act by its verb, on its day."""

from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from app.demo import loading
from app.demo.telling import Happening, Loader, moment
from app.kit.clock import ZONE, now, today
from app.kit.db import Database
from app.settings import Settings


def test_what_is_due_later_today_does_not_lie_in_the_future(
    database_sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[datetime] = []

    def tonight(_loader: Loader) -> list[Happening]:
        return [Happening(moment(today(), 21), lambda: happened.append(now()))]

    monkeypatch.setattr(loading, "happenings_of_works", tonight)
    soon_after_midnight = datetime(2026, 11, 24, 0, 20, tzinfo=ZONE)
    with time_machine.travel(soon_after_midnight, tick=False):
        loading.load_demo(Settings(data_dir=tmp_path), database_sqlite, only="sandbox")
    assert happened == [soon_after_midnight]
