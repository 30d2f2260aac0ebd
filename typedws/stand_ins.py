"""
What stands in for the server's two functions when they are not to be called any more.

So the hot path never asks whether a connection is over: it calls what is there.
"""

from collections import deque
from contextlib import suppress
from itertools import islice
from typing import Final, NoReturn, final

import anyio
from attrs import define, field, frozen

from typedws.asgi import ASGIReceive, ASGISend, SendEvent
from typedws.close import CloseCode
from typedws.deadlines import finishes_within
from typedws.ended import ClosedWebSocket, WebSocketDisconnect
from typedws.exceptions import LocalProtocolError
from typedws.messages import Event, disconnect_event, payload_of

__all__ = [
    "Backlog",
    "Presumption",
    "Remainder",
    "backlog_of",
    "give_the_end",
    "refuse_all",
    "refuser",
]


_MOST_AHEAD: Final = 100
"""Messages to keep while a peer is in doubt: one that is there may talk for ever."""


@final
@define(eq=False, order=False, repr=False)
class Backlog:
    """
    A `receive` that gives what a sender has read ahead, and then the rest.

    Attributes:
        rest: The `receive` that the sender has found.
        events: What it has given so far.
    """

    rest: ASGIReceive
    events: deque[Event] = field(factory=deque[Event], init=False)

    async def __call__(self) -> Event:
        """Give the next event."""
        return self.events.popleft() if self.events else await self.rest()

    def is_full(self, size: int) -> bool:
        """
        Tell whether a sender is to read no further; a size is in bytes.

        The last event is one beyond the bounds: it may be the end that is looked for.
        """
        before = len(self.events) - 1
        if before >= _MOST_AHEAD:
            return True
        return sum(map(_size_of, islice(self.events, max(0, before)))) >= size


@final
@define(eq=False, order=False, repr=False)
class Remainder:
    """
    What a server has left to give of a peer that it has lost.

    Attributes:
        source: The `receive` that gives it.
        grace: Seconds without an event after which there is nothing more.
        patience: Seconds to wait in all: a peer that is there may talk for ever.
    """

    source: ASGIReceive
    grace: float
    patience: float
    _silence: float = field(default=0.0, init=False)

    async def receive(self) -> Event | None:
        """
        Give the next event, or `None` if there is nothing more to wait for.

        Cancel safety:
            That of the server's `receive()`. What was waited counts, so one who asks
            again and again, for a short time, hears of the end as well.
        """
        taken: list[Event] = []

        async def take() -> None:
            taken.append(await self.source())

        began = anyio.current_time()
        left = min(self.grace - self._silence, self.patience)
        try:
            # It has failed before, so what is wrong with it is no news.
            with suppress(Exception):
                await finishes_within(max(0.0, left), take())
        finally:
            waited = anyio.current_time() - began
            self.patience -= waited
            self._silence = 0.0 if taken else self._silence + waited
        return taken[0] if taken else None


@final
@frozen(eq=False, order=False, repr=False)
class Presumption:
    """
    The end that a sender was told of while the true one might still be unread.

    Attributes:
        closed: That end.
        send: The `send` for the last words to a peer that may be there after all.
    """

    closed: ClosedWebSocket
    send: ASGISend


def backlog_of(receive: ASGIReceive) -> Backlog:
    """Return the backlog that is in front already, or a new one."""
    return receive if isinstance(receive, Backlog) else Backlog(receive)


def refuser(closed: ClosedWebSocket) -> ASGISend:
    """Make a `send` that refuses everything."""

    async def send(_event: SendEvent) -> NoReturn:
        raise WebSocketDisconnect(closed)

    return send


async def refuse_all(_event: SendEvent) -> NoReturn:
    """Refuse what comes behind the refusal of a handshake."""
    message = "the handshake was refused, so nothing can be sent any more"
    raise LocalProtocolError(message)


async def give_the_end() -> Event:
    """Give a disconnect. Whatever it says: the connection knows its end."""
    return disconnect_event(int(CloseCode.NO_STATUS_RECEIVED))


def _size_of(event: Event) -> int:
    return len(payload_of(event) or b"")
