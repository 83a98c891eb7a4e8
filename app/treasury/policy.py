"""Who may: asked by the verbs and by the templates alike."""

from app.access.actors import Actor, Visitor
from app.access.permissions import Permission
from app.treasury.draft_models import Draft


def can_book(visitor: Visitor) -> bool:
    return visitor.may(Permission.BOOK_MONEY)


def can_approve(visitor: Visitor) -> bool:
    return visitor.may(Permission.APPROVE_MONEY)


def can_publish(visitor: Visitor) -> bool:
    """Statements, and the public copies of vouchers."""
    return visitor.may(Permission.PUBLISH_MONEY)


def can_see_originals(visitor: Visitor) -> bool:
    return visitor.may(Permission.SEE_VOUCHERS)


def can_see_drafts(visitor: Visitor) -> bool:
    """What is not posted yet concerns those who write it, approve it or audit it."""
    return can_book(visitor) or can_approve(visitor) or can_see_originals(visitor)


def can_see_journal(visitor: Visitor) -> bool:
    """Debit and credit of everything: for who keeps the books, and for who may look behind them."""
    return visitor.may(Permission.SEE_JOURNAL)


def can_edit(actor: Actor, draft: Draft) -> bool:
    """Only who wrote it: an editor who may also approve would sign their own words."""
    return can_book(actor) and actor.person_id == draft.author_id and draft.open
