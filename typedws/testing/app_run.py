"""
An application that runs beside a test: looked at, cancelled, and if need be cut off.

The test goes on when the application has ended, whatever that end is: an exception is
kept here, and the test raises it where it waits.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator, Mapping
from contextvars import Context, ContextVar
from inspect import isawaitable
from types import CodeType, TracebackType
from typing import Final, Protocol, TypeAlias, final, runtime_checkable

import anyio
import anyio.abc
from attrs import define, field
from typing_extensions import TypeIs, override

from typedws.testing.bounds import Bound, settle
from typedws.testing.errors import AppCancelled
from typedws.testing.signal import Signal
from typedws.testing.whereabouts import Place, place_of

__all__ = ["AppRun", "leaked_by"]

Task: TypeAlias = asyncio.Task[object]

_current: Final[ContextVar["AppRun | None"]] = ContextVar("typedws_run", default=None)

_LAST_GRACE: Final = Bound(1.0)
"""For an application that is being cancelled."""

_MOST_SWALLOWED: Final = 1_000
"""Cancellations. One that swallows more keeps the event loop busy for ever, and under
a virtual clock time would not go on."""

_kept: Final[list[object]] = []
"""What was cut off: to collect it would let it run once more, without a loop."""


@runtime_checkable
class _Outcome(Protocol):
    """The outcome of what a task of trio has waited for, if it is an exception."""

    error: BaseException


@final
class _Cuttable(Generator[object, object, None]):
    """
    Drives a coroutine, and can let go of it.

    A coroutine that swallows its cancellation is cancelled again and again, and a task
    group waits for it for ever. Once cut off it gets nothing any more, and the next
    cancellation ends the task around it.
    """

    __slots__ = ("_coroutine", "_swallowed", "is_cancelled", "is_cut_off")

    def __init__(self, coroutine: Coroutine[object, object, None]) -> None:
        self._coroutine = coroutine
        self._swallowed = 0
        self.is_cancelled = False
        self.is_cut_off = False

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
            _kept.append(self._coroutine)
            raise error

    def __await__(self) -> Generator[object, object, None]:
        return self


@final
@define(eq=False, order=False, repr=False)
class AppRun:
    """
    One call of an application.

    Attributes:
        call: Makes the call.
        on_end: Told when it has ended, and whether by an exception.
        changed: Fired when it has ended.
        known: What the application is doing if it is in one of these functions.
        error: The exception that ended it.
        has_ended: Whether it has ended.
        is_cut_off: Whether it swallowed its cancellation.
    """

    call: Callable[[], Awaitable[None]]
    on_end: Callable[[bool], None] = field(kw_only=True)
    changed: Signal = field(kw_only=True)
    known: Mapping[CodeType, str] = field(kw_only=True)
    error: BaseException | None = field(default=None, init=False)
    has_ended: bool = field(default=False, init=False)
    _coroutine: Coroutine[object, object, None] = field(init=False)
    _driver: _Cuttable = field(init=False)
    _task_id: int = field(default=0, init=False)
    _task: Task | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        """Make the coroutine, which does not run before `run`."""
        self._coroutine = self.main()
        self._driver = _Cuttable(self._coroutine)

    @property
    def is_cut_off(self) -> bool:
        """Whether it swallowed its cancellation, and had to be left behind."""
        return self._driver.is_cut_off

    async def run(self) -> None:
        """Make the call; to be started as a task."""
        _current.set(self)
        self._task_id = anyio.get_current_task().id
        self._task = _asyncio_task()
        try:
            await self._driver
        except anyio.get_cancelled_exc_class():
            if not self._driver.is_cancelled:
                self.error = AppCancelled()
            raise
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self.error = error.with_traceback(_without_ours(error.__traceback__))
        finally:
            self.has_ended = True
            self.on_end(self.error is not None)
            self.changed.fire()

    async def main(self) -> None:
        """Make the call, and await what it gives."""
        awaitable: object = self.call()
        if not _is_awaitable(awaitable):
            raise TypeError(
                "the application is no async callable: it returned "
                f"{type(awaitable).__name__}, which can't be awaited"
            )
        await awaitable

    # --- The end ---------------------------------------------------------------------

    async def ends_within(self, bound: Bound) -> bool:
        """Wait for the end; tell whether it came."""
        return await bound.until(self._is_over, self.changed)

    async def settle(self) -> None:
        """Let an application end that is just about to."""
        await settle(self._is_over)

    async def cancel(self, tasks: anyio.abc.TaskGroup) -> None:
        """Cancel the application, and cut it off if that does not end it."""
        with anyio.CancelScope(shield=True):
            await self.settle()
            if self.has_ended:
                return
            self._driver.is_cancelled = True
            tasks.cancel_scope.cancel()
            self._cut_off(unless=await self.ends_within(_LAST_GRACE))

    def _cut_off(self, *, unless: bool) -> None:
        if not unless:
            self._driver.is_cut_off = True
            if self._task is not None:
                # The only cancellation that a shield does not keep out.
                self._task.cancel()

    def _is_over(self) -> bool:
        return self.has_ended

    # --- What it is doing ------------------------------------------------------------

    def whereabouts(self) -> str:
        """Say in a sentence or two what the application is doing."""
        if self.error is not None:
            error = self.error
            return f"The application ended with {type(error).__name__}: {error}"
        if self.has_ended:
            return "The application has returned."
        main = place_of(self._coroutine, self.known)
        parts = [f"The application is {main or 'about to start'}."]
        places = (place_of(it, self.known) for it in self._children())
        parts += [f"A task of it is {place}." for place in places if place]
        return " ".join(parts)

    def _children(self) -> Iterator[object]:
        if self._task is not None:
            yield from (_coroutine_of(task) for task in self._asyncio_children())
            return
        ids = {self._task_id}
        for info in anyio.get_running_tasks():
            if info.parent_id in ids:
                ids.add(info.id)
                coroutine: object = info.coro
                yield coroutine

    def _asyncio_children(self) -> list[Task]:
        tasks: set[Task] = asyncio.all_tasks()
        return [it for it in tasks if it is not self._task and _run_of(it) is self]


def leaked_by(runs: list[AppRun]) -> list[Place]:
    """Find the tasks of asyncio that have outlived the application they came of."""
    if _asyncio_task() is None:
        return []
    tasks: set[Task] = asyncio.all_tasks()
    left = [task for task in tasks if _run_of(task) in runs]
    places = (place_of(_coroutine_of(task), {}) for task in left)
    return [place for place in places if place is not None]


def _is_awaitable(value: object) -> TypeIs[Awaitable[object]]:
    return isawaitable(value)


def _asyncio_task() -> Task | None:
    try:
        task: Task | None = asyncio.current_task()
    except RuntimeError:
        return None
    return task


def _coroutine_of(task: Task) -> object:
    coroutine: object = task.get_coro()
    return coroutine


def _run_of(task: Task) -> AppRun | None:
    # A task has a copy of the context of the one that made it, and shows it by
    # Task.get_context() only since Python 3.12.
    held: list[object] = gc.get_referents(task)
    contexts = (it for it in held if isinstance(it, Context))
    return next((context.get(_current) for context in contexts), None)


_OURS: Final = frozenset(
    function.__code__
    for function in (
        AppRun.run,
        AppRun.main,
        _Cuttable.__next__,
        _Cuttable.send,
        _Cuttable.throw,
    )
)


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    """Leave out the frames between the event loop and the application."""
    rest = trace
    while rest is not None and rest.tb_frame.f_code in _OURS:
        rest = rest.tb_next
    return rest or trace
