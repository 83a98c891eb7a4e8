"""Dice that fall the same way on every machine.

`random.Random` keeps `random()` stable between Python versions, but not `choice`, `sample` or `shuffle`. The demo must be
the same world on 3.11 and 3.14, so every throw is a SHA-256 of what it decides: the same question always gets the same answer,
whatever was asked before it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Dice:
    """Throws named by their question: `Dice("fengshu").between("rent 3-2-602", 0, 9)`."""

    seed: str

    def number(self, question: str) -> int:
        """A 64-bit number that depends on the seed and the question only."""
        return int.from_bytes(hashlib.sha256(f"{self.seed}\n{question}".encode()).digest()[:8], "big")

    def between(self, question: str, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.number(question) % (high - low + 1)

    def share(self, question: str) -> float:
        """A fraction in [0, 1): for crops and light, never for money."""
        return self.number(question) / 2**64

    def percent(self, question: str, chance: int) -> bool:
        """True in `chance` of 100 questions."""
        return self.number(question) % 100 < chance

    def one(self, question: str, things: Sequence[Thing]) -> Thing:
        return things[self.number(question) % len(things)]

    def some(self, question: str, things: Sequence[Thing], count: int) -> list[Thing]:
        """`count` different things in the order of their throws (all of them when there are fewer)."""
        order = sorted(range(len(things)), key=lambda n: self.number(f"{question} #{n}"))
        return [things[n] for n in order[:count]]
