"""The answer to a creating act gets lost after the commit, and the client asks again: one effect, and the same answer.

Every PUT of docs/openapi.json has a row here; a new one without a row fails.
"""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine

from app.backups.manifest import facts_of
from app.kit.clock import now, today
from app.treasury.chart_models import Code
from tests.benefits.giving import (
    DECISION,
    arrived,
    asked,
    decided,
    goods,
    hand_out,
    label_of,
    line,
    lines,
    money,
    opened,
    planned,
    ticked,
)
from tests.benefits.test_handing_out_without_signal import reported
from tests.cast import House, One
from tests.making import fresh, make_notice, make_shift
from tests.notices.test_announcing import WORDS
from tests.renovation.sites import NOTICE, answered, finding_in, link_to, project_in, said, snapshot
from tests.treasury import bookkeeping as books
from tests.treasury.bookkeeping import ADVERTS

DESCRIBED = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())["paths"]
BASE = "/api/v1/c/{slug}"
PICTURE = {"content": snapshot(1), "headers": {"content-type": "image/jpeg"}}

Act = tuple[One, str, dict[str, Any]]
"""Who, which path without its last part (the id that the client makes), and what is sent."""

DOES_NOT_COUNT = {"audit_line", "idempotency", "sighting"}
"""Tables in which asking again may leave a line."""


class Gone(httpx.AsyncBaseTransport):
    """A proxy that passes everything on and drops the first answer, when all has been done and committed."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner, self.dropped = inner, b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        if not self.dropped:
            self.dropped = await answer.aread()
            assert answer.status_code == 201, self.dropped
            raise httpx.ReadError("the connection broke off")
        return answer


def an_activity(house: House) -> Act:
    times = {"starts_at": "2099-05-09T15:00:00+08:00", "ends_at": "2099-05-09T16:30:00+08:00"}
    wish = {"kind": "beauty", "title": "花坛除草", "place": "花坛", "what": "带手套", "capacity": 8, "weeks": 3}
    return house.he, "/activities", {"json": wish | times}


def a_paper(house: House) -> Act:
    claim = hand_out(house, opened(house), house.wang, way="paper_photo", ticked=False).json
    return house.liu, f"/claims/{claim['id']}/paper", PICTURE


def a_claim(house: House) -> Act:
    entitlement = line(house, opened(house), house.wang)
    return house.liu, f"/entitlements/{entitlement.id}/claims", {"json": ticked(house.wang)}


def a_stock_move(house: House) -> Act:
    gift = opened(house, stock=1)
    return house.liu, f"/distributions/{gift}/stock-moves", {"json": {"item_id": str(goods(house, gift)[0]), "quantity": 5}}


def a_stock_correction(house: House) -> Act:
    gift = opened(house, stock=0)
    wrong = arrived(house, gift, goods(house, gift)[0], 100).json["id"]
    wish = {"quantity": 10, "reason": "多写了一个零"}
    return house.liu, f"/distributions/{gift}/stock-moves/{wrong}/corrections", {"json": wish}


def a_conversion(house: House) -> Act:
    gift = opened(house)
    uncollected = lines(house, gift, house.wang).values()
    house.liu.api.post(f"/distributions/{gift}/close")
    wish = {"decision_id": decided(house), "lines": [one["id"] for one in uncollected]}
    return house.liu, f"/distributions/{gift}/conversions", {"json": wish}


def a_delivery(house: House) -> Act:
    wish = {"unit": label_of(house, house.wang), "reason": "腿脚不便"}
    return house.wang, f"/distributions/{opened(house)}/deliveries", {"json": wish}


def what_the_bank_paid(house: House) -> Act:
    gift = opened(house, money("100.00", "fixed_per_unit"))
    paid = [lines(house, gift, owner)["分红"]["id"] for owner in (house.wang, house.li)]
    wish = {"reference": "B2026-7", "on_date": today().isoformat(), "lines": paid}
    return house.liu, f"/distributions/{gift}/paid-transfers", {"json": wish}


def a_handover(house: House) -> Act:
    return house.liu, "/handovers", {"json": reported(house, opened(house), house.wang)}


def a_distribution(house: House) -> Act:
    planned(house)
    return house.liu, "/distributions", {"json": asked(house)}


def a_voucher(house: House) -> Act:
    id = fresh()
    assert books.opened(house).zhang.api.put(f"/drafts/{id}", books.wish()).status == 201
    return house.zhang, f"/drafts/{id}/vouchers", {**PICTURE, "content": books.picture()}


def a_copy(house: House) -> Act:
    voucher = books.submitted(books.opened(house))["vouchers"][0]
    return house.zhang, f"/vouchers/{voucher}/copies", {"json": {"boxes": [{"left": 1, "top": 1, "width": 9, "height": 9}]}}


def what_the_bank_says(house: House) -> Act:
    books.opened(house, date(2026, 9, 30))
    days = {"from_on": "2026-10-01", "to_on": "2026-10-31"}
    sums = {"opening": {"amount": "10000.00"}, "closing": {"amount": "10060.00"}}
    lines = [{"on_date": "2026-10-05", "amount": {"amount": "60.00"}}]
    return house.zhang, "/bank-statements", {"json": {"account": Code.BANK.value, **days, **sums, "lines": lines}}


def a_match(house: House) -> Act:
    zhang, path, body = what_the_bank_says(house)
    entry = books.booked(house, 60_00, date(2026, 10, 5), Code.PARKING)
    statement = f"{path}/{zhang.api.put(f'{path}/{fresh()}', body['json']).json['id']}"
    (line,) = zhang.api.get(f"{statement}/lines").json["items"]
    return zhang, f"{statement}/matches", {"json": {"lines": [line["id"]], "entries": [str(entry.id)]}}


def a_contract(house: House) -> Act:
    return books.opened(house).zhang, "/contracts", {"json": ADVERTS}


def a_contract_page(house: House) -> Act:
    zhang, path, body = a_contract(house)
    contract = zhang.api.put(f"{path}/{fresh()}", body["json"]).json["id"]
    return zhang, f"{path}/{contract}/pages", {**PICTURE, "content": books.picture()}


def an_announcement(house: House) -> Act:
    return house.liu, "/announcements", {"json": WORDS}


def a_picture_for_the_board(house: House) -> Act:
    return house.liu, "/announcement-photos", {**PICTURE, "content": books.picture()}


def a_budget(house: House) -> Act:
    decision = house.liu.api.put(f"/decisions/{fresh()}", DECISION | {"decided_on": today().isoformat()}).json["id"]
    lines = [{"category": Code.DRAINS.value, "amount": {"amount": "4000.00"}}]
    return books.opened(house).zhang, "/budgets", {"json": {"period": "2026", "decision_id": decision, "lines": lines}}


def a_recheck(house: House) -> Act:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    return house.zhou, f"/findings/{finding}/acts", {"json": {"kind": "mended", "text": "看过"}}


def an_objection(house: House) -> Act:
    with house.session() as session:
        notice = make_notice(session, house.liu.person)
    return house.wang, f"/notices/{notice.id}/objections", {"json": {"text": "少了一笔"}}


def an_attachment(house: House) -> Act:
    wang, path, body = an_objection(house)
    id = fresh()
    assert wang.api.put(f"{path}/{id}", body["json"]).status == 201
    return wang, f"/objections/{id}/photos", PICTURE


def a_board_photo(house: House) -> Act:
    with house.session() as session:
        notice = make_notice(session, house.liu.person)
    facts = {"moment": "start", "taken_at": now().isoformat(), "clean": "true"}
    return house.liu, f"/notices/{notice.id}/board", PICTURE | {"params": facts}


def a_project(house: House) -> Act:
    days = {"planned_from_on": "2026-03-01", "planned_to_on": "2026-05-30"}
    wish = {"title": "改造", "what": "管网", "contractor": "市政队", "started_on": "2026-03-01"}
    return house.liu, "/projects", {"json": wish | {"phases": [{"name": "管网", **days}]}}


def a_signup(house: House) -> Act:
    with house.session() as session:
        return house.wang, f"/shifts/{make_shift(session, house.he.person).id}/signups", {"json": {}}


def hours(house: House) -> Act:
    _wang, path, body = a_signup(house)
    mine = house.wang.api.put(f"{path}/{fresh()}", body["json"]).json["id"]
    return house.he, f"/signups/{mine}/hours", {"json": {"minutes": 60, "reason": "忘了签到"}}


def a_visit_photo(house: House) -> Act:
    project, visit, photo = project_in(house), fresh(), fresh()
    assert house.chen.api.put(f"/visits/{visit}", said(project, photo)).status == 201
    return house.chen, f"/visits/{visit}/photos/{photo}", PICTURE


def a_report(house: House) -> Act:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    house.zhou.api.put(f"/findings/{finding}/acts/{fresh()}", {"kind": "mended"})
    return house.wang, f"/findings/{finding}/reports", {"json": {"text": "又漏水了"}}


def an_answer_to_a_finding(house: House) -> Act:
    path = link_to(house, finding_in(house, project_in(house)))
    return house.nobody, f"{path}/answers", {"json": {"text": "好了", "answered_by": "孟工"}}


ACTS: dict[str, Callable[[House], Act]] = {
    "/activities/{id}": an_activity,
    "/announcement-photos/{id}": a_picture_for_the_board,
    "/announcements/{id}": an_announcement,
    "/bank-statements/{id}": what_the_bank_says,
    "/bank-statements/{statement_id}/matches/{id}": a_match,
    "/budgets/{id}": a_budget,
    "/claims/{claim_id}/{what}/{id}": a_paper,
    "/contracts/{contract_id}/pages/{id}": a_contract_page,
    "/contracts/{id}": a_contract,
    "/decisions/{id}": lambda house: (house.liu, "/decisions", {"json": DECISION | {"decided_on": today().isoformat()}}),
    "/distributions/{distribution_id}/stock-moves/{id}": a_stock_move,
    "/distributions/{distribution_id}/stock-moves/{move_id}/corrections/{id}": a_stock_correction,
    "/distributions/{id}": a_distribution,
    "/distributions/{distribution_id}/deliveries/{id}": a_delivery,
    "/distributions/{id}/conversions/{conversion_id}": a_conversion,
    "/distributions/{id}/paid-transfers/{transfer_id}": what_the_bank_paid,
    "/drafts/{draft_id}/vouchers/{id}": a_voucher,
    "/drafts/{id}": lambda house: (books.opened(house).zhang, "/drafts", {"json": books.wish()}),
    "/entitlements/{entitlement_id}/claims/{id}": a_claim,
    "/handovers/{id}": a_handover,
    "/entries/{entry_id}/reversals/{id}": lambda house: (
        house.zhang,
        f"/entries/{books.posted(books.opened(house))}/reversals",
        {"json": {"reason": "记错了"}},
    ),
    "/findings/{finding_id}/acts/{id}": a_recheck,
    "/findings/{finding_id}/reports/{id}": a_report,
    "/notices/{notice_id}/board/{id}": a_board_photo,
    "/notices/{notice_id}/objections/{id}": an_objection,
    "/objections/{objection_id}/photos/{id}": an_attachment,
    "/projects/{id}": a_project,
    "/projects/{project_id}/findings/{id}": lambda house: (
        house.chen,
        f"/projects/{project_in(house).id}/findings",
        {"json": NOTICE},
    ),
    "/shifts/{shift_id}/signups/{id}": a_signup,
    "/signups/{signup_id}/hours/{id}": hours,
    "/visits/{id}": lambda house: (house.chen, "/visits", {"json": said(project_in(house), fresh())}),
    "/visits/{visit_id}/photos/{photo_id}": a_visit_photo,
    "/vouchers/{voucher_id}/copies/{id}": a_copy,
    "/works/answer/{token}/answers/{id}": an_answer_to_a_finding,
}


def test_every_creating_act_has_a_row() -> None:
    """What has no id of its own at the end (a plan's list, a unit's number of today) is one by its address."""
    named = [path.removeprefix(BASE) for path, does in DESCRIBED.items() if "put" in does and path.endswith("}")]
    assert sorted(ACTS) == sorted(named)


def rows(house: House) -> dict[str, int]:
    with house.session() as session:
        return {table: count for table, count in facts_of(session).rows.items() if table not in DOES_NOT_COUNT}


@pytest.mark.parametrize("path", ACTS)
def test_a_lost_answer_is_asked_for_again_and_is_the_same(house_sqlite: House, path: str) -> None:
    house = house_sqlite
    one, where, sent = ACTS[path](house)
    own_id = "" if path.endswith("{photo_id}") else f"/{fresh()}"
    after = timedelta(days=4) if "hours" in path else timedelta()
    with time_machine.travel(now() + after):
        before = rows(house)
        proxy = Gone(house.client._transport)
        house.client._transport = proxy
        with pytest.raises(httpx.ReadError):
            one.api.ask("PUT", where + own_id, **sent)
        once = rows(house)
        assert once != before, "the act was done, or the rest shows nothing"
        again = [one.api.ask("PUT", where + own_id, **sent) for _ in range(2)]
    assert [answer.status for answer in again] == [200, 200], again
    assert [answer.json for answer in again] == [json.loads(proxy.dropped)] * 2
    assert rows(house) == once


def test_control_another_id_is_another_act(house_sqlite: House) -> None:
    one, where, sent = ACTS["/decisions/{id}"](house_sqlite)
    counts = []
    for _ in range(2):
        assert one.api.ask("PUT", f"{where}/{fresh()}", **sent).status == 201
        counts.append(rows(house_sqlite))
    assert counts[0] != counts[1], "then counting rows would show nothing above"
