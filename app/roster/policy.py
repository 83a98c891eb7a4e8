"""Who may: asked by the verbs and by the templates alike."""

from app.access.actors import Visitor
from app.access.permissions import Permission


def can_see(actor: Visitor) -> bool:
    return actor.may(Permission.SEE_ROSTER) or can_change(actor)


def can_change(actor: Visitor) -> bool:
    return actor.may(Permission.CHANGE_ROSTER)


def can_invite(actor: Visitor) -> bool:
    return actor.may(Permission.INVITE)


def can_seat(actor: Visitor) -> bool:
    return actor.may(Permission.CHANGE_SEATS)
