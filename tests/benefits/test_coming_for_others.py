"""Somebody else comes: by whose word, for which homes, and who gets to know."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.benefits.claim_models import Claim
from app.compounds.models import Ownership, Residency
from app.inbox.models import Message
from app.kit.clock import today
from app.publiclog.models import Commitment, LogEntry
from tests.benefits.giving import BY_PHONE, check_the_books, hand_out, line, opened, ticked
from tests.benefits.test_handing_out import picture
from tests.benefits.test_handing_out_without_signal import report, settle
from tests.cast import House, One
from tests.making import fresh, make_person

SENT = {"proxy_name": "小王", "proxy_relation": "女儿"}


def living_with(house: House, one: One, name: str, *, tenant: bool = False) -> None:
    """Somebody of that name lives in the unit that `one` owns."""
    with house.session() as session:
        home = session.exec(select(Ownership).where(Ownership.person_id == one.id)).one()
        person = make_person(session, house.compound, name)
        session.add(
            Residency(
                compound_id=home.compound_id,
                unit_id=home.unit_id,
                person_id=person.id,
                tenant=tenant,
                from_on=date(2024, 1, 1),
            )
        )


def test_nobody_collects_for_another_without_their_word(house: House) -> None:
    id = opened(house)
    refused = hand_out(house, id, house.wang, **SENT)
    assert (refused.status, refused.json["code"]) == (409, "NoAuthority")
    path = f"/benefits/entitlements/{line(house, id, house.wang).id}/claims"
    page = house.liu.post(path, {"id": str(fresh())} | ticked(house.wang, **SENT))
    assert page.status == 422
    assert "代领要有依据：拍下委托书或字条，或者打电话问过业主。" in page.words
    assert 'value="小王"' in page.text, "what was typed is still there"
    unnoted = hand_out(house, id, house.wang, **SENT, authority="phone")
    assert unnoted.status == 422
    assert "打给了谁" in unnoted.text
    assert hand_out(house, id, house.wang, **SENT, authority="hearsay").status == 422
    check_the_books(house, id)


def test_who_is_not_let_collect_leads_back_to_the_table_with_what_was_typed(house: House) -> None:
    id = opened(house)
    path = f"/benefits/entitlements/{line(house, id, house.wang).id}/claims"
    stranger = house.liu.post(path, {"id": str(fresh())} | ticked(house.wang, **SENT, authority="household"))
    assert stranger.status == 422
    assert "名册里，这一户没有叫这个名字的家里人。请拍下委托书或字条，或者打电话问业主。" in stranger.words
    assert stranger.page.find("input", {"name": "proxy_name"})["value"] == "小王"
    nobody = house.liu.post(path, {"id": str(fresh())} | ticked(house.li))
    assert nobody.status == 422
    assert "这个人不是这一户的业主。租户和邻居可以代领，请写上姓名、关系和依据。" in nobody.words
    assert nobody.page.find("details", open=True), "and there is where it is written"
    assert nobody.page.find("input", {"name": "owner_id"})["value"] == str(house.wang.id), "of those who own it now"
    check_the_books(house, id)


def test_what_is_shown_again_of_a_refused_claim_is_what_a_person_wrote(house: House) -> None:
    id = opened(house)
    hand_out(house, id, house.wang)
    strokes = "M10 10L20 20L30 15"
    form = ticked(house.wang, **SENT, authority="phone", authority_note="打给王阿姨", way="signature", signature=strokes)
    lines = str(fresh())
    refused = house.liu.post(
        f"/benefits/entitlements/{line(house, id, house.wang).id}/claims", {"id": str(fresh()), "lines": lines} | form
    )
    assert refused.status in (404, 409)
    form = {"id": str(fresh())} | form
    refused = house.liu.post(f"/benefits/entitlements/{line(house, id, house.wang).id}/claims", form)
    assert refused.status == 409
    facts = {dt.text: dt.find_next("dd").text for dt in refused.page.select("main dt")}
    assert facts == {"代领人姓名": "小王", "和业主的关系": "女儿", "打给了谁，怎么说的": "打给王阿姨"}
    for code in (strokes, str(house.wang.id), "signature", "phone"):
        assert code not in refused.words


def test_a_call_to_the_owner_is_noted_and_they_read_it(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, **SENT, authority="phone", authority_note="打给王阿姨，让女儿来").json
    assert (made["authority"], made["authority_note"]) == ("phone", "打给王阿姨，让女儿来")
    said = "打电话问过业主：打给王阿姨，让女儿来"
    assert said in house.wang.get(f"/benefits/{id}/code").words
    assert said in house.wang.get(f"/benefits/claims/{made['id']}").words
    assert said in house.chen.get(f"/benefits/claims/{made['id']}").words, "a supervisor"
    with house.session() as session:
        assert said in session.exec(select(Message).where(Message.person_id == house.wang.id)).one().body
        logged = session.exec(select(LogEntry.entry).where(LogEntry.record_id == UUID(made["id"]))).one().decode()
        assert session.exec(select(Commitment).where(Commitment.value == said)).one().commitment.hex() in logged
    assert "authority" in logged
    assert "王阿姨" not in logged
    assert "phone" not in logged


def test_a_slip_is_photographed_afterwards_and_its_owner_sees_it(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, **SENT, authority="slip").json
    at = f"/benefits/claims/{made['id']}"
    assert "请拍下委托书或字条" in house.liu.get(at).words
    assert house.liu.post(f"{at}/slip", files={"photo": ("", b"")}).status == 422
    kept = house.liu.post(f"{at}/slip", files={"photo": ("a.jpg", picture(40), "image/jpeg")})
    assert "委托书或字条存好了" in house.liu.follow(kept).words
    for one in (house.wang, house.chen, house.liu):
        assert house.liu.get(at).words.count("请拍下") == 0
        assert one.get(f"{at}/slip/320").headers["content-type"] == "image/jpeg"
    for one, status in ((house.li, 404), (house.zhang, 404), (house.zhao_here, 303), (house.nobody, 303)):
        assert one.get(f"{at}/slip/320").status == status
    body = {"content": picture(90), "headers": {"content-type": "image/jpeg"}}
    other = house.liu.api.ask("PUT", f"/claims/{made['id']}/slip/{fresh()}", **body)
    assert (other.status, other.json["code"]) == (409, "NoPhotoExpected")
    called = hand_out(house, id, house.li, **SENT, **BY_PHONE).json
    assert house.liu.api.ask("PUT", f"/claims/{called['id']}/slip/{fresh()}", **body).json["code"] == "NoPhotoExpected"


def test_family_by_the_roster_needs_no_slip_and_a_tenant_does(house: House) -> None:
    id = opened(house)
    living_with(house, house.wang, "小王")
    living_with(house, house.li, "租客", tenant=True)
    assert "小王" in house.liu.get(f"/benefits/entitlements/{line(house, id, house.wang).id}").words
    tenant = hand_out(house, id, house.li, proxy_name="租客", proxy_relation="租户", authority="household")
    assert (tenant.status, tenant.json["code"]) == (409, "NotOfThisHousehold")
    neighbour = hand_out(house, id, house.li, **SENT, authority="household")
    assert neighbour.json["code"] == "NotOfThisHousehold", "family of another home"
    made = hand_out(house, id, house.wang, **SENT, authority="household")
    assert (made.status, made.json["authority"]) == (201, "household")
    check_the_books(house, id)


def test_who_takes_the_name_out_again_needs_no_word(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, authority="phone", authority_note="打给王阿姨")
    assert (made.status, made.json["authority"], made.json["authority_note"]) == (201, "", "")


def test_the_table_itself_refuses_a_proxy_without_authority(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, **SENT, authority="slip").json
    for changes in ({"authority": ""}, {"authority": "phone"}, {"authority_note": "打给谁"}, {"relation": ""}):
        wrong = update(Claim).where(col(Claim.id) == UUID(made["id"])).values(changes)
        with pytest.raises(IntegrityError), house.session() as session:
            session.execute(wrong)


def test_a_device_tells_by_whose_word_and_one_that_does_not_is_in_conflict(house: House) -> None:
    id = opened(house, stock=10)
    told = report(house, id, house.wang, **SENT, authority="phone", authority_note="打给王阿姨").json
    assert (told["conflict"], told["authority"], told["authority_note"]) == ("", "phone", "打给王阿姨")
    assert house.wang.api.get(f"/claims/{told['id']}").json["authority_note"] == "打给王阿姨"
    slip = report(house, id, house.zhang, **SENT, authority="slip").json
    assert "请拍下委托书或字条" in house.liu.get(f"/benefits/claims/{slip['id']}").words, "the photo follows"
    silent = report(house, id, house.li, **SENT).json
    assert (silent["conflict"], silent["why"]) == ("NoAuthority", "代领没有记下依据")
    stranger = report(house, id, house.li, **SENT, authority="household").json
    assert (stranger["conflict"], stranger["why"]) == ("NotOfThisHousehold", "名册里没有这位家里人")
    assert "名册里同住的家里人" in house.chen.get(f"/benefits/handovers/{stranger['id']}").words
    for one in (silent, stranger):
        assert settle(house, one["id"], "claimed").status == 409
        assert settle(house, one["id"], "returned").status == 200
    check_the_books(house, id)


def test_the_same_collector_goes_on_for_another_home(house: House) -> None:
    id = opened(house)
    first = hand_out(house, id, house.wang, **SENT, **BY_PHONE).json
    done = house.liu.get(f"/benefits/claims/{first['id']}")
    link = done.page.find("a", string="也替别家领")
    assert link
    desk = house.liu.ask("GET", "/" + link["href"])
    assert "小王也替别家领" in desk.words
    assert desk.page.find("input", {"name": "with"})["value"] == first["id"]
    page = house.liu.get(f"/benefits/{id}/desk", params={"q": "3-2-602", "with": first["id"]}).page
    typed = {name: page.find("input", {"name": name})["value"] for name in ("proxy_name", "proxy_relation", "authority_note")}
    assert typed == {"proxy_name": "小王", "proxy_relation": "", "authority_note": ""}
    assert not page.find("input", {"name": "authority", "checked": True}), "asked anew for each home"
    hundred = house.liu.get(f"/benefits/{id}/desk", params={"q": "3-2-6", "with": first["id"]})
    assert hundred.status == 200
    second = hand_out(house, id, house.li, proxy_name="小王", proxy_relation="邻居", authority="slip")
    assert (second.status, second.json["relation"], second.json["authority"]) == (201, "邻居", "slip")


def test_an_owner_of_both_homes_goes_on_as_the_owner(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house)
    theirs = line(house, id, house.li)
    with house.session() as session:
        session.add(Ownership(compound_id=theirs.compound_id, unit_id=theirs.unit_id, person_id=house.wang.id))
    first = hand_out(house, id, house.wang).json
    page = house.liu.get(f"/benefits/{id}/desk", params={"q": "3-2-602", "with": first["id"]}).page
    assert page.find("input", {"name": "owner_id", "checked": True})["value"] == str(house.wang.id)
    assert page.find("input", {"name": "proxy_name"})["value"] == ""


def test_nothing_is_carried_from_a_claim_that_is_not_there(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house)
    assert house.liu.get(f"/benefits/{id}/desk", params={"with": str(fresh())}).status == 404


def test_a_proxys_name_is_for_the_owner_and_the_table_and_nobody_else(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, **SENT, authority="phone", authority_note="打给王阿姨说的").json
    with house.session() as session:
        home = session.exec(select(Ownership).where(Ownership.person_id == house.wang.id)).one()
        tenant, buyer = house.newcomer_in(session, "租客"), house.newcomer_in(session, "新业主")
        where: dict[str, Any] = {"compound_id": home.compound_id, "unit_id": home.unit_id}
        session.add(Residency(**where, person_id=tenant.id, tenant=True))
    pages = ("", f"/{id}", f"/{id}/code", f"/{id}/progress", f"/{id}/report", f"/claims/{made['id']}")
    for one in (house.li, house.zhang, tenant, house.zhao_here, house.nobody):
        for page in pages:
            assert "小王" not in one.get(f"/benefits{page}").text, (one, page)
        for path in (f"/claims/{made['id']}", f"/distributions/{id}", "/entitlements", f"/entitlements/{made['entitlement_id']}"):
            assert "小王" not in one.api.get(path).text, (one, path)
    with house.session() as session:
        session.get_one(Ownership, (home.compound_id, home.id)).to_on = today()
        session.add(Ownership(**where, person_id=buyer.id, from_on=date(2999, 1, 1)))
    assert buyer.get(f"/benefits/claims/{made['id']}").status == 404


def test_a_later_owner_learns_that_it_was_collected_and_not_by_whom(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, **SENT, **BY_PHONE).json
    buyer = house.newcomer("新业主")
    with house.session() as session:
        unit_id = session.exec(select(Ownership.unit_id).where(Ownership.person_id == house.wang.id)).one()
        session.add(Ownership(compound_id=house.compound.id, unit_id=unit_id, person_id=buyer.id, from_on=today()))
        claim = session.get_one(Claim, (house.compound.id, UUID(made["id"])))
        claim.made_at = claim.made_at.replace(year=claim.made_at.year - 1)
    code = buyer.get(f"/benefits/{id}/code")
    assert "3-2-601 已经领了" in code.words
    assert "小王" not in code.text
    assert buyer.get(f"/benefits/claims/{made['id']}").status == 404
    assert "小王" in house.wang.get(f"/benefits/{id}/code").text
