"""Photo intake: a 12-megapixel JPEG through the warm child, pipe and files included, against Pillow's bare full decode.

And beside it, by the same measure, what a voucher may ask for besides: a page of a PDF, and a copy with a box painted over.
"""

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
        paper = Path(folder) / "paper.pdf"
        photographed(1240, 1754).save(paper, "PDF", resolution=150)

        def decode() -> None:
            with Image.open(photo) as image:
                image.load()

        def develop(*sizes: int) -> None:
            with desk.develop(photo, sizes):
                pass

        def print_page() -> None:
            with desk.develop(paper, page=1):
                pass

        def paint_over() -> None:
            with desk.develop(photo, boxes=[(1000, 1000, 4000, 2000)]):
                pass

        three_sizes, one_size = (lambda: develop(1600, 960, 320)), (lambda: develop(960))
        rounds: tuple[Callable[[], None], ...] = (decode, three_sizes, one_size, print_page, paint_over)
        for step in rounds:  # warm
            step()
        taken = [
            [seconds(step) for step in rounds] for _ in range(ROUNDS)
        ]  # one after the other, so that all meet the same weather
        bare, three, one, page, copy = (median(column) for column in zip(*taken, strict=True))
        yield Line("photo, 12 MP JPEG: three derivatives", three / bare, "≤ 2.2 full decodes")
        yield Line("photo, 12 MP JPEG: 960 px alone", one / bare, "≤ 1.0 full decodes")
        yield Line("PDF, a scanned A4 page: three derivatives", page / bare, "≤ 2.2 full decodes")
        yield Line("photo, 12 MP JPEG: a copy painted over", copy / bare, "≤ 3.5 full decodes")


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
