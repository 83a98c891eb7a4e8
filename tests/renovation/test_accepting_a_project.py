"""Residents accept a project: supervisors check its parts, every unit says what it thinks, enough supervisors sign one
conclusion, and what they signed is what is published.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.accounts.models import LoginSession
from app.compounds.models import Ownership, Rule, Seat, SeatKind
from app.inbox.models import Message
from app.kit.clock import now, today
from app.kit.jobs import Job
from app.publiclog.models import Commitment, LogEntry
from app.renovation.acceptance_models import AcceptancePart, Reservation, Signature
from app.renovation.accepting import ALL_IN, tell_all_in
from app.renovation.opinion_models import Opinion
from app.renovation.opinion_sums import FEWEST, Sum, together, told
from tests.cast import House, One
from tests.making import fresh
from tests.renovation.rounds import (
    all_in,
    building_site,
    concluded,
    opened,
    opinion,
    part,
    proposed,
    ready,
    reservation,
    roof,
    seen,
    signed,
    unit_of,
)
from tests.renovation.sites import answered, project_in, visit_in
from tests.renovation.test_living_through_a_project import stage_of, step


def code(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def live_in(house: House, one: One, unit: UUID) -> None:
    """They own it too."""
    with house.session() as session:
        session.add(Ownership(compound_id=one.compound.id, unit_id=unit, person_id=one.id, from_on=today()))


def many(house: House, round_: str, stars: list[int], **more: Any) -> None:
    """Opinions of new neighbours in the building of everybody."""
    for n, star in enumerate(stars):
        assert opinion(house, round_, house.newcomer(f"邻居{n}"), star, **more).status == 201


def test_what_was_signed_is_what_is_published_and_is_not_the_statutory_acceptance(house: House) -> None:
    project = building_site(house)
    round_ = ready(house, project)
    before = seen(house, round_)
    assert [one["by"] for one in before["quorum"]["signed"]] == ["陈*", "老*"]
    assert before["outcome"] is None
    content = house.nobody.api.get(f"/acceptances/{round_}/content")
    assert sha256(content.text.encode()).hexdigest() == before["content_sha256"]
    assert concluded(house, round_).status == 200
    after = seen(house, round_)
    assert (after["outcome"], after["content_sha256"], after["statutory"]) == ("accepted", before["content_sha256"], False)
    notice = house.nobody.api.get(f"/notices/{after['notice_id']}").json
    assert (notice["kind"], notice["sha256"], notice["state"]) == ("acceptance", before["content_sha256"], "open")
    assert house.nobody.api.get(f"/acceptances/{round_}/content").text == content.text
    assert house.wang.api.put(f"/notices/{notice['id']}/objections/{fresh()}", {"text": "没看屋顶"}).status == 201
    with house.session() as session:
        entries = session.exec(select(LogEntry).order_by(LogEntry.index)).all()  # type: ignore[arg-type]
        logged = [entry.type for entry in entries if entry.type.startswith("acceptance.")]
        texts = b"".join(entry.entry for entry in entries)
    assert logged == [
        *(f"acceptance.{act}" for act in ("opened", "part_checked", "proposed", "signed", "signed")),
        "acceptance.published",
        "acceptance.concluded",
    ]
    assert "陈工".encode() not in texts, "who signed is committed to, not named"
    assert [code(answer) for answer in (part(house, round_, roof(house)), reservation(house, round_))] == [
        (409, "AcceptanceConcluded")
    ] * 2
    assert concluded(house, round_).status == 200, "the same again changes nothing"


def test_the_conclusion_stands_beside_the_steps_and_no_warranty_runs_from_it(house_sqlite: House) -> None:
    """建设工程质量管理条例 art. 40: the warranty runs from the acceptance on completion, which may have been days before."""
    house, project = house_sqlite, building_site(house_sqlite)
    assert concluded(house, ready(house, project)).status == 200
    assert stage_of(house, project.id) == "building"
    acts = house.nobody.api.get(f"/projects/{project.id}/acts").json
    assert [(act["kind"], act["text"], act["stands"]) for act in acts][1:] == [("judged", "通过", True)]
    assert step(house, project.id, "judged").status == 409, "nobody writes it down by hand"
    assert step(house, project.id, "taken_back", text="记错").json["code"] == "NothingToTakeBack", "nor takes it back"
    day = today() - timedelta(days=1)
    assert step(house, project.id, "accepted", happened_on=str(day)).status == 201
    assert step(house, project.id, "warranty", parts=["plumbing"]).status == 201
    (clock,) = house.nobody.api.get(f"/projects/{project.id}/warranty").json["clocks"]
    assert clock["from_on"] == str(day)


def test_a_unit_has_one_opinion_and_the_second_is_told_whose_it_is(house: House) -> None:
    round_ = opened(house)
    first = opinion(house, round_, house.wang, 4, text="楼道干净了")
    assert first.status == 201
    live_in(house, house.li, unit_of(house, house.wang))
    wish = {"unit_id": first.json["unit_id"], "stars": 1}
    second = house.li.api.put(f"/acceptances/{round_}/opinions/{fresh()}", wish)
    assert code(second) == (409, "OpinionGiven")
    assert "王阿姨" in second.json["detail"]
    correction = wish | {"corrects_id": first.json["id"]}
    assert code(house.li.api.put(f"/acceptances/{round_}/opinions/{fresh()}", correction)) == (403, "NotYourOpinion")
    assert code(house.he.api.put(f"/acceptances/{round_}/opinions/{fresh()}", wish)) == (403, "NotTheirUnit")
    changed = house.wang.api.put(f"/acceptances/{round_}/opinions/{fresh()}", correction | {"stars": 3})
    assert changed.status == 201
    again = house.wang.api.put(f"/acceptances/{round_}/opinions/{fresh()}", correction | {"stars": 2})
    assert code(again) == (409, "OpinionMoved")
    mine = house.wang.api.get(f"/acceptances/{round_}/opinions").json["items"]
    assert [(one["stars"], one["paper"]) for one in mine] == [(3, False)]
    assert house.chen.api.get(f"/acceptances/{round_}/opinions").json["items"] == [], "what came by phone is its giver's"
    with house.session() as session:
        assert {one.person_id for one in session.exec(select(Commitment)) if "stars" in one.value} == {house.wang.id}


def test_an_opinion_on_paper_is_typed_by_an_officer_both_are_named_and_it_can_be_put_right(house: House) -> None:
    round_ = opened(house)
    typed = opinion(house, round_, house.li, 5, by=house.chen, text="谢谢", shown=True)
    assert (typed.status, typed.json["person"], typed.json["entered_by"]) == (201, "李叔", "陈工")
    assert opinion(house, round_, house.li, by=house.zhang).status == 403, "who may not act for others"
    with house.session() as session:
        told_him = session.exec(select(Message).where(Message.person_id == house.li.id)).one()
    assert "陈工" in told_him.body
    right = opinion(house, round_, house.li, 4, by=house.liu, corrects_id=typed.json["id"])
    assert (right.status, right.json["entered_by"]) == (201, "刘主任")
    own = opinion(house, round_, house.li, 2, corrects_id=right.json["id"])
    assert (own.status, own.json["paper"]) == (201, False), "he says himself what he meant"
    assert code(opinion(house, round_, house.li, 5, by=house.chen, corrects_id=own.json["id"])) == (403, "NotYourOpinion")
    assert seen(house, round_)["opinions"]["given"] == 1
    gone = opinion(house, round_, house.li, None, corrects_id=own.json["id"])
    assert gone.status == 201
    assert seen(house, round_)["opinions"]["given"] == 0
    assert opinion(house, round_, house.li, 3).status == 201, "taken back, it may be given anew"
    assert opinion(house, round_, house.wang, None).status == 422


def test_after_the_last_day_nothing_new_comes_in_and_paper_is_still_put_right(house_sqlite: House) -> None:
    house = house_sqlite
    round_ = opened(house)
    typed = opinion(house, round_, house.li, 5, by=house.chen).json["id"]
    own = opinion(house, round_, house.wang, 5).json["id"]
    assert code(proposed(house, round_)) == (409, "StillAsking")
    all_in(house, round_)
    assert code(opinion(house, round_, house.he)) == (409, "OpinionsClosed")
    assert code(opinion(house, round_, house.he, by=house.chen)) == (409, "OpinionsClosed")
    assert code(opinion(house, round_, house.wang, 1, corrects_id=own)) == (409, "OpinionsClosed")
    assert code(opinion(house, round_, house.li, 1, corrects_id=typed)) == (409, "OpinionsClosed")
    assert opinion(house, round_, house.li, 4, by=house.chen, corrects_id=typed).status == 201


def test_until_the_last_day_only_their_number_is_told_and_then_no_sum_of_a_few(house: House) -> None:
    round_ = opened(house)
    many(house, round_, [5, 5, 4, 4], text="楼道亮了", shown=True)
    assert opinion(house, round_, house.wang, 1, text="漏水", shown=False).status == 201
    open_ = seen(house, round_)["opinions"]
    assert (open_["given"], open_["mean"], open_["buildings"]) == (5, None, [])
    assert house.wang.api.get(f"/acceptances/{round_}/words").json["items"] == []
    all_in(house, round_)
    closed = seen(house, round_)["opinions"]
    assert (closed["mean"], closed["buildings"]) == ("3.8", [{"building": "3栋", "units": 5, "mean": "3.8"}])
    assert house.wang.api.get(f"/acceptances/{round_}/words").json["items"] == ["楼道亮了"] * 4, "who let them be read"
    few = opened(house)
    many(house, few, [1, 1, 1, 1])
    all_in(house, few)
    assert (seen(house, few)["opinions"]["given"], seen(house, few)["opinions"]["mean"]) == (4, None)


@given(st.lists(st.integers(1, 12), max_size=8))
def test_whatever_is_told_is_a_sum_of_five_units_or_more_and_so_is_what_is_left(buildings: list[int]) -> None:
    sums = [Sum(f"{n}栋", units, 3 * units) for n, units in enumerate(buildings)]
    whole, by_building = told(sums)
    assert (whole is None) == (sum(buildings) < FEWEST)
    assert all(one.units >= FEWEST for one in by_building)
    if whole:
        assert (whole.units, together(by_building).units) == (sum(buildings), sum(buildings))


@pytest.mark.parametrize(("stars", "units", "mean"), [(9, 2, "4.5"), (17, 4, "4.3"), (5, 1, "5.0"), (20, 6, "3.3")])
def test_a_mean_is_rounded_to_a_tenth(stars: int, units: int, mean: str) -> None:
    assert Sum("3栋", units, stars).mean == mean


def another_part(house: House, round_: str) -> None:
    assert part(house, round_, roof(house), name="5栋屋面").status == 201


def another_proposal(house: House, round_: str) -> None:
    assert proposed(house, round_, "not_accepted", text="再看看").status == 201


def another_reservation(house: House, round_: str) -> None:
    assert reservation(house, round_).status == 201


def another_rule(house: House, _round: str) -> None:
    with house.session() as session:
        rule = {"name": "acceptance_quorum", "value": "3", "source": "业主大会", "decided_by": "决议3"}
        session.add(Rule(compound_id=house.compound.id, valid_from_on=today(), **rule))


@pytest.mark.parametrize("change", [another_part, another_proposal, another_reservation, another_rule])
def test_whatever_changes_before_the_conclusion_voids_the_signatures(
    house_sqlite: House, change: Callable[[House, str], None]
) -> None:
    house = house_sqlite
    round_ = ready(house)
    content = seen(house, round_)["content_sha256"]
    change(house, round_)
    assert seen(house, round_)["quorum"]["signed"] == []
    assert code(concluded(house, round_, content)) == (409, "AcceptanceChanged")
    assert code(signed(house, round_, house.chen, content)) == (409, "AcceptanceChanged")
    assert code(concluded(house, round_)) == (409, "QuorumMissing")


def test_a_paper_put_right_voids_the_signatures_also_where_no_sum_shows_it(house_sqlite: House) -> None:
    house = house_sqlite
    round_ = opened(house)
    part(house, round_, roof(house))
    typed = opinion(house, round_, house.li, 5, by=house.chen).json["id"]
    all_in(house, round_)
    proposed(house, round_)
    assert signed(house, round_, house.chen).status == 201
    assert opinion(house, round_, house.li, 4, by=house.liu, corrects_id=typed).status == 201
    assert seen(house, round_)["quorum"]["signed"] == []


def test_a_reservation_is_a_finding_with_its_day_and_stands_until_it_is_mended(house: House) -> None:
    round_ = opened(house)
    part(house, round_, roof(house))
    day = today() + timedelta(days=20)
    made = reservation(house, round_, due_on=str(day))
    assert made.status == 201
    (one,) = made.json["reservations"]
    assert (one["due_on"], one["state"], one["stands"]) == (str(day), "issued", True)
    page = house.nobody.get(f"/works/findings/{one['finding_id']}").words
    assert "落水口堵了" in page
    assert "居民验收时保留的" in page
    all_in(house, round_)
    assert code(proposed(house, round_)) == (409, "OutcomeUnfit")
    assert proposed(house, round_, "accepted_with_reservations").status == 201
    content = house.nobody.api.get(f"/acceptances/{round_}/content").json
    assert [r["what"] for r in content["reservations"]] == ["落水口堵了"]
    assert signed(house, round_, house.chen).status == 201
    answered(house, one["finding_id"])
    assert len(seen(house, round_)["quorum"]["signed"]) == 1, "what the contractor says settles nothing"
    assert house.zhou.api.put(f"/findings/{one['finding_id']}/acts/{fresh()}", {"kind": "mended"}).status == 201
    assert (seen(house, round_)["reservations"][0]["stands"], seen(house, round_)["quorum"]["signed"]) == (False, [])
    assert proposed(house, round_).status == 201


def test_a_conclusion_follows_from_what_was_found(house_sqlite: House) -> None:
    house = house_sqlite
    round_ = opened(house)
    all_in(house, round_)
    assert code(proposed(house, round_)) == (409, "NothingChecked")
    items = roof(house)
    part(house, round_, items, "not_ok")
    assert code(proposed(house, round_)) == (409, "OutcomeUnfit")
    assert code(proposed(house, round_, "accepted_with_reservations")) == (409, "OutcomeUnfit")
    assert proposed(house, round_, "not_accepted").status == 422, "a reason is owed"
    assert code(signed(house, round_, house.chen, "0" * 64)) == (409, "NothingProposed")
    part(house, round_, items)
    assert [len(seen(house, round_)["parts"]), seen(house, round_)["parts"][0]["checks"][0]["found"]] == [1, "ok"]
    assert proposed(house, round_).status == 201


def test_every_item_of_a_list_is_answered_and_a_photo_is_one_of_this_project(house: House) -> None:
    project = building_site(house)
    round_, items = opened(house, project), roof(house)
    half = [{"item_id": items[0], "found": "ok"}]
    assert part(house, round_, items, checks=half).status == 422
    assert part(house, round_, items, checks=half * 2).status == 422
    assert part(house, round_, [*items, *roof(house)]).status == 422, "one list at a time"
    assert part(house, round_, [str(fresh())]).status == 404
    assert part(house, round_, items, "not_seen").status == 422
    _visit, (photo,) = visit_in(house, project, photos=1)
    _other, (foreign,) = visit_in(house, building_site(house), photos=1)
    for id, status in ((photo, 201), (foreign, 404), (fresh(), 404)):
        checks = [{"item_id": item, "found": "ok", "photo_id": str(id)} for item in items]
        assert part(house, round_, items, checks=checks).status == status
    assert [check["photo_missing"] for check in seen(house, round_)["parts"][0]["checks"]] == [False, False]
    assert part(house, round_, items, name="5栋").status == 201
    assert [check["photo_missing"] for check in seen(house, round_)["parts"][1]["checks"]] == [False, True]


def test_a_round_is_opened_when_there_is_something_to_judge_one_at_a_time_and_for_long_enough(house: House) -> None:
    early = project_in(house)
    path = f"/projects/{early.id}/acceptances/{fresh()}"
    assert code(house.chen.api.put(path, {})) == (409, "NotThisStage")
    project = building_site(house)
    path = f"/projects/{project.id}/acceptances/{fresh()}"
    soon = {"closes_on": str(today() + timedelta(days=6))}
    assert house.chen.api.put(path, soon).json["errors"][0]["pointer"] == "/body/closes_on"
    assert [house.chen.api.put(path, {}).status for _ in range(2)] == [201, 200]
    assert code(house.chen.api.put(path, {"text": "别的"})) == (409, "SameIdOtherContent")
    assert code(house.chen.api.put(f"/projects/{project.id}/acceptances/{fresh()}", {})) == (409, "RoundGoesOn")
    rounds = house.nobody.api.get(f"/projects/{project.id}/acceptances").json["items"]
    assert [one["round"] for one in rounds] == [1]


def test_enough_people_sign_each_counts_once_and_none_of_one_home(house: House) -> None:
    round_ = opened(house)
    part(house, round_, roof(house))
    all_in(house, round_)
    proposed(house, round_)
    assert [signed(house, round_, house.chen).status for _ in range(2)] == [201, 200]
    assert code(concluded(house, round_)) == (409, "QuorumMissing")
    live_in(house, house.zhou, unit_of(house, house.chen))
    assert code(signed(house, round_, house.zhou)) == (403, "SignedAtHome")
    other = house.newcomer("马工", SeatKind.SUPERVISOR)
    assert signed(house, round_, other).status == 201
    with house.session() as session:
        session.execute(update(LoginSession).values(second_factor_at=now() - timedelta(hours=1)))
    assert code(signed(house, round_, house.chen)) == (403, "SecondFactorNeeded")
    assert code(concluded(house, round_)) == (403, "SecondFactorNeeded")


def test_who_sits_there_no_more_signed_for_nothing(house_sqlite: House) -> None:
    house = house_sqlite
    round_ = ready(house)
    with house.session() as session:
        session.execute(update(Seat).where(Seat.person_id == house.chen.id).values(to_on=today() - timedelta(days=1)))  # type: ignore[arg-type]
    assert code(concluded(house, round_)) == (409, "QuorumMissing")


def test_who_signed_stays_under_what_was_published(house_sqlite: House) -> None:
    house = house_sqlite
    round_ = ready(house)
    assert concluded(house, round_).status == 200
    with house.session() as session:
        session.execute(update(Seat).where(Seat.person_id == house.chen.id).values(to_on=today() - timedelta(days=1)))  # type: ignore[arg-type]
    another_rule(house, round_)
    quorum = seen(house, round_)["quorum"]
    assert (quorum["needed"], [one["by"] for one in quorum["signed"]]) == (2, ["陈*", "老*"])


def test_nobody_concludes_what_no_longer_follows_though_it_is_signed(house_sqlite: House) -> None:
    house = house_sqlite
    round_ = ready(house)
    assert part(house, round_, roof(house), "not_ok", name="5栋屋面").status == 201
    assert [signed(house, round_, one).status for one in (house.chen, house.zhou)] == [201, 201]
    assert code(concluded(house, round_)) == (409, "OutcomeUnfit")


def test_supervisors_are_told_when_everything_is_in_and_followers_when_it_begins(house_sqlite: House) -> None:
    house, project = house_sqlite, building_site(house_sqlite)
    assert house.wang.post(f"/works/projects/{project.id}/follow").status == 303
    round_ = opened(house, project)
    told = {"compound_id": str(house.compound.id), "acceptance_id": round_}

    def titles(one: One) -> list[str]:
        with house.session() as session:
            return [m.title + m.body for m in session.exec(select(Message).where(Message.person_id == one.id))]

    assert [said for said in titles(house.wang) if "开始收居民验收意见了" in said]
    with house.session() as session:
        assert session.exec(select(Job).where(Job.kind == ALL_IN)).one().payload == told
        tell_all_in(session, told)
    for one in (house.chen, house.zhou):
        assert len([said for said in titles(one) if "收齐了" in said]) == 1
    part(house, round_, roof(house))
    all_in(house, round_)
    proposed(house, round_)
    for one in (house.chen, house.zhou):
        signed(house, round_, one)
    concluded(house, round_)
    with house.session() as session:
        tell_all_in(session, told)
    assert len([said for said in titles(house.chen) if "收齐了" in said]) == 1, "it is concluded already"


def test_what_was_written_is_never_written_again(house: House) -> None:
    round_ = opened(house)
    opinion(house, round_, house.wang)
    part(house, round_, roof(house))
    reservation(house, round_)
    all_in(house, round_)
    proposed(house, round_, "not_accepted", text="不行")
    signed(house, round_, house.chen)
    for table in (Opinion, AcceptancePart, Signature, Reservation):
        with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
            session.execute(delete(table))


def test_everybody_does_their_part_on_a_page(house_sqlite: House) -> None:
    house, project = house_sqlite, building_site(house_sqlite)
    items = roof(house)
    site, new = f"/works/projects/{project.id}", f"/works/projects/{project.id}/acceptances"
    assert "开始居民验收" in house.chen.get(site).words
    assert "开始居民验收" not in house.wang.get(site).words
    soon = house.chen.post(new, {"closes_on": str(today())})
    assert (soon.status, "至少要收 7 天" in soon.words) == (422, True)
    made = house.chen.post(new, {"id": str(fresh()), "text": "看看屋顶"})
    page = house.chen.follow(made)
    round_ = made.place.rpartition("/")[2]
    here = f"/works/acceptances/{round_}"
    assert "不是竣工验收" in page.words
    assert "查一个部位" in page.words
    assert "说说我家的意见" in house.wang.get(here).words
    assert "说说我家的意见" not in house.nobody.get(here).words
    asked = house.wang.get(f"{here}/opinion")
    fields = {field["name"]: field["value"] for field in asked.page.select("main input[type=hidden]")}
    empty = house.wang.post(f"{here}/opinions", fields)
    assert (empty.status, "请选几颗星" in empty.words) == (422, True)
    given = house.wang.post(f"{here}/opinions", fields | {"stars": "4", "text": "灯亮了", "shown": "true"})
    assert "改我家的意见" in house.wang.follow(given).words
    again = house.wang.get(f"{here}/opinion")
    assert again.page.select_one("input[name=stars][checked]")["value"] == "4"
    assert "灯亮了" in again.page.select_one("textarea[name=text]").text
    assert house.wang.get(f"{here}/papers").status == 403
    assert f"/c/fengshu{here}/slip" in {a["href"] for a in house.chen.get(f"{here}/papers").page.select("main a[href]")}
    slip = house.chen.get(f"{here}/slip").words
    assert [words in slip for words in ("1 星，很不满意", "签名", "不是竣工验收")] == [True] * 3
    assert house.wang.get(f"{here}/slip").status == 403
    found = house.chen.get(f"{here}/papers?q=李叔").page.select_one("#people a")["href"].removeprefix("/c/fengshu")
    typed = {f["name"]: f["value"] for f in house.chen.get(found).page.select("main input[type=hidden]")}
    papers = house.chen.follow(house.chen.post(f"{here}/opinions", typed | {"stars": "2"}))
    assert "3-2-602 李叔" in papers.words
    assert "陈工替您家录入过一份" in house.li.get(f"{here}/opinion").words
    lists = house.chen.get(f"{here}/parts/new").page.select_one("main .cells a")["href"].removeprefix("/c/fengshu")
    part_ = lists.replace("parts/new", "parts")
    half = house.chen.post(part_, {"name": "3栋屋面", f"found:{items[0]}": "ok"})
    assert (half.status, "每一项都要填" in half.words) == (422, True)
    whole = house.chen.post(
        part_, {"name": "3栋屋面"} | {f"found:{item}": "ok" for item in items} | {f"words:{items[0]}": "试水一天"}
    )
    assert "试水一天" in house.nobody.get(here).words, whole
    assert "缺照片" in house.nobody.get(here).words
    bad = house.chen.post(f"{here}/reservations", {"place": "3栋"})
    assert bad.status == 422
    assert house.chen.get(f"{here}/conclusion").status == 409, "opinions still come in"
    all_in(house, round_)
    assert house.chen.post(f"{here}/proposals", {"outcome": "not_accepted"}).status == 422
    sheet = house.chen.follow(house.chen.post(f"{here}/proposals", {"id": str(fresh()), "outcome": "accepted"}))
    content = sheet.page.select_one("input[name=content_hash]")["value"]
    assert "公示这个结论" not in sheet.words
    for one in (house.chen, house.zhou):
        signed_ = one.follow(one.post(f"{here}/signatures", {"id": str(fresh()), "content_hash": content}))
    assert "公示这个结论" in signed_.words
    done = house.zhou.follow(house.zhou.post(f"{here}/conclude", {"content_hash": content}))
    assert "看公示，提异议" in done.words
    assert "陈*" in house.nobody.get(here).words
    assert "居民监督验收意见" in house.nobody.get(f"{site}/life").words
    assert "通过" in house.nobody.get(site).words
    assert "灯亮了" not in house.nobody.get(here).words
    assert "灯亮了" in house.li.get(here).words


def test_the_first_page_asks_a_home_until_it_has_said_something(house: House) -> None:
    round_ = opened(house)
    asked = "老旧小区改造，您满意吗？"
    assert asked in house.wang.get("/").words
    gone = opinion(house, round_, house.wang)
    assert asked not in house.wang.get("/").words
    assert asked in house.li.get("/").words
    assert opinion(house, round_, house.wang, None, corrects_id=gone.json["id"]).status == 201
    assert asked in house.wang.get("/").words
    all_in(house, round_)
    assert asked not in house.wang.get("/").words


def test_what_a_home_said_is_nowhere_on_the_pages_of_others(house_sqlite: House) -> None:
    house = house_sqlite
    round_ = opened(house)
    opinion(house, round_, house.wang, 1, text="水管还漏", shown=True)
    all_in(house, round_)
    for one in (house.li, house.chen, house.liu, house.huang, house.nobody):
        for path in ("", "/opinion", "/papers"):
            answer = one.get(f"/works/acceptances/{round_}{path}")
            assert "602" not in answer.words
            assert "1 星" not in answer.words
    assert "水管还漏" in house.li.get(f"/works/acceptances/{round_}").words
    assert house.zhao_here.get(f"/works/acceptances/{round_}/opinion").status in (303, 401, 403)
