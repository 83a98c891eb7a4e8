"""The door of the import: upload, look, confirm, watch it being written."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Officer, officer
from app.access.permissions import Permission
from app.kit.db import Database
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.tables import Problem, Skipped, Trouble
from app.kit.uploads import Sent
from app.kit.views import View, see_other
from app.roster import importing
from app.roster.headings import NAMES
from app.roster.importing import Counts, Proposal
from app.roster.models import ImportState, RosterImport
from app.roster.proposal import Column
from app.roster.queries import import_for, imports

router = APIRouter(route_class=OneTransaction, prefix="/roster", include_in_schema=False)

SHOWN = 60
"""Lines of a long list on the preview; a link shows all."""


@dataclass(frozen=True)
class UploadPage(View):
    template = "roster/import.html"
    tab = "home"

    id: UUID
    trouble: Trouble | None
    earlier: list[RosterImport]
    states: dict[str, str]


@dataclass(frozen=True)
class PreviewPage(View):
    template = "roster/preview.html"
    tab = "home"

    it: RosterImport
    columns: list[tuple[Column, str]]
    """(column, what it was taken for in words)"""
    problems: tuple[Problem, ...]
    blocking: int
    skipped: tuple[Skipped, ...]
    changes: tuple[tuple[int, str, tuple[str, ...]], ...]
    left_out: int
    """Lines of these lists that are not shown."""


@dataclass(frozen=True)
class ProgressPage(View):
    template = "roster/progress.html"

    it: RosterImport
    percent: int


@dataclass(frozen=True)
class Upload:
    """A file that was read, and how it compares; or why it could not be read."""

    id: UUID
    proposal: Proposal | None = None
    counts: Counts | None = None
    trouble: Trouble | None = None


async def uploaded(request: Request, sent: Sent) -> Upload:
    """Reading the file, before any transaction, and only for an officer who may import.

    Raises SignInNeeded, NotAllowed, SecondFactorNeeded. One file is read at a time: a large one holds a core for seconds.
    """
    if sent.trouble:
        return Upload(sent.id, trouble=sent.trouble)
    db: Database = request.app.state.db

    def who(session: Session) -> tuple[UUID, str]:
        actor = officer(session, request)
        actor.need(Permission.CHANGE_ROSTER)
        actor.need_second_factor()
        return actor.compound.id, actor.compound.name

    compound_id, name = await db.look(who)
    limiter = request.app.state.parsing
    proposal = await to_thread.run_sync(importing.propose, sent.data, sent.filename, name, limiter=limiter)
    if isinstance(proposal, Trouble):
        return Upload(sent.id, trouble=proposal)

    def count(session: Session) -> Counts:
        return importing.counted(session, compound_id, proposal.reading.rows)

    return Upload(sent.id, proposal, await db.look(count))


@router.get("/import")
def show_upload(session: DbSession, actor: Officer) -> UploadPage:
    """Asks for the second factor at once, not after the file was chosen."""
    actor.need(Permission.CHANGE_ROSTER)
    actor.need_second_factor()
    return UploadPage(actor.frame, uuid4(), None, imports(session, actor), state_names())


@router.post("/import")
def post_upload(
    session: DbSession, actor: Officer, request: Request, upload: Annotated[Upload, Depends(uploaded), TakesFiles()]
) -> Response:
    actor.need(Permission.CHANGE_ROSTER)
    if upload.proposal is None or upload.counts is None:
        return UploadPage(actor.frame, upload.id, upload.trouble, [], state_names()).reply(request, 422)
    kept = importing.keep_proposal(session, actor, upload.id, upload.proposal, upload.counts)
    return see_other(f"{actor.frame.base}/roster/imports/{kept.id}")


@router.get("/imports/{import_id}")
def show_import(session: DbSession, actor: Officer, import_id: UUID, all: bool = False) -> PreviewPage | ProgressPage:
    """What would change now, while nothing has; then how far it is."""
    it = import_for(session, actor, import_id)
    if it.state != ImportState.PREVIEWED:
        return ProgressPage(actor.frame, it, 100 * it.done // max(it.total, 1))
    reading = importing.unpack(it.proposal)
    changes = importing.counted(session, actor.compound.id, reading.rows).changes
    most = None if all else SHOWN
    return PreviewPage(
        actor.frame,
        it,
        [(c, _(NAMES[c.meaning]) if c.meaning in NAMES and c.read else _("没有用")) for c in reading.columns],
        tuple(sorted(reading.problems, key=lambda p: (not p.blocks, p.row)))[:most],
        len({p.row for p in reading.problems if p.blocks}),
        reading.skipped[:most],
        changes[:most],
        sum(max(0, len(lines) - SHOWN) for lines in (reading.problems, reading.skipped, changes)) if most else 0,
    )


@router.post("/imports/{import_id}/confirm")
def post_confirm(session: DbSession, actor: Officer, import_id: UUID) -> Response:
    kept = importing.confirm_import(session, actor, import_id)
    words = _("导入好了。") if kept.state == ImportState.DONE else _("开始导入了，可以离开这一页。")
    return see_other(f"{actor.frame.base}/roster/imports/{import_id}", words)


@router.post("/imports/{import_id}/discard")
def post_discard(session: DbSession, actor: Officer, import_id: UUID) -> Response:
    importing.discard_import(session, actor, import_id)
    return see_other(f"{actor.frame.base}/roster", _("放弃了，名册没有变。"))


def state_names() -> dict[str, str]:
    return {
        ImportState.PREVIEWED: _("等确认"),
        ImportState.RUNNING: _("正在写入"),
        ImportState.DONE: _("已导入"),
        ImportState.DISCARDED: _("放弃了"),
    }
