"""
Iteration over the messages of a connection, which ends with the connection.

Classes and not async generators: a loop that is left early leaves nothing to clean up,
and trio has nothing to warn of. `__anext__` awaits the server's `receive()` itself, as
the receiving methods of `typedws.states` do, for the same reason.

An event is first read here, in the shape that servers give it. What has another shape,
or another kind, is left to `typedws.messages`: to call a function for each event would
take a sixth of the time that an echo of text spends in typedws.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Never, TypeVar, final

from typing_extensions import override

from typedws.codecs.codec import Codec
from typedws.codecs.direct import Direct
from typedws.connection import Connection
from typedws.deadlines import Wait, checked_timeout
from typedws.exceptions import DecodeError
from typedws.json_text import UNREADABLE
from typedws.messages import (
    Event,
    Message,
    bytes_of,
    message_of,
    payload_of,
    text_of,
)

__all__ = [
    "BytesMessages",
    "DecodedMessages",
    "DirectMessages",
    "Messages",
    "TextMessages",
    "TimedMessages",
]

PayloadT = TypeVar("PayloadT")
ValueT = TypeVar("ValueT")


class _Iterator(AsyncIterator[PayloadT]):
    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Iterate until the connection is over."""
        self._connection = connection

    async def _read(
        self, event: Event, read: Callable[[Event], PayloadT | None], method: str
    ) -> PayloadT:
        payload = read(event)
        if payload is None:
            await self._connection.end_of_kind(event, method)
            raise StopAsyncIteration
        return payload


@final
class TextMessages(_Iterator[str]):
    """The text of each message; a binary one is a `MessageTypeError`."""

    __slots__ = ()

    @override
    async def __anext__(self) -> str:
        connection = self._connection
        if connection.receiving:
            await connection.await_turn("iter_text()")
        connection.receiving = True
        try:
            event = await connection.receive()
        finally:
            connection.receiving = False
        try:
            text = event["text"]
            if (
                type(text) is str
                and event["type"] == "websocket.receive"
                and "bytes" not in event
            ):
                return text
        except (KeyError, TypeError):
            pass
        return await self._read(event, text_of, "iter_text()")


@final
class BytesMessages(_Iterator[bytes]):
    """The bytes of each message; a text is a `MessageTypeError`."""

    __slots__ = ()

    @override
    async def __anext__(self) -> bytes:
        connection = self._connection
        if connection.receiving:
            await connection.await_turn("iter_bytes()")
        connection.receiving = True
        try:
            event = await connection.receive()
        finally:
            connection.receiving = False
        try:
            data = event["bytes"]
            if (
                type(data) is bytes
                and event["type"] == "websocket.receive"
                and "text" not in event
            ):
                return data
        except (KeyError, TypeError):
            pass
        return await self._read(event, bytes_of, "iter_bytes()")


@final
class Messages(_Iterator[Message]):
    """The messages of both kinds."""

    __slots__ = ()

    @override
    async def __anext__(self) -> Message:
        connection = self._connection
        if connection.receiving:
            await connection.await_turn("async for")
        connection.receiving = True
        try:
            event = await connection.receive()
        finally:
            connection.receiving = False
        message = message_of(event)
        if message is None:
            await connection.end_of_messages(event)
            raise StopAsyncIteration
        return message


@final
class TimedMessages(_Iterator[PayloadT]):
    """The messages that a reader takes, each within some seconds."""

    __slots__ = ("_method", "_take", "_timeout")

    def __init__(
        self,
        connection: Connection,
        take: Callable[[Event], PayloadT | None],
        method: str,
        timeout: float,
    ) -> None:
        """
        Iterate until the connection is over.

        Raises:
            TypeError: The time-out is no number.
            ValueError: It is negative, or NaN.
        """
        super().__init__(connection)
        self._take = take
        self._method = method
        self._timeout = timeout
        checked_timeout(timeout, method)

    @override
    async def __anext__(self) -> PayloadT:
        connection = self._connection
        wait = Wait(self._timeout, self._method)
        if connection.receiving:
            await connection.await_turn(self._method, wait)
        connection.receiving = True
        try:
            event = await connection.receive_within(wait)
        finally:
            connection.receiving = False
        return await self._read(event, self._take, self._method)


@final
class DecodedMessages(AsyncIterator[ValueT]):
    """The messages that a reader takes, decoded; `None` may be one of the values."""

    __slots__ = ("_answer", "_connection", "_decode", "_method", "_read", "_timeout")

    def __init__(
        self,
        connection: Connection,
        read: Callable[[Event], str | bytes | None],
        decode: Callable[[str | bytes], ValueT],
        *,
        method: str,
        timeout: float | None = None,
        answer: Callable[[DecodeError, Wait | None], Awaitable[bool]] | None = None,
    ) -> None:
        """
        Iterate until the connection is over.

        Raises:
            TypeError: The time-out is no number.
            ValueError: It is negative, or NaN.
        """
        self._connection = connection
        self._read = read
        self._decode = decode
        self._method = method
        self._timeout = checked_timeout(timeout, method)
        self._answer = answer

    @override
    async def __anext__(self) -> ValueT:
        connection, timeout = self._connection, self._timeout
        wait = None if timeout is None else Wait(timeout, self._method)
        while True:
            if connection.receiving:
                await connection.await_turn(self._method, wait)
            connection.receiving = True
            try:
                event = await (
                    connection.receive()
                    if wait is None
                    else connection.receive_within(wait)
                )
            finally:
                connection.receiving = False
            data = self._read(event)
            if data is None:
                await connection.end_of_kind(event, self._method)
                raise StopAsyncIteration
            try:
                return self._decode(data)
            except DecodeError as error:
                if self._answer is None or not await self._answer(error, wait):
                    raise


@final
class DirectMessages(AsyncIterator[ValueT]):
    """The messages that a codec decodes, by the steps that it shows."""

    __slots__ = ("_answer", "_codec", "_connection", "_direct")

    def __init__(
        self,
        connection: Connection,
        codec: Codec[ValueT, Never],
        direct: Direct[ValueT, Never],
        answer: Callable[[DecodeError, Exception], Awaitable[None]],
    ) -> None:
        """Iterate until the connection is over."""
        self._connection = connection
        self._codec = codec
        self._direct = direct
        self._answer = answer

    @override
    async def __anext__(self) -> ValueT:
        connection, direct = self._connection, self._direct
        while True:
            if connection.receiving:
                await connection.await_turn("async for")
            receive = connection.receive
            connection.receiving = True
            try:
                event = await receive()
            finally:
                connection.receiving = False
            try:
                data = event[direct.key]
                if (
                    not isinstance(data, direct.kind)
                    or event["type"] != "websocket.receive"
                    or direct.other in event
                ):
                    data = None
            except (KeyError, TypeError):
                data = None
            if data is None:
                payload = payload_of(event)
                if payload is None:
                    await connection.end_of_messages(event)
                    raise StopAsyncIteration
                try:
                    return self._codec.decode(payload)
                except DecodeError as error:
                    await self._answer(error, error)
            else:
                glance, decode = direct.glance, direct.decode
                try:
                    return decode(data) if glance is None else glance(data).decode(data)
                except UNREADABLE as error:
                    await self._answer(direct.decode_error(error, data), error)
