"""
The client of a scenario, as a list of moves, and what it saw while it made them.

The same moves are made on a socket of a real server and on the in-memory client; what
both have in common is the `Client`. What it sees it tells as plain lines, which the
functions of the last part make.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol, TypeAlias

import anyio
from attrs import define, frozen

from tests.servers.observing import Patience, Record
from tests.servers.plain_data import plain

Line: TypeAlias = list[object]
Pairs: TypeAlias = Sequence[tuple[str, str]]


@frozen(order=False)
class Request:
    """
    What the client asks for.

    Attributes:
        target: The path and the query, behind what names the scenario.
        headers: Those beside the ones of every handshake.
        subprotocols: The offered ones.
    """

    target: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ()


class Client(Protocol):
    """
    What clients of both kinds can do.

    No wait of theirs is longer than their patience.
    """

    async def connect(self) -> Line:
        """Ask for the handshake, and tell the answer."""
        ...

    async def ask(self) -> None:
        """Ask for the handshake, and do not wait for the answer."""
        ...

    async def receive(self) -> Line:
        """Tell the next message, or the end."""
        ...

    async def send(self, *parts: str | bytes) -> None:
        """Send one message, in as many frames as it has parts."""
        ...

    async def ping(self) -> Line:
        """Send a ping, and tell what came of it."""
        ...

    async def close(self, code: int | None, reason: str) -> Line:
        """Send a close frame, and tell the end."""
        ...

    async def reset(self) -> None:
        """Let the network go away: no close frame, no FIN."""
        ...

    async def finish(self) -> None:
        """Send a FIN, and no close frame."""
        ...


@define(eq=False)
class Actor:
    """
    Makes the moves of a client, and records what came of them.

    Attributes:
        record: What came of each move.
    """

    client: Client
    record: Record
    patience: Patience


Move: TypeAlias = Callable[[Actor], Awaitable[None]]


async def act(moves: Sequence[Move], actor: Actor) -> None:
    """Make the moves."""
    for move in moves:
        await move(actor)


# --- Moves -------------------------------------------------------------------------


async def connect(actor: Actor) -> None:
    """Open the connection."""
    actor.record.append(await actor.client.connect())


async def ask(actor: Actor) -> None:
    """Ask for a connection."""
    await actor.client.ask()


async def hear(actor: Actor) -> None:
    """Receive a message or the end."""
    actor.record.append(await actor.client.receive())


async def ignore(actor: Actor) -> None:
    """
    Receive a message or the end, and do not tell.

    A client that has sent what the server does not read can lose the server's last
    words with the connection: what it hears is chance.
    """
    await actor.client.receive()


async def hear_out(actor: Actor) -> None:
    """
    Receive until the end, and do not tell.

    How much there is depends on the kernel. Nor is the end always the same: daphne
    drops a connection one second after its close, whatever is still on the way.
    """
    while (await actor.client.receive())[0] == MESSAGE:
        pass


async def ping(actor: Actor) -> None:
    """Send a ping."""
    actor.record.append(await actor.client.ping())


async def reset(actor: Actor) -> None:
    """Lose the network."""
    await actor.client.reset()


async def finish(actor: Actor) -> None:
    """End the TCP connection, and say nothing."""
    await actor.client.finish()


async def wait(actor: Actor) -> None:
    """Wait for the application."""
    await anyio.sleep(actor.patience.pause)


def say(*parts: str | bytes) -> Move:
    """Send a message, in one frame or in parts."""

    async def move(actor: Actor) -> None:
        await actor.client.send(*parts)

    return move


def close(code: int | None = None, reason: str = "") -> Move:
    """Send a close frame."""

    async def move(actor: Actor) -> None:
        actor.record.append(await actor.client.close(code, reason))

    return move


# --- Lines -------------------------------------------------------------------------

SILENCE: Final = "hears nothing"
MESSAGE: Final = "message"
FAILS: Final = "gets no connection and no answer"
NO_ANSWER: Final = "waits for an answer"

SHOWN: Final = ("set-cookie", "x-")
"""How the names of those headers begin that are an application's own."""


def accepted(subprotocol: str | None, headers: Iterable[tuple[str, str]]) -> Line:
    """Tell that the handshake was accepted."""
    return ["accepted", subprotocol, _shown(headers)]


def denied(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> Line:
    """Tell that the handshake was refused, in the words of the application."""
    shown = _shown(headers)
    return ["denied", status, shown, plain(body)] if shown else ["denied", status]


def message(data: str | bytes) -> Line:
    """Tell that a message came."""
    return [MESSAGE, plain(data)]


def closed(code: int, reason: str) -> Line:
    """Tell that the connection is over; 1005 is no code, 1006 no valid frame."""
    return ["closed", code, plain(reason)]


def _shown(headers: Iterable[tuple[str, str]]) -> list[object]:
    lower = ((name.lower(), value) for name, value in headers)
    return [[name, value] for name, value in lower if name.startswith(SHOWN)]
