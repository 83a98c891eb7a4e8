"""Who may."""

from app.access.actors import Visitor
from app.access.permissions import Permission


def can_object(visitor: Visitor) -> bool:
    """Every resident; by name."""
    return visitor.is_resident


def can_answer(visitor: Visitor) -> bool:
    return visitor.may(Permission.ANSWER_OBJECTION)
