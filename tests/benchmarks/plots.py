"""Plots: bars for rows that are compared, curves for what grows."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Final, final

from attrs import frozen

from tests.benchmarks.drawing import Drawing
from tests.benchmarks.figures import Figure
from tests.benchmarks.group import Group, Row, Unit
from tests.benchmarks.libraries import LITESTAR, STARLETTE, TYPEDWS
from tests.benchmarks.results import Cell, Result
from tests.benchmarks.table import shown

WIDTH: Final = 760
LEFT: Final = 290
RIGHT: Final = 130
BAR: Final = 14
STEP: Final = 20
HEADING: Final = 26
TOP: Final = 34

PLOT_HEIGHT: Final = 320
AXIS: Final = 60
"""Room for the numbers on the left of curves."""

NAMES: Final = 230
"""Room for the names on the right of curves."""

LINE: Final = 14

LONGEST: Final = 3.0
"""A bar that is so many times as long as the yardstick's is cut."""

DASHES: Final = ("", "6 3", "2 3", "8 3 2 3")


def plot_of(group: Group, result: Result) -> str:
    """Draw a group."""
    drawing = Drawing(WIDTH, f"{group.title}: a plot of the table below")
    better = "more" if group.unit is Unit.PER_SECOND else "less"
    drawing.text(0, 14, group.title, "strong")
    drawing.text(WIDTH, 14, f"{group.unit.value}, {better} is better", "soft", "end")
    draw = _curves if group.scale else _bars
    return drawing.svg(draw(group, result, drawing))


def _kind(row: Row, group: Group) -> str:
    if row.name == group.base:
        return "base"
    named = {TYPEDWS.name: "typedws", STARLETTE.name: "starlette"}
    named[LITESTAR.name] = "litestar"
    return named.get(row.library.name, "other")


# --- Bars --------------------------------------------------------------------------


def _bars(group: Group, result: Result, drawing: Drawing) -> int:
    y = TOP
    for case, cells in result.cells.items():
        if case:
            drawing.text(0, y + BAR, case, "soft")
            y += HEADING
        longest = _longest(group, cells)
        for row in group.rows:
            if row.name in cells:
                figure = cells[row.name].figure
                _bar(drawing, y, group, row, figure=figure, longest=longest)
                y += STEP
        y += STEP // 2
    return y


def _longest(group: Group, cells: Mapping[str, Cell]) -> float:
    """Return the value that fills the width."""
    values = {name: group.unit.of(cell.figure.median) for name, cell in cells.items()}
    most = max(values.values())
    yardstick = values.get(group.yardstick or group.ours or "", most)
    return min(most, yardstick * LONGEST)


def _bar(
    drawing: Drawing, y: int, group: Group, row: Row, *, figure: Figure, longest: float
) -> None:
    scale = (WIDTH - LEFT - RIGHT) / longest
    value = group.unit.of(figure.median)
    end = LEFT + min(value, longest) * scale
    middle = y + BAR / 2
    drawing.text(LEFT - 8, y + BAR - 2, row.name, anchor="end")
    drawing.bar(LEFT, y, end - LEFT, BAR, _kind(row, group))
    if value > longest:
        # Cut: the number beside it says how long it is.
        drawing.line(end - 24, y + BAR + 2, end - 16, y - 2, "gap")
    else:
        low, high = (
            LEFT + min(group.unit.of(side), longest) * scale
            for side in (figure.low, figure.high)
        )
        drawing.line(low, middle, high, middle, "range")
        end = max(end, low, high)
    drawing.text(end + 6, y + BAR - 2, shown(figure, group.unit), "soft")


# --- Curves ------------------------------------------------------------------------


@final
@frozen(order=False)
class _Scale:
    """A logarithmic scale, from values to places."""

    least: float
    most: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        part = log10(value / self.least) / (log10(self.most / self.least) or 1)
        return self.begin + part * (self.end - self.begin)


def _curves(group: Group, result: Result, drawing: Drawing) -> int:
    numbers = [float(case) for case in result.cells]
    values = [
        group.unit.of(cell.figure.median)
        for cells in result.cells.values()
        for cell in cells.values()
    ]
    bottom = TOP + PLOT_HEIGHT
    across = _Scale(min(numbers), max(numbers), AXIS, WIDTH - NAMES)
    up = _Scale(_below(min(values)), _above(max(values)), bottom, TOP)
    _draw_axes(drawing, numbers, across, up)
    drawing.text((AXIS + WIDTH - NAMES) / 2, bottom + 36, group.scale, "soft", "middle")
    ends: list[tuple[float, str, str]] = []
    seen: dict[str, int] = {}
    for row in group.rows:
        points = [
            (
                across.at(float(case)),
                up.at(group.unit.of(cells[row.name].figure.median)),
            )
            for case, cells in result.cells.items()
            if row.name in cells
        ]
        kind = _kind(row, group)
        if points:
            drawing.curve(points, kind, DASHES[seen.get(kind, 0) % len(DASHES)])
            ends.append((points[-1][1], row.name, kind))
        seen[kind] = seen.get(kind, 0) + 1
    _draw_names(drawing, ends, bottom)
    return bottom + 44


def _draw_axes(
    drawing: Drawing, numbers: Sequence[float], across: _Scale, up: _Scale
) -> None:
    for number in numbers:
        x = across.at(number)
        drawing.line(x, up.begin, x, up.begin + 4, "axis")
        drawing.text(x, up.begin + 18, f"{number:,.0f}", "soft", "middle")
    for power in range(floor(log10(up.least)), ceil(log10(up.most)) + 1):
        for factor in (1, 2, 5):
            value = factor * 10.0**power
            if up.least <= value <= up.most:
                y = up.at(value)
                drawing.line(across.begin, y, across.end, y, "axis")
                drawing.text(AXIS - 8, y + 4, f"{value:,g}", "soft", "end")


def _draw_names(
    drawing: Drawing, ends: list[tuple[float, str, str]], bottom: float
) -> None:
    """Write each name where its curve ends, or as near as the others let it."""
    names = sorted(ends)
    places: list[float] = []
    for end, *_ in names:
        places.append(max(end + 4, places[-1] + LINE) if places else end + 4)
    below = bottom + LINE
    for at in reversed(range(len(places))):
        below = places[at] = min(places[at], below - LINE)
    for place, (_, name, kind) in zip(places, names, strict=True):
        drawing.text(WIDTH - NAMES + 10, place, name, kind)


def _below(value: float) -> float:
    """Return a round number that is not above a value."""
    power = 10.0 ** floor(log10(value))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= value)


def _above(value: float) -> float:
    """Return a round number that is not below a value."""
    power = 10.0 ** floor(log10(value))
    return min(factor * power for factor in (1, 2, 5, 10) if factor * power >= value)
