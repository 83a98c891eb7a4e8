"""What a certificate says, as one value: identity, hours and what they were for, issuer with handler and contact, number and
date (DOMAIN §4). Frozen as canonical JSON (RFC 8785), and read back from there for every page that shows it.
"""

import json
from collections.abc import Iterable
from secrets import token_hex
from typing import Any

from app.volunteering.certificate_schemas import Content, Deed
from app.volunteering.hour_queries import MyHour, by_source


def content_of(hours: list[MyHour], **said: Any) -> Content:
    """Of these hours, which are all of the time that is certified."""
    minutes = by_source(hours)
    return Content(salt=token_hex(16), total=sum(minutes.values()), minutes=minutes, deeds=list(_deeds(hours)), **said)


def read_content(frozen: str) -> Content | None:
    """None for what is no content any more: whoever changed it may have left anything."""
    try:
        return Content.model_validate(json.loads(frozen))
    except ValueError:
        return None


def _deeds(hours: list[MyHour]) -> Iterable[Deed]:
    """The longest first; what was taken back altogether is left out."""
    found: dict[tuple[str, str], list[MyHour]] = {}
    for hour in hours:
        found.setdefault((hour.title, hour.kind), []).append(hour)
    deeds = [
        Deed(title=title, kind=kind, times=sum(one.corrects_id is None for one in own), minutes=sum(one.minutes for one in own))
        for (title, kind), own in found.items()
    ]
    return sorted((deed for deed in deeds if deed.minutes), key=lambda deed: (-deed.minutes, deed.title))
