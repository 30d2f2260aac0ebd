"""
What is measured: groups of rows that are compared with each other.

A row is a library and what is done with it, a case is what both do it to: a size, a
number of connections, a server. What measures them is a `Subject`, one for each row and
case, or for a row and several cases that one turn has values for.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Final, Literal, TypeAlias, final

from attrs import field, frozen

from tests.benchmarks.goals import Goal
from tests.benchmarks.libraries import Library
from typedws.asgi import ASGIApp

_TEN: Final = 10
_HUNDRED: Final = 100


class Unit(Enum):
    """How a value is shown. All are measured in seconds or bytes: less is better."""

    MICROSECONDS = "µs"
    MILLISECONDS = "ms"
    SECONDS = "s"
    PER_SECOND = "per second"
    BYTES = "bytes"

    def of(self, value: float) -> float:
        """Return a value that was measured, in this unit."""
        match self:
            case Unit.MICROSECONDS:
                return value * 1e6
            case Unit.MILLISECONDS:
                return value * 1e3
            case Unit.PER_SECOND:
                return 1 / value
            case Unit.SECONDS | Unit.BYTES:
                return value

    def shown(self, value: float) -> str:
        """Show a value that was measured."""
        return self.number(self.of(value))

    def number(self, number: float) -> str:
        """Show a number of this unit, with three digits that count."""
        size = abs(number)
        if self is Unit.BYTES or size >= _HUNDRED:
            return f"{number:,.0f}"
        return f"{number:.1f}" if size >= _TEN else f"{number:.2f}"


@final
@frozen(order=False)
class Row:
    """
    A row of a table.

    Attributes:
        library: What it is about.
        use: The application that is measured, of those that the library has.
        detail: What it is called, behind the name of the library.
    """

    library: Library
    use: str = ""
    detail: str = ""

    @property
    def name(self) -> str:
        """What it is called in the table."""
        names = (self.library.name, self.detail)
        return ", ".join(name for name in names if name)

    def application(self) -> ASGIApp:
        """
        Load the application.

        Raises:
            NotInstalled: The library can't be imported.
        """
        return self.library.application(self.use)


@final
@frozen(order=False)
class Subject:
    """
    What is measured in one turn.

    Attributes:
        row: The name of the row.
        cases: The cases that a turn has values for.
        turn: Measures once; gives a value for each case.
        warm_up: Runs before the first turn, and may find out how much to do in one.
    """

    row: str
    cases: Sequence[str]
    turn: Callable[[], Awaitable[Sequence[float]]]
    warm_up: Callable[[], Awaitable[None]]


@final
@frozen(order=False)
class Prepared:
    """
    What is ready to be measured.

    Attributes:
        subjects: What takes turns.
        left_out: The cases that can't be measured here, and why.
    """

    subjects: Sequence[Subject]
    left_out: Mapping[str, str] = field(factory=dict[str, str])


@final
@frozen(order=False)
class Effort:
    """
    How much is done for a figure.

    Attributes:
        processes: How many processes measure a group, one after the other.
        turns: How many turns each of them takes.
    """

    processes: int
    turns: int

    def quick(self) -> "Effort":
        """Return the effort for a first look."""
        return Effort(min(self.processes, 2), max(self.turns // 5, 2))


@final
@frozen(order=False)
class Group:
    """
    Rows that are compared with each other.

    Attributes:
        key: Its name on the command line, and of its plot.
        title: Its title.
        text: What is measured.
        unit: How the values are shown.
        rows: What is compared.
        cases: In which cases; one without a name if there is but one.
        bench: The module that measures it, in `tests.benchmarks.benches`; it is only
            imported to do so, since it may need what is not installed.
        effort: How much is done for a figure.
        needs: The packages without which nothing of it can be measured.
        loop: The event loop of the process that measures it.
        goals: What typedws is to reach.
        base: The row that stands for no library at all.
        yardstick: The row whose cost over the base others are a share of.
        ours: The row of typedws that the others are compared with.
        scale: What grows from case to case, if the cases are numbers.
    """

    key: str
    title: str = field(kw_only=True)
    text: str = field(kw_only=True)
    unit: Unit = field(kw_only=True)
    rows: tuple[Row, ...] = field(kw_only=True)
    cases: tuple[str, ...] = field(default=("",), kw_only=True)
    bench: str = field(kw_only=True)
    effort: Effort = field(kw_only=True)
    needs: tuple[str, ...] = field(default=(), kw_only=True)
    loop: Literal["asyncio", "uvloop"] = field(default="asyncio", kw_only=True)
    goals: tuple[Goal, ...] = field(default=(), kw_only=True)
    base: str | None = field(default=None, kw_only=True)
    yardstick: str | None = field(default=None, kw_only=True)
    ours: str | None = field(default=None, kw_only=True)
    scale: str = field(default="", kw_only=True)


Bench: TypeAlias = Callable[
    [Group, Sequence[Row]], AbstractAsyncContextManager[Prepared]
]
"""Prepares some rows of a group, and takes away after them what they needed."""
