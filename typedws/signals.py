"""
Doing something when the process is told to stop, before the server is told of it.

uvicorn ends every connection as soon as it hears of the signal. So whoever wants to end
them in another way has to hear of it first, and to pass it on afterwards.
"""

import logging
import signal
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from types import FrameType
from typing import Final, TypeAlias, TypeGuard, final

import anyio
import anyio.lowlevel
from attrs import field, frozen

from typedws.interruption import has_cancellation
from typedws.per_loop import PerLoop

__all__ = ["before_signals"]

logger: Final = logging.getLogger("typedws")

SignalHandler: TypeAlias = Callable[[int, FrameType | None], object]

# Without a handler they end the process as well, but nobody sends them to that end.
_FOR_APPLICATIONS: Final = frozenset({"SIGUSR1", "SIGUSR2"})
_EVENT_LOOPS: Final = ("asyncio.", "uvloop")

_TAKEN: Final = PerLoop("the signals of typedws", set[signal.Signals])

_TURNS_OF_A_SIGNAL: Final = 10
"""More than it takes on asyncio: by a socket, a callback and a future to a task."""


@asynccontextmanager
async def before_signals(
    signals: tuple[signal.Signals, ...], calls: Sequence[Callable[[], Awaitable[None]]]
) -> AsyncGenerator[None]:
    """
    Make calls, all at once, when one of the signals comes, as long as the block lasts.

    Then the signal is passed on to who had it before. A second one is passed on at
    once, also while the calls are under way.

    Raises:
        RuntimeError: A signal has a handler that can't be put off: one of the event
            loop, of which another block may be, or one that is not Python's.
        ValueError: There is no signal, or this is not the main thread.
    """
    if not signals:
        message = "name the signal: drain_on_signal(signal.SIGTERM)"
        raise ValueError(message)
    watch = _Watch({one: _handler_of(one) for one in signals}, calls)
    failures: list[BaseException] = []
    taken = _TAKEN.here()
    taken.update(signals)
    try:
        with anyio.open_signal_receiver(*signals) as received:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch.run, received)
                try:
                    yield
                except BaseException as error:
                    if has_cancellation(error):
                        raise
                    failures.append(error)
                finally:
                    await watch.stop()
    finally:
        taken.difference_update(signals)
        watch.restore()
    try:
        for failure in failures:
            raise failure
    finally:
        # What traces a failure leads to this list, which must not lead back.
        failures.clear()


def _handler_of(number: signal.Signals) -> SignalHandler | signal.Handlers:
    handler: object = signal.getsignal(number)
    module: object = getattr(handler, "__module__", None)
    if number in _TAKEN.here():
        message = (
            f"drain_on_signal(): another application of this process waits for "
            f"{number.name}; name it in the one call: "
            f"chat.drain_on_signal({number.name}, others=[news])"
        )
        raise RuntimeError(message)
    if isinstance(module, str) and module.startswith(_EVENT_LOOPS):
        message = (
            f"drain_on_signal(): the server has put its own handler of {number.name} "
            "into the event loop (granian does), where it can't be put off; take "
            "another signal, SIGUSR1 say, and send that one first"
        )
        raise RuntimeError(message)
    if _is_handler(handler) or isinstance(handler, signal.Handlers):
        return handler
    message = (
        f"drain_on_signal(): {number.name} has a handler that is none of Python's, so "
        "it can't be put off; take another signal"
    )
    raise RuntimeError(message)


@final
@frozen(eq=False, order=False)
class _Watch:
    """
    Waits for signals.

    Attributes:
        handlers: Who had them before.
        calls: What to do first.
    """

    handlers: Mapping[signal.Signals, SignalHandler | signal.Handlers]
    calls: Sequence[Callable[[], Awaitable[None]]]
    _passed_on: set[signal.Signals] = field(factory=set[signal.Signals], init=False)
    # A block that is cancelled from outside still has what has come to pass on.
    _scope: anyio.CancelScope = field(
        factory=lambda: anyio.CancelScope(shield=True), init=False
    )

    async def run(self, received: AsyncIterator[signal.Signals]) -> None:
        """Wait for signals, until it is stopped."""
        with self._scope:
            await self._run(received)

    async def stop(self) -> None:
        """Wait for what has come a moment ago, and then for no more."""
        try:
            for _ in range(_TURNS_OF_A_SIGNAL):
                await anyio.lowlevel.cancel_shielded_checkpoint()
        finally:
            self._scope.cancel()

    async def _run(self, received: AsyncIterator[signal.Signals]) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._begin, await anext(received))
            async for number in received:
                self._pass_on(number)

    async def _begin(self, number: signal.Signals) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                for call in self.calls:
                    tasks.start_soon(_attempt, number, call)
        except BaseException:
            # The block has ended meanwhile, and still who is told to stop has to stop.
            if number not in self._passed_on:
                self._pass_on(number)
            raise
        self._pass_on(number)

    def _pass_on(self, number: signal.Signals) -> None:
        self._passed_on.add(number)
        handler = self.handlers[number]
        if _is_handler(handler):
            handler(number, None)
        elif handler is signal.SIG_DFL and number.name not in _FOR_APPLICATIONS:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def restore(self) -> None:
        """Give the signals back."""
        for number, handler in self.handlers.items():
            signal.signal(number, handler)


async def _attempt(number: signal.Signals, call: Callable[[], Awaitable[None]]) -> None:
    try:
        await call()
    except Exception:
        logger.exception("%s: what was to be done first has failed", number.name)


def _is_handler(handler: object) -> TypeGuard[SignalHandler]:
    # SIG_DFL and SIG_IGN are members of an enum, which can't be called.
    return callable(handler)
