"""A walk returns each older row exactly once, whatever is inserted meanwhile; a cursor cannot be made up."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request, Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import bindparam, select
from sqlmodel import col

from app.kit.audit import AuditLine
from app.kit.db import Database, reading, writing
from app.kit.ids import new_id
from app.kit.pager import Asked, AskedPage, BadCursor, Listing, Page, link_next, signed, unsigned

SECRET = b"a secret"
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)

LINES = select(AuditLine.subject).where(col(AuditLine.act) == bindparam("act"))
UP = Listing("up", LINES, col(AuditLine.at), col(AuditLine.id), lambda row: str(row.subject))
DOWN = Listing("down", LINES, col(AuditLine.at), col(AuditLine.id), lambda row: str(row.subject), newest_first=True)


def write(database: Database, *subjects: str, act: str = "a", minutes: int = 0) -> None:
    """Each two of them at the same moment, so that the id has ties to break."""
    with writing(database) as session:
        for number, subject in enumerate(subjects):
            at = NOON + timedelta(minutes=minutes + number // 2)
            session.add(AuditLine(act=act, outcome="done", subject=subject, at=at))


def part(database: Database, listing: Listing[str], cursor: str | None = None, limit: int = 3, act: str = "a") -> Page[str]:
    with reading(database) as session:
        return listing.page(session, Asked(SECRET, cursor, limit), act=act)


def walk(database: Database, listing: Listing[str], limit: int = 3) -> list[str]:
    seen, cursor, more = [], None, True
    while more:
        page = part(database, listing, cursor, limit)
        seen += page.items
        cursor, more = page.next_cursor, page.next_cursor is not None
    return seen


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_a_walk_meets_every_row_once_and_in_order(database: Database, limit: int) -> None:
    write(database, *"0123456")
    write(database, "another list's", act="b")
    up = walk(database, UP, limit)
    assert sorted(up) == list("0123456")
    assert [int(subject) // 2 for subject in up] == [0, 0, 1, 1, 2, 2, 3]
    assert walk(database, DOWN, limit) == up[::-1]


def test_an_empty_list_has_no_next_page(database: Database) -> None:
    assert part(database, UP) == Page(items=[], next_cursor=None)


def test_a_full_last_page_has_no_next_page(database: Database) -> None:
    write(database, *"012")
    assert part(database, UP).next_cursor is None


@pytest.mark.parametrize("listing", [UP, DOWN], ids=lambda listing: listing.name)
def test_rows_inserted_on_the_way_neither_hide_nor_repeat_an_older_one(database: Database, listing: Listing[str]) -> None:
    write(database, *"0123456789")
    seen, cursor, more, step = [], None, True, 0
    while more:
        page = part(database, listing, cursor)
        seen += page.items
        cursor, more, step = page.next_cursor, page.next_cursor is not None, step + 1
        if step < 5:
            write(database, f"before {step}", minutes=-step)
            write(database, f"after {step}", minutes=60 + step)
    assert sorted(subject for subject in seen if subject.isdigit()) == list("0123456789")
    assert len(seen) == len(set(seen))


def test_control_a_walk_by_number_repeats_rows(database: Database) -> None:
    write(database, *"012345")
    by_number = LINES.order_by(col(AuditLine.at).desc(), col(AuditLine.id).desc()).limit(3)
    with reading(database) as session:
        first = session.execute(by_number, {"act": "a"}).scalars().all()
    write(database, "new", minutes=60)
    with reading(database) as session:
        second = session.execute(by_number.offset(3), {"act": "a"}).scalars().all()
    assert set(first) & set(second)


def test_a_cursor_is_good_only_in_its_own_list(database: Database) -> None:
    write(database, *"0123456")
    write(database, *"0123456", act="b")
    cursor = part(database, UP).next_cursor
    assert part(database, UP, cursor).items
    with pytest.raises(BadCursor):
        part(database, DOWN, cursor)
    with pytest.raises(BadCursor):
        part(database, UP, cursor, act="b")
    with reading(database) as session, pytest.raises(BadCursor):
        UP.page(session, Asked(b"another secret", cursor, 3), act="a")


def test_the_time_passes_while_somebody_walks(database: Database) -> None:
    until = Listing(
        "until", LINES.where(col(AuditLine.at) <= bindparam("now")), col(AuditLine.at), col(AuditLine.id), lambda row: row.subject
    )
    write(database, *"0123")
    with reading(database) as session:
        first = until.page(session, Asked(SECRET, None, 2), {"now": NOON + timedelta(hours=1)}, act="a")
        second = until.page(session, Asked(SECRET, first.next_cursor, 2), {"now": NOON + timedelta(hours=2)}, act="a")
    assert sorted(first.items + second.items) == list("0123")


places = st.lists(
    st.one_of(st.text(st.characters(codec="utf-8")), st.integers(), st.uuids(), st.dates(), st.datetimes(timezones=st.just(UTC)))
)


@given(places)
def test_a_cursor_names_its_place_exactly(place: list[Any]) -> None:
    read = unsigned(SECRET, "list", signed(SECRET, "list", place))
    assert read == place
    assert [type(value) for value in read] == [type(value) for value in place]


def test_only_what_has_an_order_can_be_a_place() -> None:
    with pytest.raises(TypeError, match="float"):
        signed(SECRET, "list", [1.5])


CURSOR = signed(SECRET, "list", [NOON, UUID(int=7)])


@given(st.integers(min_value=0, max_value=8 * 3 * len(CURSOR) // 4 - 1))
def test_a_cursor_with_one_bit_flipped_is_bad(bit: int) -> None:
    raw = bytearray(urlsafe_b64decode(CURSOR + "=" * (-len(CURSOR) % 4)))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    with pytest.raises(BadCursor):
        unsigned(SECRET, "list", urlsafe_b64encode(raw).decode())


@pytest.mark.parametrize(
    "cursor", ["", "x", "====", "=", "王", "\x00", "\ud800", CURSOR[:-2], CURSOR[:20], CURSOR * 2, "A" * 400]
)
def test_a_cursor_that_was_made_up_is_bad(cursor: str) -> None:
    with pytest.raises(BadCursor):
        unsigned(SECRET, "list", cursor)


@given(st.text(max_size=400))
def test_whatever_is_sent_for_a_cursor_is_bad_and_breaks_nothing(cursor: str) -> None:
    with pytest.raises(BadCursor):
        unsigned(SECRET, "list", cursor)


class LineRead(BaseModel):
    subject: str


def test_a_lists_door_reads_the_address_and_links_to_what_follows(database: Database) -> None:
    app = FastAPI()
    app.state.settings = SimpleNamespace(secret=SECRET)
    rows = Listing("lines", LINES, col(AuditLine.at), col(AuditLine.id), lambda row: LineRead(subject=row.subject))

    @app.get("/lines")
    def get_lines(asked: AskedPage, request: Request, response: Response) -> Page[LineRead]:
        with reading(database) as session:
            page = rows.page(session, asked, act="a")
        link_next(request, response, page)
        return Page[LineRead].model_validate(page, from_attributes=True)

    async def walk() -> tuple[list[httpx.Response], list[int]]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            answers = [await client.get("/lines?limit=2&q=%E7%8E%8B")]
            while "next" in answers[-1].links:
                answers.append(await client.get(answers[-1].links["next"]["url"]))
            wrong = ("limit=0", "limit=201", "limit=x", "cursor=" + "a" * 401)
            return answers, [(await client.get(f"/lines?{query}")).status_code for query in wrong]

    write(database, *"01234")
    answers, refusals = anyio.run(walk)
    assert sorted(item["subject"] for answer in answers for item in answer.json()["items"]) == list("01234")
    assert answers[0].links["next"]["url"].startswith("/lines?limit=2&q=%E7%8E%8B&cursor=")
    assert len(answers) == 3
    assert answers[-1].json()["next_cursor"] is None
    assert refusals == [422] * 4


def test_ids_and_days_can_be_the_order(database: Database) -> None:
    write(database, *"012")
    by_id = Listing("ids", LINES, col(AuditLine.id), col(AuditLine.id), lambda row: row.subject)
    assert sorted(walk(database, by_id, 1)) == list("012")
    assert unsigned(SECRET, "x", signed(SECRET, "x", [date(2026, 11, 23), new_id()]))[0] == date(2026, 11, 23)
