"""Applications in Litestar: handlers behind its router."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from litestar import Litestar, WebSocket, websocket, websocket_listener
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath, FromQuery, QueryParameter

from tests.benchmarks.applications.messages import JoinStruct, SayStruct
from tests.benchmarks.applications.noting import note
from typedws.asgi import AnyASGIApp

Socket = WebSocket[object, object, State]

_members: Final[set[Socket]] = set()


@websocket("/")
async def iter_text(socket: Socket) -> None:
    """Echo texts in an `async for`."""
    await socket.accept()
    async for text in socket.iter_data("text"):
        await socket.send_text(text)


@websocket("/")
async def receive_text(socket: Socket) -> None:
    """Echo texts, each received by a call."""
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


@websocket("/")
async def iter_bytes(socket: Socket) -> None:
    """Echo bytes in an `async for`."""
    await socket.accept()
    async for data in socket.iter_data("binary"):
        await socket.send_bytes(data)


@websocket("/")
async def iter_json(socket: Socket) -> None:
    """Echo JSON in an `async for`."""
    await socket.accept()
    async for value in socket.iter_json():
        await socket.send_json(value)


@websocket("/")
async def iter_msgpack(socket: Socket) -> None:
    """Echo MessagePack in an `async for`."""
    await socket.accept()
    async for value in socket.iter_msgpack():
        await socket.send_msgpack(value)


@websocket_listener("/")
async def listen(data: JoinStruct | SayStruct) -> JoinStruct | SayStruct:
    """Echo Structs, in the form of a handler for typed messages."""
    return data


@websocket("/rooms/{room:str}")
async def handshake(socket: Socket, room: FromPath[str]) -> None:
    """Shake hands."""
    note(room, socket.headers["x-client"])
    await socket.accept()
    await socket.close()


@websocket("/rooms/{room:int}")
async def handshake_typed(
    socket: Socket,
    room: FromPath[int],
    page: Annotated[int, QueryParameter(ge=1)] = 1,
    order: FromQuery[Literal["newest", "oldest"]] = "newest",
) -> None:
    """Compare the origin, accept, and close."""
    if socket.headers.get("origin") != "https://app.example.com":
        await socket.close()
        return
    note(room, page, order)
    await socket.accept()
    await socket.close()


@websocket("/")
async def greet(socket: Socket) -> None:
    """Accept, and close."""
    await socket.accept()
    await socket.close()


@websocket("/")
async def fan_out(socket: Socket) -> None:
    """Send what one has said to all."""
    await socket.accept()
    _members.add(socket)
    try:
        async for text in socket.iter_data("text"):
            for member in tuple(_members):
                await member.send_text(text)
    finally:
        _members.discard(socket)


APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    name: Litestar([handler])
    for name, handler in {
        "iter_text": iter_text,
        "receive_text": receive_text,
        "iter_bytes": iter_bytes,
        "iter_json": iter_json,
        "msgpack": iter_msgpack,
        "listener": listen,
        "handshake": handshake,
        "handshake, typed": handshake_typed,
        "greeting": greet,
        "fan-out": fan_out,
    }.items()
}
