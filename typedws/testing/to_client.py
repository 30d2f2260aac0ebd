"""
Messages on their way to the client: what it has not read yet, and who waits for room.

A buffer with a limit, in bytes. Who finds it full waits in a queue, so that nobody is
overtaken: neither a message by a later one, nor a message by a close.
"""

from collections import deque
from typing import final

import anyio.lowlevel
from attrs import define, field

from typedws.messages import Message
from typedws.testing.frames import size_of
from typedws.testing.signal import Signal

__all__ = ["ToClient"]


@final
@define(eq=False, order=False, repr=False)
class ToClient:
    """
    The messages that the client has not read.

    Attributes:
        limit: Bytes, unread, after which a sender has to wait; `None`: never.
        changed: Fired when there is something new for the client.
        messages: The messages, the oldest one first.
    """

    limit: int | None
    changed: Signal = field(kw_only=True)
    messages: deque[Message] = field(factory=deque[Message], init=False)
    _size: int = field(default=0, init=False)
    _is_ended: bool = field(default=False, init=False)
    _queue: deque[object] = field(factory=deque[object], init=False)
    _drained: Signal = field(factory=Signal, init=False)

    @property
    def is_full(self) -> bool:
        """Whether a sender has to wait, be it only for those who wait already."""
        return self.limit is not None and (
            self._size >= self.limit or bool(self._queue)
        )

    async def make_room(self) -> None:
        """Wait, if need be, until the client has read enough, or is gone."""
        if self.is_full:
            await self.await_room()
        elif self.limit is None:
            # Nothing else would let the other tasks of the event loop run.
            await anyio.lowlevel.checkpoint()

    async def await_room(self) -> None:
        """Wait for the client to read, after all who have waited for longer."""
        ticket = object()
        self._queue.append(ticket)
        self.changed.fire()
        try:
            while not (self._is_ended or self._is_next(ticket)):
                await self._drained.wait()
        finally:
            self._queue.remove(ticket)
            self._drained.fire()

    def _is_next(self, ticket: object) -> bool:
        has_room = self.limit is None or self._size < self.limit
        return has_room and self._queue[0] is ticket

    def put(self, message: Message) -> None:
        """Send a message on its way."""
        self.messages.append(message)
        self._size += size_of(message)
        self.changed.fire()

    def take(self) -> Message:
        """Let the client read the oldest message."""
        message = self.messages.popleft()
        self._size -= size_of(message)
        self._drained.fire()
        return message

    def end(self) -> None:
        """Let nobody wait any more; what is there can still be read."""
        self._is_ended = True
        self._drained.fire()
