"""The table of contents: which rooms there are, which doors are open, what runs beside the requests."""

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from anyio import CapacityLimiter, create_task_group, sleep, to_thread
from fastapi import APIRouter, FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.access import pages as access_pages
from app.council import api as council_api
from app.council import pages as council_pages
from app.inbox.models import Message
from app.kit import sightings
from app.kit.answers import answer_refusals, refuse_cross_site
from app.kit.blobs import LocalBlobs
from app.kit.db import Database
from app.kit.headers import Headers
from app.kit.jobs import Handler, work
from app.kit.openapi import PROBLEMS, describe
from app.kit.pictures import PictureDesk
from app.kit.same_origin import SameOrigin
from app.kit.speaking import InTheirLanguage
from app.kit.views import APP
from app.notices import api as notices_api
from app.notices import pages as notices_pages
from app.photos.models import Photo
from app.publiclog.service import append_queued
from app.settings import Settings
from app.volunteering import api as volunteering_api
from app.volunteering import pages as volunteering_pages
from app.volunteering import signing_up

TABLES_WITHOUT_DOORS = (Message, Photo)
"""Named so that importing `app.main` is enough for the metadata and the guards to be complete."""

HANDLERS: Mapping[str, Handler] = {
    signing_up.SETTLE_SHIFT: signing_up.settle_due,
}
"""What each kind of job does."""

OPEN_PAGES = (access_pages,)
"""Pages whose addresses name their compound themselves, or none."""

COMPOUND_PAGES = (
    council_pages,
    notices_pages,
    volunteering_pages,
)
COMPOUND_APIS = (
    council_api,
    notices_api,
    volunteering_api,
)


def open_database(settings: Settings) -> Database:
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
        openapi_url="/api/v1/openapi.json",
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    furnish(app, settings)
    answer_refusals(app)
    for module in OPEN_PAGES:
        app.include_router(module.router)
    for module in COMPOUND_PAGES:
        app.include_router(module.router, prefix="/c/{slug}")
    for module in COMPOUND_APIS:
        app.include_router(module.router, prefix="/api/v1/c/{slug}", responses=PROBLEMS)
    describe(app)
    app.include_router(health)
    if settings.demo:
        from app.access import demo_door
        from app.demo.guests import guests_in

        app.state.demo_people = guests_in
        app.include_router(demo_door.router)
    app.mount("/static", ForeverFiles(directory=APP / "static"))
    app.add_middleware(SameOrigin, public_url=settings.public_url, refuse=refuse_cross_site)
    app.add_middleware(InTheirLanguage)
    return app


def furnish(app: FastAPI, settings: Settings) -> None:
    """What the doors find in `request.app.state`."""
    app.state.settings = settings
    app.state.db = open_database(settings)
    app.state.hashing = CapacityLimiter(settings.password_workers)
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


class ForeverFiles(StaticFiles):
    """Static files; an address with the content's hash may be kept for ever, others are asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Any:
        reply = await super().get_response(path, scope)
        forever = b"v=" in scope["query_string"]
        reply.headers["Cache-Control"] = "public, max-age=31536000, immutable" if forever else "no-cache"
        return reply


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Beside the requests: due jobs, and the tally of sightings written every half minute."""
    settings: Settings = app.state.settings
    db: Database = app.state.db
    async with create_task_group() as beside:  # cancelling waits for the job under way
        if settings.worker_in_server:
            beside.start_soon(work, db, HANDLERS)
        beside.start_soon(_flush_sightings, db)
        gc.collect()
        gc.freeze()  # p99 is the garbage collector: what start-up made is never looked at again (TOOLCHAIN §4)
        gc.set_threshold(10_000, 20, 20)
        yield
        beside.cancel_scope.cancel()
    with suppress(SQLAlchemyError):
        sightings.tally.flush(db)
    app.state.desk.close()
    db.dispose()


async def _flush_sightings(db: Database) -> None:
    while True:
        await sleep(30)
        with suppress(SQLAlchemyError):  # the tally keeps its counts for the next time
            await to_thread.run_sync(sightings.tally.flush, db, limiter=db.writers)
