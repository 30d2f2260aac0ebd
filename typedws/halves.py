"""
The two halves of an open connection, each for a task that needs no more than one.

They are streams of anyio, so whatever takes an `ObjectReceiveStream` or an
`ObjectSendStream` takes them. What their calls raise at the end is what anyio's streams
raise then, and a `WebSocketDisconnect` as well.
"""

from collections.abc import AsyncIterator
from typing import Final, Protocol, TypeVar, final

import anyio
import anyio.lowlevel
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from typing_extensions import override

from typedws.ended import ClosedStateError, ClosedWebSocket, WebSocketDisconnect

__all__ = [
    "BrokenWriter",
    "ClosedWriter",
    "EndOfMessages",
    "WebSocketReader",
    "WebSocketWriter",
]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)

_SENDS_AT_A_TIME: Final = 16
"""Messages after which a writer lets other tasks run, though no server made it wait."""


class EndOfMessages(WebSocketDisconnect, anyio.EndOfStream):
    """The connection is over, and so there is nothing left to receive."""


class BrokenWriter(WebSocketDisconnect, anyio.BrokenResourceError):
    """The peer has gone, and so there is nobody left to send to."""


class ClosedWriter(ClosedStateError, anyio.ClosedResourceError):
    """Something was sent on a connection that your code had closed."""


class Receiver(Protocol[In_co]):
    """What a reader needs of an open connection."""

    async def receive(
        self, *, timeout: float | None = None
    ) -> In_co | ClosedWebSocket: ...
    def __aiter__(self) -> AsyncIterator[In_co]: ...


class Sender(Protocol[Out_contra]):
    """What a writer needs of an open connection."""

    async def send(self, message: Out_contra, /) -> None: ...
    async def close(self) -> ClosedWebSocket: ...


@final
class WebSocketReader(ObjectReceiveStream[In_co]):
    """
    The half that receives: `split()` and `run()` of an open connection make it.

    One task at a time may receive, whatever it receives with.
    """

    __slots__ = ("_is_closed", "_messages", "_receiver")

    def __init__(self, receiver: Receiver[In_co]) -> None:
        """Receive from this connection."""
        self._receiver = receiver
        self._messages = aiter(receiver)
        self._is_closed = False

    @override
    async def receive(self, *, timeout: float | None = None) -> In_co:
        """
        Wait for the next message.

        Args:
            timeout: Seconds to wait; `None` for as long as it takes. A message that
                comes too late is not lost: the next call gives it.

        Raises:
            EndOfMessages: The connection is over; an `anyio.EndOfStream`, too.
            anyio.ClosedResourceError: This half was closed.
            ReceiveTimeout: No message came in time.
            DecodeError: The message does not fit; of a typed session.
            ConcurrentReceiveError: Another task is receiving.
            RemoteProtocolError: The server broke ASGI; the connection was ended.

        Cancel safety:
            That of `receive()` of the connection; inside `run()` nothing is lost.
        """
        self._check_is_open()
        message = await self._receiver.receive(timeout=timeout)
        if isinstance(message, ClosedWebSocket):
            raise EndOfMessages(message)
        return message

    @override
    async def __anext__(self) -> In_co:
        self._check_is_open()
        return await anext(self._messages)

    @override
    async def aclose(self) -> None:
        """Receive no more with this half; the connection itself stays open."""
        self._is_closed = True

    def _check_is_open(self) -> None:
        if self._is_closed:
            message = "this reader was closed; the connection has others: see split()"
            raise anyio.ClosedResourceError(message)


@final
class WebSocketWriter(ObjectSendStream[Out_contra]):
    """
    The half that sends: `split()` and `run()` of an open connection make it.

    Several tasks may send: messages stay whole, and those of one task stay in order.
    """

    __slots__ = ("_sender", "_sent")

    def __init__(self, sender: Sender[Out_contra]) -> None:
        """Send on this connection."""
        self._sender = sender
        self._sent = 0

    @override
    async def send(self, item: Out_contra) -> None:
        """
        Send a message.

        A loop of sends lets other tasks run now and then, even where the server does
        not: on uvicorn a send that finds room in the buffer does not wait.

        Raises:
            BrokenWriter: The peer has gone; an `anyio.BrokenResourceError`, too.
            ClosedWriter: This side has closed the connection; an
                `anyio.ClosedResourceError`, too.
            LocalProtocolError: The text has a lone surrogate, hence no UTF-8.
            EncodeError: The codec can't encode the value; of a typed session.
            TypeError: This is no message, or its payload is none.

        Cancel safety:
            Cancelled, the message may have been sent or not; the connection goes on.
        """
        self._sent += 1
        if self._sent % _SENDS_AT_A_TIME == 0:
            await anyio.lowlevel.checkpoint()
        try:
            await self._sender.send(item)
        except ClosedStateError as error:
            raise ClosedWriter(error.closed, "send()") from None
        except WebSocketDisconnect as error:
            raise BrokenWriter(error.closed) from error.__cause__

    @override
    async def aclose(self) -> None:
        """Close the connection with 1000, unless it is over."""
        await self._sender.close()
