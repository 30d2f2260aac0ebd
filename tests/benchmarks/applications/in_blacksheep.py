"""Applications in BlackSheep: functions behind its router."""

from collections.abc import Mapping
from typing import Final

from blacksheep import Application, WebSocket, WebSocketDisconnectError
from blacksheep.server.routing import Router

from tests.benchmarks.applications.noting import note
from typedws.asgi import AnyASGIApp

_text, _bytes, _json, _handshake = (Application(router=Router()) for _ in range(4))


@_text.router.ws("/")  # pyright: ignore[reportUnknownMemberType]  # its own types
async def echo_text(websocket: WebSocket) -> None:
    """Echo texts."""
    await websocket.accept()  # pyright: ignore[reportUnknownMemberType]  # its own
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnectError:
        return


@_bytes.router.ws("/")  # pyright: ignore[reportUnknownMemberType]  # its own types
async def echo_bytes(websocket: WebSocket) -> None:
    """Echo bytes."""
    await websocket.accept()  # pyright: ignore[reportUnknownMemberType]  # its own
    try:
        while True:
            await websocket.send_bytes(await websocket.receive_bytes())
    except WebSocketDisconnectError:
        return


@_json.router.ws("/")  # pyright: ignore[reportUnknownMemberType]  # its own types
async def echo_json(websocket: WebSocket) -> None:
    """Echo JSON."""
    await websocket.accept()  # pyright: ignore[reportUnknownMemberType]  # its own
    try:
        while True:
            await websocket.send_json(await websocket.receive_json())
    except WebSocketDisconnectError:
        return


@_handshake.router.ws("/rooms/{room}")  # pyright: ignore[reportUnknownMemberType]  # its own types
async def handshake(websocket: WebSocket, room: str) -> None:
    """Shake hands."""
    client = websocket.headers.get_first(b"x-client")
    note(room, None if client is None else client.decode("latin-1"))
    await websocket.accept()  # pyright: ignore[reportUnknownMemberType]  # its own
    await websocket.close()


APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "text": _text,
    "bytes": _bytes,
    "json": _json,
    "handshake": _handshake,
}
