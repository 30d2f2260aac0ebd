"""
Letting go of coroutines that swallow their cancellation, so that nobody waits for them.

On trio a task runs whatever its `coro` is, so that any task can be made to end. asyncio
keeps the coroutine of a task to itself: there a task can only be forgotten.
"""

import asyncio
import ctypes
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator
from contextvars import Context
from types import TracebackType
from typing import Final, Protocol, TypeAlias, final, runtime_checkable

from typing_extensions import TypeIs, override

__all__ = [
    "Cuttable",
    "children_of",
    "coroutine_of",
    "forget",
    "interrupt",
    "make_cuttable",
]

Task: TypeAlias = asyncio.Task[object]

_MOST_SWALLOWED: Final = 1_000
"""Cancellations. One that swallows more keeps the event loop busy for ever, and under
a virtual clock time would not go on."""


def _keep(what: object) -> None:
    """
    Let something never be collected, not even when the interpreter exits.

    To collect a coroutine is to let it run once more, without a loop. One that swallows
    whatever it meets would then run for ever.
    """
    held: ctypes.py_object[object] = ctypes.py_object(what)
    ctypes.pythonapi.Py_IncRef(held)


@runtime_checkable
class _Outcome(Protocol):
    """The outcome of what a task of trio has waited for, if it is an exception."""

    error: BaseException


@final
class Cuttable(Generator[object, object, None]):
    """
    Drives a coroutine, and can let go of it.

    A coroutine that swallows its cancellation is cancelled again and again, and a task
    group waits for it for ever. Once cut off it gets nothing any more, and the next
    cancellation ends the task around it.
    """

    __slots__ = ("_coroutine", "_swallowed", "is_cancelled", "is_cut_off")

    def __init__(
        self,
        coroutine: Coroutine[object, object, object],
        *,
        is_cancelled: bool = False,
    ) -> None:
        self._coroutine = coroutine
        self._swallowed = 0
        self.is_cancelled: bool = is_cancelled
        self.is_cut_off: bool = False

    @override
    def __next__(self) -> object:
        return self._coroutine.send(None)

    @override
    def send(self, value: object) -> object:
        # trio sends an exception as a value, which the coroutine then unwraps.
        if self.is_cancelled and isinstance(value, _Outcome):
            self._count(value.error)
        return self._coroutine.send(value)

    @override
    def throw(
        self,
        typ: BaseException | type[BaseException],
        val: BaseException | object = None,
        tb: TracebackType | None = None,
        /,
    ) -> object:
        # The form with three arguments is deprecated, and no event loop uses it.
        error = typ if isinstance(typ, BaseException) else typ()
        if self.is_cancelled:
            self._count(error)
        return self._coroutine.throw(error)

    def _count(self, error: BaseException) -> None:
        self._swallowed += 1
        if self.is_cut_off or self._swallowed > _MOST_SWALLOWED:
            self.is_cut_off = True
            _keep(self._coroutine)
            raise error

    def __await__(self) -> Generator[object, object, None]:
        return self


def children_of(trio_task: object) -> Iterator[object]:
    """Give the tasks that a task of trio has started, and those that they have."""
    for nursery in _items(trio_task, "child_nurseries"):
        for child in _items(nursery, "child_tasks"):
            yield child
            yield from children_of(child)


def make_cuttable(trio_task: object) -> Cuttable:
    """Run what a task of trio runs so that one can let go of it."""
    coroutine: Coroutine[object, object, object] = getattr(trio_task, "coro")  # noqa: B009 - its type is not known here
    driver = Cuttable(coroutine, is_cancelled=True)
    setattr(trio_task, "coro", driver)  # noqa: B010 - as above
    return driver


def coroutine_of(trio_task: object) -> object:
    """Give what a task of trio runs."""
    coroutine: object = getattr(trio_task, "coro")  # noqa: B009 - as above
    return coroutine


def _items(holder: object, name: str) -> tuple[object, ...]:
    items: Iterable[object] = getattr(holder, name)
    return tuple(items)


def forget(task: Task) -> None:
    """
    Let a task of asyncio run on, if it will, and let nobody wait for it.

    The end of an event loop cancels all tasks that it knows of, and waits for them.
    """
    asyncio.tasks._unregister_task(task)  # noqa: SLF001 - documented for event loops
    _keep(task)


def interrupt(task: Task) -> None:
    """
    Cancel a task of asyncio, even if it waits for one that swallows its cancellation.

    A task hands its cancellation on to what it waits for, and then waits for that.
    """
    task.cancel()
    waiter: object = getattr(task, "_fut_waiter", None)
    if not _is_future(waiter) or waiter.done():
        return
    cancelled: asyncio.Future[object] = task.get_loop().create_future()
    cancelled.cancel()
    ours = [it for it in _callbacks(waiter) if _owner_of(it[0]) is task]
    for wake, context in ours:
        waiter.remove_done_callback(wake)
        task.get_loop().call_soon(wake, cancelled, context=context)


def _owner_of(wake: object) -> object:
    owner: object = getattr(wake, "__self__", None)
    return owner


def _callbacks(
    future: asyncio.Future[object],
) -> list[tuple[Callable[[asyncio.Future[object]], None], Context]]:
    callbacks: list[tuple[Callable[[asyncio.Future[object]], None], Context]] = getattr(
        future, "_callbacks", []
    )
    return list(callbacks)


def _is_future(value: object) -> TypeIs[asyncio.Future[object]]:
    return isinstance(value, asyncio.Future)
