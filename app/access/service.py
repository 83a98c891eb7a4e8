"""Verbs: sign in and out, make and use an invite slip, reset a password in person, make and revoke a key."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select, update

from app.access.actors import Actor, Known
from app.access.models import ApiKey, Invite
from app.access.permissions import SECOND_FACTOR_SEATS, Permission
from app.access.record import on_record
from app.access.scopes import READ_SCOPES, RESIDENT_SCOPES
from app.accounts import service as accounts
from app.accounts.models import OFFICER_IDLE, RESIDENT_IDLE, Account, LoginSession
from app.compounds.models import Ownership, Person, Residency, Seat
from app.compounds.rules import rule
from app.compounds.terms import holds, not_over
from app.kit import audit
from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.ids import new_id
from app.kit.records import pointing
from app.kit.refusals import NotFound, Refusal

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No I, O, 0, 1: the slip is read by old eyes and typed by old thumbs. 24 letters of 32 = 120 bits."""


class WrongPassword(Refusal):
    """One sentence for a wrong password and for an unknown telephone: no oracle tells who lives here."""

    status = 401
    says = mark("手机号或密码不对。")
    advice = mark("忘了密码，请到居委会当面重设。")


class InviteUnknown(Refusal):
    says = mark("这个邀请码不对，或者已经用过。")
    advice = mark("请看清纸条再输一次，或找楼长重新要一张。")


class NameNotOnSlip(Refusal):
    says = mark("名册里这一户没有这个姓名。")
    advice = mark("请填产权证或租约上的姓名；不对就找居委会改名册。")


class AccountTaken(Refusal):
    says = mark("这个人已经有账号了。")
    advice = mark("请直接登录；忘了密码请到居委会重设。")


class ScopeTooWide(Refusal):
    status = 403
    says = mark("密钥的范围不能超过您自己的权限。")


class KeyAlreadyMade(Refusal):
    says = mark("这把密钥已经做好了，只显示一次。")
    advice = mark("没抄下来，就作废它，再做一把。")


@dataclass(frozen=True)
class PasswordCheck:
    """What the slow check found before the transaction opened. `account_id` is None for a wrong pair."""

    phone: str
    account_id: UUID | None
    throttled: bool


def sign_in(session: Session, check: PasswordCheck, device: str) -> str:
    """A new session's token. Raises WrongPassword or TooManyAttempts.

    The wrong attempt itself is counted by the door after the rollback (`accounts.service.count_attempt`).
    """
    if check.throttled:
        raise accounts.TooManyAttempts
    if check.account_id is None:
        raise WrongPassword
    accounts.forget_attempts(session, check.phone)
    return enter(session, check.account_id, device)


def enter(session: Session, account_id: UUID, device: str, *, second_factor: bool = False) -> str:
    """Begin a session of an account whose holder has been recognised; returns its token."""
    token = accounts.begin_session(session, account_id, device, idle_of(session, account_id), second_factor=second_factor)
    audit.record(session, act="sign-in", outcome="done", account_id=account_id)
    return token


def keep_used(session: Session, used: Mapping[UUID, datetime]) -> None:
    """The follower of `SESSION_USED`: a login session ends half a year (an officer's: 12 h) after it was last used.

    The row is locked before the holder's seats are read: a seat that begins meanwhile either is seen here or comes after and
    shortens what was written. A session that ended, or had run out before it was seen, stays so.
    """
    for login_id, at in sorted(used.items()):
        login = session.get(LoginSession, login_id, with_for_update=True)
        if login is not None and login.ended_at is None and login.ends_at > at:
            login.ends_at = at + idle_of(session, login.account_id)
            session.add(login)


def idle_of(session: Session, account_id: UUID) -> timedelta:
    """How long a session of the account lives unused."""
    return OFFICER_IDLE if holds_office(session, account_id) else RESIDENT_IDLE


def holds_office(session: Session, account_id: UUID) -> bool:
    kinds = session.exec(
        select(Seat.kind).join(Person, pointing(Seat, "person_id", Person)).where(Person.account_id == account_id, not_over(Seat))
    )
    return any(kind in SECOND_FACTOR_SEATS for kind in kinds)


def sign_out(session: Session, token: str) -> None:
    login = session.exec(select(LoginSession).where(LoginSession.token_hash == accounts.hashed_token(token))).one_or_none()
    if login is not None:
        accounts.end_session(session, login)


def confirm_second_factor(session: Session, login_id: UUID, code: str | None) -> None:
    """`code` None: the demo's labelled button. Raises WrongSecondFactor, SecondFactorSpent."""
    login = session.get_one(LoginSession, login_id)
    if code is not None:
        accounts.spend_second_factor(session, session.get_one(Account, login.account_id), code)
    login.second_factor_at = now()
    session.add(login)
    audit.record(session, act="second-factor", outcome="done", account_id=login.account_id)


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(24))


def plain_code(typed: str) -> str:
    """The code as it was made, from however it was typed: lower case, spaces, dashes."""
    return "".join(c for c in typed.upper() if c in LETTERS)


def make_invite(session: Session, actor: Actor, unit_id: UUID) -> str:
    """A fresh slip for a unit; older unused slips of the unit stop working. Returns the code, stored only hashed.

    For the command line, whose operator needs no second factor; the sheet of slips does (`roster.inviting`).
    Raises NotAllowed.
    """
    actor.need(Permission.INVITE)
    compound_id = actor.compound.id
    for old in session.exec(
        select(Invite).where(
            Invite.compound_id == compound_id,
            Invite.unit_id == unit_id,
            col(Invite.used_at).is_(None),
            col(Invite.revoked_at).is_(None),
        )
    ):
        old.revoked_at = now()
    code = new_code()
    session.add(
        Invite(
            compound_id=compound_id,
            unit_id=unit_id,
            code_hash=accounts.hashed_token(code),
            made_by_id=actor.person_id,
            until_at=now() + timedelta(days=rule(session, compound_id, "invite_days")),
        )
    )
    on_record(session, actor, "invite.made", unit_id)
    return code


def open_invite(session: Session, code: str, *, lock: bool = False) -> Invite | None:
    """The slip of this code while it can be used: not used, replaced or out of time."""
    wanted = select(Invite).where(Invite.code_hash == accounts.hashed_token(plain_code(code)))
    invite = session.exec(wanted.with_for_update() if lock else wanted).one_or_none()
    return invite if invite and not (invite.used_at or invite.revoked_at or invite.until_at <= now()) else None


def use_invite(session: Session, code: str, name: str, phone: str, hashed: str) -> UUID:
    """Bind an account to the person of that name in the slip's unit, once; returns the account's id.

    `hashed`: the password's, made before the transaction; "" where the slip could not be used then.

    Raises InviteUnknown (wrong, used, expired: one sentence), NameNotOnSlip, AccountTaken.
    The slip's row is locked, so of two rivals one finds it used.
    """
    invite = open_invite(session, code, lock=True)
    if invite is None or not hashed:
        raise InviteUnknown
    person = _person_of_unit(session, invite, name)
    session.refresh(person, with_for_update=True)  # two slips of one unit, or of two, may name the same person
    if person.account_id is not None:
        raise AccountTaken
    existing = session.exec(select(Account).where(Account.phone == phone)).one_or_none()
    if (
        existing is not None
        and session.exec(
            select(Person.id).where(Person.compound_id == invite.compound_id, Person.account_id == existing.id)
        ).first()
    ):
        raise AccountTaken
    if existing is not None and existing.password_hash is not None:
        raise AccountTaken  # a slip opens an account, it never takes one over
    account = accounts.open_account(session, phone, hashed)
    person.account_id, person.phone = account.id, person.phone or phone
    invite.used_at, invite.used_by_id = now(), person.id
    session.add_all((person, invite))
    audit.record(
        session, act="invite.used", outcome="done", compound_id=invite.compound_id, person_id=person.id, account_id=account.id
    )
    return account.id


def _person_of_unit(session: Session, invite: Invite, name: str) -> Person:
    for link in (Ownership, Residency):
        person = session.exec(
            select(Person)
            .join(link, pointing(link, "person_id", Person))
            .where(
                link.compound_id == invite.compound_id,
                link.unit_id == invite.unit_id,
                Person.name == name,
                holds(link),
            )
            .limit(1)
        ).first()
        if person is not None:
            return person
    raise NameNotOnSlip


def make_key(session: Session, actor: Actor, id: UUID, name: str, scopes: frozenset[str], days: int) -> str:
    """A new API key, `gz_live_…`, returned once.

    Raises ScopeTooWide where a write scope exceeds the maker's seats; SecondFactorNeeded for one that they hold by a seat;
    KeyAlreadyMade for a second tap.
    """
    rooms = {p.partition(":")[0] for p in actor.permissions}
    if any(
        scope.endswith(":write") and scope not in RESIDENT_SCOPES and scope.partition(":")[0] not in rooms for scope in scopes
    ):
        raise ScopeTooWide
    if scopes - READ_SCOPES - RESIDENT_SCOPES:
        actor.need_second_factor()
    if session.get(ApiKey, (actor.compound.id, id)) is not None:
        raise KeyAlreadyMade
    token = f"gz_live_{secrets.token_urlsafe(24)}"
    keep_key(session, actor.compound.id, actor.person_id, name, scopes, days, token, id)
    on_record(session, actor, "key.made", id)
    return token


def keep_key(
    session: Session,
    compound_id: UUID,
    person_id: UUID,
    name: str,
    scopes: frozenset[str],
    days: int,
    token: str,
    id: UUID | None = None,
) -> ApiKey:
    """Store a key as its hash."""
    key = ApiKey(
        id=id or new_id(),
        compound_id=compound_id,
        name=name,
        key_hash=accounts.hashed_token(token),
        scopes=" ".join(sorted(scopes)),
        made_by_id=person_id,
        until_at=now() + timedelta(days=days),
    )
    session.add(key)
    session.flush()
    return key


def revoke_keys(session: Session, account_id: UUID) -> None:
    """All that the account's holder made, in every compound: when its password is reset or it is suspended or closed."""
    theirs = select(Person.id).where(pointing(ApiKey, "made_by_id", Person), Person.account_id == account_id)
    session.connection().execute(update(ApiKey).where(col(ApiKey.revoked_at).is_(None), theirs.exists()).values(revoked_at=now()))


def revoke_key(session: Session, actor: Known, key_id: UUID) -> None:
    key = session.get(ApiKey, (actor.compound.id, key_id), with_for_update=True)
    if key is None or key.made_by_id != actor.person_id:
        raise NotFound
    key.revoked_at = key.revoked_at or now()
    on_record(session, actor, "key.revoked", key_id)
