"""
The test's end of a connection: what it waits for, and what ends a wait.

A wait ends with what it waited for, with the exception of the application, with the
rule that the application broke, or when its time is up; never with a hang.
"""

from collections.abc import Callable, Mapping
from typing import Final, final

from attrs import define, field

from typedws.messages import Message
from typedws.testing.app_run import AppRun
from typedws.testing.bounds import Bound
from typedws.testing.client import Client
from typedws.testing.connection import Connection, Stage
from typedws.testing.errors import ClientGone, ConnectionOver, WaitTimeout
from typedws.testing.outcomes import Answer, Closed

__all__ = ["Link"]

_NO_APP: Final = "No application runs here: the test holds both ends."


@final
@define(eq=False, order=False, repr=False)
class Link:
    """
    A connection as the test sees it.

    Attributes:
        connection: The connection itself.
        run: The application, unless the test plays it.
        bound: How long a wait may be.
        raise_app_errors: Whether an exception of the application is the test's as well.
        scope: What the application was given.
        raised: What the test has been given already.
    """

    connection: Connection
    run: AppRun | None = field(kw_only=True)
    bound: Bound = field(kw_only=True)
    raise_app_errors: bool = field(kw_only=True)
    scope: Mapping[str, object] = field(kw_only=True)
    raised: list[BaseException] = field(factory=list[BaseException], init=False)
    _client: Client = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Be the client of the connection."""
        self._client = Client(self.connection)

    async def answer(self) -> Answer:
        """Wait for the answer to the handshake."""
        connection = self.connection
        await self._until(
            lambda: connection.answer is not None or connection.closed is not None,
            "connect(): no answer to the handshake came",
        )
        if connection.answer is None or connection.stage is Stage.DENIED:
            await self._look()
        if connection.answer is None and connection.closed is not None:
            raise ConnectionOver("connect()", connection.closed)
        if connection.answer is None:
            raise self._nothing_will_come("connect(): no answer to the handshake")
        return connection.answer

    async def next(self, method: str) -> Message | Closed:
        """Wait for the next message, or the end."""
        connection, messages = self.connection, self.connection.to_client.messages
        if not messages:
            await self._until(
                lambda: bool(messages) or connection.closed is not None,
                f"{method}: nothing came",
            )
            if not messages:
                return await self._end(method)
        return connection.to_client.take()

    async def _end(self, method: str) -> Closed:
        await self._look()
        if self.connection.closed is None:
            raise self._nothing_will_come(f"{method}: nothing")
        return self.connection.closed

    async def send(self, message: Message, method: str) -> None:
        """Send a message, once there is room for it."""
        connection = self.connection
        if connection.stage is not Stage.OPEN or not connection.to_app.has_room:
            await self._room(method)
        self._client.send(message)

    async def _room(self, method: str) -> None:
        connection = self.connection
        await self._until(
            lambda: connection.to_app.has_room or connection.stage is not Stage.OPEN,
            f"{method}: the application did not read what it was sent before",
        )
        if connection.closed is not None:
            await self._look()
            raise ConnectionOver(method, connection.closed)

    async def close(self, code: int | None, reason: str) -> Closed:
        """Close, unless the connection is over already."""
        connection = self.connection
        if connection.closed is None:
            await self._until(
                lambda: connection.to_app.has_room or connection.closed is not None,
                "close(): the application did not read what it was sent before",
            )
        return connection.closed or self._client.close(code, reason)

    async def all_read(self) -> None:
        """Wait until the application has taken all that it was sent."""
        connection = self.connection
        await self._until(
            lambda: connection.to_app.is_all_read or connection.closed is not None,
            "wait_all_read(): the application did not come to wait for another message",
        )
        await self._look()

    def leave(self) -> None:
        """Close if the test has not; there is nobody who would wait for room."""
        connection = self.connection
        if connection.closed is None and connection.stage is Stage.OPEN:
            self._client.close(1000, "")

    def hang_up(self) -> None:
        """Let the network go away, if there still is a connection."""
        connection = self.connection
        if connection.closed is None and connection.stage is not Stage.DENIED:
            self._client.lose()

    def lose(self) -> Closed:
        """Let the network go away; return the end that there was before."""
        return self.connection.closed or self._client.lose()

    # --- What ends a wait ------------------------------------------------------------

    async def _until(self, condition: Callable[[], bool], failure: str) -> None:
        if not await self.bound.until(
            lambda: condition() or self._is_over(), self.connection.changed
        ):
            raise WaitTimeout(failure, self.bound.seconds, self.whereabouts())

    def _is_over(self) -> bool:
        has_ended = self.run is not None and self.run.has_ended
        return has_ended or self.connection.violation is not None

    async def _look(self) -> None:
        """Raise what the application did wrong, or will have done in a moment."""
        if self.run is not None:
            await self.run.settle()
        for error in self.faults():
            self.raised.append(error)
            raise error

    def faults(self) -> list[BaseException]:
        """List what the application did wrong, the first thing first."""
        violation = self.connection.violation
        error = self.run.error if self.run and self.raise_app_errors else None
        if isinstance(error, ClientGone):
            # ASGI: a server that raised it "should not log it as an error".
            error = None
        if violation is not None and error is not None:
            # The exception has the more to tell, if it came of the breach.
            return [error] if _came_of(error, violation) else [violation, error]
        return [it for it in (violation, error) if it is not None]

    def _nothing_will_come(self, what: str) -> WaitTimeout:
        return WaitTimeout(f"{what} will come", None, self.whereabouts())

    def whereabouts(self) -> str:
        """Say what the application is doing."""
        return _NO_APP if self.run is None else self.run.whereabouts()


def _came_of(error: BaseException, violation: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if seen is violation:
            return True
        seen = seen.__cause__ or seen.__context__
    return False
