"""
A bound for every wait, on a clock that runs and on one that jumps.

Seconds of a wait are real ones. Under a virtual clock (`trio.testing.MockClock`,
`VirtualTimeLoop`) they pass at once, in the middle of what the application waits for:
so where no time has really passed, the wait goes on for a day of that clock.
"""

import time
from collections.abc import Callable
from typing import Final, final

import anyio
import anyio.lowlevel
from attrs import field, frozen

from typedws.testing.signal import Signal

__all__ = ["Bound"]

_TURNS: Final = 4
"""Of the event loop, before a timer is set: an answer mostly comes in the first two."""

_VIRTUAL_DAY: Final = 86_400.0


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
        for _ in range(_TURNS):
            if condition():
                return True
            await anyio.lowlevel.checkpoint()
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


async def settle(condition: Callable[[], bool]) -> None:
    """Let the other tasks run for some turns, or until a condition is true."""
    for _ in range(_SETTLING):
        if condition():
            return
        await anyio.lowlevel.checkpoint()


_SETTLING: Final = 20
"""Turns of the event loop in which an application that is about to end will end."""
