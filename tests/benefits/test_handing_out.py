"""At the table: a code, a unit, a confirmation; once, whatever happens."""

from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

import pytest
import time_machine
from PIL import Image
from sqlmodel import select

from app.benefits.claim_models import Claim
from app.compounds.models import Compound, Ownership, Person, Residency, SeatKind, Unit
from app.compounds.workdays import calendar
from app.inbox.models import Message
from app.kit.clock import local, now, today
from app.notices.models import Notice
from app.publiclog.models import LogEntry
from tests.benefits.giving import (
    BY_PHONE,
    OIL,
    RICE,
    arrived,
    batch,
    check_the_books,
    goods,
    hand_out,
    line,
    lines,
    money,
    opened,
    plan,
    published,
    ticked,
)
from tests.cast import House
from tests.making import fresh, make_key, make_person, make_seat


def test_an_officer_finds_the_unit_by_its_code_and_hands_out_on_the_pages(house: House) -> None:
    id = opened(house)
    code_page = house.wang.get(f"/benefits/{id}/code")
    assert "给发放员看这个码" in code_page.words
    code = line(house, id, house.wang).code
    assert f"{code[:4]} {code[4:]}" in code_page.words
    confirm = house.liu.get(f"/benefits/{id}/desk?q={code[:4]}+{code[4:]}")
    assert "3-2-601" in confirm.words
    assert "王阿姨" in confirm.words
    form = confirm.page.find("form", action=f"/c/fengshu/benefits/entitlements/{line(house, id, house.wang).id}/claims")
    assert form
    sent = {i["name"]: i["value"] for i in form.find_all("input") if i.get("type") == "hidden"}
    done = house.liu.follow(house.liu.post(form["action"].removeprefix("/c/fengshu"), sent | ticked(house.wang)))
    assert "已发给 3-2-601" in done.words
    assert "1 号" in done.words
    assert "下一户" in done.words
    again = house.liu.get(f"/benefits/{id}/desk?q={code}")
    assert "这一户领过了，不能再发" in again.words
    assert "3-2-601 已经领了" in house.wang.get(f"/benefits/{id}/code").words
    assert "已领 1" in house.liu.get(f"/benefits/{id}").words
    check_the_books(house, id)


@pytest.mark.parametrize("q", ["3-2-602", "602", "3栋2单元602", "３栋２单元６０２室", "李叔", "http://127.0.0.1/x/desk?q={code}"])
def test_a_unit_is_found_by_what_people_say(house_sqlite: House, q: str) -> None:
    house = house_sqlite
    id = opened(house)
    page = house.liu.get(f"/benefits/{id}/desk", params={"q": q.format(code=line(house, id, house.li).code)})
    assert page.page.find("h1").get_text() == "3-2-602"


def test_a_row_signed_on_paper_opens_as_signed_on_paper(house_sqlite: House) -> None:
    """Scanned by the desk or by the telephone's own camera; a code in the hand is for the glass."""
    house = house_sqlite
    id = opened(house)
    code = line(house, id, house.li).code
    scanned = f"http://127.0.0.1/c/fengshu/benefits/{id}/desk?q={code}"
    for asked, way in (
        ({"q": scanned + "&paper=1"}, "paper_photo"),
        ({"q": code, "paper": "1"}, "paper_photo"),
        ({"q": scanned}, "tick_with_witness"),
        ({"q": code}, "tick_with_witness"),
    ):
        page = house.liu.get(f"/benefits/{id}/desk", params=asked)
        assert page.page.find("h1").get_text() == "3-2-602"
        assert [box["value"] for box in page.page.select("[name=way][checked]")] == [way], asked


def test_the_officer_is_told_whom_to_expect(house: House) -> None:
    """By the last digits of a telephone, and by who came for these owners before: never for others, never a voided claim."""
    past, id = opened(house, title="中秋礼包"), opened(house)
    hand_out(house, past, house.wang, proxy_name="小王", proxy_relation="女儿", **BY_PHONE)
    hand_out(house, past, house.zhang, proxy_name="快递员", proxy_relation="邻居", **BY_PHONE)
    wrong = hand_out(house, past, house.li, proxy_name="快递员", proxy_relation="邻居", **BY_PHONE).json
    assert "快递员" in house.liu.get(f"/benefits/{id}/desk?q=602").words, "the control"
    assert house.chen.api.ask("POST", f"/claims/{wrong['id']}/void", json={"reason": "发错了人"}).status == 200
    with house.session() as session:
        session.get_one(Person, (house.compound.id, house.wang.id)).phone = "13812345678"
        for owned in session.exec(select(Ownership).where(Ownership.person_id == house.zhang.id)):
            owned.to_on = today() - timedelta(days=1)
            heir = make_person(session, session.get_one(Compound, house.compound.id), "继承人")
            session.add(Ownership(compound_id=house.compound.id, unit_id=owned.unit_id, person_id=heir.id))
    said = house.liu.get(f"/benefits/{id}/desk?q=601").words
    assert "138****5678" in said
    assert "13812345678" not in said
    assert "以前来领的：小王（代领，女儿） 1 次" in said
    assert "快递员" not in house.liu.get(f"/benefits/{id}/desk?q=602").words
    assert "快递员" not in house.liu.get(f"/benefits/{id}/desk?q=603").words, "the heir is another household"


def test_only_pages_that_read_codes_may_ask_for_the_camera(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house)
    for path, allowed in {"/desk": "self", "/desk/offline": "self", "/desk?q=601": "", "/sheet?building=3栋": ""}.items():
        policy = house.liu.get(f"/benefits/{id}{path}").headers["permissions-policy"]
        assert policy.startswith(f"camera=({allowed}), "), path


def test_a_home_that_gets_nothing_now_has_no_form(house_sqlite: House) -> None:
    house = house_sqlite
    batches = [batch(name="第一批"), batch(begins=3, name="第二批")]
    id = opened(house, RICE, OIL | {"batch": 2}, batches=batches)
    both = house.liu.get(f"/benefits/{id}/desk?q=601")
    assert "现在不发的：菜籽油" in both.words
    hand_out(house, id, house.wang)
    later = house.liu.get(f"/benefits/{id}/desk?q=601")
    assert "现在能发的，这一户都领过了" in later.words
    assert later.page.find("form", action=lambda a: a and a.endswith("/claims")) is None
    assert later.page.find("a", string="下一户")["href"].endswith("/desk#scan")


@pytest.mark.parametrize("q", ["", "\ud800".encode("utf-8", "surrogatepass"), "9" * 300, "%", "'; --", "不认识"])
def test_a_strange_question_finds_nobody(house: House, q: str) -> None:
    page = house.liu.get(f"/benefits/{opened(house)}/desk", params={"q": q})
    assert page.status == 200
    assert "找到这一户" in page.words


def test_nothing_is_handed_out_before_the_notice_is_effective(house: House) -> None:
    id = published(house)
    before = hand_out(house, id, house.wang)
    assert (before.status, before.json["code"]) == (409, "NotEffective")
    notice_id = house.nobody.api.get("/notices").json["items"][0]["id"]
    objected = house.li.api.put(f"/notices/{notice_id}/objections/{fresh()}", {"text": "为什么不按面积？"})
    objection = objected.json["objections"][0]["id"]
    with house.session() as session:
        session.get_one(Notice, (house.compound.id, UUID(notice_id))).objections_until_at = now()
    waiting = hand_out(house, id, house.wang)
    assert (waiting.status, waiting.json["code"]) == (409, "NotEffective"), "an objection without its answer blocks"
    page = house.liu.get(f"/benefits/entitlements/{line(house, id, house.wang).id}")
    assert "现在不能发" in page.words
    assert house.liu.api.ask("POST", f"/objections/{objection}/answer", json={"text": "有业主决议。"}).status == 200
    arrived(house, id, goods(house, id)[0], 1)
    assert hand_out(house, id, house.wang).status == 201


def test_seven_days_by_the_rule_and_no_sooner(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house)
    with house.session() as session:
        end = session.exec(select(Notice.objections_until_at)).one()
    assert local(end).date() == calendar().last_day(today(), 7, working=False) + timedelta(days=1), (
        "the day of publication not counted"
    )
    for seconds, state in ((-1, "published"), (0, "open")):
        with time_machine.travel(end + timedelta(seconds=seconds), tick=False):
            assert house.nobody.api.get(f"/distributions/{id}").json["state"] == state


def test_nothing_is_handed_out_before_its_first_day(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, batches=[batch(begins=2)])
    answer = hand_out(house, id, house.wang)
    assert (answer.status, answer.json["code"]) == (409, "NotBegun")


def test_a_co_owner_sees_the_code_and_a_tenant_and_a_stranger_do_not(house: House) -> None:
    id = opened(house)
    mine = line(house, id, house.wang)
    husband, tenant = house.newcomer("王叔"), house.newcomer("租户小陈")
    with house.session() as session:
        session.add(Ownership(compound_id=house.compound.id, unit_id=mine.unit_id, person_id=husband.id, share=1, share_of=2))
        session.add(Residency(compound_id=house.compound.id, unit_id=mine.unit_id, person_id=tenant.id, tenant=True))
    assert mine.code[:4] in husband.get(f"/benefits/{id}/code").words
    assert husband.api.get("/entitlements").json["items"][0]["code"] == mine.code
    for other in (tenant, house.li, house.zhao, house.zhao_here, house.nobody):
        assert other.api.get(f"/entitlements/{mine.id}").status in (401, 404)
    assert tenant.get(f"/benefits/{id}/code").status == 404
    assert tenant.api.get("/entitlements").json == {"items": []}
    assert house.zhao.get(f"/benefits/{id}/code").status == 404
    assert house.wang.api.get(f"/entitlements/{mine.id}").json["amount"] == {"amount": "96.00", "currency": "CNY"}
    as_owner = hand_out(house, id, house.wang, owner_id=str(tenant.id))
    assert (as_owner.status, as_owner.json["code"]) == (409, "NotAnOwner"), "a tenant is not entitled"


def test_a_proxy_collects_and_both_names_are_on_record(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, proxy_name="小王", proxy_relation="女儿", **BY_PHONE).json
    assert (made["collector"], made["relation"]) == ("小王", "女儿")
    page = house.wang.get(f"/benefits/claims/{made['id']}")
    assert "小王（代领，女儿）" in page.words
    assert "刘主任" in page.words
    with house.session() as session:
        claim = session.exec(select(Claim)).one()
        assert (claim.owner_id, claim.officer_id) == (house.wang.id, house.liu.id)
        message = session.exec(select(Message).where(Message.person_id == house.wang.id)).one()
        assert "小王" in message.body
        logged = session.exec(select(LogEntry.entry).where(LogEntry.record_id == claim.id)).one().decode()
    assert "小王" not in logged
    assert "601" not in logged.split('"facts"')[1]
    half = hand_out(house, id, house.li, proxy_name="小李")
    assert half.status == 422


def test_a_signature_is_kept_as_strokes_and_nothing_else(house: House) -> None:
    id = opened(house)
    strokes = "M10 20L30 40L50 60M500 10L510 390"
    made = hand_out(house, id, house.wang, way="signature", signature=strokes, ticked=False).json
    assert strokes in house.wang.get(f"/benefits/claims/{made['id']}").text
    for bad in (None, "", "M10 20<script>", "M1 1" * 6000, "\x00", "L1 1"):
        assert hand_out(house, id, house.li, way="signature", signature=bad).status == 422, bad
    assert hand_out(house, id, house.li, way="tick_with_witness", ticked=False).status == 422


def test_a_paper_signature_is_photographed_at_either_door(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, way="paper_photo", ticked=False).json
    assert "请拍下纸上的签名" in house.liu.get(f"/benefits/claims/{made['id']}").words
    nothing = house.liu.post(f"/benefits/claims/{made['id']}/paper", files={"photo": ("", b"")})
    assert nothing.status == 422
    assert nothing.words.count("请先拍一张照片") == 2, "at the top and at the field"
    for _tap in range(2):
        kept = house.liu.post(f"/benefits/claims/{made['id']}/paper", files={"photo": ("a.jpg", picture(40), "image/jpeg")})
        assert "纸上的签名存好了" in house.liu.follow(kept).words
    assert house.liu.get(f"/benefits/claims/{made['id']}/paper/320").headers["content-type"] == "image/jpeg"
    assert house.wang.get(f"/benefits/claims/{made['id']}/paper/320").status == 403, "the sheet may hold neighbours' lines"
    body = {"content": picture(90), "headers": {"content-type": "image/jpeg"}}
    other = house.liu.api.ask("PUT", f"/claims/{made['id']}/paper/{fresh()}", **body)
    assert (other.status, other.json["code"]) == (409, "NoPhotoExpected")
    second = hand_out(house, id, house.li, way="paper_photo", ticked=False).json
    path = f"/claims/{second['id']}/paper/{fresh()}"
    assert [house.liu.api.ask("PUT", path, **body).status for _tap in range(2)] == [201, 200]
    assert house.wang.api.ask("PUT", path, **body).status == 403


def picture(grey: int) -> bytes:
    file = BytesIO()
    Image.new("L", (64, 48), grey).save(file, "JPEG")
    return file.getvalue()


def test_a_form_without_its_tick_is_drawn_again(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house)
    path = f"/benefits/entitlements/{line(house, id, house.wang).id}/claims"
    form = {"id": str(fresh()), "way": "tick_with_witness", "owner_id": str(house.wang.id), "proxy_name": "小王"}
    answer = house.liu.post(path, form)
    assert answer.status == 422
    assert "代领人的姓名和关系，两样都要写。" in answer.words
    assert "请打勾" in answer.words
    assert 'value="小王"' in answer.text


def test_a_claim_is_made_exactly_once(house: House) -> None:
    id = opened(house)
    path = f"/entitlements/{line(house, id, house.wang).id}/claims/{fresh()}"
    assert [house.liu.api.put(path, ticked(house.wang)).status for _ in range(3)] == [201, 200, 200]
    other = house.liu.api.put(path, ticked(house.wang, proxy_name="小王", proxy_relation="女儿", **BY_PHONE))
    assert (other.status, other.json["code"]) == (409, "SameIdOtherContent")
    second = hand_out(house, id, house.wang)
    assert (second.status, second.json["code"]) == (409, "AlreadyClaimed")
    check_the_books(house, id)


def test_who_may_not_hand_out(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house)
    for one, status in ((house.wang, 403), (house.chen, 403), (house.zhang, 403), (house.zhao, 404), (house.nobody, 401)):
        assert hand_out(house, id, house.li, by=one).status == status, one
    assert house.wang.get(f"/benefits/{id}/desk").status == 403
    assert house.wang.get(f"/benefits/{id}/roll").status == 403
    assert house.zhao.get(f"/benefits/{id}/desk").status == 404
    own = hand_out(house, id, house.liu)
    assert (own.status, own.json["code"]) == (409, "OwnUnit")


def test_a_key_claims_only_within_its_scope(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house)
    with house.session() as session:
        reads = make_key(session, house.liu.person, "benefits:read")
        writes = make_key(session, house.liu.person, "benefits:write")
    path = f"/entitlements/{line(house, id, house.wang).id}/claims/{fresh()}"
    answer = house.nobody.api.put(path, ticked(house.wang), headers={"authorization": f"Bearer {reads}"})
    assert (answer.status, answer.json["code"]) == (403, "WrongScope")
    assert house.nobody.api.put(path, ticked(house.wang), headers={"authorization": f"Bearer {writes}"}).status == 201


def test_a_wrong_claim_is_voided_by_a_second_officer_and_the_unit_collects_again(house: House) -> None:
    id = opened(house, stock=1)
    made = hand_out(house, id, house.wang).json
    check_the_books(house, id)
    empty = hand_out(house, id, house.li)
    assert (empty.status, empty.json["code"]) == (409, "OutOfStock")
    form = {"id": str(fresh())} | ticked(house.li, proxy_name="小李", proxy_relation="儿子", authority="slip")
    back = house.liu.post(f"/benefits/entitlements/{line(house, id, house.li).id}/claims", form)
    assert back.status == 422
    assert "发放台上没有大米10斤、菜籽油5升了" in back.words
    assert back.page.find("input", {"name": "proxy_name"})["value"] == "小李", "back to the table with what was typed"
    page = house.chen.get(f"/benefits/claims/{made['id']}/void")
    assert "3-2-601" in page.words
    assert house.chen.post(f"/benefits/claims/{made['id']}/void", {"reason": ""}).status == 422
    gone = house.chen.follow(house.chen.post(f"/benefits/claims/{made['id']}/void", {"reason": "发错了人"}))
    assert "这次签领作废了" in gone.words
    check_the_books(house, id)
    again = house.chen.api.ask("POST", f"/claims/{made['id']}/void", json={"reason": "再一次"})
    assert (again.status, again.json["code"]) == (409, "AlreadyVoided")
    page = house.zhou.get(f"/benefits/claims/{made['id']}/void")
    assert (page.status, "这次签领已经作废了" in page.words) == (409, True), "by a link that was open before"
    assert hand_out(house, id, house.li).status == 201, "the parcel came back"
    arrived(house, id, goods(house, id)[0], 1)
    assert hand_out(house, id, house.wang).status == 201, "and the unit is still due"
    check_the_books(house, id)


def test_the_officer_who_confirmed_cannot_void(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang).json
    refused = house.liu.api.ask("POST", f"/claims/{made['id']}/void", json={"reason": "手滑"})
    assert refused.status == 403, "without a supervisor's seat"
    with house.session() as session:
        make_seat(session, house.liu.person, SeatKind.SUPERVISOR)
    refused = house.liu.api.ask("POST", f"/claims/{made['id']}/void", json={"reason": "手滑"})
    assert (refused.status, refused.json["code"]) == (409, "SecondOfficerNeeded")
    page = house.liu.get(f"/benefits/claims/{made['id']}/void")
    assert (page.status, "谁发的，谁不能作废" in page.words) == (409, True)
    assert "发错了，作废这次" not in house.liu.get(f"/benefits/claims/{made['id']}").words
    check_the_books(house, id)


def test_the_second_factor_is_asked_before_the_reason_is_typed(house_sqlite: House) -> None:
    house = house_sqlite
    made = hand_out(house, opened(house), house.wang).json
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        page = house.chen.get(f"/benefits/claims/{made['id']}/void")
    assert page.status == 303
    assert "next=" in page.place


def test_what_a_void_takes_back_is_said_for_what_it_is(house_sqlite: House) -> None:
    house = house_sqlite
    both = opened(house, RICE, money("800.00"))
    rice = lines(house, both, house.wang)["大米"]["id"]
    made = [hand_out(house, both, house.wang, lines=[rice]).json["id"], hand_out(house, both, house.wang).json["id"]]
    goods, cash = (house.chen.get(f"/benefits/claims/{id}/void").words for id in made)
    assert ("请收回来，退回库里" in goods, "账上也记回去" in goods) == (True, False)
    assert ("请收回来，退回库里" in cash, "账上也记回去" in cash) == (False, True)


def test_a_supervisor_does_not_void_the_claim_of_their_own_home(house: House) -> None:
    """With the void alone in one hand, and another table, a home could collect twice."""
    id = opened(house)
    made = hand_out(house, id, house.chen).json
    refused = house.chen.api.ask("POST", f"/claims/{made['id']}/void", json={"reason": "发错了"})
    assert (refused.status, refused.json["code"]) == (409, "OwnUnit")
    page = house.chen.get(f"/benefits/claims/{made['id']}/void")
    assert (page.status, "自己家的这一份，请另一个人来办" in page.words) == (409, True)
    assert "发错了，作废这次" not in house.chen.get(f"/benefits/claims/{made['id']}").words
    assert "发错了，作废这次" in house.zhou.get(f"/benefits/claims/{made['id']}").words
    assert house.zhou.api.ask("POST", f"/claims/{made['id']}/void", json={"reason": "发错了"}).status == 200
    check_the_books(house, id)


def test_an_officer_hands_nothing_to_the_home_they_live_in(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house)
    with house.session() as session:
        home = session.exec(select(Ownership).where(Ownership.person_id == house.wang.id)).one()
        session.add(
            Residency(compound_id=home.compound_id, unit_id=home.unit_id, person_id=house.liu.id, from_on=date(2024, 1, 1))
        )
    refused = hand_out(house, id, house.wang)
    assert (refused.status, refused.json["code"]) == (409, "OwnUnit")


def test_money_that_was_handed_out_is_not_reversed_behind_its_claim(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, money("96.00", "fixed_per_unit"))
    made = hand_out(house, id, house.wang).json
    with house.session() as session:
        entry_id = session.exec(select(Claim.entry_id).where(Claim.id == UUID(made["id"]))).one()
    refused = house.zhang.api.put(f"/entries/{entry_id}/reversals/{fresh()}", {"reason": "不该发"})
    assert (refused.status, refused.json["code"]) == (409, "NotReversible")


def test_what_is_left_at_the_close_stays_owed_and_can_be_collected_late(house: House) -> None:
    id = opened(house)
    hand_out(house, id, house.wang)
    closed = house.liu.follow(house.liu.post(f"/benefits/{id}/close"))
    assert "没领的还欠着 ¥672.00" in closed.words
    late = hand_out(house, id, house.li)
    assert (late.status, late.json["code"]) == (409, "DistributionClosed")
    check_the_books(house, id)
    assert house.nobody.api.get(f"/distributions/{id}").json["left"] == {"amount": "672.00", "currency": "CNY"}
    assert house.liu.post(f"/benefits/{id}/reopen").status == 303
    assert hand_out(house, id, house.li).status == 201
    check_the_books(house, id)


def test_money_is_paid_from_the_bank_and_keeps_no_stock(house: House) -> None:
    id = opened(house, money("100.00", "equal"), title="年终分红")
    assert hand_out(house, id, house.wang).status == 201
    (item,) = plan(house, id)["items"]
    assert item["stock_left"] is None
    none = arrived(house, id, UUID(item["id"]))
    assert (none.status, none.json["code"]) == (409, "NoStockKept")
    check_the_books(house, id)


def test_a_unit_without_a_known_owner_is_handed_out_by_name(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        compound = session.get_one(Compound, house.compound.id)
        unit = session.exec(select(Unit).where(Unit.compound_id == compound.id, Unit.label == "3-2-602")).one()
        for owned in session.exec(select(Ownership).where(Ownership.unit_id == unit.id)):
            owned.to_on = today() - timedelta(days=1)
        make_person(session, compound, "过客")
    id = opened(house)
    path = f"/entitlements/{line(house, id, label='3-2-602').id}/claims/"
    nameless = house.liu.api.put(path + str(fresh()), {"way": "tick_with_witness", "ticked": True})
    assert (nameless.status, nameless.json["code"]) == (409, "NotAnOwner")
    named = {"way": "tick_with_witness", "ticked": True, "proxy_name": "小李", "proxy_relation": "继承人"} | BY_PHONE
    assert house.liu.api.put(path + str(fresh()), named).status == 201


def test_the_lists_and_the_sheet_tell_who_has_collected(house: House) -> None:
    id = opened(house)
    hand_out(house, id, house.wang)
    left, claimed = house.liu.get(f"/benefits/{id}/roll").words, house.chen.get(f"/benefits/{id}/roll?claimed=true").words
    assert "3-2-602" in left
    assert "3-2-601" not in left
    assert "3-2-601" in claimed
    assert "王阿姨" in claimed
    sheet = house.liu.get(f"/benefits/{id}/sheet", params={"building": "3栋"}).words
    assert "签领表" in sheet
    assert "已领，1 号" in sheet
    assert house.liu.get(f"/benefits/{id}/sheet", params={"building": "不存在"}).status == 404


def test_what_somebody_collected_is_in_their_own_export(house: House) -> None:
    id = opened(house)
    assert hand_out(house, id, house.wang).status == 201
    mine, lius = house.wang.get("/me/export").json, house.liu.get("/me/export").json
    assert [row["collector"] for row in mine["about_me"]["claim"]] == ["王阿姨"]
    assert [sorted(row) for row in lius["made_by_me"]["claim"]] == [["id", "made_at"]], (
        "who handed it out finds it by id and time"
    )
