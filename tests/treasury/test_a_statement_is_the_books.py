"""Whatever was booked, and however it was corrected: a statement's sums are what cash and bank held."""

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from app.compounds.models import Compound
from app.kit.ids import new_id
from app.treasury.chart_models import Code, Fund, Use
from app.treasury.journal import add_fund, book, open_books, reverse
from app.treasury.queries import balances
from app.treasury.statement_content import later_of, statement_document
from tests.cast import House
from tests.making import make_compound

SPAN = (date(2026, 9, 1), date(2026, 9, 30))
DAYS = st.dates(date(2026, 8, 1), date(2026, 10, 31))
PAIRS = (
    (Code.BANK, Code.PARKING),
    (Code.BANK, Code.OTHER_EXPENSE),
    (Code.CASH, Code.STOCK),
    (Code.CASH, Code.BANK),
    (Code.BANK, Code.OPENING),
    ("1102", "4101"),
    ("1102", "5101"),
    ("1502", "2501"),
    ("1502", "3501"),
)
"""An account of money and another of its fund: every kind of entry."""

ENTRIES = st.lists(
    st.tuples(st.sampled_from(PAIRS), st.integers(-(10**6), 10**6).filter(bool), DAYS, st.booleans(), st.booleans()), max_size=12
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ENTRIES)
def test_opening_and_what_came_and_went_is_what_is_there(house: House, entries: list[Any]) -> None:
    with house.session() as session:
        compound = books(session)
        wanted = []
        for (money, other), fen, on, taken, undone in entries:
            entry = book(session, compound.id, on, "一笔", [(money, fen), (other, -fen)])
            if undone:
                reverse(session, entry, "记错了")
            if taken and on > SPAN[1] and entry.kind in ("income", "expense"):
                wanted.append(entry.id)
        for later in ([], later_of(session, compound.id, SPAN, wanted)):
            holds(session, compound, statement_document(session, compound.id, SPAN, later), later)


def books(session: Session) -> Compound:
    compound = make_compound(session, f"c{new_id().hex[-12:]}", "某小区")
    open_books(session, compound.id)
    for fund in (Fund.MAINTENANCE, Fund.HELD):
        add_fund(session, compound.id, fund)
    return compound


def holds(session: Session, compound: Compound, said: dict[str, Any], later: list[Any]) -> None:
    money = {a.id: (a.fund, fen) for a, fen in balances(session, compound.id, SPAN[1], later) if a.use == Use.MONEY}
    plain = sum(fen for a, fen in balances(session, compound.id, SPAN[1]) if a.use == Use.MONEY and a.fund != Fund.HELD)
    owned = [fund for fund in said["funds"] if fund["fund"] != Fund.HELD]
    for fund in said["funds"]:
        assert fund["closing_fen"] == sum(fen for name, fen in money.values() if name == fund["fund"])
    for fund in owned:
        assert fund["opening_fen"] + fund["income_fen"] - fund["expense_fen"] == fund["closing_fen"]
    for name in ("opening_fen", "income_fen", "expense_fen", "closing_fen"):
        assert said[name] == sum(fund[name] for fund in owned)
    assert said["income_fen"] == sum(part["fen"] for part in said["income"])
    assert said["expense_fen"] == sum(part["fen"] for part in said["expense"])
    assert said["income_fen"] - said["expense_fen"] == sum(line["amount_fen"] for line in said["lines"])
    assert said["closing_fen"] == plain + said["later_fen"]
    assert sum(end["closing_fen"] for end in said["accounts"]) == sum(fen for _fund, fen in money.values())
    assert len({line["entry"] for line in said["lines"]}) == len(said["lines"])
