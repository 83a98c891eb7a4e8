"""People with passwords. One cheap Argon2 hash serves all: what costs 20 ms in the house costs nothing in its tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from app.accounts.models import Account
from tests.cast import House, One, open_house

PASSWORD = "枫叶2026真好"
HASHED = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture
def strict(house_url: str, tmp_path: Path) -> Iterator[House]:
    """The house with its throttles on, once on each engine."""
    with open_house(house_url, tmp_path, throttled=True) as house:
        yield house


def with_password(house: House, one: One) -> str:
    """Gives them PASSWORD; returns their telephone."""
    with house.session() as session:
        account = session.get_one(Account, one.person.account_id)
        account.password_hash = HASHED
        session.add(account)
        return account.phone
