"""What the users of a connection call, one task for each call, and what comes of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Literal, TypeAlias, final

import anyio
from attrs import Factory, define, field
from typing_extensions import override

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    DecodeError,
    DenialResponse,
    Message,
    MessageTypeError,
    Subprotocol,
    TextMessage,
    TypedWebSocket,
    UnacceptedWebSocket,
    WebSocketReader,
    WebSocketWriter,
)
from typedws.connection import Connection
from typedws.deadlines import running_task

Payload: TypeAlias = str | bytes
Role: TypeAlias = Literal["answer", "receive", "send", "close", "run", "other"]
Typed: TypeAlias = TypedWebSocket[Payload, Payload]


class Codec:
    """A codec that hands on what it gets, but for a text that it can't read."""

    def decode(self, data: Payload, /) -> Payload:
        """Hand on a payload."""
        if isinstance(data, str) and data.startswith("x"):
            problem = "it begins with an x"
            raise DecodeError(problem, data)
        return data

    def encode(self, value: Payload, /) -> Payload:
        """Hand on a payload."""
        return value


CHAT: Final = Subprotocol(Literal["chat"], Codec())


@final
@define(eq=False, repr=False)
class Operation:
    """
    A call of a user, in a task of its own.

    Attributes:
        name: What it is.
        role: What it does with the connection.
        result: What it has returned.
        error: What it has raised.
        is_done: Whether it has ended.
        is_cancelled: Whether it was to be cancelled.
        is_timed: Whether it has a time-out.
        beside: The other calls that there were while it lasted.
        scope: What it can be cancelled by.
        task: The task of asyncio that it runs in.
        is_native: Whether it was that task that was cancelled.
    """

    name: str
    role: Role
    result: object = None
    error: Exception | None = None
    is_done: bool = False
    is_cancelled: bool = False
    is_timed: bool = False
    beside: set[str] = Factory(set[str])
    scope: anyio.CancelScope | None = field(default=None, init=False)
    task: "asyncio.Task[object] | None" = field(default=None, init=False)
    is_native: bool = field(default=False, init=False)

    async def make(self, call: Callable[[], Awaitable[object]]) -> None:
        """Make the call."""
        self.task = _current_task()
        try:
            with anyio.CancelScope() as self.scope:
                if self.is_cancelled:
                    self.scope.cancel()
                self.result = await call()
        except asyncio.CancelledError:
            if not self.is_native:
                raise
        except Exception as error:  # noqa: BLE001 - it is judged later
            self.error = error
        finally:
            self.is_done = True

    def cancel(self, *, is_native: bool) -> None:
        """Cancel the call, by its scope or as asyncio does it."""
        self.is_cancelled = True
        if is_native and self.task is not None:
            self.is_native = True
            self.task.cancel()
        elif self.scope is not None:
            self.scope.cancel()

    @override
    def __repr__(self) -> str:
        """Name it, for the story of a failure."""
        return self.name


@final
@define(eq=False)
class User:
    """
    Who uses a connection.

    Attributes:
        websocket: The first state.
        connection: What the states share.
        connected: The connected state, when there is one.
        typed: A typed view on it.
        heard: The payloads that were received.
        said: How many messages were sent, or tried.
        sent: Those of whose sending nothing bad was heard.
        texts: An iterator that is kept between calls.
    """

    websocket: UnacceptedWebSocket
    connection: Connection
    connected: ConnectedWebSocket[str | None] | None = None
    typed: Typed | None = None
    heard: list[Payload] = Factory(list[Payload])
    said: int = 0
    sent: list[str] = Factory(list[str])
    texts: AsyncIterator[str] | None = None

    # --- The handshake -------------------------------------------------------------

    async def accept(self) -> object:
        """Accept."""
        return self._got(await self.websocket.accept(headers={"x-served-by": "us"}))

    async def accept_chosen(self) -> object:
        """Negotiate, and accept what was chosen."""
        chosen = self.websocket.negotiate(CHAT)
        if chosen is None:
            return self._got(await self.websocket.accept())
        self.typed = await self.websocket.accept(chosen)
        current = self.connection.current
        if isinstance(current, ConnectedWebSocket):
            self.connected = current
        return self.typed

    async def accept_wrongly(self) -> object:
        """Accept with what no client has offered."""
        return self._got(await self.websocket.accept("strange"))

    async def refuse(self) -> object:
        """Refuse."""
        return await self.websocket.close()

    async def deny(self) -> object:
        """Refuse with a response."""
        response = DenialResponse.text("no", status=404)
        return await self.websocket.send_denial_response(response)

    async def deny_in_parts(self) -> object:
        """Refuse with a response that is sent in parts, or with a plain 403."""

        async def parts() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield bytes(1_000_000)

        response = DenialResponse(404, body=parts())
        return await self.websocket.send_denial_response(response, fallback=True)

    def _got(self, connected: ConnectedWebSocket[str | None]) -> object:
        self.connected = connected
        self.typed = connected.typed(Codec())
        self.texts = connected.iter_text()
        return connected

    # --- Receiving -----------------------------------------------------------------

    def hear(self, message: object) -> object:
        """Note what was received."""
        if isinstance(message, (TextMessage, BytesMessage)):
            self.heard.append(message.data)
        elif isinstance(message, (str, bytes)):
            self.heard.append(message)
        return message

    async def _hear(self, call: Awaitable[object]) -> object:
        try:
            return self.hear(await call)
        except (MessageTypeError, DecodeError) as error:
            self.heard.append(error.data)
            return error

    async def receive(self, timeout: float | None = None) -> object:
        """Receive a message of either kind."""
        return await self._hear(self._connected().receive(timeout=timeout))

    async def receive_text(self, timeout: float | None = None) -> object:
        """Receive a text."""
        return await self._hear(self._connected().receive_text(timeout=timeout))

    async def receive_bytes(self, timeout: float | None = None) -> object:
        """Receive bytes."""
        return await self._hear(self._connected().receive_bytes(timeout=timeout))

    async def receive_json(self, timeout: float | None = None) -> object:
        """Receive JSON: each text is a number, or none at all."""

        async def receive() -> str:
            return str(await self._connected().receive_json(timeout=timeout))

        return await self._hear(receive())

    async def receive_typed(self, timeout: float | None = None) -> object:
        """Receive through a codec."""
        return await self._hear(self._typed().receive(timeout=timeout))

    async def read(self, timeout: float | None = None) -> object:
        """Receive with a half."""
        reader, _ = self._connected().split()
        return await self._hear(reader.receive(timeout=timeout))

    async def iterate(self, timeout: float | None = None) -> object:
        """Receive until the end."""
        async for message in self._connected().iter_messages(timeout=timeout):
            self.hear(message)
        return None

    async def iterate_typed(self, timeout: float | None = None) -> object:
        """Receive through a codec until the end, or what can't be read."""
        try:
            async for value in self._typed().iter_messages(timeout=timeout):
                self.hear(value)
        except DecodeError as error:
            self.heard.append(error.data)
        return None

    async def next_text(self, _timeout: float | None = None) -> object:
        """Take a step of an iterator that is kept."""
        texts = self.texts or self._connected().iter_text()
        self.texts = texts
        try:
            return await self._hear(anext(texts))
        except StopAsyncIteration:
            return None

    async def receive_each(self, timeout: float | None = None) -> object:
        """Let a function have each message, and close."""

        async def handle(message: Message) -> None:
            self.hear(message)

        return await self._connected().receive_each(handle, timeout=timeout, code=3001)

    # --- Sending -------------------------------------------------------------------

    def say(self) -> str:
        """Return something that nobody has said before."""
        self.said += 1
        return f"s{self.said}"

    async def send(self) -> object:
        """Send a message."""
        text = self.say()
        await self._connected().send(TextMessage(text))
        self.sent.append(text)
        return None

    async def send_text(self) -> object:
        """Send texts, one after the other."""
        for _ in range(3):
            text = self.say()
            await self._connected().send_text(text)
            self.sent.append(text)
        return None

    async def send_bytes(self) -> object:
        """Send bytes."""
        text = self.say()
        await self._connected().send_bytes(text.encode())
        self.sent.append(text)
        return None

    async def send_typed(self) -> object:
        """Send through a codec."""
        text = self.say()
        await self._typed().send(text)
        self.sent.append(text)
        return None

    async def write(self) -> object:
        """Send with a half."""
        _, writer = self._connected().split()
        text = self.say()
        await writer.send(TextMessage(text))
        self.sent.append(text)
        return None

    # --- Both ----------------------------------------------------------------------

    async def _listen(self, reader: WebSocketReader[Message]) -> None:
        async for message in reader:
            self.hear(message)

    async def _listen_slowly(self, reader: WebSocketReader[Message]) -> None:
        async for message in reader:
            self.hear(message)
            await anyio.sleep(0.5)

    async def _tell(self, writer: WebSocketWriter[Message]) -> None:
        for _ in range(3):
            text = self.say()
            await writer.send(TextMessage(text))
            self.sent.append(text)

    async def run_reader(self) -> object:
        """Receive in a task of its own."""
        return await self._connected().run(self._listen, code=3002)

    async def run_slowly(self) -> object:
        """Receive in a task that is slower than the peer."""
        return await self._connected().run(self._listen_slowly, code=3006)

    async def run_both(self) -> object:
        """Receive and send."""
        return await self._connected().run(self._listen, self._tell, code=3003)

    async def run_writer(self) -> object:
        """Send, and drop what comes."""
        return await self._connected().run(writer=self._tell, code=3004)

    async def run_background(self) -> object:
        """Do something else, which fails."""

        async def fail() -> None:
            await anyio.sleep(1)
            message = "the background has failed"
            raise LookupError(message)

        return await self._connected().run(self._listen, background=[fail])

    async def send_each(self) -> object:
        """Send what a generator gives."""

        async def messages() -> AsyncIterator[Message]:
            for _ in range(3):
                await anyio.sleep(0.5)
                yield TextMessage(self.say())

        return await self._connected().send_each(messages(), code=3005)

    # --- The end -------------------------------------------------------------------

    async def close(self) -> ClosedWebSocket:
        """Close."""
        return await self._connected().close(4000, "bye")

    async def close_wrongly(self) -> ClosedWebSocket:
        """Close with a code that may not be sent."""
        return await self._connected().close(1006)

    async def close_strangely(self) -> ClosedWebSocket:
        """Close with a code that not every server takes."""
        return await self._connected().close(1011, "fault")

    def _connected(self) -> "ConnectedWebSocket[str | None]":
        if self.connected is None:
            raise NotYetError
        return self.connected

    def _typed(self) -> Typed:
        if self.typed is None:
            raise NotYetError
        return self.typed


class NotYetError(Exception):
    """There is no connection yet."""


def _current_task() -> "asyncio.Task[object] | None":
    return asyncio.current_task() if running_task() is not None else None
