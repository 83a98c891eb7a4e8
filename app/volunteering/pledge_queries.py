"""The board of those who appear: nobody is on it without a consent of today, and a seat of the party."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.access.actors import Visitor
from app.access.consents import Purpose, agreed
from app.compounds.models import Body, Building, Entrance, Ownership, Person, Residency, Seat, Unit
from app.compounds.terms import holds
from app.kit.records import pointing
from app.kit.refusals import NotFound
from app.photos.models import Photo, PhotoSize
from app.volunteering.pledge_models import PARTY, Pledge, PledgePhoto, PledgeVerdict, Verdict
from app.volunteering.request_queries import SHOWN_FROM


@dataclass(frozen=True, slots=True)
class Verdicts:
    good: int
    fair: int
    poor: int


@dataclass(frozen=True, slots=True)
class PledgeCard:
    """`verdicts` is None below three."""

    id: UUID
    says: str
    entered_by: str | None
    """The officer who wrote it down for them."""
    made_at: datetime
    until_on: date | None
    kept_at: datetime | None
    kept_how: str
    overdue: bool
    photos: list[UUID]
    verdicts: Verdicts | None


@dataclass(frozen=True, slots=True)
class Member:
    """`place`: building and entrance."""

    person_id: UUID
    name: str
    title: str
    place: str
    pledges: list[PledgeCard]


def board(session: Session, visitor: Visitor, person_id: UUID | None = None) -> list[Member]:
    """Who appears, by building and name; of them one only, where named."""
    rows = session.exec(
        select(Seat.person_id, Person.name, Seat.title)
        .join(Person, pointing(Seat, "person_id", Person))
        .join(Body, pointing(Seat, "body_id", Body))
        .where(
            Seat.compound_id == visitor.compound.id,
            col(Body.kind).in_(PARTY),
            holds(Seat),
            agreed(Purpose.APPEAR, Seat),
            *([Seat.person_id == person_id] if person_id else []),
        )
        .order_by(col(Seat.from_on), col(Seat.id))
    )
    titles: dict[UUID, tuple[str, list[str]]] = {}
    for id, name, title in rows:
        titles.setdefault(id, (name, []))[1].append(title)
    places = _places(session, visitor.compound.id, titles)
    pledges = _pledges(session, visitor.compound.id, titles)
    members = [
        Member(id, name, "、".join(dict.fromkeys(held)), places.get(id, ""), pledges.get(id, []))
        for id, (name, held) in titles.items()
    ]
    return sorted(members, key=lambda member: member.place)


def member_for(session: Session, visitor: Visitor, person_id: UUID) -> Member:
    """Raises NotFound for who does not appear."""
    for member in board(session, visitor, person_id):
        return member
    raise NotFound


def is_party_member(session: Session, compound_id: UUID, person_id: UUID) -> bool:
    seat = (
        select(Seat.id)
        .join(Body, pointing(Seat, "body_id", Body))
        .where(Seat.compound_id == compound_id, Seat.person_id == person_id, col(Body.kind).in_(PARTY), holds(Seat))
    )
    return session.exec(seat).first() is not None


def party_members(session: Session, compound_id: UUID) -> list[tuple[UUID, str]]:
    """Everybody with a seat of the party today, whether they appear or not: (id, name)."""
    rows = session.exec(
        select(Person.id, Person.name)
        .join(Seat, pointing(Seat, "person_id", Person))
        .join(Body, pointing(Seat, "body_id", Body))
        .where(Seat.compound_id == compound_id, col(Body.kind).in_(PARTY), holds(Seat))
        .order_by(col(Person.name), col(Person.id))
        .distinct()
    )
    return list(rows.all())


def pledge_to_change(session: Session, visitor: Visitor, id: UUID) -> Pledge:
    """With its row locked. Raises NotFound."""
    pledge = session.get(Pledge, (visitor.compound.id, id), with_for_update=True, populate_existing=True)
    if pledge is None or pledge.withdrawn_at:
        raise NotFound
    return pledge


def pledge_for(session: Session, visitor: Visitor, id: UUID) -> Pledge:
    """Raises NotFound, also while its member does not appear."""
    pledge = session.get(Pledge, (visitor.compound.id, id))
    if pledge is None or pledge.withdrawn_at:
        raise NotFound
    member_for(session, visitor, pledge.person_id)
    return pledge


def pledge_photo_for(session: Session, visitor: Visitor, pledge_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """Raises NotFound; an original carries places and faces and is shown to nobody here."""
    pledge = pledge_for(session, visitor, pledge_id)
    hangs = select(PledgePhoto.id).where(
        PledgePhoto.compound_id == pledge.compound_id, PledgePhoto.pledge_id == pledge.id, PledgePhoto.photo_id == photo_id
    )
    if size is PhotoSize.ORIGINAL or session.exec(hangs).first() is None:
        raise NotFound
    return session.get_one(Photo, (pledge.compound_id, photo_id))


def my_verdicts(session: Session, compound_id: UUID, person_id: UUID) -> dict[UUID, str]:
    """What I said of which pledge."""
    rows = session.exec(
        select(PledgeVerdict.pledge_id, PledgeVerdict.verdict).where(
            PledgeVerdict.compound_id == compound_id, PledgeVerdict.person_id == person_id
        )
    )
    return dict(rows.all())


def card_of(session: Session, pledge: Pledge) -> PledgeCard:
    return next(c for c in _pledges(session, pledge.compound_id, [pledge.person_id])[pledge.person_id] if c.id == pledge.id)


def _places(session: Session, compound_id: UUID, people: Collection[UUID]) -> dict[UUID, str]:
    """Building and entrance of each, where they live or own first."""
    found: dict[UUID, str] = {}
    for link in (Ownership, Residency):
        rows = session.exec(
            select(link.person_id, Building.name, Entrance.name)
            .join(Unit, pointing(link, "unit_id", Unit))
            .join(Entrance, pointing(Unit, "entrance_id", Entrance))
            .join(Building, pointing(Entrance, "building_id", Building))
            .where(link.compound_id == compound_id, col(link.person_id).in_(people), holds(link))
            .order_by(col(Unit.label).desc())
        )
        found |= {id: building + entrance for id, building, entrance in rows}
    return found


def _pledges(session: Session, compound_id: UUID, people: Collection[UUID]) -> dict[UUID, list[PledgeCard]]:
    """The newest first."""
    rows = session.exec(
        select(Pledge, Person.name)
        .outerjoin(Person, pointing(Pledge, "entered_by_id", Person))
        .where(Pledge.compound_id == compound_id, col(Pledge.person_id).in_(people), col(Pledge.withdrawn_at).is_(None))
        .order_by(col(Pledge.made_at).desc())
    ).all()
    ids = [pledge.id for pledge, _by in rows]
    photos: dict[UUID, list[UUID]] = {}
    for id, photo_id in session.exec(
        select(PledgePhoto.pledge_id, PledgePhoto.photo_id)
        .where(PledgePhoto.compound_id == compound_id, col(PledgePhoto.pledge_id).in_(ids))
        .order_by(col(PledgePhoto.position))
    ):
        photos.setdefault(id, []).append(photo_id)
    counts: dict[UUID, Counter[str]] = {}
    for id, verdict, count in session.exec(
        select(PledgeVerdict.pledge_id, PledgeVerdict.verdict, func.count())
        .where(PledgeVerdict.compound_id == compound_id, col(PledgeVerdict.pledge_id).in_(ids))
        .group_by(col(PledgeVerdict.pledge_id), col(PledgeVerdict.verdict))
    ):
        counts.setdefault(id, Counter())[verdict] = count
    found: dict[UUID, list[PledgeCard]] = {}
    for p, by in rows:
        said = counts.get(p.id, Counter())
        verdicts = Verdicts(*(said[one] for one in Verdict)) if said.total() >= SHOWN_FROM else None
        card = PledgeCard(
            p.id, p.says, by, p.made_at, p.until_on, p.kept_at, p.kept_how, p.overdue, photos.get(p.id, []), verdicts
        )  # fmt: skip
        found.setdefault(p.person_id, []).append(card)
    return found
