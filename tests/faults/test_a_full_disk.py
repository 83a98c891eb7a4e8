"""The disk takes nothing more, or the database is not to be written: a clean no, nothing half-written, and on it goes.

The server is a process of its own whose every file the kernel stops growing (RLIMIT_FSIZE set from outside), which is taken
away again without a restart. A backup onto a full disk: tests/cli/test_backing_up.py.
"""

import hashlib
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event

from app.kit.ids import new_id
from tests.benefits.giving import DECISION, approved, check_the_books, more_units, plan, planned, publish
from tests.cast import Answer, House
from tests.faults.served import database_in, serving, site
from tests.making import fresh
from tests.renovation.sites import project_in, said, signed, snapshot, visit_in

PROBLEM = "application/problem+json"


@contextmanager
def full(process: int) -> Iterator[None]:
    """No file of this process may grow past what it must have to start with."""
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.prlimit(process, resource.RLIMIT_FSIZE, before)


def test_a_server_on_a_full_disk_says_so_keeps_nothing_half_and_goes_on_when_there_is_room(
    sqlite_url: str, tmp_path: Path
) -> None:
    with database_in(tmp_path, sqlite_url) as db:
        here = site(db)
    visit, other, photos = new_id(), new_id(), [new_id(), new_id()]
    base = "/api/v1/c/fengshu/visits"
    pictures = [signed(snapshot(1), f"{n}") for n in range(2)]
    form = f"/c/fengshu/works/projects/{here.project.id}/visits"
    text_of = said(here.project) | {"photos": [{"id": str(id), "source": "camera"} for id in photos]}
    with serving(tmp_path) as served, served.client(here.chen) as phone:
        assert phone.put(f"{base}/{visit}", json=text_of).status_code == 201
        assert phone.put(f"{base}/{visit}/photos/{photos[0]}", content=pictures[0]).status_code == 201
        before = files(tmp_path)
        with full(served.process):
            photo = phone.put(f"{base}/{visit}/photos/{photos[1]}", content=pictures[1])
            words = phone.put(f"{base}/{other}", json=said(here.project))
            page = phone.post(
                form, data={"id": str(new_id()), "project_id": str(here.project.id), "place": "棚", "progress": "好"}
            )
            read = phone.get(f"{base}/{visit}")
            pages = phone.get(f"/c/fengshu/works/visits/{visit}")
            picture = phone.get(f"/c/fengshu/works/visits/{visit}/photos/{photos[0]}/960")
        assert (photo.status_code, photo.json()["code"], photo.headers["content-type"]) == (507, "CannotStore", PROBLEM)
        assert (words.status_code, words.json()["code"], words.headers["content-type"]) == (503, "OutOfService", PROBLEM)
        assert "retry-after" in photo.headers
        assert "retry-after" in words.headers
        assert (page.status_code, "系统暂时用不了" in page.text) == (503, True)
        assert [one.status_code for one in (read, pages, picture)] == [200] * 3, "what is there is still shown"
        assert files(tmp_path) == before, "nothing half-written"
        assert phone.put(f"{base}/{other}", json=said(here.project)).status_code == 201
        assert phone.put(f"{base}/{visit}/photos/{photos[1]}", content=pictures[1]).status_code == 201
        assert phone.get(f"{base}/{visit}").json()["complete"] is True
    for key in files(tmp_path):
        assert hashlib.sha256((tmp_path / "photos" / key[:2] / key).read_bytes()).hexdigest() == key
    with database_in(tmp_path) as db, db.reading.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def files(data: Path) -> set[str]:
    """Of the photos; anything unfinished among them has a name that is no digest."""
    return {file.name for folder in ("photos", "incoming") for file in (data / folder).rglob("*") if file.is_file()} - {
        "sweeping"
    }


@contextmanager
def not_to_be_written(house: House, how: str) -> Iterator[None]:
    """Every transaction that writes meets a database that is full, or read-only."""
    if house.db.on_sqlite:
        pragma = {"full": "max_page_count=1", "read-only": "query_only=ON"}[how]

        def stop(connection: Any, *_: Any) -> None:
            connection.execute(f"PRAGMA {pragma}")

        event.listen(house.db.writing, "checkout", stop)
        house.db.writing.dispose()
        with closing(sqlite3.connect(str(house.db.url.database))) as file:
            file.execute("VACUUM")  # no page is left free
        yield
        event.remove(house.db.writing, "checkout", stop)
    else:
        url = house.db.url.set(drivername="postgresql").render_as_string(hide_password=False)
        of_all = sql.SQL("ALTER DATABASE {}").format(sql.Identifier(str(house.db.url.database)))
        with closing(psycopg.connect(url, autocommit=True)) as administrator:
            administrator.execute(of_all + sql.SQL(" SET default_transaction_read_only = on"))
            house.db.writing.dispose()
            yield
            administrator.execute(of_all + sql.SQL(" RESET default_transaction_read_only"))
    house.db.writing.dispose()


def refused(answer: Answer) -> bool:
    return (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "OutOfService", "10")


@pytest.mark.parametrize(("engine", "how"), [("sqlite", "full"), ("sqlite", "read-only"), ("postgresql", "read-only")])
def test_a_database_that_is_not_to_be_written_is_said_so_and_then_goes_on(house: House, how: str) -> None:
    """Nothing short of a disk fills PostgreSQL; its class 53 is told like the rest."""
    id = fresh()
    wish = DECISION | {"decided_on": "2026-01-05", "what": "灯" * 1900}
    with not_to_be_written(house, how):
        assert refused(house.liu.api.put(f"/decisions/{id}", wish))
        if how == "read-only":  # a line of the audit still fits into a full database's last page
            assert refused(house.wang.api.put(f"/decisions/{id}", wish)), "a refusal that cannot be put on record is not given"
        page = house.liu.post("/decisions/record", {"id": str(fresh())} | {k: str(v) for k, v in wish.items()})
        assert (page.status, "系统暂时用不了" in page.words) == (503, True)
        assert house.liu.api.get("/decisions").json["items"] == []
        assert house.nobody.get("/decisions").status == 200
    assert house.liu.api.put(f"/decisions/{id}", wish).status == 201
    assert house.wang.api.put(f"/decisions/{id}", wish).status == 403
    assert len(house.nobody.api.get("/decisions").json["items"]) == 1


@contextmanager
def no_room_for_rows(house: House, how: str) -> Iterator[None]:
    """Of a roll: the heads still find a place, the lines that follow them do not, or their writer's connection is cut."""
    if house.db.on_sqlite:
        with not_to_be_written(house, "full"):
            yield
        return
    url = house.db.url.render_as_string(hide_password=False).replace("+psycopg", "")
    does = {"full": "RAISE SQLSTATE '53100'", "cut": "PERFORM pg_terminate_backend(pg_backend_pid())"}[how]
    full = f"CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {does}; RETURN NEW; END$$"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(full)
        connection.execute("CREATE TRIGGER full_now BEFORE INSERT ON entitlement_line FOR EACH ROW EXECUTE FUNCTION full()")
        yield
        connection.execute("DROP FUNCTION full CASCADE")


@pytest.mark.parametrize(("engine", "how"), [("sqlite", "full"), ("postgresql", "full"), ("postgresql", "cut")])
def test_a_roll_that_finds_no_room_is_said_so_and_its_plan_waits(house: House, how: str) -> None:
    more_units(house, 300)
    gift = planned(house)
    approved(house, gift)
    with no_room_for_rows(house, how):
        assert refused(publish(house, gift))
        page = house.liu.post(f"/benefits/{gift}/publish")
        assert (page.status, "系统暂时用不了" in page.words) == (503, True)
        assert plan(house, gift)["version"] == 0
    assert publish(house, gift).status == 200
    check_the_books(house, gift)


def test_a_photo_without_its_file_is_not_found_and_the_rest_of_the_page_is(house_sqlite: House) -> None:
    house = house_sqlite
    visit, (photo,) = visit_in(house, project_in(house), photos=1)
    path = f"/works/visits/{visit}/photos/{photo}/960"
    there = house.chen.get(path)
    assert (there.status, there.headers["content-type"]) == (200, "image/jpeg")
    blobs = house.app.state.blobs
    for file in blobs.directory.glob("??/*"):
        file.rename(file.with_suffix(".away"))
    gone = house.chen.get(path)
    assert (gone.status, "照片文件不见了" in gone.words) == (404, True)
    assert house.chen.get(f"/works/visits/{visit}").status == 200
    for file in blobs.directory.glob("??/*.away"):
        file.rename(file.with_suffix(""))
    assert house.chen.get(path).status == 200
