"""Anyone can check a published record: on the page, with a verifier of their own, against a printed sheet."""

from hashlib import sha256

import pytest

from app.publiclog.merkle import verify_consistency, verify_inclusion
from tests.cast import House
from tests.making import make_notice
from tests.publiclog.tampering import tamper


@pytest.fixture
def published(house: House) -> House:
    with house.session() as session:
        for quarter in ("第一", "第二", "第三", "第四", "今年"):
            make_notice(session, house.zhang.person, title=f"{quarter}季度收支公示")
    return house


def tampered(house: House, statement: str, **values: object) -> None:
    with house.session() as session:
        assert tamper(session, statement, **values) == 1


def test_the_page_checks_the_record_and_says_what_that_proves(published: House) -> None:
    page = published.nobody.get("/proofs/3")
    assert "核对通过：公布以后没有改过" in page.words
    assert "不能证明：写的就是真的" in page.words
    assert "区块链" not in page.words
    assert "张会计" not in page.text
    assert page.page.select_one("[data-check-proof]")["data-entry"] == "/api/v1/c/fengshu/log/entries/3"  # type: ignore[index]


def test_the_log_lists_the_latest_first(published: House) -> None:
    page = published.nobody.get("/proofs")
    rows = [a["href"] for a in page.page.select("#entries a.cell")]
    assert rows == [f"/c/fengshu/proofs/{i}" for i in range(4, -1, -1)]
    assert published.nobody.api.get("/log/head").json["root"] in page.words


def test_an_empty_log_says_what_will_appear(house_sqlite: House) -> None:
    assert "还没有记录" in house_sqlite.nobody.get("/proofs").words
    assert house_sqlite.nobody.get("/proofs/0").status == 404
    assert house_sqlite.nobody.api.get("/log/head").json == {"size": 0, "root": sha256(b"").hexdigest()}


def test_a_verifier_of_ones_own_comes_to_the_same_root(published: House) -> None:
    nobody = published.nobody.api
    head = nobody.get("/log/head").json
    for index in range(head["size"]):
        entry = nobody.get(f"/log/entries/{index}").response.content
        proof = nobody.get(f"/log/proofs/{index}?size={head['size']}").json
        leaf = sha256(b"\0" + entry).digest()
        path = [bytes.fromhex(h) for h in proof["path"]]
        assert verify_inclusion(leaf, index, head["size"], path, bytes.fromhex(head["root"]))
        assert not verify_inclusion(sha256(b"\0" + entry + b" ").digest(), index, head["size"], path, bytes.fromhex(head["root"]))
    earlier = nobody.get("/log/consistency?from=2&to=5").json
    roots = bytes.fromhex(earlier["root1"]), bytes.fromhex(earlier["root2"])
    assert verify_consistency(2, 5, [bytes.fromhex(h) for h in earlier["path"]], *roots)
    assert earlier["root2"] == head["root"]


@pytest.mark.parametrize("path", ["/log/entries/5", "/log/proofs/5", "/log/proofs/1?size=6", "/log/consistency?from=2&to=6"])
def test_beyond_the_end_there_is_nothing(house_sqlite: House, path: str) -> None:
    assert house_sqlite.nobody.api.get(path).status == 404


@pytest.mark.parametrize(
    "path", ["/log/entries/-1", "/log/proofs/x", "/log/consistency?from=0&to=1", "/log/entries/9223372036854775808"]
)
def test_no_number_breaks_the_door(house_sqlite: House, path: str) -> None:
    assert house_sqlite.nobody.api.get(path).status == 422


def test_a_changed_entry_is_shown_as_changed(published: House) -> None:
    tampered(
        published,
        'UPDATE log_entry SET entry = :entry WHERE "index" = 3',
        entry=b'{"type":"notice.published","published_at":"yesterday","amount_fen":"a lot"}',
    )
    page = published.nobody.get("/proofs/3")
    assert page.status == 200
    assert "核对不通过" in page.words
    assert "和公布时不一样" in page.words
    assert "核对通过" in published.nobody.get("/proofs/2").words, "the others still hold"


def test_an_entry_changed_with_its_hash_does_not_reach_the_root(published: House) -> None:
    entry = b'{"type":"notice.published"}'
    leaf = sha256(b"\0" + entry).digest()
    tampered(published, 'UPDATE log_entry SET entry = :entry, leaf_hash = :leaf WHERE "index" = 3', entry=entry, leaf=leaf)
    assert "对不上日志的总校验码" in published.nobody.get("/proofs/3").words


def test_a_missing_hash_is_said(published: House) -> None:
    tampered(published, 'DELETE FROM log_node WHERE level = 0 AND "index" = 2')
    assert "缺了校验码" in published.nobody.get("/proofs/3").words


def test_bytes_that_are_no_entry_are_still_shown(published: House) -> None:
    tampered(published, 'UPDATE log_entry SET entry = :entry WHERE "index" = 3', entry=b"\xff\xfe not json")
    page = published.nobody.get("/proofs/3")
    assert (page.status, "核对不通过" in page.words) == (200, True)


def test_a_printed_sheet_is_compared(published: House) -> None:
    root = published.nobody.api.get("/log/head").json["root"]
    with published.session() as session:
        make_notice(session, published.zhang.person, title="后来的公示")

    def answer(size: str, typed: str) -> str:
        return published.nobody.get(f"/proofs?size={size}&root={typed}").page.select_one("#sheet .note b").get_text()  # type: ignore[union-attr]

    assert answer("5", root[:8]) == "一样。"
    assert answer("5", root.upper()) == "一样。"
    assert answer("6", root[:8]) == "不一样。"
    assert answer("7", root[:8]).startswith("纸上的条数比现在的还多")
    assert answer("five", root[:8]) == "没看懂"
    assert answer("5", root[:7]) == "没看懂"
