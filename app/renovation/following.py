"""Verbs of who follows a project: begin, end; and telling them."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.record import on_record
from app.inbox.service import send
from app.kit.clock import now
from app.renovation.models import Project
from app.renovation.queries import project_to_change
from app.renovation.question_models import ProjectFollow
from app.renovation.question_queries import follow_of, followers_of


def follow(session: Session, actor: Actor, project_id: UUID) -> None:
    """What befalls the project comes into one's messages from now on. Said twice, it counts once. Raises NotFound."""
    project = project_to_change(session, actor, project_id)
    row = follow_of(session, project, actor.person_id)
    if row is None:
        session.add(ProjectFollow(compound_id=project.compound_id, project_id=project.id, person_id=actor.person_id))
    elif row.ended_at:
        row.since_at, row.ended_at = now(), None
    else:
        return
    on_record(session, actor, "project.followed", project.id)


def unfollow(session: Session, actor: Actor, project_id: UUID) -> None:
    """Raises NotFound."""
    project = project_to_change(session, actor, project_id)
    row = follow_of(session, project, actor.person_id)
    if row and row.ended_at is None:
        row.ended_at = now()
        on_record(session, actor, "project.unfollowed", project.id)


def tell_followers(session: Session, project: Project, words: str, path: str, *, but: UUID) -> None:
    """What happened, to everybody who follows, but not to who did it. `path`: where it is read, below the compound."""
    for person_id in followers_of(session, project):
        if person_id != but:
            send(session, project.compound_id, person_id, project.title, words, path)
