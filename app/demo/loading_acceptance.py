"""A project of the demo as its residents accept it: opinions by phone and on paper, parts checked, signatures, the notice."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

from app.demo.check_lists import CHECK_LISTS
from app.demo.dice import Dice
from app.demo.shapes import Ownership, Project, ProjectAcceptance
from app.demo.telling import Happening, Loader, moment
from app.demo.world import GUESTS
from app.kit.clock import today
from app.renovation import accepting, checking, opining
from app.renovation.acceptance_content import content_of
from app.renovation.acceptance_models import Outcome, PartFound
from app.renovation.acceptance_queries import acceptance_for
from app.renovation.acceptance_schemas import AcceptanceWish, PartCheckWish, PartWish, ProposalWish, SignWish
from app.renovation.check_queries import list_for
from app.renovation.check_schemas import CheckItemWish, CheckListWish
from app.renovation.opinion_schemas import OpinionWish

HAPPY = (5, 5, 5, 4, 4, 4, 4, 3, 3, 2)
"""How many stars, as the dice fall."""


def happenings_of_acceptance(loader: Loader, project: Project) -> Iterator[Happening]:
    told = project.acceptance
    if told is None:
        return
    dice = Dice(f"{loader.story.compound.slug} {project.key} acceptance")
    yield Happening(moment(told.opened_on, 9), partial(_open, loader, project, told))
    days = (min(told.closes_on, today()) - told.opened_on).days
    for n, home in enumerate(_homes(loader, told)):
        on = told.opened_on + timedelta(days=dice.between(f"day {n}", 0, days - 1))
        yield Happening(moment(on, dice.between(f"hour {n}", 10, 20)), partial(_say, loader, project, told, n, home, dice))
    for n, (name, trade, found) in enumerate(told.checked):
        yield Happening(
            moment(told.opened_on + timedelta(days=1 + n), 15), partial(_check, loader, project, told, n, name, trade, found)
        )
    if told.signed_by:
        after = told.closes_on + timedelta(days=1)
        yield Happening(moment(after, 9), partial(_propose, loader, project, told))
        for n, person in enumerate(told.signed_by):
            yield Happening(moment(after, 10 + n), partial(_sign, loader, project, person))
        yield Happening(moment(after, 17), partial(_conclude, loader, project, told.signed_by[0]))


def _homes(loader: Loader, told: ProjectAcceptance) -> list[Ownership]:
    """One in so many, by who owned it then; not of those whom a visitor of the demo can be, who say it themselves."""
    garages = {unit.key for unit in loader.story.units if unit.kind == "garage"}
    theirs = {one.unit for one in loader.story.ownerships if one.person in {guest.person for guest in GUESTS}}
    owned: dict[str, Ownership] = {}
    for one in loader.story.ownerships:
        if one.from_on <= told.opened_on and not one.to_on and one.unit not in garages | theirs:
            owned.setdefault(one.unit, one)
    return list(owned.values())[:: told.asked_every]


def _id(loader: Loader, project: Project) -> UUID:
    return loader.id("acceptance", project.key)


def _open(loader: Loader, project: Project, told: ProjectAcceptance) -> None:
    wish = AcceptanceWish(closes_on=told.closes_on, text=told.says)
    project_id = loader.id("project", project.key)
    accepting.open_round(loader.session, loader.actor(told.by), project_id, _id(loader, project), wish)


def _say(loader: Loader, project: Project, told: ProjectAcceptance, n: int, home: Ownership, dice: Dice) -> None:
    without_phone = loader.story.person(home.person).phone is None
    paper = home.person != told.by and (without_phone or dice.between(f"paper {n}", 1, 10) <= told.papers)
    wish = OpinionWish(
        unit_id=loader.id("unit", home.unit),
        stars=dice.one(f"stars {n}", HAPPY),
        text=told.words[n // 4] if n % 4 == 0 and n // 4 < len(told.words) else None,
        shown=True,
        person_id=loader.id("person", home.person) if paper else None,
    )
    actor = loader.actor(told.by if paper else home.person)
    opining.give_opinion(loader.session, actor, _id(loader, project), loader.id("opinion", f"{project.key}/{n}"), wish)


def _check(
    loader: Loader, project: Project, told: ProjectAcceptance, n: int, name: str, trade: str, found: tuple[str, ...]
) -> None:
    """By the list of the visits; a project without any makes its own, and nobody else uses that."""
    actor, list_id = loader.actor(told.by), loader.id("check list", f"{project.key}/{trade}")
    if not project.visits:
        items = [CheckItemWish(text=text, photo_required=False) for text, _owed in CHECK_LISTS[trade]]
        checking.make_list(loader.session, actor, list_id, CheckListWish(trade=trade, items=items))
        checking.end_list(loader.session, actor, list_id)
    items_ = list_for(loader.session, actor, list_id).items
    checks = [PartCheckWish(item_id=item.id, found=PartFound(one)) for item, one in zip(items_, found, strict=True)]
    id = loader.id("part", f"{project.key}/{n}")
    accepting.check_part(loader.session, actor, _id(loader, project), id, PartWish(name=name, checks=checks))


def _propose(loader: Loader, project: Project, told: ProjectAcceptance) -> None:
    wish = ProposalWish(outcome=Outcome.ACCEPTED, text=told.because)
    accepting.propose(loader.session, loader.actor(told.by), _id(loader, project), loader.id("proposal", project.key), wish)


def _seen(loader: Loader, project: Project, person: str) -> SignWish:
    actor = loader.actor(person)
    content = content_of(loader.session, actor, acceptance_for(loader.session, actor, _id(loader, project)))
    return SignWish(content_hash=sha256(content).hexdigest())


def _sign(loader: Loader, project: Project, person: str) -> None:
    id = loader.id("signature", f"{project.key}/{person}")
    accepting.sign(loader.session, loader.actor(person), _id(loader, project), id, _seen(loader, project, person))


def _conclude(loader: Loader, project: Project, person: str) -> None:
    accepting.conclude(loader.session, loader.actor(person), _id(loader, project), _seen(loader, project, person))
