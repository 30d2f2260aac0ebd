"""
The handler: from the handshake of one connection to its end.

Each connection has a reader and a writer. One listens to the client; the other tells
the client what is in its member's queue. When the client has gone, or is given up, both
end. `run()` returns the token that the handler must return.
"""

import logging
from typing import Final, TypeAlias, final

import anyio
import attrs

from typedws import (
    CloseCode,
    ClosedWebSocket,
    ErrorOutcome,
    ErrorPolicy,
    TypedWebSocket,
    UnacceptedWebSocket,
    WebSocketReader,
    WebSocketWriter,
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
        async def listen(messages: WebSocketReader[Say]) -> None:
            async for message in messages:
                member.room.tell(Said(member.name, message.text))
                await anyio.sleep(self.pace)

        async def tell(writer: WebSocketWriter[ServerMessage]) -> None:
            async for message in member.inbox:
                await writer.send(message)

        async def fall_behind() -> None:
            await member.behind.wait()
            raise FellBehind(member.name, member.room.name)

        log.info("%s joined #%s", member.name, member.room.name)
        with self.rooms.presence(member):
            closed = await ws.run(listen, tell, background=[fall_behind])
        log.info("%s left #%s: %r", member.name, member.room.name, closed)
        return closed
