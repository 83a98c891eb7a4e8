"""A photo to be handed on carries where, when and which compound, drawn on a copy; the photo itself stays as it is."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageChops
from sqlmodel import select

from app.kit.pictures import Caption
from app.photos.models import Photo
from app.photos.stamping import letters_of
from tests.cast import Answer, House
from tests.making import fresh
from tests.photos.snapshots import scene, written
from tests.renovation.sites import project_in, visit_in
from tests.renovation.test_covering_faces import BOX


def pixels(answer: Answer) -> Image.Image:
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "image/jpeg"
    return Image.open(BytesIO(answer.response.content)).convert("L")


def white(picture: Image.Image, box: tuple[int, int, int, int]) -> int:
    """How many pixels are letters' white."""
    return sum(picture.crop(box).histogram()[240:])


def kept(house: House) -> tuple[int, int]:
    with house.session() as session:
        return len(session.exec(select(Photo)).all()), len(list(house.app.state.blobs.directory.glob("??/*")))


def test_it_is_drawn_on_the_foot_of_a_copy_that_nobody_keeps(house_sqlite: House) -> None:
    house = house_sqlite
    visit, (photo,) = visit_in(house, project_in(house), photos=1)
    here, before = f"/works/visits/{visit}/photos/{photo}", kept(house)
    plain, drawn = pixels(house.wang.get(f"{here}/960")), pixels(house.wang.get(f"{here}/stamped"))
    assert drawn.size == plain.size
    width, height = drawn.size
    foot = (0, height * 3 // 4, width, height)
    assert white(drawn, foot) > white(plain, foot) + 50
    top = (0, 0, width, height // 3)
    assert max(ImageChops.difference(drawn.crop(top), plain.crop(top)).get_flattened_data()) < 24, "above it nothing is drawn"
    assert kept(house) == before
    assert pixels(house.wang.api.get(f"/visits/{visit}/photos/{photo}/stamped")).size == plain.size
    page = house.wang.get(here)
    assert "带说明的照片" in page.words
    assert "带说明的照片" not in house.nobody.get(here).words
    for one, status in ((house.nobody, 401), (house.zhao, 404)):
        assert one.api.get(f"/visits/{visit}/photos/{photo}/stamped").status == status
    assert house.wang.api.get(f"/visits/{visit}/photos/{fresh()}/stamped").status == 404


def test_what_was_covered_is_covered_in_it(house_sqlite: House) -> None:
    house = house_sqlite
    visit, (photo,) = visit_in(house, project_in(house), photos=1)
    assert house.chen.api.put(f"/visits/{visit}/photos/{photo}/copies/{fresh()}", {"boxes": [BOX]}).status == 201
    drawn = pixels(house.wang.get(f"/works/visits/{visit}/photos/{photo}/stamped"))
    inside: Any = drawn.getpixel((drawn.width * 20 // 100, drawn.height * 20 // 100))
    assert inside < 16


def test_a_long_caption_goes_on_in_the_next_line(house_sqlite: House) -> None:
    letters = letters_of("")
    assert letters, "tools/system installs a font"
    feet = []
    for words in ("短", "充电棚配电箱" * 12):
        caption = Caption([words], letters.file, letters.number)
        with house_sqlite.app.state.desk.develop(written(scene(640, 480)), (640,), caption=caption) as made:
            picture = Image.open(made.derivatives[640]).convert("L")
        feet.append([white(picture, (0, y, 640, y + 20)) for y in range(380, 480, 20)])
        assert picture.size == (640, 480)
    assert sum(count > 40 for count in feet[1]) > sum(count > 40 for count in feet[0])


def test_without_chinese_letters_it_is_not_offered(house_sqlite: House) -> None:
    house = house_sqlite
    visit, (photo,) = visit_in(house, project_in(house), photos=1)
    house.app.state.settings = house.app.state.settings.model_copy(update={"stamp_font": "/nowhere.ttc"})
    here = f"/works/visits/{visit}/photos/{photo}"
    assert "带说明的照片" not in house.wang.get(here).words
    assert house.wang.api.get(f"/visits/{visit}/photos/{photo}/stamped").json["code"] == "NoLetters"
