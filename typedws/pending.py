"""
A server's `receive()` that gives a future, as granian's does, and not a coroutine.

To cancel who waits for a future is to cancel the future, and granian then loses a
message now and then. So here the future is kept: the next call goes on waiting for it.

While it is pending, granian does not take a close either. So it can be left, which
cancels it after all, at the only moment at which there is nothing more to lose.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeGuard, final

import anyio
from attrs import define, field

from typedws.asgi import ASGIReceive
from typedws.callables import is_coroutine
from typedws.messages import Event

__all__ = ["PendingReceive", "gives_futures"]


class _Future(Protocol):
    """What granian gives, and asyncio: the part of it that is used here."""

    def add_done_callback(self, call: Callable[[object], None], /) -> object: ...
    def cancel(self) -> object: ...
    def done(self) -> bool: ...
    def result(self) -> Event: ...


def gives_futures(call: Awaitable[Event]) -> bool:
    """Tell by a call of a server's `receive()` whether it may give futures."""
    return not is_coroutine(call)


def _is_future(call: object) -> TypeGuard[_Future]:
    # What is done from the start, granian gives as something simpler.
    return hasattr(call, "add_done_callback")


@final
@define(eq=False, order=False, repr=False)
class PendingReceive:
    """
    A `receive` that loses nothing when it is cancelled.

    Attributes:
        source: The `receive` of the server.
    """

    source: ASGIReceive
    _pending: _Future | None = field(default=None, init=False)
    _waiter: "asyncio.Future[None] | None" = field(default=None, init=False)
    _gate: anyio.Event = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with a gate that is open."""
        self._gate = anyio.Event()
        self._gate.set()

    async def __call__(self) -> Event:
        """
        Give the next event.

        A future that the server itself cancels cancels who waits for it, as it would
        anybody else; one that was left is waited for no more.

        Cancel safety:
            Nothing is lost.
        """
        while True:
            if not self._gate.is_set():
                await self._gate.wait()
            if self._pending is None:
                call = self.source()
                if not _is_future(call):
                    return await call
                self._pending = call
                call.add_done_callback(self._wake)
            pending = self._pending
            while not pending.done():
                self._waiter = asyncio.get_running_loop().create_future()
                await self._waiter
            if self._pending is pending:
                self._pending = None
                return pending.result()

    def leave(self) -> None:
        """Let the server go on without being asked for events, until `come_back()`."""
        self._gate = anyio.Event()
        if self._pending is not None and not self._pending.done():
            self._pending.cancel()
            self._pending = None

    def come_back(self) -> None:
        """Go on, if somebody still waits."""
        self._gate.set()

    def _wake(self, _future: object) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
