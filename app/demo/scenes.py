"""The demo's photographs: drawn once as SVG, kept as small JPEGs, varied at load.

`scenes/*.svg` are the drawings. `python -m app.demo.scenes` turns them into `photos/*.jpg` with Chromium (1600×1200, at
most 60 kB each) and is needed only after a drawing changed: the JPEGs are committed. `photo_bytes` and `voucher_bytes` make
from them, without Chromium, any number of different pictures: another crop, tilt and light for each seed, the camera's date
in the corner, number and amount on a paper. The same arguments give the same bytes with the same Pillow; another Pillow may
encode differently.

Chinese words are in the drawings; what is written at load is digits only, in the font that comes with Pillow, because the
machine that runs the demo may have no Chinese font.
"""

import io
import shutil
import sys
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from app.demo.dice import Dice

HERE = Path(__file__).parent
DRAWINGS = HERE / "scenes"
PHOTOS = HERE / "photos"

SITE_SCENES = (
    "boiler_room",
    "cellar",
    "cellar_dry",
    "corridor",
    "council_hall",
    "cover",
    "gate",
    "gift",
    "green",
    "lamp",
    "notice_board",
    "parking",
    "pipe",
    "powerbox",
    "roof",
    "seepage_after",
    "seepage_before",
    "shed",
    "trench",
)
PAPERS = ("bank_slip", "contract", "invoice", "minutes", "receipt")
SCENES = (*SITE_SCENES, *PAPERS)

_WITHOUT_WORDS = frozenset({"boiler_room", "cellar", "cellar_dry", "green", "lamp", "pipe", "roof", "shed", "trench"})
"""Scenes that may be seen from the other side: nothing written stands in them."""

DRAWN = (1600, 1200)
SHOT = (1280, 960)
"""The size of a varied picture: what a phone sends after it has made the photo smaller."""

MOST_BYTES = 60_000


class _Paper(NamedTuple):
    """Where digits go on a paper (left end of the baseline), and what the public copy blackens (left, top, right, bottom)."""

    number: tuple[int, int]
    on: tuple[int, int] | None
    amount: tuple[int, int]
    black: tuple[tuple[int, int, int, int], ...]


_PAPERS = {
    "invoice": _Paper((1200, 226), (1200, 276), (990, 842), ((300, 322, 660, 416), (300, 896, 640, 986))),
    "receipt": _Paper((1084, 400), (344, 400), (570, 802), ((524, 446, 1010, 516), (366, 876, 580, 934), (746, 876, 960, 934))),
    "bank_slip": _Paper(
        (1010, 230), (980, 280), (470, 712), ((416, 356, 784, 424), (416, 456, 784, 524), (1036, 356, 1424, 524))
    ),
    "contract": _Paper((506, 226), None, (630, 966), ((500, 258, 880, 344), (430, 1050, 690, 1116), (860, 1050, 1130, 1116))),
    "minutes": _Paper((506, 250), (946, 250), (0, 0), ((500, 996, 1180, 1074),)),
}


@lru_cache(maxsize=4)
def _drawn(scene: str) -> Image.Image:
    """The committed picture of a scene, decoded; four are kept because a batch of photos often shows the same places."""
    if scene not in SCENES:
        raise KeyError(scene)
    with Image.open(PHOTOS / f"{scene}.jpg") as picture:
        return picture.convert("RGB")


def _framed(dice: Dice) -> tuple[float, float, float, float]:
    """The part of the drawing that the shot shows (left, top, right, bottom): between two thirds and all of its width.

    The dice know the seed and not the scene: before and after, shot with one seed, lie exactly over each other.
    """
    part = 1 - dice.share("zoom") / 3
    left = DRAWN[0] * (1 - part) * dice.share("left")
    top = DRAWN[1] * (1 - part) * dice.share("top")
    return (left, top, left + DRAWN[0] * part, top + DRAWN[1] * part)


def _lying(dice: Dice) -> tuple[float, float, float, float, float, float]:
    """The affine map from the shot back into the drawing of a paper that lies a little askew, always whole in the picture."""
    scale = DRAWN[0] / SHOT[0] * 0.985
    tilt = (dice.share("tilt") - 0.5) * 0.05
    left = (DRAWN[0] - SHOT[0] * scale) / 2 - tilt * scale * SHOT[1] / 2
    top = (DRAWN[1] - SHOT[1] * scale) / 2 + tilt * scale * SHOT[0] / 2
    return (scale, scale * tilt, left, -scale * tilt, scale, top)


def _light(dice: Dice) -> list[int]:
    """A table for each colour: a darker or brighter, warmer or cooler hour."""
    bright = 0.87 + 0.25 * dice.share("bright")
    warm = 0.07 * (dice.share("warm") - 0.5)
    gains = (bright * (1 + warm), bright, bright * (1 - warm))
    return [min(255, round(level * gain)) for gain in gains for level in range(256)]


def _stamped(picture: Image.Image, taken_at: datetime) -> None:
    """The camera's date in the corner, in the wall time of `taken_at`: a caption, no evidence."""
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(34)
    words = f"{taken_at:%Y-%m-%d  %H:%M}"
    place = (SHOT[0] - 36, SHOT[1] - 30)
    pen.text(place, words, font=font, fill=(255, 196, 84), anchor="rs", stroke_width=2, stroke_fill=(60, 36, 8))


def _encoded(picture: Image.Image, taken_at: datetime | None) -> bytes:
    out = io.BytesIO()
    if taken_at is None:
        picture.save(out, "JPEG", quality=80)
    else:
        exif = Image.Exif()
        exif[0x0132] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
        exif.get_ifd(0x8769)[0x9003] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
        picture.save(out, "JPEG", quality=80, exif=exif)
    return out.getvalue()


def photo_bytes(scene: str, seed: str, taken_at: datetime | None = None) -> bytes:
    """A JPEG of 1280×960 that shows `scene` from a place and in a light decided by `seed`.

    With `taken_at` the camera's date stands in the corner and in the EXIF data, as its wall time reads. Raises KeyError for an
    unknown scene. 20 to 30 ms.
    """
    dice = Dice(seed)
    shot = _drawn(scene).resize(SHOT, Image.Resampling.BILINEAR, box=_framed(dice)).point(_light(dice))
    if scene in _WITHOUT_WORDS and dice.percent("mirrored", 50):
        shot = shot.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if taken_at is not None:
        _stamped(shot, taken_at)
    return _encoded(shot, taken_at)


def voucher_bytes(paper: str, seed: str, number: str, on: date, amount_fen: int | None, *, redacted: bool = False) -> bytes:
    """A JPEG of a paper on a desk with its number (ASCII only), day and amount written in.

    `redacted` blackens names, accounts and signatures: the public copy. `minutes` carry no amount. Raises KeyError for an
    unknown paper.
    """
    form = _PAPERS[paper]
    sheet = _drawn(paper).copy()
    pen = ImageDraw.Draw(sheet)
    ink = (38, 52, 98)
    pen.text(form.number, number, font=ImageFont.load_default(34), fill=ink, anchor="ls")
    if form.on is not None:
        pen.text(form.on, f"{on:%Y-%m-%d}", font=ImageFont.load_default(34), fill=ink, anchor="ls")
    if amount_fen is not None and paper != "minutes":
        words = f"{amount_fen // 100:,}.{amount_fen % 100:02d}"
        pen.text(form.amount, words, font=ImageFont.load_default(50), fill=(26, 26, 26), anchor="ls")
    if redacted:
        for box in form.black:
            pen.rectangle(box, fill=(24, 24, 24))
    dice = Dice(seed)
    shot = sheet.transform(SHOT, Image.Transform.AFFINE, _lying(dice), Image.Resampling.BILINEAR, fillcolor=(203, 178, 140))
    return _encoded(shot.point(_light(dice)), None)


def _small_enough(picture: Image.Image) -> bytes:
    """The best JPEG up to quality 75 that fits into `MOST_BYTES`."""
    for quality in (75, 72, 69, 66, 63, 60, 57, 54, 51):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        if len(out.getvalue()) <= MOST_BYTES:
            return out.getvalue()
    raise ValueError(f"a drawing has too much detail for {MOST_BYTES} bytes")


def rasterise() -> dict[str, int]:
    """Turn every drawing into its photo with Chromium; returns the size of each in bytes.

    Needs the development dependencies, Chromium, and Noto's Chinese fonts for the words in the drawings.
    """
    from playwright.sync_api import sync_playwright

    PHOTOS.mkdir(exist_ok=True)
    sizes = {}
    with sync_playwright() as machine:
        browser = machine.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": DRAWN[0], "height": DRAWN[1]})
        for scene in SCENES:
            drawing = (DRAWINGS / f"{scene}.svg").read_text(encoding="utf-8")
            page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawing}")
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            # A lens is never as sharp as a vector; it also makes the file a fifth smaller.
            photo = _small_enough(shot.filter(ImageFilter.GaussianBlur(1.0)))
            (PHOTOS / f"{scene}.jpg").write_bytes(photo)
            sizes[scene] = len(photo)
        browser.close()
    return sizes


if __name__ == "__main__":
    made = rasterise()
    for scene, size in made.items():
        sys.stdout.write(f"{scene:16} {size:6}\n")
    sys.stdout.write(f"{'together':16} {sum(made.values()):6}\n")
