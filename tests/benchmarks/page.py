"""
The page docs/benchmarks.md: what stands between its two marks, and its plots.

    python -m tests.benchmarks.page

makes it anew from the records. What stands around the marks is written by hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks.group import Group
from tests.benchmarks.plots import plot_of
from tests.benchmarks.record import Record, records
from tests.benchmarks.results import Result
from tests.benchmarks.suite import SUITE
from tests.benchmarks.table import (
    WIDE_TEXT,
    Table,
    goal_line,
    slower_than,
    table_of,
)

PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PLOTS: Final = PAGE.with_suffix("")
BEGIN: Final = "<!-- written by python -m tests.benchmarks --write -->"
END: Final = "<!-- /written -->"

Records = Mapping[str, Record]


def write_page() -> None:
    """Write what stands between the marks, and every plot."""
    read = records()
    PAGE.write_text(page_with(written(read)))
    PLOTS.mkdir(exist_ok=True)
    wanted = plots(read)
    for file in PLOTS.glob("*.svg"):
        if file.name not in wanted:
            file.unlink()
    for name, svg in wanted.items():
        (PLOTS / name).write_text(svg)


def page_with(text: str) -> str:
    """Put a text between the marks of the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def plots(read: Records) -> dict[str, str]:
    """Draw every group, with the figures of the first Python that has them."""
    drawn: dict[str, str] = {}
    for group in SUITE:
        for record in read.values():
            if group.key in record.results:
                drawn[f"{group.key}.svg"] = plot_of(group, record.results[group.key])
                break
    return drawn


def written(read: Records) -> str:
    """Write all that stands between the marks."""
    return "\n".join(
        [
            *_goals(read),
            *(line for group in SUITE for line in _group(group, read)),
            *_circumstances(read),
        ]
    )


def _goals(read: Records) -> Iterator[str]:
    yield "## The goals\n"
    columns = [column for python in read for column in (python, "")]
    head = ["goal", "bound", *columns]
    lines: list[list[str]] = []
    for group in SUITE:
        for goal in group.goals:
            cells: list[str] = []
            for record in read.values():
                result = record.results.get(group.key)
                figure = result and result.goals.get(goal.text)
                cells += goal_line(goal, figure)[2:]
            lines.append([goal.text, goal_line(goal, None)[1], *cells])
    yield from _markdown(Table(head, lines, names=1))


def _group(group: Group, read: Records) -> Iterator[str]:
    results = {
        python: record.results[group.key]
        for python, record in read.items()
        if group.key in record.results
    }
    if not results:
        return
    yield f"## {group.title}\n"
    yield f"{group.text}\n"
    yield f"![{group.title}](benchmarks/{group.key}.svg)\n"
    for python, result in results.items():
        yield from _result(group, python, result)


def _result(group: Group, python: str, result: Result) -> Iterator[str]:
    table = table_of(group, result)
    yield f"<details>\n<summary>{python}: the figures</summary>\n"
    yield from _markdown(table)
    if table.is_marked:
        yield f"{WIDE_TEXT}\n"
    yield f"{_plural(result.processes, 'process')} with {result.turns} turns each.\n"
    yield "</details>\n"
    sentence = slower_than(group, result)
    if sentence:
        yield f"On {python}: {sentence}\n"
    for what, why in result.left_out.items():
        yield f"Left out on {python}: {what} ({why}).\n"


def _circumstances(read: Records) -> Iterator[str]:
    yield "## The machine, and every version\n"
    for python, record in read.items():
        machine = record.machine
        yield (
            f"{python} on {machine.system}, {machine.processor}, "
            f"{machine.cores} cores:\n"
        )
        versions = (f"{name} {version}" for name, version in record.packages.items())
        yield f"{', '.join(versions)}.\n"


def _markdown(table: Table) -> Iterator[str]:
    yield _row(table.head)
    yield _row("---" if at < table.names else "---:" for at in range(len(table.head)))
    for line in table.lines:
        yield _row(line)
    yield ""


def _row(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plural(count: int, noun: str) -> str:
    if count == 1:
        return f"One {noun}"
    return f"{count} {noun}es"


if __name__ == "__main__":
    write_page()
