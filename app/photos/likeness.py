"""Photos that look like an earlier one: both 64-bit prints within 10 bits (FIELD §1: exactly the true duplicates).

Of 10 bits that differ, at most two fall into one of the four sixteens of a print. So whoever is alike has one sixteen within
two bits of ours, and those are 137 values to look for in an index, however many photos there are.
"""

from collections.abc import Collection
from itertools import combinations
from uuid import UUID

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col

from app.kit.records import columns
from app.photos.intake import TakenIn
from app.photos.models import Photo, PhotoLikeness, PhotoPrint

ALIKE = 10
"""Bits of 64, in each of the two prints."""

MOST = 3
"""Of the likest, that are kept."""

NEAR = [0, *(1 << bit for bit in range(16)), *((1 << one) | (1 << other) for one, other in combinations(range(16), 2))]
"""What a sixteen is flipped by to come within two bits."""

PARTS = ("first", "second", "third", "fourth")


def remember(session: Session, photo: Photo, taken_in: TakenIn, apart_from: Collection[UUID] = ()) -> list[PhotoLikeness]:
    """Keep a new photo's print, and which earlier ones it looks like; not those `apart_from`, with which it came.

    Two that arrive in the same moment may not see each other.
    """
    sixteens = _sixteens(taken_in.phash)
    values = {part: [sixteen ^ flip for flip in NEAR] for part, sixteen in zip(PARTS, sixteens, strict=True)}
    found = [
        PhotoLikeness(
            compound_id=photo.compound_id,
            photo_id=photo.id,
            earlier_id=id,
            phash_bits=_bits(taken_in.phash, phash),
            dhash_bits=_bits(taken_in.dhash, dhash),
        )
        for id, phash, dhash in session.execute(_CANDIDATES, values | {"compound_id": photo.compound_id})
        if id not in apart_from and _bits(taken_in.phash, phash) <= ALIKE and _bits(taken_in.dhash, dhash) <= ALIKE
    ]
    likest = sorted(found, key=lambda one: (one.phash_bits + one.dhash_bits, one.earlier_id))[:MOST]
    printed = dict(zip(PARTS, sixteens, strict=True))
    session.add(PhotoPrint(compound_id=photo.compound_id, id=photo.id, phash=taken_in.phash, dhash=taken_in.dhash, **printed))
    session.add_all(likest)
    session.flush()
    return likest


_CANDIDATES = columns(PhotoPrint.id, PhotoPrint.phash, PhotoPrint.dhash).where(
    PhotoPrint.compound_id == bindparam("compound_id"),
    or_(*(col(getattr(PhotoPrint, part)).in_(bindparam(part, expanding=True)) for part in PARTS)),
)


def _sixteens(print_: str) -> list[int]:
    return [int(print_[at : at + 4], 16) for at in range(0, 16, 4)]


def _bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()
