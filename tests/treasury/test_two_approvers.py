"""From the amount that the compound's rules name, an entry is posted when two persons of two households have approved it."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from app.access.permissions import SEAT_PERMISSIONS, Permission
from app.compounds.models import Ownership, Residency, SeatKind
from app.inbox.models import Message
from app.kit.clock import today
from tests.cast import House, One
from tests.making import fresh, make_seat
from tests.treasury.bookkeeping import approved, decided_by, opened, photograph, submitted, wish

LARGE = {"amount": "6000.00"}


def had_and_needed(house: House, draft: dict[str, Any]) -> tuple[int, int]:
    read = house.zhang.api.get(f"/drafts/{draft['id']}").json
    return read["approvals_had"], read["approvals_needed"]


def told(house: House, one: One) -> list[str]:
    with house.session() as session:
        return sorted(session.exec(select(Message.title).where(Message.person_id == one.id)))


def in_force(house: House, name: str, value: int) -> None:
    """As the director sets it on its page."""
    form = {"name": name, "value": str(value), "source": "自治公约第 12 条", "decided_by": "业主大会"}
    assert house.liu.post("/rules/set", form | {"valid_from_on": today().isoformat()}).status == 303


def test_a_large_expense_waits_for_the_second_of_two(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    assert had_and_needed(house, draft) == (0, 2)
    page = house.chen.get(f"/money/drafts/{draft['id']}")
    assert "要 2 位，已批 0 位" in page.words
    assert "您是第一位" in page.words
    sent = house.chen.post(f"/money/drafts/{draft['id']}/approve", {"content_hash": draft["content_hash"]})
    after = house.chen.follow(sent).words
    assert "要 2 位，已批 1 位：陈工" in after
    assert "您批过了，等另一位监督委员。" in after
    assert house.zhang.api.get(f"/drafts/{draft['id']}").json["state"] == "submitted"
    assert had_and_needed(house, draft) == (1, 2)
    assert told(house, house.zhang) == ["一笔账批了一位，还差一位"]
    assert "批了 1 位，还差一位" in house.zhang.get("/money/drafts").words
    assert "待我批 0 笔" in house.chen.get("/money/drafts").words
    waiting = house.zhou.get("/money/drafts").words
    assert "待我批 1 笔" in waiting
    assert "批了 1 位，还差一位" in waiting
    assert house.nobody.api.get("/balances").json["money"]["amount"] == "10000.00"
    answer = approved(house, house.zhou, draft).json
    assert (answer["approvals_had"], answer["approvals_needed"]) == (2, 2)
    assert told(house, house.zhang) == ["一笔账批了一位，还差一位", "一笔账批准入账了"]
    assert "陈工、老周" in house.wang.get(f"/money/entries/{answer['entry_id']}").words
    assert approved(house, house.chen, draft).json["entry_id"] == answer["entry_id"], "asked again, the first hears the same"


@pytest.mark.parametrize(("amount", "needed"), [("4999.99", 1), ("5000.00", 2)])
def test_the_threshold_itself_needs_two(house_sqlite: House, amount: str, needed: int) -> None:
    house = opened(house_sqlite)
    draft = submitted(house, amount={"amount": amount})
    answer = approved(house, house.chen, draft).json
    assert (answer["approvals_had"], answer["approvals_needed"]) == (1, needed)
    assert bool(answer["entry_id"]) == (needed == 1)


def test_the_compound_sets_its_own_threshold_and_everybody_reads_it(house: House) -> None:
    opened(house)
    assert "一笔满多少钱，要两个人批准 软件默认 一直是 ¥5,000.00" in house.nobody.get("/rules").words
    draft = submitted(house)
    in_force(house, "two_approvers_fen", 1000_00)
    assert "一笔满多少钱，要两个人批准 自治公约第 12 条，业主大会定" in house.nobody.get("/rules").words
    assert approved(house, house.chen, draft).json["entry_id"] is None
    assert approved(house, house.zhou, draft).json["entry_id"]


def test_income_and_reversals_are_no_way_around_it(house: House) -> None:
    opened(house)
    income = submitted(house, kind="income", category="4001", amount=LARGE)
    assert approved(house, house.chen, income).json["entry_id"] is None
    entry = approved(house, house.zhou, income).json["entry_id"]
    reversal = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "记错了"}).json
    assert reversal["approvals_needed"] == 2
    assert approved(house, house.chen, reversal).json["entry_id"] is None
    assert approved(house, house.zhou, reversal).json["entry_id"]


def test_a_reversal_of_what_moved_no_balance_needs_as_many_as_that_did(house: House) -> None:
    """A transfer stands in the public ledger with no sign and an amount of nothing; what it is about is not nothing."""
    opened(house)
    transfer = submitted(house, kind="transfer", account="1002", category="1001", counterparty="", amount=LARGE)
    assert approved(house, house.chen, transfer).json["entry_id"] is None
    entry = approved(house, house.zhou, transfer).json["entry_id"]
    reversal = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "转反了"}).json
    assert (reversal["amount"]["amount"], reversal["approvals_needed"]) == ("0.00", 2)
    assert approved(house, house.chen, reversal).json["entry_id"] is None
    assert approved(house, house.zhou, reversal).json["entry_id"]


def test_the_same_person_again_is_still_one(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    answers = [approved(house, house.chen, draft).json for _ in range(3)]
    assert {(a["entry_id"], a["approvals_had"]) for a in answers} == {(None, 1)}
    assert told(house, house.zhang) == ["一笔账批了一位，还差一位"]


@pytest.mark.parametrize("link", [Ownership, Residency])
def test_two_of_one_household_are_not_two(house: House, link: type[Ownership] | type[Residency]) -> None:
    opened(house)
    with house.session() as session:
        home = session.exec(select(Ownership).where(Ownership.person_id == house.chen.id)).one()
        session.add(link(compound_id=home.compound_id, unit_id=home.unit_id, person_id=house.zhou.id, from_on=date(2020, 1, 1)))
    draft = submitted(house, amount=LARGE)
    assert approved(house, house.chen, draft).status == 200
    assert approved(house, house.zhou, draft).json["code"] == "SameHouseholdAsApprover"
    assert "不通过：和另一位批准人是一家人" in house.zhou.get(f"/money/drafts/{draft['id']}").words
    third = house.newcomer("新监督", SeatKind.SUPERVISOR)
    assert "通过：您和经手的人不是一家" in third.get(f"/money/drafts/{draft['id']}").words
    assert approved(house, third, draft).json["entry_id"]


def test_an_edit_voids_the_first_approval_and_the_entry_names_who_signed_it(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    approved(house, house.chen, draft)
    etag = {"if-match": f'"{draft["version"]}"'}
    house.zhang.api.ask("PATCH", f"/drafts/{draft['id']}", json=wish(amount={"amount": "4000.00"}), headers=etag)
    again = house.zhang.api.post(f"/drafts/{draft['id']}/submit").json
    assert (again["approvals_had"], again["approvals_needed"]) == (0, 1)
    assert "待我批 1 笔" in house.chen.get("/money/drafts").words, "it waits for the first one anew"
    entry = approved(house, house.zhou, again).json["entry_id"]
    words = house.wang.get(f"/money/entries/{entry}").words
    assert "批准 老周" in words
    assert "陈工" not in words, "he signed other words"


def test_one_more_voucher_voids_the_first_approval(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    approved(house, house.chen, draft)
    photograph(house.zhang, draft["id"], 77)
    assert house.zhang.api.post(f"/drafts/{draft['id']}/submit").json["approvals_had"] == 0


def test_a_return_voids_the_first_approval_though_nothing_is_edited(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    approved(house, house.chen, draft)
    returned = house.zhou.api.post(f"/drafts/{draft['id']}/return", json={"reason": "发票看不清"}).json
    assert (returned["state"], returned["approvals_had"]) == ("returned", 0)
    assert told(house, house.zhang) == ["一笔账批了一位，还差一位", "一笔账退回来了"]
    assert told(house, house.chen) == ["您批过的一笔账退回了"]
    again = house.zhang.api.post(f"/drafts/{draft['id']}/submit").json
    assert approved(house, house.zhou, draft).json["code"] == "ContentChanged"
    assert approved(house, house.zhou, again).json["approvals_had"] == 1
    assert approved(house, house.chen, again).json["entry_id"]


# who never approves money


def test_only_a_supervisors_seat_gives_the_right_to_approve() -> None:
    assert [seat for seat, may in SEAT_PERMISSIONS.items() if Permission.APPROVE_MONEY in may] == [SeatKind.SUPERVISOR]


@pytest.mark.parametrize("name", ["liu", "huang"])
def test_an_administrator_with_a_supervisors_seat_approves_nothing(house: House, name: str) -> None:
    """The director says who sits where, and the community officer oversees: neither may seat themselves as who checks."""
    opened(house)
    one = house.people[name]
    with house.session() as session:
        make_seat(session, one.person, SeatKind.SUPERVISOR)
    draft = submitted(house)
    assert approved(house, one, draft).status == 403
    assert one.post(f"/money/drafts/{draft['id']}/approve", {"content_hash": draft["content_hash"]}).status == 403
    assert one.api.post(f"/drafts/{draft['id']}/return", json={"reason": "不行"}).status == 403


# what an expense rests on


def test_a_large_expense_without_a_decision_is_neither_submitted_nor_approved(house: House) -> None:
    opened(house)
    in_force(house, "decision_needed_fen", 3000_00)
    id = fresh()
    house.zhang.api.put(f"/drafts/{id}", wish())
    photograph(house.zhang, id)
    assert house.zhang.api.post(f"/drafts/{id}/submit").json["code"] == "DecisionMissing"
    assert "这么大的支出要有决议" in house.zhang.post(f"/money/drafts/{id}/submit").words
    etag = {"if-match": house.zhang.api.get(f"/drafts/{id}").headers["etag"]}
    house.zhang.api.ask("PATCH", f"/drafts/{id}", json=wish(decision_id=decided_by(house)), headers=etag)
    ready = house.zhang.api.post(f"/drafts/{id}/submit").json
    assert "通过：有决议" in house.chen.get(f"/money/drafts/{id}").words
    assert approved(house, house.chen, ready).status == 200
    income = fresh()
    house.zhang.api.put(f"/drafts/{income}", wish(kind="income", category="4001", amount=LARGE))
    assert house.zhang.api.post(f"/drafts/{income}/submit").status == 200


def test_a_form_without_its_decision_is_kept_as_a_draft(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    in_force(house, "decision_needed_fen", 3000_00)
    in_force(house, "voucher_needed_fen", 4000_00)
    form = wish(id=str(fresh()), amount="3,200.00", act="submit")
    words = house.zhang.follow(house.zhang.post("/money/book", form)).words
    assert "已存成草稿。这么大的支出要有决议" in words


def test_a_rule_that_came_after_the_submission_stops_the_approval(house: House) -> None:
    opened(house)
    draft = submitted(house)
    in_force(house, "decision_needed_fen", 3000_00)
    assert "不通过：这么大的支出要有决议" in house.chen.get(f"/money/drafts/{draft['id']}").words
    assert "有不通过的，不能批准。" in house.chen.get(f"/money/drafts/{draft['id']}").words
    assert approved(house, house.chen, draft).json["code"] == "DecisionMissing"


def test_a_small_expense_needs_a_voucher_from_the_amount_that_the_rules_name(house: House) -> None:
    opened(house)
    in_force(house, "voucher_needed_fen", 200_00)
    assert "支出满多少钱，要有票据 自治公约第 12 条" in house.nobody.get("/rules").words
    for amount, status in (("199.99", 200), ("200.00", 409)):
        id = fresh()
        house.zhang.api.put(f"/drafts/{id}", wish(amount={"amount": amount}))
        assert house.zhang.api.post(f"/drafts/{id}/submit").status == status
