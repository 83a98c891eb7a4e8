"""A corrected statement supersedes and never replaces: both are read, each names the other, and the difference is shown."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.kit.ids import new_id
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from app.treasury.chart_models import Code, Fund
from app.treasury.journal import add_fund
from app.treasury.publishing import correct_statement
from app.treasury.statement_models import Statement
from app.treasury.statement_queries import correction_of
from app.treasury.statement_schemas import CorrectionWish
from tests.cast import House, actor_of
from tests.making import fresh, make_login
from tests.treasury.bookkeeping import approved, booked, opened, posted, signed
from tests.treasury.test_rivals_for_an_entry import RIVALS, look_then_act

WHY = {"reason": "下水道那笔重复记了"}


@pytest.fixture
def stated(house: House) -> dict[str, Any]:
    """October, published, with an entry that is reversed afterwards."""
    opened(house, date(2026, 9, 30))
    booked(house, 5_000_00, date(2026, 10, 5), Code.PARKING, "10月停车")
    entry = posted(house, on_date="2026-10-20")
    answer = house.zhang.api.post("/statements", json={"period": "2026-10"})
    assert answer.status == 201, answer
    return dict(answer.json) | {"entry": entry}


def reversed_later(house: House, entry: str) -> str:
    draft = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "重复记了"}).json
    return str(approved(house, house.chen, draft).json["entry_id"])


def corrected(house: House, id: str, **other: Any) -> Any:
    return house.zhang.api.post(f"/statements/{id}/corrections", json=WHY | other)


def test_a_reversal_posted_later_is_taken_into_a_corrected_statement(house: House, stated: dict[str, Any]) -> None:
    old = f"/money/statements/{stated['id']}"
    before = house.nobody.api.get(f"/statements/{stated['id']}/lines").text
    reversal = reversed_later(house, stated["entry"])
    form = house.zhang.get(f"{old}/correct")
    assert "减 支出" not in form.words
    assert "会这样改" in form.words
    sent = house.zhang.post(f"{old}/corrections", WHY)
    page = house.zhang.follow(sent)
    new = sent.place.removeprefix("/c/fengshu")
    for words in ("这是更正后的收支表", "下水道那笔重复记了", "¥15,000.00", "冲销更正", "其中后来的更正", "第1次更正"):
        assert words in page.words + page.page.title.text
    assert f"/c/fengshu{old}" in [a["href"] for a in page.page.select(".note a")]
    still = house.nobody.get(old)
    assert "这份收支表有更正" in still.words
    assert [a["href"] for a in still.page.select(".note a")] == [sent.place]
    assert "¥11,800.00" in still.words, "what was published stands as it was"
    assert house.nobody.api.get(f"/statements/{stated['id']}/lines").text == before
    told = house.nobody.api.get(f"/statements/{new.rpartition('/')[2]}").json
    assert (told["version"], told["supersedes_id"], told["closing"]["amount"]) == (2, stated["id"], "15000.00")
    assert house.nobody.api.get(f"/statements/{stated['id']}").json["superseded_by_id"] == told["id"]
    frozen = house.nobody.api.get(f"/statements/{told['id']}/lines").json
    assert (frozen["supersedes"], frozen["because"], frozen["later_fen"]) == (stated["id"], WHY["reason"], 3200_00)
    assert frozen["opening_fen"] + sum(line["amount_fen"] for line in frozen["lines"]) == frozen["closing_fen"]
    assert frozen["lines"][-1]["entry"] == reversal
    for sheet, words in ((f"{old}/sheet", "这份收支表有更正"), (f"{new}/sheet", "这是更正后的收支表")):
        assert words in house.nobody.get(sheet).words


def test_the_difference_is_shown_line_by_line(house: House, stated: dict[str, Any]) -> None:
    reversed_later(house, stated["entry"])
    right = booked(house, -320_00, date(2026, 11, 20), Code.DRAINS, "下水道，金额更正")
    form = house.zhang.get(f"/money/statements/{stated['id']}/correct")
    ticks = {tick["value"] for tick in form.page.select("input[name=entries]")}
    assert ticks == {str(right.id)}, "no reversal, and nothing of the period itself"
    second = corrected(house, stated["id"], entries=[str(right.id)]).json
    page = house.nobody.get(f"/money/statements/{second['id']}/changes")
    assert "多了的 共 2 笔" in page.words
    for words in (
        "重复记了",
        "下水道，金额更正",
        "原来 ¥3,200.00，更正后 ¥320.00 −¥2,880.00",
        "原来 ¥11,800.00，更正后 ¥14,680.00 +¥2,880.00",
    ):
        assert words in page.words
    third = corrected(house, second["id"]).json
    changes = house.nobody.api.get(f"/statements/{third['id']}/changes").json
    assert [line["entry_id"] for line in changes["gone"]] == [str(right.id)]
    assert changes["added"] == []
    assert {"says": "期末余额", "before": second["closing"], "after": third["closing"]} in changes["sums"]
    assert "少了的 共 1 笔" in house.nobody.get(f"/money/statements/{third['id']}/changes").words
    assert house.nobody.api.get(f"/statements/{stated['id']}/changes").status == 404
    assert house.nobody.get(f"/money/statements/{stated['id']}/changes").status == 404


def test_what_a_correction_takes_in_lies_after_the_period(house: House, stated: dict[str, Any]) -> None:
    reversal = reversed_later(house, stated["entry"])
    for wrong in (stated["entry"], reversal, str(new_id())):
        assert corrected(house, stated["id"], entries=[wrong]).json["code"] == "NotOfLater"
    assert house.zhang.post(f"/money/statements/{stated['id']}/corrections", {"reason": " "}).status == 422


def test_without_anything_to_correct_only_a_withdrawn_statement_is_published_again(house: House, stated: dict[str, Any]) -> None:
    assert corrected(house, stated["id"]).json["code"] == "NothingToCorrect"
    assert house.zhang.api.post(f"/notices/{stated['notice_id']}/withdraw", json={"reason": "标题错了"}).status == 200
    offered = house.zhang.get("/money/publish?period=2026-10")
    assert "2026年10月的收支表已经公布" in offered.words
    again = corrected(house, stated["id"])
    assert again.status == 201, again
    assert "数和每一笔都没有变" in house.nobody.get(f"/money/statements/{again.json['id']}/changes").words
    assert "标题错了" in house.nobody.get(f"/money/statements/{stated['id']}").words


def test_money_held_for_others_is_corrected_too_though_it_is_in_no_sum(house: House) -> None:
    opened(house, date(2026, 9, 30))
    with house.session() as session:
        add_fund(session, house.compound.id, Fund.HELD)
    entry = posted(house, kind="held_in", category="2501", counterparty="某业主", purpose="装修押金", on_date="2026-10-20")
    stated = house.zhang.api.post("/statements", json={"period": "2026-10"}).json
    reversed_later(house, entry)
    second = corrected(house, stated["id"])
    assert second.status == 201, second
    assert "代管资金 原来 ¥3,200.00，更正后 ¥0.00" in house.nobody.get(f"/money/statements/{second.json['id']}/changes").words


def test_the_superseded_notice_takes_no_objections_and_asks_for_no_photo(house: House, stated: dict[str, Any]) -> None:
    reversed_later(house, stated["entry"])
    new = corrected(house, stated["id"]).json
    old = house.nobody.api.get(f"/notices/{stated['notice_id']}").json
    assert (old["state"], old["superseded_by_id"], old["effective_at"]) == ("superseded", new["notice_id"], None)
    path = f"/notices/{stated['notice_id']}"
    refused = house.wang.api.put(f"{path}/objections/{fresh()}", {"text": "少了一笔"})
    assert refused.json["code"] == "NoticeSuperseded"
    page = house.wang.get(path)
    assert "有更正" in page.words
    assert f"/c/fengshu/notices/{new['notice_id']}" in [a["href"] for a in page.page.select(".note a")]
    assert page.page.find("textarea") is None
    assert "有更正" in house.nobody.get("/notices").words
    assert "有更正" in house.nobody.get("/money").words
    assert "这份公示有更正" in house.nobody.get(f"{path}/sheet").words
    missing = house.liu.api.get("/notices/tasks").json["photos_missing"]
    assert [photo["notice_id"] for photo in missing] == [new["notice_id"]]
    with house.session() as session:
        written = [entry.decode() for entry in session.exec(select(LogEntry.entry).order_by(col(LogEntry.index)))]
        first = next(n for n, entry in enumerate(written) if "statement.published" in entry)
        assert f'"supersedes":{first}' in written[-1]
        assert verify_log(session, house.compound.id).finding is None


def test_only_the_treasurer_corrects_with_the_second_factor_and_the_last_version(house: House, stated: dict[str, Any]) -> None:
    reversed_later(house, stated["entry"])
    path = f"/statements/{stated['id']}/corrections"
    for one, status in ((house.wang, 403), (house.chen, 403), (house.liu, 403), (house.nobody, 401), (house.zhao, 403)):
        assert one.api.post(path, json=WHY).status == status
    with house.session() as session:
        bare = make_login(session, house.zhang.person, second_factor=False)
    assert house.zhang.api.post(path, json=WHY, cookies={"sid": bare}).json["code"] == "SecondFactorNeeded"
    assert corrected(house, stated["id"]).status == 201
    assert corrected(house, stated["id"]).json["code"] == "AlreadyCorrected"
    assert house.zhang.get(f"/money/statements/{stated['id']}/correct").status == 409
    assert corrected(house, str(new_id())).status == 404


def test_a_correction_names_what_it_corrects_or_the_database_refuses_it(house: House, stated: dict[str, Any]) -> None:
    with house.session() as session:
        row = session.exec(select(Statement)).one().model_dump()
    for wrong in ({"version": 2}, {"supersedes_id": row["id"]}):
        with pytest.raises(IntegrityError), house.session() as session:
            session.connection().execute(insert(Statement), [row | {"id": new_id(), "from_on": date(2026, 1, 1)} | wrong])


def test_of_twenty_corrections_at_once_one_is_published(house: House, stated: dict[str, Any]) -> None:
    reversed_later(house, stated["entry"])
    call = (house.zhang.api, "POST", f"/statements/{stated['id']}/corrections", {"json": WHY})
    answers = house.at_once(*[call] * RIVALS)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: RIVALS - 1}
    assert {answer.json.get("code", "AlreadyCorrected") for answer in answers} == {"AlreadyCorrected"}
    with house.session() as session:
        assert sorted(session.exec(select(Statement.version))) == [1, 2]


@pytest.mark.parametrize("last_line", [False, True])
def test_control_without_the_lock_every_rival_corrects(
    house: House, stated: dict[str, Any], last_line: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the UNIQUE version would stop them."""
    reversed_later(house, stated["entry"])
    key, actor = (house.compound.id, UUID(stated["id"])), actor_of(house.zhang)
    monkeypatch.setattr("app.access.actors.Actor.need_second_factor", lambda _self: None)
    monkeypatch.setattr("app.treasury.publishing.correction_of", lambda *_: None)
    versions = iter(range(2, 2 + RIVALS))
    if not last_line:
        monkeypatch.setattr("app.treasury.publishing.next_version", lambda _before: next(versions))

    def stands(session: Session) -> bool:
        return correction_of(session, session.get_one(Statement, key)) is None

    def correct(session: Session) -> None:
        correct_statement(session, actor, key[1], CorrectionWish(**WHY))

    look_then_act(house, stands, correct)
    with house.session() as session:
        found = session.exec(select(Statement).where(Statement.supersedes_id == key[1])).all()
    assert len(found) == (1 if last_line else RIVALS)


def corrected_with(house: House, period: str, entry: str) -> Any:
    """A period published, and corrected with an entry of a later day."""
    statement = house.zhang.api.post("/statements", json={"period": period})
    assert statement.status == 201, statement
    return corrected(house, statement.json["id"], entries=[entry])


def test_a_correction_is_no_way_around_an_objection(house: House, stated: dict[str, Any]) -> None:
    reversed_later(house, stated["entry"])
    objection = fresh()
    assert house.wang.api.put(f"/notices/{stated['notice_id']}/objections/{objection}", {"text": "下水道记了两次"}).status == 201
    refused = corrected(house, stated["id"])
    assert (refused.status, refused.json["code"]) == (409, "AnswerFirst")
    assert house.liu.api.post(f"/objections/{objection}/answer", json={"text": "确实，下面更正"}).status == 200
    assert corrected(house, stated["id"]).status == 201


def test_a_later_entry_belongs_to_one_period(house: House) -> None:
    opened(house, date(2026, 7, 31))
    entry = str(booked(house, -320_00, date(2026, 11, 20), Code.DRAINS, "8月的下水道").id)
    first = corrected_with(house, "2026-08", entry)
    assert first.status == 201, first
    october = house.zhang.api.post("/statements", json={"period": "2026-10"}).json["id"]
    refused = corrected(house, october, entries=[entry])
    assert refused.json["code"] == "TakenInElsewhere"
    assert "已经补进2026年8月的更正" in refused.json["detail"]
    assert entry not in house.zhang.get(f"/money/statements/{october}/correct").text
    assert corrected_with(house, "2026-Q3", entry).status == 201, "the quarter says its months again, together"
    assert house.zhang.api.post(f"/statements/{october}/corrections", json=WHY | {"entries": [entry]}).status == 409
    third = house.zhang.api.post("/statements", json={"period": "2026-09"}).json["id"]
    assert corrected(house, third, entries=[entry]).json["code"] == "TakenInElsewhere"


def test_a_later_entry_that_a_newer_correction_leaves_out_is_free_again(house: House) -> None:
    opened(house, date(2026, 7, 31))
    entry = str(booked(house, -320_00, date(2026, 11, 20), Code.DRAINS, "8月的下水道").id)
    first = corrected_with(house, "2026-08", entry).json["id"]
    assert corrected(house, first).status == 201, "it was September's"
    assert corrected_with(house, "2026-09", entry).status == 201


def test_a_new_name_alone_is_no_correction(house: House, stated: dict[str, Any]) -> None:
    named = {"json": {"name": "车位费"}, "headers": {"if-match": house.nobody.api.get("/accounts/4001").headers["etag"]}}
    assert house.zhang.api.ask("PATCH", "/accounts/4001", **named).status == 200
    assert corrected(house, stated["id"]).json["code"] == "NothingToCorrect"
    reversed_later(house, stated["entry"])
    second = corrected(house, stated["id"]).json["id"]
    sums = house.nobody.api.get(f"/statements/{second}/changes").json["sums"]
    assert [change["says"] for change in sums] == ["支出", "下水道疏通", "期末余额"]


def test_two_funds_may_call_their_accounts_alike(house: House) -> None:
    opened(house, date(2026, 9, 30))
    assert house.zhang.api.post("/funds", json={"fund": "donation"}).status == 201
    other = house.zhang.api.post("/accounts", json={"name": "下水道疏通", "fund": "donation", "use": "expense"}).json["code"]
    posted(house, on_date="2026-10-10", category=other, amount={"amount": "70.00"})
    entry = posted(house, shade=1, on_date="2026-10-20")
    statement = house.zhang.api.post("/statements", json={"period": "2026-10"}).json["id"]
    reversed_later(house, entry)
    second = corrected(house, statement).json["id"]
    sums = house.nobody.api.get(f"/statements/{second}/changes").json["sums"]
    assert [(c["says"], c["before"]["amount"], c["after"]["amount"]) for c in sums] == [
        ("支出", "3270.00", "70.00"),
        ("下水道疏通", "3200.00", "0.00"),
        ("期末余额", "6730.00", "9930.00"),
    ]


def test_what_was_held_or_opened_wrongly_is_corrected_too(house: House) -> None:
    opened(house, date(2026, 10, 1))
    assert house.zhang.api.post("/funds", json={"fund": "held"}).status == 201
    deposit = posted(house, kind="held_in", category="2501", counterparty="某业主", on_date="2026-10-20")
    statement = house.zhang.api.post("/statements", json={"period": "2026-10"}).json["id"]
    reversed_later(house, deposit)
    second = corrected(house, statement)
    assert second.status == 201, second
    sums = house.nobody.api.get(f"/statements/{second.json['id']}/changes").json["sums"]
    assert [(c["says"], c["before"]["amount"], c["after"]["amount"]) for c in sums] == [("代管资金", "3200.00", "0.00")]
    (opening,) = [e["id"] for e in house.nobody.api.get("/entries").json["items"] if e["kind"] == "opening"]
    draft = house.zhang.api.put(f"/entries/{opening}/reversals/{fresh()}", {"reason": "期初记错"}).json
    assert signed(house, draft).json["entry_id"]
    third = corrected(house, second.json["id"]).json["id"]
    frozen = house.nobody.api.get(f"/statements/{third}/lines").json
    assert (frozen["opening_fen"], frozen["closing_fen"], frozen["later_fen"]) == (0, 0, -10_000_00)
