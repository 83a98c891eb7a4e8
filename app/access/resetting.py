"""Verbs: a forgotten password is set anew in person: an officer makes a one-time code, the person types it.

The officer never learns the password, and whoever has a second factor keeps it: the code alone signs nobody in.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.access.service import LETTERS, holds_office, plain_code, revoke_keys
from app.accounts import service as accounts
from app.accounts.models import Account
from app.compounds.models import Person
from app.kit import audit
from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.refusals import NotFound, Refusal

RESET_LASTS = timedelta(minutes=30)
LENGTH = 12
"""Letters of 32: 60 bits, for half an hour, behind the sign-in throttle."""


class NoAccountYet(Refusal):
    says = mark("这个人还没有账号，或者账号停用了。")
    advice = mark("没有账号的，请发邀请码。")


class OfficerStays(Refusal):
    """A new password alone would be the whole account: its holder could set up the second factor of the office."""

    says = mark("在任的人没有动态码，不能这样重设。")
    advice = mark("请先结束他的任职，重设以后再登记。")


class WrongReset(Refusal):
    """One sentence for a wrong code, an old one, and a telephone without an account."""

    status = 401
    says = mark("手机号或重设码不对，或者过了 30 分钟。")
    advice = mark("请看清再输一次，或请居委会重新给一个。")


def make_reset_code(session: Session, actor: Actor, person_id: UUID) -> str:
    """A code for the person's account, shown once and stored hashed; an older one stops working.

    Whoever makes it could use it: so who holds an office by which money or seats move, here or elsewhere, needs a second
    factor for it, and without one their term is ended in public first.
    Raises NotAllowed, SecondFactorNeeded, NotFound, NoAccountYet, OfficerStays.
    """
    actor.need(Permission.INVITE)
    actor.need_second_factor()
    person = session.get(Person, (actor.compound.id, person_id))
    if person is None:
        raise NotFound
    account = session.get(Account, person.account_id, with_for_update=True) if person.account_id else None
    if account is None or not account.usable:
        raise NoAccountYet
    if account.totp_secret is None and holds_office(session, account.id):
        raise OfficerStays
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    account.reset_code_hash, account.reset_until_at = accounts.hashed_token(code).hex(), now() + RESET_LASTS
    session.add(account)
    on_record(session, actor, "password.reset-code-made", person_id)
    return code


def code_matches(account: Account | None, code: str) -> bool:
    """Of a usable account, in time."""
    if account is None or not account.usable or account.reset_until_at is None or account.reset_until_at <= now():
        return False
    return secrets.compare_digest(account.reset_code_hash or "", accounts.hashed_token(plain_code(code)).hex())


def account_of_phone(session: Session, phone: str, *, lock: bool = False) -> Account | None:
    wanted = select(Account).where(Account.phone == phone)
    return session.exec(wanted.with_for_update() if lock else wanted).one_or_none()


def reset_password(session: Session, phone: str, code: str, hashed: str) -> None:
    """Once: the code is spent, every session and key of the account ends. `hashed`: made before the transaction.

    Raises WrongReset.
    """
    account = account_of_phone(session, phone, lock=True)
    if account is None or not hashed or not code_matches(account, code):
        raise WrongReset
    account.password_hash, account.reset_code_hash, account.reset_until_at = hashed, None, None
    session.add(account)
    accounts.end_all_sessions(session, account.id)
    revoke_keys(session, account.id)
    accounts.forget_attempts(session, phone)
    audit.record(session, act="password.reset", outcome="done", account_id=account.id)
