"""
The arithmetic: from the values of many turns to a figure, and how far to trust it.

A group is measured in several processes, one after the other, since each has its own
layout of memory and its own hashes, which make it faster or slower from begin to end.
In each process all rows take turns. Values of the same turn belong together: they were
measured within a moment of each other, so a ratio is made turn by turn, and what slows
the machine for a while slows both sides of it.
"""

from collections.abc import Iterable, Sequence
from math import inf
from statistics import median, quantiles
from typing import Final, Self, TypeAlias, final

from attrs import frozen

Values: TypeAlias = Sequence[Sequence[float]]
"""The values of a row: those of each turn, for each process."""

WIDE: Final = 0.10
"""A range that is wider than this part of its median is no confident figure."""


@final
@frozen(order=False)
class Figure:
    """
    What the values of all turns come to.

    Attributes:
        median: The median of all turns.
        minimum: The least of all turns: what disturbs a turn makes it longer.
        low: Where the range begins: it spans the middle half of all turns, and the
            medians of the single processes.
        high: Where the range ends.
    """

    median: float
    minimum: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Values) -> Self:
        """
        Sum up the values of a row.

        Raises:
            ValueError: There are none.
        """
        every = [value for process in values for value in process]
        if not every:
            raise ValueError("a figure needs at least one value")
        medians = [median(process) for process in values if process]
        lower, _, upper = quantiles(every, n=4) if len(every) > 1 else every * 3
        # Of very few turns the quartiles are guessed, and may lie outside.
        low, high = max(lower, min(every)), min(upper, max(every))
        return cls(median(every), min(every), min(low, *medians), max(high, *medians))

    @property
    def spread(self) -> float:
        """How wide the range is, as a part of the median."""
        width = self.high - self.low
        return _ratio(width, abs(self.median)) if width else 0.0

    @property
    def is_wide(self) -> bool:
        """Whether the turns lie too far apart for a confident figure."""
        return self.spread > WIDE

    def scaled(self, factor: float) -> "Figure":
        """Return the figure in another unit; the factor is positive."""
        return Figure(
            self.median * factor,
            self.minimum * factor,
            self.low * factor,
            self.high * factor,
        )


def ratios(values: Values, others: Values) -> Values:
    """Return, turn by turn, how many times as large a value is as another."""
    return [
        [_ratio(value, other) for value, other in zip(*process, strict=True)]
        for process in zip(values, others, strict=True)
    ]


def excesses(values: Values, bases: Values) -> Values:
    """Return, turn by turn, what a value adds to that of the base."""
    return [
        [value - base for value, base in zip(*process, strict=True)]
        for process in zip(values, bases, strict=True)
    ]


def shares(values: Values, yardsticks: Values, bases: Values) -> Values:
    """Return what values add to the base, as a part of what the yardstick adds."""
    return ratios(excesses(values, bases), excesses(yardsticks, bases))


def _ratio(value: float, other: float) -> float:
    return value / other if other else inf


def percentile(values: Iterable[float], percent: float) -> float:
    """
    Return the least value that so many per cent of the values do not exceed.

    Raises:
        ValueError: There are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a percentile needs at least one value")
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(int(rank) - 1, 0)]
