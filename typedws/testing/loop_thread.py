"""
An event loop in a thread of its own, and calls into it that can't hang.

What runs in the loop bounds its own waits, as long as the loop turns. An application
that keeps the loop busy, by `time.sleep()` for instance, stops them as well; then a
call is given up here, and the thread is left behind.
"""

import sys
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future, wait
from contextlib import AbstractAsyncContextManager, contextmanager
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from types import FrameType
from typing import Final, Literal, TypeAlias, TypeVar, final

import anyio
from anyio.from_thread import BlockingPortal
from attrs import define, field, frozen

from typedws.testing.errors import WaitTimeout
from typedws.testing.whereabouts import place_in

__all__ = ["Backend", "Calls", "LoopThread", "event_loop"]

T = TypeVar("T")

Backend: TypeAlias = Literal["asyncio", "trio"]

_GRACE: Final = 1.0
"""Seconds for a loop that has something to do to show that it turns."""


@final
@define(eq=False, order=False, repr=False)
class LoopThread:
    """
    The thread.

    Attributes:
        backend: Which event loop it runs.
    """

    backend: Backend
    _portal: Future[BlockingPortal] = field(init=False)
    _starts: SimpleQueue[Callable[[], object] | None] = field(init=False)
    _threads: tuple[Thread, Thread] = field(init=False)
    _stuck: WaitTimeout | None = field(default=None, init=False)
    _is_stopped: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        """Start the loop, and a thread that starts tasks in it."""
        self._portal = Future()
        self._starts = SimpleQueue()
        # On trio to start a task waits for the loop, so it must not be done by a call.
        self._threads = (
            Thread(target=self._run, daemon=True),
            Thread(target=self._start_tasks, daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        try:
            anyio.run(self._main, backend=self.backend)
        except BaseException as error:  # noqa: BLE001 - who waits for the loop raises it
            self._portal.set_exception(error)
        finally:
            self._starts.put(None)

    async def _main(self) -> None:
        async with BlockingPortal() as portal:
            self._portal.set_result(portal)
            await portal.sleep_until_stopped()

    def _start_tasks(self) -> None:
        while (start := self._starts.get()) is not None:
            start()

    # --- Calls -----------------------------------------------------------------------

    def call(self, function: Callable[[], Awaitable[T]], seconds: float) -> T:
        """
        Call a function in the loop, and wait for what it gives.

        Args:
            function: What bounds its own waits.
            seconds: After which the loop has to show that it turns.

        Raises:
            WaitTimeout: It does not.
            Exception: What the function raises.
        """
        future = self._start(function)
        self._await(future, seconds)
        return future.result()

    def _start(self, function: Callable[[], Awaitable[T]]) -> Future[T]:
        result: Future[T] = Future()

        async def run() -> None:
            try:
                value = await function()
            except BaseException as error:  # noqa: BLE001 - who waits for it raises it
                result.set_exception(error)
            else:
                result.set_result(value)

        start = self._portal.result().start_task_soon
        context = copy_context()
        self._starts.put(lambda: context.run(start, run))
        return result

    def _await(self, future: Future[T], seconds: float) -> None:
        """Wait for a future, as long as the loop turns."""
        while self._stuck is None and not _is_done(future, seconds):
            if not _is_done(self._start(_nothing), _GRACE):
                frame = _frames_of_threads()[self._threads[0].ident or 0]
                self._stuck = WaitTimeout(
                    "the application kept its event loop from turning: nothing came",
                    seconds,
                    f"It is {place_in(frame)}.",
                )
        if self._stuck is not None:
            raise self._stuck

    # --- Blocks ----------------------------------------------------------------------

    @contextmanager
    def entered(
        self, manager: AbstractAsyncContextManager[T], seconds: float
    ) -> Generator[T]:
        """
        Enter an asynchronous block, and leave it at the end of this one.

        Args:
            manager: The block.
            seconds: As in `call()`.

        Raises:
            WaitTimeout: The loop does not turn.
            Exception: What the block raises.
        """
        opened: Future[tuple[T, anyio.Event]] = Future()
        failures: list[BaseException] = []

        async def hold() -> None:
            try:
                async with manager as value:
                    left = anyio.Event()
                    opened.set_result((value, left))
                    await _wait_and_raise(left, failures)
            except BaseException as error:
                if not opened.done():
                    opened.set_exception(error)
                raise

        held = self._start(hold)
        self._await(opened, seconds)
        value, left = opened.result()
        try:
            yield value
        except BaseException as error:
            if self._stuck is not None:
                raise
            failures.append(error)

        async def leave() -> None:
            left.set()

        self.call(leave, seconds)
        self._await(held, seconds)
        held.result()

    @contextmanager
    def turning(self, seconds: float) -> Generator["LoopThread"]:
        """
        Give what calls can be made into: this loop, or, once it was stopped, another.

        Behind the block of a connection there is nothing to wait for, but what came
        before its end can still be received.

        Args:
            seconds: As in `call()`.
        """
        if not self._is_stopped:
            yield self
            return
        with event_loop(self.backend, seconds) as another:
            yield another

    def stop(self, seconds: float) -> None:
        """Stop the loop; one that does not turn is left behind, with its thread."""
        portal = self._portal.result()
        if self._stuck is not None:
            # It ends when it turns again, if ever.
            stop = partial(portal.stop, cancel_remaining=True)
            self._starts.put(lambda: portal.start_task_soon(stop))
            return
        self.call(portal.stop, seconds)
        self._is_stopped = True
        for thread in self._threads:
            thread.join(seconds)


@final
@frozen(eq=False, order=False, repr=False)
class Calls:
    """
    Calls of one client.

    Attributes:
        loop: Where its application runs.
        seconds: As in `LoopThread.call()`.
    """

    loop: LoopThread
    seconds: float

    def __call__(self, function: Callable[[], Awaitable[T]]) -> T:
        """Call a function in the loop, and wait for what it gives."""
        with self.loop.turning(self.seconds) as loop:
            return loop.call(function, self.seconds)


@contextmanager
def event_loop(backend: Backend, seconds: float) -> Generator[LoopThread]:
    """
    Run an event loop in a thread, for as long as the block lasts.

    Args:
        backend: Which one.
        seconds: As in `LoopThread.call()`.
    """
    loop = LoopThread(backend)
    try:
        yield loop
    finally:
        loop.stop(seconds)


def _frames_of_threads() -> dict[int, FrameType]:
    # It is documented, and named as if it were not to be used.
    current: Callable[[], dict[int, FrameType]] = getattr(sys, "_current_frames")  # noqa: B009 - as above
    return current()


async def _nothing() -> None:
    """Run in a loop that turns."""


async def _wait_and_raise(left: anyio.Event, failures: list[BaseException]) -> None:
    await left.wait()
    for failure in failures:
        raise failure


def _is_done(future: Future[T], seconds: float) -> bool:
    return bool(wait([future], seconds).done)
