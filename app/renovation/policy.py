"""Who may: asked by the verbs and by the templates alike."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor, Visitor
from app.access.permissions import Permission
from app.compounds.people import share_a_home
from app.kit.refusals import NotAllowed, Refusal
from app.renovation.acceptance_models import ASKED_AT, Acceptance
from app.renovation.dispute_models import Dispute, NotImpartial
from app.renovation.document_models import Document
from app.renovation.finding_models import SUPERVISORS, ActKind, Finding
from app.renovation.life_models import PROJECT_MOVES, ProjectActKind
from app.renovation.models import Project
from app.renovation.problem_models import Problem


def can_plan(actor: Visitor) -> bool:
    return actor.may(Permission.PLAN_WORKS)


def can_record(actor: Visitor, project: Project, kind: ProjectActKind) -> bool:
    """Whether this step of a project's life may be written down now."""
    move = PROJECT_MOVES.get(kind)
    return can_plan(actor) and move is not None and project.stage in move.of


def can_see_problems(actor: Visitor) -> bool:
    """What residents report tells where they live: for who plans works or watches them."""
    return can_plan(actor) or can_supervise(actor)


def can_see_problem(actor: Actor, problem: Problem) -> bool:
    return can_see_problems(actor) or speaks_for(actor, problem)


def speaks_for(actor: Actor, problem: Problem) -> bool:
    """Whoever reported it, or wrote it down for them."""
    return actor.person_id in (problem.reported_by_id, problem.entered_by_id)


def can_act_for_others(actor: Visitor) -> bool:
    return actor.may(Permission.ACT_FOR_OTHERS)


def can_type_opinions(actor: Visitor) -> bool:
    """From paper, for who has no phone."""
    return actor.may(Permission.ACT_FOR_OTHERS)


def can_supervise(actor: Visitor) -> bool:
    return actor.may(Permission.SUPERVISE)


def can_report_progress(actor: Visitor) -> bool:
    """Whoever plans works, and whoever was on the site."""
    return can_plan(actor) or can_supervise(actor)


def can_record_payment(actor: Visitor) -> bool:
    """Who plans works hears what the bureau has paid; who books money knows what the compound has."""
    return can_plan(actor) or actor.may(Permission.BOOK_MONEY)


def can_answer_question(actor: Visitor) -> bool:
    """Residents ask about the works: whoever plans them knows, and who watches them."""
    return can_plan(actor) or can_supervise(actor)


def can_see_all_documents(actor: Visitor) -> bool:
    """Also the papers of a project that are not public, and the files as they were sent."""
    return can_plan(actor) or can_supervise(actor)


def can_see_document(actor: Visitor, document: Document) -> bool:
    return document.public or can_see_all_documents(actor)


def can_prepare(actor: Visitor) -> bool:
    """What a visit goes by, check lists and photo points: by those who look, and by those who plan."""
    return can_supervise(actor) or can_plan(actor)


def can_see_originals(actor: Visitor) -> bool:
    """Originals carry positions, faces and plates: for supervisors only (TRUST.md)."""
    return can_supervise(actor)


def can_call_contractor(actor: Visitor) -> bool:
    """The contractor's telephone number is for those who deal with them."""
    return can_supervise(actor) or can_plan(actor)


def can_open_round(actor: Visitor, project: Project, latest: Acceptance | None) -> bool:
    """Of one's own acceptance of a project, where there is something to judge and none is under way."""
    return can_supervise(actor) and project.stage in ASKED_AT and (latest is None or latest.concluded_at is not None)


def may(actor: Visitor, finding: Finding, kind: ActKind) -> bool:
    """Whether this supervisor may take this step now: the very question that the verb asks."""
    if not isinstance(actor, Actor) or not can_supervise(actor) or kind not in SUPERVISORS:
        return False
    return finding.why_not(kind, actor.person_id) is None


def can_mediate(actor: Visitor) -> bool:
    return actor.may(Permission.MEDIATE)


def can_see_dispute(actor: Actor, dispute: Dispute, party_ids: Collection[UUID]) -> bool:
    return can_mediate(actor) or actor.person_id in (dispute.mediator_id, *party_ids)


def why_not_mediate(session: Session, actor: Actor, party_ids: Collection[UUID]) -> Refusal | None:
    """Nobody mediates between themselves, or their own home, and somebody else."""
    if not can_mediate(actor):
        return NotAllowed()
    if actor.person_id in party_ids or any(share_a_home(session, actor.compound.id, id, actor.person_id) for id in party_ids):
        return NotImpartial()
    return None
