"""Changing what somebody else may have changed meanwhile: ETag and If-Match, and a form's hidden `version` (API.md rule 7)."""

from hashlib import sha256
from typing import Annotated

from fastapi import Header

from app.kit.i18n import mark
from app.kit.openapi import problems
from app.kit.refusals import Refusal

VERSIONS = problems({412: "It was changed since.", 428: "If-Match is missing."})
"""The answers of an operation that takes IfMatch."""

IfMatch = Annotated[str | None, Header(max_length=40, description='The `ETag` of what is being changed, e.g. `"3"`.')]


class Stale(Refusal):
    """Somebody else changed it since it was read."""

    status = 412
    says = mark("在别处改过，请刷新再改。")


class VersionNeeded(Refusal):
    status = 428
    says = mark("修改时要带上 If-Match。")


def known_version(if_match: str | None) -> int:
    """What a program has seen. Raises VersionNeeded, or Stale for what was never a version."""
    if if_match is None:
        raise VersionNeeded
    version = if_match.strip('"')
    if not (version.isascii() and version.isdecimal() and len(version) < 16):
        raise Stale
    return int(version)


def version_of(*content: object) -> int:
    """The version of a thing that keeps none: 48 bits of what it says."""
    return int.from_bytes(sha256("\x1f".join(map(str, content)).encode()).digest()[:6])
