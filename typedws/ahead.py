"""
Who receives ahead of whom: what a task tells the other end of `receive()` of itself.

A task that reads ahead waits for the next event while the handler is still busy with
one before. A server in memory, that of `typedws.testing`, has to tell the two apart.
Between them may be the callables of a middleware, so a context variable says it.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, final

from attrs import define, field

__all__ = ["Ahead", "ahead_in_task"]


@final
@define(eq=False, order=False, repr=False)
class Ahead:
    """
    How far a task is ahead of the one that it receives for.

    Attributes:
        is_awaited: Whether that one has taken everything, and waits for more.
        on_await: Is told when it begins to wait.
    """

    is_awaited: bool = field(default=False, init=False)
    on_await: Callable[[], None] | None = field(default=None, init=False)

    @contextmanager
    def receiving(self) -> Generator[None]:
        """Say in the block that what the task receives is for another one."""
        before = _in_task.get()
        _in_task.set(self)
        try:
            yield
        finally:
            _in_task.set(before)

    def begin_wait(self) -> None:
        """Say that whoever receives has taken everything, and waits for more."""
        self.is_awaited = True
        if self.on_await is not None:
            self.on_await()

    def end_wait(self) -> None:
        """Say that nobody waits any more, or that there is something to be taken."""
        self.is_awaited = False


_in_task: Final[ContextVar[Ahead | None]] = ContextVar("typedws_ahead", default=None)


def ahead_in_task() -> Ahead | None:
    """Give how far this task is ahead of another one; `None` if it is of none."""
    return _in_task.get()
