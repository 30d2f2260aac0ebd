"""Tables: the cells of a result as texts, for the terminal and for the page alike."""

from collections.abc import Sequence
from typing import Final, final

from attrs import frozen

from tests.benchmarks.figures import WIDE, Figure
from tests.benchmarks.goals import Goal, Verdict
from tests.benchmarks.group import Group, Unit
from tests.benchmarks.libraries import RAW, TYPEDWS
from tests.benchmarks.results import Cell, Result

MARK: Final = "?"
WIDE_TEXT: Final = (
    f"{MARK}: the turns lie more than {WIDE:.0%} apart, as they do when something else "
    "keeps the machine busy. So there is a range in place of a figure: measure again "
    "before you rely on it."
)
NOTHING: Final = "-"


@final
@frozen(order=False)
class Table:
    """
    A table of texts.

    Attributes:
        head: The titles of the columns.
        lines: The lines; the first cells are names, the others numbers.
        names: How many of the first cells are names.
    """

    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    names: int

    @property
    def is_marked(self) -> bool:
        """Whether a figure in it is none to rely on."""
        return any(MARK in cell for line in self.lines for cell in line)


def table_of(group: Group, result: Result) -> Table:
    """Make the table of a group."""
    has_cases = group.cases != ("",)
    head = [*(["case"] if has_cases else []), "", group.unit.value, "best", "spread"]
    head += _titles(group)
    lines = [
        [*([case] if has_cases else []), name, *_texts(group, cell)]
        for case, rows in result.cells.items()
        for name, cell in rows.items()
    ]
    return Table(head, lines, names=2 if has_cases else 1)


def _titles(group: Group) -> list[str]:
    titles: list[str] = []
    if group.base is not None:
        titles.append(f"over {group.base}")
    if group.base is not None and group.yardstick is not None:
        titles.append(f"as a part of {group.yardstick}")
    elif group.base is not None:
        titles.append(f"{group.base} takes 1")
    if group.ours is not None:
        titles.append(f"{group.ours} takes 1")
    return titles


def _texts(group: Group, cell: Cell) -> list[str]:
    figure = cell.figure
    texts = [
        shown(figure, group.unit),
        group.unit.shown(figure.minimum),
        f"{figure.spread:.0%}",
    ]
    if group.base is not None:
        texts.append(_excess(cell, group.unit))
    if group.base is not None and group.yardstick is not None:
        texts.append(factor(cell.share))
    elif group.base is not None:
        texts.append(factor(cell.to_base))
    if group.ours is not None:
        texts.append(factor(cell.to_ours))
    return texts


def shown(figure: Figure, unit: Unit) -> str:
    """Show a figure, or its range and a mark if it is none to rely on."""
    if not figure.is_wide:
        return unit.shown(figure.median)
    ends = sorted((unit.of(figure.low), unit.of(figure.high)))
    low, high = (unit.number(end) for end in ends)
    return f"{low} to {high} {MARK}"


def factor(figure: Figure | None) -> str:
    """Show a ratio."""
    if figure is None:
        return NOTHING
    return f"{figure.median:.2f}"


def _excess(cell: Cell, unit: Unit) -> str:
    if cell.excess is None or not cell.excess.median:
        return NOTHING
    if unit is Unit.PER_SECOND:
        return f"{Unit.MICROSECONDS.shown(cell.excess.median)} µs"
    return unit.shown(cell.excess.median)


def slower_than(group: Group, result: Result) -> str:
    """Say in a sentence what is faster than typedws in this group."""
    if group.ours is None:
        return ""
    faster: dict[str, list[tuple[str, Figure]]] = {}
    for case, rows in result.cells.items():
        for name, cell in rows.items():
            to_ours = cell.to_ours
            if _is_peer(group, name) and to_ours is not None and to_ours.high < 1:
                faster.setdefault(name, []).append((case, to_ours))
    if not faster:
        than = "Nothing" if group.base is None else f"Nothing but {group.base}"
        return f"{than} is faster than {group.ours} here."
    parts = [_slower(name, cases) for name, cases in faster.items()]
    return f"{group.ours} takes longer here than others: {'; '.join(parts)}."


def _is_peer(group: Group, name: str) -> bool:
    ours = (TYPEDWS.name, RAW.name)
    return name != group.base and not name.startswith(ours)


def _slower(name: str, cases: Sequence[tuple[str, Figure]]) -> str:
    times = [
        f"{1 / figure.median:.2f} times{f' ({case})' if case else ''}"
        for case, figure in cases
    ]
    return f"{' and '.join(times)} as long as {name}"


def goal_line(goal: Goal, figure: Figure | None) -> list[str]:
    """Show a goal, its bound, its figure and whether it is met."""
    bound = f"at {'least' if goal.is_speed else 'most'} {goal.bound:g}"
    if figure is None:
        return [goal.text, bound, NOTHING, "not measured"]
    verdict = goal.verdict(figure)
    text = f"{figure.median:.3g}"
    if verdict is Verdict.OPEN or figure.is_wide:
        text = f"{figure.low:.3g} to {figure.high:.3g}"
    return [goal.text, bound, text, verdict.value]
