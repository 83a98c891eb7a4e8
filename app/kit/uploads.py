"""A table that arrives in a form: read whole, bounded before anything is looked at."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.kit.i18n import _
from app.kit.same_origin import MOST_PARTS
from app.kit.tables import Trouble, clean
from app.kit.workbook import LARGEST_FILE


@dataclass(frozen=True)
class SentTable:
    """`id` was made when the form was drawn. `trouble`: why there are no bytes. `typed`: the form's other fields.

    `filename` and `typed` are cleaned: a NUL, for one, is what PostgreSQL cannot even compare with anything.
    """

    id: UUID
    data: bytes
    filename: str
    typed: dict[str, str]
    trouble: Trouble | None = None


async def sent_table(request: Request) -> SentTable:
    """The form's field `file`, in memory."""
    announced = request.headers.get("content-length", "")
    if not announced.isascii() or not announced.isdecimal() or int(announced) > LARGEST_FILE + 2**16:
        return SentTable(uuid4(), b"", "", {}, Trouble(_("文件超过 20 MB。请去掉图片，只留表格再上传。")))
    async with request.form(**MOST_PARTS) as form:  # closes the files
        file = form.get("file")
        typed = {name: clean(value) for name, value in form.items() if isinstance(value, str)}
        data, filename = (await file.read(), clean(file.filename or "")) if isinstance(file, UploadFile) else (b"", "")
    trouble = None if filename else Trouble(_("请先选一个文件。"))
    return SentTable(_id(typed.get("id", "")), data, filename, typed, trouble)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


Sent = Annotated[SentTable, Depends(sent_table)]
