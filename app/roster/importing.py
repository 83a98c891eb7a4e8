"""Verbs: read a file into a proposal, keep it for a look, and write it once it is confirmed.

Reading takes seconds and happens before any transaction. Writing goes unit by unit in groups of `GROUP`, each compared
again under the compound's row lock: two imports at once find each other's units and make none twice. A small file is
written by the confirming request, a large one by jobs, one group in each, so that nobody waits longer than for a group.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from fractions import Fraction
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.models import Building, Compound, Entrance, Ownership, Person, Residency, Unit
from app.kit import audit, events
from app.kit.clock import now, today
from app.kit.db import touch
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.once import already
from app.kit.tables import Problem, Skipped, Trouble
from app.kit.workbook import read_table
from app.roster.comparing import Change, compare
from app.roster.headings import ROSTER
from app.roster.models import ImportState, ImportUnderWay, NothingToImport, NotToBeConfirmed, RosterImport
from app.roster.proposal import Column, Reading, RosterPerson, RosterRow
from app.roster.queries import import_for
from app.roster.reading import read_roster

IMPORT = "roster.import"
GROUP = 250
"""Units that are written under one lock: about 0.2 s."""
AT_ONCE = 500
"""Files up to here are written by the request that confirms them."""

Progress = Callable[[int, int], None]
"""(units written, units in all)"""


@dataclass(frozen=True)
class Proposal:
    """A file that was read: what it proposes, and the hash of its bytes."""

    filename: str
    sha256: bytes
    reading: Reading


@dataclass(frozen=True)
class Counts:
    """Units, as they compare with the roster at one moment. `changes`: (line, label, what changes) of units known before."""

    added: int
    changed: int
    same: int
    changes: tuple[tuple[int, str, tuple[str, ...]], ...]


def propose(data: bytes, filename: str, compound_name: str) -> Proposal | Trouble:
    """Pure and slow (about 1 s for 5,000 rows): call it outside any transaction."""
    table = read_table(data, filename, ROSTER)
    if isinstance(table, Trouble):
        return table
    return Proposal(filename[-200:] or "?", sha256(data).digest(), read_roster(table, compound=compound_name))


def counted(session: Session, compound_id: UUID, rows: Sequence[RosterRow]) -> Counts:
    """What writing `rows` would do now. Reads only."""
    added = same = 0
    changes = []
    for group in _groups(rows):
        for change in compare(session, compound_id, group):
            if change.new:
                added += 1
            elif change.says:
                changes.append((change.row.line, change.label, tuple(change.says)))
            else:
                same += 1
    return Counts(added, len(changes), same, tuple(changes))


def keep_proposal(session: Session, actor: Actor, id: UUID, proposal: Proposal, counts: Counts) -> RosterImport:
    """Keep what was read until somebody says yes. Writes no unit. Raises NotAllowed, SecondFactorNeeded, SameIdOtherContent."""
    actor.need(Permission.CHANGE_ROSTER)
    actor.need_second_factor()
    sent = sha256(proposal.sha256 + actor.person_id.bytes).digest()
    if before := already(session, RosterImport, actor.compound.id, id, sent):
        return before
    kept = _kept(actor.compound.id, id, proposal, counts, sent)
    kept.made_by_id = actor.person_id
    session.add(kept)
    on_record(session, actor, "roster.read", id)
    return kept


def confirm_import(session: Session, actor: Actor, import_id: UUID) -> RosterImport:
    """Write it: here and now when it is small, else by jobs.

    Raises NotFound, NotAllowed, SecondFactorNeeded, NotToBeConfirmed, ImportUnderWay, NothingToImport.
    """
    kept = _locked(session, actor, import_id)
    if kept.state != ImportState.PREVIEWED:
        raise NotToBeConfirmed
    under_way = select(RosterImport.id).where(
        RosterImport.compound_id == actor.compound.id, RosterImport.state == ImportState.RUNNING
    )
    if session.exec(under_way).first():
        raise ImportUnderWay
    if kept.total == 0:
        raise NothingToImport
    kept.state, kept.confirmed_at = ImportState.RUNNING, now()
    on_record(session, actor, "roster.imported", kept.id)
    if kept.total <= AT_ONCE:
        apply_import(session, kept.compound_id, unpack(kept.proposal).rows)
        _finish(session, kept)
    else:
        _go_on(session, kept)
    return kept


def discard_import(session: Session, actor: Actor, import_id: UUID) -> None:
    """Raises NotFound, NotAllowed, SecondFactorNeeded, NotToBeConfirmed."""
    kept = _locked(session, actor, import_id)
    if kept.state != ImportState.PREVIEWED:
        raise NotToBeConfirmed
    kept.state, kept.ended_at = ImportState.DISCARDED, now()
    on_record(session, actor, "roster.import-discarded", kept.id)


def continue_import(session: Session, payload: dict[str, Any]) -> None:
    """The job: one group, then the next job. A job that comes late or twice finds its group done."""
    compound_id, import_id = UUID(payload["compound_id"]), UUID(payload["import_id"])
    _lock_compound(session, compound_id)
    kept = session.get_one(RosterImport, (compound_id, import_id), with_for_update=True, populate_existing=True)
    if kept.state != ImportState.RUNNING or kept.done != payload["done"]:
        return
    rows = unpack(kept.proposal).rows[kept.done : kept.done + GROUP]
    apply_import(session, compound_id, rows)
    kept.done += len(rows)
    if kept.done == kept.total:
        _finish(session, kept)
    else:
        _go_on(session, kept)


def import_roster(
    session: Session, compound_id: UUID, proposal: Proposal, actor: Actor | None = None, progress: Progress | None = None
) -> RosterImport:
    """The whole import in one transaction, for the command line and the demo; whoever has the machine needs no permission.

    Raises NothingToImport.
    """
    _lock_compound(session, compound_id)
    rows = proposal.reading.rows
    if not rows:
        raise NothingToImport
    kept = _kept(compound_id, new_id(), proposal, counted(session, compound_id, rows), proposal.sha256)
    kept.made_by_id, kept.confirmed_at = actor.person_id if actor else None, now()
    apply_import(session, compound_id, rows, progress)
    session.add(kept)
    audit.record(session, act="roster.imported", outcome="done", compound_id=compound_id, subject=str(kept.id))
    _finish(session, kept)
    return kept


def apply_import(session: Session, compound_id: UUID, rows: Sequence[RosterRow], progress: Progress | None = None) -> None:
    """Bring buildings, units, people and their ties to what `rows` say. Doing it again changes nothing."""
    _lock_compound(session, compound_id)
    done = 0
    for group in _groups(rows):
        _write(session, compound_id, compare(session, compound_id, group))
        done += len(group)
        if progress:
            progress(done, len(rows))
    touch(session, compound_id)


def pack(reading: Reading) -> bytes:
    return zlib.compress(json.dumps(asdict(reading), ensure_ascii=False, default=str).encode(), 6)


def unpack(proposal: bytes) -> Reading:
    told = json.loads(zlib.decompress(proposal))
    rows = tuple(
        RosterRow(
            **row
            | {
                "people": tuple(
                    RosterPerson(**p | {"share": Fraction(p["share"]) if p["share"] else None}) for p in row["people"]
                )
            }
        )
        for row in told["rows"]
    )
    return Reading(
        rows,
        tuple(Problem(**p) for p in told["problems"]),
        tuple(Column(**c) for c in told["columns"]),
        tuple(Skipped(**s) for s in told["skipped"]),
    )


def _kept(compound_id: UUID, id: UUID, proposal: Proposal, counts: Counts, sent: bytes) -> RosterImport:
    return RosterImport(
        compound_id=compound_id,
        id=id,
        filename=proposal.filename,
        file_sha256=proposal.sha256,
        sent_sha256=sent,
        proposal=pack(proposal.reading),
        added=counts.added,
        changed=counts.changed,
        same=counts.same,
        total=len(proposal.reading.rows),
    )


def _locked(session: Session, actor: Actor, import_id: UUID) -> RosterImport:
    actor.need(Permission.CHANGE_ROSTER)
    actor.need_second_factor()
    import_for(session, actor, import_id)
    _lock_compound(session, actor.compound.id)
    return session.get_one(RosterImport, (actor.compound.id, import_id), with_for_update=True, populate_existing=True)


def _lock_compound(session: Session, compound_id: UUID) -> None:
    # Not FOR UPDATE: that would hold up every row anywhere that points to the compound.
    session.get_one(Compound, compound_id, with_for_update={"key_share": True})


def _finish(session: Session, kept: RosterImport) -> None:
    kept.state, kept.done, kept.ended_at = ImportState.DONE, kept.total, now()
    events.tell(session, kept.compound_id, "roster.imported", import_id=kept.id)


def _go_on(session: Session, kept: RosterImport) -> None:
    payload = {"compound_id": str(kept.compound_id), "import_id": str(kept.id), "done": kept.done}
    enqueue(session, IMPORT, payload, key=f"{IMPORT}:{kept.id}:{kept.done}")


def _groups(rows: Sequence[RosterRow]) -> Iterator[Sequence[RosterRow]]:
    return (rows[i : i + GROUP] for i in range(0, len(rows), GROUP))


def _write(session: Session, compound_id: UUID, changes: Sequence[Change]) -> None:
    """Bulk statements, parents first; one row of each list is one row of a table."""
    mine: dict[str, Any] = {"compound_id": compound_id}
    new = [c for c in changes if c.new]
    entrances = _entrances(session, compound_id, new)
    day = today()
    before = day - timedelta(days=1)  # both ends count: the old owner's last day is the day before the new one's first
    units = [
        mine
        | {
            "id": c.unit_id,
            "entrance_id": entrances[c.row.building, c.row.entrance or ""],
            "kind": c.row.kind,
            "room": c.row.room,
            "label": c.label,
            "area": c.row.area or 0,
        }
        for c in new
    ]
    people = [mine | {"id": id, "name": p.name, "phone": p.phone, "created_at": now()} for c in changes for id, p in c.newcomers]
    begun = [(c.unit_id, id, p) for c in changes for id, p in c.begun]
    tie = {"from_on": day, "to_on": None}
    owned = [
        mine
        | tie
        | {"id": new_id(), "unit_id": unit_id, "person_id": id}
        | {"share": p.share.numerator if p.share else 1, "share_of": p.share.denominator if p.share else 1}
        for unit_id, id, p in begun
        if p.relation == "owner"
    ]
    rented = [
        mine | tie | {"id": new_id(), "unit_id": unit_id, "person_id": id, "tenant": True}
        for unit_id, id, p in begun
        if p.relation == "tenant"
    ]
    inserts: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
        (Unit, units),
        (Person, people),
        (Ownership, owned),
        (Residency, rented),
    )
    for table, rows in inserts:
        if rows:
            session.execute(insert(table), rows)
    updates: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
        *((Unit, [mine | {"id": c.unit_id} | c.values]) for c in changes if c.values),
        (Person, [mine | {"id": id, "name": name, "phone": phone} for c in changes for id, name, phone in c.corrected]),
        (Ownership, [mine | {"id": h.link_id, "to_on": before} for c in changes for h in c.ended if h.relation == "owner"]),
        (Residency, [mine | {"id": h.link_id, "to_on": before} for c in changes for h in c.ended if h.relation == "tenant"]),
    )
    for table, rows in updates:
        if rows:
            session.execute(update(table), rows)


def _entrances(session: Session, compound_id: UUID, new: Sequence[Change]) -> dict[tuple[str, str], UUID]:
    """(building, entrance) as the file writes them → the entrance's id; what is missing is made."""
    buildings = {
        _bare(name, ("号楼", "栋", "幢", "座")): id
        for id, name in session.exec(select(Building.id, Building.name).where(Building.compound_id == compound_id))
    }
    by_id = {id: name for name, id in buildings.items()}
    found = {
        (by_id[building_id], _bare(name, ("单元",))): id
        for id, building_id, name in session.exec(
            select(Entrance.id, Entrance.building_id, Entrance.name).where(
                Entrance.compound_id == compound_id, col(Entrance.building_id).in_(by_id)
            )
        )
    }
    for c in new:
        building, entrance = c.row.building, c.row.entrance or ""
        if building not in buildings:
            name = f"{building}栋" if building[-1:].isascii() and len(building) < 20 else building
            made = Building(compound_id=compound_id, name=name, position=_position(building))
            session.add(made)
            session.flush()
            buildings[building] = made.id
        if (building, entrance) not in found:
            name = f"{entrance}单元" if entrance[-1:].isascii() and entrance else entrance
            made_entrance = Entrance(
                compound_id=compound_id, building_id=buildings[building], name=name, position=_position(entrance)
            )
            session.add(made_entrance)
            session.flush()
            found[building, entrance] = made_entrance.id
    return found


def _bare(name: str, endings: Sequence[str]) -> str:
    return next((name.removesuffix(end) for end in endings if name.endswith(end) and name != end), name)


def _position(name: str) -> int:
    """The first number in the name; what has none stands last."""
    digits = "".join(c if c.isascii() and c.isdecimal() else " " for c in name).split()
    return int(digits[0][:6]) if digits else 1_000_000
