"""
The handler: from the handshake of one connection to its end.

Each connection has two tasks. One listens to its client; the other tells the client
what is in its member's queue. When the client has gone, or is given up, both end. Then
there is one way out: `close()`, which returns the token that the handler must return.
"""

import logging
from contextlib import suppress
from typing import Final, TypeAlias, assert_never, final

import anyio
import attrs

from typedws import (
    CloseCode,
    ClosedWebSocket,
    ErrorOutcome,
    ErrorPolicy,
    TypedWebSocket,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)
from typedws.demo.messages import CODEC, FAULT_REPLY, Said, Say, ServerMessage
from typedws.demo.rooms import Member, Refusal, Rooms

__all__ = ["ERRORS", "Chat", "FellBehind"]

log: Final = logging.getLogger(__name__)

Session: TypeAlias = TypedWebSocket[Say, ServerMessage]


class FellBehind(Exception):
    """
    A member does not read what the others say.

    Raised rather than closed here: a close, too, waits for a client that does not read,
    and `websocket_app` gives it a deadline. `ERRORS` is what it is told to send.
    """


ERRORS: Final = ErrorPolicy(
    expected={
        FellBehind: ErrorOutcome(CloseCode.TRY_AGAIN_LATER, reason="try again later")
    }
)


@final
@attrs.frozen(order=False)
class _Path:
    """What the route finds in the path."""

    room: str


@final
@attrs.frozen(order=False)
class _Query:
    """What a client says in the query."""

    name: str = ""


@final
@attrs.frozen(eq=False, order=False)
class Chat:
    """
    A chat with rooms.

    Attributes:
        rooms: Who is where.
        pace: How long a client is not listened to after a message, in seconds. What a
            flood brings faster than that waits in the flooder's own socket, so that
            it can't fill the queues of the others.
    """

    rooms: Rooms = attrs.field(factory=Rooms)
    pace: float = 0.01

    async def serve(self, ws: UnacceptedWebSocket) -> ClosedWebSocket:
        """
        Serve one connection, at `/rooms/{room}?name=...`.

        Raises:
            FellBehind: The client reads too slowly.
            InvalidParameters: It gave more than one name.
            DecodeError: It can't speak as one does here, and was told so often enough.
        """
        path = ws.path_params_as(_Path)
        query = ws.query_params_as(_Query)
        # A browser's script can't read an HTTP response that refuses a handshake, but
        # it can read a close frame. So accept first, even where the answer is no.
        connected = await ws.accept()
        member = self.rooms.enter(path.room, query.name)
        if isinstance(member, Refusal):
            log.info("refused: %s", member.reason)
            return await connected.close(member.code, member.reason)
        session = connected.typed(CODEC).with_reply(FAULT_REPLY)
        return await self._host(session, member)

    async def _host(self, ws: Session, member: Member) -> ClosedWebSocket:
        log.info("%s joined #%s", member.name, member.room.name)
        with self.rooms.presence(member):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_tell, ws, member)
                tasks.start_soon(self._listen, ws, member)
        if member.fell_behind():
            raise FellBehind(member.name, member.room.name)
        closed = await ws.close()
        log.info("%s left #%s: %r", member.name, member.room.name, closed)
        return closed

    async def _listen(self, ws: Session, member: Member) -> None:
        with member.listening:
            while True:
                event = await ws.receive()
                match event:
                    case Say(text=text):
                        member.room.tell(Said(member.name, text))
                    case ClosedWebSocket():
                        break
                    case _:
                        assert_never(event)
                await anyio.sleep(self.pace)
        member.telling.cancel()


async def _tell(ws: Session, member: Member) -> None:
    # Of a disconnect the other task is told as well, and it is the one that ends both.
    with member.telling, suppress(WebSocketDisconnect):
        while True:
            await ws.send(await member.inbox.receive())
