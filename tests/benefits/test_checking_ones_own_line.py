"""Every claim is in the public log as commitments; whoever it is about can open them, and nobody else."""

import re
from hashlib import sha256

from sqlmodel import select

from app.benefits.claim_models import Claim
from app.publiclog.models import Commitment
from tests.benefits.giving import BY_PHONE, hand_out, opened
from tests.cast import House


def test_an_owner_redoes_the_commitments_of_the_own_claim(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang, proxy_name="小王", proxy_relation="女儿", **BY_PHONE).json["id"]
    told = house.wang.api.get(f"/claims/{made}/commitments").json
    values = {line["field"]: line["value"] for line in told}
    assert (values["unit"], values["collector"]) == ("3-2-601", "小王")
    for line in told:
        assert sha256(bytes.fromhex(line["salt"]) + line["value"].encode()).hexdigest() == line["commitment"]
        public = house.nobody.api.get(f"/log/entries/{line['index']}").json
        assert public["commits"][line["field"]] == line["commitment"]
        assert line["value"] not in house.nobody.api.get(f"/log/entries/{line['index']}").text
    page = house.wang.get(f"/benefits/claims/{made}/proof").words
    assert "核对通过" in page
    assert all(line["salt"] in page for line in told)
    assert "在公开日志里核对" in house.wang.get(f"/benefits/claims/{made}").words


def test_after_the_table_is_closed_each_resident_still_has_their_history(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang).json["id"]
    assert house.liu.api.ask("POST", f"/distributions/{id}/close").status == 200
    listed = house.wang.get("/benefits").words
    assert "我家的 端午礼包 3-2-601" in listed
    assert "已领" in listed
    mine = house.wang.get(f"/benefits/{id}/code")
    assert "3-2-601 已经领了" in mine.words
    assert mine.page.find("a", href=re.compile(f"/benefits/claims/{made}$")), "the way to the signature"
    assert "在公开日志里核对" in house.wang.get(f"/benefits/claims/{made}").words
    assert "核对通过" in house.wang.get(f"/benefits/claims/{made}/proof").words
    late = house.li.get(f"/benefits/{id}/code").words
    assert "已经收摊 没领的不作废" in late
    assert "补领的时候，给发放员看这个码" in late, "nobody is there to scan it now"
    assert "请送上门" not in late


def test_a_neighbour_and_a_stranger_open_nothing(house_sqlite: House) -> None:
    house = house_sqlite
    made = hand_out(house, opened(house), house.wang).json["id"]
    for one, status in ((house.li, 404), (house.nobody, 401), (house.zhao, 404), (house.liu, 200), (house.wang, 200)):
        assert one.api.get(f"/claims/{made}/commitments").status == status
        assert one.get(f"/benefits/claims/{made}/proof").status in (status, 303)


def test_what_was_changed_behind_a_commitment_is_seen(house: House) -> None:
    id = opened(house)
    made = hand_out(house, id, house.wang).json["id"]
    wrong = house.chen.api.ask("POST", f"/claims/{made}/void", json={"reason": "发错了"})
    assert wrong.status == 200
    fields = [line["field"] for line in house.wang.api.get(f"/claims/{made}/commitments").json]
    assert fields.count("reason") == 1, "of the voiding as well"
    with house.session() as session:
        assert session.exec(select(Claim)).one()
        kept = session.exec(select(Commitment).where(Commitment.value == "发错了")).one()
        kept.value = "没发错"
    page = house.wang.get(f"/benefits/claims/{made}/proof").words
    assert "核对不通过" in page
