"""The client in a test's hands: it sends, receives, closes, and is lost."""

from collections.abc import AsyncIterator, Mapping
from typing import Final, TypeVar, final, overload

from attrs import field, frozen
from typing_extensions import TypeForm, override

from typedws.close import CloseCode, checked_close
from typedws.codecs.codec import Codec
from typedws.datastructures import Headers
from typedws.exceptions import MessageTypeError
from typedws.json_text import JSON, JSONInput, encode_json
from typedws.json_types import json_decoder
from typedws.messages import (
    BytesMessage,
    JSONMode,
    Message,
    TextMessage,
    checked_bytes,
    checked_text,
)
from typedws.testing.errors import ConnectionOver
from typedws.testing.link import Link
from typedws.testing.outcomes import Accepted, Answer, Closed
from typedws.testing.typed_peer import TypedPeer
from typedws.typed import check_codec

__all__ = ["Peer"]

T = TypeVar("T")
In = TypeVar("In")
Out = TypeVar("Out")


_TEXT: Final = "text"


@final
@frozen(eq=False, order=False)
class _Messages:
    """No generator: a loop that is left early leaves nothing to be closed."""

    _link: Link = field(alias="link")

    def __aiter__(self) -> AsyncIterator[Message]:
        return self

    async def __anext__(self) -> Message:
        message = await self._link.next("async for")
        if isinstance(message, Closed):
            raise StopAsyncIteration
        return message


@final
@frozen(eq=False, order=False, repr=False)
class Peer:
    """
    The client of one connection, as `connect()` gives it.

    Each wait is bounded by the `wait` of `connect()`. A wait raises what the
    application has raised, once there are no messages left from before.

    """

    _link: Link = field(alias="link")

    @override
    def __repr__(self) -> str:
        state = "open" if self.closed is None else f"over: {self.closed!r}"
        return f"<Peer {state}, {self.unread} unread>"

    @property
    def scope(self) -> Mapping[str, object]:
        """The ASGI scope that the application was given."""
        return self._link.scope

    @property
    def answer(self) -> Answer | None:
        """The answer to the handshake; from `connect()` always an `Accepted`."""
        return self._link.connection.answer

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the application chose."""
        answer = self.answer
        return answer.subprotocol if isinstance(answer, Accepted) else None

    @property
    def accept_headers(self) -> Headers:
        """The headers that the application added to its accept."""
        answer = self.answer
        return Headers() if answer is None else answer.headers

    @property
    def closed(self) -> Closed | None:
        """The end of the connection, if it is over; there may be unread messages."""
        return self._link.connection.closed

    @property
    def unread(self) -> int:
        """How many messages the application has sent that the test has not read."""
        return len(self._link.connection.to_client.messages)

    def typed(self, codec: Codec[In, Out]) -> TypedPeer[In, Out]:
        """
        See the connection through a codec: as the client, so it is the other side's.

            chat = peer.typed(CHAT.mirrored())

        Args:
            codec: Reads what the application sends, and writes what it receives. Of the
                application's own codec that is `mirrored()`.

        Raises:
            TypeError: The codec is none.
        """
        check_codec(codec)
        return TypedPeer(codec, link=self._link)

    # --- Receiving -------------------------------------------------------------------

    async def receive(self) -> Message | Closed:
        """
        Wait for the next message, or the end of the connection.

        After the end it returns the same `Closed` again.

        Raises:
            WaitTimeout: Nothing came; the error says what the application was doing.
            ASGIViolation: The application broke ASGI.
            Exception: What the application raised, if that ended it.
        """
        return await self._link.next("receive()")

    async def receive_text(self) -> str:
        """
        Wait for the next message, which is to be text.

        Raises:
            ConnectionOver: The end came.
            MessageTypeError: The message is binary; the error has it.
            Exception: What `receive()` raises.
        """
        return await self._text("receive_text()")

    async def _text(self, method: str) -> str:
        message = await self._link.next(method)
        if isinstance(message, TextMessage):
            return message.data
        raise _other(method, message)

    async def receive_bytes(self) -> bytes:
        """
        Wait for the next message, which is to be binary.

        Raises:
            ConnectionOver: The end came.
            MessageTypeError: The message is text; the error has it.
            Exception: What `receive()` raises.
        """
        return await self._bytes("receive_bytes()")

    async def _bytes(self, method: str) -> bytes:
        message = await self._link.next(method)
        if isinstance(message, BytesMessage):
            return message.data
        raise _other(method, message)

    @overload
    async def receive_json(self, *, mode: JSONMode = ...) -> JSON: ...
    @overload
    async def receive_json(self, type: TypeForm[T], *, mode: JSONMode = ...) -> T: ...
    async def receive_json(
        self, type: TypeForm[object] = JSON, *, mode: JSONMode = "text"
    ) -> object:
        """
        Wait for the next message, which is to be JSON.

        Args:
            type: What it is to be: whatever the application's own `receive_json()`
                takes, a class or a union of classes for instance.
            mode: Whether JSON is to come in text or in binary messages.

        Raises:
            TypeError: The type is none that JSON can be read into. No message is taken.
            DecodeError: The message is no JSON, or not of the type; the error has it.
            ConnectionOver: The end came.
            MessageTypeError: The message is of the other mode; the error has it.
            Exception: What `receive()` raises.
        """
        method = "receive_json()"
        decode = json_decoder(type, mode)
        data = await (self._text(method) if mode == _TEXT else self._bytes(method))
        return decode(data)

    def __aiter__(self) -> AsyncIterator[Message]:
        """Iterate over the messages, until the connection is over."""
        return _Messages(self._link)

    async def wait_all_read(self) -> None:
        """
        Wait until the application has taken all that it was sent, and awaits more.

        What its receiving task sends in answer is then there: `unread` says how much.
        What typedws reads ahead for a handler counts once that has taken it. A queue
        between the two that is not of typedws (Falcon and Quart have one) is not seen,
        nor is a task that answers for another.

        Raises:
            Exception: What `receive()` raises.
        """
        await self._link.all_read()

    # --- Sending ---------------------------------------------------------------------

    async def send(self, message: Message) -> None:
        """
        Send a message of either kind.

        Raises:
            TypeError: The message is none.
            ConnectionOver: The connection is over.
            WaitTimeout: The application does not read, and the buffer is full.
            Exception: What the application raised, if that ended it.
        """
        _check_message(message)
        if isinstance(message, TextMessage):
            await self.send_text(message.data)
        else:
            await self.send_bytes(message.data)

    async def send_text(self, data: str) -> None:
        """
        Send a text message.

        Raises:
            TypeError: The data is not a str.
            Exception: What `send()` raises.
        """
        message = TextMessage(checked_text(data, "send_text()"))
        await self._link.send(message, "send_text()")

    async def send_bytes(self, data: bytes | bytearray | memoryview) -> None:
        """
        Send a binary message.

        Raises:
            TypeError: The data is not bytes, bytearray or memoryview.
            Exception: What `send()` raises.
        """
        message = BytesMessage(checked_bytes(data, "send_bytes()"))
        await self._link.send(message, "send_bytes()")

    async def send_json(self, data: JSONInput, *, mode: JSONMode = "text") -> None:
        """
        Send a JSON message (RFC 8259).

        Raises:
            EncodeError: The data has no JSON form.
            Exception: What `send()` raises.
        """
        text = encode_json(data)
        is_text = mode == _TEXT
        message = TextMessage(text.decode()) if is_text else BytesMessage(text)
        await self._link.send(message, "send_json()")

    # --- The end ---------------------------------------------------------------------

    async def close(
        self, code: int | None = CloseCode.NORMAL_CLOSURE, reason: str = ""
    ) -> Closed:
        """
        Close the connection; return the end that it had before, if it was over.

        Messages that came before can still be received.

        Args:
            code: 1000 to 1003, 1007 to 1014, or 3000 to 4999; `None` for a close frame
                without a code, as `WebSocket.close()` of a browser sends it.
            reason: At most 123 bytes of UTF-8.

        Raises:
            LocalProtocolError: The code may not be sent, or the reason is too long.
            WaitTimeout: The application does not read, and the buffer is full.
        """
        if code is None:
            return await self._link.close(None, "")
        return await self._link.close(*checked_close(code, reason))

    def lose(self) -> Closed:
        """Let the network go away: no close frame, in neither direction."""
        return self._link.lose()


def _other(method: str, event: Message | Closed) -> Exception:
    if isinstance(event, Closed):
        return ConnectionOver(method, event)
    return MessageTypeError(method, event.data)


def _check_message(message: object) -> None:
    if not isinstance(message, (TextMessage, BytesMessage)):
        raise TypeError(
            "send() takes a TextMessage or a BytesMessage, not "
            f"{type(message).__name__}; there are send_text() and send_bytes(), too"
        )
