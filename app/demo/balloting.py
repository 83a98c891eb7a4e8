"""Ballots of owners as they would have come back. Pure."""

from collections.abc import Mapping, Sequence

from app.demo.dice import Dice
from app.demo.shapes import Unit, Votes


def ballots(
    dice: Dice, question: str, units: Sequence[Unit], owner_of: Mapping[str, str], returned: int, in_favour: int
) -> Votes:
    """One owner of several units is one person with all of their area (Civil Code 278).

    `owner_of`: unit key → the owner who answers for it; `returned` and `in_favour` in percent of persons.
    """
    area: dict[str, int] = {}
    for unit in units:
        area[owner_of[unit.key]] = area.get(owner_of[unit.key], 0) + unit.area
    part = [person for person in area if dice.percent(f"{question} returned {person}", returned)]
    yes = [person for person in part if dice.percent(f"{question} yes {person}", in_favour)]
    no = [person for person in part if person not in yes and dice.percent(f"{question} no {person}", 60)]

    def area_of(persons: Sequence[str]) -> int:
        return sum(area[person] for person in persons)

    return Votes(len(area), len(part), len(yes), len(no), area_of(list(area)), area_of(part), area_of(yes), area_of(no))
