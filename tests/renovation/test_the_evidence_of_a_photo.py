"""Beside each photo stands what is known about it: the server's own facts, the phone's, and whether it was seen before."""

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from tests.cast import House
from tests.making import fresh
from tests.photos.snapshots import dhash, exif, phash, scene, written
from tests.renovation.sites import answered, finding_in, link_to, project_in, said, send, snapshot, visit_in

SITE = {"lat": 28.2278, "lon": 112.9388}
NEXT_STREET = {"lat": 28.2278, "lon": 112.9418}  # 294 m away


def taken(house: House, project: Any, content: bytes, **more: Any) -> tuple[UUID, UUID]:
    """A visit with one photo of these bytes."""
    visit, photo = fresh(), fresh()
    announced = {"id": str(photo), "announced_sha256": sha256(content).hexdigest(), "source": "camera"} | more
    assert house.chen.api.put(f"/visits/{visit}", said(project) | {"photos": [announced]}).status == 201
    assert send(house.chen, visit, photo, content).status == 201
    return visit, photo


def evidence(house: House, visit: UUID, photo: UUID, one: Any = None) -> dict[str, Any]:
    answer = (one or house.nobody).api.get(f"/visits/{visit}/photos/{photo}/evidence")
    assert answer.status == 200, answer
    return dict(answer.json)


def again(content: bytes, quality: int = 60) -> bytes:
    """The same picture, as a messenger sends it on: smaller and in other bytes."""
    with Image.open(BytesIO(content)) as image:
        return written(image.resize((image.width * 3 // 4, image.height * 3 // 4)), quality=quality)


def consent(house: House) -> None:
    assert house.chen.post("/me/consents", {"purpose": "visit_position"}).status == 303


def test_the_servers_facts_bound_the_time(house: House) -> None:
    nonce = house.chen.api.post("/visits/nonce").json["nonce"]
    visit, photo = fresh(), fresh()
    content = snapshot(1)
    announced = {"id": str(photo), "announced_sha256": sha256(content).hexdigest(), "source": "gallery"}
    wish = said(project_in(house), nonce=nonce) | {"photos": [announced | {"device_at": "2026-11-23T15:00:00+08:00"}]}
    house.chen.api.put(f"/visits/{visit}", wish)
    assert house.nobody.api.get(f"/visits/{visit}/photos/{photo}/evidence").status == 404, "it is not here yet"
    send(house.chen, visit, photo, content)
    known = evidence(house, visit, photo)
    moments = [datetime.fromisoformat(known[name]) for name in ("not_before_at", "announced_at", "received_at")]
    assert moments == sorted(moments)
    assert (known["receipt"], known["received_sha256"], known["source"]) == ("same", sha256(content).hexdigest(), "gallery")
    page = house.nobody.get(f"/works/visits/{visit}/photos/{photo}").words
    for words in ("不早于", "收到的就是手机当时报的那一张", "从相册选的", "没有位置", "2026年11月23日(周一) 下午3:00"):
        assert words in page
    assert house.nobody.get(f"/works/visits/{visit}/photos/{fresh()}").status == 404


def test_a_smaller_copy_and_a_phone_that_announced_nothing_are_told_apart(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    smaller = taken(house, project, snapshot(1), announced_sha256="a" * 64)
    assert evidence(house, *smaller)["receipt"] == "smaller"
    assert evidence(house, *taken(house, project, snapshot(2), announced_sha256=None))["receipt"] == "none"


def test_the_distance_is_for_supervisors_and_others_read_whether_it_was_there(house: House) -> None:
    consent(house)
    project = project_in(house)
    house.liu.api.put(f"/projects/{project.id}/sites/{fresh()}", SITE)
    here, there = (taken(house, project, snapshot(n), **where, accuracy=8) for n, where in enumerate((SITE, NEXT_STREET), 1))
    nowhere = taken(house, project, snapshot(3))
    for one, at_site, metres in ((here, "near", 0), (there, "far", 294), (nowhere, "unknown", None)):
        public, trusted = evidence(house, *one), evidence(house, *one, house.chen)
        assert (public["at_site"], public["metres"], public["lat"], public["accuracy"]) == (at_site, None, None, None)
        assert trusted["metres"] == (pytest.approx(metres, abs=1) if metres else metres)
    page = f"/works/visits/{there[0]}/photos/{there[1]}"
    assert "不在现场 200 米内" in house.nobody.get(page).words
    assert "294 米" not in house.nobody.get(page).words
    assert "294 米" in house.chen.get(page).words
    assert "112.9418" not in house.nobody.get(page).text


def test_a_photo_may_say_where_the_site_is(house_sqlite: House) -> None:
    house = house_sqlite
    consent(house)
    project = project_in(house)
    visit, photo = taken(house, project, snapshot(1), **SITE)
    assert evidence(house, visit, photo)["at_site"] == "unknown"
    form = house.chen.get(f"/works/visits/{visit}/photos/{photo}").page.find("form", action=lambda a: a and "/site" in a)
    fields = {i["name"]: i["value"] for i in form.find_all("input")}
    assert house.chen.ask("POST", "/" + form["action"], data=fields).status == 303
    assert evidence(house, visit, photo)["at_site"] == "near"


def test_what_the_camera_wrote_is_shown_and_its_name_to_supervisors(house_sqlite: House) -> None:
    house = house_sqlite
    shot = written(scene(), exif=exif(make="HUAWEI", model="P20", taken="2026:06:12 09:30:00", offset="+08:00"))
    one = taken(house, project_in(house), shot)
    assert datetime.fromisoformat(evidence(house, *one)["exif_at"]) == datetime(2026, 6, 12, 1, 30, tzinfo=UTC)
    assert (evidence(house, *one)["device"], evidence(house, *one, house.chen)["device"]) == (None, "HUAWEI P20")


def test_a_photo_that_was_used_before_is_shown_beside_the_earlier_one(house: House) -> None:
    project, other = project_in(house), project_in(house, "另一个工程")
    first = taken(house, project, written(scene(640, 480)))
    unlike = taken(house, project, written(scene(640, 480).rotate(90)))
    assert evidence(house, *first)["earlier"] == evidence(house, *unlike)["earlier"] == []
    sent_on = taken(house, other, again(written(scene(640, 480))))
    (earlier,) = evidence(house, *sent_on)["earlier"]
    assert (earlier["photo_id"], earlier["path"], earlier["same_file"]) == (str(first[1]), f"/works/visits/{first[0]}", False)
    assert earlier["bits"] <= 20
    same = taken(house, project, written(scene(640, 480)))
    assert [one["same_file"] for one in evidence(house, *same)["earlier"]].count(True) == 1
    assert "和以前的一张很像" in house.nobody.get(f"/works/visits/{sent_on[0]}").words
    page = house.nobody.get(f"/works/visits/{sent_on[0]}/photos/{sent_on[1]}").page
    assert [str(image)[1] in figure["src"] for image, figure in zip((first, sent_on), page.select(".ba img"), strict=True)]
    assert house.nobody.ask("GET", "/" + page.select(".ba img")[0]["src"]).status == 200
    assert evidence(house, *first)["earlier"] == [], "the earlier one was there first"


def test_two_shots_of_one_visit_are_no_news(house_sqlite: House) -> None:
    house = house_sqlite
    visit, photos = fresh(), [fresh(), fresh()]
    house.chen.api.put(f"/visits/{visit}", said(project_in(house), *photos))
    for photo in photos:
        assert send(house.chen, visit, photo, snapshot(1)).status == 201
        assert evidence(house, visit, photo)["earlier"] == []


def test_an_after_photo_that_is_the_before_photo_is_found(house_sqlite: House) -> None:
    """The contractor answers with the picture that showed the fault."""
    house = house_sqlite
    project = project_in(house)
    visit, (photo,) = visit_in(house, project, photos=1)
    finding = finding_in(house, project, visit_id=str(visit), photo_ids=[str(photo)])
    answered(house, finding)
    again_there = taken(house, project, snapshot(9))
    (earlier,) = (one for one in evidence(house, *again_there)["earlier"] if one["same_file"])
    assert earlier["path"] == f"/works/findings/{finding}"
    assert house.nobody.get(f"{earlier['path']}/photos/{earlier['photo_id']}/320").status == 200


def test_an_answer_with_an_old_photo_says_so_beside_it(house: House) -> None:
    """On the finding's page, as on a visit's: the contractor sends what a visit showed before."""
    project = project_in(house)
    visit, (_photo, old) = visit_in(house, project, photos=2)
    finding, honest = finding_in(house, project), finding_in(house, project)
    for where, picture in ((finding, snapshot(2)), (honest, written(scene(640, 480).rotate(90)))):
        words = {"id": str(fresh()), "kind": "answered", "text": "改好了", "answered_by": "孟工"}
        file = ("camera", ("after.jpg", picture, "image/jpeg"))
        assert house.nobody.ask("POST", link_to(house, where), data=words, files=[file]).status == 303
    page = house.nobody.get(f"/works/findings/{finding}")
    assert "和以前的一张很像" in page.words
    assert "和以前的一张很像" not in house.nobody.get(f"/works/findings/{honest}").words
    sent = house.nobody.api.get(f"/findings/{finding}/acts").json[-1]["photos"][0]
    here = f"/works/findings/{finding}/photos/{sent}"
    assert f"/c/fengshu{here}" in {link["href"] for link in page.page.select("main a")}
    known = house.nobody.api.get(f"/findings/{finding}/photos/{sent}/evidence").json
    first = known["earlier"][0]
    assert (first["photo_id"], first["path"], first["same_file"]) == (str(old), f"/works/visits/{visit}", True)
    assert (known["source"], known["receipt"], known["device"]) == ("camera", "none", None)
    shown = house.nobody.get(here)
    assert [str(image) in figure["src"] for image, figure in zip((old, sent), shown.page.select(".ba img"), strict=False)] == [
        True
    ] * 2
    assert house.nobody.api.get(f"/findings/{honest}/photos/{sent}/evidence").status == 404


def test_next_door_is_not_looked_into(house_sqlite: House) -> None:
    visit, photo = taken(house_sqlite, project_in(house_sqlite), snapshot(1))
    assert house_sqlite.zhao.api.get(f"/visits/{visit}/photos/{photo}/evidence").status == 404
    assert house_sqlite.zhao.get(f"/works/visits/{visit}/photos/{photo}").status == 404


def test_the_prints_are_those_that_were_measured(house_sqlite: House) -> None:
    """FIELD §1's numbers hold for these two prints, and not for others of that name."""
    with (
        house_sqlite.app.state.desk.develop(written(scene(640, 480))) as developed,
        Image.open(developed.derivatives[320]) as small,
    ):
        assert abs(int(developed.phash, 16) ^ phash(small)).bit_count() <= 2
        assert abs(int(developed.dhash, 16) ^ dhash(small)).bit_count() <= 2
