"""An objection with evidence, one written for a neighbour without a telephone, and one that is taken back."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select

from app.inbox.models import Message
from app.notices.models import Objection
from app.notices.queries import is_effective
from app.publiclog.models import LogEntry
from app.publiclog.verifying import verify_log
from tests.cast import House
from tests.making import fresh
from tests.notices.board import NO_FILE, attach, objected, published
from tests.treasury.bookkeeping import picture


def test_a_form_brings_words_and_photos_in_one_and_a_second_tap_brings_nothing_new(house: House) -> None:
    notice = published(house)
    path, form = f"/notices/{notice.id}/objections", {"id": str(fresh()), "text": "发票和合同对不上"}
    files = [("camera", ("a.jpg", picture(1), "image/jpeg")), ("gallery", ("b.jpg", picture(2), "image/jpeg"))]
    for _tap in range(2):
        sent = house.wang.ask("POST", path, data=form, files=files)
        assert "具名答复" in house.wang.follow(sent).words
    assert house.nobody.api.get(f"/notices/{notice.id}").json["objections"][0]["photos"] == 2
    page = house.wang.get(f"/notices/{notice.id}").page
    seen = [img["src"].removeprefix("/c/fengshu") for img in page.select("#o-" + form["id"] + " img")]
    assert len(seen) == 2
    for one, status in ((house.wang, 200), (house.liu, 200), (house.li, 404), (house.chen, 404)):
        assert {one.get(src).status for src in seen} == {status}, one.person.name
    assert house.nobody.get(seen[0]).place.startswith("/sign-in")
    assert house.zhao.get(seen[0]).status == 404
    words = house.li.get(f"/notices/{notice.id}").words
    assert "附照片 2 张" in words
    assert "只有提出人和答复的人看得到" in words


def test_a_file_that_is_no_photo_never_takes_the_words_with_it(house_sqlite: House) -> None:
    house, notice = house_sqlite, published(house_sqlite)
    files = [("gallery", ("a.jpg", b"%PDF-1.7", "image/jpeg"))]
    sent = house.wang.ask("POST", f"/notices/{notice.id}/objections", data={"id": str(fresh()), "text": "少了一笔"}, files=files)
    assert "少了一笔" in house.wang.follow(sent).words


def test_programs_attach_one_by_one_and_only_to_ones_own_unanswered_objection(house: House) -> None:
    notice = published(house)
    objection, photo = objected(house, notice), fresh()
    assert [attach(house.wang, objection, 1, photo).status for _ in range(2)] == [201, 200]
    assert attach(house.wang, objection, 2, photo).json["code"] == "PhotoDiffers"
    assert attach(house.li, objection).status == 404, "not theirs"
    assert attach(house.liu, objection).status == 404, "an officer adds nothing to what a resident said"
    for shade in range(3, 8):
        assert attach(house.wang, objection, shade).status == 201
    assert attach(house.wang, objection, 9).json["code"] == "TooManyPhotos"
    got = house.liu.api.get(f"/objections/{objection}/photos/{photo}", params={"size": "320"})
    assert (got.status, got.headers["content-type"]) == (200, "image/jpeg")
    assert house.li.api.get(f"/objections/{objection}/photos/{photo}").status == 404
    assert house.liu.api.post(f"/objections/{objection}/answer", json={"text": "有的"}).status == 200
    second = objected(house, notice, text="还有一笔")
    assert attach(house.wang, second, 1, photo).status == 409, "a photo hangs in one place"
    assert attach(house.wang, objection, 10).json["code"] == "AlreadyAnswered"


def test_an_officer_writes_for_a_neighbour_and_only_officers_see_who(house: House) -> None:
    notice = published(house)
    found = house.liu.get(f"/notices/{notice.id}/for-others?q=王").page
    link = found.find("a", href=lambda href: href and "person_id=" in href)
    form = house.liu.get(link["href"].removeprefix("/c/fengshu"))
    assert "替王阿姨提异议" in form.words
    fields = {field["name"]: field["value"] for field in form.page.select("form[enctype] input[type=hidden]")}
    empty = house.liu.ask("POST", f"/notices/{notice.id}/objections", data=fields | {"text": " "}, files=NO_FILE)
    assert empty.status == 422
    assert "替王阿姨提异议" in empty.words
    sent = house.liu.ask("POST", f"/notices/{notice.id}/objections", data=fields | {"text": "她说少了一笔"}, files=NO_FILE)
    assert sent.status == 303
    with house.session() as session:
        objection = session.exec(select(Objection)).one()
        assert (objection.person_id, objection.entered_by_id) == (house.wang.id, house.liu.id)
    officers = house.zhang.get(f"/notices/{notice.id}").words
    assert "提出人：王阿姨，刘主任代写" in officers
    for one in (house.li, house.chen, house.nobody):
        assert "王阿姨" not in one.get(f"/notices/{notice.id}").words
        assert "代写" not in one.get(f"/notices/{notice.id}").words
    assert "替您提了一条异议" in house.wang.get("/me/messages").words
    assert "我提的" in house.wang.get(f"/notices/{notice.id}").words


def test_nobody_speaks_for_somebody_else_without_the_right(house_sqlite: House) -> None:
    house, notice = house_sqlite, published(house_sqlite)
    for one, person_id, status in (
        (house.li, house.wang.id, 403),
        (house.zhang, house.wang.id, 403),  # a treasurer answers, and does not act for residents
        (house.liu, house.zhao.id, 404),
        (house.liu, house.wang.id, 201),
    ):
        wish = {"text": "少了一笔", "person_id": str(person_id)}
        assert one.api.put(f"/notices/{notice.id}/objections/{fresh()}", wish).status == status


def test_an_objection_taken_back_frees_the_notice_and_hides_its_words(house: House) -> None:
    notice = published(house)
    objection = objected(house, notice, text="我看错了")
    assert house.li.api.post(f"/objections/{objection}/withdraw").status == 403
    assert house.liu.api.post(f"/objections/{objection}/withdraw").status == 403, "an officer does not silence a resident"
    done = house.wang.post(f"/notices/objections/{objection}/withdraw")
    assert "撤回了" in house.wang.follow(done).words
    read = house.nobody.api.get(f"/notices/{notice.id}").json["objections"][0]
    assert (read["text"], bool(read["withdrawn_at"]), read["overdue"]) == (None, True, False)
    assert "我看错了" not in house.liu.get(f"/notices/{notice.id}").text
    assert house.liu.api.post(f"/objections/{objection}/answer", json={"text": "有的"}).json["code"] == "ObjectionWithdrawn"
    with house.session() as session:
        session.get_one(type(notice), (notice.compound_id, notice.id)).objections_until_at = notice.published_at
    with house.session() as session:
        assert is_effective(session, notice.compound_id, notice.record_id)
        assert verify_log(session, notice.compound_id).finding is None
        assert b"objection.withdrawn" in b"".join(session.exec(select(LogEntry.entry)).all())


def test_an_answered_objection_is_not_taken_back(house_sqlite: House) -> None:
    house, notice = house_sqlite, published(house_sqlite)
    objection = objected(house, notice)
    house.liu.api.post(f"/objections/{objection}/answer", json={"text": "有的"})
    assert house.wang.api.post(f"/objections/{objection}/withdraw").json["code"] == "AlreadyAnswered"


def said_withdrawn(house: House) -> Sequence[str]:
    with house.session() as session:
        mine = Message.person_id == house.wang.id
        return session.exec(select(Message.body).where(mine, Message.title == "您的异议被撤回了")).all()


def test_what_an_officer_wrote_is_undone_by_the_neighbour_or_an_officer_for_them(house_sqlite: House) -> None:
    house, notice = house_sqlite, published(house_sqlite)

    def written() -> UUID:
        id = fresh()
        wish = {"text": "少了一笔", "person_id": str(house.wang.id)}
        assert house.liu.api.put(f"/notices/{notice.id}/objections/{id}", wish).status == 201
        return id

    assert house.wang.api.post(f"/objections/{written()}/withdraw").status == 200
    assert not said_withdrawn(house)
    assert house.chen.api.post(f"/objections/{written()}/withdraw").status == 200, "another officer whom she asks"
    assert [f"{house.chen.person.name}替您撤回的" in body for body in said_withdrawn(house)] == [True], "and she is told"
    assert house.li.api.post(f"/objections/{written()}/withdraw").status == 403
