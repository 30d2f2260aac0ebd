"""
A block that another task can end: what a handler runs in.

On trio it is a cancel scope. On asyncio a scope around each handler would take as long
as a third of a handshake, to be used once in the life of a process. So there the task
is cancelled, and the cancellation taken back at the end of the block, as
`asyncio.timeout` does it.
"""

import asyncio
from types import TracebackType
from typing import Final, Protocol, final

import anyio
from attrs import define, field

from typedws.deadlines import Task, running_task
from typedws.ended import leaves
from typedws.per_loop import PerLoop

__all__ = ["Interruption", "has_cancellation", "interruption"]


class Interruption(Protocol):
    """A `with` block that another task can end."""

    def interrupt(self) -> None:
        """Cancel what is in the block, if it was not left; it goes on behind it."""

    def is_here(self) -> bool:
        """Tell whether the block is of the event loop that is running now."""
        ...

    def __enter__(self) -> object: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> bool | None: ...


def interruption() -> Interruption:
    """Make such a block for the task that is running."""
    task = running_task()
    return _ScopeInterruption() if task is None else _TaskInterruption(task)


@final
@define(eq=False, order=False)
class _TaskInterruption:
    """On asyncio, where each cancellation of a task counts."""

    _task: Task
    _is_left: bool = field(default=False, init=False)
    _interruptions: int = field(default=0, init=False)

    def interrupt(self) -> None:
        if not self._is_left:
            self._interruptions += 1
            self._task.cancel()

    def is_here(self) -> bool:
        task = running_task()
        return task is not None and task.get_loop() is self._task.get_loop()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> bool:
        self._is_left = True
        if not self._interruptions:
            return False
        # If somebody else has cancelled the task as well, that still counts.
        left = [self._task.uncancel() for _ in range(self._interruptions)]
        return left[-1] == 0 and isinstance(error, asyncio.CancelledError)


_loops: Final = PerLoop("typedws loop", object)
"""What stands for an event loop of trio."""


@final
@define(eq=False, order=False)
class _ScopeInterruption:
    """On trio."""

    _scope: anyio.CancelScope = field(factory=anyio.CancelScope, init=False)
    _loop: object = field(factory=_loops.here, init=False)

    def interrupt(self) -> None:
        self._scope.cancel()

    def is_here(self) -> bool:
        return running_task() is None and self._loop is _loops.here()

    def __enter__(self) -> object:
        return self._scope.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> bool | None:
        return self._scope.__exit__(kind, error, traceback)


def has_cancellation(error: BaseException) -> bool:
    """Tell whether an error is a cancellation, which is for a group of tasks to see."""
    cancelled = anyio.get_cancelled_exc_class()
    return any(isinstance(leaf, cancelled) for leaf in leaves(error))
