"""The officers' door to the roster: search, a unit, a person, the file that is taken home."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, officer
from app.access.permissions import Permission
from app.access.record import on_record
from app.access.resetting import RESET_LASTS, make_reset_code
from app.compounds.people import PersonChoice, find_people
from app.kit.clock import today
from app.kit.db import reading
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.roster import keeping, policy
from app.roster.comparing import KIND_SAYS
from app.roster.exporting import as_csv, as_xlsx, said_lines
from app.roster.queries import (
    BuildingCount,
    SlipLine,
    Tie,
    UnitCard,
    UnitLine,
    buildings,
    person_for,
    roster_lines,
    shown_phone,
    slips,
    tie_for,
    ties,
    unit_for,
    units_in,
)
from app.roster.schemas import EndWish, PersonWish, TieWish
from app.roster.template import empty_roster

router = APIRouter(route_class=OneTransaction, prefix="/roster", include_in_schema=False)

FilledPerson = Annotated[Filled[PersonWish], filled(PersonWish)]
FilledTie = Annotated[Filled[TieWish], filled(TieWish)]
FilledEnd = Annotated[Filled[EndWish], filled(EndWish)]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class May:
    """What this officer may do here; `confirmed`: the second factor is fresh, and forms for changes are shown."""

    change: bool
    invite: bool
    confirmed: bool


@dataclass(frozen=True)
class RosterPage(View):
    template = "roster/list.html"
    tab = "home"

    q: str
    place: UUID | None
    buildings: list[BuildingCount]
    units: list[UnitLine]
    people: list[PersonChoice]
    may: May


@dataclass(frozen=True)
class UnitPage(View):
    template = "roster/unit.html"
    tab = "home"

    unit: UnitCard
    kinds: dict[str, str]
    ties: list[Tie]
    slips: list[SlipLine]
    form: Filled[Any]
    ending: UUID | None
    """The tie whose form stands open."""
    may: May


@dataclass(frozen=True)
class PersonPage(View):
    template = "roster/person.html"
    tab = "home"

    person_id: UUID
    name: str
    phone: str
    account: str
    """ "", "open", "suspended" or "closed"."""
    ties: list[Tie]
    form: Filled[PersonWish]
    may: May


@dataclass(frozen=True)
class ResetCodePage(View):
    template = "roster/reset_code.html"

    person_id: UUID
    name: str
    code: str
    minutes: int


@router.get("")
def show_roster(session: DbSession, actor: Officer, q: str = "", place: UUID | None = None) -> RosterPage:
    q = q[:60].strip()
    if not policy.can_see(actor):
        raise NotAllowed
    return RosterPage(
        actor.frame,
        q,
        place,
        buildings(session, actor),
        units_in(session, actor, place=place, q=q, limit=400 if place else 40) if q or place else [],
        find_people(session, actor.compound.id, q),
        may(actor),
    )


@router.get("/template")
def get_template(actor: Officer) -> Response:
    """A committee that has no file begins with this one."""
    if not policy.can_see(actor):
        raise NotAllowed
    return download(empty_roster(), "gongzhi-roster-template.xlsx", XLSX)


async def exported(request: Request, form: Annotated[Literal["xlsx", "csv"], Form()] = "xlsx") -> bytes:
    """The file, made before the transaction that puts the export on record."""

    def make() -> bytes:
        with reading(request.app.state.db) as session:
            actor = officer(session, request)
            actor.need(Permission.SEE_ROSTER)
            actor.need_second_factor()
            lines = said_lines(roster_lines(session, actor))
        return as_csv(lines) if form == "csv" else as_xlsx(lines)

    return await to_thread.run_sync(make, limiter=request.app.state.db.readers)


@router.post("/export")
def post_export(
    session: DbSession,
    actor: Officer,
    file: Annotated[bytes, Depends(exported)],
    form: Annotated[Literal["xlsx", "csv"], Form()] = "xlsx",
) -> Response:
    """A POST, because it leaves a line in the audit: the whole roster left the house. Asks for the second factor."""
    actor.need(Permission.SEE_ROSTER)
    actor.need_second_factor()
    on_record(session, actor, "roster.exported", form)
    kind = "text/csv; charset=utf-8" if form == "csv" else XLSX
    return download(file, f"{actor.compound.slug}-roster-{today().isoformat()}.{form}", kind)


@router.get("/units/{unit_id}")
def show_unit(session: DbSession, actor: Officer, unit_id: UUID, end: UUID | None = None) -> UnitPage:
    """With `end`, the form that ends this tie stands open."""
    return unit_page(session, actor, unit_id, empty(), ending=end)


@router.post("/units/{unit_id}/people")
def post_tie(session: DbSession, actor: Officer, request: Request, unit_id: UUID, form: FilledTie) -> Response:
    actor.need(Permission.CHANGE_ROSTER)
    if form.wish is None:
        return unit_page(session, actor, unit_id, form).reply(request, 422)
    keeping.add_tie(session, actor, unit_id, form.wish)
    return see_other(f"{actor.frame.base}/roster/units/{unit_id}", _("登记好了。"))


@router.post("/ties/{tie_id}/end")
def post_end_tie(session: DbSession, actor: Officer, request: Request, tie_id: UUID, form: FilledEnd) -> Response:
    actor.need(Permission.CHANGE_ROSTER)
    if form.wish is None:
        unit_id = tie_for(session, actor, tie_id).unit_id
        return unit_page(session, actor, unit_id, form, ending=tie_id).reply(request, 422)
    tie = keeping.end_tie(session, actor, tie_id, form.wish)
    return see_other(f"{actor.frame.base}/roster/units/{tie.unit_id}", _("记好了，从前的记录还在。"))


@router.get("/people/{person_id}")
def show_person(session: DbSession, actor: Officer, person_id: UUID) -> PersonPage:
    return person_page(session, actor, person_id)


@router.post("/people/{person_id}")
def post_person(session: DbSession, actor: Officer, request: Request, person_id: UUID, form: FilledPerson) -> Response:
    actor.need(Permission.CHANGE_ROSTER)
    if form.wish is None:
        return person_page(session, actor, person_id, form).reply(request, 422)
    keeping.change_person(session, actor, person_id, form.wish)
    return see_other(f"{actor.frame.base}/roster/people/{person_id}", _("改好了。"))


@router.post("/people/{person_id}/suspend")
def post_suspend(session: DbSession, actor: Officer, person_id: UUID) -> Response:
    keeping.suspend(session, actor, person_id, suspended=True)
    return see_other(f"{actor.frame.base}/roster/people/{person_id}", _("账号停用了，他已被退出登录。"))


@router.post("/people/{person_id}/resume")
def post_resume(session: DbSession, actor: Officer, person_id: UUID) -> Response:
    keeping.suspend(session, actor, person_id, suspended=False)
    return see_other(f"{actor.frame.base}/roster/people/{person_id}", _("账号恢复了。"))


@router.post("/people/{person_id}/reset")
def post_reset_code(session: DbSession, actor: Officer, request: Request, person_id: UUID) -> ResetCodePage:
    """The code stands on this page only; asking again makes another and ends this one."""
    code = make_reset_code(session, actor, person_id, request.app.state.settings.secret)
    person, _account = person_for(session, actor, person_id)
    grouped = " ".join(code[i : i + 4] for i in range(0, len(code), 4))
    return ResetCodePage(actor.frame, person_id, person.name, grouped, int(RESET_LASTS.total_seconds()) // 60)


def unit_page(session: Session, actor: Actor, unit_id: UUID, form: Filled[Any], *, ending: UUID | None = None) -> UnitPage:
    """`form`: whichever of the page's forms has come back; their fields have different names."""
    day = today().isoformat()
    return UnitPage(
        actor.frame,
        unit_for(session, actor, unit_id),
        kind_names(),
        ties(session, actor, unit_id=unit_id),
        slips(session, actor, unit_id, limit=5),
        replace(form, typed={"from_on": day, "to_on": day, "relation": "owner", **form.typed}),
        ending,
        may(actor),
    )


def person_page(session: Session, actor: Actor, person_id: UUID, form: Filled[PersonWish] | None = None) -> PersonPage:
    person, account = person_for(session, actor, person_id)
    state = "" if account is None else "closed" if account.closed_at else "suspended" if account.suspended_at else "open"
    return PersonPage(
        actor.frame,
        person.id,
        person.name,
        shown_phone(person.phone, full=policy.can_change(actor)),
        state,
        ties(session, actor, person_id=person_id),
        form or empty({"name": person.name, "phone": person.phone or ""}),
        may(actor),
    )


def may(actor: Actor) -> May:
    return May(policy.can_change(actor), policy.can_invite(actor), actor.has_fresh_second_factor)


def kind_names() -> dict[str, str]:
    return {kind.value: _(says) for kind, says in KIND_SAYS.items()}


def download(content: bytes, filename: str, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{filename}"'})
