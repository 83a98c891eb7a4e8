"""What there is to see of contracts: their facts and what is owed by them are public, their pages are for officers."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.compounds.rules import rule
from app.kit.clock import today
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotAllowed, NotFound
from app.photos.models import Photo
from app.treasury import policy
from app.treasury.chart_models import LedgerAccount, Use
from app.treasury.contract_models import Contract, ContractPaper
from app.treasury.contract_schemas import SoughtContract
from app.treasury.instalments import Instalment, settled
from app.treasury.journal import accounts_by_code
from app.treasury.models import JournalEntry
from app.treasury.queries import ENTRY_CARDS, EntryCard, card_from
from app.treasury.searching import MOST_WORDS, pattern_of


@dataclass(frozen=True, slots=True)
class ContractCard:
    """A contract, the account it is income of, and what has come of it."""

    contract: Contract
    code: str
    category: str
    fund: str
    received_fen: int

    def settled(self, on: date) -> tuple[list[Instalment], Instalment | None]:
        """What was due until a day, the oldest first, and the next after it."""
        return settled(self.contract.due_days, self.contract.amount_fen, self.received_fen, on)

    @property
    def due(self) -> list[Instalment]:
        return self.settled(today())[0]

    @property
    def next(self) -> Instalment | None:
        return self.settled(today())[1]

    @property
    def open_fen(self) -> int:
        """Due by today and not here."""
        return sum(instalment.open_fen for instalment in self.due)

    @property
    def asked_fen(self) -> int:
        """What the next payment is likely to be: one instalment, or what is left of the oldest that is open."""
        waiting = next((x.open_fen for x in self.due if x.open_fen), 0)
        return waiting or self.contract.amount_fen

    @property
    def over(self) -> bool:
        return self.contract.last_on < today()


@dataclass(frozen=True, slots=True)
class Receivable:
    """应收未收: an instalment that was due on or before a day and had not come by then, or not wholly."""

    contract_id: UUID
    code: str
    category: str
    fund: str
    counterparty: str
    what: str
    due_on: date
    fen: int
    open_fen: int
    days_late: int


_RECEIVED = (
    select(func.coalesce(func.sum(JournalEntry.amount_fen), 0))
    .where(
        JournalEntry.compound_id == Contract.compound_id,
        JournalEntry.contract_id == Contract.id,
        col(JournalEntry.on_date) <= bindparam("on"),
    )
    .correlate(Contract)
    .scalar_subquery()
)

_CARDS = (
    columns(Contract, LedgerAccount.code, LedgerAccount.name, LedgerAccount.fund, _RECEIVED)
    .join(LedgerAccount, pointing(Contract, "account_id", LedgerAccount))
    .where(Contract.compound_id == bindparam("compound_id"))
)
_IN_ORDER = _CARDS.order_by(col(Contract.from_on), col(Contract.id))
_ONE = _CARDS.where(Contract.id == bindparam("id"))
_LAST_ON = func.coalesce(Contract.ended_on, Contract.to_on)
_STATES: dict[str, Any] = {"running": bindparam("on") <= _LAST_ON, "over": bindparam("on") > _LAST_ON}


def _card(row: Any) -> ContractCard:
    contract, code, category, fund, received = row[:5]
    return ContractCard(contract, code, category, fund, int(received))


@cache
def _listing(state: str, words: int) -> Listing[ContractCard]:
    statement = _CARDS.where(_STATES[state]) if state else _CARDS
    for n in range(words):
        like: Any = bindparam(f"like{n}")
        both = func.lower(Contract.what), func.lower(Contract.counterparty)
        statement = statement.where(or_(*(text.like(like, escape="\\") for text in both)))
    return Listing("contracts", statement, col(Contract.to_on), col(Contract.id), _card, newest_first=True)


def contracts(session: Session, visitor: Visitor, asked: Asked, sought: SoughtContract) -> Page[ContractCard]:
    """Those that end last come first. Raises BadCursor."""
    words = sought.q.split()[:MOST_WORDS]
    values: dict[str, Any] = {f"like{n}": pattern_of(word) for n, word in enumerate(words)}
    listing = _listing(sought.state, len(words))
    return listing.page(session, asked, compound_id=visitor.compound.id, on=today(), **values)


def accounts_to_rent(session: Session, compound_id: UUID, was: UUID | None = None) -> dict[str, LedgerAccount]:
    """By code, what a contract may bring in: any income that is not retired, and `was`, which it had, even if that is."""
    chart = accounts_by_code(session, compound_id)
    return {code: one for code, one in chart.items() if one.use == Use.INCOME and (not one.retired_at or one.id == was)}


def contract_for(session: Session, visitor: Visitor, id: UUID) -> ContractCard:
    """Raises NotFound for absent and foreign alike."""
    row = session.execute(_ONE, {"compound_id": visitor.compound.id, "id": id, "on": date.max}).first()
    if row is None:
        raise NotFound
    return _card(row)


def contract_to_change(session: Session, actor: Actor, id: UUID) -> Contract:
    """The contract with its row locked. Raises NotFound."""
    contract = session.get(Contract, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if contract is None:
        raise NotFound
    return contract


def all_contracts(session: Session, compound_id: UUID, on: date | None = None) -> list[ContractCard]:
    """With what had come by a day (default: ever), in the order in which they begin."""
    return [_card(row) for row in session.execute(_IN_ORDER, {"compound_id": compound_id, "on": on or date.max})]


def receivables(session: Session, compound_id: UUID, on: date) -> list[Receivable]:
    """What was due on or before a day and had not come by its end, the oldest first.

    A payment pays the oldest instalment of its contract, in parts if need be, and what is too much pays the following ones.
    """
    found = [
        Receivable(
            card.contract.id,
            card.code,
            card.category,
            card.fund,
            card.contract.counterparty,
            card.contract.what,
            instalment.due_on,
            instalment.fen,
            instalment.open_fen,
            instalment.days_late(on),
        )
        for card in all_contracts(session, compound_id, on)
        for instalment in card.settled(on)[0]
        if instalment.open_fen
    ]
    return sorted(found, key=lambda item: (item.due_on, item.contract_id))


def ending_soon(session: Session, compound_id: UUID) -> list[ContractCard]:
    """Those that run out within the days of the compound's rule."""
    until = today() + timedelta(days=rule(session, compound_id, "contract_ending_days"))
    cards = all_contracts(session, compound_id)
    return [card for card in cards if not card.contract.ended_on and today() <= card.contract.to_on <= until]


def contract_choices(session: Session, visitor: Visitor) -> list[tuple[UUID, str]]:
    """For a select, those that run or still wait for money: (id, "电梯广告，山雀广告社")."""
    cards = all_contracts(session, visitor.compound.id)
    return [
        (card.contract.id, f"{card.contract.what} {card.contract.counterparty}")
        for card in cards
        if not card.over or card.open_fen
    ]


def entries_of_contract(session: Session, contract: Contract) -> list[EntryCard]:
    """What was booked to it, the latest first."""
    statement = ENTRY_CARDS.where(JournalEntry.contract_id == bindparam("id")).order_by(
        col(JournalEntry.on_date).desc(), col(JournalEntry.id).desc()
    )
    found = session.execute(statement, {"compound_id": contract.compound_id, "id": contract.id})
    return [card_from(row) for row in found]


def papers_of(session: Session, contract: Contract) -> list[ContractPaper]:
    """In their order."""
    statement = select(ContractPaper).where(
        ContractPaper.compound_id == contract.compound_id, ContractPaper.contract_id == contract.id
    )
    return list(session.exec(statement.order_by(col(ContractPaper.position), col(ContractPaper.id))))


def paper_for(session: Session, visitor: Visitor, photo_id: UUID) -> Photo:
    """A page of a contract. Raises NotFound, and NotAllowed unless the visitor may see originals."""
    if not policy.can_see_originals(visitor):
        raise NotAllowed
    if session.get(ContractPaper, (visitor.compound.id, photo_id)) is None:
        raise NotFound
    return session.get_one(Photo, (visitor.compound.id, photo_id))
