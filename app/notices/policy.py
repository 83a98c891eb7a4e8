"""Who may."""

from app.access.actors import Actor, Known, Visitor
from app.access.permissions import Permission
from app.notices.models import BoardPhoto, Notice, Objection


def can_object(visitor: Visitor) -> bool:
    """Every resident; by name."""
    return visitor.is_resident


def can_object_for_others(visitor: Visitor) -> bool:
    return visitor.may(Permission.ACT_FOR_OTHERS)


def can_answer(visitor: Visitor) -> bool:
    return visitor.may(Permission.ANSWER_OBJECTION)


def can_post(visitor: Visitor) -> bool:
    """Show that the paper hangs on the board: whoever answers for notices."""
    return can_answer(visitor)


def can_take_back(visitor: Visitor, posted: BoardPhoto) -> bool:
    """A photo of the board: who put it up, as long as they are an officer."""
    return isinstance(visitor, Actor) and visitor.person_id == posted.posted_by_id and can_post(visitor)


def can_announce(visitor: Visitor) -> bool:
    return visitor.may(Permission.PUBLISH_NOTICE)


def can_withdraw(visitor: Visitor, notice: Notice) -> bool:
    """Who published it, as long as they are an officer."""
    return isinstance(visitor, Actor) and visitor.person_id == notice.published_by_id and can_answer(visitor)


def can_withdraw_objection(visitor: Visitor, objection: Objection) -> bool:
    """Its maker; where an officer wrote it for them, also an officer whom they ask to undo it."""
    if not isinstance(visitor, Actor):
        return False
    return visitor.person_id == objection.person_id or (objection.entered_by_id is not None and can_object_for_others(visitor))


def can_attach(visitor: Visitor, objection: Objection) -> bool:
    """Its maker, and who wrote it for them."""
    return isinstance(visitor, Known) and visitor.person_id in (objection.person_id, objection.entered_by_id)


def can_see_attachments(visitor: Visitor, objection: Objection) -> bool:
    """Pictures may tell who objects: theirs and the officers' only (DOMAIN §4)."""
    return can_answer(visitor) or can_attach(visitor, objection)
