"""Twenty rivals with one code of the second factor: exactly one passes. The control has its guard off and must fail."""

from threading import Barrier, Thread

import pyotp
from sqlalchemy import NullPool, create_engine
from sqlmodel import Session

from app.accounts.models import Account
from app.kit.clock import now
from tests.cast import House

RIVALS = 20


def secret_of(house: House) -> str:
    with house.session() as session:
        account = session.get_one(Account, house.zhang.person.account_id)
        account.totp_secret = pyotp.random_base32()
        return account.totp_secret


def test_twenty_rivals_with_one_code_are_one_who_passes(house: House) -> None:
    code = pyotp.TOTP(secret_of(house)).at(now())
    answers = house.at_once(*[(house.zhang, "POST", "/second-factor", {"data": {"code": code}})] * RIVALS)
    assert sorted(answer.status for answer in answers) == [303] + [409] * (RIVALS - 1)


def test_control_without_the_guard_in_the_update_all_pass(house: House) -> None:
    secret_of(house)
    engine, barrier = create_engine(house.db.url, poolclass=NullPool), Barrier(RIVALS)
    passed: list[bool] = []

    def confirm() -> None:
        with Session(engine) as session:
            account = session.get_one(Account, house.zhang.person.account_id)
            unspent = account.totp_step is None
            barrier.wait(30)
            if unspent:
                account.totp_step = 7
                session.commit()
                passed.append(True)

    threads = [Thread(target=confirm) for _ in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    assert len(passed) > 1, "the control must let several pass, or the race above proves nothing"
