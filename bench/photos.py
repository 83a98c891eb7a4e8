"""Photo intake: a 12-megapixel JPEG through the warm child, pipe and files included, against Pillow's bare full decode."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from PIL import Image, ImageChops

from app.kit.pictures import PictureDesk
from bench import Line

ROUNDS = 15


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder, PictureDesk(Path(folder) / "desk") as desk:
        photo = Path(folder) / "photo.jpg"
        photographed(4000, 3000).save(photo, quality=90)

        def decode() -> None:
            with Image.open(photo) as image:
                image.load()

        def develop(*sizes: int) -> None:
            with desk.develop(photo, sizes):
                pass

        rounds: tuple[Callable[[], None], ...] = (decode, lambda: develop(1600, 960, 320), lambda: develop(960))
        for step in rounds:  # warm
            step()
        taken = [
            [seconds(step) for step in rounds] for _ in range(ROUNDS)
        ]  # one after the other, so that all meet the same weather
        bare, three, one = (median(column) for column in zip(*taken, strict=True))
        yield Line("photo, 12 MP JPEG: three derivatives", three / bare, "≤ 2.2 full decodes")
        yield Line("photo, 12 MP JPEG: 960 px alone", one / bare, "≤ 1.0 full decodes")


def photographed(width: int, height: int) -> Image.Image:
    """As hard to decode as a photo: about 4 MB at quality 90, from large shapes and sensor noise."""
    shapes = Image.effect_noise((width // 16, height // 16), 90).resize((width, height), Image.Resampling.BICUBIC)
    grey = ImageChops.add(shapes, Image.effect_noise((width, height), 18), 2)
    light = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (grey, ImageChops.add(grey, light, 2), ImageChops.subtract(grey, light, 1, 40)))


def seconds(step: Callable[[], None]) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun
