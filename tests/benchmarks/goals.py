"""
The goals: what typedws is to reach, and whether a measurement shows that it does.

A goal is met, or missed, when the whole range of its figure says so. Where the range
has the bound within, or a row was left out, nobody can tell, and that is the verdict.
"""

from collections.abc import Callable
from enum import Enum
from typing import final

from attrs import field, frozen

from tests.benchmarks.figures import Figure, Values, ratios, shares

Series = Callable[[str, str], Values]
"""Gives the values of a row in a case."""


class Verdict(Enum):
    """Whether a goal is met."""

    MET = "met"
    MISSED = "missed"
    OPEN = "too close to call"


@final
@frozen(order=False)
class Goal:
    """
    A bound for a figure, made of the values of some rows.

    Attributes:
        text: What is to be reached.
        row: The row of typedws.
        case: In which case.
        yardstick: The row that it is compared with; none if its own value counts.
        base: The row that is taken away from both, so that what they add to it counts.
        is_speed: Whether the figure is how many times as fast as the yardstick the row
            is, and more is better; else it is how many times as long it takes.
        bound: The bound.
    """

    text: str
    row: str = field(kw_only=True)
    case: str = field(default="", kw_only=True)
    yardstick: str | None = field(default=None, kw_only=True)
    base: str | None = field(default=None, kw_only=True)
    is_speed: bool = field(default=False, kw_only=True)
    bound: float = field(kw_only=True)

    def figure(self, series: Series) -> Figure:
        """
        Make the figure.

        Raises:
            KeyError: A row was not measured.
        """
        ours = series(self.row, self.case)
        if self.yardstick is None:
            return Figure.of(ours)
        theirs = series(self.yardstick, self.case)
        if self.base is not None:
            base = series(self.base, self.case)
            return Figure.of(shares(ours, theirs, base))
        if self.is_speed:
            return Figure.of(ratios(theirs, ours))
        return Figure.of(ratios(ours, theirs))

    def verdict(self, figure: Figure) -> Verdict:
        """Say whether it is met."""
        met, missed = figure.high <= self.bound, figure.low > self.bound
        if self.is_speed:
            met, missed = figure.low >= self.bound, figure.high < self.bound
        if met:
            return Verdict.MET
        return Verdict.MISSED if missed else Verdict.OPEN
