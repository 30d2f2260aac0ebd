"""
An application that runs beside a test: looked at, cancelled, and if need be cut off.

The test goes on when the application has ended, whatever that end is: an exception is
kept here, and the test raises it where it waits.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextvars import Context, ContextVar
from inspect import isawaitable
from types import CodeType, TracebackType
from typing import Final, TypeAlias, final

import anyio
import anyio.abc
from attrs import define, field
from typing_extensions import TypeIs

from typedws.per_loop import PerLoop
from typedws.testing.bounds import Bound, settle
from typedws.testing.cutting import (
    Cuttable,
    children_of,
    coroutine_of,
    forget,
    interrupt,
    make_cuttable,
)
from typedws.testing.errors import AppCancelled
from typedws.testing.signal import Signal
from typedws.testing.whereabouts import Place, place_of

__all__ = ["AppRun", "leaked_by"]

Task: TypeAlias = asyncio.Task[object]

_current: Final[ContextVar["AppRun | None"]] = ContextVar("typedws_run", default=None)

_LAST_GRACE: Final = Bound(1.0)
"""For an application that is being cancelled."""


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
    _driver: Cuttable = field(init=False)
    _drivers: list[Cuttable] = field(init=False)
    _trio_task: object = field(default=None, init=False)
    _task: Task | None = field(default=None, init=False)
    _has_left_children: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        """Make the coroutine, which does not run before `run`."""
        self._coroutine = self.main()
        self._driver = Cuttable(self._coroutine)
        self._drivers = [self._driver]

    @property
    def is_cut_off(self) -> bool:
        """Whether it swallowed its cancellation, and had to be left behind."""
        are_cut_off = any(driver.is_cut_off for driver in self._drivers)
        return are_cut_off or self._has_left_children

    async def run(self) -> None:
        """Make the call; to be started as a task."""
        _current.set(self)
        self._task = _asyncio_task()
        if self._task is None:
            self._trio_task = _trio_task()
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
            self._make_children_cuttable()
            tasks.cancel_scope.cancel()
            self._cut_off(unless=await self.ends_within(_LAST_GRACE))
            if self._task is not None:
                await self._end_children()

    def _make_children_cuttable(self) -> None:
        if self._task is None:
            self._drivers += map(make_cuttable, children_of(self._trio_task))

    def _cut_off(self, *, unless: bool) -> None:
        if unless:
            return
        for driver in self._drivers:
            driver.is_cut_off = True
        if self._task is not None:
            for child in self._asyncio_children():
                forget(child)
            # The only cancellation that a shield does not keep out.
            interrupt(self._task)

    async def _end_children(self) -> None:
        """Cancel what has outlived the application, and forget what swallows that."""
        for child in self._asyncio_children():
            child.cancel()
        await settle(lambda: not self._asyncio_children())
        for child in self._asyncio_children():
            self._has_left_children = True
            forget(child)

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
        yield from map(coroutine_of, children_of(self._trio_task))

    def _asyncio_children(self) -> list[Task]:
        return [it for it in _tasks.here().of(self) if it is not self._task]


@final
@define(eq=False, order=False)
class _Tasks:
    """
    The tasks of an event loop of asyncio, by the application that they came of.

    To look at every task takes time, and 1,000 applications may be asked at once. So
    all are looked at together, once in a turn of the event loop.
    """

    _by_run: dict[AppRun, list[Task]] | None = field(default=None, init=False)

    def of(self, run: AppRun) -> list[Task]:
        """Give those of an application that are not done."""
        if self._by_run is None:
            asyncio.get_running_loop().call_soon(self._forget)
            self._by_run = _all_by_run()
        return [task for task in self._by_run.get(run, ()) if not task.done()]

    def _forget(self) -> None:
        self._by_run = None


_tasks: Final = PerLoop("typedws tasks", _Tasks)


def _all_by_run() -> dict[AppRun, list[Task]]:
    found: dict[AppRun, list[Task]] = {}
    tasks: set[Task] = asyncio.all_tasks()
    for task in tasks:
        run = _run_of(task)
        if run is not None:
            found.setdefault(run, []).append(task)
    return found


def leaked_by(runs: list[AppRun]) -> list[Place]:
    """Find the tasks of asyncio that have outlived the application they came of."""
    if _asyncio_task() is None:
        return []
    tasks = _tasks.here()
    left = [task for run in runs for task in tasks.of(run)]
    places = (place_of(_coroutine_of(task), {}) for task in left)
    return [place for place in places if place is not None]


def _is_awaitable(value: object) -> TypeIs[Awaitable[object]]:
    return isawaitable(value)


def _trio_task() -> object:
    # anyio keeps it for itself.
    task: object = getattr(anyio.get_current_task(), "_task")  # noqa: B009 - not public
    return task


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
        Cuttable.__next__,
        Cuttable.send,
        Cuttable.throw,
    )
)


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    """Leave out the frames between the event loop and the application."""
    rest = trace
    while rest is not None and rest.tb_frame.f_code in _OURS:
        rest = rest.tb_next
    return rest or trace
