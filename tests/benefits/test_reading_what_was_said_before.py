"""After a correction: a unit reads what the version before said of it and by how much it differs, officers what changed."""

from tests.benefits.giving import OIL, area_of, corrected, label_of, line, money, more_units, published
from tests.benefits.test_holding_back_and_correcting import note
from tests.cast import House
from tests.making import fresh


def by_area_corrected(house: House) -> str:
    id = published(house, money("9", "per_square_metre", rounding="yuan"))
    area_of(house, "3-2-602", 9950)
    assert corrected(house, id).status == 200
    return id


def test_a_unit_reads_what_it_was_told_before(house: House) -> None:
    id = by_area_corrected(house)
    mine = house.li.get(f"/benefits/{id}/code").words
    assert "更正前后 3-2-602，第 1 次更正 以前公示的 ¥806.00 更正以后 ¥896.00 差 +¥90.00" in mine
    assert "看更正前后" in house.li.get(f"/benefits/{id}").words
    for other in (house.wang, house.nobody):
        assert "看更正前后" not in other.get(f"/benefits/{id}").words
    assert "更正前后" not in house.wang.get(f"/benefits/{id}/code").words, "nothing of theirs changed"
    assert "¥896.00" not in house.wang.get(f"/benefits/{id}").text


def test_a_unit_that_is_due_nothing_any_more_reads_what_it_was(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house, OIL)
    note(house, id, "exclusions", unit="3-2-602", why="登记重了")
    assert corrected(house, id, "登记重了").status == 200
    page = house.li.get(f"/benefits/{id}/code").words
    assert "以前公示的 菜籽油 2桶 更正以后 没有 差 −¥72.00" in page
    assert "看更正前后" in house.li.get(f"/benefits/{id}").words
    more_units(house, 1)
    assert corrected(house, id, "漏了一户").status == 200
    told = house.liu.get(f"/benefits/{id}/changes").words
    assert "8-1-1000 以前：没有 现在：菜籽油 2桶 +¥72.00" in told
    assert "看第 1 次更正" in told


def test_programs_read_every_version_of_a_unit(house: House) -> None:
    id = by_area_corrected(house)
    now_due = line(house, id, house.li).id
    versions = house.li.api.get(f"/entitlements/{now_due}/versions").json["items"]
    assert [(one["version"], one["amount"]["amount"]) for one in versions] == [(2, "896.00"), (1, "806.00")]
    assert [one["lines"][0]["amount"]["amount"] for one in versions] == ["896.00", "806.00"]
    assert house.wang.api.get(f"/entitlements/{now_due}/versions").status == 404
    assert house.li.api.get(f"/entitlements/{fresh()}/versions").status == 404
    untouched = line(house, id, house.wang).id
    assert len(house.wang.api.get(f"/entitlements/{untouched}/versions").json["items"]) == 1


def test_officers_read_what_a_correction_changed(house: House) -> None:
    id = by_area_corrected(house)
    assert "更正前后" in house.chen.get(f"/benefits/{id}").words
    for officer in (house.liu, house.chen):
        page = officer.get(f"/benefits/{id}/changes").words
        assert "3-2-602 以前：¥806.00 现在：¥896.00 +¥90.00" in page
        assert label_of(house, house.wang) not in page
    told = house.chen.api.get(f"/distributions/{id}/changes?version=2").json["items"]
    assert [(one["now"]["label"], one["before"]["amount"]["amount"]) for one in told] == [("3-2-602", "806.00")]
    assert house.chen.api.get(f"/distributions/{id}/changes?version=1").json["items"] == []
    for one in (house.wang, house.zhang):
        assert one.get(f"/benefits/{id}/changes").status == 403
        assert one.api.get(f"/distributions/{id}/changes?version=2").status == 403


def test_a_correction_of_every_unit_is_walked_page_by_page(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house, money("1000.00"))
    area_of(house, "3-2-602", 9950)
    assert corrected(house, id).status == 200
    first = house.liu.api.get(f"/distributions/{id}/changes?version=2&limit=5").json
    rest = house.liu.api.get(f"/distributions/{id}/changes?version=2&limit=5&cursor={first['next_cursor']}").json
    labels = [one["now"]["label"] for one in first["items"] + rest["items"]]
    assert labels == [f"3-2-60{n}" for n in range(1, 9)], "in the order of the roll"
