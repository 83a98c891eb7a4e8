"""The first steps of an installation: a compound, its roster, the person who invites the others."""

from dataclasses import replace
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from sqlmodel import Session, col, select

from app.access.actors import Actor, acting
from app.access.permissions import Permission
from app.access.service import make_invite
from app.backups.outcomes import Cannot
from app.commands.opening import compound_called, opened
from app.compounds.models import Body, BodyKind, Compound, Ownership, Person, Residency, Seat, SeatKind, Unit
from app.compounds.terms import holds
from app.kit import audit
from app.kit.clock import today
from app.kit.db import reading, writing
from app.kit.ids import new_id
from app.kit.money import fen_of
from app.kit.records import pointing
from app.kit.tables import Trouble
from app.roster import importing
from app.roster.founding import create_compound
from app.roster.schemas import BodyWish, SeatWish
from app.roster.seating import found_body, seat_person
from app.settings import Settings
from app.treasury.journal import open_books

SHOWN = 20
"""Changes of known units that a preview lists; the file's own problems are listed whole."""


def found_compound(settings: Settings, slug: str, name: str, community: str, city: str, phone: str, opening: str) -> None:
    """`opening`: what the bank account holds today, in yuan. Raises Cannot, SlugTaken."""
    with opened(settings) as db:
        try:
            with writing(db) as session:
                compound = create_compound(session, community, city, slug, name, phone)
                open_books(session, compound.id, fen_of(opening))
        except ValueError as bad:
            raise Cannot(str(bad)) from None
    typer.echo(f"{name} stands at {settings.public_url.rstrip('/')}/c/{slug}/")
    typer.echo(f"Next: python -m app import-roster FILE --compound {slug}")


def bring_roster(settings: Settings, file: Path, slug: str, *, ask: bool) -> None:
    """Show what the file says, then write it. Raises Cannot where there is nothing to write or nobody says yes."""
    with opened(settings) as db:
        compound = compound_called(db, slug)
        proposal = importing.propose(file.read_bytes(), file.name, compound.name)
        if isinstance(proposal, Trouble):
            raise Cannot(f"{file}: {proposal.message}")
        rows = proposal.reading.rows
        with reading(db) as session:
            counts = importing.counted(session, compound.id, rows)
        _show(proposal, counts)
        if not rows:
            raise Cannot("There is no unit in it that could be written.")
        if ask and not _agreed():
            typer.echo("Nothing was written.")
            return
        parts = TextColumn("Writing"), BarColumn(), MofNCompleteColumn()
        with Progress(*parts, console=Console(stderr=True)) as bar, writing(db) as session:
            task = bar.add_task("units", total=len(rows))
            kept = importing.import_roster(
                session, compound.id, proposal, progress=lambda done, _all: bar.update(task, completed=done)
            )
    typer.echo(f"Written: {kept.added} new units, {kept.changed} changed, {kept.same} as they were.")


def _show(proposal: importing.Proposal, counts: importing.Counts) -> None:
    """How the columns were taken, what would change, and every doubt by row and column."""
    read, out = proposal.reading, Console(highlight=False, markup=False, soft_wrap=True)
    columns = (f"{c.letter} {c.heading} = {c.meaning if c.read else '–'}" for c in read.columns)
    out.print(f"Columns: {', '.join(columns)}")
    out.print(f"Units: {counts.added} new, {counts.changed} changed, {counts.same} as they are. Other rows: {len(read.skipped)}.")
    for line, label, says in counts.changes[:SHOWN]:
        out.print(f"  row {line} {label}: {'; '.join(says)}")
    if len(counts.changes) > SHOWN:
        out.print(f"  … and {len(counts.changes) - SHOWN} more")
    if read.problems:
        table = Table("row", "column", "stands there", "doubt", "left out", box=None)
        for p in read.problems:
            table.add_row(str(p.row), f"{p.column} {p.heading}".strip(), p.value, p.message, "yes" if p.blocks else "")
        out.print(table)


def _agreed() -> bool:
    try:
        return typer.confirm("Write this?")
    except typer.Abort:
        raise Cannot("Nobody answered, so nothing was written; --yes writes without asking.") from None


def invite(settings: Settings, slug: str, label: str, director: str) -> str:
    """A fresh code for the unit; with `director`, after seating that person of it. Raises Cannot."""
    with opened(settings) as db:
        compound = compound_called(db, slug)
        with writing(db) as session:
            unit = session.exec(select(Unit).where(Unit.compound_id == compound.id, Unit.label == label)).one_or_none()
            if unit is None:
                raise Cannot(f"{compound.name} has no unit {label}; import its roster first, labels look like 3-2-602.")
            person = _living_there(session, unit, director)
            if person is None and not director:
                raise Cannot(f"The roster names nobody in {label}; a code would open for no one.")
            operator = _operator(session, compound, person or _move_in(session, unit, director))
            if director:
                _seat_director(session, operator)
            code = make_invite(session, operator, unit.id)
            audit.record(session, act="command.invite", outcome="done", compound_id=compound.id, subject=str(unit.id))
    return code


def _operator(session: Session, compound: Compound, person: Person) -> Actor:
    """Whoever has the machine, in the name of `person`, because each act has one; the audit's `command.…` line tells."""
    return replace(acting(session, compound, person), permissions=frozenset({Permission.CHANGE_SEATS, Permission.INVITE}))


def _living_there(session: Session, unit: Unit, name: str) -> Person | None:
    """The person of that name, or the first one where none is asked for: owners before others."""
    for link in (Ownership, Residency):
        there = (
            select(Person)
            .join(link, pointing(link, "person_id", Person))
            .where(link.compound_id == unit.compound_id, link.unit_id == unit.id, holds(link))
            .order_by(col(Person.id))
        )
        found = session.exec(there.where(Person.name == name) if name else there).first()
        if found is not None:
            return found
    return None


def _move_in(session: Session, unit: Unit, name: str) -> Person:
    person = Person(compound_id=unit.compound_id, name=name)
    session.add(person)
    session.flush()
    session.add(Residency(compound_id=unit.compound_id, unit_id=unit.id, person_id=person.id))
    return person


def _seat_director(session: Session, operator: Actor) -> None:
    """From today, in the management committee, which is founded where there is none; a director in office stays so."""
    compound_id = operator.compound.id
    seat = select(Seat.id).where(Seat.compound_id == compound_id, Seat.person_id == operator.person_id)
    if session.exec(seat.where(Seat.kind == SeatKind.DIRECTOR, holds(Seat))).first():
        return
    bodies = select(Body).where(Body.compound_id == compound_id, Body.kind == BodyKind.MANAGEMENT).order_by(col(Body.id))
    body = session.exec(bodies).first() or found_body(
        session, operator, BodyWish(kind=BodyKind.MANAGEMENT, name="自治管理委员会")
    )
    session.flush()
    wish = SeatWish(person_id=operator.person_id, kind=SeatKind.DIRECTOR, title="主任", basis="建立本系统时登记", from_on=today())
    seat_person(session, operator, body.id, new_id(), wish)
