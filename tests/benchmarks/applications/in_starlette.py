"""Applications in Starlette: its WebSocket class, bare or behind its router."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.benchmarks.applications.noting import note
from typedws.asgi import AnyASGIApp

Event = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

_members: Final[set[WebSocket]] = set()


async def iter_text(scope: Event, receive: Receive, send: Send) -> None:
    """Echo texts in an `async for`."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


async def receive_text(scope: Event, receive: Receive, send: Send) -> None:
    """Echo texts, each received by a call."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return


async def iter_bytes(scope: Event, receive: Receive, send: Send) -> None:
    """Echo bytes in an `async for`."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    async for data in websocket.iter_bytes():
        await websocket.send_bytes(data)


async def receive_bytes(scope: Event, receive: Receive, send: Send) -> None:
    """Echo bytes, each received by a call."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    try:
        while True:
            await websocket.send_bytes(await websocket.receive_bytes())
    except WebSocketDisconnect:
        return


async def receive(scope: Event, receive: Receive, send: Send) -> None:
    """Echo events, which are dicts, told apart by their keys."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    while (event := await websocket.receive())["type"] == "websocket.receive":
        if (text := event.get("text")) is not None:
            await websocket.send_text(text)
        else:
            await websocket.send_bytes(event["bytes"])


async def iter_json(scope: Event, receive: Receive, send: Send) -> None:
    """Echo JSON in an `async for`."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    async for value in websocket.iter_json():
        await websocket.send_json(value)


async def receive_json(scope: Event, receive: Receive, send: Send) -> None:
    """Echo JSON, each received by a call."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    try:
        while True:
            await websocket.send_json(await websocket.receive_json())
    except WebSocketDisconnect:
        return


async def msgpack(scope: Event, receive: Receive, send: Send) -> None:
    """Echo MessagePack of any shape, with msgspec, by hand."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    decode, encode = msgspec.msgpack.Decoder().decode, msgspec.msgpack.Encoder().encode
    async for data in websocket.iter_bytes():
        await websocket.send_bytes(encode(decode(data)))


async def handshake_of(websocket: WebSocket) -> None:
    """Shake hands."""
    note(websocket.path_params["room"], websocket.headers["x-client"])
    await websocket.accept()
    await websocket.close()


async def handshake(scope: Event, receive: Receive, send: Send) -> None:
    """Shake hands with the bare class."""
    await handshake_of(WebSocket(scope, receive, send))


async def greet(scope: Event, receive: Receive, send: Send) -> None:
    """Accept, and close."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    await websocket.close()


async def fan_out(scope: Event, receive: Receive, send: Send) -> None:
    """Send what one has said to all."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    _members.add(websocket)
    try:
        async for text in websocket.iter_text():
            for member in tuple(_members):
                await member.send_text(text)
    finally:
        _members.discard(websocket)


APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "iter_text": iter_text,
    "receive_text": receive_text,
    "iter_bytes": iter_bytes,
    "receive_bytes": receive_bytes,
    "receive": receive,
    "iter_json": iter_json,
    "receive_json": receive_json,
    "msgpack": msgpack,
    "handshake": handshake,
    "handshake, routed": Starlette(
        routes=[WebSocketRoute("/rooms/{room}", handshake_of)]
    ),
    "greeting": greet,
    "fan-out": fan_out,
}
