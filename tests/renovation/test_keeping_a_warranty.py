"""The warranty counts from the acceptance, by the rules of the compound; somebody is told in time."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.compounds.models import Rule
from app.inbox.models import Message
from app.kit.clock import start_of, today
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.renovation.life_models import ProjectActKind
from app.renovation.life_schemas import ProjectActWish
from app.renovation.living import act_on
from app.renovation.models import ProjectStage
from app.renovation.warranty import seasons_after, years_after
from app.renovation.warranty_models import Warranty
from tests.cast import House, actor_of
from tests.making import fresh
from tests.renovation.sites import planned, project_in
from tests.renovation.test_living_through_a_project import stage_of, step, went


def told(house: House, title: str, on: date | None = None) -> int:
    """How many of 陈工 and 刘主任 had this message by a day."""
    with time_machine.travel(start_of(on or today()) + timedelta(hours=9), tick=False):
        run_once(house.db, HANDLERS)
    with house.session() as session:
        return len(session.exec(select(Message).where(Message.title == title)).all())


def test_a_project_that_was_put_on_record_late_counts_from_its_acceptance(house_sqlite: House) -> None:
    with house_sqlite.session() as session:
        project = planned(session, actor_of(house_sqlite.liu), stage=ProjectStage.BUILDING).id
    accepted = today() - timedelta(days=400)
    assert step(house_sqlite, project, "accepted", happened_on=str(accepted)).status == 201
    assert step(house_sqlite, project, "warranty", parts=["other", "waterproof"]).status == 201
    over, runs = house_sqlite.nobody.api.get(f"/projects/{project}/warranty").json["clocks"]
    assert (over["from_on"], over["left"]) == (str(accepted), 0)
    assert runs["until_on"] == str(years_after(accepted, 5))


def test_the_clocks_are_shown_with_their_source(house: House) -> None:
    project = project_in(house).id
    went(house, project, "accepted")
    assert step(house, project, "warranty").status == 422, "it says what is covered"
    assert step(house, project, "warranty", parts=["waterproof", "plumbing", "other"]).status == 201
    clocks = house.nobody.api.get(f"/projects/{project}/warranty").json["clocks"]
    day = today()
    assert [(c["kind"], c["until_on"]) for c in clocks] == [
        ("other", str(years_after(day, 1))),
        ("plumbing", str(years_after(day, 2))),
        ("waterproof", str(years_after(day, 5))),
    ]
    assert clocks[2]["source"] == "建设工程质量管理条例第40条"
    page = house.nobody.get(f"/works/projects/{project}").words
    assert "屋面、外墙、卫生间防水" in page
    assert "建设工程质量管理条例第40条" in page
    for change in (update(Warranty).values(source="没有"), delete(Warranty)):
        with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
            session.execute(change)


def test_a_compounds_own_rule_counts_as_it_was_at_acceptance(house_sqlite: House) -> None:
    project = project_in(house_sqlite).id
    with house_sqlite.session() as session:
        own = {"compound_id": house_sqlite.compound.id, "name": "warranty_plumbing", "decided_by": "业主大会"}
        session.add(Rule(value="3", valid_from_on=today() - timedelta(days=9), source="合同第9条", **own))
        session.add(Rule(value="4", valid_from_on=today() + timedelta(days=1), source="合同第10条", **own))
    went(house_sqlite, project, "accepted")
    with time_machine.travel(start_of(today()) + timedelta(days=3), tick=False):
        assert step(house_sqlite, project, "warranty", parts=["plumbing"]).status == 201
    clock = house_sqlite.nobody.api.get(f"/projects/{project}/warranty").json["clocks"][0]
    assert (clock["until_on"], clock["source"]) == (str(years_after(today(), 3)), "合同第9条")


def test_whoever_plans_and_watches_works_is_told_before_it_ends(house: House) -> None:
    project = project_in(house).id
    went(house, project, "accepted")
    step(house, project, "warranty", parts=["other"])
    ends = years_after(today(), 1)
    assert told(house, "保修快到期了", ends - timedelta(days=61)) == 0
    assert told(house, "保修快到期了", ends - timedelta(days=60)) == 3, "刘主任, 陈工 and 老周"
    assert told(house, "保修快到期了", ends) == 3, "once"


def test_a_warranty_that_was_taken_back_reminds_nobody(house_sqlite: House) -> None:
    project = project_in(house_sqlite).id
    went(house_sqlite, project, "accepted")
    step(house_sqlite, project, "warranty", parts=["other"])
    assert step(house_sqlite, project, "taken_back", text="还没有交").status == 201
    assert stage_of(house_sqlite, project) == "accepted"
    assert house_sqlite.nobody.api.get(f"/projects/{project}/warranty").json["clocks"] == []
    assert told(house_sqlite, "保修快到期了", years_after(today(), 1)) == 0
    assert told(house_sqlite, "该保修回访了", years_after(today(), 1)) == 0


def test_somebody_is_sent_to_look_again(house: House) -> None:
    project = project_in(house).id
    went(house, project, "accepted")
    step(house, project, "warranty", parts=["waterproof"])
    due = house.nobody.api.get(f"/projects/{project}/warranty").json["visit_on"]
    first = date.fromisoformat(due)
    assert told(house, "该保修回访了", first - timedelta(days=1)) == 0
    assert told(house, "该保修回访了", first) == 3
    with time_machine.travel(start_of(first) + timedelta(hours=30), tick=False):
        assert "晚了 1 天" in house.nobody.get(f"/works/projects/{project}").words
        with house.session() as session:  # the login has run out by then
            looked = ProjectActWish(kind=ProjectActKind.FOLLOWED_UP, text="都好")
            act_on(session, actor_of(house.liu), project, fresh(), looked)
        assert "晚了 1 天" not in house.nobody.get(f"/works/projects/{project}").words
    second = date.fromisoformat(house.nobody.api.get(f"/projects/{project}/warranty").json["visit_on"])
    assert told(house, "该保修回访了", second) == 6
    with time_machine.travel(start_of(second), tick=False), house.session() as session:
        act_on(session, actor_of(house.liu), project, fresh(), ProjectActWish(kind=ProjectActKind.ENDED))
    assert house.nobody.api.get(f"/projects/{project}/warranty").json["visit_on"] is None


@pytest.mark.parametrize(
    ("accepted", "until"),
    [("2026-05-01", "2028-03-31"), ("2026-11-01", "2028-03-31"), ("2026-11-02", "2029-03-31"), ("2026-01-15", "2028-03-31")],
)
def test_a_heating_season_that_runs_at_acceptance_does_not_count(accepted: str, until: str) -> None:
    assert seasons_after(date.fromisoformat(accepted), 2, 11, 3) == date.fromisoformat(until)


def test_a_season_within_one_year_is_counted_too() -> None:
    assert seasons_after(date(2026, 2, 1), 1, 6, 9) == date(2026, 9, 30)
    assert seasons_after(date(2026, 7, 1), 2, 6, 9) == date(2028, 9, 30)


def test_years_begin_with_the_day_itself() -> None:
    assert years_after(date(2024, 2, 29), 1) == date(2025, 2, 27)
    assert years_after(date(2026, 3, 1), 5) == date(2031, 2, 28)
