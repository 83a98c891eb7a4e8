"""How a month stands against the one before, in plain words."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from app.kit.i18n import _, mark
from app.kit.money import yuan
from app.treasury.models import EntryKind

MOST = 3
"""Categories of a side that are named; more would be another table."""

Sides = Mapping[EntryKind, Sequence[tuple[str, str, int]]]
"""What `queries.by_category` gives: (code, account, fen) of income and of expense."""


def same_days_before(day: date) -> date:
    """Until when the month before counts: nine days stand against nine days, a whole month against a whole one."""
    last = day.replace(day=1) - timedelta(days=1)
    whole = (day + timedelta(days=1)).day == 1
    return last if whole else last.replace(day=min(day.day, last.day))


def compared(now: Sides, before: Sides) -> list[str]:
    """Sentences, for each side its sum and then what changed most; a side of one category is told by its name."""
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
        more, less = mark("%(what)s收入比上月同期多 %(amount)s"), mark("%(what)s收入比上月同期少 %(amount)s")
    else:
        more, less = mark("%(what)s支出比上月同期多 %(amount)s"), mark("%(what)s支出比上月同期少 %(amount)s")
    return _(more if fen > 0 else less, what=what, amount=yuan(abs(fen)))
