"""
Iteration over the messages of a connection, which ends with the connection.

Classes and not async generators: a loop that is left early leaves nothing to clean up,
and trio has nothing to warn of. `__anext__` awaits the server's `receive()` itself, as
the receiving methods of `typedws.states` do, for the same reason.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar, final

from typing_extensions import override

from typedws.connection import Connection
from typedws.deadlines import Wait, checked_timeout
from typedws.exceptions import DecodeError
from typedws.handshake import Handshake
from typedws.messages import Event

__all__ = ["DecodedMessages", "Messages"]

PayloadT = TypeVar("PayloadT")
ValueT = TypeVar("ValueT")


@final
class Messages(AsyncIterator[PayloadT]):
    """The messages that a reader takes; another kind is a `MessageTypeError`."""

    __slots__ = ("_connection", "_method", "_read", "_state", "_timeout")

    def __init__(
        self,
        state: Handshake,
        connection: Connection,
        read: Callable[[Event], PayloadT | None],
        method: str,
        timeout: float | None = None,
    ) -> None:
        """Iterate for as long as the connection is in this state."""
        self._state = state
        self._connection = connection
        self._read = read
        self._method = method
        self._timeout = checked_timeout(timeout, method)

    @override
    async def __anext__(self) -> PayloadT:
        connection = self._connection
        if connection.receiving or connection.current is not self._state:
            closed = await connection.await_turn(self._method)
            if closed is not None:
                raise StopAsyncIteration
        connection.receiving = True
        try:
            event = await (
                connection.receive()
                if self._timeout is None
                else connection.receive_within(Wait(self._timeout, self._method))
            )
        finally:
            connection.receiving = False
        payload = self._read(event)
        if payload is None:
            await connection.end_of_kind(event, self._method)
            raise StopAsyncIteration
        return payload


@final
class DecodedMessages(AsyncIterator[ValueT]):
    """The messages that a reader takes, decoded; `None` may be one of the values."""

    __slots__ = (
        "_answer",
        "_connection",
        "_decode",
        "_method",
        "_read",
        "_state",
        "_timeout",
    )

    def __init__(
        self,
        state: Handshake,
        connection: Connection,
        read: Callable[[Event], str | bytes | None],
        decode: Callable[[str | bytes], ValueT],
        *,
        method: str,
        timeout: float | None = None,
        answer: Callable[[DecodeError], Awaitable[bool]] | None = None,
    ) -> None:
        """Iterate for as long as the connection is in this state."""
        self._state = state
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
            if connection.receiving or connection.current is not self._state:
                closed = await connection.await_turn(self._method)
                if closed is not None:
                    raise StopAsyncIteration
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
                if self._answer is None or not await self._answer(error):
                    raise
