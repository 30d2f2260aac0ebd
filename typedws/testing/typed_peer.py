"""The client in a test's hands, seen through a codec: it speaks typed messages."""

from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar, final

from attrs import field, frozen
from typing_extensions import override

from typedws.codecs.codec import Codec, Payload
from typedws.messages import (
    BytesMessage,
    Message,
    TextMessage,
    checked_bytes,
    checked_text,
)
from typedws.testing.link import Link
from typedws.testing.outcomes import Closed

__all__ = ["TypedPeer"]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)


@final
@frozen(eq=False, order=False)
class _Values(AsyncIterator[In_co]):
    """No generator: an error does not end it, and it leaves nothing to be closed."""

    _decode: Callable[[Payload], In_co] = field(alias="decode")
    _link: Link = field(alias="link", kw_only=True)

    @override
    async def __anext__(self) -> In_co:
        message = await self._link.next("async for")
        if isinstance(message, Closed):
            raise StopAsyncIteration
        return self._decode(message.data)


@final
@frozen(eq=False, order=False, repr=False)
class TypedPeer(Generic[In_co, Out_contra]):
    """
    The client of one connection, as `Peer.typed()` gives it.

    It is another view on the same connection, so the two may be mixed: each message
    goes to whoever asks for it first.

    Attributes:
        codec: What reads the messages of the application, and writes the client's.
    """

    codec: Codec[In_co, Out_contra]
    _link: Link = field(alias="link", kw_only=True)

    @override
    def __repr__(self) -> str:
        return f"<TypedPeer of {self.codec!r}>"

    async def receive(self) -> In_co | Closed:
        """
        Wait for the next message, or the end of the connection.

        After the end it returns the same `Closed` again.

        Raises:
            DecodeError: The codec can't read the message; the error has it.
            WaitTimeout: Nothing came; the error says what the application was doing.
            ASGIViolation: The application broke ASGI.
            Exception: What the application raised, if that ended it.

        Cancel safety:
            Cancelled, no message is lost.
        """
        return self._decoded(await self._link.next("receive()"))

    def __aiter__(self) -> AsyncIterator[In_co]:
        """
        Iterate over the messages, until the connection is over.

        Each step raises what `receive()` raises. After an error it can go on.
        """
        return _Values(self.codec.decode, link=self._link)

    async def send(self, value: Out_contra) -> None:
        """
        Send a message.

        Raises:
            EncodeError: The codec can't encode the value. Nothing was sent.
            ConnectionOver: The connection is over.
            WaitTimeout: The application does not read, and the buffer is full.
            Exception: What the application raised, if that ended it.

        Cancel safety:
            Cancelled, nothing was sent.
        """
        await self._link.send(_message_of(self.codec.encode(value)), "send()")

    def _decoded(self, message: Message | Closed) -> In_co | Closed:
        if isinstance(message, Closed):
            return message
        return self.codec.decode(message.data)


def _message_of(payload: Payload) -> Message:
    if isinstance(payload, str):
        return TextMessage(checked_text(payload, "send()"))
    return BytesMessage(checked_bytes(payload, "send()"))
