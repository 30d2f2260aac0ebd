"""
The reader: one task that reads ahead of whoever receives.

Where one task receives and others send, all of them are to know at once that the peer
has gone, also while the first is busy with a message. So a reader reads for it.

What it has read waits in a buffer that is bounded in count and in bytes. When that is
full the reader waits, too, and the peer feels it as it would without a reader.
"""

from collections import deque
from typing import Protocol, final

import anyio
from attrs import define, field, frozen

from typedws.ahead import Ahead
from typedws.asgi import ASGIReceive
from typedws.messages import Event, disconnect_event, disconnect_of, payload_of

__all__ = ["Buffer", "Reader"]


class OnDisconnect(Protocol):
    """Is told the code and the reason, and whether there is nothing left to receive."""

    def __call__(self, code: int, reason: str, *, is_all_read: bool) -> None: ...


@final
@frozen(order=False)
class Buffer:
    """
    How far a reader may read ahead.

    Attributes:
        messages: How many messages it holds at the most.
        size: From how many bytes, or characters of text, it takes no further message.
    """

    messages: int
    size: int


@final
@define(eq=False, order=False, repr=False)
class Reader:
    """
    Reads ahead.

    Attributes:
        source: What it reads from.
        buffer: How far it may read ahead.
        on_disconnect: Is told of the end of the connection as soon as it is read.
        is_reading: Whether a task is reading.
        claims: How often it was claimed: by this the last one is told from the others.
    """

    source: ASGIReceive
    buffer: Buffer
    on_disconnect: OnDisconnect
    is_reading: bool = field(default=False, init=False)
    claims: int = field(default=0, init=False)
    _is_done: bool = field(default=False, init=False)
    _events: deque[Event] = field(factory=deque[Event], init=False)
    _size: int = field(default=0, init=False)
    _fault: Exception | None = field(default=None, init=False)
    _scope: anyio.CancelScope | None = field(default=None, init=False)
    _change: anyio.Event | None = field(default=None, init=False)
    _ahead: Ahead = field(factory=Ahead, init=False)

    def claim(self) -> bool:
        """Tell whether a task is to be started that reads; from now on it counts."""
        if self.is_reading or self._is_done:
            return False
        self.is_reading = True
        self.claims += 1
        return True

    def release(self, claim: int) -> None:
        """Take back a claim: there is no task any more that reads for it."""
        if claim == self.claims:
            self.is_reading = False
            self._tell()

    async def read(self) -> None:
        """Read until the connection is over, after a `claim()`."""
        claim = self.claims
        try:
            with anyio.CancelScope() as self._scope, self._ahead.receiving():
                await self._read()
        except Exception as fault:  # noqa: BLE001 - for whoever receives
            self._fault = fault
        finally:
            self.release(claim)

    async def _read(self) -> None:
        disconnect: tuple[int, str] | None = None
        while disconnect is None and not self._is_done:
            while self.is_full():
                await self._wait()
            event = await self.source()
            disconnect = disconnect_of(event)
            self._events.append(event)
            self._size += _size_of(event)
            # From now on, and not only from when whoever waits has its turn.
            self._ahead.end_wait()
            self._tell()
        self.is_reading, self._is_done = False, True
        if disconnect is not None:
            self.on_disconnect(*disconnect, is_all_read=len(self._events) == 1)

    async def receive(self) -> Event:
        """
        Give the next event; what the source has raised is raised once.

        Cancel safety:
            Nothing is lost.
        """
        while not self._events:
            if self._fault is not None:
                fault, self._fault = self._fault, None
                try:
                    raise fault
                finally:
                    del fault  # its traceback holds this frame
            if not self.is_reading:
                return await self.source()
            await self._await_event()
        event = self._events.popleft()
        self._size -= _size_of(event)
        self._tell()
        return event

    def end(self, code: int, reason: str) -> None:
        """Stop, and let whoever waits see the end of the connection."""
        if not self.is_reading:
            return
        self._is_done = True
        self._events.append(disconnect_event(code, reason))
        self._tell()
        if self._scope is not None:
            self._scope.cancel()

    def is_full(self) -> bool:
        """Tell whether it reads no further, for what it has read is not received."""
        return (
            len(self._events) >= self.buffer.messages or self._size >= self.buffer.size
        )

    async def _await_event(self) -> None:
        self._ahead.begin_wait()
        try:
            await self._wait()
        finally:
            self._ahead.end_wait()

    async def _wait(self) -> None:
        self._change = self._change or anyio.Event()
        await self._change.wait()

    def _tell(self) -> None:
        if self._change is not None:
            self._change.set()
            self._change = None


def _size_of(event: Event) -> int:
    return len(payload_of(event) or b"")
