"""The table of contents: which rooms there are, which doors are open, what runs beside the requests."""

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from anyio import CapacityLimiter, create_task_group, sleep, to_thread
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.access import api as access_api
from app.access import demo_door, reset_pages, resetting
from app.access import pages as access_pages
from app.access import reference as access_reference
from app.access.actors import SESSION_USED
from app.access.service import keep_used
from app.benefits import api as benefits_api
from app.benefits import (
    delivery_pages,
    draft_pages,
    handover_api,
    handover_pages,
    list_pages,
    outcome_api,
    outcome_pages,
    people_api,
    plan_api,
    plan_pages,
    queue_pages,
    stock_pages,
    table_pages,
    telling,
    transfer_pages,
)
from app.benefits import pages as benefits_pages
from app.compounds.workdays import use_calendar_of
from app.council import api as council_api
from app.council import pages as council_pages
from app.home import mail_pages, my_pages
from app.home import pages as home_pages
from app.inbox import mailing
from app.inbox.models import Message
from app.inbox.service import MAIL
from app.kit import sightings
from app.kit.answers import answer_refusals, refuse_cross_site
from app.kit.behind import Behind
from app.kit.blobs import LocalBlobs
from app.kit.db import Database, reading
from app.kit.headers import Headers
from app.kit.i18n import current
from app.kit.jobs import Handler, Handlers, work
from app.kit.mailing import Mailer
from app.kit.migrations import head
from app.kit.openapi import PROBLEMS, describe
from app.kit.pictures import PictureDesk
from app.kit.robots import Robot
from app.kit.same_origin import SameOrigin
from app.kit.signposts import Signposts
from app.kit.speaking import InTheirLanguage
from app.kit.texting import Gateway
from app.kit.views import APP, Frame, View
from app.notices import announcement_pages, objecting
from app.notices import api as notices_api
from app.notices import board_pages as notice_board_pages
from app.notices import pages as notices_pages
from app.photos.models import Photo
from app.photos.service import sweep_orphans
from app.proofs import api as proofs_api
from app.proofs import pages as proofs_pages
from app.publiclog.service import append_queued
from app.renovation import (
    acceptance_api,
    acceptance_pages,
    accepting,
    check_pages,
    contractor_api,
    contractor_pages,
    dispute_api,
    dispute_pages,
    document_api,
    document_pages,
    file_api,
    file_pages,
    finding_api,
    finding_pages,
    findings,
    following_api,
    following_pages,
    life_api,
    life_pages,
    mediating,
    opinion_pages,
    original_api,
    phase_pages,
    photo_pages,
    point_pages,
    problem_api,
    problem_pages,
    supervision_pages,
    visit_api,
    visit_pages,
    warranting,
)
from app.renovation import api as renovation_api
from app.renovation import contract_api as works_contract_api
from app.renovation import contract_pages as works_contract_pages
from app.renovation import pages as renovation_pages
from app.renovation.moving import OVERDUE
from app.roster import api as roster_api
from app.roster import body_pages, import_pages, importing, invite_pages
from app.roster import pages as roster_pages
from app.settings import Settings
from app.treasury import api as treasury_api
from app.treasury import (
    bank_api,
    bank_pages,
    book_pages,
    budget_api,
    budget_pages,
    chart_api,
    chart_pages,
    contract_api,
    contract_pages,
    contracting,
    journal_api,
    journal_pages,
    period_pages,
    statement_api,
    statement_pages,
)
from app.treasury import desk_pages as treasury_desk_pages
from app.treasury import entry_pages as treasury_entry_pages
from app.treasury import pages as treasury_pages
from app.treasury import voucher_api as treasury_voucher_api
from app.treasury import voucher_pages as treasury_voucher_pages
from app.volunteering import api as volunteering_api
from app.volunteering import (
    attendance,
    attendance_pages,
    board_api,
    board_pages,
    calendar_api,
    calendar_pages,
    census,
    census_api,
    census_pages,
    certificate_api,
    certificate_pages,
    check_in_api,
    check_in_pages,
    cover_api,
    cover_pages,
    group_reminding,
    helping_api,
    helping_pages,
    home_visit_api,
    home_visit_pages,
    hour_api,
    hour_pages,
    planning_pages,
    pledge_api,
    pledge_pages,
    reminding,
    repeating,
    request_api,
    request_pages,
    requesting,
    series_api,
    series_pages,
    shift_pages,
    signing_up,
    signup_pages,
    team_api,
    team_pages,
)
from app.volunteering import pages as volunteering_pages

TABLES_WITHOUT_DOORS = (Message, Photo)
"""Named so that importing `app.main` is enough for the metadata and the guards to be complete."""

FIRST_SWEEP, SWEEP_EVERY = 3600.0, 86_400.0
"""Seconds."""

HANDLERS: Mapping[str, Handler] = {
    importing.IMPORT: importing.continue_import,
    objecting.TELL_OVERDUE: objecting.tell_overdue,
    contracting.CONTRACT_ENDING: contracting.tell_ending,
    contracting.RENT_LATE: contracting.tell_late,
    OVERDUE: findings.escalate,
    accepting.ALL_IN: accepting.tell_all_in,
    warranting.WARRANTY_ENDING: warranting.tell_ending,
    warranting.FOLLOW_UP_DUE: warranting.tell_visit,
    mediating.FOLLOW_UP: mediating.tell_follow_up,
    telling.GIFT_OPENS: telling.tell_opening,
    telling.GIFT_ENDS: telling.tell_ending,
    signing_up.SETTLE_SHIFT: signing_up.settle_due,
    census.CENSUS_DUE: census.remind,
    requesting.REQUEST_LATE: requesting.tell_late,
    repeating.MAKE_SHIFTS: repeating.make_due,
    reminding.REMIND: reminding.remind_due,
    attendance.FORGOTTEN: attendance.credit_forgotten,
}
"""What each kind of job does."""

FOLLOWERS: sightings.Followers = {SESSION_USED: keep_used}
"""Who is told of a kind of sighting."""


def handlers(settings: Settings) -> Handlers:
    """Those, and what leads out of the house."""
    told = partial(reminding.remind_due, groups=settings.robots.keys())
    return {**HANDLERS, reminding.REMIND: told, **ways_out(settings)}


def ways_out(settings: Settings) -> Handlers:
    """The kinds that wait for a world that may be slow: text messages, e-mail and groups, where the operator has set them up."""
    ways: dict[str, Handler] = {}
    house = settings.public_url.rstrip("/")
    if settings.sms_url:
        gateway = Gateway(settings.sms_url, settings.sms_key)
        ways[resetting.SEND_CODE] = resetting.sending_codes(gateway, settings.secret)
    if settings.mail_url:
        mailer = Mailer(settings.mail_url, settings.mail_password, settings.mail_from, settings.mail_on_this_machine)
        letters = mailing.Letters(mailer, house, settings.secret)
        ways[mailing.ASK_MAILBOX] = letters.asking()
        ways[MAIL] = letters.telling()
        ways[reminding.MAIL_REMINDER] = letters.telling(reminding.still_has_a_place)
    if robots := {slug: Robot(url) for slug, url in settings.robots.items()}:
        ways[reminding.TELL_GROUP] = group_reminding.telling_groups(robots, house)
    return ways


def lines_of_jobs(settings: Settings) -> list[Handlers]:
    """Each is worked off by itself: a mail server that takes its time keeps no waiting list from moving on."""
    known, outside = handlers(settings), ways_out(settings)
    return [{kind: do for kind, do in known.items() if kind not in outside}, *([outside] if outside else [])]


OPEN_PAGES = (access_pages, access_reference, reset_pages)
"""Pages whose addresses name their compound themselves, or none."""

OPEN_APIS = (access_api,)

PAGES, APIS = "/c/{slug}", "/api/v1/c/{slug}"
"""Where a compound's doors stand: for people, for programs."""

COMPOUND_PAGES = (
    home_pages,
    my_pages,
    mail_pages,
    proofs_pages,
    plan_pages,
    draft_pages,
    list_pages,
    table_pages,
    outcome_pages,
    handover_pages,
    delivery_pages,
    queue_pages,
    stock_pages,
    transfer_pages,
    benefits_pages,
    council_pages,
    announcement_pages,  # before the notices, whose addresses begin with any id
    notice_board_pages,
    notices_pages,
    renovation_pages,
    life_pages,
    phase_pages,
    works_contract_pages,
    document_pages,
    file_pages,
    following_pages,
    problem_pages,
    dispute_pages,
    acceptance_pages,
    opinion_pages,
    photo_pages,
    visit_pages,
    check_pages,
    point_pages,
    supervision_pages,
    finding_pages,
    contractor_pages,
    treasury_pages,
    treasury_desk_pages,
    treasury_entry_pages,
    book_pages,
    chart_pages,
    period_pages,
    statement_pages,
    treasury_voucher_pages,
    bank_pages,
    contract_pages,
    budget_pages,
    journal_pages,
    census_pages,
    home_visit_pages,
    pledge_pages,
    request_pages,
    team_pages,
    volunteering_pages,
    planning_pages,
    shift_pages,
    signup_pages,
    attendance_pages,
    helping_pages,
    series_pages,
    cover_pages,
    check_in_pages,
    hour_pages,
    calendar_pages,
    board_pages,
    certificate_pages,
    body_pages,
    import_pages,
    invite_pages,
    roster_pages,
)
COMPOUND_APIS = (
    proofs_api,
    plan_api,
    benefits_api,
    outcome_api,
    handover_api,
    people_api,
    council_api,
    notices_api,
    renovation_api,
    life_api,
    works_contract_api,
    document_api,
    file_api,
    following_api,
    problem_api,
    dispute_api,
    acceptance_api,
    visit_api,
    finding_api,
    contractor_api,
    original_api,
    treasury_api,
    statement_api,
    treasury_voucher_api,
    bank_api,
    contract_api,
    budget_api,
    journal_api,
    chart_api,
    census_api,
    home_visit_api,
    pledge_api,
    request_api,
    team_api,
    volunteering_api,
    helping_api,
    series_api,
    cover_api,
    check_in_api,
    hour_api,
    calendar_api,
    board_api,
    certificate_api,
    roster_api,
)


def open_database(settings: Settings) -> Database:
    """Raises UnsafeSetting for an operator's calendar that cannot be read."""
    use_calendar_of(settings.data_dir)
    return Database(settings.database, threads=settings.threads, before_commit=(append_queued,))


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Raises UnsafeSetting where it must not serve."""
    settings = settings or Settings()
    settings.check_safe()
    app = FastAPI(
        title="Gongzhi 共治",
        version="1",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    furnish(app, settings)
    answer_refusals(app)
    signposts = Signposts(app.router)

    def open_doors(router: APIRouter, prefix: str = "", **options: Any) -> None:
        app.include_router(router, prefix=prefix, **options)
        signposts.lead_to(app.routes[-1], router.routes, prefix)

    for module in COMPOUND_APIS:
        open_doors(module.router, APIS, responses=PROBLEMS)
    for module in COMPOUND_PAGES:
        open_doors(module.router, PAGES)
    for module in OPEN_APIS:
        open_doors(module.router, responses=PROBLEMS)
    for module in OPEN_PAGES:
        open_doors(module.router)
    open_doors(health)
    describe(app)
    if settings.demo:
        from app.demo.guests import guests_in  # the invented world costs 0.2 s to import, and only the demo needs it

        app.state.demo_people = guests_in
        open_doors(demo_door.router)
    app.mount("/static", ForeverFiles(directory=APP / "static"))
    signposts.lead_to(app.routes[-1], app.routes[-1:])
    app.router.middleware_stack = app.state.signposts = signposts
    app.add_middleware(SameOrigin, public_url=settings.public_url, refuse=refuse_cross_site)
    app.add_middleware(InTheirLanguage)
    return app


def furnish(app: FastAPI, settings: Settings) -> None:
    """What the doors find in `request.app.state`."""
    app.state.settings = settings
    app.state.db = open_database(settings)
    app.state.hashing = Behind(settings.password_workers)
    app.state.parsing = CapacityLimiter(1)
    app.state.blobs = LocalBlobs(settings.data_dir / "photos")
    app.state.desk = PictureDesk(settings.data_dir / "incoming", children=settings.photo_workers)


def dressed(app: FastAPI) -> Headers:
    """What the server serves: the headers go around everything, so that even a fault's answer wears them."""
    return Headers(app, https=app.state.settings.https)


health = APIRouter(include_in_schema=False)


@health.get("/healthz")
async def healthz() -> dict[str, bool]:
    """The process answers."""
    return {"alive": True}


@health.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Whether people can be served: 200, or 503 with the reason."""
    db: Database = request.app.state.db
    reason = await to_thread.run_sync(why_not_ready, db, limiter=db.readers)
    return JSONResponse({"ready": reason is None, "reason": reason}, 503 if reason else 200)


@health.get("/api/v1/openapi.json")
async def description(request: Request) -> JSONResponse:
    """What programs can do here (docs/openapi.json). Described and written down beside the event loop: it is half a megabyte."""
    return await to_thread.run_sync(lambda: JSONResponse(request.app.openapi()))


@health.get("/sw.js")
async def service_worker() -> FileResponse:
    """At the root, because a worker answers for the addresses below its own."""
    return FileResponse(APP / "static" / "js" / "sw.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@dataclass(frozen=True)
class OfflinePage(View):
    template = "answers/offline.html"


@health.get("/offline")
async def offline(request: Request) -> Response:
    """What the service worker shows in the place of a page that was never seen: nobody's, and at any address."""
    reply = OfflinePage(Frame(path="", locale=current())).reply(request)
    reply.headers["Cache-Control"] = "no-cache"
    return reply


def why_not_ready(db: Database) -> str | None:
    """None where the database answers and its tables are those of this version."""
    from alembic.runtime.migration import MigrationContext

    try:
        with db.reading.connect() as connection:
            stands_at = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return "the database does not answer"
    if stands_at == newest_revision():
        return None
    return f"migrate: the tables are those of {stands_at}" if stands_at else "migrate: there are no tables yet"


newest_revision = cache(head)
"""Its files do not change under a running server, and a probe comes every few seconds."""


class ForeverFiles(StaticFiles):
    """Static files; an address with the content's hash may be kept for ever, others are asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Any:
        reply = await super().get_response(path, scope)
        forever = b"v=" in scope["query_string"]
        reply.headers["Cache-Control"] = "public, max-age=31536000, immutable" if forever else "no-cache"
        return reply


def calm_collector() -> None:
    """p99 is the garbage collector: what start-up made is never looked at again, and the rest seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Beside the requests: due jobs, the tally of sightings written every half minute, orphaned photos swept every day."""
    settings: Settings = app.state.settings
    db: Database = app.state.db
    async with create_task_group() as beside:  # cancelling waits for the job under way
        if settings.worker_in_server:
            for line in lines_of_jobs(settings):
                beside.start_soon(work, db, line)
        beside.start_soon(_flush_sightings, db)
        beside.start_soon(_sweep_photos, db, app.state.blobs)
        calm_collector()
        yield
        beside.cancel_scope.cancel()
    with suppress(SQLAlchemyError):
        sightings.tally.flush(db, FOLLOWERS)
    app.state.desk.close()
    app.state.hashing.close()
    db.dispose()


async def _flush_sightings(db: Database) -> None:
    while True:
        await sleep(30)
        with suppress(SQLAlchemyError):  # the tally keeps its counts for the next time
            await to_thread.run_sync(sightings.tally.flush, db, FOLLOWERS, limiter=db.writers)


async def _sweep_photos(db: Database, blobs: LocalBlobs) -> None:
    """Once a day, and first an hour after the start: so also by a server that is started anew every night."""

    def sweep() -> None:
        with reading(db) as session:
            sweep_orphans(session, blobs)

    pause = FIRST_SWEEP
    while True:
        await sleep(pause)
        with suppress(SQLAlchemyError, OSError):  # tomorrow is soon enough
            await to_thread.run_sync(sweep)
        pause = SWEEP_EVERY
