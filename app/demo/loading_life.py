"""A project of the demo from the first complaint to the warranty: steps, contract, payments, progress, papers, questions."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from app.demo.shapes import Dispute, Problem, Project, ProjectLife, ProjectPaper, ProjectStep, Question
from app.demo.telling import Happening, Loader, moment
from app.kit.money import PositiveMoney
from app.photos.service import keep
from app.renovation import contracting, documents, following, living, mediating, problems, questions, works
from app.renovation.contract_schemas import PaymentWish, WorksContractWish
from app.renovation.dispute_models import DisputeActKind, DisputeSide
from app.renovation.dispute_queries import dispute_view
from app.renovation.dispute_schemas import DisputeActWish, DisputeWish
from app.renovation.document_models import DocumentKind
from app.renovation.document_schemas import DocumentWish
from app.renovation.life_models import ProjectActKind
from app.renovation.life_queries import last_of
from app.renovation.life_schemas import ProjectActWish
from app.renovation.problem_models import ProblemKind
from app.renovation.problem_schemas import ProblemWish, SettleWish
from app.renovation.queries import phases_of, project_for
from app.renovation.question_schemas import QuestionWish, ReplyWish
from app.renovation.schemas import ProgressWish
from app.renovation.warranty_models import WarrantyKind


def happenings_of_life(loader: Loader, project: Project, planner: str, planned_at: datetime) -> Iterator[Happening]:
    """Nothing of it before the project is on record."""
    life = project.life
    if life is None:
        return

    def at(day: date, hour: int) -> datetime:
        return max(moment(day, hour), planned_at)

    for n, problem in enumerate(life.problems):
        yield Happening(at(problem.on, 8), partial(_report, loader, problem, n))
        yield Happening(at(problem.on, 12), partial(_settle, loader, project, problem, n, planner))
    for n, step in enumerate(life.steps):
        yield Happening(at(step.until_on or step.on, 16), partial(_step, loader, project, step, n, planner))
    yield Happening(at(life.contract.signed_on, 15), partial(_sign, loader, project, life, planner))
    for n, (day, fen) in enumerate(life.contract.payments):
        yield Happening(at(day, 17), partial(_pay, loader, project, n, day, fen, planner))
    for n, (phase, day, percent, by) in enumerate(life.progress):
        yield Happening(at(day, 19), partial(_progress, loader, project, n, phase, ProgressWish(percent=percent, on=day), by))
    for paper in life.papers:
        yield Happening(at(paper.on, 18), partial(_file, loader, project, paper, planner))
    for n, question in enumerate(life.questions):
        yield Happening(at(question.on, 11), partial(_ask, loader, project, question, n))
    for dispute in life.disputes:
        yield Happening(at(dispute.on, 9), partial(_open, loader, project, dispute))
        for days, act in enumerate((_state, _propose, _agree)):
            yield Happening(at(dispute.on + timedelta(days=days), 14), partial(act, loader, dispute))
        yield Happening(at(dispute.follow_up_on, 10), partial(_look_again, loader, dispute))
        yield Happening(at(dispute.follow_up_on + timedelta(days=1), 10), partial(_tell, loader, dispute))
    for person in life.followers:
        yield Happening(at(life.contract.signed_on, 20), partial(_follow, loader, project, person))


def _report(loader: Loader, told: Problem, n: int) -> None:
    wish = ProblemWish(
        kind=ProblemKind(told.kind),
        building_id=loader.id("building", told.building) if told.building else None,
        place=told.place,
        text=told.says,
    )
    problems.report_problem(loader.session, loader.actor(told.person), loader.id("problem", str(n)), wish)


def _settle(loader: Loader, project: Project, told: Problem, n: int, planner: str) -> None:
    """Those of the last days wait."""
    assert project.life
    before_it_began = told.on < project.life.steps[-1].on
    if told.answered or before_it_began:
        taken = None if told.answered else loader.id("project", project.key)
        wish = SettleWish(project_id=taken, text=told.answered or None)
        id = loader.id("settling", str(n))
        problems.settle_problem(loader.session, loader.actor(planner), loader.id("problem", str(n)), id, wish)


def _step(loader: Loader, project: Project, told: ProjectStep, n: int, planner: str) -> None:
    wish = ProjectActWish(
        kind=ProjectActKind(told.kind),
        happened_on=told.on,
        until_on=told.until_on,
        office=told.office or None,
        reference=told.reference or None,
        how=told.how or None,
        text=told.says or None,
        parts=tuple(WarrantyKind(part) for part in told.parts),
    )
    id = loader.id("step", f"{project.key}/{n}")
    living.act_on(loader.session, loader.actor(planner), loader.id("project", project.key), id, wish)


def _sign(loader: Loader, project: Project, life: ProjectLife, planner: str) -> None:
    told = life.contract
    works_begin = [phase.began_on or phase.planned_from_on for phase in project.phases if phase.key != "apply"]
    wish = WorksContractWish.model_validate(
        {
            "contractor": project.contractor,
            "supervisor": told.supervisor or None,
            "amount": PositiveMoney.of(project.contract_fen),
            "signed_on": told.signed_on,
            "from_on": min(works_begin),
            "to_on": max(phase.planned_to_on for phase in project.phases),
            "milestones": [{"name": name, "share": share, "when": when} for name, share, when in told.milestones],
        }
    )
    id = loader.id("works contract", project.key)
    contracting.sign_contract(loader.session, loader.actor(planner), loader.id("project", project.key), id, wish)


def _pay(loader: Loader, project: Project, n: int, day: date, fen: int, planner: str) -> None:
    wish = PaymentWish.model_validate({"amount": PositiveMoney.of(fen), "paid_on": day, "payer": project.paid_from})
    id = loader.id("works payment", f"{project.key}/{n}")
    contracting.record_payment(loader.session, loader.actor(planner), loader.id("project", project.key), id, wish)


def _progress(loader: Loader, project: Project, n: int, name: str, wish: ProgressWish, by: str) -> None:
    actor = loader.actor(by)
    found = phases_of(loader.session, project_for(loader.session, actor, loader.id("project", project.key)))
    phase = next(phase for phase in found if phase.name == name)
    works.report_progress(loader.session, actor, phase.id, loader.id("progress", f"{project.key}/{n}"), wish)


def _file(loader: Loader, project: Project, told: ProjectPaper, planner: str) -> None:
    actor, id = loader.actor(planner), loader.id("project", project.key)
    act = last_of(loader.session, project_for(loader.session, actor, id), ProjectActKind(told.with_step))
    wish = DocumentWish(kind=DocumentKind(told.kind), title=told.title, public=True, act_id=act.id if act else None)
    page = keep(loader.session, actor.compound.id, loader.id("page", told.key), loader.prints[told.key], actor.person_id)
    documents.file_document(loader.session, actor, id, loader.id("document", told.key), wish, [page.photo])


def _ask(loader: Loader, project: Project, told: Question, n: int) -> None:
    id, asker = loader.id("question", str(n)), loader.actor(told.person)
    questions.ask(loader.session, asker, loader.id("project", project.key), id, QuestionWish(text=told.says))
    if told.answer:
        wish = ReplyWish(text=told.answer)
        questions.answer_question(loader.session, loader.actor(told.by), id, loader.id("reply", str(n)), wish)


def _open(loader: Loader, project: Project, told: Dispute) -> None:
    wish = DisputeWish(
        project_id=loader.id("project", project.key),
        subject=told.subject,
        person_ids=(loader.id("person", told.person),),
        contractor=project.contractor,
    )
    mediating.open_dispute(loader.session, loader.actor(told.mediator), loader.id("dispute", told.key), wish)


def _state(loader: Loader, told: Dispute) -> None:
    _step_of(loader, told, told.person, DisputeActKind.STATED, text=told.says)
    _step_of(loader, told, told.mediator, DisputeActKind.STATED, party_id=_firm(loader, told), text=told.firm_says)


def _propose(loader: Loader, told: Dispute) -> None:
    _step_of(loader, told, told.mediator, DisputeActKind.PROPOSED, text=told.proposal, follow_up_on=told.follow_up_on)


def _agree(loader: Loader, told: Dispute) -> None:
    _both(loader, told, DisputeActKind.AGREED, DisputeActKind.PROPOSED, "孟工当面在协议上签了字。")


def _look_again(loader: Loader, told: Dispute) -> None:
    _step_of(loader, told, told.mediator, DisputeActKind.FOLLOWED_UP, text=told.found)


def _tell(loader: Loader, told: Dispute) -> None:
    _step_of(loader, told, told.mediator, DisputeActKind.WORDED, text=told.told)
    _both(loader, told, DisputeActKind.CONSENTED, DisputeActKind.WORDED, "孟工电话里说可以。")
    words = _act_id(loader, told, DisputeActKind.WORDED, told.mediator)
    _step_of(loader, told, told.mediator, DisputeActKind.PUBLISHED, of_id=words)


def _both(loader: Loader, told: Dispute, kind: DisputeActKind, about: DisputeActKind, how: str) -> None:
    """The resident by phone, the contractor through the mediator."""
    of_id = _act_id(loader, told, about, told.mediator)
    _step_of(loader, told, told.person, kind, of_id=of_id)
    _step_of(loader, told, told.mediator, kind, of_id=of_id, party_id=_firm(loader, told), text=how)


def _step_of(loader: Loader, told: Dispute, by: str, kind: DisputeActKind, **more: Any) -> None:
    wish = DisputeActWish(kind=kind, **more)
    id = _act_id(loader, told, kind, by)
    mediating.act(loader.session, loader.actor(by), loader.id("dispute", told.key), id, wish)


def _act_id(loader: Loader, told: Dispute, kind: DisputeActKind, by: str) -> UUID:
    return loader.id("dispute act", f"{told.key}/{kind}/{by}")


def _firm(loader: Loader, told: Dispute) -> UUID:
    view = dispute_view(loader.session, loader.actor(told.mediator), loader.id("dispute", told.key))
    return next(party.id for party in view.parties if party.side == DisputeSide.CONTRACTOR)


def _follow(loader: Loader, project: Project, person: str) -> None:
    following.follow(loader.session, loader.actor(person), loader.id("project", project.key))
