"""
What stands in for the server's two functions when they are not to be called any more.

So the hot path never asks whether a connection is over: it calls what is there.
"""

from collections import deque
from typing import Final, NoReturn, final

from attrs import field, frozen

from typedws.asgi import ASGIReceive, ASGISend, SendEvent
from typedws.close import CloseCode
from typedws.ended import ClosedWebSocket, WebSocketDisconnect
from typedws.exceptions import LocalProtocolError
from typedws.messages import Event, disconnect_event, payload_of

__all__ = ["Backlog", "backlog_of", "give_the_end", "refuse_all", "refuser"]


_MOST_AHEAD: Final = 100
"""Messages to keep while a peer is in doubt: one that is there may talk for ever."""


@final
@frozen(eq=False, order=False, repr=False)
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
        """Tell whether a sender is to read no further; a size is in bytes."""
        if len(self.events) >= _MOST_AHEAD:
            return True
        return sum(len(payload_of(event) or b"") for event in self.events) >= size


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
