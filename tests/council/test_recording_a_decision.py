"""The director puts a decision on record; everybody reads it, and the log has it."""

import json

from sqlmodel import select

from app.publiclog.models import Commitment, LogEntry, commitment_of
from tests.cast import House
from tests.making import fresh

WISH = {
    "kind": "owners",
    "title": "端午每户一份礼包",
    "what": "从公共收益里拿 24,000 元，每户一份。",
    "decided_on": "2026-05-20",
    "votes_for": 180,
    "votes_against": 12,
    "votes_abstained": 8,
}


def test_a_decision_gets_a_number_and_everybody_reads_it(house: House) -> None:
    id = fresh()
    form = WISH | {"id": str(id), "votes_for": "１８０"}
    made = house.liu.post("/decisions/record", form)
    page = house.liu.follow(made).words
    assert "同意 180，反对 12，弃权 8" in page
    assert "第 0 条" in page
    assert house.nobody.api.get(f"/decisions/{id}").json["reference"].endswith("-1")
    assert "端午每户一份礼包" in house.nobody.get("/decisions").words


def test_the_same_decision_sent_twice_is_one(house: House) -> None:
    id = fresh()
    assert [house.liu.api.put(f"/decisions/{id}", WISH).status for _ in range(2)] == [201, 200]
    assert house.liu.api.put(f"/decisions/{id}", WISH | {"title": "别的"}).json["code"] == "SameIdOtherContent"


def test_only_the_committee_records(house: House) -> None:
    for one, status in ((house.wang, 403), (house.chen, 403), (house.zhang, 403), (house.nobody, 401), (house.zhao, 404)):
        path = f"/decisions/{fresh()}"
        assert one.api.put(path, WISH).status == (201 if one is house.zhao else status)
    assert "端午" not in house.nobody.get("/decisions").words, "the neighbours' decision is theirs"


def test_a_mistake_is_named_beside_its_field_and_nothing_is_lost(house: House) -> None:
    answer = house.liu.post("/decisions/record", WISH | {"decided_on": "2999-01-01", "votes_for": "很多"})
    assert answer.status == 422
    assert "日期不能晚于今天" in answer.words
    assert "请填一个整数" in answer.words
    assert answer.page.find("input", {"name": "title"})["value"] == "端午每户一份礼包"


def test_the_log_keeps_the_words_of_a_decision_as_commitments(house: House) -> None:
    """An election names people, and the public log is for ever."""
    wish = WISH | {"kind": "election", "title": "选举王阿姨为楼长", "what": "王阿姨 180 票当选。"}
    assert house.liu.api.put(f"/decisions/{fresh()}", wish).status == 201
    with house.session() as session:
        entry = session.exec(select(LogEntry.entry).where(LogEntry.type == "decision.recorded")).one()
        kept = session.exec(select(Commitment)).all()
    said = json.loads(entry)
    assert "王" not in entry.decode()
    assert said["facts"] == {"kind": "election", "decided_on": "2026-05-20", "votes": [180, 12, 8]}
    committed = {commitment_of(c.salt, c.value).hex(): c.value for c in kept}
    assert {name: committed[digest] for name, digest in said["commits"].items()} == {"title": wish["title"], "what": wish["what"]}
