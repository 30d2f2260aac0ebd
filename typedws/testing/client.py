"""What a client does to its connection: it sends, closes, and is lost. No waits."""

from typing import final

from attrs import frozen

from typedws.close import CloseCode
from typedws.messages import Message
from typedws.testing.connection import Connection, Stage
from typedws.testing.ends import (
    LOST,
    answer_to_client,
    event_of_client_close,
    event_of_long_message,
    event_of_refusal,
)
from typedws.testing.frames import HEADER, size_of
from typedws.testing.outcomes import Closed

__all__ = ["Client"]


@final
@frozen(eq=False, order=False, repr=False)
class Client:
    """
    The client of a connection.

    Attributes:
        connection: The connection.
    """

    connection: Connection

    def send(self, message: Message) -> None:
        """Send a message to the application."""
        limit = self.connection.profile.message_limit
        if limit is not None and (size := size_of(message) - HEADER) > limit:
            self._send_too_much(size)
            return
        self.connection.to_app.put(message)

    def _send_too_much(self, size: int) -> None:
        connection = self.connection
        connection.leave(Closed(int(CloseCode.MESSAGE_TOO_BIG)))
        event = event_of_long_message(connection.profile, size)
        connection.to_app.disconnect(event, is_repeated=True)

    def close(self, code: int | None, reason: str) -> Closed:
        """Close the connection."""
        connection = self.connection
        closed = answer_to_client(connection.profile, code, reason)
        connection.leave(closed)
        event = event_of_client_close(connection.profile, code, reason)
        connection.to_app.disconnect(event, is_repeated=True)
        return closed

    def lose(self) -> Closed:
        """Let the connection be lost."""
        connection, profile = self.connection, self.connection.profile
        was_open = connection.stage is Stage.OPEN
        code = profile.code_of_loss if was_open else profile.code_before_accept
        connection.leave(LOST)
        connection.to_app.disconnect(
            event_of_refusal(profile, code),
            is_repeated=profile.after_disconnect == "repeats",
        )
        return LOST
