"""The list of an item that goes by one: brought as a file or typed, looked at, and kept once it is confirmed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.actors import officer as officer_of
from app.access.permissions import Permission
from app.benefits import drafting
from app.benefits.distribution_queries import distribution_for, listed_item_for
from app.benefits.draft_schemas import ListForm
from app.benefits.list_reading import MEASURE_SAYS, ListReading, Measure, read_file, read_typed, typed_of
from app.benefits.models import Distribution, Item, ShareRule
from app.benefits.rolling import units_in_order
from app.benefits.working import much
from app.kit.forms import Filled, changing, empty, filled, version_typed
from app.kit.i18n import _
from app.kit.money import square_metres
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.spreadsheets import Cell, Form, cell_of, sheet
from app.kit.tables import Problem, Trouble
from app.kit.uploads import Sent
from app.kit.versions import Stale
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

SHOWN = 60
"""Problems, or units, that a page shows at once."""

FilledList = Annotated[Filled[ListForm], filled(ListForm)]


@dataclass(frozen=True)
class ListPage(View):
    """`trouble`: why a file could not be read. `problems`: what is wrong with what was brought; nothing of it was kept."""

    template = "benefits/item_list.html"

    d: Distribution
    item: Item
    measure: str
    """金额, 份数 or 人数."""
    persons: bool
    count: int
    """Units of the list that stands."""
    total: str
    form: Filled[ListForm]
    trouble: Trouble | None
    problems: tuple[Problem, ...]
    more: int
    """Problems that are not shown."""


@dataclass(frozen=True)
class LookPage(View):
    """What the list says, before it is kept."""

    template = "benefits/item_list_look.html"

    d: Distribution
    item: Item
    measure: str
    count: int
    total: str
    left_out: int
    """Units of the plan that it does not name."""
    buildings: list[tuple[str, int]]
    rows: list[tuple[str, str]]
    instead: str | None
    """What stands there now, where somebody changed the plan since this list was begun."""
    form: Filled[ListForm]


@dataclass(frozen=True)
class Brought:
    """What came with a form: the list that was read, or why it was not."""

    form: Filled[ListForm]
    reading: ListReading | Trouble


Reader = Callable[[Measure, list[str], str], ListReading | Trouble]


async def _brought(request: Request, id: UUID, item_id: UUID, form: Filled[ListForm], read: Reader) -> Brought:
    """Reading, before any transaction, and only for who plans. One list is read at a time."""
    state = request.app.state

    def who(session: Session) -> tuple[Measure, list[str], str]:
        actor = officer_of(session, request)
        d, item = _item(session, actor, id, item_id)
        return Measure.of(item), [unit.label for unit in units_in_order(session, d)], actor.compound.name

    told = await state.db.look(who)
    return Brought(form, await to_thread.run_sync(read, *told, limiter=state.parsing))


async def from_file(request: Request, sent: Sent, id: UUID, item_id: UUID) -> Brought:
    form = replace(empty(), version=version_typed(sent.typed.get("version")))
    if sent.trouble:
        return Brought(form, sent.trouble)
    return await _brought(request, id, item_id, form, partial(read_file, sent.data, sent.filename))


async def from_text(request: Request, form: FilledList, id: UUID, item_id: UUID) -> Brought:
    typed = form.wish.typed if form.wish else ""
    return await _brought(request, id, item_id, form, partial(read_typed, typed))


@router.get("/{id}/items/{item_id}/list")
def show_list(session: DbSession, actor: Officer, id: UUID, item_id: UUID) -> ListPage:
    return list_page(actor, *_item(session, actor, id, item_id))


@router.post("/{id}/items/{item_id}/list/file")
def post_file(
    session: DbSession,
    actor: Officer,
    request: Request,
    id: UUID,
    item_id: UUID,
    file: Annotated[Brought, Depends(from_file), TakesFiles()],
) -> Response:
    return _look(session, actor, request, id, item_id, file)


@router.post("/{id}/items/{item_id}/list/look")
def post_typed(
    session: DbSession, actor: Officer, request: Request, id: UUID, item_id: UUID, text: Annotated[Brought, Depends(from_text)]
) -> Response:
    return _look(session, actor, request, id, item_id, text)


@router.post("/{id}/items/{item_id}/list")
def post_list(
    session: DbSession, actor: Officer, request: Request, id: UUID, item_id: UUID, text: Annotated[Brought, Depends(from_text)]
) -> Response:
    """What the look showed, sent back; it was read again, for it came through a browser. After somebody else's change it is
    looked at once more, beside what stands there now.
    """
    if isinstance(text.reading, Trouble) or text.reading.problems:
        return _look(session, actor, request, id, item_id, text)
    try:
        drafting.keep_list(session, actor, id, item_id, text.form.version, text.reading.listed)
    except Stale:
        return _look(session, actor, request, id, item_id, text)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("名单存好了。"))


@router.get("/{id}/items/{item_id}/list/{form}")
def show_template(session: DbSession, actor: Officer, id: UUID, item_id: UUID, form: Form) -> Response:
    """A table with every room of the plan and what the list says of it so far, to be filled in and brought back."""
    d, item = _item(session, actor, id, item_id)
    measure = Measure.of(item)

    def cell(value: int) -> Cell:
        return "" if not value else cell_of(value) if measure is Measure.FEN else value

    rows: list[list[Cell]] = [[_("房号"), _("面积"), _(MEASURE_SAYS[measure])]]
    rows += [[u.label, square_metres(u.area), cell(item.listed.get(u.label, 0))] for u in units_in_order(session, d)]
    return sheet(form, _("名单"), rows, f"{actor.compound.slug}-list-{d.reference}-{item.position}")


def list_page(actor: Actor, d: Distribution, item: Item, came: Brought | None = None) -> ListPage:
    form, reading = (came.form, came.reading) if came else (changing({}, d.edition), None)
    measure = Measure.of(item)
    trouble = reading if isinstance(reading, Trouble) else None
    problems = reading.problems if isinstance(reading, ListReading) else ()
    typed = form.typed or {"typed": typed_of(item.listed, measure)}
    return ListPage(
        actor.frame,
        d,
        item,
        _(MEASURE_SAYS[measure]),
        measure is Measure.PERSONS,
        len(item.listed),
        _sum(item, item.listed),
        Filled(form.id, form.version, typed, None, form.problems),
        trouble,
        problems[:SHOWN],
        max(0, len(problems) - SHOWN),
    )


def _look(session: Session, actor: Actor, request: Request, id: UUID, item_id: UUID, came: Brought) -> Response:
    d, item = _item(session, actor, id, item_id)
    reading = came.reading
    if isinstance(reading, Trouble) or reading.problems:
        return list_page(actor, d, item, came).reply(request, 422)
    measure, listed = Measure.of(item), reading.listed
    units = units_in_order(session, d)
    by_building = Counter(unit.building for unit in units if unit.label in listed)
    stale = came.form.version != d.edition
    return LookPage(
        actor.frame,
        d,
        item,
        _(MEASURE_SAYS[measure]),
        len(listed),
        _sum(item, listed),
        len(units) - len(listed),
        list(by_building.items()),
        [(label, _said(item, value)) for label, value in list(listed.items())[:SHOWN]],
        _stands(item) if stale else None,
        changing({"typed": typed_of(listed, measure)}, d.edition),
    ).reply(request, 422 if stale else 200)


def _sum(item: Item, listed: dict[str, int]) -> str:
    """What the list comes to in all: of persons how many there are, and what they get."""
    total = sum(listed.values())
    if item.rule != ShareRule.PER_PERSON:
        return much(item, total)
    return _("%(n)s 人，每人 %(each)s", n=total, each=much(item, item.asked))


def _stands(item: Item) -> str:
    return _("%(n)s 户，%(total)s", n=len(item.listed), total=_sum(item, item.listed)) if item.listed else _("还没有名单")


def _said(item: Item, value: int) -> str:
    return _("%(n)s 人", n=value) if item.rule == ShareRule.PER_PERSON else much(item, value)


def _item(session: Session, actor: Actor, id: UUID, item_id: UUID) -> tuple[Distribution, Item]:
    """Also of a published plan, whose list is put right for a correction. Raises NotAllowed, SecondFactorNeeded, NotFound."""
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    d = distribution_for(session, actor, id)
    return d, listed_item_for(session, d, item_id)
