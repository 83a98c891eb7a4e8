"""Party members appear by consent, promise, keep, and are judged by their neighbours."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from app.access.models import Consent
from app.compounds.models import Body, BodyKind, Seat, SeatKind
from app.kit.clock import today
from app.volunteering.pledge_models import Pledge, PledgeVerdict
from tests.cast import Answer, House, One
from tests.making import fresh, make_seat
from tests.photos.snapshots import scene, written


def member_in(house: House) -> One:
    """书记 of a party branch, who has not agreed to appear."""
    bai = house.newcomer("白秀兰")
    with house.session() as session:
        seat = make_seat(session, bai.person, SeatKind.MEMBER_HOUSEHOLD)
        body = session.get_one(Body, (seat.compound_id, seat.body_id))
        body.kind = BodyKind.PARTY_BRANCH
    return bai


def shown_in(house: House) -> One:
    """A member of the party on the board."""
    return agreed(member_in(house))


def agreed(member: One) -> One:
    assert member.post("/me/consents", {"purpose": "appear"}).status == 303
    return member


@pytest.fixture
def bai(house: House) -> One:
    return member_in(house)


@pytest.fixture
def shown(bai: One) -> One:
    return agreed(bai)


def promise(one: One, **more: Any) -> Answer:
    return one.api.put(f"/pledges/{fresh()}", {"says": "楼道灯坏了，三天内修好。"} | more)


def kept(one: One) -> str:
    id = promise(one).json["id"]
    assert one.api.post(f"/pledges/{id}/keep", None, json={"how": "换灯 9 盏"}).status == 200
    return str(id)


def judge(one: One, pledge: str, verdict: str) -> Answer:
    return one.api.post(f"/pledges/{pledge}/verdict", None, json={"verdict": verdict})


def test_nobody_appears_without_a_consent_of_their_own(house: House, bai: One) -> None:
    assert house.nobody.api.get("/party-board").json["items"] == []
    assert house.nobody.get(f"/volunteering/members/{bai.id}").status == 404
    assert (promise(bai).status, promise(bai).json["code"]) == (409, "NotOnTheBoard")
    bai.post("/me/consents", {"purpose": "appear"})
    page = house.nobody.get("/volunteering/members").words
    assert "白秀兰" in page
    assert "3栋2单元" in page
    assert house.nobody.get(f"/volunteering/members/{bai.id}").status == 200


def test_who_takes_the_consent_back_is_gone_with_promises_and_photos(house: House, shown: One) -> None:
    pledge = kept(shown)
    photo = fresh()
    shown.api.ask("PUT", f"/pledges/{pledge}/photos/{photo}", content=written(scene(1)), headers={"content-type": "image/jpeg"})
    assert house.nobody.get(f"/volunteering/pledges/{pledge}/photos/{photo}/320").status == 200
    assert house.nobody.get(f"/volunteering/pledges/{pledge}/photos/{photo}/original").status == 404
    shown.post("/me/consents/withdraw", {"purpose": "appear"})
    assert house.nobody.api.get("/party-board").json["items"] == []
    assert house.nobody.api.get(f"/pledges/{pledge}").status == 404
    assert house.nobody.get(f"/volunteering/pledges/{pledge}/photos/{photo}/320").status == 404
    assert house.nobody.get(f"/volunteering/members/{shown.id}/plaque").status == 404


def test_who_has_no_seat_of_the_party_neither_appears_nor_promises(house: House) -> None:
    house.wang.post("/me/consents", {"purpose": "appear"})
    assert house.nobody.api.get("/party-board").json["items"] == []
    assert promise(house.wang).status == 403


def test_a_seat_that_has_ended_ends_the_appearance(house: House, shown: One) -> None:
    with house.session() as session:
        seat = session.exec(select(Seat).where(Seat.person_id == shown.id)).one()
        seat.to_on = today() - timedelta(days=1)
    assert house.nobody.api.get("/party-board").json["items"] == []


def test_from_the_promise_to_the_verdict_on_the_pages(house: House, shown: One) -> None:
    id = str(fresh())
    page = shown.follow(shown.post("/volunteering/pledges/new", {"id": id, "says": "每周给老人量血压。"}))
    assert "在做" in page.words
    no = shown.post(f"/volunteering/pledges/{id}/keep", {})
    assert no.status == 422
    files = {"gallery": ("a.jpg", written(scene(2)), "image/jpeg")}
    answer = shown.ask("POST", f"/volunteering/pledges/{id}/keep", data={"how": "量了 9 周"}, files=files)
    page = shown.follow(answer)
    assert "已践诺" in page.words
    assert page.page.find("img", alt="践诺的照片，第 1 张")
    assert "您看做到了吗" not in page.words, "nobody judges themselves"
    seen = house.li.get(f"/volunteering/members/{shown.id}")
    assert "您看做到了吗" in seen.words
    judged = house.li.follow(house.li.post(f"/volunteering/pledges/{id}/verdicts", {"verdict": "good"}))
    assert "改我的评价" in judged.words
    assert "登录" not in judged.words


def test_a_promise_sent_twice_is_one(house: House, shown: One) -> None:
    path = f"/pledges/{fresh()}"
    assert [shown.api.put(path, {"says": "巡院子"}).status for _ in range(2)] == [201, 200]
    assert shown.api.put(path, {"says": "扫院子"}).json["code"] == "SameIdOtherContent"
    assert len(house.nobody.api.get("/party-board").json["items"][0]["pledges"]) == 1


def test_a_promise_is_kept_once_and_by_who_made_it(house: House, shown: One) -> None:
    pledge = kept(shown)
    assert shown.api.post(f"/pledges/{pledge}/keep", None, json={"how": "又换了"}).json["code"] == "NotThisState"
    assert shown.api.post(f"/pledges/{pledge}/withdraw").json["code"] == "NotThisState"
    other = promise(shown).json["id"]
    assert house.li.api.post(f"/pledges/{other}/keep", None, json={"how": "我做的"}).status == 404
    assert house.li.api.post(f"/pledges/{other}/withdraw").status == 404
    assert shown.api.post(f"/pledges/{other}/withdraw").status == 204
    assert house.nobody.api.get(f"/pledges/{other}").status == 404


def test_a_neighbour_has_one_word_and_may_change_it(house: House, shown: One) -> None:
    pledge = kept(shown)
    assert judge(house.li, pledge, "good").status == 204
    assert judge(house.li, pledge, "poor").status == 204
    assert judge(shown, pledge, "good").json["code"] == "OwnPromise"
    assert judge(house.li, promise(shown).json["id"], "good").json["code"] == "NotThisState"
    with house.session() as session:
        assert [said.verdict for said in session.exec(select(PledgeVerdict))] == ["poor"]


def test_counts_are_shown_from_three_on(house: House, shown: One) -> None:
    pledge = kept(shown)
    for one, verdict in ((house.li, "good"), (house.wang, "good")):
        judge(one, pledge, verdict)
    assert house.nobody.api.get(f"/pledges/{pledge}").json["verdicts"] is None
    judge(house.zhang, pledge, "fair")
    assert house.nobody.api.get(f"/pledges/{pledge}").json["verdicts"] == {"good": 2, "fair": 1, "poor": 0}


def test_the_plaque_leads_to_the_members_page(house: House, shown: One) -> None:
    promise(shown)
    sheet = house.nobody.get(f"/volunteering/members/{shown.id}/plaque")
    assert sheet.page.find("svg", {"class": "qr"})
    assert f"/c/fengshu/volunteering/members/{shown.id}" in sheet.words
    assert "三天内修好" in sheet.words


def test_a_closed_account_no_longer_appears(house: House, shown: One) -> None:
    assert shown.post("/me/close", {"sure": "true"}).status == 303
    assert house.nobody.api.get("/party-board").json["items"] == []
    with house.session() as session:
        assert session.exec(select(Consent).where(Consent.person_id == shown.id)).one().withdrawn_at


def test_an_officer_writes_it_down_for_a_member_without_a_phone_and_any_officer_takes_it_back(house: House, bai: One) -> None:
    """With the consent that they gave by word of mouth; both are named."""
    wish = {"says": "每周看望两户老人。", "person_id": str(bai.id)}
    assert house.wang.api.put(f"/pledges/{fresh()}", wish).status == 403
    assert house.liu.api.put(f"/pledges/{fresh()}", wish).json["code"] == "NotOnTheBoard"
    assert house.liu.api.put(f"/pledges/{fresh()}", wish | {"person_id": str(house.wang.id), "agrees": True}).status == 403
    form = house.liu.get("/volunteering/pledges/new")
    assert [option["value"] for option in form.page.select("select[name=person_id] option")] == ["", str(bai.id)]
    done = house.liu.post("/volunteering/pledges/new", wish | {"id": str(fresh()), "agrees": "true"})
    page = house.nobody.get(done.place.removeprefix("/c/fengshu"))
    assert "刘主任替他写的" in page.words
    with house.session() as session:
        consent = session.exec(select(Consent).where(Consent.person_id == bai.id)).one()
        pledge = session.exec(select(Pledge)).one()
    assert (consent.purpose, consent.entered_by_id) == ("appear", house.liu.id)
    assert (pledge.person_id, pledge.entered_by_id) == (bai.id, house.liu.id)
    here = f"/pledges/{pledge.id}"
    assert house.wang.api.post(f"{here}/withdraw").status == 404
    assert house.chen.api.post(f"{here}/withdraw").status == 204, "any officer who may act for others"
    own = promise(bai).json["id"]
    assert house.chen.api.post(f"/pledges/{own}/withdraw").status == 404, "not what the member wrote themselves"
