"""
The client of a scenario: what it can do, and what it has seen of the server.

Most of it is the client of the package `websockets`; what that would never send goes
over a bare socket.
"""

import http.client
import socket
import struct
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
from attrs import define, field, frozen
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from tests.outcomes.noting import BEGINS, DRAIN, ENDS, notes_of
from tests.outcomes.raw_client import RawClient, raw_client

__all__ = ["SECONDS", "Caller", "Visit", "holds"]

SECONDS: Final = 10.0
"""The bound of every wait: more than a machine under load needs."""

_SHOWN: Final = ("set-cookie", "x-")
"""How the names of those headers begin that are an application's own."""


@frozen(eq=False)
class Caller:
    """
    A connection of the package `websockets`.

    Attributes:
        seen: What the client sees.
        connection: The connection.
        socket: Its socket.
    """

    seen: list[str]
    connection: ClientConnection
    socket: socket.socket

    def extension(self) -> str:
        """Tell what the server has taken of what was offered, without its details."""
        assert self.connection.response is not None
        taken = self.connection.response.headers.get("Sec-WebSocket-Extensions", "none")
        return taken.partition(";")[0]

    async def say(self, *messages: str | bytes) -> None:
        """Send messages, unless the connection is over."""
        try:
            for message in messages:
                await self.connection.send(message)
        except ConnectionClosed:
            pass

    async def say_in_parts(self, *parts: str) -> None:
        """Send one message in many frames."""
        await self.connection.send(list(parts))

    async def hear(self) -> None:
        """See the next message, or the end."""
        self.seen.append(await self.next())

    async def next(self) -> str:
        """Tell the next message, or the end."""
        try:
            with anyio.fail_after(SECONDS):
                return _shown(await self.connection.recv())
        except ConnectionClosed as error:
            return _end_of(error)
        except TimeoutError:
            return "silence"

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close, and wait for the end."""
        await self.connection.close(code, reason)

    async def reset(self) -> None:
        """Let the network go away: no close frame, no FIN."""
        self.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.connection.transport.abort()


@define(eq=False)
class Visit:
    """
    The client's side of a scenario.

    Attributes:
        seen: What it has seen.
    """

    port: int
    folder: Path
    scenario: str
    number: str
    _stop: anyio.Event
    seen: list[str] = field(factory=list[str])

    def target(self, tail: str = "/") -> str:
        """Make the target of a request; what the handler looks at is its tail."""
        return f"/{self.scenario}/{self.number}{tail}"

    @asynccontextmanager
    async def connect(
        self,
        tail: str = "/",
        *,
        headers: Sequence[tuple[str, str]] = (),
        subprotocols: Sequence[str] = (),
        compression: bool = False,
    ) -> AsyncGenerator[Caller]:
        """Open a connection, and see that it is; it is closed at the end."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)
        sock.setblocking(False)
        async with connect(
            f"ws://127.0.0.1:{self.port}{self.target(tail)}",
            additional_headers=headers,
            subprotocols=list(map(Subprotocol, subprotocols)) or None,
            compression="deflate" if compression else None,
            open_timeout=SECONDS,
            close_timeout=SECONDS,
            ping_interval=None,
            max_size=None,
            proxy=None,
            user_agent_header=None,
            sock=sock,
        ) as connection:
            self.seen.append(_accepted(connection))
            yield Caller(self.seen, connection, sock)

    async def is_refused(
        self, tail: str = "/", *, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Ask for a connection, and see the refusal."""
        try:
            async with self.connect(tail, headers=headers):
                pass
        except InvalidStatus as error:
            self.seen.append(_refusal(error))
        except (InvalidHandshake, OSError, EOFError):
            self.seen.append("gets no answer")

    def raw(
        self, tail: str = "/", *, before: str = ""
    ) -> AbstractAsyncContextManager[RawClient]:
        """Open a socket; it is reset at the end."""
        return raw_client(self.port, f"{before}{self.target(tail)}", self.seen)

    async def until(self, line: str, *, times: int = 1) -> None:
        """
        Wait until the handler has seen something.

        Raises:
            TimeoutError: It does not.
        """
        with anyio.fail_after(SECONDS):
            await holds(lambda: self.notes().count(line) >= times)

    async def until_it_ends(self) -> None:
        """Wait until the application has ended."""
        with anyio.fail_after(SECONDS):
            await holds(lambda: any(it.startswith(ENDS) for it in self.notes()))

    async def sees_whether_it_ends(self) -> None:
        """See whether the application ends in good time."""
        try:
            await self.until_it_ends()
        except TimeoutError:
            self.seen.append("the handler is stuck")

    async def until_it_begins(self) -> None:
        """Wait until the application was called."""
        await self.until(BEGINS)

    def notes(self) -> list[str]:
        """Read what the handler has seen so far."""
        return notes_of(self.folder, self.number)

    async def drain(self) -> None:
        """Let the application end its connections."""
        await anyio.to_thread.run_sync(self._drain)

    def _drain(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("GET", f"{DRAIN}{self.number}")
            connection.getresponse().read()
        finally:
            connection.close()

    async def until_the_server_is_told_to_stop(self) -> None:
        """Wait for the signal, which comes when all who wait for it are here."""
        await self._stop.wait()


async def holds(condition: Callable[[], bool]) -> None:
    """Wait until something holds that another process brings about."""
    while not condition():  # noqa: ASYNC110 - it can't set an event here
        await anyio.sleep(0.01)


def _accepted(connection: ClientConnection) -> str:
    told = ["accepted"]
    if connection.subprotocol is not None:
        told.append(str(connection.subprotocol))
    assert connection.response is not None
    for name, value in connection.response.headers.raw_items():
        if name.lower().startswith(_SHOWN):
            told.append(f"{name.lower()}: {value}")
    return " ".join(told)


def _refusal(error: InvalidStatus) -> str:
    response = error.response
    told = [f"denied {response.status_code}"]
    for name, value in response.headers.raw_items():
        if name.lower().startswith(_SHOWN):
            told.append(f"{name.lower()}: {value}")
    return " ".join(told)


def _shown(message: str | bytes) -> str:
    return ascii(message) if len(message) < 100 else f"{len(message)} of a message"


def _end_of(error: ConnectionClosed) -> str:
    if error.rcvd is None:
        return "dropped"
    reason = f" {error.rcvd.reason!a}" if error.rcvd.reason else ""
    return f"closed {error.rcvd.code}{reason}"
