"""
A server in memory: the two callables that an application is given.

How it behaves where servers differ, the profile of its connection says. It is told when
the application has ended, and takes nothing any more then.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias, assert_never, final

import anyio.lowlevel
from attrs import define, field
from typing_extensions import TypeIs

from typedws.close import CloseCode
from typedws.messages import Message
from typedws.testing.answering import Answering
from typedws.testing.connection import Connection, Stage
from typedws.testing.ends import LOST, close_seen, event_of_own_close
from typedws.testing.events import (
    Accept,
    Close,
    ResponseBody,
    ResponseStart,
    Send,
    UnknownEvent,
    plain_message,
    read_event,
)
from typedws.testing.outcomes import Closed
from typedws.testing.profile import SendAfterDisconnect
from typedws.testing.rules import AFTER_CLOSE, ANSWER, SCOPE, Breach
from typedws.testing.to_app import ToApp
from typedws.testing.to_client import ToClient

__all__ = ["KNOWN", "Server"]

Event: TypeAlias = Mapping[str, object]


@final
@define(eq=False, order=False, repr=False)
class Server:
    """
    The server of one connection.

    Attributes:
        connection: The connection.
    """

    connection: Connection
    _answering: Answering = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Wait for an answer to the handshake."""
        self._answering = Answering(self.connection)

    async def receive(self) -> Event:
        """Give the next event."""
        return await self.connection.to_app.next()

    async def send(self, event: Event) -> None:
        """Take an event."""
        is_open = self.connection.stage is Stage.OPEN
        message = plain_message(event) if is_open else None
        if message is None:
            await self._send_unusual(event)
        else:
            await self._deliver(message)

    async def _send_unusual(self, event: object) -> None:
        connection = self.connection
        # An application that goes on whatever happens must not keep the event loop.
        await anyio.lowlevel.checkpoint()
        if connection.is_app_over:
            connection.refuse(_late(event))
        read = read_event(event, connection.profile)
        match read:
            case None:
                return
            case Breach():
                connection.refuse(read)
            case UnknownEvent():
                if not connection.profile.ignores_unknown_events:
                    connection.refuse(read.breach)
            case _:
                await self._take_event(read)

    async def _take_event(
        self, event: Accept | Send | Close | ResponseStart | ResponseBody
    ) -> None:
        match event:
            case Accept():
                self._answering.accept(event)
            case Send():
                await self._send(event)
            case Close():
                await self._close(event)
            case ResponseStart():
                self._answering.start_response(event)
            case ResponseBody():
                self._answering.continue_response(event)
            case _:
                assert_never(event)

    # --- A message -------------------------------------------------------------------

    async def _deliver(self, message: Message) -> None:
        connection = self.connection
        await connection.to_client.make_room()
        if connection.stage is not Stage.OPEN:
            connection.refuse_gone(connection.profile.send_after_disconnect)
        elif message.data or not connection.profile.drops_empty_messages:
            connection.to_client.put(message)

    async def _send(self, event: Send) -> None:
        connection, profile = self.connection, self.connection.profile
        is_lax = not profile.enforces_specification
        match connection.stage:
            case Stage.OPEN:
                await self._deliver(event.message)
            case Stage.LEFT if connection.answer or is_lax:
                connection.refuse_gone(self._policy_of_send())
            case Stage.UNANSWERED if profile.send_before_accept == "ignored":
                return
            case Stage.CLOSED if profile.send_after_close == "ignored":
                return
            case Stage.UNANSWERED | Stage.LEFT:
                connection.refuse(
                    Breach("websocket.send came before websocket.accept", rule=ANSWER)
                )
            case _:
                connection.refuse_late("websocket.send", ANSWER)

    def _policy_of_send(self) -> SendAfterDisconnect:
        if self.connection.to_app.is_disconnect_given:
            return self.connection.profile.send_after_disconnect_read
        return self.connection.profile.send_after_disconnect

    # --- A close ---------------------------------------------------------------------

    async def _close(self, event: Close) -> None:
        connection, profile = self.connection, self.connection.profile
        match connection.stage:
            case Stage.UNANSWERED:
                self._answering.deny()
            case Stage.OPEN if connection.to_client.is_full:
                await self.close_behind(event)
            case Stage.OPEN:
                self._close_open(event)
            case Stage.LEFT if connection.closed == LOST:
                connection.refuse_gone(profile.close_after_loss)
            case Stage.LEFT:
                connection.refuse_gone(profile.close_after_disconnect)
            case Stage.CLOSED if profile.close_after_close == "ignored":
                return
            case _:
                connection.refuse_late("websocket.close", AFTER_CLOSE)

    async def close_behind(self, event: Close) -> None:
        """Take a close when all that was sent before it is on its way."""
        await self.connection.to_client.await_room()
        if self.connection.stage is Stage.OPEN:
            self._close_open(event)
        else:
            await self._close(event)

    def _close_open(self, event: Close) -> None:
        connection, profile = self.connection, self.connection.profile
        if profile.enforces_specification and event.problem is not None:
            connection.refuse(event.problem)
        closed = close_seen(profile, event.code, event.reason)
        if profile.drops_unread_at_close:
            connection.to_app.lose_all()
        told = event_of_own_close(profile, event.code, event.reason)
        connection.to_app.disconnect(told, is_repeated=True)
        connection.close(closed)

    # --- The end of the application --------------------------------------------------

    def end(self, *, failed: bool) -> None:
        """Draw the conclusions from the end of the application."""
        connection, profile = self.connection, self.connection.profile
        connection.is_app_over = True
        self._answering.end(failed=failed)
        code = profile.end_of_error if failed else profile.end_of_return
        if connection.stage is Stage.OPEN and isinstance(code, int):
            is_lost = code == CloseCode.ABNORMAL_CLOSURE
            connection.close(LOST if is_lost else Closed(code))
        connection.changed.fire()


def _is_event(event: object) -> TypeIs[Event]:
    return isinstance(event, Mapping)


def _late(event: object) -> Breach:
    kind = event.get("type") if _is_event(event) else event
    return Breach(f"a task that outlived the application sent {kind!a}", rule=SCOPE)


KNOWN: Final = {
    ToApp.await_event.__code__: "awaiting receive()",
    Server.close_behind.__code__: (
        "stuck in send() of a close, as the client does not read what came before it,"
    ),
    ToClient.await_room.__code__: "stuck in send(), as the client does not read,",
}
"""What an application is doing that is in one of these functions."""
