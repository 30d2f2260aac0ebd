"""
Limits that an open connection keeps: size and pace of messages, silence, slow peers.

They stand between the server's `receive` and `send` and all that is above, so nothing
of them is in the way of a connection that has no limits.

What a peer exceeds closes the connection. Whoever receives then gets the end, whoever
sends a `WebSocketDisconnect`, and the log has one line.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias, final

import anyio
import anyio.lowlevel
from attrs import define, field

from typedws.asgi import ASGIReceive, ASGISend, SendEvent
from typedws.close import CloseCode
from typedws.deadlines import finishes_within
from typedws.ended import ClosedWebSocket, WebSocketDisconnect
from typedws.limits import Limits, RateLimit
from typedws.loss import means_loss
from typedws.messages import Event, disconnect_event, payload_of

__all__ = ["Limiter", "limits_messages"]

logger: Final = logging.getLogger("typedws")

Close: TypeAlias = Callable[[int, str], Awaitable[ClosedWebSocket]]

_TOO_BIG: Final = (int(CloseCode.MESSAGE_TOO_BIG), "the message is too big")
_TOO_FAST: Final = (int(CloseCode.POLICY_VIOLATION), "too many messages")
_TOO_SLOW: Final = (int(CloseCode.POLICY_VIOLATION), "messages were not taken in time")
_SILENT: Final = (int(CloseCode.GOING_AWAY), "no message came for too long")


def limits_messages(limits: Limits) -> bool:
    """Tell whether there is anything that a limiter has to do."""
    return (
        limits.message_size is not None
        or limits.idle_timeout is not None
        or limits.send_timeout is not None
        or limits.rate is not None
        or limits.heartbeat is not None
    )


@final
@define(eq=False, order=False, repr=False)
class Limiter:
    """
    A `receive` and a `send` that keep the limits of a connection.

    Attributes:
        limits: What is allowed.
        source: The `receive` of the server.
        sink: The `send` of the server.
        close: Closes the connection.
        name: What the log calls the connection.
        heard_at: When the peer was last heard of, on the clock of the event loop.
    """

    limits: Limits
    source: ASGIReceive
    sink: ASGISend
    close: Close
    name: str
    heard_at: float = field(factory=anyio.current_time, init=False)
    _has_told: bool = field(default=False, init=False)
    _breach: tuple[int, str] | None = field(default=None, init=False)
    _bucket: "Bucket | None" = field(init=False)
    _is_open: bool = field(default=False, init=False)
    _opened: anyio.Event | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with a bucket that is full."""
        rate = self.limits.rate
        self._bucket = None if rate is None else Bucket(rate)

    async def receive(self) -> Event:
        """Give the next event, or the end if the peer is not within the limits."""
        if self._breach is not None:
            return await self._end_of(self._breach)
        bucket = self._bucket
        if bucket is not None and bucket.rate.exceeded == "wait":
            # Before the server is asked: so nobody holds a message that can be lost.
            await self._hold_off(bucket)
        taken: list[Event] = []

        async def take() -> None:
            taken.append(await self.source())

        if not await finishes_within(self.limits.idle_timeout, take()):
            return await self._end_of(_SILENT)
        self.heard_at = anyio.current_time()
        excess = self._excess_of(taken[0])
        return taken[0] if excess is None else await self._end_of(excess)

    async def _hold_off(self, bucket: "Bucket") -> None:
        if self._is_open or not (seconds := bucket.excess_of_another()):
            await anyio.lowlevel.checkpoint()
            return
        self._opened = anyio.Event()
        try:
            await finishes_within(seconds, self._opened.wait())
        finally:
            self._opened = None
            # What the peer has sent meanwhile is only read now.
            self.heard_at = anyio.current_time()

    def is_holding_off(self) -> bool:
        """Tell whether the peer is made to wait, so that nobody can hear of it."""
        return self._opened is not None

    def stop_holding_off(self) -> None:
        """From now on make nobody wait: the connection is over, or about to be."""
        self._is_open = True
        if self._opened is not None:
            self._opened.set()

    async def _end_of(self, why: tuple[int, str]) -> Event:
        # The message is gone. So whoever receives after a caller who was cancelled here
        # has to go on with the close.
        self._breach = why
        await self.end(why)
        return disconnect_event(*why)

    def _excess_of(self, event: Event) -> tuple[int, str] | None:
        payload = payload_of(event)
        if payload is None:
            return None
        limit, bucket = self.limits.message_size, self._bucket
        size = len(payload) if limit is None and bucket is None else size_of(payload)
        if limit is not None and size > limit:
            return _TOO_BIG
        if bucket is not None:
            bucket.take(size)
            if bucket.rate.exceeded == "close" and bucket.excess() > 0:
                return _TOO_FAST
        return None

    async def send(self, event: SendEvent) -> None:
        """
        Hand an event to the server, as long as the peer takes what it is sent.

        Raises:
            WebSocketDisconnect: It does not, and the connection was closed.
        """
        is_message = event["type"] == "websocket.send"
        seconds = self.limits.send_timeout if is_message else None
        try:
            is_taken = await finishes_within(seconds, self.sink(event))
        except Exception as error:
            if means_loss(error):
                # The disconnect, and what came before it, is read as fast as it can be.
                self.stop_holding_off()
            raise
        if not is_taken:
            raise WebSocketDisconnect(await self.end(_TOO_SLOW))

    async def end(self, why: tuple[int, str]) -> ClosedWebSocket:
        """Close the connection for what the peer has done, or has not."""
        closed = await self.close(*why)
        # If it was given up, there is a line of that. Somebody else may have closed it,
        # for another reason; and of several tasks that wait to send, each comes here.
        is_why = closed.closed_by == "server" and closed.reason == why[1]
        if is_why and not self._has_told:
            self._has_told = True
            logger.info("%s: closed with %d %a", self.name, *why)
        return closed


def size_of(payload: str | bytes) -> int:
    """Count the bytes of a payload as it travels."""
    if isinstance(payload, bytes) or payload.isascii():
        return len(payload)
    # A server has decoded it, so it can be encoded; a middleware may have made it.
    return len(payload.encode(errors="surrogatepass"))


@final
@define(eq=False, order=False, repr=False)
class Bucket:
    """
    A token bucket: what a peer has left of its rate.

    It is kept as a point of time: when the bucket would be full again. That is in the
    future by the seconds for which the peer has sent in advance.

    Attributes:
        rate: How fast the peer may send.
    """

    rate: RateLimit
    _messages_at: float = field(default=0.0, init=False)
    _bytes_at: float = field(default=0.0, init=False)

    def take(self, size: int) -> None:
        """Take out a message of a size in bytes."""
        now, rate = anyio.current_time(), self.rate
        if rate.messages is not None:
            self._messages_at = max(self._messages_at, now) + 1 / rate.messages
        if rate.size is not None:
            self._bytes_at = max(self._bytes_at, now) + size / rate.size

    def excess(self) -> float:
        """Return for how many seconds the peer has to be silent; 0 if it has not."""
        return self._excess(self._messages_at)

    def excess_of_another(self) -> float:
        """Return the same, for a peer that is to send one message more."""
        now = anyio.current_time()
        return self._excess(max(self._messages_at, now) + self._per_message())

    def _excess(self, messages_at: float) -> float:
        # However low a rate is, one message at a time is within it.
        most = max(self.rate.burst, self._per_message())
        ahead = max(messages_at, self._bytes_at) - anyio.current_time()
        return max(0.0, ahead - most)

    def _per_message(self) -> float:
        return 0.0 if self.rate.messages is None else 1 / self.rate.messages
