"""Booking, as the tests do it: through the API where a test is about something else, by `book` where no approval matters."""

from datetime import date
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from app.kit.clock import today
from app.treasury.chart_models import Code
from app.treasury.journal import book, open_books
from app.treasury.models import JournalEntry
from tests.cast import Answer, House, One
from tests.making import fresh

EXPENSE = {
    "kind": "expense",
    "category": Code.DRAINS.value,
    "amount": {"amount": "3200.00"},
    "counterparty": "穿山甲管道服务部",
    "purpose": "5栋下水道疏通",
}
OPENING_FEN = 10_000_00
ADVERTS = {
    "category": Code.ADVERTISING.value,
    "counterparty": "山雀广告社",
    "what": "电梯广告",
    "from_on": "2026-01-01",
    "to_on": "2026-12-31",
    "amount": {"amount": "3000.00"},
    "every": "quarter",
    "first_due_on": "2026-03-15",
}


def wish(**other: Any) -> dict[str, Any]:
    return EXPENSE | {"on_date": today().isoformat()} | other


def typed(**other: Any) -> dict[str, Any]:
    """The same in a form."""
    return wish(amount="3,200.00", **other) if "amount" not in other else wish(**other)


def opened(house: House, on: date = date(2026, 1, 1)) -> House:
    with house.session() as session:
        open_books(session, house.compound.id, OPENING_FEN, on)
    return house


@cache
def picture(shade: int = 0) -> bytes:
    out = BytesIO()
    Image.new("RGB", (400, 300), (shade, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def photograph(one: One, draft_id: UUID | str, shade: int = 0, id: UUID | None = None) -> Answer:
    return one.api.ask(
        "PUT", f"/drafts/{draft_id}/vouchers/{id or fresh()}", content=picture(shade), headers={"content-type": "image/jpeg"}
    )


def next_copy(house: House, voucher: str) -> dict[str, Any]:
    """What a treasurer who has looked at it sends."""
    return {"clean": True, "seen_sha256": house.zhang.api.get(f"/vouchers/{voucher}").json["next_sha256"]}


def released(house: House, voucher: str) -> Answer:
    return house.zhang.api.post(f"/vouchers/{voucher}/release", json=next_copy(house, voucher))


def covered(house: House, voucher: str, *boxes: dict[str, float], id: UUID | None = None) -> Answer:
    """A copy of a voucher with boxes painted over, in per cent."""
    return house.zhang.api.put(f"/vouchers/{voucher}/copies/{id or fresh()}", {"boxes": boxes})


def submitted(house: House, shade: int = 0, **other: Any) -> dict[str, Any]:
    """A draft of 张会计 with a voucher, waiting for approval."""
    id = fresh()
    assert house.zhang.api.put(f"/drafts/{id}", wish(**other)).status == 201
    assert photograph(house.zhang, id, shade).status == 201
    answer = house.zhang.api.post(f"/drafts/{id}/submit")
    assert answer.status == 200, answer
    return dict(answer.json)


def decided_by(house: House) -> str:
    """The id of a decision that an expense may rest on."""
    wish = {"kind": "committee", "title": "修下水道", "what": "修", "decided_on": "2026-01-05"}
    answer = house.liu.api.put(f"/decisions/{fresh()}", wish)
    assert answer.status == 201, answer
    return str(answer.json["id"])


def approved(house: House, by: One, draft: dict[str, Any]) -> Answer:
    return by.api.post(f"/drafts/{draft['id']}/approve", json={"content_hash": draft["content_hash"]})


def signed(house: House, draft: dict[str, Any]) -> Answer:
    """Approved by as many supervisors as the rules want."""
    answer = approved(house, house.chen, draft)
    return answer if answer.status != 200 or answer.json["entry_id"] else approved(house, house.zhou, draft)


def posted(house: House, **other: Any) -> str:
    """The id of an entry that went the whole way."""
    answer = signed(house, submitted(house, **other))
    assert answer.status == 200, answer
    return str(answer.json["entry_id"])


def booked(house: House, fen: int, on: date, code: str = Code.RUBBISH, memo: str = "保洁和清运") -> JournalEntry:
    """Straight into the journal: fen > 0 comes in."""
    with house.session() as session:
        return book(session, house.compound.id, on, memo, [(Code.BANK, fen), (code, -fen)], counterparty="灰喜鹊保洁服务部")
