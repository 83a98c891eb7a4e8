"""An invite slip binds one account to one unit, once."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import Session, select

from app.access import service
from app.access.models import Invite
from app.accounts import service as accounts
from app.accounts.models import Account
from app.compounds.models import Ownership, Person, Unit
from app.kit.clock import now
from tests.access.conftest import HASHED, PASSWORD
from tests.cast import Answer, House, actor_of
from tests.making import make_unit

RIVALS = 20


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "password_hash", lambda _: HASHED)


def slip(house: House, name: str = "新业主", rivals: int = 1) -> tuple[str, Unit]:
    """A unit with `rivals` owners without accounts, and its code."""
    with house.session() as session:
        unit = make_unit(session, house.compound, room="1101")
        for i in range(rivals):
            person = Person(compound_id=house.compound.id, name=name if rivals == 1 else f"{name}{i}")
            session.add(person)
            session.flush()
            session.add(Ownership(compound_id=house.compound.id, unit_id=unit.id, person_id=person.id))
        return service.make_invite(session, actor_of(house.liu), unit.id), unit


def use(house: House, code: str, name: str = "新业主", phone: str = "19911112222") -> Answer:
    return house.nobody.post("//invite", {"code": code, "name": name, "phone": phone, "password": PASSWORD})


def test_a_slip_opens_an_account_and_leads_in(house: House) -> None:
    code, _ = slip(house)
    typed = " ".join(code[i : i + 4] for i in range(0, 24, 4)).lower()
    answer = use(house, typed)
    assert answer.status == 303
    token = next(c for c in answer.response.headers.get_list("set-cookie") if c.startswith("sid=")).split("=")[1].split(";")[0]
    assert "新业主" in house.nobody.get("/", cookies={"sid": token}).words


def test_the_code_is_not_in_the_database(house_sqlite: House) -> None:
    code, _ = slip(house_sqlite)
    with house_sqlite.session() as session:
        assert code.encode() not in session.exec(select(Invite)).one().code_hash
    assert len(code) * 5 >= 112, "bits"


@pytest.mark.parametrize("case", ["unknown", "used", "expired", "replaced"])
def test_a_bad_slip_says_one_sentence_whatever_is_wrong_with_it(house_sqlite: House, case: str) -> None:
    house = house_sqlite
    code, unit = slip(house)
    later = now()
    if case == "unknown":
        code = "A" * 24
    if case == "used":
        use(house, code)
    if case == "expired":
        later += timedelta(days=60, seconds=1)
    if case == "replaced":
        with house.session() as session:
            service.make_invite(session, actor_of(house.liu), unit.id)
    with time_machine.travel(later, tick=False):
        answer = use(house, code, phone="19933334444")
    assert answer.status == 409
    assert "这个邀请码不对，或者已经用过" in answer.words
    assert "19933334444" in answer.text, "the form keeps what was typed"


def test_another_name_than_the_deeds_opens_nothing(house_sqlite: House) -> None:
    code, _ = slip(house_sqlite)
    answer = use(house_sqlite, code, name="冒名")
    assert answer.status == 409
    assert "没有这个姓名" in answer.words
    assert use(house_sqlite, code).status == 303, "and does not use the slip up"


def test_a_slip_never_takes_an_account_over(house_sqlite: House) -> None:
    house = house_sqlite
    code, _ = slip(house)
    with house.session() as session:
        account = session.get_one(Account, house.wang.person.account_id)
        account.password_hash = HASHED
        session.add(account)
    assert use(house, code, phone=account.phone).status == 409


def opened(house: House) -> int:
    with house.session() as session:
        return len(session.exec(select(Person).where(Person.name.startswith("新业主"), Person.account_id.is_not(None))).all())  # type: ignore[attr-defined,union-attr]


def rivals(house: House) -> list[Answer]:
    code, _ = slip(house, rivals=RIVALS)
    return house.at_once(
        *[
            (
                house.nobody,
                "POST",
                "/../../invite",
                {"data": {"code": code, "name": f"新业主{i}", "phone": f"1995555{i:04d}", "password": PASSWORD}},
            )
            for i in range(RIVALS)
        ]
    )


def test_of_twenty_rivals_with_one_slip_exactly_one_is_let_in(house: House) -> None:
    answers = rivals(house)
    assert sorted(answer.status for answer in answers) == [303] + [409] * (RIVALS - 1)
    assert opened(house) == 1


def test_without_the_lock_on_the_slip_more_than_one_is_let_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same race against a slip that is read without being locked and never marked as used."""
    real = service.use_invite

    def unguarded(session: Session, code: str, name: str, phone: str, hashed: str) -> object:
        account_id = real(session, code, name, phone, hashed)
        invite = session.exec(select(Invite)).one()
        invite.used_at = None
        session.add(invite)
        return account_id

    monkeypatch.setattr(service, "use_invite", unguarded)
    rivals(house)
    assert opened(house) > 1


def test_guessing_slips_costs_no_hashing_and_is_counted(strict: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def hashing(password: str) -> str:
        asked.append(password)
        return HASHED

    monkeypatch.setattr(accounts, "password_hash", hashing)
    code, _ = slip(strict)
    assert [use(strict, "A" * 24).status for _ in range(8)] == [409] * 8
    assert asked == []
    assert use(strict, code).status == 429
    assert use(strict, code, phone="19911113333").status == 303, "a guesser is not in the way of the neighbours"
    assert asked == [PASSWORD]
