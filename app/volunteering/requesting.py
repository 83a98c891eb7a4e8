"""Verbs of 点单: ask, and take the next step. Whoever is concerned is told; who may do what stands in `policy.may_move`."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, func, select

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.holders import holders_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.models import Person
from app.compounds.numbers import next_number
from app.compounds.rules import rule
from app.inbox.service import read_about, send
from app.kit import events
from app.kit.clock import now, said_moment, today
from app.kit.i18n import _, mark
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.once import already, digest
from app.kit.refusals import Malformed, NotAllowed, NotFound
from app.volunteering import policy
from app.volunteering.request_models import WAITS, RequestAct, RequestActKind, ServiceRequest
from app.volunteering.request_queries import concerns, homes_of, request_to_change
from app.volunteering.request_schemas import RequestActWish, RequestWish
from app.volunteering.term_models import TermOf
from app.volunteering.term_queries import check_offered

REQUEST_LATE = "volunteering.request_late"
"""Kind of the job some hours after the time at which help was wanted."""

K = RequestActKind

TELLS: dict[RequestActKind, tuple[str, str]] = {
    K.ASKED: ("coordinators", mark("有邻居请人帮忙，请确认")),
    K.CONFIRMED: ("asker", mark("您请人帮忙的事，队长确认了")),
    K.DECLINED: ("asker", mark("您请人帮忙的事，办不了")),
    K.CLAIMED: ("asker", mark("有邻居来帮您了")),
    K.RELEASED: ("everybody", mark("帮忙的人来不了，再找别人")),
    K.TAKEN_BACK: ("both", mark("队长另找人来帮忙")),
    K.HELPED: ("asker", mark("帮忙的人说办好了，请您确认")),
    K.RECEIVED: ("helper", mark("邻居说办好了")),
    K.NOT_DONE: ("helper", mark("邻居说还没办好")),
    K.CANCELLED: ("helper", mark("邻居不用帮忙了")),
    K.OVERDUE: ("coordinators", mark("请人帮忙的时间过了，还没办好")),
}
"""Whom a step is told, and under which title."""


def ask(session: Session, actor: Actor, id: UUID, wish: RequestWish) -> tuple[ServiceRequest, bool]:
    """A request, for oneself or for a neighbour without a phone; a coordinator looks at it before anybody else does.

    Raises NotAllowed, NotFound (who does not live here, a unit that is not theirs), Malformed (a kind that is not offered, a
    time that has passed, which of several homes), SameIdOtherContent.
    """
    person_id = for_whom(session, actor, wish.person_id)
    session.get(Person, (actor.compound.id, person_id), with_for_update=True)
    sent = digest(wish, actor.person_id)
    if before := already(session, ServiceRequest, actor.compound.id, id, sent):
        return before, False
    check_offered(session, actor.compound.id, TermOf.REQUEST, "/kind", wish.kind)
    if wish.wanted_at <= now():
        raise Malformed((("/wanted_at", "past", _("这个时间已经过去了。")),))
    request = ServiceRequest(
        compound_id=actor.compound.id,
        id=id,
        person_id=person_id,
        entered_by_id=actor.person_id,
        unit_id=_home(session, actor.compound.id, person_id, wish.unit_id),
        place=wish.place or "",
        kind=wish.kind,
        what=wish.what,
        wanted_at=wish.wanted_at,
        rank=wish.rank,
        place_in_line="",
        year=today().year,
        number=next_number(session, actor.compound.id, "request"),
        sent_sha256=sent,
    )
    request.stand_in_line(wish.rank)
    session.add(request)
    session.flush()
    _write(session, actor, request, K.ASKED, new_id(), "", b"")
    late = request.wanted_at + timedelta(hours=rule(session, request.compound_id, "request_late_hours"))
    payload = {"compound_id": str(request.compound_id), "request_id": str(request.id)}
    enqueue(session, REQUEST_LATE, payload, run_after=late, key=f"{REQUEST_LATE}:{request.compound_id}:{request.id}")
    return request, True


def act(session: Session, actor: Actor, request_id: UUID, id: UUID, wish: RequestActWish) -> tuple[ServiceRequest, bool]:
    """The next step; of two who claim at once one is refused.

    Raises NotFound, NotAllowed (another's step), AlreadyClaimed, NotThisState, SameIdOtherContent.
    """
    request = request_to_change(session, actor, request_id)
    sent = digest(wish, actor.person_id, request_id)
    if already(session, RequestAct, actor.compound.id, id, sent):
        return request, False
    if not policy.may_move(actor, request, wish.kind):
        raise NotAllowed if concerns(session, actor, request) or request.state == "open" else NotFound
    helper_id = request.claimed_by_id
    request.move(wish.kind, actor.person_id, wish.stars)
    if wish.rank:
        request.stand_in_line(wish.rank)
    _write(session, actor, request, wish.kind, id, wish.text or "", sent, helper_id)
    return request, True


def tell_late(session: Session, payload: dict[str, str]) -> None:
    """The job some hours after the wanted time: where it still waits, the coordinators are told, once."""
    key = (UUID(payload["compound_id"]), UUID(payload["request_id"]))
    request = session.get(ServiceRequest, key, with_for_update=True)
    if request is not None and request.state in WAITS:
        request.move(K.OVERDUE, None)
        _write(session, None, request, K.OVERDUE, new_id(), "", b"")


def _home(session: Session, compound_id: UUID, person_id: UUID, unit_id: UUID | None) -> UUID | None:
    """Where they are helped: the unit that was named, or their only one. None for an officer who lives elsewhere."""
    homes = homes_of(session, compound_id, person_id)
    if unit_id is None and len(homes) > 1:
        raise Malformed((("/unit_id", "which", _("请选是哪一户。")),))
    if unit_id is not None and unit_id not in dict(homes):
        raise NotFound
    return unit_id or (homes[0][0] if homes else None)


def _write(
    session: Session,
    actor: Actor | None,
    request: ServiceRequest,
    kind: RequestActKind,
    id: UUID,
    text: str,
    sent: bytes,
    helper_id: UUID | None = None,
) -> None:
    """The step in its row, on record, and told. `helper_id`: who was on it before."""
    written = select(func.count()).where(RequestAct.compound_id == request.compound_id, RequestAct.request_id == request.id)
    session.add(
        RequestAct(
            compound_id=request.compound_id,
            id=id,
            request_id=request.id,
            position=session.exec(written).one() + 1,
            kind=kind,
            by_id=actor.person_id if actor else None,
            text=text,
            state=request.state,
            sent_sha256=sent,
        )
    )
    session.flush()
    events.tell(session, request.compound_id, f"request.{kind}", request_id=request.id)
    if actor:
        on_record(session, actor, f"request.{kind}", request.id)
        read_about(session, request.compound_id, actor.person_id, _path(request))
    _tell(session, actor, request, kind, text, helper_id)


def _tell(
    session: Session, actor: Actor | None, request: ServiceRequest, kind: RequestActKind, text: str, helper_id: UUID | None
) -> None:
    """Whoever took the step knows of it. For an asker without a phone, who entered it is told too."""
    if kind not in TELLS:
        return
    whom, title = TELLS[kind]
    people: set[UUID] = set()
    if whom in ("asker", "both", "everybody"):
        people |= {request.person_id, request.entered_by_id}
    if whom in ("helper", "both") and helper_id:
        people.add(helper_id)
    if whom in ("coordinators", "everybody"):
        people |= set(holders_of(session, request.compound_id, Permission.PLAN_SERVICE))
    words = _("%(kind)s，%(at)s。%(text)s", kind=_(request.kind), at=said_moment(request.wanted_at), text=text)
    for person_id in sorted(people - ({actor.person_id} if actor else set())):
        send(session, request.compound_id, person_id, _(title), words, _path(request))


def _path(request: ServiceRequest) -> str:
    return f"/volunteering/requests/{request.id}"
