"""Shapes at the border of the chart of accounts."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from app.kit.forms import Line, Wish
from app.kit.money import AmountRead
from app.treasury.chart_models import Fund, LedgerAccount


class FundWish(Wish):
    fund: Fund


class AccountName(Wish):
    name: Annotated[Line, Field(max_length=20)]


class CategoryWish(AccountName):
    """A new account. `use`: "income", "expense", "held" (owed to somebody) or "money" (one more place where money lies)."""

    fund: Fund
    use: Literal["income", "expense", "held", "money"]


class AccountWish(AccountName):
    """`retired`: offered no more; what was booked on it stays as it is."""

    retired: bool = False


class AccountRead(BaseModel):
    """`retired`: offered no more."""

    code: str
    name: str
    kind: str
    fund: str
    use: str
    retired: bool
    balance: AmountRead

    @classmethod
    def of(cls, account: LedgerAccount, fen: int) -> Self:
        named = {name: getattr(account, name) for name in ("code", "name", "kind", "fund", "use")}
        return cls(retired=account.retired_at is not None, balance=fen, **named)


class FundRead(BaseModel):
    """`money`: what its cash and bank hold."""

    fund: str
    money: AmountRead


class AccountsRead(BaseModel):
    """`balance` of an account: debit minus credit. `money`: the sum of cash and bank, of all `funds` together."""

    money: AmountRead
    funds: list[FundRead]
    accounts: list[AccountRead]
