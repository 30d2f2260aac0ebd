"""What a person sees who runs the benchmarks: a progress bar, and then tables."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Final, Self, final

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table as RichTable
from typing_extensions import override

from tests.benchmarks.goals import Verdict
from tests.benchmarks.group import Group
from tests.benchmarks.results import Result
from tests.benchmarks.running import Watcher
from tests.benchmarks.table import (
    WIDE_TEXT,
    Table,
    goal_line,
    slower_than,
    table_of,
)

WIDTH: Final = 120
"""Columns where the output is no terminal."""

COLOURS: Final[Mapping[str, str]] = {
    Verdict.MET.value: "green",
    Verdict.MISSED.value: "red",
}


@final
class Bar(Watcher):
    """A progress bar on the standard error, so that the tables can go to a file."""

    def __init__(self, total: int) -> None:
        """Expect so many steps."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("", total=total)
        self._begun = 0
        self.done = 0

    def __enter__(self) -> Self:
        """Show it."""
        self._progress.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take it away."""
        self._progress.stop()

    @override
    def begin(self, group: Group, process: int, total: int) -> None:
        # What earlier processes left out was no work.
        self.done = self._begun
        self._begun += total
        text = f"{group.key}, process {process + 1}"
        self._progress.update(self._task, description=text, completed=self.done)

    @override
    def step(self) -> None:
        self.done += 1
        self._progress.update(self._task, completed=self.done)


def console() -> Console:
    """Make what tables are printed on."""
    made = Console()
    return made if made.is_terminal else Console(width=WIDTH)


def print_result(group: Group, result: Result, out: Console) -> None:
    """Print what a group comes to."""
    out.print(f"\n[bold]{escape(group.title)}[/] ({group.key})", highlight=False)
    out.print(f"[dim]{escape(group.text)}[/]", highlight=False)
    table = table_of(group, result)
    if table.lines:
        out.print(_rich(table))
        out.print(escape(slower_than(group, result)), highlight=False)
    if table.is_marked:
        out.print(f"[yellow]{escape(WIDE_TEXT)}[/]", highlight=False)
    for what, why in result.left_out.items():
        text = f"Left out: {what} ({why})."
        out.print(f"[yellow]{escape(text)}[/]", highlight=False)


def print_goals(
    results: Iterable[tuple[Group, Result]], python: str, out: Console
) -> None:
    """Print the goals of groups, met or not."""
    lines = [
        goal_line(goal, result.goals.get(goal.text))
        for group, result in results
        for goal in group.goals
    ]
    if not lines:
        return
    out.print(f"\n[bold]The goals[/], on {python}", highlight=False)
    table = Table(("goal", "bound", "figure", ""), lines, names=1)
    out.print(_rich(table))


def _rich(table: Table) -> RichTable:
    rich = RichTable(box=None, pad_edge=False, header_style="dim")
    for at, title in enumerate(table.head):
        is_name = at < table.names
        rich.add_column(
            escape(title),
            justify="left" if is_name else "right",
            vertical="bottom",
            min_width=max(len(line[at]) for line in table.lines),
        )
    for line in table.lines:
        rich.add_row(*map(_coloured, line))
    return rich


def _coloured(text: str) -> str:
    colour = COLOURS.get(text)
    return escape(text) if colour is None else f"[{colour}]{escape(text)}[/]"
