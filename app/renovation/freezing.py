"""What a visit said, as the bytes whose SHA-256 stands in the public log: served to anyone, without who wrote it and without
positions. `v` rises with what is in it; what was frozen before is kept as it was, byte for byte.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from app.publiclog.canonical import Value, canonical
from app.renovation.check_models import CheckItem
from app.renovation.check_schemas import CheckWish
from app.renovation.models import Visit
from app.renovation.schemas import VisitWish

VERSION = 2


def frozen(visit: Visit, wish: VisitWish, checks: Sequence[tuple[CheckItem, CheckWish]]) -> bytes:
    photos: list[Value] = [
        {
            "id": str(photo.id),
            "announced_sha256": photo.announced_sha256,
            "source": photo.source.value,
            "role": photo.role.value,
            "point": str(photo.point_id) if photo.point_id else None,
            "item": str(photo.item_id) if photo.item_id else None,
            "device_at": _written(photo.device_at),
            "exif_at": _written(photo.exif_at),
            "caption": photo.caption,
        }
        for photo in wish.photos
    ]
    found: list[Value] = [
        {
            "item": str(item.id),
            "text": item.text,
            "photo_required": item.photo_required,
            "found": check.found.value,
            "words": check.words,
        }
        for item, check in checks
    ]
    raised: list[Value] = [str(raised_id(visit, n)) for n in range(len(wish.raises))]
    rechecked: list[Value] = [
        {"finding": str(one.finding_id), "seen": one.seen.value, "words": one.words} for one in wish.rechecks
    ]
    materials: list[Value] = [{"name": one.name, "quantity": one.quantity} for one in wish.materials]
    return canonical(
        {
            "v": VERSION,
            "id": str(visit.id),
            "project": str(visit.project_id),
            "supersedes": str(visit.supersedes_id) if visit.supersedes_id else None,
            "year": visit.year,
            "number": visit.number,
            "place": visit.place,
            "weather": visit.weather,
            "progress": visit.progress,
            "checked": visit.checked,
            "problems": visit.problems,
            "others": visit.others,
            "present": visit.present,
            "headcount": visit.headcount,
            "materials": materials,
            "tests": visit.tests,
            "complaints": visit.complaints,
            "safety": visit.safety,
            "next_on": _written(visit.next_on),
            "checks": found,
            "raised": raised,
            "rechecked": rechecked,
            "started_at": _written(visit.started_at),
            "device_at": _written(visit.device_at),
            "not_before_at": _written(visit.not_before_at),
            "received_at": _written(visit.received_at),
            "photos": photos,
        }
    )


def raised_id(visit: Visit, n: int) -> UUID:
    """Of the n-th finding that was drafted with a visit: the same visit sent again drafts the same ones."""
    return uuid5(visit.id, f"finding {n}")


def _written(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None
