"""ZIP files that are written while they are sent: whatever their length, no more of them is held than one piece.

The standard library's zipfile writes to what cannot be wound back, too; it then tells each length after the bytes and not before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, RawIOBase
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from fastapi.responses import StreamingResponse

from app.kit.blobs import CHUNK, Blobs


@dataclass(frozen=True, slots=True)
class Member:
    """A file in it: its `content`, or, where that is None, the blob whose key is `sha256`."""

    path: str
    sha256: str
    content: bytes | None = None


def zipped(members: Sequence[Member], blobs: Blobs, made_at: datetime) -> Iterator[bytes]:
    """The archive, piece by piece. Pictures are stored as they are: nothing makes them smaller. Raises BlobMissing."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        for member in members:
            entry = ZipInfo(member.path, made_at.timetuple()[:6])
            entry.compress_type = ZIP_STORED if member.content is None else ZIP_DEFLATED
            source = blobs.open(member.sha256) if member.content is None else BytesIO(member.content)
            with source, archive.open(entry, "w") as file:
                while piece := source.read(CHUNK):
                    file.write(piece)
                    yield sink.taken()
    yield sink.taken()


def zip_response(members: Sequence[Member], blobs: Blobs, made_at: datetime, filename: str) -> StreamingResponse:
    """To take home. What is needed from the database was read: the pieces are made after the transaction has ended."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingResponse(zipped(members, blobs, made_at), media_type="application/zip", headers=headers)


class _Sink(RawIOBase):
    """Takes what zipfile writes, until it is taken away."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: Any, /) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        written, self._written = bytes(self._written), bytearray()
        return written
