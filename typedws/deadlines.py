"""
Deadlines: to wait for something, but only so many seconds.

`anyio.move_on_after` does that, and on trio it is what is used. On asyncio it takes
longer than all else that a connection does at its end, and nearly every call that is
given a deadline here is done at once. So there the call is begun first, and only one
that has to wait is given a timer: a tenth of the time, for a call that has not.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Final, Protocol, final

import anyio
from attrs import field, frozen
from typing_extensions import override

from typedws.callables import Steps, is_coroutine

__all__ = ["Wait", "checked_timeout", "finishes_within", "running_task"]


@final
@frozen(eq=False, order=False)
class Wait:
    """
    A wait for a message that is given up after some time.

    Attributes:
        seconds: How long it may take; never negative.
        method: What the user called, for an error to name.
        deadline: When it is given up, on the clock of the event loop.

    Raises:
        TypeError: `seconds` is no number.
        ValueError: It is negative, or NaN.
    """

    seconds: float
    method: str
    deadline: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin to wait."""
        _check_seconds(self.seconds, self.method)
        object.__setattr__(self, "deadline", anyio.current_time() + self.seconds)

    def left(self) -> float:
        """Return how many seconds are left."""
        return max(0.0, self.deadline - anyio.current_time())


def checked_timeout(timeout: float | None, method: str) -> float | None:
    """
    Return a time-out that a `Wait` can be made with, or `None`.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative, or NaN.
    """
    if timeout is not None:
        _check_seconds(timeout, method)
    return timeout


def _check_seconds(seconds: object, method: str) -> None:
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        kind = type(seconds).__name__
        message = f"{method}: the timeout is a number of seconds, not {kind}"
        raise TypeError(message)
    if not seconds >= 0:
        message = (
            f"{method}: the timeout is a number of seconds from 0 on, not {seconds}"
        )
        raise ValueError(message)


_LEAST: Final = 0.001
"""Seconds. With none at all, a call is cancelled before it can take what is there."""


class Task(Protocol):
    """A task of asyncio: the part of it that is used here."""

    def cancel(self) -> bool: ...
    def uncancel(self) -> int: ...
    def get_loop(self) -> asyncio.AbstractEventLoop: ...


# By this type the checkers see no `Any` of the task's result.
_current_task: Final[Callable[[], Task | None]] = asyncio.current_task


def running_task() -> Task | None:
    """Return the task of asyncio that is running; `None` in one of trio."""
    try:
        # trio can run as a guest in a loop of asyncio, but not in a task of it.
        return _current_task()
    except RuntimeError:
        return None


async def finishes_within(seconds: float | None, call: Awaitable[None]) -> bool:
    """
    Wait for a call, and tell whether it was done in time; else it is cancelled.

    Args:
        seconds: How long to wait; `None` for as long as it takes.
        call: What to wait for.

    Cancel safety:
        As safe as the call.
    """
    if seconds is None or seconds == math.inf:
        await call
        return True
    seconds = max(seconds, _LEAST)
    if running_task() is None:
        with anyio.move_on_after(seconds) as scope:
            await call
        return not scope.cancelled_caught
    if not is_coroutine(call):
        return await _rest_finishes_within(seconds, call)
    try:
        waits_for = call.send(None)
    except StopIteration:
        return True
    return await _rest_finishes_within(seconds, _Rest(call, waits_for))


async def _rest_finishes_within(seconds: float, rest: Awaitable[None]) -> bool:
    # Not a cancel scope of anyio: those nest, and the call may have entered one before.
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            await rest
    except TimeoutError:
        if timeout.expired():
            return False
        raise
    return True


@final
@frozen(eq=False, order=False)
class _Rest(Awaitable[None]):
    """
    What is left of a call after its first step.

    Attributes:
        steps: The call.
        waits_for: What it waits for, for the event loop to see.
    """

    steps: Steps
    waits_for: object

    @override
    def __await__(self) -> Generator[object, None, None]:
        waits_for = self.waits_for
        while True:
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - for the call to handle
                step = partial(self.steps.throw, error)
            else:
                step = partial(self.steps.send, None)
            try:
                waits_for = step()
            except StopIteration:
                return
            finally:
                # It holds the error, and what traces the error holds this frame.
                del step
