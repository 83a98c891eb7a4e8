"""What a file would change: its rows beside what the roster holds. Reads, decides, writes nothing.

Who is who, in this order: in the unit by name and telephone, in the unit by name, in the unit by telephone where the name
is gone from the file (a corrected name), in the compound by name and telephone together; else somebody new. A telephone
alone joins nobody over units, for a family shares one; a name alone neither, for two neighbours share one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from uuid import UUID

from sqlmodel import Session, col, select

from app.compounds.models import Ownership, Person, Residency, Unit, UnitKind
from app.compounds.terms import holds
from app.kit.i18n import _, mark
from app.kit.ids import new_id
from app.kit.money import square_metres
from app.kit.records import columns, pointing
from app.roster.people import Relation
from app.roster.proposal import RosterPerson, RosterRow

KIND_SAYS = {UnitKind.DWELLING: mark("住宅"), UnitKind.SHOP: mark("商铺"), UnitKind.GARAGE: mark("车库")}
RELATION_SAYS: dict[Relation, str] = {"owner": mark("业主"), "tenant": mark("租户")}

Known = dict[tuple[str, str], UUID]
"""(name, telephone) → person, in the whole compound."""


@dataclass(frozen=True, slots=True)
class Held:
    """An ownership or a tenancy as it stands. `own_account`: they look after their telephone themselves."""

    link_id: UUID
    relation: Relation
    person_id: UUID
    name: str
    phone: str | None
    own_account: bool
    share: Fraction


@dataclass
class KnownUnit:
    id: UUID
    kind: str
    area: int
    held: list[Held] = field(default_factory=list)


@dataclass
class Change:
    """What one row comes to. `says`: the same in words, for the preview; empty where nothing changes."""

    row: RosterRow
    label: str
    unit_id: UUID
    new: bool
    values: dict[str, str | int] = field(default_factory=dict)
    newcomers: list[tuple[UUID, RosterPerson]] = field(default_factory=list)
    corrected: list[tuple[UUID, str, str | None]] = field(default_factory=list)
    begun: list[tuple[UUID, RosterPerson]] = field(default_factory=list)
    ended: list[Held] = field(default_factory=list)
    says: list[str] = field(default_factory=list)


def label_of(row: RosterRow) -> str:
    """ "3-2-602": the unit's whole address, by which a second import finds it again."""
    return "-".join(part for part in (row.building, row.entrance, row.room) if part)


def compare(session: Session, compound_id: UUID, rows: Sequence[RosterRow]) -> list[Change]:
    """One change a row, against the roster of this moment. A few statements, however many rows."""
    units = _units(session, compound_id, [label_of(row) for row in rows])
    known = _people(session, compound_id, {p.phone for row in rows for p in row.people if p.phone})
    return [change_of(row, units.get(label_of(row)), known) for row in rows]


def change_of(row: RosterRow, unit: KnownUnit | None, known: Known) -> Change:
    """Pure but for `known`, which learns the newcomers: one person of the file stays one in its next row."""
    change = Change(row, label_of(row), unit.id if unit else new_id(), unit is None)
    held = unit.held if unit else []
    if unit is None:
        change.says.append(_("新增"))
    else:
        if row.kind != unit.kind:
            change.values["kind"] = row.kind
            change.says.append(f"{_(KIND_SAYS[UnitKind(unit.kind)])} → {_(KIND_SAYS[UnitKind(row.kind)])}")
        if row.area is not None and row.area != unit.area:
            change.values["area"] = row.area
            change.says.append(_("面积 %(old)s → %(new)s", old=square_metres(unit.area), new=square_metres(row.area)))
    ids = _recognise(change, held, known)
    _link(change, held, ids)
    return change


def _recognise(change: Change, held: Sequence[Held], known: Known) -> list[UUID]:
    """The person of each of the row's people, newcomers made on the way."""
    people = change.row.people
    here = {h.person_id: h for h in held}
    named = {p.name for p in people}
    found: dict[int, Held] = {}

    def match(fits: "Iterable[tuple[int, Held]]") -> None:
        for i, h in fits:
            if i not in found and all(f.person_id != h.person_id for f in found.values()):
                found[i] = h

    pairs = [(i, p, h) for i, p in enumerate(people) for h in here.values()]
    match((i, h) for i, p, h in pairs if (p.name, p.phone) == (h.name, h.phone))
    match((i, h) for i, p, h in pairs if p.name == h.name)
    match((i, h) for i, p, h in pairs if p.phone and p.phone == h.phone and h.name not in named)
    ids = []
    for i, p in enumerate(people):
        key = (p.name, p.phone or "")
        if i in found:
            h = found[i]
            phone = p.phone if p.phone and not h.own_account else h.phone
            if (p.name, phone) != (h.name, h.phone):
                change.corrected.append((h.person_id, p.name, phone))
                change.says.append(_("%(old)s 改为 %(new)s", old=_who(h.name, h.phone), new=_who(p.name, phone)))
            ids.append(h.person_id)
        elif p.phone and key in known:
            ids.append(known[key])
        else:
            ids.append(new_id())
            change.newcomers.append((ids[-1], p))
        if p.phone:
            known[key] = ids[-1]
    return ids


def _link(change: Change, held: Sequence[Held], ids: Sequence[UUID]) -> None:
    """A relation the file names replaces the unit's; one it names nobody for stays as it is."""
    wanted: dict[tuple[Relation, UUID], RosterPerson] = {}
    for id, p in zip(ids, change.row.people, strict=True):
        wanted.setdefault((p.relation, id), p)
    told = {relation for relation, _id in wanted}
    for h in held:
        said = wanted.get((h.relation, h.person_id))
        if said is None and h.relation in told:
            change.ended.append(h)
            change.says.append(_("%(relation)s %(name)s 结束", relation=_(RELATION_SAYS[h.relation]), name=h.name))
        elif said is not None and said.share is not None and said.share != h.share:
            change.ended.append(h)
            change.says.append(_("%(name)s 的份额 %(old)s → %(new)s", name=h.name, old=h.share, new=said.share))
        elif said is not None:
            del wanted[h.relation, h.person_id]
    already = {(h.relation, h.person_id) for h in held}
    for (relation, id), p in wanted.items():
        change.begun.append((id, p))
        if not change.new and (relation, id) not in already:
            change.says.append(_("登记%(relation)s %(name)s", relation=_(RELATION_SAYS[relation]), name=p.name))


def _who(name: str, phone: str | None) -> str:
    return f"{name} {phone}" if phone else name


def _units(session: Session, compound_id: UUID, labels: list[str]) -> dict[str, KnownUnit]:
    rows = session.execute(
        columns(Unit.label, Unit.id, Unit.kind, Unit.area).where(Unit.compound_id == compound_id, col(Unit.label).in_(labels))
    )
    units = {label: KnownUnit(id, kind, area) for label, id, kind, area in rows}
    by_id = {unit.id: unit for unit in units.values()}
    who = (Person.id, Person.name, Person.phone, col(Person.account_id).is_not(None))
    owned = columns(Ownership.unit_id, Ownership.id, *who, Ownership.share, Ownership.share_of).join(
        Person, pointing(Ownership, "person_id", Person)
    )
    for unit_id, link_id, id, name, phone, own, share, share_of in session.execute(
        owned.where(Ownership.compound_id == compound_id, col(Ownership.unit_id).in_(by_id), holds(Ownership)).order_by(
            col(Ownership.id)
        )
    ):
        by_id[unit_id].held.append(Held(link_id, "owner", id, name, phone, own, Fraction(share, share_of)))
    rented = columns(Residency.unit_id, Residency.id, *who).join(Person, pointing(Residency, "person_id", Person))
    for unit_id, link_id, id, name, phone, own in session.execute(
        rented.where(
            Residency.compound_id == compound_id,
            col(Residency.unit_id).in_(by_id),
            holds(Residency),
            col(Residency.tenant),
        ).order_by(col(Residency.id))
    ):
        by_id[unit_id].held.append(Held(link_id, "tenant", id, name, phone, own, Fraction(1)))
    return units


def _people(session: Session, compound_id: UUID, phones: Iterable[str]) -> Known:
    rows = session.exec(
        select(Person.name, Person.phone, Person.id)
        .where(Person.compound_id == compound_id, col(Person.phone).in_(set(phones)))
        .order_by(col(Person.id).desc())
    )
    return {(name, phone or ""): id for name, phone, id in rows}
