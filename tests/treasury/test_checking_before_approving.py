"""What an approver reads before signing: every check once when there is nothing to look at, and once when there is."""

from datetime import timedelta
from typing import Any

import pytest

from app.kit.clock import today
from app.treasury.chart_models import Code
from app.treasury.journal import reverse
from tests.cast import House, One
from tests.making import fresh
from tests.treasury.bookkeeping import approved, booked, decided_by, opened, posted, submitted, wish
from tests.treasury.test_two_approvers import in_force

PLAIN = {"amount": "3210.00"}


@pytest.fixture
def books(house_sqlite: House) -> House:
    return opened(house_sqlite)


def days_ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def checks(one: One, draft: dict[str, Any]) -> dict[str, str]:
    """The words of each check, by its name; the page says the same."""
    read = one.api.get(f"/drafts/{draft['id']}").json["checks"]
    page = one.get(f"/money/drafts/{draft['id']}").page
    shown = [(item["class"][0], item.get_text()) for item in page.select(".checks li")]
    colours = {"sent": "green", "kept": "yellow", "fix": "red"}
    assert [(colours[state], words) for state, words in shown] == [(c["state"], c["words"]) for c in read]
    begins = {"green": "通过：", "yellow": "请看：", "red": "不通过："}
    assert all(c["words"].startswith(begins[c["state"]]) for c in read)
    return {c["name"]: c["words"] for c in read}


def test_an_ordinary_expense_has_nothing_to_look_at(books: House) -> None:
    posted(books, shade=1, on_date=days_ago(30))
    draft = submitted(books, shade=2, amount=PLAIN, decision_id=decided_by(books))
    voucher = draft["vouchers"][0]
    books.zhang.api.ask("PATCH", f"/vouchers/{voucher}", json={"invoice_number": "24432000000012345678"})
    books.zhang.api.post(f"/drafts/{draft['id']}/submit")
    assert checks(books.chen, draft) == {
        "voucher": "通过：票据 1 张",
        "voucher_new": "通过：票据没有重复用过",
        "invoice_new": "通过：发票号没有用过",
        "decision": "通过：有决议",
        "month": "通过：那个月还没有公布",
        "counterparty": "通过：对方以前出现过",
        "near": "通过：前后三天没有同样的一笔",
        "round": "通过：金额不是整千",
        "split": "通过：七天里合起来没有过门槛",
        "hands": "通过：您和经手的人不是一家",
    }


def test_a_missing_voucher_is_red_where_it_is_needed_and_yellow_below(books: House) -> None:
    draft = submitted(books, amount=PLAIN)
    etag = {"if-match": f'"{draft["version"]}"'}
    in_force(books, "voucher_needed_fen", 4000_00)
    books.zhang.api.ask("PATCH", f"/drafts/{draft['id']}", json=wish(amount=PLAIN, remove=draft["vouchers"]), headers=etag)
    books.zhang.api.post(f"/drafts/{draft['id']}/submit")
    assert checks(books.chen, draft)["voucher"] == "请看：没有票据"
    dear = submitted(books, shade=2, amount={"amount": "4100.00"})
    etag = {"if-match": f'"{dear["version"]}"'}
    without = wish(amount={"amount": "4100.00"}, remove=dear["vouchers"])
    books.zhang.api.ask("PATCH", f"/drafts/{dear['id']}", json=without, headers=etag)
    read = books.zhang.api.get(f"/drafts/{dear['id']}").json["checks"]
    assert {"name": "voucher", "state": "red", "words": "不通过：没有票据"} in read


def test_a_paper_and_an_invoice_number_seen_before_are_named(books: House) -> None:
    for purpose in ("5栋下水道疏通", "再报一次"):
        draft = submitted(books, amount=PLAIN, purpose=purpose)
        books.zhang.api.ask("PATCH", f"/vouchers/{draft['vouchers'][0]}", json={"invoice_number": "24432000"})
        books.zhang.api.post(f"/drafts/{draft['id']}/submit")
    said = checks(books.chen, draft)
    assert said["voucher_new"] == "请看：同一张票据别处用过"
    assert said["invoice_new"] == "请看：发票号 24432000 用过，在“5栋下水道疏通”"


def test_a_missing_decision_is_yellow_and_red_from_the_amount_of_the_rules(books: House) -> None:
    draft = submitted(books, amount=PLAIN)
    assert checks(books.chen, draft)["decision"] == "请看：没有写明决议"
    in_force(books, "decision_needed_fen", 3000_00)
    assert checks(books.chen, draft)["decision"] == "不通过：这么大的支出要有决议"


def test_a_published_month_is_red(house: House) -> None:
    opened(house, on=today() - timedelta(days=90))
    last_month = (today().replace(day=1) - timedelta(days=1)).isoformat()
    draft = submitted(house, on_date=last_month)
    earlier = house.zhang.api
    for months in (3, 2, 1):
        first = today().replace(day=1)
        for _ in range(months):
            first = (first - timedelta(days=1)).replace(day=1)
        earlier.post("/statements", json={"month": f"{first:%Y-%m}"})
    assert checks(house.chen, draft)["month"] == "不通过：那个月已经公布"


def test_a_counterparty_without_an_entry_is_new(books: House) -> None:
    draft = submitted(books, amount=PLAIN)
    assert checks(books.chen, draft)["counterparty"] == "请看：对方第一次出现"
    submitted(books, shade=2, amount=PLAIN)
    assert checks(books.chen, draft)["counterparty"] == "请看：对方第一次出现", "a draft is no acquaintance"


def test_a_whole_thousand_is_compared_with_its_voucher(books: House) -> None:
    for amount, words in (("1000.00", "请看：金额是整千，和票据对一对"), ("900.00", "通过：金额不是整千")):
        assert checks(books.chen, submitted(books, amount={"amount": amount}))["round"] == words
    income = submitted(books, shade=9, kind="income", category="4001", amount={"amount": "2000.00"})
    assert "round" not in checks(books.chen, income), "rent is a round number everywhere"


@pytest.mark.parametrize(("days", "seen"), [(0, True), (3, True), (4, False)])
def test_the_same_amount_within_three_days_is_named(books: House, days: int, seen: bool) -> None:
    posted(books, shade=1, on_date=days_ago(days), purpose="7栋下水道疏通")
    said = checks(books.chen, submitted(books, shade=2))["near"]
    assert said.startswith("请看：") == seen
    assert ("有同样金额的一笔，“7栋下水道疏通”" in said) == seen
    assert checks(books.chen, submitted(books, shade=3, counterparty="别的一家"))["near"].startswith("通过：")
    assert checks(books.chen, submitted(books, shade=4, amount={"amount": "77.00"}))["near"].startswith("通过：")


def test_a_draft_on_its_way_counts_and_a_returned_or_reversed_one_does_not(books: House) -> None:
    returned = submitted(books, shade=1)
    draft = submitted(books, shade=2)
    assert "有同样金额的一笔" in checks(books.chen, draft)["near"]
    books.chen.api.post(f"/drafts/{returned['id']}/return", json={"reason": "重复了"})
    assert checks(books.chen, draft)["near"].startswith("通过：")
    entry = booked(books, -3200_00, today(), Code.DRAINS)
    other = submitted(books, shade=3, counterparty=entry.counterparty)
    assert "有同样金额的一笔" in checks(books.chen, other)["near"]
    with books.session() as session:
        reverse(session, entry, "记错了")
    assert checks(books.chen, other)["near"].startswith("通过：")


def test_parts_that_cross_a_threshold_together_within_a_week_are_added_up(books: House) -> None:
    posted(books, shade=1, on_date=days_ago(6), amount={"amount": "2000.00"})
    draft = submitted(books, shade=2, amount=PLAIN)
    assert checks(books.chen, draft)["split"] == "请看：七天里 2 笔合计 ¥5,210.00，合起来要两个人批"
    early = submitted(books, shade=3, on_date=days_ago(7), amount={"amount": "2999.00"}, counterparty="另一家")
    late = submitted(books, shade=4, amount={"amount": "2999.00"}, counterparty="另一家")
    assert checks(books.chen, early)["split"] == checks(books.chen, late)["split"] == "通过：七天里合起来没有过门槛"


def test_what_is_above_the_threshold_by_itself_is_not_a_part(books: House) -> None:
    submitted(books, shade=1, amount={"amount": "6000.00"})
    large = submitted(books, shade=2, amount={"amount": "7100.00"})
    small = submitted(books, shade=3, amount={"amount": "100.00"})
    for draft in (large, small):
        assert checks(books.chen, draft)["split"] == "通过：七天里合起来没有过门槛"
    in_force(books, "decision_needed_fen", 13000_00)
    assert checks(books.chen, large)["split"] == "请看：七天里 3 笔合计 ¥13,200.00，合起来要有决议"


def test_parts_below_the_voucher_threshold_are_added_up(books: House) -> None:
    in_force(books, "voucher_needed_fen", 200_00)
    for shade in (1, 2):
        draft = submitted(books, shade=shade, amount={"amount": "150.00"})
    assert checks(books.chen, draft)["split"] == "请看：七天里 2 笔合计 ¥300.00，合起来要有票据"


def test_whoever_signs_nothing_reads_the_checks_without_their_own_hands(books: House) -> None:
    draft = submitted(books)
    assert "hands" in {check["name"] for check in books.chen.api.get(f"/drafts/{draft['id']}").json["checks"]}
    for one in (books.zhang, books.liu):
        names = {check["name"] for check in one.api.get(f"/drafts/{draft['id']}").json["checks"]}
        assert "voucher" in names
        assert "hands" not in names


def test_a_posted_draft_is_checked_no_more(books: House) -> None:
    draft = submitted(books)
    approved(books, books.chen, draft)
    assert books.zhang.api.get(f"/drafts/{draft['id']}").json["checks"] == []


def test_a_reversal_is_checked_for_its_hands_alone(books: House) -> None:
    entry = posted(books)
    draft = books.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "记错了"}).json
    assert list(checks(books.chen, draft)) == ["hands"]
