"""
Sessions: what every view on an open connection can do, whatever messages it speaks.

What receives and what sends is in each view, since it is the hot path. What is built of
the two is here, once.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Generic, TypeVar

from attrs import field, frozen

from typedws.close import CloseCode, checked_close
from typedws.connection import Connection
from typedws.ended import ClosedWebSocket
from typedws.halves import WebSocketReader, WebSocketWriter
from typedws.handshake import Handshake
from typedws.running import Job, check_job, closing, run_jobs, send_each

__all__ = ["Session"]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)


@frozen(eq=False, order=False, init=False, repr=False)
class Session(Handshake, ABC, Generic[In_co, Out_contra]):
    """
    An open connection, on which `In` comes and `Out` goes.

    A `ConnectedWebSocket` is a `Session[Message, Message]`, a `TypedWebSocket[In, Out]`
    a `Session[In, Out]`. So a function that only speaks need not ask for more:
    `async def greet(session: Session[object, Said]) -> None`.

    Attributes:
        scope: The scope, as a typed model.
    """

    _connection: Connection = field(init=False)

    @abstractmethod
    async def receive(self, *, timeout: float | None = None) -> In_co | ClosedWebSocket:
        """Wait for the next message, or the end of the connection."""

    @abstractmethod
    def iter_messages(self, *, timeout: float | None = None) -> AsyncIterator[In_co]:
        """Iterate over the messages, until the connection is over."""

    @abstractmethod
    def __aiter__(self) -> AsyncIterator[In_co]:
        """Iterate over the messages, until the connection is over."""

    @abstractmethod
    async def send(self, message: Out_contra, /) -> None:
        """Send a message."""

    @abstractmethod
    async def close(
        self, code: int = CloseCode.NORMAL_CLOSURE, reason: str | None = None
    ) -> ClosedWebSocket:
        """Close the connection; return the end that it had before, if it was over."""

    async def wait_draining(self) -> None:
        """
        Wait until the application is told to end its connections: `drain()` of the app.

        A connection on which this was called has until the deadline of the drain to end
        in its own way. Any other is closed at once, also one on which it is called
        later: then it returns at once. Without `websocket_app` there is nobody to tell,
        and it waits for ever.

        Cancel safety:
            It can be called again.
        """
        await self._connection.wait_draining()

    def split(self) -> tuple[WebSocketReader[In_co], WebSocketWriter[Out_contra]]:
        """
        Return the two halves, each to be handed to a task that needs no more.

        They are streams of anyio: an `ObjectReceiveStream` and an `ObjectSendStream`.
        It is no transition, and nothing is started: the halves receive and send as this
        object does, beside which they may be used.
        """
        return WebSocketReader(self), WebSocketWriter(self)

    async def run(
        self,
        reader: Callable[[WebSocketReader[In_co]], Awaitable[object]] | None = None,
        writer: Callable[[WebSocketWriter[Out_contra]], Awaitable[object]]
        | None = None,
        *,
        background: Iterable[Job] = (),
        code: int = CloseCode.NORMAL_CLOSURE,
        reason: str | None = None,
    ) -> ClosedWebSocket:
        """
        Receive and send at once, until one is done or the peer goes; then close.

            async def listen(messages: WebSocketReader[Message]) -> None: ...
            async def tell(writer: WebSocketWriter[Message]) -> None: ...

            return await connected.run(listen, tell)

        All of them run in tasks of their own. When the first is done, the others are
        cancelled, and the connection is closed. When the peer goes, writer and
        background are cancelled at once; the reader gets what came before, and then its
        messages end. A `WebSocketDisconnect` out of any of them is such an end. If the
        peer has gone before, only a reader is run, for what is still to be received.

        Args:
            reader: Receives messages. Without it, what the peer sends is dropped.
            writer: Sends messages.
            background: What else is to be done, for as long as the connection lasts.
            code: The close code, if the connection is still open at the end.
            reason: The close reason.

        Raises:
            ExceptionGroup: Several of them have failed. If one has, it is raised as it
                is. The connection is still open then, and `websocket_app` closes it.
            ConcurrentReceiveError: Another task is receiving.
            LocalProtocolError: The code may not be sent, or the reason is too long.
            TypeError: One of them can't be called and awaited.
            ValueError: There is neither reader, writer nor background.

        Cancel safety:
            All of them are cancelled, and the connection is still open. So they are if
            on asyncio a future or a task that one of them awaits is cancelled.
        """
        close_with = checked_close(code, reason)
        jobs = list(background)
        _check_jobs(reader, writer, jobs)
        messages, output = self.split()
        receive = None if reader is None else partial(reader, messages)
        if writer is not None:
            jobs.append(partial(writer, output))
        if not isinstance(self._connection.current, ClosedWebSocket):
            await run_jobs(self._connection, receive, jobs)
        return await self._connection.close(*close_with)

    async def send_each(
        self,
        messages: AsyncIterable[Out_contra],
        *,
        code: int = CloseCode.NORMAL_CLOSURE,
        reason: str | None = None,
    ) -> ClosedWebSocket:
        """
        Send what an iterator gives, until it ends or the peer goes; then close.

        That the peer goes is noticed at once, on every server, also while the iterator
        waits for something. What the peer sends is dropped.

        Args:
            messages: The messages. An async generator is closed at the end.
            code: The close code, if the connection is still open at the end.
            reason: The close reason.

        Raises:
            ConcurrentReceiveError: Another task is receiving.
            LocalProtocolError: The code may not be sent, or the reason is too long.

        Cancel safety:
            Cancelled, the connection is still open.
        """

        async def write(writer: WebSocketWriter[Out_contra]) -> None:
            await send_each(writer, messages)

        # The writer closes it as soon as it ends; but it may never begin.
        async with closing(messages):
            return await self.run(writer=write, code=code, reason=reason)

    async def receive_each(
        self,
        handle: Callable[[In_co], Awaitable[object]],
        *,
        timeout: float | None = None,
        code: int = CloseCode.NORMAL_CLOSURE,
        reason: str | None = None,
    ) -> ClosedWebSocket:
        """
        Hand each message to a function, one after the other, until the peer goes.

        Args:
            handle: Is called with each message, and awaited.
            timeout: Seconds to wait for each message, as in `receive()`.
            code: The close code, if the connection is still open at the end.
            reason: The close reason.

        Raises:
            ReceiveTimeout: No message came in time.
            DecodeError: A message does not fit; of a typed session.
            ConcurrentReceiveError: Another task is receiving.
            RemoteProtocolError: The server broke ASGI; the connection was ended.
            LocalProtocolError: The code may not be sent, or the reason is too long.
            TypeError: The function can't be called with a message and awaited.

        Cancel safety:
            That of `receive()`, and that of the function.
        """
        close_with = checked_close(code, reason)
        check_job(handle, "function of receive_each()", 1)
        async for message in self.iter_messages(timeout=timeout):
            await handle(message)
        return await self._connection.close(*close_with)


def _check_jobs(reader: object, writer: object, background: list[Job]) -> None:
    if reader is not None:
        check_job(reader, "reader", 1)
    if writer is not None:
        check_job(writer, "writer", 1)
    for job in background:
        check_job(job, "background task", 0)
    if reader is None and writer is None and not background:
        message = "run() has nothing to run: give it a reader, a writer, or background"
        raise ValueError(message)
