"""A face or a plate in a photo of a visit is painted over: everybody sees the copy, and nothing is overwritten."""

from io import BytesIO
from typing import Any

from PIL import Image
from sqlmodel import select

from app.photos.models import Photo
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from tests.cast import House
from tests.making import fresh
from tests.renovation.sites import answered, finding_in, project_in, visit_in

BOX = {"left": 10, "top": 10, "width": 50, "height": 50}
ROW = {name: str(value) for name, value in BOX.items()}


def black(house: House, path: str, one: Any = None) -> bool:
    """Whether the picture is black in the middle of the box."""
    answer = (one or house.nobody).get(path)
    assert answer.status == 200, answer
    with Image.open(BytesIO(answer.response.content)) as image:
        pixel = image.convert("L").getpixel((image.width * 35 // 100, image.height * 35 // 100))
    assert isinstance(pixel, int)
    return pixel < 16


def test_everybody_sees_the_covered_copy_and_supervisors_the_rest(house: House) -> None:
    project = project_in(house)
    visit, (photo,) = visit_in(house, project, photos=1)
    here = f"/works/visits/{visit}/photos/{photo}"
    finding = finding_in(house, project, visit_id=str(visit), photo_ids=[str(photo)])
    assert not black(house, f"{here}/320")
    copy = fresh()
    path = f"/visits/{visit}/photos/{photo}/copies/{copy}"
    made = [house.chen.api.put(path, {"boxes": boxes}) for boxes in ([BOX], [BOX], [BOX | {"left": 40}])]
    assert [one.status for one in made] == [201, 200, 409]
    assert made[0].json == {"boxes": [BOX]}
    for size in ("320", "960"):
        assert black(house, f"{here}/{size}")
        assert black(house, f"{here}/{size}", house.chen)
        assert black(house, f"/works/findings/{finding}/photos/{photo}/{size}"), "wherever it hangs"
    assert not black(house, f"{here}/1600", house.chen)
    assert not black(house, f"{here}/original", house.chen)
    assert house.nobody.get(f"{here}/1600").status == house.wang.get(f"{here}/original").status == 403
    for one in (house.nobody, house.chen):
        assert one.get(f"/works/visits/{visit}/photos/{copy}/960").status == 404, "a copy has no address of its own"
    assert house.nobody.get(f"{here}/960").headers["cache-control"] == "private, max-age=3600", "or the face would stay in caches"
    with house.session() as session:
        assert len(session.exec(select(Photo)).all()) == 2
        types = [entry.type for entry in session.exec(select(LogEntry))]
        assert verify_log(session, house.compound.id).finding is None
    assert types.count("visit.photo_covered") == 1


def test_a_face_in_the_contractors_own_photo_is_covered_too(house: House) -> None:
    """It came by a link, with an answer; also what a draft shows is covered, and nobody hears of a draft."""
    finding = finding_in(house, project_in(house))
    answered(house, finding)
    photo = house.nobody.api.get(f"/findings/{finding}/acts").json[-1]["photos"][0]
    here, path = f"/works/findings/{finding}/photos/{photo}", f"/findings/{finding}/photos/{photo}/copies/{fresh()}"
    assert not black(house, f"{here}/320")
    for one, status in ((house.wang, 403), (house.liu, 403), (house.nobody, 401), (house.zhao, 403)):
        assert one.api.put(f"/findings/{finding}/photos/{photo}/copies/{fresh()}", {"boxes": [BOX]}).status == status
        assert one.post(f"{here}/cover", ROW).status == status
    other = finding_in(house, project_in(house))
    assert house.chen.api.put(f"/findings/{other}/photos/{photo}/copies/{fresh()}", {"boxes": [BOX]}).status == 404
    made = [house.chen.api.put(path, {"boxes": boxes}) for boxes in ([BOX], [BOX], [BOX | {"left": 40}])]
    assert [one.status for one in made] == [201, 200, 409]
    assert black(house, f"{here}/320")
    assert black(house, f"{here}/960")
    assert not black(house, f"{here}/original", house.chen)
    with house.session() as session:
        types = [entry.type for entry in session.exec(select(LogEntry))]
        assert verify_log(session, house.compound.id).finding is None
    assert types.count("finding.photo_covered") == 1


def test_a_findings_photo_is_covered_by_numbers_from_its_page(house_sqlite: House) -> None:
    house = house_sqlite
    project = project_in(house)
    visit, (photo,) = visit_in(house, project, photos=1)
    draft = finding_in(house, project, visit_id=str(visit), photo_ids=[str(photo)], draft=True)
    here = f"/works/findings/{draft}/photos/{photo}"
    assert f"/c/fengshu{here}" in {link["href"] for link in house.chen.get(f"/works/findings/{draft}").page.select("main a")}
    assert house.nobody.get(here).status == 404, "a draft's"
    assert f"/c/fengshu{here}/cover" in {link["href"] for link in house.chen.get(here).page.select("main a")}
    assert house.chen.get(f"{here}/cover").page.find("form", {"data-redact": ""})
    assert house.chen.post(f"{here}/cover", {"id": str(fresh()), **ROW, "width": "很宽"}).status == 422
    done = house.chen.post(f"{here}/cover", {"id": str(fresh()), **ROW})
    assert "遮好了" in house.chen.follow(done).words
    assert black(house, f"{here}/320", house.chen)
    with house.session() as session:
        assert "finding.photo_covered" not in [entry.type for entry in session.exec(select(LogEntry))]


def test_a_second_copy_takes_the_place_of_the_first(house_sqlite: House) -> None:
    house = house_sqlite
    visit, (photo,) = visit_in(house, project_in(house), photos=1)
    here = f"/works/visits/{visit}/photos/{photo}"
    for box in (BOX, {"left": 90, "top": 90, "width": 5, "height": 5}):
        assert house.chen.api.put(f"/visits/{visit}/photos/{photo}/copies/{fresh()}", {"boxes": [box]}).status == 201
    assert not black(house, f"{here}/320"), "made from the original, not from the copy before"
    assert "90" in [i["value"] for i in house.chen.get(f"{here}/cover").page.select("input[name=left]")]


def test_the_form_works_by_numbers(house_sqlite: House) -> None:
    house = house_sqlite
    visit, (photo,) = visit_in(house, project_in(house), photos=1)
    here = f"/works/visits/{visit}/photos/{photo}"
    assert house.wang.get(f"{here}/cover").status == 403
    assert house.chen.get(f"{here}/cover").page.find("form", {"data-redact": ""})
    back = house.chen.post(f"{here}/cover", {"id": str(fresh()), **ROW, "width": "很宽"})
    assert (back.status, back.page.find("input", {"name": "width"})["value"]) == (422, "很宽")
    assert not black(house, f"{here}/320")
    done = house.chen.post(f"{here}/cover", {"id": str(fresh()), **ROW})
    assert "遮好了" in house.chen.follow(done).words
    assert black(house, f"{here}/320")


def test_who_may_cover_what(house: House) -> None:
    project = project_in(house)
    visit, (photo,) = visit_in(house, project, photos=1)
    other, _photos = visit_in(house, project)
    wish = {"boxes": [BOX]}
    for one, status in ((house.wang, 403), (house.liu, 403), (house.nobody, 401), (house.zhao, 403)):
        assert one.api.put(f"/visits/{visit}/photos/{photo}/copies/{fresh()}", wish).status == status
        assert one.post(f"/works/visits/{visit}/photos/{photo}/cover", ROW).status == status
    for where in (f"/visits/{other}/photos/{photo}", f"/visits/{visit}/photos/{fresh()}"):
        assert house.chen.api.put(f"{where}/copies/{fresh()}", wish).status == 404
    assert house.chen.api.put(f"/visits/{visit}/photos/{photo}/copies/{fresh()}", {"boxes": []}).status == 422


def test_a_photo_whose_file_is_missing_is_a_clean_no(house_sqlite: House) -> None:
    house = house_sqlite
    visit, (photo,) = visit_in(house, project_in(house), photos=1)
    for file in house.app.state.blobs.directory.glob("??/*"):
        file.unlink()
    path = f"/visits/{visit}/photos/{photo}/copies/{fresh()}"
    answer = house.chen.api.put(path, {"boxes": [BOX]})
    assert (answer.status, answer.json["code"]) == (404, "PhotoFileMissing")
    assert house.chen.post(f"/works/visits/{visit}/photos/{photo}/cover", ROW).status == 404
    assert house.chen.get(f"/works/visits/{visit}/photos/{photo}").status == 200, "what is known about it is still told"
    assert list(house.app.state.desk.directory.iterdir()) == []
