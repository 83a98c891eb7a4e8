"""Who did what, when, and how it ended: the house's own memory, for auditors and for the person concerned.

An act leaves its line in its own transaction (`outcome="done"`); a refusal leaves one after the rollback, in a
transaction of its own, because refusals are evidence too. `detail` holds codes and ids, never names, telephones or what
somebody typed; no network address is kept here.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import JSON, Index, insert
from sqlmodel import Field, Session, SQLModel

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.headers import request_id as current_request_id
from app.kit.ids import new_id
from app.kit.records import shared_by_all

Outcome = Literal["done", "refused", "failed"]


@shared_by_all
class AuditLine(SQLModel, table=True):
    """Append-only. `compound_id` is None for acts outside any compound (signing in); it is no foreign key: a line stays."""

    __tablename__ = "audit_line"
    __table_args__ = (
        Index("ix_audit_line_compound", "compound_id", "at"),
        Index("ix_audit_line_account", "account_id", "at"),
        Index("ix_audit_line_subject", "compound_id", "subject"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(default_factory=now)
    compound_id: UUID | None = None
    account_id: UUID | None = None
    person_id: UUID | None = None
    act: str = Field(max_length=200)
    outcome: str = Field(max_length=10)
    subject: str = Field(default="", max_length=100)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    request_id: str = Field(default="", max_length=64)


append_only("audit_line")


def record(
    session: Session,
    *,
    act: str,
    outcome: Outcome,
    compound_id: UUID | None = None,
    account_id: UUID | None = None,
    person_id: UUID | None = None,
    subject: str = "",
    detail: dict[str, Any] | None = None,
    request_id: str | None = None,
) -> None:
    """Add a line to this transaction. The request's id is known by itself; pass one only from outside a request."""
    session.connection().execute(
        _LINE,
        {
            "id": new_id(),
            "at": now(),
            "act": act,
            "outcome": outcome,
            "compound_id": compound_id,
            "account_id": account_id,
            "person_id": person_id,
            "subject": subject,
            "detail": detail or {},
            "request_id": current_request_id() if request_id is None else request_id,
        },
    )


_LINE = insert(AuditLine)
