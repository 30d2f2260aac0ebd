"""Applications in nothing but ASGI: what a server and an event loop cost."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypedDict

from tests.benchmarks.applications.noting import note
from typedws.asgi import AnyASGIApp, HeaderPairs, WebSocketAcceptEvent

Event = Mapping[str, object]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Mapping[str, object]], Awaitable[None]]

ACCEPT: Final[WebSocketAcceptEvent] = {
    "type": "websocket.accept",
    "subprotocol": None,
    "headers": [],
}

_members: Final[set[Send]] = set()


async def echo_text(_scope: Event, receive: Receive, send: Send) -> None:
    """Echo texts."""
    await receive()
    await send(ACCEPT)
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


async def echo_bytes(_scope: Event, receive: Receive, send: Send) -> None:
    """Echo bytes."""
    await receive()
    await send(ACCEPT)
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": event["bytes"]})


class Scope(TypedDict):
    """The parts of a scope that are read."""

    headers: HeaderPairs
    path_params: dict[str, str]


async def handshake(scope: Scope, receive: Receive, send: Send) -> None:
    """Read one header and one path parameter, accept, and close."""
    headers = scope["headers"]
    client = next(value for name, value in headers if name == b"x-client")
    note(scope["path_params"]["room"], client.decode("latin-1"))
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 1000, "reason": ""})


async def greet(_scope: Event, receive: Receive, send: Send) -> None:
    """Accept, and close."""
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 1000, "reason": ""})


async def fan_out(_scope: Event, receive: Receive, send: Send) -> None:
    """Send what one has said to all."""
    await receive()
    await send(ACCEPT)
    _members.add(send)
    try:
        while (event := await receive())["type"] == "websocket.receive":
            for member in tuple(_members):
                await member({"type": "websocket.send", "text": event["text"]})
    finally:
        _members.discard(send)


APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "text": echo_text,
    "bytes": echo_bytes,
    "handshake": handshake,
    "greeting": greet,
    "fan-out": fan_out,
}
