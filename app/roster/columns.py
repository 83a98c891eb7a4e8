"""Which columns of a sheet to believe, where several say the same, and whose phone a phone is."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.kit.tables import MOST_COLUMNS
from app.roster.headings import CO_OWNERS, Header, Heading, Meaning
from app.roster.people import Relation

_ONE_EACH: tuple[Meaning, ...] = ("building", "entrance", "room", "address", "area", "kind", "share", "relation", "note")


@dataclass(frozen=True)
class PeopleColumn:
    """A column of names and the columns of their phones, the first to believe first."""

    name: int
    phones: tuple[int, ...]
    relation: Relation


@dataclass(frozen=True)
class Columns:
    """One list on a sheet, `left` included, `right` not: a column for each meaning, and the columns of people."""

    left: int
    right: int
    one: dict[Meaning, int]
    people: tuple[PeopleColumn, ...]

    def of(self, meaning: Meaning) -> int | None:
        return self.one.get(meaning)

    def used(self) -> set[int]:
        return {*self.one.values(), *(c for p in self.people for c in (p.name, *p.phones))}


def lists_of(header: Header) -> list[Columns]:
    """The lists of a sheet: usually one, more where the same headings stand again to the right."""
    headings = header.headings
    first = headings[min(headings)]
    rooms = [h.text for h in headings.values() if h.meaning == "room"]
    starts = [c for c in sorted(headings) if headings[c].text == first.text]
    again = len(set(rooms)) == 1 and len(rooms) == len(starts)
    bounds = [0, *(starts[1:] if again else ()), MOST_COLUMNS]
    return [_columns(header.headings, left, right) for left, right in pairwise(bounds)]


def _columns(all_headings: dict[int, Heading], left: int, right: int) -> Columns:
    headings = {c: h for c, h in sorted(all_headings.items()) if left <= c < right}
    one: dict[Meaning, int] = {}
    for meaning in _ONE_EACH:
        rivals = [c for c, h in headings.items() if h.meaning == meaning]
        if rivals:
            one[meaning] = min(rivals, key=lambda c: (headings[c].rank, c))
    return Columns(left, right, one, tuple(_people(headings)))


def _people(headings: dict[int, Heading]) -> Iterator[PeopleColumn]:
    all_names = [c for c, h in headings.items() if h.meaning == "name"]
    tenants = [c for c, h in headings.items() if h.meaning == "tenant"][:1]
    best = min((headings[c].rank for c in all_names), default=0)
    owners = [c for c in all_names if headings[c].rank == best or headings[c].plain in CO_OWNERS]
    belonging: dict[int, list[int]] = {}
    for column, h in headings.items():
        if h.meaning in ("phone", "tenant_phone"):
            candidates = tenants if h.meaning == "tenant_phone" else sorted(all_names + tenants)
            if candidates:
                nearest = max((c for c in candidates if c < column), default=candidates[0])
                belonging.setdefault(nearest, []).append(column)
    if owners and not any(belonging.get(c) for c in owners):
        # 业主 | 租户 | 电话: the only phone is the owner's.
        belonging[owners[0]] = [c for c, h in headings.items() if h.meaning == "phone"]
        belonging = {
            c: [p for p in phones if c == owners[0] or headings[p].meaning != "phone"] for c, phones in belonging.items()
        }
    for column in owners:
        yield PeopleColumn(column, tuple(belonging.get(column, ())), "owner")
    for column in tenants:
        yield PeopleColumn(column, tuple(belonging.get(column, ())), "tenant")
