"""The treasurer opens funds one by one, adds categories, renames and retires them; what is posted or published stays."""

import pytest
from sqlmodel import col, select

from app.kit.audit import AuditLine
from app.kit.clock import today
from app.treasury.chart_models import CHART, AccountKind, Code, Fund, Use
from app.treasury.fund_charts import FUND_CHARTS
from app.treasury.journal import accounts_by_code
from tests.cast import Answer, House
from tests.making import fresh
from tests.treasury.bookkeeping import ADVERTS, OPENING_FEN, booked, opened, posted, wish

PLAYGROUND = {"name": "儿童乐园租金", "use": "income", "fund": "public_income"}


def changed(house: House, code: str, name: str, *, retired: bool = False) -> Answer:
    etag = house.nobody.api.get(f"/accounts/{code}").headers["etag"]
    return house.zhang.api.ask("PATCH", f"/accounts/{code}", json={"name": name, "retired": retired}, headers={"if-match": etag})


def acts(house: House) -> list[str]:
    with house.session() as session:
        return list(
            session.exec(
                select(AuditLine.act)
                .where(AuditLine.person_id == house.zhang.id, col(AuditLine.act).regexp_match("^(account|fund)"))
                .order_by(col(AuditLine.at))
            )
        )


@pytest.mark.parametrize("fund", Fund)
def test_a_funds_template_has_its_own_cash_bank_and_opening_account(fund: Fund) -> None:
    chart = {code: (name, kind, use) for code, name, kind, use in FUND_CHARTS[fund]}
    place = list(Fund).index(fund)
    assert [chart[f"1{place}0{n}"][2] for n in (1, 2)] == [Use.MONEY, Use.MONEY]
    assert chart[f"3{place}01"][1] == AccountKind.EQUITY
    uses = {use for _name, _kind, use in chart.values()}
    assert (Use.HELD in uses) == (fund is Fund.HELD) == (Use.INCOME not in uses)


def test_no_two_accounts_of_all_funds_share_a_code_or_a_name() -> None:
    everything = [(code, name) for chart in FUND_CHARTS.values() for code, name, _kind, _use in chart]
    assert len({code for code, _name in everything}) == len(everything)
    assert len({name for _code, name in everything}) == len(everything)
    assert {code.value for code in CHART} <= {code for code, _name in everything}


def test_a_fund_is_opened_once_by_the_treasurer(house: House) -> None:
    opened(house)
    assert "开“捐款”的账" in house.zhang.get("/money/chart").words
    done = house.zhang.follow(house.zhang.post("/money/funds", {"fund": "donation"}))
    assert "捐款开账了" in done.words
    assert "居民捐款" in done.words
    assert [house.zhang.api.post("/funds", json={"fund": fund}).status for fund in ("donation", "grant")] == [200, 201]
    with house.session() as session:
        funds = {account.fund for account in accounts_by_code(session, house.compound.id).values()}
    assert funds == {Fund.PUBLIC_INCOME, Fund.DONATION, Fund.GRANT}
    assert acts(house) == ["fund.opened", "fund.opened"]
    assert house.zhang.api.post("/funds", json={"fund": "lottery"}).status == 422


def test_the_books_come_before_a_fund(house: House) -> None:
    assert house.zhang.api.post("/funds", json={"fund": "grant"}).json["code"] == "BooksNotOpen"


def test_a_category_gets_its_code_by_itself_and_is_offered_at_once(house: House) -> None:
    opened(house)
    answers = [house.zhang.api.post("/accounts", json=PLAYGROUND) for _ in range(2)]
    assert [a.status for a in answers] == [201, 200], "the same name again is the same category"
    assert answers[0].json["code"] == "4011"
    spent = house.zhang.api.post("/accounts", json=PLAYGROUND | {"name": "滑梯修理", "use": "expense"}).json
    assert (spent["code"], spent["kind"]) == ("5012", "expense")
    assert "滑梯修理" in house.zhang.get("/money/book").words
    posted(house, category="5012")
    assert "滑梯修理" in house.nobody.get("/money").words
    assert acts(house) == ["account.added", "account.added"]


def test_after_the_ninety_ninth_the_codes_grow_a_digit(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    codes = [house.zhang.api.post("/accounts", json=PLAYGROUND | {"name": f"摊位{n}"}).json["code"] for n in range(11, 101)]
    assert codes[87:] == ["4098", "40100", "40101"], "4099 is what fits nowhere else"


@pytest.mark.parametrize(
    ("wish", "status", "says"),
    [
        ({"name": "  "}, 422, ""),
        ({"name": "很" * 21}, 422, ""),
        ({"use": "held"}, 422, ""),
        ({"use": "internal"}, 422, ""),
        ({"fund": "grant"}, 409, "FundNotOpen"),
    ],
)
def test_a_category_that_does_not_fit_is_refused(house_sqlite: House, wish: dict[str, str], status: int, says: str) -> None:
    house = opened(house_sqlite)
    refused = house.zhang.api.post("/accounts", json=PLAYGROUND | wish)
    assert refused.status == status
    if says:
        assert refused.json["code"] == says


def test_the_form_adds_an_account_and_keeps_what_was_typed_after_a_slip(house: House) -> None:
    opened(house)
    house.zhang.api.post("/funds", json={"fund": "held"})
    page = house.zhang.get("/money/accounts?fund=held").page
    assert [box["value"] for box in page("input", {"name": "use"})] == ["held", "money"]
    slip = house.zhang.post("/money/accounts", {"fund": "held", "name": "", "use": "held"})
    assert slip.status == 422
    assert slip.page.find("input", {"value": "held", "checked": True})
    wrong = house.zhang.post("/money/accounts", {"fund": "held", "name": "押金利息", "use": "income"})
    assert (wrong.status, "代管资金只有代收代付的科目" in wrong.words) == (422, True)
    done = house.zhang.follow(house.zhang.post("/money/accounts", {"fund": "held", "name": "快递代收款", "use": "held"}))
    assert "加好了：快递代收款" in done.words
    assert "快递代收款" in house.zhang.get("/money/book?kind=held_in").words


def test_a_new_name_changes_nothing_that_is_posted_or_published(house: House) -> None:
    opened(house)
    entry = posted(house, on_date="2026-10-05")
    published = house.zhang.api.post("/statements", json={"month": "2026-10"}).json["id"]
    frozen = house.nobody.api.get(f"/statements/{published}/lines").text
    assert changed(house, Code.DRAINS, "管道疏通").json["name"] == "管道疏通"
    assert house.nobody.api.get(f"/entries/{entry}").json["category"] == "下水道疏通"
    assert house.nobody.api.get(f"/statements/{published}/lines").text == frozen
    assert "管道疏通" in house.zhang.get("/money/book").words
    later = posted(house, shade=9)
    assert house.nobody.api.get(f"/entries/{later}").json["category"] == "管道疏通"
    assert acts(house) == ["account.renamed"]


def test_a_retired_category_is_offered_no_more_and_keeps_its_history(house: House) -> None:
    opened(house)
    entry = posted(house)
    waiting = fresh()
    house.zhang.api.put(f"/drafts/{waiting}", wish())
    page = house.zhang.get(f"/money/accounts/{Code.DRAINS.value}").page
    form = {field["name"]: field["value"] for field in page.select("#retire input")}
    done = house.zhang.follow(house.zhang.post(f"/money/accounts/{Code.DRAINS.value}", form))
    assert "已停用" in done.words
    assert house.zhang.get("/money/book").page.find("input", {"value": Code.DRAINS.value}) is None
    refused = house.zhang.api.put(f"/drafts/{fresh()}", wish())
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/body/category")
    assert house.zhang.api.get(f"/drafts/{waiting}").json["purpose"] == "5栋下水道疏通", "what was written before stays"
    assert house.nobody.api.get(f"/entries/{entry}").json["category"] == "下水道疏通"
    assert "5栋下水道疏通" in house.nobody.get(f"/money/entries?category={Code.DRAINS.value}").words
    assert house.nobody.api.get(f"/accounts/{Code.DRAINS.value}").json["retired"] is True
    assert (
        house.zhang.api.post("/accounts", json=PLAYGROUND | {"name": "下水道疏通", "use": "expense"}).json["code"] == "NameTaken"
    )
    assert changed(house, Code.DRAINS, "下水道疏通").json["retired"] is False
    assert house.zhang.api.put(f"/drafts/{fresh()}", wish()).status == 201
    assert acts(house) == ["account.retired", "account.restored"]


def test_a_new_contract_names_no_retired_category_and_an_old_one_keeps_its_own(house: House) -> None:
    opened(house)
    id = fresh()
    assert house.zhang.api.put(f"/contracts/{id}", ADVERTS).status == 201
    assert changed(house, Code.ADVERTISING, "广告位收入", retired=True).status == 200
    offered = {"value": Code.ADVERTISING.value}
    assert house.zhang.get("/money/contracts/record").page.find("option", offered) is None
    refused = house.zhang.api.put(f"/contracts/{fresh()}", ADVERTS)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/body/category")
    assert house.zhang.get(f"/money/contracts/{id}/correct").page.find("option", offered)
    corrected = house.zhang.api.ask("PATCH", f"/contracts/{id}", json=ADVERTS, headers={"if-match": '"1"'})
    assert corrected.status == 200, corrected


def test_what_holds_money_or_is_the_last_of_its_kind_is_not_retired(house: House) -> None:
    opened(house)
    assert changed(house, Code.BANK, "银行存款", retired=True).json["code"] == "AccountNotEmpty"
    assert changed(house, Code.CASH, "库存现金", retired=True).status == 200
    booked(house, -OPENING_FEN, today())
    assert changed(house, Code.BANK, "银行存款", retired=True).json["code"] == "LastAccount"


def test_a_change_says_which_version_it_changes(house: House) -> None:
    opened(house)
    path, body = "/accounts/4001", {"name": "停车"}
    assert house.zhang.api.ask("PATCH", path, json=body).status == 428
    assert house.zhang.api.ask("PATCH", path, json=body, headers={"if-match": '"7"'}).status == 412
    stale = house.zhang.post("/money/accounts/4001", {"name": "停车", "version": "7"})
    assert stale.status == 412
    assert "现在叫：地面停车" in stale.words
    again = {"name": "停车", "version": stale.page.find("input", {"name": "version"})["value"]}
    assert house.zhang.post("/money/accounts/4001", again).status == 303
    assert changed(house, "4002", "停车").json["code"] == "NameTaken"


def test_only_the_treasurer_changes_the_chart_and_what_programs_post_to_is_not_in_it(house: House) -> None:
    opened(house)
    for one, status in ((house.wang, 403), (house.chen, 403), (house.liu, 403), (house.nobody, 401)):
        assert one.api.post("/accounts", json=PLAYGROUND).status == status
    for code in (Code.OWED, Code.OPENING):
        assert house.nobody.api.get(f"/accounts/{code.value}").status == 404
        assert house.zhang.get(f"/money/accounts/{code.value}").status == 404
    listed = {account["code"] for account in house.chen.api.get("/balances").json["accounts"]}
    assert {Code.OWED, Code.OPENING, Code.PARKING} <= listed
