"""The census for people: one's own entry, one for a neighbour without a phone, and the search for coordinators."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident
from app.access.consents import PURPOSES, Purpose
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.people import PersonChoice, find_people
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.pager import AskedPage, Page
from app.kit.refusals import Malformed, NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.volunteering import census, policy
from app.volunteering.census_models import PARTS, SEEN_SAYS, SLOTS, WEEKDAYS, CensusEntry, SeenBy
from app.volunteering.census_queries import CensusLine, CensusView, census_view, entry_for, entry_of, found_in_census
from app.volunteering.census_schemas import CensusChange, CensusWish, Slot
from app.volunteering.skill_models import LEVEL_SAYS
from app.volunteering.skill_queries import helper_of
from app.volunteering.term_models import TermOf
from app.volunteering.term_queries import offered

router = APIRouter(route_class=OneTransaction, prefix="/volunteering/census", include_in_schema=False)

FilledCensus = Annotated[Filled[CensusWish], filled(CensusWish)]
FilledChange = Annotated[Filled[CensusChange], filled(CensusChange)]

Named = list[tuple[str, str]]


@dataclass(frozen=True)
class CensusPage(View):
    template = "volunteering/census.html"
    tab = "volunteering"

    entry: CensusView | None
    person_id: UUID
    for_whom: str | None
    entered_by: str | None
    """The officer who wrote it down, where it was not the person."""
    levels: dict[str, str]
    seen: dict[str, str]
    slots: dict[str, str]
    may_be_asked: bool
    coordinates: bool
    can_act_for_others: bool


@dataclass(frozen=True)
class CensusFormPage(View):
    template = "volunteering/census_form.html"

    form: Filled[Any]
    action: str
    person_id: UUID | None
    """For whom an officer writes; None for oneself and where an entry stands already."""
    for_whom: str | None
    consent: str | None
    """The words of it, where it is given by this form."""
    skills: Named
    levels: Named
    days: list[tuple[str, Named]]
    seen: Named


@dataclass(frozen=True)
class CensusForOthersPage(View):
    template = "volunteering/census_for_others.html"

    q: str
    people: list[PersonChoice]


@dataclass(frozen=True)
class FoundPage(View):
    template = "volunteering/census_found.html"
    tab = "volunteering"

    found: Page[CensusLine]
    skill: str
    slot: str
    skills: Named
    slots: dict[str, str]
    levels: dict[str, str]


@router.get("")
def show_census(session: DbSession, actor: Resident, person: UUID | None = None) -> CensusPage:
    """One's own entry, or with `person` that of a neighbour."""
    them = _person(session, actor, person)
    entry = entry_of(session, actor.compound.id, them.id)
    by = session.get_one(Person, (actor.compound.id, entry.entered_by_id)) if entry else None
    return CensusPage(
        actor.frame,
        census_view(session, entry) if entry else None,
        them.id,
        _other(actor, them),
        by.name if by and by.id != them.id else None,
        dict(level_names()),
        dict(seen_names()),
        slot_names(),
        helper_of(session, actor.compound.id, them.id).may_be_asked,
        policy.can_plan(actor),
        policy.can_act_for_others(actor),
    )


@router.get("/new")
def show_new(session: DbSession, actor: Resident, person: UUID | None = None) -> CensusFormPage:
    them = _person(session, actor, person)
    return new_page(session, actor, them, empty({"seen_by": SeenBy.COORDINATORS, "person_id": person or ""}))


@router.post("/new")
def post_new(session: DbSession, actor: Resident, request: Request, form: FilledCensus) -> Response:
    them = _person(session, actor, form.uuid_of("person_id"))
    if form.wish is None:
        return new_page(session, actor, them, form).reply(request, 422)
    try:
        census.enter(session, actor, form.id, form.wish)
    except Malformed as no:
        return new_page(session, actor, them, form.with_refusal(no)).reply(request, 422)
    return see_other(_place(actor, them.id), _("登记好了，谢谢您。"))


@router.get("/for-others")
def show_census_for_others(session: DbSession, actor: Officer, q: str = "") -> CensusForOthersPage:
    actor.need(Permission.ACT_FOR_OTHERS)
    return CensusForOthersPage(actor.frame, q[:60], find_people(session, actor.compound.id, q[:60]))


@router.get("/people")
def show_found(session: DbSession, actor: Officer, asked: AskedPage, skill: str = "", slot: Slot | Literal[""] = "") -> FoundPage:
    found = found_in_census(session, actor, asked, skill[:20], slot)
    names = offered(session, actor.compound.id, TermOf.SKILL)
    return FoundPage(actor.frame, found, skill[:20], slot, names, slot_names(), dict(level_names()))


@router.get("/{entry_id}/change")
def show_change(session: DbSession, actor: Resident, entry_id: UUID) -> CensusFormPage:
    entry = entry_for(session, actor, entry_id)
    view = census_view(session, entry)
    typed = {
        "occupation": view.occupation,
        "interests": view.interests,
        "skills": [f"{skill.name}={skill.level}" for skill in view.skills],
        "times": list(view.times),
        "may_call": view.may_call,
        "seen_by": view.seen_by,
    }
    return change_page(session, actor, entry, Filled(new_id(), view.version, typed, None))


@router.post("/{entry_id}/change")
def post_change(session: DbSession, actor: Resident, request: Request, entry_id: UUID, form: FilledChange) -> Response:
    entry = entry_for(session, actor, entry_id)
    if form.wish is None:
        return change_page(session, actor, entry, form).reply(request, 422)
    try:
        census.change(session, actor, entry_id, form.version or 0, form.wish)
    except Malformed as no:
        return change_page(session, actor, entry, form.with_refusal(no)).reply(request, 422)
    except Stale as no:
        said = f"{no.message}{_('再按一次，就改成您写的。')}"
        again = form.seen_again(census_view(session, entry).version, "", said)
        return change_page(session, actor, entry, again).reply(request, no.status)
    return see_other(_place(actor, entry.person_id), _("改好了。"))


@router.post("/{entry_id}/confirm")
def post_confirm(session: DbSession, actor: Resident, entry_id: UUID) -> Response:
    entry = census.confirm(session, actor, entry_id)
    return see_other(_place(actor, entry.person_id), _("确认好了，明年再问您。"))


@router.post("/{entry_id}/withdraw")
def post_withdraw(session: DbSession, actor: Resident, entry_id: UUID) -> Response:
    census.take_back(session, actor, entry_id)
    return see_other(f"{actor.frame.base}/volunteering/census", _("删掉了，从现在起不再用。"))


def new_page(session: Session, actor: Actor, them: Person, form: Filled[Any]) -> CensusFormPage:
    action, wording = f"{actor.frame.base}/volunteering/census/new", _(PURPOSES[Purpose.SKILLS][1])
    other = _other(actor, them)
    return form_page(session, actor, form, action, them.id if other else None, other, wording)


def change_page(session: Session, actor: Actor, entry: CensusEntry, form: Filled[Any]) -> CensusFormPage:
    them = session.get_one(Person, (entry.compound_id, entry.person_id))
    action = f"{actor.frame.base}/volunteering/census/{entry.id}/change"
    return form_page(session, actor, form, action, None, _other(actor, them), None)


def form_page(
    session: Session,
    actor: Actor,
    form: Filled[Any],
    action: str,
    person_id: UUID | None,
    for_whom: str | None,
    consent: str | None,
) -> CensusFormPage:
    chosen = [line.rpartition("=")[0] for line in form.typed.get("skills", []) if line]
    days = [(name, [(f"{day}-{part}", _(says)) for part, says in PARTS.items()]) for day, name in day_names().items()]
    return CensusFormPage(
        actor.frame,
        form,
        action,
        person_id,
        for_whom,
        consent,
        offered(session, actor.compound.id, TermOf.SKILL, *chosen),
        level_names(),
        days,
        seen_names(),
    )


def level_names() -> Named:
    return [(level.value, _(says)) for level, says in LEVEL_SAYS.items()]


def seen_names() -> Named:
    return [(seen.value, _(says)) for seen, says in SEEN_SAYS.items()]


def day_names() -> dict[str, str]:
    return dict(zip(WEEKDAYS, (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")), strict=True))


def slot_names() -> dict[str, str]:
    days = day_names()
    return {slot: days[slot.partition("-")[0]] + " " + _(PARTS[slot.partition("-")[2]]) for slot in SLOTS}


def _person(session: Session, actor: Actor, person_id: UUID | None) -> Person:
    """Oneself, or for an officer a neighbour. Raises NotFound."""
    them = session.get(Person, (actor.compound.id, person_id or actor.person_id))
    if them is None or not policy.writes_census_of(actor, them.id):
        raise NotFound
    return them


def _other(actor: Actor, them: Person) -> str | None:
    return them.name if them.id != actor.person_id else None


def _place(actor: Actor, person_id: UUID) -> str:
    other = f"?person={person_id}" if person_id != actor.person_id else ""
    return f"{actor.frame.base}/volunteering/census{other}"
