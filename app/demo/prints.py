"""The demo's photos, drawn, varied and developed by the product's own darkroom, before any transaction."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256

from app.demo.scenes import photo_bytes, voucher_bytes
from app.demo.shapes import Photo, Story, Voucher
from app.kit.blobs import Blobs
from app.kit.pictures import PictureDesk, Received
from app.photos.intake import TakenIn, take_in
from app.photos.schemas import Capture

Prints = dict[str, TakenIn]
"""A photo's or voucher's key → its files."""


def develop(desk: PictureDesk, blobs: Blobs, story: Story) -> Prints:
    """Every picture of a story, as many at a time as the desk has children."""

    def print_one(key: str, draw: Callable[[], bytes], capture: Capture) -> tuple[str, TakenIn]:
        content = draw()
        path = desk.directory / f"demo-{secrets.token_hex(8)}"
        path.write_bytes(content)
        with Received(path, sha256(content).hexdigest(), len(content)) as received:
            return key, take_in(desk, blobs, received, capture)

    with ThreadPoolExecutor(4) as pool:
        return dict(pool.map(lambda wanted: print_one(*wanted), _wanted(story)))


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
    for photo in _site_photos(story):
        if photo.key not in seen:
            seen.add(photo.key)
            yield photo.key, partial(photo_bytes, photo.scene, photo.seed, photo.taken_at), Capture(source=photo.source)


def _site_photos(story: Story) -> Iterator[Photo]:
    for project in story.projects:
        for visit in project.visits:
            yield from visit.photos
        for finding in project.findings:
            yield from finding.photos
            for event in finding.events:
                yield from event.photos
