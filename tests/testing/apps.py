"""Applications for the tests of the kit: bare callables, of ASGI and nothing else."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import anyio

from typedws import ClosedWebSocket, UnacceptedWebSocket, websocket_app

Event: TypeAlias = Mapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
App: TypeAlias = Callable[[Event, Receive, Send], Awaitable[None]]
Step: TypeAlias = Callable[[Receive, Send], Awaitable[object]]

ACCEPT: Final[Event] = {"type": "websocket.accept"}
CLOSE: Final[Event] = {"type": "websocket.close"}


@websocket_app
async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Send back what comes, of either kind."""
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    return await connected.close()


def text(data: str) -> Event:
    """Make the event of a text message to the client."""
    return {"type": "websocket.send", "text": data}


def sending(*events: object) -> App:
    """Make an application that takes the first event, sends these, and returns."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        for event in events:
            await send(event)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    return app


def accepting(step: Step) -> App:
    """Make an application that accepts, takes a step, and returns."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await step(receive, send)

    return app


def seen_by(record: list[Event], *events: Event) -> App:
    """Make an application that sends these, and then records what it receives."""

    async def app(_scope: Event, receive: Receive, send: Send) -> None:
        record.append(await receive())
        for event in events:
            await send(event)
        while record[-1]["type"] != "websocket.disconnect":
            record.append(await receive())

    return app


async def sleep(_receive: Receive, _send: Send) -> None:
    """Sleep for a long time."""
    await anyio.sleep(3600)


async def wait_for_end(receive: Receive, _send: Send) -> None:
    """Receive until the connection is over."""
    while (await receive())["type"] != "websocket.disconnect":
        pass
