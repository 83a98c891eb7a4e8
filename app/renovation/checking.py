"""Verbs: make a check list, replace it, end it."""

from uuid import UUID

from sqlmodel import Session, col, func, select

from app.access.actors import Actor
from app.access.record import on_record
from app.compounds.models import Compound
from app.kit.clock import now
from app.kit.once import already, digest
from app.kit.records import pointing
from app.kit.refusals import NotAllowed, NotFound
from app.renovation.check_models import MOST_PHOTO_ITEMS, CheckItem, CheckList, ListReplaced, TooManyPhotoItems
from app.renovation.check_schemas import CheckListWish
from app.renovation.policy import can_prepare


def make_list(session: Session, actor: Actor, id: UUID, wish: CheckListWish) -> tuple[CheckList, bool]:
    """Raises NotAllowed, NotFound (what it replaces), ListReplaced, TooManyPhotoItems, SameIdOtherContent."""
    _lock(session, actor)
    sent = digest(wish, actor.person_id)
    if before := already(session, CheckList, actor.compound.id, id, sent):
        return before, False
    if wish.replaces_id:
        old = _list(session, actor, wish.replaces_id)
        if old.ended_at:
            raise ListReplaced
        old.ended_at = now()
        session.flush()
    made = CheckList(
        compound_id=actor.compound.id,
        id=id,
        trade=wish.trade,
        replaces_id=wish.replaces_id,
        made_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(made)
    session.flush()
    for position, item in enumerate(wish.items):
        session.add(
            CheckItem(
                compound_id=made.compound_id,
                list_id=made.id,
                position=position,
                text=item.text,
                photo_required=item.photo_required,
            )
        )
    session.flush()
    if _photo_items(session, actor.compound.id) > MOST_PHOTO_ITEMS:
        raise TooManyPhotoItems(most=MOST_PHOTO_ITEMS)
    on_record(session, actor, "check_list.made", made.id)
    return made, True


def end_list(session: Session, actor: Actor, id: UUID) -> CheckList:
    """It is offered no more; what was answered by it stays. Saying so twice changes nothing. Raises NotAllowed, NotFound."""
    _lock(session, actor)
    ended = _list(session, actor, id)
    if ended.ended_at is None:
        ended.ended_at = now()
        on_record(session, actor, "check_list.ended", ended.id)
    return ended


def _lock(session: Session, actor: Actor) -> None:
    """The lists in use are bounded together, so they have one lock: the compound's row."""
    if not can_prepare(actor):
        raise NotAllowed
    session.get(Compound, actor.compound.id, with_for_update={"key_share": True}, populate_existing=True)


def _list(session: Session, actor: Actor, id: UUID) -> CheckList:
    found = session.get(CheckList, (actor.compound.id, id), populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _photo_items(session: Session, compound_id: UUID) -> int:
    return session.exec(
        select(func.count())
        .select_from(CheckItem)
        .join(CheckList, pointing(CheckItem, "list_id", CheckList))
        .where(CheckItem.compound_id == compound_id, CheckItem.photo_required, col(CheckList.ended_at).is_(None))
    ).one()
