"""How a month, a quarter or a year stands against the one before, in plain words."""

from collections.abc import Mapping, Sequence
from datetime import date

from app.kit.i18n import _, mark
from app.kit.money import yuan
from app.treasury.models import EntryKind
from app.treasury.periods import MONTH, QUARTER, YEAR, Term

MOST = 3
"""Categories of a side that are named; more would be another table."""

Sides = Mapping[EntryKind, Sequence[tuple[str, str, int]]]
"""What `queries.by_category` gives: (code, account, fen) of income and of expense."""


def than_before(term: Term, today: date) -> str:
    """What a term is compared with; while it runs, with as many days."""
    names = {
        MONTH: (mark("上月"), mark("上月同期")),
        QUARTER: (mark("上季"), mark("上季同期")),
        YEAR: (mark("上年"), mark("上年同期")),
    }
    return _(names[term.months][today < term.last])


def compared(now: Sides, before: Sides) -> list[str]:
    """Sentences about what is more or less than before: for each side its sum and then what changed most; a side of one
    category is told by its name.
    """
    said = []
    for side in (EntryKind.INCOME, EntryKind.EXPENSE):
        mine, theirs = ({name: fen for _code, name, fen in sides[side]} for sides in (now, before))
        changes = {name: mine.get(name, 0) - theirs.get(name, 0) for name in [*mine, *theirs]}
        if len(changes) > 1:
            said.append(_sentence(_("总"), side, sum(changes.values())))
        largest = sorted(changes.items(), key=lambda change: (-abs(change[1]), change[0]))[:MOST]
        said += [_sentence(name, side, fen) for name, fen in largest]
    return [sentence for sentence in said if sentence]


def _sentence(what: str, side: EntryKind, fen: int) -> str:
    """A name such as 地面停车 makes 地面停车收入; "" where nothing changed."""
    if fen == 0:
        return ""
    if side is EntryKind.INCOME:
        more, less = mark("%(what)s收入多 %(amount)s"), mark("%(what)s收入少 %(amount)s")
    else:
        more, less = mark("%(what)s支出多 %(amount)s"), mark("%(what)s支出少 %(amount)s")
    return _(more if fen > 0 else less, what=what, amount=yuan(abs(fen)))
