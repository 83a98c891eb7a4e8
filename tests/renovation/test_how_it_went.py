"""Rounds, days, overdue, reopened: by contractor and by part, for whoever will choose the next one."""

from datetime import timedelta

import time_machine

from app.kit.clock import now, today
from app.kit.jobs import run_once
from app.main import HANDLERS
from tests.cast import House
from tests.making import fresh
from tests.renovation.sites import answered, finding_in, link_to, project_in


def judge(house: House, finding: str, kind: str) -> None:
    assert house.zhou.api.put(f"/findings/{finding}/acts/{fresh()}", {"kind": kind, "text": "看过了"}).status == 201


def test_contractors_and_parts_are_counted_by_what_befell_their_findings(house: House) -> None:
    project = project_in(house)
    slow = finding_in(house, project, due_on=str(today()))
    good = finding_in(house, project, place="5栋地下室")
    finding_in(house, project, draft=True)
    given_up, withdrawn = (finding_in(house, project) for _ in range(2))
    judge(house, given_up, "unfixed")
    judge(house, withdrawn, "voided")
    answered(house, good)
    judge(house, good, "mended")
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        run_once(house.db, HANDLERS)
    with time_machine.travel(now() + timedelta(days=4), tick=False):
        answered(house, slow)
        judge(house, slow, "not_mended")
        answered(house, slow)
        judge(house, slow, "mended")
        judge(house, slow, "reopened")
        answered(house, slow)
        judge(house, slow, "mended")
        told = house.nobody.api.get("/findings/records").json
        page = house.nobody.get("/works/findings/records")
    counted = {"open": 0, "findings": 3, "closed": 2, "unfixed": 1, "rounds": 4, "days": 2.0, "overdue": 1, "reopened": 1}
    assert told["contractors"] == [{"name": "骆驼市政工程队"} | counted]
    assert [(part["name"], part["findings"], part["rounds"], part["days"]) for part in told["parts"]] == [
        ("充电棚配电箱", 2, 3, 4.0),
        ("5栋地下室", 1, 1, 0.0),
    ]
    assert "骆驼市政工程队" in page.words
    assert "说改好 4 次" in page.words
    assert house.zhao.api.get("/findings/records").json == {"contractors": [], "parts": []}, "of the next compound: nothing"


def test_what_waits_for_its_photo_is_no_round(house: House) -> None:
    finding = finding_in(house, project_in(house))
    words = {"text": "好了", "answered_by": "孟工", "photos": [{"id": str(fresh())}]}
    assert house.nobody.api.put(f"{link_to(house, finding)}/answers/{fresh()}", words).status == 201
    assert house.nobody.api.get("/findings/records").json["contractors"][0]["rounds"] == 0
    assert "还没有提过问题" not in house.nobody.get("/works/findings/records").words
