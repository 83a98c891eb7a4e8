"""Verbs: a forgotten password is set anew with a one-time code: an officer makes it in person, or a text message brings it.

The officer never learns the password, and whoever has a second factor keeps it: the code alone signs nobody in.
"""

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.access.service import LETTERS, holds_office, plain_code, revoke_keys
from app.accounts import service as accounts
from app.accounts.models import Account
from app.compounds.models import Person
from app.kit import audit
from app.kit.clock import now
from app.kit.db import Database, reading
from app.kit.i18n import _, mark
from app.kit.jobs import Payload, TwoSteps, enqueue
from app.kit.refusals import NotFound, Refusal
from app.kit.texting import Gateway

RESET_LASTS = timedelta(minutes=30)
LENGTH = 12
"""Letters of 32: 60 bits, for half an hour, behind the sign-in throttle."""

SENT_LASTS = timedelta(minutes=10)
DIGITS = "23456789"
"""Eight of these come by text message: 24 bits, for ten minutes, behind a throttle of eight tries. No 0 and 1, as in LETTERS."""

SEND_CODE = "reset.send-code"


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
    says = mark("手机号或重设码不对，或者过时了。")
    advice = mark("请看清再输一次，或重新要一个。")


def make_reset_code(session: Session, actor: Actor, person_id: UUID, secret: bytes) -> str:
    """A code for the person's account, shown once and stored sealed with the house's secret; an older one stops working.

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
    account.reset_code_hash, account.reset_until_at = _sealed(secret, code), now() + RESET_LASTS
    session.add(account)
    on_record(session, actor, "password.reset-code-made", person_id)
    return code


def send_reset_code(session: Session, phone: str, address: str, secret: bytes) -> None:
    """Have a code sent to this telephone, if it is an account's.

    A code that still works stays: nobody can take it away by asking.

    For a stranger the same statements are carried out, the same job is enqueued and nothing is sent: neither the answer
    nor its time tells who lives here. Raises TooManyCodes.
    """
    accounts.count_code(session, phone, address)
    nonce = secrets.token_hex(16)
    sealing = (
        update(Account)
        .where(
            col(Account.phone) == phone,
            col(Account.closed_at).is_(None),
            col(Account.suspended_at).is_(None),
            or_(col(Account.reset_until_at).is_(None), col(Account.reset_until_at) <= now()),
        )
        .values(reset_code_hash=_sealed(secret, _sent_code(secret, nonce)), reset_until_at=now() + SENT_LASTS)
        .returning(col(Account.id))
    )
    account_id = session.connection().execute(sealing).scalar_one_or_none()
    enqueue(session, SEND_CODE, {"account_id": str(account_id) if account_id else None, "nonce": nonce})


def sending_codes(gateway: Gateway, secret: bytes) -> TwoSteps:
    """The job of `send_reset_code`. It is tried until it succeeds, while the code is still the account's."""

    def outside(db: Database, payload: Payload) -> bool:
        code = _sent_code(secret, payload["nonce"])
        with reading(db) as session:
            account = session.get(Account, UUID(payload["account_id"])) if payload["account_id"] else None
            if account is None or not code_matches(account, code, secret):
                return False
            if account.totp_secret is None and holds_office(session, account.id):
                return False  # as OfficerStays: whoever reads the telephone's messages would hold the office
        words = _("您重设密码的验证码是 %(code)s，10 分钟内有效。不要告诉别人，居委会也不会问您要。", code=code)
        gateway.send(account.phone, words)
        return True

    def inside(session: Session, payload: Payload, sent: bool) -> None:
        if sent:
            audit.record(session, act="password.reset-code-sent", outcome="done", account_id=UUID(payload["account_id"]))

    return TwoSteps(outside, inside)


def _sent_code(secret: bytes, nonce: str) -> str:
    """Made again from the job's nonce at each try, and so stored nowhere."""
    return "".join(DIGITS[byte % len(DIGITS)] for byte in hmac.digest(secret, f"sent code {nonce}".encode(), "sha256")[:8])


def _sealed(secret: bytes, code: str) -> str:
    """A code is short: only with a key does its hash hide it from who has read the database."""
    return hmac.digest(secret, f"reset code {code}".encode(), "sha256").hex()


def code_matches(account: Account | None, code: str, secret: bytes) -> bool:
    """Of a usable account, in time."""
    if account is None or not account.usable or account.reset_until_at is None or account.reset_until_at <= now():
        return False
    return secrets.compare_digest(account.reset_code_hash or "", _sealed(secret, plain_code(code)))


def account_of_phone(session: Session, phone: str, *, lock: bool = False) -> Account | None:
    wanted = select(Account).where(Account.phone == phone)
    return session.exec(wanted.with_for_update() if lock else wanted).one_or_none()


def reset_password(session: Session, phone: str, code: str, hashed: str, secret: bytes) -> None:
    """Once: the code is spent, every session and key of the account ends. `hashed`: made before the transaction.

    Raises WrongReset.
    """
    account = account_of_phone(session, phone, lock=True)
    if account is None or not hashed or not code_matches(account, code, secret):
        raise WrongReset
    account.password_hash, account.reset_code_hash, account.reset_until_at = hashed, None, None
    session.add(account)
    accounts.end_all_sessions(session, account.id)
    revoke_keys(session, account.id)
    accounts.forget_attempts(session, phone)
    audit.record(session, act="password.reset", outcome="done", account_id=account.id)
