"""Shapes at the border of a project's papers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from app.kit.forms import Line, Wish
from app.renovation.document_models import DocumentKind
from app.renovation.schemas import Optional


class DocumentWish(Wish):
    """`supersedes_id`: the version that this one replaces. `act_id`: the step of the project's life that it belongs to.
    `public` papers must show nobody's personal data.
    """

    kind: DocumentKind
    title: Line
    public: bool = False
    act_id: Annotated[UUID | None, Optional] = None
    supersedes_id: Annotated[UUID | None, Optional] = None


class DocumentRead(BaseModel):
    """`newest`: no later version stands in its place. `pages`: photos, in their order."""

    id: UUID
    project_id: UUID
    version: int
    kind: DocumentKind
    title: str
    public: bool
    act_id: UUID | None
    made_at: datetime
    newest: bool
    pages: list[UUID]
