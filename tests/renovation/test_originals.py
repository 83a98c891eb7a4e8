"""The original of a photo that came smaller: by whoever sent it, and only what was announced."""

import io
from hashlib import sha256

import pytest
from PIL import Image

from tests.cast import Answer, House, One
from tests.making import fresh
from tests.renovation.sites import NOTICE, project_in, said, send, snapshot, visit_in


def camera_made(seed: int = 1, kind: str = "JPEG") -> bytes:
    """What the camera wrote, with its name in it."""
    facts = Image.Exif()
    facts[0x010F], facts[0x0110] = "Acme", "K9"
    facts.get_ifd(0x8769)[0x9003] = "2026:11:23 15:00:00"
    out = io.BytesIO()
    Image.effect_noise((400 + seed, 300), 60).convert("RGB").save(out, kind, exif=facts)
    return out.getvalue()


def original(one: One, photo: object, content: bytes) -> Answer:
    return one.api.ask("PUT", f"/works/photos/{photo}/original", content=content, headers={"content-type": "image/jpeg"})


def a_small_one(house: House, made: bytes) -> tuple[str, str]:
    """A visit whose photo came smaller than it was announced."""
    visit, photo = fresh(), fresh()
    wish = said(project_in(house), photo)
    wish["photos"][0]["announced_sha256"] = sha256(made).hexdigest()
    assert house.chen.api.put(f"/visits/{visit}", wish).status == 201
    assert send(house.chen, visit, photo, snapshot(1)).status == 201
    return str(visit), str(photo)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_original_follows_and_is_what_was_announced(house: House, kind: str) -> None:
    made = camera_made(kind=kind)
    visit, photo = a_small_one(house, made)
    place = f"/works/visits/{visit}/photos/{photo}/original"
    assert house.zhou.get(place).status == 404
    assert original(house.chen, photo, camera_made(2)).json["code"] == "OriginalDiffers"
    first = original(house.chen, photo, made)
    assert (first.status, first.json) == (201, {"id": photo, "received_sha256": sha256(made).hexdigest()})
    assert original(house.chen, photo, made).status == 200
    kept = house.zhou.get(place)
    assert kept.response.content == made
    assert kept.headers["content-type"] == f"image/{kind.lower()}"
    assert house.wang.get(place).status == 403, "faces, plates and places: for supervisors"
    manifest = house.nobody.api.get(f"/visits/{visit}/manifest").json["photos"][0]
    assert manifest["received_sha256"] == sha256(snapshot(1)).hexdigest(), "what was promised to be here still is"


def test_nobody_completes_anothers_photo_or_one_that_came_whole(house: House) -> None:
    made = camera_made()
    _visit, photo = a_small_one(house, made)
    assert original(house.zhou, photo, made).status == 404
    for one, status in ((house.wang, 403), (house.nobody, 401), (house.zhao_here, 401), (house.zhao, 403)):
        assert original(one, photo, made).status == status
    _visit, (whole,) = visit_in(house, project_in(house), photos=1)
    assert original(house.chen, whole, snapshot(1)).status == 200, "the camera's bytes are here"
    assert original(house.chen, fresh(), made).status == 404
    assert original(house.chen, photo, b"not a picture").status in (415, 422)


def test_a_findings_photo_has_an_original_too(house_sqlite: House) -> None:
    house, made, finding, photo = house_sqlite, camera_made(), fresh(), fresh()
    coming = {"photos": [{"id": str(photo), "announced_sha256": sha256(made).hexdigest()}]}
    assert house.chen.api.put(f"/projects/{project_in(house).id}/findings/{finding}", NOTICE | coming).status == 201
    content, headers = snapshot(1), {"content-type": "image/jpeg"}
    assert house.chen.api.ask("PUT", f"/findings/{finding}/photos/{photo}", content=content, headers=headers).status == 201
    assert original(house.chen, photo, made).status == 201
    assert house.chen.get(f"/works/findings/{finding}/photos/{photo}/original").response.content == made
