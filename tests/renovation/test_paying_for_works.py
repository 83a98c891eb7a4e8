"""What works cost is public: the contract with its milestones, what was paid beside what was done."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.kit.clock import today
from app.publiclog.models import LogEntry
from app.renovation.contract_models import Milestone, WorksContract, WorksPayment
from app.treasury.chart_models import Code
from app.treasury.journal import book, reverse
from app.treasury.models import JournalEntry
from tests.cast import House
from tests.making import fresh
from tests.renovation.sites import project_in
from tests.renovation.test_living_through_a_project import went
from tests.renovation.test_saying_how_far_it_is import phases_of, say
from tests.treasury.bookkeeping import opened

MILESTONES = [
    {"name": "预付款", "share": 30, "when": "signed"},
    {"name": "管网完工款", "share": 50, "when": "管网改造"},
    {"name": "尾款", "share": 20, "when": "accepted"},
]
GRANT = {"amount": {"amount": "400000.00"}, "payer": "区住建局"}


def contract(**more: Any) -> dict[str, Any]:
    day = today()
    return {
        "contractor": "骆驼市政工程队",
        "supervisor": "骆城监理公司",
        "amount": {"amount": "1000000.01"},
        "signed_on": str(day),
        "from_on": str(day),
        "to_on": str(day + timedelta(days=90)),
        "milestones": MILESTONES,
    } | more


def signed(house: House, project: UUID, **more: Any) -> str:
    id = str(fresh())
    answer = house.liu.api.put(f"/projects/{project}/contracts/{id}", contract(**more))
    assert answer.status == 201, answer
    return id


def spent(house: House, fen: int = 300_000_00) -> JournalEntry:
    """A line of the compound's books."""
    with house.session() as session:
        return book(session, house.compound.id, today(), "管网预付款", [(Code.DRAINS, fen), (Code.BANK, -fen)])


def paid(house: House, project: UUID, **wish: Any) -> Any:
    return house.zhang.api.put(f"/projects/{project}/payments/{fresh()}", wish or GRANT)


def test_a_contract_is_the_next_step_and_its_sum_is_public(house: House) -> None:
    project = project_in(house).id
    went(house, project, "design")
    signed(house, project)
    read = house.nobody.api.get(f"/projects/{project}/contract").json
    assert read["amount"] == {"amount": "1000000.01", "currency": "CNY"}
    assert [m["amount"]["amount"] for m in read["milestones"]] == ["300000.00", "500000.00", "200000.01"]
    assert [bool(m["due_on"]) for m in read["milestones"]] == [True, False, False]
    assert house.nobody.api.get(f"/projects/{project}").json["stage"] == "contracted"
    assert "¥1,000,000.01" in house.nobody.get(f"/works/projects/{project}/money").words
    assert "¥1,000,000.01" in house.nobody.get(f"/works/projects/{project}").words
    with house.session() as session:
        lines = session.exec(select(LogEntry).where(LogEntry.type == "project.contract_signed")).all()
    assert b"100000001" in lines[0].entry
    assert "骆驼".encode() not in lines[0].entry


def test_what_is_agreed_later_supersedes_and_both_are_shown(house: House) -> None:
    project = project_in(house).id
    first = signed(house, project)
    again = contract(amount={"amount": "1200000.00"}, milestones=[], text="加做雨水口")
    path = f"/projects/{project}/contracts/{fresh()}"
    assert house.liu.api.put(path, again).json["code"] == "ContractSuperseded"
    assert [house.liu.api.put(path, again | {"supersedes_id": first}).status for _ in range(2)] == [201, 200]
    late = house.liu.api.put(f"/projects/{project}/contracts/{fresh()}", again | {"supersedes_id": first})
    assert late.json["code"] == "ContractSuperseded", "somebody else has changed it"
    page = house.nobody.get(f"/works/projects/{project}/money").words
    assert "¥1,200,000.00" in page
    assert "¥1,000,000.01" in page
    assert "加做雨水口" in page


def test_only_who_plans_works_signs(house: House) -> None:
    project = project_in(house).id
    for one, status in ((house.chen, 403), (house.zhang, 403), (house.wang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.put(f"/projects/{project}/contracts/{fresh()}", contract()).status == status
    assert house.nobody.api.get(f"/projects/{project}/contract").status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"milestones": [{"name": "款", "share": 50, "when": "没有这一步"}]},
        {"milestones": [{"name": "款", "amount": {"amount": "1000000.02"}, "when": "signed"}]},
        {"milestones": [{"name": "款", "when": "signed"}]},
        {"milestones": [{"name": "款", "share": 10, "amount": {"amount": "1.00"}, "when": "signed"}]},
        {"signed_on": str(today() + timedelta(days=1))},
        {"to_on": "2020-01-01"},
    ],
)
def test_what_cannot_be_agreed_is_refused_whole(house_sqlite: House, wrong: dict[str, Any]) -> None:
    project = project_in(house_sqlite).id
    went(house_sqlite, project, "admitted")
    assert house_sqlite.liu.api.put(f"/projects/{project}/contracts/{fresh()}", contract(**wrong)).status == 422
    assert house_sqlite.nobody.api.get(f"/projects/{project}/contract").status == 404
    assert house_sqlite.nobody.api.get(f"/projects/{project}").json["stage"] == "admitted"


def test_what_was_paid_stands_beside_what_was_done(house: House) -> None:
    project = project_in(house)
    signed(house, project.id)
    phase = phases_of(house, project)[0]["id"]
    say(house, phase, 100)
    entry = spent(opened(house))
    assert paid(house, project.id, entry_id=str(entry.id)).status == 201
    assert paid(house, project.id).status == 201
    read = house.nobody.api.get(f"/projects/{project.id}/contract").json
    assert read["paid"]["amount"] == "700000.00"
    assert [m["paid"]["amount"] for m in read["milestones"]] == ["300000.00", "400000.00", "0.00"]
    assert read["milestones"][1]["due_on"] == str(today())
    page = house.nobody.get(f"/works/projects/{project.id}/money")
    assert "付了 69%" in page.words
    assert f"/money/entries/{entry.id}" in page.text
    assert "区住建局" in page.words
    assert "付的比做的多" in page.words


def test_a_line_of_the_books_is_paid_once_and_counts_while_it_stands(house: House) -> None:
    project, other, entry = project_in(house).id, project_in(house, "雨水管").id, spent(opened(house))
    path, wish = f"/projects/{project}/payments/{fresh()}", {"entry_id": str(entry.id)}
    assert [house.zhang.api.put(path, wish).status for _ in range(2)] == [201, 200]
    assert house.zhang.api.put(path, GRANT).json["code"] == "SameIdOtherContent"
    assert paid(house, other, **wish).json["code"] == "EntryUsed"
    assert paid(house, other, entry_id=str(fresh())).status == 404
    with house.session() as session:
        again = session.get_one(JournalEntry, (house.compound.id, entry.id))
        reversal = reverse(session, again, "记错了").id
    assert house.nobody.api.get(f"/projects/{project}/payments").json[0]["taken_back"] is True
    assert paid(house, other, **wish).json["code"] == "NoPayment"
    assert paid(house, other, entry_id=str(reversal)).json["code"] == "NoPayment"


def test_a_wrong_payment_is_taken_back_and_its_line_is_free_again(house: House) -> None:
    project, entry = project_in(house).id, spent(opened(house))
    wish = {"entry_id": str(entry.id)}
    payment = paid(house, project, **wish).json[0]["id"]
    back = f"/works-payments/{payment}/withdrawals/{fresh()}"
    assert [house.liu.api.put(back, {"text": "是另一个工程的"}).status for _ in range(2)] == [201, 200]
    assert (
        house.liu.api.put(f"/works-payments/{payment}/withdrawals/{fresh()}", {"text": "再撤"}).json["code"] == "PaymentTakenBack"
    )
    assert "是另一个工程的" in house.nobody.get(f"/works/projects/{project}/money").words
    assert paid(house, project_in(house, "雨水管").id, **wish).status == 201
    for one, status in ((house.chen, 403), (house.wang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.put(f"/projects/{project}/payments/{fresh()}", GRANT).status == status
        assert one.api.put(f"/works-payments/{payment}/withdrawals/{fresh()}", {"text": "不对"}).status == status
    for table in (WorksContract, Milestone, WorksPayment):
        signed(house, project_in(house, table.__name__).id)
        for change in (update(table).values(amount_fen=1), delete(table)):
            with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
                session.execute(change)


def test_of_two_projects_that_take_a_line_at_once_one_has_it(house: House) -> None:
    entry = spent(opened(house))
    rivals = [
        (
            house.zhang.api,
            "PUT",
            f"/projects/{project_in(house, title).id}/payments/{fresh()}",
            {"json": {"entry_id": str(entry.id)}},
        )
        for title in ("管网", "雨水管", "路灯")
    ]
    assert sorted(answer.status for answer in house.at_once(*rivals)) == [201, 409, 409]


def test_the_director_writes_the_contract_in_lines(house_sqlite: House) -> None:
    project = project_in(house_sqlite).id
    form = contract(amount="1,000,000", milestones=["预付款 30% 签约", "管网款 500000 管网改造", ""]) | {"id": str(fresh())}
    path = f"/works/projects/{project}/contract"
    wrong = house_sqlite.liu.post(path, form | {"milestones": ["预付款 三成 签约"]})
    assert (wrong.status, "预付款 三成 签约" in wrong.text) == (422, True)
    unknown = house_sqlite.liu.post(path, form | {"milestones": ["预付款 30% 明年"]})
    assert "没有“明年”这一步" in unknown.words
    made = house_sqlite.liu.follow(house_sqlite.liu.post(path, form)).words
    assert "“管网改造”做完付" in made
    assert "¥500,000.00" in made
    again = house_sqlite.liu.get(path)
    assert 'value="管网款 500000.00 管网改造"' in again.text
    assert 'value="预付款 30% 签约"' in again.text
    payments = f"/works/projects/{project}/payments"
    assert house_sqlite.zhang.post(payments, {"amount": "100"}).status == 422
    shown = house_sqlite.zhang.follow(
        house_sqlite.zhang.post(payments, {"payer": "区住建局", "amount": "10万"} | {"amount": "100000"})
    )
    assert "付了 10%" in shown.words
    assert house_sqlite.chen.get(f"{payments}/new").status == 403
    payment = house_sqlite.nobody.api.get(f"/projects/{project}/payments").json[0]["id"]
    back = f"/works/payments/{payment}/take-back"
    assert "¥100,000.00" in house_sqlite.zhang.get(back).words
    assert house_sqlite.zhang.post(back, {"text": ""}).status == 422
    assert "已撤回" in house_sqlite.zhang.follow(house_sqlite.zhang.post(back, {"text": "还没到账"})).words
