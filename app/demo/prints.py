"""The demo's photos, drawn, varied and developed by the product's own darkroom, while the story around them is loaded."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from functools import partial
from hashlib import sha256

from app.demo.scenes import photo_bytes, voucher_bytes
from app.demo.shapes import Photo, Story, Voucher
from app.kit.blobs import Blobs
from app.kit.pictures import PictureDesk, Received
from app.photos.intake import TakenIn, take_in
from app.photos.schemas import Capture


class Prints:
    """The files of a photo or voucher, by its key: whoever asks for one waits until it is developed."""

    def __init__(self, coming: Mapping[str, Future[TakenIn]]) -> None:
        self.coming = coming

    def __getitem__(self, key: str) -> TakenIn:
        return self.coming[key].result()


def develop(pool: Executor, desk: PictureDesk, blobs: Blobs, story: Story) -> Prints:
    """Begin with every picture of a story."""

    def print_one(draw: Callable[[], bytes], capture: Capture) -> TakenIn:
        content = draw()
        path = desk.directory / f"demo-{secrets.token_hex(8)}"
        path.write_bytes(content)
        with Received(path, sha256(content).hexdigest(), len(content)) as received:
            return take_in(desk, blobs, received, capture)

    return Prints({key: pool.submit(print_one, draw, capture) for key, draw, capture in _wanted(story)})


def voucher_key(voucher: Voucher) -> str:
    return f"{voucher.paper}/{voucher.number}"


def _wanted(story: Story) -> Iterator[tuple[str, Callable[[], bytes], Capture]]:
    seen: set[str] = set()
    for line in story.books.lines if story.books else ():
        for v in line.vouchers:
            if v.photographed and voucher_key(v) not in seen:
                seen.add(voucher_key(v))
                draw = partial(voucher_bytes, v.paper, v.number, v.number, v.on, v.amount_fen, redacted=v.released)
                yield voucher_key(v), draw, Capture()
    for project in story.projects:
        for paper in project.life.papers if project.life else ():
            yield paper.key, partial(voucher_bytes, paper.drawn, paper.key, "2026", paper.on, None, redacted=True), Capture()
    for photo in _photos(story):
        if photo.key not in seen:
            seen.add(photo.key)
            yield photo.key, partial(photo_bytes, photo.scene, photo.seed, photo.taken_at), Capture(source=photo.source)


def _photos(story: Story) -> Iterator[Photo]:
    for pledge in story.pledges:
        yield from pledge.evidence
    for project in story.projects:
        for visit in project.visits:
            yield from visit.photos
        for finding in project.findings:
            yield from finding.photos
            for event in finding.events:
                yield from event.photos
