"""
What was measured: the values while a group is measured, and then what they come to.

A `Result` is what tables, plots and the record on disk are made of.
"""

from collections.abc import Mapping
from typing import Self, final

from attrs import define, field, frozen

from tests.benchmarks.figures import Figure, Values, excesses, ratios, shares
from tests.benchmarks.group import Effort, Group


@final
@define(eq=False)
class Measurement:
    """
    The values of a group, as they come.

    Attributes:
        group: The group.
        effort: How much is done for a figure.
        left_out: What could not be measured, and why.
    """

    group: Group
    effort: Effort
    left_out: dict[str, str] = field(factory=dict[str, str], init=False)
    _values: dict[tuple[str, str], list[list[float]]] = field(
        factory=dict[tuple[str, str], list[list[float]]], init=False
    )

    def add(self, process: int, row: str, values: Mapping[str, float]) -> None:
        """Take the values of a turn."""
        for case, value in values.items():
            processes = self._values.setdefault((row, case), [])
            while len(processes) <= process:
                processes.append([])
            processes[process].append(value)

    def has(self, row: str, case: str) -> bool:
        """Whether a row was measured in a case."""
        return (row, case) in self._values

    def values(self, row: str, case: str) -> Values:
        """
        Return the values of a row in a case.

        Raises:
            KeyError: It was not measured.
        """
        return self._values[row, case]


@final
@frozen(order=False)
class Cell:
    """
    What the values of a row in a case come to.

    Attributes:
        figure: The value itself.
        excess: What it adds to that of the base.
        share: What it adds, as a part of what the yardstick adds.
        to_base: How many times the value of the base it is.
        to_ours: How many times the value of typedws it is.
    """

    figure: Figure
    excess: Figure | None = None
    share: Figure | None = None
    to_base: Figure | None = None
    to_ours: Figure | None = None


@final
@frozen(order=False)
class Result:
    """
    What a group comes to.

    Attributes:
        processes: How many processes have measured it.
        turns: How many turns each has taken.
        cells: By the case, and by the row.
        goals: The figure of each goal, by its text.
        left_out: What could not be measured, and why.
    """

    processes: int
    turns: int
    cells: dict[str, dict[str, Cell]]
    goals: dict[str, Figure]
    left_out: dict[str, str]

    @classmethod
    def of(cls, measured: Measurement) -> Self:
        """Sum up a measurement."""
        group = measured.group
        cells = {
            case: {
                row.name: _cell(measured, row.name, case)
                for row in group.rows
                if measured.has(row.name, case)
            }
            for case in group.cases
        }
        effort = measured.effort
        return cls(
            processes=effort.processes,
            turns=effort.turns,
            cells={case: rows for case, rows in cells.items() if rows},
            goals=_goals(measured),
            left_out=measured.left_out,
        )


def _cell(measured: Measurement, row: str, case: str) -> Cell:
    values = measured.values(row, case)
    base = _values(measured, measured.group.base, case)
    yardstick = _values(measured, measured.group.yardstick, case)
    ours = _values(measured, measured.group.ours, case)
    return Cell(
        figure=Figure.of(values),
        excess=None if base is None else Figure.of(excesses(values, base)),
        share=(
            None
            if base is None or yardstick is None
            else Figure.of(shares(values, yardstick, base))
        ),
        to_base=None if base is None else Figure.of(ratios(values, base)),
        to_ours=None if ours is None else Figure.of(ratios(values, ours)),
    )


def _values(measured: Measurement, row: str | None, case: str) -> Values | None:
    if row is None or not measured.has(row, case):
        return None
    return measured.values(row, case)


def _goals(measured: Measurement) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for goal in measured.group.goals:
        try:
            figures[goal.text] = goal.figure(measured.values)
        except KeyError:
            continue  # a row of it was left out
    return figures
