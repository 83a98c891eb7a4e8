"""Verbs about contracts: put one on record with its pages, correct it, end it early; and the reminders that follow from it.

Lock order: the contract alone, or for a new one the books; the log comes last by itself.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.holders import holders_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.rules import rule
from app.council.queries import decision_for
from app.inbox.service import send
from app.kit import events
from app.kit.clock import said_day, short_day, start_of, today
from app.kit.i18n import _
from app.kit.jobs import enqueue
from app.kit.money import yuan
from app.kit.once import already, digest
from app.kit.refusals import Malformed
from app.kit.versions import Stale
from app.photos.models import Photo
from app.publiclog.queries import entries_of_record
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.contract_models import Contract, ContractPaper, PageTaken, TooManyPages
from app.treasury.contract_queries import accounts_to_rent, all_contracts, contract_to_change, papers_of
from app.treasury.contract_schemas import MOST_PAGES, ContractEditWish, ContractWish, EndWish
from app.treasury.journal import lock_books

RENT_LATE, CONTRACT_ENDING = "treasury.rent_late", "treasury.contract_ending"
"""Kinds of jobs."""


def record_contract(
    session: Session, actor: Actor, id: UUID, wish: ContractWish, photos: Sequence[Photo] = ()
) -> tuple[Contract, bool]:
    """A contract with its pages; False: an equal request made it before.

    Raises NotAllowed, BooksNotOpen, NotFound (the decision), Malformed (the category), TooManyPages, PageTaken,
    SameIdOtherContent.
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    sent = digest(wish, actor.person_id, *sorted({photo.sha256 for photo in photos}))
    if before := already(session, Contract, actor.compound.id, id, sent):
        return before, False
    facts = _facts(session, actor, wish)
    contract = Contract(compound_id=actor.compound.id, id=id, made_by_id=actor.person_id, sent_sha256=sent, **facts)
    session.add(contract)
    session.flush()
    _attach(session, contract, photos)
    _record(session, actor, contract, "contract.recorded")
    _remind(session, contract)
    return contract, True


def correct_contract(
    session: Session, actor: Actor, id: UUID, version: int, wish: ContractEditWish, photos: Sequence[Photo] = ()
) -> Contract:
    """What was written wrongly, as another version. Raises NotAllowed, NotFound, Stale, NotThisState once ended, and what
    `record_contract` raises.
    """
    actor.need(Permission.BOOK_MONEY)
    contract = contract_to_change(session, actor, id)
    if contract.version != version:
        raise Stale
    contract.changed()
    for name, value in _facts(session, actor, wish, contract.account_id).items():
        setattr(contract, name, value)
    for paper in papers_of(session, contract):
        if paper.id in wish.remove:
            session.delete(paper)
    session.flush()
    _attach(session, contract, photos)
    _record(session, actor, contract, "contract.corrected")
    _remind(session, contract)
    return contract


def add_pages(session: Session, actor: Actor, id: UUID, photos: Sequence[Photo]) -> Contract:
    """One more paper, which may have pages; the same one again changes nothing.

    Raises NotAllowed, NotFound, TooManyPages, PageTaken.
    """
    actor.need(Permission.BOOK_MONEY)
    contract = contract_to_change(session, actor, id)
    if _attach(session, contract, photos):
        on_record(session, actor, "contract.pages_added", contract.id)
    return contract


def end_contract(session: Session, actor: Actor, id: UUID, wish: EndWish) -> Contract:
    """It holds until `wish.on_date` and no longer. The same again counts once.

    Raises NotAllowed, NotFound, NotThisState once ended otherwise, Malformed (a day outside the contract).
    """
    actor.need(Permission.BOOK_MONEY)
    contract = contract_to_change(session, actor, id)
    if (contract.ended_on, contract.ended_because) == (wish.on_date, wish.reason):
        return contract
    if not contract.from_on <= wish.on_date < contract.to_on:
        raise Malformed((("/body/on_date", "outside", _("要在合同期满以前。")),))
    contract.end(wish.on_date, wish.reason, actor.person_id)
    _record(session, actor, contract, "contract.ended")
    return contract


def tell_late(session: Session, payload: dict[str, str]) -> None:
    """The job some days after an instalment was due: once for each of them, if it has not come; then the next one waits."""
    contract, due_on = _reminded(session, payload)
    if contract is None or due_on not in contract.due_days:  # corrected since: that has made a job of its own
        return
    _wait_for(session, contract, due_on + timedelta(days=1))
    card = next(card for card in all_contracts(session, contract.compound_id) if card.contract.id == contract.id)
    instalment = next(one for one in card.settled(today())[0] if one.due_on == due_on)
    if instalment.open_fen:
        words = _(
            "%(who)s，%(what)s，%(day)s应付，还差 %(amount)s。",
            who=contract.counterparty,
            what=contract.what,
            day=short_day(due_on),
            amount=yuan(instalment.open_fen),
        )
        _tell(session, contract, _("租金到期没有收到"), words)


def tell_ending(session: Session, payload: dict[str, str]) -> None:
    """The job before a contract's last day: once for each last day it ever had."""
    contract, to_on = _reminded(session, payload)
    if contract is not None and contract.last_on == to_on >= today():
        words = _("%(who)s，%(what)s，%(day)s到期。", who=contract.counterparty, what=contract.what, day=said_day(to_on))
        _tell(session, contract, _("有一份合同快到期了"), words)


def _facts(session: Session, actor: Actor, wish: ContractWish, was: UUID | None = None) -> dict[str, Any]:
    """`was`: the account that it had, which may have been retired since."""
    account = accounts_to_rent(session, actor.compound.id, was).get(wish.category)
    if account is None:
        raise Malformed((("/body/category", "account", _("请选一项。")),))
    return {
        "account_id": account.id,
        "counterparty": wish.counterparty,
        "what": wish.what,
        "from_on": wish.from_on,
        "to_on": wish.to_on,
        "amount_fen": wish.amount,
        "every": wish.every,
        "first_due_on": wish.first_due_on,
        "decision_id": decision_for(session, actor, wish.decision_id).id if wish.decision_id else None,
    }


def _attach(session: Session, contract: Contract, photos: Sequence[Photo]) -> bool:
    """Whether anything is new."""
    known = papers_of(session, contract)
    fresh = [photo for photo in photos if photo.id not in {paper.id for paper in known}]
    if len(known) + len(fresh) > MOST_PAGES:
        raise TooManyPages(most=MOST_PAGES)
    last = known[-1].position if known else 0
    for position, photo in enumerate(fresh, last + 1):
        if session.get(ContractPaper, (photo.compound_id, photo.id)):
            raise PageTaken
        session.add(ContractPaper(compound_id=photo.compound_id, id=photo.id, contract_id=contract.id, position=position))
    session.flush()
    return bool(fresh)


def _record(session: Session, actor: Actor, contract: Contract, act: str) -> None:
    """A line of the log for each version: what was owed when cannot be rewritten. Whom and what for, as commitments."""
    session.flush()
    before = entries_of_record(session, contract.compound_id, contract.id)
    words = {"counterparty": contract.counterparty, "what": contract.what, "because": contract.ended_because}
    line = Entry(
        type=act,
        compound_id=contract.compound_id,
        record_id=contract.id,
        record_version=contract.version,
        commits={name: commit_to(session, contract.compound_id, text) for name, text in words.items() if text},
        supersedes=before[-1].index if before else None,
        facts={
            "from": contract.from_on.isoformat(),
            "to": contract.last_on.isoformat(),
            "every": str(contract.every),
            "fen": contract.amount_fen,
            "first_due": contract.first_due_on.isoformat(),
        },
    )
    publish(session, contract.compound_id, lambda _index: line.values())
    events.tell(session, contract.compound_id, act, contract_id=contract.id)
    on_record(session, actor, act, contract.id)


def _remind(session: Session, contract: Contract) -> None:
    """The days before its end are counted by the rule of the day on which it was recorded or corrected."""
    before = timedelta(days=rule(session, contract.compound_id, "contract_ending_days"))
    _enqueue(session, CONTRACT_ENDING, contract, contract.to_on, contract.to_on - before)
    _wait_for(session, contract, today())


def _wait_for(session: Session, contract: Contract, since: date) -> None:
    """A reminder of the first instalment that falls due on or after a day."""
    after = timedelta(days=rule(session, contract.compound_id, "rent_late_days") + 1)
    due_on = next((day for day in contract.due_days if day >= since), None)
    if due_on:
        _enqueue(session, RENT_LATE, contract, due_on, due_on + after)


def _enqueue(session: Session, kind: str, contract: Contract, day: date, run_on: date) -> None:
    """The key makes it one for ever: whoever was told of this day is never told again."""
    payload = {"compound_id": str(contract.compound_id), "contract_id": str(contract.id), "day": day.isoformat()}
    enqueue(session, kind, payload, run_after=start_of(run_on), key=f"{kind}:{contract.compound_id}:{contract.id}:{day}")


def _reminded(session: Session, payload: dict[str, str]) -> tuple[Contract | None, date]:
    key = (UUID(payload["compound_id"]), UUID(payload["contract_id"]))
    return session.get(Contract, key), date.fromisoformat(payload["day"])


def _tell(session: Session, contract: Contract, title: str, words: str) -> None:
    for person_id in sorted(holders_of(session, contract.compound_id, Permission.BOOK_MONEY)):
        send(session, contract.compound_id, person_id, title, words, f"/money/contracts/{contract.id}")
