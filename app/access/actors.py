"""Gate one: who is asking. Cookie and bearer key give the same `Actor`; pages name it in their signature.

`Anyone`: somebody, perhaps unknown. `Oneself`: a person of this compound, today or once, at the pages of their own account.
`Resident`: who owns or lives in a unit today, or holds a seat. `Officer`: a resident with a seat that gives authority.
All are given inside the transaction, read by one statement.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Request
from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, select

from app.access.models import ApiKey
from app.access.permissions import LOOKS, SECOND_FACTOR_SEATS, Permission, permissions_of
from app.accounts.models import OFFICER_IDLE, RESIDENT_IDLE, SECOND_FACTOR_LASTS, Account, LoginSession
from app.accounts.service import hashed_token
from app.compounds.models import Compound, Person, Seat, SeatKind
from app.compounds.terms import at_home, holds
from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.records import columns, pointing, rows_of
from app.kit.refusals import NotAllowed, NotFound, Refusal, SignInNeeded
from app.kit.requests import Inside
from app.kit.same_origin import needs_token, sid_name
from app.kit.sightings import saw
from app.kit.views import Frame, Place, Reader, bare_frame

SESSION_USED = "session.used"
"""The sighting of a login session at work: a GET moves no row (`service.keep_used` does)."""


class SecondFactorNeeded(Refusal):
    """Money, roster and acceptance ask for the second factor again after 15 minutes."""

    status = 403
    says = mark("办这件事要再确认一次身份。")
    advice = mark("确认以后，再回来办。")
    leads_to = "{base}/second-factor?next={next}"
    leads_says = mark("确认身份")


class NotResident(Refusal):
    """They own nothing here, live nowhere here and hold no seat today: what they see is a stranger's, and their own account."""

    status = 403
    says = mark("您现在不是本小区的业主或住户，办不了这件事。")
    advice = mark("名册不对的话，请打居委会电话。")
    leads_to = "{base}/me"
    leads_says = mark("我的")


class WrongScope(Refusal):
    status = 403
    says = mark("这把密钥没有 %(scope)s 的范围。")


class CompoundFacts(NamedTuple):
    id: UUID
    slug: str
    name: str
    help_phone: str


@dataclass(frozen=True)
class Visitor:
    """Anyone in front of a compound's pages; `permissions` are empty unless they are known."""

    compound: CompoundFacts
    frame: Frame
    permissions: frozenset[Permission] = frozenset()

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def is_resident(self) -> bool:
        return isinstance(self, Actor)


@dataclass(frozen=True, kw_only=True)
class Known(Visitor):
    """A person in this compound's roster, today's or a former one. `login_id` for a browser, `key_id` for a program; never both.

    What only they themselves are concerned with (account, export, consents) asks for no more than this.
    """

    person_id: UUID
    name: str
    account_id: UUID | None
    login_id: UUID | None = None
    key_id: UUID | None = None
    second_factor_at: datetime | None = None

    @property
    def has_fresh_second_factor(self) -> bool:
        return self.second_factor_at is not None and now() - self.second_factor_at < SECOND_FACTOR_LASTS

    def need_second_factor(self) -> None:
        """Raises SecondFactorNeeded unless it was given in the last 15 minutes. A key cannot give it: it is no person."""
        if not self.has_fresh_second_factor:
            raise SecondFactorNeeded


@dataclass(frozen=True, kw_only=True)
class Actor(Known):
    """A resident: a person who owns or lives in a unit today, or holds a seat."""

    seats: frozenset[SeatKind]

    def need(self, permission: Permission) -> None:
        """Raises NotAllowed. The last line behind a room's `policy`, for acts whose whole rule is one permission."""
        if permission not in self.permissions:
            raise NotAllowed

    @property
    def must_have_second_factor(self) -> bool:
        return bool(self.seats & SECOND_FACTOR_SEATS)


_COMPOUND = select(Compound.id, Compound.slug, Compound.name, Compound.help_phone).where(Compound.slug == bindparam("slug"))

_in_term = and_(pointing(Seat, "person_id", Person), holds(Seat))
"""A seat gives authority from its first day to its last."""

_BY_COOKIE = (
    columns(
        col(Compound.id).label("compound_id"),
        Compound.slug,
        col(Compound.name).label("compound_name"),
        Compound.help_phone,
        col(Person.id).label("person_id"),
        Person.name,
        col(Account.id).label("account_id"),
        col(LoginSession.id).label("login_id"),
        LoginSession.ends_at,
        LoginSession.second_factor_at,
        at_home().label("at_home"),
        col(Seat.kind).label("seat"),
    )
    .select_from(LoginSession)
    .join(
        Account,
        and_(col(Account.id) == LoginSession.account_id, col(Account.closed_at).is_(None), col(Account.suspended_at).is_(None)),
    )
    .join(Compound, Compound.slug == bindparam("slug"))
    .join(Person, and_(col(Person.compound_id) == Compound.id, col(Person.account_id) == Account.id))
    .outerjoin(Seat, _in_term)
    .where(
        LoginSession.token_hash == bindparam("token"),
        col(LoginSession.ended_at).is_(None),
        LoginSession.ends_at > bindparam("now"),
    )
)

_BY_KEY = (
    columns(
        col(Compound.id).label("compound_id"),
        Compound.slug,
        col(Compound.name).label("compound_name"),
        Compound.help_phone,
        col(Person.id).label("person_id"),
        Person.name,
        Person.account_id,
        col(ApiKey.id).label("key_id"),
        ApiKey.scopes,
        at_home().label("at_home"),
        col(Seat.kind).label("seat"),
    )
    .select_from(ApiKey)
    .join(Compound, and_(col(Compound.id) == ApiKey.compound_id, col(Compound.slug) == bindparam("slug")))
    .join(Person, pointing(ApiKey, "made_by_id", Person))
    .outerjoin(Account, Account.id == Person.account_id)
    .outerjoin(Seat, _in_term)
    .where(
        ApiKey.key_hash == bindparam("token"),
        col(ApiKey.revoked_at).is_(None),
        ApiKey.until_at > bindparam("now"),
        col(Account.closed_at).is_(None),
        col(Account.suspended_at).is_(None),
    )
)


def anyone(session: Session, request: Request) -> Visitor:
    """Who stands before the compound in the address. Raises NotFound where there is none."""
    slug = request.path_params.get("slug", "")
    bearer = request.headers.get("authorization", "")
    if bearer:
        return _keyed(session, request, slug, bearer)
    token = None if needs_token(request.scope) else request.cookies.get(sid_name(request))
    if token and (actor := _signed_in(session, request, slug, token)):
        return actor
    row = rows_of(session, _COMPOUND, {"slug": slug}).one_or_none()
    if row is None:
        raise NotFound
    compound = CompoundFacts._make(row)
    visitor = Visitor(compound, _frame(request, compound))
    request.state.frame = visitor.frame
    return visitor


def oneself(session: Session, request: Request) -> Known:
    """Raises NotFound (no such compound) or SignInNeeded."""
    visitor = anyone(session, request)
    if not isinstance(visitor, Known):
        raise SignInNeeded
    return visitor


def resident(session: Session, request: Request) -> Actor:
    """Raises NotFound, SignInNeeded, or NotResident for who has left."""
    known = oneself(session, request)
    if not isinstance(known, Actor):
        raise NotResident
    return known


def officer(session: Session, request: Request) -> Actor:
    """Raises NotFound, SignInNeeded, NotResident, or NotAllowed for a person without any seat's authority."""
    actor = resident(session, request)
    if not actor.permissions:
        raise NotAllowed
    return actor


def acting(session: Session, compound: Compound, person: Person) -> Actor:
    """The actor of a person outside a request (commands, the demo's loader), with a fresh second factor."""
    held = rows_of(session, _HELD, {"compound_id": compound.id, "person_id": person.id})
    seats = frozenset(SeatKind(row.kind) for row in held)
    return Actor(
        compound=CompoundFacts(compound.id, compound.slug, compound.name, compound.help_phone),
        frame=Frame("/", compound=Place(compound.slug, compound.name, compound.help_phone)),
        permissions=permissions_of(seats),
        person_id=person.id,
        name=person.name,
        account_id=person.account_id,
        seats=seats,
        second_factor_at=now(),
    )


_HELD = columns(Seat.kind).where(
    Seat.compound_id == bindparam("compound_id"), Seat.person_id == bindparam("person_id"), holds(Seat)
)


def _signed_in(session: Session, request: Request, slug: str, token: str) -> Known | None:
    rows = rows_of(session, _BY_COOKIE, {"slug": slug, "token": hashed_token(token), "now": now()}).all()
    if not rows:
        return None
    row = rows[0]
    if _has_lived(row.ends_at - now()):
        saw(SESSION_USED, row.login_id)
    return _known(request, rows, login_id=row.login_id, second_factor_at=row.second_factor_at)


def _has_lived(left: timedelta) -> bool:
    """Whether a twentieth of its life is over: so a resident's row moves every nine days, an officer's every 36 minutes."""
    return left < OFFICER_IDLE * 0.95 or OFFICER_IDLE < left < RESIDENT_IDLE * 0.95


def _keyed(session: Session, request: Request, slug: str, bearer: str) -> Known:
    """A key of another compound finds nothing; a key without the route's scope is told which one."""
    scheme, _, token = bearer.partition(" ")
    rows = rows_of(session, _BY_KEY, {"slug": slug, "token": hashed_token(token.strip()), "now": now()}).all()
    if scheme.lower() != "bearer" or not rows:
        if scheme.lower() == "bearer" and is_live_key(session, token.strip()):
            raise NotFound
        raise SignInNeeded
    scopes = frozenset(rows[0].scopes.split())
    needed = needed_scope(request)
    if needed not in scopes:
        raise WrongScope(scope=needed)
    known = _known(request, rows, key_id=rows[0].key_id)
    return replace(known, permissions=frozenset(p for p in known.permissions if scope_of(p) in scopes))


def scope_of(permission: Permission) -> str:
    """What a key must be for, to be allowed what its maker is."""
    return f"{permission.partition(':')[0]}:{'read' if permission in LOOKS else 'write'}"


def is_live_key(session: Session, token: str) -> bool:
    return (
        session.exec(
            select(ApiKey.id).where(
                ApiKey.key_hash == hashed_token(token), col(ApiKey.revoked_at).is_(None), ApiKey.until_at > now()
            )
        ).first()
        is not None
    )


def needed_scope(request: Request) -> str:
    """The route's room (its first tag) and whether it reads: no route can forget to ask."""
    tags = getattr(request.scope.get("route"), "tags", None) or ["none"]
    return f"{tags[0]}:{'read' if request.method in ('GET', 'HEAD') else 'write'}"


def _known(request: Request, rows: Any, **by: Any) -> Known:
    row = rows[0]
    seats = frozenset(SeatKind(r.seat) for r in rows if r.seat is not None)
    compound = CompoundFacts(row.compound_id, row.slug, row.compound_name, row.help_phone)
    permissions = permissions_of(seats)
    frame = _frame(request, compound, Reader(row.name, str(row.account_id or "")), officer=bool(permissions))
    request.state.frame = frame
    request.state.asked_by = {"compound_id": compound.id, "account_id": row.account_id, "person_id": row.person_id}
    by |= {"compound": compound, "frame": frame, "person_id": row.person_id, "name": row.name, "account_id": row.account_id}
    return Actor(permissions=permissions, seats=seats, **by) if seats or row.at_home else Known(**by)


def _frame(request: Request, compound: CompoundFacts, person: Reader | None = None, *, officer: bool = False) -> Frame:
    return bare_frame(request, compound=Place(compound.slug, compound.name, compound.help_phone), person=person, officer=officer)


def says_who(request: Request) -> None:
    """Raises SignInNeeded where there is neither a session's cookie nor a key."""
    if "authorization" not in request.headers and sid_name(request) not in request.cookies:
        raise SignInNeeded


SECURITY: list[dict[str, list[str]]] = [{"cookie": []}, {"bearer": []}]

Anyone = Annotated[Visitor, Inside(anyone, security=[{}, *SECURITY])]
Oneself = Annotated[Known, Inside(oneself, before=says_who, security=SECURITY)]
Resident = Annotated[Actor, Inside(resident, before=says_who, security=SECURITY)]
Officer = Annotated[Actor, Inside(officer, before=says_who, security=SECURITY)]
