"""
A bound for every wait, on a clock that runs and on one that jumps.

Seconds of a wait are real ones. Under a virtual clock (`trio.testing.MockClock`,
`VirtualTimeLoop`) they pass at once, in the middle of what the application waits for:
so where no time has really passed, the wait goes on for a day of that clock.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Timer
from typing import Final, final

import anyio
import anyio.lowlevel
from attrs import field, frozen

from typedws.deadlines import running_task
from typedws.testing.signal import Signal

__all__ = ["Bound"]

_TURNS: Final = 4
"""Of the event loop, before a timer is set: an answer mostly comes in the first two."""

_VIRTUAL_DAY: Final = 86_400.0

_MARGIN: Final = 0.05
"""Seconds by which an alarm is late, so that a wait that it wakes has run out."""


def _checked(seconds: object) -> float:
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise TypeError(
            f"wait is a number of seconds, not {seconds!a}: every wait is bounded, so "
            "say how long, wait=3600 for instance"
        )
    if not 0 < seconds < float("inf"):
        raise ValueError(
            f"wait is a positive number of seconds, not {seconds}: every wait is "
            "bounded, so say how long, wait=3600 for instance"
        )
    return float(seconds)


@final
@frozen(order=False)
class Bound:
    """
    The longest wait.

    Attributes:
        seconds: In real time.
    """

    seconds: float = field(converter=_checked)

    async def until(self, condition: Callable[[], bool], signal: Signal) -> bool:
        """
        Wait until a condition is true.

        Args:
            condition: Looked at whenever the signal is fired.
            signal: What is fired when the condition may have become true.

        Returns:
            Whether it is: not if the time was up.
        """
        told = anyio.current_time()
        for _ in range(_TURNS):
            if condition():
                return True
            await anyio.lowlevel.checkpoint()
        if anyio.current_time() == told:
            # A clock that stands while the application is busy never ends a wait.
            with _alarm(self.seconds + _MARGIN, signal):
                return await self._until(condition, signal)
        return await self._until(condition, signal)

    async def _until(self, condition: Callable[[], bool], signal: Signal) -> bool:
        began = time.monotonic()
        for seconds in (self.seconds, _VIRTUAL_DAY):
            with anyio.move_on_after(seconds):
                # On asyncio a task that is woken in each turn is never cancelled, so
                # the clock is looked at as well.
                while not condition() and time.monotonic() - began < self.seconds:
                    await signal.wait()
            if condition() or time.monotonic() - began >= self.seconds / 2:
                break
        return condition()


@contextmanager
def _alarm(seconds: float, signal: Signal) -> Generator[None]:
    """Fire a signal after some seconds of real time, if the block takes so long."""
    call_in_loop = _caller(signal.fire)

    def ring() -> None:
        # The loop may have ended meanwhile.
        with suppress(RuntimeError):
            call_in_loop()

    timer = Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _caller(function: Callable[[], None]) -> Callable[[], object]:
    """Give what lets another thread call a function in the event loop of this one."""
    if running_task() is not None:
        return partial(asyncio.get_running_loop().call_soon_threadsafe, function)
    # Who runs in trio has imported it; we need not have it.
    trio: object = sys.modules["trio.lowlevel"]
    current_token: Callable[[], object] = getattr(trio, "current_trio_token")  # noqa: B009 - its type is not known here
    token = current_token()
    call_soon: Callable[[Callable[[], None]], object] = getattr(token, "run_sync_soon")  # noqa: B009 - as above
    return partial(call_soon, function)


async def settle(condition: Callable[[], bool]) -> None:
    """Let the other tasks run for some turns, or until a condition is true."""
    for _ in range(_SETTLING):
        if condition():
            return
        await anyio.lowlevel.checkpoint()


_SETTLING: Final = 20
"""Turns of the event loop in which an application that is about to end will end."""
