"""Verbs: promise, keep, take back; and the neighbours' verdict."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, func, select

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.consents import Purpose, consented, give
from app.access.record import on_record
from app.compounds.models import Person
from app.kit import events
from app.kit.clock import now
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, NotFound, NotThisState
from app.photos.intake import TakenIn
from app.photos.service import keep as keep_photo
from app.publiclog.canonical import canonical
from app.publiclog.service import Attachment, Entry, publish
from app.volunteering import policy
from app.volunteering.pledge_models import NotOnTheBoard, OwnPromise, Pledge, PledgePhoto, PledgeVerdict, Verdict
from app.volunteering.pledge_queries import is_party_member, pledge_for, pledge_to_change
from app.volunteering.pledge_schemas import PledgeWish


def promise(session: Session, actor: Actor, id: UUID, wish: PledgeWish) -> tuple[Pledge, bool]:
    """In public, from now on. For a member without a phone an officer writes it down, and their consent to appear with it.

    Raises NotAllowed (no seat of the party; for somebody else without authority), NotFound (who does not live here),
    NotOnTheBoard, SameIdOtherContent.
    """
    person_id = for_whom(session, actor, wish.person_id)
    if not is_party_member(session, actor.compound.id, person_id):
        raise NotAllowed
    session.get(Person, (actor.compound.id, person_id), with_for_update=True)
    sent = digest(wish, actor.person_id)
    if before := already(session, Pledge, actor.compound.id, id, sent):
        return before, False
    on_behalf = person_id != actor.person_id
    if on_behalf and wish.agrees:
        give(session, actor, Purpose.APPEAR, person_id)
        session.flush()
    if not consented(session, actor.compound.id, person_id, Purpose.APPEAR):
        raise NotOnTheBoard
    pledge = Pledge(
        compound_id=actor.compound.id,
        id=id,
        person_id=person_id,
        entered_by_id=actor.person_id if on_behalf else None,
        says=wish.says,
        until_on=wish.until_on,
        sent_sha256=sent,
    )
    session.add(pledge)
    session.flush()
    _publish(session, actor, pledge, "made", wish.says)
    return pledge, True


def keep(session: Session, actor: Actor, id: UUID, how: str, photos: Mapping[UUID, TakenIn] | None = None) -> Pledge:
    """践诺, with the evidence. Raises NotFound (another's too), NotThisState, PhotoDiffers."""
    pledge = _mine(session, actor, id)
    pledge.keep(how)
    for photo_id, taken_in in (photos or {}).items():
        _hang(session, actor, pledge, photo_id, taken_in)
    _publish(session, actor, pledge, "kept", how)
    return pledge


def add_photo(session: Session, actor: Actor, id: UUID, photo_id: UUID, taken_in: TakenIn) -> bool:
    """One more photo of a promise that was kept; and whether this call brought it.

    Raises NotFound, NotThisState (not kept yet), PhotoDiffers.
    """
    pledge = _mine(session, actor, id)
    if pledge.kept_at is None:
        raise NotThisState
    return _hang(session, actor, pledge, photo_id, taken_in)


def withdraw_pledge(session: Session, actor: Actor, id: UUID) -> Pledge:
    """While it is not kept. Raises NotFound, NotThisState."""
    pledge = _mine(session, actor, id)
    pledge.withdraw()
    _publish(session, actor, pledge, "withdrawn", "")
    return pledge


def judge(session: Session, actor: Actor, id: UUID, verdict: Verdict) -> None:
    """One word per resident and promise; said again, it takes the place of the one before.

    Raises NotFound, OwnPromise, NotThisState (not kept yet).
    """
    pledge_for(session, actor, id)
    pledge = pledge_to_change(session, actor, id)
    if pledge.person_id == actor.person_id:
        raise OwnPromise
    if pledge.kept_at is None:
        raise NotThisState
    before = session.exec(
        select(PledgeVerdict).where(
            PledgeVerdict.compound_id == pledge.compound_id,
            PledgeVerdict.pledge_id == pledge.id,
            PledgeVerdict.person_id == actor.person_id,
        )
    ).one_or_none()
    said = before or PledgeVerdict(compound_id=pledge.compound_id, pledge_id=pledge.id, person_id=actor.person_id, verdict="")
    said.verdict, said.said_at = verdict, now()
    session.add(said)
    on_record(session, actor, "pledge.judged", pledge.id)


def _mine(session: Session, actor: Actor, id: UUID) -> Pledge:
    """One's own, or for any officer what an officer wrote down. Raises NotFound."""
    pledge = pledge_to_change(session, actor, id)
    written_for_them = pledge.entered_by_id is not None and policy.can_act_for_others(actor)
    if pledge.person_id != actor.person_id and not written_for_them:
        raise NotFound
    return pledge


def _hang(session: Session, actor: Actor, pledge: Pledge, photo_id: UUID, taken_in: TakenIn) -> bool:
    keep_photo(session, pledge.compound_id, photo_id, taken_in, actor.person_id)
    of = (PledgePhoto.compound_id == pledge.compound_id, PledgePhoto.pledge_id == pledge.id)
    if session.exec(select(PledgePhoto.id).where(*of, PledgePhoto.photo_id == photo_id)).first():
        return False
    position = session.exec(select(func.count()).where(*of)).one()
    session.add(PledgePhoto(compound_id=pledge.compound_id, pledge_id=pledge.id, photo_id=photo_id, position=position))
    session.flush()
    return True


def _publish(session: Session, actor: Actor, pledge: Pledge, what: str, text: str) -> None:
    """A line of the public log: the words as their hash, no names."""
    words = canonical({"v": 1, "pledge": str(pledge.id), "text": text})
    entry = Entry(
        type=f"pledge.{what}",
        compound_id=pledge.compound_id,
        record_id=pledge.id,
        attachments=(Attachment(sha256(words).hexdigest(), len(words), "application/json"),),
    )
    publish(session, pledge.compound_id, lambda _index: entry.values())
    events.tell(session, pledge.compound_id, f"pledge.{what}", pledge_id=pledge.id)
    on_record(session, actor, f"pledge.{what}", pledge.id)
