"""Verbs of questions about a project: a resident asks, somebody who plans or watches works answers by name."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.holders import holders_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.inbox.service import send
from app.kit import events
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed
from app.publiclog.service import Entry, commit_to, publish
from app.renovation import policy
from app.renovation.following import tell_followers
from app.renovation.models import Project
from app.renovation.queries import project_to_change
from app.renovation.question_models import Question, QuestionAnswer, QuestionAnswered
from app.renovation.question_queries import question_card
from app.renovation.question_schemas import QuestionWish, ReplyWish


def ask(session: Session, actor: Actor, project_id: UUID, id: UUID, wish: QuestionWish) -> tuple[Question, bool]:
    """One's own, or that of a neighbour without a phone, who is told. Raises NotAllowed, NotFound, SameIdOtherContent."""
    person_id = for_whom(session, actor, wish.person_id)
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id)
    if before := already(session, Question, actor.compound.id, id, sent):
        return before, False
    question = Question(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        person_id=person_id,
        entered_by_id=actor.person_id if person_id != actor.person_id else None,
        text=wish.text,
        sent_sha256=sent,
    )
    session.add(question)
    session.flush()
    path = f"/works/questions/{question.id}"
    for officer_id in holders_of(session, project.compound_id, Permission.PLAN_WORKS):
        words = _("%(project)s，请答复。", project=project.title)
        send(session, project.compound_id, officer_id, _("居民问工程的事"), words, path)
    if question.entered_by_id:
        words = _("%(project)s，%(name)s替您问的。", project=project.title, name=actor.name)
        send(session, project.compound_id, person_id, _("替您问了一个问题"), words, path)
    _log(session, actor, project, question.id, "question.asked", wish.text, own_words_of=person_id)
    return question, True


def answer_question(session: Session, actor: Actor, question_id: UUID, id: UUID, wish: ReplyWish) -> tuple[QuestionAnswer, bool]:
    """Raises NotAllowed, NotFound, QuestionAnswered, SameIdOtherContent."""
    if not policy.can_answer_question(actor):
        raise NotAllowed
    project = project_to_change(session, actor, question_card(session, actor, question_id).project_id)
    sent = digest(wish, actor.person_id, question_id)
    if before := already(session, QuestionAnswer, actor.compound.id, id, sent):
        return before, False
    question = session.get_one(Question, (project.compound_id, question_id))
    if question_card(session, actor, question_id).answer is not None:
        raise QuestionAnswered
    reply = QuestionAnswer(
        compound_id=project.compound_id,
        id=id,
        question_id=question.id,
        person_id=actor.person_id,
        text=wish.text,
        sent_sha256=sent,
    )
    session.add(reply)
    words, path = _("%(project)s，%(name)s答复了。", project=project.title, name=actor.name), f"/works/questions/{question.id}"
    for person_id in filter(None, (question.person_id, question.entered_by_id)):
        send(session, project.compound_id, person_id, _("您问的有答复了"), words, path)
    tell_followers(session, project, _("有一个提问答复了"), path, but=actor.person_id)
    _log(session, actor, project, question.id, "question.answered", wish.text)
    return reply, True


def _log(
    session: Session, actor: Actor, project: Project, id: UUID, type: str, text: str, *, own_words_of: UUID | None = None
) -> None:
    """A question is its asker's own words; an answer was given for the committee, only the name under it is a person's. `by`:
    who wrote it, for a neighbour too.
    """
    commits = {
        "text": commit_to(session, project.compound_id, text, of=own_words_of),
        "by": commit_to(session, project.compound_id, actor.name, of=actor.person_id),
    }
    entry = Entry(type=type, compound_id=project.compound_id, record_id=id, commits=commits, facts={"project": str(project.id)})
    publish(session, project.compound_id, lambda _index: entry.values())
    events.tell(session, project.compound_id, type, project_id=project.id, question_id=id)
    on_record(session, actor, type, id)
