"""What many clients do, and what many handlers do."""

from collections.abc import Sequence
from typing import Final

from tests.outcomes.noting import tell, tell_end
from tests.outcomes.scenario import Client
from tests.outcomes.visiting import Caller, Visit
from typedws import ClosedWebSocket, ConnectedWebSocket, Ended, UnacceptedWebSocket

__all__ = [
    "RETURNS",
    "echo",
    "echo_and_tell_the_end",
    "hears_to_the_end",
    "listen",
    "listens",
    "opens",
    "refused",
    "says",
    "tail_of",
]

RETURNS: Final = "returns"
"""How an application ends that is in order."""


def tail_of(websocket: UnacceptedWebSocket) -> str:
    """Give what of the path is not the name and the number of the visit."""
    return f"/{websocket.url.path.split('/', 3)[3]}"


async def echo(websocket: UnacceptedWebSocket) -> Ended:
    """Send back what comes, and tell the end, whatever it was."""
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    closed = await connected.close()
    tell(websocket, "over")
    return closed


async def echo_and_tell_the_end(websocket: UnacceptedWebSocket) -> Ended:
    """Send back what comes, and tell how it ends, but not why: each says it its way."""
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    closed = await connected.close()
    tell(websocket, f"over: {closed.code} by {closed.closed_by}")
    return closed


async def listen(websocket: UnacceptedWebSocket) -> Ended:
    """Tell what comes, and how it ends."""
    connected = await websocket.accept()
    return await listens(connected)


async def listens(connected: ConnectedWebSocket[str | None]) -> ClosedWebSocket:
    """Tell what comes, and how it ends."""
    while True:
        event = await connected.receive()
        if isinstance(event, ClosedWebSocket):
            tell_end(connected, event)
            return event
        tell(connected, ascii(event.data))


def opens(
    tail: str = "/",
    *,
    headers: Sequence[tuple[str, str]] = (),
    subprotocols: Sequence[str] = (),
) -> Client:
    """Open a connection, and hear to its end."""

    async def client(visit: Visit) -> None:
        async with visit.connect(
            tail, headers=headers, subprotocols=subprotocols
        ) as caller:
            await hears_to_the_end(caller)

    return client


def says(*messages: str | bytes) -> Client:
    """Open a connection, send messages, and hear to the end."""

    async def client(visit: Visit) -> None:
        async with visit.connect() as caller:
            await caller.say(*messages)
            await hears_to_the_end(caller)

    return client


async def hears_to_the_end(caller: Caller) -> None:
    """See everything."""
    last = ""
    while not last.startswith(("closed", "dropped", "silence")):
        last = await caller.next()
        caller.seen.append(last)


def refused(*, headers: Sequence[tuple[str, str]] = ()) -> Client:
    """Ask for a connection, and see the refusal."""

    async def client(visit: Visit) -> None:
        await visit.is_refused(headers=headers)

    return client
