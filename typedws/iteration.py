"""
Iteration over the messages of a connection, which ends with the connection.

Classes and not async generators: a loop that is left early leaves nothing to clean up,
and trio has nothing to warn of. `__anext__` awaits the server's `receive()` itself, as
the receiving methods of `typedws.states` do, for the same reason.
"""

from collections.abc import AsyncIterator, Callable
from typing import TypeVar, final

from typing_extensions import override

from typedws.connection import Connection
from typedws.handshake import Handshake
from typedws.json_text import JSON, decode_json
from typedws.messages import Event

__all__ = ["JSONMessages", "Messages"]

PayloadT = TypeVar("PayloadT")


@final
class Messages(AsyncIterator[PayloadT]):
    """The messages that a reader takes; another kind is a `MessageTypeError`."""

    __slots__ = ("_connection", "_method", "_read", "_state")

    def __init__(
        self,
        state: Handshake,
        connection: Connection,
        read: Callable[[Event], PayloadT | None],
        method: str,
    ) -> None:
        """Iterate for as long as the connection is in this state."""
        self._state = state
        self._connection = connection
        self._read = read
        self._method = method

    @override
    async def __anext__(self) -> PayloadT:
        connection = self._connection
        if connection.receiving or connection.current is not self._state:
            closed = await connection.await_turn(self._method)
            if closed is not None:
                raise StopAsyncIteration
        connection.receiving = True
        try:
            event = await connection.receive()
        finally:
            connection.receiving = False
        payload = self._read(event)
        if payload is None:
            await connection.end_of_kind(event, self._method)
            raise StopAsyncIteration
        return payload


@final
class JSONMessages(AsyncIterator[JSON]):
    """The messages that a reader takes, as JSON; `null` is one of them."""

    __slots__ = ("_connection", "_method", "_read", "_state")

    def __init__(
        self,
        state: Handshake,
        connection: Connection,
        read: Callable[[Event], str | bytes | None],
        method: str,
    ) -> None:
        """Iterate for as long as the connection is in this state."""
        self._state = state
        self._connection = connection
        self._read = read
        self._method = method

    @override
    async def __anext__(self) -> JSON:
        connection = self._connection
        if connection.receiving or connection.current is not self._state:
            closed = await connection.await_turn(self._method)
            if closed is not None:
                raise StopAsyncIteration
        connection.receiving = True
        try:
            event = await connection.receive()
        finally:
            connection.receiving = False
        data = self._read(event)
        if data is None:
            await connection.end_of_kind(event, self._method)
            raise StopAsyncIteration
        return decode_json(data)
