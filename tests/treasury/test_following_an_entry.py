"""The trail of an entry: an auditor reads who did what to it and when, and nobody rewrites it."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.compounds.models import SeatKind
from app.kit.audit import AuditLine
from app.kit.clock import today
from app.treasury.chart_models import Code
from tests.cast import House, One
from tests.making import fresh
from tests.treasury.bookkeeping import approved, booked, covered, opened, photograph, posted, released, submitted, wish


def told(one: One, entry: str) -> list[tuple[str, str | None]]:
    return [(step["words"], step["by"]) for step in one.api.get(f"/entries/{entry}/trail").json["steps"]]


def eventful(house: House) -> tuple[dict[str, Any], str]:
    """A draft that was returned, mended, approved by two, covered, released and reversed; and its entry."""
    opened(house)
    draft = submitted(house, amount={"amount": "6000.00"})
    house.chen.api.post(f"/drafts/{draft['id']}/return", json={"reason": "少一张票"})
    photograph(house.zhang, draft["id"], 2)
    ready = house.zhang.api.post(f"/drafts/{draft['id']}/submit").json
    approved(house, house.zhou, ready)
    entry = str(approved(house, house.chen, ready).json["entry_id"])
    covered(house, draft["vouchers"][0], {"left": 10, "top": 10, "width": 20, "height": 20})
    released(house, draft["vouchers"][0])
    reversal = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "记错了"}).json
    approved(house, house.chen, reversal)
    approved(house, house.zhou, reversal)
    return reversal, entry


def test_everything_that_happened_to_an_entry_is_told_in_its_order(house: House) -> None:
    _reversal, entry = eventful(house)
    assert told(house.chen, entry) == [
        ("写了草稿", "张会计"),
        ("加了票据", "张会计"),
        ("提交，等批准", "张会计"),
        ("退回", "陈工"),
        ("加了票据", "张会计"),
        ("提交，等批准", "张会计"),
        ("批准", "老周"),
        ("批准", "陈工"),
        ("入账公开", None),
        ("遮盖了票据第 1 张", "张会计"),
        ("公开了票据第 1 张", "张会计"),
        ("提出冲销", "张会计"),
        ("批准冲销", "陈工"),
        ("批准冲销", "老周"),
        ("冲销入账", None),
    ]
    page = house.chen.get(f"/money/entries/{entry}/trail").words
    assert [said for said in ("写了草稿", "退回", "批准", "入账公开", "公开了票据第 1 张", "冲销入账") if said not in page] == []
    assert "，陈工" in page
    assert "写下就不能改" in page


def test_the_trail_of_a_reversal_is_that_of_its_own_draft(house_sqlite: House) -> None:
    house = house_sqlite
    reversal, entry = eventful(house)
    undone = house.nobody.api.get(f"/entries/{entry}").json["reversed_by_id"]
    assert [words for words, _by in told(house.chen, undone)] == ["提出冲销", "批准冲销", "批准冲销", "冲销入账"]
    other = posted(house, shade=9)
    assert "冲销" not in str(told(house.chen, other)), "another entry's trail"
    assert reversal["id"]


def test_an_entry_without_a_draft_was_posted_and_no_more(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    entry = booked(house, -100_00, today(), Code.RUBBISH)
    assert told(house.chen, str(entry.id)) == [("入账公开", None)]


def test_the_trail_is_for_who_may_see_originals(house: House) -> None:
    opened(house)
    entry = posted(house)
    auditor = house.newcomer("审计", SeatKind.AUDITOR)
    for one, status in ((auditor, 200), (house.zhang, 200), (house.liu, 200), (house.wang, 403), (house.he, 403)):
        assert one.api.get(f"/entries/{entry}/trail").status == status
        assert one.get(f"/money/entries/{entry}/trail").status == status
    assert auditor.get(f"/money/entries/{entry}").page.select('a[href$="/trail"]')
    assert not house.wang.get(f"/money/entries/{entry}").page.select('a[href$="/trail"]')
    assert house.zhao.api.get(f"/entries/{entry}/trail").status == 404


def test_an_auditor_writes_nothing(house: House) -> None:
    opened(house)
    draft, entry = submitted(house), posted(house, shade=2)
    auditor = house.newcomer("审计", SeatKind.AUDITOR)
    assert approved(house, auditor, draft).status == 403
    assert auditor.api.post(f"/drafts/{draft['id']}/return", json={"reason": "不行"}).status == 403
    assert auditor.api.put(f"/drafts/{fresh()}", wish()).status == 403
    assert auditor.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "记错"}).status == 403
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert auditor.api.ask(method, f"/entries/{entry}/trail").status == 405


@pytest.mark.parametrize("rewrite", ["UPDATE audit_line SET act = 'draft.saved'", "DELETE FROM audit_line"])
def test_no_line_of_the_trail_is_rewritten(house: House, rewrite: str) -> None:
    opened(house)
    entry = posted(house)
    before = told(house.chen, entry)
    with pytest.raises(DBAPIError, match=f"{AuditLine.__tablename__} is append-only"), house.session() as session:
        session.connection().execute(text(rewrite))
    assert told(house.chen, entry) == before
