"""What one turn does: the same thing again and again, for about as long as told."""

from collections.abc import Awaitable, Callable, Sequence
from math import ceil
from typing import Final, final

from attrs import define, field

from tests.benchmarks.group import Subject

TURN: Final = 0.01
"""Seconds of a turn in memory: long for a clock, short for what disturbs it."""

WARM_UPS: Final = 5
FIRST_COUNT: Final = 20
MOST: Final = 100_000


@final
@define(eq=False)
class Repeated:
    """
    Something that is done many times in a turn; how many, the warm-up finds out.

    Attributes:
        measure: Does it so many times, and returns the seconds that this took.
        step: The number is a multiple of this one.
        seconds: How long a turn is to take.
        warm_ups: How often it is done a few times, before that is clocked.
        count: The number.
    """

    measure: Callable[[int], Awaitable[float]]
    step: int = field(default=1, kw_only=True)
    seconds: float = field(default=TURN, kw_only=True)
    warm_ups: int = field(default=WARM_UPS, kw_only=True)
    count: int = field(default=0, init=False)

    async def warm_up(self) -> None:
        """Do it on several connections, and find out how often fills a turn."""
        count = self._rounded(FIRST_COUNT)
        taken = 0.0
        for _ in range(self.warm_ups):
            taken = await self.measure(count)
        while taken < self.seconds / 2 and count < MOST:
            count = self._rounded(count * 2)
            taken = await self.measure(count)
        self.count = self._rounded(min(count * self.seconds / max(taken, 1e-9), MOST))

    async def turn(self) -> Sequence[float]:
        """Return the seconds of doing it once."""
        return [await self.measure(self.count) / self.count]

    def _rounded(self, count: float) -> int:
        return max(ceil(count / self.step), 1) * self.step


def subject_of(row: str, case: str, turns: Repeated) -> Subject:
    """Make the subject of a row in a case."""
    return Subject(row, (case,), turn=turns.turn, warm_up=turns.warm_up)


def repeated(
    row: str, case: str, measure: Callable[[int], Awaitable[float]], step: int = 1
) -> Subject:
    """Make the subject of a row in a case, whose turns are in memory."""
    return subject_of(row, case, Repeated(measure, step=step))
