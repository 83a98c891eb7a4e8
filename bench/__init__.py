"""The measurements. Each module has `lines()`: it measures, side by side in one run, and yields what it found."""

from typing import NamedTuple


class Line(NamedTuple):
    """`measured` against `bar`, a sentence of three words: "≥ 0.07 bare", "≤ 2.5 s". The last word is only for people.

    Times differ between machines by a factor, ratios by a few percent: prefer a ratio wherever there is a peer.
    """

    name: str
    measured: float
    bar: str

    @property
    def reached(self) -> bool:
        comparison, limit, *_ = self.bar.split()
        return self.measured >= float(limit) if comparison == "≥" else self.measured <= float(limit)
