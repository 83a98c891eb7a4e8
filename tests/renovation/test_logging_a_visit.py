"""A supervisor logs a visit: the text exists at once, its photos follow, and nothing is ever twice or lost."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from app.kit.clock import now
from app.photos.models import Photo
from app.publiclog.canonical import canonical
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from app.renovation import visiting
from app.renovation.models import Visit, VisitPhoto
from tests.cast import House
from tests.making import fresh, make_key
from tests.publiclog.tampering import guards_off, run
from tests.renovation.sites import project_in, said, send, snapshot, visit_in


def logged(house: House) -> list[str]:
    with house.session() as session:
        assert verify_log(session, house.compound.id).finding is None
        return [e.type for e in session.exec(select(LogEntry).order_by(LogEntry.index)) if e.type.startswith("visit")]  # type: ignore[arg-type]


def test_a_visit_with_two_photos_arrives_piece_by_piece(house: House) -> None:
    project, id, photos = project_in(house), fresh(), [fresh(), fresh()]
    made = house.chen.api.put(f"/visits/{id}", said(project, *photos))
    assert (made.status, made.json["complete"], made.json["photos_announced"]) == (201, False, 2)
    assert house.chen.api.get(f"/visits/{id}/manifest").json["photos"][0]["state"] == "missing"
    assert "照片到了 0 张，共 2 张" in house.nobody.get(f"/works/visits/{id}").words

    first = send(house.chen, id, photos[0], snapshot(1))
    assert (first.status, first.json["complete"]) == (201, False)
    assert first.json["received_sha256"] == sha256(snapshot(1)).hexdigest()
    assert logged(house) == ["visit.submitted"]
    assert send(house.chen, id, photos[1], snapshot(2)).json["complete"] is True
    assert logged(house) == ["visit.submitted", "visit.completed"]
    manifest = house.chen.api.get(f"/visits/{id}/manifest").json
    assert [p["received_sha256"] for p in manifest["photos"]] == [sha256(snapshot(n)).hexdigest() for n in (1, 2)]
    assert "电缆沟盖板铺了一半" in house.nobody.get(f"/works/projects/{project.id}").words


def test_the_same_visit_again_is_the_same_visit_and_another_text_is_refused(house: House) -> None:
    project, id = project_in(house), fresh()
    wish = said(project, fresh())
    assert [house.chen.api.put(f"/visits/{id}", wish).status for _ in range(2)] == [201, 200]
    other = house.chen.api.put(f"/visits/{id}", wish | {"progress": "别的话"})
    assert (other.status, other.json["code"]) == (409, "SameIdOtherContent")
    assert house.zhou.api.put(f"/visits/{id}", wish).status == 409, "another supervisor's visit"


def test_a_lost_answer_is_asked_for_again(house: House) -> None:
    """The reply to the second photo never arrived: the phone sends it again, and the log has one line."""
    project, (id, photos) = (p := project_in(house)), visit_in(house, p, photos=2)
    again = send(house.chen, id, photos[1], snapshot(2))
    assert (again.status, again.json["complete"]) == (200, True)
    assert logged(house) == ["visit.submitted", "visit.completed"]
    assert house.chen.api.get(f"/projects/{project.id}/visits").json["items"][0]["complete"] is True


def test_another_picture_under_the_same_id_is_refused(house: House) -> None:
    id, photos = visit_in(house, project_in(house), photos=1)
    other = send(house.chen, id, photos[0], snapshot(7))
    assert (other.status, other.json["code"]) == (409, "PhotoDiffers")
    assert len(other.json["stored_sha256"]) == 64, "the phone learns which picture is here"
    assert house.chen.api.get(f"/visits/{id}/manifest").json["photos"][0]["received_sha256"] == sha256(snapshot(1)).hexdigest()


def test_two_identical_photos_in_a_visit_are_legal(house: House) -> None:
    """ODK central #299."""
    project, id, photos = project_in(house), fresh(), [fresh(), fresh()]
    house.chen.api.put(f"/visits/{id}", said(project, *photos))
    assert [send(house.chen, id, p, snapshot(1)).status for p in photos] == [201, 201]


def test_fifty_duplicates_at_once_are_one_visit(house: House) -> None:
    project, id, photo = project_in(house), fresh(), fresh()
    wish = said(project, photo)
    answers = house.at_once(*[(house.chen.api, "PUT", f"/visits/{id}", {"json": wish})] * 50)
    assert sorted(a.status for a in answers) == [200] * 49 + [201]
    with house.session() as session:
        assert len(session.exec(select(Visit)).all()) == 1
    assert logged(house) == ["visit.submitted"]


def test_one_photo_sent_at_once_by_eight_tabs_is_one_photo(house: House) -> None:
    """As many as the desk lets wait: the ninth would be told to come back."""
    project, id, photo = project_in(house), fresh(), fresh()
    house.chen.api.put(f"/visits/{id}", said(project, photo))
    answers = house.at_once(*[(house.chen.api, "PUT", f"/visits/{id}/photos/{photo}", {"content": snapshot(1)})] * 8)
    assert sorted(a.status for a in answers) == [200] * 7 + [201]
    with house.session() as session:
        assert len(session.exec(select(Photo)).all()) == 1
    assert logged(house) == ["visit.submitted", "visit.completed"]


CHANGES = {
    "its words": "UPDATE visit SET progress = 'x'",
    "all of it": "DELETE FROM visit",
    "a photo's announcement": "UPDATE visit_photo SET announced_sha256 = NULL",
    "a photo's arrival": "UPDATE visit_photo SET received_at = NULL",
    "a photo": "DELETE FROM visit_photo",
}


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_changes_a_visit_once_submitted(house: House, what: str) -> None:
    visit_in(house, project_in(house), photos=1)
    with pytest.raises(DatabaseError, match="append-only"), house.session() as session:
        session.connection().execute(text(CHANGES[what]))
    with house.session() as session:  # the control: without the guards the same statement goes through
        guards_off(session, "visit", "visit_photo")
        if what != "all of it":  # its photos point to it
            assert run(session, CHANGES[what]) == 1


def test_a_correction_is_a_new_visit_and_the_wrong_one_stays(house: House) -> None:
    project = project_in(house)
    wrong, _photos = visit_in(house, project)
    page = house.chen.get(f"/works/projects/{project.id}/visits/new?correcting={wrong}").page
    form = page.find("form", enctype="multipart/form-data")
    assert form
    fields = {i["name"]: i.get("value", "") for i in form.find_all("input", type="hidden")}
    assert fields["supersedes_id"] == str(wrong)
    done = house.chen.post(form["action"].removeprefix("/c/fengshu"), fields | {"place": "5栋地下室", "progress": "铺了三分之二"})
    assert "这是一篇更正" in house.chen.follow(done).words
    assert "这篇已经更正" in house.nobody.get(f"/works/visits/{wrong}").words
    again = said(project, supersedes_id=str(wrong))
    assert house.chen.api.put(f"/visits/{fresh()}", again).json["code"] == "AlreadyCorrected"
    other, _photos = visit_in(house, project)
    assert house.zhou.api.put(f"/visits/{fresh()}", said(project, supersedes_id=str(other))).status == 403


def test_the_nonce_says_not_before_and_measures_the_phones_clock(house: House) -> None:
    project = project_in(house)
    with time_machine.travel(datetime(2026, 11, 23, 1, 0, tzinfo=UTC), tick=False):
        nonce = house.chen.api.post("/visits/nonce").json
        assert nonce["issued_at"] == "2026-11-23T01:00:00Z"
    with time_machine.travel(datetime(2026, 11, 23, 3, 0, tzinfo=UTC), tick=False):
        ahead = said(project, nonce=nonce["nonce"], started_at="2027-11-23T09:00:00+08:00")
        id = fresh()
        made = house.chen.api.put(f"/visits/{id}", ahead).json
    assert (made["not_before_at"], made["received_at"]) == ("2026-11-23T01:00:00Z", "2026-11-23T03:00:00Z")
    with house.session() as session:
        assert session.get_one(Visit, (house.compound.id, id)).skew_seconds == 365 * 86_400


@pytest.mark.parametrize("nonce", ["nonsense", "99999999999.ab", "1.", "1769000000.\udfff", "9" * 150])
def test_a_nonce_that_is_not_ours_counts_as_none(house_sqlite: House, nonce: str) -> None:
    house = house_sqlite
    wish = said(project_in(house), nonce=nonce.encode("utf-8", "replace").decode())
    made = house.chen.api.put(f"/visits/{fresh()}", wish)
    assert (made.status, made.json["not_before_at"]) == (201, None)


def test_one_supervisors_nonce_is_no_evidence_for_another(house_sqlite: House) -> None:
    house = house_sqlite
    nonce = house.zhou.api.post("/visits/nonce").json["nonce"]
    assert house.chen.api.put(f"/visits/{fresh()}", said(project_in(house), nonce=nonce)).json["not_before_at"] is None


def test_where_a_supervisor_was_is_kept_only_with_their_consent(house: House) -> None:
    project, places = project_in(house), []
    for given in (False, True):
        if given:
            assert house.chen.post("/me/consents", {"purpose": "visit_position"}).status == 303
        photo = fresh()
        wish = said(project, photo)
        wish["photos"][0] |= {"lat": 28.2, "lon": 112.9, "accuracy": 8}
        assert house.chen.api.put(f"/visits/{fresh()}", wish).status == 201
        with house.session() as session:
            places.append(session.get_one(VisitPhoto, (house.compound.id, photo)).lat)
    assert places == [None, 28.2]


def test_what_a_phone_says_wrongly_about_itself_never_parks_the_visit(house: House) -> None:
    """Clocks without a battery, GPS that is off: evidence may be missing."""
    project, photo = project_in(house), fresh()
    odd = said(project, photo, started_at="0001-01-01T00:00:00+08:00", device_at="yesterday", weather="")
    odd["photos"][0] |= {"exif_at": "0000:00:00 00:00:00", "lat": 91, "lon": 200, "accuracy": -1, "device_at": None}
    id = fresh()
    assert house.chen.api.put(f"/visits/{id}", odd).status == 201
    with house.session() as session:
        kept = session.get_one(VisitPhoto, (house.compound.id, photo))
        assert (kept.exif_at, kept.lat, kept.lon) == (None, None, None)
        assert session.get_one(Visit, (house.compound.id, id)).device_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("progress", "\x00"), ("place", ""), ("progress", "字" * 2001), ("photos", "no"), ("project_id", "x"), ("mood", "good")],
)
def test_a_malformed_visit_is_said_so(house: House, field: str, value: str) -> None:
    answer = house.chen.api.put(f"/visits/{fresh()}", said(project_in(house)) | {field: value})
    assert (answer.status, answer.json["code"]) == (422, "Malformed")


def test_an_empty_visit_is_refused(house_sqlite: House) -> None:
    answer = house_sqlite.chen.api.put(f"/visits/{fresh()}", said(project_in(house_sqlite), progress=" "))
    assert (answer.status, answer.json["code"]) == (422, "EmptyVisit")


BAD = {
    "an svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", 415),
    "nothing": (b"", 422),
    "half a picture": (snapshot(3)[:900], 422),
    "more than 25 MB": (b"\xff\xd8\xff" + bytes(25_000_000), 413),
}


@pytest.mark.parametrize("what", BAD)
def test_a_photo_that_cannot_be_taken_leaves_the_visit_as_it_was(house_sqlite: House, what: str) -> None:
    house, photo, id = house_sqlite, fresh(), fresh()
    content, status = BAD[what]
    house.chen.api.put(f"/visits/{id}", said(project_in(house), photo))
    answer = send(house.chen, id, photo, content)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert house.chen.api.get(f"/visits/{id}").json["photos_received"] == 0
    assert send(house.chen, id, photo, snapshot(1)).status == 201, "and the right one may still come"
    assert not list((house.app.state.desk.directory).iterdir()), "nothing is left behind"


def test_bytes_that_changed_on_the_way_are_sent_again(house: House) -> None:
    id, photo = fresh(), fresh()
    house.chen.api.put(f"/visits/{id}", said(project_in(house), photo))
    answer = send(house.chen, id, photo, snapshot(2), digest=sha256(snapshot(1)).hexdigest())
    assert (answer.status, answer.json["code"]) == (422, "DigestDiffers")


def test_a_photo_nobody_announced_is_not_taken(house: House) -> None:
    project = project_in(house)
    id, photos = visit_in(house, project, photos=1)
    assert send(house.chen, id, fresh(), snapshot(1)).json["code"] == "PhotoNotAnnounced"
    assert send(house.zhou, id, photos[0], snapshot(1)).status == 404, "another supervisor's visit"
    other = house.zhou.api.put(f"/visits/{fresh()}", said(project, photos[0]))
    assert other.json["code"] == "SameIdOtherContent", "a photo hangs where it was announced first"


def test_who_may_log_a_visit(house: House) -> None:
    project, id = project_in(house), fresh()
    wish = said(project)
    for one, status in ((house.wang, 403), (house.liu, 403), (house.nobody, 401), (house.zhao_here, 401), (house.zhao, 403)):
        assert one.api.put(f"/visits/{id}", wish).status == status
        assert one.api.post("/visits/nonce").status == status
        assert one.get(f"/works/projects/{project.id}/visits/new").status == (303 if status == 401 else status)
    with house.session() as session:
        reads = make_key(session, house.chen.person, "renovation:read")
        writes = make_key(session, house.chen.person, "renovation:write")
    answer = house.nobody.api.put(f"/visits/{id}", wish, headers={"authorization": f"Bearer {reads}"})
    assert (answer.status, answer.json["code"]) == (403, "WrongScope")
    assert house.nobody.api.put(f"/visits/{id}", wish, headers={"authorization": f"Bearer {writes}"}).status == 201


def test_a_supervisor_in_a_cellar_needs_no_second_factor(house: House) -> None:
    project = project_in(house)
    with time_machine.travel(now() + timedelta(hours=3), tick=False):
        assert house.chen.api.put(f"/visits/{fresh()}", said(project)).status == 201


def test_strangers_see_the_log_without_names_and_the_small_photos_only(house: House) -> None:
    project = project_in(house)
    id, photos = visit_in(house, project, photos=1)
    page = f"/works/visits/{id}"
    assert "陈*" in house.nobody.get(page).words
    assert "陈工" not in house.nobody.get(page).text
    assert "陈工" in house.wang.get(page).words
    photo = f"{page}/photos/{photos[0]}"
    for one, size, status in (
        (house.nobody, "320", 200),
        (house.nobody, "960", 200),
        (house.nobody, "1600", 403),
        (house.wang, "original", 403),
        (house.liu, "original", 403),
        (house.chen, "1600", 200),
        (house.zhou, "original", 200),
        (house.zhao, "960", 404),
        (house.zhao, "original", 404),
    ):
        assert one.get(f"{photo}/{size}").status == status, (one.compound.slug, size)
    small = house.nobody.api.get(f"/visits/{id}/photos/{photos[0]}")
    assert small.headers["content-type"] == "image/jpeg"
    assert house.nobody.api.get(f"/visits/{id}/photos/{photos[0]}?size=original").status == 403
    assert house.nobody.get(f"/works/visits/{fresh()}/photos/{photos[0]}/320").status == 404


def test_the_frozen_words_are_what_was_hashed(house: House) -> None:
    id, _photos = visit_in(house, project_in(house), photos=1)
    frozen = house.nobody.api.get(f"/visits/{id}/frozen").response.content
    digest = sha256(frozen).hexdigest()
    assert digest == house.nobody.api.get(f"/visits/{id}").json["sha256"]
    assert "陈工" not in frozen.decode()
    with house.session() as session:
        entries = session.exec(select(LogEntry.entry).where(LogEntry.record_id == id)).all()
    written = b"".join(entries).decode()
    assert digest in written
    assert sha256(snapshot(1)).hexdigest() in written
    assert "陈工" not in written


def test_the_form_and_the_queue_may_be_kept_by_the_phone_and_nothing_else(house_sqlite: House) -> None:
    house, project = house_sqlite, project_in(house_sqlite)
    for path in (f"/works/projects/{project.id}/visits/new", "/works/outbox"):
        page = house.chen.get(path)
        assert page.headers["cache-control"] == "private, no-cache"
        sheet = page.page.find(id="outbox-who")
        assert sheet
        assert sheet["data-user"] == house.chen.ask("GET", "//ping").json["user"], "or the queue would never be sent"
    assert house.chen.get(f"/works/projects/{project.id}").headers["cache-control"] == "no-store"


def test_another_compounds_visit_is_not_there(house: House) -> None:
    project = project_in(house)
    id, _photos = visit_in(house, project)
    for path in (f"/projects/{project.id}", f"/visits/{id}", f"/visits/{id}/manifest", f"/projects/{project.id}/visits"):
        assert house.zhao.api.get(path).status == 404
    for path in (f"/works/projects/{project.id}", f"/works/visits/{id}", f"/works/visits/{id}/card"):
        assert house.zhao.get(path).status == 404


def form_of(house: House, project_id: UUID) -> dict[str, str]:
    form = house.chen.get(f"/works/projects/{project_id}/visits/new").page.find("form", {"data-outbox": "visit"})
    assert form
    return {i["name"]: i.get("value", "") for i in form.find_all("input", type="hidden")}


def test_without_script_the_form_sends_text_and_photos_in_one(house: House) -> None:
    project = project_in(house)
    fields = form_of(house, project.id) | {"place": "充电棚", "progress": "立柱装好", "weather": "clear", "csrf": ""}
    files = [
        ("camera", ("1.jpg", snapshot(1), "image/jpeg")),
        ("gallery", ("2.jpg", snapshot(2), "image/jpeg")),
        ("gallery", ("", b"", "application/octet-stream")),
    ]
    path = f"/works/projects/{project.id}/visits"
    sent = [house.chen.ask("POST", path, data=fields, files=files) for _ in range(2)]
    assert [a.status for a in sent] == [303, 303]
    assert sent[0].place == sent[1].place, "a double tap counts once"
    page = house.chen.follow(sent[0])
    assert "日志交好了" in page.words
    assert len(page.page.select(".photos li img")) == 2
    assert "不早于" in page.words, "the form's own nonce counts"
    assert logged(house) == ["visit.submitted", "visit.completed"]


def test_without_script_a_bad_photo_does_not_take_the_visit_with_it(house_sqlite: House) -> None:
    house, project = house_sqlite, project_in(house_sqlite)
    fields = form_of(house, project.id) | {"place": "充电棚", "progress": "立柱装好"}
    files = [("gallery", (name, content, "image/jpeg")) for name, content in (("a", BAD["an svg"][0]), ("b", snapshot(1)))]
    sent = house.chen.ask("POST", f"/works/projects/{project.id}/visits", data=fields, files=files)
    page = house.chen.follow(sent)
    assert "有一张没收下" in page.words
    assert len(page.page.select(".photos li img")) == 1


def test_without_script_a_form_with_a_mistake_keeps_what_was_written(house_sqlite: House) -> None:
    house, project = house_sqlite, project_in(house_sqlite)
    fields = form_of(house, project.id) | {"place": "", "progress": "立柱装好"}
    back = house.chen.ask("POST", f"/works/projects/{project.id}/visits", data=fields, files=[("camera", ("", b"", ""))])
    assert back.status == 422
    assert "立柱装好" in back.text
    assert fields["nonce"] in back.text
    assert fields["id"] in back.text
    assert back.page.title.string.startswith("错误：")
    assert house.wang.ask("POST", f"/works/projects/{project.id}/visits", data=fields).status == 403


DETAILS = {
    "present": "施工方、监理",
    "headcount": "１２",
    "materials": "水泥 20袋\n\n镀锌 电缆桥架，30米；沙子",
    "tests": "打压 0.6 兆帕，半小时没降",
    "complaints": "噪声太早",
    "safety": "围挡缺一块",
    "next_on": "2026-12-10",
}


def test_a_visit_tells_who_was_there_and_what_was_delivered(house: House) -> None:
    project, id, photos = project_in(house), fresh(), [fresh(), fresh()]
    wish = said(project, *photos, **DETAILS)
    wish["photos"][1]["role"] = "certificate"
    made = house.chen.api.put(f"/visits/{id}", wish)
    assert made.status == 201, made
    for n, photo in enumerate(photos, 1):
        send(house.chen, id, photo, snapshot(n))
    plain = {name: said for name, said in DETAILS.items() if name != "materials"} | {"headcount": 12}
    assert {name: made.json[name] for name in plain} == plain
    assert [(m["name"], m["quantity"]) for m in made.json["materials"]] == [
        ("水泥", "20袋"),
        ("镀锌 电缆桥架", "30米"),
        ("沙子", ""),
    ]
    page = house.nobody.get(f"/works/visits/{id}")
    for words in ("施工方、监理", "12 人", "镀锌 电缆桥架", "30米", "打压 0.6 兆帕", "噪声太早", "围挡缺一块", "2026年12月10日"):
        assert words in page.words
    assert len(page.page.select("#materials img")) == len(page.page.select("#photos li img")) == 1
    paper = house.nobody.get(f"/works/projects/{project.id}/log").words
    assert "水泥 20袋；镀锌 电缆桥架 30米；沙子" in paper
    assert "施工 12 人" in paper
    frozen = house.nobody.api.get(f"/visits/{id}/frozen")
    assert (frozen.json["v"], frozen.json["headcount"], frozen.json["photos"][1]["role"]) == (2, 12, "certificate")
    assert frozen.json["materials"][0] == {"name": "水泥", "quantity": "20袋"}
    assert sha256(frozen.response.content).hexdigest() == made.json["sha256"]


def test_a_visit_frozen_before_there_was_more_to_tell_still_verifies(house: House) -> None:
    """What stands in the log is the hash of the bytes that were kept, not of what would be written today."""
    project, id = project_in(house), fresh()
    first = canonical({"v": 1, "id": str(id), "place": "5栋地下室", "progress": "电缆沟盖板铺了一半", "photos": []})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visiting, "frozen", lambda *_: first)
        assert house.chen.api.put(f"/visits/{id}", said(project)).status == 201
    assert house.nobody.api.get(f"/visits/{id}/frozen").response.content == first
    with house.session() as session:
        assert sha256(first).hexdigest() in b"".join(session.exec(select(LogEntry.entry)).all()).decode()
        assert verify_log(session, house.compound.id).finding is None
    assert house.nobody.get(f"/works/visits/{id}").status == 200


@pytest.mark.parametrize(
    ("field", "typed"), [("headcount", "十几个"), ("headcount", "-1"), ("next_on", "0202-01-01"), ("next_on", "明天")]
)
def test_a_number_or_a_day_that_is_none_never_parks_the_visit(house_sqlite: House, field: str, typed: str) -> None:
    made = house_sqlite.chen.api.put(f"/visits/{fresh()}", said(project_in(house_sqlite)) | {field: typed})
    assert (made.status, made.json[field]) == (201, None)


def test_without_script_a_certificate_is_known_by_its_button(house_sqlite: House) -> None:
    house, project = house_sqlite, project_in(house_sqlite)
    form = house.chen.get(f"/works/projects/{project.id}/visits/new").page
    names = [i["name"] for i in form.find_all("input", type="file")]
    assert names == ["camera:role=certificate", "gallery:role=certificate", "camera", "gallery"]
    fields = form_of(house, project.id) | {"place": "充电棚", "progress": "立柱装好", "materials": "水泥 20袋"}
    path = f"/works/projects/{project.id}/visits"
    files = [(names[1], ("1.jpg", snapshot(1), "image/jpeg")), ("camera", ("2.jpg", snapshot(2), "image/jpeg"))]
    page = house.chen.follow(house.chen.ask("POST", path, data=fields, files=files))
    assert len(page.page.select("#materials img")) == len(page.page.select("#photos li img")) == 1
    odd = [("camera:role=president", ("1.jpg", snapshot(1), "image/jpeg"))]
    assert house.chen.ask("POST", path, data=fields | {"id": str(fresh())}, files=odd).status == 422


def test_a_correction_begins_with_everything_that_was_said(house_sqlite: House) -> None:
    house, project, id = house_sqlite, project_in(house_sqlite), fresh()
    house.chen.api.put(f"/visits/{id}", said(project, **DETAILS))
    form = house.chen.get(f"/works/projects/{project.id}/visits/new?correcting={id}").page
    assert form.find(id="f-materials").text.strip() == "水泥 20袋\n镀锌 电缆桥架 30米\n沙子"
    assert form.find(id="f-headcount")["value"] == "12"
    assert form.find(id="f-tests").text.strip() == DETAILS["tests"]
    assert all(fold.has_attr("open") for fold in form.select("details#did, details#who, details#wrong"))


def test_a_correction_shows_beside_each_other_what_it_says_otherwise(house_sqlite: House) -> None:
    house, project, wrong, right = house_sqlite, project_in(house_sqlite), fresh(), fresh()
    house.chen.api.put(f"/visits/{wrong}", said(project, **DETAILS))
    changed = DETAILS | {"materials": "水泥 30袋", "headcount": "", "progress": "铺完了", "next_on": "2026-12-20"}
    assert house.chen.api.put(f"/visits/{right}", said(project, supersedes_id=str(wrong), **changed)).status == 201
    card = house.nobody.get(f"/works/visits/{right}").page.find(id="changed")
    assert [part.get_text() for part in card.find_all("h3")] == ["进度", "施工人数", "进场材料", "下次来"]
    assert [one.get_text() for one in card.find_all("del")][:3] == [
        "电缆沟盖板铺了一半",
        "12",
        "水泥 20袋\n镀锌 电缆桥架 30米\n沙子",
    ]
    assert [one.get_text() for one in card.find_all("ins")][:3] == ["铺完了", "（没有写）", "水泥 30袋"]
    assert not house.nobody.get(f"/works/visits/{wrong}").page.find(id="changed")
    assert "这篇已经更正" in house.nobody.get(f"/works/visits/{wrong}").words
