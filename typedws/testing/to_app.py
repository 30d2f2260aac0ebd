"""
Events on their way to the application: what it has not received yet, and then the end.

The first is that of the handshake, the last the disconnect. What `receive()` does after
that, a profile says.
"""

from collections import deque
from collections.abc import Mapping
from typing import TypeAlias, final

import anyio.lowlevel
from attrs import define, field

from typedws.ahead import Ahead, ahead_in_task
from typedws.messages import Message, TextMessage
from typedws.testing.ends import event_of_loss
from typedws.testing.frames import size_of
from typedws.testing.profile import Profile
from typedws.testing.signal import Signal

__all__ = ["ToApp"]

Event: TypeAlias = Mapping[str, object]


@final
@define(eq=False, order=False, repr=False)
class ToApp:
    """
    The events that the application has not received.

    Attributes:
        profile: How the server behaves.
        changed: Fired when the application has received a message, or waits for one.
        is_disconnect_given: Whether the application has been told of the end.
    """

    profile: Profile
    changed: Signal = field(kw_only=True)
    is_disconnect_given: bool = field(default=False, init=False)
    _events: deque[tuple[Event, int]] = field(init=False)
    _size: int = field(default=0, init=False)
    _arrived: Signal = field(factory=Signal, init=False)
    _is_repeated: bool = field(default=False, init=False)
    _waits: list[Ahead | None] = field(factory=list[Ahead | None], init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with the event of the handshake."""
        self._events = deque([({"type": "websocket.connect"}, 0)])

    @property
    def has_room(self) -> bool:
        """Whether the client can send, or will have to wait."""
        limit = self.profile.receive_buffer
        return limit is None or self._size < limit

    @property
    def is_all_read(self) -> bool:
        """Whether the application has taken all events, and waits for another."""
        # A task that reads ahead waits for another one, which may still be busy.
        waits = self._waits
        is_awaited = any(ahead is None or ahead.is_awaited for ahead in waits)
        return not self._events and is_awaited

    async def next(self) -> Event:
        """Give the next event to the application."""
        if not self._events:
            await self.await_event()
        elif self.is_disconnect_given:
            # One that goes on for ever after the end must not keep the event loop.
            await anyio.lowlevel.checkpoint()
        event, size = self._events.popleft()
        if size:
            self._size -= size
            self.changed.fire()
        elif event["type"] == "websocket.disconnect":
            self._after_disconnect()
        return event

    async def await_event(self) -> None:
        """Wait until there is an event."""
        ahead = ahead_in_task()
        if ahead is not None:
            ahead.on_await = self.changed.fire
        self._waits.append(ahead)
        self.changed.fire()
        try:
            while not self._events:
                await self._arrived.wait()
        finally:
            self._waits.remove(ahead)

    def _after_disconnect(self) -> None:
        self.is_disconnect_given = True
        if self._is_repeated:
            self._is_repeated = self.profile.after_disconnect == "repeats"
            self._events.append((event_of_loss(self.profile), 0))

    def put(self, message: Message) -> None:
        """Send a message on its way."""
        is_text = isinstance(message, TextMessage)
        event: dict[str, object] = {"type": "websocket.receive"}
        event["text" if is_text else "bytes"] = message.data
        if self.profile.both_keys:
            event["bytes" if is_text else "text"] = None
        size = size_of(message)
        self._size += size
        self._events.append((event, size))
        self._arrived.fire()

    def disconnect(self, event: Event, *, is_repeated: bool) -> None:
        """Send the end on its way; `is_repeated`: more than once, where servers do."""
        self._is_repeated = is_repeated and self.profile.after_disconnect != "blocks"
        self._events.append((event, 0))
        self._arrived.fire()

    def lose_all(self) -> None:
        """Lose what the application has not received."""
        self._events.clear()
        self._size = 0
