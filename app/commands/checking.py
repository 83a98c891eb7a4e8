"""Holding what is stored against what it promises."""

from datetime import timedelta
from itertools import islice

import typer
from sqlmodel import Session, col, func, select

from app.backups.manifest import trial_balance
from app.backups.outcomes import FoundWrong
from app.commands.opening import compound_called, opened
from app.compounds.models import Compound
from app.kit.clock import now
from app.kit.db import reading
from app.kit.jobs import Job
from app.kit.money import yuan
from app.proofs.stored import not_as_published
from app.publiclog.verifying import verify_log
from app.settings import Settings

MOST_NAMED = 20
"""Of what is not as it was published; one line is an alarm already."""


def verify(settings: Settings, slug: str) -> None:
    """Every public log from its first entry, the books and what was published held against it, every book added up.

    `slug` "" is all. Raises FoundWrong after telling all.
    """
    with opened(settings) as db:
        if slug:
            compound_called(db, slug)
        compounds = select(Compound).order_by(col(Compound.slug))
        with reading(db) as session:
            chosen = session.exec(compounds.where(Compound.slug == slug) if slug else compounds).all()
            wrong = [compound.slug for compound in chosen if not _is_sound(session, compound)]
    if wrong:
        raise FoundWrong(f"Wrong: {', '.join(wrong)}.")


REMEMBERED = timedelta(days=7)
"""How long a job that was given up is an alarm."""


def jobs(settings: Settings) -> None:
    """Kinds, times and mistakes; what a job is about stands nowhere in it. Raises FoundWrong where one was given up."""
    with opened(settings) as db, reading(db) as session:
        failed = session.exec(
            select(Job)
            .where(col(Job.last_error).is_not(None), col(Job.ended_at).is_(None) | (col(Job.ended_at) > now() - REMEMBERED))
            .order_by(col(Job.kind), col(Job.created_at))
        ).all()
        waiting = col(Job.ended_at).is_(None)
        due = session.exec(select(func.count()).where(waiting, col(Job.run_after) <= now())).one()
        later = session.exec(select(func.count()).where(waiting, col(Job.run_after) > now())).one()
    for job in failed:
        then = "given up" if job.ended_at else f"next try {job.run_after:%Y-%m-%d %H:%M:%S} UTC"
        typer.echo(f"{job.kind} {job.id}: {job.last_error}, {job.attempts} tries, {then}")
    typer.echo(f"{due} due now, {later} later.")
    if given_up := sum(job.ended_at is not None for job in failed):
        raise FoundWrong(f"{given_up} given up in the last {REMEMBERED.days} days.")


def _is_sound(session: Session, compound: Compound) -> bool:
    report = verify_log(session, compound.id)
    off_fen = sum(trial_balance(session, compound.id).values())
    said = [f"{compound.slug}: {report.size} entries, root {report.root.hex()}, balance {yuan(report.balance_fen)}"]
    if report.finding:
        where = "the head" if report.finding.index is None else f"entry {report.finding.index}"
        said.append(f"WRONG at {where}: {report.finding.wrong}")
    found = list(islice(not_as_published(session, compound.id), MOST_NAMED)) if report.finding is None else []
    said += [f"WRONG: {what}" for what in found]
    if off_fen:
        said.append(f"WRONG: the books are off by {yuan(off_fen)}")
    typer.echo("; ".join(said))
    return len(said) == 1
