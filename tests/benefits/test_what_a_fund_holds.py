"""What a plan's fund holds, what of that is promised, what the plan takes, what remains; any fund that gives."""

from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from app.benefits import publishing
from app.benefits.funding import Funding
from app.kit.clock import today
from app.treasury.chart_models import Code, Fund, LedgerAccount
from app.treasury.fund_charts import code_in
from app.treasury.journal import add_fund, book, open_books
from app.treasury.models import Posting
from tests.benefits.giving import (
    PACK,
    approved,
    area_of,
    arrived,
    asked,
    corrected,
    decided,
    goods,
    hand_out,
    let_it_take_effect,
    money,
    plan,
    planned,
    publish,
    published,
)
from tests.cast import House
from tests.making import fresh

HUNDRED_THOUSAND = "¥100,000.00"


def funding(house: House, id: str) -> dict[str, str]:
    told: dict[str, Any] = house.liu.api.get(f"/distributions/{id}/standing").json["funding"]
    return {name: said["amount"] if isinstance(said, dict) else said for name, said in told.items()}


def test_what_remains_is_shown_before_the_submission(house: House) -> None:
    published(house, money("1000"))
    waits = planned(house, money("2000"), title="第二个")
    house.liu.api.ask("POST", f"/distributions/{waits}/submit")
    id = planned(house, PACK | {"spare": 5}, title="第三个")
    assert funding(house, id) == {
        "fund": "public_income",
        "holds": "100000.00",
        "owed": "1000.00",
        "asked": "2000.00",
        "takes": "1248.00",
        "remains": "95752.00",
    }
    page = house.liu.get(f"/benefits/{id}").words
    for said in (HUNDRED_THOUSAND, "¥1,000.00", "¥2,000.00", "¥1,248.00", "发完还剩 ¥95,752.00"):
        assert said in page
    house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert "发完还剩 ¥95,752.00" in house.chen.get(f"/benefits/{id}").words, "whoever signs reads it too"


def test_goods_that_were_bought_before_count_as_what_the_fund_holds(house_sqlite: House) -> None:
    house = house_sqlite
    id = planned(house)
    with house.session() as session:
        book(session, house.compound.id, today(), "买米", [(Code.STOCK, 768_00), (Code.BANK, -768_00)])
    assert funding(house, id)["holds"] == "100000.00"


def test_more_than_the_fund_holds_is_not_handed_in(house: House) -> None:
    id = planned(house, money("100000.01"))
    page = house.liu.get(f"/benefits/{id}").words
    assert "钱不够，不能提交" in page
    refused = house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert (refused.status, refused.json["code"]) == (409, "MoreThanFund")
    assert "公共收益里还能用的是 ¥100,000.00，这个方案要 ¥100,000.01" in refused.json["detail"]
    first = planned(house, money("60000"))
    second = planned(house, money("60000"), title="第二个")
    approved(house, first)
    refused = house.liu.api.ask("POST", f"/distributions/{second}/submit")
    assert refused.json["code"] == "MoreThanFund", "what another plan waits for is not there twice"


def spent_meanwhile(house: House) -> str:
    id = planned(house, money("60000"))
    approved(house, id)
    with house.session() as session:
        book(session, house.compound.id, today(), "修路", [(Code.REPAIRS, 50_000_00), (Code.BANK, -50_000_00)])
    return id


def test_what_was_spent_since_the_approval_is_not_published(house: House) -> None:
    id = spent_meanwhile(house)
    refused = publish(house, id)
    assert (refused.status, refused.json["code"]) == (409, "MoreThanFund")
    assert plan(house, id)["version"] == 0


def test_control_without_the_look_at_the_fund_it_is_published(house_sqlite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    id = spent_meanwhile(house_sqlite)
    monkeypatch.setattr(Funding, "need_to_publish", lambda _self: None)
    assert publish(house_sqlite, id).status == 200


def test_two_plans_published_at_once_do_not_promise_the_same_money(house: House) -> None:
    first, second = planned(house, money("60000")), planned(house, money("30000"), title="第二个")
    for id in (first, second):
        approved(house, id)
    with house.session() as session:
        book(session, house.compound.id, today(), "修路", [(Code.REPAIRS, 35_000_00), (Code.BANK, -35_000_00)])
    calls = [(house.liu.api, "POST", f"/distributions/{id}/publish", {}) for id in (first, second)]
    assert sorted(answer.status for answer in house.at_once(*calls)) == [200, 409]


def test_a_correction_asks_only_for_what_it_adds(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house, money("138", "per_square_metre", rounding="yuan"))
    area_of(house, "3-2-602", 9000)
    told = house.liu.api.ask("POST", f"/distributions/{id}/corrections", json={"reason": "面积登记错了"}).json
    assert told["funding"]["takes"]["amount"] == "69.00"
    assert corrected(house, id, "面积登记错了").status == 200


def opened_donations(house: House, fen: int = 1_000_000) -> None:
    with house.session() as session:
        open_books(session, house.compound.id, 5_00)
        add_fund(session, house.compound.id, Fund.DONATION)
        told = session.exec(select(LedgerAccount).where(LedgerAccount.code.in_(["1490", "2490", "5490"]))).all()  # type: ignore[attr-defined]
        for account in told:
            session.delete(account)  # as the fund was opened before gifts came from it
        session.flush()
        book(session, house.compound.id, today(), "刘家捐款", [("1402", fen), ("4401", -fen)])


def sums(session: Session, house: House, *codes: Code) -> list[Decimal]:
    """Of accounts of the donations, in yuan."""
    found = []
    for code in codes:
        account = session.exec(select(LedgerAccount).where(LedgerAccount.code == code_in(Fund.DONATION, code))).one()
        fen = session.exec(select(Posting.amount_fen).where(Posting.account_id == account.id)).all()
        found.append(Decimal(sum(fen)) / 100)
    return found


def test_a_gift_out_of_donations_stays_in_their_books(house: House) -> None:
    opened_donations(house)
    wish = asked(house, PACK, money("10", "fixed_per_unit"), fund="donation")
    refused = house.liu.api.put(f"/distributions/{fresh()}", wish | {"decision_id": None})
    assert refused.status == 422
    id = str(fresh())
    assert house.liu.api.put(f"/distributions/{id}", wish).status == 201
    assert plan(house, id)["fund"] == "donation"
    assert funding(house, id)["holds"] == "10000.00"
    page = house.liu.get(f"/benefits/{id}").words
    assert "捐款现在有 ¥10,000.00" in page
    approved(house, id)
    assert publish(house, id).status == 200
    let_it_take_effect(house, id)
    (pack,) = goods(house, id)
    arrived(house, id, pack, 8)
    assert hand_out(house, id, house.li).status == 201
    lost = {"item_id": str(pack), "kind": "spoiled", "quantity": 1, "reason": "袋子破了"}
    desk = house.liu.api.get(f"/distributions/{id}/stock").json["items"][0]["desk_id"]
    moved = house.liu.api.put(f"/distributions/{id}/stock-moves/{fresh()}", lost | {"from_desk_id": desk})
    assert moved.status == 201, moved
    with house.session() as session:
        told = sums(session, house, Code.BENEFITS, Code.OWED, Code.STOCK, Code.BANK, Code.OTHER_EXPENSE)
        assert told == [Decimal(848), Decimal(-742), Decimal(-192), Decimal(9990), Decimal(96)]
        public = session.exec(select(LedgerAccount.id).where(LedgerAccount.code == Code.OWED)).one()
        assert session.exec(select(Posting).where(Posting.account_id == public)).all() == [], "nothing of it is public income"
    assert house.liu.api.ask("POST", f"/distributions/{id}/close").status == 200
    line = next(one for one in house.wang.api.get("/entitlements").json["items"][0]["lines"] if one["name"] == "分红")
    back = {"decision_id": wish["decision_id"], "lines": [line["id"]]}
    converted = house.liu.api.put(f"/distributions/{id}/conversions/{fresh()}", back)
    assert converted.status == 201, converted
    with house.session() as session:
        assert sums(session, house, Code.OTHER_INCOME, Code.OWED) == [Decimal(-10), Decimal(-732)]


@pytest.mark.parametrize(("fund", "status"), [("maintenance", 422), ("property_fee", 422), ("held", 422), ("grant", 409)])
def test_what_is_bound_to_something_else_gives_no_gifts(house_sqlite: House, fund: str, status: int) -> None:
    """Civil Code art. 281; and of grants there are no books here."""
    house = house_sqlite
    opened_donations(house)
    answer = house.liu.api.put(f"/distributions/{fresh()}", asked(house, money("10"), fund=fund, decision_id=decided(house)))
    assert answer.status == status, answer


def test_the_fund_is_chosen_on_the_page(house_sqlite: House) -> None:
    house = house_sqlite
    assert "钱从哪里出" not in house.liu.get("/benefits/plan").words, "there is but one"
    opened_donations(house)
    drawn = house.liu.get("/benefits/plan")
    assert "捐款" in drawn.words
    id = str(fresh())
    assert house.liu.api.put(f"/distributions/{id}", asked(house, money("10"))).status == 201
    head = {"title": "重阳", "unit_kinds": ["dwelling"], "version": 1}
    assert house.liu.post(f"/benefits/{id}/head", head | {"fund": "maintenance"}).status == 422
    assert house.liu.post(f"/benefits/{id}/head", head | {"fund": "grant"}).status == 409
    assert house.liu.post(f"/benefits/{id}/head", head | {"fund": "donation"}).status == 303
    refused = house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert refused.json["code"] == "FundNamesNoDecision", "also by area: it was given for something"
    head |= {"version": 2, "fund": "donation", "decision_id": decided(house)}
    assert house.liu.post(f"/benefits/{id}/head", head).status == 303
    assert house.liu.api.ask("POST", f"/distributions/{id}/submit").status == 200


def test_the_books_are_looked_at_under_their_lock(house_sqlite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else two plans on two workers would each see the money that the other takes."""
    order: list[str] = []
    lock, look = publishing.lock_books, publishing.funding_of
    monkeypatch.setattr(publishing, "lock_books", lambda *a: (order.append("lock"), lock(*a))[1])
    monkeypatch.setattr(publishing, "funding_of", lambda *a: (order.append("look"), look(*a))[1])
    published(house_sqlite, money("10"))
    assert order == ["lock", "look"]
