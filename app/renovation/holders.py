"""Who holds a link: the contractor, without an account. Gate one of their page, like `access.actors` for everybody else."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from anyio import to_thread
from fastapi import Depends, Request
from sqlmodel import Session, col, select

from app.access.actors import CompoundFacts, Visitor
from app.accounts.service import WINDOW, count_use, hashed_token
from app.compounds.models import Compound
from app.kit.db import Database, writing
from app.kit.i18n import mark
from app.kit.refusals import NotFound, Refusal
from app.kit.requests import READS, Inside
from app.kit.views import Place, bare_frame
from app.renovation.finding_models import FindingLink


class LinkEnded(Refusal):
    """Who holds it was let in once, and is told so plainly: 410, RFC 9110 section 15.5.11."""

    status = 410
    says = mark("这个链接作废了，或者过期了。")
    advice = mark("请向监督员要新的。写好没送出的回复还在这台手机里，打开新链接就能送出。")


MOST_SENT = 240
"""By one link in a quarter of an hour: an outbox that was full for a week sends less."""


class LinkTooBusy(Refusal):
    status = 429
    says = mark("这个链接送得太频繁了，请 15 分钟后再送。")
    advice = mark("写好没送出的还在这台手机里，到时候再送就行。")
    headers: ClassVar[dict[str, str]] = {"Retry-After": str(int(WINDOW.total_seconds()))}


@dataclass(frozen=True, kw_only=True)
class Holder(Visitor):
    """Somebody who was given the link of one finding; they may answer that one and see what anybody sees."""

    link: FindingLink


def link_holder(session: Session, request: Request) -> Holder:
    """Raises NotFound for a token that is unknown or of another compound, LinkEnded for one that was ended or is too old."""
    slug, token = request.path_params.get("slug", ""), request.path_params.get("token", "")
    found = session.exec(
        select(FindingLink, Compound)
        .join(Compound, col(Compound.id) == FindingLink.compound_id)
        .where(
            FindingLink.token_hash == hashed_token(token),
            Compound.slug == slug,
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    link, compound = found
    place = Place(compound.slug, compound.name, compound.help_phone)
    frame = bare_frame(request, compound=place)
    request.state.frame = frame
    if not link.opens:
        raise LinkEnded
    facts = CompoundFacts(compound.id, compound.slug, compound.name, compound.help_phone)
    return Holder(compound=facts, frame=frame, link=link)


LinkHolder = Annotated[Holder, Inside(link_holder)]


async def unhurried(request: Request) -> None:
    """Whatever is sent by a link is counted before it is read, also what is refused afterwards: developing a picture costs
    more than asking. A row, for every process to see. Raises LinkTooBusy, and what `link_holder` raises.
    """
    if request.method in READS or not request.app.state.settings.throttled:
        return
    db: Database = request.app.state.db
    holder = await db.look(lambda session: link_holder(session, request))

    def count() -> int:
        with writing(db) as session:
            return count_use(session, f"link:{holder.link.id}")

    with db.in_line(reads=False) as limiter:
        sent = await to_thread.run_sync(count, limiter=limiter)
    if sent > MOST_SENT:
        raise LinkTooBusy


Unhurried = Depends(unhurried)
"""For every door behind a link."""


def address_of(request: Request, slug: str, token: str) -> str:
    """What the contractor is sent."""
    return f"{request.app.state.settings.public_url.rstrip('/')}/c/{slug}/works/answer/{token}"
