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
from app.kit.clock import local, now, today
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
from tests.renovation import test_mediating_a_dispute as mediating
from tests.renovation import test_paying_for_works as paying
from tests.renovation.sites import NOTICE, answered, finding_in, link_to, project_in, said, snapshot, visit_in
from tests.renovation.test_checking_by_a_list import WATER
from tests.renovation.test_covering_faces import BOX
from tests.renovation.test_filing_papers import PLAN, filed
from tests.renovation.test_following_a_project import ASKED
from tests.renovation.test_photos_that_follow import coming
from tests.renovation.test_reporting_a_problem import WISH as PROBLEM
from tests.renovation.test_reporting_a_problem import reported as problem_of
from tests.renovation.test_saying_how_far_it_is import PHASE, phases_of
from tests.renovation.test_the_evidence_of_a_photo import SITE
from tests.renovation.test_the_same_view_again import point_in
from tests.treasury import bookkeeping as books
from tests.treasury.bookkeeping import ADVERTS
from tests.volunteering import test_asking_for_help as helping
from tests.volunteering import test_looking_in_on_a_home as looking_in
from tests.volunteering import test_promising_in_public as promising
from tests.volunteering import test_telling_what_one_can_do as telling
from tests.volunteering.attending import checked, shift_with, shown

DESCRIBED = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())["paths"]
BASE = "/api/v1/c/{slug}"
PICTURE = {"content": snapshot(1), "headers": {"content-type": "image/jpeg"}}

Act = tuple[One, str, dict[str, Any]]
"""Who, which path without its last part (the id that the client makes), and what is sent."""

DOES_NOT_COUNT = {"audit_line", "idempotency", "sighting"}
"""Tables in which asking again may leave a line."""


LATER = {"/certificates/{id}", "/hours/{entry_id}/corrections/{id}", "/signups/{signup_id}/hours/{id}"}
"""What is done when the shift of three days ahead is over."""

SETS = {"/points/{point_id}/photos/{photo_id}", "/shifts/{shift_id}/messages/{id}"}
"""What answers 200 also the first time, since it makes nothing that has an address of its own."""


class Gone(httpx.AsyncBaseTransport):
    """A proxy that passes everything on and drops the first answer, when all has been done and committed."""

    def __init__(self, inner: httpx.AsyncBaseTransport, awaited: int) -> None:
        self.inner, self.awaited, self.dropped = inner, awaited, b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        if not self.dropped:
            self.dropped = await answer.aread()
            assert answer.status_code == self.awaited, self.dropped
            raise httpx.ReadError("the connection broke off")
        return answer


def an_activity(house: House) -> Act:
    times = {"starts_at": "2099-05-09T15:00:00+08:00", "ends_at": "2099-05-09T16:30:00+08:00"}
    wish = {
        "kind": "beauty",
        "title": "花坛除草",
        "place": "花坛",
        "what": "带手套",
        "capacity": 8,
        "rrule": "FREQ=WEEKLY;COUNT=3",
    }
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


def photos_of_a_finding(house: House) -> Act:
    project, id = project_in(house), fresh()
    (photo,), announced = coming(snapshot(1))
    assert house.chen.api.put(f"/projects/{project.id}/findings/{id}", NOTICE | {"photos": announced}).status == 201
    return house.chen, f"/findings/{id}/photos/{photo}", PICTURE


def photos_of_an_act(house: House) -> Act:
    """The evidence by which a finding is closed."""
    finding, act = finding_in(house, project_in(house)), fresh()
    answered(house, finding)
    (photo,), announced = coming(snapshot(1))
    path = f"/findings/{finding}/acts/{act}"
    assert house.zhou.api.put(path, {"kind": "mended", "photos": announced}).status == 201
    return house.zhou, f"{path}/photos/{photo}", PICTURE


def photos_of_an_answer(house: House) -> Act:
    path = f"{link_to(house, finding_in(house, project_in(house)))}/answers/{fresh()}"
    (photo,), announced = coming(snapshot(1))
    wish = {"text": "好了", "answered_by": "孟工", "photos": announced}
    assert house.nobody.api.put(path, wish).status == 201
    return house.nobody, f"{path}/photos/{photo}", PICTURE


def a_covered_photo(house: House) -> Act:
    visit, (photo,) = visit_in(house, project_in(house), photos=1)
    return house.chen, f"/visits/{visit}/photos/{photo}/copies", {"json": {"boxes": [BOX]}}


def a_covered_answer(house: House) -> Act:
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    photo = house.nobody.api.get(f"/findings/{finding}/acts").json[-1]["photos"][0]
    return house.chen, f"/findings/{finding}/photos/{photo}/copies", {"json": {"boxes": [BOX]}}


def a_dispute(house: House) -> Act:
    return house.liu, "/disputes", {"json": mediating.between(house, project_in(house))}


def a_step_of_a_mediation(house: House) -> Act:
    return house.wang, f"/disputes/{mediating.opened(house)}/acts", {"json": {"kind": "stated", "text": mediating.SAID}}


def of_a_project(who: str, what: str, wish: dict[str, Any]) -> Callable[[House], Act]:
    """Somebody of the cast adds something to a project that is planned."""
    return lambda house: (getattr(house, who), f"/projects/{project_in(house).id}/{what}", {"json": wish})


def progress(house: House) -> Act:
    phase = phases_of(house, project_in(house))[0]["id"]
    return house.chen, f"/phases/{phase}/progress", {"json": {"percent": 20}}


def other_days(house: House) -> Act:
    phase = phases_of(house, project_in(house))[0]["id"]
    days = {"planned_from_on": "2026-03-10", "planned_to_on": "2026-05-01"}
    return house.liu, f"/phases/{phase}/plans", {"json": days | {"why": "等灯杆到货。"}}


def a_page_of_a_paper(house: House) -> Act:
    return house.liu, f"/documents/{filed(house, project_in(house).id)}/pages", PICTURE


def an_answer_to_a_question(house: House) -> Act:
    project, id = project_in(house).id, fresh()
    assert house.wang.api.put(f"/projects/{project}/questions/{id}", ASKED).status == 201
    return house.liu, f"/questions/{id}/answers", {"json": {"text": "周四上午，两小时。"}}


def a_works_contract(house: House) -> Act:
    return house.liu, f"/projects/{project_in(house).id}/contracts", {"json": paying.contract()}


def a_payment(house: House) -> Act:
    entry = paying.spent(books.opened(house))
    return house.zhang, f"/projects/{project_in(house).id}/payments", {"json": {"entry_id": str(entry.id)}}


def a_payment_taken_back(house: House) -> Act:
    payment = paying.paid(house, project_in(house).id).json[0]["id"]
    return house.liu, f"/works-payments/{payment}/withdrawals", {"json": {"text": "是另一个工程的"}}


def where_to_stand(house: House) -> Act:
    return house.chen, f"/points/{point_in(house, project_in(house))}/photos/{fresh()}", PICTURE


def a_photo_of_a_problem(house: House) -> Act:
    return house.wang, f"/problems/{problem_of(house.wang)}/photos/{fresh()}", PICTURE


def a_settled_problem(house: House) -> Act:
    return house.liu, f"/problems/{problem_of(house.wang)}/acts", {"json": {"text": "已经找人看了。"}}


def a_check_in(house: House) -> Act:
    with house.session() as session:
        shift = make_shift(session, house.he.person, starts_in=timedelta(minutes=10))
    assert house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).status == 201
    return house.wang, "/check-ins", {"json": {"code": shown(house, shift)["url"]}}


def a_correction_of_hours(house: House) -> Act:
    shift, (mine,) = shift_with(house, "wang")
    return house.he, f"/hours/{checked(house, shift, mine, 90)}/corrections", {"json": {"minutes": 30, "reason": "中间走了"}}


def a_certificate(house: House) -> Act:
    shift, (mine,) = shift_with(house, "wang")
    checked(house, shift, mine, 95)
    day = local(shift.starts_at).date().isoformat()
    return house.he, "/certificates", {"json": {"person_id": str(house.wang.id), "from_on": day, "to_on": day}}


def a_look_at_a_home(house: House) -> Act:
    wish = {"unit_id": looking_in.home(house, house.wang), "visited_on": today().isoformat(), "seen": "都好"}
    return looking_in.carer_of(house, house.wang), "/home-visits", {"json": wish}


def a_need_seen_at_a_home(house: House) -> Act:
    carer = looking_in.carer_of(house, house.wang)
    visit = looking_in.visit(house, carer, house.wang).json["id"]
    return carer, f"/home-visits/{visit}/requests", {}


def a_promise(house: House) -> Act:
    return promising.shown_in(house), "/pledges", {"json": {"says": "巡院子"}}


def a_photo_of_a_promise(house: House) -> Act:
    shown = promising.shown_in(house)
    return shown, f"/pledges/{promising.kept(shown)}/photos", PICTURE


def a_step_of_a_request(house: House) -> Act:
    return house.he, f"/service-requests/{helping.asked(house)}/acts", {"json": {"kind": "confirmed"}}


def a_word_to_a_shift(house: House) -> Act:
    shift, _signups = shift_with(house, "wang", "li")
    return house.he, f"/shifts/{shift.id}/messages", {"json": {"text": "带伞。"}}


def a_cover(house: House) -> Act:
    """With a neighbour who is asked."""
    _shift, (mine,) = shift_with(house, "wang")
    assert house.li.api.put("/helping", {"may_be_asked": True}).status == 200
    return house.wang, f"/signups/{mine}/covers", {"json": {}}


ACTS: dict[str, Callable[[House], Act]] = {
    "/activities/{id}": an_activity,
    "/announcement-photos/{id}": a_picture_for_the_board,
    "/announcements/{id}": an_announcement,
    "/bank-statements/{id}": what_the_bank_says,
    "/bank-statements/{statement_id}/matches/{id}": a_match,
    "/budgets/{id}": a_budget,
    "/census/{id}": lambda house: (house.wang, "/census", {"json": telling.wish()}),
    "/certificates/{id}": a_certificate,
    "/check-ins/{id}": a_check_in,
    "/checks/{id}": lambda house: (house.chen, "/checks", {"json": WATER}),
    "/claims/{claim_id}/{what}/{id}": a_paper,
    "/contracts/{contract_id}/pages/{id}": a_contract_page,
    "/contracts/{id}": a_contract,
    "/decisions/{id}": lambda house: (house.liu, "/decisions", {"json": DECISION | {"decided_on": today().isoformat()}}),
    "/distributions/{distribution_id}/deliveries/{id}": a_delivery,
    "/distributions/{distribution_id}/stock-moves/{id}": a_stock_move,
    "/distributions/{distribution_id}/stock-moves/{move_id}/corrections/{id}": a_stock_correction,
    "/distributions/{id}": a_distribution,
    "/distributions/{id}/conversions/{conversion_id}": a_conversion,
    "/distributions/{id}/paid-transfers/{transfer_id}": what_the_bank_paid,
    "/documents/{document_id}/pages/{id}": a_page_of_a_paper,
    "/drafts/{draft_id}/vouchers/{id}": a_voucher,
    "/drafts/{id}": lambda house: (books.opened(house).zhang, "/drafts", {"json": books.wish()}),
    "/entitlements/{entitlement_id}/claims/{id}": a_claim,
    "/entries/{entry_id}/reversals/{id}": lambda house: (
        house.zhang,
        f"/entries/{books.posted(books.opened(house))}/reversals",
        {"json": {"reason": "记错了"}},
    ),
    "/findings/{finding_id}/acts/{act_id}/photos/{photo_id}": photos_of_an_act,
    "/findings/{finding_id}/acts/{id}": a_recheck,
    "/findings/{finding_id}/photos/{photo_id}": photos_of_a_finding,
    "/findings/{finding_id}/photos/{photo_id}/copies/{id}": a_covered_answer,
    "/findings/{finding_id}/reports/{id}": a_report,
    "/handovers/{id}": a_handover,
    "/home-visits/{id}": a_look_at_a_home,
    "/home-visits/{visit_id}/requests/{id}": a_need_seen_at_a_home,
    "/hours/{entry_id}/corrections/{id}": a_correction_of_hours,
    "/notices/{notice_id}/board/{id}": a_board_photo,
    "/notices/{notice_id}/objections/{id}": an_objection,
    "/objections/{objection_id}/photos/{id}": an_attachment,
    "/phases/{phase_id}/plans/{id}": other_days,
    "/phases/{phase_id}/progress/{id}": progress,
    "/pledges/{id}": a_promise,
    "/pledges/{pledge_id}/photos/{id}": a_photo_of_a_promise,
    "/points/{point_id}/photos/{photo_id}": where_to_stand,
    "/problems/{id}": lambda house: (house.wang, "/problems", {"json": PROBLEM}),
    "/problems/{problem_id}/acts/{id}": a_settled_problem,
    "/problems/{problem_id}/photos/{photo_id}": a_photo_of_a_problem,
    "/projects/{id}": a_project,
    "/projects/{project_id}/acts/{id}": of_a_project("liu", "acts", {"kind": "applied", "office": "区住建局"}),
    "/disputes/{id}": a_dispute,
    "/disputes/{dispute_id}/acts/{id}": a_step_of_a_mediation,
    "/projects/{project_id}/contracts/{id}": a_works_contract,
    "/projects/{project_id}/days/{id}": of_a_project("liu", "days", {"month_days": [10]}),
    "/projects/{project_id}/documents/{id}": of_a_project("liu", "documents", PLAN),
    "/projects/{project_id}/findings/{id}": of_a_project("chen", "findings", NOTICE),
    "/projects/{project_id}/payments/{id}": a_payment,
    "/projects/{project_id}/phases/{id}": of_a_project("liu", "phases", PHASE),
    "/projects/{project_id}/points/{id}": of_a_project("chen", "points", {"name": "北墙"}),
    "/projects/{project_id}/questions/{id}": of_a_project("wang", "questions", ASKED),
    "/projects/{project_id}/sites/{id}": of_a_project("liu", "sites", SITE),
    "/questions/{question_id}/answers/{id}": an_answer_to_a_question,
    "/service-requests/{id}": lambda house: (house.wang, "/service-requests", {"json": helping.wish()}),
    "/service-requests/{request_id}/acts/{id}": a_step_of_a_request,
    "/shifts/{shift_id}/messages/{id}": a_word_to_a_shift,
    "/shifts/{shift_id}/signups/{id}": a_signup,
    "/signups/{signup_id}/covers/{id}": a_cover,
    "/signups/{signup_id}/hours/{id}": hours,
    "/visits/{id}": lambda house: (house.chen, "/visits", {"json": said(project_in(house), fresh())}),
    "/visits/{visit_id}/photos/{photo_id}": a_visit_photo,
    "/visits/{visit_id}/photos/{photo_id}/copies/{id}": a_covered_photo,
    "/vouchers/{voucher_id}/copies/{id}": a_copy,
    "/works-payments/{payment_id}/withdrawals/{id}": a_payment_taken_back,
    "/works/answer/{token}/answers/{act_id}/photos/{photo_id}": photos_of_an_answer,
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
    after = timedelta(days=4) if path in LATER else timedelta()
    with time_machine.travel(now() + after):
        before = rows(house)
        proxy = Gone(house.client._transport, 200 if path in SETS else 201)
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
