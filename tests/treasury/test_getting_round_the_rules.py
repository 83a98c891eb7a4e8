"""Ways around the rules of the books that somebody could try, each of them stopped."""

import json
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlmodel import col, func, select

from app.compounds.models import Building, Ownership, Person, Residency, Rule, Seat, SeatKind
from app.kit.clock import today
from app.notices.models import Notice
from app.publiclog.models import LogEntry
from app.treasury.budget_models import Budget
from app.treasury.chart_models import Code, Fund, LedgerAccount
from app.treasury.contract_models import Contract
from app.treasury.journal import open_books
from app.treasury.models import JournalEntry
from app.treasury.period_models import PeriodChange
from app.treasury.statement_models import Statement
from tests.cast import Answer, House
from tests.making import fresh, make_notice, make_seat
from tests.notices.board import attach, objected
from tests.treasury.bookkeeping import (
    ADVERTS,
    approved,
    booked,
    decided_by,
    opened,
    photograph,
    picture,
    posted,
    submitted,
    typed,
    wish,
)

LARGE = {"amount": "6000.00"}
TRANSFER = {"kind": "transfer", "category": Code.CASH.value, "account": Code.BANK.value, "counterparty": ""}
HELD = {"category": "2501", "account": None, "purpose": None, "counterparty": "白头鹎家"}


def code_of(answer: Answer) -> str:
    assert answer.status in (403, 409, 422), answer
    return str(answer.json["code"])


def proposed(house: House, entry: str) -> dict[str, Any]:
    answer = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "记错了"})
    assert answer.status == 201, answer
    return dict(answer.json)


def test_what_two_had_to_approve_two_have_to_reverse_though_it_moved_no_balance(house: House) -> None:
    opened(house)
    moved = posted(house, **TRANSFER, amount=LARGE)
    back = proposed(house, moved)
    assert back["approvals_needed"] == 2
    assert approved(house, house.chen, back).json["entry_id"] is None
    assert approved(house, house.zhou, back).json["entry_id"]
    small = posted(house, **TRANSFER, shade=1, amount={"amount": "10.00"})
    assert proposed(house, small)["approvals_needed"] == 1


def test_nothing_is_posted_on_an_account_that_was_retired_meanwhile(house: House) -> None:
    opened(house)
    to_cash = submitted(house, **TRANSFER)
    drains = submitted(house, shade=1)
    for code, name in ((Code.CASH, "库存现金"), (Code.DRAINS, "下水道疏通")):
        tag = house.nobody.api.get(f"/accounts/{code}").headers["etag"]
        retired = {"json": {"name": name, "retired": True}, "headers": {"if-match": tag}}
        assert house.zhang.api.ask("PATCH", f"/accounts/{code}", **retired).status == 200
    for draft in (to_cash, drains):
        assert code_of(approved(house, house.chen, draft)) == "AccountRetired"
        page = house.chen.get(f"/money/drafts/{draft['id']}")
        assert "已经停用" in page.words
        assert {"name": "account", "state": "red"}.items() <= next(
            check for check in house.chen.api.get(f"/drafts/{draft['id']}").json["checks"] if check["name"] == "account"
        ).items()
    assert house.nobody.api.get("/balances").json["money"]["amount"] == "10000.00"


def test_a_signature_of_somebody_who_moved_in_with_the_author_does_not_count(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    assert approved(house, house.chen, draft).json["approvals_had"] == 1
    with house.session() as session:
        home = session.exec(select(Ownership.unit_id).where(Ownership.person_id == house.zhang.id)).one()
        session.add(Residency(compound_id=house.compound.id, unit_id=home, person_id=house.chen.id, from_on=today()))
    assert code_of(approved(house, house.zhou, draft)) == "SignedByFamily"
    back = house.zhou.api.post(f"/drafts/{draft['id']}/return", json={"reason": "陈工现在是一家人"})
    assert back.json["approvals_had"] == 0


def test_a_signature_of_somebody_whose_seat_has_ended_does_not_count(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    assert approved(house, house.chen, draft).json["approvals_had"] == 1
    with house.session() as session:
        seat = session.exec(select(Seat).where(Seat.person_id == house.chen.id)).one()
        seat.to_on = today() - timedelta(days=1)
    second = approved(house, house.zhou, draft)
    assert (second.json["entry_id"], second.json["approvals_had"]) == (None, 1)
    with house.session() as session:
        make_seat(session, house.people["li"].person, SeatKind.SUPERVISOR)
    assert approved(house, house.li, draft).json["entry_id"]


def test_a_deposit_that_was_given_back_is_not_reversed(house: House) -> None:
    opened(house)
    assert house.zhang.api.post("/funds", json={"fund": Fund.HELD.value}).status == 201
    deposit = posted(house, kind="held_in", **HELD, amount={"amount": "500.00"})
    returned = posted(house, kind="held_out", shade=1, **HELD, amount={"amount": "0.01"})
    back = proposed(house, deposit)
    assert code_of(approved(house, house.chen, back)) == "MoreThanHeld"
    assert approved(house, house.chen, proposed(house, returned)).status == 200
    assert approved(house, house.chen, back).status == 200, "what was given back came in again"


def test_nothing_is_reversed_onto_an_account_that_was_retired(house: House) -> None:
    opened(house)
    back = proposed(house, posted(house))
    tag = house.nobody.api.get(f"/accounts/{Code.DRAINS}").headers["etag"]
    retired = {"json": {"name": "下水道疏通", "retired": True}, "headers": {"if-match": tag}}
    assert house.zhang.api.ask("PATCH", f"/accounts/{Code.DRAINS}", **retired).status == 200
    assert code_of(approved(house, house.chen, back)) == "AccountRetired"


def test_a_contract_of_another_category_by_now_takes_no_money(house: House) -> None:
    opened(house)
    contract = str(fresh())
    assert house.zhang.api.put(f"/contracts/{contract}", ADVERTS).status == 201
    rent = {"kind": "income", "category": Code.ADVERTISING.value, "contract_id": contract}
    draft = submitted(house, **rent)
    other = {"json": ADVERTS | {"category": Code.VENUE.value}, "headers": {"if-match": '"1"'}}
    assert house.zhang.api.ask("PATCH", f"/contracts/{contract}", **other).status == 200
    assert code_of(approved(house, house.chen, draft)) == "ContractOfOther"
    assert house.nobody.api.get("/balances").json["money"]["amount"] == "10000.00"


def test_more_of_others_money_than_is_held_is_not_paid_out(house: House) -> None:
    opened(house)
    assert house.zhang.api.post("/funds", json={"fund": Fund.HELD.value}).status == 201
    posted(house, kind="held_in", **HELD, amount={"amount": "500.00"})
    posted(house, kind="held_in", shade=1, **(HELD | {"category": "2502"}), amount={"amount": "900.00"})
    draft = submitted(house, kind="held_out", shade=2, **HELD, amount={"amount": "500.01"})
    assert code_of(approved(house, house.chen, draft)) == "MoreThanHeld"
    checks = house.chen.api.get(f"/drafts/{draft['id']}").json["checks"]
    assert [check["state"] for check in checks if check["name"] == "left"] == ["red"]
    assert posted(house, kind="held_out", shade=3, **HELD, amount={"amount": "500.00"})


def test_an_account_below_zero_is_pointed_at(house: House) -> None:
    opened(house)
    draft = submitted(house, account=Code.CASH.value, amount={"amount": "12.00"})
    checks = house.chen.api.get(f"/drafts/{draft['id']}").json["checks"]
    assert [(check["state"], check["words"]) for check in checks if check["name"] == "left"] == [
        ("yellow", "请看：记入后“库存现金”是 −¥12.00")
    ]


def test_the_second_signature_posts_though_the_threshold_rose_between(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    assert approved(house, house.chen, draft).json["approvals_needed"] == 2
    with house.session() as session:
        facts = {"source": "自治公约", "decided_by": "业主大会", "valid_from_on": date(2026, 1, 1)}
        session.add(Rule(compound_id=house.compound.id, name="two_approvers_fen", value="100000000", **facts))
    assert approved(house, house.zhou, draft).json["entry_id"]


def test_a_period_before_the_books_is_not_published(house: House) -> None:
    with house.session() as session:
        open_books(session, house.compound.id)
    published = house.zhang.api.post("/statements", json={"period": "2026-10"})
    assert code_of(published) == "NothingToState", "an opening balance of September would come too late"
    booked(house, 100_00, date(2026, 10, 5), Code.PARKING)
    assert code_of(house.zhang.api.post("/statements", json={"period": "1950"})) == "NothingToState"
    assert house.zhang.api.post("/statements", json={"period": "2026-10"}).status == 201


def test_what_belongs_to_the_next_compound_is_absent_here(house: House) -> None:
    opened(house)
    with house.session() as session:
        open_books(session, house.next_door.id, 100_00, date(2026, 9, 30))
        seated = session.get_one(Person, (house.next_door.id, house.zhao.id))
        make_seat(session, seated, SeatKind.TREASURER)
        theirs = session.exec(select(JournalEntry.id).where(JournalEntry.compound_id == house.next_door.id)).one()
        building = session.exec(select(Building.id).where(Building.compound_id == house.next_door.id)).first()
    contract = house.zhao.api.put(f"/contracts/{fresh()}", ADVERTS).json["id"]
    page = fresh()
    jpeg = {"content": picture(), "headers": {"content-type": "image/jpeg"}}
    assert house.zhao.api.ask("PUT", f"/contracts/{contract}/pages/{page}", **jpeg).status == 201
    ruled = {"kind": "committee", "title": "t", "what": "w", "decided_on": "2026-01-05"}
    decision = house.zhao.api.put(f"/decisions/{fresh()}", ruled).json["id"]
    statement = house.zhao.api.post("/statements", json={"period": "2026-10"}).json["id"]
    income = wish(kind="income", category=Code.ADVERTISING.value)
    lines = [{"category": Code.DRAINS.value, "amount": {"amount": "1.00"}}]
    ours = house.zhang.api
    mine = ours.put(f"/contracts/{fresh()}", ADVERTS).json["id"]
    own = ours.post("/statements", json={"period": "2026-10"}).json["id"]
    for answer in (
        ours.put(f"/drafts/{fresh()}", income | {"contract_id": contract}),
        ours.put(f"/drafts/{fresh()}", income | {"building_id": str(building)}),
        ours.put(f"/drafts/{fresh()}", income | {"decision_id": decision}),
        ours.put(f"/contracts/{fresh()}", ADVERTS | {"decision_id": decision}),
        ours.ask("PATCH", f"/contracts/{contract}", json=ADVERTS, headers={"if-match": '"1"'}),
        ours.post(f"/contracts/{contract}/end", json={"on_date": "2026-06-30", "reason": "r"}),
        ours.ask("PUT", f"/contracts/{contract}/pages/{fresh()}", **jpeg),
        ours.get(f"/contract-pages/{page}/original"),
        ours.put(f"/budgets/{fresh()}", {"period": "2026", "decision_id": decision, "lines": lines}),
        ours.post(f"/statements/{statement}/corrections", json={"reason": "r"}),
        ours.put(f"/entries/{theirs}/reversals/{fresh()}", {"reason": "r"}),
        ours.post(f"/entries/{theirs}/release", json={"clean": True, "seen_sha256": []}),
        ours.get(f"/entries/{theirs}/trail"),
    ):
        assert answer.status == 404, answer
    assert code_of(ours.post(f"/statements/{own}/corrections", json={"reason": "r", "entries": [str(theirs)]})) == "NotOfLater"
    kept = ours.ask("PATCH", f"/contracts/{mine}", json=ADVERTS | {"remove": [str(page)]}, headers={"if-match": '"1"'})
    assert kept.status == 200
    assert house.zhao.api.get(f"/contracts/{contract}").json["pages"] == [str(page)]


def test_each_form_of_the_books_sent_twice_makes_one_thing(house: House) -> None:
    opened(house, date(2026, 8, 31))
    decision = decided_by(house)
    contract = ADVERTS | {"amount": "3000"}
    mine = str(house.zhang.api.put(f"/contracts/{fresh()}", ADVERTS).json["id"])
    forms: dict[str, dict[str, Any]] = {
        "/money/funds": {"fund": "donation"},
        "/money/accounts": {"name": "广场舞", "fund": "public_income", "use": "expense"},
        "/money/contracts/record": {"id": str(fresh()), **contract},
        f"/money/contracts/{mine}/correct": {"version": "1", **contract, "what": "道闸广告"},
        f"/money/contracts/{mine}/end": {"on_date": "2026-10-31", "reason": "搬走了"},
        "/money/budget/write?period=2026": {
            "id": str(fresh()),
            "version": "0",
            "decision_id": decision,
            "category": [Code.DRAINS.value],
            "amount": ["4000"],
        },
        "/money/periods/close": {"month": "2026-09"},
        "/money/periods/reopen": {"month": "2026-09", "reason": "还有一笔"},
        "/money/publish": {"period": "2026-09"},
    }
    for path, form in forms.items():
        first = house.zhang.post(path, form)
        assert first.status == 303, (path, first)
        before = rows(house)
        again = house.zhang.post(path, form)
        assert again.status in (303, 409, 412), (path, again)
        assert rows(house) == before, path


def test_a_form_that_arrives_again_does_not_submit_what_was_returned_meanwhile(house: House) -> None:
    opened(house)
    form = typed(id=str(fresh()), kind="income", category=Code.PARKING.value, act="submit")
    sent = house.zhang.post("/money/book", form)
    assert "已提交" in house.zhang.follow(sent).words
    assert house.zhang.post("/money/book", form).response.cookies["said"] == sent.response.cookies["said"], "a double tap"
    assert house.chen.api.post(f"/drafts/{form['id']}/return", json={"reason": "金额不对"}).status == 200
    again = house.zhang.post("/money/book", form)
    assert (again.place, again.response.cookies.get("said")) == (sent.place, None)
    assert house.zhang.api.get(f"/drafts/{form['id']}").json["state"] == "returned"


def test_papers_that_were_signed_with_a_reversal_stand_in_the_log(house: House) -> None:
    opened(house)
    back = proposed(house, posted(house))
    assert photograph(house.zhang, back["id"], 9).status == 201
    assert approved(house, house.chen, house.zhang.api.post(f"/drafts/{back['id']}/submit").json).status == 200
    with house.session() as session:
        last = json.loads(session.exec(select(LogEntry.entry).order_by(col(LogEntry.index).desc())).first() or "{}")
    assert last["facts"]["vouchers"] == [sha256(picture(9)).hexdigest()]


def test_a_neighbours_evidence_becomes_no_voucher(house: House) -> None:
    """Released, it would be everybody's under the id by which it is theirs and the officers'."""
    opened(house)
    with house.session() as session:
        notice = make_notice(session, house.liu.person)
    objection = objected(house, notice)
    photo, draft = fresh(), fresh()
    assert attach(house.wang, objection, 7, photo).status == 201
    assert house.zhang.api.put(f"/drafts/{draft}", wish()).status == 201
    assert code_of(photograph(house.zhang, draft, 7, photo)) == "VoucherTaken"
    assert photograph(house.zhang, draft, 7).status == 201, "the same bytes of one's own are a paper like any other"


def rows(house: House) -> dict[str, int]:
    """How many there are of what the room keeps."""
    kinds = (LedgerAccount, Contract, Budget, PeriodChange, Statement, Notice, LogEntry)
    with house.session() as session:
        return {kind.__name__: session.exec(select(func.count()).select_from(kind)).one() for kind in kinds}
